"""The fiscal years: the one under way, the one to close, those that are closed."""

from datetime import date, timedelta

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from partage.closing import actions, queries
from partage.closing.actions.running import is_interrupted
from partage.closing.models import Proposal, Run, YearEnd
from partage.governance.queries import resolutions_of_members
from partage.journal.actions import ActionRefused
from partage.journal.queries import story_of_ids
from partage.people.models import Role
from partage.portal import words
from partage.portal.access import allow
from partage.portal.acting import act_or_show
from partage.portal.charts import Chart, Series
from partage.portal.forms import Form
from partage.portal.once import once
from partage.portal.story import story
from partage.portal.year_steps import Standing, standing_of
from partage.rules.money import to_cents

DRAWN = 4  # fields of a chart: beyond, their names run into each other


class FiguresForm(Form):
    equity = forms.DecimalField(
        label=_("Avoir ($)"),
        max_digits=14,
        decimal_places=2,
        help_text=_("Parts, réserves et surplus, selon le bilan."),
    )
    debts = forms.DecimalField(label=_("Dettes ($)"), max_digits=14, decimal_places=2)
    source = forms.CharField(
        label=_("Source"),
        max_length=200,
        help_text=_("Les états financiers d’où ils viennent, et leur date."),
    )
    negative_equity = forms.BooleanField(
        label=_("L’avoir est bien négatif"), required=False
    )


class ReopenForm(Form):
    resolution = forms.ModelChoiceField(
        label=_("Résolution de l’assemblée"), queryset=None, empty_label=_("Choisir")
    )
    reason = forms.CharField(
        label=_("Pourquoi"),
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Le registre garde ce motif."),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        choose_resolution(self.fields["resolution"])


def choose_resolution(field: forms.ModelChoiceField) -> None:
    """Offer the resolutions that members adopted, the newest first."""
    field.queryset = resolutions_of_members()
    field.widget.attrs["lang"] = "fr"  # the minutes are
    field.label_from_instance = lambda row: f"{row.number} — {row.text[:70]}"


# --- all years


@allow(Role.FINANCE, Role.BOARD)
def closing(request: HttpRequest) -> HttpResponse:
    today, first_month = request.who.today, request.who.cooperative.first_month
    now = queries.fiscal_year(today, first_month=first_month)
    last = queries.fiscal_year(now[0] - timedelta(days=1), first_month=first_month)
    found = list(YearEnd.objects.filter(ends_on__lt=today))
    return render(
        request,
        "finance/closing.html",
        {
            "now": now,
            "figures": _figures(*now),
            "years": [(year, standing_of(year, today)) for year in found],
            "to_open": None
            if any(year.starts_on == last[0] for year in found)
            else last,
            "is_finance": Role.FINANCE in request.who.roles,
        },
    )


def _figures(start: date, end: date) -> list[dict]:
    totals, language = queries.year_totals(start, end), get_language() or "fr"
    return [
        {
            "label": gettext("Heures vendues"),
            "value": words.hours(totals.minutes, language, decimals=0),
        },
        {
            "label": gettext("Facturé avant taxes"),
            "value": words.money(totals.invoiced, language, decimals=0),
        },
        {
            "label": gettext("Reste à facturer"),
            "value": words.money(totals.to_bill, language, decimals=0),
            "kind": "wait" if totals.to_bill else "",
        },
    ]


@allow(Role.FINANCE)
@require_POST
def open_year(request: HttpRequest) -> HttpResponse:
    """Begin to prepare the closing of the year that has just ended."""
    first_month = request.who.cooperative.first_month
    now = queries.fiscal_year(request.who.today, first_month=first_month)
    start, end = queries.fiscal_year(
        now[0] - timedelta(days=1), first_month=first_month
    )

    def act() -> str:
        year = actions.open_year(starts_on=start, ends_on=end, by=request.who.by)
        return reverse("finance:year", args=[year.pk])

    return once(request, act)


# --- one year


def year_or_404(pk: int) -> YearEnd:
    return get_object_or_404(YearEnd.objects.select_related("resolution"), pk=pk)


@allow(Role.FINANCE, Role.BOARD)
def year(request: HttpRequest, pk: int) -> HttpResponse:
    page = _Page(request, year_or_404(pk))
    if request.method != "POST":
        return page.show()
    if Role.FINANCE not in request.who.roles:
        raise Http404
    act = {
        "figures": page.set_figures,
        "compute": page.start(actions.start_computing, year_id=pk),
        "check": page.start(actions.start_checking, year_id=pk),
        "print": page.start(actions.start_printing, year_id=pk),
        "post": page.start_of_proposal(actions.start_posting),
        "reverse": page.start_of_proposal(actions.start_reversing),
        "reopen": page.reopen,
    }.get(request.POST.get("do", ""))
    if act is None:
        raise Http404
    return act()


class _Page:
    """One fiscal year, and the acts on it."""

    def __init__(self, request: HttpRequest, row: YearEnd) -> None:
        self.request, self.row, self.by = request, row, request.who.by
        self.standing = standing_of(row, request.who.today)
        figures = self.standing.figures
        self.figures_form = FiguresForm(
            initial={
                name: getattr(figures, name) for name in ("equity", "debts", "source")
            }
            if figures
            else None
        )
        self.reopen_form = ReopenForm()

    def show(self, refused: str | None = None, status: int = 200) -> HttpResponse:
        at = self.standing
        computation = at.computation
        rates = list(
            computation.rates.select_related("field").order_by("field__code", "level")
            if computation
            else []
        )
        proposals = Proposal.objects.filter(year=self.row).order_by("pk")
        return render(
            self.request,
            "finance/year.html",
            {
                "year": self.row,
                "at": at,
                "computation": computation,
                "figures": result_figures(at),
                "chart": by_field(rates),
                "proposals": proposals,
                "figures_form": self.figures_form,
                "reopen_form": self.reopen_form,
                "reopenings": self.row.reopenings.select_related("resolution"),
                "runs": Run.objects.filter(year=self.row).select_related("started_by")[
                    :8
                ],
                "story": story(
                    story_of_ids(
                        [
                            ("closing.YearEnd", [self.row.pk]),
                            ("closing.Proposal", [one.pk for one in proposals]),
                        ],
                        limit=20,
                    )
                ),
                "doing": self.request.POST.get("do", ""),
                "refused": refused,
                "is_finance": Role.FINANCE in self.request.who.roles,
            },
            status=status,
        )

    def start(self, act, **facts):
        """Return what begins long work and leads to where it is followed."""

        def begin() -> HttpResponse:
            def run() -> str:
                made = act(by=self.by, **facts)
                return reverse("finance:run", args=[made.pk])

            try:
                return once(self.request, run)
            except ActionRefused as why:
                return self.show(str(why), 409)

        return begin

    def start_of_proposal(self, act):
        proposal = self.standing.proposal
        return self.start(act, proposal_id=proposal.pk if proposal else 0)

    def _form(self, form: Form, act) -> HttpResponse:
        return act_or_show(self.request, form, act, self.show)

    def set_figures(self) -> HttpResponse:
        self.figures_form = FiguresForm(self.request.POST)

        def act(values: dict) -> str:
            actions.set_figures(year_id=self.row.pk, by=self.by, **values)
            messages.success(self.request, gettext("C’est gardé."))
            return reverse("finance:year", args=[self.row.pk])

        return self._form(self.figures_form, act)

    def reopen(self) -> HttpResponse:
        self.reopen_form = ReopenForm(self.request.POST)

        def act(values: dict) -> str:
            actions.reopen_year(
                year_id=self.row.pk,
                reason=values["reason"],
                resolution_id=values["resolution"].pk,
                by=self.by,
            )
            messages.success(self.request, gettext("L’exercice est rouvert."))
            return reverse("finance:year", args=[self.row.pk])

        return self._form(self.reopen_form, act)


def result_figures(at: Standing) -> list[dict]:
    """Return what the year came to, in big figures."""
    found, language = at.computation, get_language() or "fr"
    if found is None:
        return []
    short = found.surplus < 0
    return [
        {
            "label": gettext("Facturé"),
            "value": words.money(found.charged, language, decimals=0),
        },
        {
            "label": gettext("Coût à porter"),
            "value": words.money(found.cost, language, decimals=0),
        },
        {
            "label": gettext("Déficit") if short else gettext("Surplus"),
            "value": words.money(abs(found.surplus), language),
            "kind": "bad" if short else "good",
        },
    ]


def by_field(rates) -> Chart | None:
    """Draw what an hour was charged and cost where the difference is largest."""
    sums: dict[str, list] = {}
    for row in rates:
        one = sums.setdefault(row.field.name, [0, 0, 0])
        one[0] += row.minutes
        one[1] += row.charged
        one[2] += row.final
    sold = [(name, one) for name, one in sums.items() if one[0]]
    sold.sort(key=lambda each: abs(each[1][1] - each[1][2]), reverse=True)
    kept = sold[:DRAWN]
    if not kept:
        return None
    return Chart(
        gettext("Une heure, là où l’écart est le plus grand"),
        [name for name, _one in kept],
        [
            Series(
                gettext("Taux provisoire moyen"),
                [to_cents(one[1] * 60 / one[0]) for _name, one in kept],
            ),
            Series(
                gettext("Taux définitif moyen"),
                [to_cents(one[2] * 60 / one[0]) for _name, one in kept],
            ),
        ],
        "$",
        decimals=2,
        named=True,
    )


# --- long work


@allow(Role.FINANCE)
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """Where long work is; it can be stopped. The page asks again by itself."""
    row = get_object_or_404(Run.objects.select_related("year", "started_by"), pk=pk)
    if request.method == "POST":
        actions.stop_run(run_id=pk, by=request.who.by)
        return redirect("finance:run", pk=pk)
    interrupted = is_interrupted(row)
    return render(
        request,
        "finance/run.html",
        {
            "run": row,
            "interrupted": interrupted,
            "going": row.status in Run.LIVE and not interrupted,
        },
    )


urls = [
    path("annee/", closing, name="closing"),
    path("annee/ouvrir", open_year, name="open_year"),
    path("annee/<int:pk>/", year, name="year"),
    path("annee/travail/<int:pk>", run, name="run"),
]
