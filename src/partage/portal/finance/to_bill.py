"""What is to bill: the approved work that no invoice holds, and its drafts."""

from datetime import date, timedelta
from decimal import Decimal

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext

from partage.billing import actions, queries
from partage.billing.actions.drafting import last_day
from partage.journal.actions import ActionRefused
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.finance.invoices import NothingChosen, chosen_ids, month_of
from partage.portal.once import once
from partage.portal.spreadsheets import sheet
from partage.rules.money import ZERO


@allow(Role.FINANCE)
def to_bill(request: HttpRequest) -> HttpResponse:
    today = request.who.today
    last_month = today.replace(day=1) - timedelta(days=1)
    month = month_of(request.GET.get("mois", "")) or last_month.replace(day=1)
    until = last_day(month)
    refused = None
    if request.method == "POST":
        try:
            return once(request, lambda: _draft(request, until))
        except ActionRefused as why:
            refused = str(why)
    rows = queries.to_bill(until)
    if request.GET.get("format") == "xlsx":
        return _to_bill_as_sheet(rows)
    ready = [one for one in rows if one.can_be_drafted and not one.without_rate]
    rows.sort(key=lambda one: not one.can_be_drafted)  # what can be billed first
    months = _months_around(today)
    return render(
        request,
        "finance/to_bill.html",
        {
            "page": Paginator(rows, 25).get_page(request.GET.get("page")),
            "month": f"{month:%Y-%m}",
            "until": until,
            "months": [(f"{one:%Y-%m}", one) for one in months],
            "ready": len({one.mandate.pk for one in ready}),
            "net": sum((one.net for one in ready), ZERO),
            "minutes": sum(one.minutes for one in ready),
            "waiting_minutes": sum(
                one.open_minutes + one.submitted_minutes for one in rows
            ),
            "refused": refused,
        },
        status=409 if refused else 200,
    )


def _months_around(today: date) -> list[date]:
    first, found = today.replace(day=1), []
    for _n in range(15):
        found.append(first)
        first = (first - timedelta(days=1)).replace(day=1)
    return found


def _draft(request: HttpRequest, until: date) -> str:
    if request.POST.get("do") == "all":
        rows = [one for one in queries.to_bill(until) if one.can_be_drafted]
        left = {one.mandate.pk for one in rows if one.without_rate}
        ids = {one.mandate.pk for one in rows} - left
    else:
        left = set()
        ids = set(chosen_ids(request, "mandate"))
        if not ids:
            raise NothingChosen
    made = actions.draft_invoices(until=until, mandate_ids=ids, by=request.who.by)
    told = ngettext(
        "%(count)s brouillon est prêt. Relisez-le, puis émettez-le.",
        "%(count)s brouillons sont prêts. Relisez-les, puis émettez-les.",
        len(made),
    ) % {"count": len(made)}
    messages.success(request, told)
    if left:
        told = ngettext(
            "%(count)s mandat attend : un de ses experts n’a pas de taux.",
            "%(count)s mandats attendent : un de leurs experts n’a pas de taux.",
            len(left),
        ) % {"count": len(left)}
        messages.warning(request, told)
    if len(made) == 1:
        return reverse("finance:invoice", args=[made[0].pk])
    return reverse("finance:invoices") + "?etat=DRAFT"


def _to_bill_as_sheet(rows: list[queries.ToBill]) -> HttpResponse:
    return sheet(
        gettext("à facturer"),
        [
            gettext("Organisation"),
            gettext("Mandat"),
            gettext("Mois"),
            gettext("Heures"),
            gettext("Trajets ($)"),
            gettext("Dépenses ($)"),
            gettext("Avant taxes ($)"),
            gettext("Heures soumises"),
            gettext("Heures non soumises"),
        ],
        (
            (
                one.mandate.organisation.name,
                one.mandate.reference,
                one.month,
                Decimal(one.minutes) / 60,
                one.trips,
                one.expenses,
                one.net,
                Decimal(one.submitted_minutes) / 60,
                Decimal(one.open_minutes) / 60,
            )
            for one in rows
        ),
    )


urls = [path("factures/a-facturer", to_bill, name="to_bill")]
