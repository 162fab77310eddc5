"""Acts of the balance: read it, so that the forecast can be held to what came."""

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.balance.models import Reading
from partage.balance.queries import offer_and_demand
from partage.governance.queries import cooperative
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.rules.calendar import monday_of

WEEKS = 12


class ReadAlready(ActionRefused):
    sentence = _("L’équilibre a déjà été relevé le %(on)s. Relevez-le un autre jour.")


@transaction.atomic
def read_balance(*, on: date, by: Actor) -> list[Reading]:
    """Write offer and demand of the twelve weeks from a day, for each field.

    Raises ReadAlready.
    """
    if Reading.objects.filter(read_on=on).exists():
        raise ReadAlready(on=on)
    first = monday_of(on)
    mondays = [first + timedelta(weeks=at) for at in range(WEEKS)]
    rows = Reading.objects.bulk_create(
        Reading(
            read_on=on,
            field=one.field,
            monday=monday,
            free_minutes=free,
            waiting_minutes=waiting,
        )
        for one in offer_and_demand(mondays)
        for monday, free, waiting in zip(mondays, one.free, one.waiting, strict=True)
    )
    journal.record(what="balance.read", subject=cooperative(), by=by, on=on.isoformat())
    return rows
