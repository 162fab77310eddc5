"""`partage close`: measure a year, check it again, take up a posting."""

from typing import Annotated

import typer
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rich.console import Console

from partage.closing import actions, queries
from partage.closing.models import Run, YearEnd
from partage.jobs.actor import the_house
from partage.journal.actions import ActionRefused

YEAR_HELP = gettext_lazy("L’exercice, par exemple 2024-2025.")
DO_HELP = gettext_lazy(
    "compute calcule, check refait et compare, print imprime les relevés, "
    "post écrit ce que l’assemblée a adopté ou reprend une écriture interrompue."
)


def close(
    do: Annotated[str, typer.Argument(help=str(DO_HELP))],
    year: Annotated[str, typer.Argument(help=str(YEAR_HELP))],
) -> None:
    """Do the long work of a year’s closing here and now, without the worker."""
    row = next((one for one in YearEnd.objects.all() if one.label == year), None)
    if row is None:
        raise typer.BadParameter(
            _(
                "« %(label)s » n’est pas un exercice à clore. "
                "Donnez-le ainsi : 2024-2025."
            )
            % {"label": year},
            param_hint="year",
        )
    by = the_house()
    proposal = queries.proposal_of(row)
    start = {
        "compute": lambda: actions.start_computing(year_id=row.pk, by=by),
        "check": lambda: actions.start_checking(year_id=row.pk, by=by),
        "print": lambda: actions.start_printing(year_id=row.pk, by=by),
        "post": lambda: actions.start_posting(
            proposal_id=proposal.pk if proposal else 0, by=by
        ),
    }.get(do)
    if start is None:
        raise typer.BadParameter(str(DO_HELP), param_hint="do")
    console = Console()
    try:
        run = actions.work(start().pk, at=by.at)
    except ActionRefused as why:
        console.print(str(why))
        raise typer.Exit(1) from None
    console.print(run.message or run.get_status_display())
    if run.status != Run.Status.DONE:
        raise typer.Exit(1)
