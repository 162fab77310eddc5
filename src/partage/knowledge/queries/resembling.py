"""What of the reservoir may serve a request."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from heapq import nlargest

from partage.knowledge.models import Piece, Reuse
from partage.knowledge.queries import in_the_database
from partage.knowledge.queries.following import Node, node
from partage.knowledge.queries.looking import find, in_common, text_at
from partage.knowledge.queries.reading import Row, read
from partage.knowledge.queries.reuses import reuse_of
from partage.knowledge.queries.seeing import Sight
from partage.knowledge.queries.translating import house_translations
from partage.retrieval import analysis
from partage.retrieval.index import Hit
from partage.retrieval.query import Asked
from partage.retrieval.ranking import Rarity, Read, coverage, rarity_among
from partage.rules.search import Scrap, as_written, extract

READ = 50  # passages that are compared
REQUESTS = 50  # of those met before, how many have their pieces compared
SAME_FIELD = 1.5  # a piece of the field asked for comes before as good a one
HALF = 0.5  # as good as the best: what is less than that is left out
# What is less alike is by chance: measured by benchmarks/resembling.py.
ALIKE = 0.25  # a request met before
ALIKE_ACROSS = 0.15  # the same, from the other language: no word is as sure
SAID = 0.1  # of the request, by what comes from none that is alike
WORDS = 6  # in common, that are told


@dataclass(frozen=True, slots=True)
class Resemblance:
    """A piece that may serve a request, and why.

    `words`: those in common, the rarest first. `request`: of those that it came from
    or served, the one that resembles this one most, by `percent`; "" if none does.
    """

    piece: Piece
    words: list[str]
    extract: tuple[Scrap, ...]
    reuses: int
    page: str = ""
    request: str = ""
    percent: int = 0


@dataclass(frozen=True, slots=True)
class _Near:
    """A passage, how much of the request it says, and what its piece met before."""

    hit: Hit
    row: Row
    said: float
    likeness: float
    request: str

    @property
    def score(self) -> float:
        return self.said + self.likeness

    def is_told(self, language: str) -> bool:
        """Tell whether what it met before resembles a request in this language."""
        across = self.row.language != language
        return self.likeness >= (ALIKE_ACROSS if across else ALIKE)


def similar_to(
    text: str,
    *,
    sight: Sight,
    field_ids: Collection[int] = (),
    met: Mapping[str, float] | None = None,
    apart: Collection[str] = (),
    limit: int = 5,
) -> list[Resemblance]:
    """Return the pieces that may best serve a request, the best first.

    By how much of it they say (two of its words at least), and by how much what they
    came from or served resembles it: `met`, from 0 to 1, by the reference of a need
    or mandate. Numbers by themselves resemble nothing. Those of `field_ids` come
    before as good others; what is not half as good as the best, or no more alike than
    by chance, is left out. Only pieces that can serve now: withdrawn ones are not.
    `apart`: references of the request itself, of which nothing is learned.
    """
    text = " ".join(one for one in text.split() if not one.strip(".,;%$").isdigit())
    here = node()
    indexed = here.keep_up()
    # Pieces are short: their title says as much as their words.
    asked = replace(Asked.of(text, here.concepts(), house_translations()), head=1.0)
    if asked.says_nothing:
        return []
    before = _pieces_that_met(
        {one: much for one, much in (met or {}).items() if one not in apart}
    )
    hits = (
        find(here, asked, sight, {}, READ)
        if indexed
        else _own_words(in_the_database.nearest(text, sight=sight, limit=READ))
    )
    hits += _own_words(before.keys() - {hit.piece for hit in hits})
    near, rarity = _compared(here, asked, hits, before, apart, sight)
    near.sort(key=lambda one: (-_weight(one, field_ids), -one.row.id))
    return _told(here, asked, rarity, near, field_ids, limit)


def _weight(one: _Near, field_ids: Collection[int]) -> float:
    return one.score * (SAME_FIELD if one.row.field in field_ids else 1)


def _pieces_that_met(met: Mapping[str, float]) -> dict[int, tuple[float, str]]:
    """Return, by piece, the most alike of the requests it came from or served."""
    first = {one: met[one] for one in nlargest(REQUESTS, met, key=lambda one: met[one])}
    found: dict[int, tuple[float, str]] = {}
    for piece, reference in (
        *Piece.objects.filter(source__in=first).values_list("pk", "source"),
        *Reuse.objects.filter(served__in=first).values_list("piece", "served"),
    ):
        found[piece] = max(found.get(piece, (0.0, "")), (first[reference], reference))
    return found


def _own_words(pieces: Iterable[int]) -> list[Hit]:
    """Return the place of the beginning of what each piece says itself."""
    return [Hit(piece, 0, 0, 0.0) for piece in pieces]


def _compared(
    here: Node,
    asked: Asked,
    hits: Collection[Hit],
    before: Mapping[int, tuple[float, str]],
    apart: Collection[str],
    sight: Sight,
) -> tuple[list[_Near], Rarity]:
    """Return the best passage of each piece, and how rare words are among them all.

    Words are weighed by what the person may read, and by nothing else.
    """
    rows = read({(hit.piece, hit.page) for hit in hits}, sight=sight)
    hits = [
        hit for hit in hits if hit.piece in rows and rows[hit.piece].source not in apart
    ]
    texts = [
        Read(hit.score, f"{row.title}\n{text_at(hit, rows)}", row.language)
        for hit in hits
        if (row := rows[hit.piece])
    ]
    rarity = rarity_among(texts)
    concepts = here.concepts() if asked.concepts else None
    said = [
        {one.concept for one in concepts.said_in(text.text)} if concepts else ()
        for text in texts
    ]
    best: dict[int, _Near] = {}
    for hit, much in zip(hits, coverage(asked, texts, rarity, said), strict=True):
        if hit.piece not in best or much > best[hit.piece].said:
            met = before.get(hit.piece, (0.0, ""))
            best[hit.piece] = _Near(hit, rows[hit.piece], much, *met)
    return list(best.values()), rarity


def _told(
    here: Node,
    asked: Asked,
    rarity: Rarity,
    near: list[_Near],
    field_ids: Collection[int],
    limit: int,
) -> list[Resemblance]:
    """Return the first that resemble in more than a word, each with what is said."""
    language = asked.language
    written = as_written(asked.text)
    kept: dict[int, tuple[_Near, list[str], tuple[Scrap, ...]]] = {}
    for one in near:
        if _weight(one, field_ids) < HALF * _weight(near[0], field_ids):
            break
        if not one.is_told(language) and one.said < SAID:
            continue
        text = text_at(one.hit, {one.row.id: one.row})
        words, marked = in_common(here, asked, one.row, text)
        if len(words) < 2 and not one.is_told(language):
            continue
        words.sort(key=lambda word: -rarity(analysis.stem(word, language), language))
        kept[one.row.id] = (
            one,
            [written.get(word, word) for word in words[:WORDS]],
            extract(text, marked),
        )
        if len(kept) == limit:
            break
    pieces = Piece.objects.select_related("field", "organisation", "author")
    by_id = pieces.defer("words").in_bulk(kept)
    reuses = reuse_of(kept)
    return [
        Resemblance(
            by_id[pk],
            words,
            scraps,
            reuses.get(pk, (0, 0))[0],
            one.row.label(one.hit.page),
            one.request if one.is_told(language) else "",
            round(100 * one.likeness),
        )
        for pk, (one, words, scraps) in kept.items()
        if pk in by_id
    ]
