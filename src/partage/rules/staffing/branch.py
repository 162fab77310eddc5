"""Close the gap of a small problem: this expert takes this role, or does not.

Where the linear program shares a role among experts, no price proves more. Each of
two smaller problems does: in one the expert has the role, in the other not; the bound
of the whole is the lower of theirs. The node of the lowest bound is split first.

A pair that may not be costs more than anything; one that must be costs `_PULL` less,
which its node's bound gives back. So each node is the same problem at other costs,
and its bound is proven by the same pricing.

Source: branching on pairs in column generation, as in Barnhart, Johnson, Nemhauser,
Savelsbergh and Vance, « Branch-and-Price », Operations Research 46 (1998).
"""

import heapq
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np

from partage.rules.staffing.master import Bundle, Master, Pool
from partage.rules.staffing.search import Prices, Search
from partage.rules.staffing.tables import Floats

_PULL = 1e6  # no set of roles of one expert is worth so much
_NEVER = 1e12


@dataclass(frozen=True, slots=True)
class Decision:
    expert: int
    role: int
    takes: bool

    def allows(self, b: Bundle) -> bool:
        has, mine = self.role in b.roles, b.expert == self.expert
        return has == mine if self.takes and (has or mine) else not (has and mine)


@dataclass(order=True, slots=True)
class _Node:
    bound: float
    turn: int
    decisions: tuple[Decision, ...]
    columns: list[Bundle]
    value: Floats
    pair: tuple[int, int]


def branch(
    search: Search,
    columns: Sequence[Bundle],
    value: Floats,
    *,
    cost: float,
    until: float,
    on_bound: Callable[[float], None],
    on_plan: Callable[[Sequence[tuple[int, tuple[int, ...]]]], float],
) -> None:
    """Raise the bound, node by node, until it meets the cost or time is over.

    `columns` are bundles known at `value`, the prices that prove most. `on_plan`
    hears of sets of roles by expert that a node finds whole, and returns the cost of
    the best plan known then.
    """
    turn = 0
    least = np.inf  # bound of nodes that were left as they are
    root = _node(search, (), columns, value, until, turn)
    heap = [root]
    while heap and not search.pace.over(until):
        on_bound(min(heap[0].bound, least, cost))
        node = heapq.heappop(heap)
        if min(node.bound, least) >= cost - 1e-6 * abs(cost):
            return
        if node.pair[0] < 0:
            cost = on_plan([(b.expert, b.roles) for b in node.columns])
            least = min(least, node.bound)
            continue
        for takes in (True, False):
            turn += 1
            child = _node(
                search,
                (*node.decisions, Decision(*node.pair, takes)),
                node.columns, node.value, until, turn,
            )  # fmt: skip
            child.bound = max(child.bound, node.bound)
            if child.bound < cost - 1e-6 * abs(cost):
                heapq.heappush(heap, child)
    if not heap:
        on_bound(min(least, cost))


def _node(
    search: Search,
    decisions: tuple[Decision, ...],
    columns: Sequence[Bundle],
    value: Floats,
    until: float,
    turn: int,
) -> _Node:
    t = search.t
    pair_cost = t.pair_cost.copy()
    owner = np.repeat(np.arange(len(t.capacity)), np.diff(t.first))
    pulled: dict[tuple[int, int], float] = {}
    for d in decisions:
        its = t.pair_role == d.role
        if d.takes:
            pair_cost[its & (owner != d.expert)] = _NEVER
            pair_cost[its & (owner == d.expert)] -= _PULL
            pulled[d.expert, d.role] = _PULL
        else:
            pair_cost[its & (owner == d.expert)] = _NEVER

    def pull(b: Bundle) -> float:
        return sum(pulled.get((b.expert, r), 0.0) for r in b.roles)

    twin = copy(search)
    twin.t, twin.pool = t._replace(pair_cost=pair_cost), Pool()
    master = Master(np.arange(len(t.reject)), np.arange(len(t.capacity)), t.reject)
    master.add(
        [
            Bundle(b.expert, b.roles, b.cost - pull(b))
            for b in columns
            if all(d.allows(b) for d in decisions)
        ]
    )
    # What is pulled must not make a hundredth of the rest look like nothing.
    size = float(np.abs(value).sum())
    prices = twin.generate(
        master, Prices(value.copy(), -np.inf), until=until, limit=30_000, keep=6,
        enough=1e-4 * size / (size + _PULL * len(pulled)),
    )  # fmt: skip
    share = master.basics()
    while _most_split(master.columns, share) is None and not search.pace.over(until):
        # It looks whole: only prices at the very end prove that it is the best here.
        priced = twin.price(master.experts, prices.dual, limit=300_000, keep=6)
        bound = twin.bound_at(prices.dual, master.roles, priced.most)
        if bound > prices.bound:
            prices.bound, prices.value = bound, prices.dual
        if not master.add([Bundle(e, who, c) for e, who, c, _ in priced.found]):
            break
        _, part, _ = master.solve()
        search.pace.work(2e-3 + 6e-6 * len(master.columns))
        prices.dual = np.minimum(part, t.reject)
        share = master.basics()
    kept = [Bundle(b.expert, b.roles, b.cost + pull(b)) for b in master.columns]
    pair = _most_split(kept, share)
    if pair is None:
        kept = [b for b, x in zip(kept, share, strict=True) if x > 0.5]
    return _Node(
        prices.bound + _PULL * len(pulled),
        turn,
        decisions,
        kept,
        prices.value,
        pair or (-1, -1),
    )


def _most_split(columns: Sequence[Bundle], share: Floats) -> tuple[int, int] | None:
    """The pair of expert and role that is nearest to half taken."""
    taken: dict[tuple[int, int], float] = {}
    for i in np.flatnonzero(share > 1e-6).tolist():
        for r in columns[i].roles:
            key = columns[i].expert, r
            taken[key] = taken.get(key, 0.0) + float(share[i])
    best = min(taken, key=lambda p: (abs(taken[p] - 0.5), p), default=None)
    if best is None or min(taken[best], 1.0 - taken[best]) < 1e-6:
        return None
    return best
