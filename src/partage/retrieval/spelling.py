"""The nearest word that is really written somewhere."""

from collections.abc import Mapping

LEAST_ALIKE = 0.45


def trigrams(word: str) -> set[str]:
    """Return the groups of three letters of a word, its ends included."""
    bounded = f"__{word}_"
    return {bounded[at : at + 3] for at in range(len(bounded) - 2)}


def likeness(one: str, other: str) -> float:
    """Return how much two words share, from 0 to 1 (Dice, of trigrams)."""
    left, right = trigrams(one), trigrams(other)
    return 2 * len(left & right) / (len(left) + len(right))


def nearest(word: str, known: Mapping[str, int]) -> str:
    """Return the word most like `word` among `known` (with how often), or "".

    Of two as near, the one that is written more often.
    """
    best = max(
        ((likeness(word, other), known[other], other) for other in known),
        default=(0.0, 0, ""),
    )
    return best[2] if best[0] >= LEAST_ALIKE else ""
