"""Questions about hours bought in advance: what is left, and when it is low."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from partage.agreements.models import HourBank
from partage.agreements.queries import banks_serving
from partage.billing.models import InvoiceLine
from partage.members.models import Organisation


@dataclass(frozen=True, slots=True)
class BankBalance:
    """A bank of hours: minutes bought, taken by invoices and drafts, and left."""

    bank: HourBank
    taken: int

    @property
    def left(self) -> int:
        return self.bank.minutes - self.taken

    @property
    def percent(self) -> int:
        """What was taken, of 100."""
        return min(100, 100 * self.taken // self.bank.minutes)

    @property
    def is_low(self) -> bool:
        return 100 * self.left <= self.bank.low_percent * self.bank.minutes


def bank_balances(banks: Iterable[HourBank]) -> list[BankBalance]:
    """Return what is left of each bank, in one query.

    A credit note gives back what its invoice took.
    """
    rows = list(banks)
    taken = dict(
        InvoiceLine.objects.filter(bank__in=[bank.pk for bank in rows])
        .order_by()
        .values_list("bank_id")
        .annotate(taken=Sum("minutes"))
    )
    return [BankBalance(bank, -(taken.get(bank.pk) or 0)) for bank in rows]


def balances_serving(
    organisations: Iterable[Organisation], on: date
) -> list[BankBalance]:
    """Return what is left of the banks that serve some organisations on a day."""
    return bank_balances(banks_serving(organisations, start=on, end=on))


def low_banks(on: date) -> list[BankBalance]:
    """Return the banks open on a day of which little is left, the lowest first."""
    banks = HourBank.objects.filter(starts_on__lte=on, ends_on__gte=on)
    found = bank_balances(banks.select_related("agreement__organisation"))
    return sorted(
        (one for one in found if one.is_low), key=lambda one: (one.left, one.bank.pk)
    )
