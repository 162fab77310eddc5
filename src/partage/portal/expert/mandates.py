"""An expert's own mandates: what, for whom, what is left, what to deliver."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from partage.journal.actions import ActionRefused
from partage.journal.queries import story_of
from partage.mandates import queries
from partage.mandates.models import Mandate
from partage.people.models import Role
from partage.portal import mandate_work as work
from partage.portal.access import allow
from partage.portal.expert.knowledge import door_of
from partage.portal.once import once
from partage.portal.story import story


def _own(request: HttpRequest) -> QuerySet[Mandate]:
    """The mandates of whoever asks, and nobody else's."""
    expert = request.who.expert
    if expert is None:
        return queries.mandates().none()
    return queries.mandates_of(expert.pk, on=request.who.today)


def _one(request: HttpRequest, mandate_id: int) -> Mandate:
    return get_object_or_404(_own(request), pk=mandate_id)


@allow(Role.EXPERT)
def mandates(request: HttpRequest) -> HttpResponse:
    closed = request.GET.get("etat") == "clos"
    rows = _own(request).order_by("status", "due_on", "-pk")
    is_closed = {"status": Mandate.Status.CLOSED}
    open_count = rows.exclude(**is_closed).count()
    closed_count = rows.filter(**is_closed).count()
    rows = rows.filter(**is_closed) if closed else rows.exclude(**is_closed)
    if request.GET.get("format") == "xlsx":
        return work.as_sheet(rows)
    page = Paginator(rows, 25).get_page(request.GET.get("page"))
    shown = list(page)
    budgets = work.budgets_of(shown)
    done = queries.milestones_done(row.pk for row in shown)
    for row in shown:
        row.budget = budgets[row.pk]
        row.kind = work.KINDS[row.status]
        row.reached, row.of = done.get(row.pk, (0, 0))
    return render(
        request,
        "expert/mandates.html",
        {
            "page": page,
            "rows": shown,
            "closed": closed,
            "open_count": open_count,
            "closed_count": closed_count,
        },
    )


@allow(Role.EXPERT)
def mandate(request: HttpRequest, mandate_id: int) -> HttpResponse:
    return _show(request, _one(request, mandate_id))


def _show(
    request: HttpRequest,
    row: Mandate,
    *,
    status: int = 200,
    refused=None,
    deliverable=None,
) -> HttpResponse:
    months = work.months_of(row)
    return render(
        request,
        "expert/mandate.html",
        {
            "mandate": row,
            "door": "expert",
            "kind": work.KINDS[row.status],
            "team": queries.team_of(row.pk),
            "milestones": row.milestones.all(),
            "deliverables": queries.deliverables_of(row.pk),
            "budget": work.budgets_of([row])[row.pk],
            "months": months,
            "chart": work.chart_of(row, months),
            "today": request.who.today,
            "may_work": row.status == Mandate.Status.OPEN,
            "deliverable_form": deliverable or work.DeliverableForm(mandate=row),
            "refused": refused,
            "story": story(story_of(row)),
        },
        status=status,
    )


@allow(Role.EXPERT)
@require_POST
def milestone(request: HttpRequest, mandate_id: int, milestone_id: int) -> HttpResponse:
    row = _one(request, mandate_id)

    def act() -> str:
        work.turn_milestone(request, row, milestone_id)
        return reverse("expert:mandate", args=[row.pk])

    try:
        return once(request, act)
    except ActionRefused as refused:
        return _show(request, _one(request, mandate_id), refused=refused, status=409)


@allow(Role.EXPERT)
@require_POST
def add_deliverable(request: HttpRequest, mandate_id: int) -> HttpResponse:
    row = _one(request, mandate_id)
    form = work.DeliverableForm(request.POST, request.FILES, mandate=row)
    if not form.is_valid():
        return _show(request, row, deliverable=form, status=422)

    def act() -> str:
        work.deliver(request, row, form)
        messages.success(request, gettext("Le livrable est déposé."))
        return reverse("expert:mandate", args=[row.pk])

    try:
        return once(request, act)
    except ActionRefused as refused:
        now = _one(request, mandate_id)
        return _show(request, now, refused=refused, deliverable=form, status=409)


@allow(Role.EXPERT)
def close_mandate(request: HttpRequest, mandate_id: int) -> HttpResponse:
    row = _one(request, mandate_id)
    return work.close(request, row, door=door_of(request))


@allow(Role.EXPERT)
def deliverable_file(request: HttpRequest, deliverable_id: int) -> HttpResponse:
    return work.deliverable_file(_own(request), deliverable_id)


urls = [
    path("mandats/", mandates, name="mandates"),
    path("mandats/<int:mandate_id>/", mandate, name="mandate"),
    path("mandats/<int:mandate_id>/cloture", close_mandate, name="close_mandate"),
    path(
        "mandats/<int:mandate_id>/jalons/<int:milestone_id>",
        milestone,
        name="milestone",
    ),
    path("mandats/<int:mandate_id>/livrables", add_deliverable, name="add_deliverable"),
    path("livrables/<int:deliverable_id>", deliverable_file, name="deliverable"),
]
