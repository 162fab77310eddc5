"""`partage plan`: staff a whole problem file, with its proof."""

import json
import resource
import sys
import time
from pathlib import Path
from typing import Annotated

import typer


def plan(
    file: Annotated[Path, typer.Argument(help="Fichier du problème (JSON, ou .gz).")],
    out: Annotated[Path, typer.Option(help="Où écrire le plan.")],
    seconds: Annotated[
        float, typer.Option(min=0.05, help="Temps de calcul, en secondes.")
    ] = 60.0,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Fils de calcul.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Graine du hasard.")] = 0,
) -> None:
    """Planifier qui sert qui, et prouver à quelle distance du mieux possible."""
    # The solver takes a second to load: only this command pays for it.
    from partage.rules.staffing.plan import document_of
    from partage.rules.staffing.planner import Progress, plan_staffing
    from partage.rules.staffing.problem import ProblemRefused, read_problem

    began = time.monotonic()
    try:
        problem = read_problem(file)
    except ProblemRefused as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(2) from refusal
    live = sys.stderr.isatty()
    shown = -1.0

    def show(p: Progress) -> None:
        nonlocal shown
        if p.seconds - shown < (0.1 if live else 5.0):
            return
        shown = p.seconds
        line = (
            f"{p.seconds:6.1f} s · coût {p.cost:,.0f} · borne {p.bound:,.0f} · "
            f"écart net {p.net_gap_percent:.2f} %"
        )
        text = line.replace(",", "\u00a0").replace(".", ",")
        typer.echo(f"\r{text}\033[K" if live else text, err=True, nl=not live)

    outcome = plan_staffing(
        problem,
        seconds=seconds,
        clock=time.monotonic,
        threads=threads,
        seed=seed,
        progress=show,
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
            f"{out}\u00a0: le plan ne peut pas y être écrit ({error.strerror}).",
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
