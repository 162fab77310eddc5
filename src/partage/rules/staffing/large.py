"""A problem too large for linear programs: prices by ascent, then a rounding dive.

All experts and roles are in it at once, so the bound is one proof for the whole.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from partage.rules.staffing.ascent import Ascent
from partage.rules.staffing.improve import dive
from partage.rules.staffing.master import Bundle, Master
from partage.rules.staffing.search import Prices, Search
from partage.rules.staffing.tables import Floats, Ints

# Temperatures, as parts of what an expert gains on average at the first prices.
_WARMEST = 0.05
_COOLEST = 0.003  # here the shares are a fractional plan to a cent in a dollar
_ROUNDING = 5.0  # times the coolest: sure of some, torn between others
_BALANCING = 300  # steps of a climb after which the shares are a fractional plan
_PORTIONS = 12  # one expert in so many, or more if time is short, is settled at a time
_PROGRAM = 500  # roles up to which a linear program settles the rest
_STEP = 2e-9  # seconds of work that one role of one column is counted for


@dataclass(slots=True)
class Slope:
    """Where the climb stands: the best proven prices, and how far to look around."""

    centre: Floats
    value: Floats  # where pricing looks next
    bound: float = -np.inf
    radius: float = 0.12  # how far a price may go from the centre, relatively
    heat: float = 0.0  # temperature; found at the first look
    coolest: float = 0.0


def climb(
    search: Search,
    ascent: Ascent,
    slope: Slope,
    *,
    until: float,
    limit: int,
    keep: int = 3,
    on_bound: Callable[[float], None],
) -> None:
    """Price and climb in turn until the bound and the prices hardly move."""
    t = search.t
    roles = np.arange(len(t.reject))
    experts = np.arange(len(t.capacity))
    quiet = 0
    turn = 0
    while True:
        priced = search.price(experts, slope.value, limit=limit, keep=keep)
        bound = search.bound_at(slope.value, roles, priced.most)
        fresh = ascent.add(
            search.pool.add(e, who, cost)[0] for e, who, cost, _ in priced.found
        )
        if slope.heat == 0.0:
            usual = max(1e-6, float(np.maximum(0.0, priced.most).mean()))
            slope.heat, slope.coolest = _WARMEST * usual, _COOLEST * usual
        gained = bound - slope.bound
        if gained > 0.0:
            slope.bound, slope.centre = bound, slope.value
            slope.radius *= 1.5 if turn else 1.0
            on_bound(bound)
        elif turn:
            slope.radius *= 0.7
        few = fresh < 0.3 * len(experts)
        # Deeper pricing at the same prices proves more at once: that is no climb.
        quiet = quiet + 1 if few and turn and gained < 1e-3 * abs(bound) else 0
        if few or slope.radius > 0.6:
            slope.heat = max(slope.coolest, 0.6 * slope.heat)
        if quiet >= 2 or search.pace.over(until) or (turn and fresh == 0):
            return
        around = slope.radius * np.maximum(np.abs(slope.centre), 0.1 * t.reject)
        slope.value = ascent.climb(
            slope.value,
            roles,
            low=slope.centre - around,
            high=np.minimum(slope.centre + around, t.reject),
            heat=slope.heat,
            steps=80,
        )
        search.pace.work(80 * _STEP * ascent.size)
        turn += 1


def round_off(
    search: Search, ascent: Ascent, slope: Slope, *, until: float
) -> list[Bundle]:
    """A plan: whoever the prices are surest of first, the last by a linear program.

    Where roles are too many for a linear program, a part of the experts is settled
    at a time, each with the bundle of the greatest share; everyone else is priced
    again without their roles, and the prices climb until the shares are a fractional
    plan again: shares of prices that stand still settle twice what is wanted once.
    """
    t = search.t
    plan: list[Bundle] = []
    free_roles = np.ones(len(t.reject), np.bool_)
    free_experts = np.ones(len(t.capacity), np.bool_)
    heat = _ROUNDING * slope.coolest

    def balanced(value: Floats) -> Floats:
        roles = np.flatnonzero(free_roles)
        value = np.where(free_roles, value, 0.0)
        around = 0.3 * np.maximum(np.abs(value[roles]), 0.1 * t.reject[roles])
        search.pace.work(_BALANCING * _STEP * ascent.size)
        return ascent.climb(
            value,
            roles,
            low=value[roles] - around,
            high=np.minimum(value[roles] + around, t.reject[roles]),
            heat=heat,
            steps=_BALANCING,
        )

    value = balanced(slope.value)
    parts = _PORTIONS
    while int(free_roles.sum()) > _PROGRAM and not search.pace.over(until):
        began = search.pace.spent()
        share = ascent.level(value, heat)[2]
        most = max(1, int(free_experts.sum()) // parts)
        taken = 0
        for i in np.argsort(-share, kind="stable").tolist():
            b = ascent.columns[i]
            if taken >= most or share[i] < 0.05:
                break
            if free_experts[b.expert] and free_roles[list(b.roles)].all():
                plan.append(b)
                free_experts[b.expert] = False
                free_roles[list(b.roles)] = False
                taken += 1
        if not taken:
            break
        ascent = ascent.among(free_roles, free_experts)
        offered = np.where(free_roles, value, -np.inf)
        experts = np.flatnonzero(free_experts)
        priced = search.price(experts, offered, limit=150, keep=3)
        ascent.add(search.pool.add(e, who, cost)[0] for e, who, cost, _ in priced.found)
        value = balanced(value)
        # Each turn takes as much less time as there is less to settle: so many parts
        # take about as many times the last one.
        last = max(1e-6, search.pace.spent() - began)
        left = until * search.pace.budget - search.pace.spent()
        parts = int(min(_PORTIONS, max(2.0, left / last)))
    roles, experts = np.flatnonzero(free_roles), np.flatnonzero(free_experts)
    if search.pace.over(until) or not len(roles) or not len(experts):
        wanted = np.where(free_roles, t.reject, -np.inf)
        return plan + search.first_plan(experts, wanted, limit=30)
    master = shortlist(ascent, value, roles, experts, t.reject)
    level, _, _ = master.solve(simplex=False, corner=True)
    offered = np.where(free_roles, value, -np.inf)
    prices = Prices(offered, slope.bound, dual=offered, master_value=level)
    return plan + dive(search, master, prices, until=until)


def shortlist(
    ascent: Ascent,
    value: Floats,
    roles: Ints,
    experts: Ints,
    reject: Floats,
    *,
    each: int = 8,
) -> Master:
    """A linear program over the bundles of each expert that the prices like best.

    Every bundle of `ascent` must be of `roles` and `experts` alone.
    """
    master = Master(roles, experts, reject)
    expert = np.array([b.expert for b in ascent.columns], np.int64)
    gain = np.array(
        [float(value[list(b.roles)].sum()) - b.cost for b in ascent.columns]
    )
    order = np.lexsort((-gain, expert))
    rank = np.arange(len(order)) - np.searchsorted(expert[order], expert[order])
    kept = np.sort(order[rank < each])
    master.add([ascent.columns[i] for i in kept.tolist()])
    return master
