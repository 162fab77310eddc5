"""After one change: a new plan that stays near the one in force.

A promise that moves costs: the role's holder gets a rebate of `move_cost` on it,
so that another expert must be better by more than that. Only the neighbourhood of
the change is solved; everyone else keeps what they have.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from partage.rules.staffing.improve import Neighbourhoods, solve_part
from partage.rules.staffing.master import Bundle
from partage.rules.staffing.pace import Pace
from partage.rules.staffing.plan import Assignment, Cost, Move, cost_of, faults_of
from partage.rules.staffing.planner import PlannerMistaken, assignments_of
from partage.rules.staffing.problem import Problem, Role
from partage.rules.staffing.schedule import IMPOSSIBLE, UNKNOWN
from partage.rules.staffing.search import Search, bundle_of
from partage.rules.staffing.tables import tables_of


@dataclass(frozen=True, slots=True)
class Replanned:
    assignments: tuple[Assignment, ...]
    cost: Cost
    moves: tuple[Move, ...]


def replan(
    problem: Problem,
    before: Sequence[Assignment],
    *,
    role_values: Sequence[float],
    move_cost: float,
    move_costs: Mapping[int, float] | None = None,
    fixed_roles: Iterable[int] = (),
    seconds: float = 1.0,
    clock: Callable[[], float] | None = None,
    should_stop: Callable[[], bool] | None = None,
    seed: int = 0,
    size: int = 30,
    rounds: int = 6,
) -> Replanned:
    """Plan `problem` (already changed) starting from the assignments in force.

    `before` refers to roles and experts of `problem` by position; those that the
    change made impossible are dropped. `role_values` are those of the last whole
    planning (what serving each role is worth); they only guide. Roles past their end
    are new since then and are looked at first. A role of
    `fixed_roles` keeps its expert as long as that expert can serve it at all.
    `move_costs` gives some roles a cost of their own for being moved.
    """
    if not problem.roles:
        return Replanned((), cost_of(problem, ()), ())
    pace = Pace(budget=seconds, clock=clock, should_stop=should_stop)
    holder = {a.role: a.expert for a in before}
    kept = set(fixed_roles)
    own = move_costs or {}
    anchored = replace(
        problem,
        roles=tuple(
            _anchored(role, holder.get(i), own.get(i, move_cost), i in kept)
            for i, role in enumerate(problem.roles)
        ),
    )
    t = tables_of(anchored)
    search = Search(t, pace=pace, threads=1, slots=256)
    plan, touched = _still_sound(search, before)
    value = t.reject.copy()
    value[: len(role_values)] = np.minimum(value[: len(role_values)], role_values)
    near = Neighbourhoods(search, seed=seed)
    cost = search.cost_of(plan, np.arange(len(t.reject)))
    served = {r for b in plan for r in b.roles}
    touched |= {r for r in holder if r not in served}
    touched |= set(range(len(role_values), len(t.reject)))
    for turn in range(rounds):
        if pace.over() and turn:
            break
        # The change itself first; then where most could still be gained.
        served = {r for b in plan for r in b.roles}
        regret = np.zeros(len(t.reject))
        for r in range(len(t.reject)):
            if r not in served and len(near.candidates(r)):
                regret[r] = max(1.0, t.reject[r] - value[r])
        mine = [r for r in touched if regret[r] > 0]
        if turn < 2 and mine:
            regret[[r for r in range(len(regret)) if r not in touched]] = 0.0
        experts = near.draw(plan, size, regret)
        better = solve_part(
            search, plan, experts, value, until=1.0, limit=100, rounds=6, seconds=0.2
        )
        new = search.cost_of(better, np.arange(len(t.reject)))
        if new < cost - 1e-6:
            plan, cost = better, new
    assignments = assignments_of(t, plan)
    faults = faults_of(problem, assignments)
    if faults:
        raise PlannerMistaken(faults[0])
    after = {a.role: a.expert for a in assignments}
    return Replanned(
        assignments,
        cost_of(problem, assignments),
        tuple(
            Move(r, holder.get(r), after.get(r))
            for r in range(len(problem.roles))
            if holder.get(r) != after.get(r)
        ),
    )


def _anchored(role: Role, holder: int | None, move_cost: float, fixed: bool) -> Role:
    if holder is None:
        return role
    mine = [c for c in role.candidates if c.expert == holder]
    if not mine:
        return role
    cheaper = tuple(
        replace(c, cost=c.cost - move_cost) if c.expert == holder else c
        for c in role.candidates
        if not fixed or c.expert == holder
    )
    return replace(role, candidates=cheaper)


def _still_sound(
    search: Search, before: Sequence[Assignment]
) -> tuple[list[Bundle], set[int]]:
    """What of the plan in force can stay, and the roles that lose their expert."""
    roles_of: dict[int, list[int]] = {}
    for a in before:
        roles_of.setdefault(a.expert, []).append(a.role)
    t = search.t
    plan: list[Bundle] = []
    lost: set[int] = set()
    for e, roles in sorted(roles_of.items()):
        able = set(t.pair_role[t.first[e] : t.first[e + 1]].tolist())
        lost.update(r for r in roles if r not in able)
        left = sorted(r for r in roles if r in able)
        while left:
            status, bundle = bundle_of(t, e, tuple(left))
            if status not in (IMPOSSIBLE, UNKNOWN):
                plan.append(search.pool.add(e, bundle.roles, bundle.cost)[0])
                break
            # The one whose rejection costs least goes first.
            gone = min(left, key=lambda r: (t.reject[r], r))
            left.remove(gone)
            lost.add(gone)
    return plan, lost
