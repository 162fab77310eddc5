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


class MeetingToCome(ActionRefused):
    sentence = _(
        "Cette réunion n’a pas encore eu lieu. Inscrivez la résolution une fois prise."
    )
    field = "held_on"


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
def call_meeting(
    *,
    body: str,
    held_on: date,
    by: Actor,
    place: str = "",
    minutes_id: int | None = None,
) -> Meeting:
    """Write a meeting down, to come or held; say what changed of one already known."""
    meeting, created = Meeting.objects.select_for_update().get_or_create(
        body=body, held_on=held_on, defaults={"place": place, "minutes_id": minutes_id}
    )
    changed = {}
    if place and meeting.place != place:
        changed["place"] = meeting.place = place
    if minutes_id and meeting.minutes_id != minutes_id:
        changed["minutes_id"] = meeting.minutes_id = minutes_id
    if changed:
        meeting.save(update_fields=list(changed))
    if created or changed:
        journal.record(
            what=f"governance.meeting.{'called' if created else 'changed'}",
            subject=meeting,
            by=by,
            **changed,
        )
    return meeting


@transaction.atomic
def record_resolution(
    *,
    body: str,
    held_on: date,
    number: str,
    text: str,
    by: Actor,
    place: str = "",
    minutes_id: int | None = None,
    adopted: bool = True,
) -> Resolution:
    """Write down what a meeting decided, with its minutes if they are given.

    Raises ResolutionNumberTaken or MeetingToCome.
    """
    if held_on > by.on:
        raise MeetingToCome
    if Resolution.objects.filter(number=number).exists():
        raise ResolutionNumberTaken(number=number)
    meeting = call_meeting(
        body=body, held_on=held_on, place=place, minutes_id=minutes_id, by=by
    )
    resolution = Resolution.objects.create(
        meeting=meeting, number=number, text=text, adopted=adopted
    )
    journal.record(
        what="governance.resolution.recorded",
        subject=resolution,
        by=by,
        number=number,
        adopted=adopted,
    )
    return resolution
