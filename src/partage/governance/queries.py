"""The cooperative, and what day it is there."""

from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone

from partage.governance.models import Cooperative, Meeting, Resolution


def cooperative() -> Cooperative:
    """Return the one cooperative; an unsaved empty one before it is set up."""
    return Cooperative.objects.first() or Cooperative(name="Partage", province="QC")


def business_now() -> datetime:
    """Return the moment it is in the cooperative, aware.

    A real cooperative lives now. The demonstration lives on its own date, at
    the present time of day, so that its year stays the same every day.
    """
    return moment_in(cooperative())


def moment_in(coop: Cooperative) -> datetime:
    """Return the moment it is in this cooperative, aware."""
    now = timezone.localtime()
    if coop.demonstration_on:
        return timezone.make_aware(
            datetime.combine(coop.demonstration_on, now.time().replace(tzinfo=None))
        )
    return now


def business_today() -> date:
    """Return the local date in the cooperative."""
    return business_now().date()


def resolutions():
    """Return the resolutions, newest meeting first."""
    return Resolution.objects.select_related("meeting").order_by(
        "-meeting__held_on", "number"
    )


def resolutions_of_members() -> QuerySet[Resolution]:
    """Return the resolutions that general meetings adopted, newest first."""
    return resolutions().filter(
        adopted=True, meeting__body__in=[Meeting.Body.GENERAL, Meeting.Body.SPECIAL]
    )


def meetings() -> QuerySet[Meeting]:
    """Return the meetings and their resolutions, newest first, in two queries."""
    return (
        Meeting.objects.prefetch_related("resolutions")
        .defer("minutes__content")
        .select_related("minutes")
    )


def meetings_of_members() -> QuerySet[Meeting]:
    """Return the meetings whose papers are every member's: the general ones."""
    return meetings().filter(body__in=[Meeting.Body.GENERAL, Meeting.Body.SPECIAL])
