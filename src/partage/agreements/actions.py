"""Acts on agreements with groupings."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.agreements.models import Agreement, CoveredField, HourBank
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor


class AgreementNumberTaken(ActionRefused):
    sentence = _("L’entente %(number)s existe déjà. Donnez-lui un autre numéro.")
    field = "number"


class AgreementEndsTooSoon(ActionRefused):
    sentence = _("L’entente finirait avant de commencer. Corrigez l’une des dates.")
    field = "ends_on"


class BankOutsideAgreement(ActionRefused):
    sentence = _(
        "Cette banque d’heures déborde de l’entente %(number)s. "
        "Choisissez des dates pendant lesquelles l’entente est en vigueur."
    )
    field = "ends_on"


def _refuse(number: str, starts_on: date, ends_on: date | None, but: int | None = None):
    if Agreement.objects.filter(number=number).exclude(pk=but).exists():
        raise AgreementNumberTaken(number=number)
    if ends_on and ends_on < starts_on:
        raise AgreementEndsTooSoon


@transaction.atomic
def add_agreement(*, field_ids: Iterable[int], by: Actor, **terms) -> Agreement:
    """Write an agreement down, and the fields it covers.

    Raises AgreementNumberTaken or AgreementEndsTooSoon.
    """
    _refuse(terms["number"], terms["starts_on"], terms.get("ends_on"))
    agreement = Agreement.objects.create(**terms)
    CoveredField.objects.bulk_create(
        CoveredField(agreement=agreement, field_id=pk) for pk in sorted(set(field_ids))
    )
    journal.record(what="agreements.agreement.added", subject=agreement, by=by)
    return agreement


@transaction.atomic
def change_agreement(
    *, agreement_id: int, field_ids: Iterable[int], by: Actor, **terms
) -> Agreement:
    """Change the terms of an agreement; the journal keeps what they were.

    Offers and mandates already made keep their rates.
    Raises AgreementNumberTaken or AgreementEndsTooSoon.
    """
    agreement = Agreement.objects.select_for_update().get(pk=agreement_id)
    _refuse(
        terms.get("number", agreement.number),
        terms.get("starts_on", agreement.starts_on),
        terms.get("ends_on", agreement.ends_on),
        but=agreement.pk,
    )
    before = {
        name: str(getattr(agreement, name))
        for name, value in terms.items()
        if getattr(agreement, name) != value
    }
    for name, value in terms.items():
        setattr(agreement, name, value)
    agreement.save()
    wanted = set(field_ids)
    covered = set(agreement.fields.values_list("field_id", flat=True))
    agreement.fields.exclude(field_id__in=wanted).delete()
    CoveredField.objects.bulk_create(
        CoveredField(agreement=agreement, field_id=pk)
        for pk in sorted(wanted - covered)
    )
    if before or wanted != covered:
        journal.record(
            what="agreements.agreement.changed",
            subject=agreement,
            by=by,
            before=before,
            fields_before=sorted(covered),
            fields=sorted(wanted),
        )
    return agreement


@transaction.atomic
def add_hour_bank(
    *,
    agreement_id: int,
    minutes: int,
    starts_on: date,
    ends_on: date,
    low_percent: int = 20,
    by: Actor,
) -> HourBank:
    """Write that a grouping bought hours in advance.

    What is left is told as low from `low_percent` of them down.

    Raises BankOutsideAgreement.
    """
    agreement = Agreement.objects.select_for_update().get(pk=agreement_id)
    if (
        ends_on < starts_on
        or starts_on < agreement.starts_on
        or (agreement.ends_on and ends_on > agreement.ends_on)
    ):
        raise BankOutsideAgreement(number=agreement.number)
    bank = HourBank.objects.create(
        agreement=agreement,
        minutes=minutes,
        starts_on=starts_on,
        ends_on=ends_on,
        low_percent=low_percent,
    )
    journal.record(
        what="agreements.bank.added", subject=agreement, by=by, minutes=minutes
    )
    return bank
