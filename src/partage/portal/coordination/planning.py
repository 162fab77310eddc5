"""Who could do a part of a need, who is asked, and the weeks of everyone."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from partage.experts.models import Expert, Field
from partage.experts.queries import expiring_licences, present
from partage.journal.actions import ActionRefused
from partage.needs.models import Need, Part
from partage.people.models import Role
from partage.planning import queries
from partage.planning.actions import propose_assignment, withdraw_assignment
from partage.planning.models import Assignment, Shortlist
from partage.portal.access import allow
from partage.portal.forms import Form, HoursField
from partage.portal.once import once
from partage.portal.reasons import PARTS, RULES, in_words, telling
from partage.rules.calendar import monday_of
from partage.rules.eligibility import Verdict
from partage.timesheets.queries import days_practised

WEEKS_SHOWN = 10


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
    on = request.who.today
    ranking = queries.candidates_for(part, on=on, days_practised=_practised(part, on))
    held = queries.live_assignments([part.pk]).get(part.pk)
    able = [_row(ranking, each, part) for each in ranking.verdicts if each.eligible]
    # Whoever has the field but not the rest: the exceptions worth a thought.
    near = [
        _row(ranking, each, part)
        for each in ranking.verdicts
        if not each.eligible and not any(why.rule == "skill" for why in each.against)
    ]
    if form is None:
        form = ProposalForm(
            people=list(ranking.experts),
            initial={
                "expert": able[0]["expert"].pk if able else None,
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
        "form": form,
        "refused": refused,
        "past": Assignment.objects.filter(part=part)
        .exclude(status__in=queries.LIVE)
        .select_related("expert"),
    }
    return render(request, "coordination/candidates.html", context, status=status)


def _row(ranking: queries.Ranking, verdict: Verdict, part: Part) -> dict:
    expert = ranking.experts[verdict.expert_id]
    return {
        "expert": expert,
        "verdict": verdict,
        "free": sum(ranking.free[verdict.expert_id].values()),
        "level": next(
            skill.get_level_display()
            for skill in expert.skills.all()
            if skill.field_id == part.field_id
        ),
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
def shortlist(request: HttpRequest, shortlist_id: int) -> HttpResponse:
    """Why this person and not another, as it was seen on that day."""
    kept = get_object_or_404(
        Shortlist.objects.select_related("part__need", "part__field", "made_by"),
        pk=shortlist_id,
    )
    chosen = Assignment.objects.filter(shortlist=kept).select_related("expert").first()
    rows = [
        {
            "name": each["name"],
            "eligible": each["eligible"],
            "score": each["score"],
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
    q = forms.CharField(label=gettext_lazy("Nom"), required=False)


@allow(Role.COORDINATION)
def board(request: HttpRequest) -> HttpResponse:
    """People by weeks: what is worked, confirmed, tentative, and what is left."""
    filters = BoardFilter(request.GET)
    people = present(request.who.today).order_by("sort_key")
    if filters.is_valid():
        if field := filters.cleaned_data["domaine"]:
            people = people.filter(skills__field=field).distinct()
        if typed := filters.cleaned_data["q"]:
            people = people.filter(name__icontains=typed)
    page = Paginator(people, 25).get_page(request.GET.get("page"))
    first = monday_of(request.who.today)
    mondays = [first + timedelta(weeks=i) for i in range(WEEKS_SHOWN)]
    loads = queries.loads(list(page), mondays=mondays)
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
            "tab": "weeks",
            "page": page,
            "mondays": mondays,
            "rows": [(expert, loads[expert.pk]) for expert in page],
            "waiting": waiting[:15],
            "waiting_count": waiting.count(),
            "proposed": Assignment.objects.filter(status=Assignment.Status.PROPOSED)
            .select_related("expert", "part__need")
            .order_by("proposed_at")[:15],
            "licences": expiring_licences(on=request.who.today)[:10],
        },
    )


urls = [
    path("volets/<int:part_id>/candidats", candidates, name="candidates"),
    path("affectations/", board, name="planning"),
    path("affectations/<int:assignment_id>/retirer", withdraw, name="withdraw"),
    path("affectations/choix/<int:shortlist_id>", shortlist, name="shortlist"),
]
