"""What the doors show alike of invoices: their state, their steps, their paper."""

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext

from partage.billing.models import Consolidation, Invoice, InvoicedWork, InvoiceLine
from partage.billing.queries import parts_of
from partage.rules.money import ZERO


def state_of(invoice: Invoice, today: date) -> tuple[str, str]:
    """Return the state of an invoice in a word, and its kind."""
    if invoice.kind == Invoice.Kind.CREDIT and invoice.number:
        return gettext("note de crédit"), ""
    if not getattr(invoice, "own", True):
        # A part that another pays: how it was paid is not for whom it was for to see.
        return gettext("facturée au réseau"), ""
    if invoice.status == Invoice.Status.ISSUED:
        if invoice.due_on < today:
            return gettext("en retard"), "bad"
        return gettext("à payer"), "wait"
    kind = "good" if invoice.status == Invoice.Status.PAID else ""
    return invoice.get_status_display(), kind


def title_of(invoice: Invoice) -> str:
    if invoice.number is None:
        return gettext("Brouillon")
    if invoice.kind == Invoice.Kind.CREDIT:
        return gettext("Note de crédit %(number)s") % {"number": invoice.number}
    return gettext("Facture %(number)s") % {"number": invoice.number}


def steps_of(invoice: Invoice) -> tuple[list[str], int]:
    """Return the steps of an invoice and where it stands."""
    if invoice.kind == Invoice.Kind.CREDIT:
        return [], 0
    if invoice.status == Invoice.Status.CREDITED:
        return [gettext("Brouillon"), gettext("Émise"), gettext("Créditée")], 3
    names = [gettext("Brouillon"), gettext("Émise"), gettext("Payée")]
    return names, {"DRAFT": 0, "ISSUED": 1, "PAID": 3}[invoice.status]


def lines_of(invoice: Invoice) -> list[InvoiceLine]:
    """Return the lines, each with `days`: the first and last day of its work.

    A credit note's lines stand where those of its invoice do.
    """
    days: dict[int, list[date]] = {}
    for position, *on in InvoicedWork.objects.filter(
        line__invoice_id=invoice.credits_id or invoice.pk
    ).values_list("line__position", "time__on", "trip__on", "expense__on"):
        days.setdefault(position, []).extend(day for day in on if day)
    lines = list(invoice.lines.select_related("expert", "field"))
    for line in lines:
        worked = days.get(line.position)
        line.days = (min(worked), max(worked)) if worked else None
    return lines


def body_of(invoice: Invoice) -> dict:
    """Return what parts/invoice_body.html and parts/invoice_sums.html show."""
    names, current = steps_of(invoice)
    return {
        "invoice": invoice,
        "title": title_of(invoice),
        "lines": lines_of(invoice),
        "taxes": [
            (row.get_code_display(), row.rate, row.amount)
            for row in invoice.taxes.all()
        ],
        "total": invoice.total,
        "step_names": names,
        "step": current,
        "payments": list(
            invoice.payments.select_related("recorded_by", "reversal").order_by(
                "received_on", "pk"
            )
        ),
        "credit_notes": list(invoice.credit_notes.order_by("number")),
    }


def mandate_invoices(found: Iterable[Invoice], today: date) -> list[Invoice]:
    """Return the rows of parts/mandate_invoices.html."""
    rows = list(found)
    for row in rows:
        row.title = title_of(row)
        row.at = state_of(row, today)
    return rows


def consolidation_body(whole: Consolidation, today: date) -> dict:
    """Return what a page shows of a consolidated invoice: its parts, and their sums.

    `whole` comes from billing.queries.consolidations.
    """
    parts = list(parts_of(whole.pk))
    sums: dict[tuple, list] = {}
    for part in parts:
        part.taxed = sum((tax.amount for tax in part.taxes.all()), ZERO)
        for tax in part.taxes.all():
            key = part.get_province_display(), tax.code, tax.rate
            row = sums.setdefault(key, [tax.get_code_display(), ZERO, ZERO])
            row[1] += part.net
            row[2] += tax.amount
    balance = sum((part.balance for part in parts), ZERO)
    if whole.number is None:
        title, at, step = gettext("Brouillon"), (gettext("brouillon"), ""), 0
    else:
        title = gettext("Facture consolidée C-%(number)s") % {"number": whole.number}
        late = any(part.balance > 0 and part.due_on < today for part in parts)
        step = 1 if balance > 0 else 3
        at = (
            (gettext("en retard"), "bad")
            if late
            else (gettext("à payer"), "wait")
            if balance > 0
            else (gettext("payée"), "good")
        )
    return {
        "whole": whole,
        "title": title,
        "at": at,
        "step_names": [gettext("Brouillon"), gettext("Émise"), gettext("Payée")],
        "step": step,
        "parts": parts,
        "taxes": [
            (name, rate, place, base, amount)
            for (place, _code, rate), (name, base, amount) in sorted(sums.items())
        ],
        "balance": balance,
    }
