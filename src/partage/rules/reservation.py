"""When the hours of a part of a need would be worked: its window, its weeks."""

from collections.abc import Mapping
from datetime import date, timedelta

from partage.rules.calendar import weeks
from partage.rules.hours import spread_minutes

# Without a wished end, a part is foreseen at this pace, in weeks no fewer than four.
MINUTES_A_WEEK = 600
FEWEST_WEEKS = 4


def work_window(
    *, on: date, wished_from: date | None, wished_until: date | None, minutes: int
) -> tuple[date, date]:
    """Return the first and the last day on which the work can be done.

    It never begins before `on`. Without a wished end, it leaves ten hours a week
    and at least four weeks; so it does when the wished end has passed.
    """
    start = max(on, wished_from or on)
    if wished_until is not None and wished_until >= start:
        return start, wished_until
    length = max(FEWEST_WEEKS, -(-minutes // MINUTES_A_WEEK))
    return start, start + timedelta(weeks=length, days=-1)


def spread(
    *, minutes: int, free: Mapping[date, int], start: date, end: date
) -> dict[date, int]:
    """Share minutes among the weeks of a window, by what is free in each.

    In proportion to the free minutes of each week (by its Monday), by largest
    remainder; where less is free than is needed, what is over is shared evenly.
    The answer adds up to `minutes`; a week that gets nothing is left out.

    Raises ValueError if `minutes` is negative or the window is upside down.
    """
    if minutes < 0:
        raise ValueError(f"minutes are {minutes}; give zero or more")
    mondays = weeks(start, end)
    room = [max(0, free.get(monday, 0)) for monday in mondays]
    within = min(minutes, sum(room))
    shares = spread_minutes(within, room, grain=1)
    over = spread_minutes(minutes - within, [1] * len(mondays), grain=1)
    return {
        monday: share + more
        for monday, share, more in zip(mondays, shares, over, strict=True)
        if share + more
    }
