"""Does a need find what was left by work on the same thing?

Each need of the demonstration year is asked as its page asks (the same likeness, the
same pieces), without what its own mandate left or what served it. A piece is right if
its mandate told the same of the 120 stories that needs and mandates are drawn from,
in either language. Beside it, in the same run: the pieces by their own words only;
the search of the reservoir, as a person would type the need into it; PostgreSQL's
full text (ts_rank). Five are asked for.

found: needs for which a right piece is among those shown; first: it is the first;
recall: right pieces shown, of five or of all there are; right: of those shown.
--text leaves out the title, which is often that of the lesson.

Run: .venv/bin/python benchmarks/resembling.py [--quick] [--text], with the
demonstration loaded (python3 run.py). The last line is JSON.
"""

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from partage.cli.main import prepare_the_environment

prepare_the_environment()

import numpy as np
from django.conf import settings

from partage.cli.demo.plots import BY_FIELD
from partage.config.database import reachable
from partage.knowledge.models import Piece
from partage.knowledge.queries import Sight, in_the_database, search, similar_to
from partage.mandates.models import Mandate
from partage.needs.models import Need
from partage.portal.estimating import look_back

SHOWN = 5
ALL = Sight(everything=True)
SLOT = re.compile(r"\\\{\w+\\\}")
LESSON = re.compile(r"^(Leçon|Lesson)\s?: ?")


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    language: str
    field_ids: list[int]
    own: set[str]  # references of the need and of what it became
    right: set[int]


def story_of(title: str) -> int | None:
    """Return which story a title was drawn from, by how its template begins."""
    title = LESSON.sub("", title.replace("\N{NO-BREAK SPACE}", " "))
    found = [(len(one.pattern), story) for one, story in TEMPLATES if one.match(title)]
    return max(found)[1] if found else None


def templates() -> list[tuple[re.Pattern, int]]:
    stories = [story for some in BY_FIELD.values() for story in some]
    return [
        (
            re.compile(
                SLOT.sub(".+?", re.escape(title.replace("\N{NO-BREAK SPACE}", " ")))
            ),
            at,
        )
        for at, story in enumerate(stories)
        for title in (story.title_fr, story.title_en)
    ]


TEMPLATES = templates()


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--quick", action="store_true", help="ask one need of five")
    asked.add_argument("--text", action="store_true", help="without their titles")
    said = asked.parse_args()
    with reachable(settings.VAR):
        told = measure(step=5 if said.quick else 1, titled=not said.text)
    print(json.dumps(told))


def questions(*, titled: bool) -> list[Question]:
    """Return the needs for which something right was left by others."""
    told = defaultdict(set)
    pieces = Piece.objects.exclude(status=Piece.Status.WITHDRAWN)
    sources = dict(pieces.values_list("pk", "source"))
    for pk, title in pieces.values_list("pk", "title"):
        told[story_of(title)].add(pk)
    became = defaultdict(set)
    for need, reference in Mandate.objects.exclude(offer__need=None).values_list(
        "offer__need", "reference"
    ):
        became[need].add(reference)
    found = []
    for need in Need.objects.prefetch_related("parts").order_by("pk"):
        story = story_of(need.title)
        own = {need.reference} | became[need.pk]
        right = {pk for pk in told[story] if sources[pk] not in own}
        if story is not None and right:
            text = f"{need.title}\n{need.text}" if titled else need.text
            fields = [part.field_id for part in need.parts.all()]
            found.append(Question(text, need.language, fields, own, right))
    return found


def as_the_page(one: Question) -> list[int]:
    met = look_back(one.text, one.language, sight=ALL)
    return [
        alike.piece.pk
        for alike in met.pieces(field_ids=one.field_ids, apart=one.own, limit=SHOWN)
    ]


def by_their_words(one: Question) -> list[int]:
    found = similar_to(
        one.text, sight=ALL, field_ids=one.field_ids, apart=one.own, limit=SHOWN
    )
    return [alike.piece.pk for alike in found]


def as_typed(one: Question) -> list[int]:
    return others(search(one.text, sight=ALL).ids, one)


def full_text(one: Question) -> list[int]:
    return others(in_the_database.nearest(one.text, sight=ALL, limit=20), one)


def others(ids: list[int], one: Question) -> list[int]:
    some = ids[:20]
    own = set(
        Piece.objects.filter(pk__in=some, source__in=one.own).values_list(
            "pk", flat=True
        )
    )
    return [pk for pk in some if pk not in own][:SHOWN]


WAYS: dict[str, Callable[[Question], list[int]]] = {
    "what resembles": as_the_page,
    "by their words": by_their_words,
    "search, as typed": as_typed,
    "PostgreSQL ts_rank": full_text,
}


def measure(*, step: int, titled: bool) -> dict:
    every = questions(titled=titled)[::step]
    told: dict = {"benchmark": "resembling", "needs": len(every), "titled": titled}
    print(f"{len(every)} needs for which others left something on the same thing")
    heads = ("found", "first", "recall", "right", "p50 ms", "p95 ms")
    print(f"{'':20}" + "".join(f"{one:>8}" for one in heads))
    for name, way in WAYS.items():
        way(every[0])  # what is derived once is derived
        rows, seconds = [], []
        for one in every:
            began = perf_counter()
            shown = way(one)
            seconds.append(perf_counter() - began)
            good = [pk in one.right for pk in shown]
            rows.append((
                any(good),
                any(good[:1]),
                sum(good) / min(SHOWN, len(one.right)),
                sum(good) / max(1, len(good)),
            ))  # fmt: skip
        means = [round(float(one), 3) for one in np.mean(rows, axis=0)]
        took = [
            round(float(1_000 * one), 1) for one in np.quantile(seconds, [0.5, 0.95])
        ]
        print(f"{name:20}" + "".join(f"{one:8}" for one in (*means, *took)))
        told[name] = dict(
            zip(("found", "first", "recall", "right", "p50_ms", "p95_ms"),
                (*means, *took), strict=True)
        )  # fmt: skip
    return told


if __name__ == "__main__":
    main()
