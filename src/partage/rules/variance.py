"""Why a year's result is not the one that was planned: volume, cost and mix."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from partage.rules.costing import Pool
from partage.rules.money import ZERO, amount_for, is_exact, nearest_cent, split


@dataclass(frozen=True, slots=True)
class PoolYear:
    """What was planned of a pool, and what came.

    `rate` is the provisional one, in dollars per hour. Costs are in dollars and cents.
    What an agreement takes off the rate is given as a cost: the rate stays the same
    for the two sides of the comparison.
    """

    pool: Pool
    rate: Decimal
    planned_minutes: int
    planned_cost: Decimal
    minutes: int
    cost: Decimal

    def __post_init__(self) -> None:
        for amount in (self.rate, self.planned_cost, self.cost):
            if not isinstance(amount, Decimal):
                raise TypeError(f"{amount!r} is not a Decimal; give one")
        for minutes in (self.planned_minutes, self.minutes):
            if type(minutes) is not int:
                raise TypeError(f"{minutes!r} is not whole minutes; give an int")
            if minutes < 0:
                raise ValueError(f"minutes are {minutes}; give zero or more")
        if self.rate < 0:
            raise ValueError(f"the rate is {self.rate}; give zero or more")
        if not (is_exact(self.planned_cost) and is_exact(self.cost)):
            raise ValueError("a cost is finer than a cent; round it first")

    @property
    def planned_result(self) -> Decimal:
        return amount_for(self.planned_minutes, self.rate) - self.planned_cost

    @property
    def result(self) -> Decimal:
        """What the provisional rate recovers above the cost; below it, if negative."""
        return amount_for(self.minutes, self.rate) - self.cost


@dataclass(frozen=True, slots=True)
class Variance:
    """Dollars by which the result is better than planned; worse, if negative.

    `pool` is None for the whole.
    """

    pool: Pool | None
    volume: Decimal
    cost: Decimal
    mix: Decimal

    @property
    def total(self) -> Decimal:
        return self.volume + self.cost + self.mix


@dataclass(frozen=True, slots=True)
class Variances:
    pools: tuple[Variance, ...]
    whole: Variance


def variances(years: Iterable[PoolYear]) -> Variances:
    """Split the variance of the result into volume, cost and mix, for each pool.

    With h and H the minutes of a pool and of all, a actual, p planned, r the rate:
    - volume = (Ha / Hp - 1) x hp x r: all pools sold more or less, alike;
    - mix = (ha - hp x Ha / Hp) x r: more of this pool, less of another;
    - cost = planned cost - actual cost.
    Capacity is paid whether it is sold or not, so volume and mix are measured at the
    rate. The total of each pool, and of the whole, is exactly its result less its
    planned result. Volume is rounded to the cent on the whole then split by largest
    remainder; what rounding leaves (2 cents a pool at most) is in the mix.

    Source: Horngren, Datar and Rajan, Cost Accounting: A Managerial Emphasis, the
    sales-quantity, sales-mix and flexible-budget variances.

    Raises ValueError if no minute was planned, or a pool is given twice.
    """
    given = sorted(years, key=lambda year: year.pool)
    if len({year.pool for year in given}) < len(given):
        raise ValueError("a pool is given twice; put the two together")
    planned = sum(year.planned_minutes for year in given)
    if not planned:
        raise ValueError("no minute was planned; there is nothing to compare with")
    pace = Fraction(sum(year.minutes for year in given), planned) - 1
    plan = [year.planned_minutes * Fraction(year.rate) / 60 for year in given]
    volume = nearest_cent(pace * sum(plan, Fraction(0)))
    volumes = split(volume, plan) if any(plan) else (ZERO,) * len(plan)
    pools = tuple(
        Variance(
            pool=year.pool,
            volume=part,
            cost=year.planned_cost - year.cost,
            mix=amount_for(year.minutes, year.rate)
            - amount_for(year.planned_minutes, year.rate)
            - part,
        )
        for year, part in zip(given, volumes, strict=True)
    )
    return Variances(
        pools,
        Variance(
            pool=None,
            volume=volume,
            cost=sum((one.cost for one in pools), ZERO),
            mix=sum((one.mix for one in pools), ZERO),
        ),
    )
