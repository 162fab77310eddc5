"""What the reservoir holds."""

from partage.knowledge.models.documents import Page, Version
from partage.knowledge.models.finding import Change, Concept, Miss, Term
from partage.knowledge.models.pieces import DeliverableType, Piece
from partage.knowledge.models.releases import (
    HAND,
    WHAT,
    Anonymisation,
    Consent,
    Release,
    Replacement,
)
from partage.knowledge.models.reuses import Reuse

__all__ = [
    "HAND",
    "WHAT",
    "Anonymisation",
    "Change",
    "Concept",
    "Consent",
    "DeliverableType",
    "Miss",
    "Page",
    "Piece",
    "Release",
    "Replacement",
    "Reuse",
    "Term",
    "Version",
]
