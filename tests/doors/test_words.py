from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partage.portal import words

FR, EN = "fr-ca", "en-ca"


class TestMoney:
    def test_in_french_has_its_comma_and_its_dollar_sign_after(self):
        assert words.money(Decimal("1140"), FR) == "1\u00a0140,00\u00a0$"

    def test_in_english_has_its_dollar_sign_before(self):
        assert words.money(Decimal("1140"), EN) == "$1,140.00"

    def test_rounds_half_a_cent_up(self):
        assert words.money(Decimal("9.975"), FR) == "9,98\u00a0$"

    def test_of_a_credit_wears_a_true_minus(self):
        assert words.money(Decimal("-86.23"), FR) == "−86,23\u00a0$"
        assert words.money(Decimal("-86.23"), EN) == "−$86.23"

    def test_that_rounds_to_nothing_has_no_sign(self):
        assert words.money(Decimal("-0.001"), FR) == "0,00\u00a0$"

    @pytest.mark.parametrize("wrong", [1.5, True, "12"])
    def test_refuses_what_is_not_exact(self, wrong):
        with pytest.raises(TypeError, match="give a Decimal"):
            words.money(wrong, FR)

    @given(st.decimals(-(10**9), 10**9, places=2), st.sampled_from([FR, EN]))
    def test_can_be_read_back_to_the_cent(self, amount, language):
        text = words.money(amount, language).replace("\u00a0", "").replace("−", "-")
        text = text.replace("$", "")
        if language == FR:
            text = text.replace(",", ".")
        assert Decimal(text.replace(",", "") if language == EN else text) == amount


class TestNumbers:
    def test_without_decimals_asked_are_as_exact_as_they_are(self):
        assert words.number(Decimal("85487.50"), FR) == "85\u00a0487,5"
        assert words.number(Decimal("100"), FR) == "100"
        assert words.number(0, FR) == "0"

    def test_of_taxes_keep_their_thousandths_when_asked(self):
        assert words.percent(Decimal("0.09975"), FR, decimals=3) == "9,975\u00a0%"

    def test_of_satisfaction_lose_their_zeros(self):
        assert words.percent(Decimal("0.93"), FR) == "93\u00a0%"
        assert words.percent(Decimal("0.977"), EN) == "97.7%"


class TestDurations:
    def test_are_written_in_hours_and_minutes(self):
        assert words.minutes(435, FR) == "7\u00a0h\u00a015"
        assert words.minutes(435, EN) == "7:15"

    def test_keep_both_digits_so_that_columns_stand_straight(self):
        assert words.minutes(65, FR) == "1\u00a0h\u00a005"
        assert words.minutes(420, FR) == "7\u00a0h\u00a000"

    def test_of_a_correction_wear_a_minus(self):
        assert words.minutes(-90, FR) == "−1\u00a0h\u00a030"

    def test_may_be_written_as_decimal_hours(self):
        assert words.hours(435, FR) == "7,25\u00a0h"
        assert words.hours(600, FR, decimals=1) == "10\u00a0h"
        assert words.hours(630, FR, decimals=1) == "10,5\u00a0h"
        assert words.hours(-1, FR, decimals=1) == "0\u00a0h"

    @given(st.integers(-(10**7), 10**7))
    def test_lose_no_minute(self, count):
        text = words.minutes(count, EN).replace(",", "")
        hours, rest = text.lstrip("−").split(":")
        assert (int(hours) * 60 + int(rest)) * (-1 if "−" in text else 1) == count


class TestDates:
    def test_of_the_first_are_first_in_french_only(self):
        assert words.day(date(2025, 4, 1), FR) == "1er\u00a0avril 2025"
        assert words.day(date(2025, 4, 1), EN) == "April\u00a01, 2025"

    def test_fit_a_table_when_short(self):
        assert words.day_short(date(2025, 7, 7), FR) == "7\u00a0juill.\u00a02025"

    def test_name_the_day_of_the_week(self):
        assert words.weekday(date(2025, 4, 7), FR) == "lundi 7\u00a0avril"

    def test_with_a_time_say_it_as_people_do(self):
        afternoon = datetime(2025, 4, 7, 14, 5, tzinfo=UTC)
        assert words.moment(afternoon, FR) == (
            "7\u00a0avril 2025\u00a0à\u00a014\u00a0h\u00a005"
        )
        assert words.moment(afternoon, EN) == "April\u00a07, 2025, 2:05\u00a0p.m."

    def test_at_midnight_in_english_are_twelve(self):
        assert words.clock(datetime(2025, 4, 7, 0, 5, tzinfo=UTC), EN).startswith(
            "12:05"
        )
