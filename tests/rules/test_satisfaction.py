from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partage.rules.satisfaction import percent_satisfied


class TestPercentSatisfied:
    def test_is_93_when_25_of_27_members_give_4_or_5(self):
        scores = [5] * 14 + [4] * 11 + [3, 1]
        assert percent_satisfied(scores) == 93
        assert str(percent_satisfied(scores, places=1)) == "92.6"

    def test_rounds_half_up(self):
        assert percent_satisfied([5] + [2] * 7) == Decimal(13)  # 12.5 %
        assert str(percent_satisfied([5] * 5 + [2] * 3, places=0)) == "63"  # 62.5 %

    def test_is_nothing_rather_than_zero_when_nobody_answered(self):
        assert percent_satisfied([]) is None
        assert percent_satisfied([3]) == 0

    @pytest.mark.parametrize("score", [0, 6])
    def test_refuses_a_score_that_is_not_on_the_scale(self, score):
        with pytest.raises(ValueError, match="from 1 to 5"):
            percent_satisfied([5, score])

    @given(st.lists(st.integers(1, 5), min_size=1))
    def test_is_from_0_to_100_and_whole_only_when_all_are_satisfied(self, scores):
        percent = percent_satisfied(scores, places=6)
        assert 0 <= percent <= 100
        assert (percent == 100) is (min(scores) >= 4)
