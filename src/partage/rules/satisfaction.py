"""How many are satisfied."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

SATISFIED_FROM = 4
BEST = 5


def percent_satisfied(scores: Iterable[int], *, places: int = 0) -> Decimal | None:
    """Return the percentage of `scores` that are 4 or 5, out of 5.

    From 0 to 100, rounded half up to `places` decimals: 25 of 27 is 93. None when
    nobody answered.

    Raises ValueError if a score is not from 1 to 5.
    """
    given = list(scores)
    if any(not 1 <= score <= BEST for score in given):
        raise ValueError(f"a score is not from 1 to {BEST}")
    if not given:
        return None
    satisfied = sum(score >= SATISFIED_FROM for score in given)
    percent = Decimal(100 * satisfied) / len(given)
    return percent.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
