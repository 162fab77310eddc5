"""A card of rates: proposed to the board, adopted by its resolution."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.experts.models import Field
from partage.governance.models import Meeting, Resolution
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.tariffs.actions.costs import freeze_model
from partage.tariffs.models import CostModel, HourlyRate, RateCard, RatePart
from partage.tariffs.queries import cards, derived_rates, lines_of


class NotABudget(ActionRefused):
    sentence = _(
        "Une grille vient d’un budget, pas du coût réel. Copiez ce modèle en budget, "
        "puis proposez sa grille."
    )


class NoRate(ActionRefused):
    sentence = _(
        "Ce modèle ne donne aucun taux : personne n’y a d’heure à offrir dans un "
        "domaine. Donnez des minutes présentes et une part du temps à quelqu’un, puis "
        "proposez la grille."
    )


class RateOfZero(ActionRefused):
    sentence = _(
        "Le taux de « %(field)s » serait de zéro dollar ou moins. Vérifiez les "
        "rémunérations de ce domaine, le report et l’arrondi des taux."
    )


class AlreadyProposed(ActionRefused):
    sentence = _(
        "Une grille de cette année attend déjà la décision du conseil. Retirez-la "
        "d’abord, ou faites-la adopter."
    )


class StartsOutsideTheYear(ActionRefused):
    sentence = _(
        "Une grille vaut pour l’année de son modèle, du %(first)s au %(last)s. "
        "Choisissez une date de cette année."
    )
    field = "starts_on"


class NotWaiting(ActionRefused):
    sentence = _(
        "Cette grille n’attend plus de décision : elle a été adoptée ou retirée."
    )


class ResolutionNotAdopted(ActionRefused):
    sentence = _(
        "Une grille s’adopte par une résolution que le conseil a adoptée. Inscrivez-la "
        "au registre, puis choisissez-la ici."
    )
    field = "resolution"


class ResolutionTooOld(ActionRefused):
    sentence = _(
        "Cette résolution a été prise avant que la grille ne soit proposée, le "
        "%(on)s. Choisissez celle qui l’adopte."
    )
    field = "resolution"


class DateTaken(ActionRefused):
    sentence = _(
        "Une grille adoptée commence déjà le %(on)s. Choisissez une autre date : ce "
        "qui a été adopté ne se réécrit pas."
    )
    field = "starts_on"


@transaction.atomic
def propose_card(
    *, model_id: int, name: str, starts_on: date, by: Actor, note: str = ""
) -> RateCard:
    """Draw the rates of a budget for the board to decide on. The model is frozen.

    Each rate keeps what it is made of, by cost item, people put together.

    Raises NotABudget, StartsOutsideTheYear, AlreadyProposed, DateTaken, NoRate or
    RateOfZero.
    """
    model = CostModel.objects.select_for_update().get(pk=model_id)
    if model.state != CostModel.State.BUDGET:
        raise NotABudget
    if not model.starts_on <= starts_on <= model.ends_on:
        raise StartsOutsideTheYear(first=model.starts_on, last=model.ends_on)
    waiting = RateCard.objects.filter(status=RateCard.Status.PROPOSED)
    if waiting.filter(model__starts_on=model.starts_on).exists():
        raise AlreadyProposed
    if cards().filter(starts_on=starts_on).exists():
        raise DateTaken(on=starts_on)
    lines = lines_of(model)
    rates = derived_rates(lines)
    if not rates:
        raise NoRate
    freeze_model(model_id=model.pk, by=by)
    before = RateCard.objects.filter(name=name).order_by("-version").first()
    card = RateCard.objects.create(
        name=name, version=before.version + 1 if before else 1, starts_on=starts_on,
        status=RateCard.Status.PROPOSED, model=model, proposed_on=by.on, note=note,
    )  # fmt: skip
    fields = {row.code: row for row in Field.objects.all()}
    names = lines.names
    parts = []
    for pool, one in sorted(rates.items()):
        if one.amount <= 0:
            raise RateOfZero(field=fields[pool.field].name)
        rate = HourlyRate.objects.create(
            card=card, field=fields[pool.field], level=pool.level, amount=one.amount
        )
        parts += [
            RatePart(
                rate=rate, kind=part.kind.value, name=names.get(part.key, ""),
                amount=part.amount,
            )
            for part in one.parts
        ]  # fmt: skip
    RatePart.objects.bulk_create(parts)
    journal.record(
        what="tariffs.card.proposed", subject=card, by=by, version=card.version,
        rates=len(rates),
    )  # fmt: skip
    return card


@transaction.atomic
def adopt_card(*, card_id: int, resolution_id: int | None, by: Actor) -> RateCard:
    """Adopt a proposed card by a resolution; it has force from its date on.

    Raises NotWaiting, ResolutionNotAdopted, ResolutionTooOld or DateTaken.
    """
    card = RateCard.objects.select_for_update().get(pk=card_id)
    if card.status != RateCard.Status.PROPOSED:
        raise NotWaiting
    resolution = (
        Resolution.objects.select_related("meeting").filter(pk=resolution_id).first()
    )
    of_board = resolution and resolution.meeting.body == Meeting.Body.BOARD
    if not (of_board and resolution.adopted):
        raise ResolutionNotAdopted
    if card.proposed_on and resolution.meeting.held_on < card.proposed_on:
        raise ResolutionTooOld(on=card.proposed_on)
    if cards().filter(starts_on=card.starts_on).exists():
        raise DateTaken(on=card.starts_on)
    card.status, card.resolution = RateCard.Status.ADOPTED, resolution
    card.save(update_fields=["status", "resolution"])
    journal.record(
        what="tariffs.card.adopted", subject=card, by=by, version=card.version,
        resolution=resolution.number,
    )  # fmt: skip
    return card


@transaction.atomic
def withdraw_card(*, card_id: int, by: Actor) -> RateCard:
    """Take a proposal back; its model may then change again. Raises NotWaiting."""
    card = RateCard.objects.select_for_update().get(pk=card_id)
    if card.status != RateCard.Status.PROPOSED:
        raise NotWaiting
    card.status = RateCard.Status.WITHDRAWN
    card.save(update_fields=["status"])
    model = card.model
    standing = model.cards.exclude(status=RateCard.Status.WITHDRAWN)
    if not standing.exists():
        model.frozen_at = None
        model.save(update_fields=["frozen_at"])
    journal.record(
        what="tariffs.card.withdrawn", subject=card, by=by, version=card.version
    )
    return card
