"""What an expert is asked to do: to accept or to decline."""

from datetime import date

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from partage.journal.actions import ActionRefused
from partage.mandates.queries import engaged_needs
from partage.needs.models import Attachment
from partage.people.models import Role
from partage.planning.actions import (
    accept_assignment,
    answer_handover,
    ask_swap,
    cancel_handover,
    decline_assignment,
    move_hours,
)
from partage.planning.models import Assignment, Handover
from partage.planning.queries import (
    LIVE,
    World,
    assignments_of,
    handovers,
    loads,
    open_parts,
)
from partage.portal.access import allow
from partage.portal.files import download
from partage.portal.once import once
from partage.portal.week_shares import SharesForm
from partage.timesheets.queries import days_practised_everywhere


def _mine(request: HttpRequest, assignment_id: int) -> Assignment:
    if request.who.expert is None:
        raise Http404
    return get_object_or_404(assignments_of(request.who.expert.pk), pk=assignment_id)


@allow(Role.EXPERT)
def assignment(request: HttpRequest, assignment_id: int) -> HttpResponse:
    return _page(request, _mine(request, assignment_id))


def _page(
    request, asked, refused=None, answer="", status=200, shares=None, typed=None
) -> HttpResponse:
    mondays = list(
        asked.allocations.order_by("monday").values_list("monday", flat=True)
    )
    mine = loads([asked.expert], mondays=mondays)[asked.expert_id] if mondays else []
    kept = dict(asked.allocations.values_list("monday", "minutes"))
    live = asked.status in LIVE
    begun = live and asked.part.need_id in engaged_needs()
    standing = asked.handovers.filter(status=Handover.Status.OPEN).first()
    return render(
        request,
        "expert/assignment.html",
        {
            "asked": asked,
            "need": asked.part.need,
            "weeks": [(load, kept[load.monday]) for load in mine],
            "live": live,
            "begun": begun,
            "standing": standing,
            "colleagues": colleagues_for(request, asked)
            if live and not begun and not standing
            else [],
            "shares": shares
            or (
                SharesForm(assignment=asked, today=request.who.today) if live else None
            ),
            "typed": typed or {},
            "papers": Attachment.objects.filter(need=asked.part.need).select_related(
                "file"
            ),
            "refused": refused,
            "answer": answer,
        },
        status=status,
    )


@allow(Role.EXPERT)
@require_POST
def answer(request: HttpRequest, assignment_id: int) -> HttpResponse:
    asked = _mine(request, assignment_id)
    typed = request.POST.get("answer", "")
    accepted = request.POST.get("act") == "accept"

    def act() -> str:
        if accepted:
            accept_assignment(
                assignment_id=asked.pk, expert_id=asked.expert_id, by=request.who.by
            )
            messages.success(request, _("Merci : c’est à vous."))
        else:
            decline_assignment(
                assignment_id=asked.pk,
                expert_id=asked.expert_id,
                answer=typed,
                by=request.who.by,
            )
            messages.success(request, _("C’est noté. La coordination replacera."))
        return reverse("expert:home")

    try:
        return once(request, act)
    except ActionRefused as refusal:
        asked.refresh_from_db()
        return _page(request, asked, refusal, typed, status=409)


@allow(Role.EXPERT)
def paper(request: HttpRequest, assignment_id: int, attachment_id: int):
    """A document joined to the need that the expert is asked to do."""
    asked = _mine(request, assignment_id)
    joined = get_object_or_404(
        Attachment.objects.select_related("file"),
        pk=attachment_id,
        need_id=asked.part.need_id,
    )
    if asked.status not in ("PROPOSED", "ACCEPTED"):
        return redirect("expert:assignment", asked.pk)
    return download(joined.file)


def colleagues_for(request: HttpRequest, asked: Assignment) -> list:
    """Return the colleagues whom the rules and their hours let take over."""
    world = World(
        on=request.who.today,
        parts=open_parts().filter(pk=asked.part_id),
        practised=days_practised_everywhere(request.who.today.year),
    )
    if not world.parts:
        return []
    ranking = world.ranking(world.parts[0])
    return [
        ranking.experts[verdict.expert_id]
        for verdict in ranking.verdicts
        if verdict.eligible
        and verdict.expert_id != asked.expert_id
        and sum(ranking.free[verdict.expert_id].values()) >= asked.minutes
    ]


@allow(Role.EXPERT)
@require_POST
def swap(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """Ask a colleague to take over."""
    asked = _mine(request, assignment_id)
    typed = request.POST.get("colleague", "")

    def act() -> str:
        made = ask_swap(
            assignment_id=asked.pk,
            expert_id=asked.expert_id,
            to_expert_id=int(typed) if typed.isdecimal() else asked.expert_id,
            reason=request.POST.get("reason", ""),
            engaged=engaged_needs(),
            practised=days_practised_everywhere(request.who.today.year),
            by=request.who.by,
        )
        messages.success(
            request,
            _("%(expert)s a reçu votre demande d’échange.")
            % {"expert": made.to_expert.name},
        )
        return reverse("expert:assignment", args=[asked.pk])

    try:
        return once(request, act)
    except ActionRefused as refusal:
        return _page(request, asked, refusal, status=409, typed=request.POST)


@allow(Role.EXPERT)
@require_POST
def share(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """Share one's own hours otherwise among weeks."""
    asked = _mine(request, assignment_id)
    form = SharesForm(request.POST, assignment=asked, today=request.who.today)
    if not form.is_valid():
        return _page(request, asked, status=422, shares=form)

    def act() -> str:
        move_hours(
            assignment_id=asked.pk,
            weeks=form.shares(),
            exception=form.cleaned_data["exception"],
            by=request.who.by,
        )
        messages.success(request, _("Vos semaines sont à jour."))
        return reverse("expert:assignment", args=[asked.pk])

    try:
        return once(request, act)
    except ActionRefused as refusal:
        form.add_error(
            "exception" if refusal.field == "exception" else None, str(refusal)
        )
        return _page(request, asked, status=409, shares=form)


@allow(Role.EXPERT)
def handover(request: HttpRequest, handover_id: int) -> HttpResponse:
    """What a colleague, or a plan, asks: to give, to take, or other weeks."""
    if request.who.expert is None:
        raise Http404
    mine = request.who.expert
    asked = get_object_or_404(
        handovers().filter(
            Q(assignment__expert=mine) | Q(to_expert=mine), pk=handover_id
        )
    )
    if request.method == "POST":
        return _answer(request, asked, mine)
    return _handover(request, asked, mine)


def _handover(request, asked, mine, refused=None, typed="", status=200):
    mondays = [date.fromisoformat(monday) for monday, _minutes in asked.weeks]
    taking = asked.to_expert_id == mine.pk
    weeks = loads([mine], mondays=mondays)[mine.pk] if taking else []
    answered = asked.taker_agreed_at if taking else asked.giver_agreed_at
    return render(
        request,
        "expert/handover.html",
        {
            "asked": asked,
            "need": asked.assignment.part.need,
            "taking": taking,
            "weeks": [
                (load, minutes)
                for load, (_monday, minutes) in zip(weeks, asked.weeks, strict=True)
            ]
            if taking
            else [],
            "to_answer": asked.status == Handover.Status.OPEN and not answered,
            "may_cancel": asked.status == Handover.Status.OPEN
            and asked.cause == Handover.Cause.SWAP
            and not taking,
            "refused": refused,
            "typed": typed,
        },
        status=status,
    )


def _answer(request, asked, mine) -> HttpResponse:
    what, typed = request.POST.get("act", ""), request.POST.get("answer", "")

    def act() -> str:
        if what == "cancel":
            cancel_handover(handover_id=asked.pk, expert_id=mine.pk, by=request.who.by)
            messages.success(request, _("La demande d’échange est annulée."))
        else:
            answer_handover(
                handover_id=asked.pk,
                expert_id=mine.pk,
                agrees=what == "agree",
                answer=typed,
                practised=days_practised_everywhere(request.who.today.year),
                by=request.who.by,
            )
            messages.success(request, _("Votre réponse est notée."))
        return reverse("expert:home")

    try:
        return once(request, act)
    except ActionRefused as refusal:
        asked.refresh_from_db()
        return _handover(request, asked, mine, refusal, typed, status=409)


urls = [
    path("affectations/<int:assignment_id>/echange", swap, name="swap"),
    path("affectations/<int:assignment_id>/semaines", share, name="move_hours"),
    path("passations/<int:handover_id>", handover, name="handover"),
    path("affectations/<int:assignment_id>", assignment, name="assignment"),
    path("affectations/<int:assignment_id>/reponse", answer, name="answer"),
    path(
        "affectations/<int:assignment_id>/pieces/<int:attachment_id>",
        paper,
        name="assignment_paper",
    ),
]
