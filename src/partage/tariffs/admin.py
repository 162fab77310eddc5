from django.contrib import admin

from partage.journal.admin import LookOnly
from partage.tariffs.models import (
    CostItem,
    CostModel,
    ExpectedHours,
    HourlyRate,
    MileageRate,
    ModerateCost,
    Parameter,
    RateCard,
    RatePart,
    TaxRate,
)

# Pay, its shares and its changes are not here: finance and the board only see them.
admin.site.register(
    [
        CostItem,
        CostModel,
        ExpectedHours,
        HourlyRate,
        MileageRate,
        ModerateCost,
        Parameter,
        RateCard,
        RatePart,
        TaxRate,
    ],
    LookOnly,
)
