"""Hours bought in advance: drawn by approved time, never twice, and shown."""

from datetime import date
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import connections, transaction
from hypothesis import given, settings
from hypothesis import strategies as some

from partage.billing import queries
from partage.billing.actions import (
    change_draft,
    credit_invoice,
    delete_draft,
    draft_invoices,
    issue_invoice,
)
from partage.billing.models import Invoice, InvoiceLine
from partage.people.models import Role
from partage.rules import ledger
from tests import builders

UNTIL = date(2025, 3, 31)


@pytest.fixture
def _house(db):
    builders.cooperative()
    builders.taxes()


pytestmark = pytest.mark.usefixtures("_house")


def a_bank(minutes: int, org=None, *, starts_on=date(2025, 1, 1), **more):
    held = builders.agreement(org or builders.organisation())
    return builders.hour_bank(held, minutes, starts_on=starts_on, **more)


def a_mandate(bank, **more):
    expert = builders.expert()
    org = bank.agreement.organisation
    return expert, builders.mandate(expert, org=org, **more)


def drafted():
    [draft] = draft_invoices(until=UNTIL, by=builders.actor())
    return draft


def issued(draft):
    return issue_invoice(invoice_id=draft.pk, by=builders.actor())


def left(bank):
    [balance] = queries.bank_balances([bank])
    return balance.left


def test_hours_in_the_bank_cost_nothing_more_and_are_still_on_the_invoice():
    bank = a_bank(600)
    expert, mandate = a_mandate(bank)
    builders.worked(expert, mandate, 90)
    draft = drafted()
    rows = [(one.kind, one.minutes, str(one.amount)) for one in draft.lines.all()]
    assert rows == [("TIME", 90, "165.00"), ("HOURS", -90, "-165.00")]
    invoice = issued(draft)
    assert (str(invoice.total), invoice.status) == ("0.00", "PAID")
    assert left(bank) == 510


def test_what_the_bank_does_not_hold_is_billed_by_the_hour():
    bank = a_bank(60)
    expert, mandate = a_mandate(bank)
    builders.worked(expert, mandate, 90)
    assert str(drafted().net) == "55.00"
    assert left(bank) == 0


def test_only_its_days_and_the_fields_of_its_agreement_are_drawn():
    bank = a_bank(600, starts_on=date(2025, 3, 10))
    expert, mandate = a_mandate(bank)
    builders.worked(expert, mandate, 60, date(2025, 3, 4))
    builders.worked(expert, mandate, 60, date(2025, 3, 11))
    other, elsewhere = a_mandate(bank, field=builders.field("communications"))
    builders.worked(other, elsewhere, 60)
    drafts = draft_invoices(until=UNTIL, by=builders.actor())
    assert sorted(str(one.net) for one in drafts) == ["110.00", "110.00"]
    assert left(bank) == 540


def test_the_bank_that_ends_first_is_drawn_first():
    org = builders.organisation()
    late, early = a_bank(600, org), a_bank(30, org)
    early.ends_on = date(2025, 6, 30)
    early.save()
    expert, mandate = a_mandate(late)
    builders.worked(expert, mandate, 90)
    assert drafted().net == 0
    assert (left(early), left(late)) == (0, 540)


def test_it_serves_the_enterprises_of_the_grouping():
    network = builders.organisation()
    a_bank(600, network)
    expert = builders.expert()
    org = builders.organisation(network=network)
    builders.worked(expert, builders.mandate(expert, org=org), 90)
    assert drafted().net == 0
    assert [one.left for one in queries.balances_serving([org], builders.TODAY)] == [
        510
    ]
    alone = builders.organisation()
    assert not queries.balances_serving([alone], builders.TODAY)


def test_a_credit_note_and_a_deleted_draft_give_the_hours_back():
    bank = a_bank(600)
    expert, mandate = a_mandate(bank)
    builders.worked(expert, mandate, 90)
    delete_draft(invoice_id=drafted().pk, by=builders.actor())
    assert left(bank) == 600
    invoice = issued(drafted())
    credit_invoice(invoice_id=invoice.pk, reason="Erreur", by=builders.actor())
    assert left(bank) == 600
    assert drafted().net == 0
    assert left(bank) == 510


def test_a_draw_that_is_left_out_does_not_come_back_at_once():
    bank = a_bank(600)
    expert, mandate = a_mandate(bank)
    builders.worked(expert, mandate, 90)
    draft = drafted()
    drawn = draft.lines.get(kind="HOURS")
    change_draft(invoice_id=draft.pk, leave_out=[drawn.pk], by=builders.actor())
    draft.refresh_from_db()
    assert str(draft.net) == "165.00"
    assert left(bank) == 600


def test_buying_one_is_invoiced_and_is_owed_in_hours_in_the_books():
    bank = a_bank(600)
    expert, mandate = a_mandate(bank)
    builders.bought_hours(mandate, "1100.00", on=date(2025, 3, 1))
    assert str(issued(drafted()).total) == "1264.73"
    builders.worked(expert, mandate, 240)
    issued(drafted())
    sums = ledger.balances(queries.entries(*queries.everything(builders.TODAY), "fr"))
    # 1100 $ bought, 440 $ drawn: 660 $ are owed in hours, 440 $ were earned.
    assert sums["HOURS"] == Decimal("-660.00")
    assert sums["TIME"] == Decimal("-440.00")


def test_it_is_low_from_a_fifth_down_unless_said_otherwise(client):
    bank = a_bank(600)
    expert, mandate = a_mandate(bank)
    builders.worked(expert, mandate, 479)
    drafted()
    assert not queries.low_banks(builders.TODAY)
    builders.worked(expert, mandate, 1, date(2025, 3, 5))
    drafted()
    [low] = queries.low_banks(builders.TODAY)
    assert (low.left, low.percent) == (120, 80)
    client.force_login(builders.user(Role.FINANCE))
    assert "presque vide" in client.get("/finances/").content.decode()
    page = client.get(f"/finances/ententes/{bank.agreement_id}").content.decode()
    assert "presque vide" in page
    client.force_login(builders.representative(bank.agreement.organisation))
    assert "presque vide" in client.get("/membre/factures/").content.decode()


@settings(max_examples=15, deadline=None)
@given(
    bought=some.integers(1, 3000),
    work=some.lists(some.integers(1, 1440), min_size=1, max_size=5),
)
def test_no_bank_gives_more_than_it_holds_and_the_rest_is_billed(bought, work):
    with transaction.atomic():
        bank = a_bank(bought)
        expert, mandate = a_mandate(bank)
        for day, minutes in enumerate(work, 3):
            builders.worked(expert, mandate, minutes, date(2025, 3, day))
            drafted()
        lines = InvoiceLine.objects.filter(invoice__mandate=mandate)
        drawn = -sum(line.minutes for line in lines if line.bank_id)
        assert drawn == min(bought, sum(work))
        assert left(bank) == bought - drawn
        net = Invoice.objects.get(mandate=mandate).net
        assert (net == 0) == (sum(work) <= bought)
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_two_people_who_draft_at_once_do_not_draw_the_same_hours():
    builders.cooperative()
    bank = a_bank(100)
    mandates = []
    for _n in range(2):
        expert, mandate = a_mandate(bank)
        builders.worked(expert, mandate, 90)
        mandates.append(mandate)
    by, gate = builders.actor(), Barrier(2)

    def draft(mandate):
        gate.wait()
        try:
            draft_invoices(until=UNTIL, mandate_ids=[mandate.pk], by=by)
        finally:
            connections.close_all()

    threads = [Thread(target=draft, args=(one,)) for one in mandates]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert left(bank) == 0
    assert (
        -sum(InvoiceLine.objects.filter(bank=bank).values_list("minutes", flat=True))
        == 100
    )
