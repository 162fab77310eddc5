"""What a year really cost: the tariffs' cost model of what happened."""

from dataclasses import dataclass
from decimal import Decimal

from partage.closing.models import YearEnd
from partage.rules.costing import Pool
from partage.tariffs.models import CostModel
from partage.tariffs.queries import year_cost


@dataclass(frozen=True, slots=True)
class YearCosts:
    """What an hour of each pool cost, and what members must bear between them.

    A pool's field is the id of a field, as text. `total` less `funding` is `to_bear`.
    """

    model: CostModel
    rates: dict[Pool, Decimal]
    total: Decimal
    to_bear: Decimal

    @property
    def funding(self) -> Decimal:
        """What others than members bear."""
        return self.total - self.to_bear


def costs_of(year: YearEnd) -> YearCosts | None:
    """Return what a year cost; None while it is not written down."""
    found = year_cost(year.starts_on, CostModel.State.ACTUAL)
    if found is None:
        return None
    return YearCosts(
        model=found.model,
        rates={
            Pool(str(field_id), level): rate
            for (field_id, level), rate in found.rates.items()
        },
        total=found.cost,
        to_bear=found.to_bear,
    )
