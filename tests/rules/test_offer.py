from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partage.rules.offer import OfferLine, OfferPhase, Priced, offer_total, priced
from partage.rules.tax import TaxRate, taxes_due

QUEBEC = (TaxRate("GST", Decimal("0.05")), TaxRate("QST", Decimal("0.09975")))
ONTARIO = (TaxRate("HST", Decimal("0.13")),)
DIAGNOSIS = OfferPhase(
    "Diagnostic",
    (
        OfferLine("Entrevues à Saguenay", 450, Decimal("95.00")),
        OfferLine("Rapport", 255, Decimal("100.59")),
    ),
)


class TestOfferTotal:
    def test_adds_up_the_offer_made_to_a_caisse_of_saguenay(self):
        total = offer_total([DIAGNOSIS], QUEBEC)

        assert [line.amount for line in DIAGNOSIS.lines] == [
            Decimal("712.50"),
            Decimal("427.51"),
        ]
        assert (DIAGNOSIS.minutes, DIAGNOSIS.net) == (705, Decimal("1140.01"))
        assert [tax.amount for tax in total.taxes] == [
            Decimal("57.00"),
            Decimal("113.72"),
        ]
        assert total.total == Decimal("1310.73")

    def test_is_zero_dollars_before_anything_is_in_it(self):
        assert str(offer_total([], QUEBEC).total) == "0.00"

    @given(
        st.lists(
            st.builds(
                OfferLine,
                st.just("Accompagnement"),
                st.integers(0, 60_000),
                st.integers(0, 30_000).map(lambda cents: Decimal(cents) / 100),
            ),
            max_size=12,
        ),
        st.sampled_from([QUEBEC, ONTARIO]),
        st.integers(0, 12),
    )
    def test_does_not_depend_on_how_lines_are_grouped(self, lines, rates, cut):
        one = [OfferPhase("Tout", tuple(lines))]
        two = [OfferPhase("A", tuple(lines[:cut])), OfferPhase("B", tuple(lines[cut:]))]
        assert offer_total(one, rates) == offer_total(two, rates)


class TestPriced:
    def test_refuses_to_exist_a_cent_off(self):
        taxes = taxes_due(Decimal("140.00"), QUEBEC)
        assert Priced(Decimal("140.00"), taxes, Decimal("160.97")).tax == Decimal(
            "20.97"
        )
        with pytest.raises(ValueError, match=r"do not make 160\.98"):
            Priced(Decimal("140.00"), taxes, Decimal("160.98"))

    def test_refuses_half_a_cent(self):
        with pytest.raises(ValueError, match="finer than a cent"):
            Priced(Decimal("1.005"), (), Decimal("1.005"))

    @given(st.integers(-(10**10), 10**10))
    def test_mirrors_its_credit_note(self, cents):
        net = Decimal(cents) / 100
        assert priced(-net, QUEBEC).total == -priced(net, QUEBEC).total
