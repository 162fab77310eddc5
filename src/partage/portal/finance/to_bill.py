"""What is to bill: the approved work that no invoice holds, and its drafts."""

from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext

from partage.agreements.queries import agreements
from partage.agreements.queries import in_force as agreements_in_force
from partage.billing import actions, queries
from partage.journal.actions import ActionRefused
from partage.mandates.models import Mandate
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.finance.invoices import NothingChosen, chosen_ids, month_of
from partage.portal.once import once
from partage.portal.spreadsheets import sheet
from partage.rules.calendar import last_of_month
from partage.rules.money import ZERO
from partage.rules.triage import fold


class Chosen:
    """What is drafted of all that waits: a member's, a mandate's, an agreement's."""

    def __init__(self, request: HttpRequest) -> None:
        self.q = request.GET.get("q", "").replace("\0", "").strip()[:100]
        typed = request.GET.get("entente", "")
        self.agreement = int(typed) if typed.isdecimal() and len(typed) < 10 else None

    def __bool__(self) -> bool:
        return bool(self.q or self.agreement)

    def mandate_ids(self, on: date) -> list[int] | None:
        """Return the mandates that were chosen; None for all of them."""
        if not self:
            return None
        found = Mandate.objects.all()
        for word in fold(self.q).split():
            found = found.filter(
                Q(organisation__sort_key__contains=word) | Q(reference__icontains=word)
            )
        if self.agreement:
            deal = get_object_or_404(agreements(), pk=self.agreement)
            found = found.filter(
                Q(organisation=deal.organisation_id)
                | Q(organisation__network=deal.organisation_id),
                field__in=[one.field_id for one in deal.fields.all()],
            )
        return list(found.values_list("pk", flat=True))

    def query(self, month: date) -> str:
        return urlencode(
            {"mois": f"{month:%Y-%m}", "q": self.q, "entente": self.agreement or ""}
        )


@allow(Role.FINANCE)
def to_bill(request: HttpRequest) -> HttpResponse:
    today = request.who.today
    last_month = today.replace(day=1) - timedelta(days=1)
    month = month_of(request.GET.get("mois", "")) or last_month.replace(day=1)
    until = last_of_month(month)
    refused = None
    if request.method == "POST":
        try:
            return once(request, lambda: _draft(request, until))
        except ActionRefused as why:
            refused = str(why)
    chosen = Chosen(request)
    rows = queries.to_bill(until, mandate_ids=chosen.mandate_ids(today))
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
            "chosen": chosen,
            "agreements": agreements_in_force(today).order_by("number"),
            "query": chosen.query(month),
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
        ids = Chosen(request).mandate_ids(request.who.today)
        rows = [
            one for one in queries.to_bill(until, mandate_ids=ids) if one.can_be_drafted
        ]
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
