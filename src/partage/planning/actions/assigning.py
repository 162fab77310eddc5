"""Acts of matching: who is asked, who accepts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.experts.models import Expert
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.needs.models import Need, Part
from partage.planning import queries
from partage.planning.models import (
    Allocation,
    Assignment,
    BrokenLimit,
    Proposal,
    Shortlist,
    Weighting,
)
from partage.rules.calendar import monday_of
from partage.rules.eligibility import Reason, Verdict
from partage.rules.hours import format_minutes
from partage.rules.reservation import spread

Weeks = Sequence[tuple[date, int]]

# What coordination may not decide alone: the law, and a conflict of interest.
NEVER_EXCEPTED = frozenset({"licence", "conflict"})


class PartNotOpen(ActionRefused):
    sentence = _(
        "La demande %(reference)s n’est pas à affecter. "
        "Triez-la d’abord comme spécialisée."
    )


class PartAlreadyAssigned(ActionRefused):
    sentence = _(
        "Ce volet est déjà confié à %(expert)s. "
        "Retirez d’abord cette affectation, puis choisissez quelqu’un d’autre."
    )


class ExpertExcluded(ActionRefused):
    sentence = _(
        "%(expert)s ne peut pas être affecté : une règle l’exclut. Choisissez "
        "quelqu’un d’autre, ou dites pourquoi vous faites une exception."
    )
    field = "exception"


class ExpertBarred(ActionRefused):
    sentence = _(
        "%(expert)s ne peut pas être affecté : ni un permis d’exercice manquant ni un "
        "conflit d’intérêts ne souffre d’exception. Choisissez quelqu’un d’autre, ou "
        "consignez d’abord le permis ou la levée du conflit dans son dossier."
    )
    field = "expert"


class HoursShort(ActionRefused):
    sentence = _(
        "%(expert)s n’a pas assez d’heures libres la semaine du %(monday)s : il en "
        "manque %(over)s. Choisissez d’autres dates ou quelqu’un d’autre, ou dites "
        "pourquoi vous faites une exception."
    )
    field = "exception"


class WeeksDiffer(ActionRefused):
    sentence = _(
        "Les semaines font %(given)s, et l’affectation %(wanted)s. "
        "Répartissez exactement ces heures."
    )
    field = "weeks"


class NotHere(ActionRefused):
    sentence = _(
        "Cette personne ne sera pas là pendant le mandat. Choisissez quelqu’un d’autre."
    )
    field = "expert"


class WindowUpsideDown(ActionRefused):
    sentence = _("La fin vient avant le début. Corrigez l’une des deux dates.")
    field = "ends_on"


class AssignmentSettled(ActionRefused):
    sentence = _(
        "Cette affectation est déjà %(status)s : il n’y a plus rien à répondre."
    )


class NotYours(ActionRefused):
    sentence = _("Cette affectation est proposée à quelqu’un d’autre.")


class WhyDeclined(ActionRefused):
    sentence = _(
        "Dites en quelques mots pourquoi vous déclinez : cela aide à replacer."
    )
    field = "answer"


@transaction.atomic
def propose_assignment(
    *,
    part_id: int,
    expert_id: int,
    minutes: int,
    starts_on: date,
    ends_on: date,
    by: Actor,
    note: str = "",
    exception: str = "",
    days_practised: Mapping[int, int] | None = None,
    marginal: Mapping[int, Mapping] | None = None,
) -> Assignment:
    """Ask an expert to do a part of a need, and reserve the weeks tentatively.

    The whole ranking is kept as it was at this moment, with what each choice would
    have done to everyone else when the door knows it (`marginal`, by expert). A
    limit that is broken knowingly is an exception with its reason; the law and
    conflicts allow none. Raises PartNotOpen, PartAlreadyAssigned, WindowUpsideDown,
    NotHere, ExpertExcluded, ExpertBarred or HoursShort.
    """
    part = open_part(part_id)
    lock_weeks([expert_id])
    if ends_on < starts_on:
        raise WindowUpsideDown
    weighting = queries.current_weighting()
    world = queries.World(
        on=by.on,
        parts=[part],
        practised={(part.need.province, part.field_id): days_practised or {}},
        weighting=weighting,
    )
    ranking = world.ranking(part, queries.weights_of(weighting))
    free = ranking.free.get(expert_id, {})
    return ask(
        part=part,
        expert_id=expert_id,
        weeks=sorted(
            spread(minutes=minutes, free=free, start=starts_on, end=ends_on).items()
        ),
        starts_on=starts_on,
        ends_on=ends_on,
        ranking=ranking,
        weighting=weighting,
        proposal=queries.standing_proposal(),
        marginal=marginal,
        note=note,
        exception=exception,
        by=by,
    )


def open_part(part_id: int) -> Part:
    """Lock a part that waits for someone. Raises PartNotOpen, PartAlreadyAssigned."""
    part = (
        Part.objects.select_for_update(of=("self",), no_key=True)
        .select_related("need__organisation", "field")
        .get(pk=part_id)
    )
    if part.need.status != Need.Status.TRIAGED:
        raise PartNotOpen(reference=part.need.reference)
    if held := queries.live_assignments([part.pk]).get(part.pk):
        raise PartAlreadyAssigned(expert=held.expert.name)
    return part


def lock_weeks(expert_ids: Iterable[int]) -> None:
    """Wait for whoever is reserving hours of these experts, then go alone.

    Every act that keeps hours begins here, so that no two of them give the same
    hour; always in the order of ids, so that none waits for the other for ever. Not
    the key: rows that only name the expert are written meanwhile.
    """
    list(
        Expert.objects.select_for_update(no_key=True)
        .filter(pk__in=set(expert_ids))
        .order_by("pk")
        .values_list("pk")
    )


def ask(
    *,
    part: Part,
    expert_id: int,
    weeks: Weeks,
    starts_on: date,
    ends_on: date,
    ranking: queries.Ranking,
    weighting: Weighting | None,
    proposal: Proposal | None,
    by: Actor,
    marginal: Mapping[int, Mapping] | None = None,
    note: str = "",
    exception: str = "",
    free: Mapping[date, int] | None = None,
    status: str = Assignment.Status.PROPOSED,
) -> Assignment:
    """Write an assignment with its weeks, its reasons and its broken limits.

    The part and the expert's weeks are locked by the caller. `free` says what each
    week leaves, where work goes past the window that the ranking looks at.
    """
    verdict = ranking.verdict_on(expert_id)
    if verdict is None:
        raise NotHere
    name = ranking.experts[expert_id].name
    broken = {reason.rule for reason in verdict.against if reason.excludes}
    if broken & NEVER_EXCEPTED:
        raise ExpertBarred(expert=name)
    if broken and not exception.strip():
        raise ExpertExcluded(expert=name)
    over = over_hours(weeks, ranking.free[expert_id] if free is None else free)
    if over and not exception.strip():
        raise HoursShort(expert=name, monday=over[0], over=hours_words(over[1]))
    if over:
        broken.add("hours")

    weights = queries.weights_of(weighting)
    shortlist = Shortlist.objects.create(
        part=part,
        made_by_id=by.user_id,
        made_at=by.at,
        weights={name: str(getattr(weights, name)) for name in weights.__slots__},
        weighting=weighting,
        proposal=proposal,
        candidates=[
            as_kept(
                each,
                ranking.experts[each.expert_id].name,
                (marginal or {}).get(each.expert_id),
            )
            for each in ranking.verdicts
        ],
    )
    assignment = Assignment.objects.create(
        part=part,
        expert_id=expert_id,
        shortlist=shortlist,
        status=status,
        minutes=sum(share for _monday, share in weeks),
        starts_on=starts_on,
        ends_on=ends_on,
        exception=exception.strip() if broken else "",
        note=note.strip(),
        proposed_by_id=by.user_id,
        proposed_at=by.at,
        answered_at=None if status == Assignment.Status.PROPOSED else by.at,
    )
    keep_weeks(assignment, weeks)
    log_broken(assignment, broken, over, exception, by)
    journal.record(
        what="planning.assignment.proposed",
        subject=assignment,
        by=by,
        expert=name,
        need=part.need.reference,
        exception=assignment.exception,
        broken=sorted(rule for rule in broken if rule),
    )
    return assignment


def keep_weeks(assignment: Assignment, weeks: Weeks) -> None:
    """Keep these minutes of these weeks, and no others, for an assignment."""
    assignment.allocations.all().delete()
    Allocation.objects.bulk_create(
        Allocation(assignment=assignment, monday=monday, minutes=share)
        for monday, share in weeks
        if share
    )


def over_hours(weeks: Weeks, free: Mapping[date, int]) -> tuple[date, int] | None:
    """Return the week that is the most over what is free, and by how many minutes."""
    over = [
        (share - max(0, free.get(monday, 0)), monday)
        for monday, share in weeks
        if share > max(0, free.get(monday, 0))
    ]
    if not over:
        return None
    minutes, monday = max(over, key=lambda each: (each[0], -each[1].toordinal()))
    return monday, minutes


def free_beside(assignment: Assignment, mondays: Sequence[date]) -> dict[date, int]:
    """Return what each week leaves to an assignment, beside everything else."""
    kept = dict(assignment.allocations.values_list("monday", "minutes"))
    weeks = queries.loads([assignment.expert], mondays=mondays)[assignment.expert_id]
    return {load.monday: load.free + kept.get(load.monday, 0) for load in weeks}


def log_broken(
    assignment: Assignment,
    broken: Iterable[str],
    over: tuple[date, int] | None,
    reason: str,
    by: Actor,
) -> None:
    """Write each limit that was broken, and why, in the list that people read."""
    BrokenLimit.objects.bulk_create(
        BrokenLimit(
            assignment=assignment,
            rule=rule,
            monday=over[0] if over and rule == "hours" else None,
            minutes=over[1] if over and rule == "hours" else 0,
            reason=reason.strip(),
            broken_by_id=by.user_id,
            broken_at=by.at,
        )
        for rule in sorted(broken)
    )


def hours_words(minutes: int) -> str:
    """« 3 h 30 »: for the sentence of a refusal."""
    return format_minutes(minutes, "fr")


def as_kept(verdict: Verdict, name: str, marginal: Mapping | None = None) -> dict:
    """Return a verdict as JSON, with the name as it was, and the plan's price."""
    return {
        **({"marginal": dict(marginal)} if marginal else {}),
        "expert_id": verdict.expert_id,
        "name": name,
        "eligible": verdict.eligible,
        "score": str(verdict.score),
        "parts": {part: str(points) for part, points in verdict.parts},
        "for": [reason_kept(reason) for reason in verdict.for_],
        "against": [reason_kept(reason) for reason in verdict.against],
    }


def reason_kept(reason: Reason) -> dict:
    """Return a reason as JSON."""
    return {
        "code": reason.code,
        "rule": reason.rule,
        "data": {
            name: value if isinstance(value, int | str) else _text(value)
            for name, value in reason.data
        },
    }


def _text(value: date | Decimal) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


@transaction.atomic
def accept_assignment(*, assignment_id: int, expert_id: int, by: Actor) -> Assignment:
    """The expert takes it: the reserved weeks are confirmed.

    Raises NotYours or AssignmentSettled.
    """
    assignment = _to_answer(assignment_id, expert_id)
    return settle(assignment, Assignment.Status.ACCEPTED, "accepted", by)


@transaction.atomic
def decline_assignment(
    *, assignment_id: int, expert_id: int, answer: str, by: Actor
) -> Assignment:
    """The expert says no, and why; the weeks are free again.

    Raises NotYours, AssignmentSettled or WhyDeclined.
    """
    assignment = _to_answer(assignment_id, expert_id)
    if not answer.strip():
        raise WhyDeclined
    assignment.answer = answer.strip()
    return settle(assignment, Assignment.Status.DECLINED, "declined", by)


@transaction.atomic
def withdraw_assignment(*, assignment_id: int, reason: str, by: Actor) -> Assignment:
    """Coordination takes it back; the weeks are free again.

    Raises AssignmentSettled if it was declined or taken back already.
    """
    assignment = locked(assignment_id)
    if assignment.status not in queries.LIVE:
        raise AssignmentSettled(status=assignment.get_status_display())
    assignment.answer = reason.strip()
    return settle(assignment, Assignment.Status.WITHDRAWN, "withdrawn", by)


@transaction.atomic
def fix_assignment(*, assignment_id: int, fixed: bool, by: Actor) -> Assignment:
    """Keep an assignment where it is, whatever a plan would gain; or let it move.

    Raises AssignmentSettled if it does not stand any more.
    """
    assignment = locked(assignment_id)
    if assignment.status not in queries.LIVE:
        raise AssignmentSettled(status=assignment.get_status_display())
    if assignment.fixed != fixed:
        assignment.fixed = fixed
        assignment.save(update_fields=["fixed"])
        journal.record(
            what=f"planning.assignment.{'fixed' if fixed else 'freed'}",
            subject=assignment,
            by=by,
            expert=assignment.expert.name,
            need=assignment.part.need.reference,
        )
    return assignment


@transaction.atomic
def move_hours(
    *, assignment_id: int, weeks: Mapping[date, int], by: Actor, exception: str = ""
) -> Assignment:
    """Share the minutes of an assignment otherwise among weeks; the sum stays.

    Keys are Mondays. What is more than the week has free is an exception, with its
    reason. Raises AssignmentSettled, WeeksDiffer or HoursShort.
    """
    first = locked(assignment_id)
    lock_weeks([first.expert_id])
    if first.status not in queries.LIVE:
        raise AssignmentSettled(status=first.get_status_display())
    wanted = sorted((monday_of(monday), share) for monday, share in weeks.items())
    given = sum(share for _monday, share in wanted)
    if given != first.minutes or any(share < 0 for _monday, share in wanted):
        raise WeeksDiffer(given=hours_words(given), wanted=hours_words(first.minutes))
    before = dict(first.allocations.values_list("monday", "minutes"))
    if before == {monday: share for monday, share in wanted if share}:
        return first
    expert = first.expert
    free = free_beside(first, [monday for monday, _share in wanted])
    # Weeks gone by are what they were: only what grows can be too much.
    grown = [(m, share) for m, share in wanted if share > before.get(m, 0)]
    over = over_hours(grown, free)
    if over and not exception.strip():
        raise HoursShort(expert=expert.name, monday=over[0], over=hours_words(over[1]))
    keep_weeks(first, wanted)
    used = [monday for monday, share in wanted if share]
    first.starts_on = min(first.starts_on, used[0])
    first.ends_on = max(first.ends_on, used[-1])
    if over:
        first.exception = exception.strip()
        log_broken(first, ["hours"], over, exception, by)
    first.save(update_fields=["starts_on", "ends_on", "exception"])
    journal.record(
        what="planning.assignment.moved",
        subject=first,
        by=by,
        expert=expert.name,
        need=first.part.need.reference,
        before={monday.isoformat(): share for monday, share in before.items()},
        after={monday.isoformat(): share for monday, share in wanted if share},
        exception=first.exception if over else "",
    )
    return first


def locked(assignment_id: int) -> Assignment:
    """Lock an assignment, with what is said of it."""
    return (
        Assignment.objects.select_for_update(of=("self",))
        .select_related("part__need", "expert")
        .get(pk=assignment_id)
    )


def _to_answer(assignment_id: int, expert_id: int) -> Assignment:
    assignment = locked(assignment_id)
    if assignment.expert_id != expert_id:
        raise NotYours
    if assignment.status != Assignment.Status.PROPOSED:
        raise AssignmentSettled(status=assignment.get_status_display())
    return assignment


def settle(assignment: Assignment, status: str, what: str, by: Actor) -> Assignment:
    """End, or confirm, an assignment, and say so; the caller has locked it."""
    assignment.status = status
    assignment.answered_at = by.at
    assignment.save(update_fields=["status", "answered_at", "answer"])
    journal.record(
        what=f"planning.assignment.{what}",
        subject=assignment,
        by=by,
        expert=assignment.expert.name,
        need=assignment.part.need.reference,
        answer=assignment.answer,
    )
    return assignment
