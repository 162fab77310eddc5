"""What assignments keep of everyone's weeks, and what of it some of them keep."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple


class Taken(NamedTuple):
    """One value per week of the horizon: minutes kept, and for how many things."""

    minutes: list[int]
    parallel: list[int]


class Kept:
    """Rows of expert, part, Monday and minutes, added up by expert and week.

    Weeks that are not of the horizon (`mondays`) are left out. The rows are read
    once; what is kept beside some parts is what is kept in all, less theirs.
    """

    def __init__(
        self, rows: Iterable[tuple[int, int, date, int]], *, mondays: Sequence[date]
    ) -> None:
        week_of = {monday: week for week, monday in enumerate(mondays)}
        self._by_part: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        self._count = len(week_of)
        self._in_all: dict[int, Taken] = defaultdict(self._nothing)
        for expert, part, monday, minutes in rows:
            week = week_of.get(monday)
            if week is None:
                continue
            self._by_part[part].append((expert, week, minutes))
            taken = self._in_all[expert]
            taken.minutes[week] += minutes
            taken.parallel[week] += 1
        self._known: dict[frozenset[int], Mapping[int, Taken]] = {}

    def beside(self, parts: frozenset[int]) -> Mapping[int, Taken]:
        """Return by expert what is kept for anything but these parts.

        Whoever keeps nothing is there too, with zeros.
        """
        if parts not in self._known:
            found = defaultdict(self._nothing)
            for expert, taken in self._in_all.items():
                found[expert] = Taken(taken.minutes.copy(), taken.parallel.copy())
            for part in parts & self._by_part.keys():
                for expert, week, minutes in self._by_part[part]:
                    found[expert].minutes[week] -= minutes
                    found[expert].parallel[week] -= 1
            self._known[parts] = found
        return self._known[parts]

    def _nothing(self) -> Taken:
        return Taken([0] * self._count, [0] * self._count)
