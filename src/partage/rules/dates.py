"""Dates as people type them and as spreadsheets keep them."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from partage.rules.triage import fold

# Excel counts days from here (it believes that 1900 was a leap year).
_EXCEL_DAY_ZERO = date(1899, 12, 30)

_MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "janvier janv jan january",
            "fevrier fevr fev february feb",
            "mars mar march",
            "avril avr april apr",
            "mai may",
            "juin june jun",
            "juillet juill juil jul july",
            "aout aou august aug",
            "septembre sept sep september",
            "octobre oct october",
            "novembre nov november",
            "decembre dec december",
        ),
        start=1,
    )
    for word in words.split()
}
_BEFORE_A_DATE = (
    "le lundi mardi mercredi jeudi vendredi samedi dimanche lun mar mer jeu ven sam "
    "dim monday tuesday wednesday thursday friday saturday sunday mon tue tues wed "
    "thu thur thurs fri sat sun"
)
_WEEKDAYS = frozenset(_BEFORE_A_DATE.split())
_TIME = re.compile(
    r"(?<=[0-9])[t ] ?[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(z| ?[ap]m)?$"
)
_ISO = re.compile(r"([0-9]{4})[-/. ]([0-9]{1,2})[-/. ]([0-9]{1,2})")
_COMPACT = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})")
_NUMBERS = re.compile(r"([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4}|[0-9]{2})")
_SERIAL = re.compile(r"([1-9][0-9]{4})(?:[.,][0-9]+)?")


class UnreadableDate(ValueError):
    """What was typed is not one day.

    `text` is what was typed, as it was typed. `reason` is one of:
    - "empty": nothing was typed;
    - "no_such_day": « 31/04/2025 »;
    - "no_year": « 7 avril »;
    - "no_day": « avril 2025 »;
    - "unreadable": it is not a date.
    """

    def __init__(self, text: str, reason: str) -> None:
        self.text = text
        self.reason = reason
        super().__init__(text, reason)


@dataclass(frozen=True, slots=True)
class TypedDate:
    """A day as it was read.

    `other` is the day that someone else may have meant by the same figures.
    `ambiguous` says that the reader should be shown `on` in words and asked.
    """

    on: date
    ambiguous: bool = False
    other: date | None = None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _year(digits: str) -> int:
    """Two digits are of 1970-2069: no clock is read, and none is needed here."""
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < 70 else 1900)


def parse_date(text: str, language: str) -> TypedDate:
    """Read a date as people type it or as a spreadsheet keeps it.

    « 2025-04-07 », « 7 avril 2025 », "April 7, 2025", « 7-avr-25 », « 1er mai
    2025 », 20250407, and Excel's serial numbers of five figures (45754). A time
    of day after it is left out. Names of months are read in both languages.

    « 07/04/2025 » is 7 April in French; in English it is July 4th, marked
    ambiguous because both orders are in use in Canada. Figures that are a day in
    only one order are read in that order. With two figures for the year it is
    always marked ambiguous, unless the month is in letters.

    Raises UnreadableDate, which says why.
    """
    typed = _TIME.sub("", fold(text).strip(" ,;"))
    if not typed:
        raise UnreadableDate(text, "empty")
    if found := _ISO.fullmatch(typed) or _COMPACT.fullmatch(typed):
        on = _day(int(found[1]), int(found[2]), int(found[3]))
    elif found := _NUMBERS.fullmatch(typed):
        return _in_figures(text, found, language)
    elif found := _SERIAL.fullmatch(typed):
        on = _EXCEL_DAY_ZERO + timedelta(days=int(found[1]))
    else:
        on = _in_letters(text, typed)
    if on is None:
        raise UnreadableDate(text, "no_such_day")
    return TypedDate(on)


def _in_figures(text: str, found: re.Match[str], language: str) -> TypedDate:
    first, second, year = int(found[1]), int(found[2]), _year(found[3])
    day_first, month_first = _day(year, second, first), _day(year, first, second)
    french = language.startswith("fr")
    on, other = (day_first, month_first) if french else (month_first, day_first)
    if on is None:
        on, other = other, None
    if on is None:
        raise UnreadableDate(text, "no_such_day")
    if other == on:
        other = None
    short_year = len(found[3]) == 2
    return TypedDate(on, short_year or (other is not None and not french), other)


def _in_letters(text: str, typed: str) -> date | None:
    words = re.findall(r"[a-z]+|[0-9]+", re.sub(r"\b1er\b", "1", typed))
    words = [word for word in words if word not in {"st", "nd", "rd", "th", "de", "of"}]
    while words and words[0] in _WEEKDAYS and any(w in _MONTHS for w in words[1:]):
        words = words[1:]
    kinds = "".join(
        "m" if word in _MONTHS else "n" if word.isdigit() else "?" for word in words
    )
    if kinds in {"nm", "mn"}:
        no_day = any(len(word) == 4 and word.isdigit() for word in words)
        raise UnreadableDate(text, "no_day" if no_day else "no_year")
    if kinds not in {"nmn", "mnn"}:
        raise UnreadableDate(text, "unreadable")
    if kinds == "mnn":
        words = [words[1], words[0], words[2]]
    day, month, year = words
    if len(day) == 4 and len(year) <= 2:  # 2025-avr-07
        day, year = year, day
    if len(day) > 2 or len(year) not in {2, 4}:
        raise UnreadableDate(text, "unreadable")
    return _day(_year(year), _MONTHS[month], int(day))
