"""The rate cards and the taxes, as they are in force: to read."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from partage.experts.models import Field, Level
from partage.people.models import Role
from partage.portal.access import allow
from partage.tariffs.models import RateCard
from partage.tariffs.queries import (
    card_in_force,
    cards,
    next_card,
    rates_of,
    tax_rows_on,
)


def grid_of(card: RateCard | None) -> list[tuple[Field, list]]:
    """Return a card as fields × levels; fields that it does not price are left out."""
    if card is None:
        return []
    rates = rates_of(card)
    rows = [
        (field, [rates.get((field.pk, level)) for level in Level.values])
        for field in Field.objects.all()
    ]
    return [(field, row) for field, row in rows if any(row)]


@allow(Role.FINANCE, Role.COORDINATION, Role.BOARD)
def tariffs(request: HttpRequest) -> HttpResponse:
    today = request.who.today
    known = list(cards().select_related("resolution__meeting"))
    now, coming = card_in_force(today), next_card(today)
    asked = request.GET.get("grille", "")
    shown = next((one for one in known if str(one.pk) == asked), now)
    return render(
        request,
        "finance/tariffs.html",
        {
            "cards": known,
            "card": shown,
            "now": now,
            "coming": coming,
            "grid": grid_of(shown),
            "levels": Level.labels,
            "taxes": tax_rows_on(today),
            "sees_costs": bool({Role.FINANCE, Role.BOARD} & set(request.who.roles)),
        },
    )


urls = [path("tarifs/", tariffs, name="tariffs")]
