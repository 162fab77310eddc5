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
from partage.members.queries import holding
from partage.rules.triage import fold


class OrganisationExists(ActionRefused):
    sentence = _(
        "L’organisation « %(name)s » existe déjà. "
        "Ouvrez sa fiche, ou donnez un nom qui la distingue."
    )
    field = "name"


class AlreadyAMember(ActionRefused):
    sentence = _("« %(name)s » est déjà membre. Consultez son adhésion %(number)s.")


class NotAMember(ActionRefused):
    sentence = _(
        "L’adhésion %(number)s a pris fin le %(on)s. Admettez de nouveau cette "
        "organisation pour lui ouvrir une autre adhésion."
    )


class AlreadySuspended(ActionRefused):
    sentence = _(
        "L’adhésion %(number)s est déjà suspendue. "
        "Levez la suspension avant d’en prononcer une autre."
    )


class NotSuspended(ActionRefused):
    sentence = _("L’adhésion %(number)s n’est pas suspendue : rien n’est à lever.")


class BeforeAdmission(ActionRefused):
    sentence = _(
        "L’adhésion %(number)s a commencé le %(on)s. Choisissez cette date ou une "
        "date plus tard."
    )
    field = "on"


class SharesStillHeld(ActionRefused):
    sentence = _(
        "L’adhésion %(number)s détient encore %(shares)s parts. "
        "Inscrivez leur rachat ou leur transfert, puis le départ."
    )


class NotSoManyShares(ActionRefused):
    sentence = _(
        "L’adhésion %(number)s ne détient que %(shares)s parts. "
        "Retirez-en au plus ce nombre."
    )
    field = "quantity"


class PaidTooMuch(ActionRefused):
    sentence = _(
        "Après ce mouvement, l’adhésion %(number)s aurait versé %(paid)s $ pour des "
        "parts qui valent %(due)s $. Corrigez le montant."
    )
    field = "paid"


class NoMovement(ActionRefused):
    sentence = _(
        "Ce mouvement ne change rien. Donnez un nombre de parts ou un montant."
    )


class NotRepresenting(ActionRefused):
    sentence = _("Cette représentation a déjà pris fin. Rechargez la page.")


class NetworkOfItself(ActionRefused):
    sentence = _(
        "« %(name)s » ne peut pas être servie par elle-même ni par une entreprise de "
        "son réseau. Choisissez un autre regroupement."
    )
    field = "network"


class NoPowerGiven(ActionRefused):
    sentence = _(
        "Cette représentation ne donne aucun pouvoir. Cochez-en au moins un : "
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

    Raises OrganisationExists or NetworkOfItself.
    """
    organisation = Organisation.objects.select_for_update().get(pk=organisation_id)
    name = fields.get("name", organisation.name)
    if Organisation.objects.filter(name=name).exclude(pk=organisation.pk).exists():
        raise OrganisationExists(name=name)
    network = fields.get("network")
    if network and organisation.pk in (network.pk, network.network_id):
        raise NetworkOfItself(name=organisation.name)
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
    paid: Decimal = Decimal(0),
) -> Membership:
    """Admit an organisation with its qualifying shares.

    Raises AlreadyAMember, or PaidTooMuch.
    """
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
        paid=paid,
    )
    _refuse_overpaid(membership)
    journal.record(what="members.member.admitted", subject=membership, by=by)
    return membership


def _standing(membership_id: int) -> Membership:
    membership = Membership.objects.select_for_update().get(pk=membership_id)
    if membership.left_on:
        raise NotAMember(number=membership.number, on=membership.left_on)
    return membership


def _refuse_overpaid(membership: Membership) -> None:
    held = holding(membership.pk)
    if held.paid > held.subscribed:
        raise PaidTooMuch(number=membership.number, paid=held.paid, due=held.subscribed)


@transaction.atomic
def suspend_member(
    *, membership_id: int, on: date, because: str, by: Actor
) -> Membership:
    """Suspend a member's rights from a date.

    Raises NotAMember, AlreadySuspended or BeforeAdmission.
    """
    membership = _standing(membership_id)
    if membership.suspended_on:
        raise AlreadySuspended(number=membership.number)
    if on < membership.joined_on:
        raise BeforeAdmission(number=membership.number, on=membership.joined_on)
    membership.suspended_on = on
    membership.save(update_fields=["suspended_on"])
    journal.record(
        what="members.member.suspended",
        subject=membership,
        by=by,
        on=on.isoformat(),
        reason=because,
    )
    return membership


@transaction.atomic
def lift_suspension(*, membership_id: int, because: str, by: Actor) -> Membership:
    """Give a suspended member its rights back. Raises NotAMember or NotSuspended."""
    membership = _standing(membership_id)
    if not membership.suspended_on:
        raise NotSuspended(number=membership.number)
    since = membership.suspended_on
    membership.suspended_on = None
    membership.save(update_fields=["suspended_on"])
    journal.record(
        what="members.member.reinstated",
        subject=membership,
        by=by,
        since=since.isoformat(),
        reason=because,
    )
    return membership


@transaction.atomic
def end_membership(
    *, membership_id: int, on: date, because: str, by: Actor
) -> Membership:
    """Write that a member leaves, once it holds no share any more.

    Raises NotAMember, BeforeAdmission or SharesStillHeld.
    """
    membership = _standing(membership_id)
    if on < membership.joined_on:
        raise BeforeAdmission(number=membership.number, on=membership.joined_on)
    held = holding(membership.pk)
    if held.quantity:
        raise SharesStillHeld(number=membership.number, shares=held.quantity)
    membership.left_on, membership.left_because = on, because
    membership.save(update_fields=["left_on", "left_because"])
    journal.record(
        what="members.member.left",
        subject=membership,
        by=by,
        on=on.isoformat(),
        reason=because,
    )
    return membership


@transaction.atomic
def move_shares(
    *,
    membership_id: int,
    kind: str,
    on: date,
    quantity: int,
    par_value: Decimal,
    paid: Decimal,
    note: str,
    by: Actor,
) -> ShareMovement:
    """Write one movement in the register of shares, never to be changed.

    `quantity` and `paid` are signed: negative when the member holds fewer shares
    or is repaid. Raises NotAMember, BeforeAdmission, NoMovement, NotSoManyShares
    or PaidTooMuch.
    """
    membership = _standing(membership_id)
    if on < membership.joined_on:
        raise BeforeAdmission(number=membership.number, on=membership.joined_on)
    if not quantity and not paid:
        raise NoMovement
    held = holding(membership.pk)
    if held.quantity + quantity < 0:
        raise NotSoManyShares(number=membership.number, shares=held.quantity)
    movement = ShareMovement.objects.create(
        membership=membership,
        kind=kind,
        on=on,
        quantity=quantity,
        par_value=par_value,
        paid=paid,
        note=note,
    )
    if paid > 0:
        _refuse_overpaid(membership)
    journal.record(
        what="members.shares.moved",
        subject=membership,
        by=by,
        kind=kind,
        on=on.isoformat(),
        quantity=quantity,
        paid=str(paid),
    )
    return movement


@transaction.atomic
def end_representation(*, representation_id: int, by: Actor) -> Representation:
    """Withdraw today what a person may do for an organisation.

    Raises NotRepresenting.
    """
    row = Representation.objects.select_for_update().get(pk=representation_id)
    if row.until:
        raise NotRepresenting
    row.until = by.on
    row.save(update_fields=["until"])
    journal.record(
        what="members.representation.withdrawn",
        subject=row,
        by=by,
        user_id=row.user_id,
        organisation_id=row.organisation_id,
    )
    return row


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
        what="members.representation.given",
        subject=representation,
        by=by,
        user_id=user_id,
        organisation_id=organisation_id,
        **powers,
    )
    return representation
