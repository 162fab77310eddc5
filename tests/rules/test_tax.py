from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partage.rules.tax import (
    DatedRate,
    NoTaxRate,
    OverlappingRates,
    TaxRate,
    rates_in_force,
    tax_label,
    taxes_due,
)

QUEBEC = (TaxRate("GST", Decimal("0.05")), TaxRate("QST", Decimal("0.09975")))
TABLE = (
    DatedRate("QC", "QST", Decimal("0.09975"), date(2013, 1, 1)),
    DatedRate("QC", "GST", Decimal("0.05"), date(2008, 1, 1)),
    DatedRate("ON", "HST", Decimal("0.13"), date(2010, 7, 1)),
    DatedRate("NB", "HST", Decimal("0.15"), date(2016, 7, 1)),
    DatedRate("AB", "GST", Decimal("0.05"), date(2008, 1, 1)),
    DatedRate("NS", "HST", Decimal("0.15"), date(2010, 7, 1), date(2025, 3, 31)),
    DatedRate("NS", "HST", Decimal("0.14"), date(2025, 4, 1)),
)


class TestTaxesDue:
    @pytest.mark.parametrize(
        ("net", "gst", "qst", "total"),
        [
            ("140.00", "7.00", "13.97", "160.97"),
            ("1140.00", "57.00", "113.72", "1310.72"),
            ("100.00", "5.00", "9.98", "114.98"),
        ],
    )
    def test_rounds_each_tax_of_quebec_by_itself(self, net, gst, qst, total):
        lines = taxes_due(Decimal(net), QUEBEC)

        assert [str(line.amount) for line in lines] == [gst, qst]
        assert Decimal(net) + sum(line.amount for line in lines) == Decimal(total)

    @given(st.integers(0, 10**10))
    def test_gives_back_with_a_credit_note_exactly_what_the_invoice_took(self, cents):
        net = Decimal(cents) / 100
        charged, given_back = taxes_due(net, QUEBEC), taxes_due(-net, QUEBEC)

        assert [-line.amount for line in given_back] == [
            line.amount for line in charged
        ]

    def test_refuses_a_net_finer_than_a_cent(self):
        with pytest.raises(ValueError, match="round it to the cent first"):
            taxes_due(Decimal("1.001"), QUEBEC)

    def test_prints_tps_and_tvq_in_french(self):
        lines = taxes_due(Decimal("140.00"), QUEBEC)
        assert [line.label("fr-ca") for line in lines] == ["TPS", "TVQ"]
        assert tax_label("HST", "fr") == "TVH"
        assert tax_label("HST", "en") == "HST"


class TestTaxRate:
    def test_refuses_a_percentage(self):
        with pytest.raises(ValueError, match=r"TPS rate is 5; give a fraction of one"):
            TaxRate("GST", Decimal("5"))

    def test_refuses_a_tax_that_is_not_of_here(self):
        with pytest.raises(ValueError, match="one of GST, QST, HST"):
            TaxRate("PST", Decimal("0.07"))


class TestRatesInForce:
    def test_lists_the_federal_tax_first_in_montreal(self):
        assert rates_in_force(TABLE, "QC", date(2025, 3, 31)) == QUEBEC

    @pytest.mark.parametrize(
        ("on", "rate"),
        [(date(2025, 3, 31), "0.15"), (date(2025, 4, 1), "0.14")],
    )
    def test_lowers_the_tax_of_halifax_on_the_first_of_april_2025(self, on, rate):
        assert rates_in_force(TABLE, "NS", on) == (TaxRate("HST", Decimal(rate)),)

    @pytest.mark.parametrize(
        ("province", "on"), [("MB", date(2025, 1, 6)), ("NB", date(2016, 6, 30))]
    )
    def test_has_no_answer_where_the_table_has_none(self, province, on):
        with pytest.raises(NoTaxRate) as refused:
            rates_in_force(TABLE, province, on)
        assert (refused.value.province, refused.value.on) == (province, on)

    @pytest.mark.parametrize("code", ["HST", "GST", "QST"])
    def test_refuses_two_answers_for_fredericton_even_on_another_day(self, code):
        twice = DatedRate("NB", code, Decimal("0.10"), date(2030, 1, 1))
        with pytest.raises(OverlappingRates) as refused:
            rates_in_force((*TABLE, twice), "NB", date(2025, 1, 6))
        assert refused.value.codes == ("HST", code)
        assert refused.value.on == date(2030, 1, 1)

    def test_refuses_a_rate_that_ends_before_it_begins(self):
        with pytest.raises(ValueError, match="before it begins"):
            DatedRate("QC", "GST", Decimal("0.05"), date(2025, 1, 2), date(2025, 1, 1))
