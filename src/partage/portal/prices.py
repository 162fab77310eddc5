"""What the price of an offer or of an invoice goes to, for the page that shows it."""

from datetime import date

from django.utils.timezone import localtime

from partage.agreements.queries import agreement_by_field
from partage.billing.models import Invoice
from partage.billing.queries import price_of_invoice as price_invoiced
from partage.billing.queries import savings_told
from partage.knowledge.queries import Saving, saved_for
from partage.mandates.models import Mandate, Offer
from partage.mandates.queries import price_of_offer as price_offered
from partage.members.models import Organisation
from partage.tariffs.queries import Beyond, beyond_moderate


def price_of_offer(offer: Offer) -> dict:
    """Return what parts/price.html shows of an offer."""
    on = localtime(offer.created_at).date()
    fields = {
        line.field_id for phase in offer.phases.all() for line in phase.lines.all()
    }
    return {
        "price": price_offered(offer),
        "price_agreements": _agreements(offer.organisation, fields, on),
        "price_saving": _saving(
            offer.need, Mandate.objects.filter(offer=offer).first()
        ),
    }


def price_of_invoice(invoice: Invoice) -> dict:
    """Return what parts/price.html shows of an invoice or a credit note."""
    mandate = invoice.mandate
    on = mandate.opened_on
    if mandate.offer_id:
        on = localtime(mandate.offer.created_at).date()
    fields = {line.field_id for line in invoice.lines.all() if line.field_id}
    return {
        "price": price_invoiced(invoice),
        "price_agreements": _agreements(mandate.organisation, fields, on),
        "price_saving": savings_told([invoice]).get(invoice.pk),
    }


def immoderate_of(invoice: Invoice, *, on: date) -> tuple[Beyond, ...]:
    """Return the rates of an invoice above the moderate cost on a date."""
    return beyond_moderate(
        ((line.field_id, line.level, line.rate) for line in invoice.lines.all()), on=on
    )


def _agreements(organisation: Organisation, fields: set[int], on: date) -> list:
    """Return the agreements that changed the rates of these fields, with factors."""
    covered = agreement_by_field(organisation, on=on)
    found = {covered[pk].pk: covered[pk] for pk in sorted(fields) if pk in covered}
    return [
        (one.name, one.rate_factor) for one in found.values() if one.rate_factor != 1
    ]


def _saving(need, mandate: Mandate | None) -> Saving:
    references = [one.reference for one in (need, mandate) if one]
    saved = saved_for(references).values()
    return Saving.of(piece for one in saved for piece in one.pieces)
