"""The names of a directory, and where they are in a text, however they are written."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from partage.rules.triage import fold

_TOKEN = re.compile(r"[^\W_]+")
_SIGLE = re.compile(r"\(([A-ZÀ-Ý]{2,8})\)")
_BETWEEN = 24  # characters, at most, from one word of a name to the next
_STOP = re.compile(r"[.;:!?]\s|\n\s*\n")
# Words that a name may be written with or without.
_SMALL = frozenset(
    "a au aux d de des du et and l la le les of the en pour for".split()  # noqa: SIM905
)
_SAME = {
    "st": "saint", "ste": "sainte", "coop": "cooperative", "inc": "", "ltee": "",
    "ltd": "", "assoc": "association", "co": "cooperative",
}  # fmt: skip
_HONORIFICS = (
    "m", "mr", "mme", "mlle", "me", "ms", "mrs", "dr", "dre", "monsieur", "madame",
    "maitre", "docteur", "docteure",
)  # fmt: skip
# What an organisation is, not which one: never enough to tell it by itself.
_GENERIC = frozenset(
    """
    cooperative solidarite habitation federation association centre center maison
    service societe groupe groupement regroupement reseau network club comite conseil
    fondation foundation corporation entreprise travailleur worker housing community
    communautaire jeunesse youth famille family enfance garderie childcare daycare cpe
    sante health alimentaire food bibliotheque library theatre musee museum culture
    culturel ecole school education formation local regional national quebec ontario
    canada canadian nouveau new brunswick alberta nord sud est ouest north south east
    west action aide emploi economie development developpement social union mutuelle
    credit caisse producteur agricole farm forestier funeraire member membre non but
    lucratif society services habitations solidarity
    """.split()  # noqa: SIM905
)


class Sort(StrEnum):
    """Whose name it is. Those of the mandate are found by less than the whole."""

    ORGANISATION = "ORGANISATION"
    PERSON = "PERSON"
    PARTY = "PARTY"  # an organisation of the mandate
    PARTY_PERSON = "PARTY_PERSON"  # someone of the mandate


@dataclass(frozen=True, slots=True)
class Name:
    """One name of the directory."""

    sort: Sort
    text: str


def root(word: str) -> str:
    """Return a folded word less its plural: « Tremblays » is a « Tremblay »."""
    word = fold(word)
    word = _SAME.get(word, word)
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word


def _roots(text: str) -> list[str]:
    return [
        found
        for word in _TOKEN.findall(text)
        if (found := root(word)) and fold(word) not in _SMALL
    ]


@dataclass(slots=True)
class _Node:
    next: dict[str, "_Node"] = field(default_factory=dict)
    # Whose name ends here, and whether it must begin with a capital letter.
    ends: tuple[Name, bool] | None = None


class Directory:
    """Names to be found in texts, however accents, case, hyphens and plurals go."""

    def __init__(self, names: Iterable[Name]) -> None:
        self._first = _Node()
        self._sigles: dict[str, Name] = {}
        # What is of the mandate comes last, and so is what a shared name says.
        for name in sorted(names, key=lambda one: (one.sort in _PARTIES, one.text)):
            people = name.sort in (Sort.PERSON, Sort.PARTY_PERSON)
            (self._add_person if people else self._add_organisation)(name)

    def _put(self, roots: list[str], name: Name, *, capital: bool = False) -> None:
        if not roots or all(each.isdigit() for each in roots):
            return
        node = self._first
        for each in roots:
            node = node.next.setdefault(each, _Node())
        if node.ends is None or node.ends[1] or not capital:
            node.ends = (name, capital)

    def _add_organisation(self, name: Name) -> None:
        for sigle in _SIGLE.findall(name.text):
            self._sigles[sigle] = name
        whole = _roots(_SIGLE.sub(" ", name.text))
        self._put(whole, name, capital=len(whole) == 1)
        if name.sort != Sort.PARTY:
            return
        if len(whole) > 2:
            self._sigles["".join(each[0] for each in whole).upper()] = name
        own = [each for each in whole if each not in _GENERIC and len(each) > 2]
        for each in own:
            self._put([each], name, capital=True)
        self._put(own, name, capital=True)

    def _add_person(self, name: Name) -> None:
        words = name.text.split()
        if len(words) < 2:
            if name.sort == Sort.PARTY_PERSON:
                self._put(_roots(name.text), name, capital=True)
            return
        given, family = _roots(words[0]), _roots(" ".join(words[1:]))
        if not given or not family:
            return
        self._put(given + family, name)
        self._put(family + given, name)
        self._put(given[:1] + family, name)
        self._put([given[0][0], *family], name)
        self._put([each[0] for each in given] + family, name)
        for honorific in _HONORIFICS:
            self._put([root(honorific), *family], name, capital=True)
        if len(family) > 1:
            self._put(given + family[:1], name)
            self._put(given + family[-1:], name)
        if name.sort == Sort.PARTY_PERSON:
            self._put(family, name, capital=len(family) == 1)
            self._put(given, name, capital=True)

    def names_in(self, text: str) -> Iterator[tuple[int, int, Name]]:
        """Return where each name starts and ends; they may overlap.

        A whole name and the part of it that is enough both come: another name may take
        the rest of the whole.
        """
        words: list[tuple[int, int, str]] = []
        for found in _TOKEN.finditer(text):
            if sigle := self._sigles.get(found[0]):
                yield found.start(), found.end(), sigle
            if fold(found[0]) not in _SMALL and (each := root(found[0])):
                words.append((found.start(), found.end(), each))
        for at, (start, _end, first) in enumerate(words):
            node = self._first.next.get(first)
            here = at
            while node is not None:
                if node.ends is not None:
                    name, capital = node.ends
                    last = words[here]
                    if not capital or text[last[0]].isupper():
                        yield start, last[1], name
                here += 1
                if here == len(words):
                    break
                between = text[words[here - 1][1] : words[here][0]]
                # « M. Roy » goes on after its point; a sentence does not.
                short = len(words[here - 1][2]) <= 3
                stop = _STOP.search(between, 1 if short else 0)
                if len(between) > _BETWEEN or stop:
                    break
                node = node.next.get(words[here][2])


_PARTIES = {Sort.PARTY, Sort.PARTY_PERSON}
