"""How many hours a request may take, from the closed mandates that resemble it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from django.utils.safestring import SafeString

from partage.knowledge.models import Piece, Term
from partage.knowledge.queries import Sight, pieces_seen
from partage.mandates.models import Mandate
from partage.mandates.queries import closed_seen_by
from partage.portal.charts import beam
from partage.retrieval.concepts import Concepts
from partage.retrieval.likeness import Likeness
from partage.rules.estimate import Case, Estimate, estimate
from partage.timesheets.queries import minutes_by_mandate

NEWEST = 2_000  # closed mandates that are compared with
SHOWN = 8
Text = tuple[str, str]  # and its language


@dataclass(frozen=True, slots=True)
class Compared:
    """A closed mandate: its real minutes, its share in percent, what it left."""

    mandate: Mandate
    minutes: int
    percent: int
    bar: SafeString
    pieces: list[Piece] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Comparison:
    """An estimate, and each case that it is made of, the nearest first."""

    estimate: Estimate
    cases: list[Compared]

    @property
    def first(self) -> list[Compared]:
        return self.cases[:SHOWN]

    @property
    def rest(self) -> list[Compared]:
        return self.cases[SHOWN:]


def compare(text: str, language: str, *, sight: Sight) -> Comparison | None:
    """Estimate a request from what `sight` reaches, and from nothing else.

    None if too little resembles it. Four questions, however many mandates there are.
    """
    mandates = list(
        closed_seen_by(sight)
        .select_related("offer__need")
        .order_by("-closed_on", "-pk")[:NEWEST]
    )
    alike = likeness_of(mandates).of(text, language)
    minutes = minutes_by_mandate([one.pk for one in mandates], approved_only=True)
    found = estimate(
        Case(one.pk, minutes[one.pk], round(1_000 * float(near)))
        for one, near in zip(mandates, alike, strict=True)
    )
    if found is None:
        return None
    by_id = {one.pk: one for one in mandates}
    kept = [by_id[one.case.number] for one in found.cases]
    pieces: dict[str, list[Piece]] = {}
    for piece in (
        pieces_seen(sight)
        .filter(source__in=[one.reference for one in kept])
        .exclude(status=Piece.Status.WITHDRAWN)
        .only("title", "source", "language", "status", "licence")
        .order_by("pk")
    ):
        pieces.setdefault(piece.source, []).append(piece)
    most = max(
        max(one.case.minutes, by_id[one.case.number].budget_minutes)
        for one in found.cases
    )
    return Comparison(
        found,
        [
            Compared(
                mandate,
                one.case.minutes,
                (one.share + 5) // 10,
                beam(one.case.minutes, low=0, high=most, behind=mandate.budget_minutes),
                pieces.get(mandate.reference, []),
            )
            for one, mandate in zip(found.cases, kept, strict=True)
        ],
    )


def text_of(mandate: Mandate) -> Text:
    """Return what was asked of a mandate, and its language."""
    need = mandate.offer.need if mandate.offer else None
    return f"{mandate.title}\n{need.text if need else ''}", mandate.language


def likeness_of(mandates: Iterable[Mandate]) -> Likeness:
    """Return what compares a request with these mandates, and only these."""
    return _likeness(
        tuple(text_of(one) for one in mandates),
        tuple(Term.objects.order_by("pk").values_list("concept_id", "text")),
    )


@lru_cache(maxsize=4)
def _likeness(texts: tuple[Text, ...], terms: tuple[tuple[int, str], ...]) -> Likeness:
    """Keep what is derived from the same texts; those of one sight are its own."""
    return Likeness(texts, Concepts(terms))
