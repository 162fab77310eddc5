"""My month: my hours by week and by line, and where they stand to my schedule."""

from datetime import date, timedelta
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext

from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.expert.week import own
from partage.portal.spreadsheets import sheet
from partage.rules.calendar import days, last_of_month, monday_of, weeks
from partage.timesheets import queries
from partage.timesheets.models import Week


def _bounds(on: date) -> tuple[date, date]:
    return on.replace(day=1), last_of_month(on)


@allow(Role.EXPERT)
def month(request: HttpRequest, on: date | None = None) -> HttpResponse:
    expert = own(request)
    first, last = _bounds(on or request.who.today)
    entries = list(queries.entries_of(expert.pk, first, last))
    expected = queries.expected_by_day([expert.pk], first, last)[expert.pk]
    states = {
        week.monday: week
        for week in Week.objects.filter(
            expert=expert, monday__gte=monday_of(first), monday__lte=last
        )
    }
    rows = []
    for monday in weeks(first, last):
        inside = days(max(monday, first), min(monday + timedelta(days=6), last))
        mine = [entry for entry in entries if entry.on in inside]
        due = sum(expected[day] for day in inside)
        written = sum(entry.minutes for entry in mine)
        rows.append(
            {
                "monday": monday,
                "first": inside[0],
                "last": inside[-1],
                "mandates": sum(entry.minutes for entry in mine if entry.mandate_id),
                "internal": sum(entry.minutes for entry in mine if entry.activity_id),
                "total": written,
                "expected": due,
                "balance": written - due,
                "week": states.get(monday) or Week(monday=monday),
            }
        )
    lines: dict = {}
    for entry in entries:
        key = queries.key_of(entry).row
        one, minutes = lines.get(key, (entry, 0))
        lines[key] = (one, minutes + entry.minutes)
    sums = {
        name: sum(row[name] for row in rows)
        for name in ("mandates", "internal", "total", "expected", "balance")
    }
    return render(
        request,
        "expert/month.html",
        {
            "first": first,
            "before": first - timedelta(days=1),
            "after": last + timedelta(days=1),
            "rows": rows,
            "sums": sums,
            "lines": sorted(lines.values(), key=lambda pair: -pair[1]),
        },
    )


@allow(Role.EXPERT)
def spreadsheet(request: HttpRequest, on: date) -> HttpResponse:
    expert = own(request)
    first, last = _bounds(on)
    return sheet(
        gettext("Temps") + f" {first:%Y-%m}",
        [
            gettext("Date"),
            gettext("Organisation"),
            gettext("Mandat ou activité"),
            gettext("Référence"),
            gettext("Minutes"),
            gettext("Heures"),
            gettext("Note"),
        ],
        (
            (
                entry.on,
                entry.mandate.organisation.name if entry.mandate else "",
                entry.mandate.title if entry.mandate else entry.activity.name,
                entry.mandate.reference if entry.mandate else "",
                entry.minutes,
                Decimal(entry.minutes) / 60,
                entry.note,
            )
            for entry in queries.entries_of(expert.pk, first, last)
        ),
    )


urls = [
    path("temps/mois/", month, name="month"),
    path("temps/mois/<month:on>", month, name="month_on"),
    path("temps/mois/<month:on>.xlsx", spreadsheet, name="month_xlsx"),
]
