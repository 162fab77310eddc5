"""Acts on the reservoir: pour in, share, withdraw, and keep count of what served."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.knowledge.models import Piece, Reuse
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
) -> Piece:
    """Pour a piece into the reservoir, inside the wall of its source.

    `minutes` is what the work really took. Raises PieceSaysNothing.
    """
    title, text = " ".join(title.split())[:200], text.strip()
    if not title or not text:
        raise PieceSaysNothing
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
        words=words_of_piece(title, text),
    )
    journal.record(
        what="knowledge.piece.poured", subject=piece, by=by, title=title, source=source
    )
    return piece


@transaction.atomic
def release(*, piece_id: int, by: Actor) -> Piece:
    """Share a piece with every member. Raises PieceAlreadyReleased."""
    piece = _locked(piece_id)
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
    piece = _locked(piece_id)
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


@transaction.atomic
def record_reuse(
    *,
    piece_id: int,
    served: str,
    organisation_id: int,
    minutes_saved: int,
    by: Actor,
) -> Reuse:
    """Write that a piece served a need or a mandate (its reference) again.

    Told twice of the same, it keeps the last. Raises PieceIsWithdrawn.
    """
    piece = _locked(piece_id)
    if piece.status == Piece.Status.WITHDRAWN:
        raise PieceIsWithdrawn(title=piece.title)
    reuse, _created = Reuse.objects.update_or_create(
        piece=piece,
        served=served,
        defaults={
            "organisation_id": organisation_id,
            "minutes_saved": minutes_saved,
            "on": by.on,
        },
    )
    journal.record(
        what="knowledge.piece.reused",
        subject=piece,
        by=by,
        title=piece.title,
        served=served,
        minutes_saved=minutes_saved,
    )
    return reuse


@transaction.atomic
def take_back_reuse(*, piece_id: int, served: str, by: Actor) -> None:
    """Write that a piece did not serve after all (the need was opened again)."""
    piece = _locked(piece_id)
    gone, _rows = Reuse.objects.filter(piece=piece, served=served).delete()
    if gone:
        journal.record(
            what="knowledge.piece.reuse_taken_back",
            subject=piece,
            by=by,
            title=piece.title,
            served=served,
        )


def _locked(piece_id: int) -> Piece:
    return Piece.objects.select_for_update().get(pk=piece_id)
