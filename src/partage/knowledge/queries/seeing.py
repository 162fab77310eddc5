"""How far a person sees into the reservoir.

The same rule is said three times, each a lock of its own: to the database as a
filter (`pieces_seen`), to the index as walls (`walls_of`, `Sight.walls`), and to
PostgreSQL's row-level security (the policy `piece_is_seen`). A test asks all three
the same questions.
"""

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

    @property
    def walls(self) -> tuple[str, ...]:
        """Return the walls it passes, as the index names them."""
        return (
            "all",
            *(["house"] if self.house else []),
            *(f"organisation={one}" for one in self.organisation_ids),
            *([f"author={self.author_id}"] if self.author_id is not None else []),
        )


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


def walls_of(piece: Piece) -> tuple[str, ...]:
    """Return the walls behind which a piece that is not withdrawn stands."""
    if piece.status == Piece.Status.RELEASED:
        if piece.confidentiality == Piece.Confidentiality.MEMBERS:
            return ("all",)
        walls = ["house"]
    else:
        walls = []
    if piece.organisation_id is not None:
        walls.append(f"organisation={piece.organisation_id}")
    if piece.author_id is not None:
        walls.append(f"author={piece.author_id}")
    return tuple(walls)
