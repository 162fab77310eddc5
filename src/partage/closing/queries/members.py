"""What a year was for each member, and what a proposal does to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from partage.closing.models import Computation, MemberYear, Proposal
from partage.closing.queries.entries import account_of
from partage.rules.money import ZERO, to_cents
from partage.rules.trueup import contractual_adjustments


def member_years(computation: Computation) -> QuerySet[MemberYear]:
    """Return every member's year, by name."""
    return (
        MemberYear.objects.filter(computation=computation)
        .select_related("organisation")
        .order_by("organisation__sort_key", "province")
    )


def years_for(organisation_ids: Iterable[int]) -> QuerySet[MemberYear]:
    """Return what these organisations may see: their own years, the latest first.

    Of each fiscal year, the last computation that was proposed or decided upon: what
    is only being worked out is not shown yet.
    """
    return (
        MemberYear.objects.filter(
            organisation_id__in=list(organisation_ids),
            computation__proposals__status__in=Proposal.CHOSEN,
        )
        .select_related("organisation", "computation__year")
        .order_by("-computation__year__starts_on", "organisation__sort_key", "province")
        .distinct()
    )


def adjustments_of(proposal: Proposal) -> dict[int, Decimal]:
    """Return what a proposal gives each member (below zero: asks), by year's id.

    The answers add up to what the proposal adjusts, to the cent.
    """
    rows = MemberYear.objects.filter(computation=proposal.computation_id).values_list(
        "pk", "organisation_id", "province", "adjustment"
    )
    measured, ids = {}, {}
    for pk, organisation_id, province, adjustment in rows:
        account = account_of(organisation_id, province)
        measured[account], ids[account] = adjustment, pk
    given = contractual_adjustments(measured, proposal.adjusted)
    return {ids[account]: amount for account, amount in given.items()}


@dataclass(frozen=True, slots=True)
class Example:
    """A small, a median and a large member, to see what a proposal does to each."""

    size: str  # "small", "median" or "large"
    year: MemberYear


def examples(computation: Computation) -> list[Example]:
    """Return the members at a tenth, at half and at the top of what was charged."""
    rows = list(
        MemberYear.objects.filter(computation=computation, minutes__gt=0)
        .select_related("organisation")
        .order_by("charged", "pk")
    )
    if not rows:
        return []
    places = {"small": len(rows) // 10, "median": len(rows) // 2, "large": -1}
    found = [Example(size, rows[place]) for size, place in places.items()]
    return found[-min(len(rows), 3) :]


def next_year_of(row: MemberYear, proposal: Proposal) -> Decimal:
    """Return what a member pays less next year for the same minutes (below: more)."""
    if not proposal.carried:
        return ZERO
    return to_cents(-proposal.rate_change * row.minutes / 60)
