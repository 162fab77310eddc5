"""Findings, what is proposed in their place, and the text without them."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from partage.rules.anonymity.marks import Mark, marks_in
from partage.rules.anonymity.names import Directory, Sort

_WORDS: dict[str, dict[Mark | Sort, str]] = {
    "fr": {
        Mark.EMAIL: "courriel", Mark.WEB: "adresse web", Mark.TAX: "numéro de taxe",
        Mark.CARD: "numéro de carte", Mark.HEALTH: "numéro d’assurance maladie",
        Mark.NEQ: "NEQ", Mark.SIN: "NAS", Mark.PHONE: "téléphone",
        Mark.POSTAL: "code postal", Mark.ADDRESS: "adresse",
        Sort.ORGANISATION: "organisation", Sort.PERSON: "personne",
        Sort.PARTY: "le membre", Sort.PARTY_PERSON: "personne",
    },
    "en": {
        Mark.EMAIL: "e-mail", Mark.WEB: "web address", Mark.TAX: "tax number",
        Mark.CARD: "card number", Mark.HEALTH: "health insurance number",
        Mark.NEQ: "NEQ", Mark.SIN: "SIN", Mark.PHONE: "phone",
        Mark.POSTAL: "postal code", Mark.ADDRESS: "address",
        Sort.ORGANISATION: "organisation", Sort.PERSON: "person",
        Sort.PARTY: "the member", Sort.PARTY_PERSON: "person",
    },
}  # fmt: skip
_OURS = re.compile(r"\[[^\[\]\n]{1,60}\]")


@dataclass(frozen=True, slots=True)
class Finding:
    """A place of a text (half-open) that says who someone is. `name`: whose."""

    start: int
    end: int
    what: Mark | Sort
    name: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is written, what could replace it, and how many times it is there."""

    what: Mark | Sort
    before: str
    after: str
    times: int


def find(text: str, directory: Directory) -> tuple[Finding, ...]:
    """Return what says who someone is, in order, without overlaps.

    Of two that overlap, the longer one is kept; marks go before names. What is in
    square brackets that a rule wrote is not looked at again.
    """
    found = [
        (end - start, 1, Finding(start, end, mark))
        for start, end, mark in marks_in(text)
    ]
    found += [
        (end - start, 0, Finding(start, end, name.sort, name.text))
        for start, end, name in directory.names_in(text)
    ]
    found.sort(key=lambda one: (-one[1], -one[0], one[2].start))
    taken = [match.span() for match in _OURS.finditer(text) if _is_ours(match[0])]
    kept: list[Finding] = []
    for _length, _mark, each in found:
        if all(each.end <= start or end <= each.start for start, end in taken):
            kept.append(each)
            taken.append((each.start, each.end))
    return tuple(sorted(kept, key=lambda one: one.start))


def _is_ours(bracketed: str) -> bool:
    said = bracketed[1:-1].rstrip("0123456789").rstrip()
    return any(said in words.values() for words in _WORDS.values())


def proposals(
    texts: Iterable[str], directory: Directory, *, language: Literal["fr", "en"]
) -> tuple[Proposal, ...]:
    """Return what could replace each thing found in the texts, in order of appearance.

    One person or organisation has one number throughout (« [personne 2] »), however
    it is written. Spaces are made single: a name cut by a line end is one name.
    """
    words = _WORDS[language]
    times: Counter[tuple[Mark | Sort, str]] = Counter()
    after: dict[tuple[Mark | Sort, str], str] = {}
    numbers: dict[str, dict[str, int]] = {}
    for text in texts:
        for each in find(text, directory):
            before = " ".join(text[each.start : each.end].split())
            key = each.what, before
            times[key] += 1
            if key in after:
                continue
            word = words[each.what]
            if isinstance(each.what, Sort) and each.what != Sort.PARTY:
                known = numbers.setdefault(word, {})
                number = known.setdefault(each.name, len(known) + 1)
                after[key] = f"[{word} {number}]"
            else:
                after[key] = f"[{word}]"
    return tuple(
        Proposal(what, before, text, times[what, before])
        for (what, before), text in after.items()
    )


def differences(
    text: str, changes: Sequence[tuple[str, str]]
) -> tuple[tuple[str, str | None], ...]:
    """Return a text in parts: what stays with None, what goes with what replaces it.

    Each thing goes wherever it stands as whole words, the longest first; what is put
    in is not looked at again. A space stands for any space or line end.
    """
    known = {
        " ".join(before.split()): after for before, after in changes if before.strip()
    }
    if not known:
        return ((text, None),) if text else ()
    longest_first = sorted(known, key=lambda before: (-len(before), before))
    pattern = re.compile("|".join(f"(?:{_whole(one)})" for one in longest_first))
    parts: list[tuple[str, str | None]] = []
    last = 0
    for found in pattern.finditer(text):
        if found.start() > last:
            parts.append((text[last : found.start()], None))
        parts.append((found[0], known[" ".join(found[0].split())]))
        last = found.end()
    if last < len(text):
        parts.append((text[last:], None))
    return tuple(parts)


def replace_all(text: str, changes: Sequence[tuple[str, str]]) -> str:
    """Return a text with the changes made: see `differences`."""
    return "".join(
        before if after is None else after
        for before, after in differences(text, changes)
    )


def _whole(before: str) -> str:
    body = r"\s+".join(re.escape(word) for word in before.split())
    start = r"(?<![^\W_])" if before[0].isalnum() else ""
    end = r"(?![^\W_])" if before[-1].isalnum() else ""
    return start + body + end
