"""Triage: is the decision whole, and which field do the words point to?"""

import re
import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})
_APOSTROPHES = re.compile(r"['’‘ʼ`´′]")


def fold(text: str) -> str:
    """Return `text` as search compares it: lower case, no accents, single spaces.

    Compatibility forms are undone (NFKD), œ becomes oe and æ ae, and apostrophes
    become spaces, so that « L’Œuvre d’été » is « l oeuvre d ete ». Folding twice
    changes nothing more.
    """
    text = _APOSTROPHES.sub(" ", text)
    # Twice: lower case can bring accents out, and the reverse.
    for _ in range(2):
        text = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
        text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return " ".join(_APOSTROPHES.sub(" ", text.casefold()).split())
