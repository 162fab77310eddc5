"""Questions about time: an expert's week, what mandates took, what is late.

Minutes everywhere, never floats. The number of queries never depends on the
number of rows.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import (
    Count,
    DecimalField,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, TruncMonth

from partage.experts.models import Absence as AbsenceRow
from partage.experts.models import Expert, PracticeRule
from partage.experts.queries import working_minutes
from partage.mandates.models import Mandate, TeamMember
from partage.people.models import User
from partage.planning.models import Allocation, Assignment
from partage.rules import calendar
from partage.rules.hours import spread_minutes
from partage.timesheets.models import (
    Activity,
    Expense,
    LockedMonth,
    TimeEntry,
    Trip,
    Week,
)

WEEK = timedelta(days=7)


class Key(NamedTuple):
    """One cell of a week: a day of a mandate, or of an internal activity."""

    on: date
    mandate_id: int | None = None
    activity_id: int | None = None

    @property
    def row(self) -> "Row":
        return Row(self.mandate_id, self.activity_id)


class Row(NamedTuple):
    """What a line of a week is about."""

    mandate_id: int | None = None
    activity_id: int | None = None


def key_of(entry: TimeEntry) -> Key:
    return Key(entry.on, entry.mandate_id, entry.activity_id)


# --- what an expert is expected to work


def expected_by_day(
    expert_ids: Iterable[int], start: date, end: date
) -> dict[int, dict[date, int]]:
    """Return the minutes each expert should work on each day, `end` included.

    From schedules, holidays of the expert's province, absences, and the dates
    between which the expert is here.
    """
    people = list(Expert.objects.filter(pk__in=list(expert_ids)))
    return working_minutes(people, start=start, end=end)


def expected_minutes(expert_id: int, start: date, end: date) -> int:
    """Return the minutes an expert should work from `start` to `end`, included."""
    return sum(expected_by_day([expert_id], start, end).get(expert_id, {}).values())


@dataclass(frozen=True, slots=True)
class DayOff:
    """Why a day is not worked, or not wholly. An absence has no reason, ever."""

    holiday: calendar.PublicHoliday | None = None
    half: bool = False


def days_off(expert: Expert, start: date, end: date) -> dict[date, DayOff]:
    """Return the holidays of the expert's province and the expert's absences."""
    found = {}
    for row in AbsenceRow.objects.filter(
        expert=expert, starts_on__lte=end, ends_on__gte=start
    ):
        for day in calendar.days(max(row.starts_on, start), min(row.ends_on, end)):
            found[day] = DayOff(half=row.half_days)
    for year in range(start.year, end.year + 1):
        for holiday in calendar.public_holidays(expert.province, year):
            if start <= holiday.on <= end:
                found[holiday.on] = DayOff(holiday=holiday)
    return found


# --- one week


def week_of(expert_id: int, monday: date) -> Week:
    """Return the expert's week; an unsaved open one if nothing was written yet."""
    return Week.objects.select_related("approved_by", "expert").filter(
        expert_id=expert_id, monday=monday
    ).first() or Week(expert_id=expert_id, monday=monday)


def entries_of(expert_id: int, start: date, end: date) -> QuerySet[TimeEntry]:
    """Return an expert's time from `start` to `end`, included, with its names."""
    return (
        TimeEntry.objects.filter(expert_id=expert_id, on__gte=start, on__lte=end)
        .select_related("mandate__organisation", "activity")
        .order_by("on", "id")
    )


def mandates_for(expert_id: int, start: date, end: date) -> QuerySet[Mandate]:
    """Return the mandates of the expert's teams that live between two dates."""
    return (
        Mandate.objects.filter(team__expert_id=expert_id, opened_on__lte=end)
        .filter(Q(closed_on=None) | Q(closed_on__gte=start))
        .select_related("organisation")
        .order_by("organisation__sort_key", "reference")
    )


def activities_on(on: date) -> QuerySet[Activity]:
    """Return the internal activities open on a date."""
    return Activity.objects.filter(Q(closed_on=None) | Q(closed_on__gte=on))


def locked_months(start: date, end: date) -> frozenset[date]:
    """Return the first days of the locked months that touch two dates."""
    return frozenset(
        LockedMonth.objects.filter(
            first_day__gte=start.replace(day=1), first_day__lte=end
        ).values_list("first_day", flat=True)
    )


def planned_for(expert_id: int, monday: date) -> dict[int, int]:
    """Return the minutes planned that week on each mandate the expert is on.

    An assignment becomes a mandate through the offer of its need.
    """
    needs: dict[int, int] = defaultdict(int)
    for need_id, minutes in Allocation.objects.filter(
        assignment__expert_id=expert_id,
        assignment__status=Assignment.Status.ACCEPTED,
        monday=monday,
    ).values_list("assignment__part__need_id", "minutes"):
        needs[need_id] += minutes
    if not needs:
        return {}
    return {
        mandate_id: needs[need_id]
        for mandate_id, need_id in mandates_for(expert_id, monday, monday + WEEK)
        .filter(offer__need_id__in=needs)
        .values_list("pk", "offer__need_id")
    }


def suggested_cells(
    planned: Mapping[int, int],
    expected: Mapping[date, int],
    lives: Mapping[int, tuple[date, date | None]],
) -> dict[Key, int]:
    """Spread each mandate's planned minutes over the days it can be worked.

    In proportion to the day's schedule, by quarters of an hour, so that a plan
    of the week never falls on one day. `lives` has each mandate's first and last
    day.
    """
    found = {}
    for mandate_id, minutes in planned.items():
        first, last = lives[mandate_id]
        days = [day for day in expected if first <= day <= (last or date.max)]
        shares = spread_minutes(minutes, [expected[day] for day in days])
        for day, share in zip(days, shares, strict=True):
            if share:
                found[Key(day, mandate_id)] = share
    return found


# --- what mandates took


def minutes_by_mandate(
    mandate_ids: Iterable[int], *, approved_only: bool = False
) -> dict[int, int]:
    """Return the minutes written on each mandate; a mandate without any is 0."""
    ids = list(mandate_ids)
    rows = TimeEntry.objects.filter(mandate_id__in=ids)
    if approved_only:
        rows = rows.filter(week__status=Week.Status.APPROVED)
    return dict.fromkeys(ids, 0) | dict(
        rows.order_by()
        .values("mandate_id")
        .annotate(total=Sum("minutes"))
        .values_list("mandate_id", "total")
    )


def minutes_by_mandate_and_expert(
    mandate_ids: Iterable[int],
) -> dict[tuple[int, int], int]:
    """Return the minutes of each (mandate, expert) that has any."""
    return {
        (mandate_id, expert_id): total
        for mandate_id, expert_id, total in TimeEntry.objects.filter(
            mandate_id__in=list(mandate_ids)
        )
        .order_by()
        .values("mandate_id", "expert_id")
        .annotate(total=Sum("minutes"))
        .values_list("mandate_id", "expert_id", "total")
    }


def _approved(rows: QuerySet, mandate_ids: Iterable[int], until: date) -> QuerySet:
    return rows.filter(
        mandate_id__in=list(mandate_ids),
        on__lte=until,
        week__status=Week.Status.APPROVED,
    ).order_by("mandate_id", "on", "id")


def approved_time(mandate_ids: Iterable[int], until: date) -> QuerySet[TimeEntry]:
    """Return the approved time of mandates, up to a date included: what to bill."""
    return _approved(TimeEntry.objects.all(), mandate_ids, until)


def approved_trips(mandate_ids: Iterable[int], until: date) -> QuerySet[Trip]:
    return _approved(Trip.objects.all(), mandate_ids, until)


def approved_expenses(mandate_ids: Iterable[int], until: date) -> QuerySet[Expense]:
    return _approved(Expense.objects.all(), mandate_ids, until)


@dataclass(frozen=True, slots=True)
class Worked:
    """Minutes on mandates and on internal activities."""

    mandates: int
    internal: int

    @property
    def total(self) -> int:
        return self.mandates + self.internal


def hours_in(start: date, end: date) -> Worked:
    """Return the minutes everyone worked from `start` to `end`, included."""
    return Worked(
        **TimeEntry.objects.filter(on__gte=start, on__lte=end).aggregate(
            mandates=Coalesce(Sum("minutes", filter=Q(activity=None)), 0),
            internal=Coalesce(Sum("minutes", filter=Q(mandate=None)), 0),
        )
    )


# --- weeks to approve, weeks that are late


def _sum_of(rows: QuerySet, field: str, output) -> Coalesce:
    summed = (
        rows.filter(week=OuterRef("pk"))
        .order_by()
        .values("week")
        .annotate(total=Sum(field))
        .values("total")
    )
    return Coalesce(
        Subquery(summed, output_field=output), Value(0), output_field=output
    )


def weeks_with_sums() -> QuerySet[Week]:
    """Return weeks with what is in them: minutes, mandate minutes and dollars."""
    minutes = IntegerField()
    dollars = DecimalField(max_digits=10, decimal_places=2)
    time = TimeEntry.objects.all()
    return Week.objects.select_related("expert").annotate(
        minutes=_sum_of(time, "minutes", minutes),
        mandate_minutes=_sum_of(time.filter(activity=None), "minutes", minutes),
        trips_amount=_sum_of(Trip.objects.all(), "amount", dollars),
        expenses_amount=_sum_of(Expense.objects.all(), "amount", dollars),
    )


@dataclass(frozen=True, slots=True)
class MissingWeek:
    """A past week that should have been submitted and was not."""

    expert_id: int
    name: str
    user: User | None  # whom to write to
    monday: date
    minutes: int  # what is written so far
    expected: int


def missing_weeks(start: date, end: date) -> list[MissingWeek]:
    """Return the weeks from `start` to `end` (Mondays) that nobody submitted.

    A week in which nothing was expected and nothing written is not missing.
    """
    experts = (
        Expert.objects.filter(started_on__lte=end + WEEK)
        .filter(Q(left_on=None) | Q(left_on__gte=start))
        .select_related("user")
    )
    rows = {expert.pk: expert for expert in experts}
    last_day = end + timedelta(days=6)
    expected = expected_by_day(rows, start, last_day)
    by_week = {pk: calendar.by_week(days) for pk, days in expected.items()}
    done = set(
        Week.objects.filter(monday__gte=start, monday__lte=end)
        .exclude(status=Week.Status.OPEN)
        .values_list("expert_id", "monday")
    )
    written = {
        (expert_id, monday): total
        for expert_id, monday, total in TimeEntry.objects.filter(
            on__gte=start, on__lte=last_day, week__status=Week.Status.OPEN
        )
        .order_by()
        .values("expert_id", "week__monday")
        .annotate(total=Sum("minutes"))
        .values_list("expert_id", "week__monday", "total")
    }
    found = []
    for monday in calendar.weeks(start, end):
        for pk, expert in rows.items():
            due = by_week[pk].get(monday, 0)
            minutes = written.get((pk, monday), 0)
            if (due or minutes) and (pk, monday) not in done:
                found.append(
                    MissingWeek(pk, expert.name, expert.user, monday, minutes, due)
                )
    return found


def late_weeks(on: date) -> list[MissingWeek]:
    """Return who has not submitted the last week that is over, on a date."""
    monday = calendar.monday_of(on) - WEEK
    return missing_weeks(monday, monday)


@dataclass
class Month:
    """A month: is it locked, and what in it is not approved yet."""

    first_day: date
    locked: LockedMonth | None
    written: int  # minutes, all told
    open_minutes: int
    submitted_minutes: int
    open_weeks: int
    submitted_weeks: int
    missing: int = 0  # weeks that nobody submitted, when a door asked
    over: bool = True


def months(first: date, last: date) -> list[Month]:
    """Return the months from `first` to `last`, newest first."""
    first = first.replace(day=1)
    locked = {
        row.first_day: row for row in LockedMonth.objects.select_related("locked_by")
    }
    entries = TimeEntry.objects.filter(on__gte=first, on__lte=last).order_by()
    # Summed by day and folded here: truncating each date costs more than the sum.
    minutes: Counter[tuple[date, str]] = Counter()
    for on, status, total in (
        entries.values("on", "week__status")
        .annotate(total=Sum("minutes"))
        .values_list("on", "week__status", "total")
    ):
        minutes[on.replace(day=1), status] += total
    weeks: dict[tuple[date, str], set[int]] = {}
    for on, status, week_id in (
        entries.exclude(week__status=Week.Status.APPROVED)
        .values_list("on", "week__status", "week")
        .distinct()
    ):
        weeks.setdefault((on.replace(day=1), status), set()).add(week_id)
    found = []
    month = last.replace(day=1)
    while month >= first:
        is_open, submitted = (month, Week.Status.OPEN), (month, Week.Status.SUBMITTED)
        found.append(
            Month(
                month,
                locked.get(month),
                written=sum(minutes[month, status] for status in Week.Status),
                open_minutes=minutes[is_open],
                submitted_minutes=minutes[submitted],
                open_weeks=len(weeks.get(is_open, ())),
                submitted_weeks=len(weeks.get(submitted, ())),
            )
        )
        month = (month - timedelta(days=1)).replace(day=1)
    return found


def on_teams(expert_id: int, mandate_ids: Iterable[int]) -> frozenset[int]:
    """Return which of these mandates have the expert on their team."""
    return frozenset(
        TeamMember.objects.filter(
            expert_id=expert_id, mandate_id__in=list(mandate_ids)
        ).values_list("mandate_id", flat=True)
    )


def days_practised(*, province: str, field_id: int, year: int) -> dict[int, int]:
    """Return how many days of a calendar year each expert worked there, by expert.

    Days with any time on a mandate of the field in the province: a part-day counts
    as a day, as the mobility agreements of the professional orders have it.
    """
    rows = (
        TimeEntry.objects.filter(
            mandate__province=province, mandate__field_id=field_id, on__year=year
        )
        .values_list("expert_id")
        .annotate(Count("on", distinct=True))
    )
    return dict(rows)


def days_practised_everywhere(year: int) -> dict[tuple[str, int], dict[int, int]]:
    """Return the same for every province, in the fields that the law regulates."""
    found: dict[tuple[str, int], dict[int, int]] = {}
    for province, field_id, expert_id, days in (
        TimeEntry.objects.filter(
            mandate__field__in=PracticeRule.objects.values("field"), on__year=year
        )
        .order_by()
        .values_list("mandate__province", "mandate__field_id", "expert_id")
        .annotate(Count("on", distinct=True))
    ):
        found.setdefault((province, field_id), {})[expert_id] = days
    return found


def minutes_by_month(mandate_id: int) -> dict[tuple[date, int], int]:
    """Return the minutes of a mandate by (first day of the month, expert)."""
    return {
        (month, expert_id): total
        for month, expert_id, total in TimeEntry.objects.filter(mandate_id=mandate_id)
        .order_by()
        .annotate(month=TruncMonth("on"))
        .values("month", "expert_id")
        .annotate(total=Sum("minutes"))
        .values_list("month", "expert_id", "total")
    }
