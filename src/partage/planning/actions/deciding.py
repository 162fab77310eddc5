"""Coordination decides on a proposed plan: all of it, some, or none."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.needs.models import Part
from partage.planning import queries
from partage.planning.actions.assigning import (
    Weeks,
    ask,
    keep_weeks,
    lock_weeks,
    over_hours,
    settle,
)
from partage.planning.actions.handing import open_handover
from partage.planning.models import Assignment, Change, Handover, Proposal
from partage.rules import demand as rules
from partage.rules.demand import COUNTED


class ProposalGone(ActionRefused):
    sentence = _(
        "Ce plan n’attend plus de décision : il est %(status)s. "
        "Voyez le dernier, ou demandez-en un nouveau."
    )


class NothingTicked(ActionRefused):
    sentence = _("Rien n’est coché. Cochez au moins un changement.")


@dataclass(slots=True)
class Decided:
    """What became of each change: given at once, waiting for a yes, or overtaken."""

    given: list[Change] = field(default_factory=list)
    asked: list[Change] = field(default_factory=list)
    refused: list[Change] = field(default_factory=list)
    stale: list[Change] = field(default_factory=list)


@transaction.atomic
def decide_changes(
    *,
    proposal_id: int,
    change_ids: Collection[int],
    accepts: bool,
    by: Actor,
    practised: queries.Practised | None = None,
    engaged: Collection[int] = (),
) -> Decided:
    """Take some changes of a plan, or set them aside.

    Each is checked against the world as it is now, all hours locked: one whose part,
    holder, rules or hours have changed is overtaken (STALE), never forced. What was
    accepted by its expert moves only with consent: a handover then waits for it.
    Raises ProposalGone or NothingTicked.
    """
    proposal = (
        Proposal.objects.select_for_update(of=("self",), no_key=True)
        .select_related("weighting")
        .get(pk=proposal_id)
    )
    if proposal.status != Proposal.Status.READY:
        raise ProposalGone(status=proposal.get_status_display())
    changes = list(
        queries.changes_of(proposal)
        .filter(pk__in=change_ids, status=Change.Status.OPEN)
        .order_by("pk")
    )
    if not changes:
        raise NothingTicked
    decided = Decided()
    if not accepts:
        for change in changes:
            _settle(change, Change.Status.REFUSED, by)
            decided.refused.append(change)
    else:
        _take(proposal, changes, decided, by, practised, engaged)
    left = proposal.changes.filter(status=Change.Status.OPEN).exists()
    if not left:
        proposal.status = Proposal.Status.DECIDED
    proposal.save(update_fields=["status", "world"])
    journal.record(
        what="planning.plan.decided",
        subject=proposal,
        by=by,
        given=len(decided.given),
        asked=len(decided.asked),
        refused=len(decided.refused),
        stale=len(decided.stale),
    )
    return decided


def _settle(change: Change, status: str, by: Actor) -> None:
    change.status = status
    change.decided_by_id, change.decided_at = by.user_id, by.at
    change.save(update_fields=["status", "decided_by", "decided_at", "assignment"])


def _take(
    proposal: Proposal,
    changes: Sequence[Change],
    decided: Decided,
    by: Actor,
    practised: queries.Practised | None,
    engaged: Collection[int],
) -> None:
    list(
        Part.objects.select_for_update(no_key=True)
        .filter(pk__in=[change.part_id for change in changes])
        .order_by("pk")
        .values_list("pk")
    )
    lock_weeks(
        [change.expert_id for change in changes if change.expert_id]
        + [change.held.expert_id for change in changes if change.held]
    )

    def look() -> queries.World:
        return queries.World(
            on=by.on,
            parts=list(queries.open_parts(but=engaged)),
            practised=practised,
            engaged=engaged,
            weighting=proposal.weighting,
        )

    world = look()
    prints = rules.print_of(world.demand)
    # What frees hours comes before what takes them.
    order = [Change.Kind.RELEASE, Change.Kind.RESPREAD, Change.Kind.MOVE]
    for change in sorted(
        changes,
        key=lambda c: (order.index(c.kind) if c.kind in order else 9, c.pk),
    ):
        _one(change, world, proposal, decided, by)
        world = look()
    # What we changed ourselves does not make the plan stale; what others did, does.
    now = rules.print_of(world.demand)
    proposal.world = {
        name: now[name] if kept == prints.get(name) else kept
        for name, kept in proposal.world.items()
    }


def _one(
    change: Change,
    world: queries.World,
    proposal: Proposal,
    decided: Decided,
    by: Actor,
) -> None:
    parts = {part.pk: part for part in world.parts}
    part = parts.get(change.part_id)
    held = world.holders.get(change.part_id)
    if part is None or (held and held.pk) != change.held_id or (held and held.fixed):
        return _overtaken(change, decided, by)
    if change.kind == Change.Kind.RELEASE:
        assert held is not None
        settle(held, Assignment.Status.WITHDRAWN, "withdrawn", by)
        return _given(change, held, decided, by)
    ranking = world.ranking(part, queries.weights_of(proposal.weighting))
    verdict = ranking.verdict_on(change.expert_id)
    weeks = [(date.fromisoformat(monday), share) for monday, share in change.weeks]
    if verdict is None:
        return _overtaken(change, decided, by)
    free = world.free(change.expert_id, beside=frozenset({part.pk}))
    if over_hours(weeks, free):
        return _overtaken(change, decided, by)
    mine = held is not None and held.expert_id == change.expert_id
    broken = {why.rule for why in verdict.against if why.excludes} - COUNTED
    if (broken and not mine) or _too_many(change.expert_id, weeks, world, part):
        return _overtaken(change, decided, by)
    if held is not None and held.status == Assignment.Status.ACCEPTED:
        if held.handovers.filter(status=Handover.Status.OPEN).exists():
            return _overtaken(change, decided, by)
        open_handover(
            assignment=held,
            to_expert_id=change.expert_id,
            weeks=weeks,
            cause=Handover.Cause.PLAN,
            reason="",
            giver_agreed=False,
            approval_needed=False,
            by=by,
        )
        change.assignment = held
        _settle(change, Change.Status.ACCEPTED, by)
        decided.asked.append(change)
        return None
    if mine:
        assert held is not None
        keep_weeks(held, weeks)
        held.starts_on, held.ends_on = _window(weeks)
        held.save(update_fields=["starts_on", "ends_on"])
        journal.record(
            what="planning.assignment.moved",
            subject=held,
            by=by,
            expert=held.expert.name,
            need=part.need.reference,
            after=dict(change.weeks),
        )
        return _given(change, held, decided, by)
    if held is not None:
        settle(held, Assignment.Status.WITHDRAWN, "withdrawn", by)
    starts_on, ends_on = _window(weeks)
    made = ask(
        part=part,
        expert_id=change.expert_id,
        weeks=weeks,
        starts_on=max(by.on, starts_on),
        ends_on=ends_on,
        ranking=ranking,
        weighting=proposal.weighting,
        proposal=proposal,
        free=free,
        by=by,
    )
    return _given(change, made, decided, by)


def _window(weeks: Weeks) -> tuple[date, date]:
    return weeks[0][0], weeks[-1][0] + timedelta(days=6)


def _too_many(expert_id: int, weeks: Weeks, world: queries.World, part: Part) -> bool:
    """Would some week hold more things at once than the expert's own limit?"""
    limit = world.experts[expert_id].parallel_limit
    wanted = {monday for monday, _share in weeks}
    return any(
        week.parallel >= limit
        for week in world.weeks(expert_id, beside=frozenset({part.pk}))
        if week.monday in wanted
    )


def _given(change: Change, made: Assignment, decided: Decided, by: Actor) -> None:
    change.assignment = made
    _settle(change, Change.Status.ACCEPTED, by)
    decided.given.append(change)


def _overtaken(change: Change, decided: Decided, by: Actor) -> None:
    _settle(change, Change.Status.STALE, by)
    decided.stale.append(change)
