"""A first bound and first prices, from selling the weeks of experts.

The weekly capacities get prices; each role then takes its cheapest candidate at
those prices, or is rejected. For any prices at least 0,

    Σ_r min(reject, cheapest candidate) − Σ_ew price · capacity

is never above the cost of the best plan: a true plan pays nothing more than it
would in this market, since it leaves every capacity respected. Least hours,
numbers of roles, competitors and overload are ignored, and a team cost is shared
equally by the roles of the mandate that the expert could serve: all only lower it.

Prices move by how much more of a week is wanted than there is, relative to the
week, averaged over rounds. The more candidates a role has, the less a price must
move before it looks elsewhere: the first steps are smaller by as much.
"""

from concurrent.futures import Executor
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from partage.rules.staffing.compiled import compiled
from partage.rules.staffing.problem import SECONDS_PER_HOUR
from partage.rules.staffing.tables import Floats, Ints, Tables

_BOLDEST = 0.3  # first step, as a part of what an hour of rejected work costs
_CALMING = 100.0  # how much smaller the last step is than the first
_MEMORY = 0.7  # of the average of what was wanted in earlier rounds
_CROWD = 3.0  # candidates per role, over this, shrink the first step


class Market(NamedTuple):
    bound: float
    role_value: Floats  # per role: what serving it costs at the prices
    week_price: Floats  # experts × weeks, per second
    choice: Ints  # per role: the expert it chooses at the prices, or -1


class _Offers(NamedTuple):
    """The pairs, by role and then by what they cost at least."""

    first: Ints  # roles + 1
    expert: Ints
    seconds: Ints
    plain: Floats  # cost with its share of the team, lateness not counted
    base: Floats  # with the least lateness: what the pairs of a role rise by


def market_of(
    t: Tables, *, rounds: int, workers: Executor | None = None, threads: int = 1
) -> Market:
    """Improve the prices for some rounds and keep the best bound seen.

    With `workers`, `threads` parts of the roles choose at once; the answer is the
    same for any number of them.
    """
    owner = np.repeat(np.arange(len(t.capacity)), np.diff(t.first))
    offers = _offers(t, owner)
    n_roles = len(t.reject)
    edges = [n_roles * i // threads for i in range(threads + 1)]
    parts = list(pairwise(edges))
    price = np.zeros(t.capacity.shape)
    value = np.empty(n_roles)
    taken = np.full(n_roles, -1, np.int64)
    uses = [np.zeros(t.capacity.shape, np.int64) for _ in parts]
    room = np.maximum(t.capacity, SECONDS_PER_HOUR)
    wanted = np.zeros(t.capacity.shape)
    bold = min(_BOLDEST, _CROWD * n_roles / max(1, len(t.pair_role)))
    usual = float(t.pair_seconds.sum()) / max(1, len(t.pair_seconds))
    unit = float(np.median(t.reject)) / max(1.0, usual) if n_roles else 0.0
    best = Market(-np.inf, value, price, taken)

    def choose(part: int) -> None:
        uses[part][:] = 0
        _choose(t, offers, price, *parts[part], value, taken, uses[part])

    for turn in range(rounds):
        if workers and threads > 1:
            list(workers.map(choose, range(threads)))
        else:
            for part in range(threads):
                choose(part)
        bound = float(value.sum() - (price * t.capacity).sum())
        if bound > best.bound:
            best = Market(bound, value.copy(), price, taken.copy())
        excess = np.clip((sum(uses) - t.capacity) / room, -1.0, 3.0)
        wanted = _MEMORY * wanted + (1.0 - _MEMORY) * excess if turn else excess
        step = bold * _CALMING ** (-turn / max(1, rounds - 1)) * unit
        price = np.maximum(0.0, price + step * wanted)
    if not len(offers.expert):
        return best
    choice = np.where(best.choice >= 0, offers.expert[best.choice], -1)
    return best._replace(choice=choice)


def _offers(t: Tables, owner: Ints) -> _Offers:
    plain = t.pair_cost + _team_share(t, owner)
    base = plain + t.pair_late
    order = np.lexsort((base, t.pair_role))
    return _Offers(
        first=np.searchsorted(t.pair_role[order], np.arange(len(t.reject) + 1)),
        expert=owner[order],
        seconds=t.pair_seconds[order],
        plain=plain[order],
        base=base[order],
    )


def _team_share(t: Tables, owner: Ints) -> Floats:
    """The part of a team cost that each pair carries."""
    key = owner * (len(t.group) + 1) + t.mandate[t.pair_role]
    _, where, count = np.unique(key, return_inverse=True, return_counts=True)
    return np.asarray(t.team_cost / count[where], np.float64)


@compiled
def _choose(
    t: Tables,
    offers: _Offers,
    price: Floats,
    begin: int,
    end: int,
    value: Floats,
    taken: Ints,
    use: Ints,
) -> None:
    """Let the roles from `begin` to `end` choose; `taken` are positions in offers."""
    weeks = price.shape[1]
    filled = np.empty(weeks, np.int64)
    chosen = np.empty(weeks, np.int64)
    for r in range(begin, end):
        cheapest = t.reject[r]
        who = -1
        last = taken[r]
        for turn in range(offers.first[r] - 1, offers.first[r + 1]):
            k = turn
            if turn < offers.first[r]:
                # Last round's choice first: it rules most others out at once.
                k = last
                if k < 0 or offers.base[k] >= cheapest:
                    continue
            elif offers.base[k] >= cheapest:
                break
            elif k == last:
                continue
            e = offers.expert[k]
            left = offers.seconds[k]
            lowest = np.inf
            for w in range(t.start[r], t.until[r] + 1):
                if price[e, w] < lowest and t.capacity[e, w] > 0:
                    lowest = price[e, w]
            if left > 0 and offers.base[k] + left * lowest >= cheapest:
                continue
            filled[:] = 0
            cost = offers.plain[k]
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
                who = k
                chosen[:] = filled
        value[r] = cheapest
        taken[r] = who
        if who >= 0:
            for w in range(t.start[r], t.until[r] + 1):
                use[offers.expert[who], w] += chosen[w]
