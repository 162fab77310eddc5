"""Plan the whole open demand: each night, on request, and after a change."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from partage.experts.models import Absence
from partage.jobs.actor import the_house
from partage.journal.models import Entry
from partage.mandates.queries import engaged_needs
from partage.needs.models import Need
from partage.planning import queries
from partage.planning.actions import (
    AlreadyPlanning,
    ask_for_plan,
    begin_plan,
    fail_plan,
    finish_plan,
    tell_plan,
    tell_without,
)
from partage.planning.models import Assignment, Proposal
from partage.planning.queries import engine
from partage.rules.demand import Demand
from partage.rules.staffing.plan import Assignment as Given
from partage.timesheets.queries import days_practised_everywhere

# After one change, from the first look at the world: what remains of a second is to
# read the plan back and write it.
CHANGE_SECONDS = 0.65
LEAST_PROOF = 0.15  # seconds, whatever the rest took
# Once a whole plan waits: what it would be without each weight.
WEIGH_SECONDS, ONE_WEIGHT_SECONDS = 20.0, 0.5
# A suggestion that nobody has acted upon is not changed for less than this.
SUGGESTED = 20.0
TELL_EVERY = 0.5  # seconds


@dataclass
class Watch:
    """Writes how a search goes, twice a second, and hears whether it must stop."""

    proposal_id: int
    points: list[tuple[float, float, float]] = field(default_factory=list)
    stop: bool = False
    _told: float = 0.0

    def __call__(self, progress) -> None:
        bound = max(0.0, progress.bound)
        self.points.append(
            (round(progress.seconds, 2), round(progress.cost), round(bound))
        )
        if progress.seconds - self._told >= TELL_EVERY:
            self._told = progress.seconds
            self.stop = tell_plan(
                proposal_id=self.proposal_id,
                points=self.points,
                unavoidable=progress.unavoidable,
                now=timezone.now(),
            )


def seek(proposal_id: int) -> None:
    """Seek a plan that was asked for; whatever happens, it never stays « running »."""
    proposal = begin_plan(proposal_id=proposal_id, now=timezone.now())
    if proposal is None:
        return
    try:
        _seek(proposal)
    except Exception:
        fail_plan(proposal_id=proposal_id)
        raise


def _seek(proposal: Proposal) -> None:
    engine.warm()
    from partage.rules.staffing.planner import plan_staffing
    from partage.rules.staffing.replan import replan

    by = the_house()
    began = time.monotonic()
    changed = proposal.cause not in (Proposal.Cause.NIGHT, Proposal.Cause.ASKED)
    # A few moves are worth the same effort on any day: a busy machine is slower to
    # find them, and must not find worse ones. A whole plan has the time people gave.
    clock = time.process_time if changed else time.monotonic
    set_out = clock()
    world = look(on=by.on, proposal=proposal)
    demand = world.demand
    watch = Watch(proposal.pk)
    near = None
    seconds: float = proposal.weighting.seconds
    if changed:
        near = replan(
            demand.problem,
            queries.in_mind(demand, queries.standing_proposal()),
            role_values=queries.role_values(
                demand, Proposal.objects.exclude(values={}).first()
            ),
            move_cost=SUGGESTED,
            fixed_roles=demand.fixed_roles,
            seconds=CHANGE_SECONDS / 2,
            clock=clock,
        )
        seconds = max(LEAST_PROOF, CHANGE_SECONDS - (clock() - set_out))
    outcome = plan_staffing(
        demand.problem,
        seconds=seconds,
        clock=clock,
        progress=watch,
        should_stop=lambda: watch.stop,
    )
    plan, values = outcome.plan.assignments, outcome.role_values
    # Near what everyone expects, unless the whole plan is clearly better.
    if near and near.cost.total <= 1.005 * outcome.plan.cost.total + SUGGESTED:
        plan = near.assignments
    proposal = finish_plan(
        proposal_id=proposal.pk,
        world=world,
        plan=plan,
        bound=outcome.plan.bound,
        unavoidable=outcome.plan.unavoidable,
        role_values=values,
        seconds=time.monotonic() - began,
        points=watch.points,
        by=by,
    )
    if near is None:
        _weigh(proposal, world, values)


def _weigh(
    proposal: Proposal,
    world: queries.World,
    values: Sequence[float],
) -> None:
    """Say what the plan would be without each weight, as far as there is time."""
    from partage.rules.staffing.replan import replan

    began = time.monotonic()
    found = {}

    def again(demand: Demand, kept: tuple[Given, ...]) -> Sequence[Given]:
        return replan(
            demand.problem,
            kept,
            role_values=values,
            move_cost=0.0,
            fixed_roles=demand.fixed_roles,
            seconds=ONE_WEIGHT_SECONDS,
            clock=time.process_time,
        ).assignments

    for name, rows in queries.without_each_weight(world, proposal, again):
        found[name] = rows
        if time.monotonic() - began > WEIGH_SECONDS:
            break
    tell_without(proposal_id=proposal.pk, found=found)


def look(*, on, proposal: Proposal) -> queries.World:
    engaged = engaged_needs()
    return queries.World(
        on=on,
        parts=list(queries.open_parts(but=engaged)),
        practised=days_practised_everywhere(on.year),
        engaged=engaged,
        weighting=proposal.weighting,
    )


def tonight() -> None:
    """Plan for the day that begins."""
    try:
        proposal = ask_for_plan(
            cause=Proposal.Cause.NIGHT, by=the_house(), now=timezone.now(), run=False
        )
    except AlreadyPlanning:
        return
    seek(proposal.pk)


def after(entry: Entry) -> None:
    """Plan anew when an act changes what is promised, and say what it changes."""
    told = CHANGES.get(entry.what)
    if told is None or not Proposal.objects.exists():
        return
    found = told(entry)
    if found is None:
        return
    cause, about = found
    try:
        proposal = ask_for_plan(
            cause=cause, about=about, by=the_house(), now=timezone.now(), run=False
        )
    except AlreadyPlanning:
        # One that waits has not looked at the world yet: it will see this change.
        return
    seek(proposal.pk)


def _absence(entry: Entry) -> tuple[str, dict] | None:
    last = Absence.objects.filter(expert_id=entry.subject_id).order_by("-pk").first()
    if last is None:
        return None
    return Proposal.Cause.ABSENCE, {
        "expert": last.expert.name,
        "start": last.starts_on.isoformat(),
        "end": last.ends_on.isoformat(),
    }


def _declined(entry: Entry) -> tuple[str, dict] | None:
    row = Assignment.objects.select_related("expert", "part__need").get(
        pk=entry.subject_id
    )
    return Proposal.Cause.DECLINED, {
        "expert": row.expert.name,
        "title": row.part.need.title,
    }


def _urgent(entry: Entry) -> tuple[str, dict] | None:
    need = Need.objects.get(pk=entry.subject_id)
    if need.urgency != Need.Urgency.URGENT:
        return None
    return Proposal.Cause.NEED, {"title": need.title}


CHANGES = {
    "experts.absence.added": _absence,
    "planning.assignment.declined": _declined,
    "needs.need.triaged": _urgent,
}
