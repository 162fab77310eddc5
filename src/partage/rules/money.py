"""Money: Canadian dollars, exact to the cent, never a float."""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import lcm

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


class UnreadableMoney(ValueError):
    """What was typed is not one clear amount of money.

    `text` is what was typed, as it was typed. `reason` is one of:
    - "empty": nothing was typed;
    - "ambiguous": « 1,234 » is 1 234 $ to some and 1,234 $ to others;
    - "more_than_cents": there is a digit after the cents;
    - "unreadable": it is not an amount.
    """

    def __init__(self, text: str, reason: str) -> None:
        self.text = text
        self.reason = reason
        super().__init__(text, reason)


def to_cents(amount: Decimal) -> Decimal:
    """Round dollars to the cent; halves go away from zero.

    0.005 becomes 0.01, and -0.005 becomes -0.01, so that a credit note mirrors
    its invoice.
    """
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def nearest_cent(exact: Fraction) -> Decimal:
    """Round exact dollars to the cent, as to_cents does, with nothing lost before."""
    cents = int(abs(exact) * 100 + Fraction(1, 2))
    return (-cents if exact < 0 else cents) * CENT


def is_exact(amount: Decimal) -> bool:
    """Say whether an amount in dollars has nothing after its cents."""
    return amount == to_cents(amount)


def amount_for(minutes: int, rate: Decimal) -> Decimal:
    """Return the price in dollars of `minutes` at `rate` dollars per hour.

    Both may be negative (a credit note). Rounded once, at the end, to the cent,
    half away from zero: 10 minutes at 95.45 $ is 15.91 $.
    """
    # Multiply first: 1/60 does not end in base ten, 7 minutes x 60 $ does.
    return to_cents(minutes * rate / 60)


def split(
    total: Decimal, weights: Sequence[Decimal | Fraction | int]
) -> tuple[Decimal, ...]:
    """Share `total` dollars in proportion to `weights`, to the cent, losing none.

    Largest remainder: each part is cut down to the cent, then the cents left over
    go to the parts that lost most, the earlier first when they lost as much. So
    the parts always add up to `total`, each is less than one cent from its exact
    share, and a weight of zero gets nothing. A negative total is the mirror of
    the positive one.

    Raises ValueError if `total` is finer than a cent, if a weight is negative, or
    if no weight is above zero.
    """
    if not is_exact(total):
        raise ValueError(f"total is {total}; round it to the cent first")
    if any(weight < 0 for weight in weights):
        raise ValueError("a weight is negative; give weights of zero or more")
    shares = over_one(weights)[0]
    whole = sum(shares)
    if whole == 0:
        raise ValueError("no weight is above zero; give at least one")
    cents = int(abs(total) * 100)
    parts = fit_cents([cents * share for share in shares], whole, cents)
    return tuple((-part if total < 0 else part) * CENT for part in parts)


def fit(exact: Sequence[Fraction], total: Decimal) -> tuple[Decimal, ...]:
    """Round exact dollars to the cent, of any sign, so that they add up to `total`.

    Largest remainder: each is cut down to the cent below, then the cents left over go
    to those that lost most, the earlier first when they lost as much. So each answer
    is less than one cent from its exact value, and what is exact to the cent stays.

    Raises ValueError if `total` is finer than a cent, or a cent or more from the sum.
    """
    if not is_exact(total):
        raise ValueError(f"total is {total}; round it to the cent first")
    numerators, denominator = over_one(exact)
    cents = [100 * numerator for numerator in numerators]
    if abs(sum(cents) - int(total * 100) * denominator) >= denominator:
        raise ValueError(f"the parts do not make {total}")
    return tuple(
        part * CENT for part in fit_cents(cents, denominator, int(total * 100))
    )


def fit_cents(cents: Sequence[int], over: int, total: int) -> list[int]:
    """Round cents, each given as a numerator `over` one denominator, to make `total`.

    What `fit` does, on whole numbers: for those who round thousands of parts. `total`
    is less than a cent from the sum.
    """
    parts, losses = [], []
    for numerator in cents:
        part, loss = divmod(numerator, over)
        parts.append(part)
        losses.append(-loss)
    left = total - sum(parts)
    if left:
        for i in sorted(range(len(parts)), key=losses.__getitem__)[:left]:
            parts[i] += 1
    return parts


def over_one(
    numbers: Sequence[Decimal | Fraction | int],
) -> tuple[list[int], int]:
    """Return exact numbers as numerators over one denominator."""
    ratios = [number.as_integer_ratio() for number in numbers]
    denominator = lcm(*(below for _, below in ratios))
    return [above * (denominator // below) for above, below in ratios], denominator


_SIGNS = str.maketrans({"−": "-", "–": "-", "\u2010": "-", "\u2011": "-"})
_CURRENCY = re.compile(r"(?:ca\$|cad\$?|\$ ?cad?|\$)", re.IGNORECASE)
_PLAIN = re.compile(r"(?P<whole>[0-9]*)(?:[.,](?P<cents>[0-9]*))?")
_GROUPED = re.compile(
    r"(?P<whole>[0-9]{1,3}(?P<group>[ ,.'])[0-9]{3}(?:(?P=group)[0-9]{3})*)"
    r"(?:(?!(?P=group))[.,](?P<cents>[0-9]*))?"
)


def parse_money(text: str) -> Decimal:
    """Read an amount as people type it, in French or in English, in dollars.

    « 1 234,50 $ », "$1,234.50", « 1234,5 », "CAD 12" and « 12.- » are read.
    Parentheses or a minus sign, before or after, make it negative: « (45,00) ».
    The answer is exact to the cent; nothing is rounded.

    Raises UnreadableMoney, which says why.
    """
    typed = " ".join(text.translate(_SIGNS).replace("’", "'").split())
    bare = " ".join(_CURRENCY.sub(" ", typed, count=1).split())
    if not typed:
        raise UnreadableMoney(text, "empty")
    negative = False
    if bare.startswith("(") and bare.endswith(")"):
        negative, bare = True, bare[1:-1].strip()
    elif bare.startswith("-"):
        negative, bare = True, bare[1:].strip()
    elif bare.endswith((".-", ",-")):
        bare = bare[:-2]
    elif bare.endswith("-"):
        negative, bare = True, bare[:-1].strip()
    found = _PLAIN.fullmatch(bare)
    grouped = _GROUPED.fullmatch(bare)
    if found and grouped and grouped["cents"] is None and not bare.startswith("0"):
        raise UnreadableMoney(text, "ambiguous")
    found = found or grouped
    if not found or not (found["whole"] or found["cents"]):
        raise UnreadableMoney(text, "unreadable")
    cents = found["cents"] or ""
    if len(cents.rstrip("0")) > 2:
        raise UnreadableMoney(text, "more_than_cents")
    whole = re.sub("[^0-9]", "", found["whole"]) or "0"
    amount = Decimal(f"{whole}.{cents[:2]:0<2}")
    return -amount if negative and amount else amount
