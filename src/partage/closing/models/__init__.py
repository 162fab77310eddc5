"""The rows of a year’s closing: what was measured, proposed, decided, written."""

from partage.closing.models.computing import (
    Computation,
    FinalRate,
    MemberLine,
    MemberYear,
    Run,
)
from partage.closing.models.deciding import Proposal
from partage.closing.models.posting import (
    Posting,
    Reopening,
    ReserveMovement,
    YearStatement,
)
from partage.closing.models.years import ClosingRule, YearEnd, YearFigures

__all__ = [
    "ClosingRule",
    "Computation",
    "FinalRate",
    "MemberLine",
    "MemberYear",
    "Posting",
    "Proposal",
    "Reopening",
    "ReserveMovement",
    "Run",
    "YearEnd",
    "YearFigures",
    "YearStatement",
]
