"""Record money received for an invoice, take a record back, give money back."""

from datetime import date
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from partage.billing.actions.drafting import LARGEST, hold_invoice
from partage.billing.actions.issuing import InvoiceNotIssued
from partage.billing.models import Deposit, Invoice, Payment
from partage.billing.queries import books_closed_until, credited, in_words, with_balance
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.rules.money import ZERO, is_exact


class NotAnAmount(ActionRefused):
    sentence = _(
        "Un paiement est un montant au-dessus de zéro, en dollars et en cents."
    )
    field = "amount"


class NotReceivedYet(ActionRefused):
    sentence = _("Cette date n’est pas encore venue. Donnez le jour de la réception.")
    field = "received_on"


class LongBefore(ActionRefused):
    sentence = _(
        "Cette date est antérieure au travail facturé. Vérifiez l’année du paiement."
    )
    field = "received_on"


class BooksClosed(ActionRefused):
    sentence = _(
        "Les livres sont fermés jusqu’au %(until)s. Donnez une date plus récente, ou "
        "rouvrez-les dans Comptabilité."
    )
    field = "received_on"


class NotToPay(ActionRefused):
    sentence = _(
        "Le document %(number)s n’est plus à payer. "
        "Inscrivez le paiement sur la facture qui l’a remplacé."
    )


class TooMuch(ActionRefused):
    sentence = _(
        "Il reste %(balance)s à payer : ce paiement dépasse de %(excess)s. "
        "Corrigez le montant, ou confirmez que l’excédent reste au crédit du membre."
    )
    field = "amount"


class PaymentTakenBack(ActionRefused):
    sentence = _("Ce paiement est déjà annulé. Il n’y a rien d’autre à faire.")


class NotAPayment(ActionRefused):
    sentence = _(
        "Cette ligne rend de l’argent ou annule un paiement : elle ne s’annule pas. "
        "Inscrivez plutôt le paiement qui convient."
    )


class MoreThanTheCredit(ActionRefused):
    sentence = _(
        "Le membre a %(credit)s à son crédit sur cette facture. "
        "On ne peut rendre davantage."
    )
    field = "amount"


def _refuse_amount_and_day(
    invoice: Invoice, amount: Decimal, on: date, by: Actor
) -> None:
    if amount <= 0 or not is_exact(amount) or amount > LARGEST:
        raise NotAnAmount
    if on > by.on:
        raise NotReceivedYet
    if on < invoice.period_start:
        raise LongBefore
    refuse_closed_books(on)


def refuse_closed_books(on: date) -> None:
    """Raise BooksClosed if nothing more is dated on that day.

    Whoever is closing the books just now is waited for.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock_shared(hashtext('billing.ledger'))"
        )
    until = books_closed_until()
    if until and on <= until:
        raise BooksClosed(until=until)


def _paid(invoice: Invoice) -> Decimal:
    return invoice.payments.aggregate(paid=Sum("amount"))["paid"] or ZERO


def settle(invoice: Invoice) -> None:
    """Say whether the invoice is paid; a credited one stays so."""
    if invoice.status == Invoice.Status.CREDITED:
        return
    paid, owed = _paid(invoice), invoice.total + credited(invoice)
    # What a credit note gives is given back: both are below zero.
    paid = paid <= owed if invoice.total < 0 else paid >= owed
    invoice.status = Invoice.Status.PAID if paid else Invoice.Status.ISSUED
    invoice.save(update_fields=["status"])


@transaction.atomic
def record_payment(
    *,
    invoice_id: int,
    amount: Decimal,
    received_on: date,
    method: str = Payment.Method.TRANSFER,
    note: str = "",
    over: bool = False,
    deposit: Deposit | None = None,
    by: Actor,
) -> Payment:
    """Write down money received; the invoice is paid once it is covered.

    More than what is owed is refused, unless `over` says that it is meant: then the
    rest is to the member's credit.

    Raises InvoiceGone, InvoiceNotIssued, NotToPay, NotAnAmount, NotReceivedYet,
    LongBefore, BooksClosed or TooMuch.
    """
    invoice = hold_invoice(invoice_id)
    if invoice.number is None:
        raise InvoiceNotIssued
    if invoice.kind == Invoice.Kind.CREDIT or invoice.status == Invoice.Status.CREDITED:
        raise NotToPay(number=invoice.number)
    _refuse_amount_and_day(invoice, amount, received_on, by)
    balance = max(invoice.total + credited(invoice) - _paid(invoice), ZERO)
    if amount > balance and not over:
        raise TooMuch(balance=in_words(balance), excess=in_words(amount - balance))
    payment = Payment.objects.create(
        invoice=invoice,
        received_on=received_on,
        amount=amount,
        method=method,
        note=note.strip()[:150],
        deposit=deposit,
        recorded_by_id=by.user_id,
    )
    settle(invoice)
    journal.record(
        what="billing.payment.recorded",
        subject=invoice,
        by=by,
        number=invoice.number,
        amount=str(amount),
        payment=payment.pk,
    )
    return payment


@transaction.atomic
def reverse_payment(*, payment_id: int, note: str = "", by: Actor) -> Payment:
    """Take back a payment recorded by mistake, or a cheque that bounced.

    The contrary payment is written beside it, on the same day as the act.

    Raises PaymentTakenBack, NotAPayment or BooksClosed.
    """
    payment = Payment.objects.get(pk=payment_id)
    invoice = hold_invoice(payment.invoice_id)
    if Payment.objects.filter(reverses=payment).exists():
        raise PaymentTakenBack
    if payment.amount < 0:
        raise NotAPayment
    on = max(by.on, payment.received_on)
    refuse_closed_books(on)
    contrary = Payment.objects.create(
        invoice=invoice,
        received_on=on,
        amount=-payment.amount,
        method=payment.method,
        note=note.strip()[:150],
        reverses=payment,
        recorded_by_id=by.user_id,
    )
    settle(invoice)
    journal.record(
        what="billing.payment.reversed",
        subject=invoice,
        by=by,
        number=invoice.number,
        amount=str(payment.amount),
        payment=payment.pk,
        reason=note.strip(),
    )
    return contrary


@transaction.atomic
def give_back(
    *,
    invoice_id: int,
    amount: Decimal,
    on: date,
    method: str = Payment.Method.TRANSFER,
    note: str = "",
    by: Actor,
) -> Payment:
    """Write down money given back of what was paid too much for an invoice.

    Raises InvoiceGone, InvoiceNotIssued, NotAnAmount, NotReceivedYet, LongBefore,
    BooksClosed or MoreThanTheCredit.
    """
    invoice = hold_invoice(invoice_id)
    if invoice.number is None:
        raise InvoiceNotIssued
    _refuse_amount_and_day(invoice, amount, on, by)
    credit = max(-with_balance(Invoice.objects).get(pk=invoice.pk).balance, ZERO)
    if amount > credit:
        raise MoreThanTheCredit(credit=in_words(credit))
    payment = Payment.objects.create(
        invoice=invoice,
        received_on=on,
        amount=-amount,
        method=method,
        note=note.strip()[:150],
        recorded_by_id=by.user_id,
    )
    settle(invoice)
    journal.record(
        what="billing.payment.given_back",
        subject=invoice,
        by=by,
        number=invoice.number,
        amount=str(amount),
        payment=payment.pk,
    )
    return payment
