"""The books of the demonstration: handed to the accountants twice, closed once."""

from datetime import date

from partage.billing.actions import close_books, export_ledger
from partage.cli.demo.ground import YEAR_START, World, at


def hand_over(world: World) -> None:
    """Export until January, then February; close the books of what was exported."""
    finance = world.finance[0]
    export_ledger(
        start=YEAR_START,
        end=date(2025, 1, 31),
        language="fr",
        by=world.actor(finance, at(date(2025, 2, 6), 10, 30)),
    )
    export_ledger(
        start=date(2025, 2, 1),
        end=date(2025, 2, 28),
        language="fr",
        by=world.actor(finance, at(date(2025, 3, 6), 9, 45)),
    )
    close_books(
        until=date(2025, 2, 28),
        by=world.actor(finance, at(date(2025, 3, 6), 9, 50)),
    )
