"""What is poured into the reservoir, and taken out of it."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app as jobs

from partage.experts.models import Field
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.knowledge.models import Piece, Release, Version
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
    version = Version.objects.create(
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
    if file_id:
        read_later(version)
    journal.record(
        what="knowledge.piece.poured", subject=piece, by=by, title=title, source=source
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
    take_out(piece)
    Release.objects.filter(piece=piece, status__in=Release.LIVE).update(
        status=Release.Status.ENDED, ended_at=by.at
    )
    journal.record(
        what="knowledge.piece.withdrawn",
        subject=piece,
        by=by,
        title=piece.title,
        reason=reason.strip(),
    )
    return piece


def take_out(piece: Piece) -> None:
    """Take a piece out of every search, in the transaction of the act."""
    piece.status = Piece.Status.WITHDRAWN
    lifted = piece.releases.exclude(secrecy_lifted="").exists()
    piece.privileged = piece.privileged or lifted
    piece.save(update_fields=["status", "privileged"])


def show(piece: Piece, version: Version) -> None:
    """Make a version what whoever may see the piece reads, and what search finds."""
    piece.versions.filter(is_shown=True).exclude(pk=version.pk).update(is_shown=False)
    version.is_shown = True
    version.save(update_fields=["is_shown"])
    piece.title, piece.text = version.title, version.text
    piece.file_id, piece.language = version.file_id, version.language
    piece.words = words_of_piece(version.title, version.text)
    piece.save(update_fields=["title", "text", "file", "language", "words"])


def read_later(version: Version) -> None:
    """Have the document of a version read by a job, deferred in this transaction."""
    jobs.configure_task("read_document").defer(version_id=version.pk)


def locked(piece_id: int) -> Piece:
    return Piece.objects.select_for_update().get(pk=piece_id)
