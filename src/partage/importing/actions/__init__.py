"""Bring a spreadsheet in: keep and read it, then write it, once."""

from partage.importing.actions.bringing import (
    AlreadyWritten,
    ChangedMeanwhile,
    NothingToWrite,
    RowsToMend,
    Unreadable,
    keep_import,
    reread_import,
    write_import,
)

__all__ = [
    "AlreadyWritten",
    "ChangedMeanwhile",
    "NothingToWrite",
    "RowsToMend",
    "Unreadable",
    "keep_import",
    "reread_import",
    "write_import",
]
