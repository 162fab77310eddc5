"""A list that leaves as a spreadsheet."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import xlsxwriter
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.timezone import is_aware, localtime

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDEST = 60  # characters


def sheet(
    name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> HttpResponse:
    """Return `name`.xlsx: one row of titles, then `rows`, written as they come.

    Numbers, dates and moments stay such, so that they can be added up and sorted;
    anything else is its words. What looks like a formula stays a text.
    """
    out = BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
        },
    )
    page = book.add_worksheet(_title(name))
    bold = book.add_format({"bold": True, "bottom": 1})
    days = book.add_format({"num_format": "yyyy-mm-dd"})
    moments = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    for at, column in enumerate(columns):
        page.set_column(at, at, min(WIDEST, max(12, len(str(column)) + 2)))
    page.freeze_panes(1, 0)
    page.write_row(0, 0, [str(column) for column in columns], bold)
    for line, row in enumerate(rows, start=1):
        for at, value in enumerate(row):
            match value:
                case None | "":
                    continue
                case bool():
                    page.write_boolean(line, at, value)
                case int() | Decimal():
                    page.write_number(line, at, value)
                case datetime():
                    local = localtime(value) if is_aware(value) else value
                    page.write_datetime(line, at, local.replace(tzinfo=None), moments)
                case date():
                    page.write_datetime(line, at, value, days)
                case _:
                    page.write_string(line, at, str(value)[:32_767])
    book.close()
    response = HttpResponse(out.getvalue(), content_type=MEDIA_TYPE)
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.xlsx")
    return response


def _title(name: str) -> str:
    kept = "".join(letter for letter in name if letter not in "[]:*?/\\'")
    return kept[:31] or "Partage"
