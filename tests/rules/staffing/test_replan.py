from dataclasses import replace

import pytest

from partage.rules.staffing.explain import (
    Held,
    Person,
    Requirement,
    Work,
    explain,
)
from partage.rules.staffing.marginal import (
    HourValue,
    candidates_for,
    hour_values,
    hour_values_by,
)
from partage.rules.staffing.plan import Move, faults_of
from partage.rules.staffing.planner import plan_staffing
from partage.rules.staffing.replan import replan
from partage.rules.staffing.schedule import BRACKETED, EXACT
from partage.rules.staffing.search import bundle_of
from partage.rules.staffing.tables import Tables, tables_of
from tests.rules.staffing.small import small_problem

HOUR = 3600


class TestReplanning:
    def test_after_an_absence_keeps_every_rule_and_moves_few(self) -> None:
        problem = small_problem(5, experts=6, roles=14, weeks=6)
        before = plan_staffing(problem, seconds=0.5)
        for gone in range(6):
            changed = replace(
                problem,
                experts=tuple(
                    replace(e, capacity_seconds=(0,) * problem.weeks)
                    if i == gone
                    else e
                    for i, e in enumerate(problem.experts)
                ),
            )
            after = replan(
                changed,
                before.plan.assignments,
                role_values=before.role_values,
                move_cost=40.0,
                seconds=0.3,
            )
            assert faults_of(changed, after.assignments) == []
            assert all(
                not a.week_seconds for a in after.assignments if a.expert == gone
            )
            cold = plan_staffing(changed, seconds=0.5).plan
            # Each promise that did not move may cost up to the price of moving it.
            assert after.cost.total <= cold.cost.total + 40.0 * len(
                before.plan.assignments
            )

    def test_serves_an_urgent_new_role_before_anything_else(self) -> None:
        problem = small_problem(5, experts=6, roles=14, weeks=6)
        before = plan_staffing(problem, seconds=0.5)
        for given in before.plan.assignments:
            role = problem.roles[given.role]
            # So dear that whoever does least for it has to give their role up.
            urgent = replace(role, id="urgent", reject_cost=40 * role.reject_cost)
            after = replan(
                replace(problem, roles=(*problem.roles, urgent)),
                before.plan.assignments,
                role_values=before.role_values,
                move_cost=40.0,
                seconds=0.3,
                rounds=1,
            )
            assert len(problem.roles) in {a.role for a in after.assignments}

    def test_of_no_change_moves_nobody(self) -> None:
        problem = small_problem(5, experts=6, roles=14, weeks=6)
        before = plan_staffing(problem, seconds=0.5)
        after = replan(
            problem,
            before.plan.assignments,
            role_values=before.role_values,
            move_cost=1_000.0,
            seconds=0.3,
        )
        assert after.moves == ()

    def test_leaves_the_promises_that_cost_too_much_to_move(self) -> None:
        problem = small_problem(5, experts=6, roles=14, weeks=6)
        before = plan_staffing(problem, seconds=0.5)
        held = {a.role: a.expert for a in before.plan.assignments}
        dearer = replace(
            problem,
            roles=tuple(
                replace(
                    role,
                    candidates=tuple(
                        replace(c, cost=c.cost + 35.0 * (c.expert == held.get(i)))
                        for c in role.candidates
                    ),
                )
                for i, role in enumerate(problem.roles)
            ),
        )

        def moved(move_costs: dict[int, float]) -> set[int]:
            found = replan(
                dearer,
                before.plan.assignments,
                role_values=before.role_values,
                move_cost=0.0,
                move_costs=move_costs,
                seconds=0.3,
            )
            return {m.role for m in found.moves}

        free = moved({})
        assert free
        assert not moved(dict.fromkeys(free, 1_000.0)) & free

    def test_leaves_fixed_promises_where_they_are(self) -> None:
        problem = small_problem(5, experts=6, roles=14, weeks=6)
        before = plan_staffing(problem, seconds=0.5)
        held = {a.role: a.expert for a in before.plan.assignments}
        after = replan(
            problem,
            before.plan.assignments,
            role_values=[0.0] * 14,
            move_cost=0.0,
            fixed_roles=held,
            seconds=0.3,
        )
        now = {a.role: a.expert for a in after.assignments}
        assert {r: now.get(r) for r in held} == held


class TestCandidates:
    def test_are_ranked_by_what_they_cost_the_whole(self) -> None:
        problem = small_problem(5, experts=6, roles=14, weeks=6)
        found = plan_staffing(problem, seconds=0.5)
        for role in range(14):
            choices = candidates_for(
                problem,
                found.plan.assignments,
                role,
                role_values=found.role_values,
            )
            assert [c.cost for c in choices] == sorted(c.cost for c in choices)
            able = {c.expert for c in problem.roles[role].candidates}
            assert {c.expert for c in choices} <= able

    def test_cost_what_a_plan_with_their_moves_really_costs_more(self) -> None:
        problem = small_problem(5, experts=6, roles=14, weeks=6)
        found = plan_staffing(problem, seconds=0.5)
        held = {a.role: a.expert for a in found.plan.assignments}
        t = tables_of(problem)
        checked = 0
        for role in range(14):
            without = _cost_with(t, held, [Move(role, held.get(role), None)])
            for choice in candidates_for(
                problem,
                found.plan.assignments,
                role,
                role_values=found.role_values,
                tables=t,
            ):
                assert choice.displaced == tuple(m.role for m in choice.moves)
                moves = [Move(role, None, choice.expert), *choice.moves]
                more = _cost_with(t, held, moves) - without
                saved = problem.roles[role].reject_cost
                assert more == pytest.approx(choice.cost - saved)
                checked += len(choice.moves)
        assert checked > 10

    def test_hour_values_are_gathered_by_field_language_and_province(self) -> None:
        values = [(0.0, 6.0), (2.0, 0.0), (0.0, 0.0)]
        found = hour_values_by(
            values,
            [
                [("field", "droit"), ("language", "fr")],
                [("field", "droit"), ("language", "en")],
                [("field", "paie"), ("language", "en")],
            ],
        )
        assert found["field", "droit"] == HourValue(2, 2.0, 6.0, 0, 1)
        assert found["language", "en"] == HourValue(2, 0.5, 2.0, 1, 0)
        assert found["field", "paie"] == HourValue(1, 0.0, 0.0, None, None)

    def test_one_more_hour_never_brings_a_loss(self) -> None:
        problem = small_problem(5, experts=4, roles=9, weeks=4)
        found = plan_staffing(problem, seconds=0.5)
        values = hour_values(problem, role_values=found.role_values)
        assert len(values) == 4
        assert all(len(row) == 4 and min(row) >= 0.0 for row in values)


def _cost_with(t: Tables, held: dict[int, int], moves: list[Move]) -> float:
    """The cost of the plan once some roles have moved, each set at its cheapest."""
    now: dict[int, int | None] = {**held, **{m.role: m.after for m in moves}}
    total = sum(float(c) for r, c in enumerate(t.reject) if now.get(r) is None)
    for e in {e for e in now.values() if e is not None}:
        roles = tuple(sorted(r for r, who in now.items() if who == e))
        status, bundle = bundle_of(t, e, roles)
        assert status in (EXACT, BRACKETED)
        total += bundle.cost
    return total


class TestAnExplanation:
    WORK = Work(
        seconds=42 * HOUR,
        from_week=0,
        until_week=3,
        min_week_seconds=4 * HOUR,
        max_week_seconds=14 * HOUR,
    )

    def test_names_the_rule_that_leaves_nobody_and_who_would_do_without_it(
        self,
    ) -> None:
        free = Person((14 * HOUR,) * 8, 3)
        found = explain(
            self.WORK,
            [free, free, free],
            [
                Requirement("Droit", frozenset({0, 1, 2})),
                Requirement("Français", frozenset({0, 1})),
                Requirement("Barreau du N.-B.", frozenset({2})),
            ],
        )
        assert found.funnel == (("Droit", 3), ("Français", 2), ("Barreau du N.-B.", 0))
        assert found.emptied_by == "Barreau du N.-B."
        without = {r.requirement: r.experts for r in found.relaxed}
        assert without == {"Français": (2,), "Barreau du N.-B.": (0, 1)}

    def test_gives_the_first_week_by_which_the_hours_fit_and_what_blocks(self) -> None:
        busy = Person(
            (14 * HOUR,) * 8,
            3,
            (
                Held("r1", ((0, 14 * HOUR), (1, 14 * HOUR)), price=900.0),
                Held("r2", ((2, 2 * HOUR),), price=50.0),
            ),
        )
        found = explain(self.WORK, [busy], [])
        assert found.able == (0,)
        assert found.free == ()
        # 12 h in week 2, then 14 a week: 40 h by week 4, all 42 by week 5.
        assert found.earliest_until_week == 5
        assert [(b.roles, b.price) for b in found.blocked] == [(("r1",), 900.0)]

    def test_counts_the_roles_in_parallel(self) -> None:
        held = Held("r1", tuple((w, HOUR) for w in range(4)), price=10.0)
        found = explain(self.WORK, [Person((20 * HOUR,) * 4, 1, (held,))], [])
        assert found.free == ()
        assert found.blocked[0].roles == ("r1",)
