"""Questions about who could do what, who does it, and what is planned."""

from partage.planning.queries.holding import (
    LIVE,
    Load,
    assignments_of,
    kept_weeks,
    live,
    live_assignments,
    loads,
    reserved,
)
from partage.planning.queries.known import Practised, open_parts
from partage.planning.queries.plans import (
    broken_limits,
    changes_of,
    current_weighting,
    handovers,
    handovers_of,
    in_mind,
    latest_hour_values,
    plan_rows,
    prices_of,
    role_values,
    standing_proposal,
    weights_of,
)
from partage.planning.queries.weighed import without_each_weight
from partage.planning.queries.world import (
    Explained,
    Ranking,
    World,
    candidates_for,
    requirement_of,
)

__all__ = [
    "LIVE",
    "Explained",
    "Load",
    "Practised",
    "Ranking",
    "World",
    "assignments_of",
    "broken_limits",
    "candidates_for",
    "changes_of",
    "current_weighting",
    "handovers",
    "handovers_of",
    "in_mind",
    "kept_weeks",
    "latest_hour_values",
    "live",
    "live_assignments",
    "loads",
    "open_parts",
    "plan_rows",
    "prices_of",
    "requirement_of",
    "reserved",
    "role_values",
    "standing_proposal",
    "weights_of",
    "without_each_weight",
]
