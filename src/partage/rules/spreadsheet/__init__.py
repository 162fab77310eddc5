"""Spreadsheets as people keep them: files, then headers, then what cells say."""

from partage.rules.spreadsheet.columns import (
    COLUMNS,
    KINDS,
    REQUIRED,
    Column,
    Recognised,
    recognise,
)
from partage.rules.spreadsheet.files import (
    LARGEST_UNZIPPED,
    MOST_ROWS,
    Cell,
    Sheet,
    UnreadableFile,
    read_file,
)
from partage.rules.spreadsheet.values import (
    DATE_ORDERS,
    Line,
    Lines,
    Problem,
    read_lines,
)

__all__ = [
    "COLUMNS",
    "DATE_ORDERS",
    "KINDS",
    "LARGEST_UNZIPPED",
    "MOST_ROWS",
    "REQUIRED",
    "Cell",
    "Column",
    "Line",
    "Lines",
    "Problem",
    "Recognised",
    "Sheet",
    "UnreadableFile",
    "read_file",
    "read_lines",
    "recognise",
]
