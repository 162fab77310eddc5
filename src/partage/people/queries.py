"""Questions about accounts and their roles."""

from django.db.models import QuerySet

from partage.people.models import Role, RoleGrant, User


def roles_of(user_id: int) -> frozenset[Role]:
    """Return the roles that a person holds."""
    return frozenset(
        Role(role)
        for role in RoleGrant.objects.filter(user_id=user_id).values_list(
            "role", flat=True
        )
    )


def active_holders(role: Role):
    """Return the active accounts that hold a role."""
    return User.objects.filter(is_active=True, grants__role=role)


def accounts() -> QuerySet[User]:
    """Return every account with its roles, by name, in two queries."""
    return User.objects.prefetch_related("grants").order_by("name", "pk")


def without_role() -> QuerySet[User]:
    """Return the open accounts that can do nothing here yet."""
    return User.objects.filter(is_active=True, grants=None).order_by("name", "pk")
