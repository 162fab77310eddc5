"""Time as people type it and as they read it. Inside, always whole minutes."""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from partage.rules.calendar import MINUTES_IN_A_DAY


class UnreadableHours(ValueError):
    """What was typed is not one clear length of time.

    `text` is what was typed, as it was typed. `reason` is one of:
    - "negative": it is below zero;
    - "too_long": it is more than `at_most` minutes (25 h in a day);
    - "minutes_over_59": « 7:75 »;
    - "ambiguous": « 7:5 » or « 7 30 »;
    - "unreadable": it is not a length of time.
    `maybe` holds the minutes that may have been meant, to offer them: « 45 » in
    a day is too long, and was perhaps 45 minutes.
    """

    def __init__(
        self,
        text: str,
        reason: str,
        maybe: tuple[int, ...] = (),
        at_most: int | None = None,
    ) -> None:
        self.text = text
        self.reason = reason
        self.maybe = maybe
        self.at_most = at_most
        super().__init__(text, reason)


_NUMBER = r"[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+"
_GROUPED = r"[0-9]{1,3}(?: [0-9]{3})+(?:[.,][0-9]*)?"
_HOUR = r"(?:h|hr|hrs|heures?|hours?)\.?"
_MINUTE = r"(?:m|mn|min|mins|minutes?)\.?"
_DECIMAL_HOURS = re.compile(rf"({_GROUPED}|{_NUMBER}) ?(?:{_HOUR})?")
_MINUTES_ONLY = re.compile(rf"({_NUMBER}) ?{_MINUTE}")
_CLOCK = re.compile(r"([0-9]*) ?: ?([0-9]{1,2})")
_HOURS_AND_MINUTES = re.compile(
    rf"([0-9]{{1,3}}(?: [0-9]{{3}})+|[0-9]+) ?{_HOUR} ?(?:et |and )?"
    rf"([0-9]{{1,2}}) ?(?:{_MINUTE})?"
)
_TWO_NUMBERS = re.compile(r"([0-9]{1,2}) ([0-9]{1,2})")
_NOTHING = {"", "-", "–", "—"}


def _whole(minutes: Decimal) -> int:
    return int(minutes.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _decimal(number: str) -> Decimal:
    return Decimal(number.replace(" ", "").replace(",", "."))


def parse_minutes(text: str, *, at_most: int | None = MINUTES_IN_A_DAY) -> int:
    """Read a length of time as people type it, in whole minutes.

    A number alone is hours: « 7,5 », "7.5", « 7 h » and ",5". Hours and minutes:
    « 7h30 », "7:30", « 1 h 15 », « 2 heures et 5 minutes ». Minutes: « 45 min »,
    "90m". Nothing, or a dash alone, is 0. Decimals are rounded half up to the
    nearest minute: « 7,333 » is 439.98, so 440 minutes.

    `at_most` is the longest time accepted, in minutes: a day, unless told; None
    for no limit (the estimate of a mandate).

    Raises UnreadableHours, which says why and what may have been meant.
    """
    typed = " ".join(text.lower().replace("−", "-").split())
    if typed in _NOTHING:
        return 0
    if typed.startswith(("-", "–")) or (typed[0] == "(" and typed[-1] == ")"):
        raise UnreadableHours(text, "negative")
    likely: tuple[int, ...] = ()
    if found := _DECIMAL_HOURS.fullmatch(typed):
        hours = _decimal(found[1])
        minutes = _whole(hours * 60)
        if found[1] == typed and hours == hours.to_integral_value():
            likely = (int(hours),)
    elif found := _MINUTES_ONLY.fullmatch(typed):
        minutes = _whole(_decimal(found[1]))
    elif (found := _CLOCK.fullmatch(typed)) or (
        found := _HOURS_AND_MINUTES.fullmatch(typed)
    ):
        whole, rest = int(found[1].replace(" ", "") or 0) * 60, int(found[2])
        if rest > 59:
            raise UnreadableHours(text, "minutes_over_59", (whole + rest,), at_most)
        if ":" in typed and len(found[2]) == 1:
            likely = (whole + rest, whole + rest * 10) if rest < 6 else (whole + rest,)
            raise UnreadableHours(text, "ambiguous", likely, at_most)
        minutes = whole + rest
    elif found := _TWO_NUMBERS.fullmatch(typed):
        rest = int(found[2])
        likely = (int(found[1]) * 60 + rest,) if rest < 60 else ()
        raise UnreadableHours(text, "ambiguous", likely, at_most)
    else:
        raise UnreadableHours(text, "unreadable")
    if at_most is not None and minutes > at_most:
        likely = tuple(each for each in likely if each <= at_most)
        raise UnreadableHours(text, "too_long", likely, at_most)
    return minutes


def format_minutes(minutes: int, language: str) -> str:
    """Write minutes as they are read: « 7 h 30 », « 45 min », « 85 487 h ».

    English adds "min" after the minutes: "7 h 30 min". Spaces do not break.
    Below zero there is a true minus sign. What is written, parse_minutes reads.
    """
    french = language.startswith("fr")
    hours, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else ""
    # A space, in English too: "1,500 h" would be read back as an hour and a half.
    whole = f"{hours:,}".replace(",", "\u00a0")
    if not rest:
        return f"{sign}{whole}\u00a0h"
    if not hours:
        return f"{sign}{rest}\u00a0min"
    after = f"{rest:02}" if french else f"{rest}\u00a0min"
    return f"{sign}{whole}\u00a0h\u00a0{after}"


def spread_minutes(
    minutes: int, weights: Sequence[int], *, grain: int = 15
) -> tuple[int, ...]:
    """Share minutes out by weights, in whole grains; the shares add up exactly.

    The largest remainders get the grains that are left, the earliest first; what
    is less than a grain goes with the largest weight. Without any weight above
    zero nothing can be shared, and all shares are 0.

    Raises ValueError if minutes or a weight are negative.
    """
    if minutes < 0 or any(weight < 0 for weight in weights):
        raise ValueError(f"minutes are {minutes}, weights {weights}; none is negative")
    total = sum(weights)
    if not total:
        return (0,) * len(weights)
    grains, rest = divmod(minutes, grain)
    shares = [grains * weight // total for weight in weights]
    order = sorted(
        range(len(weights)), key=lambda i: (-(grains * weights[i] % total), i)
    )
    for i in order[: grains - sum(shares)]:
        shares[i] += 1
    spread = [share * grain for share in shares]
    spread[max(range(len(weights)), key=lambda i: (weights[i], -i))] += rest
    return tuple(spread)
