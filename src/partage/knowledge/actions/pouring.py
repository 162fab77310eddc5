"""What is poured into the reservoir, shared and withdrawn."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.experts.models import Field
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.knowledge.models import Piece, Version
from partage.knowledge.queries import words_of_piece


class PieceSaysNothing(ActionRefused):
    sentence = _(
        "Un savoir demande un titre et un texte. "
        "Écrivez en quelques phrases ce qui pourra resservir."
    )
    field = "text"


class PieceIsWithdrawn(ActionRefused):
    sentence = _(
        "« %(title)s » a été retiré du réservoir. "
        "Pour s’en servir de nouveau, partagez-le d’abord."
    )


class PieceAlreadyReleased(ActionRefused):
    sentence = _(
        "« %(title)s » est déjà partagé avec tous. "
        "Pour qu’il cesse de l’être, retirez-le."
    )


class WithdrawalSaysNothing(ActionRefused):
    sentence = _("Dites pourquoi ce savoir est retiré : le journal le gardera.")
    field = "reason"


@transaction.atomic
def pour(
    *,
    kind: str,
    title: str,
    text: str,
    language: str,
    field_id: int,
    by: Actor,
    deliverable_type_id: int | None = None,
    province: str = "",
    source: str = "",
    organisation_id: int | None = None,
    author_id: int | None = None,
    minutes: int | None = None,
    file_id: int | None = None,
    valid_until: date | None = None,
    confidentiality: str = Piece.Confidentiality.MEMBERS,
    licence: str = Piece.Licence.FREE,
    privileged: bool | None = None,
) -> Piece:
    """Pour a piece into the reservoir, inside the wall of its source.

    `minutes` is what the work really took. `privileged`: under professional secrecy;
    unsaid, it is what its field is. Raises PieceSaysNothing.
    """
    title, text = " ".join(title.split())[:200], text.strip()
    if not title or not text:
        raise PieceSaysNothing
    if privileged is None:
        privileged = Field.objects.get(pk=field_id).privileged
    piece = Piece.objects.create(
        kind=kind,
        title=title,
        text=text,
        language=language,
        field_id=field_id,
        deliverable_type_id=deliverable_type_id,
        province=province,
        source=source,
        organisation_id=organisation_id,
        author_id=author_id,
        minutes=minutes,
        file_id=file_id,
        poured_on=by.on,
        valid_until=valid_until,
        confidentiality=confidentiality,
        licence=licence,
        privileged=privileged,
        words=words_of_piece(title, text),
    )
    Version.objects.create(
        piece=piece,
        number=1,
        is_shown=True,
        title=title,
        text=text,
        file_id=file_id,
        language=language,
        author_id=author_id,
        added_at=by.at,
        added_by_id=by.user_id,
        reading=Version.Reading.WAITING if file_id else Version.Reading.READ,
    )
    journal.record(
        what="knowledge.piece.poured", subject=piece, by=by, title=title, source=source
    )
    return piece


@transaction.atomic
def release(*, piece_id: int, by: Actor) -> Piece:
    """Share a piece with every member. Raises PieceAlreadyReleased."""
    piece = locked(piece_id)
    if piece.status == Piece.Status.RELEASED:
        raise PieceAlreadyReleased(title=piece.title)
    piece.status = Piece.Status.RELEASED
    piece.released_on = by.on
    piece.save(update_fields=["status", "released_on"])
    journal.record(
        what="knowledge.piece.released", subject=piece, by=by, title=piece.title
    )
    return piece


@transaction.atomic
def withdraw(*, piece_id: int, reason: str, by: Actor) -> Piece:
    """Take a piece out of every search; what it served stays written.

    Raises PieceIsWithdrawn or WithdrawalSaysNothing.
    """
    piece = locked(piece_id)
    if piece.status == Piece.Status.WITHDRAWN:
        raise PieceIsWithdrawn(title=piece.title)
    if not reason.strip():
        raise WithdrawalSaysNothing
    piece.status = Piece.Status.WITHDRAWN
    piece.save(update_fields=["status"])
    journal.record(
        what="knowledge.piece.withdrawn",
        subject=piece,
        by=by,
        title=piece.title,
        reason=reason.strip(),
    )
    return piece


def locked(piece_id: int) -> Piece:
    return Piece.objects.select_for_update().get(pk=piece_id)
