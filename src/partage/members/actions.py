"""Acts on organisations, memberships and representations."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.members.models import (
    Membership,
    Organisation,
    Representation,
    ShareMovement,
)
from partage.rules.triage import fold


class OrganisationExists(ActionRefused):
    sentence = _(
        "L’organisation « %(name)s » existe déjà. "
        "Ouvrez sa fiche, ou donnez un nom qui la distingue."
    )
    field = "name"


class AlreadyAMember(ActionRefused):
    sentence = _("« %(name)s » est déjà membre. Consultez son adhésion %(number)s.")


class NoPowerGiven(ActionRefused):
    sentence = _(
        "Cette représentation ne donne aucun pouvoir. Cochez-en au moins un : "
        "demander, signer, voter ou référer."
    )


@transaction.atomic
def add_organisation(*, by: Actor, **fields) -> Organisation:
    """Write an organisation down. Raises OrganisationExists."""
    if Organisation.objects.filter(name=fields["name"]).exists():
        raise OrganisationExists(name=fields["name"])
    organisation = Organisation.objects.create(
        **fields, sort_key=fold(fields["name"])[:200]
    )
    journal.record(what="members.organisation.added", subject=organisation, by=by)
    return organisation


@transaction.atomic
def change_organisation(*, organisation_id: int, by: Actor, **fields) -> Organisation:
    """Change what is known of an organisation; the journal keeps what it was.

    Raises OrganisationExists.
    """
    organisation = Organisation.objects.select_for_update().get(pk=organisation_id)
    name = fields.get("name", organisation.name)
    if Organisation.objects.filter(name=name).exclude(pk=organisation.pk).exists():
        raise OrganisationExists(name=name)
    before = {}
    for field, value in fields.items():
        if getattr(organisation, field) != value:
            before[field] = str(getattr(organisation, field))
            setattr(organisation, field, value)
    if before:
        organisation.sort_key = fold(organisation.name)[:200]
        organisation.save()
        journal.record(
            what="members.organisation.changed",
            subject=organisation,
            by=by,
            before=before,
            after={field: str(fields[field]) for field in before},
        )
    return organisation


@transaction.atomic
def admit_member(
    *,
    organisation_id: int,
    category: str,
    shares: int,
    par_value: Decimal,
    on: date,
    by: Actor,
) -> Membership:
    """Admit an organisation with its qualifying shares. Raises AlreadyAMember."""
    organisation = Organisation.objects.select_for_update().get(pk=organisation_id)
    current = Membership.objects.filter(organisation=organisation, left_on=None).first()
    if current:
        raise AlreadyAMember(name=organisation.name, number=current.number)
    membership = Membership.objects.create(
        number=f"{journal.next_number('membership'):04d}",
        organisation=organisation,
        category=category,
        joined_on=on,
    )
    ShareMovement.objects.create(
        membership=membership,
        kind=ShareMovement.Kind.SUBSCRIPTION,
        on=on,
        quantity=shares,
        par_value=par_value,
    )
    journal.record(what="members.member.admitted", subject=membership, by=by)
    return membership


@transaction.atomic
def let_represent(
    *,
    user_id: int,
    organisation_id: int,
    can_request: bool,
    can_sign: bool,
    can_vote: bool,
    can_refer: bool,
    by: Actor,
) -> Representation:
    """Say what a person may do for an organisation from today.

    What was said before for the same pair ends today. Raises NoPowerGiven.
    """
    powers = {
        "can_request": can_request,
        "can_sign": can_sign,
        "can_vote": can_vote,
        "can_refer": can_refer,
    }
    if not any(powers.values()):
        raise NoPowerGiven
    Representation.objects.filter(
        user_id=user_id, organisation_id=organisation_id, until=None
    ).update(until=by.on)
    representation = Representation.objects.create(
        user_id=user_id, organisation_id=organisation_id, since=by.on, **powers
    )
    journal.record(
        what="members.representation.given", subject=representation, by=by, **powers
    )
    return representation
