"""`partage ledger`: the books, for accountants and for hledger."""

import sys
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from partage.billing import queries
from partage.governance.queries import business_today, cooperative
from partage.rules import ledger as books

START_HELP = gettext_lazy("Le premier jour ; sinon, depuis la première facture.")
END_HELP = gettext_lazy("Le dernier jour ; sinon, aujourd’hui.")
FORMAT_HELP = gettext_lazy("hledger (comptabilité texte) ou csv.")
OUT_HELP = gettext_lazy("Où écrire ; sinon, à l’écran.")
LANGUAGE_HELP = gettext_lazy("La langue du fichier ; sinon, celle de la commande.")


class Format(StrEnum):
    HLEDGER = "hledger"
    CSV = "csv"


class Language(StrEnum):
    FR = "fr"
    EN = "en"


def ledger(
    start: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help=str(START_HELP)),
    ] = None,
    end: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help=str(END_HELP))
    ] = None,
    kind: Annotated[Format, typer.Option("--format", help=str(FORMAT_HELP))] = (
        Format.HLEDGER
    ),
    language: Annotated[Language | None, typer.Option(help=str(LANGUAGE_HELP))] = None,
    out: Annotated[Path | None, typer.Option(help=str(OUT_HELP))] = None,
) -> None:
    """Write the entries; the whole books assert what members owe."""
    today = business_today()
    first = start.date() if start else date.min
    last = end.date() if end else today
    if last < first:
        raise typer.BadParameter(
            _("La fin vient avant le début. Inversez les deux dates."),
            param_hint="--to",
        )
    english = (get_language() or "").startswith("en")
    tongue = language.value if language else "en" if english else "fr"
    invoices, payments = queries.everything(last)
    entries = queries.entries(
        invoices.filter(issued_on__gte=first),
        payments.filter(received_on__gte=first),
        tongue,
    )
    chart = queries.chart(tongue)
    if kind is Format.CSV:
        content = books.as_csv(entries, chart, tongue)
    else:
        whole = start is None and last >= today
        content = books.as_hledger(
            entries,
            chart,
            tongue,
            title=f"{cooperative().name}, {last}",
            owed=(today, queries.owed(today)) if whole else None,
        ).encode()
    if out is None:
        sys.stdout.buffer.write(content)
        return
    try:
        # Whole or not at all: books cut in half must never lie there.
        partial = out.with_name(out.name + ".partiel")
        partial.write_bytes(content)
        partial.replace(out)
    except OSError as problem:
        typer.echo(
            _("%(place)s : on ne peut pas y écrire (%(reason)s).")
            % {"place": out, "reason": problem.strerror},
            err=True,
        )
        raise typer.Exit(2) from problem
