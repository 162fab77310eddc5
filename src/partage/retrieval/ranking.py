"""The second look: the best passages, read again, put in their final order.

The index finds passages by their words. This orders the best of them by more, at a
cost that does not follow what the reservoir holds, and from nothing but what the
person may read:

- the index's own score (BM25);
- character grams, which forgive endings, compounds and slips of the key;
- adjacent pairs, which tell « code du travail » from « le travail du code »;
- feedback: what says the same as the two best rises. It hurts nothing when one
  passage stands out, since that one says the same as itself most; so the same weights
  serve who looks for one known thing and who looks for all that there is.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain as chained
from itertools import pairwise
from math import log

import numpy as np
from numpy.typing import NDArray

from partage.retrieval import analysis
from partage.retrieval.query import Asked

Numbers = NDArray[np.float64]
Rarity = Callable[[str, str], float]  # of a stem in a language: its weight (idf)

K1, B = 1.2, 0.75
GRAMS, PAIRS = 0.2, 0.6
BEST, FEEDBACK = (1.0, 0.5), 1.2  # what the first says, and half of the second


@dataclass(frozen=True)
class Read:
    """A passage that was found and read, and its score in the index."""

    score: float
    text: str
    language: str

    @cached_property
    def words(self) -> list[str]:
        """Its folded words that mean something, in their order."""
        return analysis.words(self.text, self.language)

    @cached_property
    def stems(self) -> list[str]:
        """The stem of each of its words."""
        return [analysis.stem(word, self.language) for word in self.words]


def holds(read: Collection[Read], asked: Iterable[str]) -> set[str]:
    """Return which of these folded words some of the passages hold, in any form."""
    held = {
        language: set().union(*(one.stems for one in read if one.language == language))
        for language in analysis.LANGUAGES
    }
    return {
        word
        for word in asked
        if any(analysis.stem(word, one) in stems for one, stems in held.items())
    }


def reorder(
    asked: Asked,
    read: Sequence[Read],
    rarity: Rarity | None = None,
) -> list[float]:
    """Return a score for each passage, at least 0, comparable within this call only.

    `rarity` gives the weight (idf) of a stem in a language; without it, stems are
    weighed by how rare they are among what was read.
    """
    if not read:
        return []
    base = np.array([one.score for one in read], dtype=float)
    base += GRAMS * _by_grams(asked, read)
    base = _from_one(base + PAIRS * _by_pairs(asked, read))
    feedback = _from_one(_like_the_best(base, read, rarity))
    return [float(one) for one in base + FEEDBACK * feedback]


def rarity_among(read: Sequence[Read]) -> Rarity:
    """Return how much a stem of a language tells what was read apart (idf)."""
    held = Counter((stem, one.language) for one in read for stem in set(one.stems))
    return lambda stem, language: idf(held[stem, language], len(read))


def coverage(
    asked: Asked,
    read: Sequence[Read],
    rarity: Rarity,
    said: Sequence[Collection[int]],
) -> list[float]:
    """Return how much of what is asked each passage says, from 0 to 1.

    1: each of its words, again and again. A word weighs by its rarity (BM25): sharing
    « suite, an, dernier » is next to nothing. What nothing read says is not counted.
    A word in the other language counts for as much as one is sure of it. `said`: the
    concepts of each passage; one that is asked for counts, however it is said.
    """
    language = asked.language
    held_by_one = {(stem, one.language) for one in read for stem in one.stems}
    worth = {
        stem: much * rarity(stem, language)
        for stem, much in asked.weights[language].items()
    }
    whole = (K1 + 1) * sum(
        much for stem, much in worth.items() if (stem, language) in held_by_one
    )
    if not whole:
        whole = (K1 + 1) * sum(worth.values())
    if not whole or not read:
        return [0.0] * len(read)
    mean = max(1.0, float(_lengths(read).mean()))
    found = []
    for one, concepts in zip(read, said, strict=True):
        wanted = {
            stem: sure for stem, (_word, sure) in asked.translated[one.language].items()
        } | asked.weights[one.language]
        counts = Counter(stem for stem in one.stems if stem in wanted)
        norm = K1 * (1 - B + B * len(one.stems) / mean)
        held = sum(
            wanted[stem]
            * rarity(stem, one.language)
            * times
            * (K1 + 1)
            / (times + norm)
            for stem, times in counts.items()
        )
        otherwise = {
            stem
            for each in asked.concepts
            if each.concept in concepts
            for stem in analysis.stems(each.words, language)
            if stem not in counts
        }
        held += sum(worth.get(stem, 0.0) for stem in otherwise)
        found.append(min(1.0, held / whole))
    return found


def _from_one(scores: Numbers) -> Numbers:
    highest = scores.max()
    return scores / highest if highest > 0 else scores


def _saturated(counts: Numbers, lengths: Numbers) -> Numbers:
    """Weigh counts (passages × tokens) as BM25 does, whatever their rarity."""
    norm = K1 * (1 - B + B * lengths / max(1.0, lengths.mean()))
    weighed: Numbers = counts * (K1 + 1) / (counts + norm[:, None])
    return weighed


def _rarity_here(counts: Numbers) -> Numbers:
    """Return how much each token tells apart the passages that were read (idf)."""
    here, held = len(counts), (counts > 0).sum(axis=0)
    found: Numbers = np.log(1 + (here - held + 0.5) / (held + 0.5))
    return found


def _by_grams(asked: Asked, read: Sequence[Read]) -> Numbers:
    wanted = {
        language: Counter(
            chained.from_iterable(map(analysis.grams, asked.words(language)))
        )
        for language in {one.language for one in read}
    }
    names = sorted(set().union(*wanted.values()))
    if not names:
        return np.zeros(len(read))
    held = holding(set().union(*(one.words for one in read)), names)
    counts = np.zeros((len(read), len(names)))
    for row, one in enumerate(read):
        for word in one.words:
            if word in held:
                for at in held[word]:
                    counts[row, at] += 1
    times = np.array(
        [[wanted[one.language][gram] for gram in names] for one in read], dtype=float
    )
    lengths = np.array([len("_".join(one.words)) + 2 for one in read], dtype=float)
    weighed = _saturated(counts, lengths) * _rarity_here(counts) * times
    summed: Numbers = weighed.sum(axis=1)
    return summed


def holding(words: Collection[str], grams: Sequence[str]) -> dict[str, list[int]]:
    """Return, of each word that has any of `grams`, which, as often as it has them."""
    # All words in one text: each gram is looked for once, not once in each word.
    each = list(words)
    text = "".join(f"_{word}_" for word in each)
    ends = np.cumsum([len(word) + 2 for word in each])
    found: dict[str, list[int]] = {}
    for name, gram in enumerate(grams):
        at, places = text.find(gram), []
        while at >= 0:
            places.append(at)
            at = text.find(gram, at + 1)
        for place, word in zip(
            places, np.searchsorted(ends, places, side="right"), strict=True
        ):
            if place + len(gram) <= ends[word]:
                found.setdefault(each[word], []).append(name)
    return found


def _by_pairs(asked: Asked, read: Sequence[Read]) -> Numbers:
    wanted = {
        language: set(pairwise(asked.tokens(language)))
        for language in {one.language for one in read}
    }
    names = {name: at for at, name in enumerate(sorted(set().union(*wanted.values())))}
    if not names:
        return np.zeros(len(read))
    counts = np.zeros((len(read), len(names)))
    for row, one in enumerate(read):
        mine = wanted[one.language]
        for pair in pairwise(one.stems):
            if pair in mine:
                counts[row, names[pair]] += 1
    weighed = _saturated(counts, _lengths(read)) * _rarity_here(counts)
    summed: Numbers = weighed.sum(axis=1)
    return summed


def _like_the_best(
    base: Numbers,
    read: Sequence[Read],
    rarity: Callable[[str, str], float] | None,
) -> Numbers:
    """Return how much each passage says what the best say, weighed as BM25 does."""
    best = np.argsort(-base, kind="stable")[: len(BEST)]
    names: dict[tuple[str, str], int] = {}
    for row in best:
        for stem in read[row].stems:
            names.setdefault((read[row].language, stem), len(names))
    if not names:
        return np.zeros(len(read))
    counts = np.zeros((len(read), len(names)))
    for row, one in enumerate(read):
        for stem in one.stems:
            at = names.get((one.language, stem))
            if at is not None:
                counts[row, at] += 1
    idf = (
        _rarity_here(counts)
        if rarity is None
        else np.array([rarity(stem, language) for language, stem in names])
    )
    weights = _saturated(counts, _lengths(read)) * idf
    said = weights[best]
    long = np.maximum(np.sqrt((said**2).sum(axis=1)), 1e-9)
    each = base[best] * BEST[: len(best)] / long
    alike: Numbers = weights @ (said.T @ each)
    return alike


def _lengths(read: Sequence[Read]) -> Numbers:
    return np.array([len(one.stems) for one in read], dtype=float)


def idf(held: int, of: int) -> float:
    """Return the weight of a token that `held` passages `of` so many hold."""
    return log(1 + (of - held + 0.5) / (held + 0.5))
