"""Column generation: better bundles, better prices, and a bound that is proven.

For any prices v of the roles, v ≤ rejection,

    Σ_r v_r − Σ_e max(0, the most any bundle of e gains at v)

is never above the cost of the best plan: in a plan each role is paid at most v in
rejection or inside one bundle, and each expert has one bundle. Pricing returns a
proven upper bound on each gain, also when it was cut short, so the bound holds.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass, field

import numpy as np

from partage.rules.staffing.bundles import (
    Memory,
    cost_of_set,
    costs_of_sets,
    deepest_of,
    memory_for,
    price_experts,
)
from partage.rules.staffing.knapsack import price_by_knapsack, step_of
from partage.rules.staffing.lagrange import Market, market_of
from partage.rules.staffing.master import Bundle, Master, Pool, choose
from partage.rules.staffing.pace import Pace
from partage.rules.staffing.tables import Floats, Ints, Tables

_OFFER = 1e-7  # seconds of work that one pair is counted for in one round
_NODE = 4e-5  # seconds of work that one node of pricing is counted for
_SETTLED = 200  # nodes that settling one set by itself may visit
_SMALL_MASTER = 500  # roles up to which simplex beats interior points


def bundle_of(t: Tables, expert: int, roles: tuple[int, ...]) -> tuple[int, Bundle]:
    """Price one set of roles (rising) for one expert; says what `settle` found.

    Each role must be a pair of the expert. Competing mandates are IMPOSSIBLE.
    """
    status, cost = cost_of_set(t, expert, np.array(roles, np.int64), _SETTLED)
    return status, Bundle(expert, roles, cost)


def costs_of(t: Tables, sets: Sequence[tuple[int, tuple[int, ...]]]) -> list[float]:
    """Price many sets (expert, rising roles); infinite where one cannot be or is not
    known.

    Each by itself is `bundle_of`: together they are priced many times faster.
    """
    cost = np.empty(len(sets))
    costs_of_sets(
        t,
        np.array([expert for expert, _ in sets], np.int64),
        np.cumsum([len(roles) for _, roles in sets], dtype=np.int64),
        np.array([r for _, roles in sets for r in roles], np.int64),
        _SETTLED,
        cost,
    )
    found: list[float] = cost.tolist()
    return found


@dataclass(slots=True)
class Priced:
    """What pricing found: bundles with their gain, a bound per expert."""

    found: list[tuple[int, tuple[int, ...], float, float]]
    most: Floats  # per expert of the call, at least 0
    nodes: int


@dataclass(slots=True)
class Prices:
    """Prices of the roles of one part, with what they prove about it."""

    value: Floats  # per role of the problem; −∞ outside of the part
    bound: float
    converged: bool = False
    master_value: float = np.inf
    dual: Floats = field(default_factory=lambda: np.empty(0))
    kept: dict[int, float] = field(default_factory=dict)


class Search:
    """The state shared by every step: bundles met, sets settled, threads."""

    def __init__(self, t: Tables, *, pace: Pace, threads: int, slots: int) -> None:
        self.t = t
        self.pace = pace
        self.pool = Pool()
        self.memory: Memory = memory_for(t, slots)
        self.deepest = deepest_of(t)
        self.step = step_of(t, self.deepest)
        self.threads = threads
        self._workers = ThreadPoolExecutor(threads) if threads > 1 else None

    def close(self) -> None:
        if self._workers:
            self._workers.shutdown()

    def alone(self) -> "Search":
        """The same search on one thread, for a part that runs beside others."""
        twin = copy(self)
        twin.threads = 1
        twin._workers = None
        return twin

    def market(self, rounds: int) -> Market:
        """First prices, from selling the weeks of all experts."""
        found = market_of(
            self.t, rounds=rounds, workers=self._workers, threads=self.threads
        )
        self.pace.work(_OFFER * rounds * len(self.t.pair_role))
        return found

    def price(self, experts: Ints, value: Floats, *, limit: int, keep: int) -> Priced:
        """The best bundles of each expert at these prices."""
        chunk = max(1, min(64, len(experts) // (4 * self.threads) or 1))
        if limit >= 30_000:
            chunk = 1
        parts = [experts[i : i + chunk] for i in range(0, len(experts), chunk)]

        def one(part: Ints) -> Priced:
            n = len(part)
            roles = np.empty((n, keep, self.deepest), np.int64)
            size = np.empty((n, keep), np.int64)
            cost = np.empty((n, keep))
            gain = np.empty((n, keep))
            most = np.empty(n)
            kept = np.empty(n, np.int64)
            # Past the time, the bounds that are missing are only taken roughly.
            depth = limit if not self.pace.over() else min(limit, 20)
            if self.step:
                nodes = price_by_knapsack(
                    self.t, part, value, self.step,
                    roles, size, cost, gain, most, kept,
                )  # fmt: skip
            else:
                nodes = price_experts(
                    self.t, part, value, np.zeros(n), depth, self.memory,
                    roles, size, cost, gain, most, kept,
                )  # fmt: skip
            found = [
                (
                    int(part[i]),
                    tuple(sorted(roles[i, k, : size[i, k]].tolist())),
                    float(cost[i, k]),
                    float(gain[i, k]),
                )
                for i in range(n)
                for k in range(kept[i])
            ]
            return Priced(found, most, nodes)

        done = list(
            self._workers.map(one, parts)
            if self._workers and len(parts) > 1
            else map(one, parts)
        )
        nodes = sum(p.nodes for p in done)
        self.pace.work(_NODE * nodes + 2e-5 * len(experts))
        return Priced(
            [f for p in done for f in p.found],
            np.concatenate([p.most for p in done]) if done else np.empty(0),
            nodes,
        )

    def bound_at(self, value: Floats, roles: Ints, most: Floats) -> float:
        """The proven bound; trimmed by what floating point could have lost."""
        paid = float(value[roles].sum())
        gained = float(np.maximum(0.0, most).sum())
        return paid - gained - 1e-9 * (abs(paid) + gained)

    def first_plan(
        self, experts: Ints, value: Floats, *, limit: int = 200
    ) -> list[Bundle]:
        """Experts in turn take their best bundle of what is left."""
        left = value.copy()
        plan = []
        for e in experts.tolist():
            mine = self.t.pair_role[self.t.first[e] : self.t.first[e + 1]]
            if not np.isfinite(left[mine]).any():
                continue
            found = self.price(np.array([e]), left, limit=limit, keep=1).found
            if found:
                _, who, cost, _ = found[0]
                plan.append(self.pool.add(e, who, cost)[0])
                left[list(who)] = -np.inf
        return plan

    def cost_of(self, plan: Sequence[Bundle], roles: Ints) -> float:
        served = {r for b in plan for r in b.roles}
        return sum(b.cost for b in plan) + float(
            sum(self.t.reject[r] for r in roles.tolist() if r not in served)
        )

    def generate(
        self,
        master: Master,
        prices: Prices,
        *,
        until: float,
        limit: int,
        keep: int,
        on_step: Callable[[float, float], None] | None = None,
        enough: float = 1e-4,
        rounds: int = 10_000,
        corner: bool = False,
        hurry: bool = False,
    ) -> Prices:
        """Add bundles to a master until its prices cannot be improved.

        `until` is a fraction of the pace; `prices` is where to start from, and the
        best prices by their bound come back. `enough` is the relative distance
        between the master and the bound at which to stop; in a `hurry`, it also
        stops when the master hardly falls any more.
        """
        experts, roles = master.experts, master.roles
        simplex = len(roles) <= _SMALL_MASTER
        ceiling = self.t.reject[roles]
        at = {int(e): i for i, e in enumerate(experts)}
        blend = 0.8
        outside = np.full(len(self.t.reject), -np.inf)
        value = prices.value
        dual: Floats | None = None
        gains = np.zeros(len(experts))
        history: list[tuple[float, float]] = []
        for turn in range(rounds):
            priced = self.price(experts, value, limit=limit, keep=keep)
            bound = self.bound_at(value, roles, priced.most)
            if dual is not None:
                slope = self._slope(priced, roles, dual, prices.value)
                blend = (
                    max(0.0, blend - 0.1) if slope > 0 else blend + 0.1 * (1 - blend)
                )
                blend = min(blend, 0.95)
            if bound > prices.bound:
                prices.bound = bound
                prices.value = value.copy()
            offered = []
            for e, who, cost, _ in priced.found:
                if dual is not None:
                    reduced = cost - dual[list(who)].sum() + gains[at[e]]
                    if reduced > -1e-6:
                        continue
                offered.append(self.pool.add(e, who, cost)[0])
            if (
                dual is not None
                and turn % 5 == 4
                and len(master.columns) > 12 * (len(roles) + len(experts))
            ):
                self._forget(master, dual, gains, at)
            fresh = master.add(offered)
            if not fresh and dual is not None and blend == 0.0:
                prices.converged = True
                break
            if fresh or dual is None:
                level, part, gains = master.solve(simplex=simplex, corner=corner)
                self.pace.work(2e-3 + 6e-6 * (len(master.columns) + len(roles)))
                dual = outside.copy()
                dual[roles] = np.minimum(part, ceiling)
                prices.master_value = level
            else:
                blend = 0.0
            prices.dual = dual
            prices.kept = {int(e): float(gains[i]) for i, e in enumerate(experts)}
            if on_step:
                on_step(prices.bound, prices.master_value)
            if prices.master_value - prices.bound <= enough * abs(prices.master_value):
                prices.converged = True
                break
            if self.pace.over(until):
                break
            # Nothing moves any more: what is left is for deeper pricing to prove.
            history.append((prices.bound, prices.master_value))
            if hurry and len(history) > 3:
                before = history[-3][1]
                if before - prices.master_value < 0.004 * abs(before):
                    break
            if len(history) > 5:
                was_bound, was_value = history[-6]
                moved = (prices.bound - was_bound) + (was_value - prices.master_value)
                if moved < 0.05 * (prices.master_value - prices.bound):
                    break
            value = outside.copy()
            value[roles] = blend * prices.value[roles] + (1.0 - blend) * dual[roles]
        return prices

    def _slope(
        self, priced: Priced, roles: Ints, dual: Floats, centre: Floats
    ) -> float:
        """How the bound changes when going from the centre towards the dual."""
        cover = np.zeros(len(dual))
        cover[roles] = 1.0
        best: dict[int, tuple[float, tuple[int, ...]]] = {}
        for e, who, _, gain in priced.found:
            if e not in best or gain > best[e][0]:
                best[e] = (gain, who)
        for _, who in best.values():
            cover[list(who)] -= 1.0
        return float((cover[roles] * (dual[roles] - centre[roles])).sum())

    def _forget(
        self, master: Master, dual: Floats, gains: Floats, at: dict[int, int]
    ) -> None:
        """Drop the half of the columns that the prices like least."""
        reduced = np.array(
            [
                b.cost - dual[list(b.roles)].sum() + gains[at[b.expert]]
                for b in master.columns
            ]
        )
        edge = np.median(reduced)
        master.keep([bool(x <= edge) for x in reduced])

    def pick(
        self,
        master: Master,
        prices: Prices,
        plan: Sequence[Bundle],
        *,
        seconds: float,
        most_columns: int = 4000,
    ) -> list[Bundle]:
        """Choose among the bundles that the prices like, never worse than `plan`."""
        columns = {(b.expert, b.roles): b for b in master.columns}
        known = {(b.expert, b.roles) for b in plan}
        columns.update({(b.expert, b.roles): b for b in plan})
        slack = max(0.0, self.cost_of(plan, master.roles) - prices.master_value)
        ranked = sorted(
            (
                b.cost
                - float(prices.dual[list(b.roles)].sum())
                + prices.kept.get(b.expert, 0.0),
                key,
            )
            for key, b in columns.items()
        )
        picked = [
            key
            for n, (reduced, key) in enumerate(ranked)
            if key in known or (reduced <= slack + 1e-6 and n < most_columns)
        ]
        bundles = [columns[key] for key in picked]
        start = [i for i, key in enumerate(picked) if key in known]
        chosen, _, _ = choose(
            master.roles.tolist(), master.experts.tolist(), self.t.reject,
            bundles, start,
            seconds=None if self.pace.counted else min(seconds, self.pace.left()),
            nodes=max(20, int(100 * seconds)) if self.pace.counted else None,
        )  # fmt: skip
        self.pace.work(min(seconds, 0.01 + 4e-5 * len(bundles)))
        return [bundles[i] for i in chosen]
