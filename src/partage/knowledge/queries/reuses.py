"""What served again, and what it saved."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from partage.experts.models import Field
from partage.knowledge.models import Piece, Reuse


def reuse_of(piece_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Return for each piece that served again: how often, and the minutes saved."""
    return {
        row["piece"]: (row["times"], row["saved"])
        for row in Reuse.objects.filter(piece__in=list(piece_ids))
        .values("piece")
        .annotate(times=Count("pk"), saved=Coalesce(Sum("minutes_saved"), 0))
    }


def most_used(*, since: date | None = None) -> QuerySet[Piece]:
    """Return the pieces that served, with `times` and `saved`, the most first."""
    within = Q(reuses__on__gte=since) if since else Q(reuses__isnull=False)
    return (
        Piece.objects.annotate(
            times=Count("reuses", filter=within),
            saved=Coalesce(Sum("reuses__minutes_saved", filter=within), 0),
        )
        .filter(times__gt=0)
        .select_related("field", "author")
        .order_by("-times", "-saved", "title", "pk")
    )


@dataclass(frozen=True, slots=True)
class SavedInField:
    """The minutes that the pieces of a field saved."""

    field: Field
    minutes: int


def saved_by_field() -> list[SavedInField]:
    """Return what the pieces of each field saved, the most first."""
    saved = dict(
        Reuse.objects.order_by()
        .values("piece__field")
        .annotate(saved=Sum("minutes_saved"))
        .filter(saved__gt=0)
        .values_list("piece__field", "saved")
    )
    fields = Field.objects.in_bulk(saved)
    return [
        SavedInField(fields[pk], minutes)
        for pk, minutes in sorted(saved.items(), key=lambda one: (-one[1], one[0]))
    ]


def expiring(*, on: date, days: int = 90) -> QuerySet[Piece]:
    """Return the shared pieces that are past their day, or soon will be."""
    return (
        Piece.objects.filter(
            status=Piece.Status.RELEASED, valid_until__lte=on + timedelta(days=days)
        )
        .select_related("field", "author")
        .order_by("valid_until", "title", "pk")
    )


def unused(*, on: date, days: int = 180) -> QuerySet[Piece]:
    """Return the pieces shared for half a year that never served."""
    return (
        Piece.objects.filter(
            status=Piece.Status.RELEASED,
            released_on__lte=on - timedelta(days=days),
            reuses=None,
        )
        .select_related("field", "author")
        .order_by("released_on", "title", "pk")
    )


def credit_of(author_id: int) -> tuple[int, int]:
    """Return how often what an expert wrote served, and the minutes that it saved."""
    found = Reuse.objects.filter(piece__author_id=author_id).aggregate(
        times=Count("pk"), saved=Coalesce(Sum("minutes_saved"), 0)
    )
    return found["times"], found["saved"]


@dataclass(frozen=True, slots=True)
class Served:
    """A piece that served, and the minutes that it saved there."""

    piece_id: int
    title: str
    minutes: int
    on: date


@dataclass(frozen=True, slots=True)
class Saving:
    """What the reservoir saved a need or a mandate: minutes not worked, not charged."""

    minutes: int
    pieces: tuple[Served, ...]

    @classmethod
    def of(cls, pieces: Iterable[Served]) -> "Saving":
        every = tuple(pieces)
        return cls(sum(one.minutes for one in every), every)


def saved_for(references: Iterable[str]) -> dict[str, Saving]:
    """Return what the reservoir saved each need or mandate, by its reference.

    A reference that nothing served is not in the result. The piece that saved the
    most comes first.
    """
    found: dict[str, list[Served]] = {}
    for served, piece_id, title, minutes, on in (
        Reuse.objects.filter(served__in=list(references))
        .order_by("-minutes_saved", "pk")
        .values_list("served", "piece_id", "piece__title", "minutes_saved", "on")
    ):
        found.setdefault(served, []).append(Served(piece_id, title, minutes, on))
    return {served: Saving.of(pieces) for served, pieces in found.items()}
