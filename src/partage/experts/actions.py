"""Acts on what is known of an expert. Absences never keep a reason."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.experts.models import (
    Absence,
    Conflict,
    Expert,
    Field,
    Licence,
    PracticeRule,
    Schedule,
    Skill,
)
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.rules.triage import fold


class AbsenceOverlaps(ActionRefused):
    sentence = _(
        "Une absence couvre déjà une partie de ces jours. "
        "Retirez-la d’abord, ou choisissez d’autres dates."
    )
    field = "starts_on"


class DatesUpsideDown(ActionRefused):
    sentence = _("La fin vient avant le début. Corrigez l’une des deux dates.")
    field = "ends_on"


class ScheduleInThePast(ActionRefused):
    sentence = _(
        "Un horaire commence déjà le %(on)s ou plus tard. "
        "Choisissez une date d’après, ou corrigez cet horaire-là."
    )
    field = "starts_on"


class EmptySchedule(ActionRefused):
    sentence = _("Cet horaire n’a aucune heure. Inscrivez au moins une journée.")
    field = "minutes"


class WaiverSaysNothing(ActionRefused):
    sentence = _("Dites pourquoi le conflit est levé : l’auditeur le lira.")
    field = "waiver"


class ConflictSettled(ActionRefused):
    sentence = _("Ce conflit d’intérêts est déjà levé ou terminé.")


class ExpertHasAnAccount(ActionRefused):
    sentence = _(
        "La fiche de %(name)s est déjà liée à un autre compte. "
        "Déliez-la d’abord de ce compte."
    )
    field = "expert"


class AnotherRuleFollows(ActionRefused):
    sentence = _(
        "Une règle commence déjà le %(on)s pour ce domaine et cette province. "
        "Choisissez une date après celle-là."
    )
    field = "starts_on"


class FieldExists(ActionRefused):
    sentence = _("Le code « %(code)s » désigne déjà un domaine. Donnez-en un autre.")
    field = "code"


@transaction.atomic
def add_expert(*, by: Actor, **fields) -> Expert:
    """Write an expert down."""
    expert = Expert.objects.create(
        **fields, sort_key=fold(fields["name"])[:120], started_on=by.on
    )
    journal.record(what="experts.expert.added", subject=expert, by=by)
    return expert


@transaction.atomic
def change_expert(*, expert_id: int, by: Actor, **fields) -> Expert:
    """Change what is known of an expert; the journal keeps what it was."""
    expert = Expert.objects.select_for_update().get(pk=expert_id)
    before = {
        name: str(getattr(expert, name))
        for name, value in fields.items()
        if getattr(expert, name) != value
    }
    if before:
        for name, value in fields.items():
            setattr(expert, name, value)
        expert.sort_key = fold(expert.name)[:120]
        expert.save()
        journal.record(
            what="experts.expert.changed", subject=expert, by=by, before=before
        )
    return expert


@transaction.atomic
def set_skill(*, expert_id: int, field_id: int, level: int | None, by: Actor) -> None:
    """Say how far an expert goes in a field; None takes the field away."""
    expert = Expert.objects.select_for_update().get(pk=expert_id)
    if level is None:
        Skill.objects.filter(expert=expert, field_id=field_id).delete()
    else:
        Skill.objects.update_or_create(
            expert=expert, field_id=field_id, defaults={"level": level}
        )
    journal.record(
        what="experts.skill.set", subject=expert, by=by, field=field_id, level=level
    )


@transaction.atomic
def add_licence(*, expert_id: int, by: Actor, **fields) -> Licence:
    """Write a licence down. Raises DatesUpsideDown."""
    if fields.get("valid_until") and fields["valid_until"] < fields["valid_from"]:
        raise DatesUpsideDown
    licence = Licence.objects.create(expert_id=expert_id, **fields)
    journal.record(
        what="experts.licence.added",
        subject=licence.expert,
        by=by,
        order=licence.order,
        province=licence.province,
    )
    return licence


@transaction.atomic
def set_schedule(
    *, expert_id: int, starts_on: date, minutes: Sequence[int], by: Actor
) -> Schedule:
    """Set the minutes of each weekday, Monday first, from a date on.

    The schedule before it ends the day before. Raises EmptySchedule or
    ScheduleInThePast.
    """
    expert = Expert.objects.select_for_update().get(pk=expert_id)
    if not any(minutes):
        raise EmptySchedule
    later = expert.schedules.filter(starts_on__gte=starts_on).order_by("starts_on")
    if (first := later.first()) is not None and first.starts_on > starts_on:
        raise ScheduleInThePast(on=first.starts_on)
    later.delete()
    expert.schedules.filter(starts_on__lt=starts_on, ends_on=None).update(
        ends_on=starts_on - timedelta(days=1)
    )
    expert.schedules.filter(ends_on__gte=starts_on).update(
        ends_on=starts_on - timedelta(days=1)
    )
    schedule = Schedule.objects.create(
        expert=expert, starts_on=starts_on, minutes=list(minutes)
    )
    journal.record(
        what="experts.schedule.set",
        subject=expert,
        by=by,
        starts_on=starts_on.isoformat(),
        minutes=list(minutes),
    )
    return schedule


@transaction.atomic
def add_absence(
    *, expert_id: int, starts_on: date, ends_on: date, half_days: bool, by: Actor
) -> Absence:
    """Keep days off. Raises DatesUpsideDown or AbsenceOverlaps."""
    expert = Expert.objects.select_for_update().get(pk=expert_id)
    if ends_on < starts_on:
        raise DatesUpsideDown
    if expert.absences.filter(starts_on__lte=ends_on, ends_on__gte=starts_on).exists():
        raise AbsenceOverlaps
    absence = Absence.objects.create(
        expert=expert, starts_on=starts_on, ends_on=ends_on, half_days=half_days
    )
    journal.record(what="experts.absence.added", subject=expert, by=by)
    return absence


@transaction.atomic
def remove_absence(*, expert_id: int, absence_id: int, by: Actor) -> None:
    """Take days off back; nothing happens if they are gone already."""
    expert = Expert.objects.select_for_update().get(pk=expert_id)
    if expert.absences.filter(pk=absence_id).delete()[0]:
        journal.record(what="experts.absence.removed", subject=expert, by=by)


@transaction.atomic
def declare_conflict(
    *, expert_id: int, organisation_id: int, kind: str, by: Actor
) -> Conflict:
    """Declare a conflict of interest; a standing one of the same kind is kept."""
    conflict, new = Conflict.objects.get_or_create(
        expert_id=expert_id,
        organisation_id=organisation_id,
        kind=kind,
        ended_on=None,
        waived_on=None,
        defaults={"declared_on": by.on},
    )
    if new:
        journal.record(
            what="experts.conflict.declared",
            subject=conflict.expert,
            by=by,
            organisation=conflict.organisation.name,
            kind=kind,
        )
    return conflict


@transaction.atomic
def waive_conflict(*, conflict_id: int, waiver: str, by: Actor) -> Conflict:
    """Lift a conflict, and say why. Raises WaiverSaysNothing or ConflictSettled."""
    conflict = _standing(conflict_id)
    if not waiver.strip():
        raise WaiverSaysNothing
    conflict.waived_on, conflict.waiver = by.on, waiver.strip()
    conflict.save(update_fields=["waived_on", "waiver"])
    return _recorded(conflict, "waived", by)


@transaction.atomic
def end_conflict(*, conflict_id: int, by: Actor) -> Conflict:
    """Say that a conflict is no more. Raises ConflictSettled."""
    conflict = _standing(conflict_id)
    conflict.ended_on = by.on
    conflict.save(update_fields=["ended_on"])
    return _recorded(conflict, "ended", by)


@transaction.atomic
def link_account(*, user_id: int, expert_id: int | None, by: Actor) -> Expert | None:
    """Say which expert a person is; None unlinks whoever it was.

    Raises ExpertHasAnAccount.
    """
    before = Expert.objects.select_for_update().filter(user_id=user_id).first()
    if before and before.pk == expert_id:
        return before
    if before:
        before.user_id = None
        before.save(update_fields=["user"])
        journal.record(
            what="experts.account.unlinked", subject=before, by=by, user_id=user_id
        )
    if expert_id is None:
        return None
    expert = Expert.objects.select_for_update().get(pk=expert_id)
    if expert.user_id:
        raise ExpertHasAnAccount(name=expert.name)
    expert.user_id = user_id
    expert.save(update_fields=["user"])
    journal.record(
        what="experts.account.linked", subject=expert, by=by, user_id=user_id
    )
    return expert


@transaction.atomic
def set_practice_rule(
    *,
    field_id: int,
    province: str,
    order: str,
    days_allowed: int,
    starts_on: date,
    source: str,
    by: Actor,
) -> PracticeRule:
    """Say what the law asks from a date; the rule before it ends the day before.

    Raises AnotherRuleFollows.
    """
    last = (
        PracticeRule.objects.select_for_update()
        .filter(field_id=field_id, province=province)
        .order_by("-starts_on")
        .first()
    )
    if last and starts_on <= last.starts_on:
        raise AnotherRuleFollows(on=last.starts_on)
    if last and (last.ends_on is None or last.ends_on >= starts_on):
        last.ends_on = starts_on - timedelta(days=1)
        last.save(update_fields=["ends_on"])
    rule = PracticeRule.objects.create(
        field_id=field_id,
        province=province,
        order=order,
        days_allowed=days_allowed,
        starts_on=starts_on,
        source=source,
    )
    journal.record(
        what="experts.practice_rule.set",
        subject=rule,
        by=by,
        order=order,
        province=province,
        on=starts_on.isoformat(),
        source=source,
    )
    return rule


@transaction.atomic
def open_field(
    *, code: str, name_fr: str, name_en: str, words: str, opened_on: date, by: Actor
) -> Field:
    """Offer a field of expertise from a date. Raises FieldExists."""
    if Field.objects.filter(code=code).exists():
        raise FieldExists(code=code)
    field = Field.objects.create(
        code=code,
        name_fr=name_fr,
        name_en=name_en,
        words=words,
        opened_on=opened_on,
    )
    journal.record(what="experts.field.opened", subject=field, by=by, name=name_fr)
    return field


def _standing(conflict_id: int) -> Conflict:
    conflict = Conflict.objects.select_for_update(of=("self",)).get(pk=conflict_id)
    if conflict.ended_on or conflict.waived_on:
        raise ConflictSettled
    return conflict


def _recorded(conflict: Conflict, what: str, by: Actor) -> Conflict:
    journal.record(
        what=f"experts.conflict.{what}",
        subject=conflict.expert,
        by=by,
        organisation=conflict.organisation.name,
        waiver=conflict.waiver,
    )
    return conflict
