"""Months: lock those that are over, and see what in them is not approved."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import get_language, gettext

from partage.closing.actions import open_month
from partage.journal.actions import ActionRefused
from partage.people.models import Role
from partage.portal import words
from partage.portal.access import allow
from partage.portal.once import once
from partage.rules.calendar import monday_of
from partage.timesheets import actions, queries
from partage.timesheets.queries import WEEK

SHOWN = 14


@allow(Role.FINANCE)
def months(request: HttpRequest) -> HttpResponse:
    refused = ""
    if request.method == "POST":
        try:
            return once(request, lambda: _act(request))
        except ActionRefused as why:
            refused = str(why)
    today = request.who.today
    first = today.replace(day=1)
    for _n in range(SHOWN - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    rows = queries.months(first, today)
    # Before the first hour ever written, there is nothing to lock.
    while len(rows) > 1 and not rows[-1].written and not rows[-1].locked:
        rows.pop()
    missing = _missing([row.first_day for row in rows if not row.locked], today)
    for row in rows:
        row.over = row.first_day < today.replace(day=1)
        row.missing = missing.get(row.first_day, 0)
    return render(
        request,
        "finance/months.html",
        {"months": rows, "refused": refused},
        status=409 if refused else 200,
    )


def _missing(open_months: list[date], today: date) -> dict[date, int]:
    """Count the weeks nobody submitted, by the month of their Monday.

    Only the last three open months: before them, one left open is history.
    """
    last = monday_of(today) - WEEK
    if not open_months:
        return {}
    start = monday_of(min(open_months[:3])) + WEEK
    found: dict[date, int] = {}
    if start <= last:
        for week in queries.missing_weeks(start, last):
            month = week.monday.replace(day=1)
            found[month] = found.get(month, 0) + 1
    return found


class MonthUnclear(ActionRefused):
    @property
    def sentence(self) -> str:
        return gettext("Choisissez un mois de la liste.")


def _act(request: HttpRequest) -> str:
    try:
        month = date.fromisoformat(request.POST.get("month", ""))
    except ValueError:
        raise MonthUnclear from None
    said = words.month(month, get_language() or "fr")
    if request.POST.get("do") == "unlock":
        open_month(first_day=month, by=request.who.by)
        told = gettext("Le mois %(month)s est déverrouillé.") % {"month": said}
    else:
        actions.lock_month(first_day=month, by=request.who.by)
        told = gettext("Le mois %(month)s est verrouillé.") % {"month": said}
    messages.success(request, told)
    return reverse("finance:months")


urls = [path("mois/", months, name="months")]
