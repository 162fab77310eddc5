"""What serving again saved, as far as it can be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partage.rules.reuse import saving

minutes = st.integers(0, 100_000)


class TestSaving:
    def test_twelve_hours_declared_of_a_piece_of_ten_adapted_in_two_are_eight(self):
        assert saving(declared=720, real=600, adapting=120) == 480

    @given(minutes, st.none() | minutes, minutes)
    def test_it_is_never_more_than_is_declared_nor_than_the_evidence(
        self, declared, real, adapting
    ):
        saved = saving(declared=declared, real=real, adapting=adapting)

        assert 0 <= saved <= declared
        assert saved <= max(0, (real or 0) - adapting)

    def test_time_is_not_negative(self):
        with pytest.raises(ValueError, match="negative"):
            saving(declared=-1, real=60, adapting=0)
