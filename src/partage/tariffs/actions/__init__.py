"""Acts of this room: what a year costs, and dated rows that follow one another."""

from partage.tariffs.actions.costs import (
    ModelFrozen,
    NegativeHours,
    freeze_model,
    set_sold_hours,
    unfreeze_model,
)
from partage.tariffs.actions.rates import (
    AnotherFollows,
    TaxInThePast,
    set_mileage_rate,
    set_tax_rate,
)

__all__ = [
    "AnotherFollows",
    "ModelFrozen",
    "NegativeHours",
    "TaxInThePast",
    "freeze_model",
    "set_mileage_rate",
    "set_sold_hours",
    "set_tax_rate",
    "unfreeze_model",
]
