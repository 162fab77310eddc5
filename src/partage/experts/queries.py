"""Questions about experts: what they can do, where, and when."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    BooleanField,
    F,
    Func,
    Prefetch,
    Q,
    QuerySet,
    Value,
)

from partage.experts.models import (
    Absence,
    Expert,
    Field,
    Licence,
    Schedule,
    Skill,
)
from partage.rules import calendar

HALF = Decimal("0.5")


def in_force(on: date, *, start: str = "starts_on", end: str = "ends_on") -> Q:
    """Return the condition that a dated row holds on a date, both days included."""
    return Q(**{f"{start}__lte": on}) & (
        Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gte": on})
    )


def among(name: str, ids: Iterable[int]) -> Func:
    """Return the condition that a column is one of many ids.

    They go as one parameter. With `__in` each is one, and a hundred of them cost
    more to write than the rows to read.
    """
    array = Value(list(ids), output_field=ArrayField(BigIntegerField()))
    return Func(
        F(name),
        Func(array, template="(%(expressions)s::bigint[])"),
        arg_joiner=" = ANY ",
        template="%(expressions)s",
        output_field=BooleanField(),
    )


def open_fields(on: date) -> QuerySet[Field]:
    """Return the fields that the cooperative offers on a date."""
    return Field.objects.filter(in_force(on, start="opened_on", end="closed_on"))


def present(on: date) -> QuerySet[Expert]:
    """Return the experts who are with the cooperative on a date."""
    return Expert.objects.filter(in_force(on, start="started_on", end="left_on"))


def profiles(experts: QuerySet[Expert]) -> QuerySet[Expert]:
    """Return experts with their skills, licences and conflicts, in four queries."""
    return experts.prefetch_related(
        Prefetch("skills", Skill.objects.select_related("field").order_by("-level")),
        "licences",
        "conflicts",
    )


def working_minutes(
    experts: Sequence[Expert], *, start: date, end: date
) -> dict[int, dict[date, int]]:
    """Return the minutes each expert works each day, from `start` to `end`, included.

    Schedules, absences and the public holidays of the expert's own province count;
    so do the days before arriving and after leaving. Two queries, whatever the
    number of experts. Those whose days are the same may share them: none is to be
    changed.
    """
    schedules, absences = _calendars(
        [expert.pk for expert in experts], start=start, end=end
    )
    found = {}
    # Most people share a few schedules: each is laid on the calendar once.
    alike: dict[tuple, dict[date, int]] = {}
    for expert in experts:
        rows = _from(start, schedules[expert.pk])
        key = rows, expert.province
        if key not in alike:
            off = calendar.holidays_between(expert.province, start, end)
            alike[key] = calendar.working_minutes(rows, (), off, start, end)
        days = alike[key]
        if absences[expert.pk]:
            days = calendar.less_absences(days, absences[expert.pk])
        last = expert.left_on or end
        if expert.started_on <= start and last >= end:
            found[expert.pk] = days
            continue
        found[expert.pk] = {
            day: minutes if expert.started_on <= day <= last else 0
            for day, minutes in days.items()
        }
    return found


def _from(
    start: date, rows: Sequence[calendar.WeeklySchedule]
) -> tuple[calendar.WeeklySchedule, ...]:
    """Return the schedules that matter from a day on, the one in force from that day.

    A schedule that ended before says nothing, but hides the ones before it.
    """
    before = max(
        (row for row in rows if row.valid_from <= start),
        key=lambda row: row.valid_from,
        default=None,
    )
    later = sorted(
        (row for row in rows if row.valid_from > start), key=lambda row: row.valid_from
    )
    if before is None or (before.valid_until and before.valid_until < start):
        return tuple(later)
    now = calendar.WeeklySchedule(start, before.minutes, before.valid_until)
    return (now, *later)


def _calendars(
    ids: Sequence[int], *, start: date = date.min, end: date = date.max
) -> tuple[dict[int, list], dict[int, list]]:
    """Return the schedules and the absences of experts that touch some days."""
    schedules, absences = defaultdict(list), defaultdict(list)
    for expert, starts_on, minutes, ends_on in Schedule.objects.filter(
        among("expert", ids), starts_on__lte=end
    ).values_list("expert_id", "starts_on", "minutes", "ends_on"):
        schedules[expert].append(
            calendar.WeeklySchedule(starts_on, tuple(minutes), ends_on)
        )
    for expert, starts_on, ends_on, half_days in Absence.objects.filter(
        among("expert", ids), starts_on__lte=end, ends_on__gte=start
    ).values_list("expert_id", "starts_on", "ends_on", "half_days"):
        absences[expert].append(
            calendar.Absence(starts_on, ends_on, HALF if half_days else Decimal(1))
        )
    return schedules, absences


def presence(
    spans: Sequence[tuple[Expert, date, date]], *, leave_days: Decimal = Decimal(0)
) -> list[int]:
    """Return the minutes that each expert should be at work in their span of days.

    Schedules, absences on record and the holidays of their own province count, and
    `leave_days` of a year that they have yet to take (`calendar.expected_presence`).
    Days before arriving and after leaving do not. Two queries.
    """
    schedules, absences = _calendars([expert.pk for expert, *_span in spans])
    found = []
    for expert, start, end in spans:
        first = max(start, expert.started_on)
        last = min(end, expert.left_on or end)
        found.append(
            calendar.expected_presence(
                schedules[expert.pk],
                absences[expert.pk],
                calendar.holidays_between(expert.province, first, last),
                first,
                last,
                leave_days=leave_days,
            )
            if first <= last
            else 0
        )
    return found


def weekly_minutes(
    experts: Sequence[Expert], *, mondays: Iterable[date]
) -> dict[int, dict[date, int]]:
    """Return the minutes each expert works in each of these weeks."""
    mondays = sorted(mondays)
    if not mondays:
        return {expert.pk: {} for expert in experts}
    days = working_minutes(
        experts, start=mondays[0], end=mondays[-1] + timedelta(days=6)
    )
    return {pk: calendar.by_week(minutes) for pk, minutes in days.items()}


def expiring_licences(*, on: date, days: int = 60) -> QuerySet[Licence]:
    """Return the licences that end within some days, the first to end first."""
    return (
        Licence.objects.filter(
            valid_until__gte=on, valid_until__lte=on + timedelta(days=days)
        )
        .select_related("expert")
        .order_by("valid_until")
    )
