"""Numbers have no gap and no twin, whoever issues at the same moment."""

import random
from datetime import date
from decimal import Decimal
from threading import Barrier, Thread

import psycopg
import pytest
from django.db import OperationalError, connection, connections, transaction

from partage.billing import queries
from partage.billing.actions import (
    change_draft,
    draft_invoices,
    issue_invoice,
    issue_invoices,
    record_payment,
)
from partage.billing.actions.paying import TooMuch
from partage.billing.models import Invoice, InvoicedWork
from partage.journal.actions import ActionRefused
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True)
UNTIL = date(2025, 3, 31)


@pytest.fixture(autouse=True)
def _house():
    builders.cooperative()
    builders.taxes()


class ChangedItsMind(Exception):
    """Something after the act went wrong: all of it is undone."""


def together(acts):
    """Run acts at the same moment; return what each answered, or how it failed."""
    gate, found = Barrier(len(acts)), [None] * len(acts)

    def run(at, act):
        gate.wait()
        try:
            found[at] = act()
        except Exception as problem:
            found[at] = problem
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def numbers():
    return sorted(
        Invoice.objects.filter(number__isnull=False).values_list("number", flat=True)
    )


def test_8_people_issue_40_drafts_and_the_numbers_are_1_to_40():
    mandate, by = builders.mandate(), builders.actor()
    drafts = [builders.draft(on=mandate).pk for _n in range(40)]
    dice = random.Random(40)
    hesitant = {pk for pk in drafts if dice.random() < 0.3}

    def issues(share):
        for pk in share:
            try:
                with transaction.atomic():
                    issue_invoice(invoice_id=pk, by=by)
                    if pk in hesitant:
                        raise ChangedItsMind
            except ChangedItsMind:
                issue_invoice(invoice_id=pk, by=by)

    problems = together([lambda at=at: issues(drafts[at::8]) for at in range(8)])
    assert hesitant
    assert problems == [None] * 8
    assert numbers() == list(range(1, 41))


def test_4_people_issue_the_same_20_drafts_together_and_each_is_issued_once():
    mandate, by = builders.mandate(), builders.actor()
    drafts = [builders.draft(on=mandate).pk for _n in range(20)]
    orders = [drafts, drafts[::-1], drafts[10:] + drafts[:10], drafts[::2]]
    done = together(
        [lambda ids=ids: issue_invoices(invoice_ids=ids, by=by) for ids in orders]
    )
    assert sorted(one.pk for each in done for one in each.invoices) == drafts
    assert numbers() == list(range(1, 21))


def test_a_double_click_issues_once():
    by, draft = builders.actor(), builders.draft().pk
    answers = together([lambda: issue_invoice(invoice_id=draft, by=by)] * 2)
    assert sorted(isinstance(one, ActionRefused) for one in answers) == [False, True]
    assert numbers() == [1]


def kill_this_connection():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    wanted = ("host", "port", "user", "password", "dbname")
    given = connection.get_connection_params()
    address = {key: given[key] for key in wanted if given.get(key)}
    with psycopg.connect(**address, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_a_connection_killed_in_the_middle_leaves_no_gap():
    by, draft = builders.actor(), builders.draft().pk

    def issues_and_dies():
        with transaction.atomic():
            issue_invoice(invoice_id=draft, by=by)
            kill_this_connection()
            Invoice.objects.count()

    with pytest.raises(OperationalError):
        issues_and_dies()
    connection.close()
    assert numbers() == []
    issue_invoice(invoice_id=draft, by=by)
    assert numbers() == [1]


def test_two_people_who_draft_at_once_bill_the_work_once():
    expert = builders.expert()
    mandates = [builders.mandate(expert) for _n in range(4)]
    for mandate in mandates:
        builders.worked(expert, mandate, 60)
    by = builders.actor()
    together([lambda: draft_invoices(until=UNTIL, by=by)] * 2)
    assert Invoice.objects.count() == 4
    assert InvoicedWork.objects.count() == 4
    assert queries.to_bill(UNTIL) == []


def test_a_draft_is_issued_before_or_after_a_change_never_during():
    by, draft = builders.actor(), builders.draft().pk
    together(
        [
            lambda: issue_invoice(invoice_id=draft, by=by),
            lambda: change_draft(
                invoice_id=draft, fixed=[("Phase 2", Decimal("860.00"))], by=by
            ),
        ]
    )
    invoice = Invoice.objects.get()
    lines = sum(line.amount for line in invoice.lines.all())
    assert invoice.number == 1
    assert invoice.net == lines
    assert invoice.net in (Decimal("140.00"), Decimal("1000.00"))


def test_the_same_cheque_recorded_twice_at_once_pays_once():
    by = builders.actor()
    invoice = issue_invoice(invoice_id=builders.draft().pk, by=by)

    def pays():
        return record_payment(
            invoice_id=invoice.pk,
            amount=Decimal("160.97"),
            received_on=builders.TODAY,
            by=by,
        )

    answers = together([pays, pays])
    assert sum(isinstance(one, TooMuch) for one in answers) == 1
    assert invoice.payments.count() == 1
