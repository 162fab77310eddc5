"""How numbers, money, durations and dates are written, in French and in English.

Pure: the language is passed in, nothing is read from Django. Every space is a
non-breaking one (U+00A0), so that a number never parts from its unit.
"""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

SPACE = "\u00a0"
MINUS = "\u2212"
NOTHING = "—"

MONTHS = {
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
SHORT_MONTHS = {
    "fr": [
        "janv.",
        "févr.",
        "mars",
        "avr.",
        "mai",
        "juin",
        "juill.",
        "août",
        "sept.",
        "oct.",
        "nov.",
        "déc.",
    ],
    "en": [
        "Jan",
        "Feb",
        "Mar",
        "Apr",
        "May",
        "Jun",
        "Jul",
        "Aug",
        "Sep",
        "Oct",
        "Nov",
        "Dec",
    ],
}
DAYS = {
    "fr": ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    "en": [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ],
}


def tongue(language: str) -> str:
    """Return "en" for any English, else "fr": French is the source language."""
    return "en" if language.lower().startswith("en") else "fr"


def number(amount: Decimal | int, language: str, *, decimals: int | None = None) -> str:
    """Write a number: « 1 140,5 » in French, "1,140.5" in English.

    `decimals` rounds half up and keeps the zeros; without it an amount is written
    as exact as it is, less its trailing zeros.

    Raises TypeError if the amount is a float: a float is not an exact number.
    """
    if isinstance(amount, bool) or not isinstance(amount, Decimal | int):
        raise TypeError(f"{amount!r} is a {type(amount).__name__}; give a Decimal")
    exact = Decimal(amount)
    if decimals is not None:
        exact = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    text = f"{abs(exact):,f}"
    if decimals is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    if tongue(language) == "fr":
        text = text.replace(",", SPACE).replace(".", ",")
    return (MINUS if exact < 0 else "") + text


def money(amount: Decimal | int, language: str, *, decimals: int = 2) -> str:
    """Write dollars: « 1 140,00 $ » in French, "$1,140.00" in English."""
    text = number(amount, language, decimals=decimals)
    if tongue(language) == "fr":
        return f"{text}{SPACE}$"
    if text.startswith(MINUS):
        return f"{MINUS}${text[1:]}"
    return f"${text}"


def minutes(count: int, language: str) -> str:
    """Write a duration from minutes: « 7 h 15 » in French, "7:15" in English."""
    if isinstance(count, bool) or not isinstance(count, int):
        raise TypeError(f"{count!r} is a {type(count).__name__}; give whole minutes")
    hours, rest = divmod(abs(count), 60)
    sign = MINUS if count < 0 else ""
    whole = number(hours, language)
    if tongue(language) == "fr":
        return f"{sign}{whole}{SPACE}h{SPACE}{rest:02}"
    return f"{sign}{whole}:{rest:02}"


def hours(count: int | Decimal, language: str, *, decimals: int | None = 2) -> str:
    """Write minutes as decimal hours: « 7,25 h », "7.25 h".

    With one decimal, for words rather than columns, whole hours have none: « 10 h ».
    """
    if isinstance(count, float):
        raise TypeError(f"{count!r} is a float; give whole minutes")
    worked = Decimal(count) / 60
    if decimals == 1:
        # Without decimals given, number leaves the trailing zero out.
        worked, decimals = worked.quantize(Decimal("0.1"), ROUND_HALF_UP), None
    return f"{number(worked, language, decimals=decimals)}{SPACE}h"


def percent(share: Decimal | int, language: str, *, decimals: int = 1) -> str:
    """Write a fraction of one: « 9,975 % », "9.975%". Trailing zeros are left out."""
    if isinstance(share, float):
        raise TypeError(f"{share!r} is a float; give a Decimal")
    exact = (Decimal(share) * 100).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    text = number(exact, language)
    return f"{text}{SPACE}%" if tongue(language) == "fr" else f"{text}%"


def day(on: date, language: str) -> str:
    """Write a date: « 7 avril 2025 », "April 7, 2025". The first is « 1er »."""
    if tongue(language) == "en":
        return f"{MONTHS['en'][on.month - 1]}{SPACE}{on.day}, {on.year}"
    return f"{_rank(on)}{SPACE}{MONTHS['fr'][on.month - 1]} {on.year}"


def day_short(on: date, language: str) -> str:
    """Write a date for a table: « 7 avr. 2025 », "Apr 7, 2025"."""
    if tongue(language) == "en":
        return f"{SHORT_MONTHS['en'][on.month - 1]}{SPACE}{on.day}, {on.year}"
    month = SHORT_MONTHS["fr"][on.month - 1]
    return f"{_rank(on)}{SPACE}{month}{SPACE}{on.year}"


def day_month(on: date, language: str) -> str:
    """Write a date for a narrow column: « 7 avr. », "Apr 7"."""
    month = SHORT_MONTHS[tongue(language)][on.month - 1]
    if tongue(language) == "en":
        return f"{month}{SPACE}{on.day}"
    return f"{_rank(on)}{SPACE}{month}"


def weekday(on: date, language: str) -> str:
    """Write a day of the week and its date: « lundi 7 avril », "Monday, April 7"."""
    if tongue(language) == "en":
        return (
            f"{DAYS['en'][on.weekday()]}, {MONTHS['en'][on.month - 1]}{SPACE}{on.day}"
        )
    return f"{DAYS['fr'][on.weekday()]} {_rank(on)}{SPACE}{MONTHS['fr'][on.month - 1]}"


def month(on: date, language: str) -> str:
    """Write a month: « avril 2025 », "April 2025"."""
    return f"{MONTHS[tongue(language)][on.month - 1]}{SPACE}{on.year}"


def clock(at: datetime, language: str) -> str:
    """Write a time of day: « 14 h 05 », "2:05 p.m."."""
    if tongue(language) == "fr":
        return f"{at.hour}{SPACE}h{SPACE}{at.minute:02}"
    half = "a.m." if at.hour < 12 else "p.m."
    return f"{at.hour % 12 or 12}:{at.minute:02}{SPACE}{half}"


def moment(at: datetime, language: str) -> str:
    """Write a moment, in the zone it is given in: « 7 avril 2025 à 14 h 05 »."""
    joint = ", " if tongue(language) == "en" else f"{SPACE}à{SPACE}"
    return f"{day(at, language)}{joint}{clock(at, language)}"


def _rank(on: date) -> str:
    return "1er" if on.day == 1 else str(on.day)
