"""The expert's first page: what waits, the week, the mandates."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from partage.knowledge.queries import credit_of
from partage.mandates.models import Mandate, TeamMember
from partage.mandates.queries import forgotten, mandates_of
from partage.people.models import Role
from partage.planning.models import Assignment
from partage.planning.queries import assignments_of, handovers_of
from partage.portal.access import allow
from partage.rules.calendar import monday_of
from partage.timesheets.models import Week
from partage.timesheets.queries import expected_minutes, weeks_with_sums

WEEKS_SHOWN = 4


@allow(Role.EXPERT)
def home(request: HttpRequest) -> HttpResponse:
    expert = request.who.expert
    if expert is None:
        return render(request, "expert/nobody.html")
    today = request.who.today
    monday = monday_of(today)
    asked = assignments_of(expert.pk)
    seen = mandates_of(expert.pk, on=today).values("pk")
    mondays = [monday - timedelta(weeks=at) for at in range(WEEKS_SHOWN)]
    weeks = {
        week.monday: week
        for week in weeks_with_sums().filter(expert=expert, monday__in=mondays)
    }
    return render(
        request,
        "expert/home.html",
        {
            "expert": expert,
            "handovers": [
                one
                for one in handovers_of(expert.pk)
                if not (
                    one.taker_agreed_at
                    if one.to_expert_id == expert.pk
                    else one.giver_agreed_at
                )
            ],
            "to_answer": asked.filter(status=Assignment.Status.PROPOSED),
            "coming": asked.filter(
                status=Assignment.Status.ACCEPTED, ends_on__gte=today
            )
            .exclude(
                part__need__in=Mandate.objects.filter(offer__need__isnull=False).values(
                    "offer__need"
                )
            )
            .order_by("starts_on")[:10],
            "weeks": [
                (
                    at,
                    weeks.get(at),
                    expected_minutes(expert.pk, at, at + timedelta(days=6)),
                )
                for at in mondays
            ],
            "open": Week.Status.OPEN,
            "credit": credit_of(expert.pk),
            "to_close": forgotten(today).filter(
                team__expert=expert, team__lead=True, pk__in=seen
            ),
            "mandates": TeamMember.objects.filter(
                expert=expert,
                mandate__status=Mandate.Status.OPEN,
                mandate__in=seen,
            )
            .select_related("mandate__organisation")
            .order_by("mandate__due_on")[:12],
        },
    )


urls = [path("", home, name="home")]
