"""How much texts resemble one: by their words (BM25) and by what they speak of (LSA).

A need and a mandate that is much like it share few words; latent semantic analysis
brings together words that go together in all the texts. Each part is brought to
0…1 and they are mixed. It is derived from the texts that are given, and from nothing
else: who may not see a text gets a likeness made without it.

A word is also looked for as the other language may say it, for as much as one is sure.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from scipy.sparse import csr_matrix, diags
from scipy.sparse.linalg import svds

from partage.retrieval import analysis
from partage.retrieval.concepts import Concepts
from partage.retrieval.ranking import K1, B, idf
from partage.retrieval.translation import Translations

DIMENSIONS = 60
BY_WORDS = 0.85  # the rest of the likeness is that of subjects


class Likeness:
    """Texts that can be compared with. `texts`: each with its language, fr or en."""

    def __init__(
        self,
        texts: Sequence[tuple[str, str]],
        concepts: Concepts | None = None,
        translations: Translations | None = None,
    ) -> None:
        self._concepts = concepts or Concepts()
        self._translations = translations or Translations()
        counted = [Counter(self._tokens(*each)) for each in texts]
        self._held = Counter(token for one in counted for token in one)
        # What a single text holds brings nothing together.
        self._places = {
            token: at
            for at, token in enumerate(
                sorted(token for token, times in self._held.items() if times > 1)
            )
        }
        size = len(texts)
        self._idf = np.array([idf(self._held[token], size) for token in self._places])
        cells = [
            (times, row, self._places[token])
            for row, one in enumerate(counted)
            for token, times in one.items()
            if token in self._places
        ]
        times, rows, columns = np.array(cells, dtype=float).reshape(-1, 3).T
        counts = csr_matrix(
            (times, (rows.astype(int), columns.astype(int))),
            shape=(size, len(self._places)),
        )
        lengths = np.asarray(counts.sum(axis=1)).ravel()
        mean = lengths.mean() if cells else 1.0
        at = np.repeat(np.arange(size), np.diff(counts.indptr))
        self._bm25 = counts.copy()
        self._bm25.data = (
            self._idf[counts.indices]
            * counts.data
            * (K1 + 1)
            / (counts.data + K1 * (1 - B + B * lengths[at] / mean))
        )
        self._basis, self._subjects = self._analysed(counts)

    def of(self, text: str, language: str, *, by_words: float = BY_WORDS) -> np.ndarray:
        """Return the likeness of each text to this one, in their order, 0 to 1.

        1: each of its words, again and again, and the same subject. A word that no
        text says counts too: what shares one word of twenty is not like it.
        """
        said = Counter(self._tokens(text, language))
        times, sure = self._asked(said, text, language)
        size = self._bm25.shape[0]
        if not sure.any():
            return np.zeros(size)
        whole = sum(idf(self._held[token], size) for token in said)
        words = self._bm25 @ sure / (whole * (K1 + 1))
        subject = _unit((np.log1p(times) * self._idf)[None] @ self._basis)[0]
        subjects = np.clip(self._subjects @ subject, 0, 1)
        mixed: np.ndarray = by_words * words + (1 - by_words) * subjects
        found: np.ndarray = np.clip(mixed, 0, 1)
        return found

    def _asked(
        self, said: Counter[str], text: str, language: str
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return how often each token is asked for, and how sure one is that it is."""
        times, sure = np.zeros((2, len(self._places)))
        for token, count in said.items():
            if token in self._places:
                times[self._places[token]] = count
                sure[self._places[token]] = 1
        for word in dict.fromkeys(analysis.words(text, language)):
            for token, much in self._translations.of(word, language).items():
                at = self._places.get(token)
                if at is not None and much > sure[at]:
                    times[at] = sure[at] = much
        return times, sure

    def _tokens(self, text: str, language: str) -> list[str]:
        said: Iterable[int] = (one.concept for one in self._concepts.said_in(text))
        return [*analysis.tokens(text, language), *(f"={concept}" for concept in said)]

    def _analysed(self, counts: csr_matrix) -> tuple[np.ndarray, np.ndarray]:
        """Return the directions of the subjects, and each text along them."""
        least = min(counts.shape)
        if not least:
            return np.zeros((counts.shape[1], 0)), np.zeros((counts.shape[0], 0))
        weighed = counts.copy()
        weighed.data = np.log1p(counts.data) * self._idf[counts.indices]
        lengths = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel())
        weighed = diags(1 / np.where(lengths > 0, lengths, 1.0)) @ weighed
        if least <= DIMENSIONS + 1:
            right = np.linalg.svd(weighed.toarray(), full_matrices=False)[2]
        else:
            # From a start of its own, so that the same texts give the same.
            right = svds(weighed, k=DIMENSIONS, v0=np.ones(least))[2]
        basis = right[:DIMENSIONS].T
        return basis, _unit(weighed @ basis)


def _unit(rows: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    found: np.ndarray = rows / np.where(lengths > 0, lengths, 1.0)
    return found
