"""What served again is written, and credited."""

from django.db import transaction

from partage.journal import actions as journal
from partage.journal.actions import Actor
from partage.knowledge.actions.pouring import PieceIsWithdrawn, locked
from partage.knowledge.models import Piece, Reuse


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
    piece = locked(piece_id)
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
    piece = locked(piece_id)
    gone, _rows = Reuse.objects.filter(piece=piece, served=served).delete()
    if gone:
        journal.record(
            what="knowledge.piece.reuse_taken_back",
            subject=piece,
            by=by,
            title=piece.title,
            served=served,
        )
