from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partage.rules.mileage import Allowance, MileageRates, mileage_allowance

RATES_2025 = MileageRates(first=Decimal("0.72"), after=Decimal("0.66"))
km = st.integers(0, 100_000).map(lambda tenths: Decimal(tenths) / 10)


class TestMileageAllowance:
    def test_pays_the_first_rate_from_gaspe_to_rimouski_in_spring(self):
        assert mileage_allowance(Decimal("382.5"), Decimal(0), RATES_2025) == Allowance(
            Decimal("382.5"), Decimal(0), Decimal("275.40")
        )

    def test_splits_the_trip_that_crosses_5000_km_exactly_there(self):
        assert mileage_allowance(
            Decimal("382.5"), Decimal("4900.0"), RATES_2025
        ) == Allowance(Decimal(100), Decimal("282.5"), Decimal("258.45"))

    @pytest.mark.parametrize("before", ["5000", "12000"])
    def test_pays_the_second_rate_from_5000_km_on(self, before):
        allowance = mileage_allowance(Decimal(100), Decimal(before), RATES_2025)
        assert allowance.amount == Decimal("66.00")

    @given(km, km, km)
    def test_counts_the_same_kilometres_in_one_trip_as_in_two(self, before, one, two):
        whole = mileage_allowance(one + two, before, RATES_2025)
        first = mileage_allowance(one, before, RATES_2025)
        second = mileage_allowance(two, before + one, RATES_2025)

        assert whole.first_km == first.first_km + second.first_km
        assert whole.after_km == first.after_km + second.after_km
        assert abs(whole.amount - first.amount - second.amount) <= Decimal("0.01")

    def test_refuses_to_drive_backwards(self):
        with pytest.raises(ValueError, match="zero or more"):
            mileage_allowance(Decimal(-1), Decimal(0), RATES_2025)
