"""How many hours a need may take, from what resembling work really took.

Shapes: cases with whole minutes and a whole likeness, 0 to 1 000 (a thousandth);
minutes out, each that of one case or halfway between two of them. A case weighs its
likeness. The median and quartiles are weighted: half of the weight lies between them.
No estimate from fewer than LEAST cases. Nothing is rounded but a half minute, up.
Source: nearest-neighbour analogy (Shepperd and Schofield, 1997), with weighted
quantiles in place of means, which one huge mandate would carry away.
"""

from collections.abc import Iterable
from dataclasses import dataclass

LEAST = 3
MOST = 25  # fewer follow the chance of a few cases: see benchmarks/estimate.py


@dataclass(frozen=True, slots=True)
class Case:
    """Work that was done: which, its real minutes, how much it resembles (of 1 000)."""

    number: int
    minutes: int
    likeness: int


@dataclass(frozen=True, slots=True)
class Weighed:
    """A case that counts, and its share of the estimate, in thousandths."""

    case: Case
    share: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """The middle of what the cases took, and where half of their weight lies."""

    low: int
    median: int
    high: int
    cases: tuple[Weighed, ...]


def estimate(cases: Iterable[Case], *, most: int = MOST) -> Estimate | None:
    """Estimate from the `most` cases that resemble best; None if they are too few.

    Cases without minutes or likeness say nothing. Of two as alike, the one with the
    greater number (the newer) counts first.
    """
    kept = sorted(
        (one for one in cases if one.minutes > 0 and one.likeness > 0),
        key=lambda one: (-one.likeness, -one.number),
    )[:most]
    if len(kept) < LEAST:
        return None
    whole = sum(one.likeness for one in kept)
    return Estimate(
        quantile(kept, 1, 4),
        quantile(kept, 1, 2),
        quantile(kept, 3, 4),
        tuple(
            Weighed(one, (2_000 * one.likeness + whole) // (2 * whole)) for one in kept
        ),
    )


def quantile(cases: Iterable[Case], part: int, of: int) -> int:
    """Return the minutes below which lies `part`/`of` of the weight of the cases.

    Halfway to the next case's when the weight falls exactly between two.
    """
    ordered = sorted(cases, key=lambda one: (one.minutes, one.number))
    wanted = part * sum(one.likeness for one in ordered)
    below = 0
    for one, after in zip(ordered, [*ordered[1:], ordered[-1]], strict=True):
        below += of * one.likeness
        if below == wanted:
            return (one.minutes + after.minutes + 1) // 2
        if below > wanted:
            return one.minutes
    return ordered[-1].minutes
