"""Acts on accounts."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.people.models import Role, RoleGrant, User


class EmailTaken(ActionRefused):
    sentence = _(
        "Le courriel %(email)s a déjà un compte. "
        "Ouvrez ce compte pour lui donner un autre rôle."
    )
    field = "email"


@transaction.atomic
def open_account(
    *,
    email: str,
    name: str,
    language: str,
    roles: Iterable[Role],
    by: Actor,
    password: str | None = None,
) -> User:
    """Open an account; without a password, the person chooses one by e-mail.

    Raises EmailTaken.
    """
    email = email.strip().lower()
    if User.objects.filter(email=email).exists():
        raise EmailTaken(email=email)
    user = User.objects.create_user(email, password, name=name, language=language)
    roles = sorted(set(roles))
    RoleGrant.objects.bulk_create(RoleGrant(user=user, role=role) for role in roles)
    journal.record(what="people.account.opened", subject=user, by=by, roles=roles)
    return user


@transaction.atomic
def set_roles(*, user_id: int, roles: Iterable[Role], by: Actor) -> User:
    """Give a person exactly these roles."""
    user = User.objects.select_for_update().get(pk=user_id)
    wanted = set(roles)
    held = set(user.grants.values_list("role", flat=True))
    user.grants.exclude(role__in=wanted).delete()
    RoleGrant.objects.bulk_create(
        RoleGrant(user=user, role=role) for role in sorted(wanted - held)
    )
    if wanted != held:
        journal.record(
            what="people.roles.changed",
            subject=user,
            by=by,
            before=sorted(held),
            after=sorted(wanted),
        )
    return user


@transaction.atomic
def set_active(*, user_id: int, active: bool, by: Actor) -> User:
    """Open or close the door of an account; nothing of its history goes."""
    user = User.objects.select_for_update().get(pk=user_id)
    if user.is_active != active:
        user.is_active = active
        user.save(update_fields=["is_active"])
        journal.record(
            what="people.account.reopened" if active else "people.account.closed",
            subject=user,
            by=by,
        )
    return user
