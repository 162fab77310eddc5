"""What served again, and what it saved."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Sum
from django.db.models.functions import Coalesce

from partage.knowledge.models import Reuse


def reuse_of(piece_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Return for each piece that served again: how often, and the minutes saved."""
    return {
        row["piece"]: (row["times"], row["saved"])
        for row in Reuse.objects.filter(piece__in=list(piece_ids))
        .values("piece")
        .annotate(times=Count("pk"), saved=Coalesce(Sum("minutes_saved"), 0))
    }


@dataclass(frozen=True, slots=True)
class Served:
    """A piece that served, and the minutes that it saved there."""

    piece_id: int
    title: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Saving:
    """What the reservoir saved a need or a mandate: minutes not worked, not charged."""

    minutes: int
    pieces: tuple[Served, ...]


def saved_for(references: Iterable[str]) -> dict[str, Saving]:
    """Return what the reservoir saved each need or mandate, by its reference.

    A reference that nothing served is not in the result. The piece that saved the
    most comes first.
    """
    found: dict[str, list[Served]] = {}
    for served, piece_id, title, minutes in (
        Reuse.objects.filter(served__in=list(references))
        .order_by("-minutes_saved", "pk")
        .values_list("served", "piece_id", "piece__title", "minutes_saved")
    ):
        found.setdefault(served, []).append(Served(piece_id, title, minutes))
    return {
        served: Saving(sum(one.minutes for one in pieces), tuple(pieces))
        for served, pieces in found.items()
    }
