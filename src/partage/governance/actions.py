"""Acts of governance."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.governance.models import Cooperative, Meeting, Resolution
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor


class ResolutionNumberTaken(ActionRefused):
    sentence = _(
        "La résolution %(number)s existe déjà. Donnez le numéro suivant du registre."
    )
    field = "number"


@transaction.atomic
def change_cooperative(*, by: Actor, **fields) -> Cooperative:
    """Set what documents print of the cooperative, and its by-law choices."""
    coop = Cooperative.objects.select_for_update().filter(pk=1).first()
    coop = coop or Cooperative(pk=1)
    before = {
        name: str(getattr(coop, name))
        for name, value in fields.items()
        if getattr(coop, name) != value
    }
    for name, value in fields.items():
        setattr(coop, name, value)
    coop.save()
    if before:
        journal.record(
            what="governance.cooperative.changed", subject=coop, by=by, before=before
        )
    return coop


@transaction.atomic
def record_resolution(
    *, body: str, held_on: date, number: str, text: str, by: Actor
) -> Resolution:
    """Write down what a meeting decided. Raises ResolutionNumberTaken."""
    if Resolution.objects.filter(number=number).exists():
        raise ResolutionNumberTaken(number=number)
    meeting, _created = Meeting.objects.get_or_create(body=body, held_on=held_on)
    resolution = Resolution.objects.create(meeting=meeting, number=number, text=text)
    journal.record(what="governance.resolution.recorded", subject=resolution, by=by)
    return resolution
