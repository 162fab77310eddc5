"""Who anyone may be in the demonstration: accounts to try, told when signing in."""

from typing import NamedTuple

from partage.members.models import Representation
from partage.people.models import RoleGrant
from partage.portal.navigation import DOORS

PASSWORD = "partage-2025"
NAMES = (
    "membre",
    "membre.demande",
    "membre.signature",
    "membre.vote",
    "member.ontario",
    "member.alberta",
    "premiere.ligne",
    "experte",
    "expert",
    "coordination",
    "coordination.en",
    "finances",
    "finance",
    "conseil",
    "board",
    "administration",
    "admin",
)


class Visitor(NamedTuple):
    role: str
    name: str
    email: str
    organisation: str


def visitors() -> list[Visitor]:
    """Return the accounts to try, in the order of the doors."""
    grants = RoleGrant.objects.filter(
        user__email__in=[f"{name}@partage.example" for name in NAMES],
        user__is_active=True,
    ).select_related("user")
    acts_for = dict(
        Representation.objects.filter(user__in=[one.user_id for one in grants])
        .order_by("pk")
        .values_list("user", "organisation__name")
    )
    order = [role for door in DOORS for role in door.roles]
    return [
        Visitor(
            one.get_role_display(),
            one.user.name,
            one.user.email,
            acts_for.get(one.user_id, ""),
        )
        for one in sorted(grants, key=lambda one: (order.index(one.role), one.user_id))
    ]
