"""A year of two members: Saguenay bought 6 h, Moncton 4 h, at 110 $; an hour cost 117.

The whole year cost 117 000 $ (1 000 practical hours), so that all of it less what the
10 h cost is capacity that nobody bought; others give 115 770 $, so that the members
bear 1 230 $ between them, of 1 100 $ that they were charged. See `builders.cost_model`.
"""

from datetime import date
from decimal import Decimal

import pytest

from partage.billing.actions import draft_invoices, issue_invoice
from partage.closing.actions import (
    adopt,
    make_proposal,
    open_year,
    recommend,
    set_closing_rule,
    set_figures,
    start_computing,
    start_posting,
    work,
)
from partage.closing.models import Proposal, Run
from partage.governance.actions import record_resolution
from partage.tariffs.models import CostItem
from tests import builders

START, END = date(2024, 4, 1), date(2025, 3, 31)
RULES = (
    ("RESERVE", "0.10", "Loi sur les coopératives, art. 146"),
    ("FURTHER", "0.10", "Loi sur les coopératives, art. 146"),
    ("EQUITY_OF_DEBTS", "0.40", "Loi sur les coopératives, art. 146"),
    ("BAND", "0.03", "Politique du juste coût"),
)


def run(made: Run) -> Run:
    """Do the work as the jobs' worker would."""
    return work(made.pk, at=builders.NOW)


@pytest.fixture
def house(db):
    """The cooperative, its taxes and its closing rules."""
    builders.cooperative()
    builders.taxes()
    for code, value, source in RULES:
        set_closing_rule(
            code=code,
            value=Decimal(value),
            starts_on=date(2015, 1, 1),
            source=source,
            by=builders.actor(),
        )


def live_a_year(funding: str = "115770.00") -> dict:
    """Work and bill the two members' hours; write what the year cost."""
    saguenay = builders.organisation("Coop du Saguenay")
    moncton = builders.organisation("Coop de Moncton", province="NB", language="en")
    expert = builders.expert()
    builders.cost_model(state="ACTUAL", funding=funding)
    builders.rate_card(resolution=builders.resolution())
    for org, minutes in ((saguenay, 360), (moncton, 240)):
        mandate = builders.mandate(expert, org=org)
        builders.worked(expert, mandate, minutes, date(2025, 3, 4))
    for draft in draft_invoices(until=END, by=builders.actor()):
        issue_invoice(invoice_id=draft.pk, by=builders.actor())
    return {"saguenay": saguenay, "moncton": moncton, "expert": expert}


@pytest.fixture
def people(house):
    return live_a_year()


@pytest.fixture
def year(people):
    row = open_year(starts_on=START, ends_on=END, by=builders.actor())
    set_figures(
        year_id=row.pk,
        equity=Decimal(600_000),
        debts=Decimal(2_000_000),
        source="États financiers audités",
        by=builders.actor(),
    )
    return row


def compute(year):
    done = run(start_computing(year_id=year.pk, by=builders.actor()))
    assert done.status == Run.Status.DONE, done.message
    return year.computations.get(number=year.computations.count())


def propose(year, adjusted="1", carried="0", **more) -> Proposal:
    return make_proposal(
        year_id=year.pk,
        name="Bande, puis ajustement",
        adjusted_share=Decimal(adjusted),
        carried_share=Decimal(carried),
        **more,
        by=builders.actor(),
    )


def resolve(proposal, *, body="GENERAL", number="AG-2025-06-03", **more):
    return record_resolution(
        **{
            "body": body,
            "held_on": date(2025, 4, 7),
            "number": number,
            "text": f"Adopter la proposition {proposal.reference}.",
            "by": builders.actor(),
            **more,
        }
    )


def adopted(year, **more) -> Proposal:
    """A proposal that the general meeting adopted."""
    compute(year)
    proposal = propose(year, **more)
    recommend(proposal_id=proposal.pk, by=builders.actor())
    resolution = resolve(proposal)
    return adopt(
        proposal_id=proposal.pk, resolution_id=resolution.pk, by=builders.actor()
    )


def post(proposal) -> Run:
    return run(start_posting(proposal_id=proposal.pk, by=builders.actor()))


def fund(amount: str) -> None:
    """Change what others give, so that the year ends otherwise."""
    CostItem.objects.filter(kind="FUNDING").update(amount=Decimal(amount))
