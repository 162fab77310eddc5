"""`partage plan`: staff a whole problem file, with its proof."""

import json
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from django.utils.formats import number_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

FILE_HELP = gettext_lazy("Le fichier du problème (JSON, compressé ou non).")
OUT_HELP = gettext_lazy("Où écrire le plan.")
SECONDS_HELP = gettext_lazy("Le temps de calcul, en secondes.")
THREADS_HELP = gettext_lazy("Le nombre de fils de calcul.")
SEED_HELP = gettext_lazy("La graine du hasard.")


def plan(
    file: Annotated[Path, typer.Argument(help=str(FILE_HELP))],
    out: Annotated[Path, typer.Option(help=str(OUT_HELP))],
    seconds: Annotated[float, typer.Option(min=0.05, help=str(SECONDS_HELP))] = 60.0,
    threads: Annotated[int, typer.Option(min=1, max=64, help=str(THREADS_HELP))] = 1,
    seed: Annotated[int, typer.Option(min=0, help=str(SEED_HELP))] = 0,
) -> None:
    """Planifier qui sert qui, et prouver à quelle distance du mieux possible."""
    # The solver takes a second to load: only this command pays for it.
    from partage.rules.staffing.plan import document_of
    from partage.rules.staffing.planner import Progress, plan_staffing, prepare
    from partage.rules.staffing.problem import ProblemRefused, read_problem

    try:
        problem = read_problem(file)
    except ProblemRefused as refusal:
        typer.echo(refusal.said(get_language() or ""), err=True)
        raise typer.Exit(2) from refusal
    prepare()
    began = time.monotonic()
    live = sys.stderr.isatty()
    shown = -1.0

    def show(p: Progress) -> None:
        nonlocal shown
        if p.seconds - shown < (0.1 if live else 5.0):
            return
        shown = p.seconds
        text = _(
            "%(seconds)s s, coût %(cost)s, borne %(bound)s, écart net %(gap)s %%"
        ) % {
            "seconds": _number(p.seconds, 1),
            "cost": _number(p.cost),
            "bound": _number(p.bound),
            "gap": _number(p.net_gap_percent, 2),
        }
        typer.echo(f"\r{text}\033[K" if live else text, err=True, nl=not live)

    asked_to_stop = False

    def stop(_signal: int, _frame: object) -> None:
        nonlocal asked_to_stop
        asked_to_stop = True
        # Asked twice, it stops as any command does.
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, stop)
    outcome = plan_staffing(
        problem,
        seconds=seconds,
        clock=time.monotonic,
        threads=threads,
        seed=seed,
        progress=show,
        should_stop=lambda: asked_to_stop,
    )
    if live:
        typer.echo("", err=True)
    found = outcome.plan
    try:
        # Whole or not at all: a plan cut in half must never lie there.
        partial = out.with_name(out.name + ".partiel")
        partial.write_text(
            json.dumps(document_of(problem, found.assignments)), encoding="utf-8"
        )
        partial.replace(out)
    except OSError as error:
        typer.echo(
            _("%(place)s : le plan ne peut pas y être écrit (%(reason)s).")
            % {"place": out, "reason": error.strerror},
            err=True,
        )
        raise typer.Exit(2) from error
    typer.echo(
        json.dumps(
            {
                "cost": round(found.cost.total, 2),
                "bound": round(found.bound, 2),
                "unavoidable": round(found.unavoidable, 2),
                "net_gap_percent": round(found.net_gap_percent, 3),
                "rejected": found.rejected,
                "seconds": round(time.monotonic() - began, 2),
                "peak_memory_mb": round(
                    resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1
                ),
            }
        )
    )


def _number(value: float, digits: int = 0) -> str:
    return number_format(value, digits, force_grouping=True)
