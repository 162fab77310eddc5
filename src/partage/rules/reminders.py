"""Reminders: which step a late invoice has come to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the reminders: so many days after the due date, or before (negative).

    It holds from `starts_on` to `ends_on`, both included; None while no end is known.
    """

    id: int
    days: int
    starts_on: date
    ends_on: date | None = None

    def holds(self, on: date) -> bool:
        return self.starts_on <= on <= (self.ends_on or date.max)


@dataclass(frozen=True, slots=True)
class Unpaid:
    """An invoice that is owed; `reminded` are the steps it was reminded at, ever."""

    id: int
    due_on: date
    reminded: tuple[Step, ...] = ()


def steps_due(
    unpaid: Iterable[Unpaid], steps: Iterable[Step], on: date
) -> dict[int, Step]:
    """Return, by invoice, the step whose reminder is to be sent on a day.

    It is the last that its days have come to. An invoice is never reminded twice at a
    step, nor at one of fewer days than a reminder it already had: a step that was
    missed is not made up for once the next one has come.
    """
    in_force = sorted(
        (step for step in steps if step.holds(on)), key=lambda step: step.days
    )
    found: dict[int, Step] = {}
    for one in unpaid:
        days = (on - one.due_on).days
        reached = [step for step in in_force if step.days <= days]
        if not reached:
            continue
        step = reached[-1]
        furthest = max((each.days for each in one.reminded), default=None)
        if furthest is None or step.days > furthest:
            found[one.id] = step
    return found
