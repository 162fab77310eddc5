"""The nearest word that is really written somewhere.

What is indexed is stems, and a slip of the key moves a stem further than the word:
« propriétaure » ends otherwise than « propriétaire », and loses nothing of what the
other loses. So each word that is one slip away is made, and stemmed as the index
does; only what is two slips away is looked for among stems as they are.
"""

from collections.abc import Collection, Iterator, Mapping
from string import ascii_lowercase

LEAST_ALIKE = 0.5
Near = tuple[float, int, str]  # how much alike, how often written, the word


def slips_of(word: str) -> Iterator[frozenset[str]]:
    """Yield the words that one slip away became this folded word, likely ones first.

    Two neighbours in the wrong order; a letter too many or missing; a letter taken
    for another.
    """
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    swapped = {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    yield frozenset(swapped - {word})
    # Made only if they are asked for: there are hundreds of them.
    numbered = {a + b[1:] for a, b in cuts if b}
    numbered |= {a + c + b for a, b in cuts for c in ascii_lowercase}
    yield frozenset(numbered - {word})
    other = {a + c + b[1:] for a, b in cuts if b for c in ascii_lowercase}
    yield frozenset(other - {word})


def trigrams(word: str) -> set[str]:
    """Return the groups of three letters of a word, its ends included."""
    bounded = f"__{word}_"
    return {bounded[at : at + 3] for at in range(len(bounded) - 2)}


def likeness(one: str, other: str) -> float:
    """Return how much two words share, from 0 to 1 (Dice, of trigrams)."""
    left, right = trigrams(one), trigrams(other)
    return 2 * len(left & right) / (len(left) + len(right))


def nearest(words: Collection[str], known: Mapping[str, int]) -> Near:
    """Return the word most like one of `words` among `known` (with how often).

    Of two as near, the one that is written more often.
    """
    each = [(trigrams(word), len(word) + 1) for word in words]
    best: Near = (0.0, 0, "")
    for other, times in known.items():
        long, theirs = len(other) + 1, None
        for mine, size in each:
            # Words of lengths too far apart cannot be alike: most are not compared.
            if 2 * min(size, long) < LEAST_ALIKE * (size + long):
                continue
            theirs = theirs or trigrams(other)
            shared = 2 * len(mine & theirs) / (len(mine) + len(theirs))
            best = max(best, (shared, times, other))
    return best
