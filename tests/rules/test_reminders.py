"""A late invoice is reminded at the step that its days have come to, once."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as some

from partage.rules.reminders import Step, Unpaid, steps_due

DUE = date(2025, 3, 1)
LONG_AGO = date(2020, 1, 1)
TEN, THIRTY, SIXTY = (Step(days, days, LONG_AGO) for days in (10, 30, 60))
STEPS = (TEN, THIRTY, SIXTY)


def step_on(days_late, *reminded, steps=STEPS):
    on = DUE + timedelta(days=days_late)
    return steps_due([Unpaid(1, DUE, reminded)], steps, on).get(1)


def test_nothing_before_the_first_step_then_each_in_its_turn():
    assert step_on(9) is None
    assert step_on(10) == TEN
    assert step_on(29, TEN) is None
    assert step_on(30, TEN) == THIRTY
    assert step_on(400, TEN, THIRTY, SIXTY) is None


def test_a_step_that_was_missed_is_not_made_up_for():
    assert step_on(75) == SIXTY
    assert step_on(75, SIXTY) is None


def test_a_step_that_ended_or_has_not_begun_reminds_nobody():
    ended = Step(1, 10, LONG_AGO, DUE)
    later = Step(2, 20, DUE + timedelta(days=90))
    assert step_on(25, steps=(ended, later)) is None


@given(
    some.sets(some.integers(1, 120), min_size=1, max_size=6),
    some.lists(some.integers(0, 200), max_size=20),
)
def test_however_often_one_looks_no_step_comes_twice_and_they_only_go_up(steps, days):
    steps = [Step(each, each, LONG_AGO) for each in steps]
    sent = []
    for late in sorted(days):
        step = step_on(late, *sent, steps=steps)
        if step:
            sent.append(step)
    assert [one.days for one in sent] == sorted({one.days for one in sent})
