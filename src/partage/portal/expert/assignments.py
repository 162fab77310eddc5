"""What an expert is asked to do: to accept or to decline."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from partage.journal.actions import ActionRefused
from partage.needs.models import Attachment
from partage.people.models import Role
from partage.planning.actions import accept_assignment, decline_assignment
from partage.planning.models import Assignment
from partage.planning.queries import assignments_of, loads
from partage.portal.access import allow
from partage.portal.files import download
from partage.portal.once import once


def _mine(request: HttpRequest, assignment_id: int) -> Assignment:
    if request.who.expert is None:
        raise Http404
    return get_object_or_404(assignments_of(request.who.expert.pk), pk=assignment_id)


@allow(Role.EXPERT)
def assignment(request: HttpRequest, assignment_id: int) -> HttpResponse:
    return _page(request, _mine(request, assignment_id))


def _page(request, asked, refused=None, answer="", status=200) -> HttpResponse:
    mondays = list(
        asked.allocations.order_by("monday").values_list("monday", flat=True)
    )
    mine = loads([asked.expert], mondays=mondays)[asked.expert_id] if mondays else []
    shares = dict(asked.allocations.values_list("monday", "minutes"))
    return render(
        request,
        "expert/assignment.html",
        {
            "asked": asked,
            "need": asked.part.need,
            "weeks": [(load, shares[load.monday]) for load in mine],
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


urls = [
    path("affectations/<int:assignment_id>", assignment, name="assignment"),
    path("affectations/<int:assignment_id>/reponse", answer, name="answer"),
    path(
        "affectations/<int:assignment_id>/pieces/<int:attachment_id>",
        paper,
        name="assignment_paper",
    ),
]
