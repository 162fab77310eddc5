"""Triage: is the decision whole, and which field do the words point to?"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})
_APOSTROPHES = re.compile(r"['’‘ʼ`´′]")


def fold(text: str) -> str:
    """Return `text` as search compares it: lower case, no accents, single spaces.

    Compatibility forms are undone (NFKD), œ becomes oe and æ ae, and apostrophes
    become spaces, so that « L’Œuvre d’été » is « l oeuvre d ete ». Folding twice
    changes nothing more.
    """
    text = _APOSTROPHES.sub(" ", text)
    if text.isascii():  # most words: nothing to undo
        return " ".join(text.lower().split())
    # Twice: lower case can bring accents out, and the reverse.
    for _ in range(2):
        text = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
        text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return " ".join(_APOSTROPHES.sub(" ", text.casefold()).split())


_WORD = re.compile(r"[a-z0-9]+")
WORDS_OF_A_REASON = 3

SPECIALISED = "SPECIALISED"
FIRST_LINE = "FIRST_LINE"


@dataclass(frozen=True, slots=True)
class TriagePart:
    """One part of a specialised need: minutes of work, and when, both included."""

    low: int
    likely: int
    high: int
    window_start: date | None = None
    window_end: date | None = None


@dataclass(frozen=True, slots=True)
class TriageDecision:
    """`outcome` is SPECIALISED or FIRST_LINE; `reason` is what the person wrote."""

    outcome: str
    reason: str = ""
    parts: tuple[TriagePart, ...] = ()


@dataclass(frozen=True, slots=True)
class TriageProblem:
    """What is missing. `part` counts from 0, or is None for the whole decision.

    `code` is one of "no_part", "minutes_not_above_zero", "minutes_not_in_order",
    "window_not_in_order", "reason_too_short" and "unknown_outcome".
    """

    code: str
    part: int | None = None


def words_of(text: str) -> tuple[str, ...]:
    """Return the folded words of `text`, each without the s or x of a plural."""
    return tuple(
        word[:-1] if len(word) > 3 and word[-1] in "sx" else word
        for word in _WORD.findall(fold(text))
    )


def check_triage(decision: TriageDecision) -> tuple[TriageProblem, ...]:
    """Say all that keeps a triage decision from being whole; empty when it is.

    A specialised need has at least one part; each has 0 < low ≤ likely ≤ high
    minutes, and a window that does not end before it starts. Sending a need to
    the first line asks for a reason of three words at least, because the member
    will read it.
    """
    if decision.outcome == FIRST_LINE:
        short = len(words_of(decision.reason)) < WORDS_OF_A_REASON
        return (TriageProblem("reason_too_short"),) if short else ()
    if decision.outcome != SPECIALISED:
        return (TriageProblem("unknown_outcome"),)
    if not decision.parts:
        return (TriageProblem("no_part"),)
    problems: list[TriageProblem] = []
    for i, part in enumerate(decision.parts):
        if min(part.low, part.likely, part.high) <= 0:
            problems.append(TriageProblem("minutes_not_above_zero", i))
        elif not part.low <= part.likely <= part.high:
            problems.append(TriageProblem("minutes_not_in_order", i))
        start, end = part.window_start, part.window_end
        if start is not None and end is not None and end < start:
            problems.append(TriageProblem("window_not_in_order", i))
    return tuple(problems)


@dataclass(frozen=True, slots=True)
class FieldSuggestion:
    """A field that the text points to, and the vocabulary's terms found in it."""

    field: str
    score: Decimal
    terms: tuple[str, ...]


def suggest_fields(
    text: str, vocabulary: Mapping[str, Iterable[str]]
) -> tuple[FieldSuggestion, ...]:
    """Suggest fields from the words of a need, the likeliest first.

    `vocabulary` holds each field's terms, of one or several words, in French and
    English. A term found in the text counts once, one point per word of it,
    shared between the fields that have it; scores are rounded half up to a
    hundredth. Fields without a term are left out; equal scores are in the order
    of their codes. It is only a suggestion: a person decides.
    """
    words = words_of(text)
    terms = {
        field: {found: term for term in listed if (found := words_of(term))}
        for field, listed in vocabulary.items()
    }
    owners = Counter(found for own in terms.values() for found in own)

    def in_text(term: tuple[str, ...]) -> bool:
        starts = range(len(words) - len(term) + 1)
        return any(words[i : i + len(term)] == term for i in starts)

    suggestions = []
    for field, own in terms.items():
        hits = [found for found in own if in_text(found)]
        points = sum(Fraction(len(found), owners[found]) for found in hits)
        if hits:
            score = Decimal(points.numerator) / points.denominator
            score = score.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
            said = tuple(own[found] for found in hits)
            suggestions.append(FieldSuggestion(field, score, said))
    return tuple(sorted(suggestions, key=lambda each: (-each.score, each.field)))
