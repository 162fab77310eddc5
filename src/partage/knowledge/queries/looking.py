"""Asking the indexes, and what the passages that they answer with say."""

from collections.abc import Collection, Mapping

from partage.knowledge.queries.following import Node
from partage.knowledge.queries.reading import Row
from partage.knowledge.queries.seeing import Sight
from partage.retrieval import analysis
from partage.retrieval.index import Hit
from partage.retrieval.passages import stretches
from partage.retrieval.query import Asked

Narrow = Mapping[str, Collection[str]]


def find(
    here: Node, asked: Asked, sight: Sight, narrow: Narrow, limit: int
) -> list[Hit]:
    """Ask both indexes, each with the walls in the question."""
    tags = [
        [f"{name}={value}" for value in sorted(values)]
        for name, values in narrow.items()
    ]
    walls = sight.walls
    hits = [
        hit
        for index in here.indexes
        for hit in index.find(asked, walls=walls, tags=tags, limit=limit)
    ]
    hits.sort(key=lambda hit: -hit.score)
    return hits[:limit]


def text_at(hit: Hit, rows: dict[int, Row]) -> str:
    """Return the stretch that was found; empty if it may not be read, or moved."""
    row = rows.get(hit.piece)
    if row is None:
        return ""
    cut = stretches(row.page(hit.page))
    return cut[hit.stretch] if hit.stretch < len(cut) else ""


def in_common(
    here: Node, asked: Asked, row: Row, text: str
) -> tuple[list[str], set[str]]:
    """Return the words looked for that a passage holds, and those of it to mark."""
    text, language = f"{row.title}\n{text}", row.language
    wanted = {stem: word for stem, (word, _sure) in asked.translated[language].items()}
    wanted |= {analysis.stem(word, language): word for word in asked.words(language)}
    marked: set[str] = set()
    held: set[str] = set()
    for word in dict.fromkeys(analysis.words(text, language)):
        stem = analysis.stem(word, language)
        if stem in wanted:
            marked.add(word)
            held.add(stem)
    words = list(dict.fromkeys(word for stem, word in wanted.items() if stem in held))
    if asked.concepts:
        looked_for = {said.concept: said for said in asked.concepts}
        for said in here.concepts().said_in(text):
            if said.concept in looked_for:
                marked.update(word for word in said.words if len(word) > 1)
                name = " ".join(looked_for[said.concept].words)
                if name not in words and not set(name.split()) <= set(words):
                    words.append(name)
    return words, marked
