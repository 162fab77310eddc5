"""Does a question in one language find what answers it in the other?

The stories of the demonstration are told in French and in English: what somebody
asked, and what was learned. Each is poured twice, once in each language; each title
(a few words) and each text (a few sentences) of one language is asked through the
search of the reservoir, and what is found in the other language is judged: the same
story, and nothing else. Then among both languages: asked in its own, the same story
must come as before. The stories are no part of what translations are learned from.

Three ways: words alone; words and the glossary of concepts; and with translations,
as the product does.

Run: .venv/bin/python benchmarks/across_languages.py. The database is
`partage_benchmark`, emptied before and after. The last line is JSON.
"""

import json
import re
import sys
from dataclasses import dataclass
from math import log2
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from partage.cli.main import prepare_the_environment

prepare_the_environment()

from retrieval import Text, pour, reservoir

from partage.cli.concepts import CONCEPTS
from partage.cli.demo.plots import BY_FIELD, Story
from partage.knowledge.models import Concept, Term
from partage.knowledge.queries import Sight, following, search, searching
from partage.retrieval.analysis import folded
from partage.retrieval.translation import Translations

OTHER = {"fr": "en", "en": "fr"}
SLOT = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    language: str
    own: int  # the piece that says the same in its language
    other: int  # and in the other


def told(story: Story, what: str, language: str) -> str:
    return SLOT.sub(" ", getattr(story, f"{what}_{language}"))


def main() -> None:
    stories = [story for some in BY_FIELD.values() for story in some]
    texts = [
        Text(
            told(story, "title", language),
            f"{told(story, 'text', language)} {told(story, 'lesson', language)}",
            language,
        )
        for story in stories
        for language in ("fr", "en")
    ]
    questions = {
        (what, language): [
            Question(
                told(story, what, language),
                language,
                2 * at + (1 if language == "fr" else 2),
                2 * at + (2 if language == "fr" else 1),
            )
            for at, story in enumerate(stories)
        ]
        for what in ("title", "text")
        for language in ("fr", "en")
    }
    print(f"{len(stories)} stories in two languages; nDCG@10 of the same story")
    heads = [f"{what} {language}>{OTHER[language]}" for what, language in questions]
    print(f"{'':24}" + "".join(f"{one:>14}" for one in [*heads, "own language"]))
    results = {}
    with reservoir():
        for name, glossary, translates in (
            ("words alone", False, False),
            ("and concepts", True, False),
            ("and translations", True, True),
        ):
            pour(texts)
            if glossary:
                write_concepts()
                following.node().follow()
            kept = searching.house_translations
            if not translates:
                searching.house_translations = Translations
            try:
                row = [across(some) for some in questions.values()]
                row.append(in_its_own([q for some in questions.values() for q in some]))
            finally:
                searching.house_translations = kept
            print(f"{name:24}" + "".join(f"{one:14.3f}" for one in row))
            results[name] = [round(one, 4) for one in row]
            Concept.objects.all().delete()
    print(json.dumps({"benchmark": "across_languages", "results": results}))


def write_concepts() -> None:
    for both in CONCEPTS:
        concept = Concept.objects.create()
        Term.objects.bulk_create(
            Term(concept=concept, text=term.strip(), language=language,
                 folded=folded(term))
            for language, terms in zip(("fr", "en"), both, strict=True)
            for term in terms.split(";")
        )  # fmt: skip


def across(questions: list[Question]) -> float:
    return sum(
        gain(
            search(
                one.text, sight=Sight(), narrow={"language": {OTHER[one.language]}}
            ).ids,
            one.other,
        )
        for one in questions
    ) / len(questions)


def in_its_own(questions: list[Question]) -> float:
    return sum(
        gain(search(one.text, sight=Sight()).ids, one.own) for one in questions
    ) / len(questions)


def gain(found: list[int], wanted: int) -> float:
    return 1 / log2(found.index(wanted) + 2) if wanted in found[:10] else 0.0


if __name__ == "__main__":
    main()
