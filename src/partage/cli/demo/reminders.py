"""Reminders of the demonstration: some left at each step, some wait, one is held."""

from datetime import date

from partage.billing import queries
from partage.billing.actions import hold_reminders, send_reminders
from partage.cli.demo.ground import World, at


def remind(world: World) -> None:
    """Send most of what was due in March, hold one member, leave the rest to send."""
    finance = world.finance[0]
    for day in (date(2025, 3, 10), date(2025, 3, 24)):
        due = queries.reminders_due(day)
        keys = [one.key for one in due if one.recipients][::2]
        send_reminders(keys=keys, by=world.actor(finance, at(day, 10, 15)))
    day = date(2025, 3, 25)
    waiting = queries.reminders_due(day)
    hold_reminders(
        organisation_id=waiting[-1].organisation.pk,
        reason="Entente de paiement en trois versements, jusqu’à la fin de mai.",
        until=date(2025, 5, 31),
        by=world.actor(finance, at(day, 9, 40)),
    )
