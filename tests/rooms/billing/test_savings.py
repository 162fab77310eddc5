"""What the reservoir saved is told to a member once, on the first invoice after it."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from partage.billing import queries
from partage.billing.actions import credit_invoice, draft_invoices, issue_invoice
from partage.knowledge.models import Reuse
from tests import builders

pytestmark = pytest.mark.django_db
MAY = datetime(2025, 5, 5, 10, tzinfo=ZoneInfo("America/Toronto"))


@pytest.fixture
def mandate():
    builders.cooperative()
    builders.taxes()
    expert = builders.expert()
    mandate = builders.mandate(expert)
    builders.worked(expert, mandate, 90)
    return mandate


def served(mandate, minutes, on):
    return Reuse.objects.create(
        piece=builders.piece(),
        served=mandate.reference,
        minutes_saved=minutes,
        organisation=mandate.organisation,
        on=on,
    )


def drafted(by):
    [draft] = draft_invoices(until=date(2025, 4, 30), by=by)
    return draft


def worked_again(mandate):
    builders.worked(mandate.team.get().expert, mandate, 60, on=date(2025, 4, 8))


def test_the_next_invoice_of_the_same_mandate_tells_only_what_came_since(mandate):
    april, may = builders.actor(), builders.actor(at=MAY)
    served(mandate, 90, date(2025, 3, 3))
    first = drafted(april)
    assert queries.saved_minutes(first) == 90
    first = issue_invoice(invoice_id=first.pk, by=april)
    worked_again(mandate)
    served(mandate, 45, date(2025, 5, 2))

    second = drafted(may)
    assert queries.saved_minutes(second) == 45
    second = issue_invoice(invoice_id=second.pk, by=may)

    assert (queries.saved_minutes(first), queries.saved_minutes(second)) == (90, 45)
    told = queries.savings_told([first, second])
    assert [told[one.pk].minutes for one in (first, second)] == [90, 45]


def test_a_credit_note_tells_none(mandate):
    served(mandate, 90, date(2025, 3, 3))
    invoice = issue_invoice(
        invoice_id=drafted(builders.actor()).pk, by=builders.actor()
    )
    note = credit_invoice(
        invoice_id=invoice.pk, reason="Erreur", by=builders.actor(at=MAY)
    )

    assert queries.saved_minutes(note) == 0
    assert queries.saved_minutes(invoice) == 90
