"""Questions to the reservoir. Each says who looks: there is no way to ask without."""

from partage.knowledge.queries.reuses import Saving, Served, reuse_of, saved_for
from partage.knowledge.queries.searching import (
    Found,
    Resemblance,
    search,
    similar_to,
    words_of_piece,
)
from partage.knowledge.queries.seeing import Sight, pieces_seen

__all__ = [
    "Found",
    "Resemblance",
    "Saving",
    "Served",
    "Sight",
    "pieces_seen",
    "reuse_of",
    "saved_for",
    "search",
    "similar_to",
    "words_of_piece",
]
