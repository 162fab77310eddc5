"""Close a fiscal year."""

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.closing.models import YearEnd
from partage.closing.queries import year_totals
from partage.governance.models import Resolution
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.timesheets.actions import lock_month
from partage.timesheets.queries import locked_months


class YearNotOver(ActionRefused):
    sentence = _(
        "L’exercice n’est pas terminé. Il pourra être clos après son dernier jour."
    )


class YearAlreadyClosed(ActionRefused):
    sentence = _("Cet exercice est déjà clos et ne change plus.")


class ResolutionMissing(ActionRefused):
    sentence = _(
        "Un exercice se clôt par une résolution adoptée. "
        "Choisissez-la, ou demandez au conseil de l’inscrire au registre."
    )
    field = "resolution"


class HoursNotApproved(ActionRefused):
    sentence = _(
        "Des heures de mandats ne sont pas encore approuvées (semaines : %(weeks)s). "
        "Faites-les approuver, puis clôturez."
    )


class DraftsRemain(ActionRefused):
    sentence = _(
        "Il reste des brouillons de factures pour cet exercice (%(drafts)s). "
        "Émettez-les ou supprimez-les, puis clôturez."
    )


@transaction.atomic
def close_year(
    *, starts_on: date, ends_on: date, resolution_id: int | None, by: Actor
) -> YearEnd:
    """Freeze what the year was, by a resolution, and lock its months.

    Raises YearNotOver, ResolutionMissing, YearAlreadyClosed, HoursNotApproved or
    DraftsRemain.
    """
    if by.on <= ends_on:
        raise YearNotOver
    resolution = Resolution.objects.filter(pk=resolution_id, adopted=True).first()
    if resolution is None:
        raise ResolutionMissing
    YearEnd.objects.get_or_create(starts_on=starts_on, defaults={"ends_on": ends_on})
    year = YearEnd.objects.select_for_update().get(starts_on=starts_on)
    if year.status == YearEnd.Status.CLOSED:
        raise YearAlreadyClosed
    # First the months, so that no hour slips in while they are counted.
    locked = locked_months(starts_on, year.ends_on)
    month = starts_on
    while month <= year.ends_on:
        if month not in locked:
            lock_month(first_day=month, by=by)
        month = (month + timedelta(days=31)).replace(day=1)
    totals = year_totals(starts_on, year.ends_on)
    if totals.unapproved_weeks:
        raise HoursNotApproved(weeks=totals.unapproved_weeks)
    if totals.drafts:
        raise DraftsRemain(drafts=totals.drafts)
    year.status, year.closed_at = YearEnd.Status.CLOSED, by.at
    year.resolution = resolution
    year.minutes, year.invoiced = totals.minutes, totals.invoiced
    year.save()
    journal.record(
        what="closing.year.closed",
        subject=year,
        by=by,
        resolution=resolution.number,
        minutes=totals.minutes,
        invoiced=str(totals.invoiced),
    )
    return year
