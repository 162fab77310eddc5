"""Number an invoice and freeze it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from partage.archive.actions import keep_file
from partage.billing.actions.drafting import (
    InvoiceAlreadyIssued,
    InvoiceGone,
    hold_invoices,
)
from partage.billing.actions.printing import content_on, print_invoices
from partage.billing.models import Invoice, InvoicedWork, InvoiceLine, InvoiceTax
from partage.billing.queries import deposit_left, in_words, payment_days_of
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


class CreditRegistrationMissing(ActionRefused):
    sentence = _(
        "Le numéro d’inscription à la taxe %(tax)s de la coopérative manque. Une note "
        "de crédit le porte, quel que soit son montant : inscrivez-le dans "
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
    return _taxes(net, _dated_rates([province]), province=province, on=on)


def _dated_rates(provinces: Collection[str]) -> list[tax.DatedRate]:
    return [
        tax.DatedRate(row.province, row.code, row.rate, row.starts_on, row.ends_on)
        for row in TaxRate.objects.filter(province__in=provinces)
    ]


def _taxes(
    net: Decimal, rows: Iterable[tax.DatedRate], *, province: str, on: date
) -> tuple[tax.TaxLine, ...]:
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
    rates = _dated_rates([invoice.province])
    return _tax_day(invoice, on, _agreed_days([invoice.pk])[invoice.pk], rates)


def _agreed_days(invoice_ids: Iterable[int]) -> Mapping[int, Mapping[int, date]]:
    """Return the day that a schedule agreed for lines, by invoice id and line id."""
    found: dict[int, dict[int, date]] = defaultdict(dict)
    for invoice_id, line_id, on in InvoicedWork.objects.filter(
        line__invoice__in=invoice_ids, instalment__schedule__isnull=False
    ).values_list("line__invoice_id", "line_id", "instalment__on"):
        found[invoice_id][line_id] = on
    return found


def _tax_day(
    invoice: Invoice,
    on: date,
    agreed: Mapping[int, date],
    rows: Sequence[tax.DatedRate],
) -> date:
    days = {
        tax.tax_point(invoiced_on=on, agreed_on=agreed.get(line.pk))
        for line in invoice.lines.all()
    }
    rates = {
        day: [
            (one.code, one.rate)
            for one in _taxes(ZERO, rows, province=invoice.province, on=day)
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
    _refuse_unregistered(coop, due, total, content_on(on).registrations_from)


def _refuse_unregistered(
    coop: Cooperative, due: Sequence[tax.TaxLine], total: Decimal, least: Decimal
) -> None:
    if abs(total) < least:
        return
    for name in _unregistered(coop, due):
        raise RegistrationMissing(tax=name, amount=in_words(least))


def refuse_unregistered_credit(coop: Cooperative, due: Sequence[tax.TaxLine]) -> None:
    """Raise CreditRegistrationMissing unless the number of each tax is known.

    Source: Credit Note and Debit Note Information (GST/HST) Regulations, s. 3(b);
    Regulation respecting the Québec sales tax, s. 449R1(2): whatever the amount.
    """
    for name in _unregistered(coop, due):
        raise CreditRegistrationMissing(tax=name)


def _unregistered(coop: Cooperative, due: Sequence[tax.TaxLine]) -> Iterator[str]:
    for line in due:
        number = coop.qst_number if line.code == "QST" else coop.gst_number
        if not number.strip():
            yield str(TaxRate.Code(line.code).label)


@transaction.atomic
def issue_invoice(*, invoice_id: int, by: Actor) -> Invoice:
    """Number the draft, freeze its taxes, print it, write it in the journal.

    Raises InvoiceGone, InvoiceAlreadyIssued, IssuedTogether, NothingOnIt,
    AmountNotPositive, DepositGone, TaxDaysDiffer, NoTaxRates, TaxRatesClash,
    RegistrationMissing or EarlierThanTheLast.
    """
    issued = issue_invoices(invoice_ids=[invoice_id], by=by)
    for why in issued.refused.values():
        raise why
    return issued.invoices[0]


@dataclass(frozen=True, slots=True)
class Issued:
    """What became of drafts issued together: invoices, and why not, by draft id."""

    invoices: Sequence[Invoice]
    refused: Mapping[int, ActionRefused]


@transaction.atomic
def issue_invoices(*, invoice_ids: Sequence[int], by: Actor) -> Issued:
    """Issue drafts together, in this order, each as `issue_invoice` does.

    What is asked of the database and printed is asked and printed for all of them at
    once. One that is refused stays a draft and says why: it takes no number, and the
    others stand. Everyone else who issues waits until they are all kept.

    Raises EarlierThanTheLast, for all of them.
    """
    issued = _issue(invoice_ids, by, part_of=None)
    journal.record_each(
        what="billing.invoice.issued",
        by=by,
        done=[
            (
                one,
                {
                    "number": one.number,
                    "mandate": one.mandate.reference,
                    "total": str(one.total),
                },
            )
            for one in issued.invoices
        ],
    )
    return issued


def issue_parts(
    invoice_ids: Sequence[int], by: Actor, *, part_of: int
) -> Sequence[Invoice]:
    """Issue all the parts of a consolidated invoice: they are sent with it, not alone.

    Raises what refuses the first part that is refused.
    """
    issued = _issue(invoice_ids, by, part_of=part_of)
    for why in issued.refused.values():
        raise why
    journal.record_each(
        what="billing.invoice.issued_together",
        by=by,
        done=[
            (one, {"number": one.number, "total": str(one.total)})
            for one in issued.invoices
        ],
    )
    return issued.invoices


@dataclass(frozen=True, slots=True)
class _Asked:
    """What decides whether drafts can be issued that day, asked once for all."""

    coop: Cooperative
    on: date
    registrations_from: Decimal
    rates: Sequence[tax.DatedRate]
    agreed: Mapping[int, Mapping[int, date]]
    days: Mapping[int, int]


def _issue(invoice_ids: Sequence[int], by: Actor, *, part_of: int | None) -> Issued:
    held = hold_invoices(invoice_ids)
    prefetch_related_objects(list(held.values()), "lines")
    coop = cooperative()
    asked = _Asked(
        coop=coop,
        on=by.on,
        registrations_from=content_on(by.on).registrations_from,
        rates=_dated_rates({one.province for one in held.values()}),
        agreed=_agreed_days(held),
        days=payment_days_of(held.values(), coop, by.on),
    )
    ready: list[tuple[Invoice, Sequence[tax.TaxLine]]] = []
    refused: dict[int, ActionRefused] = {}
    for pk in dict.fromkeys(invoice_ids):
        try:
            if pk not in held:
                raise InvoiceGone
            ready.append((held[pk], _checked(held[pk], asked, part_of)))
        except ActionRefused as why:
            refused[pk] = why
    if ready:
        InvoiceTax.objects.bulk_create(
            InvoiceTax(
                invoice=invoice, code=line.code, rate=line.rate, amount=line.amount
            )
            for invoice, due in ready
            for line in due
        )
        number_invoices(ready, coop, by)
    return Issued([invoice for invoice, _due in ready], refused)


def _checked(
    invoice: Invoice, asked: _Asked, part_of: int | None
) -> Sequence[tax.TaxLine]:
    """Refuse what must be refused; return the taxes, with price and due date set."""
    if invoice.number is not None:
        raise InvoiceAlreadyIssued(number=invoice.number)
    if invoice.consolidation_id != part_of:
        raise IssuedTogether(payer=invoice.organisation.name)
    lines = invoice.lines.all()
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
    day = _tax_day(invoice, asked.on, asked.agreed.get(invoice.pk, {}), asked.rates)
    due = _taxes(net, asked.rates, province=invoice.province, on=day)
    total = net + sum(line.amount for line in due)
    _refuse_unregistered(asked.coop, due, total, asked.registrations_from)
    invoice.net = net
    invoice.due_on = asked.on + timedelta(days=asked.days[invoice.pk])
    return due


def number_invoices(
    taxed: Sequence[tuple[Invoice, Sequence[tax.TaxLine]]],
    coop: Cooperative,
    by: Actor,
) -> None:
    """Give the next numbers, freeze the totals, print and keep the documents.

    Everyone who issues waits here for the one before: what can be refused has been.
    """
    numbers = journal.next_numbers("invoice", len(taxed))
    if Invoice.objects.filter(issued_on__gt=by.on).exists():
        raise EarlierThanTheLast(on=by.on)
    for number, (invoice, taxes) in zip(numbers, taxed, strict=True):
        invoice.number = number
        invoice.issued_on = by.on
        invoice.total = invoice.net + sum((one.amount for one in taxes), ZERO)
        invoice.status = Invoice.Status.ISSUED if invoice.total else Invoice.Status.PAID
    printed = print_invoices(taxed, coop=coop, on=by.on)
    for (invoice, _taxes), content in zip(taxed, printed, strict=True):
        word = _WORDS[invoice.kind, invoice.language]
        invoice.pdf = keep_file(
            name=f"{word}-{invoice.number}.pdf", content=content, by=by
        )
        invoice.save(update_fields=_SET_WHEN_ISSUED)


_WORDS = {
    ("INVOICE", "fr"): "facture",
    ("INVOICE", "en"): "invoice",
    ("CREDIT", "fr"): "note-de-credit",
    ("CREDIT", "en"): "credit-note",
}
_SET_WHEN_ISSUED = ("number", "status", "issued_on", "due_on", "net", "total", "pdf")
