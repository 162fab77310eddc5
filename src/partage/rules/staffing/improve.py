"""Making a plan better, one neighbourhood at a time.

A neighbourhood is a few experts who compete for the same roles. With everyone
else held still it is a small staffing problem, solved by the same bundles and
prices as the whole; the plan only ever gets better.
"""

from collections.abc import Callable, Sequence

import numpy as np

from partage.rules.staffing.master import Bundle, Master
from partage.rules.staffing.search import Prices, Search
from partage.rules.staffing.tables import Floats, Ints


class Neighbourhoods:
    """Who competes with whom, and draws of neighbourhoods."""

    def __init__(self, search: Search, *, seed: int) -> None:
        t = search.t
        self.t = t
        owner = np.repeat(np.arange(len(t.capacity)), np.diff(t.first))
        order = np.argsort(t.pair_role, kind="stable")
        self._expert = owner[order]
        self._base = (t.pair_cost + t.pair_late)[order]
        self._first = np.searchsorted(t.pair_role[order], np.arange(len(t.reject) + 1))
        self._dice = np.random.default_rng(seed)

    def candidates(self, role: int) -> Ints:
        """Experts who could take a role, the cheapest first."""
        part = slice(self._first[role], self._first[role + 1])
        found: Ints = self._expert[part][np.argsort(self._base[part], kind="stable")]
        return found

    def draw(self, plan: Sequence[Bundle], size: int, regret: Floats) -> Ints:
        """Some experts around one role; `regret` weighs which role."""
        holder = np.full(len(self.t.reject), -1)
        work: dict[int, tuple[int, ...]] = {}
        for b in plan:
            holder[list(b.roles)] = b.expert
            work[b.expert] = b.roles
        total = regret.sum()
        role = int(
            self._dice.choice(len(regret), p=regret / total)
            if total > 0
            else self._dice.integers(len(regret))
        )
        chosen: dict[int, None] = {}
        queue = [role]
        while queue and len(chosen) < size:
            # Mostly the roles found first, so that the experts stay related.
            r = queue.pop(int(self._dice.integers(min(3, len(queue)))))
            if holder[r] >= 0:
                chosen.setdefault(int(holder[r]))
            near = self.candidates(r)
            if len(near) > 6:
                lot = self._dice.random(len(near)) * np.arange(1, len(near) + 1)
                near = near[np.argsort(lot, kind="stable")[:6]]
            for e in near.tolist():
                if len(chosen) >= size:
                    break
                if e not in chosen:
                    chosen[e] = None
                    queue.extend(work.get(e, ()))
        return np.array(sorted(chosen), np.int64)


def improve(
    search: Search,
    plan: list[Bundle],
    value: Floats,
    *,
    seed: int,
    size: int,
    until: float,
    on_better: Callable[[list[Bundle]], None],
    floor: float = -np.inf,
    rounds: int = 1_000_000,
) -> list[Bundle]:
    """Solve drawn neighbourhoods until the pace is used; return the best plan.

    `value` is a price per role that the whole is worth about; it only guides.
    """
    t = search.t
    near = Neighbourhoods(search, seed=seed)
    everything = np.arange(len(t.reject))
    cost = search.cost_of(plan, everything)
    failures = 0
    for _ in range(rounds):
        if search.pace.over(until) or cost <= floor + 1e-6:
            break
        served = {r for b in plan for r in b.roles}
        regret = np.zeros(len(t.reject))
        for b in plan:
            # What a bundle costs beyond what its roles are worth.
            over = max(0.0, b.cost - float(value[list(b.roles)].sum()))
            regret[list(b.roles)] = over / len(b.roles) + 1.0
        for r in everything.tolist():
            if r not in served and near._first[r + 1] > near._first[r]:
                regret[r] = max(1.0, t.reject[r] - value[r])
        experts = near.draw(plan, size, regret)
        better = solve_part(search, plan, experts, value, until=until)
        new_cost = search.cost_of(better, everything)
        if new_cost < cost - 1e-6:
            plan, cost = better, new_cost
            on_better(plan)
            failures = 0
        else:
            failures += 1
            if failures % 12 == 11:
                size = min(len(t.capacity), int(size * 1.4) + 1)
    return plan


def solve_part(
    search: Search,
    plan: Sequence[Bundle],
    experts: Ints,
    value: Floats,
    *,
    until: float,
    limit: int = 300,
    rounds: int = 12,
    seconds: float = 2.0,
) -> list[Bundle]:
    """Plan some experts anew, with the roles they have and those nobody has."""
    t = search.t
    inside = set(experts.tolist())
    fixed = [b for b in plan if b.expert not in inside]
    mine = [b for b in plan if b.expert in inside]
    taken = {r for b in fixed for r in b.roles}
    reach = np.zeros(len(t.reject), np.bool_)
    for e in experts:
        reach[t.pair_role[t.first[e] : t.first[e + 1]]] = True
    reach[list(taken)] = False
    roles = np.flatnonzero(reach)
    if len(roles) == 0:
        return list(plan)
    master = Master(roles, experts, t.reject)
    allowed = reach
    columns = [
        b
        for e in experts.tolist()
        for b in search.pool.of(e)
        if allowed[list(b.roles)].all()
    ]
    master.add(columns)
    master.add(mine)
    start = np.full(len(t.reject), -np.inf)
    start[roles] = np.minimum(value[roles], t.reject[roles])
    prices = search.generate(
        master,
        Prices(start, -np.inf),
        until=until,
        limit=limit,
        keep=4,
        rounds=rounds,
        enough=2e-4,
    )
    left = seconds if search.pace.counted else min(seconds, search.pace.left())
    return fixed + search.pick(master, prices, mine, seconds=max(0.05, left))


def dive(
    search: Search,
    master: Master,
    prices: Prices,
    *,
    until: float,
    limit: int = 200,
    rest: int = 40,
) -> list[Bundle]:
    """Round the linear program: take what it takes nearly whole, price again, repeat.

    Returns a plan for the roles and experts of the master.
    """
    t = search.t
    plan: list[Bundle] = []
    free_roles = np.zeros(len(t.reject), np.bool_)
    free_roles[master.roles] = True
    free_experts = np.zeros(len(t.capacity), np.bool_)
    free_experts[master.experts] = True
    current, found = master, prices
    while True:
        if current is not master:
            start = np.where(free_roles, found.dual, -np.inf)
            found = search.generate(
                current, Prices(start, -np.inf), until=until, limit=limit, keep=3,
                rounds=3, enough=2e-4, corner=True,
            )  # fmt: skip
        share = current.basics()
        ranked = sorted(
            (-float(x), b.expert, b.roles, b)
            for x, b in zip(share, current.columns, strict=True)
            if x > 0.05
        )
        small = int(free_roles.sum()) <= rest
        if small and not search.pace.over(until):
            mine = search.pick(current, found, [], seconds=1.0)
            return plan + mine
        if not ranked:
            break
        least = max(1, int(free_experts.sum()) // 10)
        taken = 0
        for x, e, roles, b in ranked:
            if -x < 0.8 and taken >= least and not search.pace.over(until):
                break
            if free_experts[e] and free_roles[list(roles)].all():
                plan.append(b)
                free_experts[e] = False
                free_roles[list(roles)] = False
                taken += 1
        if taken == 0 or search.pace.over(until) or not free_experts.any():
            break
        current_columns = [
            b
            for b in current.columns
            if free_experts[b.expert] and free_roles[list(b.roles)].all()
        ]
        current = Master(
            np.flatnonzero(free_roles), np.flatnonzero(free_experts), t.reject
        )
        current.add(current_columns)
    # Out of time, or nothing left to round: whoever is free takes what is left.
    left = np.where(free_roles, t.reject, -np.inf)
    return plan + search.first_plan(np.flatnonzero(free_experts), left, limit=30)


def dive_one_by_one(
    search: Search,
    master: Master,
    prices: Prices,
    *,
    tail: int,
    dice: np.random.Generator | None = None,
) -> list[Bundle]:
    """Fix the bundle that is most nearly whole, price to the end, until few are left.

    For problems whose pricing is exact and quick. With `dice`, what is most nearly
    whole is drawn a little at random. At least `tail` experts stay without bundle.
    """
    t = search.t
    plan: list[Bundle] = []
    free_roles = np.zeros(len(t.reject), np.bool_)
    free_roles[master.roles] = True
    free_experts = np.zeros(len(t.capacity), np.bool_)
    free_experts[master.experts] = True
    current, found = master, prices
    while int(free_experts.sum()) > tail and not search.pace.over():
        share = current.basics()
        if dice is not None:
            share = share * (1.0 - 0.3 * dice.random(len(share)))
        columns = current.columns
        if not len(share) or share.max() < 0.05:
            break
        best = columns[int(np.argmax(share))]
        plan.append(best)
        free_experts[best.expert] = False
        free_roles[list(best.roles)] = False
        current = Master(
            np.flatnonzero(free_roles), np.flatnonzero(free_experts), t.reject
        )
        current.add(
            [
                b
                for b in columns
                if free_experts[b.expert] and free_roles[list(b.roles)].all()
            ]
        )
        start = np.where(free_roles, found.dual, -np.inf)
        found = search.generate(
            current, Prices(start, -np.inf), until=1.0, limit=1, keep=6, rounds=25,
            enough=1e-5,
        )  # fmt: skip
    return plan
