"""What the price of an offer or of an invoice goes to."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partage.billing.models import Invoice
from partage.billing.queries import price_of_invoice
from partage.mandates.models import Offer
from partage.mandates.queries import price_of_offer
from partage.rules.costing import CostLine, Kind
from partage.rules.money import CENT
from partage.tariffs.models import HourlyRate, RatePart, TimeShare
from partage.tariffs.queries import Work, pieces_of, price_of, printed
from tests import builders

PARTS = [
    CostLine(Kind.PAY, "", Decimal("60.00")),
    CostLine(Kind.CHARGES, "", Decimal("12.00")),
    CostLine(Kind.DIRECT, "", Decimal("3.05")),
    CostLine(Kind.SHARED, "", Decimal("20.95")),
    CostLine(Kind.KNOWLEDGE, "", Decimal("4.00")),
]
works = st.lists(
    st.builds(
        Work,
        st.integers(1, 3),
        st.integers(1, 3),
        st.integers(-6000, 6000),
        st.integers(-(10**7), 10**7).map(lambda cents: cents * CENT),
    ),
    max_size=6,
)


class TestThePiecesOfAPrice:
    @given(works, st.integers(0, 10**6).map(lambda cents: cents * CENT))
    def test_add_up_to_it_whatever_was_worked(self, work, other):
        rates = {(1, level): PARTS for level in (1, 2, 3)} | {(2, 1): PARTS}
        pieces = pieces_of(work, rates, few={2}, other=other)
        total = sum((one.amount for one in work), other)
        assert sum((one.amount for one in pieces), Decimal(0)) == total

    def test_do_not_tell_the_pay_of_a_field_of_two_people(self):
        work = [Work(1, 2, 60, Decimal("100.00"))]
        told = pieces_of(work, {(1, 2): PARTS}, few={1})
        assert [(one.kind, one.amount) for one in told] == [
            ("field", Decimal("75.05")),
            ("shared", Decimal("20.95")),
            ("knowledge", Decimal("4.00")),
        ]


@pytest.mark.django_db
class TestThePriceOfWork:
    def card(self):
        law = builders.field()
        model = builders.cost_model()
        card = builders.rate_card(model=model, resolution=builders.resolution())
        rate = HourlyRate.objects.get(card=card, level=2)
        for kind, amount in (
            ("pay", "90.00"),
            ("shared", "20.10"),
            ("rounding", "-0.10"),
        ):
            RatePart.objects.create(rate=rate, kind=kind, amount=Decimal(amount))
        return card, law

    def test_tells_the_base_what_an_agreement_takes_off_and_the_rest(self):
        card, law = self.card()
        price = price_of(
            card.pk,
            [Work(law.pk, 2, 120, Decimal("209.00"))],
            other=Decimal("40.00"),
        )
        assert (price.base, price.agreement) == (Decimal("220.00"), Decimal("-11.00"))
        assert price.total == Decimal("249.00")
        # One person only in this field: what is told is the field's, as a whole.
        assert [(one.kind, one.amount) for one in price.pieces] == [
            ("field", Decimal("171.00")),
            ("shared", Decimal("38.00")),
            ("other", Decimal("40.00")),
        ]

    def test_says_which_work_has_no_composition(self):
        card, law = self.card()
        price = price_of(card.pk, [Work(law.pk, 3, 60, Decimal("125.00"))])
        assert [one.kind for one in price.pieces] == ["untold"]

    def test_is_not_told_of_a_card_that_came_from_elsewhere(self):
        builders.field()
        assert price_of(builders.rate_card().pk, []) is None
        assert price_of(None, []) is None

    def test_is_not_drawn_of_a_credit(self):
        card, law = self.card()
        price = price_of(card.pk, [Work(law.pk, 2, -60, Decimal("-110.00"))])
        assert price.total == Decimal("-110.00")
        assert printed(price) is None


class TestTheDemonstration:
    def test_tells_each_member_where_each_offer_goes_to_the_cent(self, demo_year):
        told = 0
        for offer in Offer.objects.filter(status=Offer.Status.SENT):
            price = price_of_offer(offer)
            assert sum(one.amount for one in price.pieces) == offer.net
            told += len(price.pieces)
        assert told

    def test_tells_where_each_invoice_of_april_goes_to_the_cent(self, demo_year):
        for invoice in Invoice.objects.filter(number__isnull=False).order_by("-number")[
            :40
        ]:
            price = price_of_invoice(invoice)
            assert sum(one.amount for one in price.pieces) == invoice.net

    def test_keeps_fields_of_two_people_whole(self, demo_year):
        offers = Offer.objects.filter(
            phases__lines__field__code="redressement", card__model__isnull=False
        )
        people = TimeShare.objects.filter(
            field__code="redressement", pay__model=offers.first().card.model
        )
        kinds = {one.kind for one in price_of_offer(offers.first()).pieces}
        assert ("field" in kinds) == (people.count() < 3)
