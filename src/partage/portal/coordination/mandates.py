"""Mandates as coordination follows them: where they stand, what they used."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from partage.billing.queries import invoices_of
from partage.experts.models import Field
from partage.journal.actions import ActionRefused
from partage.journal.queries import story_of
from partage.mandates import actions, queries
from partage.mandates.models import Mandate, Satisfaction
from partage.people.models import Role
from partage.portal import mandate_work as work
from partage.portal.access import allow
from partage.portal.coordination.knowledge import door_of
from partage.portal.forms import Form
from partage.portal.invoices import mandate_invoices
from partage.portal.once import once
from partage.portal.story import story
from partage.rules.triage import fold

ALL = "tous"


class Filter(Form):
    q = forms.CharField(label=_("Chercher"), required=False, max_length=200)
    domaine = forms.ModelChoiceField(
        label=_("Domaine"),
        required=False,
        queryset=Field.objects.all(),
        to_field_name="code",
        empty_label=_("tous"),
    )
    signe = forms.ChoiceField(
        label=_("À surveiller"),
        required=False,
        choices=[
            ("", "—"),
            ("retard", _("en retard")),
            ("depasse", _("budget dépassé")),
        ],
    )

    def narrow(self, rows: QuerySet[Mandate], on) -> QuerySet[Mandate]:
        self.is_valid()
        asked = self.cleaned_data
        for word in fold(asked.get("q") or "").split():
            rows = rows.filter(
                Q(organisation__sort_key__contains=word)
                | Q(reference__icontains=word)
                | Q(title__icontains=word)
            )
        if asked.get("domaine"):
            rows = rows.filter(field=asked["domaine"])
        if asked.get("signe") == "retard":
            rows = rows.filter(queries.late(on))
        if asked.get("signe") == "depasse":
            candidates = list(
                rows.select_related(None).only("budget_minutes", "budget_amount")
            )
            over = work.budgets_of(candidates)
            rows = rows.filter(pk__in=[pk for pk, one in over.items() if one.over])
        return rows


@allow(Role.COORDINATION)
def mandates(request: HttpRequest) -> HttpResponse:
    form = Filter(request.GET)
    found = form.narrow(queries.mandates(), request.who.today)
    counts = dict(
        found.order_by()
        .values("status")
        .annotate(count=Count("pk"))
        .values_list("status", "count")
    )
    which = request.GET.get("etat", "OPEN")
    chosen = found.filter(status=which) if which in Mandate.Status.values else found
    if which not in Mandate.Status.values:
        which = ALL
    chosen = chosen.order_by("-opened_on", "-pk")
    if request.GET.get("format") == "xlsx":
        return work.as_sheet(chosen)
    page = Paginator(chosen, 25).get_page(request.GET.get("page"))
    rows = list(page)
    budgets = work.budgets_of(rows)
    teams = queries.teams(row.pk for row in rows)
    for row in rows:
        row.budget = budgets[row.pk]
        row.people = teams.get(row.pk, [])
        row.kind = work.KINDS[row.status]
        row.late = bool(
            row.due_on and row.due_on < request.who.today and row.status != "CLOSED"
        )
    return render(
        request,
        "coordination/mandates.html",
        {
            "page": page,
            "rows": rows,
            "form": form,
            "filtered": any(request.GET.get(name) for name in form.fields),
            "which": which,
            "tabs": [
                ("OPEN", gettext("en cours"), counts.get("OPEN", 0)),
                ("PAUSED", gettext("en pause"), counts.get("PAUSED", 0)),
                ("CLOSED", gettext("clos"), counts.get("CLOSED", 0)),
                (ALL, gettext("tous"), sum(counts.values())),
            ],
        },
    )


def _one(mandate_id: int) -> Mandate:
    return get_object_or_404(queries.mandates(), pk=mandate_id)


@allow(Role.COORDINATION)
def mandate(request: HttpRequest, mandate_id: int) -> HttpResponse:
    return _show(request, _one(mandate_id))


def _show(
    request: HttpRequest,
    row: Mandate,
    *,
    status: int = 200,
    refused=None,
    deliverable=None,
) -> HttpResponse:
    months = work.months_of(row)
    satisfaction = Satisfaction.objects.filter(mandate=row).first()
    return render(
        request,
        "coordination/mandate.html",
        {
            "mandate": row,
            "door": "coordination",
            "kind": work.KINDS[row.status],
            "team": queries.team_of(row.pk),
            "milestones": row.milestones.all(),
            "deliverables": queries.deliverables_of(row.pk),
            "budget": work.budgets_of([row])[row.pk],
            "months": months,
            "chart": work.chart_of(row, months),
            "today": request.who.today,
            "may_work": row.status == Mandate.Status.OPEN,
            "with_money": True,
            "invoices": mandate_invoices(invoices_of([row.pk]), request.who.today),
            "satisfaction": satisfaction,
            "satisfied": satisfaction and work.score_word(satisfaction.score),
            "deliverable_form": deliverable or work.DeliverableForm(mandate=row),
            "refused": refused,
            "story": story(story_of(row)),
        },
        status=status,
    )


def _act(request: HttpRequest, mandate_id: int, act) -> HttpResponse:
    row = _one(mandate_id)

    def done() -> str:
        act(row)
        return reverse("coordination:mandate", args=[row.pk])

    try:
        return once(request, done)
    except ActionRefused as refused:
        return _show(request, _one(mandate_id), refused=refused, status=409)


def _turns(what: str):
    """A view that pauses, resumes or reopens a mandate for a reason."""

    @allow(Role.COORDINATION)
    @require_POST
    def view(request: HttpRequest, mandate_id: int) -> HttpResponse:
        act = getattr(actions, f"{what}_mandate")
        reason = request.POST.get("reason", "")[:2000]
        return _act(
            request,
            mandate_id,
            lambda row: act(mandate_id=row.pk, reason=reason, by=request.who.by),
        )

    return view


@allow(Role.COORDINATION)
@require_POST
def milestone(request: HttpRequest, mandate_id: int, milestone_id: int) -> HttpResponse:
    return _act(
        request,
        mandate_id,
        lambda row: work.turn_milestone(request, row, milestone_id),
    )


@allow(Role.COORDINATION)
@require_POST
def add_deliverable(request: HttpRequest, mandate_id: int) -> HttpResponse:
    row = _one(mandate_id)
    form = work.DeliverableForm(request.POST, request.FILES, mandate=row)
    if not form.is_valid():
        return _show(request, row, deliverable=form, status=422)

    def act() -> str:
        work.deliver(request, row, form)
        messages.success(request, gettext("Le livrable est déposé."))
        return reverse("coordination:mandate", args=[row.pk])

    try:
        return once(request, act)
    except ActionRefused as refused:
        return _show(
            request, _one(mandate_id), refused=refused, deliverable=form, status=409
        )


@allow(Role.COORDINATION)
def close_mandate(request: HttpRequest, mandate_id: int) -> HttpResponse:
    return work.close(request, _one(mandate_id), door=door_of(request))


@allow(Role.COORDINATION)
def deliverable_file(request: HttpRequest, deliverable_id: int) -> HttpResponse:
    return work.deliverable_file(queries.mandates(), deliverable_id)


urls = [
    path("mandats/", mandates, name="mandates"),
    path("mandats/<int:mandate_id>/", mandate, name="mandate"),
    path("mandats/<int:mandate_id>/pause", _turns("pause"), name="pause_mandate"),
    path("mandats/<int:mandate_id>/reprise", _turns("resume"), name="resume_mandate"),
    path(
        "mandats/<int:mandate_id>/reouverture", _turns("reopen"), name="reopen_mandate"
    ),
    path("mandats/<int:mandate_id>/cloture", close_mandate, name="close_mandate"),
    path(
        "mandats/<int:mandate_id>/jalons/<int:milestone_id>",
        milestone,
        name="milestone",
    ),
    path("mandats/<int:mandate_id>/livrables", add_deliverable, name="add_deliverable"),
    path("livrables/<int:deliverable_id>", deliverable_file, name="deliverable"),
]
