"""The models of each year, and one model on one page: lines, capacity, card."""

from datetime import timedelta
from decimal import Decimal

from django.core.paginator import Page, Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from partage.closing.models import Proposal
from partage.closing.queries import carried_into
from partage.experts.models import Field, Level
from partage.people.models import Role
from partage.portal import words
from partage.portal.access import allow
from partage.portal.acting import act_or_show
from partage.portal.charts import beam
from partage.portal.finance.costs.forms import (
    LINES,
    AdoptForm,
    BeginForm,
    LineForm,
    ProposeForm,
)
from partage.portal.finance.costs.sheets import TABLES, as_sheet
from partage.rules import costing as rules
from partage.rules.calendar import fiscal_year
from partage.rules.money import ZERO, split
from partage.rules.triage import fold
from partage.tariffs import actions
from partage.tariffs.models import CostModel, RateCard
from partage.tariffs.queries import Lines, as_rule, last_changes, lines_of

EYES = (Role.FINANCE, Role.BOARD)
ROWS = 25


@allow(*EYES)
def costs(request: HttpRequest) -> HttpResponse:
    """The models of each year, and how to begin another."""
    now = fiscal_year(request.who.today, request.who.cooperative.first_month)
    before = fiscal_year(now.first_day - timedelta(days=1), now.first_day.month)
    after = fiscal_year(now.last_day + timedelta(days=1), now.first_day.month)
    form = BeginForm(request.POST or None, years=[after, now, before])

    def show(refused: str | None = None) -> HttpResponse:
        waiting = RateCard.objects.filter(status=RateCard.Status.PROPOSED)
        return render(
            request,
            "finance/costs.html",
            {
                "models": CostModel.objects.prefetch_related("cards").annotate(
                    people=Count("pays")
                ),
                "form": form,
                "refused": refused,
                "waiting": waiting.exclude(model=None),
            },
        )

    def act(said: dict) -> str:
        year = form.years[said["year"]]
        facts = {
            "state": said["state"], "starts_on": year.first_day,
            "ends_on": year.last_day, "by": request.who.by,
        }  # fmt: skip
        if said["source"]:
            model = actions.copy_model(model_id=said["source"].pk, **facts)
        else:
            model = actions.make_model(**facts)
        return reverse("finance:cost_model", args=[model.pk])

    if request.method == "POST":
        return act_or_show(request, form, act, show)
    return show()


def asked(request: HttpRequest) -> str:
    """Return the table that is looked at. Raises Http404 for another word."""
    name = request.GET.get("tableau") or request.POST.get("tableau") or "personnes"
    if name not in TABLES:
        raise Http404
    return name


def _rows(lines: Lines, table: str) -> list:
    """Return the lines of a table, in its order."""
    if table == "pay":
        return list(lines.pays)
    if table == "item":
        return list(lines.items)
    if table == "hours":
        return list(lines.hours)
    return list(lines.model.parameters.order_by("id"))


def _page(request: HttpRequest, lines: Lines, table: str, line_id: int | None) -> Page:
    """Return the asked page of a table, else that of a line, with what it says of each.

    The line is the one that is edited, or that was just saved.
    """
    words_asked = fold(request.GET.get("q", "").replace("\0", "")).split()
    rows = [
        row
        for row in _rows(lines, table)
        if all(word in fold(_name_of(row)) for word in words_asked)
    ]
    saved = request.GET.get("ligne", "")
    wanted = line_id or (int(saved) if saved.isdecimal() and len(saved) < 10 else 0)
    place = next((n for n, row in enumerate(rows) if row.pk == wanted), 0)
    page = Paginator(rows, ROWS).get_page(request.GET.get("page") or place // ROWS + 1)
    if table == "pay":
        for pay in page:
            pay.counted = lines.pay_of(pay) + lines.charges_of(pay)
            pay.practical = lines.practical_minutes_of(pay)
            pay.where = _where_time_goes(pay)
    return page


def _name_of(row) -> str:
    if hasattr(row, "name"):
        return row.name
    return row.get_code_display() if hasattr(row, "code") else row.field.name


def _where_time_goes(pay) -> list[tuple[object, str]]:
    """Return the parts of a person's time, in whole percents that make a hundred."""
    shares = list(pay.shares.all())
    weights = [*(one.weight for one in shares), pay.knowledge, pay.common]
    names = [
        *(f"{one.field.name}, {one.get_level_display()}" for one in shares),
        gettext("savoir"),
        gettext("pour tous"),
    ]
    parts = split(Decimal(1), weights)
    return [(part, name) for part, name in zip(parts, names, strict=True) if part]


@allow(*EYES)
def cost_model(request: HttpRequest, pk: int) -> HttpResponse:
    model = get_object_or_404(CostModel, pk=pk)
    name = asked(request)
    if request.GET.get("format") == "xlsx":
        return as_sheet(model, name)
    editing = request.GET.get("modifier", "")
    table = TABLES[name][0]
    form, line_id = None, None
    if editing and not model.frozen_at:
        if editing == "nouveau" and table != "parameter":
            line_id, form = 0, LINES[table](initial=_first(table, model))
        elif editing.isdecimal():
            line_id = int(editing)
            line = actions.LINE_TABLES[table].objects.filter(pk=line_id, model=model)
            form = LINES[table](instance=get_object_or_404(line))
    return show(request, model, name, form=form, line_id=line_id)


def show(
    request: HttpRequest,
    model: CostModel,
    name: str,
    *,
    form: LineForm | None = None,
    line_id: int | None = None,
    refused: str | None = None,
    status: int = 200,
    **more,
) -> HttpResponse:
    """Render a model on one of its tables, with the line that is edited, if any.

    `more` may hold a bound form, `propose` or `adopt`, or what a line tried would move.
    """
    table = TABLES[name][0]
    lines = lines_of(model)
    costing = rules.derive(as_rule(lines))
    last = last_changes(model)
    waiting = model.cards.filter(status=RateCard.Status.PROPOSED).first()
    return render(
        request,
        "finance/cost_model.html",
        {
            "model": model,
            "frozen": bool(model.frozen_at),
            "tables": [(key, label) for key, (_table, label) in TABLES.items()],
            "tableau": name,
            "table": table,
            "label": TABLES[name][1],
            "page": _page(request, lines, table, line_id),
            "here": reverse("finance:cost_model", args=[model.pk]),
            "form": form,
            "line_id": line_id,
            "trial": more.get("trial"),
            "refused": refused,
            "figures": _figures(costing, lines),
            "by_field": _by_field(costing),
            "remarks": _remarks(costing, lines),
            "carried": _carried(lines),
            "last": last[0] if last else None,
            "last_count": len(last),
            "cards": list(model.cards.all()),
            "waiting": waiting,
            "propose": more.get("propose")
            or ProposeForm(
                initial={
                    "name": gettext("Grille %(year)s") % {"year": model.year},
                    "starts_on": model.starts_on,
                }
            ),
            "adopt": more.get("adopt")
            or (waiting and AdoptForm(since=waiting.proposed_on)),
        },
        status=status,
    )


def _carried(lines: Lines) -> Proposal | None:
    """Return what a closed year carries to rates, while the budget does not say it."""
    model = lines.model
    if model.frozen_at or model.state != CostModel.State.BUDGET:
        return None
    found = carried_into(model.starts_on)
    return found if found and found.rate_change != lines.parameters.carried else None


def _first(table: str, model: CostModel) -> dict:
    if table == "pay":
        return {"starts_on": model.starts_on, "ends_on": model.ends_on, "common": 100}
    return {}


def _figures(costing: rules.Costing, lines: Lines) -> list[dict]:
    language = get_language() or "fr"
    actual = lines.model.state == lines.model.State.ACTUAL
    needed = costing.break_even_minutes()

    def money(amount) -> str:
        return words.money(amount, language, decimals=0)

    def hours(minutes) -> str:
        return words.hours(minutes, language, decimals=0)

    supplied = sum(one.supplied_minutes for one in costing.pools)
    sold = sum(one.sold_minutes for one in costing.pools)
    unused = costing.cost_unused
    return [
        {"label": gettext("Coût de l’année"), "value": money(costing.cost)},
        {"label": gettext("Capacité pratique"), "value": hours(supplied)},
        {
            "label": gettext("Vendu") if actual else gettext("À vendre"),
            "value": hours(sold),
        },
        {
            "label": gettext("Capacité inutilisée"),
            "value": money(unused),
            "kind": "wait" if unused > lines.funding else "",
        },
        {"label": gettext("Financement d’ailleurs"), "value": money(lines.funding)},
        {
            "label": gettext("Seuil d’équilibre"),
            "value": "—" if needed is None else hours(needed),
        },
    ]


def field_names() -> dict[str, str]:
    """Return how each field is called, by its code."""
    return {one.code: one.name for one in Field.objects.all()}


def _by_field(costing: rules.Costing) -> list[dict]:
    """Return for each field what it costs, what it can do, and what nobody buys."""
    names = field_names()
    rows: dict[str, dict] = {}
    for one in costing.pools:
        row = rows.setdefault(
            one.pool.field,
            {
                "name": names.get(one.pool.field, one.pool.field),
                "cost": ZERO, "supplied": 0, "sold": 0, "lost": ZERO,
            },
        )  # fmt: skip
        row["cost"] += one.cost
        row["supplied"] += one.supplied_minutes
        row["sold"] += one.sold_minutes
        row["lost"] += one.cost_unused
    most = max((max(row["supplied"], row["sold"]) for row in rows.values()), default=0)
    for row in rows.values():
        row["unused"] = row["supplied"] - row["sold"]
        row["drawn"] = beam(row["sold"], low=0, high=most, behind=row["supplied"])
    return sorted(rows.values(), key=lambda row: row["name"])


REMARKS = {
    "no_capacity": _("%(what)s : des heures ou un coût, et personne pour les faire."),
    "nothing_expected": _("%(what)s : de la capacité, et rien à vendre."),
    "beyond_capacity": _("%(what)s : plus d’heures vendues que de capacité."),
    "unassigned": _(
        "« %(what)s » n’est porté par aucun domaine : sa clé de partage fait zéro. "
        "Changez la clé, ou donnez des heures à un domaine."
    ),
}


def _remarks(costing: rules.Costing, lines: Lines) -> list[str]:
    names, keys = field_names(), lines.names
    found = []
    for one in costing.remarks:
        if isinstance(one.subject, str):
            what = keys.get(one.subject, one.subject)
        else:
            level = Level(one.subject.level).label
            what = f"{names.get(one.subject.field, one.subject.field)}, {level}"
        found.append(str(REMARKS[one.code]) % {"what": what})
    return found


urls = [
    path("couts/", costs, name="costs"),
    path("couts/<int:pk>/", cost_model, name="cost_model"),
]
