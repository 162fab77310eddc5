"""From a need to an answer: an offer is drafted, sent, accepted or refused."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partage.archive.actions import keep_file
from partage.archive.models import File
from partage.documents.offer import render_offer
from partage.experts.models import Expert, Field, Level
from partage.governance.queries import cooperative
from partage.journal.actions import ActionRefused, Actor, record, reference
from partage.mandates.actions.work import open_mandate
from partage.mandates.models import (
    Answer,
    Mandate,
    Offer,
    OfferLine,
    OfferPhase,
    OfferTax,
)
from partage.mandates.queries import (
    LIVE_OFFERS,
    is_expired,
    latest_version,
    lines_of,
    offered,
    phases_of,
)
from partage.mandates.queries.paper import french_is_given_first, offer_document
from partage.members.models import Organisation
from partage.needs.models import Need
from partage.planning.models import Assignment
from partage.rules.money import amount_for
from partage.rules.tax import NoTaxRate, TaxRate, taxes_due
from partage.tariffs.queries import PriceList, price_list, taxes_on


class NeedIsNotReady(ActionRefused):
    sentence = _(
        "La demande %(reference)s n’a pas de volet spécialisé à offrir. "
        "Triez-la d’abord."
    )


class NeedHasAnOffer(ActionRefused):
    sentence = _(
        "La demande %(reference)s a déjà l’offre %(offer)s. "
        "Pour en faire une autre, retirez d’abord celle-là."
    )


class NoCardInForce(ActionRefused):
    sentence = _(
        "Aucune grille tarifaire n’est en vigueur le %(on)s. "
        "Faites adopter une grille avant de préparer l’offre."
    )


class NoRateFor(ActionRefused):
    sentence = _(
        "La grille « %(card)s » n’a pas de taux pour « %(field)s », niveau %(level)s. "
        "Choisissez un autre niveau ou faites adopter ce taux."
    )


class NoTaxFor(ActionRefused):
    sentence = _(
        "Aucun taux de taxe n’est connu pour la province « %(province)s ». "
        "Choisissez une autre province, ou faites inscrire ses taxes."
    )


class OfferIsNotADraft(ActionRefused):
    sentence = _(
        "L’offre %(offer)s n’est plus un brouillon : ce qui a été envoyé ne change "
        "plus. Retirez-la, puis faites-en une nouvelle version."
    )


class OfferHasNoLine(ActionRefused):
    sentence = _("L’offre ne contient aucune heure. Ajoutez au moins une ligne.")


class OfferIsPast(ActionRefused):
    sentence = _(
        "La date de validité est passée. Choisissez une date à partir du %(on)s."
    )
    field = "valid_until"


class ExpertHasTwoRates(ActionRefused):
    sentence = _(
        "%(expert)s a deux taux dans cette offre. "
        "Gardez un seul domaine et un seul niveau par personne."
    )


class RatesHaveMoved(ActionRefused):
    sentence = _(
        "Les taux ont changé depuis que ce brouillon a été enregistré. "
        "Enregistrez-le de nouveau pour revoir les montants, puis envoyez-le."
    )


class OfferIsLive(ActionRefused):
    sentence = _(
        "L’offre %(offer)s tient encore. "
        "Retirez-la avant d’en faire une nouvelle version."
    )


class OfferNotOnTheTable(ActionRefused):
    sentence = _(
        "L’offre %(offer)s a été retirée : on ne peut plus y répondre. "
        "Écrivez à la coordination si vous la voulez encore."
    )


class OfferAlreadyAnswered(ActionRefused):
    sentence = _(
        "%(name)s a déjà répondu à l’offre %(offer)s : elle est %(status)s. "
        "Cette réponse ne change plus ; écrivez à la coordination pour la suite."
    )


class OfferIsOver(ActionRefused):
    sentence = _(
        "L’offre %(offer)s n’est plus valide depuis le %(on)s. "
        "Demandez à la coordination de vous en envoyer une nouvelle version."
    )


class DocumentDiffers(ActionRefused):
    sentence = _(
        "Le document de l’offre n’est pas celui que cette page vous montrait. "
        "Rien n’a été accepté : rouvrez l’offre, relisez le document, puis répondez."
    )


class DocumentNotRead(ActionRefused):
    sentence = _(
        "Cochez que vous avez lu l’offre et que vous l’acceptez au nom de %(name)s."
    )
    field = "read"


class AnswerNeedsItsFrench(ActionRefused):
    sentence = _(
        "Le document en français vous est remis en premier. "
        "Cochez que vous l’avez reçu et que vous vous engagez par la version anglaise."
    )
    field = "french"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDraft:
    """One line as it is typed; the rate is not: the card and agreement fix it."""

    description: str
    field_id: int
    level: int
    minutes: int
    expert_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseDraft:
    title: str
    lines: Sequence[LineDraft]


# --- Drafting --------------------------------------------------------------------


@transaction.atomic
def draft_offer(*, need_id: int, by: Actor) -> Offer:
    """Draft an offer from the need's parts and who accepted them.

    Hours likely, rates of the card in force, language of the organisation,
    province of the need, validity of the by-laws.
    Raises NeedIsNotReady, NeedHasAnOffer, NoCardInForce or NoRateFor.
    """
    need = (
        Need.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .get(pk=need_id)
    )
    parts = list(need.parts.select_related("field").order_by("pk"))
    if need.status != Need.Status.TRIAGED or not parts:
        raise NeedIsNotReady(reference=need.reference)
    live = Offer.objects.filter(need=need, status__in=LIVE_OFFERS).first()
    if live:
        raise NeedHasAnOffer(reference=need.reference, offer=live)
    accepted = {
        row.part_id: row
        for row in Assignment.objects.filter(
            part__in=parts, status=Assignment.Status.ACCEPTED
        )
    }
    starts = [row.starts_on for row in accepted.values()]
    ends = [row.ends_on for row in accepted.values()]
    organisation = need.organisation
    prices = _prices(organisation, by.on)
    offer = Offer.objects.create(
        reference=reference("O", on=by.on),
        need=need,
        organisation=organisation,
        card=prices.card,
        title=need.title,
        introduction=need.text,
        language=organisation.language,
        province=need.province,
        starts_on=min(starts) if starts else need.wished_from,
        ends_on=max(ends) if ends else need.wished_until,
        valid_until=by.on + timedelta(days=cooperative().offer_days),
        prepared_by_id=by.user_id,
        created_at=by.at,
    )
    with translation.override(f"{organisation.language}-ca"):
        phase = PhaseDraft(
            title=gettext("Réalisation"),
            lines=[
                LineDraft(
                    description=part.field.name,
                    field_id=part.field_id,
                    level=part.level,
                    minutes=part.minutes_likely,
                    expert_id=(
                        accepted[part.pk].expert_id if part.pk in accepted else None
                    ),
                )
                for part in parts
            ],
        )
    _write_lines(offer, [phase], prices)
    record(
        what="mandates.offer.drafted",
        subject=offer,
        by=by,
        offer=str(offer),
        need=need.reference,
    )
    return offer


@transaction.atomic
def change_offer(
    *,
    offer_id: int,
    title: str,
    introduction: str,
    scope: str,
    language: str,
    province: str,
    starts_on: date | None,
    ends_on: date | None,
    valid_until: date,
    phases: Sequence[PhaseDraft],
    by: Actor,
) -> Offer:
    """Write a draft anew, its lines priced by the card in force on the day.

    Raises OfferIsNotADraft, OfferHasNoLine, OfferIsPast, NoCardInForce, NoRateFor
    or ExpertHasTwoRates.
    """
    offer = _locked(offer_id)
    if offer.status != Offer.Status.DRAFT:
        raise OfferIsNotADraft(offer=offer)
    if valid_until < by.on:
        raise OfferIsPast(on=by.on)
    prices = _prices(offer.organisation, by.on)
    before = offer.net
    offer.card = prices.card
    offer.title = title
    offer.introduction = introduction
    offer.scope = scope
    offer.language = language
    offer.province = province
    offer.starts_on = starts_on
    offer.ends_on = ends_on
    offer.valid_until = valid_until
    offer.save()
    OfferLine.objects.filter(phase__offer=offer).delete()
    offer.phases.all().delete()
    _write_lines(offer, phases, prices)
    record(
        what="mandates.offer.changed",
        subject=offer,
        by=by,
        offer=str(offer),
        net=str(offer.net),
        net_before=str(before),
    )
    return offer


def _prices(organisation: Organisation, on: date) -> PriceList:
    prices = price_list(organisation, on=on)
    if prices is None:
        raise NoCardInForce(on=on)
    return prices


def _write_lines(offer: Offer, phases: Sequence[PhaseDraft], prices: PriceList) -> None:
    """Write phases and lines at their rates, and what they add up to."""
    if not any(phase.lines for phase in phases):
        raise OfferHasNoLine
    seen: dict[int, Decimal] = {}
    net = Decimal(0)
    rows = []
    for place, phase in enumerate(phases, 1):
        if not phase.lines:
            continue
        kept = OfferPhase.objects.create(offer=offer, position=place, title=phase.title)
        for rank, line in enumerate(phase.lines, 1):
            rate = prices.get(line.field_id, line.level)
            if rate is None:
                raise NoRateFor(
                    card=prices.card,
                    field=Field.objects.get(pk=line.field_id),
                    level=Level(line.level).label,
                )
            if (
                line.expert_id is not None
                and seen.setdefault(line.expert_id, rate.amount) != rate.amount
            ):
                raise ExpertHasTwoRates(expert=Expert.objects.get(pk=line.expert_id))
            amount = amount_for(line.minutes, rate.amount)
            net += amount
            rows.append(
                OfferLine(
                    phase=kept,
                    position=rank,
                    description=line.description,
                    field_id=line.field_id,
                    level=line.level,
                    expert_id=line.expert_id,
                    minutes=line.minutes,
                    rate=rate.amount,
                    amount=amount,
                )
            )
    OfferLine.objects.bulk_create(rows)
    offer.net = net
    offer.save(update_fields=["net"])


# --- Sending ---------------------------------------------------------------------


@transaction.atomic
def send_offer(*, offer_id: int, by: Actor) -> Offer:
    """Freeze the lines, taxes and price of a draft, print it once, and send it.

    Raises OfferIsNotADraft, OfferIsPast, OfferHasNoLine, NoCardInForce, NoRateFor,
    RatesHaveMoved or NoTaxFor.
    """
    offer = _locked(offer_id)
    if offer.status != Offer.Status.DRAFT:
        raise OfferIsNotADraft(offer=offer)
    if offer.valid_until < by.on:
        raise OfferIsPast(on=by.on)
    _check_rates(offer, by.on)
    rates = _taxes(offer, by.on)
    _minutes, net = offered(offer)
    if offer.net != net:
        raise RatesHaveMoved
    OfferTax.objects.filter(offer=offer).delete()
    OfferTax.objects.bulk_create(
        OfferTax(offer=offer, code=tax.code, rate=tax.rate, amount=tax.amount)
        for tax in taxes_due(net, rates)
    )
    offer.pdf = _print(offer, rates, offer.language, by)
    if french_is_given_first(offer):
        offer.french_pdf = _print(offer, rates, "fr", by)
    offer.status = Offer.Status.SENT
    offer.sent_at = by.at
    offer.save()
    record(
        what="mandates.offer.sent",
        subject=offer,
        by=by,
        offer=str(offer),
        net=str(offer.net),
        sha256=offer.pdf.sha256,
        french_sha256=offer.french_pdf.sha256 if offer.french_pdf else "",
        valid_until=offer.valid_until.isoformat(),
    )
    return offer


def preview_offer(*, offer: Offer, by: Actor) -> bytes:
    """Print what a draft would look like; nothing is written. Raises NoTaxFor."""
    return render_offer(
        offer_document(
            offer,
            cooperative=cooperative(),
            rates=_taxes(offer, by.on),
            on=by.on,
            draft=offer.status == Offer.Status.DRAFT,
        )
    )


def _check_rates(offer: Offer, on: date) -> None:
    """Refuse to send at rates that are no longer those of the day."""
    lines = lines_of(phases_of(offer))
    if not lines:
        raise OfferHasNoLine
    prices = _prices(offer.organisation, on)
    for line in lines:
        rate = prices.get(line.field_id, line.level)
        if rate is None:
            raise NoRateFor(
                card=prices.card, field=line.field, level=line.get_level_display()
            )
        if rate.amount != line.rate:
            raise RatesHaveMoved


def _taxes(offer: Offer, on: date) -> tuple[TaxRate, ...]:
    try:
        return taxes_on(offer.province, on=on)
    except NoTaxRate:
        raise NoTaxFor(province=offer.get_province_display()) from None


def _print(offer: Offer, rates: tuple[TaxRate, ...], language: str, by: Actor) -> File:
    document = offer_document(
        offer, cooperative=cooperative(), rates=rates, on=by.on, language=language
    )
    return keep_file(
        name=f"{offer.reference}-v{offer.version}-{language}.pdf",
        content=render_offer(document),
        by=by,
    )


@transaction.atomic
def withdraw_offer(*, offer_id: int, reason: str, by: Actor) -> Offer:
    """Take back an offer that nobody answered yet, or put a draft aside.

    Raises OfferAlreadyAnswered or OfferNotOnTheTable.
    """
    offer = _locked(offer_id)
    _refuse_if_answered(offer)
    if offer.status == Offer.Status.WITHDRAWN:
        raise OfferNotOnTheTable(offer=offer)
    _withdraw(offer, reason, by)
    return offer


def _withdraw(offer: Offer, reason: str, by: Actor) -> None:
    Offer.objects.filter(pk=offer.pk).update(status=Offer.Status.WITHDRAWN)
    offer.status = Offer.Status.WITHDRAWN
    record(
        what="mandates.offer.withdrawn",
        subject=offer,
        by=by,
        offer=str(offer),
        reason=reason,
    )


@transaction.atomic
def renew_offer(*, offer_id: int, by: Actor) -> Offer:
    """Copy a refused, withdrawn or expired offer into the draft of its next version.

    The lines are priced anew. An expired offer is withdrawn by it.
    Raises OfferIsLive, NeedHasAnOffer, NoCardInForce or NoRateFor.
    """
    offer = _locked(offer_id)
    if is_expired(offer, on=by.on):
        _withdraw(offer, gettext("Expirée ; remplacée par une nouvelle version."), by)
    elif offer.status in LIVE_OFFERS:
        raise OfferIsLive(offer=offer)
    if offer.need_id:
        Need.objects.select_for_update().get(pk=offer.need_id)
        live = Offer.objects.filter(need=offer.need_id, status__in=LIVE_OFFERS).first()
        if live:
            raise NeedHasAnOffer(reference=offer.need.reference, offer=live)
    prices = _prices(offer.organisation, by.on)
    copy = Offer.objects.create(
        reference=offer.reference,
        version=latest_version(offer.reference) + 1,
        need=offer.need,
        organisation=offer.organisation,
        card=prices.card,
        title=offer.title,
        introduction=offer.introduction,
        scope=offer.scope,
        language=offer.language,
        province=offer.province,
        starts_on=offer.starts_on,
        ends_on=offer.ends_on,
        valid_until=by.on + timedelta(days=cooperative().offer_days),
        prepared_by_id=by.user_id,
        created_at=by.at,
    )
    phases = [
        PhaseDraft(
            title=phase.title,
            lines=[
                LineDraft(
                    description=line.description,
                    field_id=line.field_id,
                    level=line.level,
                    minutes=line.minutes,
                    expert_id=line.expert_id,
                )
                for line in phase.lines.all()
            ],
        )
        for phase in phases_of(offer)
    ]
    _write_lines(copy, phases, prices)
    record(
        what="mandates.offer.drafted",
        subject=copy,
        by=by,
        offer=str(copy),
        need=offer.need.reference if offer.need else "",
        copy_of=str(offer),
    )
    return copy


# --- Answering -------------------------------------------------------------------


@transaction.atomic
def answer_offer(
    *,
    offer_id: int,
    organisation_ids: Collection[int],
    accepted: bool,
    sha256: str,
    by: Actor,
    read: bool = False,
    french: bool = False,
    reason: str = "",
) -> Mandate | None:
    """Accept or refuse an offer for an organisation; accepting opens the mandate.

    `organisation_ids` are those that the person may sign for. `sha256` is the
    fingerprint of the document that the person was shown: it is compared with the
    one computed anew from the bytes kept. Returns the mandate, if one is opened.

    Raises Offer.DoesNotExist for an offer of others or never sent; otherwise
    OfferAlreadyAnswered, OfferNotOnTheTable, OfferIsOver, DocumentNotRead,
    AnswerNeedsItsFrench or DocumentDiffers.
    """
    offer = (
        Offer.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .get(pk=offer_id, organisation_id__in=organisation_ids, sent_at__isnull=False)
    )
    _refuse_if_answered(offer)
    if offer.status != Offer.Status.SENT:
        raise OfferNotOnTheTable(offer=offer)
    if accepted:
        if is_expired(offer, on=by.on):
            raise OfferIsOver(offer=offer, on=offer.valid_until)
        if not read:
            raise DocumentNotRead(name=offer.organisation.name)
        if offer.french_pdf_id and not french:
            raise AnswerNeedsItsFrench
    content = File.objects.values_list("content", flat=True).get(pk=offer.pdf_id)
    exact = hashlib.sha256(content).hexdigest()
    if exact != sha256:
        raise DocumentDiffers
    answer = Answer.objects.create(
        offer=offer,
        accepted=accepted,
        user_id=by.user_id,
        name=by.name,
        at=by.at,
        address=by.address,
        agent=by.agent,
        sha256=exact,
        reason=reason,
    )
    status = Offer.Status.ACCEPTED if accepted else Offer.Status.REFUSED
    Offer.objects.filter(pk=offer.pk).update(status=status)
    offer.status = status
    record(
        what=f"mandates.offer.{'accepted' if accepted else 'refused'}",
        subject=offer,
        by=by,
        offer=str(offer),
        sha256=exact,
        reason=reason,
        answer_id=answer.pk,
        french_received=french,
    )
    return open_mandate(offer_id=offer.pk, by=by) if accepted else None


def _refuse_if_answered(offer: Offer) -> None:
    answer = Answer.objects.filter(offer=offer).first()
    if answer:
        raise OfferAlreadyAnswered(
            offer=offer, name=answer.name, status=offer.get_status_display()
        )


def _locked(offer_id: int) -> Offer:
    return (
        Offer.objects.select_for_update(of=("self",))
        .select_related("organisation", "need")
        .get(pk=offer_id)
    )
