"""Agreed amounts of the demonstration: a monthly fee, a deposit, a price in two."""

from datetime import date
from decimal import Decimal

from partage.billing import queries
from partage.billing.actions import (
    add_instalment,
    add_schedule,
    draft_invoices,
    draft_recurring,
    issue_invoice,
)
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


def _rounded(amount: Decimal) -> Decimal:
    return max(Decimal(100), amount.quantize(Decimal("1E1"))).quantize(Decimal("0.01"))
