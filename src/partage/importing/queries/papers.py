"""Spreadsheets that leave: the template, and the person's own file with its errors."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO

import xlsxwriter
from django.utils.translation import gettext

from partage.importing.queries.plan import Plan
from partage.importing.queries.reading import ReadSheet
from partage.importing.queries.words import HEADINGS, KINDS, what
from partage.rules.spreadsheet import COLUMNS, REQUIRED, Cell
from partage.rules.spreadsheet.cells import as_text

# Instead of these, the template keeps the whole name and the hours.
_ELSEWHERE = {"first_name", "last_name", "minutes"}


def template() -> bytes:
    """Return a workbook of four empty sheets, in the language of the moment."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        needed = book.add_format(
            {"bold": True, "bottom": 1, "text_wrap": True, "bg_color": "#DCE9F5"}
        )
        formats = {
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "money": book.add_format({"num_format": "0.00"}),
            "hours": book.add_format({"num_format": "0.00"}),
        }
        for kind, columns in HEADINGS.items():
            sheet = book.add_worksheet(str(KINDS[kind]))
            sheet.freeze_panes(1, 0)
            must = {key for group in REQUIRED[kind] for key in group}
            shown = [key for key in columns if key not in _ELSEWHERE]
            for place, key in enumerate(shown):
                sheet.write_string(
                    0, place, str(columns[key]), needed if key in must else head
                )
                sheet.set_column(
                    place,
                    place,
                    max(12, len(str(columns[key])) + 2),
                    formats.get(COLUMNS[kind][key].type),
                )
    return out.getvalue()


def mended(sheets: Sequence[ReadSheet], plan: Plan) -> bytes:
    """Return the file as it came, with what is wrong written beside each row.

    Rows keep their numbers. Nothing is written as a formula. The file can be mended
    and brought in again as it is: its last column is not read.
    """
    said: dict[tuple[str, int], list[str]] = defaultdict(list)
    for sheet, problem in plan.problems():
        labels = sheet.found.labels if sheet.found else {}
        label = labels.get(problem.column, "")
        row = problem.row or (sheet.found.header_row if sheet.found else 1)
        words = what(
            {
                "code": problem.code,
                "column": problem.column,
                "value": problem.value,
                "facts": problem.facts,
            },
            sheet.kind,
        )
        if problem.warning:
            continue
        said[sheet.name, row].append(f"{label} : {words}" if label else words)
    out = BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False}
    with xlsxwriter.Workbook(out, options) as book:
        bad = book.add_format({"font_color": "#9C0006", "bg_color": "#FFC7CE"})
        bold = book.add_format({"bold": True})
        formats = {
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            time: book.add_format({"num_format": "hh:mm"}),
            timedelta: book.add_format({"num_format": "[h]:mm"}),
        }
        for at, each in enumerate(sheets, start=1):
            name = each.sheet.name[:31]
            ours = book.add_worksheet(_allowed(name, at))
            width = max(len(cells) for _number, cells in each.sheet.rows)
            header = each.found.header_row if each.found else 0
            for number, cells in each.sheet.rows:
                for place, cell in enumerate(cells):
                    _write(ours, number - 1, place, cell, formats)
                words = said.get((each.sheet.name, number), [])
                if number == header:
                    ours.write_string(number - 1, width, gettext("Erreur"), bold)
                    if words:
                        ours.write_string(number - 1, width + 1, " ".join(words), bad)
                elif words:
                    ours.write_string(number - 1, width, " ".join(words), bad)
    return out.getvalue()


def _allowed(name: str, at: int) -> str:
    for letter in "[]:*?/\\":
        name = name.replace(letter, " ")
    return name.strip("' ") or f"{at}"


def _write(sheet, row: int, place: int, cell: Cell, formats: dict) -> None:
    if cell is None:
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, place, cell)
    elif isinstance(cell, Decimal):
        sheet.write_number(row, place, float(cell))
    elif isinstance(cell, datetime) and cell.year < 1900:
        sheet.write_string(row, place, as_text(cell))
    elif isinstance(cell, datetime | date):
        sheet.write_datetime(row, place, cell, formats[date])
    elif isinstance(cell, time | timedelta):
        sheet.write_datetime(row, place, cell, formats[type(cell)])
    else:
        sheet.write_string(row, place, as_text(cell))
