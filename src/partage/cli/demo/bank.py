"""The bank's files of the demonstration: one confirmed, one awaiting on the Monday.

Made of the invoices that are open, told as a caisse tells of deposits: with a number, a
name cut short, a sum, a part, too much, and two that no invoice explains.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from partage.billing import queries
from partage.billing.actions import bring_bank_file, match_certain
from partage.billing.models import Invoice
from partage.cli.demo.ground import World, at
from partage.rules.triage import fold

CAISSE = '"Caisse de Limoilou","030814","EOP"'
FEES = Decimal("12.95")


def receive(world: World, then: Callable[[], None] = lambda: None) -> None:
    """Bring the two files in, as finance did; `then` happens between the two."""
    finance = world.finance[0]
    open_ones = list(
        queries.with_balance(
            Invoice.objects.filter(kind="INVOICE", status="ISSUED").select_related(
                "organisation"
            )
        ).order_by("number")
    )
    open_ones = [one for one in open_ones if one.balance == one.total]
    by_payer = defaultdict(list)
    for one in open_ones:
        by_payer[one.organisation_id].append(one)
    alone = [each[0] for each in by_payer.values() if len(each) == 1]
    several = [each for each in by_payer.values() if 2 <= len(each) <= 5]
    told = [
        (date(2025, 4, 1), f"Virement /FACTURE {one.number}", one.total)
        for one in alone[:6]
    ]
    first = bring_bank_file(
        name="releve-2025-04-01.csv",
        content=_written(told, date(2025, 4, 1)),
        by=world.actor(finance, at(date(2025, 4, 2), 9, 5)),
    )
    match_certain(
        deposit_ids=first.deposits.values_list("pk", flat=True),
        by=world.actor(finance, at(date(2025, 4, 2), 9, 12)),
    )
    rest = alone[6:]
    days = [date(2025, 4, day) for day in (2, 3, 4)]
    told = [
        (days[n % 3], f"Virement /FACT {one.number} {_short(one)}", one.total)
        for n, one in enumerate(rest[:5])
    ]
    told += [
        (days[n % 3], f"Dépôt direct /{_short(one, 40)}", one.total)
        for n, one in enumerate(rest[5:9])
    ]
    told += [
        (
            days[1],
            f"Dépôt direct /{_short(each[0], 40)}",
            sum(one.total for one in each),
        )
        for each in several[:2]
    ]
    part, over, cut = rest[9:12]
    told += [
        (days[2], f"Virement /FACTURE {part.number}", (part.total / 2).quantize(Decimal(1))),
        (days[2], f"Virement /FACTURE {over.number} {_short(over)}", over.total + 50),
        (days[0], f"Virement Interac de /{_short(cut, 9)}", cut.total),
        (days[0], "Dépôt direct /GOUV QUEBEC SUBVENTION", Decimal("4200.00")),
        (days[2], "Intérêts sur le compte", Decimal("18.44")),
    ]  # fmt: skip
    then()
    bring_bank_file(
        name="releve-2025-04-04.csv",
        content=_written(told, date(2025, 4, 4)),
        by=world.actor(finance, at(date(2025, 4, 7), 8, 20)),
    )


def _short(invoice: Invoice, most: int = 18) -> str:
    """Return the payer as banks write it: capitals, no accents, cut short."""
    return fold(invoice.organisation.name).upper()[:most].strip()


def _written(told: list[tuple[date, str, Decimal]], last: date) -> bytes:
    """Return the deposits as a caisse exports them, with its fees and its balances."""
    balance, rows = Decimal("182340.55"), []
    moves = [(on, words, amount, "") for on, words, amount in sorted(told)]
    moves.append((last, "Frais d’utilisation", -FEES, ""))
    for n, (on, words, amount, cheque) in enumerate(moves, 1):
        balance += amount
        out, into = (f"{-amount}", '""') if amount < 0 else ('""', f"{amount}")
        rows.append(
            f'{CAISSE},"{on:%Y/%m/%d}",{n:05d},"{words}","{cheque}",{out},{into},'
            f'"","","","",{balance}\r\n'
        )
    return "".join(rows).encode("cp1252")
