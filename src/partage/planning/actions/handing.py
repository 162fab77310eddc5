"""An assignment that passes to someone else, once everyone concerned has said yes."""

from collections.abc import Collection, Mapping
from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.planning import queries
from partage.planning.actions.assigning import (
    AssignmentSettled,
    HoursShort,
    NotYours,
    WeeksDiffer,
    WhyDeclined,
    ask,
    free_beside,
    hours_words,
    keep_weeks,
    lock_weeks,
    locked,
    over_hours,
    settle,
)
from partage.planning.models import Assignment, Handover
from partage.rules.calendar import monday_of
from partage.rules.reservation import spread


class WorkHasBegun(ActionRefused):
    sentence = _(
        "Une offre ou un mandat repose déjà sur cette affectation. "
        "Parlez-en à la coordination, qui refera l’équipe du mandat."
    )


class SwapWithOneself(ActionRefused):
    sentence = _("Cette affectation est déjà la vôtre. Choisissez un collègue.")
    field = "colleague"


class ColleagueCannot(ActionRefused):
    sentence = _(
        "%(expert)s ne peut pas reprendre ce volet : les règles de l’affectation, ou "
        "ses heures libres, ne le permettent pas. Choisissez quelqu’un de la liste."
    )
    field = "colleague"


class AlreadyHanded(ActionRefused):
    sentence = _(
        "Une passation de cette affectation à %(expert)s attend déjà une réponse. "
        "Annulez-la d’abord, ou attendez."
    )


class HandoverOver(ActionRefused):
    sentence = _("Cette passation est déjà %(status)s : il n’y a plus rien à répondre.")


@transaction.atomic
def ask_swap(
    *,
    assignment_id: int,
    expert_id: int,
    to_expert_id: int,
    reason: str,
    by: Actor,
    engaged: Collection[int] = (),
    practised: queries.Practised | None = None,
) -> Handover:
    """Ask a colleague, whom the rules allow, to take over what one was asked to do.

    `engaged` are the needs on which an offer or a mandate stands. Raises NotYours,
    AssignmentSettled, WorkHasBegun, SwapWithOneself, ColleagueCannot or
    AlreadyHanded.
    """
    first = locked(assignment_id)
    lock_weeks([to_expert_id])
    if first.expert_id != expert_id:
        raise NotYours
    if to_expert_id == expert_id:
        raise SwapWithOneself
    if first.part.need_id in engaged:
        raise WorkHasBegun
    weeks = takeover(first, to_expert_id, by=by, practised=practised)
    weighting = queries.current_weighting()
    return open_handover(
        assignment=first,
        to_expert_id=to_expert_id,
        weeks=weeks,
        cause=Handover.Cause.SWAP,
        reason=reason,
        giver_agreed=True,
        approval_needed=weighting is None or weighting.swaps_need_approval,
        by=by,
    )


@transaction.atomic
def ask_other_weeks(
    *, assignment_id: int, weeks: Mapping[date, int], by: Actor
) -> Handover:
    """Ask whoever has accepted an assignment to do it in other weeks; the sum stays.

    Raises AssignmentSettled, WeeksDiffer, HoursShort or AlreadyHanded.
    """
    first = locked(assignment_id)
    lock_weeks([first.expert_id])
    if first.status != Assignment.Status.ACCEPTED:
        raise AssignmentSettled(status=first.get_status_display())
    wanted = [(monday, share) for monday, share in sorted(weeks.items()) if share]
    given = sum(share for _monday, share in wanted)
    if given != first.minutes:
        raise WeeksDiffer(given=hours_words(given), wanted=hours_words(first.minutes))
    before = dict(first.allocations.values_list("monday", "minutes"))
    grown = [(m, share) for m, share in wanted if share > before.get(m, 0)]
    if over := over_hours(grown, free_beside(first, [m for m, _s in grown])):
        raise HoursShort(
            expert=first.expert.name, monday=over[0], over=hours_words(over[1])
        )
    return open_handover(
        assignment=first,
        to_expert_id=first.expert_id,
        weeks=wanted,
        cause=Handover.Cause.PLAN,
        reason="",
        giver_agreed=False,
        approval_needed=False,
        by=by,
    )


def takeover(
    assignment: Assignment,
    to_expert_id: int,
    *,
    by: Actor,
    practised: queries.Practised | None,
) -> list[tuple[date, int]]:
    """Return the weeks in which someone would take an assignment over.

    Raises AssignmentSettled, or ColleagueCannot when the rules or the hours say no.
    """
    if assignment.status not in queries.LIVE:
        raise AssignmentSettled(status=assignment.get_status_display())
    world = queries.World(
        on=by.on, parts=queries.open_parts().filter(pk=assignment.part_id),
        practised=practised,
    )  # fmt: skip
    if not world.parts:
        raise AssignmentSettled(status=assignment.get_status_display())
    ranking = world.ranking(world.parts[0])
    verdict = ranking.verdict_on(to_expert_id)
    person = ranking.experts.get(to_expert_id)
    if verdict is None or not verdict.eligible or person is None:
        raise ColleagueCannot(expert=person.name if person else "—")
    start, end = max(by.on, assignment.starts_on), max(by.on, assignment.ends_on)
    free = ranking.free[to_expert_id]
    weeks = sorted(
        spread(minutes=assignment.minutes, free=free, start=start, end=end).items()
    )
    if over_hours(weeks, free):
        raise ColleagueCannot(expert=person.name)
    return weeks


def open_handover(
    *,
    assignment: Assignment,
    to_expert_id: int,
    weeks: list[tuple[date, int]],
    cause: str,
    reason: str,
    giver_agreed: bool,
    approval_needed: bool,
    by: Actor,
) -> Handover:
    """Write a handover that waits for its yeses. Raises AlreadyHanded."""
    standing = (
        Handover.objects.filter(assignment=assignment, status=Handover.Status.OPEN)
        .select_related("to_expert")
        .first()
    )
    if standing:
        raise AlreadyHanded(expert=standing.to_expert.name)
    handover = Handover.objects.create(
        cause=cause,
        assignment=assignment,
        to_expert_id=to_expert_id,
        weeks=[[monday.isoformat(), minutes] for monday, minutes in weeks],
        reason=reason.strip(),
        asked_by_id=by.user_id,
        asked_at=by.at,
        giver_agreed_at=by.at if giver_agreed else None,
        approval_needed=approval_needed,
    )
    _record(handover, "asked", by)
    return handover


@transaction.atomic
def answer_handover(
    *,
    handover_id: int,
    expert_id: int,
    agrees: bool,
    by: Actor,
    answer: str = "",
    practised: queries.Practised | None = None,
) -> Handover:
    """The giver or the taker says yes or no; the last yes needed makes it done.

    Raises NotYours, HandoverOver, WhyDeclined, or ColleagueCannot when the hours
    have gone meanwhile.
    """
    handover = _open(handover_id)
    if expert_id not in (handover.assignment.expert_id, handover.to_expert_id):
        raise NotYours
    if not agrees:
        if not answer.strip():
            raise WhyDeclined
        return _end(handover, Handover.Status.REFUSED, "refused", by, answer)
    if expert_id == handover.assignment.expert_id:
        handover.giver_agreed_at = handover.giver_agreed_at or by.at
    if expert_id == handover.to_expert_id:
        handover.taker_agreed_at = handover.taker_agreed_at or by.at
    handover.save(update_fields=["giver_agreed_at", "taker_agreed_at"])
    _record(handover, "agreed", by)
    return _done_if_agreed(handover, by, practised)


@transaction.atomic
def approve_handover(
    *,
    handover_id: int,
    approves: bool,
    by: Actor,
    answer: str = "",
    practised: queries.Practised | None = None,
) -> Handover:
    """Coordination says yes or no. Raises HandoverOver or ColleagueCannot."""
    handover = _open(handover_id)
    if not approves:
        return _end(handover, Handover.Status.REFUSED, "refused", by, answer)
    handover.approved_at, handover.approved_by_id = by.at, by.user_id
    handover.save(update_fields=["approved_at", "approved_by"])
    _record(handover, "approved", by)
    return _done_if_agreed(handover, by, practised)


@transaction.atomic
def cancel_handover(
    *, handover_id: int, by: Actor, expert_id: int | None = None
) -> Handover:
    """Whoever asked takes it back. Raises HandoverOver or NotYours."""
    handover = _open(handover_id)
    if expert_id is not None and expert_id != handover.assignment.expert_id:
        raise NotYours
    return _end(handover, Handover.Status.CANCELLED, "cancelled", by, "")


def _open(handover_id: int) -> Handover:
    handover = (
        Handover.objects.select_for_update(of=("self",))
        .select_related("assignment__expert", "assignment__part__need", "to_expert")
        .get(pk=handover_id)
    )
    if handover.status != Handover.Status.OPEN:
        raise HandoverOver(status=handover.get_status_display())
    return handover


def _done_if_agreed(
    handover: Handover, by: Actor, practised: queries.Practised | None
) -> Handover:
    """Pass the assignment on, once all have said yes; the hours are checked anew."""
    same = handover.same
    if not (handover.giver_agreed_at or same) or not handover.taker_agreed_at:
        return handover
    if handover.approval_needed and not handover.approved_at:
        return handover
    first = locked(handover.assignment_id)
    lock_weeks([first.expert_id, handover.to_expert_id])
    if first.status not in queries.LIVE:
        raise AssignmentSettled(status=first.get_status_display())
    weeks = [(date.fromisoformat(m), minutes) for m, minutes in handover.weeks]
    part = queries.open_parts().get(pk=first.part_id)
    world = queries.World(
        on=by.on, parts=[part], practised=practised, until=weeks[-1][0]
    )
    ranking = world.ranking(part)
    there = handover.to_expert_id in world.experts
    free = (
        world.free(handover.to_expert_id, beside=frozenset({part.pk})) if there else {}
    )
    # One's own weeks gone by are what they were; nobody takes over work in the past.
    this_week = monday_of(by.on)
    coming = [(m, share) for m, share in weeks if not same or m >= this_week]
    if over_hours(coming, free):
        raise ColleagueCannot(expert=handover.to_expert.name)
    if same:
        keep_weeks(first, weeks)
        became = first
    else:
        verdict = ranking.verdict_on(handover.to_expert_id)
        if verdict is None or not verdict.eligible:
            raise ColleagueCannot(expert=handover.to_expert.name)
        first.answer = str(
            _("Passée à %(expert)s.") % {"expert": handover.to_expert.name}
        )
        settle(first, Assignment.Status.WITHDRAWN, "handed", by)
        became = ask(
            part=part,
            expert_id=handover.to_expert_id,
            weeks=weeks,
            starts_on=first.starts_on,
            ends_on=first.ends_on,
            ranking=ranking,
            weighting=queries.current_weighting(),
            proposal=queries.standing_proposal(),
            note=first.note,
            free=free,
            status=Assignment.Status.ACCEPTED,
            by=by,
        )
    handover.became = became
    handover.save(update_fields=["became"])
    return _end(handover, Handover.Status.DONE, "done", by, "")


def _end(
    handover: Handover, status: str, what: str, by: Actor, answer: str
) -> Handover:
    handover.status, handover.ended_at = status, by.at
    handover.answer = answer.strip()
    handover.save(update_fields=["status", "ended_at", "answer"])
    _record(handover, what, by)
    return handover


def _record(handover: Handover, what: str, by: Actor) -> None:
    journal.record(
        what=f"planning.handover.{what}",
        subject=handover,
        by=by,
        need=handover.assignment.part.need.reference,
        giver=handover.assignment.expert.name,
        taker=handover.to_expert.name,
        reason=handover.reason,
        answer=handover.answer,
    )
