"""Acts on what the footprint is computed with."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.impact.models import EmissionFactor
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor


class AnotherFactorFollows(ActionRefused):
    sentence = _(
        "Un facteur commence déjà le %(on)s pour ce mode. "
        "Choisissez une date après celle-là."
    )
    field = "starts_on"


@transaction.atomic
def set_emission_factor(
    *, mode: str, kg_per_km: Decimal, starts_on: date, source: str, by: Actor
) -> EmissionFactor:
    """Set the emissions of a mode from a date; what was computed keeps its factor.

    Raises AnotherFactorFollows.
    """
    last = (
        EmissionFactor.objects.select_for_update()
        .filter(mode=mode)
        .order_by("-starts_on")
        .first()
    )
    if last and starts_on <= last.starts_on:
        raise AnotherFactorFollows(on=last.starts_on)
    row = EmissionFactor.objects.create(
        mode=mode, kg_per_km=kg_per_km, starts_on=starts_on, source=source
    )
    journal.record(
        what="impact.factor.set",
        subject=row,
        by=by,
        mode=mode,
        kg_per_km=str(kg_per_km),
        on=starts_on.isoformat(),
        source=source,
    )
    return row
