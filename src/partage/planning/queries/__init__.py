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
from partage.planning.queries.plans import (
    broken_limits,
    changes_of,
    current_weighting,
    handovers,
    handovers_of,
    latest_hour_values,
    plan_rows,
    prices_of,
    standing_proposal,
    weights_of,
)
from partage.planning.queries.weighed import without_each_weight
from partage.planning.queries.world import (
    Explained,
    Practised,
    Ranking,
    World,
    candidates_for,
    open_parts,
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
    "standing_proposal",
    "weights_of",
    "without_each_weight",
]
