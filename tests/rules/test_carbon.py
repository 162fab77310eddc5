from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partage.rules.carbon import Factors, Journey, Range, UnknownMode, avoided_kg


def exactly(value):
    return Range(Decimal(value), Decimal(value))


FACTORS = Factors(
    version="2025",
    kg_per_km={
        "CAR": Range(Decimal("0.135"), Decimal("0.241")),  # a hybrid, an average car
        "AVERAGE_CAR": exactly("0.241"),
    },
    call_kwh_per_hour=Range(Decimal("0.05"), Decimal("0.30")),
    kg_per_kwh=exactly("0.002"),
)
MONTREAL_RIMOUSKI = Journey(Decimal(1080), "AVERAGE_CAR")


class TestAvoidedKg:
    def test_counts_the_drive_to_rimouski_that_a_call_of_two_hours_replaced(self):
        assert avoided_kg([MONTREAL_RIMOUSKI], [], 240, FACTORS) == exactly("260.3")

    def test_is_a_range_when_the_car_is_not_known(self):
        journey = Journey(Decimal(1000), "CAR", occupancy=2)
        assert avoided_kg([journey], [], 0, FACTORS) == Range(
            Decimal("67.5"), Decimal("120.5")
        )

    def test_takes_off_the_trips_that_were_made(self):
        made = [Journey(Decimal(1080), "CAR")]
        assert avoided_kg([MONTREAL_RIMOUSKI], made, 0, FACTORS) == Range(
            Decimal("0.0"), Decimal("114.5")
        )

    def test_takes_off_the_energy_of_the_calls_most_where_it_emits_most(self):
        # Alberta, where electricity is not made of water.
        factors = replace(FACTORS, kg_per_kwh=exactly("0.500"))
        assert avoided_kg([MONTREAL_RIMOUSKI], [], 6000, factors) == Range(
            Decimal("245.3"), Decimal("257.8")
        )

    def test_is_below_zero_when_more_was_travelled_than_would_have_been(self):
        assert avoided_kg([], [MONTREAL_RIMOUSKI], 0, FACTORS).high < 0

    @given(
        st.lists(st.integers(0, 5000), max_size=4),
        st.lists(st.integers(0, 5000), max_size=4),
        st.integers(0, 10_000),
    )
    def test_never_goes_down_from_low_to_high(self, would_have, made, minutes):
        avoided = avoided_kg(
            [Journey(Decimal(km), "CAR") for km in would_have],
            [Journey(Decimal(km), "CAR") for km in made],
            minutes,
            FACTORS,
        )
        assert avoided.low <= avoided.high

    def test_refuses_a_mode_that_this_version_does_not_know(self):
        with pytest.raises(UnknownMode) as refused:
            avoided_kg([Journey(Decimal(12), "CANOE")], [], 0, FACTORS)
        assert (refused.value.mode, refused.value.version) == ("CANOE", "2025")

    def test_refuses_what_cannot_be(self):
        with pytest.raises(ValueError, match="zero or more"):
            avoided_kg([], [], -1, FACTORS)
        with pytest.raises(ValueError, match="one person or more"):
            Journey(Decimal(1), "CAR", occupancy=0)
        with pytest.raises(ValueError, match="goes down"):
            Range(Decimal(2), Decimal(1))
