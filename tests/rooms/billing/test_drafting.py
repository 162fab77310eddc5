"""Approved work becomes drafts, once, and to the cent."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as some

from partage.billing import queries
from partage.billing.actions import (
    change_draft,
    delete_draft,
    draft_invoices,
    issue_invoice,
)
from partage.billing.actions.drafting import (
    AmountUnusable,
    DescriptionMissing,
    InvoiceAlreadyIssued,
    InvoiceGone,
    LineGone,
    NothingToBill,
    RateMissing,
)
from partage.billing.models import Invoice, InvoicedWork, InvoiceLine
from partage.mandates.models import TeamMember
from partage.rules.money import amount_for
from partage.timesheets.models import Expense, Trip
from tests import builders

UNTIL = date(2025, 3, 31)
RIMOUSKI = date(2025, 3, 11)


@pytest.fixture
def karim(db):
    return builders.expert("Karim Benali")


@pytest.fixture
def mandate(karim):
    return builders.mandate(karim)


def trip(person, mandate, on=RIMOUSKI, amount="224.64"):
    return Trip.objects.create(
        week=builders.week(person, on),
        on=on,
        mandate=mandate,
        origin="Québec",
        destination="Rimouski",
        km=Decimal("312.0"),
        amount=Decimal(amount),
    )


def expense(person, mandate, on=RIMOUSKI, amount="24.00"):
    return Expense.objects.create(
        week=builders.week(person, on),
        on=on,
        mandate=mandate,
        description="Stationnement",
        amount=Decimal(amount),
    )


class TestToBill:
    def test_approved_work_is_to_bill_at_the_rate_of_the_team(self, karim, mandate):
        builders.worked(karim, mandate, 75)
        builders.worked(karim, mandate, 100, date(2025, 3, 5))
        trip(karim, mandate)
        expense(karim, mandate)
        [one] = queries.to_bill(UNTIL)
        assert (one.mandate, one.month, one.minutes) == (
            mandate,
            date(2025, 3, 1),
            175,
        )
        # 175 min × 110 $ = 320.83, rounded once and not twice.
        assert one.experts[0].amount == Decimal("320.83")
        assert one.net == Decimal("320.83") + Decimal("224.64") + Decimal("24.00")
        assert not one.is_waiting

    def test_what_is_not_approved_waits_and_says_why(self, karim, mandate):
        builders.worked(karim, mandate, 60, status="SUBMITTED")
        builders.worked(karim, mandate, 90, date(2025, 3, 12), status="OPEN")
        [one] = queries.to_bill(UNTIL)
        assert (one.minutes, one.net, one.can_be_drafted) == (0, 0, False)
        assert (one.submitted_minutes, one.open_minutes) == (60, 90)

    def test_internal_work_and_later_months_are_not_to_bill(self, karim, mandate):
        builders.worked(karim, mandate, 60, date(2025, 4, 1))
        entry = builders.worked(karim, mandate, 60)
        entry.mandate, entry.activity = None, builders.activity()
        entry.save()
        assert queries.to_bill(UNTIL) == []

    def test_it_asks_as_many_questions_for_ten_mandates_as_for_one(
        self, karim, django_assert_num_queries
    ):
        for _n in range(10):
            builders.worked(karim, builders.mandate(karim), 60)
        with django_assert_num_queries(7):
            assert len(queries.to_bill(UNTIL)) == 10


class TestDraftInvoices:
    def test_a_draft_has_a_line_for_each_expert_trip_and_expense(self, karim, mandate):
        maude = builders.expert("Maude Arsenault")
        TeamMember.objects.create(
            mandate=mandate,
            expert=maude,
            field=mandate.field,
            level=3,
            rate=Decimal("125.00"),
        )
        builders.worked(karim, mandate, 420)
        builders.worked(karim, mandate, 100, date(2025, 3, 5))
        builders.worked(maude, mandate, 90)
        trip(karim, mandate)
        expense(karim, mandate)
        [draft] = draft_invoices(until=UNTIL, by=builders.actor())
        found = draft.lines.values_list("kind", "description", "minutes", "amount")
        assert list(found) == [
            (
                "TIME",
                "Karim Benali, Affaires juridiques, intermédiaire",
                520,
                Decimal("953.33"),
            ),
            (
                "TIME",
                "Maude Arsenault, Affaires juridiques, sénior",
                90,
                Decimal("187.50"),
            ),
            ("TRIP", "Québec – Rimouski, 312\u00a0km", None, Decimal("224.64")),
            ("EXPENSE", "Stationnement", None, Decimal("24.00")),
        ]
        assert draft.net == Decimal("1389.47")
        assert (draft.period_start, draft.period_end) == (
            date(2025, 3, 1),
            date(2025, 3, 31),
        )
        assert (draft.status, draft.number, draft.total) == ("DRAFT", None, None)
        assert queries.to_bill(UNTIL) == []

    def test_a_draft_is_written_in_the_language_of_the_mandate(self, karim):
        mandate = builders.mandate(karim, language="en", province="ON")
        builders.worked(karim, mandate, 60)
        trip(karim, mandate)
        [draft] = draft_invoices(until=UNTIL, by=builders.actor())
        assert draft.lines.get(kind="TRIP").description.endswith("312\u00a0km")
        assert (draft.language, draft.province) == ("en", "ON")

    def test_each_mandate_and_month_has_its_own(self, karim, mandate):
        other = builders.mandate(karim)
        builders.worked(karim, mandate, 60, date(2025, 2, 27))
        builders.worked(karim, mandate, 60)
        builders.worked(karim, other, 60)
        drafts = draft_invoices(until=UNTIL, by=builders.actor())
        assert [(d.mandate_id, d.period_start.month) for d in drafts] == [
            (mandate.pk, 2),
            (mandate.pk, 3),
            (other.pk, 3),
        ]

    def test_work_approved_later_joins_the_draft_of_its_month(self, karim, mandate):
        builders.worked(karim, mandate, 50)
        [first] = draft_invoices(until=UNTIL, by=builders.actor())
        builders.worked(karim, mandate, 50, date(2025, 3, 18))
        [again] = draft_invoices(until=UNTIL, by=builders.actor())
        assert again.pk == first.pk
        line = again.lines.get()
        assert (line.minutes, line.amount) == (100, Decimal("183.33"))
        assert InvoicedWork.objects.filter(line=line).count() == 2

    def test_the_same_work_is_never_drafted_twice(self, karim, mandate):
        entry = builders.worked(karim, mandate, 60)
        [draft] = draft_invoices(until=UNTIL, by=builders.actor())
        with pytest.raises(NothingToBill):
            draft_invoices(until=UNTIL, by=builders.actor())
        with pytest.raises(IntegrityError, match="time_billed_once"):
            InvoicedWork.objects.create(line=draft.lines.get(), time=entry)

    def test_who_is_not_on_the_team_has_no_rate_and_the_refusal_names_them(
        self, karim, mandate
    ):
        luc = builders.expert("Luc Gagnon")
        builders.worked(luc, mandate, 60)
        assert queries.to_bill(UNTIL)[0].without_rate == ["Luc Gagnon"]
        with pytest.raises(RateMissing) as refused:
            draft_invoices(until=UNTIL, by=builders.actor())
        assert "Luc Gagnon" in str(refused.value)
        assert mandate.reference in str(refused.value)

    def test_only_the_chosen_mandates_are_drafted(self, karim, mandate):
        other = builders.mandate(karim)
        builders.worked(karim, mandate, 60)
        builders.worked(karim, other, 60)
        [draft] = draft_invoices(
            until=UNTIL, mandate_ids=[other.pk], by=builders.actor()
        )
        assert draft.mandate_id == other.pk
        assert [one.mandate for one in queries.to_bill(UNTIL)] == [mandate]

    @settings(max_examples=25, deadline=None)
    @given(
        days=some.lists(some.integers(1, 1440), min_size=1, max_size=20),
        rate=some.decimals(1, 400, places=2),
    )
    def test_the_parts_add_up_and_the_minutes_are_those_that_were_worked(
        self, django_db_setup, django_db_blocker, days, rate
    ):
        with django_db_blocker.unblock(), transaction.atomic():
            expert = builders.expert()
            mandate = builders.mandate(expert)
            mandate.team.update(rate=rate)
            for n, minutes in enumerate(days, start=1):
                builders.worked(expert, mandate, minutes, date(2025, 3, n))
            [waiting] = queries.to_bill(UNTIL, mandate_ids=[mandate.pk])
            [draft] = draft_invoices(
                until=UNTIL, mandate_ids=[mandate.pk], by=builders.actor()
            )
            line = draft.lines.get()
            assert line.minutes == sum(days)
            assert draft.net == line.amount == amount_for(sum(days), rate)
            assert draft.net == waiting.net
            transaction.set_rollback(True)


class TestChangeDraft:
    @pytest.fixture
    def draft(self, karim, mandate):
        builders.worked(karim, mandate, 60)
        expense(karim, mandate)
        [draft] = draft_invoices(until=UNTIL, by=builders.actor())
        return draft

    def test_words_change_lines_leave_and_amounts_join(self, draft, mandate):
        time, parking = draft.lines.all()
        change_draft(
            invoice_id=draft.pk,
            descriptions={time.pk: "Revue du bail"},
            leave_out=[parking.pk],
            fixed=[("Atelier", Decimal("500.00")), ("Rabais", Decimal("-20.00"))],
            by=builders.actor(),
        )
        draft.refresh_from_db()
        assert [line.description for line in draft.lines.all()] == [
            "Revue du bail",
            "Atelier",
            "Rabais",
        ]
        assert draft.net == Decimal("590.00")
        [waiting] = queries.to_bill(UNTIL)
        assert waiting.expenses == Decimal("24.00")

    @pytest.mark.parametrize("amount", ["0", "10.001", "123456789.00"])
    def test_an_amount_that_is_none_is_refused(self, draft, amount):
        with pytest.raises(AmountUnusable):
            change_draft(
                invoice_id=draft.pk,
                fixed=[("Atelier", Decimal(amount))],
                by=builders.actor(),
            )

    def test_a_line_needs_words_and_must_be_of_this_draft(self, draft):
        line = draft.lines.first()
        with pytest.raises(DescriptionMissing):
            change_draft(
                invoice_id=draft.pk, descriptions={line.pk: " "}, by=builders.actor()
            )
        other = builders.draft().lines.get()
        with pytest.raises(LineGone):
            change_draft(invoice_id=draft.pk, leave_out=[other.pk], by=builders.actor())

    def test_a_deleted_draft_gives_its_work_back(self, draft, mandate):
        delete_draft(invoice_id=draft.pk, by=builders.actor())
        assert not Invoice.objects.exists()
        assert queries.to_bill(UNTIL)[0].net == Decimal("134.00")
        with pytest.raises(InvoiceGone):
            delete_draft(invoice_id=draft.pk, by=builders.actor())

    def test_an_issued_invoice_is_no_draft_any_more(self, draft):
        builders.cooperative()
        builders.taxes()
        issue_invoice(invoice_id=draft.pk, by=builders.actor())
        for act in (change_draft, delete_draft):
            with pytest.raises(InvoiceAlreadyIssued):
                act(invoice_id=draft.pk, by=builders.actor())


class TestWhatIsBilledIsKept:
    @pytest.fixture
    def entry(self, karim, mandate):
        return builders.worked(karim, mandate, 60)

    @pytest.fixture
    def draft(self, karim, mandate, entry):
        trip(karim, mandate)
        expense(karim, mandate)
        [draft] = draft_invoices(until=UNTIL, by=builders.actor())
        return draft

    def test_the_database_keeps_billed_work_as_it_was(self, draft, entry):
        rows = [entry, Trip.objects.get(), Expense.objects.get()]
        for row in rows:
            for change in (
                lambda row=row: type(row).objects.filter(pk=row.pk).update(on=UNTIL),
                lambda row=row: (
                    type(row).objects.filter(pk=row.pk)._raw_delete("default")
                ),
            ):
                with (
                    pytest.raises(IntegrityError, match="billed work never changes"),
                    transaction.atomic(),
                ):
                    change()

    def test_work_left_out_can_be_changed_again(self, draft, entry):
        assert queries.is_billed(entry.week_id)
        line = draft.lines.get(kind=InvoiceLine.Kind.TIME)
        change_draft(invoice_id=draft.pk, leave_out=[line.pk], by=builders.actor())
        entry.minutes = 90
        entry.save()
        assert not queries.is_billed(entry.week_id)

    def test_a_week_with_nothing_billed_says_so(self, karim, mandate):
        entry = builders.worked(karim, mandate, 60, date(2025, 3, 26))
        assert not queries.is_billed(entry.week_id)

    def test_nothing_of_an_issued_invoice_changes(self, draft):
        builders.cooperative()
        builders.taxes()
        issue_invoice(invoice_id=draft.pk, by=builders.actor())
        line = draft.lines.first()
        work = line.work.first()
        changes = [
            lambda: draft.lines.update(description="Autre"),
            lambda: draft.lines.all().delete(),
            lambda: draft.taxes.update(amount=0),
            lambda: draft.taxes.all().delete(),
            lambda: line.work.all().delete(),
            lambda: line.work.update(line=draft.lines.last()),
            lambda: line.work.update(released=True, line=draft.lines.last()),
            lambda: Invoice.objects.filter(pk=draft.pk).update(total=1),
            lambda: Invoice.objects.filter(pk=draft.pk).delete(),
        ]
        for change in changes:
            with pytest.raises(DatabaseError), transaction.atomic():
                change()
        line.work.update(released=True)
        with pytest.raises(DatabaseError), transaction.atomic():
            line.work.update(released=False)
        work.refresh_from_db()
        assert work.released
