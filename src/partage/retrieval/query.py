"""What a person typed, as the index understands it."""

from dataclasses import dataclass, field, replace
from functools import cached_property

from tantivy import Occur, Query, Schema

from partage.retrieval import analysis
from partage.retrieval.concepts import Concepts, Said
from partage.retrieval.translation import OTHER, Translations

MOST_WORDS = 64  # of a query: a whole need is a query too
CONCEPT_WEIGHT = 1.5
COVERED_WEIGHT = 0.5  # of a word that a concept already says
TRANSLATED_WEIGHT = 0.6  # of a word in the other language, times how sure one is
GUESSED_WEIGHT = 0.9  # of a word put in the place of one that nothing holds
HEAD_WEIGHT = 0.3


@dataclass(frozen=True)
class Asked:
    """A query. `corrections`: for a word that nothing holds, the nearest that is.

    `translations`: what may say its words in the other language. `head`: how much a
    word of a title counts, beside one of the text.
    """

    text: str
    concepts: tuple[Said, ...] = ()
    corrections: dict[str, str] = field(default_factory=dict)
    translations: Translations | None = None
    head: float = HEAD_WEIGHT

    @classmethod
    def of(
        cls,
        text: str,
        concepts: Concepts | None = None,
        translations: Translations | None = None,
    ) -> "Asked":
        found = concepts.said_in(text) if concepts else []
        return cls(text, tuple(dict.fromkeys(found)), translations=translations)

    def corrected(self, corrections: dict[str, str]) -> "Asked":
        return replace(self, corrections=corrections)

    @cached_property
    def language(self) -> str:
        """The language that its small words tell; French if they tell none."""
        return analysis.language_of(self.text) or "fr"

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
        guessed = set(self.corrections.values())
        found: dict[str, dict[str, float]] = {}
        for language in analysis.LANGUAGES:
            counted: dict[str, float] = {}
            for word in self.words(language):
                much = GUESSED_WEIGHT if word in guessed else 1.0
                if word in covered:
                    much = COVERED_WEIGHT
                stem = analysis.stem(word, language)
                counted[stem] = counted.get(stem, 0.0) + much
            found[language] = counted
        return found

    @cached_property
    def translated(self) -> dict[str, dict[str, tuple[str, float]]]:
        """For each language, stems that may say a word of the other: which, how sure.

        Of a text whose language is plain, its words only; of a few words that could
        be of either, both ways.
        """
        found: dict[str, dict[str, tuple[str, float]]] = {"fr": {}, "en": {}}
        if self.translations is None:
            return found
        written = analysis.language_of(self.text)
        for language in [written] if written else list(analysis.LANGUAGES):
            other = OTHER[language]
            own = self.weights[other]
            for word in self.words(language):
                for stem, sure in self.translations.of(word, language).items():
                    if stem not in own and sure > found[other].get(stem, ("", 0.0))[1]:
                        found[other][stem] = (word, sure)
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
            for kind, more in (("body", 1.0), ("head", self.head))
        ]
        parts += [
            (Occur.Should, _weighted(schema, f"{kind}_{language}", stem, sure * more))
            for language, stems in self.translated.items()
            for stem, (_word, sure) in stems.items()
            for kind, more in (
                ("body", TRANSLATED_WEIGHT),
                ("head", TRANSLATED_WEIGHT * self.head),
            )
        ]
        parts += [
            (Occur.Should, _weighted(schema, "concept", str(number), CONCEPT_WEIGHT))
            for number in sorted({said.concept for said in self.concepts})
        ]
        return Query.boolean_query(parts)


def _weighted(schema: Schema, name: str, token: str, weight: float) -> Query:
    query = Query.term_query(schema, name, token, "freq")
    return query if weight == 1.0 else Query.boost_query(query, weight)
