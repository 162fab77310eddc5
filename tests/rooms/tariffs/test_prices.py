"""What the price of an offer or of an invoice goes to."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partage.billing.actions import (
    credit_invoice,
    credit_part,
    draft_invoices,
    issue_invoice,
)
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
    @given(
        works,
        st.integers(0, 10**6).map(lambda cents: cents * CENT),
        st.integers(0, 10**6).map(lambda cents: cents * CENT),
    )
    def test_add_up_to_it_whatever_was_worked(self, work, other, bought):
        rates = {(1, level): PARTS for level in (1, 2, 3)} | {(2, 1): PARTS}
        pieces = pieces_of(work, rates, few={2}, other=other, bought=bought)
        total = sum((one.amount for one in work), other + bought)
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


@pytest.mark.django_db
class TestThePriceOfAnInvoice:
    def invoices(self, minutes=90):
        """A bank of one hour bought for 110 $, then an hour and a half worked."""
        builders.cooperative()
        builders.taxes()
        TestThePriceOfWork().card()
        held = builders.agreement(builders.organisation(), factor="1")
        bank = builders.hour_bank(held, 60)
        expert = builders.expert()
        mandate = builders.mandate(expert, org=bank.agreement.organisation)
        builders.bought_hours(mandate, "110.00", on=date(2025, 1, 10))
        builders.worked(expert, mandate, minutes, date(2025, 3, 4))
        drafts = draft_invoices(until=date(2025, 3, 31), by=builders.actor())
        return [
            issue_invoice(invoice_id=one.pk, by=builders.actor())
            for one in sorted(drafts, key=lambda one: one.period_start)
        ]

    def test_says_what_is_bought_in_advance_apart(self):
        bought, _drawn = self.invoices()
        price = price_of_invoice(bought)
        assert [(one.kind, one.amount) for one in price.pieces] == [
            ("bought", Decimal("110.00"))
        ]
        assert (price.total, price.advance) == (bought.net, 0)

    def test_tells_all_the_work_and_what_of_it_was_paid_in_advance(self):
        _bought, drawn = self.invoices()
        price = price_of_invoice(drawn)
        assert [(one.kind, one.amount) for one in price.pieces] == [
            ("field", Decimal("135.00")),
            ("shared", Decimal("30.00")),
        ]
        assert (price.total, price.advance) == (Decimal("165.00"), Decimal("-110.00"))
        assert price.due == drawn.net == Decimal("55.00")
        assert "110,00\N{NO-BREAK SPACE}$ étaient déjà payés" in printed(price).caption

    def test_tells_the_work_of_an_invoice_that_a_bank_pays_whole(self):
        _bought, drawn = self.invoices(minutes=60)
        price = price_of_invoice(drawn)
        assert (drawn.net, price.due) == (0, 0)
        assert printed(price).total == Decimal("110.00")

    def test_is_the_contrary_on_a_credit_note(self):
        _bought, drawn = self.invoices()
        before = price_of_invoice(drawn)
        note = credit_invoice(invoice_id=drawn.pk, reason="Erreur", by=builders.actor())
        after = price_of_invoice(note)
        assert (after.total, after.advance) == (-before.total, -before.advance)
        assert [(one.kind, -one.amount) for one in after.pieces] == [
            (one.kind, one.amount) for one in before.pieces
        ]

    def test_tells_an_amount_of_work_given_back_as_that_work(self):
        _bought, drawn = self.invoices()
        line = drawn.lines.get(kind="TIME")
        note = credit_part(
            invoice_id=drawn.pk,
            amounts={line.pk: Decimal("11.00")},
            reason="Entente",
            by=builders.actor(),
        )
        price = price_of_invoice(note)
        assert [(one.kind, one.amount) for one in price.pieces] == [
            ("field", Decimal("-9.00")),
            ("shared", Decimal("-2.00")),
        ]
        assert (price.due, price.agreement) == (Decimal("-11.00"), 0)

    def test_says_on_paper_what_an_agreement_takes_off_the_card(self):
        card, law = TestThePriceOfWork().card()
        price = price_of(card.pk, [Work(law.pk, 2, 120, Decimal("209.00"))])
        caption = printed(price).caption.replace("\N{NO-BREAK SPACE}", " ")
        assert "coûterait 220,00 $" in caption
        assert "en retranche 11,00 $" in caption


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
            assert sum(one.amount for one in price.pieces) == price.total
            assert price.due == invoice.net

    def test_keeps_fields_of_two_people_whole(self, demo_year):
        offers = Offer.objects.filter(
            phases__lines__field__code="redressement", card__model__isnull=False
        )
        people = TimeShare.objects.filter(
            field__code="redressement", pay__model=offers.first().card.model
        )
        kinds = {one.kind for one in price_of_offer(offers.first()).pieces}
        assert ("field" in kinds) == (people.count() < 3)
