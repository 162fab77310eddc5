"""What the reservoir holds."""

from partage.knowledge.models.documents import Page, Version
from partage.knowledge.models.pieces import DeliverableType, Piece
from partage.knowledge.models.reuses import Reuse

__all__ = ["DeliverableType", "Page", "Piece", "Reuse", "Version"]
