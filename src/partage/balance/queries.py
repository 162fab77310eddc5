"""Offer and demand of each field: hours that are free, hours that wait for someone."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef

from partage.experts.models import Field
from partage.experts.queries import present
from partage.needs.models import Need, Part
from partage.planning.models import Assignment
from partage.planning.queries import live, loads
from partage.rules.calendar import monday_of

WEEK = timedelta(weeks=1)
# A need that wishes no date is waited for within so many weeks.
PATIENCE = 4


@dataclass(frozen=True, slots=True)
class FieldBalance:
    """A field's free and waiting minutes, week by week, in the order asked."""

    field: Field
    free: tuple[int, ...]
    waiting: tuple[int, ...]

    @property
    def gap(self) -> int:
        """What is free less what waits; below zero, demand outruns the offer."""
        return sum(self.free) - sum(self.waiting)


def shared(minutes: int, among: int) -> list[int]:
    """Share minutes equally; the sum is exact, the first take what is left over."""
    each, rest = divmod(minutes, among)
    return [each + (at < rest) for at in range(among)]


def offer_and_demand(mondays: Sequence[date]) -> list[FieldBalance]:
    """Return each open field's balance over some weeks, the tightest field first.

    An expert's free minutes are shared equally among the fields they practise; a
    part that nobody has yet waits, spread over the weeks in which it is wished.
    A constant number of queries.
    """
    mondays = sorted(mondays)
    if not mondays:
        return []
    people = list(present(mondays[0]).prefetch_related("skills"))
    free: dict[int, Counter[date]] = defaultdict(Counter)
    found_loads = loads(people, mondays=mondays)
    for expert in people:
        weeks = found_loads[expert.pk]
        fields = sorted(skill.field_id for skill in expert.skills.all())
        for week in weeks:
            if fields and week.free > 0:
                for field_id, part in zip(
                    fields, shared(week.free, len(fields)), strict=True
                ):
                    free[field_id][week.monday] += part
    waiting: dict[int, Counter[date]] = defaultdict(Counter)
    for part in unassigned_parts():
        weeks_of_part = _weeks(part.need, mondays)
        for monday, minutes in zip(
            weeks_of_part,
            shared(part.minutes_likely, len(weeks_of_part)),
            strict=True,
        ):
            waiting[part.field_id][monday] += minutes
    practised = Field.objects.filter(pk__in={*free, *waiting})
    found = [
        FieldBalance(
            field,
            tuple(free[field.pk][monday] for monday in mondays),
            tuple(waiting[field.pk][monday] for monday in mondays),
        )
        for field in practised
    ]
    return sorted(found, key=lambda one: one.gap)


def unassigned_parts():
    """Return the parts of triaged needs that nobody is asked to do yet."""
    taken = Assignment.objects.filter(live(), part=OuterRef("pk"))
    return Part.objects.filter(
        ~Exists(taken), need__status=Need.Status.TRIAGED
    ).select_related("need")


def _weeks(need: Need, mondays: Sequence[date]) -> list[date]:
    """Return the weeks, among those looked at, in which the work is wished."""
    start = max(mondays[0], monday_of(need.wished_from or mondays[0]))
    last = monday_of(need.wished_until) if need.wished_until else None
    end = max(start, last or start + (PATIENCE - 1) * WEEK)
    # What is wished later than what is looked at waits in the last week.
    return [m for m in mondays if start <= m <= end] or [mondays[-1]]
