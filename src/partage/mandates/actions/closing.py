"""A mandate ends: what was learned is poured, and the member says how it went."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.journal.actions import ActionRefused, Actor, record
from partage.knowledge.actions import pour, record_reuse
from partage.knowledge.models import Piece
from partage.mandates.actions.work import ReasonIsMissing, locked
from partage.mandates.models import Deliverable, Mandate, Milestone, Satisfaction


class MandateIsClosed(ActionRefused):
    sentence = _(
        "Le mandat %(reference)s est déjà clos depuis le %(on)s. "
        "Pour y revenir, rouvrez-le en disant pourquoi."
    )


class MandateIsNotClosed(ActionRefused):
    sentence = _("Le mandat %(reference)s n’est pas clos : il est %(status)s.")


class MilestonesAreOpen(ActionRefused):
    sentence = _(
        "Des jalons ne sont pas atteints : %(titles)s. "
        "Marquez-les atteints, ou dites pourquoi le mandat se ferme sans eux."
    )
    field = "reason"


class ClosingSaysNothing(ActionRefused):
    sentence = _(
        "Écrivez au moins une leçon, avec son titre : "
        "c’est ce que la prochaine demande semblable trouvera."
    )
    field = "lesson_title"


class SatisfactionAlreadyGiven(ActionRefused):
    sentence = _(
        "Votre organisation a déjà donné son avis sur le mandat %(reference)s. "
        "Merci. Pour y ajouter, écrivez à la coordination."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What was learned, in words that serve someone else."""

    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pour:
    """A deliverable that can serve others, and what it is in a few words."""

    deliverable_id: int
    text: str
    minutes: int | None = None  # what this deliverable alone really took


@dataclass(frozen=True, slots=True, kw_only=True)
class Reused:
    """A piece of the reservoir that served this mandate, and what it saved."""

    piece_id: int
    minutes_saved: int
    minutes_adapting: int = 0
    agreement: str = ""  # who agreed, where the licence asks for it


@transaction.atomic
def close_mandate(
    *,
    mandate_id: int,
    lessons: Sequence[Lesson],
    by: Actor,
    transferable: Sequence[Pour] = (),
    reused: Sequence[Reused] = (),
    author_id: int | None = None,
    minutes: int | None = None,
    reason: str = "",
    without_lesson: str = "",
) -> Mandate:
    """Close a mandate; pour its lessons and what can serve others into the reservoir.

    `minutes` is what the work really took: the door asks timesheets. What is poured
    stays inside the mandate's wall until it is released. `reason` says why the
    mandate closes while milestones are open, and `without_lesson` why it teaches
    nothing new.

    Raises MandateIsClosed, MilestonesAreOpen, ClosingSaysNothing, or what the
    reservoir refuses.
    """
    mandate = locked(mandate_id)
    if mandate.status == Mandate.Status.CLOSED:
        raise MandateIsClosed(reference=mandate.reference, on=mandate.closed_on)
    left = list(
        Milestone.objects.filter(mandate=mandate, done_on=None).values_list(
            "title", flat=True
        )
    )
    if left and not reason.strip():
        raise MilestonesAreOpen(titles=", ".join(left))
    # A mandate closed a second time pours only what is new.
    poured = Piece.objects.filter(source=mandate.reference)
    taught = lessons or poured.filter(kind=Piece.Kind.LESSON).exists()
    if not taught and not without_lesson.strip():
        raise ClosingSaysNothing
    known = set(poured.values_list("title", "file_id"))
    source = {
        "language": mandate.language,
        "province": mandate.province,
        "source": mandate.reference,
        "organisation_id": mandate.organisation_id,
        "author_id": author_id,
        "by": by,
    }
    for lesson in lessons:
        pour(
            kind=Piece.Kind.LESSON,
            title=lesson.title,
            text=lesson.text,
            field_id=mandate.field_id,
            minutes=minutes,
            **source,
        )
    chosen = {one.deliverable_id: one for one in transferable}
    for row in Deliverable.objects.filter(mandate=mandate).select_related("type"):
        row.transferable = row.pk in chosen
        row.save(update_fields=["transferable"])
        if row.transferable and (row.title, row.file_id) not in known:
            pour(
                kind=Piece.Kind.DELIVERABLE,
                title=row.title,
                text=chosen[row.pk].text.strip() or row.title,
                field_id=row.type.field_id if row.type else mandate.field_id,
                deliverable_type_id=row.type_id,
                file_id=row.file_id,
                minutes=chosen[row.pk].minutes or minutes,
                **source,
            )
    for one in reused:
        record_reuse(
            piece_id=one.piece_id,
            served=mandate.reference,
            organisation_id=mandate.organisation_id,
            minutes_saved=one.minutes_saved,
            minutes_adapting=one.minutes_adapting,
            agreement=one.agreement,
            by=by,
        )
    mandate.status = Mandate.Status.CLOSED
    mandate.closed_on = max(by.on, mandate.opened_on)
    mandate.save(update_fields=["status", "closed_on"])
    record(
        what="mandates.mandate.closed",
        subject=mandate,
        by=by,
        reference=mandate.reference,
        lessons=len(lessons),
        deliverables=len(chosen),
        milestones_left=left,
        reason=reason.strip(),
        without_lesson=without_lesson.strip(),
    )
    return mandate


@transaction.atomic
def reopen_mandate(*, mandate_id: int, reason: str, by: Actor) -> Mandate:
    """Open a closed mandate again, and say why. What was poured stays poured.

    Raises MandateIsNotClosed or ReasonIsMissing.
    """
    mandate = locked(mandate_id)
    if mandate.status != Mandate.Status.CLOSED:
        raise MandateIsNotClosed(
            reference=mandate.reference, status=mandate.get_status_display()
        )
    if not reason.strip():
        raise ReasonIsMissing
    mandate.status = Mandate.Status.OPEN
    mandate.closed_on = None
    mandate.save(update_fields=["status", "closed_on"])
    record(
        what="mandates.mandate.reopened",
        subject=mandate,
        by=by,
        reference=mandate.reference,
        reason=reason.strip(),
    )
    return mandate


@transaction.atomic
def record_satisfaction(
    *,
    mandate_id: int,
    organisation_ids: Collection[int],
    score: int,
    recommends: bool,
    comment: str,
    by: Actor,
) -> Satisfaction:
    """Write once what the member says of a closed mandate.

    Raises Mandate.DoesNotExist for a mandate of others; MandateIsNotClosed or
    SatisfactionAlreadyGiven.
    """
    mandate = Mandate.objects.select_for_update().get(
        pk=mandate_id, organisation_id__in=organisation_ids
    )
    if Satisfaction.objects.filter(mandate=mandate).exists():
        raise SatisfactionAlreadyGiven(reference=mandate.reference)
    if mandate.status != Mandate.Status.CLOSED:
        raise MandateIsNotClosed(
            reference=mandate.reference, status=mandate.get_status_display()
        )
    satisfaction = Satisfaction.objects.create(
        mandate=mandate,
        score=score,
        recommends=recommends,
        comment=comment.strip(),
        user_id=by.user_id,
        at=by.at,
    )
    record(
        what="mandates.satisfaction.given",
        subject=mandate,
        by=by,
        score=score,
        recommends=recommends,
    )
    return satisfaction
