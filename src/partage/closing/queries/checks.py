"""What an auditor checks of a year: two figures that must agree, each by its query.

The queries are shown as they are run: whoever can read the database can run them.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from partage.closing.models import Computation, Proposal

_YEARS = "FROM closing_memberyear WHERE computation_id = %(computation)s"
_LINES = (
    "FROM closing_memberline l JOIN closing_memberyear y ON y.id = l.year_id "
    "WHERE y.computation_id = %(computation)s"
)
_THIS = "FROM closing_computation WHERE id = %(computation)s"
_POSTED = (
    "FROM closing_posting WHERE proposal_id = %(proposal)s AND reverses_id IS NULL"
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two queries of one figure each, and what they say."""

    name: str | Promise
    one: str | Promise
    one_sql: str
    other: str | Promise
    other_sql: str
    unit: str = "$"
    # Against the time sheets and invoices, which a year brought in does not have here.
    reads_the_year: bool = False


_OF_A_COMPUTATION = (
    Pair(
        _("La somme des écarts est le surplus"),
        _("Écarts de tous les membres"),
        f"SELECT sum(adjustment) {_YEARS}",
        _("Surplus ou déficit de l’exercice"),
        f"SELECT surplus {_THIS}",
    ),
    Pair(
        _("Les heures sont celles des feuilles de temps"),
        _("Heures des membres"),
        f"SELECT sum(minutes) {_YEARS}",
        _("Feuilles de temps, mandats"),
        "SELECT sum(minutes) FROM timesheets_timeentry WHERE mandate_id IS NOT NULL "
        'AND "on" BETWEEN %(start)s AND %(end)s',
        "min",
        reads_the_year=True,
    ),
    Pair(
        _("Les dollars sont ceux des factures"),
        _("Facturé aux membres, moins ce qui reste à facturer"),
        f"SELECT charged - to_invoice {_THIS}",
        _("Lignes des factures émises, sans trajets ni dépenses"),
        "SELECT coalesce(sum(l.amount), 0) FROM billing_invoiceline l "
        "JOIN billing_invoice i ON i.id = l.invoice_id WHERE i.number IS NOT NULL "
        "AND i.period_end BETWEEN %(start)s AND %(end)s "
        "AND l.kind NOT IN ('TRIP', 'EXPENSE') AND NOT EXISTS (SELECT 1 "
        "FROM closing_posting p WHERE p.invoice_id = i.id)",
        reads_the_year=True,
    ),
    Pair(
        _("Les lignes et les parts hors taux font le coût à porter"),
        _("Lignes au taux définitif et parts hors taux"),
        f"SELECT (SELECT sum(l.final) {_LINES}) + (SELECT sum(remainder) {_YEARS})",
        _("Coût à porter par les membres"),
        f"SELECT cost {_THIS}",
    ),
    Pair(
        _("Chaque ligne est ses heures multipliées par le taux définitif"),
        _("Lignes qui s’en écartent"),
        f"SELECT count(*) {_LINES} AND l.final <> round(l.minutes * l.rate / 60, 2)",
        _("Aucune"),
        "SELECT 0",
        "",
    ),
)
_OF_A_PROPOSAL = (
    Pair(
        _("Les parts de la proposition font le surplus"),
        _("Ajustements, réserves et report"),
        "SELECT adjusted + stabilisation + carried + reserve + rebates "
        "FROM closing_proposal WHERE id = %(proposal)s",
        _("Surplus ou déficit de l’exercice"),
        f"SELECT surplus {_THIS}",
    ),
)
_OF_WHAT_IS_POSTED = (
    Pair(
        _("Les ajustements écrits sont ceux de la proposition"),
        _("Écritures des membres"),
        f"SELECT coalesce(sum(amount), 0) {_POSTED}",
        _("Ajustements de la proposition"),
        "SELECT adjusted FROM closing_proposal WHERE id = %(proposal)s",
    ),
    Pair(
        _("Les documents d’ajustement disent les mêmes dollars"),
        _("Factures et notes de crédit, avant taxes"),
        "SELECT coalesce(sum(i.net), 0) FROM billing_invoice i JOIN closing_posting p "
        "ON p.invoice_id = i.id WHERE p.proposal_id = %(proposal)s "
        "AND p.reverses_id IS NULL",
        _("Écritures des membres, de signe contraire"),
        f"SELECT coalesce(-sum(amount), 0) {_POSTED}",
    ),
    Pair(
        _("Les réserves ont bougé de ce qui est décidé"),
        _("Mouvements des réserves"),
        "SELECT coalesce(sum(amount), 0) FROM closing_reservemovement "
        "WHERE proposal_id = %(proposal)s AND reverses_id IS NULL",
        _("Réserves et report de la proposition"),
        "SELECT stabilisation + carried + reserve FROM closing_proposal "
        "WHERE id = %(proposal)s",
    ),
    Pair(
        _("Chaque membre est écrit une fois"),
        _("Écritures des membres"),
        f"SELECT count(*) {_POSTED}",
        _("Années des membres"),
        f"SELECT count(*) {_YEARS}",
        "",
    ),
)


@dataclass(frozen=True, slots=True)
class Checked:
    """A pair, once asked: it holds when both figures are the same."""

    pair: Pair
    one: Decimal | int
    other: Decimal | int
    one_sql: str
    other_sql: str

    @property
    def holds(self) -> bool:
        return self.one == self.other


def checks_of(computation: Computation, proposal: Proposal | None) -> list[Checked]:
    """Ask every pair that there is something to ask of."""
    year = computation.year
    facts = {
        "computation": computation.pk,
        "proposal": proposal.pk if proposal else None,
        "start": year.starts_on,
        "end": year.ends_on,
    }
    pairs = [
        pair
        for pair in _OF_A_COMPUTATION
        if not (pair.reads_the_year and computation.is_brought)
    ]
    if proposal:
        pairs += _OF_A_PROPOSAL
    if proposal and proposal.status in (
        Proposal.Status.POSTED,
        Proposal.Status.REVERSING,
        Proposal.Status.REVERSED,
    ):
        pairs += _OF_WHAT_IS_POSTED
    found = []
    with connection.cursor() as cursor:
        for pair in pairs:
            told, said = [], []
            for sql in (pair.one_sql, pair.other_sql):
                cursor.execute(sql, facts)
                figure = cursor.fetchone()[0] or 0
                told.append(figure if pair.unit == "$" else int(figure))
                said.append(_as_run(sql, facts))
            found.append(Checked(pair, *told, *said))
    return found


def _as_run(sql: str, facts: dict) -> str:
    """Write a query with its facts, as one would type it."""
    return sql % {
        name: str(fact) if isinstance(fact, int) else f"'{fact}'"
        for name, fact in facts.items()
    }
