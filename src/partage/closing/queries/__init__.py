"""Questions about a year: what it was, for whom, and what may be done with it."""

from partage.closing.queries.entries import sold_minutes
from partage.closing.queries.members import (
    adjustments_of,
    examples,
    member_years,
    next_year_of,
    years_for,
)
from partage.closing.queries.reserves import held, ledgers
from partage.closing.queries.years import (
    YearTotals,
    carried_into,
    closed_years,
    fiscal_year,
    last_computation,
    proposal_of,
    rules_on,
    year_totals,
)

__all__ = [
    "YearTotals",
    "adjustments_of",
    "carried_into",
    "closed_years",
    "examples",
    "fiscal_year",
    "held",
    "last_computation",
    "ledgers",
    "member_years",
    "next_year_of",
    "proposal_of",
    "rules_on",
    "sold_minutes",
    "year_totals",
    "years_for",
]
