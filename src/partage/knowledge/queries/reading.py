"""Reading what was found again, as a role that PostgreSQL itself holds back.

The index says where; only what this role may see is read, shown or counted. So even
an index that is wrong, or late, betrays nothing.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

from partage.knowledge.queries.seeing import Sight

AS_READER = (
    "SELECT set_config('partage.everything', %s, true),"
    " set_config('partage.house', %s, true),"
    " set_config('partage.organisations', %s, true),"
    " set_config('partage.author', %s, true),"
    " set_config('partage.barred', %s, true),"
    " set_config('role', %s, true)"
)
PIECES = """
SELECT id, title, {text}, language, field_id, kind, status, province, valid_until,
    source
FROM knowledge_piece WHERE id = ANY(%s) AND status <> 'WITHDRAWN'
"""
PAGES = """
SELECT v.piece_id, g.number, g.label, g.text
FROM unnest(%s::bigint[], %s::int[]) AS asked (piece, page)
JOIN knowledge_version v ON v.piece_id = asked.piece AND v.is_shown
JOIN knowledge_page g ON g.version_id = v.id AND g.number = asked.page
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A piece as far as a search needs it. `pages`: those asked for, with labels."""

    id: int
    title: str
    text: str
    language: str
    field: int
    kind: str
    status: str
    province: str
    valid_until: date | None
    source: str
    pages: dict[int, tuple[str, str]]

    def page(self, number: int) -> str:
        """Return the text of a page; of page 0, the piece's own words."""
        return self.pages.get(number, ("", ""))[1] if number else self.text

    def label(self, number: int) -> str:
        """Return how a page is called; "" for the piece's own words."""
        return self.pages.get(number, ("", ""))[0] or str(number or "")


@contextmanager
def seen_by(sight: Sight) -> Iterator:
    """Give a cursor that sees what `sight` reaches and nothing else."""
    said = (
        "on" if sight.everything else "",
        "on" if sight.house else "",
        _array(sight.organisation_ids),
        "" if sight.author_id is None else str(sight.author_id),
        _array(sight.barred_ids),
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(AS_READER, [*said, "partage_reader"])
        yield cursor
        cursor.execute(AS_READER, ["", "", "", "", "", "none"])


def _array(ids: Collection[int]) -> str:
    return "{" + ",".join(map(str, ids)) + "}"


def read(places: Collection[tuple[int, int]], *, sight: Sight) -> dict[int, Row]:
    """Return, of these pieces and pages, what `sight` reaches, by piece.

    Two questions, however many are asked for. Page 0 is the piece's own words.
    """
    if not places:
        return {}
    asked = [(piece, page) for piece, page in places if page]
    with seen_by(sight) as cursor:
        pieces = sorted({piece for piece, _page in places})
        cursor.execute(PIECES.format(text="text"), [pieces])
        rows = {one[0]: Row(*one, pages={}) for one in cursor.fetchall()}
        if asked:
            cursor.execute(PAGES, [[a for a, _b in asked], [b for _a, b in asked]])
            for piece, number, label, text in cursor.fetchall():
                if piece in rows:
                    rows[piece].pages[number] = (label, text)
    return rows


def labels(ids: Collection[int], *, sight: Sight) -> dict[int, Row]:
    """Return, of these pieces, what `sight` reaches, without any text. One question."""
    if not ids:
        return {}
    with seen_by(sight) as cursor:
        cursor.execute(PIECES.format(text="''"), [sorted(ids)])
        return {one[0]: Row(*one, pages={}) for one in cursor.fetchall()}
