"""A mandate as it is worked: opened, paused, its milestones and deliverables."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partage.archive.actions import keep_file
from partage.journal.actions import ActionRefused, Actor, record, reference
from partage.mandates.models import (
    Deliverable,
    Mandate,
    Milestone,
    Offer,
    OfferLine,
    TeamMember,
)
from partage.mandates.queries import lines_of, phases_of


class MandateIsNotOpen(ActionRefused):
    sentence = _(
        "Le mandat %(reference)s est %(status)s. "
        "Reprenez-le ou rouvrez-le avant d’y travailler."
    )


class MandateIsNotPaused(ActionRefused):
    sentence = _("Le mandat %(reference)s n’est pas en pause : il est %(status)s.")


class ReasonIsMissing(ActionRefused):
    sentence = _("Dites pourquoi : le journal le gardera.")
    field = "reason"


class MilestoneAlreadyReached(ActionRefused):
    sentence = _(
        "Le jalon « %(title)s » est déjà atteint depuis le %(on)s. "
        "S’il ne l’est pas, rouvrez-le."
    )


class MilestoneNotReached(ActionRefused):
    sentence = _("Le jalon « %(title)s » n’est pas encore atteint.")


class DeliverableHasNoTitle(ActionRefused):
    sentence = _("Donnez un titre au livrable.")
    field = "title"


@transaction.atomic
def open_mandate(*, offer_id: int, by: Actor) -> Mandate:
    """Open the mandate of an accepted offer, with all that was agreed frozen.

    Its team comes from the lines (at their rates), its milestones from the phases,
    its field is the one with most hours, and the province stays the offer's.
    """
    offer = Offer.objects.select_related("organisation").get(
        pk=offer_id, status=Offer.Status.ACCEPTED
    )
    phases = phases_of(offer)
    lines = lines_of(phases)
    mandate = Mandate.objects.create(
        reference=reference("M", on=by.on),
        offer=offer,
        organisation=offer.organisation,
        field_id=_main(lines),
        title=offer.title,
        province=offer.province,
        language=offer.language,
        opened_on=by.on,
        due_on=offer.ends_on,
        budget_minutes=sum(line.minutes for line in lines),
        budget_amount=offer.net,
    )
    with translation.override(f"{offer.language}-ca"):
        unnamed = gettext("Réalisation")
    Milestone.objects.bulk_create(
        Milestone(
            mandate=mandate,
            position=place,
            title=phase.title or unnamed,
            due_on=due_on,
        )
        for place, (phase, due_on) in enumerate(
            zip(phases, _due_dates(offer, phases, by.on), strict=True), 1
        )
    )
    minutes: dict[int, int] = {}
    first: dict[int, OfferLine] = {}
    for line in lines:
        if line.expert_id is not None:
            first.setdefault(line.expert_id, line)
            minutes[line.expert_id] = minutes.get(line.expert_id, 0) + line.minutes
    lead = max(minutes, key=lambda pk: minutes[pk], default=None)
    TeamMember.objects.bulk_create(
        TeamMember(
            mandate=mandate,
            expert_id=pk,
            field_id=line.field_id,
            level=line.level,
            rate=line.rate,
            lead=pk == lead,
        )
        for pk, line in first.items()
    )
    record(
        what="mandates.mandate.opened",
        subject=mandate,
        by=by,
        reference=mandate.reference,
        offer=str(offer),
        minutes=mandate.budget_minutes,
        amount=str(mandate.budget_amount),
    )
    return mandate


def _main(lines: list[OfferLine]) -> int:
    """Return the field with most minutes, the first of those that tie."""
    by_field: dict[int, int] = {}
    for line in lines:
        by_field[line.field_id] = by_field.get(line.field_id, 0) + line.minutes
    return max(by_field, key=lambda pk: by_field[pk])


def _due_dates(offer: Offer, phases: list, on: date) -> list[date | None]:
    """Spread the phases' ends over the time agreed, by their share of the hours."""
    if offer.ends_on is None:
        return [None for _phase in phases]
    start = max(offer.starts_on or on, on)
    days = max((offer.ends_on - start).days, 0)
    shares = [sum(line.minutes for line in phase.lines.all()) for phase in phases]
    return [
        offer.ends_on - timedelta(days=days * sum(shares[place:]) // sum(shares))
        for place in range(1, len(shares) + 1)
    ]


@transaction.atomic
def pause_mandate(*, mandate_id: int, reason: str, by: Actor) -> Mandate:
    """Put a mandate on hold, and say why. Raises MandateIsNotOpen, ReasonIsMissing."""
    mandate = open_one(mandate_id)
    if not reason.strip():
        raise ReasonIsMissing
    return _turn(mandate, Mandate.Status.PAUSED, "paused", reason, by)


@transaction.atomic
def resume_mandate(*, mandate_id: int, reason: str, by: Actor) -> Mandate:
    """Take up again a mandate on hold. Raises MandateIsNotPaused."""
    mandate = locked(mandate_id)
    if mandate.status != Mandate.Status.PAUSED:
        raise MandateIsNotPaused(
            reference=mandate.reference, status=mandate.get_status_display()
        )
    return _turn(mandate, Mandate.Status.OPEN, "resumed", reason, by)


def _turn(mandate: Mandate, status: str, done: str, reason: str, by: Actor) -> Mandate:
    mandate.status = status
    mandate.save(update_fields=["status"])
    record(
        what=f"mandates.mandate.{done}",
        subject=mandate,
        by=by,
        reference=mandate.reference,
        reason=reason.strip(),
    )
    return mandate


@transaction.atomic
def mark_milestone(*, milestone_id: int, by: Actor) -> Milestone:
    """Say that a milestone is reached. Raises MandateIsNotOpen,
    MilestoneAlreadyReached."""
    milestone = _milestone(milestone_id)
    if milestone.done_on:
        raise MilestoneAlreadyReached(title=milestone.title, on=milestone.done_on)
    return _set_done(milestone, by.on, "reached", by)


@transaction.atomic
def reopen_milestone(*, milestone_id: int, by: Actor) -> Milestone:
    """Say that a milestone was not reached after all. Raises MandateIsNotOpen,
    MilestoneNotReached."""
    milestone = _milestone(milestone_id)
    if milestone.done_on is None:
        raise MilestoneNotReached(title=milestone.title)
    return _set_done(milestone, None, "reopened", by)


def _milestone(milestone_id: int) -> Milestone:
    mandate_id = Milestone.objects.values_list("mandate_id", flat=True).get(
        pk=milestone_id
    )
    open_one(mandate_id)
    return Milestone.objects.select_for_update().get(pk=milestone_id)


def _set_done(milestone: Milestone, on: date | None, done: str, by: Actor) -> Milestone:
    milestone.done_on = on
    milestone.save(update_fields=["done_on"])
    record(
        what=f"mandates.milestone.{done}",
        subject=milestone.mandate,
        by=by,
        title=milestone.title,
        milestone_id=milestone.pk,
    )
    return milestone


@transaction.atomic
def add_deliverable(
    *,
    mandate_id: int,
    title: str,
    by: Actor,
    type_id: int | None = None,
    name: str = "",
    content: bytes | None = None,
    transferable: bool = False,
) -> Deliverable:
    """Deliver something, with its file if it has one.

    The same title again is its next version. Raises MandateIsNotOpen,
    DeliverableHasNoTitle, or what `archive.keep_file` raises.
    """
    mandate = open_one(mandate_id)
    title = " ".join(title.split())[:150]
    if not title:
        raise DeliverableHasNoTitle
    before = Deliverable.objects.filter(mandate=mandate, title__iexact=title).count()
    deliverable = Deliverable.objects.create(
        mandate=mandate,
        type_id=type_id,
        title=title,
        version=before + 1,
        file=keep_file(name=name, content=content, by=by)
        if content is not None
        else None,
        delivered_on=by.on,
        transferable=transferable,
    )
    record(
        what="mandates.deliverable.added",
        subject=mandate,
        by=by,
        title=title,
        version=deliverable.version,
        deliverable_id=deliverable.pk,
    )
    return deliverable


def locked(mandate_id: int) -> Mandate:
    return (
        Mandate.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .get(pk=mandate_id)
    )


def open_one(mandate_id: int) -> Mandate:
    """Lock a mandate that can be worked on. Raises MandateIsNotOpen."""
    mandate = locked(mandate_id)
    if mandate.status != Mandate.Status.OPEN:
        raise MandateIsNotOpen(
            reference=mandate.reference, status=mandate.get_status_display()
        )
    return mandate
