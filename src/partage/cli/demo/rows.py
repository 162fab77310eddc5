"""Rows gathered in memory, then written with COPY, in the order they were asked for.

Bulk writing goes past the acts but never past the database's constraints.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from django.db import connection, models
from django.db.models import Max

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_CHUNK = 5_000


class Rows:
    """The new rows of one model. Their ids follow the largest already there."""

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model
        fields = model._meta.concrete_fields
        self._columns = {field.attname: field.column for field in fields}
        self._blank = {
            field.attname: field.get_default()
            for field in fields
            if not field.has_db_default()
        }
        last = model.objects.aggregate(last=Max("pk"))["last"]
        self._next = (last or 0) + 1
        self.made: list[dict] = []

    def add(self, **values: object) -> int:
        """Add a row, by attribute name (`need_id`); return its id."""
        values["id"] = self._next
        self._next += 1
        self.made.append(values)
        return values["id"]

    def write(self) -> None:
        """Copy the rows to the table, and move its sequence past them."""
        if not self.made:
            return
        given = set().union(*self.made)
        if unknown := given - self._columns.keys():
            raise TypeError(f"{self.model._meta.label} has no {sorted(unknown)}")
        names = [name for name in self._columns if name in given or name in self._blank]
        table = connection.ops.quote_name(self.model._meta.db_table)
        columns = ", ".join(f'"{self._columns[name]}"' for name in names)
        with connection.cursor() as cursor:
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for chunk in self._chunks(names):
                    copy.write(chunk)
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)",
                [self.model._meta.db_table, self._next - 1],
            )

    def _chunks(self, names: list[str]) -> Iterator[str]:
        blank = [(name, self._blank.get(name)) for name in names]
        for start in range(0, len(self.made), _CHUNK):
            yield "".join(
                "\t".join(_text(row.get(name, default)) for name, default in blank)
                + "\n"
                for row in self.made[start : start + _CHUNK]
            )


def _text(value: object) -> str:
    """Return a value as COPY reads it in its text format."""
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, (int, Decimal)):
        return str(value)
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if isinstance(value, tuple):  # a PostgreSQL array
        return "{" + ",".join(str(each) for each in value) + "}"
    return json.dumps(value, ensure_ascii=False).translate(_ESCAPES)
