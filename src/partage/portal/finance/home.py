"""What waits in the finances: to bill, to issue, to be paid."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import get_language, gettext

from partage.billing import queries
from partage.people.models import Role
from partage.portal import words
from partage.portal.access import allow
from partage.portal.charts import Chart, Series
from partage.rules.money import ZERO

SHOWN = 8
MONTHS = 12


@allow(Role.FINANCE)
def home(request: HttpRequest) -> HttpResponse:
    today = request.who.today
    language = get_language() or "fr"
    waiting = queries.to_bill(today)
    ready = [one for one in waiting if one.can_be_drafted]
    drafts = queries.totals(queries.drafts())
    late = queries.late(today)
    accounts = queries.balances(today)

    def figure(label: str, amount, kind: str = "") -> dict:
        value = words.money(amount, language, decimals=0)
        return {"label": label, "value": value, "kind": kind if amount else ""}

    return render(
        request,
        "finance/home.html",
        {
            "figures": [
                figure(
                    gettext("À facturer"), sum((w.net for w in ready), ZERO), "wait"
                ),
                figure(gettext("En brouillon"), drafts.net, "wait"),
                figure(
                    gettext("En retard"), sum((a.late for a in accounts), ZERO), "bad"
                ),
                figure(gettext("À recevoir"), sum((a.owed for a in accounts), ZERO)),
            ],
            "ready_count": len({one.mandate.pk for one in ready}),
            "waiting_minutes": sum(
                one.open_minutes + one.submitted_minutes
                for one in waiting
                if one.month < today.replace(day=1)
            ),
            "drafts": drafts,
            "late": late[:SHOWN],
            "late_count": late.count(),
            "chart": _chart(today, language),
            "low_banks": queries.low_banks(today),
        },
    )


def _chart(today: date, language: str) -> Chart:
    months = last_months(today, MONTHS)
    found = queries.invoiced_by_month(months[0], today)
    return Chart(
        gettext("Facturé avant taxes, par mois d’émission"),
        [words.SHORT_MONTHS[words.tongue(language)][m.month - 1] for m in months],
        [Series(gettext("Facturé"), [found.get(month, ZERO) for month in months])],
        "$",
        decimals=0,
    )


def last_months(today: date, count: int) -> list[date]:
    """Return the first days of the last months, the oldest first."""
    last = today.year * 12 + today.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(last - count + 1, last + 1)]


urls = [path("", home, name="home")]
