"""Questions about organisations, memberships and who speaks for whom."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet

from partage.members.models import (
    Membership,
    Organisation,
    Representation,
    ShareMovement,
)


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


@dataclass(frozen=True, slots=True)
class Holding:
    """What a membership holds of shares, and what is still owed on them, in dollars."""

    quantity: int = 0
    subscribed: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)

    @property
    def owed(self) -> Decimal:
        return self.subscribed - self.paid

    def after(self, movement: ShareMovement) -> "Holding":
        return Holding(
            self.quantity + movement.quantity,
            self.subscribed + movement.quantity * movement.par_value,
            self.paid + movement.paid,
        )


def holding(membership_id: int) -> Holding:
    """Return what one membership holds, all its movements counted."""
    held = Holding()
    for movement in ShareMovement.objects.filter(membership_id=membership_id):
        held = held.after(movement)
    return held


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """One membership in the register (art. 124), with its movements, oldest first."""

    membership: Membership
    holding: Holding
    movements: tuple[ShareMovement, ...]
    suspended: bool


def register(
    on: date, *, membership_ids: Iterable[int] | None = None
) -> list[RegisterLine]:
    """Return the register of members and shares as it stood on a date.

    Derived from the ledger of movements, in two queries. Those who had left by
    then are not in it, unless shares of theirs were still to be settled.
    """
    memberships = Membership.objects.filter(joined_on__lte=on)
    if membership_ids is not None:
        memberships = memberships.filter(pk__in=list(membership_ids))
    rows = list(
        memberships.select_related("organisation").order_by(
            "organisation__sort_key", "joined_on"
        )
    )
    movements = defaultdict(list)
    for movement in ShareMovement.objects.filter(
        membership__in=memberships, on__lte=on
    ).order_by("on", "pk"):
        movements[movement.membership_id].append(movement)
    lines = []
    for row in rows:
        held = Holding()
        for movement in movements[row.pk]:
            held = held.after(movement)
        if row.left_on and row.left_on <= on and held == Holding():
            continue
        lines.append(
            RegisterLine(
                row,
                held,
                tuple(movements[row.pk]),
                bool(row.suspended_on and row.suspended_on <= on),
            )
        )
    return lines


def representatives_of(organisation_id: int, *, on: date) -> QuerySet[Representation]:
    """Return who may act for an organisation on a date, and how."""
    return (
        Representation.objects.filter(organisation_id=organisation_id, since__lte=on)
        .filter(Q(until=None) | Q(until__gt=on))
        .select_related("user")
        .order_by("user__name")
    )


def organisations_on(on: date) -> QuerySet[Organisation]:
    """Return every organisation with `member`: is it one on that date."""
    return Organisation.objects.annotate(
        member=Exists(members_on(on).filter(organisation=OuterRef("pk")))
    )
