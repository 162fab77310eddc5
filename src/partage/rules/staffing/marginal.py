"""What each choice does to everyone else, in the problem's cost.

`candidates_for` tells, for one role, what the whole plan would cost with each
candidate; `hour_values` what one more hour of each expert in each week would
bring, and `hour_values_by` the same by field, language or province. They read the
prices and the plan; none searches the whole anew.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from partage.rules.staffing.pace import Pace
from partage.rules.staffing.plan import Assignment, Move
from partage.rules.staffing.problem import SECONDS_PER_HOUR, Problem
from partage.rules.staffing.search import Search, costs_of
from partage.rules.staffing.tables import Floats, Tables, tables_of

_HOMES = 12  # other experts that a role given up is offered to, the cheapest first


@dataclass(frozen=True, slots=True)
class Choice:
    """One candidate for a role, and what choosing them does to everyone else.

    `cost` is what the whole plan would cost more (or less, when negative) than with
    nobody on the role, the rejection that is saved not counted; it can be had, by
    the `moves`. `own_cost` is the part that this expert's own set of roles costs
    more for it (travel, lateness, team, overload); the rest is what others bear.
    `displaced` are the roles the expert would give up, in order of role.
    """

    expert: int
    cost: float
    displaced: tuple[int, ...]
    own_cost: float = 0.0
    moves: tuple[Move, ...] = ()


def candidates_for(
    problem: Problem,
    assignments: Sequence[Assignment],
    role: int,
    *,
    role_values: Sequence[float],
    tables: Tables | None = None,
) -> list[Choice]:
    """Every candidate who could serve the role, the best for the whole first.

    Whoever holds the role now is ranked as if they did not. A role that is given up
    goes where it costs least beside what others hold, or is rejected. `role_values`
    (of the last whole planning) only tells what not to try. Pass `tables` when
    several roles of one problem are asked about.
    """
    t = tables if tables is not None else tables_of(problem)
    sets = _Sets(t, [a for a in assignments if a.role != role])
    found: list[Choice] = []
    for candidate in problem.roles[role].candidates:
        best = _best_choice(t, sets, role, candidate.expert, role_values)
        if best is not None:
            found.append(best)
    return sorted(found, key=lambda c: (c.cost, c.expert))


class _Sets:
    """What each set of roles of an expert costs; infinite where it cannot be."""

    def __init__(self, t: Tables, assignments: Iterable[Assignment]) -> None:
        self._t = t
        self._held: dict[int, set[int]] = {}
        for a in assignments:
            self._held.setdefault(a.expert, set()).add(a.role)
        self._known: dict[tuple[int, tuple[int, ...]], float] = {}
        # The cheapest first: where a role would go, the first few are tried.
        order = np.lexsort((t.pair_cost + t.pair_late, t.pair_role))
        self._expert = np.repeat(np.arange(len(t.capacity)), np.diff(t.first))[order]
        self._first = np.searchsorted(t.pair_role[order], np.arange(len(t.reject) + 1))

    def able(self, role: int) -> list[int]:
        """Experts who could serve the role alone."""
        found: list[int] = self._expert[
            self._first[role] : self._first[role + 1]
        ].tolist()
        return found

    def held(self, expert: int) -> set[int]:
        return self._held.get(expert, set())

    def cost(self, expert: int, roles: Iterable[int]) -> float:
        key = expert, tuple(sorted(roles))
        if key not in self._known:
            self.learn([(expert, roles)])
        return self._known[key]

    def learn(self, sets: Iterable[tuple[int, Iterable[int]]]) -> None:
        """Price these sets at once, those that are not known yet."""
        keys = {(expert, tuple(sorted(roles))) for expert, roles in sets}
        new = sorted(keys - self._known.keys())
        if new:
            self._known.update(zip(new, costs_of(self._t, new), strict=True))


def _best_choice(
    t: Tables, sets: _Sets, role: int, e: int, role_values: Sequence[float]
) -> Choice | None:
    if e not in sets.able(role):
        return None
    able = set(t.pair_role[t.first[e] : t.first[e + 1]].tolist())
    mine = sorted(r for r in sets.held(e) if r in able)
    base = sets.cost(e, mine)
    if not np.isfinite(base):
        return None
    best: Choice | None = None
    givings = [(gone, set(mine) - set(gone)) for gone in _givings(mine)]
    sets.learn((e, kept | more) for _, kept in givings for more in (set(), {role}))
    for gone, kept in givings:
        own = sets.cost(e, kept | {role})
        if not np.isfinite(own):
            continue
        worth = sum(min(role_values[r], float(t.reject[r])) for r in gone)
        # Others take a role for about what serving it is worth, seldom for less.
        if best is not None and own - base + 0.7 * worth >= best.cost:
            continue
        lost, moves = _rehomed(t, sets, gone, e)
        cost = own - base + lost
        if best is None or cost < best.cost - 1e-9:
            best = Choice(e, cost, gone, own - sets.cost(e, kept), moves)
    return best


def _rehomed(
    t: Tables, sets: _Sets, gone: Sequence[int], e: int
) -> tuple[float, tuple[Move, ...]]:
    """Where the roles that `e` gives up go, one after the other, and at what cost."""
    total = 0.0
    moves = []
    given: dict[int, set[int]] = {}
    for r in gone:
        least, who = float(t.reject[r]), None
        homes = [(f, given.get(f, sets.held(f))) for f in sets.able(r) if f != e][
            :_HOMES
        ]
        sets.learn((f, held | more) for f, held in homes for more in (set(), {r}))
        for f, held in homes:
            more = sets.cost(f, held | {r}) - sets.cost(f, held)
            if more < least:
                least, who = more, f
        if who is not None:
            given[who] = given.get(who, sets.held(who)) | {r}
        total += least
        moves.append(Move(r, e, who))
    return total, tuple(moves)


def _givings(mine: Sequence[int]) -> list[tuple[int, ...]]:
    """What may be given up for one more role: nothing, one role, two, or all."""
    pairs = [(a, b) for i, a in enumerate(mine) for b in mine[i + 1 :]]
    every = [(), *[(r,) for r in mine], *pairs]
    return every if len(mine) <= 2 else [*every, tuple(mine)]


def hour_values(
    problem: Problem, *, role_values: Sequence[float], step_seconds: int = 7200
) -> list[tuple[float, ...]]:
    """Per expert, what one more hour in each week would bring at these prices.

    Measured by pricing the expert again with `step_seconds` more in that week, per
    hour; 0 where the expert would do no more with it.
    """
    t = tables_of(problem)
    value = np.minimum(t.reject, np.asarray(role_values, np.float64))
    search = Search(t, pace=Pace(budget=1e9), threads=1, slots=64)
    found: list[tuple[float, ...]] = []
    for e in range(len(problem.experts)):
        base = _gain(search, e, value)
        row = []
        for w in range(problem.weeks):
            t.capacity[e, w] += step_seconds
            search.memory.key[e] = 0
            more = _gain(search, e, value)
            t.capacity[e, w] -= step_seconds
            row.append(max(0.0, more - base) * SECONDS_PER_HOUR / step_seconds)
        search.memory.key[e] = 0
        found.append(tuple(row))
    return found


@dataclass(frozen=True, slots=True)
class HourValue:
    """What one more hour is worth among the experts of one trait.

    `mean_per_hour` is over its experts and weeks: an hour that falls anywhere.
    `most_per_hour` is where it would bring most: for the expert at position
    `expert`, in week `week` (None where no hour brings anything).
    """

    experts: int
    mean_per_hour: float
    most_per_hour: float
    expert: int | None
    week: int | None


def hour_values_by(
    values: Sequence[Sequence[float]], traits: Sequence[Iterable[Hashable]]
) -> dict[Hashable, HourValue]:
    """Gather `hour_values` by trait, in order of first appearance.

    `traits` has one collection per expert: any keys, such as
    ("field", "droit"), ("language", "fr"), or all three of a person at once.
    """
    members: dict[Hashable, list[int]] = {}
    for e, mine in enumerate(traits):
        for key in dict.fromkeys(mine):
            members.setdefault(key, []).append(e)
    found: dict[Hashable, HourValue] = {}
    for key, experts in members.items():
        cells = [(x, e, w) for e in experts for w, x in enumerate(values[e])]
        most, who, week = max(cells, key=lambda c: c[0], default=(0.0, None, None))
        found[key] = HourValue(
            experts=len(experts),
            mean_per_hour=sum(x for x, _, _ in cells) / max(1, len(cells)),
            most_per_hour=most,
            expert=who if most > 0.0 else None,
            week=week if most > 0.0 else None,
        )
    return found


def _gain(search: Search, expert: int, value: Floats) -> float:
    priced = search.price(np.array([expert]), value, limit=2_000, keep=1)
    return max((gain for *_, gain in priced.found), default=0.0)
