"""Questions to the reservoir. Each says who looks: there is no way to ask without."""

from partage.knowledge.queries.directory import directory_for
from partage.knowledge.queries.following import node
from partage.knowledge.queries.in_the_database import words_of_piece
from partage.knowledge.queries.releases import (
    Compared,
    changes_of,
    compared,
    consents_of,
    live_release,
    register,
    releases,
    versions_of,
)
from partage.knowledge.queries.resembling import Resemblance, similar_to
from partage.knowledge.queries.reuses import (
    SavedInField,
    Saving,
    Served,
    credit_of,
    expiring,
    most_used,
    reuse_of,
    saved_by_field,
    saved_for,
    unused,
)
from partage.knowledge.queries.searching import (
    Found,
    find_passages,
    search,
)
from partage.knowledge.queries.seeing import Sight, barred_from, pieces_seen
from partage.knowledge.queries.translating import house_translations

__all__ = [
    "Compared",
    "Found",
    "Resemblance",
    "SavedInField",
    "Saving",
    "Served",
    "Sight",
    "barred_from",
    "changes_of",
    "compared",
    "consents_of",
    "credit_of",
    "directory_for",
    "expiring",
    "find_passages",
    "house_translations",
    "live_release",
    "most_used",
    "node",
    "pieces_seen",
    "register",
    "releases",
    "reuse_of",
    "saved_by_field",
    "saved_for",
    "search",
    "similar_to",
    "unused",
    "versions_of",
    "words_of_piece",
]
