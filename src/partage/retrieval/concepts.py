"""Several ways to say one thing: *AGA*, *assemblée générale annuelle*, *AGM*.

A passage that says it in any way, in either language, carries the concept's token,
and so does a query: words alone would miss the others, and adding all of them to
the query drowns what was asked.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from partage.retrieval.analysis import folded

MOST_WORDS = 8  # of one way to say it


@dataclass(frozen=True, slots=True)
class Said:
    """A concept found in a text: which, and the folded words that say it."""

    concept: int
    words: tuple[str, ...]


class Concepts:
    """Finds concepts in texts. `terms`: pairs of a concept's number and one term."""

    def __init__(self, terms: Iterable[tuple[int, str]] = ()) -> None:
        self.terms: dict[tuple[str, ...], set[int]] = {}
        for concept, term in terms:
            words = tuple(folded(term).split())[:MOST_WORDS]
            if words:
                self.terms.setdefault(words, set()).add(concept)
        # From a first word to the terms that it begins, the longest first.
        self._begun: dict[str, list[tuple[str, ...]]] = {}
        for words in sorted(self.terms, key=len, reverse=True):
            self._begun.setdefault(words[0], []).append(words)

    def said_in(self, text: str) -> list[Said]:
        """Return the concepts that `text` says, the longest terms first taken.

        A plural « s » or « x » at the end of a word makes no difference.
        """
        if not self._begun:
            return []
        words = folded(text).split()
        found: list[Said] = []
        at = 0
        while at < len(words):
            term = self._term_at(words, at)
            if term:
                found += [
                    Said(concept, tuple(words[at : at + len(term)]))
                    for concept in sorted(self.terms[term])
                ]
            at += len(term) or 1
        return found

    def _term_at(self, words: list[str], at: int) -> tuple[str, ...]:
        first = words[at]
        for begun in {first, first[:-1] if first[-1] in "sx" else first}:
            for term in self._begun.get(begun, ()):
                said = words[at : at + len(term)]
                if len(said) == len(term) and all(
                    one in (other, f"{other}s", f"{other}x")
                    for one, other in zip(said, term, strict=True)
                ):
                    return term
        return ()
