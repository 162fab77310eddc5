"""What a person typed, as the index understands it."""

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from tantivy import Occur, Query, Schema

from partage.retrieval import analysis
from partage.retrieval.concepts import Concepts, Said

MOST_WORDS = 64  # of a query: a whole need is a query too
CONCEPT_WEIGHT = 1.5
COVERED_WEIGHT = 0.5  # of a word that a concept already says
HEAD_WEIGHT = 0.3


@dataclass(frozen=True)
class Asked:
    """A query. `corrections`: for a word that nothing holds, the nearest that is."""

    text: str
    concepts: tuple[Said, ...] = ()
    corrections: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str, concepts: Concepts | None = None) -> "Asked":
        found = concepts.said_in(text) if concepts else []
        return cls(text, tuple(dict.fromkeys(found)))

    def corrected(self, corrections: dict[str, str]) -> "Asked":
        return Asked(self.text, self.concepts, corrections)

    def words(self, language: str) -> list[str]:
        """Return its folded words, less the small ones of `language`."""
        found = analysis.words(self.text, language)[:MOST_WORDS]
        return [self.corrections.get(word, word) for word in found]

    def tokens(self, language: str) -> list[str]:
        """Return the stems of its words."""
        return [analysis.stem(word, language) for word in self.words(language)]

    @cached_property
    def weights(self) -> dict[str, dict[str, float]]:
        """For each language, how much each stem counts."""
        covered = {word for said in self.concepts for word in said.words}
        found: dict[str, dict[str, float]] = {}
        for language in analysis.LANGUAGES:
            counted: Counter[str] = Counter()
            for word in self.words(language):
                counted[analysis.stem(word, language)] += (
                    COVERED_WEIGHT if word in covered else 1.0  # type: ignore[assignment]
                )
            found[language] = dict(counted)
        return found

    @property
    def says_nothing(self) -> bool:
        return not self.concepts and not any(self.weights.values())

    def as_query(self, schema: Schema) -> Query:
        """Return the question of words and concepts, without any wall."""
        parts = [
            (Occur.Should, _weighted(schema, f"{kind}_{language}", token, much * more))
            for language, weights in self.weights.items()
            for token, much in weights.items()
            for kind, more in (("body", 1.0), ("head", HEAD_WEIGHT))
        ]
        parts += [
            (Occur.Should, _weighted(schema, "concept", str(number), CONCEPT_WEIGHT))
            for number in sorted({said.concept for said in self.concepts})
        ]
        return Query.boolean_query(parts)


def _weighted(schema: Schema, name: str, token: str, weight: float) -> Query:
    query = Query.term_query(schema, name, token, "freq")
    return query if weight == 1.0 else Query.boost_query(query, weight)
