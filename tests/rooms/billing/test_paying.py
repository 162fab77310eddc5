"""Payments cover invoices; accounts say what is owed, how late, and what is credit."""

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import DatabaseError, transaction
from pypdf import PdfReader

from partage.billing import queries
from partage.billing.actions import (
    credit_invoice,
    give_back,
    issue_invoice,
    print_statement,
    record_payment,
    reverse_payment,
)
from partage.billing.actions.issuing import InvoiceNotIssued
from partage.billing.actions.paying import (
    LongBefore,
    MoreThanTheCredit,
    NotAnAmount,
    NotAPayment,
    NotReceivedYet,
    NotToPay,
    PaymentTakenBack,
    TooMuch,
)
from partage.billing.models import Invoice, Payment
from tests import builders

TODAY = builders.TODAY


@pytest.fixture(autouse=True)
def _house(db):
    builders.cooperative()
    builders.taxes()


@pytest.fixture
def invoice():
    return issue_invoice(invoice_id=builders.draft("1140.00").pk, by=builders.actor())


def pay(invoice, dollars="10.00", **more):
    return record_payment(
        **{
            "invoice_id": invoice.pk,
            "amount": Decimal(dollars),
            "received_on": TODAY,
            "by": builders.actor(),
            **more,
        }
    )


def status_of(invoice):
    return Invoice.objects.get(pk=invoice.pk).status


def balance_of(invoice):
    return queries.with_balance(Invoice.objects).get(pk=invoice.pk).balance


class TestRecordPayment:
    def test_an_invoice_is_paid_once_it_is_covered(self, invoice):
        pay(invoice, "1000.00")
        assert (status_of(invoice), balance_of(invoice)) == (
            "ISSUED",
            Decimal("310.72"),
        )
        pay(invoice, "310.72")
        assert (status_of(invoice), balance_of(invoice)) == ("PAID", 0)

    def test_too_much_is_refused_unless_it_is_meant(self, invoice):
        with pytest.raises(TooMuch) as refused:
            pay(invoice, "1400.00")
        assert "1\u00a0310,72\u00a0$" in str(refused.value)
        assert "89,28\u00a0$" in str(refused.value)
        pay(invoice, "1400.00", over=True)
        assert status_of(invoice) == "PAID"
        [account] = queries.balances(TODAY)
        assert (account.owed, account.credit) == (0, Decimal("89.28"))

    @pytest.mark.parametrize(
        ("change", "refusal"),
        [
            ({"amount": Decimal(0)}, NotAnAmount),
            ({"amount": Decimal("-5.00")}, NotAnAmount),
            ({"amount": Decimal("1.005")}, NotAnAmount),
            ({"received_on": date(2025, 4, 8)}, NotReceivedYet),
            ({"received_on": date(2015, 4, 7)}, LongBefore),
        ],
    )
    def test_an_amount_or_a_day_that_cannot_be_is_refused(
        self, invoice, change, refusal
    ):
        with pytest.raises(refusal):
            pay(invoice, **change)

    def test_a_draft_a_credited_invoice_and_a_credit_note_are_not_paid(self, invoice):
        with pytest.raises(InvoiceNotIssued):
            pay(builders.draft(), "10.00")
        note = credit_invoice(
            invoice_id=invoice.pk, reason="Erreur", by=builders.actor()
        )
        for document in (invoice, note):
            with pytest.raises(NotToPay):
                pay(document, "10.00")


class TestReversePayment:
    def test_it_opens_the_invoice_again_and_is_done_once(self, invoice):
        payment = pay(invoice, "1310.72")
        contrary = reverse_payment(
            payment_id=payment.pk, note="Chèque sans provision", by=builders.actor()
        )
        assert (contrary.amount, contrary.reverses) == (Decimal("-1310.72"), payment)
        assert (status_of(invoice), balance_of(invoice)) == (
            "ISSUED",
            Decimal("1310.72"),
        )
        with pytest.raises(PaymentTakenBack):
            reverse_payment(payment_id=payment.pk, by=builders.actor())
        with pytest.raises(NotAPayment):
            reverse_payment(payment_id=contrary.pk, by=builders.actor())

    def test_a_payment_is_written_once(self, invoice):
        payment = pay(invoice, "10.00")
        for change in (
            lambda: Payment.objects.filter(pk=payment.pk).update(amount=5),
            lambda: Payment.objects.filter(pk=payment.pk).delete(),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()


class TestGiveBack:
    def test_only_what_was_paid_too_much_is_given_back(self, invoice):
        pay(invoice, "1400.00", over=True)
        given = {"invoice_id": invoice.pk, "on": TODAY, "by": builders.actor()}
        with pytest.raises(MoreThanTheCredit):
            give_back(amount=Decimal("89.29"), **given)
        give_back(amount=Decimal("89.28"), **given)
        assert (status_of(invoice), balance_of(invoice)) == ("PAID", 0)
        assert queries.balances(TODAY) == []


class TestAccounts:
    def issued_on(self, day, org, amount="100.00"):
        by = builders.actor(at=datetime.fromisoformat(f"{day}T10:00:00-05:00"))
        draft = builders.draft(
            amount, on=builders.mandate(org=org), period=date(2024, 9, 1)
        )
        return issue_invoice(invoice_id=draft.pk, by=by)

    def test_what_is_owed_is_told_by_how_late_it_is(self):
        org = builders.organisation("Coop de l’Anse")
        # Due 30 days later; on 7 April 2025 they are 98, 61, 31, 1 and 0 days late.
        for day in (
            "2024-12-01",
            "2025-01-06",
            "2025-02-05",
            "2025-03-07",
            "2025-03-08",
        ):
            self.issued_on(day, org)
        [account] = queries.balances(TODAY)
        each = Decimal("114.98")
        assert account.ages == [each] * 5
        assert (account.late, account.balance) == (4 * each, 5 * each)
        assert queries.late(TODAY).count() == 4

    def test_a_member_asks_only_for_its_own(self):
        ours, theirs = builders.organisation(), builders.organisation()
        mine = self.issued_on("2025-03-01", ours)
        self.issued_on("2025-03-01", theirs)
        builders.draft(on=builders.mandate(org=ours))
        assert list(queries.invoices_for([ours.pk])) == [mine]
        assert list(queries.invoices_for([])) == []

    def test_the_statement_adds_up_and_can_be_printed(self):
        org = builders.organisation("Coop de l’Anse")
        first = self.issued_on("2025-01-15", org)
        second = self.issued_on("2025-02-15", org, "1140.00")
        pay(first, "114.98", received_on=date(2025, 2, 20))
        credit_invoice(invoice_id=second.pk, reason="Erreur", by=builders.actor())
        opening, moves = queries.movements(org.pk, date(2025, 2, 1), TODAY)
        assert opening == Decimal("114.98")
        assert [(m.kind, m.amount, m.balance) for m in moves] == [
            ("INVOICE", Decimal("1310.72"), Decimal("1425.70")),
            ("PAYMENT", Decimal("-114.98"), Decimal("1310.72")),
            ("CREDIT", Decimal("-1310.72"), Decimal("0.00")),
        ]
        content = print_statement(
            org, start=date(2025, 2, 1), on=TODAY, coop=builders.cooperative()
        )
        words = PdfReader(BytesIO(content)).pages[0].extract_text()
        assert "Paiement, facture" in words.replace("\u00a0", " ")

    def test_totals_are_those_of_the_rows(self):
        org = builders.organisation()
        invoice = self.issued_on("2025-01-15", org)
        self.issued_on("2025-02-15", org, "1140.00")
        pay(invoice, "14.98", received_on=date(2025, 2, 20))
        found = queries.totals(Invoice.objects.all())
        assert (found.count, found.net, found.total, found.balance) == (
            2,
            Decimal("1240.00"),
            Decimal("1425.70"),
            Decimal("1410.72"),
        )
        months = queries.invoiced_by_month(date(2025, 1, 1), TODAY)
        assert months == {
            date(2025, 1, 1): Decimal("100.00"),
            date(2025, 2, 1): Decimal("1140.00"),
        }
