"""Words of one language, as the other may say them.

Learned from what already says the same in both: each stem is translated by those
that appear where it does and not elsewhere (IBM model 1, both ways, of which the
geometric mean is how sure one is). A word that was never met may be a cognate:
« gouvernance » and *governance*, « activité » and *activity*.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from partage.retrieval import analysis

ROUNDS = 8
LEAST_SURE = 0.15
MOST = 3  # translations of a word
COGNATE = 0.5  # how sure one is of a cognate
LEAST_ROOT = 4  # letters that a cognate keeps
OTHER = {"fr": "en", "en": "fr"}
# Endings, folded, of French and of English words that have one root.
ENDINGS = [
    ("ite", "ity"), ("ique", "ic"), ("ique", "ical"), ("eur", "or"), ("eur", "er"),
    ("aire", "ary"), ("oire", "ory"), ("ance", "ence"), ("ence", "ance"), ("ie", "y"),
    ("if", "ive"), ("eux", "ous"), ("euse", "ous"), ("el", "al"), ("elle", "al"),
    ("isme", "ism"), ("iste", "ist"), ("ation", "ing"), ("er", "e"), ("er", "ate"),
    ("iser", "ize"), ("ee", ""), ("re", "er"), ("e", ""), ("", "e"),
]  # fmt: skip


class Translations:
    """What was learned from `pairs`: the same thing said in French, in English."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        both = [
            (analysis.tokens(french, "fr"), analysis.tokens(english, "en"))
            for french, english in pairs
        ]
        both = [(left, right) for left, right in both if left and right]
        there = _likely([left for left, _r in both], [right for _l, right in both])
        back = _likely([right for _l, right in both], [left for left, _r in both])
        self._known: dict[str, dict[str, dict[str, float]]] = {"fr": {}, "en": {}}
        for (left, right), odds in there.items():
            sure = (odds * back.get((right, left), 0.0)) ** 0.5
            if sure >= LEAST_SURE and not (left + right).isdigit():
                self._known["fr"].setdefault(left, {})[right] = sure
                self._known["en"].setdefault(right, {})[left] = sure

    def of(self, word: str, language: str) -> dict[str, float]:
        """Return the stems of the other language that may say this folded word.

        Each with how sure one is, from 0 to 1; those that were learned, or else
        those that a cognate would have.
        """
        learned = self._known[language].get(analysis.stem(word, language))
        if learned:
            best = sorted(learned.items(), key=lambda one: (-one[1], one[0]))
            return dict(best[:MOST])
        other = OTHER[language]
        return {analysis.stem(one, other): COGNATE for one in cognates(word, language)}


def cognates(word: str, language: str) -> set[str]:
    """Return how the other language would write this folded word, had it the same."""
    found = set()
    for french, english in ENDINGS:
        mine, theirs = (french, english) if language == "fr" else (english, french)
        root = len(word) - len(mine)
        if root >= LEAST_ROOT and word.endswith(mine):
            found.add(word[:root] + theirs)
    return found


def _likely(
    said: Sequence[Sequence[str]], meant: Sequence[Sequence[str]]
) -> dict[tuple[str, str], float]:
    """Return how likely each stem of `said` is to be meant by each of `meant`.

    A word may also come from none: the last row.
    """
    rows = {one: at for at, one in enumerate(dict.fromkeys(w for s in said for w in s))}
    columns = {
        one: at for at, one in enumerate(dict.fromkeys(w for s in meant for w in s))
    }
    nothing = len(rows)
    cells = [
        (row, columns[word], place)
        for place, (word, others) in enumerate(
            (word, others)
            for others, words in zip(said, meant, strict=True)
            for word in words
        )
        for row in (*(rows[one] for one in others), nothing)
    ]
    if not cells:
        return {}
    row, column, place = np.array(cells).T
    keys, which = np.unique(row * len(columns) + column, return_inverse=True)
    of = keys // len(columns)
    odds = np.ones(len(keys))
    for _round in range(ROUNDS):
        share = odds[which] / np.bincount(place, odds[which])[place]
        counted = np.bincount(which, share)
        odds = counted / np.bincount(of, counted, minlength=nothing + 1)[of]
    names, others = list(rows), list(columns)
    return {
        (names[key // len(columns)], others[key % len(columns)]): float(each)
        for key, each in zip(keys, odds, strict=True)
        if key // len(columns) != nothing
    }
