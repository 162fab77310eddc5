"""Who holds what: assignments that stand, and the weeks that they keep."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q, QuerySet, Sum

from partage.experts import queries as experts
from partage.experts.models import Expert
from partage.planning.models import Allocation, Assignment

LIVE = (Assignment.Status.PROPOSED, Assignment.Status.ACCEPTED)


def live() -> Q:
    """Return the condition that an assignment holds: proposed or accepted."""
    return Q(status__in=LIVE)


def reserved(*, mondays: Iterable[date], expert_ids: Iterable[int] | None = None):
    """Return reserved minutes, as rows of expert, week, status and minutes."""
    rows = Allocation.objects.filter(
        monday__in=list(mondays), assignment__status__in=LIVE
    )
    if expert_ids is not None:
        rows = rows.filter(assignment__expert_id__in=list(expert_ids))
    return rows.values(
        "monday", expert=F("assignment__expert_id"), status=F("assignment__status")
    ).annotate(total=Sum("minutes"), parallel=Count("assignment", distinct=True))


def live_assignments(part_ids: Iterable[int]) -> dict[int, Assignment]:
    """Return the assignment that holds for each part, by part."""
    return {
        row.part_id: row
        for row in Assignment.objects.filter(
            part_id__in=list(part_ids), status__in=LIVE
        ).select_related("expert", "proposed_by")
    }


def assignments_of(expert_id: int) -> QuerySet[Assignment]:
    """Return what an expert is asked to do, or was, newest first."""
    return Assignment.objects.filter(expert_id=expert_id).select_related(
        "part__need__organisation", "part__field", "proposed_by"
    )


def kept_weeks(
    expert_id: int, *, mondays: Sequence[date]
) -> list[tuple[Assignment, list[int]]]:
    """Return each assignment that keeps hours of these weeks, and how many of each.

    The first to begin comes first; 0 where it keeps nothing.
    """
    at = {monday: i for i, monday in enumerate(mondays)}
    found: dict[int, tuple[Assignment, list[int]]] = {}
    for row in (
        Allocation.objects.filter(
            assignment__expert_id=expert_id,
            assignment__status__in=LIVE,
            monday__in=list(mondays),
        )
        .select_related("assignment__part__need__organisation")
        .defer("assignment__part__need__text")
        .order_by("assignment__starts_on", "assignment_id", "monday")
    ):
        held = row.assignment
        shares = found.setdefault(held.pk, (held, [0] * len(mondays)))[1]
        shares[at[row.monday]] = row.minutes
    return list(found.values())


@dataclass(frozen=True)
class Load:
    """One expert's week: minutes worked, confirmed and tentative.

    `open` is what mandates may take of it: the schedule less the protected time,
    never more than the expert's own cap.
    """

    monday: date
    worked: int
    confirmed: int
    tentative: int
    open: int
    parallel: int = 0

    @property
    def free(self) -> int:
        return self.open - self.confirmed - self.tentative


def open_minutes(expert: Expert, worked: int) -> int:
    """Return what mandates may take of a week: protected time and the cap count."""
    left = max(0, worked - expert.protected_minutes)
    cap = expert.weekly_cap_minutes
    return left if cap is None else min(left, cap)


def loads(
    people: Sequence[Expert], *, mondays: Sequence[date]
) -> dict[int, list[Load]]:
    """Return the weeks of each expert: people × weeks, in four queries."""
    worked = experts.weekly_minutes(people, mondays=mondays)
    booked = defaultdict(Counter)
    parallel = Counter()
    for row in reserved(mondays=mondays, expert_ids=worked):
        booked[row["expert"], row["monday"]][row["status"]] += row["total"]
        parallel[row["expert"], row["monday"]] += row["parallel"]
    return {
        expert.pk: [
            Load(
                monday,
                worked[expert.pk].get(monday, 0),
                booked[expert.pk, monday][Assignment.Status.ACCEPTED],
                booked[expert.pk, monday][Assignment.Status.PROPOSED],
                open_minutes(expert, worked[expert.pk].get(monday, 0)),
                parallel[expert.pk, monday],
            )
            for monday in mondays
        ]
        for expert in people
    }
