"""Staff the whole at once: the plan, its proof, and how far apart they are.

Prices come first (`lagrange`), then bundles at those prices and a linear program
over them (`search`), then the choice among bundles and its improvement
(`improve`). The bound is proven at every step and only rises; the plan is checked
by code that shares nothing with the search (`plan.faults_of`).
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from partage.rules.staffing.ascent import Ascent
from partage.rules.staffing.branch import branch
from partage.rules.staffing.bundles import doubt_again, schedule_of
from partage.rules.staffing.improve import dive, dive_one_by_one, improve
from partage.rules.staffing.knapsack import assign, rank_of_pairs
from partage.rules.staffing.large import Slope, climb, round_off, shortlist
from partage.rules.staffing.master import Bundle, Master, SolverFailed
from partage.rules.staffing.pace import Pace
from partage.rules.staffing.plan import (
    Assignment,
    Plan,
    cost_of,
    faults_of,
    net_gap_percent,
    unavoidable_of,
)
from partage.rules.staffing.problem import (
    SECONDS_PER_HOUR,
    Candidate,
    Expert,
    Mandate,
    Problem,
    Role,
)
from partage.rules.staffing.schedule import IMPOSSIBLE, UNKNOWN
from partage.rules.staffing.search import Prices, Search, bundle_of
from partage.rules.staffing.tables import Ints, Tables, tables_of

_WHOLE = 500  # roles up to which linear programs are the faster way
_DEEP = 200  # roles of a single week up to which a dive is the faster way
_FAR = 0.03  # of the cost: a plan so far from its bound is made anew at better prices
_VAST = 5_000  # roles from which each look at an expert must be shorter


class PlannerMistaken(AssertionError):
    """The search made a plan that breaks a rule. It is never handed out."""


@dataclass(frozen=True, slots=True)
class Progress:
    seconds: float
    cost: float
    bound: float
    unavoidable: float

    @property
    def net_gap_percent(self) -> float:
        return net_gap_percent(self.cost, self.bound, self.unavoidable)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The plan, and what planning taught: what each role was worth to serve."""

    plan: Plan
    role_values: tuple[float, ...]
    seconds: float


def plan_staffing(
    problem: Problem,
    *,
    seconds: float,
    clock: Callable[[], float] | None = None,
    threads: int = 1,
    seed: int = 0,
    progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Outcome:
    """Plan a problem as well as `seconds` allow.

    With a `clock` (monotonic seconds) the budget is time. Without one it is counted
    work, about a second per unit, and the same call always gives the same plan.
    Raises PlannerMistaken rather than return a plan that breaks a rule.
    """
    pace = Pace(budget=seconds, clock=clock, should_stop=should_stop)
    t = tables_of(problem)
    unavoidable = unavoidable_of(problem)
    n_experts, n_roles = len(problem.experts), len(problem.roles)
    slots = int(max(64, min(8192, 6_000_000 // max(1, n_experts))))
    search = Search(t, pace=pace, threads=threads, slots=slots)
    run = _Run(search, unavoidable, seed, progress)
    try:
        if not n_roles or not len(t.pair_role):
            run.bound = float(t.reject.sum())
        elif search.step:
            run.one_week()
        elif n_roles <= _WHOLE:
            run.whole()
        else:
            run.large()
    except SolverFailed:
        # What is found stands, and so does the bound: prices prove it, no solver.
        with suppress(SolverFailed):
            run.polish(Prices(run.value, run.bound, dual=run.value), 1.0)
    finally:
        search.close()
    assignments = assignments_of(t, run.plan)
    faults = faults_of(problem, assignments)
    if faults:
        raise PlannerMistaken(faults[0])
    cost = cost_of(problem, assignments)
    plan = Plan(
        assignments=assignments,
        cost=cost,
        bound=min(run.bound, cost.total),
        unavoidable=unavoidable,
        rejected=n_roles - len(assignments),
    )
    return Outcome(plan, tuple(run.value.tolist()), pace.spent())


def prepare() -> None:
    """Compile what is not compiled yet: tens of seconds once, then kept on disk.

    A caller whose clock matters calls this before it starts the clock.
    """
    hour = SECONDS_PER_HOUR
    role = Role("r", 0, 0, 0, 1, 4 * hour, hour, 4 * hour, 100.0, 1.0, ())
    everyone = (Candidate(0, 1.0, 4 * hour), Candidate(1, 2.0, 6 * hour))
    problem = Problem(
        name="",
        weeks=2,
        team_cost=1.0,
        overload_cost_per_hour=1.0,
        experts=tuple(Expert(f"e{i}", (5 * hour, 5 * hour), 2, hour) for i in (0, 1)),
        mandates=tuple(Mandate(f"m{i}", None) for i in range(4)),
        roles=tuple(replace(role, id=f"r{i}", candidates=everyone) for i in range(4)),
    )
    one_week = replace(
        problem,
        weeks=1,
        experts=tuple(Expert(f"e{i}", (5 * hour,), 2, hour) for i in (0, 1)),
        roles=tuple(
            replace(r, mandate=i, until_week=0) for i, r in enumerate(problem.roles)
        ),
    )
    # A single week is priced and climbed by code of its own.
    for each in (problem, one_week):
        plan_staffing(each, seconds=1.0)


class _Run:
    """One planning: the best plan and the best bound so far."""

    def __init__(
        self,
        search: Search,
        unavoidable: float,
        seed: int,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self.search = search
        self.pace = search.pace
        self.t = search.t
        self.seed = seed
        self.experts = np.arange(len(self.t.capacity))
        self.roles = np.arange(len(self.t.reject))
        self.plan: list[Bundle] = []
        self.cost = float(self.t.reject.sum())
        self.bound = -np.inf
        self.value = self.t.reject.copy()
        self._unavoidable = unavoidable
        self._progress = progress

    def told(self) -> None:
        if self._progress:
            self._progress(
                Progress(self.pace.spent(), self.cost, self.bound, self._unavoidable)
            )

    def offer(self, plan: list[Bundle]) -> None:
        cost = self.search.cost_of(plan, self.roles)
        if cost < self.cost:
            self.plan, self.cost = plan, cost
        self.told()

    def proven(self, bound: float) -> None:
        if bound > self.bound:
            self.bound = bound
            self.told()

    def done(self, until: float = 1.0) -> bool:
        return self.pace.over(until) or self.cost - self.bound <= 1e-6 * abs(self.cost)

    def begin(self, rounds: int) -> None:
        market = self.search.market(rounds)
        self.search.memory.week_price[:, :-1] = market.week_price
        self.value = market.role_value
        self.proven(market.bound)
        dice = np.random.default_rng(self.seed)
        # Cautious prices serve a small problem; a large one needs a push.
        for turn in (0, 1) if len(self.experts) < 2000 else (1,):
            order = dice.permutation(self.experts)
            worth = np.minimum(self.t.reject, (1.0 + 0.3 * turn) * self.value)
            self.offer(self.search.first_plan(order, worth, limit=100))
            if self.pace.over(0.5):
                break

    def whole(self) -> None:
        """One linear program over everything."""
        search = self.search
        small = len(self.roles) <= 400
        self.begin(150 if small else 100)
        master = Master(self.roles, self.experts, self.t.reject)
        master.add(self.plan)
        keep = 6 if small else 3

        def told(bound: float, _: float) -> None:
            self.proven(bound)

        # A good plan first, then the proof, then what is left for both.
        prices = search.generate(
            master, Prices(self.value.copy(), self.bound), until=0.5,
            limit=1_000 if small else 200, keep=keep, on_step=told, hurry=True,
        )  # fmt: skip
        self.learn(prices)
        self.offer(dive(search, master, prices, until=0.85))
        for limit, until in ((3_000, 0.7), (30_000, 0.8), (300_000, 0.85)):
            if self.done(until):
                break
            prices = search.generate(
                master, prices, until=until, limit=limit, keep=keep, on_step=told
            )
            self.learn(prices)
        if not self.done():
            self.choose_again(master, prices, 0.3)
        self.prove(master, prices, until=0.8)
        if small and not self.done(0.5):
            self.split(master, prices, until=0.85)
        if not self.done():
            # Half of what is left; a choice that finds nothing would take as much.
            self.polish(prices, 0.5 * (1.0 + self.pace.spent() / self.pace.budget))
        if not self.done():
            self.choose_again(master, prices, 0.5)
            self.polish(prices, 1.0)

    def one_week(self) -> None:
        """A generalized assignment: pricing is exact, the choice is pair by pair."""
        search = self.search
        self.begin(100)
        ascent = Ascent(len(self.experts), self.t.reject)
        ascent.add(self.plan)
        slope = Slope(centre=self.value, value=self.value)
        climb(search, ascent, slope, until=0.4, limit=1, on_bound=self.proven)
        self.value = slope.centre
        if self.done():
            return
        # Dives, no two alike; then a few experts at a time, everyone else held still.
        dice = np.random.default_rng(self.seed)
        owner = np.repeat(self.experts, np.diff(self.t.first))
        many = len(self.experts)
        if len(self.roles) <= _DEEP:
            master = shortlist(
                ascent, slope.centre, self.roles, self.experts, self.t.reject, each=60
            )
            prices = search.generate(
                master, Prices(slope.centre, slope.bound, dual=slope.centre),
                until=0.5, limit=1, keep=6, enough=1e-7,
                on_step=lambda bound, _: self.proven(bound),
            )  # fmt: skip
            self.learn(prices)
        else:
            # The linear program of so wide bundles would take the whole time.
            master = None
            pairs = np.flatnonzero(rank_of_pairs(self.t) < 4)
            self.choose_pairs([], pairs, self.roles, 0.3 * self.pace.left())
        turn = 0
        while not self.done():
            if master:
                # Who is left at the end is few enough for a choice that is exact.
                tail = min(5, many // 2) + turn % 2 if turn else 5
                fixed = dive_one_by_one(
                    search, master, prices, tail=tail, dice=dice if turn else None
                )
                self.choose_rest(fixed, owner, min(4.0, self.pace.left()))
            turn += 1
            for some in (3, 4, 5):
                if self.done():
                    return
                drawn = min(some, max(1, many - 1))
                lot = set(dice.choice(self.experts, drawn, replace=False).tolist())
                others = [b for b in self.plan if b.expert not in lot]
                self.choose_rest(others, owner, min(2.0, self.pace.left()))

    def choose_rest(self, fixed: list[Bundle], owner: Ints, seconds: float) -> None:
        """Who is not in `fixed` takes what it leaves, pair by pair."""
        free = np.ones(len(self.roles), np.bool_)
        idle = np.ones(len(self.experts), np.bool_)
        for b in fixed:
            free[list(b.roles)] = False
            idle[b.expert] = False
        inside = free[self.t.pair_role] & idle[owner]
        self.choose_pairs(fixed, np.flatnonzero(inside), np.flatnonzero(free), seconds)

    def choose_pairs(
        self, fixed: list[Bundle], pairs: Ints, roles: Ints, seconds: float
    ) -> None:
        counted = self.pace.counted
        chosen = assign(
            self.t,
            pairs,
            roles,
            seconds=None if counted else seconds,
            nodes=max(20, int(100 * seconds)) if counted else None,
        )
        self.pace.work(max(0.02, seconds))
        found = [bundle_of(self.t, e, mine)[1] for e, mine in chosen]
        self.offer(
            fixed + [self.search.pool.add(b.expert, b.roles, b.cost)[0] for b in found]
        )

    def large(self) -> None:
        """Too many roles for linear programs: prices by ascent, one bound for all."""
        search = self.search
        self.begin(60)
        ascent = Ascent(len(self.experts), self.t.reject)
        ascent.add(self.plan)
        slope = Slope(centre=self.value, value=self.value)
        limit = 300 if len(self.roles) <= _VAST else 150
        climb(search, ascent, slope, until=0.35, limit=limit, on_bound=self.proven)
        self.value = slope.value
        began = self.pace.spent()
        self.offer(round_off(search, ascent, slope, until=0.65))
        rounding = self.pace.spent() - began
        for limit, until in ((3_000, 0.7), (30_000, 0.75), (300_000, 0.77)):
            if self.done(until):
                break
            slope.value = slope.centre
            climb(search, ascent, slope, until=until, limit=limit, on_bound=self.proven)
            self.value = slope.centre
        far = self.cost - self.bound > _FAR * self.cost
        if far and self.pace.left() > 1.2 * rounding and not self.done():
            self.offer(round_off(search, ascent, slope, until=0.97))
        if not self.done():
            self.polish(Prices(self.value, self.bound, dual=self.value), 1.0)

    def split(self, master: Master, prices: Prices, *, until: float) -> None:
        """Prove what no price proves, by cases; a case found whole may be a plan."""

        def whole(chosen: Sequence[tuple[int, tuple[int, ...]]]) -> float:
            found = [bundle_of(self.t, e, who) for e, who in chosen]
            if all(status not in (IMPOSSIBLE, UNKNOWN) for status, _ in found):
                pool = self.search.pool
                self.offer([pool.add(b.expert, b.roles, b.cost)[0] for _, b in found])
            return self.cost

        branch(
            self.search, master.columns, prices.value, cost=self.cost, until=until,
            on_bound=self.proven, on_plan=whole,
        )  # fmt: skip

    def learn(self, prices: Prices) -> None:
        self.value = np.where(np.isfinite(prices.value), prices.value, 0.0)

    def choose_again(self, master: Master, prices: Prices, share: float) -> None:
        seconds = max(0.1, share * self.pace.left())
        self.offer(self.search.pick(master, prices, self.plan, seconds=seconds))

    def polish(self, prices: Prices, until: float) -> list[Bundle]:
        guide = np.where(np.isfinite(prices.dual), prices.dual, 0.0)
        # Once more is elsewhere, not where it looked already.
        self.seed += 1
        return improve(
            self.search,
            self.plan,
            guide,
            seed=self.seed,
            size=min(len(self.experts), 45),
            until=until,
            on_better=self.offer,
            floor=self.bound,
        )

    def prove(self, master: Master, prices: Prices, *, until: float) -> None:
        """Settle the doubtful sets deeper, then price to the end once more."""
        for nodes in (1_000, 10_000):
            if self.done(until):
                return
            doubt_again(self.search.memory, nodes=nodes)
            prices.converged = False
            self.search.generate(
                master, prices, until=until, limit=300_000, keep=6,
                on_step=lambda bound, _: self.proven(bound),
            )  # fmt: skip
            self.learn(prices)


def assignments_of(t: Tables, plan: Sequence[Bundle]) -> tuple[Assignment, ...]:
    """Lay the bundles out in weeks."""
    laid: list[Assignment] = []
    weeks = t.capacity.shape[1]
    for bundle in plan:
        e = bundle.expert
        mine = t.pair_role[t.first[e] : t.first[e + 1]]
        roles = np.array(bundle.roles, np.int64)
        pairs = t.first[e] + np.searchsorted(mine, roles)
        hours = np.zeros((len(roles), weeks), np.int64)
        status, _, _ = schedule_of(t, e, roles, pairs, 10_000, hours)
        if status in (IMPOSSIBLE, UNKNOWN):
            raise PlannerMistaken(f"bundle {bundle} has no schedule")
        for i, r in enumerate(bundle.roles):
            used = np.flatnonzero(hours[i])
            laid.append(
                Assignment(r, e, tuple((int(w), int(hours[i, w])) for w in used))
            )
    return tuple(sorted(laid, key=lambda a: a.role))
