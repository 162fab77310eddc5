"""Handovers that wait for a yes, and the limits that someone broke knowingly."""

from decimal import Decimal

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from partage.journal.actions import ActionRefused
from partage.people.models import Role
from partage.planning import queries
from partage.planning.actions import approve_handover, cancel_handover
from partage.planning.models import BrokenLimit, Handover
from partage.portal.access import allow
from partage.portal.once import once
from partage.portal.spreadsheets import sheet
from partage.timesheets.queries import days_practised_everywhere


@allow(Role.COORDINATION)
def handovers(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(request: HttpRequest, refused=None, status=200) -> HttpResponse:
    rows = queries.handovers()
    ended = Paginator(rows.exclude(status=Handover.Status.OPEN), 25)
    return render(
        request,
        "coordination/handovers.html",
        {
            "tab": "handovers",
            "refused": refused,
            "open": [_waits(one) for one in rows.filter(status=Handover.Status.OPEN)],
            "page": ended.get_page(request.GET.get("page")),
        },
        status=status,
    )


def _waits(handover: Handover) -> Handover:
    """Say whose yes is still missing."""
    missing = []
    if not handover.giver_agreed_at and not handover.same:
        missing.append(handover.assignment.expert.name)
    if not handover.taker_agreed_at:
        missing.append(handover.to_expert.name)
    if handover.approval_needed and not handover.approved_at:
        missing.append(_("la coordination"))
    handover.missing = missing
    return handover


@allow(Role.COORDINATION)
@require_POST
def answer(request: HttpRequest, handover_id: int) -> HttpResponse:
    """Approve a handover, refuse it, or take back one that a plan asked for."""
    handover = get_object_or_404(Handover, pk=handover_id)
    what = request.POST.get("faire", "")

    def act() -> str:
        if what == "annuler":
            cancel_handover(handover_id=handover.pk, by=request.who.by)
            messages.success(request, _("La passation est annulée."))
        else:
            approve_handover(
                handover_id=handover.pk,
                approves=what == "approuver",
                answer=request.POST.get("answer", ""),
                practised=days_practised_everywhere(request.who.today.year),
                by=request.who.by,
            )
            messages.success(
                request,
                _("La passation est approuvée.")
                if what == "approuver"
                else _("La passation est refusée ; les deux personnes le sauront."),
            )
        return reverse("coordination:handovers")

    try:
        return once(request, act)
    except ActionRefused as refused:
        return _page(request, refused, status=409)


@allow(Role.COORDINATION)
def broken_limits(request: HttpRequest) -> HttpResponse:
    """Every limit broken knowingly: whose, which, why, by whom."""
    rows = queries.broken_limits()
    rule = request.GET.get("limite", "")
    if rule in BrokenLimit.Rule.values:
        rows = rows.filter(rule=rule)
    if request.GET.get("format") == "xlsx":
        return sheet(
            _("Dépassements"),
            [
                _("Date"),
                _("Expert"),
                _("Limite"),
                _("Semaine du"),
                _("Heures de trop"),
                _("Demande"),
                _("Pourquoi"),
                _("Par"),
            ],
            (
                (
                    row.broken_at,
                    row.assignment.expert.name,
                    row.get_rule_display(),
                    row.monday,
                    Decimal(row.minutes) / 60 if row.minutes else None,
                    row.assignment.part.need.reference,
                    row.reason,
                    row.broken_by,
                )
                for row in rows
            ),
        )
    return render(
        request,
        "coordination/broken_limits.html",
        {
            "tab": "limits",
            "page": Paginator(rows, 25).get_page(request.GET.get("page")),
            "rules": BrokenLimit.Rule.choices,
            "rule": rule,
        },
    )


urls = [
    path("affectations/passations/", handovers, name="handovers"),
    path("affectations/passations/<int:handover_id>", answer, name="handover_answer"),
    path("affectations/depassements/", broken_limits, name="broken_limits"),
]
