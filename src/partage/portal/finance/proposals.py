"""What to do with a year: scenarios side by side, the one that goes to the meeting."""

from dataclasses import dataclass
from decimal import Decimal

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partage.closing import actions, queries
from partage.closing.models import Proposal, YearEnd, YearFigures
from partage.governance.queries import meetings_of_members
from partage.journal.actions import ActionRefused
from partage.journal.queries import story_of
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.acting import act_or_show
from partage.portal.charts import Chart, Series
from partage.portal.finance.closing import choose_resolution, year_or_404
from partage.portal.forms import Form, HoursField
from partage.portal.once import once
from partage.portal.spreadsheets import sheet
from partage.portal.story import story
from partage.portal.year_steps import standing_of
from partage.rules.money import to_cents
from partage.rules.trueup import SurplusRules, SurplusTest, surplus_test

PARTS = (
    ("reserve", _("Réserve générale")),
    ("stabilisation", _("Stabilisation")),
    ("adjusted", _("Ajustements")),
    ("carried", _("Report aux taux")),
    ("rebates", _("Ristournes")),
)


class ScenarioForm(Form):
    name = forms.CharField(label=_("Nom du scénario"), max_length=100)
    band = forms.DecimalField(
        label=_("Bande de stabilisation, en pour cent du coût"),
        min_value=0,
        max_value=100,
        decimal_places=2,
    )
    adjusted = forms.DecimalField(
        label=_("Ajusté aux membres au-delà de la bande, en pour cent"),
        min_value=0,
        max_value=100,
        decimal_places=2,
        initial=0,
    )
    carried = forms.DecimalField(
        label=_("Reporté aux prochains taux (%)"),
        min_value=0,
        max_value=100,
        decimal_places=2,
        initial=0,
    )
    rebates = forms.DecimalField(
        label=_("En ristournes (%)"),
        min_value=0,
        max_value=100,
        decimal_places=2,
        required=False,
        initial=0,
    )
    expected_minutes = HoursField(
        label=_("Heures prévues l’an prochain"),
        required=False,
        help_text=_("Sinon, celles de cet exercice."),
    )
    note = forms.CharField(
        label=_("Pourquoi ce scénario"),
        widget=forms.Textarea({"rows": 2}),
        required=False,
    )

    def __init__(self, *args, rebates_forbidden: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if rebates_forbidden:
            del self.fields["rebates"]

    def values(self) -> dict:
        typed = self.cleaned_data
        return {
            "name": typed["name"],
            "band": typed["band"] / 100,
            "adjusted_share": typed["adjusted"] / 100,
            "carried_share": typed["carried"] / 100,
            "rebates_share": (typed.get("rebates") or Decimal(0)) / 100,
            "expected_minutes": typed["expected_minutes"],
            "note": typed["note"],
        }


class AgendaForm(Form):
    meeting = forms.ModelChoiceField(
        label=_("Assemblée à venir"), queryset=None, empty_label=_("Choisir")
    )

    def __init__(self, *args, today, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["meeting"].queryset = meetings_of_members().filter(
            held_on__gte=today
        )


class AdoptForm(Form):
    resolution = forms.ModelChoiceField(
        label=_("Résolution adoptée"), queryset=None, empty_label=_("Choisir")
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        choose_resolution(self.fields["resolution"])


class NoteForm(Form):
    note = forms.CharField(
        label=_("Mot du conseil aux membres"),
        widget=forms.Textarea({"rows": 2}),
        required=False,
    )


class ReasonForm(Form):
    reason = forms.CharField(
        label=_("Pourquoi la retirer"), widget=forms.Textarea({"rows": 2})
    )


# --- the test of the Act, step by step


@dataclass(frozen=True, slots=True)
class LawTest:
    """The 10 % + 10 % / 40 % test, with its figures and the sources of its rules."""

    surplus: Decimal
    equity: Decimal
    debts: Decimal
    threshold: Decimal
    test: SurplusTest
    rules: dict
    rebates_allowed: bool


def law_test(proposal: Proposal) -> LawTest:
    """Apply the test to what a proposal leaves after price adjustments."""
    basis = proposal.basis
    rules = {
        code: row | {"value": Decimal(row["value"])}
        for code, row in basis["rules"].items()
    }
    surplus = proposal.surplus - proposal.adjusted
    equity, debts = Decimal(basis["equity"]), Decimal(basis["debts"])
    return LawTest(
        surplus=surplus,
        equity=equity,
        debts=debts,
        threshold=to_cents(debts * rules["EQUITY_OF_DEBTS"]["value"]),
        test=surplus_test(
            surplus,
            equity=equity,
            debts=debts,
            rules=SurplusRules(
                reserve=rules["RESERVE"]["value"],
                further=rules["FURTHER"]["value"],
                equity_of_debts=rules["EQUITY_OF_DEBTS"]["value"],
                rebates_allowed=basis["rebates_allowed"],
            ),
        ),
        rules=rules,
        rebates_allowed=basis["rebates_allowed"],
    )


# --- scenarios side by side


@allow(Role.FINANCE, Role.BOARD)
def proposals(request: HttpRequest, pk: int) -> HttpResponse:
    row = year_or_404(pk)
    computation = queries.last_computation(row)
    if computation is None:
        raise Http404
    coop = request.who.cooperative
    rules = queries.rules_on(row.ends_on)
    band = rules["BAND"].value * 100 if "BAND" in rules else Decimal(0)
    form = ScenarioForm(
        request.POST if request.method == "POST" else None,
        initial={"band": band.normalize()},
        rebates_forbidden=coop.rebates_forbidden,
    )
    found = list(
        Proposal.objects.filter(year=row)
        .select_related("computation__year", "meeting", "resolution")
        .order_by("pk")
    )

    def show(refused: str | None = None) -> HttpResponse:
        return render(
            request,
            "finance/proposals.html",
            {
                "year": row,
                "at": standing_of(row, request.who.today),
                "computation": computation,
                "figures": YearFigures.objects.filter(year=row).first(),
                "proposals": found,
                "rows": _compared(found),
                "effects": effects_of(found, queries.examples(computation)),
                "chart": scenarios_chart(found),
                "law": law_test(found[-1]) if found else None,
                "rules": rules,
                "rebates_forbidden": coop.rebates_forbidden,
                "form": form,
                "refused": refused,
                "is_finance": Role.FINANCE in request.who.roles,
                "can_add": Role.FINANCE in request.who.roles
                and row.status == YearEnd.Status.OPEN
                and not any(one.status in Proposal.CHOSEN for one in found),
            },
        )

    if request.GET.get("format") == "xlsx":
        return _as_sheet(row, found)
    if request.method != "POST":
        return show()
    if Role.FINANCE not in request.who.roles:
        raise Http404
    if request.POST.get("do") == "usual":
        return _usual(request, row, show)

    def act(_values: dict) -> str:
        actions.make_proposal(year_id=row.pk, by=request.who.by, **form.values())
        messages.success(request, gettext("Le scénario est ajouté."))
        return reverse("finance:proposals", args=[row.pk])

    return act_or_show(request, form, act, show)


USUAL = (
    (_("Tout en réserve"), Decimal(0), Decimal(0)),
    (_("Bande, puis ajustement aux membres"), Decimal(1), Decimal(0)),
    (_("Bande, puis report aux prochains taux"), Decimal(0), Decimal(1)),
)


def _usual(request: HttpRequest, row: YearEnd, show) -> HttpResponse:
    """Add the three scenarios that a board begins with."""

    def act() -> str:
        for rank, (name, adjusted, carried) in enumerate(USUAL):
            actions.make_proposal(
                year_id=row.pk,
                name=str(name),
                adjusted_share=adjusted,
                carried_share=carried,
                band=None if rank else Decimal(0),
                by=request.who.by,
            )
        messages.success(request, gettext("Trois scénarios sont ajoutés."))
        return reverse("finance:proposals", args=[row.pk])

    try:
        return once(request, act)
    except ActionRefused as why:
        response = show(str(why))
        response.status_code = 409
        return response


def _compared(found: list[Proposal]) -> list[tuple[object, list, bool]]:
    """Return the rows of the comparison: a word, an amount for each, if it is total."""
    if not found:
        return []
    rows: list[tuple] = [
        (label, [getattr(one, name) for one in found], False) for name, label in PARTS
    ]
    if not any(one.rebates for one in found):
        rows.pop()
    rows.append((gettext("Surplus ou déficit"), [p.surplus for p in found], True))
    return rows


def effects_of(found: list[Proposal], sizes) -> list[tuple]:
    """Return for each example member what each proposal does now and next year."""
    given = {}
    for one in found:
        adjustments = queries.adjustments_of(one)
        own = {
            (year.organisation_id, year.province): year
            for year in queries.member_years(one.computation)
        }
        given[one.pk] = adjustments, own
    rows = []
    for example in sizes:
        key = example.year.organisation_id, example.year.province
        cells = []
        for one in found:
            adjustments, own = given[one.pk]
            year = own.get(key)
            cells.append(
                (adjustments[year.pk], queries.next_year_of(year, one))
                if year
                else (None, None)
            )
        rows.append((example, cells))
    return rows


def scenarios_chart(found: list[Proposal]) -> Chart | None:
    if not found:
        return None
    shown = [
        (name, label)
        for name, label in PARTS
        if any(getattr(one, name) for one in found)
    ]
    return Chart(
        gettext("Où va le surplus ou le déficit, par scénario"),
        [one.reference.rsplit("-", 1)[-1] + ". " + one.name for one in found],
        [
            Series(str(label), [getattr(one, name) for one in found])
            for name, label in shown
        ],
        "$",
        decimals=0,
        stacked=True,
        named=True,
    )


def _as_sheet(row: YearEnd, found: list[Proposal]) -> HttpResponse:
    return sheet(
        gettext("scénarios") + f" {row.label}",
        [
            gettext("Référence"),
            gettext("Nom"),
            gettext("État"),
            gettext("Bande"),
            gettext("Surplus ($)"),
            *(f"{label} ($)" for _name, label in PARTS),
            gettext("Variation des taux ($/h)"),
            gettext("Assemblée"),
            gettext("Résolution"),
        ],
        (
            (
                one.reference,
                one.name,
                one.get_status_display(),
                one.band,
                one.surplus,
                *(getattr(one, name) for name, _label in PARTS),
                one.rate_change,
                one.meeting.held_on if one.meeting else "",
                one.resolution.number if one.resolution else "",
            )
            for one in found
        ),
    )


# --- one proposal


@allow(Role.FINANCE, Role.BOARD)
def proposal(request: HttpRequest, pk: int, proposal_id: int) -> HttpResponse:
    row = get_object_or_404(
        Proposal.objects.select_related(
            "year",
            "computation__year",
            "meeting",
            "resolution__meeting",
            "recommended_by",
        ),
        pk=proposal_id,
        year_id=pk,
    )
    page = _Page(request, row)
    if request.method != "POST":
        return page.show()
    acts = {
        "recommend": (Role.BOARD, page.recommend),
        "withdraw": (Role.BOARD, page.withdraw),
        "agenda": (Role.BOARD, page.put_on_agenda),
        "adopt": (Role.BOARD, page.adopt),
        "remove": (Role.FINANCE, page.remove),
    }
    role, act = acts.get(request.POST.get("do", ""), (None, None))
    if role not in request.who.roles:
        raise Http404
    return act()


class _Page:
    """One proposal, and the acts on it."""

    def __init__(self, request: HttpRequest, row: Proposal) -> None:
        self.request, self.row, self.by = request, row, request.who.by
        today = request.who.today
        self.note_form = NoteForm()
        self.reason_form = ReasonForm()
        self.agenda_form = AgendaForm(today=today, initial={"meeting": row.meeting_id})
        self.adopt_form = AdoptForm()

    def show(self, refused: str | None = None) -> HttpResponse:
        row, roles = self.row, self.request.who.roles
        sizes = queries.examples(row.computation)
        status = Proposal.Status
        return render(
            self.request,
            "finance/proposal.html",
            {
                "year": row.year,
                "proposal": row,
                "law": law_test(row),
                "parts": [
                    (label, getattr(row, name))
                    for name, label in PARTS
                    if getattr(row, name)
                ],
                "effects": [
                    (example, *cells[0]) for example, cells in effects_of([row], sizes)
                ],
                "chart": scenarios_chart([row]),
                "width": to_cents(row.computation.cost * row.band),
                "step_names": [
                    gettext("Scénario"),
                    gettext("Recommandée"),
                    gettext("À l’ordre du jour"),
                    gettext("Adoptée"),
                    gettext("Écrite"),
                ],
                "step": _STEP[row.status],
                "is_board": Role.BOARD in roles,
                "is_finance": Role.FINANCE in roles,
                "can_recommend": row.status == status.DRAFT
                and row.year.status == YearEnd.Status.OPEN,
                "can_adopt": row.status in (status.RECOMMENDED, status.ON_AGENDA),
                "note_form": self.note_form,
                "reason_form": self.reason_form,
                "agenda_form": self.agenda_form,
                "adopt_form": self.adopt_form,
                "resolution_text": resolution_text(row),
                "story": story(story_of(row)),
                "doing": self.request.POST.get("do", ""),
                "refused": refused,
            },
        )

    def _do(self, form: Form, act, said: str, where: str = "") -> HttpResponse:
        def run(values: dict) -> str:
            act(values)
            messages.success(self.request, said)
            return where or reverse(
                "finance:proposal", args=[self.row.year_id, self.row.pk]
            )

        return act_or_show(self.request, form, run, self.show)

    def recommend(self) -> HttpResponse:
        self.note_form = NoteForm(self.request.POST)
        return self._do(
            self.note_form,
            lambda values: actions.recommend(
                proposal_id=self.row.pk, note=values["note"], by=self.by
            ),
            gettext("Le conseil recommande cette proposition."),
        )

    def withdraw(self) -> HttpResponse:
        self.reason_form = ReasonForm(self.request.POST)
        return self._do(
            self.reason_form,
            lambda values: actions.withdraw(
                proposal_id=self.row.pk, reason=values["reason"], by=self.by
            ),
            gettext("La recommandation est retirée."),
        )

    def put_on_agenda(self) -> HttpResponse:
        self.agenda_form = AgendaForm(self.request.POST, today=self.request.who.today)
        return self._do(
            self.agenda_form,
            lambda values: actions.put_on_agenda(
                proposal_id=self.row.pk, meeting_id=values["meeting"].pk, by=self.by
            ),
            gettext("La proposition est à l’ordre du jour."),
        )

    def adopt(self) -> HttpResponse:
        self.adopt_form = AdoptForm(self.request.POST)
        return self._do(
            self.adopt_form,
            lambda values: actions.adopt(
                proposal_id=self.row.pk,
                resolution_id=values["resolution"].pk,
                by=self.by,
            ),
            gettext("La résolution est inscrite. Les finances peuvent écrire."),
        )

    def remove(self) -> HttpResponse:
        return self._do(
            Form(self.request.POST),
            lambda _values: actions.remove_scenario(
                proposal_id=self.row.pk, by=self.by
            ),
            gettext("Le scénario est supprimé."),
            reverse("finance:proposals", args=[self.row.year_id]),
        )


_STEP = {
    "DRAFT": 0,
    "RECOMMENDED": 1,
    "ON_AGENDA": 2,
    "ADOPTED": 3,
    "POSTING": 4,
    "POSTED": 5,
    "REVERSING": 5,
    "REVERSED": 5,
}


def resolution_text(row: Proposal) -> str:
    """Suggest what a meeting may resolve; it names the proposal, as it must."""
    return gettext(
        "Il est résolu d’adopter la proposition %(reference)s du conseil sur "
        "l’exercice %(year)s (« %(name)s »)."
    ) % {"reference": row.reference, "year": row.year.label, "name": row.name}


urls = [
    path("annee/<int:pk>/propositions", proposals, name="proposals"),
    path("annee/<int:pk>/propositions/<int:proposal_id>", proposal, name="proposal"),
]
