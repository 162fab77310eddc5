"""« Vie coopérative »: what being a member means here, and what members decided."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path

from partage.governance.queries import meetings_of_members
from partage.journal.queries import story_of_ids
from partage.members.models import Membership
from partage.members.queries import register
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.files import download
from partage.portal.story import story_for_member


@allow(Role.MEMBER)
def governance(request: HttpRequest) -> HttpResponse:
    who = request.who
    ids = list(
        Membership.objects.filter(
            organisation_id__in=who.organisation_ids()
        ).values_list("pk", flat=True)
    )
    held = list(meetings_of_members().filter(held_on__lte=who.today)[:10])
    return render(
        request,
        "member/governance.html",
        {
            "lines": register(who.today, membership_ids=ids),
            "votes": who.organisation_ids("vote"),
            "next_meeting": meetings_of_members()
            .filter(held_on__gt=who.today)
            .order_by("held_on")
            .first(),
            "meetings": held,
            "today": who.today,
            "minutes_url": "member:minutes",
            "story": story_for_member(
                story_of_ids([("members.Membership", ids)], limit=20),
                own_ids=[],
                cooperative=who.cooperative.name,
            ),
        },
    )


@allow(Role.MEMBER)
def minutes(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Give the minutes of a general meeting to whoever represents a member."""
    represented = Membership.objects.filter(
        organisation_id__in=request.who.organisation_ids(), left_on=None
    )
    meetings = meetings_of_members().filter(minutes__isnull=False)
    if not represented.exists():
        meetings = meetings.none()
    return download(get_object_or_404(meetings, pk=meeting_id).minutes)


urls = [
    path("vie-cooperative/", governance, name="governance"),
    path("vie-cooperative/<int:meeting_id>/proces-verbal", minutes, name="minutes"),
]
