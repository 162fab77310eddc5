"""A first bound and first prices, from selling the weeks of experts.

The weekly capacities get prices; each role then takes its cheapest candidate at
those prices, or is rejected. For any prices at least 0,

    Σ_r min(reject, cheapest candidate) − Σ_ew price · capacity

is never above the cost of the best plan: a true plan pays nothing more than it
would in this market, since it leaves every capacity respected. Least hours,
numbers of roles, competitors and overload are ignored, and a team cost is shared
equally by the roles of the mandate that the expert could serve: all only lower it.
"""

from typing import NamedTuple

import numpy as np

from partage.rules.staffing.compiled import compiled
from partage.rules.staffing.tables import Floats, Ints, Tables


class Market(NamedTuple):
    bound: float
    role_value: Floats  # per role: what serving it costs at the prices
    week_price: Floats  # experts × weeks, per second
    choice: Ints  # per role: the expert it chooses at the prices, or -1


def market_of(t: Tables, *, rounds: int) -> Market:
    """Improve the prices for some rounds and keep the best bound seen."""
    order = np.argsort(t.pair_role, kind="stable")
    first = np.searchsorted(t.pair_role[order], np.arange(len(t.reject) + 1))
    owner = np.repeat(np.arange(len(t.capacity)), np.diff(t.first))
    share = _team_share(t, owner)
    price = np.zeros(t.capacity.shape)
    best_price = price.copy()
    best_value = np.zeros(len(t.reject))
    taken = np.full(len(t.reject), -1, np.int64)
    best, value = _trade(
        t, order, first, owner, share, price, best_price, best_value, taken, rounds
    )
    choice = np.where(taken >= 0, owner[taken] if len(owner) else -1, -1)
    return Market(best, value, best_price, choice)


def _team_share(t: Tables, owner: Ints) -> Floats:
    """The part of a team cost that each pair carries."""
    key = owner * (len(t.group) + 1) + t.mandate[t.pair_role]
    _, where, count = np.unique(key, return_inverse=True, return_counts=True)
    return np.asarray(t.team_cost / count[where], np.float64)


@compiled
def _trade(
    t: Tables,
    order: Ints,
    first: Ints,
    owner: Ints,
    share: Floats,
    price: Floats,
    best_price: Floats,
    best_value: Floats,
    taken: Ints,
    rounds: int,
) -> tuple[float, Floats]:
    experts, weeks = t.capacity.shape
    roles = len(t.reject)
    use = np.empty((experts, weeks))
    value = np.empty(roles)
    filled = np.empty(weeks)
    chosen = np.empty(weeks)
    best = -np.inf
    theta = 0.3
    stale = 0
    ceiling = 0.0
    for r in range(roles):
        ceiling += t.reject[r]
    for _ in range(rounds):
        use[:, :] = 0.0
        bound = 0.0
        for r in range(roles):
            cheapest = t.reject[r]
            who = -1
            for turn in range(first[r], first[r + 1] + 1):
                # Last round's choice first: it rules most others out at once.
                if turn == first[r]:
                    p = taken[r]
                    if p < 0:
                        continue
                else:
                    p = order[turn - 1]
                cost = t.pair_cost[p] + share[p]
                if cost + t.pair_late[p] >= cheapest:
                    continue
                e = owner[p]
                left = t.pair_seconds[p]
                lowest = np.inf
                for w in range(t.start[r], t.until[r] + 1):
                    if price[e, w] < lowest and t.capacity[e, w] > 0:
                        lowest = price[e, w]
                if cost + t.pair_late[p] + left * lowest >= cheapest:
                    continue
                filled[:] = 0.0
                while left > 0 and cost < cheapest:
                    pick = -1
                    low = np.inf
                    for w in range(t.start[r], t.until[r] + 1):
                        room = min(t.most[r], t.capacity[e, w])
                        if room < t.least[r] or room <= 0 or filled[w] > 0:
                            continue
                        unit = price[e, w] + t.late[r] * max(0, w - t.due[r])
                        if unit < low:
                            low = unit
                            pick = w
                    x = min(left, min(t.most[r], t.capacity[e, pick]))
                    filled[pick] = x
                    cost += x * low
                    left -= x
                if left <= 0 and cost < cheapest:
                    cheapest = cost
                    who = p
                    chosen[:] = filled
            value[r] = cheapest
            taken[r] = who
            bound += cheapest
            if who >= 0:
                for w in range(weeks):
                    use[owner[who], w] += chosen[w]
        norm = 0.0
        for e in range(experts):
            for w in range(weeks):
                bound -= price[e, w] * t.capacity[e, w]
                use[e, w] -= t.capacity[e, w]
                if price[e, w] > 0.0 or use[e, w] > 0.0:
                    norm += use[e, w] ** 2
        if bound > best:
            if bound > best + 1e-3 * abs(best):
                stale = 0
            best = bound
            best_price[:, :] = price
            best_value[:] = value
        else:
            stale += 1
            if stale >= 6:
                stale = 0
                theta *= 0.6
        if norm == 0.0:
            break
        step = theta * max(ceiling * 0.5 - bound, 0.05 * abs(ceiling)) / norm
        for e in range(experts):
            for w in range(weeks):
                price[e, w] = max(0.0, price[e, w] + step * use[e, w])
    return best, best_value
