"""`partage index`: bring this machine's index in step, or make it anew."""

from typing import Annotated

import typer
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from rich.console import Console
from rich.progress import Progress

from partage.knowledge.queries import node

REBUILD_HELP = gettext_lazy(
    "Refait l’index à neuf. Pendant ce temps, la recherche répond de PostgreSQL."
)


def index(
    rebuild: Annotated[bool, typer.Option("--rebuild", help=str(REBUILD_HELP))] = False,
) -> None:
    """Follow the log of changes to its end; what is cut short goes on the next time."""
    console, here = Console(), node()
    try:
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task(_("Savoirs"), total=None)
            ended = (here.rebuild if rebuild else here.follow)(
                tell=lambda done, of: progress.update(task, completed=done, total=of)
            )
    except KeyboardInterrupt:
        console.print(_("Arrêté. L’index continuera d’où il en est."))
        raise typer.Exit(1) from None
    if not ended:
        console.print(
            _("Un autre processus de cette machine tient déjà l’index à jour.")
        )
        raise typer.Exit(1)
    passages = sum(one.size for one in here.indexes)
    console.print(
        ngettext(
            "%(count)s passage dans l’index.",
            "%(count)s passages dans l’index.",
            passages,
        )
        % {"count": passages}
    )
