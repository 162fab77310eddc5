"""Marks of a person or a company that are known by their shape."""

import re
from collections.abc import Iterator
from enum import StrEnum

_SPACE = " \u00a0\u202f"
_SEP = f"[{_SPACE}.-]?"


class Mark(StrEnum):
    """What kind of mark it is."""

    EMAIL = "EMAIL"
    WEB = "WEB"
    TAX = "TAX"  # registration for GST or QST
    CARD = "CARD"
    HEALTH = "HEALTH"  # health insurance, Québec
    NEQ = "NEQ"  # enterprise number, Québec
    SIN = "SIN"  # social insurance number
    PHONE = "PHONE"
    POSTAL = "POSTAL"
    ADDRESS = "ADDRESS"


_LETTER = "[A-Za-z0-9!#$%&*+/=?^_`{|}~À-ÿ-]"
_STREETS = (
    "rue|avenue|av\\.|boulevard|boul\\.|chemin|ch\\.|route|rang|place|côte|montée"
    "|allée|terrasse|impasse|promenade"
)
_STREETS_EN = (
    "Street|St\\.?|Avenue|Ave\\.?|Road|Rd\\.?|Boulevard|Blvd\\.?|Drive|Lane|Crescent"
    "|Court|Way"
)
_END = r"(?![^\W_])"
# A number may be that of a street, unless another address begins with it.
_NUMBER = rf"\d+(?:e|th|st|nd|rd)?{_END}(?!,?[{_SPACE}](?:{_STREETS})[{_SPACE}])"
_PROPER = rf"(?:[A-ZÀ-Ý][\w’'-]*|{_NUMBER})"
_SMALL = rf"(?:(?:de|du|des|la|le|les){_END}[ \u00a0\u202f]|[ld]’)"
# In the order in which one is preferred to another at the same place.
PATTERNS: dict[Mark, re.Pattern[str]] = {
    Mark.EMAIL: re.compile(
        rf"(?<![^\W_]){_LETTER}+(?:\.{_LETTER}+)*@[^\W_][\w-]*(?:\.[\w-]*[^\W_])+"
    ),
    Mark.WEB: re.compile(r"(?<![^\W_])(?:https?://|www\.)[^\s<>()«»\"]*[^\W_]/?"),
    Mark.TAX: re.compile(
        rf"(?<![^\W_])(?:\d{{9}}[{_SPACE}]?RT|\d{{10}}[{_SPACE}]?TQ)"
        rf"[{_SPACE}]?\d{{4}}(?![^\W_])"
    ),
    Mark.CARD: re.compile(
        rf"(?<![\w-])\d{{4}}(?:[{_SPACE}-]?\d{{4}}){{2}}[{_SPACE}-]?\d{{1,4}}(?![\w-])"
    ),
    Mark.HEALTH: re.compile(
        rf"(?<![^\W_])[A-Z]{{4}}[{_SPACE}]?\d{{4}}[{_SPACE}]?\d{{4}}(?![^\W_])"
    ),
    Mark.NEQ: re.compile(
        rf"(?<![^\W_])(?:11|22|33|88)\d{{2}}(?:[{_SPACE}.-]\d{{3}}[{_SPACE}.-]|\d{{3}})"
        r"\d{3}(?![^\W_])"
    ),
    Mark.SIN: re.compile(
        rf"(?<![^\W_])(?<!\d[.,-])\d{{3}}{_SEP}\d{{3}}{_SEP}\d{{3}}(?![^\W_])"
    ),
    Mark.PHONE: re.compile(
        rf"(?<![^\W_])(?:\+?1{_SEP})?(?:\([2-9]\d\d\)|[2-9]\d\d)[{_SPACE}.-]{{0,2}}[2-9]\d{{2}}"
        rf"{_SEP}\d{{4}}(?:,?[{_SPACE}]?(?:poste|p\.|ext\.?|x|#)[{_SPACE}]?\d{{1,6}})?"
        r"(?![^\W_])"
    ),
    Mark.POSTAL: re.compile(
        rf"(?<![^\W_])[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][{_SPACE}-]?"
        r"\d[ABCEGHJ-NPRSTV-Z]\d(?![^\W_])",
        re.IGNORECASE,
    ),
    Mark.ADDRESS: re.compile(
        rf"(?<![^\W_])\d{{1,5}}(?:-\d{{1,4}})?,?[{_SPACE}](?:"
        rf"(?:{_STREETS})(?:[{_SPACE}]{_SMALL}{{0,2}}{_PROPER}){{1,5}}"
        rf"|(?:[A-Z][\w’'-]*[{_SPACE}]){{1,3}}(?:{_STREETS_EN})(?![^\W_]))"
    ),
}


def passes_luhn(digits: str) -> bool:
    """Whether a number's last digit agrees with the others (Luhn, ISO/IEC 7812-1).

    >>> passes_luhn("046454286")
    True
    """
    total = 0
    for place, digit in enumerate(reversed(digits)):
        twice = int(digit) * (1 + place % 2)
        total += twice - 9 if twice > 9 else twice
    return total % 10 == 0 and any(digit != "0" for digit in digits)


def marks_in(text: str) -> Iterator[tuple[int, int, Mark]]:
    """Return where each mark starts and ends; they may overlap."""
    for mark, pattern in PATTERNS.items():
        for found in pattern.finditer(text):
            if mark in (Mark.SIN, Mark.CARD):
                digits = "".join(filter(str.isdecimal, found[0]))
                if not digits.isascii() or not passes_luhn(digits):
                    continue
            yield found.start(), found.end(), mark
