"""How far a person sees into the reservoir.

The same rule is said three times, each a lock of its own: to the database as a
filter (`pieces_seen`), to the index as walls (`walls_of`, `Sight.walls`), and to
PostgreSQL's row-level security (the policy `piece_is_seen`). A test asks all three
the same questions.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from partage.experts.models import Conflict
from partage.knowledge.models import Piece
from partage.retrieval.passages import Walls


@dataclass(frozen=True, slots=True)
class Sight:
    """How far a person sees into the reservoir, besides what is shared with all.

    `everything`: coordination. `organisation_ids`: pieces that came from these
    organisations, for those who act for them. `author_id`: what the expert wrote.
    `house`: whoever works here also sees what is shared with the team only.
    `barred_ids`: organisations from which a conflict of interest keeps away, whatever
    the rest says; only what is shared with all members is seen of theirs.
    """

    everything: bool = False
    house: bool = False
    organisation_ids: tuple[int, ...] = ()
    author_id: int | None = None
    barred_ids: tuple[int, ...] = ()

    @property
    def walls(self) -> Walls:
        """Return the walls it passes and those it never does, as the index says."""
        if self.everything:
            return Walls()
        return Walls(
            passed=(
                "all",
                *(["house"] if self.house else []),
                *(f"organisation={one}" for one in self.organisation_ids),
                *([f"author={self.author_id}"] if self.author_id is not None else []),
            ),
            closed=tuple(f"organisation={one}" for one in self.barred_ids),
        )


def barred_from(expert_id: int, *, on: date) -> tuple[int, ...]:
    """Return the organisations that a standing conflict keeps an expert away from."""
    standing = Q(waived_on=None) & (Q(ended_on=None) | Q(ended_on__gt=on))
    return tuple(
        Conflict.objects.filter(standing, expert_id=expert_id)
        .order_by("organisation_id")
        .values_list("organisation_id", flat=True)
        .distinct()
    )


def pieces_seen(sight: Sight) -> QuerySet[Piece]:
    """Return the pieces that this sight reaches; withdrawn ones only for all-seeing."""
    if sight.everything:
        return Piece.objects.all()
    inside = Q(organisation_id__in=sight.organisation_ids)
    if sight.author_id is not None:
        inside |= Q(author_id=sight.author_id)
    released = Q(status=Piece.Status.RELEASED)
    shared = released if sight.house else released & inside
    reached = shared | Q(inside, status=Piece.Status.WALLED)
    if sight.barred_ids:
        reached &= Q(organisation_id=None) | ~Q(organisation_id__in=sight.barred_ids)
    return Piece.objects.filter(
        Q(released, confidentiality=Piece.Confidentiality.MEMBERS) | reached
    )


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
