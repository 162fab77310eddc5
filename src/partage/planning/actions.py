"""Acts of matching: who is asked, who accepts."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.needs.models import Need, Part
from partage.planning import queries
from partage.planning.models import Allocation, Assignment, Shortlist
from partage.rules.eligibility import Reason, Verdict, Weights
from partage.rules.reservation import spread

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
    weights: Weights | None = None,
) -> Assignment:
    """Ask an expert to do a part of a need, and reserve the weeks tentatively.

    The whole ranking is kept as it was at this moment. A limit that is broken
    knowingly is an exception with its reason; the law and conflicts allow none.
    Raises PartNotOpen, PartAlreadyAssigned, WindowUpsideDown, NotHere,
    ExpertExcluded or ExpertBarred.
    """
    part = (
        Part.objects.select_for_update(of=("self",))
        .select_related("need__organisation", "field")
        .get(pk=part_id)
    )
    if part.need.status != Need.Status.TRIAGED:
        raise PartNotOpen(reference=part.need.reference)
    if ends_on < starts_on:
        raise WindowUpsideDown
    if held := queries.live_assignments([part.pk]).get(part.pk):
        raise PartAlreadyAssigned(expert=held.expert.name)
    ranking = queries.candidates_for(
        part, on=by.on, days_practised=days_practised, weights=weights
    )
    verdict = ranking.verdict_on(expert_id)
    if verdict is None:
        raise NotHere
    name = ranking.experts[expert_id].name
    broken = {reason.rule for reason in verdict.against if reason.excludes}
    if broken & NEVER_EXCEPTED:
        raise ExpertBarred(expert=name)
    if broken and not exception.strip():
        raise ExpertExcluded(expert=name)

    weights = weights or Weights()
    shortlist = Shortlist.objects.create(
        part=part,
        made_by_id=by.user_id,
        made_at=by.at,
        weights={name: str(getattr(weights, name)) for name in weights.__slots__},
        candidates=[
            as_kept(each, ranking.experts[each.expert_id].name)
            for each in ranking.verdicts
        ],
    )
    assignment = Assignment.objects.create(
        part=part,
        expert_id=expert_id,
        shortlist=shortlist,
        minutes=minutes,
        starts_on=starts_on,
        ends_on=ends_on,
        exception=exception.strip() if broken else "",
        note=note.strip(),
        proposed_by_id=by.user_id,
        proposed_at=by.at,
    )
    Allocation.objects.bulk_create(
        Allocation(assignment=assignment, monday=monday, minutes=share)
        for monday, share in spread(
            minutes=minutes, free=ranking.free[expert_id], start=starts_on, end=ends_on
        ).items()
    )
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


def as_kept(verdict: Verdict, name: str) -> dict:
    """Return a verdict as JSON, with the name as it was."""
    return {
        "expert_id": verdict.expert_id,
        "name": name,
        "eligible": verdict.eligible,
        "score": str(verdict.score),
        "parts": {part: str(points) for part, points in verdict.parts},
        "for": [_kept(reason) for reason in verdict.for_],
        "against": [_kept(reason) for reason in verdict.against],
    }


def _kept(reason: Reason) -> dict:
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
    return _settle(assignment, Assignment.Status.ACCEPTED, "accepted", by)


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
    return _settle(assignment, Assignment.Status.DECLINED, "declined", by)


@transaction.atomic
def withdraw_assignment(*, assignment_id: int, reason: str, by: Actor) -> Assignment:
    """Coordination takes it back; the weeks are free again.

    Raises AssignmentSettled if it was declined or taken back already.
    """
    assignment = _locked(assignment_id)
    if assignment.status not in queries.LIVE:
        raise AssignmentSettled(status=assignment.get_status_display())
    assignment.answer = reason.strip()
    return _settle(assignment, Assignment.Status.WITHDRAWN, "withdrawn", by)


def _locked(assignment_id: int) -> Assignment:
    return (
        Assignment.objects.select_for_update(of=("self",))
        .select_related("part__need", "expert")
        .get(pk=assignment_id)
    )


def _to_answer(assignment_id: int, expert_id: int) -> Assignment:
    assignment = _locked(assignment_id)
    if assignment.expert_id != expert_id:
        raise NotYours
    if assignment.status != Assignment.Status.PROPOSED:
        raise AssignmentSettled(status=assignment.get_status_display())
    return assignment


def _settle(assignment: Assignment, status: str, what: str, by: Actor) -> Assignment:
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
