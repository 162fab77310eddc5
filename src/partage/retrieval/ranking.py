"""The second look: the best passages, read again, put in their final order.

The index finds a hundred passages by their words. This orders them by more, all of
it counted among those hundred, so that it costs the same whatever the reservoir
holds and knows nothing that the person may not read:

- the index's own score (BM25);
- character grams, which forgive endings, compounds and slips of the key;
- adjacent pairs, which tell « code du travail » from « le travail du code »;
- company: a passage whose nearest neighbours are good rises (score diffusion);
- feedback: what resembles the three best rises. It hurts nothing when one passage
  stands out, since that one resembles itself most; so the same weights serve who
  looks for one known thing and who looks for all that there is.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain as chained
from math import log

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from partage.retrieval import analysis
from partage.retrieval.query import Asked

Numbers = NDArray[np.float64]

K1, B = 1.2, 0.75
GRAMS, PAIRS = 0.2, 0.2
NEIGHBOURS, COMPANY, ROUNDS = 5, 0.4, 6
BEST, FEEDBACK = 3, 1.0


@dataclass(frozen=True, slots=True)
class Read:
    """A passage that was found and read: its score in the index, and its words."""

    score: float
    text: str
    language: str


def reorder(
    asked: Asked,
    read: Sequence[Read],
    rarity: Callable[[str, str], float] | None = None,
) -> list[float]:
    """Return a score for each passage, at least 0, comparable within this call only.

    `rarity` gives the weight (idf) of a stem in a language; without it, stems are
    weighed by how rare they are among what was read.
    """
    if not read:
        return []
    scores: Numbers = np.array([one.score for one in read])
    words = [analysis.words(one.text, one.language) for one in read]
    stems = [
        [analysis.stem(word, one.language) for word in each]
        for one, each in zip(read, words, strict=True)
    ]
    base = scores + GRAMS * _by_grams(asked, read, words)
    base = _from_one(base + PAIRS * _by_pairs(asked, read, stems))
    alike = _resemblance(read, stems, rarity)
    company = _from_one(_diffused(base, alike))
    best = np.argsort(-base, kind="stable")[:BEST]
    feedback = _from_one(alike[:, best] @ base[best])
    return [float(one) for one in company + FEEDBACK * feedback]


def _from_one(scores: Numbers) -> Numbers:
    highest = scores.max()
    return scores / highest if highest > 0 else scores


def _saturated(counts: Numbers, lengths: Numbers) -> Numbers:
    """Weigh counts (passages × tokens) as BM25 does, by how rare each is here."""
    here = len(counts)
    held = (counts > 0).sum(axis=0)
    idf = np.log(1 + (here - held + 0.5) / (held + 0.5))
    norm = K1 * (1 - B + B * lengths / max(1.0, lengths.mean()))
    weighed: Numbers = counts * (K1 + 1) / (counts + norm[:, None]) * idf
    return weighed


def _by_grams(asked: Asked, read: Sequence[Read], words: list[list[str]]) -> Numbers:
    wanted = {
        language: Counter(
            chained.from_iterable(map(analysis.grams, asked.words(language)))
        )
        for language in {one.language for one in read}
    }
    names = sorted(set().union(*wanted.values()))
    if not names:
        return np.zeros(len(read))
    lines = [f"_{'_'.join(each)}_" for each in words]
    counts: Numbers = np.array(
        [[line.count(gram) for gram in names] for line in lines], dtype=float
    )
    times = np.array(
        [[wanted[one.language][gram] for gram in names] for one in read], dtype=float
    )
    lengths = np.array([len(line) for line in lines], dtype=float)
    summed: Numbers = (_saturated(counts, lengths) * times).sum(axis=1)
    return summed


def _by_pairs(asked: Asked, read: Sequence[Read], stems: list[list[str]]) -> Numbers:
    wanted = {
        language: analysis.pairs(asked.tokens(language))
        for language in {one.language for one in read}
    }
    names = {name: at for at, name in enumerate(sorted(set().union(*wanted.values())))}
    if not names:
        return np.zeros(len(read))
    counts = np.zeros((len(read), len(names)))
    for row, (one, each) in enumerate(zip(read, stems, strict=True)):
        mine = set(wanted[one.language])
        for pair in analysis.pairs(each):
            if pair in mine:
                counts[row, names[pair]] += 1
    lengths = np.array([len(each) for each in stems], dtype=float)
    summed: Numbers = _saturated(counts, lengths).sum(axis=1)
    return summed


def _resemblance(
    read: Sequence[Read],
    stems: list[list[str]],
    rarity: Callable[[str, str], float] | None,
) -> Numbers:
    """Return how alike each two passages are, from 0 to 1 (cosine of BM25 weights)."""
    names: dict[tuple[str, str], int] = {}
    rows, columns, counts = [], [], []
    for row, (one, each) in enumerate(zip(read, stems, strict=True)):
        for stem, count in Counter(each).items():
            rows.append(row)
            columns.append(names.setdefault((one.language, stem), len(names)))
            counts.append(float(count))
    here = len(read)
    if not names:
        return np.zeros((here, here))
    held = np.bincount(columns, minlength=len(names))
    if rarity is None:
        idf = np.log(1 + (here - held + 0.5) / (held + 0.5))
    else:
        idf = np.array([rarity(stem, language) for language, stem in names])
    lengths = np.array([len(each) for each in stems], dtype=float)
    norm = K1 * (1 - B + B * lengths / max(1.0, lengths.mean()))
    many = np.array(counts)
    weights = many * (K1 + 1) / (many + norm[rows]) * idf[columns]
    # What one passage alone holds makes no two alike; it only lengthens the vector.
    long = np.sqrt(np.bincount(rows, weights=weights**2, minlength=here))
    shared = held[columns] > 1
    matrix = sparse.csr_matrix(
        (
            (weights / np.maximum(long[rows], 1e-9))[shared],
            (np.array(rows)[shared], np.array(columns)[shared]),
        ),
        shape=(here, len(names)),
    )
    alike: Numbers = (matrix @ matrix.T).toarray()
    np.fill_diagonal(alike, 1.0)
    return alike


def _diffused(base: Numbers, alike: Numbers) -> Numbers:
    """Let each passage take a part of its score from its nearest neighbours."""
    near = alike.copy()
    np.fill_diagonal(near, 0)
    if len(near) > NEIGHBOURS:
        least = np.partition(near, -NEIGHBOURS, axis=1)[:, -NEIGHBOURS, None]
        near[near < least] = 0
    near /= np.maximum(near.sum(axis=1, keepdims=True), 1e-9)
    found = base
    for _round in range(ROUNDS):
        found = (1 - COMPANY) * base + COMPANY * (near @ found)
    return found


def idf(held: int, of: int) -> float:
    """Return the weight of a token that `held` passages `of` so many hold."""
    return log(1 + (of - held + 0.5) / (held + 0.5))
