"""What working at a distance spared: a range, with its factors, never a credit."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext

from partage.impact.queries import footprint
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.spreadsheets import sheet
from partage.portal.year import chosen_year, years


@allow(Role.BOARD)
def impact(request: HttpRequest) -> HttpResponse:
    who = request.who
    first_month = who.cooperative.first_month
    year = chosen_year(request.GET.get("annee", ""), who.today, first_month)
    found = footprint(year.first_day, year.last_day)
    if request.GET.get("format") == "xlsx":
        return sheet(
            gettext("Retombées %(year)s") % {"year": year.label},
            [
                gettext("Mandat"),
                gettext("Déclaré le"),
                gettext("Mode"),
                gettext("Km aller-retour"),
                gettext("Trajets"),
                gettext("Personnes par voiture"),
                gettext("Facteur (kg/km)"),
                gettext("Source du facteur"),
                gettext("Kg éq. CO2"),
            ],
            (
                (
                    trip.mandate.reference,
                    trip.declared_on,
                    trip.factor.get_mode_display(),
                    trip.km,
                    trip.trips,
                    trip.occupancy,
                    trip.factor.kg_per_km,
                    trip.factor.source,
                    kg,
                )
                for trip, kg in found.avoided
            ),
        )
    return render(
        request,
        "board/impact.html",
        {"found": found, "year": year, "years": years(who.today, first_month)},
    )


urls = [path("retombees/", impact, name="impact")]
