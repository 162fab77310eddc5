"""The same questions asked of PostgreSQL alone: what answers while an index is made."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import (
    CombinedSearchVector,
    SearchQuery,
    SearchRank,
    SearchVector,
)
from django.db import connection
from django.db.models import (
    Case,
    F,
    Func,
    QuerySet,
    TextField,
    Value,
    When,
)

from partage.knowledge.models import Piece
from partage.knowledge.queries.seeing import Sight, pieces_seen
from partage.rules.search import (
    Scrap,
    extract,
    words_worth_searching,
)

STEMS = ("french", "english")
WEIGHTS = [0.05, 0.1, 0.3, 1.0]  # of D, C, B (the text) and A (the title)
MOST_TYPED = 24  # words of a search that are counted one by one


def words_of_piece(title: str, text: str) -> CombinedSearchVector:
    """Return what to write in `Piece.words`: folded, in both languages' stems."""
    vectors = [
        SearchVector(
            Value(" ".join(words_worth_searching(part)), output_field=TextField()),
            config=stems,
            weight=weight,
        )
        for part, weight in ((title, "A"), (text, "B"))
        for stems in STEMS
    ]
    whole = vectors[0]
    for one in vectors[1:]:
        whole = whole + one
    return whole


@dataclass(frozen=True, slots=True)
class Found:
    """The pieces that hold some of the words looked for, and how to say why."""

    pieces: QuerySet[Piece]
    stems: dict[str, frozenset[str]]  # of each word looked for

    def words_in(self, piece: Piece) -> list[str]:
        """Return the words looked for that the piece holds."""
        common = set(piece.common or ())
        return [word for word, stems in self.stems.items() if stems & common]

    def extract_of(self, piece: Piece) -> tuple[Scrap, ...]:
        """Return the part of the text that holds most of them."""
        common = frozenset(getattr(piece, "common", None) or ())
        words = {word for word, stems in self.stems.items() if stems & common}
        return extract(piece.text, common | words)


def search(text: str, *, sight: Sight) -> Found:
    """Find the pieces that hold words of `text`, the best first.

    Words are compared without accents, by French and English stems; a piece
    that holds more of the different words comes first, then the better ranked.
    Without any word, all that is seen comes, the newest first.
    """
    stems = _stems_of(words_worth_searching(text))
    pieces = pieces_seen(sight).select_related("field", "organisation")
    if not text.strip():
        return Found(pieces.order_by("-poured_on", "-id"), {})
    if not stems:
        return Found(pieces.none(), {})
    shared = sum(
        (
            Case(When(words=_any_of(each), then=Value(1)), default=Value(0))
            for each in list(stems.values())[:MOST_TYPED]
        ),
        Value(0),
    )
    ranked = _ranked(pieces, stems).annotate(shared=shared)
    return Found(ranked.order_by("-shared", "-rank", "-id"), stems)


def nearest(text: str, *, sight: Sight, limit: int) -> list[int]:
    """Return the pieces that may serve now and that say most of a text, in order."""
    stems = _stems_of(words_worth_searching(text))
    if not stems:
        return []
    pieces = pieces_seen(sight).exclude(status=Piece.Status.WITHDRAWN)
    best = _ranked(pieces, stems).order_by("-rank", "-id")
    return list(best.values_list("pk", flat=True)[:limit])


class _Common(Func):
    """The stems that a piece and a search have in common."""

    template = "ARRAY(SELECT unnest(tsvector_to_array(%(expressions)s)::text[]))"
    arg_joiner = ")) INTERSECT SELECT unnest(("
    output_field = ArrayField(TextField())


def _any_of(stems: Iterable[str]) -> SearchQuery:
    quoted = ("'" + one.replace("'", "''") + "'" for one in sorted(stems))
    return SearchQuery(" | ".join(quoted), search_type="raw", config="simple")


def _ranked(pieces: QuerySet[Piece], stems: dict[str, frozenset[str]]):
    every = sorted(frozenset().union(*stems.values()))
    query = _any_of(every)
    return pieces.filter(words=query).annotate(
        rank=SearchRank(F("words"), query, weights=WEIGHTS, normalization=1),
        common=_Common(F("words"), Value(every, output_field=ArrayField(TextField()))),
    )


def _stems_of(words: Iterable[str]) -> dict[str, frozenset[str]]:
    words = list(words)
    if not words:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT w, tsvector_to_array(to_tsvector('french', w)"
            " || to_tsvector('english', w))"
            " FROM unnest(%s::text[]) WITH ORDINALITY AS t (w, n) ORDER BY n",
            [words],
        )
        return {word: frozenset(stems) for word, stems in cursor.fetchall() if stems}
