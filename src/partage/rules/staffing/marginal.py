"""What each choice does to everyone else, in the problem's cost.

`candidates_for` tells, for one role, what the whole plan would cost with each
candidate; `hour_values` what one more hour of each expert in each week would
bring. Both read the prices and the plan; neither searches the whole anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from partage.rules.staffing.pace import Pace
from partage.rules.staffing.plan import Assignment
from partage.rules.staffing.problem import SECONDS_PER_HOUR, Problem
from partage.rules.staffing.schedule import IMPOSSIBLE, UNKNOWN
from partage.rules.staffing.search import Search, bundle_of
from partage.rules.staffing.tables import Floats, Tables, tables_of


@dataclass(frozen=True, slots=True)
class Choice:
    """One candidate for a role.

    `cost` is what the plan would cost more (or less) than with nobody on the role,
    the rejection that is saved not counted. `displaced` are the roles the expert
    would have to give up; each is counted at what serving it is worth.
    """

    expert: int
    cost: float
    displaced: tuple[int, ...]


def candidates_for(
    problem: Problem,
    assignments: Sequence[Assignment],
    role: int,
    *,
    role_values: Sequence[float],
    tables: Tables | None = None,
) -> list[Choice]:
    """Every candidate who could serve the role, the best for the whole first."""
    t = tables if tables is not None else tables_of(problem)
    held: dict[int, list[int]] = {}
    for a in assignments:
        if a.role != role:
            held.setdefault(a.expert, []).append(a.role)
    found: list[Choice] = []
    for candidate in problem.roles[role].candidates:
        e = candidate.expert
        able = set(t.pair_role[t.first[e] : t.first[e + 1]].tolist())
        if role not in able:
            continue
        mine = sorted(r for r in held.get(e, ()) if r in able)
        base = bundle_of(t, e, tuple(mine))[1].cost if mine else 0.0
        best: Choice | None = None
        for gone in _givings(mine):
            kept = tuple(sorted({*mine, role} - set(gone)))
            status, bundle = bundle_of(t, e, kept)
            if status in (IMPOSSIBLE, UNKNOWN):
                continue
            # A role given up is worth its price: others may take it for that.
            loss = sum(min(role_values[r], float(t.reject[r])) for r in gone)
            cost = bundle.cost - base + loss
            if best is None or cost < best.cost - 1e-9:
                best = Choice(e, cost, gone)
        if best is not None:
            found.append(best)
    return sorted(found, key=lambda c: (c.cost, c.expert))


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


def _gain(search: Search, expert: int, value: Floats) -> float:
    priced = search.price(np.array([expert]), value, limit=2_000, keep=1)
    return max((gain for *_, gain in priced.found), default=0.0)
