"""Agreed amounts: deposits taken off, prices that cover hours, fees once a period."""

from datetime import date, datetime
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import InternalError, connections, transaction
from django.db.utils import IntegrityError
from hypothesis import given, settings
from hypothesis import strategies as some

from partage.billing import queries
from partage.billing.actions import (
    add_instalment,
    add_schedule,
    change_draft,
    credit_invoice,
    delete_draft,
    draft_invoices,
    draft_recurring,
    end_schedule,
    issue_invoice,
    remove_instalment,
)
from partage.billing.actions.issuing import DepositGone, TaxDaysDiffer
from partage.billing.actions.planning import (
    AgreedAmountUnusable,
    FeeAlready,
    InstalmentBilled,
    MilestoneOfAnother,
    ScheduleEnded,
    ScheduleEndsTooSoon,
    TitleMissing,
)
from partage.billing.models import (
    Instalment,
    Invoice,
    InvoicedWork,
    InvoiceLine,
    InvoiceTax,
)
from partage.mandates.models import Milestone
from partage.rules import ledger
from tests import builders

APRIL = date(2025, 4, 1)
UNTIL = date(2025, 4, 30)


@pytest.fixture
def _house(db):
    builders.cooperative()
    builders.taxes()


pytestmark = pytest.mark.usefixtures("_house")


def on_day(text):
    return builders.actor(at=datetime.fromisoformat(f"{text}T10:00:00-04:00"))


def agreed(mandate, kind="DEPOSIT", amount="1000.00", *, on=APRIL, **more):
    return add_instalment(
        mandate_id=mandate.pk,
        kind=kind,
        title="Acompte" if kind == "DEPOSIT" else "Prix convenu",
        amount=Decimal(amount),
        on=on,
        by=builders.actor(),
        **more,
    )


def fee(mandate, amount="5000.00", *, starts_on=date(2025, 2, 1), **more):
    return add_schedule(
        **{
            "mandate_id": mandate.pk,
            "kind": "FEE",
            "title": "Entière gestion",
            "amount": Decimal(amount),
            "months": 1,
            "starts_on": starts_on,
            "by": builders.actor(),
            **more,
        }
    )


def issued(draft):
    return issue_invoice(invoice_id=draft.pk, by=builders.actor())


class TestDeposits:
    @pytest.fixture
    def mandate(self):
        expert = builders.expert()
        mandate = builders.mandate(expert)
        agreed(mandate)
        [draft] = draft_invoices(until=UNTIL, by=builders.actor())
        issued(draft)
        builders.worked(expert, mandate, 600)  # 1 100 $
        return mandate

    def test_one_is_invoiced_with_its_taxes_then_taken_off_before_them(self, mandate):
        [draft] = draft_invoices(until=UNTIL, by=builders.actor())
        assert [str(line.amount) for line in draft.lines.all()] == [
            "1100.00",
            "-1000.00",
        ]
        invoice = issued(draft)
        assert (invoice.net, invoice.total) == (Decimal("100.00"), Decimal("114.98"))
        assert queries.deposit_left(mandate.pk) == 0
        nets = Invoice.objects.values_list("net", flat=True)
        assert sum(nets) == Decimal("1100.00")

    def test_it_is_taken_off_no_further_than_what_is_owed(self, mandate):
        agreed(mandate, amount="500.00")
        [extra] = draft_invoices(until=UNTIL, mandate_ids=[mandate.pk], work=False,
                                 by=builders.actor())  # fmt: skip
        issued(extra)
        [draft] = draft_invoices(until=UNTIL, by=builders.actor())
        assert draft.net == 0
        invoice = issued(draft)
        assert (invoice.total, invoice.status) == (0, "PAID")
        assert queries.deposit_left(mandate.pk) == Decimal("400.00")

    def test_a_line_left_out_takes_less_off(self, mandate):
        builders.worked(mandate.team.get().expert, mandate, 60, date(2025, 3, 5))
        [draft] = draft_invoices(until=UNTIL, by=builders.actor())
        change_draft(
            invoice_id=draft.pk, fixed=[("Rabais", Decimal("-700.00"))],
            by=builders.actor(),
        )  # fmt: skip
        draft.refresh_from_db()
        assert draft.net == 0
        assert draft.lines.get(kind="DEPOSIT").amount == Decimal("-510.00")

    def test_a_credited_deposit_is_no_longer_there_to_take_off(self, mandate):
        [draft] = draft_invoices(until=UNTIL, by=builders.actor())
        deposit = Invoice.objects.get(status="ISSUED")
        credit_invoice(invoice_id=deposit.pk, reason="Erreur", by=builders.actor())
        with pytest.raises(DepositGone):
            issued(draft)

    def test_the_books_agree(self, mandate):
        [draft] = draft_invoices(until=UNTIL, by=builders.actor())
        issued(draft)
        sums = ledger.balances(
            queries.entries(*queries.everything(builders.TODAY), "fr")
        )
        assert sums["DEPOSIT"] == 0
        assert sums["TIME"] == Decimal("-1100.00")
        assert sums["RECEIVABLE"] == queries.owed(builders.TODAY)


@settings(max_examples=15, deadline=None)
@given(
    deposits=some.lists(some.decimals("1", "3000", places=2), min_size=1, max_size=3),
    work=some.lists(some.integers(1, 1440), min_size=1, max_size=4),
)
def test_whatever_is_paid_in_advance_the_invoices_make_the_price(deposits, work):
    with transaction.atomic():
        expert = builders.expert()
        mandate = builders.mandate(expert)
        for amount in deposits:
            agreed(mandate, amount=str(amount))
        by = builders.actor()
        [draft] = draft_invoices(until=UNTIL, by=by)
        issued(draft)
        for day, minutes in enumerate(work, 3):
            builders.worked(expert, mandate, minutes, date(2025, 3, day))
            [draft] = draft_invoices(until=UNTIL, by=by)
            assert draft.net >= 0
            issued(draft)
        price = sum(
            InvoiceLine.objects.filter(
                invoice__mandate=mandate, kind="TIME"
            ).values_list("amount", flat=True)
        )
        nets = Invoice.objects.filter(mandate=mandate).values_list("net", flat=True)
        left = queries.deposit_left(mandate.pk)
        assert sum(nets) == price + left
        assert left == max(sum(deposits) - price, 0)
        transaction.set_rollback(True)


class TestFixedPrice:
    def test_it_covers_the_hours_and_takes_them_with_it(self):
        expert = builders.expert()
        mandate = builders.mandate(expert)
        agreed(mandate, "FIXED", "8000.00")
        entry = builders.worked(expert, mandate, 600)
        [waiting] = queries.to_bill(UNTIL)
        assert (waiting.net, waiting.minutes) == (Decimal("8000.00"), 0)
        [draft] = draft_invoices(until=UNTIL, by=builders.actor())
        assert [line.amount for line in draft.lines.all()] == [Decimal("8000.00")]
        assert InvoicedWork.objects.filter(time=entry).exists()
        assert queries.to_bill(UNTIL) == []
        delete_draft(invoice_id=draft.pk, by=builders.actor())
        assert queries.to_bill(UNTIL)[0].net == Decimal("8000.00")

    def test_a_part_waits_for_its_milestone(self):
        mandate = builders.mandate()
        milestone = Milestone.objects.create(
            mandate=mandate, position=1, title="Version finale"
        )
        agreed(mandate, "FIXED", milestone_id=milestone.pk)
        assert queries.to_bill(UNTIL) == []
        milestone.done_on = date(2025, 4, 3)
        milestone.save()
        assert queries.to_bill(UNTIL)[0].month == APRIL
        with pytest.raises(MilestoneOfAnother):
            agreed(builders.mandate(), "FIXED", milestone_id=milestone.pk)

    def test_what_makes_no_sense_is_refused_and_what_is_billed_stays(self):
        mandate = builders.mandate()
        for amount in ("0.00", "-5.00", "1.005"):
            with pytest.raises(AgreedAmountUnusable):
                agreed(mandate, amount=amount)
        with pytest.raises(TitleMissing):
            fee(mandate, title=" ")
        row = agreed(mandate)
        draft_invoices(until=UNTIL, by=builders.actor())
        with pytest.raises(InstalmentBilled):
            remove_instalment(instalment_id=row.pk, by=builders.actor())
        other = agreed(mandate)
        remove_instalment(instalment_id=other.pk, by=builders.actor())
        assert Instalment.objects.get() == row


class TestWhatRecurs:
    def test_each_period_is_drafted_once_however_often_the_job_runs(self):
        fee(builders.mandate())
        assert draft_recurring(by=builders.actor()) == 3
        assert draft_recurring(by=builders.actor()) == 0
        drafts = Invoice.objects.order_by("period_start")
        assert [f"{one.period_start:%m}" for one in drafts] == ["02", "03", "04"]
        words = drafts[0].lines.get().description.replace("\u00a0", " ")
        assert words == "Entière gestion, du 1er au 28 février 2025"

    def test_a_deleted_draft_is_made_again_and_a_credited_one_too(self):
        fee(builders.mandate(), starts_on=APRIL)
        draft_recurring(by=builders.actor())
        delete_draft(invoice_id=Invoice.objects.get().pk, by=builders.actor())
        draft_recurring(by=builders.actor())
        invoice = issued(Invoice.objects.get())
        credit_invoice(invoice_id=invoice.pk, reason="Erreur", by=builders.actor())
        draft_recurring(by=builders.actor())
        assert Invoice.objects.filter(status="DRAFT").count() == 1
        assert Instalment.objects.count() == 1

    def test_it_covers_the_hours_from_its_first_day_and_not_those_before(self):
        expert = builders.expert()
        mandate = builders.mandate(expert)
        fee(mandate, starts_on=APRIL)
        builders.worked(expert, mandate, 60, date(2025, 3, 31))
        builders.worked(expert, mandate, 60, date(2025, 4, 2))
        [before] = queries.to_bill(UNTIL)
        assert (before.month, before.minutes) == (date(2025, 3, 1), 60)

    def test_a_month_that_is_shorter_is_due_on_its_last_day(self):
        fee(builders.mandate(), starts_on=date(2025, 1, 31))
        draft_recurring(by=builders.actor())
        days = Instalment.objects.values_list("on", flat=True)
        assert [f"{on:%m-%d}" for on in days] == ["01-31", "02-28", "03-31"]

    def test_it_ends_and_a_mandate_has_one_fee_at_a_time(self):
        mandate = builders.mandate()
        row = fee(mandate)
        with pytest.raises(FeeAlready):
            fee(mandate)
        with pytest.raises(ScheduleEndsTooSoon):
            fee(builders.mandate(), ends_on=date(2025, 1, 1))
        end_schedule(schedule_id=row.pk, by=on_day("2025-03-01"))
        with pytest.raises(ScheduleEnded):
            end_schedule(schedule_id=row.pk, by=builders.actor())
        assert draft_recurring(by=builders.actor()) == 2

    def test_the_tax_of_a_fee_follows_the_day_that_was_agreed(self):
        mandate = builders.mandate(province="NS")
        fee(mandate, "1000.00", starts_on=date(2025, 3, 1))
        draft_recurring(by=builders.actor())
        march, april = Invoice.objects.order_by("period_start")
        assert str(issued(march).total) == "1150.00"
        assert str(issued(april).total) == "1140.00"

    def test_days_whose_rates_differ_are_not_mixed_on_one_invoice(self):
        mandate = builders.mandate(province="NS")
        fee(mandate, "1000.00", starts_on=date(2025, 3, 1))
        draft_recurring(by=builders.actor())
        march = Invoice.objects.order_by("period_start").first()
        change_draft(
            invoice_id=march.pk, fixed=[("Atelier", Decimal("10.00"))],
            by=builders.actor(),
        )  # fmt: skip
        with pytest.raises(TaxDaysDiffer) as refused:
            issued(march)
        assert "Nouvelle-Écosse" in str(refused.value)


@pytest.mark.django_db(transaction=True)
def test_two_jobs_at_the_same_moment_draft_each_period_once():
    builders.cooperative()
    fee(builders.mandate())
    by, gate = builders.actor(), Barrier(2)

    def run():
        gate.wait()
        try:
            draft_recurring(by=by)
        finally:
            connections.close_all()

    threads = [Thread(target=run) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Instalment.objects.count() == 3
    assert InvoiceLine.objects.count() == 3


@pytest.mark.parametrize("what", ["line", "tax", "work"])
def test_nothing_joins_an_issued_invoice_even_by_the_database(what):
    expert = builders.expert()
    mandate = builders.mandate(expert)
    builders.worked(expert, mandate, 60)
    [draft] = draft_invoices(until=UNTIL, by=builders.actor())
    invoice = issued(draft)
    row = {
        "line": InvoiceLine(
            invoice=invoice, position=9, description="x", amount=Decimal("1.00")
        ),
        "tax": InvoiceTax(
            invoice=invoice, code="GST", rate=Decimal("0.05"), amount=Decimal("1.00")
        ),
        "work": InvoicedWork(
            line=invoice.lines.first(),
            time=builders.worked(expert, mandate, 60, date(2025, 3, 5)),
        ),
    }[what]
    with pytest.raises((IntegrityError, InternalError), match="never changes"):
        row.save()
