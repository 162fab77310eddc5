"""How far a person sees into the reservoir."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from partage.knowledge.models import Piece


@dataclass(frozen=True, slots=True)
class Sight:
    """How far a person sees into the reservoir, besides what is shared with all.

    `everything`: coordination. `organisation_ids`: pieces that came from these
    organisations, for those who act for them. `author_id`: what the expert wrote.
    `house`: whoever works here also sees what is shared with the team only.
    """

    everything: bool = False
    house: bool = False
    organisation_ids: tuple[int, ...] = ()
    author_id: int | None = None


def pieces_seen(sight: Sight) -> QuerySet[Piece]:
    """Return the pieces that this sight reaches; withdrawn ones only for all-seeing."""
    if sight.everything:
        return Piece.objects.all()
    inside = Q(organisation_id__in=sight.organisation_ids)
    if sight.author_id is not None:
        inside |= Q(author_id=sight.author_id)
    shared = Q(status=Piece.Status.RELEASED)
    if not sight.house:
        shared &= Q(confidentiality=Piece.Confidentiality.MEMBERS) | inside
    return Piece.objects.filter(shared | Q(inside, status=Piece.Status.WALLED))
