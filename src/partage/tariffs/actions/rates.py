"""Acts on rates and taxes: a dated row is followed by another, never rewritten."""

from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.tariffs.models import MileageRate, ModerateCost, TaxRate


class AnotherFollows(ActionRefused):
    sentence = _(
        "Un taux commence déjà le %(on)s. Choisissez une date après celle-là : "
        "ce qui a été en vigueur ne se réécrit pas."
    )
    field = "starts_on"


class TaxInThePast(ActionRefused):
    sentence = _(
        "Des documents peuvent déjà porter le taux de ces jours passés. "
        "Choisissez aujourd’hui ou une date à venir."
    )
    field = "starts_on"


@transaction.atomic
def set_tax_rate(
    *,
    province: str,
    code: str,
    rate: Decimal,
    starts_on: date,
    source: str,
    by: Actor,
) -> TaxRate:
    """Set a tax from a date; the rate before it ends the day before.

    Raises AnotherFollows, or TaxInThePast if another rate was in force then.
    """
    last = (
        TaxRate.objects.select_for_update()
        .filter(province=province, code=code)
        .order_by("-starts_on")
        .first()
    )
    if last and starts_on <= last.starts_on:
        raise AnotherFollows(on=last.starts_on)
    if last and starts_on < by.on:
        raise TaxInThePast
    if last and (last.ends_on is None or last.ends_on >= starts_on):
        last.ends_on = starts_on - timedelta(days=1)
        last.save(update_fields=["ends_on"])
    row = TaxRate.objects.create(
        province=province, code=code, rate=rate, starts_on=starts_on, source=source
    )
    journal.record(
        what="tariffs.tax.set",
        subject=row,
        by=by,
        province=province,
        code=code,
        rate=str(rate),
        before=str(last.rate) if last else "",
        on=starts_on.isoformat(),
        source=source,
    )
    return row


@transaction.atomic
def set_mileage_rate(
    *,
    starts_on: date,
    first: Decimal,
    beyond: Decimal,
    threshold_km: int,
    source: str,
    by: Actor,
) -> MileageRate:
    """Set the allowance per kilometre from a date. Raises AnotherFollows."""
    last = MileageRate.objects.select_for_update().first()  # the newest
    if last and starts_on <= last.starts_on:
        raise AnotherFollows(on=last.starts_on)
    row = MileageRate.objects.create(
        starts_on=starts_on,
        first=first,
        beyond=beyond,
        threshold_km=threshold_km,
        source=source,
    )
    journal.record(
        what="tariffs.mileage.set",
        subject=row,
        by=by,
        first=str(first),
        beyond=str(beyond),
        on=starts_on.isoformat(),
        source=source,
    )
    return row


@transaction.atomic
def set_moderate_cost(
    *, field_id: int, amount: Decimal, starts_on: date, source: str, by: Actor
) -> ModerateCost:
    """Set what an hour of a field may cost to stay moderate, from a date.

    The threshold before it ends the day before. Raises AnotherFollows.
    """
    last = (
        ModerateCost.objects.select_for_update()
        .filter(field_id=field_id)
        .order_by("-starts_on")
        .first()
    )
    if last and starts_on <= last.starts_on:
        raise AnotherFollows(on=last.starts_on)
    if last and (last.ends_on is None or last.ends_on >= starts_on):
        last.ends_on = starts_on - timedelta(days=1)
        last.save(update_fields=["ends_on"])
    row = ModerateCost.objects.create(
        field_id=field_id, amount=amount, starts_on=starts_on, source=source
    )
    journal.record(
        what="tariffs.moderate.set",
        subject=row,
        by=by,
        amount=str(amount),
        on=starts_on.isoformat(),
        source=source,
    )
    return row
