"""An offer as it is printed."""

from datetime import date
from decimal import Decimal

from django.utils import translation

from partage.documents.offer import OfferDocument, OfferPhase
from partage.documents.parts import Letterhead, Party, TaxDue, WorkLine
from partage.documents.words import PROVISIONAL_RATE
from partage.experts.models import Level
from partage.governance.models import Cooperative
from partage.knowledge.queries import saved_for
from partage.mandates.models import Offer
from partage.mandates.queries import phases_of, price_of_offer
from partage.members.models import Organisation
from partage.rules.offer import priced
from partage.rules.tax import TaxRate
from partage.tariffs.queries import printed

HOW_TO_ACCEPT = {
    "fr": "Ouvrez cette offre dans votre espace membre, lisez-la, puis acceptez-la "
    "en ligne. L’acceptation demande le pouvoir de signer pour votre organisation ; "
    "la coopérative garde qui a accepté, quand, et l’empreinte exacte de ce document.",
    "en": "Open this offer in your member space, read it, then accept it online. "
    "Accepting takes the power to sign for your organisation; the cooperative keeps "
    "who accepted, when, and the exact fingerprint of this document.",
}
GIVEN_FIRST = {
    "fr": "Ce document en français vous est remis avant sa version anglaise. Le texte "
    "propre à cette offre y paraît tel qu’il a été écrit.",
    "en": "The French version of this document was given to you first. In case of "
    "doubt, the reading more favourable to your organisation holds.",
}


def french_is_given_first(offer: Offer) -> bool:
    """Whether the French document goes with the offer: an English one, in Québec."""
    return offer.language != "fr" and offer.organisation.province == "QC"


def offer_document(
    offer: Offer,
    *,
    cooperative: Cooperative,
    rates: tuple[TaxRate, ...],
    on: date,
    language: str = "",
    draft: bool = False,
) -> OfferDocument:
    """Return the offer as it is printed, in its own language unless told.

    Whoever is at the screen, the words follow the language of the document.
    """
    language = language or offer.language
    with translation.override(f"{language}-ca"):
        return _document(offer, cooperative, rates, on, language, draft)


def _document(
    offer: Offer,
    cooperative: Cooperative,
    rates: tuple[TaxRate, ...],
    on: date,
    language: str,
    draft: bool,
) -> OfferDocument:
    phases = [
        OfferPhase(
            title=phase.title,
            lines=[
                WorkLine(
                    description=line.description,
                    minutes=line.minutes,
                    rate=line.rate,
                    amount=line.amount,
                    who=line.expert.name if line.expert else "",
                    field=line.field.name,
                    level=str(Level(line.level).label),
                )
                for line in phase.lines.all()
            ],
        )
        for phase in phases_of(offer)
    ]
    net = sum((line.amount for phase in phases for line in phase.lines), Decimal(0))
    price = priced(net, rates)
    terms = [PROVISIONAL_RATE[language]]
    if french_is_given_first(offer):
        terms.append(GIVEN_FIRST[language])
    return OfferDocument(
        language=language,
        reference=offer.reference,
        version=offer.version,
        draft=draft,
        issued_on=on,
        valid_until=offer.valid_until,
        title=offer.title,
        introduction=offer.introduction,
        scope=offer.scope,
        supplier=letterhead(cooperative),
        member=party(offer.organisation),
        phases=phases,
        subtotal=price.net,
        taxes=[
            TaxDue(
                code=tax.code,
                rate=tax.rate,
                amount=tax.amount,
                registration_number=(
                    cooperative.qst_number
                    if tax.code == "QST"
                    else cooperative.gst_number
                ),
            )
            for tax in price.taxes
        ],
        total=price.total,
        terms=terms,
        how_to_accept=HOW_TO_ACCEPT[language],
        composition=printed(price_of_offer(offer), saved_minutes=_saved(offer)),
    )


def _saved(offer: Offer) -> int:
    """Return the minutes that the reservoir saved the need of an offer."""
    if not offer.need_id:
        return 0
    return sum(one.minutes for one in saved_for([offer.need.reference]).values())


def letterhead(cooperative: Cooperative) -> Letterhead:
    return Letterhead(
        name=cooperative.name,
        address=_address(cooperative),
        neq=cooperative.neq,
        email=cooperative.email,
        phone=cooperative.phone,
    )


def party(organisation: Organisation) -> Party:
    return Party(name=organisation.name, address=_address(organisation))


def _address(row: Cooperative | Organisation) -> list[str]:
    place = row.city and f"{row.city} ({row.get_province_display()})"
    return [
        line
        for line in (row.address, "  ".join(p for p in (place, row.postal_code) if p))
        if line
    ]
