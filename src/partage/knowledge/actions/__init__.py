"""What can be done with the reservoir."""

from partage.knowledge.actions.pouring import (
    PieceAlreadyReleased,
    PieceIsWithdrawn,
    PieceSaysNothing,
    WithdrawalSaysNothing,
    pour,
    release,
    withdraw,
)
from partage.knowledge.actions.reusing import record_reuse, take_back_reuse

__all__ = [
    "PieceAlreadyReleased",
    "PieceIsWithdrawn",
    "PieceSaysNothing",
    "WithdrawalSaysNothing",
    "pour",
    "record_reuse",
    "release",
    "take_back_reuse",
    "withdraw",
]
