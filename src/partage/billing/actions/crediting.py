"""Mend an invoice by credit notes: the whole of what is left, lines, or amounts."""

from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from partage.billing.actions.drafting import hold_invoice
from partage.billing.actions.issuing import (
    InvoiceNotIssued,
    number_invoices,
    refuse_unregistered_credit,
)
from partage.billing.actions.paying import settle
from partage.billing.models import Invoice, InvoicedWork, InvoiceLine, InvoiceTax
from partage.billing.queries import Left, in_words, left_of, taxes_left_of
from partage.governance.queries import cooperative
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.rules.credit import taxes_given_back
from partage.rules.money import ZERO, is_exact


class AlreadyCredited(ActionRefused):
    sentence = _(
        "La facture %(number)s est déjà créditée en entier. Il n’en reste rien."
    )


class CreditNoteStays(ActionRefused):
    sentence = _(
        "Le document %(number)s est une note de crédit et ne se crédite pas. "
        "Préparez une nouvelle facture."
    )


class ReasonMissing(ActionRefused):
    sentence = _("Dites pourquoi la facture est créditée : le journal le garde.")
    field = "reason"


class NothingToCredit(ActionRefused):
    sentence = _("Dites ce qui est crédité : au moins une ligne, et combien.")


class MoreThanTheInvoice(ActionRefused):
    sentence = _(
        "Il reste %(left)s avant taxes à créditer sur cette facture : ce qui était "
        "payé d’avance y est déduit. Créditez moins, ou la facture entière."
    )


class MoreThanIsLeft(ActionRefused):
    sentence = _(
        "« %(line)s » : il reste %(left)s à créditer. Donnez un montant au-dessus de "
        "zéro et qui ne dépasse pas ce reste."
    )


def _hold(invoice_id: int, reason: str) -> Invoice:
    """Return an invoice that can be credited, locked until commit."""
    if not reason:
        raise ReasonMissing
    invoice = hold_invoice(invoice_id)
    if invoice.number is None:
        raise InvoiceNotIssued
    if invoice.kind == Invoice.Kind.CREDIT:
        raise CreditNoteStays(number=invoice.number)
    if invoice.status == Invoice.Status.CREDITED:
        raise AlreadyCredited(number=invoice.number)
    return invoice


@transaction.atomic
def credit_invoice(*, invoice_id: int, reason: str, by: Actor) -> Invoice:
    """Take back what is left of an invoice with a credit note that mirrors it.

    To the cent: the notes of an invoice and the invoice add up to nothing. Its work is
    to bill again; what was paid for it is the member's. Returns the credit note.

    Raises InvoiceGone, ReasonMissing, InvoiceNotIssued, CreditNoteStays,
    AlreadyCredited, CreditRegistrationMissing or EarlierThanTheLast.
    """
    reason = reason.strip()
    invoice = _hold(invoice_id, reason)
    left = left_of(invoice)
    amounts = {pk: one.amount for pk, one in left.items()}
    return _note(invoice, left, amounts, reason, by, to_bill_again=True)


@transaction.atomic
def credit_part(
    *,
    invoice_id: int,
    amounts: Mapping[int, Decimal],
    reason: str,
    to_bill_again: bool = False,
    by: Actor,
) -> Invoice:
    """Give back lines of an invoice, or an amount of some. Returns the credit note.

    `amounts` are dollars before tax by line, above zero. What was paid in advance and
    taken off goes back with the whole invoice only. The taxes are at the rates that
    the invoice charged. With `to_bill_again`, the work of the lines given back whole
    can be billed again.

    Raises InvoiceGone, ReasonMissing, InvoiceNotIssued, CreditNoteStays,
    AlreadyCredited, NothingToCredit, MoreThanIsLeft, MoreThanTheInvoice,
    CreditRegistrationMissing or EarlierThanTheLast.
    """
    reason = reason.strip()
    invoice = _hold(invoice_id, reason)
    left = left_of(invoice)
    amounts = {pk: amount for pk, amount in amounts.items() if amount}
    if not amounts or not amounts.keys() <= left.keys():
        raise NothingToCredit
    for pk, amount in amounts.items():
        one = left[pk]
        if not is_exact(amount) or not 0 < amount <= one.amount:
            raise MoreThanIsLeft(
                line=one.line.description, left=in_words(max(one.amount, ZERO))
            )
    net_left = sum((one.amount for one in left.values()), ZERO)
    if sum(amounts.values()) > net_left:
        raise MoreThanTheInvoice(left=in_words(net_left))
    return _note(invoice, left, amounts, reason, by, to_bill_again=to_bill_again)


def _note(
    invoice: Invoice,
    left: Mapping[int, Left],
    amounts: Mapping[int, Decimal],
    reason: str,
    by: Actor,
    *,
    to_bill_again: bool,
) -> Invoice:
    """Issue the credit note of some amounts by line; let go of the work given back."""
    net = sum(amounts.values(), ZERO)
    net_left = sum((one.amount for one in left.values()), ZERO)
    due = (
        taxes_given_back(
            net_left=net_left, credited=net, taxes_left=taxes_left_of(invoice)
        )
        if net
        else ()
    )
    coop = cooperative()
    refuse_unregistered_credit(coop, due)
    note = Invoice.objects.create(
        kind=Invoice.Kind.CREDIT,
        credits=invoice,
        mandate=invoice.mandate,
        organisation=invoice.organisation,
        period_start=invoice.period_start,
        period_end=invoice.period_end,
        province=invoice.province,
        language=invoice.language,
        net=-net,
        created_at=by.at,
    )
    InvoiceLine.objects.bulk_create(
        _line(note, left[pk], amount) for pk, amount in amounts.items()
    )
    InvoiceTax.objects.bulk_create(
        InvoiceTax(invoice=note, code=one.code, rate=one.rate, amount=one.amount)
        for one in due
    )
    if to_bill_again:
        whole = [pk for pk, amount in amounts.items() if amount == left[pk].amount]
        InvoicedWork.objects.filter(line__in=whole, released=False).update(
            released=True
        )
    note.due_on = by.on
    number_invoices([(note, due)], coop, by)
    if all(amounts.get(pk) == one.amount for pk, one in left.items()):
        invoice.status = Invoice.Status.CREDITED
        invoice.save(update_fields=["status"])
    settle(invoice)
    journal.record(
        what="billing.invoice.credited"
        if invoice.status == Invoice.Status.CREDITED
        else "billing.invoice.credited_in_part",
        subject=invoice,
        by=by,
        number=invoice.number,
        credit=note.number,
        amount=str(-note.total),
        reason=reason,
    )
    return note


def _line(note: Invoice, left: Left, amount: Decimal) -> InvoiceLine:
    """Return the contrary of a line, or of an amount of it, at the same place."""
    line, whole = left.line, left.is_whole and amount == left.amount
    with override(f"{note.language}-ca"):
        words = gettext("Crédit partiel : %(line)s") % {"line": line.description}
    return InvoiceLine(
        invoice=note,
        position=line.position,
        kind=line.kind,
        description=line.description if whole else words[:250],
        expert_id=line.expert_id,
        field_id=line.field_id,
        level=line.level,
        bank_id=line.bank_id if whole else None,
        minutes=-line.minutes if whole and line.minutes is not None else None,
        rate=line.rate if whole else None,
        amount=-amount,
    )
