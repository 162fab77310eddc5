"""Agreements of the demonstration: a fee, a deposit, a price, a network that pays."""

from datetime import date
from decimal import Decimal

from django.db.models import Q

from partage.agreements.actions import add_hour_bank, change_agreement
from partage.agreements.models import Agreement
from partage.billing import queries
from partage.billing.actions import (
    add_instalment,
    add_schedule,
    credit_part,
    draft_invoices,
    draft_recurring,
    issue_consolidation,
    issue_invoice,
)
from partage.billing.models import InvoiceLine
from partage.cli.demo.ground import World, at
from partage.mandates.models import Mandate


def agree(world: World) -> None:
    """Since April: one fee, one deposit invoiced, one price of two parts to come."""
    finance, day = world.finance[0], date(2025, 4, 7)
    by = world.actor(finance, at(day, 8, 30))
    busy = {one.mandate.pk for one in queries.to_bill(day)}
    full = (
        Mandate.objects.filter(status="OPEN", full_management=True)
        .order_by("reference")
        .first()
    )
    add_schedule(
        mandate_id=full.pk,
        kind="FEE",
        title="Entière gestion" if full.language == "fr" else "Full management",
        amount=Decimal("9800.00"),
        months=1,
        starts_on=date(2025, 4, 1),
        by=by,
    )
    draft_recurring(by=by)
    fresh = list(
        Mandate.objects.filter(status="OPEN", full_management=False, language="fr")
        .exclude(pk__in=busy)
        .order_by("-opened_on", "-reference")[:2]
    )
    part = [_rounded(one.budget_amount / 4) for one in fresh]
    add_instalment(
        mandate_id=fresh[0].pk,
        kind="DEPOSIT",
        title="Acompte à la signature",
        amount=part[0],
        on=day,
        by=by,
    )
    [draft] = draft_invoices(until=day, mandate_ids=[fresh[0].pk], work=False, by=by)
    issue_invoice(invoice_id=draft.pk, by=by)
    for title, on, share in (
        ("Première moitié du prix convenu", date(2025, 4, 30), 2),
        ("Seconde moitié, à la remise", date(2025, 6, 30), 2),
    ):
        add_instalment(
            mandate_id=fresh[1].pk,
            kind="FIXED",
            title=title,
            amount=part[1] * share,
            on=on,
            by=by,
        )


def bill_a_network(world: World) -> None:
    """A federation pays for its enterprises since March: one invoice, in parts."""
    finance, coordination = world.finance[0], world.coordinators[0]
    deal = Agreement.objects.get(number="E-2022-01")
    kept = ("number", "name", "organisation", "province", "starts_on", "ends_on")
    change_agreement(
        agreement_id=deal.pk,
        field_ids=deal.fields.values_list("field_id", flat=True),
        **{name: getattr(deal, name) for name in kept},
        rate_factor=deal.rate_factor,
        terms=deal.terms,
        consolidated=True,
        payment_days=45,
        by=world.actor(coordination, at(date(2025, 4, 7), 8, 31)),
    )
    served = Mandate.objects.filter(
        Q(organisation=deal.organisation_id)
        | Q(organisation__network=deal.organisation_id)
    )
    by = world.actor(finance, at(date(2025, 4, 7), 8, 33))
    draft_invoices(
        until=date(2025, 3, 31),
        mandate_ids=served.values_list("pk", flat=True),
        by=by,
    )
    [whole] = queries.consolidations()
    issue_consolidation(consolidation_id=whole.pk, by=by)


def draw_from_a_bank(world: World) -> None:
    """A grouping in Ontario bought a hundred hours in March: most of them are drawn."""
    finance, coordinator = world.finance[0], world.coordinators[0]
    deal = Agreement.objects.get(number="E-2021-02")
    march = date(2025, 3, 31)
    add_hour_bank(
        agreement_id=deal.pk,
        minutes=6_000,
        starts_on=date(2025, 3, 1),
        ends_on=date(2025, 12, 31),
        by=world.actor(coordinator, at(date(2025, 4, 7), 8, 34)),
    )
    by = world.actor(finance, at(date(2025, 4, 7), 8, 36))
    own = Mandate.objects.filter(organisation=deal.organisation_id, status="OPEN")
    bought = own.order_by("reference").first()
    add_instalment(
        mandate_id=bought.pk,
        kind="HOURS",
        title="Banque de 100 heures",
        amount=Decimal("10400.00"),
        on=march,
        by=by,
    )
    served = Mandate.objects.filter(organisation__network=deal.organisation_id)
    drafts = draft_invoices(
        until=march,
        mandate_ids=[bought.pk, *served.values_list("pk", flat=True)],
        by=by,
    )
    for draft in drafts:
        issue_invoice(invoice_id=draft.pk, by=by)


def give_a_part_back(world: World) -> None:
    """Two hours counted twice come back, the rest of the invoice stands."""
    line = (
        InvoiceLine.objects.filter(
            kind="TIME",
            minutes__gt=600,
            invoice__status="ISSUED",
            invoice__kind="INVOICE",
            invoice__consolidation=None,
            invoice__language="fr",
            invoice__issued_on__lt=date(2025, 4, 7),
        )
        .order_by("-invoice__number", "position")
        .first()
    )
    credit_part(
        invoice_id=line.invoice_id,
        amounts={line.pk: line.rate * 2},
        reason="Deux heures comptées deux fois.",
        by=world.actor(world.finance[0], at(date(2025, 4, 7), 8, 38)),
    )


def _rounded(amount: Decimal) -> Decimal:
    return max(Decimal(100), amount.quantize(Decimal("1E1"))).quantize(Decimal("0.01"))
