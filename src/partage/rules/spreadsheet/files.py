"""A file's bytes into sheets of cells: XLSX and CSV, however they were saved.

Nothing is believed of what a file says of itself: what it is is told by its first
bytes, and it is not unzipped before its size is known.
"""

import csv
import io
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import PurePath
from typing import Any
from zipfile import ZipFile

import openpyxl

from partage.rules.spreadsheet.cells import Cell, Sheet, clean
from partage.rules.spreadsheet.columns import headers_in

MOST_ROWS = 200_000
MOST_COLUMNS = 64
MOST_PARTS = 5_000
LARGEST_UNZIPPED = 300 * 1024 * 1024  # bytes
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SEPARATORS = ";,\t|"
_SEP_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)

__all__ = ["LARGEST_UNZIPPED", "MOST_ROWS", "Cell", "Sheet", "read_file"]


class UnreadableFile(ValueError):
    """A file that no one can read here.

    `reason` is one of "empty", "locked" (a password), "old_format" (XLS, XLSB),
    "not_a_spreadsheet", "broken", "too_big" (once unzipped), "too_many_rows".
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def read_file(name: str, content: bytes) -> tuple[Sheet, ...]:
    """Return the sheets of a workbook or a CSV that have something in them.

    Formulas are read by the value they had when the file was saved. Raises
    UnreadableFile, which says why.
    """
    if not content.strip(b"\x00 \t\r\n"):
        raise UnreadableFile("empty")
    if content.startswith(_OLE):
        raise UnreadableFile("locked" if _ENCRYPTED in content else "old_format")
    if content.startswith(b"PK"):
        sheets = _workbook(content)
    elif content.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf")):
        raise UnreadableFile("not_a_spreadsheet")
    else:
        text = decoded(content)
        sheets = (Sheet(PurePath(name).stem or "CSV", _csv(text, name)),)
    sheets = tuple(sheet for sheet in sheets if sheet.rows)
    if not sheets:
        raise UnreadableFile("empty")
    return sheets


def _workbook(content: bytes) -> tuple[Sheet, ...]:
    try:
        with ZipFile(io.BytesIO(content)) as zipped:
            parts = zipped.infolist()
            # Sizes are those that the directory states, and zipfile stops there.
            unzipped = sum(part.file_size for part in parts)
            if len(parts) > MOST_PARTS or unzipped > LARGEST_UNZIPPED:
                raise UnreadableFile("too_big")
            if any(part.flag_bits & 1 for part in parts):
                raise UnreadableFile("locked")
            names = {part.filename for part in parts}
            if "xl/workbook.bin" in names:
                raise UnreadableFile("old_format")
            if "xl/workbook.xml" not in names:
                raise UnreadableFile("not_a_spreadsheet")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with zipped.open(part) as start:
                        # No spreadsheet declares entities; only bombs do.
                        if b"<!DOCTYPE" in start.read(4096).replace(b"\x00", b""):
                            raise UnreadableFile("broken")
        return tuple(_sheets(content))
    except UnreadableFile:
        raise
    except Exception as problem:
        # A damaged file makes openpyxl, zipfile, zlib and expat raise anything.
        raise UnreadableFile("broken") from problem


def _sheets(content: bytes) -> Iterator[Sheet]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what openpyxl leaves out is not data
        book = openpyxl.load_workbook(
            io.BytesIO(content), read_only=True, data_only=True, keep_links=False
        )
        left = MOST_ROWS
        for sheet in book.worksheets:
            # What a sheet says of its own size is often wrong, both ways.
            sheet.reset_dimensions()
            rows = _kept(sheet.iter_rows(values_only=True), left)
            left -= len(rows)
            yield Sheet(sheet.title, rows)
        book.close()


def _cell(value: Any) -> Cell:
    if value is None:
        return None
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool | datetime | date | time | timedelta):
        return value
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        # Excel itself shows fifteen digits: 7.1 is 7.1, not what binary makes of it.
        return Decimal(f"{value:.15g}")
    return clean(str(value))


def _kept(
    rows: Iterable[Sequence[Any]], most: int
) -> tuple[tuple[int, tuple[Cell, ...]], ...]:
    """Number the rows; leave out the blank ones and the blank ends."""
    kept: list[tuple[int, tuple[Cell, ...]]] = []
    for number, values in enumerate(rows, start=1):
        cells = [_cell(value) for value in _without_end(values)]
        while cells and cells[-1] is None:
            cells.pop()
        if not cells:
            continue
        if len(kept) >= most:
            raise UnreadableFile("too_many_rows")
        kept.append((number, tuple(cells)))
    return tuple(kept)


def _without_end(values: Sequence[Any]) -> Sequence[Any]:
    end = min(len(values), MOST_COLUMNS)
    while end and values[end - 1] is None:
        end -= 1
    return values[:end]


def decoded(content: bytes) -> str:
    """Return the text of a file that says nothing of its encoding.

    UTF-8, UTF-16, or as Windows writes it. Raises UnreadableFile("not_a_spreadsheet").
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\x00" in content[:400]:
        # UTF-16 without a mark: Latin letters leave every other byte empty.
        encodings = ["utf-16-be" if content[:1] == b"\x00" else "utf-16-le"]
    else:
        encodings = ["utf-8-sig", "cp1252", "latin-1"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        start = text[:2000]
        odd = sum(ord(letter) < 32 and letter not in "\t\r\n\f" for letter in start)
        if odd * 20 > len(start):
            break
        return text
    raise UnreadableFile("not_a_spreadsheet")


def _csv(text: str, name: str) -> tuple[tuple[int, tuple[Cell, ...]], ...]:
    said = _SEP_LINE.match(text)
    if said:
        # Excel's own first line; it keeps its number.
        text = "\n" + text[said.end() :]
        return _parsed(text, said[1])
    start = "\n".join(text[:60_000].splitlines()[:60])
    best = max(_SEPARATORS, key=lambda separator: _likeness(start, separator, name))
    return _parsed(text, best)


def _likeness(start: str, separator: str, name: str) -> tuple[int, int]:
    try:
        rows = _parsed(start, separator)
    except UnreadableFile:
        return (0, 0)
    widths = sorted(len(cells) for _number, cells in rows)
    return (headers_in(rows, name), widths[len(widths) // 2] if widths else 0)


def _parsed(text: str, separator: str) -> tuple[tuple[int, tuple[Cell, ...]], ...]:
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        return _kept(lines, MOST_ROWS)
    except csv.Error as problem:
        raise UnreadableFile("broken") from problem
