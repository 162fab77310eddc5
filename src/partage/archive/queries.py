"""Questions about files. Who may read one is the asker's business."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from partage.archive.models import File


def headings(ids) -> QuerySet[File]:
    """Return files without their bytes."""
    return File.objects.filter(pk__in=ids).defer("content")


def abandoned(before: datetime) -> QuerySet[File]:
    """Return the files kept before a moment that no row speaks of, without bytes.

    They came with a form that was never sent. Every foreign key to a file counts,
    in whatever room: the rooms say so themselves when Django starts.
    """
    spoken_of = [
        Exists(
            relation.related_model._base_manager.filter(
                **{relation.field.name: OuterRef("pk")}
            )
        )
        for relation in File._meta.get_fields(include_hidden=True)
        if relation.auto_created and not relation.concrete
    ]
    return (
        File.objects.filter(*(~each for each in spoken_of), added_at__lt=before)
        .defer("content")
        .order_by("pk")
    )
