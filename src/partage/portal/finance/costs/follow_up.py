"""The year beside its plan: recovered, break-even, and why it differs."""

from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import get_language, gettext

from partage.closing.queries import sold_minutes
from partage.portal import words
from partage.portal.access import allow
from partage.portal.charts import Chart, Series, beam
from partage.portal.finance.costs.page import EYES, field_names
from partage.portal.spreadsheets import sheet
from partage.portal.year import chosen_year, years
from partage.rules.calendar import FiscalYear
from partage.tariffs.queries import FieldYear, FollowUp, follow_up


def followed(request: HttpRequest) -> tuple[FiscalYear, FollowUp | None]:
    """Return the year asked for, else the one that has something to say."""
    today, first_month = request.who.today, request.who.cooperative.first_month
    year = chosen_year(request.GET.get("annee", ""), today, first_month)
    sold = sold_minutes(year.first_day, min(year.last_day, today))
    return year, follow_up(year.first_day, on=today, sold=sold)


def why(found: FollowUp) -> Chart:
    """Draw the three reasons, and their sum."""
    whole = found.whole
    return Chart(
        gettext("Pourquoi le résultat n’est pas celui du budget"),
        [
            gettext("Volume"),
            gettext("Coût"),
            gettext("Composition"),
            gettext("Ensemble"),
        ],
        (Series(gettext("Écart"), [whole.volume, whole.cost, whole.mix, whole.total]),),
        "$",
        decimals=0,
    )


@allow(*EYES)
def follow(request: HttpRequest) -> HttpResponse:
    year, found = followed(request)
    rows = _rows(found) if found else []
    if found and request.GET.get("format") == "xlsx":
        return _as_sheet(year, rows)
    return render(
        request,
        "finance/follow_up.html",
        {
            "year": year,
            "years": years(request.who.today, request.who.cooperative.first_month),
            "found": found,
            "rows": rows,
            "figures": _figures(found) if found else [],
            "why": why(found) if found else None,
        },
    )


def _rows(found: FollowUp) -> list[tuple[str, FieldYear, str]]:
    """Return the fields, their names, and what each recovered too much, drawn."""
    names = field_names()
    results = [one.result for one in found.fields]
    return sorted(
        (
            (
                names.get(one.field, one.field),
                one,
                beam(one.result, low=min(results), high=max(results)),
            )
            for one in found.fields
        ),
        key=lambda row: row[0],
    )


def _figures(found: FollowUp) -> list[dict]:
    language = get_language() or "fr"
    needed = [one.break_even for one in found.fields if one.break_even is not None]
    return [
        {
            "label": gettext("Heures vendues"),
            "value": words.hours(found.minutes, language, decimals=0),
        },
        {
            "label": gettext("Heures du seuil d’équilibre"),
            "value": words.hours(sum(needed), language, decimals=0),
        },
        {
            "label": gettext("Récupéré aux taux de la grille"),
            "value": words.money(found.recovered, language, decimals=0),
        },
        {
            "label": gettext("Coût réel"),
            "value": words.money(found.cost, language, decimals=0),
        },
        {
            "label": gettext("Écart, avec le financement"),
            "value": words.money(found.result + found.funding, language, decimals=0),
            "kind": "wait" if found.result + found.funding < 0 else "good",
        },
    ]


def _as_sheet(year: FiscalYear, rows: list) -> HttpResponse:
    return sheet(
        gettext("suivi %(year)s") % {"year": year.label},
        [
            gettext("Domaine"), gettext("Heures prévues"), gettext("Heures vendues"),
            gettext("Seuil d’équilibre (h)"), gettext("Récupéré ($)"),
            gettext("Coût réel ($)"), gettext("Écart ($)"),
            gettext("dont volume ($)"), gettext("dont coût ($)"),
            gettext("dont composition ($)"), gettext("Écart au budget ($)"),
        ],
        (
            (
                name, Decimal(one.planned_minutes) / 60, Decimal(one.minutes) / 60,
                None if one.break_even is None else Decimal(one.break_even) / 60,
                one.recovered, one.cost, one.result, one.variance.volume,
                one.variance.cost, one.variance.mix, one.variance.total,
            )
            for name, one, _drawn in rows
        ),
    )  # fmt: skip


urls = [path("couts/suivi/", follow, name="follow_up")]
