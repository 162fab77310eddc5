"""Take hold of a week to write in it, and say why a day cannot be written."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import connection
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from partage.experts.models import Expert
from partage.journal.actions import ActionRefused, Actor
from partage.mandates.models import Mandate
from partage.timesheets.models import Activity, Week
from partage.timesheets.queries import Key, locked_months, on_teams

# Time is what was done. A month ahead leaves room to fill in before a leave, and
# still stops a year typed wrong.
AHEAD = timedelta(days=31)
_MONTH_LOCK = 0x54_4D  # a namespace of advisory locks: the months


class WeekUnknown(ActionRefused):
    sentence = _("Cette semaine ne commence pas un lundi. Choisissez-en une autre.")


class WeekSubmitted(ActionRefused):
    sentence = _(
        "Cette semaine est soumise et ne change plus. Pour la corriger, rappelez-la."
    )


class WeekApproved(ActionRefused):
    sentence = _(
        "Cette semaine est approuvée et ne change plus. "
        "Demandez à la coordination de la rouvrir."
    )


class MonthIsLocked(ActionRefused):
    sentence = _("Ce mois est verrouillé. Demandez aux finances de le déverrouiller.")


class NotOnTheTeam(ActionRefused):
    sentence = _(
        "%(expert)s n’est pas de l’équipe de %(reference)s. "
        "Demandez à la coordination de l’y ajouter."
    )


class MandateNotOpenYet(ActionRefused):
    sentence = _(
        "%(reference)s commence le %(on)s. Choisissez ce jour ou un jour suivant."
    )


class MandateClosed(ActionRefused):
    sentence = _(
        "%(reference)s est clos depuis le %(on)s. Écrivez ce temps avant cette date."
    )


class ActivityClosed(ActionRefused):
    sentence = _("« %(name)s » est fermée. Choisissez une autre activité.")


class RowUnknown(ActionRefused):
    sentence = _("Cette ligne n’existe plus. Choisissez un mandat ou une activité.")


class NotHereYet(ActionRefused):
    sentence = _(
        "Le travail de %(expert)s a commencé le %(on)s : rien ne s’écrit avant."
    )


class GoneAlready(ActionRefused):
    sentence = _(
        "Le travail de %(expert)s a pris fin le %(on)s : rien ne s’écrit après."
    )


class TooFarAhead(ActionRefused):
    sentence = _(
        "Ce jour est à plus d’un mois d’ici. Vérifiez la date, ou écrivez-le plus tard."
    )


class MoreThanADay(ActionRefused):
    sentence = _(
        "Cette journée compterait plus de 24 heures. Vérifiez les heures du jour."
    )


class NotInTheWeek(ActionRefused):
    sentence = _("Ce jour n’est pas dans la semaine. Ouvrez la semaine de ce jour.")


def in_words(on: date) -> str:
    return date_format(on, "DATE_FORMAT")


def hold_months(days: Iterable[date], *, alone: bool = False) -> None:
    """Hold the months of these days until commit; `alone` waits for all others.

    Writing holds its months together; locking a month holds it alone. So no
    time slips into a month while it is being locked.
    """
    function = "pg_advisory_xact_lock" + ("" if alone else "_shared")
    with connection.cursor() as cursor:
        for year, month in sorted({(day.year, day.month) for day in days}):
            cursor.execute(
                f"SELECT {function}(%s, %s)", [_MONTH_LOCK, year * 100 + month]
            )


def hold_week(expert_id: int, monday: date) -> Week:
    """Return the expert's week, locked until commit; it is made if need be."""
    if monday.weekday():
        raise WeekUnknown
    Week.objects.get_or_create(expert_id=expert_id, monday=monday)
    return Week.objects.select_for_update().get(expert_id=expert_id, monday=monday)


def hold_open_week(expert_id: int, monday: date, *, delegate: bool) -> Week:
    """Return the week, locked, that may be written in.

    The expert writes in an open week; a delegate (coordination) also corrects a
    submitted one.
    """
    week = hold_week(expert_id, monday)
    refuse_unless_open(week, delegate=delegate)
    return week


def refuse_unless_open(week: Week, *, delegate: bool) -> None:
    if week.status == Week.Status.APPROVED:
        raise WeekApproved
    if week.status == Week.Status.SUBMITTED and not delegate:
        raise WeekSubmitted


def count_change(week: Week) -> None:
    week.version += 1
    week.save(update_fields=["version"])


class Ground:
    """What must be known to say whether days can be written, asked in bulk."""

    def __init__(self, expert_id: int, keys: Iterable[Key], by: Actor) -> None:
        keys = list(keys)
        self.expert = Expert.objects.get(pk=expert_id)
        days = [key.on for key in keys] or [by.on]
        hold_months(days)
        self.locked = locked_months(min(days), max(days))
        mandates = {key.mandate_id for key in keys if key.mandate_id}
        activities = {key.activity_id for key in keys if key.activity_id}
        self.mandates = Mandate.objects.in_bulk(mandates) if mandates else {}
        self.activities = Activity.objects.in_bulk(activities) if activities else {}
        self.teams = on_teams(expert_id, mandates) if mandates else frozenset()
        self.last = by.on + AHEAD

    def is_locked(self, on: date) -> bool:
        return on.replace(day=1) in self.locked

    def problem(self, key: Key, *, removing: bool = False) -> ActionRefused | None:
        """Return why this cell cannot be written; what is removed asks for less."""
        if self.is_locked(key.on):
            return MonthIsLocked()
        if removing:
            return None
        expert = self.expert
        if key.on < expert.started_on:
            return NotHereYet(expert=expert.name, on=in_words(expert.started_on))
        if expert.left_on and key.on > expert.left_on:
            return GoneAlready(expert=expert.name, on=in_words(expert.left_on))
        if key.on > self.last:
            return TooFarAhead()
        if key.mandate_id:
            return self._problem_of_mandate(key.mandate_id, key.on)
        activity = self.activities.get(key.activity_id)
        if activity is None:
            return RowUnknown()
        if activity.closed_on and key.on > activity.closed_on:
            return ActivityClosed(name=activity.name)
        return None

    def _problem_of_mandate(self, mandate_id: int, on: date) -> ActionRefused | None:
        mandate = self.mandates.get(mandate_id)
        if mandate is None:
            return RowUnknown()
        if mandate_id not in self.teams:
            return NotOnTheTeam(expert=self.expert.name, reference=mandate.reference)
        if on < mandate.opened_on:
            return MandateNotOpenYet(
                reference=mandate.reference, on=in_words(mandate.opened_on)
            )
        if mandate.closed_on and on > mandate.closed_on:
            return MandateClosed(
                reference=mandate.reference, on=in_words(mandate.closed_on)
            )
        return None
