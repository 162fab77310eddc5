"""Acts on what a year costs."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.tariffs.models import CostModel, ExpectedHours


class ModelFrozen(ActionRefused):
    sentence = _(
        "Ce modèle est figé : des taux en viennent et doivent pouvoir s’expliquer. "
        "Faites-en une nouvelle version, puis changez celle-là."
    )


class NegativeHours(ActionRefused):
    sentence = _(
        "Des heures vendues ne peuvent pas être négatives. Corrigez d’abord la "
        "feuille de temps ou la note de crédit d’où elles viennent."
    )


def unfrozen(model_id: int) -> CostModel:
    """Return a model locked for writing. Raises ModelFrozen."""
    model = CostModel.objects.select_for_update().get(pk=model_id)
    if model.frozen_at:
        raise ModelFrozen
    return model


@transaction.atomic
def set_sold_hours(
    *,
    model_id: int,
    minutes: Mapping[tuple[int, int], int],
    source: str,
    by: Actor,
) -> CostModel:
    """Write the hours of a model, by (field id, level), in place of those it had.

    For an actual model: those that were sold, as the timesheets have them.

    Raises ModelFrozen or NegativeHours.
    """
    model = unfrozen(model_id)
    if any(count < 0 for count in minutes.values()):
        raise NegativeHours
    model.hours.all().delete()
    ExpectedHours.objects.bulk_create(
        ExpectedHours(
            model=model, field_id=field_id, level=level, minutes=count, source=source
        )
        for (field_id, level), count in sorted(minutes.items())
        if count
    )
    journal.record(
        what="tariffs.hours.set",
        subject=model,
        by=by,
        minutes=sum(minutes.values()),
        source=source,
    )
    return model


@transaction.atomic
def freeze_model(*, model_id: int, by: Actor) -> CostModel:
    """Let a model change no more: rates are drawn from it, or a year is closed on it.

    Freezing what is frozen changes nothing.
    """
    model = CostModel.objects.select_for_update().get(pk=model_id)
    if not model.frozen_at:
        model.frozen_at = by.at
        model.save(update_fields=["frozen_at"])
        journal.record(what="tariffs.model.frozen", subject=model, by=by)
    return model


@transaction.atomic
def unfreeze_model(*, model_id: int, reason: str, by: Actor) -> CostModel:
    """Open the actual of a year again, since its closing is undone; it leaves a trail.

    Raises ModelFrozen if a card came from it: that one never opens again.
    """
    model = CostModel.objects.select_for_update().get(pk=model_id)
    if model.cards.exists():
        raise ModelFrozen
    if model.frozen_at:
        model.frozen_at = None
        model.save(update_fields=["frozen_at"])
        journal.record(
            what="tariffs.model.unfrozen", subject=model, by=by, reason=reason
        )
    return model
