"""The year beside its plan, and what members are told of it."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partage.tariffs.models import CostModel, ModerateCost, Pay, TimeShare
from partage.tariffs.queries import (
    beyond_moderate,
    follow_up,
    lines_of,
    shown,
    thresholds_on,
)
from tests import builders

pytestmark = pytest.mark.django_db
START, END = date(2024, 4, 1), date(2025, 3, 31)
AFTER = date(2025, 4, 1)


def plan_and_actual(*, sold: int = 950, rent: str = "12000.00"):
    """900 hours planned at 110 $, `sold` hours sold; 117 000 $ planned, and spent."""
    budget = builders.cost_model()
    builders.rate_card()
    actual = builders.cost_model(state=CostModel.State.ACTUAL)
    actual.hours.update(minutes=sold * 60)
    actual.items.filter(name="Loyer").update(amount=Decimal(rent))
    return budget, actual


class TestFollowUp:
    def test_says_what_is_recovered_and_why_it_differs(self):
        plan_and_actual(sold=950, rent="14000.00")
        found = follow_up(START, on=AFTER)
        assert found.recovered == Decimal(110) * 950
        assert found.cost == Decimal("119000.00")
        # 50 hours more at 110 $, 2 000 $ of rent more, one field: no mix.
        assert (found.whole.volume, found.whole.cost, found.whole.mix) == (
            Decimal("5500.00"), Decimal("-2000.00"), Decimal("0.00"),
        )  # fmt: skip
        assert found.whole.total == found.result - found.planned_result

    def test_tells_the_hours_that_recover_the_cost(self):
        plan_and_actual()
        (law,) = follow_up(START, on=AFTER).fields
        # 117 000 $ ÷ 110 $ = 1 063 h 38 min.
        assert law.break_even == 63_819

    def test_takes_the_plan_in_proportion_of_the_days_gone(self):
        plan_and_actual()
        found = follow_up(START, on=date(2024, 10, 1))
        assert found.share == Fraction(183, 365)
        assert found.planned_minutes == round(900 * 60 * Fraction(183, 365))

    def test_takes_the_costs_of_the_plan_while_the_real_ones_are_not_written(self):
        builders.cost_model(funding="36500.00")
        builders.rate_card()
        law = builders.field().pk
        # A hundred days of 365: 32 054,79 $ of 117 000 $, and 10 000 $ of funding.
        found = follow_up(START, on=date(2024, 7, 10), sold={(law, 2): 250 * 60})
        assert (found.actual, found.share) == (None, Fraction(100, 365))
        assert (found.recovered, found.cost) == (
            Decimal("27500.00"), Decimal("32054.79"),
        )  # fmt: skip
        assert found.funding == Decimal("10000.00")
        assert found.whole.cost == 0
        assert found.whole.total == found.result - found.planned_result

    def test_needs_a_budget_and_a_card(self):
        assert follow_up(START, on=AFTER) is None
        builders.cost_model()
        assert follow_up(START, on=AFTER) is None

    def test_of_the_demonstration_adds_up_by_field(self, demo_year):
        found = follow_up(START, on=date(2025, 4, 7))
        assert found.minutes == 85_487 * 60
        assert len(found.fields) == 20
        for name in ("volume", "cost", "mix", "total"):
            whole = getattr(found.whole, name)
            assert sum(getattr(one.variance, name) for one in found.fields) == whole
        assert found.whole.total == found.result - found.planned_result


class TestWhatMembersAreTold:
    @given(st.integers(1, 5))
    def test_is_never_the_pay_of_fewer_people_than_the_least(self, people):
        model = CostModel.objects.create(
            state="BUDGET", starts_on=START, ends_on=END, version=90 + people
        )
        for field, count in (("marketing", people), ("formation", 4), ("web", 1)):
            for number in range(count):
                pay = Pay.objects.create(
                    model=model, name=f"{field} {number}", starts_on=START,
                    ends_on=END, yearly_pay=Decimal(50_000 + number),
                    charges_rate=Decimal("0.2"), present_minutes=96_000,
                )  # fmt: skip
                TimeShare.objects.create(
                    pay=pay, field=builders.field(field), level=2, weight=100
                )
        told = shown(lines_of(model))
        assert all(one.people >= 3 for one in told)
        assert sum(one.people for one in told) == people + 5
        cost = sum(
            pay.yearly_pay * Decimal("1.2") for pay in model.pays.all()
        )  # 50 000 $ a year is to the cent, whatever the days
        assert sum(one.cost for one in told) == cost
        model.delete()


class TestModerateCost:
    def test_warns_above_the_threshold_of_the_day(self):
        law = builders.field()
        for start, end, amount in (
            (date(2024, 1, 1), date(2024, 12, 31), "105.00"),
            (date(2025, 1, 1), None, "120.00"),
        ):
            ModerateCost.objects.create(
                field=law, starts_on=start, ends_on=end, amount=Decimal(amount),
                source="Loi sur le Barreau, art. 131.1",
            )  # fmt: skip
        rates = [(law.pk, 2, Decimal("110.00")), (builders.field("web").pk, 2, None)]
        (found,) = beyond_moderate(rates, on=date(2024, 6, 1))
        assert (found.rate, found.limit.amount) == (
            Decimal("110.00"),
            Decimal("105.00"),
        )
        assert beyond_moderate(rates, on=date(2025, 6, 1)) == ()
        assert thresholds_on(date(2023, 12, 31)) == {}
