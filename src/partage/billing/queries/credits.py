"""Questions about what credit notes leave of an invoice."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from partage.billing.models import Invoice, InvoiceLine, InvoiceTax
from partage.rules.money import ZERO
from partage.rules.tax import TaxLine


@dataclass(frozen=True, slots=True)
class Left:
    """What credit notes leave of a line, before tax, of the sign of the line."""

    line: InvoiceLine
    amount: Decimal

    @property
    def is_whole(self) -> bool:
        return self.amount == self.line.amount


def left_of(invoice: Invoice) -> dict[int, Left]:
    """Return what is left of each line by its id; lines given back are not there.

    A credit note's line stands where the line that it gives back does.
    """
    given = dict(
        InvoiceLine.objects.filter(invoice__credits=invoice)
        .order_by()
        .values_list("position")
        .annotate(sum=Sum("amount"))
    )
    found = {
        line.pk: Left(line, line.amount + given.get(line.position, ZERO))
        for line in invoice.lines.all()
    }
    return {pk: one for pk, one in found.items() if one.amount}


def taxes_left_of(invoice: Invoice) -> list[TaxLine]:
    """Return what is left of each tax, at the rate that the invoice charged."""
    given = dict(
        InvoiceTax.objects.filter(invoice__credits=invoice)
        .order_by()
        .values_list("code")
        .annotate(sum=Sum("amount"))
    )
    return [
        TaxLine(row.code, row.rate, row.amount + given.get(row.code, ZERO))
        for row in invoice.taxes.all()
    ]


def credited(invoice: Invoice) -> Decimal:
    """Return what its credit notes give back with taxes, below zero."""
    return invoice.credit_notes.aggregate(sum=Sum("total"))["sum"] or ZERO
