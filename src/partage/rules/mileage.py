"""The allowance for trips in one's own car."""

from dataclasses import dataclass
from decimal import Decimal

from partage.rules.money import to_cents


@dataclass(frozen=True, slots=True)
class MileageRates:
    """Dollars per km in one calendar year: `first` up to `threshold_km`, then `after`.

    Dated rows hold them: 2025 is 0.72 then 0.66, with a threshold of 5 000 km.
    """

    first: Decimal
    after: Decimal
    threshold_km: Decimal = Decimal(5000)


@dataclass(frozen=True, slots=True)
class Allowance:
    """`first_km` and `after_km` make the trip; `amount` is in dollars, to the cent."""

    first_km: Decimal
    after_km: Decimal
    amount: Decimal


def mileage_allowance(
    km: Decimal, km_before: Decimal, rates: MileageRates
) -> Allowance:
    """Return the allowance for a trip of `km`, after `km_before` in the same year.

    A trip that crosses the threshold is split exactly there. The amount is rounded
    once, half up to the cent.

    Raises ValueError if km are negative. Source: Canada Revenue Agency,
    reasonable per-kilometre allowance; DOMAIN, section 7.
    """
    if km < 0 or km_before < 0:
        raise ValueError(f"km are {km} after {km_before}; give zero or more")
    first_km = min(km, max(Decimal(0), rates.threshold_km - km_before))
    after_km = km - first_km
    amount = to_cents(first_km * rates.first + after_km * rates.after)
    return Allowance(first_km, after_km, amount)
