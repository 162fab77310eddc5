"""The balance: what is free and what waits, by field and week."""

from datetime import timedelta
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST

from partage.balance.actions import WEEKS, read_balance
from partage.balance.models import Reading
from partage.balance.queries import FieldBalance, offer_and_demand
from partage.experts.models import Field
from partage.journal.actions import ActionRefused
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.charts import Chart, Series
from partage.portal.hour_values import hour_value_charts, hour_value_sheet
from partage.portal.once import once
from partage.portal.spreadsheets import sheet
from partage.portal.words import day_short
from partage.rules.calendar import monday_of


def _page(request: HttpRequest, refused: str = "") -> HttpResponse:
    first = monday_of(request.who.today)
    mondays = [first + timedelta(weeks=at) for at in range(WEEKS)]
    found = offer_and_demand(mondays)
    code = request.GET.get("domaine", "")
    chosen = get_object_or_404(Field, code=code) if code else None
    if request.GET.get("format") == "valeurs":
        return hour_value_sheet()
    if request.GET.get("format") == "xlsx":
        return sheet(
            gettext("Équilibre"),
            [
                gettext("Domaine"),
                gettext("Semaine du"),
                gettext("Heures libres"),
                gettext("Heures en attente"),
            ],
            (
                (one.field.name, monday, _hours(free), _hours(waiting))
                for one in found
                for monday, free, waiting in zip(
                    mondays, one.free, one.waiting, strict=True
                )
            ),
        )
    shown = [one for one in found if chosen is None or one.field == chosen]
    language = get_language() or ""
    names = [day_short(monday, language).rsplit("\u00a0", 1)[0] for monday in mondays]
    return render(
        request,
        "coordination/balance.html",
        {
            "refused": refused,
            "chosen": chosen,
            "rows": [(one, sum(one.free), sum(one.waiting)) for one in found],
            "by_week": Chart(
                gettext("%(field)s, par semaine") % {"field": chosen.name}
                if chosen
                else gettext("Tous les domaines, par semaine"),
                names,
                (
                    Series(gettext("Heures en attente"), _summed(shown, "waiting")),
                    Series(gettext("Heures libres"), _summed(shown, "free"), "line"),
                ),
                "h",
                decimals=0,
            ),
            "values": hour_value_charts(),
            "values_url": "?format=valeurs",
            "last": Reading.objects.order_by("-read_on").first(),
        },
        status=409 if refused else 200,
    )


def _summed(found: list[FieldBalance], which: str) -> list[Decimal]:
    weeks = [getattr(one, which) for one in found] or [(0,) * WEEKS]
    return [_hours(sum(column)) for column in zip(*weeks, strict=True)]


def _hours(minutes: int) -> Decimal:
    return (Decimal(minutes) / 60).quantize(Decimal("0.01"))


@allow(Role.COORDINATION)
def balance(request: HttpRequest) -> HttpResponse:
    return _page(request)


@allow(Role.COORDINATION)
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Write today's reading, so that the forecast can be held to what came."""

    def act():
        read_balance(on=request.who.today, by=request.who.by)
        messages.success(request, gettext("L’équilibre est relevé."))
        return reverse("coordination:balance")

    try:
        return once(request, act)
    except ActionRefused as refused:
        return _page(request, str(refused))


urls = [
    path("equilibre/", balance, name="balance"),
    path("equilibre/relever", read, name="read_balance"),
]
