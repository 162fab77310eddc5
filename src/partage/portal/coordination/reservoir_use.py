"""What the reservoir is used for: what serves, what nobody uses, what expires."""

from decimal import Decimal

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext

from partage.knowledge import queries
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.charts import Chart, Series
from partage.portal.spreadsheets import sheet

SHOWN = 8  # in the picture


@allow(Role.COORDINATION)
def reservoir_use(request: HttpRequest) -> HttpResponse:
    today = request.who.today
    tables = {
        "servent": (gettext("Ce qui sert"), queries.most_used()),
        "expirent": (gettext("Ce qui expire"), queries.expiring(on=today)),
        "dorment": (gettext("Ce que personne n’utilise"), queries.unused(on=today)),
    }
    asked = request.GET.get("voir", "")
    asked = asked if asked in tables else "servent"
    title, rows = tables[asked]
    if request.GET.get("format") == "xlsx":
        return _as_sheet(title, rows)
    page = Paginator(rows, 25).get_page(request.GET.get("page"))
    return render(
        request,
        "coordination/reservoir_use.html",
        {
            "tabs": [
                (code, word, found.count()) for code, (word, found) in tables.items()
            ],
            "asked": asked,
            "title": title,
            "page": page,
            "today": today,
            "chart": _chart() if asked == "servent" else None,
        },
    )


def _chart() -> Chart | None:
    found = queries.saved_by_field()[:SHOWN]
    if len(found) < 2:
        return None
    return Chart(
        gettext("Heures épargnées, par domaine"),
        [row.field.name for row in found],
        [
            Series(
                gettext("Heures épargnées"),
                [(Decimal(row.minutes) / 60).quantize(Decimal("0.1")) for row in found],
            )
        ],
        unit="h",
        decimals=1,
        named=True,
    )


def _as_sheet(title: str, rows) -> HttpResponse:
    return sheet(
        title,
        [
            gettext("Titre"),
            gettext("Domaine"),
            gettext("Auteur"),
            (gettext("Partagé le"), "date"),
            (gettext("Valide jusqu’au"), "date"),
            (gettext("Réemplois"), "count"),
            (gettext("Minutes réelles"), "count"),
            (gettext("Minutes épargnées"), "count"),
        ],
        (
            (
                piece.title,
                piece.field.name,
                piece.author.name if piece.author else "",
                piece.released_on,
                piece.valid_until,
                getattr(piece, "times", None),
                piece.minutes,
                getattr(piece, "saved", None),
            )
            for piece in rows
        ),
    )


urls = [path("reservoir/usage", reservoir_use, name="reservoir_use")]
