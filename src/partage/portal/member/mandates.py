"""A member's own mandates, as they go; nobody else's."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from partage.billing.queries import invoices_for
from partage.journal.actions import ActionRefused
from partage.journal.queries import story_of
from partage.mandates import actions, queries
from partage.mandates.models import Mandate, Satisfaction
from partage.people.models import Role
from partage.portal import mandate_work as work
from partage.portal.access import allow
from partage.portal.invoices import mandate_invoices
from partage.portal.once import once
from partage.portal.story import story_for_member


def _own(request: HttpRequest) -> QuerySet[Mandate]:
    """The mandates of the organisations that the person acts for."""
    return queries.mandates_for(request.who.organisation_ids())


def _one(request: HttpRequest, mandate_id: int) -> Mandate:
    return get_object_or_404(_own(request), pk=mandate_id)


@allow(Role.MEMBER)
def mandates(request: HttpRequest) -> HttpResponse:
    found = _own(request).order_by("-opened_on", "-pk")
    if request.GET.get("format") == "xlsx":
        return work.as_sheet(found)
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    rows = list(page)
    budgets = work.budgets_of(rows)
    teams = queries.teams(row.pk for row in rows)
    said = set(
        Satisfaction.objects.filter(mandate__in=rows).values_list(
            "mandate_id", flat=True
        )
    )
    for row in rows:
        row.budget = budgets[row.pk]
        row.kind = work.KINDS[row.status]
        row.people = teams.get(row.pk, [])
        row.to_rate = row.status == Mandate.Status.CLOSED and row.pk not in said
    several = len(request.who.organisation_ids()) > 1
    return render(
        request,
        "member/mandates.html",
        {"page": page, "rows": rows, "several": several},
    )


@allow(Role.MEMBER)
def mandate(request: HttpRequest, mandate_id: int) -> HttpResponse:
    return _show(request, _one(request, mandate_id))


def _show(
    request: HttpRequest, row: Mandate, *, status: int = 200, refused=None, form=None
) -> HttpResponse:
    months = work.months_of(row)
    satisfaction = Satisfaction.objects.filter(mandate=row).first()
    return render(
        request,
        "member/mandate.html",
        {
            "mandate": row,
            "door": "member",
            "kind": work.KINDS[row.status],
            "team": queries.team_of(row.pk),
            "milestones": row.milestones.all(),
            "deliverables": queries.deliverables_of(row.pk),
            "budget": work.budgets_of([row])[row.pk],
            "months": months,
            "chart": work.chart_of(row, months),
            "today": request.who.today,
            "with_money": True,
            "invoices": mandate_invoices(
                invoices_for(request.who.organisation_ids())
                .filter(mandate=row)
                .order_by("-number"),
                request.who.today,
            ),
            "satisfaction": satisfaction,
            "satisfied": satisfaction and work.score_word(satisfaction.score),
            "form": form or work.SatisfactionForm(),
            "refused": refused,
            "story": story_for_member(
                story_of(row, *([row.offer] if row.offer else [])),
                own_ids=[request.user.pk],
                cooperative=request.who.cooperative.name,
            ),
        },
        status=status,
    )


@allow(Role.MEMBER)
@require_POST
def give_satisfaction(request: HttpRequest, mandate_id: int) -> HttpResponse:
    row = _one(request, mandate_id)
    form = work.SatisfactionForm(request.POST)
    if not form.is_valid():
        return _show(request, row, form=form, status=422)

    def act() -> str:
        actions.record_satisfaction(
            mandate_id=row.pk,
            organisation_ids=request.who.organisation_ids(),
            **form.cleaned_data,
            by=request.who.by,
        )
        messages.success(request, gettext("Merci : votre avis est noté."))
        return reverse("member:mandate", args=[row.pk])

    try:
        return once(request, act)
    except Mandate.DoesNotExist:
        raise Http404 from None
    except ActionRefused as refused:
        now = _one(request, mandate_id)
        return _show(request, now, form=form, refused=refused, status=409)


@allow(Role.MEMBER)
def deliverable_file(request: HttpRequest, deliverable_id: int) -> HttpResponse:
    return work.deliverable_file(_own(request), deliverable_id)


urls = [
    path("mandats/", mandates, name="mandates"),
    path("mandats/<int:mandate_id>/", mandate, name="mandate"),
    path("mandats/<int:mandate_id>/avis", give_satisfaction, name="satisfaction"),
    path("livrables/<int:deliverable_id>", deliverable_file, name="deliverable"),
]
