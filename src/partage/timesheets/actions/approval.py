"""Submit a week, approve it, send it back; lock a month."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.timesheets.actions.opening import (
    MonthIsLocked,
    WeekApproved,
    count_change,
    hold_months,
    hold_week,
    in_words,
)
from partage.timesheets.models import Expense, LockedMonth, TimeEntry, Trip, Week
from partage.timesheets.queries import locked_months


class WeekNotBegun(ActionRefused):
    sentence = _(
        "Cette semaine n’est pas commencée. Vous pourrez la soumettre dès son lundi."
    )


class WeekAlreadySubmitted(ActionRefused):
    sentence = _("Cette semaine est déjà soumise. Elle attend d’être approuvée.")


class WeekNotSubmitted(ActionRefused):
    sentence = _(
        "La semaine de %(expert)s du %(monday)s n’est pas soumise, ou ne l’est plus. "
        "Rechargez la page pour voir où elle en est."
    )


class WeekChangedMeanwhile(ActionRefused):
    sentence = _(
        "La semaine de %(expert)s du %(monday)s a changé depuis que vous l’avez lue. "
        "Rien n’a été approuvé. Relisez-la, puis approuvez."
    )


class OwnWeek(ActionRefused):
    sentence = _(
        "Personne n’approuve sa propre semaine. "
        "Demandez à une autre personne de la coordination ou des finances."
    )


class RemarkMissing(ActionRefused):
    sentence = _("Dites ce qu’il faut corriger : c’est ce que l’expert lira.")
    field = "remark"


class WeekNotApproved(ActionRefused):
    sentence = _("Cette semaine n’est pas approuvée : il n’y a rien à rouvrir.")


@transaction.atomic
def submit_week(*, expert_id: int, monday: date, by: Actor) -> Week:
    """Say that a week is done, whole or not; it then waits to be approved.

    Raises WeekNotBegun, WeekAlreadySubmitted or WeekApproved.
    """
    week = hold_week(expert_id, monday)
    if week.status == Week.Status.APPROVED:
        raise WeekApproved
    if week.status == Week.Status.SUBMITTED:
        raise WeekAlreadySubmitted
    if monday > by.on:
        raise WeekNotBegun
    week.status, week.submitted_at, week.remark = Week.Status.SUBMITTED, by.at, ""
    week.save(update_fields=["status", "submitted_at", "remark"])
    count_change(week)
    journal.record(what="timesheets.week.submitted", subject=week, by=by)
    return week


@transaction.atomic
def recall_week(*, expert_id: int, monday: date, by: Actor) -> Week:
    """Take back a submitted week, to correct it.

    Raises WeekApproved or WeekNotSubmitted.
    """
    week = hold_week(expert_id, monday)
    if week.status == Week.Status.APPROVED:
        raise WeekApproved
    _refuse_unless_submitted(week)
    _reopen(week, remark="")
    journal.record(what="timesheets.week.recalled", subject=week, by=by)
    return week


@transaction.atomic
def approve_week(*, week_id: int, version: int, by: Actor) -> Week:
    """Approve a submitted week, as it was read: `version` is the one on the screen.

    Raises WeekNotSubmitted, WeekChangedMeanwhile or OwnWeek.
    """
    week = _held(week_id)
    _refuse_unless_submitted(week)
    if week.version != version:
        raise WeekChangedMeanwhile(
            expert=week.expert.name, monday=in_words(week.monday)
        )
    if by.user_id is not None and week.expert.user_id == by.user_id:
        raise OwnWeek
    week.status, week.approved_at = Week.Status.APPROVED, by.at
    week.approved_by_id, week.remark = by.user_id, ""
    week.save(update_fields=["status", "approved_at", "approved_by", "remark"])
    journal.record(what="timesheets.week.approved", subject=week, by=by)
    return week


@transaction.atomic
def approve_weeks(*, weeks: Iterable[tuple[int, int]], by: Actor) -> list[Week]:
    """Approve weeks, (id, version) each: all of them or none."""
    return [
        approve_week(week_id=week_id, version=version, by=by)
        for week_id, version in sorted(weeks)
    ]


@transaction.atomic
def send_back_week(*, week_id: int, remark: str, by: Actor) -> Week:
    """Reopen a submitted week with a remark that its expert reads.

    Raises RemarkMissing or WeekNotSubmitted.
    """
    remark = remark.strip()
    if not remark:
        raise RemarkMissing
    week = _held(week_id)
    _refuse_unless_submitted(week)
    _reopen(week, remark=remark)
    journal.record(what="timesheets.week.sent_back", subject=week, by=by, remark=remark)
    return week


@transaction.atomic
def reopen_week(*, week_id: int, remark: str, by: Actor) -> Week:
    """Reopen an approved week. Its caller asks billing that none of it is invoiced.

    Raises RemarkMissing, WeekNotApproved or MonthIsLocked.
    """
    remark = remark.strip()
    if not remark:
        raise RemarkMissing
    week = _held(week_id)
    if week.status != Week.Status.APPROVED:
        raise WeekNotApproved
    days = [
        day
        for rows in (TimeEntry, Trip, Expense)
        for day in rows.objects.filter(week=week).values_list("on", flat=True)
    ]
    hold_months(days)
    if days and locked_months(min(days), max(days)):
        raise MonthIsLocked
    _reopen(week, remark=remark)
    journal.record(what="timesheets.week.reopened", subject=week, by=by, remark=remark)
    return week


def _held(week_id: int) -> Week:
    return (
        Week.objects.select_for_update(of=("self",))
        .select_related("expert")
        .get(pk=week_id)
    )


def _refuse_unless_submitted(week: Week) -> None:
    if week.status != Week.Status.SUBMITTED:
        raise WeekNotSubmitted(expert=week.expert.name, monday=in_words(week.monday))


def _reopen(week: Week, *, remark: str) -> None:
    week.status, week.remark = Week.Status.OPEN, remark
    week.submitted_at = week.approved_at = week.approved_by = None
    week.save(
        update_fields=[
            "status",
            "remark",
            "submitted_at",
            "approved_at",
            "approved_by",
        ]
    )
    count_change(week)


# --- months


class MonthNotOver(ActionRefused):
    sentence = _(
        "Ce mois n’est pas fini. Il pourra être verrouillé après son dernier jour."
    )


class MonthAlreadyLocked(ActionRefused):
    sentence = _("Ce mois est déjà verrouillé.")


class MonthNotLocked(ActionRefused):
    sentence = _("Ce mois n’est pas verrouillé.")


@transaction.atomic
def lock_month(*, first_day: date, by: Actor) -> LockedMonth:
    """Close a month that is over: no time, trip or expense is written in it.

    What is submitted in it can still be approved, since that changes no hours.

    Raises MonthNotOver or MonthAlreadyLocked.
    """
    first_day = first_day.replace(day=1)
    hold_months([first_day], alone=True)
    if (first_day + timedelta(days=31)).replace(day=1) > by.on:
        raise MonthNotOver
    month, made = LockedMonth.objects.get_or_create(
        first_day=first_day,
        defaults={"locked_at": by.at, "locked_by_id": by.user_id},
    )
    if not made:
        raise MonthAlreadyLocked
    journal.record(
        what="timesheets.month.locked", subject=month, by=by, month=str(first_day)
    )
    return month


@transaction.atomic
def unlock_month(*, first_day: date, by: Actor) -> None:
    """Open a locked month again.

    Raises MonthNotLocked.
    """
    first_day = first_day.replace(day=1)
    hold_months([first_day], alone=True)
    month = LockedMonth.objects.filter(first_day=first_day).first()
    if month is None:
        raise MonthNotLocked
    journal.record(
        what="timesheets.month.unlocked", subject=month, by=by, month=str(first_day)
    )
    month.delete()
