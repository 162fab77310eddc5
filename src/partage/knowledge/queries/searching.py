"""What holds the words looked for."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from partage.knowledge.models import Piece
from partage.knowledge.queries import in_the_database
from partage.knowledge.queries.following import Node, node
from partage.knowledge.queries.looking import Narrow, find, in_common, text_at
from partage.knowledge.queries.reading import Row, labels, read
from partage.knowledge.queries.seeing import Sight, pieces_seen
from partage.knowledge.queries.translating import house_translations
from partage.retrieval import analysis
from partage.retrieval.index import Hit
from partage.retrieval.passages import Walls
from partage.retrieval.query import Asked
from partage.retrieval.ranking import Read, holds, reorder
from partage.retrieval.spelling import LEAST_ALIKE, Near, likeness, nearest, slips_of
from partage.rules.search import Scrap, as_written, extract

REORDERED = 50  # passages that are read and put in order
MOST = 1_000  # passages that are narrowed and counted
MOST_CORRECTED = 4  # words of a query
LONG = 7  # letters: a word with more may have two slips
READ_FOR_A_WORD = 40  # passages in which a word written nearly so is looked for
NARROWED_BY = ("field", "kind", "language", "status", "province")


@dataclass(frozen=True, slots=True)
class Passage:
    """The best passage of a piece: where it is, and what it says there.

    `page` 0: the piece's own words. `words`: those looked for that it holds.
    """

    page: int
    label: str
    extract: tuple[Scrap, ...]
    words: list[str]
    score: float

    @property
    def is_paged(self) -> bool:
        """Tell whether the label is a number, and not a heading, a slide or a sheet."""
        return self.label.isdigit()


@dataclass(frozen=True, slots=True)
class Found:
    """The pieces that answer, the best first, and what can be said of them.

    `facets`: of each way to narrow, how many pieces have each value, all of them
    seen by whoever asks. `from_database`: the index is being made, PostgreSQL
    answered. `corrections`: words that nothing holds, and what was sought instead.
    `excerpts` makes the best passages of some of the pieces, once they are shown.
    """

    ids: list[int]
    excerpts: Callable[[Collection[int]], Mapping[int, Passage]] = lambda _ids: {}
    facets: dict[str, Counter] = field(default_factory=dict)
    corrections: dict[str, str] = field(default_factory=dict)
    concepts: tuple[tuple[str, ...], ...] = ()
    from_database: bool = False
    says_something: bool = True

    def pieces(self, start: int = 0, end: int | None = None) -> list[Piece]:
        """Return some of the pieces in their order, each with its `passage`."""
        some = self.ids[start:end]
        by_id = (
            Piece.objects.filter(pk__in=some)
            .select_related("field", "organisation", "author")
            .defer("words")
            .in_bulk()
        )
        found = [by_id[one] for one in some if one in by_id]
        passages = self.excerpts(list(by_id))
        for piece in found:
            piece.passage = passages.get(piece.pk)
        return found

    @property
    def is_vain(self) -> bool:
        """Tell whether what was looked for is not there: nothing holds half of it."""
        return self.says_something and not self.ids


@dataclass(frozen=True, slots=True)
class _Look:
    """What the index found: `wide` whatever it is narrowed by; and of the first of
    `hits`, what was read.
    """

    asked: Asked
    wide: list[Hit]
    hits: list[Hit]
    rows: dict[int, Row]
    read: list[tuple[Hit, Read]]


@dataclass(frozen=True, slots=True)
class _Ranked:
    """Passages in order, with what was read of them."""

    asked: Asked
    hits: list[tuple[Hit, float]]
    rows: dict[int, Row]

    def best(self) -> dict[int, tuple[Hit, float]]:
        """Return the best passage of each piece."""
        return {hit.piece: (hit, score) for hit, score in reversed(self.hits)}


def search(text: str, *, sight: Sight, narrow: Narrow | None = None) -> Found:
    """Find the pieces that hold words of `text`, the best first.

    In both languages, whatever the accents, endings and slips of the key; a concept
    is found by any of its terms. `narrow`: of each of `NARROWED_BY`, the values
    wanted. Without a word, all that is seen comes, the newest first.
    """
    narrow = {name: set(values) for name, values in (narrow or {}).items() if values}
    if not text.strip():
        return _everything(sight, narrow)
    here = node()
    if not here.keep_up():
        return _from_database(text, sight, narrow)
    asked = Asked.of(text, here.concepts(), house_translations())
    if asked.says_nothing:
        return Found([], says_something=False)
    look, corrections = _look_as_written(here, asked, sight, narrow, MOST)
    ranked = _rank(here, look)
    rows = labels({hit.piece for hit in look.wide}, sight=sight)
    ids = [
        piece
        for piece in dict.fromkeys(hit.piece for hit, _score in ranked.hits)
        if piece in rows and _fits(rows[piece], narrow)
    ]
    return Found(
        ids,
        lambda some: _passages(here, ranked, some, sight),
        _facets(rows.values(), narrow),
        _as_written(corrections, look),
        tuple(
            here.terms_of(concept)
            for concept in dict.fromkeys(said.concept for said in asked.concepts)
        ),
        says_something=_says_something(asked),
    )


def _says_something(asked: Asked) -> bool:
    """Tell whether a word of it is a small one in neither language."""
    return bool(asked.concepts) or any(
        analysis.words(word, "en") for word in analysis.words(asked.text, "fr")
    )


def find_passages(
    text: str, *, sight: Sight, limit: int = REORDERED
) -> list[tuple[int, int, float]]:
    """Return the best passages as (piece, page, score): what `search` stands on."""
    here = node()
    here.keep_up()
    asked = Asked.of(text, here.concepts(), house_translations())
    most = max(limit, REORDERED)
    ranked = _rank(here, _look_as_written(here, asked, sight, {}, most)[0])
    return [
        (hit.piece, hit.page, score)
        for hit, score in ranked.hits[:limit]
        if hit.piece in ranked.rows
    ]


def _look(here: Node, asked: Asked, sight: Sight, narrow: Narrow, limit: int) -> _Look:
    """Find, and read the best again under row-level security."""
    wide = find(here, asked, sight, {}, limit)
    hits = find(here, asked, sight, narrow, limit) if narrow else wide
    first = hits[:REORDERED]
    rows = read({(hit.piece, hit.page) for hit in first}, sight=sight)
    return _Look(
        asked,
        wide,
        hits,
        rows,
        [
            (hit, Read(hit.score, f"{row.title}\n{text}", row.language))
            for hit in first
            if (text := text_at(hit, rows)) and (row := rows[hit.piece])
        ],
    )


def _look_as_written(
    here: Node, asked: Asked, sight: Sight, narrow: Narrow, limit: int
) -> tuple[_Look, dict[str, str]]:
    """Look; and if nothing holds some of the words, once more for the nearest ones.

    What is written nowhere at all is put right before the first look already.
    """
    typed = _typed(asked)
    unwritten = [
        word for word in typed if not any(index.knows(word) for index in here.indexes)
    ]
    nowhere = [
        word for word in unwritten if not _is_translated(here, asked, word, sight.walls)
    ][:MOST_CORRECTED]
    corrections = _all_meant(here, nowhere, sight)
    look = _look(here, asked.corrected(corrections), sight, narrow, limit)
    others = [word for word in typed if word not in unwritten]
    unseen = _unseen(here, look, sight, others)
    more = _all_meant(here, unseen[: MOST_CORRECTED - len(nowhere)], sight)
    if more:
        corrections |= more
        look = _look(here, asked.corrected(corrections), sight, narrow, limit)
    return look, corrections


def _rank(here: Node, look: _Look) -> _Ranked:
    """Put what was read in order."""
    scores = reorder(look.asked, [one for _hit, one in look.read], here.ordinary.rarity)
    ranked = sorted(
        ((hit, score) for (hit, _one), score in zip(look.read, scores, strict=True)),
        key=lambda one: -one[1],
    )
    # What comes after keeps the order of the index, below all that was read.
    rest = [
        (hit, -1.0 / hit.score if hit.score else -1e9) for hit in look.hits[REORDERED:]
    ]
    return _Ranked(look.asked, ranked + rest, look.rows)


def _passages(
    here: Node, ranked: _Ranked, pieces: Collection[int], sight: Sight
) -> dict[int, Passage]:
    """Return the best passage of each of these pieces."""
    best = ranked.best()
    hits = [best[piece] for piece in pieces if piece in best]
    unread = {(h.piece, h.page) for h, _score in hits if not text_at(h, ranked.rows)}
    rows = {**ranked.rows, **read(unread, sight=sight)}
    found: dict[int, Passage] = {}
    for hit, score in hits:
        if text := text_at(hit, rows):
            row = rows[hit.piece]
            words, marked = in_common(here, ranked.asked, row, text)
            found[hit.piece] = Passage(
                hit.page, row.label(hit.page), extract(text, marked), words, score
            )
    return found


def _typed(asked: Asked) -> list[str]:
    """Return the words of a query that may be slips of the key."""
    said = {word for one in asked.concepts for word in one.words}
    return list(
        dict.fromkeys(
            word
            for word in analysis.words(asked.text, "fr")
            if len(word) > 3
            and not any(c.isdigit() for c in word)
            and word not in said
            and analysis.words(word, "en")
        )
    )


def _unseen(here: Node, look: _Look, sight: Sight, words: list[str]) -> list[str]:
    """Return those of the words that nothing seen holds, in either language.

    A word that only hidden pieces hold is unknown to whoever may not see them, and
    so is never offered to them.
    """
    walls = sight.walls
    # Most are in what was just read; the index is asked for the others only.
    held = holds([one for _hit, one in look.read], words)
    return [
        word
        for word in words
        if word not in held
        and not any(index.holds(word, walls=walls) for index in here.indexes)
        and not _is_translated(here, look.asked, word, walls)
    ]


def _all_meant(here: Node, words: Iterable[str], sight: Sight) -> dict[str, str]:
    """Return the nearest word that something seen holds, for each that has one."""
    found = {word: _meant(here, word, sight) for word in words}
    return {word: meant for word, meant in found.items() if meant}


def _as_written(corrections: dict[str, str], look: _Look) -> dict[str, str]:
    """Return corrections with their accents, as they were typed and are written."""
    typed = as_written(look.asked.text) if corrections else {}
    found = {}
    for word, meant in corrections.items():
        written = (
            as_written(one.text).get(meant, meant)
            for _hit, one in look.read
            if meant in one.words
        )
        found[typed.get(word, word)] = next(written, meant)
    return found


def _is_translated(here: Node, asked: Asked, word: str, walls: Walls) -> bool:
    """Tell whether something seen says this word in the other language."""
    stems = {
        language: [stem for stem, (said, _sure) in some.items() if said == word]
        for language, some in asked.translated.items()
    }
    return any(stems.values()) and any(
        index.holding_any(stems, walls=walls, limit=1) for index in here.indexes
    )


def _meant(here: Node, word: str, sight: Sight) -> str:
    """Return what a word that nothing seen holds was meant to be, or "".

    A word that one slip of the key away is written as such, the most often said;
    failing that, the most alike of the other forms of such words and, if it is long,
    of the words whose stem is two slips from its own.
    """
    walls = sight.walls
    forms: list[Near] = []
    for slips in slips_of(word):
        stems = {one: analysis.stems(slips, one) for one in analysis.LANGUAGES}
        near = [
            hit
            for index in here.indexes
            for hit in index.holding_any(stems, walls=walls, limit=READ_FOR_A_WORD)
        ]
        said: Counter[str] = Counter()
        for words, language in _words_of(near, sight):
            said.update(
                one for one in words if analysis.stem(one, language) in stems[language]
            )
        if written := said.keys() & slips:
            # Hands slip in the middle of words more than on their first letter.
            return max(
                written,
                key=lambda one: (
                    one[0] == word[0],
                    said[one],
                    likeness(word, one),
                    one,
                ),
            )
        # Swapping two letters leaves little that is alike: each way back is compared.
        forms.append(nearest(slips if len(slips) < len(word) else [word], said))
    if len(word) > LONG:
        near = [
            hit
            for index in here.indexes
            for hit in index.holding_like(
                word, slips=2, walls=walls, limit=READ_FOR_A_WORD
            )
        ]
        said = Counter(one for words, _fr in _words_of(near, sight) for one in words)
        forms.append(nearest([word], said))
    alike, _times, meant = max(forms)
    return meant if alike >= LEAST_ALIKE else ""


def _words_of(
    hits: Collection[Hit], sight: Sight
) -> Iterator[tuple[frozenset[str], str]]:
    """Yield the words of passages as whoever looks may read them, with the language."""
    rows = read({(hit.piece, hit.page) for hit in hits}, sight=sight)
    for hit in hits:
        if text := text_at(hit, rows):
            row = rows[hit.piece]
            said = analysis.words(f"{row.title} {text}", row.language)
            yield frozenset(said), row.language


def _fits(row: Row, narrow: Narrow) -> bool:
    return all(str(getattr(row, name)) in values for name, values in narrow.items())


def _facets(rows: Iterable[Row], narrow: Narrow) -> dict[str, Counter]:
    """Count each value among what the other choices leave."""
    rows, facets = list(rows), {}
    for name in NARROWED_BY:
        others = {k: v for k, v in narrow.items() if k != name}
        facets[name] = Counter(
            str(getattr(row, name)) for row in rows if not others or _fits(row, others)
        )
    return facets


def _everything(sight: Sight, narrow: Narrow) -> Found:
    ids = list(
        pieces_seen(sight).order_by("-poured_on", "-id").values_list("pk", flat=True)
    )
    return _from_ids(ids, sight, narrow, says_something=False)


def _from_ids(ids: list[int], sight: Sight, narrow: Narrow, **more) -> Found:
    withdrawn = narrow.get("status") == {Piece.Status.WITHDRAWN}
    if withdrawn and sight.everything:
        # Only they may list what search has forgotten.
        kept = set(
            Piece.objects.filter(pk__in=ids, status=Piece.Status.WITHDRAWN).values_list(
                "pk", flat=True
            )
        )
        return Found([one for one in ids if one in kept], **more)
    rows = labels(ids, sight=sight)
    return Found(
        [one for one in ids if one in rows and _fits(rows[one], narrow)],
        facets=_facets(rows.values(), narrow),
        **more,
    )


def _from_database(text: str, sight: Sight, narrow: Narrow) -> Found:
    """Answer as long as the index is being made."""
    found = in_the_database.search(text, sight=sight)
    pieces = list(found.pieces[:MOST])
    answer = _from_ids(
        [piece.pk for piece in pieces], sight, narrow, from_database=True
    )
    passages = {
        piece.pk: Passage(0, "", found.extract_of(piece), found.words_in(piece), 0.0)
        for piece in pieces
    }
    return replace(answer, excerpts=lambda _ids: passages)
