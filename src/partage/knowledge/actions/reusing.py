"""What served again is written, and credited."""

from collections.abc import Collection

from django.db import transaction

from partage.journal import actions as journal
from partage.journal.actions import Actor
from partage.knowledge.actions.pouring import PieceIsWithdrawn, locked
from partage.knowledge.models import Piece, Reuse
from partage.rules.reuse import saving


@transaction.atomic
def record_reuse(
    *,
    piece_id: int,
    served: str,
    organisation_id: int,
    minutes_saved: int,
    by: Actor,
    minutes_adapting: int = 0,
) -> Reuse:
    """Write that a piece served a need or a mandate (its reference) again.

    `minutes_saved` is what is declared; what is credited is capped by what the piece
    really took (`rules.reuse.saving`). Told twice of the same, it keeps the last.
    Raises PieceIsWithdrawn.
    """
    piece = locked(piece_id)
    if piece.status == Piece.Status.WITHDRAWN:
        raise PieceIsWithdrawn(title=piece.title)
    reuse, _created = Reuse.objects.update_or_create(
        piece=piece,
        served=served,
        defaults={
            "organisation_id": organisation_id,
            "minutes_declared": minutes_saved,
            "minutes_adapting": minutes_adapting,
            "minutes_saved": saving(
                declared=minutes_saved, real=piece.minutes, adapting=minutes_adapting
            ),
            "recorded_by_id": by.user_id,
            "on": by.on,
        },
    )
    journal.record(
        what="knowledge.piece.reused",
        subject=piece,
        by=by,
        title=piece.title,
        served=served,
        minutes_saved=reuse.minutes_saved,
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


@transaction.atomic
def say_if_helped(
    *,
    reuse_id: int,
    organisation_ids: Collection[int],
    helped: bool,
    words: str,
    by: Actor,
) -> Reuse:
    """Write what an organisation says of a piece that served it; the last word stands.

    Raises Reuse.DoesNotExist for what served others.
    """
    reuse = Reuse.objects.select_for_update().get(
        pk=reuse_id, organisation_id__in=organisation_ids
    )
    reuse.helped, reuse.helped_at, reuse.helped_words = helped, by.at, words.strip()
    reuse.save(update_fields=["helped", "helped_at", "helped_words"])
    journal.record(
        what="knowledge.reuse.helped" if helped else "knowledge.reuse.did_not_help",
        subject=reuse.piece,
        by=by,
        title=reuse.piece.title,
        served=reuse.served,
        reason=reuse.helped_words,
    )
    return reuse
