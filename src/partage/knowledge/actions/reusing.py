"""What served again is written, and credited."""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.knowledge.actions.pouring import PieceIsWithdrawn, locked
from partage.knowledge.models import Piece, Reuse
from partage.rules.reuse import saving


class PieceIsUsedAsIs(ActionRefused):
    sentence = _(
        "La licence de « %(title)s » le laisse réemployer tel quel, sans rien changer. "
        "Retirez les heures d’adaptation, ou choisissez un autre savoir."
    )


class PieceWantsAgreement(ActionRefused):
    sentence = _(
        "« %(title)s » se réemploie sur demande. Demandez à %(author)s, "
        "puis écrivez qui a donné son accord."
    )
    field = "agreement"


@transaction.atomic
def record_reuse(
    *,
    piece_id: int,
    served: str,
    organisation_id: int,
    minutes_saved: int,
    by: Actor,
    minutes_adapting: int = 0,
    agreement: str = "",
) -> Reuse:
    """Write that a piece served a need or a mandate (its reference) again.

    `minutes_saved` is what is declared; what is credited is capped by what the piece
    really took (`rules.reuse.saving`). Told twice of the same, it keeps the last.
    `agreement` says who agreed, where the licence asks for it; the journal keeps it.
    What an organisation's own mandate made is its own, whatever the licence.
    Raises PieceIsWithdrawn, PieceIsUsedAsIs or PieceWantsAgreement.
    """
    piece = locked(piece_id)
    if piece.status == Piece.Status.WITHDRAWN:
        raise PieceIsWithdrawn(title=piece.title)
    if piece.organisation_id != organisation_id:
        _keep_licence(piece, minutes_adapting, agreement)
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
        agreement=agreement.strip(),
    )
    return reuse


def _keep_licence(piece: Piece, minutes_adapting: int, agreement: str) -> None:
    if piece.licence == Piece.Licence.AS_IS and minutes_adapting:
        raise PieceIsUsedAsIs(title=piece.title)
    if piece.licence == Piece.Licence.ASK and not agreement.strip():
        author = piece.author.name if piece.author else _("la coordination")
        raise PieceWantsAgreement(title=piece.title, author=author)


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
