"""The board's first page: what the year came to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import get_language

from partage.governance.queries import meetings
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.year import (
    chosen_year,
    hours_by_field,
    pictures,
    year_seen,
    years,
)


@allow(Role.BOARD)
def home(request: HttpRequest) -> HttpResponse:
    who = request.who
    first_month = who.cooperative.first_month
    year = chosen_year(request.GET.get("annee", ""), who.today, first_month)
    return render(
        request,
        "board/home.html",
        {
            "seen": year_seen(year),
            "years": years(who.today, first_month),
            "pictures": pictures(year, get_language() or ""),
            "fields": hours_by_field(year, get_language() or ""),
            "next_meeting": meetings()
            .filter(held_on__gte=who.today)
            .order_by("held_on")
            .first(),
            "last_meeting": meetings().filter(held_on__lt=who.today).first(),
        },
    )


urls = [path("", home, name="home")]
