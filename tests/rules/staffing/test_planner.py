from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partage.rules.staffing.ascent import Ascent
from partage.rules.staffing.branch import branch
from partage.rules.staffing.lagrange import market_of
from partage.rules.staffing.large import Slope, climb
from partage.rules.staffing.master import Bundle, Master, Pool, SolverFailed
from partage.rules.staffing.pace import Pace
from partage.rules.staffing.plan import cost_of, faults_of, unavoidable_of
from partage.rules.staffing.planner import plan_staffing
from partage.rules.staffing.search import Prices, Search, bundle_of
from partage.rules.staffing.tables import Floats, tables_of
from tests.rules.staffing.small import (
    best_cost,
    one_week_problem,
    shared_problem,
    small_problem,
    spread_problem,
)

SEEDS = st.integers(0, 1_000_000)


class TestAPlan:
    @settings(max_examples=40, deadline=None)
    @given(SEEDS)
    def test_costs_no_less_and_is_bounded_by_no_more_than_the_best_of_all_plans(
        self, seed: int
    ) -> None:
        problem = small_problem(seed)
        best = best_cost(problem)
        plan = plan_staffing(problem, seconds=0.2).plan
        assert plan.bound <= best + 1e-6
        assert plan.cost.total >= best - 1e-6

    @settings(max_examples=30, deadline=None)
    @given(SEEDS)
    def test_keeps_every_rule_and_costs_what_it_says(self, seed: int) -> None:
        problem = small_problem(seed, experts=4, roles=7, weeks=5)
        plan = plan_staffing(problem, seconds=0.2).plan
        assert faults_of(problem, plan.assignments) == []
        assert plan.cost == cost_of(problem, plan.assignments)
        assert plan.unavoidable == unavoidable_of(problem) <= plan.cost.reject
        assert plan.rejected == 7 - len(plan.assignments)

    def test_is_the_best_of_all_on_nearly_every_small_problem(self) -> None:
        missed = [
            seed
            for seed in range(25)
            if plan_staffing(small_problem(seed), seconds=0.2).plan.cost.total
            > best_cost(small_problem(seed)) + 1e-6
        ]
        assert len(missed) <= 1

    def test_is_the_same_for_the_same_problem_seed_and_work(self) -> None:
        problem = small_problem(5, experts=6, roles=14, weeks=6)
        first = plan_staffing(problem, seconds=0.5, seed=2).plan
        assert plan_staffing(problem, seconds=0.5, seed=2).plan == first
        assert plan_staffing(problem, seconds=0.5, seed=2, threads=2).plan == first

    def test_stops_when_asked_with_the_best_so_far(self) -> None:
        problem = small_problem(5, experts=6, roles=14, weeks=6)
        plan = plan_staffing(problem, seconds=1e9, should_stop=lambda: True).plan
        assert faults_of(problem, plan.assignments) == []
        assert plan.bound <= plan.cost.total

    @pytest.mark.parametrize("answers", [0, 1, 3])
    def test_stands_when_a_solver_gives_up(
        self, answers: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        problem = shared_problem()
        left = [answers]

        def gives_up(master: Master, **asked: bool) -> tuple[float, Floats, Floats]:
            left[0] -= 1
            if left[0] < 0:
                raise SolverFailed("Unknown")
            return solve(master, **asked)

        solve = Master.solve
        monkeypatch.setattr(Master, "solve", gives_up)
        plan = plan_staffing(problem, seconds=0.5).plan
        assert left[0] < 0, "no solver was asked so often"
        assert faults_of(problem, plan.assignments) == []
        assert plan.bound <= best_cost(problem) + 1e-6 <= plan.cost.total + 2e-6
        assert plan.assignments

    def test_tells_how_it_goes_and_its_bound_never_falls(self) -> None:
        steps = []
        plan_staffing(
            small_problem(5, experts=6, roles=14, weeks=6),
            seconds=0.5,
            progress=steps.append,
        )
        bounds = [step.bound for step in steps]
        costs = [step.cost for step in steps]
        assert bounds == sorted(bounds)
        assert costs == sorted(costs, reverse=True)

    @settings(max_examples=30, deadline=None)
    @given(SEEDS)
    def test_of_one_week_is_the_best_of_all_and_proves_it(self, seed: int) -> None:
        problem = one_week_problem(seed)
        best = best_cost(problem)
        plan = plan_staffing(problem, seconds=3.0).plan
        assert faults_of(problem, plan.assignments) == []
        assert plan.bound <= best + 1e-6
        assert plan.cost.total == pytest.approx(best)

    def test_of_520_roles_is_whole_and_the_same_each_time(self) -> None:
        problem = spread_problem(experts=130, roles=520)
        first = plan_staffing(problem, seconds=2.0).plan
        assert faults_of(problem, first.assignments) == []
        assert first.net_gap_percent < 5.0
        assert plan_staffing(problem, seconds=2.0, threads=2).plan == first

    @pytest.mark.parametrize("sizes", [{"roles": 0}, {"experts": 0}])
    def test_of_nothing_or_nobody_is_empty(self, sizes: dict[str, int]) -> None:
        problem = small_problem(3, **sizes)
        plan = plan_staffing(problem, seconds=1).plan
        assert plan.assignments == ()
        rejected = sum(r.reject_cost for r in problem.roles)
        assert plan.cost.total == plan.bound == rejected


class TestTheMarketBound:
    @settings(max_examples=30, deadline=None)
    @given(SEEDS, st.integers(1, 60))
    def test_is_never_above_the_best_of_all_plans(self, seed: int, n: int) -> None:
        problem = small_problem(seed)
        if problem.roles:
            assert market_of(tables_of(problem), rounds=n).bound <= (
                best_cost(problem) + 1e-6
            )


class TestTheClimb:
    @settings(max_examples=30, deadline=None)
    @given(SEEDS)
    def test_proves_no_more_than_the_best_of_all_plans(self, seed: int) -> None:
        problem = small_problem(seed)
        t = tables_of(problem)
        search = Search(t, pace=Pace(budget=1.0), threads=1, slots=64)
        slope = Slope(centre=t.reject / 2, value=t.reject / 2)
        bounds: list[float] = []
        climb(
            search,
            Ascent(len(t.capacity), t.reject),
            slope,
            until=1.0,
            limit=1_000,
            on_bound=bounds.append,
        )
        assert bounds == sorted(bounds)
        assert slope.bound <= best_cost(problem) + 1e-6

    def test_of_the_smoothed_prices_knows_its_own_slope(self) -> None:
        ascent = Ascent(2, np.array([90.0, 50.0, 70.0]))
        ascent.add(
            [Bundle(0, (0,), 20.0), Bundle(0, (0, 2), 60.0), Bundle(1, (1, 2), 45.0)]
        )
        value = np.array([30.0, 20.0, 40.0])
        _, slope, share = ascent.level(value, 5.0)
        for r in range(3):
            step = np.eye(3)[r] * 1e-4
            rise = ascent.level(value + step, 5.0)[0]
            fall = ascent.level(value - step, 5.0)[0]
            assert slope[r] == pytest.approx((rise - fall) / 2e-4, abs=1e-4)
        # One bundle at most per expert, so at most one share in all.
        assert share[:2].sum() <= 1.0


class TestBranching:
    @settings(max_examples=40, deadline=None)
    @given(SEEDS, st.integers(3, 5))
    def test_never_proves_more_than_the_best_of_all_plans_and_ends_there(
        self, seed: int, roles: int
    ) -> None:
        problem = small_problem(seed, experts=4, roles=roles)
        t, best = tables_of(problem), best_cost(problem)
        search = Search(t, pace=Pace(budget=600.0), threads=1, slots=256)
        proven = [-np.inf]
        costs = [float(t.reject.sum())]

        def whole(chosen: Sequence[tuple[int, tuple[int, ...]]]) -> float:
            found = [bundle_of(t, e, who)[1] for e, who in chosen]
            costs.append(search.cost_of(found, np.arange(len(t.reject))))
            return min(costs)

        branch(
            search, [], t.reject.copy(), cost=costs[0], until=1.0,
            on_bound=proven.append, on_plan=whole,
        )  # fmt: skip
        assert max(proven) <= best + 1e-6
        assert max(proven) == pytest.approx(best, rel=1e-4)
        assert min(costs) == pytest.approx(best, rel=1e-4)

    def test_proves_what_the_linear_program_leaves_open(self) -> None:
        problem = shared_problem()
        t = tables_of(problem)
        search = Search(t, pace=Pace(budget=60.0), threads=1, slots=256)
        everyone, everything = np.arange(len(t.capacity)), np.arange(len(t.reject))
        master = Master(everything, everyone, t.reject)
        alone = search.generate(
            master, Prices(t.reject.copy(), -np.inf), until=1.0, limit=1000, keep=6
        )
        best = best_cost(problem)
        assert alone.bound < best - 1.0
        proven = [alone.bound]
        branch(
            search, master.columns, alone.value, cost=best, until=1.0,
            on_bound=proven.append, on_plan=lambda _chosen: best,
        )  # fmt: skip
        assert max(proven) == pytest.approx(best, rel=1e-4)


class TestWhatIsKnownOfABundle:
    def test_falls_when_its_weeks_are_found_to_cost_less(self) -> None:
        pool = Pool()
        pool.add(3, (1, 4), 120.0)

        assert pool.add(3, (1, 4), 90.0) == (Bundle(3, (1, 4), 90.0), True)
        assert pool.add(3, (1, 4), 95.0) == (Bundle(3, (1, 4), 90.0), False)

        master = Master(np.arange(5), np.arange(4), np.full(5, 200.0))
        assert master.add([Bundle(3, (1, 4), 120.0)]) == 1
        assert master.add(pool.of(3)) == 1
        assert master.solve()[0] == pytest.approx(3 * 200.0 + 90.0)
