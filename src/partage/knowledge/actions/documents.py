"""Versions of a piece, and the reading of their documents."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.extraction import Hidden, Reading, Unreadable, read
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.knowledge.actions.pouring import (
    PieceIsWithdrawn,
    PieceSaysNothing,
    locked,
    read_later,
    show,
)
from partage.knowledge.models import Page, Piece, Version


class DocumentIsRead(ActionRefused):
    sentence = _(
        "Ce document est déjà lu, ou le sera dans un instant. Rechargez la page."
    )


@transaction.atomic
def add_version(
    *,
    piece_id: int,
    title: str,
    text: str,
    by: Actor,
    file_id: int | None = None,
    author_id: int | None = None,
) -> Version:
    """Say a piece anew: a version of its own, which never changes after.

    It is shown at once inside the wall. Of a piece that is shared, what was released
    stays shown until the new version is released in its turn.

    Raises PieceSaysNothing or PieceIsWithdrawn.
    """
    piece = locked(piece_id)
    if piece.status == Piece.Status.WITHDRAWN:
        raise PieceIsWithdrawn(title=piece.title)
    title, text = " ".join(title.split())[:200], text.strip()
    if not title or not text:
        raise PieceSaysNothing
    version = Version.objects.create(
        piece=piece,
        number=_next_number(piece),
        title=title,
        text=text,
        file_id=file_id,
        language=piece.language,
        author_id=author_id or piece.author_id,
        added_at=by.at,
        added_by_id=by.user_id,
        reading=Version.Reading.WAITING if file_id else Version.Reading.READ,
    )
    if piece.status == Piece.Status.WALLED:
        show(piece, version)
    if file_id:
        read_later(version)
    journal.record(
        what="knowledge.version.added",
        subject=piece,
        by=by,
        title=title,
        number=version.number,
    )
    return version


def _next_number(piece: Piece) -> int:
    return piece.versions.order_by("-number").values_list("number", flat=True)[0] + 1


def read_version(*, version_id: int, by: Actor) -> Version:
    """Read the document of a version that waits for it; write its pages.

    The reading is done in a process of its own, before the transaction: it may take
    a minute. Done twice, it writes once.
    """
    version = Version.objects.select_related("file").get(pk=version_id)
    if version.reading != Version.Reading.WAITING or version.file is None:
        return version
    found: Reading | Unreadable
    try:
        found = read(bytes(version.file.content))
    except Unreadable as unreadable:
        found = unreadable
    with transaction.atomic():
        version = Version.objects.select_for_update().get(pk=version_id)
        if version.reading != Version.Reading.WAITING:
            return version
        if isinstance(found, Unreadable):
            version.reading = Version.Reading.UNREADABLE
            version.problem = found.problem.value
        else:
            version.reading = Version.Reading.READ
            write_pages(version, found)
        version.save(update_fields=["reading", "problem", "hidden"])
        journal.record(
            what="knowledge.version.read"
            if version.reading == Version.Reading.READ
            else "knowledge.version.unreadable",
            subject=version.piece,
            by=by,
            number=version.number,
            problem=version.problem,
            pages=0 if isinstance(found, Unreadable) else len(found.pages),
        )
    return version


def write_pages(version: Version, reading: Reading) -> None:
    """Write what was read; the caller saves `version.hidden`."""
    Page.objects.filter(version=version).delete()
    Page.objects.bulk_create(
        Page(
            version=version,
            number=page.number,
            label=page.label[:100],
            # PostgreSQL keeps no null character.
            text=page.text.replace("\x00", ""),
        )
        for page in reading.pages
    )
    version.hidden = hidden_words(reading.hidden)


def hidden_words(hidden: Hidden) -> dict:
    """Return what a document hides, as JSON, less what it does not."""
    every = {
        name: getattr(hidden, name)
        for name in (
            "notes", "comments", "changes", "sheets", "slides", "runs", "images",
        )
    }  # fmt: skip
    found = {name: count for name, count in every.items() if count}
    return found | ({"authors": list(hidden.authors)} if hidden.authors else {})


@transaction.atomic
def retry_reading(*, version_id: int, by: Actor) -> Version:
    """Ask for a document that could not be read to be read again.

    Raises DocumentIsRead.
    """
    version = Version.objects.select_for_update().get(pk=version_id)
    if version.reading == Version.Reading.READ or version.file_id is None:
        raise DocumentIsRead
    version.reading, version.problem = Version.Reading.WAITING, ""
    version.save(update_fields=["reading", "problem"])
    read_later(version)
    journal.record(
        what="knowledge.version.retried",
        subject=version.piece,
        by=by,
        number=version.number,
    )
    return version
