"""Excel (XLSX)."""

import io
import zipfile
from collections.abc import Sequence
from copy import copy
from datetime import date, datetime, time

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from partage.extraction.formats.packing import packed
from partage.extraction.parts import Hidden, Kind, Page, Problem, Reading, Unreadable
from partage.rules.anonymity import replace_all

MOST_CELLS = 400_000
BOLD = Font(bold=True)


def _said(value: object) -> str:
    if isinstance(value, datetime):
        day = value.date().isoformat()
        return day if value.time() == time() else f"{day} {value:%H:%M}"
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.10g}"
    return " ".join(str(value).split())


def _visible(workbook) -> list:
    return [s for s in workbook.worksheets if s.sheet_state == "visible"]


def _comments(content: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return sum(
            parts.read(name).count(b"<comment ")
            for name in parts.namelist()
            if name.startswith("xl/") and "comments" in name
        )


def read(content: bytes) -> Reading:
    workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    pages, cells = [], 0
    for number, sheet in enumerate(_visible(workbook), 1):
        sheet.reset_dimensions()  # what it declares is not always what it holds
        rows = []
        for row in sheet.iter_rows(values_only=True):
            said = [_said(value) for value in row if value is not None]
            cells += len(said)
            if cells > MOST_CELLS:
                raise Unreadable(Problem.TOO_HEAVY)
            if said:
                rows.append(" | ".join(said))
        pages.append(Page(number, "\n".join(rows), sheet.title[:100]))
    said = workbook.properties
    authors = dict.fromkeys(
        name for name in (said.creator, said.lastModifiedBy) if name
    )
    return Reading(
        Kind.XLSX,
        tuple(pages),
        Hidden(
            sheets=len(workbook.sheetnames) - len(pages),
            comments=_comments(content),
            authors=tuple(name for name in authors if name != "openpyxl"),
        ),
    )


def rebuild(content: bytes, changes: Sequence[tuple[str, str]], *, title: str) -> bytes:
    """Write the values that are seen in a new workbook: no formula, no link."""
    old = load_workbook(io.BytesIO(content), data_only=True)
    new = Workbook()
    new.remove(new.active)
    for sheet in _visible(old):
        made = new.create_sheet(replace_all(sheet.title, changes)[:31])
        hidden_rows = {n for n, row in sheet.row_dimensions.items() if row.hidden}
        hidden_columns = _hidden_columns(sheet)
        if sheet.max_row * sheet.max_column > MOST_CELLS:
            raise Unreadable(Problem.TOO_HEAVY)
        columns = [n for n in range(1, sheet.max_column + 1) if n not in hidden_columns]
        for at, column in enumerate(columns, 1):
            width = sheet.column_dimensions[get_column_letter(column)].width
            made.column_dimensions[get_column_letter(at)].width = width
        at_row = 0
        for row in range(1, sheet.max_row + 1):
            if row in hidden_rows:
                continue
            at_row += 1
            for at, column in enumerate(columns, 1):
                cell = sheet.cell(row, column)
                if cell.value is None:
                    continue
                value = cell.value
                if isinstance(value, str):
                    value = replace_all(value, changes)
                written = made.cell(at_row, at)
                written.value = value
                if isinstance(value, str):
                    written.data_type = "s"  # « =… » is words here, never a formula
                written.number_format = cell.number_format
                written.alignment = copy(cell.alignment)
                if cell.font.bold:
                    written.font = BOLD
    new.properties.creator = ""
    new.properties.title = title
    return packed(new.save)


def _hidden_columns(sheet) -> set[int]:
    hidden: set[int] = set()
    for dimension in sheet.column_dimensions.values():
        if dimension.hidden:
            dimension.reindex()
            hidden.update(range(dimension.min, dimension.max + 1))
    return hidden
