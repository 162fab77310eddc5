"""Questions to the journal."""

from collections.abc import Iterable

from django.db import connection
from django.db.models import Model, Q, QuerySet

from partage.journal.models import Entry


def story_of(*subjects: Model, limit: int = 60) -> QuerySet[Entry]:
    """Return what happened to these rows, newest first."""
    return story_of_ids(
        [(subject._meta.label, [subject.pk]) for subject in subjects], limit=limit
    )


def story_of_ids(
    subjects: Iterable[tuple[str, Iterable[int]]], *, limit: int = 60
) -> QuerySet[Entry]:
    """Return what happened to rows named by (« billing.Invoice », ids)."""
    wanted = Q(pk__in=[])
    for label, ids in subjects:
        wanted |= Q(subject=label, subject_id__in=list(ids))
    return Entry.objects.filter(wanted).order_by("-happened_at", "-id")[:limit]


def trail() -> QuerySet[Entry]:
    """Return every entry, newest first, to be narrowed and read page by page."""
    return Entry.objects.order_by("-happened_at", "-id")


def acts_known() -> list[str]:
    """Return each kind of act that the journal holds (« billing.invoice.issued »).

    Walks from one name to the next along the index: as fast with a million
    entries as with ten.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE known AS ("
            " (SELECT what FROM journal_entry ORDER BY what LIMIT 1)"
            " UNION ALL SELECT (SELECT what FROM journal_entry"
            "  WHERE what > known.what ORDER BY what LIMIT 1)"
            " FROM known WHERE known.what IS NOT NULL)"
            " SELECT what FROM known WHERE what IS NOT NULL"
        )
        return [what for (what,) in cursor.fetchall()]
