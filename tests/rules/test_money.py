from contextlib import suppress
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partage.rules.money import (
    CENT,
    UnreadableMoney,
    amount_for,
    fit,
    nearest_cent,
    parse_money,
    split,
    to_cents,
)

cents = st.integers(-(10**11), 10**11).map(lambda n: n * CENT)
weights = st.lists(st.integers(0, 10**7), min_size=1, max_size=40).filter(any)


class TestToCents:
    @pytest.mark.parametrize(
        ("exact", "rounded"),
        [
            ("13.965", "13.97"),
            ("0.005", "0.01"),
            ("-0.005", "-0.01"),
            ("2.0049", "2.00"),
        ],
    )
    def test_sends_halves_away_from_zero(self, exact, rounded):
        assert str(to_cents(Decimal(exact))) == rounded


class TestAmountFor:
    def test_prices_seven_hours_and_a_half_in_rimouski_at_112_dollars(self):
        assert amount_for(450, Decimal("112.00")) == Decimal("840.00")

    def test_rounds_half_a_cent_up_and_its_credit_down(self):
        assert amount_for(3, Decimal("95.50")) == Decimal("4.78")
        assert amount_for(-3, Decimal("95.50")) == Decimal("-4.78")

    @given(st.integers(-200_000, 200_000), st.integers(0, 10**7))
    def test_is_never_more_than_half_a_cent_from_the_exact_price(self, minutes, rate):
        rate = Decimal(rate) / 10_000
        exact = Fraction(minutes) * Fraction(rate) / 60
        assert abs(Fraction(amount_for(minutes, rate)) - exact) <= Fraction(1, 200)


class TestSplit:
    def test_shares_one_hundred_dollars_between_three_caisses_and_loses_no_cent(self):
        assert split(Decimal("100.00"), [1, 1, 1]) == (
            Decimal("33.34"),
            Decimal("33.33"),
            Decimal("33.33"),
        )

    def test_gives_the_spare_cent_to_who_lost_most(self):
        assert split(Decimal("0.10"), [1, 5, 3]) == tuple(
            Decimal(part) for part in ("0.01", "0.06", "0.03")
        )

    def test_gives_nothing_to_a_weight_of_zero(self):
        assert split(Decimal("0.01"), [0, 3, 0]) == (0, Decimal("0.01"), 0)

    @given(cents, weights)
    def test_always_adds_up_to_the_cent(self, total, weights):
        assert sum(split(total, weights)) == total

    @given(cents, weights)
    def test_is_less_than_a_cent_from_each_exact_share(self, total, weights):
        for part, weight in zip(split(total, weights), weights, strict=True):
            exact = Fraction(total) * weight / sum(weights)
            assert abs(Fraction(part) - exact) < Fraction(1, 100)

    @given(cents, weights)
    def test_mirrors_a_credit(self, total, weights):
        assert split(-total, weights) == tuple(-part for part in split(total, weights))

    @pytest.mark.parametrize(
        ("total", "weights", "why"),
        [
            ("10.005", [1], "round it to the cent first"),
            ("10.00", [2, -1], "a weight is negative"),
            ("10.00", [0, 0], "no weight is above zero"),
            ("10.00", [], "no weight is above zero"),
        ],
    )
    def test_refuses_what_cannot_be_shared(self, total, weights, why):
        with pytest.raises(ValueError, match=why):
            split(Decimal(total), weights)


class TestFit:
    def test_fits_what_an_hour_costs_to_its_rate_of_99_68_dollars(self):
        exact = [Fraction(58500, 918), Fraction(9945, 918), Fraction(23064, 918)]
        # 63.7255, 10.8333 and 25.1242: the cent left goes to who lost most.
        assert fit(exact, Decimal("99.68")) == tuple(
            Decimal(part) for part in ("63.73", "10.83", "25.12")
        )

    @given(st.lists(st.fractions(-1000, 1000), max_size=20))
    def test_moves_no_part_by_a_cent(self, exact):
        total = nearest_cent(sum(exact, Fraction(0)))
        parts = fit(exact, total)
        assert sum(parts) == total
        for part, was in zip(parts, exact, strict=True):
            assert abs(Fraction(part) - was) < Fraction(1, 100)

    def test_refuses_a_total_that_the_parts_do_not_make(self):
        with pytest.raises(ValueError, match=r"do not make 2\.00"):
            fit([Fraction(1)], Decimal("2.00"))


class TestNearestCent:
    @given(cents, st.integers(0, 10**6))
    def test_agrees_with_to_cents_and_mirrors(self, amount, finer):
        exact = amount + finer * Decimal("0.00000001")
        assert nearest_cent(Fraction(exact)) == to_cents(exact)
        assert nearest_cent(Fraction(-exact)) == to_cents(-exact)


class TestParseMoney:
    @pytest.mark.parametrize(
        ("typed", "dollars"),
        [
            ("1 234,50 $", "1234.50"),
            ("1\u202f234,50\u00a0$", "1234.50"),
            ("$1,234.50", "1234.50"),
            ("1.234,50", "1234.50"),
            ("1,234,567", "1234567.00"),
            ("1 234", "1234.00"),
            ("CAD 12", "12.00"),
            ("12,5 $ CA", "12.50"),
            ("12.-", "12.00"),
            (",5", "0.50"),
            ("0,000", "0.00"),
            ("(45,00)", "-45.00"),
            ("(45,00 $)", "-45.00"),
            ("−45 $", "-45.00"),
            ("45,00-", "-45.00"),
            ("-$45.00", "-45.00"),
            ("45.500", "ambiguous"),
            ("1,234", "ambiguous"),
            ("0,125", "more_than_cents"),
            ("12,3456", "more_than_cents"),
            ("", "empty"),
            ("\u00a0", "empty"),
            ("douze", "unreadable"),
            ("$", "unreadable"),
            (".", "unreadable"),
            ("--5", "unreadable"),
            ("1 23", "unreadable"),
            ("1,23,4", "unreadable"),
            ("٣", "unreadable"),
        ],
    )
    def test_reads_what_people_type_or_says_why_not(self, typed, dollars):
        if dollars.lstrip("-")[0].isdigit():
            assert str(parse_money(typed)) == dollars
        else:
            with pytest.raises(UnreadableMoney) as refused:
                parse_money(typed)
            assert (refused.value.text, refused.value.reason) == (typed, dollars)

    @given(cents)
    def test_reads_back_what_is_printed_in_both_languages(self, amount):
        english = f"{amount:,.2f}"
        french = english.replace(",", "\u00a0").replace(".", ",")
        assert parse_money(f"{french}\u00a0$") == parse_money(f"${english}") == amount

    @given(st.text(max_size=12))
    def test_never_fails_in_any_other_way(self, typed):
        with suppress(UnreadableMoney):
            assert to_cents(parse_money(typed)) == parse_money(typed)
