"""What a reading is made of."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a document is, by its content and never by its name."""

    PDF = "PDF"
    DOCX = "DOCX"
    PPTX = "PPTX"
    XLSX = "XLSX"
    ODT = "ODT"
    TEXT = "TEXT"


# Kinds that can be made anew without what they carry out of sight. Of the others,
# only the text is given.
REBUILT = {Kind.DOCX, Kind.PPTX, Kind.XLSX, Kind.ODT, Kind.TEXT}


class Problem(StrEnum):
    """Why a document cannot be read."""

    EMPTY = "EMPTY"
    TOO_LARGE = "TOO_LARGE"
    UNKNOWN = "UNKNOWN"
    IMAGE = "IMAGE"
    OLD_FORMAT = "OLD_FORMAT"
    PASSWORD = "PASSWORD"
    MACROS = "MACROS"
    BROKEN = "BROKEN"
    BOMB = "BOMB"
    ENTITIES = "ENTITIES"
    TOO_LONG = "TOO_LONG"
    TOO_HEAVY = "TOO_HEAVY"
    NO_TEXT = "NO_TEXT"


class Unreadable(Exception):
    """A document that cannot be read, and why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem)


@dataclass(frozen=True, slots=True)
class Page:
    """The text of one page, slide, sheet or section; `number` from 1.

    `label` is what the document calls it; empty: its number says it all.
    """

    number: int
    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Hidden:
    """What a document carries out of sight: counts, and the names of its authors."""

    notes: int = 0  # speaker notes
    comments: int = 0
    changes: int = 0  # tracked changes
    sheets: int = 0
    slides: int = 0
    cells: int = 0  # rows and columns
    runs: int = 0  # text marked as hidden
    images: int = 0
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read in a document."""

    kind: Kind
    pages: tuple[Page, ...]
    hidden: Hidden = field(default_factory=Hidden)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> "Reading":
        hidden = dict(said["hidden"])
        hidden["authors"] = tuple(hidden["authors"])
        return cls(
            Kind(said["kind"]),
            tuple(Page(**page) for page in said["pages"]),
            Hidden(**hidden),
        )


@dataclass(frozen=True, slots=True)
class Run:
    """Words of one face."""

    text: str
    bold: bool = False
    italic: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a flowing document, in reading order.

    `kind`: heading (of `level` 1 to 9), paragraph, item (of a list), table, break
    (a page ends).
    """

    kind: str
    runs: tuple[Run, ...] = ()
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def text(self) -> str:
        if self.kind == "table":
            return "\n".join(" | ".join(row) for row in self.rows)
        return "".join(run.text for run in self.runs)


def paged(blocks: Sequence[Block]) -> tuple[Page, ...]:
    """Return the pages of a flowing document.

    Where it says where its pages end, they are the pages; otherwise each heading of
    the first two levels begins one, named after it.
    """
    by_break = any(block.kind == "break" for block in blocks)
    pages: list[tuple[str, list[str]]] = [("", [])]
    for block in blocks:
        if block.kind == "break":
            pages.append(("", []))
            continue
        text = block.text.strip()
        if not text:
            continue
        if not by_break and block.kind == "heading" and block.level <= 2:
            pages.append((text[:100], []))
        pages[-1][1].append(f"• {text}" if block.kind == "item" else text)
    if by_break:
        # An empty page is a page: the next one keeps its number.
        while pages and not pages[-1][1]:
            pages.pop()
    else:
        pages = [page for page in pages if page[1]]
    return tuple(
        Page(number, "\n".join(lines), label)
        for number, (label, lines) in enumerate(pages, 1)
    )
