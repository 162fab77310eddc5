from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partage.rules.dates import TypedDate, UnreadableDate, parse_date

SEVENTH_OF_APRIL = date(2025, 4, 7)
FOURTH_OF_JULY = date(2025, 7, 4)


class TestParseDate:
    @pytest.mark.parametrize(
        "typed",
        [
            "2025-04-07",
            "2025/4/7",
            "2025.04.07",
            "20250407",
            "2025-04-07T09:30:00",
            "2025-04-07 00:00:00",
            "2025-04-07 9:30 AM",
            "7 avril 2025",
            "7\u00a0AVRIL 2025",
            "lundi 7 avril 2025",
            "lundi, le 7 avril 2025",
            "7-avr-25",
            "7 avr. 2025",
            "2025-avr-07",
            "April 7, 2025",
            "Monday, April 7th, 2025",
            "7-Apr-25",
            "07APR2025",
            "45754",
            "45754.5",
        ],
    )
    @pytest.mark.parametrize("language", ["fr", "en"])
    def test_reads_the_seventh_of_april_2025(self, typed, language):
        assert parse_date(typed, language) == TypedDate(SEVENTH_OF_APRIL)

    def test_puts_the_day_first_in_french(self):
        assert parse_date("07/04/2025", "fr-ca") == TypedDate(
            SEVENTH_OF_APRIL, ambiguous=False, other=FOURTH_OF_JULY
        )

    def test_puts_the_month_first_in_english_and_says_it_is_ambiguous(self):
        assert parse_date("04/07/2025", "en") == TypedDate(
            SEVENTH_OF_APRIL, ambiguous=True, other=FOURTH_OF_JULY
        )

    @pytest.mark.parametrize("language", ["fr", "en"])
    @pytest.mark.parametrize("typed", ["13/04/2025", "04/13/2025"])
    def test_reads_the_only_order_that_is_a_day(self, typed, language):
        assert parse_date(typed, language) == TypedDate(date(2025, 4, 13))

    def test_doubts_two_figures_for_the_year(self):
        assert parse_date("07/04/25", "fr").ambiguous
        assert parse_date("07/04/25", "fr").on == SEVENTH_OF_APRIL

    def test_takes_mar_for_tuesday_or_for_march(self):
        assert parse_date("mar. 8 avril 2025", "fr").on == date(2025, 4, 8)
        assert parse_date("Mar 8, 2025", "en").on == date(2025, 3, 8)
        assert parse_date("1er août 2025", "fr").on == date(2025, 8, 1)

    @pytest.mark.parametrize(
        ("typed", "reason"),
        [
            ("", "empty"),
            ("  ", "empty"),
            ("31/04/2025", "no_such_day"),
            ("2025-02-29", "no_such_day"),
            ("31 avril 2025", "no_such_day"),
            ("7 avril", "no_year"),
            ("avril 2025", "no_day"),
            ("2025", "unreadable"),
            ("demain", "unreadable"),
            ("avril 2025 2025", "unreadable"),
            ("7 avril 025", "unreadable"),
            ("0", "unreadable"),
            ("²/4/2025 x", "unreadable"),
        ],
    )
    def test_says_why_it_cannot_read_the_rest(self, typed, reason):
        with pytest.raises(UnreadableDate) as refused:
            parse_date(typed, "fr")
        assert (refused.value.text, refused.value.reason) == (typed, reason)

    @given(st.dates(date(1930, 1, 1), date(2099, 12, 31)))
    def test_reads_any_day_in_figures_and_as_excel_counts_it(self, on):
        serial = str((on - date(1899, 12, 30)).days)
        assert parse_date(on.isoformat(), "fr").on == on
        assert parse_date(serial, "fr").on == on
        assert parse_date(f"{on:%d/%m/%Y}", "fr").on == on
        assert parse_date(f"{on:%m/%d/%Y}", "en").on == on

    @given(st.text(max_size=14))
    def test_never_fails_in_any_other_way(self, typed):
        with suppress(UnreadableDate):
            assert isinstance(parse_date(typed, "fr").on, date)
