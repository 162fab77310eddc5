"""The index itself: Tantivy, in a folder, or in memory without one.

Only words, walls and tags are kept, never a text: what is shown is read again where
it lives. A wall is part of the question, so what a person may not see is neither
found nor counted. The state that a writer commits lies in the index as a document
of its own: it and the passages are there together or not at all, whatever kills
the process.
"""

import json
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Document, Occur, Query, Schema, SchemaBuilder, Searcher

from partage.retrieval import analysis
from partage.retrieval.passages import Passage, Walls
from partage.retrieval.query import Asked
from partage.retrieval.ranking import idf

SHAPE = 2  # counts up whenever an index made before must be made anew
MEMORY = 60_000_000  # bytes that a writer may take
PLACE = ("piece", "page", "stretch")
STATE = 0  # the piece that none is: the document that holds the state


class IndexIsBusy(Exception):
    """Another process writes on it."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that answers, by its place, and how well (BM25)."""

    piece: int
    page: int
    stretch: int
    score: float


def _schema() -> Schema:
    built = SchemaBuilder()
    for language in analysis.LANGUAGES:
        for kind in ("body", "head"):
            built.add_text_field(
                f"{kind}_{language}", tokenizer_name=language, index_option="freq"
            )
    for name in ("concept", "wall", "tag"):
        built.add_text_field(name, tokenizer_name="raw", index_option="basic")
    # Columns: a thousand places are read without opening a thousand documents.
    for name in PLACE:
        built.add_integer_field(name, indexed=name == "piece", fast=True)
    built.add_bytes_field("state", stored=True)
    return built.build()


class Index:
    """An index that can be asked; `folder` None: in memory, gone with the process."""

    def __init__(self, folder: Path | None = None) -> None:
        self.schema = _schema()
        self.folder = folder
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        try:
            self._index = self._open()
        except (ValueError, OSError):
            # Of another shape, or cut short by a disk: it is only derived.
            self._throw_away()
            self._index = self._open()
        self._seen: int | None = None
        self._rarity: dict[tuple[str, str], float] = {}
        self._state: dict[str, Any] | None = None
        self._refresh()

    def _open(self) -> tantivy.Index:
        path = str(self.folder) if self.folder else None
        index = tantivy.Index(self.schema, path=path)
        for language in analysis.LANGUAGES:
            index.register_tokenizer(language, analysis.chain(language))
        index.config_reader("manual")
        return index

    def _throw_away(self) -> None:
        if self.folder is not None:
            shutil.rmtree(self.folder)
            self.folder.mkdir(parents=True)

    def searcher(self) -> Searcher:
        """Return what was last committed, by whichever process."""
        if self.folder is not None:
            now = (self.folder / "meta.json").stat().st_mtime_ns
            if now != self._seen:
                self._seen = now
                self._refresh()
        return self._searcher

    def _refresh(self) -> None:
        self._index.reload()
        self._searcher = self._index.searcher()
        self._rarity = {}
        self._state = None

    def state(self) -> dict[str, Any]:
        """Return what the last commit said of itself; empty when there is none."""
        searcher = self.searcher()
        if self._state is None:
            self._state = self._read_state(searcher)
        return dict(self._state)

    def _read_state(self, searcher: Searcher) -> dict[str, Any]:
        kept = Query.term_query(self.schema, "piece", STATE, "basic")
        hits = searcher.search(kept, 1).hits
        if not hits:
            return {}
        found: dict[str, Any] = json.loads(searcher.doc(hits[0][1])["state"][0])
        return found if found.pop("shape", None) == SHAPE else {}

    def writer(self) -> "Writer":
        """Return the one writer. Raises IndexIsBusy if there is another."""
        return Writer(self)

    # ------------------------------------------------------------- questions

    def find(
        self,
        asked: Asked,
        *,
        walls: Walls,
        tags: Iterable[Collection[str]] = (),
        limit: int,
    ) -> list[Hit]:
        """Return the passages that answer best, of those that `walls` let see.

        `tags`: of each group, one at least.
        """
        if asked.says_nothing:
            return []
        searcher = self.searcher()
        query = self._within(asked.as_query(self.schema), walls, tags)
        return _hits(searcher, query, limit)

    def holds(self, word: str, *, walls: Walls) -> bool:
        """Tell whether any passage that `walls` let see has this folded word."""
        return bool(self._with_any_form(word, walls, limit=1))

    def knows(self, word: str) -> bool:
        """Tell whether this folded word is written anywhere, whatever the walls.

        Looked up in the list of words: no passage is opened. A word that was written
        once may be said to be known for a while after.
        """
        searcher = self.searcher()
        return any(
            searcher.doc_freq(f"{kind}_{language}", analysis.stem(word, language))
            for language in analysis.LANGUAGES
            for kind in ("body", "head")
        )

    def holding_like(
        self, word: str, *, slips: int, walls: Walls, limit: int
    ) -> list[Hit]:
        """Return passages that `walls` let see that have a stem written nearly so.

        `slips`: letters too many, missing, taken for another or for its neighbour.
        """
        return self._with_any_form(word, walls, limit=limit, slips=slips)

    def holding_any(
        self,
        stems: Mapping[str, Collection[str]],
        *,
        walls: Walls,
        limit: int,
    ) -> list[Hit]:
        """Return passages that `walls` let see that have any of these stems."""
        each = [
            (Occur.Should, self._one_of(f"{kind}_{language}", some))
            for language, some in stems.items()
            for kind in ("body", "head")
        ]
        query = self._within(_const(Query.boolean_query(each)), walls, ())
        return _hits(self.searcher(), query, limit)

    def holding_all(self, words: Iterable[str]) -> set[int]:
        """Return the pieces with a passage that holds all these folded words."""
        searcher = self.searcher()
        each = [
            (Occur.Must, _const(self._forms(word, 0)))
            for word in words
            if any(analysis.words(word, one) for one in analysis.LANGUAGES)
        ]
        if not each or not searcher.num_docs:
            return set()
        found = _hits(searcher, Query.boolean_query(each), searcher.num_docs)
        return {hit.piece for hit in found}

    def rarity(self, stem: str, language: str) -> float:
        """Return how much a stem tells apart (idf), from all that is indexed."""
        known = self._rarity.get((language, stem))
        if known is None:
            searcher = self.searcher()
            held = searcher.doc_freq(f"body_{language}", stem)
            known = idf(min(held, searcher.num_docs), searcher.num_docs)
            self._rarity[language, stem] = known
        return known

    @property
    def size(self) -> int:
        """How many passages it has."""
        return max(0, self.searcher().num_docs - bool(self.state()))

    def pieces(self) -> dict[int, int]:
        """Return how many passages of each piece it has."""
        searcher = self.searcher()
        if not searcher.num_docs:
            return {}
        found = Counter(
            hit.piece for hit in _hits(searcher, Query.all_query(), searcher.num_docs)
        )
        del found[STATE]
        return dict(found)

    def _with_any_form(
        self, word: str, walls: Walls, *, limit: int, slips: int = 0
    ) -> list[Hit]:
        searcher = self.searcher()
        query = self._within(_const(self._forms(word, slips)), walls, ())
        return _hits(searcher, query, limit)

    def _forms(self, word: str, slips: int) -> Query:
        each = []
        for language in analysis.LANGUAGES:
            stem = analysis.stem(word, language)
            for kind in ("body", "head"):
                name = f"{kind}_{language}"
                each.append(
                    Query.fuzzy_term_query(self.schema, name, stem, slips)
                    if slips
                    else Query.term_query(self.schema, name, stem, "basic")
                )
        return Query.boolean_query([(Occur.Should, one) for one in each])

    def _within(
        self,
        query: Query,
        walls: Walls,
        tags: Iterable[Collection[str]],
    ) -> Query:
        clauses = [(Occur.Must, query)]
        if walls.passed is not None:
            clauses.append((Occur.Must, self._one_of("wall", walls.passed)))
        if walls.closed:
            clauses.append((Occur.MustNot, self._one_of("wall", walls.closed)))
        clauses += [(Occur.Must, self._one_of("tag", group)) for group in tags]
        return Query.boolean_query(clauses) if len(clauses) > 1 else query

    def _one_of(self, name: str, values: Collection[str]) -> Query:
        if not values:
            return Query.empty_query()
        return _const(Query.term_set_query(self.schema, name, sorted(values)))


def _const(query: Query) -> Query:
    return Query.const_score_query(query, 0.0)


def _hits(searcher: Searcher, query: Query, limit: int) -> list[Hit]:
    found = searcher.search(query, limit, count=False).hits
    at = [address for _score, address in found]
    places = [searcher.fast_field_values(name, at) for name in PLACE]
    return [
        Hit(piece, page, stretch, score)
        for (score, _at), piece, page, stretch in zip(found, *places, strict=True)
    ]


class Writer:
    """Changes an index. Nothing is there before `commit`, and then all of it is."""

    def __init__(self, index: Index) -> None:
        self.index = index
        try:
            self._writer = index._index.writer(MEMORY, 1)
        except ValueError as problem:
            raise IndexIsBusy from problem

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is not None:
            self._writer.rollback()
        # The lock goes with the writer.
        self._writer.wait_merging_threads()
        del self._writer

    def clear(self) -> None:
        self._writer.delete_all_documents()

    def forget(self, piece: int) -> None:
        self._writer.delete_documents_by_term("piece", piece)

    def add(self, passage: Passage, concepts: Iterable[int] = ()) -> None:
        document = Document()
        for name in PLACE:
            document.add_integer(name, getattr(passage, name))
        document.add_text(f"body_{passage.language}", passage.text)
        if passage.head:
            document.add_text(f"head_{passage.language}", passage.head)
        for wall in passage.walls:
            document.add_text("wall", wall)
        for tag in passage.tags:
            document.add_text("tag", tag)
        for concept in concepts:
            document.add_text("concept", str(concept))
        self._writer.add_document(document)

    def commit(self, state: dict[str, Any]) -> None:
        """Keep what was changed, and `state` with it, as one."""
        self._writer.delete_documents_by_term("piece", STATE)
        document = Document()
        for name in PLACE:
            document.add_integer(name, STATE)
        document.add_bytes("state", json.dumps({"shape": SHAPE, **state}).encode())
        self._writer.add_document(document)
        self._writer.commit()
        self.index._seen = None
        self.index._refresh()
