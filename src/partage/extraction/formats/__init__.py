"""One module for each kind of document. They open it here: see `apart` first."""

from collections.abc import Sequence
from types import ModuleType

from partage.extraction.formats import odt, pdf, plain, sheets, slides, word
from partage.extraction.kinds import kind_of
from partage.extraction.parts import REBUILT, Kind, Problem, Reading, Unreadable

MOST_LETTERS = 10_000_000
MOST_PAGES = 5_000
_MODULES: dict[Kind, ModuleType] = {
    Kind.PDF: pdf,
    Kind.DOCX: word,
    Kind.PPTX: slides,
    Kind.XLSX: sheets,
    Kind.ODT: odt,
    Kind.TEXT: plain,
}


def read(content: bytes) -> Reading:
    """Return the pages of a document. Raises Unreadable, or what a library raises."""
    reading: Reading = _MODULES[kind_of(content)].read(content)
    if len(reading.pages) > MOST_PAGES:
        raise Unreadable(Problem.TOO_HEAVY)
    letters = sum(len(page.text) for page in reading.pages)
    if letters > MOST_LETTERS:
        raise Unreadable(Problem.TOO_HEAVY)
    if not letters:
        raise Unreadable(Problem.NO_TEXT)
    return reading


def rebuild(
    content: bytes, changes: Sequence[tuple[str, str]], *, title: str
) -> tuple[bytes, Reading]:
    """Return a new document with the changes made, and its own reading."""
    kind = kind_of(content)
    if kind not in REBUILT:
        raise Unreadable(Problem.UNKNOWN)
    made: bytes = _MODULES[kind].rebuild(content, changes, title=title)
    return made, read(made)
