from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partage.rules.costing import Pool
from partage.rules.money import CENT
from partage.rules.variance import PoolYear, Variance, variances

GOVERNANCE, HIRING = Pool("governance", 3), Pool("hiring", 2)

YEAR = (
    PoolYear(
        GOVERNANCE,
        rate=Decimal("100.00"),
        planned_minutes=800 * 60,
        planned_cost=Decimal("76000.00"),
        minutes=700 * 60,
        cost=Decimal("77000.00"),
    ),
    PoolYear(
        HIRING,
        rate=Decimal("80.00"),
        planned_minutes=1200 * 60,
        planned_cost=Decimal("98000.00"),
        minutes=1400 * 60,
        cost=Decimal("97500.00"),
    ),
)

cents = st.integers(0, 10**8).map(lambda n: n * CENT)
minutes = st.integers(0, 500_000)


@st.composite
def years(draw):
    levels = draw(st.lists(st.integers(1, 20), min_size=1, max_size=8, unique=True))
    rate = st.integers(0, 30_000).map(lambda n: n * CENT)
    given = [
        PoolYear(
            Pool("legal", level),
            draw(rate),
            draw(minutes),
            draw(cents),
            draw(minutes),
            draw(cents),
        )
        for level in levels
    ]
    return given if any(year.planned_minutes for year in given) else list(YEAR)


class TestVariances:
    def test_explains_why_a_year_is_5500_dollars_better_than_planned(self):
        # 2 100 hours rather than 2 000; less governance, more hiring; costs 500 $ up.
        assert variances(YEAR).pools == (
            Variance(
                GOVERNANCE, volume=Decimal(4000), cost=Decimal(-1000), mix=-14_000
            ),
            Variance(HIRING, volume=Decimal(4800), cost=Decimal(500), mix=11_200),
        )
        whole = variances(YEAR).whole
        assert (whole.volume, whole.cost, whole.mix) == (8800, -500, -2800)
        assert whole.total == 5500

    @given(years())
    def test_adds_up_exactly_for_each_pool_and_for_all(self, given):
        answer = variances(given)
        by_pool = {year.pool: year for year in given}
        for one in answer.pools:
            year = by_pool[one.pool]
            assert one.total == year.result - year.planned_result
        assert answer.whole.total == sum(
            year.result - year.planned_result for year in given
        )
        for part in ("volume", "cost", "mix"):
            whole = getattr(answer.whole, part)
            assert whole == sum(getattr(one, part) for one in answer.pools)
            assert whole == whole.quantize(CENT)

    @given(years())
    def test_is_within_two_cents_of_the_formula_of_the_mix(self, given):
        planned = sum(year.planned_minutes for year in given)
        pace = Fraction(sum(year.minutes for year in given), planned)
        by_pool = {year.pool: year for year in given}
        for one in variances(given).pools:
            year = by_pool[one.pool]
            moved = year.minutes - year.planned_minutes * pace
            exact = moved * Fraction(year.rate) / 60
            assert abs(Fraction(one.mix) - exact) <= Fraction(5, 200) + Fraction(1, 200)

    @given(years(), st.randoms(use_true_random=False))
    def test_does_not_depend_on_the_order_of_pools(self, given, random):
        assert variances(random.sample(given, len(given))) == variances(given)

    @given(cents, cents, minutes)
    def test_has_no_mix_with_one_pool(self, planned_cost, cost, minutes):
        year = PoolYear(HIRING, Decimal(80), 60, planned_cost, minutes, cost)
        assert variances([year]).whole.mix == 0

    def test_refuses_a_year_in_which_nothing_was_planned(self):
        year = PoolYear(HIRING, Decimal(80), 0, Decimal(0), 60, Decimal(50))
        with pytest.raises(ValueError, match="no minute was planned"):
            variances([year])

    def test_refuses_a_pool_given_twice(self):
        with pytest.raises(ValueError, match="given twice"):
            variances([*YEAR, YEAR[0]])

    @pytest.mark.parametrize(
        ("figures", "error"),
        [
            ((Decimal(80), -60, Decimal(0), 60, Decimal(0)), ValueError),
            ((Decimal(-80), 60, Decimal(0), 60, Decimal(0)), ValueError),
            ((Decimal(80), 60, Decimal("0.005"), 60, Decimal(0)), ValueError),
            ((80.0, 60, Decimal(0), 60, Decimal(0)), TypeError),
            ((Decimal(80), 60.0, Decimal(0), 60, Decimal(0)), TypeError),
        ],
    )
    def test_refuses_negative_hours_half_cents_and_floats(self, figures, error):
        with pytest.raises(error):
            PoolYear(HIRING, *figures)
