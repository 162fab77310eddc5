"""The right cost, in plain words: the card in force and how it is made."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from partage.agreements.queries import agreements_of
from partage.billing.queries import balances_serving
from partage.experts.models import Level
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.finance.tariffs import grid_of
from partage.tariffs.queries import card_in_force, next_card


@allow(Role.MEMBER)
def cost(request: HttpRequest) -> HttpResponse:
    today = request.who.today
    card = card_in_force(today)
    deals = [
        (one.organisation, deal)
        for one in request.who.representations
        for deal in agreements_of(one.organisation, on=today).prefetch_related(
            "fields__field"
        )
    ]
    return render(
        request,
        "member/cost.html",
        {
            "card": card,
            "coming": next_card(today),
            "grid": grid_of(card),
            "levels": Level.labels,
            "deals": deals,
            "banks": balances_serving(
                [one.organisation for one in request.who.representations], today
            ),
        },
    )


urls = [path("juste-cout/", cost, name="cost")]
