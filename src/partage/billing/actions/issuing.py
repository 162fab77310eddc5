"""Number an invoice and freeze it."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.archive.actions import keep_file
from partage.billing.actions.drafting import hold_draft
from partage.billing.actions.printing import content_on, print_invoice
from partage.billing.models import Invoice, InvoicedWork, InvoiceLine, InvoiceTax
from partage.billing.queries import deposit_left, in_words, payment_days
from partage.governance.models import Cooperative
from partage.governance.queries import cooperative
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.members.models import Province
from partage.rules import tax
from partage.rules.money import ZERO
from partage.tariffs.models import TaxRate


class NothingOnIt(ActionRefused):
    sentence = _(
        "Ce brouillon n’a aucune ligne. Ajoutez-en une, ou supprimez le brouillon."
    )


class AmountNotPositive(ActionRefused):
    sentence = _(
        "Le total de ce brouillon n’est pas au-dessus de zéro. "
        "Revoyez ses lignes avant de l’émettre."
    )


class IssuedTogether(ActionRefused):
    sentence = _(
        "Ce brouillon est une part de la facture consolidée de %(payer)s : elles "
        "s’émettent ensemble. Ouvrez la facture consolidée."
    )


class DepositGone(ActionRefused):
    sentence = _(
        "L’acompte que ce brouillon déduit n’est plus là : sa facture est créditée, ou "
        "un autre brouillon l’a pris. Retirez la ligne « Acompte déjà facturé »."
    )


class TaxDaysDiffer(ActionRefused):
    sentence = _(
        "Les taxes de %(province)s ont changé entre l’échéance convenue du %(on)s et "
        "aujourd’hui. Facturez cette échéance seule : retirez les autres lignes."
    )


class NoTaxRates(ActionRefused):
    sentence = _(
        "Aucune taxe n’est inscrite pour la province %(province)s à la date du "
        "%(on)s. Inscrivez ses taux dans Administration, Paramètres, puis émettez."
    )


class TaxRatesClash(ActionRefused):
    sentence = _(
        "Deux taxes de la province %(province)s se contredisent (%(codes)s). "
        "Corrigez leurs dates dans Administration, Paramètres, puis émettez."
    )


class RegistrationMissing(ActionRefused):
    sentence = _(
        "Le numéro d’inscription à la taxe %(tax)s de la coopérative manque. "
        "Il est obligatoire dès %(amount)s : inscrivez-le dans "
        "Administration, Paramètres."
    )


class EarlierThanTheLast(ActionRefused):
    sentence = _(
        "Une facture est déjà émise à une date plus récente que le %(on)s. "
        "Les numéros suivent les dates : émettez à partir de cette date."
    )


class InvoiceNotIssued(ActionRefused):
    sentence = _("Cette facture est encore un brouillon. Émettez-la d’abord.")


def taxes_on(net: Decimal, *, province: str, on: date) -> tuple[tax.TaxLine, ...]:
    """Return the taxes of a price on a date, from the dated rows.

    Raises NoTaxRates or TaxRatesClash.
    """
    rows = [
        tax.DatedRate(row.province, row.code, row.rate, row.starts_on, row.ends_on)
        for row in TaxRate.objects.filter(province=province)
    ]
    name = Province(province).label
    try:
        return tax.taxes_due(net, tax.rates_in_force(rows, province, on))
    except tax.NoTaxRate:
        raise NoTaxRates(province=name, on=on) from None
    except tax.OverlappingRates as clash:
        codes = ", ".join(str(TaxRate.Code(code).label) for code in clash.codes)
        raise TaxRatesClash(province=name, codes=codes) from None


def tax_day(invoice: Invoice, on: date) -> date:
    """Return the day whose rates tax a draft issued on a day. See rules.tax.tax_point.

    An agreed schedule says when its amount is due, whenever it is invoiced.

    Raises TaxDaysDiffer if its lines follow days whose rates differ.
    """
    agreed = dict(
        InvoicedWork.objects.filter(
            line__invoice=invoice, instalment__schedule__isnull=False
        ).values_list("line_id", "instalment__on")
    )
    days = {
        tax.tax_point(invoiced_on=on, agreed_on=agreed.get(pk))
        for pk in invoice.lines.values_list("pk", flat=True)
    }
    rates = {
        day: [
            (one.code, one.rate)
            for one in taxes_on(ZERO, province=invoice.province, on=day)
        ]
        for day in days
    }
    first = min(days, default=on)
    if any(each != rates[first] for each in rates.values()):
        raise TaxDaysDiffer(province=Province(invoice.province).label, on=first)
    return first


def refuse_without_registration(
    coop: Cooperative, due: Sequence[tax.TaxLine], total: Decimal, *, on: date
) -> None:
    """Raise RegistrationMissing for what must bear the number of each tax that day."""
    least = content_on(on).registrations_from
    if abs(total) < least:
        return
    for line in due:
        number = coop.qst_number if line.code == "QST" else coop.gst_number
        if not number.strip():
            raise RegistrationMissing(
                tax=TaxRate.Code(line.code).label, amount=in_words(least)
            )


@transaction.atomic
def issue_invoice(*, invoice_id: int, by: Actor) -> Invoice:
    """Number the draft, freeze its taxes, print it, write it in the journal.

    Raises InvoiceGone, InvoiceAlreadyIssued, IssuedTogether, NothingOnIt,
    AmountNotPositive, DepositGone, TaxDaysDiffer, NoTaxRates, TaxRatesClash,
    RegistrationMissing or EarlierThanTheLast.
    """
    invoice = hold_draft(invoice_id)
    if invoice.consolidation_id:
        raise IssuedTogether(payer=invoice.organisation.name)
    _issue(invoice, by)
    journal.record(
        what="billing.invoice.issued",
        subject=invoice,
        by=by,
        number=invoice.number,
        mandate=invoice.mandate.reference,
        total=str(invoice.total),
    )
    return invoice


def issue_part(invoice_id: int, by: Actor) -> Invoice:
    """Issue a part of a consolidated invoice: it is sent with the whole, not alone."""
    invoice = hold_draft(invoice_id)
    _issue(invoice, by)
    journal.record(
        what="billing.invoice.issued_together",
        subject=invoice,
        by=by,
        number=invoice.number,
        total=str(invoice.total),
    )
    return invoice


def _issue(invoice: Invoice, by: Actor) -> None:
    lines = list(invoice.lines.all())
    if not lines:
        raise NothingOnIt
    net = sum((line.amount for line in lines), ZERO)
    deducted = sum(
        line.amount
        for line in lines
        if line.kind == InvoiceLine.Kind.DEPOSIT and line.amount < 0
    )
    # What was paid whole in advance is invoiced all the same, for nothing more.
    in_advance = deducted or any(line.bank_id for line in lines)
    if net < 0 or (net == 0 and not in_advance):
        raise AmountNotPositive
    if deducted and deposit_left(invoice.mandate_id) < 0:
        raise DepositGone
    coop = cooperative()
    due = taxes_on(net, province=invoice.province, on=tax_day(invoice, by.on))
    refuse_without_registration(
        coop, due, net + sum(line.amount for line in due), on=by.on
    )
    InvoiceTax.objects.bulk_create(
        InvoiceTax(invoice=invoice, code=line.code, rate=line.rate, amount=line.amount)
        for line in due
    )
    invoice.net = net
    invoice.due_on = by.on + timedelta(days=payment_days(invoice, coop, by.on))
    number_invoice(invoice, [line.amount for line in due], coop, by)


def number_invoice(
    invoice: Invoice, taxes: Sequence[Decimal], coop: Cooperative, by: Actor
) -> None:
    """Give the next number, freeze the total, keep the document.

    Everyone who issues waits here for the one before: what can be refused has been.
    """
    invoice.issued_on = by.on
    invoice.total = invoice.net + sum(taxes, ZERO)
    invoice.status = Invoice.Status.ISSUED if invoice.total else Invoice.Status.PAID
    invoice.number = journal.next_number("invoice")
    if Invoice.objects.filter(issued_on__gt=by.on).exists():
        raise EarlierThanTheLast(on=by.on)
    invoice.save()
    content = print_invoice(invoice, coop=coop)
    word = {
        ("INVOICE", "fr"): "facture",
        ("INVOICE", "en"): "invoice",
        ("CREDIT", "fr"): "note-de-credit",
        ("CREDIT", "en"): "credit-note",
    }[invoice.kind, invoice.language]
    invoice.pdf = keep_file(name=f"{word}-{invoice.number}.pdf", content=content, by=by)
    invoice.save(update_fields=["pdf"])
