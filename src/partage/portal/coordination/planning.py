"""Who could do a part of a need, who is asked, and the weeks of everyone."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from partage.experts.models import Expert, Field, Level
from partage.experts.queries import expiring_licences, present
from partage.journal.actions import ActionRefused
from partage.needs.models import Need, Part
from partage.people.models import Language, Role
from partage.planning import queries
from partage.planning.actions import (
    ask_other_weeks,
    fix_assignment,
    move_hours,
    propose_assignment,
    withdraw_assignment,
)
from partage.planning.models import Assignment, Change, Shortlist
from partage.planning.queries import engine
from partage.portal.access import allow
from partage.portal.choices import Effect, effects
from partage.portal.coordination.plan import world_of
from partage.portal.forms import Form, HoursField
from partage.portal.once import once
from partage.portal.plan_words import nobody_in_words
from partage.portal.reasons import PARTS, RULES, in_words, telling
from partage.portal.spreadsheets import sheet
from partage.portal.week_shares import SharesForm
from partage.rules.calendar import monday_of
from partage.rules.eligibility import Verdict
from partage.rules.triage import fold
from partage.timesheets.queries import days_practised

WEEKS_SHOWN = 10
OVER = 30  # minutes: what is less is only how hours were rounded
FREE_ENOUGH = 420


class ProposalForm(Form):
    expert = forms.ModelChoiceField(
        Expert.objects.none(), label=gettext_lazy("À qui"), empty_label=None
    )
    hours = HoursField(label=gettext_lazy("Heures"))
    starts_on = forms.DateField(label=gettext_lazy("Du"))
    ends_on = forms.DateField(label=gettext_lazy("Au"))
    note = forms.CharField(
        label=gettext_lazy("Un mot à l’expert"),
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )
    exception = forms.CharField(
        label=gettext_lazy("Pourquoi faire une exception"),
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["expert"].queryset = Expert.objects.filter(pk__in=people)

    def clean_hours(self):
        if not self.cleaned_data["hours"]:
            raise forms.ValidationError(_("Écrivez au moins quelques minutes."))
        return self.cleaned_data["hours"]


def _part(part_id: int) -> Part:
    return get_object_or_404(
        Part.objects.select_related("need__organisation", "field"), pk=part_id
    )


def _practised(part: Part, on) -> dict[int, int]:
    return days_practised(
        province=part.need.province, field_id=part.field_id, year=on.year
    )


@allow(Role.COORDINATION)
def candidates(request: HttpRequest, part_id: int) -> HttpResponse:
    """Everyone, ranked, with the reasons for and against; the first can be asked."""
    part = _part(part_id)
    if request.method == "POST":
        return _propose(request, part)
    return _candidates(request, part)


def _candidates(request, part, form=None, refused=None, status=200) -> HttpResponse:
    proposal = queries.standing_proposal()
    world = world_of(request, proposal, part)
    ranking = world.ranking(part, queries.weights_of(world.weighting))
    asked = list(
        Assignment.objects.filter(part=part).select_related("expert", "proposed_by")
    )
    held = next((one for one in asked if one.status in queries.LIVE), None)
    effect = effects(world, part, proposal)
    able = [
        _row(ranking, each, part, effect or {})
        for each in ranking.verdicts
        if each.eligible
    ]
    # Whoever has the field but not the rest: the exceptions worth a thought.
    near = [
        _row(ranking, each, part, effect or {})
        for each in ranking.verdicts
        if not each.eligible and not any(why.rule == "skill" for why in each.against)
    ]
    # Nobody, or nobody with the room: a sentence says why.
    placed = [row for row in able if effect is None or row["effect"]]
    planned = (
        proposal.changes.filter(part=part).select_related("expert").first()
        if proposal
        else None
    )
    if form is None:
        form = ProposalForm(
            people=list(ranking.experts),
            initial={
                "expert": _first(able, planned),
                "hours": part.minutes_likely,
                "starts_on": ranking.requirement.window_start,
                "ends_on": ranking.requirement.window_end,
            },
        )
    form.fields["expert"].choices = [
        (
            _("Peuvent le faire"),
            [(row["expert"].pk, row["expert"].name) for row in able],
        ),
        (
            _("Par exception"),
            [(row["expert"].pk, row["expert"].name) for row in near],
        ),
    ]
    context = {
        "part": part,
        "need": part.need,
        "requirement": ranking.requirement,
        "able": able,
        "near": near,
        "others": len(ranking.verdicts) - len(able) - len(near),
        "funnel": _funnel(ranking.funnel),
        "considered": ranking.funnel.considered,
        "held": held,
        "weights": queries.weights_of(world.weighting),
        "weighed": effect is not None,
        "warming": not engine.ready(),
        "planned": planned,
        "nobody": nobody_in_words(world.explanation(part, ranking))
        if not held and not placed and part.pk in world.demand.role_at
        else "",
        "form": form,
        "refused": refused,
        "past": [one for one in asked if one.status not in queries.LIVE],
    }
    return render(request, "coordination/candidates.html", context, status=status)


def _first(able: Sequence[dict], planned: Change | None) -> int | None:
    """Return whom to ask first: whom the plan that waits would, the best for the
    whole, or while neither is known, who has most points."""
    those = [row["expert"].pk for row in able]
    if planned and planned.expert_id in those:
        return planned.expert_id
    weighed = [row for row in able if row["effect"]]
    if weighed:
        return min(weighed, key=lambda row: row["effect"].more)["expert"].pk
    return those[0] if those else None


def _row(
    ranking: queries.Ranking, verdict: Verdict, part: Part, effect: Mapping[int, Effect]
) -> dict:
    expert = ranking.experts[verdict.expert_id]
    return {
        "expert": expert,
        "effect": effect.get(verdict.expert_id),
        "verdict": verdict,
        "free": sum(ranking.free[verdict.expert_id].values()),
        "level": Level(ranking.levels[verdict.expert_id]).label,
        "best": in_words(telling(verdict.for_)) if verdict.for_ else "",
        "for": [in_words(reason) for reason in verdict.for_],
        "against": [in_words(reason) for reason in verdict.against],
        "parts": [(PARTS[name], points) for name, points in verdict.parts],
    }


def _funnel(funnel) -> list[dict]:
    """The rules that leave somebody out, with what each one costs."""
    rows, before = [], funnel.considered
    for step in funnel.steps:
        if step.left < before or step.without > funnel.eligible:
            rows.append(
                {
                    "rule": RULES[step.rule],
                    "left": step.left,
                    "gain": step.without - funnel.eligible,
                }
            )
        before = step.left
    return rows


def _propose(request: HttpRequest, part: Part) -> HttpResponse:
    people = list(present(request.who.today).values_list("pk", flat=True))
    form = ProposalForm(request.POST, people=people)
    if not form.is_valid():
        return _candidates(request, part, form, status=422)
    data = form.cleaned_data
    proposal = queries.standing_proposal()
    effect = effects(world_of(request, proposal, part), part, proposal) or {}

    def act() -> str:
        propose_assignment(
            part_id=part.pk,
            expert_id=data["expert"].pk,
            minutes=data["hours"],
            starts_on=data["starts_on"],
            ends_on=data["ends_on"],
            note=data["note"],
            exception=data["exception"],
            days_practised=_practised(part, request.who.today),
            marginal={pk: each.kept for pk, each in effect.items()},
            by=request.who.by,
        )
        messages.success(
            request,
            _("%(expert)s a reçu la proposition.") % {"expert": data["expert"].name},
        )
        return reverse("coordination:need", args=[part.need_id])

    try:
        return once(request, act)
    except ActionRefused as refusal:
        if refusal.field:
            form.add_error(refusal.field, str(refusal))
            return _candidates(request, part, form, status=409)
        return _candidates(request, part, form, refused=refusal, status=409)


class WithdrawalForm(Form):
    reason = forms.CharField(
        label=gettext_lazy("Pourquoi"),
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )


@allow(Role.COORDINATION)
@require_POST
def withdraw(request: HttpRequest, assignment_id: int) -> HttpResponse:
    assignment = get_object_or_404(Assignment, pk=assignment_id)
    page = reverse("coordination:candidates", args=[assignment.part_id])

    def act() -> str:
        withdraw_assignment(
            assignment_id=assignment.pk,
            reason=request.POST.get("reason", ""),
            by=request.who.by,
        )
        messages.success(request, _("L’affectation est retirée."))
        return page

    try:
        return once(request, act)
    except ActionRefused as refusal:
        return _candidates(
            request, _part(assignment.part_id), refused=refusal, status=409
        )


@allow(Role.COORDINATION)
def share(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """Move and split the hours of an assignment among weeks.

    What its expert has accepted is asked of them first: it is their week.
    """
    asked = get_object_or_404(
        Assignment.objects.select_related(
            "expert", "part__need__organisation", "part__field"
        ),
        pk=assignment_id,
    )
    form = SharesForm(request.POST or None, assignment=asked, today=request.who.today)
    context = {"asked": asked, "shares": form, "tab": "weeks", "refused": None}
    if request.method != "POST":
        return render(request, "coordination/shares.html", context)
    if not form.is_valid():
        return render(request, "coordination/shares.html", context, status=422)

    def act() -> str:
        if asked.status == Assignment.Status.ACCEPTED:
            ask_other_weeks(
                assignment_id=asked.pk, weeks=form.shares(), by=request.who.by
            )
            said = _(
                "%(expert)s a reçu la demande : ses semaines bougeront avec son accord."
            )
        else:
            move_hours(
                assignment_id=asked.pk,
                weeks=form.shares(),
                exception=form.cleaned_data["exception"],
                by=request.who.by,
            )
            said = _("Les semaines de %(expert)s ont changé.")
        messages.success(request, said % {"expert": asked.expert.name})
        return reverse("coordination:candidates", args=[asked.part_id])

    try:
        return once(request, act)
    except ActionRefused as refusal:
        if refusal.field == "exception":
            form.add_error("exception", str(refusal))
        else:
            context["refused"] = refusal
        return render(request, "coordination/shares.html", context, status=409)


@allow(Role.COORDINATION)
@require_POST
def fix(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """Keep an assignment where it is whatever a plan says, or let it move again."""
    assignment = get_object_or_404(Assignment, pk=assignment_id)
    fixed = request.POST.get("fixed") == "1"

    def act() -> str:
        fix_assignment(assignment_id=assignment.pk, fixed=fixed, by=request.who.by)
        messages.success(
            request,
            _("L’affectation est fixée : aucun plan ne la déplacera.")
            if fixed
            else _("L’affectation peut de nouveau bouger, avec accord."),
        )
        return reverse("coordination:candidates", args=[assignment.part_id])

    try:
        return once(request, act)
    except ActionRefused as refusal:
        return _candidates(
            request, _part(assignment.part_id), refused=refusal, status=409
        )


@allow(Role.COORDINATION)
def shortlist(request: HttpRequest, shortlist_id: int) -> HttpResponse:
    """Why this person and not another, as it was seen on that day."""
    kept = get_object_or_404(
        Shortlist.objects.select_related(
            "part__need", "part__field", "made_by", "weighting", "proposal"
        ),
        pk=shortlist_id,
    )
    chosen = Assignment.objects.filter(shortlist=kept).select_related("expert").first()
    rows = [
        {
            "name": each["name"],
            "eligible": each["eligible"],
            "score": each["score"],
            "more": Decimal(each["marginal"]["more"]) if "marginal" in each else None,
            "moves": each.get("marginal", {}).get("moves", ()),
            "chosen": chosen and chosen.expert_id == each["expert_id"],
            "for": [in_words(reason) for reason in each["for"]],
            "against": [in_words(reason) for reason in each["against"]],
        }
        for each in kept.candidates
        if each["eligible"]
        or not any(reason["rule"] == "skill" for reason in each["against"])
    ]
    return render(
        request,
        "coordination/shortlist.html",
        {
            "kept": kept,
            "chosen": chosen,
            "rows": rows,
            "others": len(kept.candidates) - len(rows),
        },
    )


class BoardFilter(Form):
    domaine = forms.ModelChoiceField(
        Field.objects.all(),
        label=gettext_lazy("Domaine"),
        required=False,
        to_field_name="code",
        empty_label=gettext_lazy("Tous"),
    )
    langue = forms.ChoiceField(
        label=gettext_lazy("Langue"),
        required=False,
        choices=[("", gettext_lazy("Toutes")), *Language.choices],
    )
    montrer = forms.ChoiceField(
        label=gettext_lazy("Montrer"),
        required=False,
        choices=[
            ("", gettext_lazy("heures libres")),
            ("gardees", gettext_lazy("heures gardées")),
        ],
    )
    q = forms.CharField(label=gettext_lazy("Nom"), required=False)
    voir = forms.ChoiceField(
        label=gettext_lazy("Voir"),
        required=False,
        choices=[
            ("", gettext_lazy("tout le monde")),
            ("trop", gettext_lazy("qui déborde")),
            ("libre", gettext_lazy("qui a 7 h libres chaque semaine")),
            ("attend", gettext_lazy("qui a une réponse à donner")),
        ],
    )

    def narrow(self, people):
        """Keep those who answer; what cannot be read in the address is left aside."""
        self.is_valid()
        asked = self.cleaned_data
        if field := asked.get("domaine"):
            people = people.filter(skills__field=field).distinct()
        if language := asked.get("langue"):
            people = people.filter(languages__contains=[language])
        if typed := asked.get("q"):
            people = people.filter(sort_key__contains=fold(typed))
        return people

    def shows(self, weeks: Sequence[queries.Load]) -> bool:
        """Whether someone's weeks are among those looked for."""
        match self.cleaned_data.get("voir"):
            case "trop":
                return any(over(load) for load in weeks)
            case "libre":
                return all(load.free >= FREE_ENOUGH for load in weeks if load.worked)
            case "attend":
                return any(load.tentative for load in weeks)
        return True


def over(load: queries.Load) -> bool:
    """More is kept of the week than there is, by half an hour or more."""
    return load.free <= -OVER and load.confirmed + load.tentative > 0


@allow(Role.COORDINATION)
def board(request: HttpRequest) -> HttpResponse:
    """People by weeks: what is worked, confirmed, tentative, and what is left."""
    filters = BoardFilter(request.GET)
    people = list(filters.narrow(present(request.who.today)).order_by("sort_key"))
    first = monday_of(request.who.today)
    mondays = [first + timedelta(weeks=i) for i in range(WEEKS_SHOWN)]
    loads = queries.loads(people, mondays=mondays)
    overbooked = [
        (expert, [load for load in loads[expert.pk] if over(load)])
        for expert in people
        if any(over(load) for load in loads[expert.pk])
    ]
    people = [expert for expert in people if filters.shows(loads[expert.pk])]
    if request.GET.get("format") == "xlsx":
        return _board_sheet(people, loads)
    # Whole, to be printed.
    whole = request.GET.get("tout") == "1"
    page = Paginator(people, max(25, len(people)) if whole else 25).get_page(
        request.GET.get("page")
    )
    waiting = (
        Part.objects.filter(need__status=Need.Status.TRIAGED)
        .exclude(
            pk__in=Assignment.objects.filter(status__in=queries.LIVE).values("part_id")
        )
        .select_related("need__organisation", "field")
        .order_by("-need__urgency", "need__received_at")
    )
    return render(
        request,
        "coordination/board.html",
        {
            "filters": filters,
            "kept": filters.cleaned_data.get("montrer") == "gardees",
            "tab": "weeks",
            "page": page,
            "mondays": mondays,
            "rows": [
                (expert, [(load, over(load)) for load in loads[expert.pk]])
                for expert in page
            ],
            "overbooked": overbooked[:10],
            "overbooked_count": len(overbooked),
            "waiting": waiting[:15],
            "waiting_count": waiting.count(),
            "proposed": Assignment.objects.filter(status=Assignment.Status.PROPOSED)
            .select_related("expert", "part__need")
            .order_by("proposed_at")[:15],
            "licences": expiring_licences(on=request.who.today)[:10],
        },
    )


def _board_sheet(people, loads) -> HttpResponse:
    return sheet(
        _("Affectation"),
        [
            _("Expert"),
            _("Semaine du"),
            _("Heures ouvertes"),
            _("Confirmées"),
            _("Proposées"),
            _("Libres"),
            _("Mandats en parallèle"),
        ],
        (
            (
                expert.name,
                load.monday,
                *(
                    Decimal(minutes) / 60
                    for minutes in (
                        load.open,
                        load.confirmed,
                        load.tentative,
                        load.free,
                    )
                ),
                load.parallel,
            )
            for expert in people
            for load in loads[expert.pk]
        ),
    )


urls = [
    path("volets/<int:part_id>/candidats", candidates, name="candidates"),
    path("affectations/", board, name="planning"),
    path("affectations/<int:assignment_id>/retirer", withdraw, name="withdraw"),
    path("affectations/<int:assignment_id>/semaines", share, name="move_hours"),
    path("affectations/<int:assignment_id>/fixer", fix, name="fix"),
    path("affectations/choix/<int:shortlist_id>", shortlist, name="shortlist"),
]
