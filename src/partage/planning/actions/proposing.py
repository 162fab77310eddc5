"""A plan for the whole open demand: asked for, sought, told, found.

The search itself stands between these acts, outside any transaction: whoever runs
it (a job) begins, tells how far it is, and finishes.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app as jobs

from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.planning import queries
from partage.planning.actions.assigning import reason_kept
from partage.planning.models import Assignment, Change, HourValue, Proposal, Weighting
from partage.rules import demand as rules
from partage.rules.eligibility import Reason, Verdict
from partage.rules.staffing.plan import Assignment as Given
from partage.rules.staffing.plan import cost_of

# A search that says nothing for so long has died with its worker.
SILENCE = timedelta(minutes=3)
POINTS = 60  # of the progress that are kept, to be drawn


class AlreadyPlanning(ActionRefused):
    sentence = _(
        "Un plan est déjà en calcul. Attendez-le, ou arrêtez-le : "
        "le meilleur trouvé jusque-là est gardé."
    )
    field = "replan"


@transaction.atomic
def ask_for_plan(
    *,
    cause: str,
    by: Actor,
    now: datetime,
    about: Mapping[str, str] | None = None,
    run: bool = True,
) -> Proposal:
    """Ask for a plan of the whole open demand; a job seeks it.

    `now` is the clock on the wall, by which a dead search is known; `by` may live on
    the date of a demonstration. Raises AlreadyPlanning.
    """
    weighting = queries.current_weighting() or _house_weights(by)
    # One asks at a time: the row of the weights is the door.
    Weighting.objects.select_for_update(no_key=True).get(pk=weighting.pk)
    for other in Proposal.objects.filter(
        status__in=[Proposal.Status.WAITING, Proposal.Status.RUNNING]
    ):
        if other.told_at and now - other.told_at < SILENCE:
            raise AlreadyPlanning
        other.status = Proposal.Status.FAILED
        other.save(update_fields=["status"])
    proposal = Proposal.objects.create(
        cause=cause,
        about=dict(about or {}),
        on=by.on,
        asked_by_id=by.user_id,
        asked_at=by.at,
        told_at=now,
        weighting=weighting,
    )
    journal.record(
        what="planning.plan.asked",
        subject=proposal,
        by=by,
        cause=cause,
        about=proposal.about,
    )
    if run:
        jobs.configure_task("seek_plan").defer(proposal_id=proposal.pk)
    return proposal


def _house_weights(by: Actor) -> Weighting:
    return Weighting.objects.create(
        made_at=by.at, reason=str(_("Pondérations de départ."))
    )


@transaction.atomic
def begin_plan(*, proposal_id: int, now: datetime) -> Proposal | None:
    """Take a plan that waits; None if it does not wait any more."""
    proposal = Proposal.objects.select_for_update(of=("self",), no_key=True).get(
        pk=proposal_id
    )
    if proposal.status not in (Proposal.Status.WAITING, Proposal.Status.RUNNING):
        return None
    proposal.status, proposal.told_at = Proposal.Status.RUNNING, now
    proposal.progress = []
    proposal.save(update_fields=["status", "told_at", "progress"])
    return proposal


def tell_plan(
    *, proposal_id: int, points: Sequence[Sequence[float]], unavoidable: float,
    now: datetime,
) -> bool:  # fmt: skip
    """Write how far the search is; return whether someone asked it to stop."""
    shown = thinned(points)
    Proposal.objects.filter(pk=proposal_id, status=Proposal.Status.RUNNING).update(
        told_at=now,
        progress=shown,
        seconds=shown[-1][0] if shown else 0,
        cost=shown[-1][1] if shown else None,
        bound=shown[-1][2] if shown else None,
        unavoidable=unavoidable,
    )
    return Proposal.objects.filter(pk=proposal_id, stop_asked=True).exists()


def thinned(points: Sequence[Sequence[float]]) -> list[list[float]]:
    """Keep a few dozen points of a long progress: the first, the last, some between."""
    if len(points) <= POINTS:
        return [list(point) for point in points]
    step = (len(points) - 1) / (POINTS - 1)
    return [list(points[round(i * step)]) for i in range(POINTS)]


def tell_without(*, proposal_id: int, found: Mapping[str, list]) -> None:
    """Write what the plan would be without each weight; see `without_each_weight`."""
    Proposal.objects.filter(pk=proposal_id).update(without=dict(found))


@transaction.atomic
def stop_plan(*, proposal_id: int, by: Actor) -> None:
    """Ask a search to stop; it keeps the best so far."""
    proposal = Proposal.objects.select_for_update(of=("self",), no_key=True).get(
        pk=proposal_id
    )
    running = (Proposal.Status.WAITING, Proposal.Status.RUNNING)
    if proposal.status in running and not proposal.stop_asked:
        proposal.stop_asked = True
        proposal.save(update_fields=["stop_asked"])
        journal.record(what="planning.plan.stopped", subject=proposal, by=by)


@transaction.atomic
def fail_plan(*, proposal_id: int) -> None:
    """Say that a search ended without a plan."""
    Proposal.objects.filter(
        pk=proposal_id, status__in=[Proposal.Status.WAITING, Proposal.Status.RUNNING]
    ).update(status=Proposal.Status.FAILED)


@transaction.atomic
def finish_plan(
    *,
    proposal_id: int,
    world: queries.World,
    plan: Sequence[Given],
    bound: float,
    unavoidable: float,
    role_values: Sequence[float],
    seconds: float,
    points: Sequence[Sequence[float]] = (),
    by: Actor,
) -> Proposal:
    """Keep the plan that was found beside the one in force, change by change.

    It takes the place of whichever waited before. A plan that costs no less than
    what is promised today changes nothing.
    """
    proposal = Proposal.objects.select_for_update(of=("self",), no_key=True).get(
        pk=proposal_id
    )
    demand = world.demand
    holding = rules.holding(demand)
    before = rules.cost_by_weight(demand, holding)
    whole = len(holding) == len(demand.in_force)
    if whole and sum(before.values()) <= cost_of(demand.problem, plan).total + 1e-6:
        plan = demand.in_force
    found, kept = rules.differences(demand, plan)
    known = _planned_before(proposal)
    after = rules.cost_by_weight(demand, kept)
    Proposal.objects.filter(status=Proposal.Status.READY).exclude(
        pk=proposal.pk
    ).update(status=Proposal.Status.REPLACED)
    proposal.status = Proposal.Status.READY
    proposal.cost = sum(after.values())
    proposal.bound = min(bound, proposal.cost)
    proposal.unavoidable = unavoidable
    proposal.seconds = seconds
    proposal.progress = thinned(points)
    proposal.before, proposal.after = before, after
    proposal.plan = [
        {
            "part": demand.parts[a.role].part_id,
            "expert": demand.people[a.expert].expert_id,
            "weeks": _weeks(demand, a),
        }
        for a in kept
    ]
    proposal.values = {
        str(part.part_id): round(value, 2)
        for part, value in zip(demand.parts, role_values, strict=True)
    }
    proposal.world = rules.print_of(demand)
    proposal.save()
    proposal.changes.all().delete()
    Change.objects.bulk_create(
        _change(proposal, world, difference, known) for difference in found
    )
    proposal.hour_values.all().delete()
    HourValue.objects.bulk_create(
        HourValue(
            proposal=proposal,
            axis=axis,
            code=code,
            amount=Decimal(str(round(value, 2))),
            minutes=minutes,
        )
        for (axis, code), (value, minutes) in sorted(
            rules.hour_values(demand, role_values).items()
        )
    )
    journal.record(
        what="planning.plan.found",
        subject=proposal,
        by=by,
        changes=len(found),
        before=round(sum(before.values())),
        after=round(proposal.cost),
        bound=round(proposal.bound),
    )
    return proposal


def _weeks(demand: rules.Demand, given: Given) -> list[list]:
    return [
        [monday.isoformat(), minutes]
        for monday, minutes in rules.week_minutes(demand, given)
    ]


def _planned_before(proposal: Proposal) -> set[tuple[int, int | None]] | None:
    """Return who had each part in the plan that this one replaces, if one did."""
    last = Proposal.objects.filter(
        status__in=[Proposal.Status.READY, Proposal.Status.DECIDED]
    ).exclude(pk=proposal.pk)
    if proposal.cause in (Proposal.Cause.NIGHT, Proposal.Cause.ASKED) or not last:
        return None
    return {(row["part"], row["expert"]) for row in last[0].plan}


def _change(
    proposal: Proposal,
    world: queries.World,
    difference: rules.Difference,
    known: set[tuple[int, int | None]] | None,
) -> Change:
    demand = world.demand
    part = demand.parts[difference.role]
    new, held = difference.after, world.holders.get(part.part_id)
    if new is None:
        kind = Change.Kind.RELEASE
    elif held is None:
        kind = Change.Kind.GIVE
    elif demand.people[new.expert].expert_id == held.expert_id:
        kind = Change.Kind.RESPREAD
    else:
        kind = Change.Kind.MOVE
    expert_id = demand.people[new.expert].expert_id if new else None
    return Change(
        proposal=proposal,
        kind=kind,
        part_id=part.part_id,
        held=held,
        expert_id=expert_id,
        weeks=_weeks(demand, new) if new else [],
        gain=round(difference.gain, 2),
        fresh=known is not None and (part.part_id, expert_id) not in known,
        reasons=_reasons(demand, part, expert_id, held, kind, difference.broken_week),
    )


def _reasons(
    demand: rules.Demand,
    part: rules.OpenPart,
    expert_id: int | None,
    held: Assignment | None,
    kind: str,
    broken_week: date | None,
) -> dict:
    """Why this person or these weeks, and why no longer what was promised."""

    def said(verdict: Verdict | None, which: str) -> list[dict]:
        return [reason_kept(one) for one in getattr(verdict, which, ())]

    new = demand.verdict_on(part.part_id, expert_id)
    old = demand.verdict_on(part.part_id, held.expert_id) if held else None
    found: Mapping[str, list] = {
        "for": said(new, "for_"),
        "against": said(new, "against"),
        "old_against": said(old, "against") if held else [],
    }
    weeks = []
    if broken_week is not None:
        weeks = [Reason("week_gone", (("monday", broken_week),))]
    elif kind == Change.Kind.RESPREAD:
        weeks = [Reason("weeks_cheaper")]
    return {
        **found,
        "able": demand.able(part.part_id),
        "weeks": [reason_kept(one) for one in weeks],
    }
