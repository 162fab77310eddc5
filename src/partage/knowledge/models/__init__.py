"""What the reservoir holds."""

from partage.knowledge.models.documents import Page, Version
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
    "Consent",
    "DeliverableType",
    "Page",
    "Piece",
    "Release",
    "Replacement",
    "Reuse",
    "Version",
]
