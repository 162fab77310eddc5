"""What was asked before that resembles a request, and the hours that it took."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from django.urls import reverse
from django.utils.safestring import SafeString

from partage.knowledge.models import Piece, Term
from partage.knowledge.queries import (
    Resemblance,
    Sight,
    house_translations,
    pieces_seen,
    similar_to,
)
from partage.mandates.models import Mandate
from partage.mandates.queries import closed_seen_by
from partage.needs.queries import answered_seen_by
from partage.portal.charts import beam
from partage.retrieval.concepts import Concepts
from partage.retrieval.likeness import Likeness
from partage.rules.estimate import Case, Estimate, estimate
from partage.timesheets.queries import minutes_by_mandate

NEWEST = 2_000  # closed mandates, and needs, that are compared with
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


class Request(NamedTuple):
    """One that was met: where coordination reads it, its reference, what was asked."""

    page: str  # mandate, or need if the reservoir answered it
    pk: int
    reference: str
    title: str
    text: str | None
    language: str

    @property
    def said(self) -> Text:
        return f"{self.title}\n{self.text or ''}", self.language


@dataclass(frozen=True, slots=True)
class Met:
    """The requests that were met before, as far as `sight` reaches, beside a new one.

    `text`: what is asked now. `likeness`: of each to it, 0 to 1, by its reference.
    """

    text: str
    sight: Sight
    requests: list[Request]
    likeness: dict[str, float]

    def pieces(
        self,
        *,
        apart: Collection[str],
        field_ids: Collection[int] = (),
        limit: int = 5,
    ) -> list[Resemblance]:
        """Return what may serve, as far as the same sight reaches: see `similar_to`."""
        return similar_to(
            self.text,
            sight=self.sight,
            field_ids=field_ids,
            met=self.likeness,
            apart=apart,
            limit=limit,
        )

    def addresses(self, references: Iterable[str]) -> dict[str, str]:
        """Return where coordination reads each of these requests."""
        wanted = set(references)
        return {
            one.reference: reverse(f"coordination:{one.page}", args=[one.pk])
            for one in self.requests
            if one.reference in wanted
        }


def look_back(text: str, language: str, *, sight: Sight) -> Met:
    """Compare a request with those that `sight` reaches, and with nothing else."""
    # Plain values: of a thousand, a few are shown.
    mandates = (
        closed_seen_by(sight)
        .order_by("-closed_on", "-pk")
        .values_list("pk", "reference", "title", "offer__need__text", "language")
    )
    needs = (
        answered_seen_by(sight)
        .order_by("-pk")
        .values_list("pk", "reference", "title", "text", "language")
    )
    requests = [Request("mandate", *one) for one in mandates[:NEWEST]]
    requests += [Request("need", *one) for one in needs[:NEWEST]]
    alike = likeness_of(one.said for one in requests).of(text, language)
    references = (one.reference for one in requests)
    likeness = dict(zip(references, map(float, alike), strict=True))
    return Met(text, sight, requests, likeness)


def compare(met: Met) -> Comparison | None:
    """Estimate a request from the closed mandates that it was compared with.

    None if too few resemble it. Three questions, however many mandates there are.
    """
    mandates = {one.pk: one.reference for one in met.requests if one.page == "mandate"}
    minutes = minutes_by_mandate(list(mandates), approved_only=True)
    found = estimate(
        Case(pk, minutes[pk], round(1_000 * met.likeness[reference]))
        for pk, reference in mandates.items()
    )
    if found is None:
        return None
    by_id = Mandate.objects.in_bulk([one.case.number for one in found.cases])
    kept = [by_id[one.case.number] for one in found.cases]
    pieces: dict[str, list[Piece]] = {}
    for piece in (
        pieces_seen(met.sight)
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


def likeness_of(texts: Iterable[Text]) -> Likeness:
    """Return what compares a request with these texts, and with nothing else."""
    terms = Term.objects.order_by("pk").values_list("concept_id", "text")
    return _likeness(tuple(texts), tuple(terms))


@lru_cache(maxsize=4)
def _likeness(texts: tuple[Text, ...], terms: tuple[tuple[int, str], ...]) -> Likeness:
    """Keep what is derived from the same texts; those of one sight are its own."""
    return Likeness(texts, Concepts(terms), house_translations())
