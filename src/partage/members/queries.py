"""Questions about organisations, memberships and who speaks for whom."""

from datetime import date

from django.db.models import Q, QuerySet

from partage.members.models import Membership, Organisation, Representation


def representations_of(user_id: int, *, on: date) -> QuerySet[Representation]:
    """Return what a person may do, for which organisations, on a date."""
    return (
        Representation.objects.filter(user_id=user_id, since__lte=on)
        .filter(Q(until=None) | Q(until__gt=on))
        .select_related("organisation")
        .order_by("organisation__sort_key")
    )


def members_on(on: date) -> QuerySet[Membership]:
    """Return the memberships in force on a date."""
    return Membership.objects.filter(joined_on__lte=on).filter(
        Q(left_on=None) | Q(left_on__gt=on)
    )


def in_good_standing(organisation: Organisation, *, on: date) -> bool:
    """Whether it, or the network that it is served through, is a member today."""
    ids = [organisation.pk, organisation.network_id]
    return (
        members_on(on)
        .filter(organisation_id__in=[i for i in ids if i])
        .filter(Q(suspended_on=None) | Q(suspended_on__gt=on))
        .exists()
    )
