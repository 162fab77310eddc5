"""The Monday morning of whoever coordinates: what waits on whom, the oldest first."""

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.timezone import localtime

from partage.agreements.queries import ending
from partage.billing.queries import low_banks
from partage.mandates.models import Mandate
from partage.needs.models import Need
from partage.needs.queries import all_needs
from partage.people.models import Role
from partage.planning.models import Change, Handover
from partage.planning.queries import standing_proposal
from partage.portal import stages
from partage.portal.access import allow
from partage.portal.plan_words import cause_in_words, distance_in_words
from partage.portal.year import chosen_year, year_seen
from partage.timesheets.models import Week
from partage.timesheets.queries import late_weeks

SHOWN = 8
RENEWAL = 90  # days


@allow(Role.COORDINATION)
def home(request: HttpRequest) -> HttpResponse:
    who = request.who
    needs = stages.with_stage(all_needs())
    counts = dict(
        needs.order_by()
        .values("stage")
        .annotate(count=Count("pk"))
        .values_list("stage", "count")
    )
    waits = [
        (
            waited,
            words,
            sum(
                counts.get(code, 0)
                for code, stage in stages.STAGES.items()
                if stage.waits_on == waited and code != "mandate"
            ),
            [
                (stages.STAGES[code], counts[code])
                for code in stages.OPEN
                if counts.get(code)
                and stages.STAGES[code].waits_on == waited
                and code != "mandate"
            ],
        )
        for waited, words in stages.WAITS.items()
        if waited
    ]
    ours = [
        code
        for code, stage in stages.STAGES.items()
        if stage.waits_on == stages.COORDINATION
    ]
    first = list(
        needs.filter(stage__in=ours)
        .select_related("organisation")
        .defer("text")
        .order_by("-urgency", "received_at", "pk")[:SHOWN]
    )
    for need in first:
        need.at = stages.STAGES[need.stage]
        need.days = (who.today - localtime(need.received_at).date()).days
        need.urgent = need.urgency == Need.Urgency.URGENT
    year = chosen_year("", who.today, who.cooperative.first_month)
    overdue = Mandate.objects.filter(
        status=Mandate.Status.OPEN, due_on__lt=who.today
    ).select_related("organisation")
    return render(
        request,
        "coordination/home.html",
        {
            "waits": waits,
            "first": first,
            "ours": sum(counts.get(code, 0) for code in ours),
            "in_mandate": counts.get("mandate", 0),
            "to_approve": Week.objects.filter(status=Week.Status.SUBMITTED).count(),
            "late": len(late_weeks(who.today)),
            "overdue": overdue.order_by("due_on")[:5],
            "overdue_count": overdue.count(),
            "ending": ending(who.today, days=RENEWAL),
            "low_banks": low_banks(who.today),
            "plan": _plan_waits(),
            "seen": year_seen(year),
        },
    )


def _plan_waits() -> dict | None:
    """Return what a proposed plan, or a handover, waits for coordination to decide."""
    proposal = standing_proposal()
    count = (
        proposal.changes.filter(status=Change.Status.OPEN).count() if proposal else 0
    )
    to_approve = Handover.objects.filter(
        status=Handover.Status.OPEN,
        approval_needed=True,
        approved_at=None,
        taker_agreed_at__isnull=False,
    ).count()
    if not count and not to_approve:
        return None
    return {
        "count": count,
        "cause": cause_in_words(proposal) if proposal else "",
        "distance": distance_in_words(proposal) if proposal else "",
        "to_approve": to_approve,
    }


urls = [path("", home, name="home")]
