"""What a cell may hold once it is read."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

Cell = str | Decimal | bool | datetime | date | time | timedelta | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook, or a whole CSV.

    `rows` are the rows that are not blank, each with its number as people see it
    (from 1) and its cells without the empty ones at its end. Text has no
    non-breaking spaces, control characters or spaces at its ends; an empty text is
    None. Numbers are Decimal.
    """

    name: str
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]


_GONE = {
    code: None
    for code in [*range(32), *range(0x7F, 0xA0), 0x200B, 0x200E, 0x200F, 0xFEFF]
    if code not in (9, 10, 13, 0x85)
}


def clean(text: str) -> str | None:
    """Return a text as it is kept: single spaces, its lines apart, None if empty."""
    text = text.translate(_GONE)
    if "\n" in text or "\r" in text:
        lines = (" ".join(line.split()) for line in text.splitlines())
        return "\n".join(line for line in lines if line) or None
    return " ".join(text.split()) or None


def as_text(cell: Cell) -> str:
    """Write a cell as a person would read it, for a message."""
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "minutes").removesuffix(" 00:00")
    return str(cell)
