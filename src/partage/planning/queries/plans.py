"""Questions about plans: the weights in force, what is proposed, what it is worth."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date

from django.db.models import Q, QuerySet

from partage.planning.models import (
    BrokenLimit,
    Change,
    Handover,
    HourValue,
    Proposal,
    Weighting,
)
from partage.rules.demand import Demand, Prices, assignments_from, holding
from partage.rules.eligibility import Weights
from partage.rules.staffing.plan import Assignment


def current_weighting() -> Weighting | None:
    """Return the weights in force; None before anyone has set any."""
    return Weighting.objects.select_related("made_by").first()


def weights_of(weighting: Weighting | None) -> Weights:
    """Return the points of the ranking; those of the house when none were set."""
    if weighting is None:
        return Weights()
    return Weights(**{name: getattr(weighting, name) for name in Weights.__slots__})


def prices_of(weighting: Weighting | None) -> Prices:
    """Return the dollars and the frame of the plan."""
    if weighting is None:
        return Prices()
    return Prices(
        **{
            one.name: int(getattr(weighting, one.name))
            if one.type is int
            else float(getattr(weighting, one.name))
            for one in fields(Prices)
        }
    )


def standing_proposal() -> Proposal | None:
    """Return the plan that waits for coordination, if one does."""
    return (
        Proposal.objects.filter(status=Proposal.Status.READY)
        .select_related("weighting", "asked_by")
        .first()
    )


def plan_rows(
    proposal: Proposal,
) -> list[tuple[int, int, list[tuple[date, int]]]]:
    """Return a kept plan: part, expert, and the minutes of each week."""
    return [
        (
            row["part"],
            row["expert"],
            [(date.fromisoformat(monday), minutes) for monday, minutes in row["weeks"]],
        )
        for row in proposal.plan
    ]


def in_mind(demand: Demand, proposal: Proposal | None) -> tuple[Assignment, ...]:
    """Return what everyone expects, by role.

    What is promised and holds, completed by what a plan that waits would give.
    """
    held = {a.role: a for a in holding(demand)}
    for a in assignments_from(demand, plan_rows(proposal)) if proposal else ():
        held.setdefault(a.role, a)
    return tuple(held[role] for role in sorted(held))


def role_values(demand: Demand, proposal: Proposal | None) -> list[float]:
    """Return what serving each part was worth in a plan; of a new one, all it costs."""
    known = proposal.values if proposal else {}
    return [
        known.get(str(part.part_id), role.reject_cost)
        for part, role in zip(demand.parts, demand.problem.roles, strict=True)
    ]


def changes_of(proposal: Proposal) -> QuerySet[Change]:
    """Return what a plan would change, with whom and for whom."""
    return proposal.changes.select_related(
        "part__need__organisation",
        "part__field",
        "expert",
        "held__expert",
        "assignment",
        "decided_by",
    ).defer("part__need__text")


def latest_hour_values(
    proposal: Proposal | None = None,
) -> Mapping[str, list[HourValue]]:
    """Return by axis what one more hour would bring, the dearest first.

    Of this plan, or of the last one that was found.
    """
    rows = HourValue.objects.select_related("proposal")
    if proposal is None:
        last = rows.order_by("-proposal__asked_at", "-proposal_id").first()
        proposal = last and last.proposal
    found: dict[str, list[HourValue]] = {axis: [] for axis in HourValue.Axis.values}
    if proposal:
        for row in rows.filter(proposal=proposal):
            found[row.axis].append(row)
    return found


def handovers() -> QuerySet[Handover]:
    """Return the handovers, with what passes from whom to whom, newest first."""
    return Handover.objects.select_related(
        "assignment__expert",
        "assignment__part__need__organisation",
        "assignment__part__field",
        "to_expert",
    ).defer("assignment__part__need__text")


def handovers_of(expert_id: int) -> QuerySet[Handover]:
    """Return the open handovers in which an expert gives or takes."""
    return handovers().filter(
        Q(assignment__expert_id=expert_id) | Q(to_expert_id=expert_id),
        status=Handover.Status.OPEN,
    )


def broken_limits() -> QuerySet[BrokenLimit]:
    """Return every limit that someone broke, and why, newest first."""
    return BrokenLimit.objects.select_related(
        "assignment__expert",
        "assignment__part__need__organisation",
        "assignment__part__field",
        "broken_by",
    ).defer("assignment__part__need__text")
