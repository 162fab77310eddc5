"""What is on its way out of a wall, what was said of it, and the register."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import QuerySet

from partage.knowledge.models import (
    Anonymisation,
    Consent,
    Page,
    Piece,
    Release,
    Version,
)
from partage.rules.anonymity import differences


def releases() -> QuerySet[Release]:
    """Return every release with its piece, newest first."""
    return Release.objects.select_related(
        "piece__field", "piece__organisation", "version", "cleaned", "consent",
        "opened_by", "signed_by",
    )  # fmt: skip


def live_release(piece_id: int) -> Release | None:
    """Return the release under way, or in force, of a piece."""
    return releases().filter(piece_id=piece_id, status__in=Release.LIVE).first()


def consents_of(organisation_ids: Collection[int]) -> QuerySet[Consent]:
    """Return what these organisations were asked, what waits for them first."""
    return (
        Consent.objects.filter(organisation_id__in=organisation_ids)
        .select_related(
            "release__piece__field", "release__cleaned", "organisation", "answered_by"
        )
        .order_by("answered_at", "-asked_at", "-pk")
    )


def register() -> QuerySet[Anonymisation]:
    """Return the register of anonymisations, newest first."""
    return Anonymisation.objects.order_by("-on", "-pk")


def versions_of(piece: Piece) -> QuerySet[Version]:
    """Return the versions of a piece, newest first, without the bytes of files."""
    return (
        piece.versions.select_related("file", "author", "added_by")
        .defer("file__content")
        .order_by("-number")
    )


def changes_of(release: Release) -> list[tuple[str, str]]:
    """Return what a release takes out, and what it puts there."""
    return [
        (one.before, one.after) for one in release.replacements.all() if one.applies
    ]


@dataclass(frozen=True, slots=True)
class Compared:
    """One text before and after: parts that stay (None) and parts that go."""

    label: str
    number: int | None  # of the page; None for the title and the summary
    parts: tuple[tuple[str, str | None], ...]

    @property
    def changed(self) -> bool:
        return any(after is not None for _before, after in self.parts)


def compared(release: Release) -> list[Compared]:
    """Return the title, the summary and each page of a release, before and after."""
    version, changes = release.version, changes_of(release)
    return [
        Compared("title", None, differences(version.title, changes)),
        Compared("text", None, differences(version.text, changes)),
        *(
            Compared(page.label, page.number, differences(page.text, changes))
            for page in Page.objects.filter(version=version).order_by("number")
        ),
    ]
