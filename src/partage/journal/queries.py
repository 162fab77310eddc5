"""Questions to the journal."""

from collections.abc import Iterable

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
