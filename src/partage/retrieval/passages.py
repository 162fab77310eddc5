"""What is indexed: a page of a piece, or a stretch of it when it is long."""

import re
from collections.abc import Collection
from dataclasses import dataclass

LONGEST = 1_600  # characters of a stretch: about 250 words
_END = re.compile(r"(?<=[.!?…:;])\s+|\n\s*\n")


@dataclass(frozen=True, slots=True)
class Passage:
    """One stretch of a page. `page` 0: the piece's own words.

    `walls`: who may see it, as tokens. `tags`: what it can be narrowed by.
    `head`: its title and keywords.
    """

    piece: int
    page: int
    stretch: int
    language: str
    head: str
    text: str
    walls: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Walls:
    """Behind which walls one sees. `passed` None: behind all of them.

    What stands behind one of `closed` is not seen, whatever else it stands behind.
    """

    passed: Collection[str] | None = None
    closed: Collection[str] = ()


def stretches(text: str) -> list[str]:
    """Cut a page into stretches that end where a sentence does, if they can.

    Joined, they hold each word of `text` once, in order; the same text is always
    cut alike, so that a stretch can be named by its rank.
    """
    text = text.strip()
    if len(text) <= LONGEST:
        return [text] if text else []
    found: list[str] = []
    held = ""
    for sentence in _END.split(text):
        while len(held) + len(sentence) > LONGEST:
            if held:
                found.append(held)
                held = ""
            if len(sentence) > LONGEST:
                cut = sentence.rfind(" ", 1, LONGEST)
                cut = LONGEST if cut < 1 else cut
                found.append(sentence[:cut].strip())
                sentence = sentence[cut:].strip()
        held = f"{held} {sentence}".strip()
    if held:
        found.append(held)
    return found
