"""The plan proposed beside the one in force: seek it, watch it, decide on it."""

from datetime import date
from decimal import Decimal

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from partage.journal.actions import ActionRefused
from partage.mandates.queries import engaged_needs
from partage.needs.models import Part
from partage.people.models import Role
from partage.planning import queries
from partage.planning.actions import ask_for_plan, decide_changes, stop_plan
from partage.planning.actions.proposing import SILENCE
from partage.planning.models import Change, Proposal
from partage.portal import plan_words
from partage.portal.access import allow
from partage.portal.hour_values import hour_value_charts
from partage.portal.once import once
from partage.portal.spreadsheets import sheet
from partage.rules.demand import print_of
from partage.timesheets.queries import days_practised_everywhere

MOST_UNMET = 25  # parts whose reasons are said on one page
SOUGHT = (Proposal.Status.WAITING, Proposal.Status.RUNNING)


def world_of(
    request: HttpRequest, proposal: Proposal | None, part: Part | None = None
) -> queries.World:
    """Look at everything that a plan depends on, as it is now.

    With a part, it is looked at too, even one that no plan would move.
    """
    on = request.who.today
    engaged = engaged_needs()
    if part is not None:
        engaged.discard(part.need_id)
    parts = list(queries.open_parts(but=engaged))
    if part is not None and part.pk not in {one.pk for one in parts}:
        parts.append(part)
    return queries.World(
        on=on,
        parts=parts,
        practised=days_practised_everywhere(on.year),
        engaged=engaged,
        weighting=proposal.weighting if proposal else queries.current_weighting(),
        around=part and (part.pk, _expected(proposal)),
    )


def _expected(proposal: Proposal | None) -> dict[int, int]:
    rows = queries.plan_rows(proposal) if proposal else []
    return {part_id: expert_id for part_id, expert_id, _weeks in rows}


@allow(Role.COORDINATION)
def plan(request: HttpRequest) -> HttpResponse:
    """The plan that waits, or the one that is sought."""
    return _page(request, _last())


@allow(Role.COORDINATION)
def proposal(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """One plan of the past, as it was found and as it was decided."""
    return _page(request, get_object_or_404(_proposals(), pk=proposal_id))


def _proposals():
    return Proposal.objects.select_related("weighting__made_by", "asked_by")


def _last() -> Proposal | None:
    """Return what is sought now, else what waits, else what was decided last."""
    found = list(
        _proposals().filter(status__in=[*SOUGHT, "READY", "DECIDED", "FAILED"])[:6]
    )
    if found and found[0].status in (*SOUGHT, Proposal.Status.FAILED):
        return found[0]
    return next(
        (one for one in found if one.status == Proposal.Status.READY),
        found[0] if found else None,
    )


def _page(
    request: HttpRequest, proposal: Proposal | None, refused=None, ticked=(), status=200
) -> HttpResponse:
    if proposal and request.GET.get("format") == "xlsx":
        return _as_sheet(proposal)
    context = {
        "proposal": proposal,
        "refused": refused,
        "tab": "plan",
        "history": _proposals().exclude(pk=proposal.pk if proposal else None)[:8],
    }
    if proposal is not None:
        context |= {
            "cause": plan_words.cause_in_words(proposal),
            "distance": plan_words.distance_in_words(proposal),
            "figures": plan_words.figures_of(proposal),
            "sought": proposal.status in SOUGHT,
            "silent": proposal.status in SOUGHT
            and proposal.told_at
            and timezone.now() - proposal.told_at > SILENCE,
            "progress": plan_words.progress_chart(proposal),
        }
        if proposal.status not in (*SOUGHT, Proposal.Status.FAILED):
            context |= _found(request, proposal, ticked)
    return render(request, "coordination/plan.html", context, status=status)


def _found(request: HttpRequest, proposal: Proposal, ticked) -> dict:
    changes = list(queries.changes_of(proposal))
    for change in changes:
        change.dollars = plan_words.whole(change.gain)
        change.why = plan_words.why_change(change)
        change.first = _day(change.weeks[0][0]) if change.weeks else None
        change.last = _day(change.weeks[-1][0]) if change.weeks else None
        change.consent = (
            change.held is not None
            and change.held.status == "ACCEPTED"
            and change.kind != Change.Kind.RELEASE
        )
        change.ticked = not ticked or change.pk in ticked
    rows = plan_words.components(proposal)
    found = {
        "changes": changes,
        "fresh": [change for change in changes if change.fresh],
        "rest": [change for change in changes if not change.fresh],
        "open": [c for c in changes if c.status == Change.Status.OPEN],
        "components": rows,
        "costs": plan_words.cost_chart(rows),
        "gain": sum(row.before for row in rows) - sum(row.after for row in rows),
        "planned": len(proposal.plan),
        "values": hour_value_charts(proposal),
        "values_url": f"{reverse('coordination:balance')}?format=valeurs",
    }
    if proposal.status == Proposal.Status.READY:
        world = world_of(request, proposal)
        found["stale"] = plan_words.changed_since(proposal, print_of(world.demand))
        served = {row["part"] for row in proposal.plan}
        left = [
            part
            for part in world.parts
            if part.pk in world.demand.role_at and part.pk not in served
        ]
        found["unmet_count"] = len(left)
        found["unmet"] = [
            (part, plan_words.nobody_in_words(world.explanation(part)))
            for part in left[:MOST_UNMET]
        ]
        found["wanted"] = len(world.demand.parts)
    return found


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _as_sheet(proposal: Proposal) -> HttpResponse:
    return sheet(
        gettext("Plan proposé"),
        [
            gettext("Demande"),
            gettext("Organisation"),
            gettext("Domaine"),
            gettext("Changement"),
            gettext("De"),
            gettext("À"),
            gettext("Heures"),
            gettext("Première semaine"),
            gettext("Dernière semaine"),
            gettext("Gain ($)"),
            gettext("Pourquoi"),
            gettext("État"),
        ],
        (
            (
                change.part.need.reference,
                change.part.need.organisation.name,
                change.part.field.name,
                change.get_kind_display(),
                change.held.expert.name if change.held else "",
                change.expert.name if change.expert else "",
                Decimal(change.minutes) / 60,
                _day(change.weeks[0][0]) if change.weeks else None,
                _day(change.weeks[-1][0]) if change.weeks else None,
                plan_words.whole(change.gain),
                " ".join(plan_words.why_change(change)),
                change.get_status_display(),
            )
            for change in queries.changes_of(proposal)
        ),
    )


@allow(Role.COORDINATION)
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a new plan; the page then shows how it goes."""

    def act() -> str:
        ask_for_plan(cause=Proposal.Cause.ASKED, by=request.who.by, now=timezone.now())
        return reverse("coordination:plan")

    try:
        return once(request, act)
    except ActionRefused as refused:
        return _page(request, _last(), refused, status=409)


@allow(Role.COORDINATION)
@require_POST
def stop(request: HttpRequest, proposal_id: int) -> HttpResponse:
    def act() -> str:
        stop_plan(proposal_id=proposal_id, by=request.who.by)
        return reverse("coordination:plan")

    get_object_or_404(Proposal, pk=proposal_id)
    return once(request, act)


@allow(Role.COORDINATION)
@require_POST
def decide(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Take the changes that are ticked, or all; or set them aside."""
    shown = get_object_or_404(_proposals(), pk=proposal_id)
    what = request.POST.get("faire", "")
    if what not in ("retenir", "tout", "ecarter", "rien"):
        raise Http404
    ticked = {int(one) for one in request.POST.getlist("change") if one.isdecimal()}
    if what in ("tout", "rien"):
        chosen = set(
            shown.changes.filter(status=Change.Status.OPEN).values_list("pk", flat=True)
        )
    else:
        chosen = ticked

    def act() -> str:
        decided = decide_changes(
            proposal_id=shown.pk,
            change_ids=chosen,
            accepts=what in ("retenir", "tout"),
            by=request.who.by,
            practised=days_practised_everywhere(request.who.today.year),
            engaged=engaged_needs(),
        )
        for level, words in _said(decided):
            messages.add_message(request, level, words)
        return reverse("coordination:plan")

    try:
        return once(request, act)
    except ActionRefused as refused:
        shown.refresh_from_db()
        return _page(request, shown, refused, ticked, status=409)


def _said(decided):
    if n := len(decided.given):
        yield (
            messages.SUCCESS,
            ngettext(
                "%(n)s changement est fait ; la personne en est prévenue.",
                "%(n)s changements sont faits ; les personnes en sont prévenues.",
                n,
            )
            % {"n": n},
        )
    if n := len(decided.asked):
        yield (
            messages.SUCCESS,
            ngettext(
                "%(n)s promesse ne bougera que si les personnes sont d’accord : "
                "on le leur demande.",
                "%(n)s promesses ne bougeront que si les personnes sont d’accord : "
                "on le leur demande.",
                n,
            )
            % {"n": n},
        )
    if n := len(decided.stale):
        yield (
            messages.WARNING,
            ngettext(
                "%(n)s changement ne tenait plus et n’a pas été fait. Replanifiez.",
                "%(n)s changements ne tenaient plus et n’ont pas été faits. "
                "Replanifiez.",
                n,
            )
            % {"n": n},
        )
    if n := len(decided.refused):
        yield (
            messages.SUCCESS,
            ngettext(
                "%(n)s changement est écarté.", "%(n)s changements sont écartés.", n
            )
            % {"n": n},
        )


@allow(Role.COORDINATION)
def plans(request: HttpRequest) -> HttpResponse:
    """Every plan that was found, the newest first."""
    page = Paginator(_proposals(), 25).get_page(request.GET.get("page"))
    for one in page:
        one.cause_words = plan_words.cause_in_words(one)
        one.figures = plan_words.figures_of(one)
    return render(request, "coordination/plans.html", {"page": page, "tab": "plan"})


urls = [
    path("affectations/plan/", plan, name="plan"),
    path("affectations/plan/demander", ask, name="plan_ask"),
    path("affectations/plan/tous", plans, name="plans"),
    path("affectations/plan/<int:proposal_id>", proposal, name="proposal"),
    path("affectations/plan/<int:proposal_id>/arreter", stop, name="plan_stop"),
    path("affectations/plan/<int:proposal_id>/decider", decide, name="plan_decide"),
]
