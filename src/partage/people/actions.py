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


class AccountClosed(ActionRefused):
    sentence = _("Le compte de %(name)s est fermé. Rouvrez-le d’abord.")


class LastAdministrator(ActionRefused):
    sentence = _(
        "%(name)s est la seule personne à pouvoir administrer Partage. "
        "Donnez d’abord ce rôle à quelqu’un d’autre."
    )


def _someone_else_administers(user: User) -> bool:
    return (
        RoleGrant.objects.select_for_update()
        .filter(role=Role.ADMINISTRATION, user__is_active=True)
        .exclude(user=user)
        .exists()
    )


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
    journal.record(
        what="people.account.opened",
        subject=user,
        by=by,
        roles=roles,
        invited=password is None,
    )
    return user


@transaction.atomic
def set_roles(*, user_id: int, roles: Iterable[Role], by: Actor) -> User:
    """Give a person exactly these roles.

    Raises LastAdministrator if nobody could administer any more.
    """
    user = User.objects.select_for_update().get(pk=user_id)
    wanted = set(roles)
    held = set(user.grants.values_list("role", flat=True))
    if Role.ADMINISTRATION in held - wanted and not _someone_else_administers(user):
        raise LastAdministrator(name=user.name)
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
    """Open or close the door of an account; nothing of its history goes.

    Raises LastAdministrator if nobody could administer any more.
    """
    user = User.objects.select_for_update().get(pk=user_id)
    administers = user.grants.filter(role=Role.ADMINISTRATION).exists()
    if not active and administers and not _someone_else_administers(user):
        raise LastAdministrator(name=user.name)
    if user.is_active != active:
        user.is_active = active
        user.save(update_fields=["is_active"])
        journal.record(
            what="people.account.reopened" if active else "people.account.closed",
            subject=user,
            by=by,
        )
    return user


@transaction.atomic
def change_account(
    *, user_id: int, name: str, email: str, language: str, by: Actor
) -> User:
    """Change who a person is here; the journal keeps what it was. Raises EmailTaken."""
    user = User.objects.select_for_update().get(pk=user_id)
    after = {"name": name, "email": email.strip().lower(), "language": language}
    if User.objects.filter(email=after["email"]).exclude(pk=user_id).exists():
        raise EmailTaken(email=after["email"])
    before = {
        field: getattr(user, field)
        for field, value in after.items()
        if getattr(user, field) != value
    }
    if before:
        for field, value in after.items():
            setattr(user, field, value)
        user.save(update_fields=list(after))
        journal.record(
            what="people.account.changed",
            subject=user,
            by=by,
            before=before,
            after={field: after[field] for field in before},
        )
    return user


@transaction.atomic
def invite_again(*, user_id: int, by: Actor) -> User:
    """Send once more the letter by which a person chooses a password.

    Raises AccountClosed.
    """
    user = User.objects.select_for_update().get(pk=user_id)
    if not user.is_active:
        raise AccountClosed(name=user.name)
    journal.record(what="people.account.invited", subject=user, by=by)
    return user
