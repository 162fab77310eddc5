"""A month of a closed year stays locked: the year is opened again first."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.closing.models import Proposal, YearEnd
from partage.journal.actions import ActionRefused, Actor
from partage.timesheets.actions import unlock_month


class YearOfMonthClosed(ActionRefused):
    sentence = _(
        "Ce mois est de l’exercice %(year)s, qui est clos : ses heures ont servi à "
        "l’ajustement de chaque membre. Faites d’abord rouvrir l’exercice par une "
        "résolution de l’assemblée, dans Finances, Exercice."
    )


class YearOfMonthInWriting(ActionRefused):
    sentence = _(
        "Ce mois est de l’exercice %(year)s, que l’on est en train d’écrire. "
        "Attendez la fin, puis faites-le rouvrir s’il le faut."
    )


@transaction.atomic
def open_month(*, first_day: date, by: Actor) -> None:
    """Unlock a month, unless the year that holds it is closed or being written.

    Raises YearOfMonthClosed, YearOfMonthInWriting, or what `unlock_month` raises.
    """
    year = (
        YearEnd.objects.select_for_update()
        .filter(starts_on__lte=first_day, ends_on__gte=first_day)
        .first()
    )
    if year and year.status == YearEnd.Status.CLOSED:
        raise YearOfMonthClosed(year=year.label)
    if year and Proposal.objects.filter(
        year=year, status=Proposal.Status.POSTING
    ).exists():  # fmt: skip
        raise YearOfMonthInWriting(year=year.label)
    unlock_month(first_day=first_day, by=by)
