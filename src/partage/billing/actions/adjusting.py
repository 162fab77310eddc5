"""Adjust a price after the year: an invoice, or a credit note that mends none."""

from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.billing.actions.drafting import AmountUnusable
from partage.billing.actions.issuing import (
    number_invoices,
    refuse_unregistered_credit,
    refuse_without_registration,
    taxes_on,
)
from partage.billing.models import Invoice, InvoiceLine, InvoiceTax
from partage.governance.queries import cooperative
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.mandates.models import Mandate
from partage.members.models import Organisation, Province
from partage.rules.money import is_exact


class NoMandateToAdjust(ActionRefused):
    sentence = _(
        "%(organisation)s n’a aucun mandat en %(province)s dont le prix s’ajuste. "
        "Vérifiez la province de ses mandats."
    )


@transaction.atomic
def issue_adjustment(
    *,
    organisation_id: int,
    province: str,
    amount: Decimal,
    description: str,
    period_start: date,
    period_end: date,
    by: Actor,
) -> Invoice:
    """Issue what a member owes of a period (above zero) or is given back (below).

    The price of what was already supplied is adjusted: the taxes are those of the
    province on the last day of the period. It bears the member's last mandate there.
    Whatever takes it back does so by the contrary adjustment.

    Raises AmountUnusable, NoMandateToAdjust, NoTaxRates, TaxRatesClash,
    RegistrationMissing, CreditRegistrationMissing or EarlierThanTheLast.
    """
    if not amount or not is_exact(amount):
        raise AmountUnusable
    mandate = (
        Mandate.objects.select_related("organisation")
        .filter(organisation_id=organisation_id, province=province)
        .order_by("-opened_on", "-pk")
        .first()
    )
    if mandate is None:
        raise NoMandateToAdjust(
            organisation=Organisation.objects.get(pk=organisation_id).name,
            province=Province(province).label,
        )
    coop = cooperative()
    due = taxes_on(amount, province=province, on=period_end)
    is_credit = amount < 0
    if is_credit:
        refuse_unregistered_credit(coop, due)
    else:
        total = amount + sum(one.amount for one in due)
        refuse_without_registration(coop, due, total, on=by.on)
    days = 0 if is_credit else coop.payment_days
    invoice = Invoice.objects.create(
        kind=Invoice.Kind.CREDIT if is_credit else Invoice.Kind.INVOICE,
        mandate=mandate,
        organisation_id=organisation_id,
        period_start=period_start,
        period_end=period_end,
        province=province,
        language=mandate.organisation.language,
        net=amount,
        created_at=by.at,
    )
    InvoiceLine.objects.create(
        invoice=invoice,
        position=1,
        kind=InvoiceLine.Kind.FIXED,
        description=description[:250],
        amount=amount,
    )
    InvoiceTax.objects.bulk_create(
        InvoiceTax(invoice=invoice, code=one.code, rate=one.rate, amount=one.amount)
        for one in due
    )
    invoice.due_on = by.on + timedelta(days=days)
    number_invoices([(invoice, due)], coop, by)
    journal.record(
        what="billing.adjustment.issued",
        subject=invoice,
        by=by,
        number=invoice.number,
        net=str(amount),
        total=str(invoice.total),
    )
    return invoice
