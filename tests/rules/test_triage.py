import pytest
from hypothesis import given
from hypothesis import strategies as st

from partage.rules.triage import fold


class TestFold:
    @pytest.mark.parametrize(
        ("text", "folded"),
        [
            ("L’Œuvre d'été", "l oeuvre d ete"),
            ("Santé et sécurité\u00a0:  CNESST", "sante et securite : cnesst"),
            ("CÆSAR ﬁn", "caesar fin"),
            ("", ""),
        ],
    )
    def test_leaves_what_search_compares(self, text, folded):
        assert fold(text) == folded

    @given(st.text(max_size=30))
    def test_changes_nothing_the_second_time(self, text):
        assert fold(fold(text)) == fold(text)
