"""Taxes given back: at the rate charged, in any order, to the last cent."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from partage.rules.credit import taxes_given_back
from partage.rules.tax import TaxLine, TaxRate, taxes_due

QUEBEC = (TaxRate("GST", Decimal("0.05")), TaxRate("QST", Decimal("0.09975")))


class TestTaxesGivenBack:
    def test_a_tenth_of_1_000_dollars_in_quebec_gives_back_5_and_9_98(self):
        due = taxes_due(Decimal("1000.00"), QUEBEC)
        given_back = taxes_given_back(
            net_left=Decimal("1000.00"), credited=Decimal("100.00"), taxes_left=due
        )
        # 99.75 was charged; 89.78 is the tax of the 900 left (89.775, half up).
        assert [str(one.amount) for one in given_back] == ["-5.00", "-9.97"]

    @pytest.mark.parametrize("amount", ["0", "-1.00", "10.01", "0.001"])
    def test_refuses_what_is_not_left(self, amount):
        with pytest.raises(ValueError, match=r"round them|give from"):
            taxes_given_back(
                net_left=Decimal("10.00"), credited=Decimal(amount), taxes_left=()
            )

    @given(cents=some.lists(some.integers(1, 10**7), min_size=1, max_size=8))
    def test_in_any_order_all_of_it_comes_back_and_never_a_cent_more(self, cents):
        parts = [Decimal(each) / 100 for each in cents]
        left = sum(parts)
        taxes = taxes_due(left, QUEBEC)
        for part in parts:
            back = taxes_given_back(net_left=left, credited=part, taxes_left=taxes)
            for one in back:
                assert one.amount <= 0
                assert abs(part * one.rate + one.amount) < Decimal("0.01")
            left -= part
            taxes = tuple(
                TaxLine(before.code, before.rate, before.amount + one.amount)
                for before, one in zip(taxes, back, strict=True)
            )
            assert taxes == taxes_due(left, QUEBEC)
