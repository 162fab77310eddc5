"""The rows of planning: who is asked, and the plans that say whom to ask."""

from partage.planning.models.assigning import (
    Allocation,
    Assignment,
    BrokenLimit,
    Handover,
    Shortlist,
)
from partage.planning.models.proposing import (
    Change,
    HourValue,
    Proposal,
    Weighting,
)

__all__ = [
    "Allocation",
    "Assignment",
    "BrokenLimit",
    "Change",
    "Handover",
    "HourValue",
    "Proposal",
    "Shortlist",
    "Weighting",
]
