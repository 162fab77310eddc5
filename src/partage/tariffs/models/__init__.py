"""The rows of this room: what a year costs, and the rates that come from it."""

from partage.tariffs.models.costs import (
    CostItem,
    CostModel,
    ExpectedHours,
    Parameter,
    Pay,
    Retouch,
    TimeShare,
)
from partage.tariffs.models.rates import (
    HourlyRate,
    MileageRate,
    ModerateCost,
    RateCard,
    RatePart,
    TaxRate,
)

__all__ = [
    "CostItem",
    "CostModel",
    "ExpectedHours",
    "HourlyRate",
    "MileageRate",
    "ModerateCost",
    "Parameter",
    "Pay",
    "RateCard",
    "RatePart",
    "Retouch",
    "TaxRate",
    "TimeShare",
]
