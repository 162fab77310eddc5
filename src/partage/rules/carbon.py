"""Emissions avoided by working at a distance: a range, never a credit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True, slots=True)
class Range:
    """From `low` to `high`, in the unit of whoever holds it.

    Raises ValueError if `low` is above `high`.
    """

    low: Decimal
    high: Decimal

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError(f"the range goes down, from {self.low} to {self.high}")


@dataclass(frozen=True, slots=True)
class Factors:
    """One version of the factors, frozen with what was computed from it.

    `kg_per_km` gives kg CO2e per km of the vehicle for each mode (per seat, for
    a bus or a train). `call_kwh_per_hour` is the energy of one person's hour of
    call, `kg_per_kwh` what the network's electricity emits.
    """

    version: str
    kg_per_km: Mapping[str, Range]
    call_kwh_per_hour: Range
    kg_per_kwh: Range


@dataclass(frozen=True, slots=True)
class Journey:
    """A trip there and back: `km` in all, by `mode`, shared by `occupancy` people.

    Raises ValueError if km are negative or nobody is in the vehicle.
    """

    km: Decimal
    mode: str
    occupancy: int = 1

    def __post_init__(self) -> None:
        if self.km < 0 or self.occupancy < 1:
            raise ValueError("give zero km or more, and one person or more")


class UnknownMode(LookupError):
    """This version of the factors has nothing for this mode of travel."""

    def __init__(self, mode: str, version: str) -> None:
        self.mode = mode
        self.version = version
        super().__init__(mode, version)


def _emitted(journeys: Iterable[Journey], factors: Factors) -> Range:
    low = high = Decimal(0)
    for journey in journeys:
        if journey.mode not in factors.kg_per_km:
            raise UnknownMode(journey.mode, factors.version)
        per_km = factors.kg_per_km[journey.mode]
        low += journey.km * per_km.low / journey.occupancy
        high += journey.km * per_km.high / journey.occupancy
    return Range(low, high)


def avoided_kg(
    would_have: Iterable[Journey],
    made: Iterable[Journey],
    call_minutes: int,
    factors: Factors,
) -> Range:
    """Return the kg CO2e avoided, from the least to the most, to a tenth, half up.

    What would have been travelled (declared), less what was travelled, less the
    energy of the calls (`call_minutes`, all people together). The least takes
    the lowest factor for what was avoided and the highest for what was spent, and
    the reverse for the most. Below zero means that more was emitted.

    Raises UnknownMode, or ValueError if `call_minutes` is negative.
    Source: DOMAIN, section 7 (gasoline 2.36 kg/L, average car 0.241 kg/km).
    """
    if call_minutes < 0:
        raise ValueError(f"call_minutes is {call_minutes}; give zero or more")
    avoided, spent = _emitted(would_have, factors), _emitted(made, factors)
    kwh, per_kwh = factors.call_kwh_per_hour, factors.kg_per_kwh
    call_low = call_minutes * kwh.low * per_kwh.low / 60
    call_high = call_minutes * kwh.high * per_kwh.high / 60
    return Range(
        _tenth(avoided.low - spent.high - call_high),
        _tenth(avoided.high - spent.low - call_low),
    )


def _tenth(kg: Decimal) -> Decimal:
    return kg.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
