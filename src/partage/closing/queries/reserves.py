"""The ledgers of the reserves: what each holds is the sum of its lines."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from partage.closing.models import ReserveMovement
from partage.rules.money import ZERO


def held(on: date | None = None) -> dict[str, Decimal]:
    """Return what each reserve holds at the end of a day, in dollars; now without."""
    rows = ReserveMovement.objects.all()
    if on:
        rows = rows.filter(on__lte=on)
    sums = dict(rows.order_by().values_list("fund").annotate(Sum("amount")))
    return {fund: sums.get(fund, ZERO) for fund in ReserveMovement.Fund.values}


@dataclass(frozen=True, slots=True)
class LedgerLine:
    movement: ReserveMovement
    balance: Decimal


def ledgers(funds: Iterable[str] | None = None) -> dict[str, list[LedgerLine]]:
    """Return the lines of each reserve with the running balance, the oldest first."""
    wanted = list(funds or ReserveMovement.Fund.values)
    found: dict[str, list[LedgerLine]] = {fund: [] for fund in wanted}
    for row in ReserveMovement.objects.filter(fund__in=wanted).select_related(
        "year", "proposal", "resolution__meeting", "reverses"
    ):
        lines = found[row.fund]
        before = lines[-1].balance if lines else ZERO
        lines.append(LedgerLine(row, before + row.amount))
    return found
