"""Questions about accounts and their roles."""

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
