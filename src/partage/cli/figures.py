"""`partage figures`: what a fiscal year came to."""

import json
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated

import typer
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from partage.governance.queries import business_today, cooperative
from partage.impact.queries import Figures, year_figures
from partage.portal.words import number
from partage.rules.calendar import FiscalYear, fiscal_year

JSON_HELP = gettext_lazy("Écrit une ligne de JSON.")
YEAR_HELP = gettext_lazy(
    "L’exercice, par exemple 2024-2025 ; sinon, le dernier qui est complet."
)


def figures(
    as_json: Annotated[bool, typer.Option("--json", help=str(JSON_HELP))] = False,
    year: Annotated[str, typer.Option(help=str(YEAR_HELP))] = "",
) -> None:
    """Print the figures of a fiscal year."""
    period = _period(year)
    found = year_figures(period.first_day, period.last_day)
    if as_json:
        facts = {"year": period.label} | {
            name: _plain(value) for name, value in asdict(found).items()
        }
        typer.echo(json.dumps(facts))
    else:
        Console().print(_table(period, found))


def _period(label: str) -> FiscalYear:
    """Return the year that a label names. Raises typer.BadParameter."""
    first_month = cooperative().first_month
    if not label:
        this = fiscal_year(business_today(), first_month)
        return fiscal_year(this.first_day - timedelta(days=1), first_month)
    try:
        period = fiscal_year(date(int(label[:4]), first_month, 1), first_month)
    except ValueError:
        period = None
    if period is None or label not in (period.label, label[:4]):
        raise typer.BadParameter(
            _("« %(label)s » n’est pas un exercice. Donnez-le ainsi : 2024-2025.")
            % {"label": label},
            param_hint="--year",
        )
    return period


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _table(period: FiscalYear, found: Figures) -> Table:
    table = Table(title=period.label, title_justify="left", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for words, value in (
        (_("Entreprises servies"), found.enterprises_served),
        (_("Experts"), found.experts),
        (_("Heures vendues"), found.hours),
        (_("Satisfaction (%)"), found.satisfaction_percent),
        (_("Recommandation (%)"), found.recommendation_percent),
        (_("Domaines"), found.fields),
        (_("Provinces"), found.provinces),
        (_("Membres"), found.members),
        (_("Entreprises représentées"), found.enterprises_represented),
        (_("Demandes reçues"), found.needs_received),
        (_("Retournées en première ligne"), found.needs_referred_back),
        (_("Répondues par le réservoir"), found.answered_from_reservoir),
        (_("Mandats en cours"), found.mandates_open),
    ):
        shown = "—" if value is None else number(value, get_language() or "fr")
        table.add_row(words, shown)
    return table
