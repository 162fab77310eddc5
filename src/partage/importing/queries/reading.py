"""From a file to lines: the part that asks nothing of the database."""

from dataclasses import dataclass

from partage.archive.actions import LARGEST
from partage.importing.queries.plan import Options
from partage.rules.spreadsheet import (
    Lines,
    Recognised,
    Sheet,
    UnreadableFile,
    read_file,
    read_lines,
    recognise,
)

__all__ = ["LARGEST", "ReadSheet", "read"]


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """A sheet, what it was recognised as, and its lines; None if it was not."""

    sheet: Sheet
    found: Recognised | None
    lines: Lines | None


def read(name: str, content: bytes, options: Options) -> list[ReadSheet]:
    """Read every sheet of a file. Raises UnreadableFile, which says why."""
    if len(content) > LARGEST:
        raise UnreadableFile("too_big")
    sheets = read_file(name, content)
    alone = len(sheets) == 1
    read = []
    for sheet in sheets:
        kind = options.kinds.get(sheet.name) or (options.kind if alone else None)
        found = recognise(sheet, kind)
        whole = found is not None and not found.missing
        lines = read_lines(sheet, found, date_order=options.dates) if whole else None
        read.append(ReadSheet(sheet, found, lines))
    return read
