"""An invoice gets its number and its taxes when it is issued, and is frozen."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as some
from procrastinate.contrib.django.models import ProcrastinateJob
from pypdf import PdfReader

from partage.billing import queries
from partage.billing.actions import (
    change_draft,
    credit_invoice,
    draft_invoices,
    issue_invoice,
    issue_invoices,
    print_draft,
    record_payment,
    set_content_rule,
)
from partage.billing.actions.crediting import (
    AlreadyCredited,
    CreditNoteStays,
    ReasonMissing,
)
from partage.billing.actions.drafting import InvoiceAlreadyIssued, InvoiceGone
from partage.billing.actions.issuing import (
    AmountNotPositive,
    EarlierThanTheLast,
    InvoiceNotIssued,
    NoTaxRates,
    NothingOnIt,
    RegistrationMissing,
    TaxRatesClash,
    taxes_on,
)
from partage.billing.actions.printing import content_on
from partage.billing.actions.ruling import ContentRuleFollows, ContentRuleUnusable
from partage.billing.models import ContentRule, Invoice, InvoicedWork, InvoiceLine
from partage.journal.models import Entry
from partage.tariffs.models import TaxRate
from partage.timesheets.models import Trip
from tests import builders


@pytest.fixture(autouse=True)
def _house(db):
    builders.cooperative()
    builders.taxes()


def issued(amount="140.00", *, by=None, **more):
    mandate = builders.mandate(**more)
    draft = builders.draft(amount, on=mandate)
    return issue_invoice(invoice_id=draft.pk, by=by or builders.actor())


def text_of(file):
    pages = PdfReader(BytesIO(bytes(file.content))).pages
    return " ".join(page.extract_text() for page in pages).replace("\u00a0", " ")


class TestIssueInvoices:
    def drafts(self):
        """Of two provinces and two languages, with work, a trip and agreed amounts."""
        expert = builders.expert()
        for province, language, minutes in (
            ("QC", "fr", 90),
            ("NB", "en", 65),
            ("NS", "fr", 20),
        ):
            mandate = builders.mandate(expert, province=province, language=language)
            builders.worked(expert, mandate, minutes, date(2025, 3, 11))
        drafted = draft_invoices(until=date(2025, 3, 31), by=builders.actor())
        return [one.pk for one in drafted] + [builders.draft("1140.00").pk]

    def test_together_they_are_what_they_are_one_by_one(self):
        ids = self.drafts()

        def said(invoices):
            return [
                (one.number, str(one.total), one.due_on, one.pdf.name, one.pdf.sha256)
                for one in invoices
            ]

        with transaction.atomic():
            alone = said(
                issue_invoice(invoice_id=pk, by=builders.actor()) for pk in ids
            )
            transaction.set_rollback(True)
        together = issue_invoices(invoice_ids=ids, by=builders.actor())
        assert not together.refused
        kept = {one.pk: one for one in Invoice.objects.select_related("pdf")}
        assert said(together.invoices) == said(kept[pk] for pk in ids) == alone
        entries = Entry.objects.filter(what="billing.invoice.issued").order_by("pk")
        assert list(entries.values_list("subject_id", flat=True)) == ids
        jobs = ProcrastinateJob.objects.filter(task_name="what_happens_next")
        told = {one["entry_id"] for one in jobs.values_list("args", flat=True)}
        assert set(entries.values_list("pk", flat=True)) <= told

    def test_one_that_is_refused_takes_no_number_and_the_others_stand(self):
        issued()
        good = [builders.draft().pk for _n in range(2)]
        empty = builders.draft()
        empty.lines.all().delete()
        elsewhere = builders.draft(on=builders.mandate(province="MB")).pk
        ids = [good[0], empty.pk, elsewhere, 999_999, good[1], good[0]]
        done = issue_invoices(invoice_ids=ids, by=builders.actor())
        assert [(one.pk, one.number) for one in done.invoices] == [
            (good[0], 2),
            (good[1], 3),
        ]
        assert {pk: type(why) for pk, why in done.refused.items()} == {
            empty.pk: NothingOnIt,
            elsewhere: NoTaxRates,
            999_999: InvoiceGone,
        }
        assert issued().number == 4

    def test_all_are_refused_on_a_day_before_the_last_and_none_takes_a_number(self):
        issued()
        ids = [builders.draft().pk for _n in range(2)]
        before = builders.actor(at=builders.NOW - timedelta(days=1))
        with pytest.raises(EarlierThanTheLast):
            issue_invoices(invoice_ids=ids, by=before)
        assert issued().number == 2

    def test_what_it_asks_does_not_depend_on_how_many_they_are(self):
        asked = []
        for count in (2, 6):
            ids = [builders.draft().pk for _n in range(count)]
            with CaptureQueriesContext(connection) as queries:
                issue_invoices(invoice_ids=ids, by=builders.actor())
            # Each invoice and each document is written by itself.
            asked.append(len(queries) - 2 * count)
        assert asked[0] == asked[1]


class TestIssueInvoice:
    @pytest.mark.parametrize(
        ("province", "net", "taxes", "total"),
        [
            ("QC", "140.00", ["7.00", "13.97"], "160.97"),
            ("QC", "1140.00", ["57.00", "113.72"], "1310.72"),
            ("ON", "140.00", ["18.20"], "158.20"),
            ("NB", "140.00", ["21.00"], "161.00"),
            ("AB", "140.00", ["7.00"], "147.00"),
            ("NS", "140.00", ["19.60"], "159.60"),
        ],
    )
    def test_each_province_has_its_taxes(self, province, net, taxes, total):
        invoice = issued(net, province=province)
        found = [str(row.amount) for row in invoice.taxes.all()]
        assert (found, str(invoice.total)) == (taxes, total)

    @pytest.mark.parametrize(
        ("day", "total"), [("2025-03-31", "161.00"), ("2025-04-01", "159.60")]
    )
    def test_nova_scotia_went_down_a_point_on_1_april_2025(self, day, total):
        at = datetime.fromisoformat(f"{day}T10:00:00-04:00")
        by = builders.actor(at=at)
        assert str(issued(province="NS", by=by).total) == total

    def test_it_is_numbered_dated_due_and_kept_as_a_document(self):
        first, second = issued(), issued("1140.00")
        assert (first.number, second.number) == (1, 2)
        assert first.issued_on == builders.TODAY
        assert first.due_on == date(2025, 5, 7)
        words = text_of(second.pdf)
        assert "1 140,00 $" in words
        assert "113,72 $" in words
        assert "1 310,72 $" in words
        assert "1234567890 TQ0001" in words
        assert second.pdf.name == "facture-2.pdf"
        entry = Entry.objects.get(what="billing.invoice.issued", subject_id=second.pk)
        assert entry.details["total"] == "1310.72"

    def test_an_invoice_in_english_is_printed_in_english(self):
        invoice = issued("1140.00", language="en", province="ON")
        assert "HST" in text_of(invoice.pdf)
        assert invoice.pdf.name == f"invoice-{invoice.number}.pdf"

    def test_a_trip_is_printed_with_its_kilometres_and_its_day(self):
        expert = builders.expert()
        mandate = builders.mandate(expert)
        builders.worked(expert, mandate, 100, date(2025, 3, 11))
        for km, amount in (("312.0", "224.64"), ("100.0", "70.21")):
            Trip.objects.create(
                week=builders.week(expert, date(2025, 3, 11)),
                on=date(2025, 3, 11),
                mandate=mandate,
                origin="Québec",
                destination="Rimouski",
                km=Decimal(km),
                amount=Decimal(amount),
            )
        [draft] = draft_invoices(until=date(2025, 3, 31), by=builders.actor())
        invoice = issue_invoice(invoice_id=draft.pk, by=builders.actor())
        words = text_of(invoice.pdf)
        assert "0,72 $" in words
        assert "11 mars 2025" in words
        assert "70,21 $" in words
        note = credit_invoice(
            invoice_id=invoice.pk, reason="Mauvais mandat", by=builders.actor()
        )
        assert "11 mars 2025" in text_of(note.pdf)

    def test_it_is_issued_once(self):
        invoice = issued()
        with pytest.raises(InvoiceAlreadyIssued) as refused:
            issue_invoice(invoice_id=invoice.pk, by=builders.actor())
        assert str(refused.value).startswith("La facture 1 est déjà émise")

    def test_an_empty_draft_and_one_worth_nothing_are_refused(self):
        draft = builders.draft()
        change_draft(
            invoice_id=draft.pk,
            fixed=[("Rabais", Decimal("-140.00"))],
            by=builders.actor(),
        )
        with pytest.raises(AmountNotPositive):
            issue_invoice(invoice_id=draft.pk, by=builders.actor())
        change_draft(
            invoice_id=draft.pk,
            leave_out=list(draft.lines.values_list("pk", flat=True)),
            by=builders.actor(),
        )
        with pytest.raises(NothingOnIt):
            issue_invoice(invoice_id=draft.pk, by=builders.actor())

    def test_a_province_without_taxes_is_named_with_where_to_add_them(self):
        TaxRate.objects.filter(province="AB").delete()
        with pytest.raises(NoTaxRates) as refused:
            issued(province="AB")
        assert "Alberta" in str(refused.value)
        assert "Paramètres" in str(refused.value)

    def test_rates_that_contradict_each_other_are_not_guessed(self):
        TaxRate.objects.create(
            province="QC",
            code="HST",
            rate=Decimal("0.15"),
            starts_on=date(2025, 1, 1),
            source="essai",
        )
        with pytest.raises(TaxRatesClash):
            issued()

    def test_registration_numbers_are_asked_from_100_dollars(self):
        builders.cooperative(qst_number="")
        assert issued("80.00").total == Decimal("91.98")
        with pytest.raises(RegistrationMissing) as refused:
            issued("100.00")
        assert "TVQ" in str(refused.value)
        assert "dès 100,00\u00a0$" in str(refused.value)

    def test_what_an_invoice_shows_follows_the_rule_of_its_day(self):
        builders.cooperative(qst_number="")
        set_content_rule(
            starts_on=builders.NOW.date(),
            registrations_from=Decimal("200.00"),
            purchaser_from=Decimal("500.00"),
            source="essai",
            by=builders.actor(),
        )
        assert issued("150.00").number == 1
        with pytest.raises(RegistrationMissing) as refused:
            issued("200.00")
        assert "dès 200,00\u00a0$" in str(refused.value)
        assert content_on(date(2021, 4, 19)).purchaser_from == Decimal("150.00")
        assert content_on(date(2021, 4, 20)).purchaser_from == Decimal("500.00")

    def test_without_any_rule_an_invoice_shows_everything(self):
        ContentRule.objects.all().delete()
        builders.cooperative(qst_number="")
        with pytest.raises(RegistrationMissing):
            issued("1.00")

    @pytest.mark.parametrize(
        ("day", "first", "second", "refusal", "words"),
        [
            (date(2021, 4, 20), "1.00", "2.00", ContentRuleFollows, "commence déjà"),
            (date(2026, 1, 1), "2.00", "1.00", ContentRuleUnusable, "plus petit"),
            (date(2026, 1, 1), "-1.00", "1.00", ContentRuleUnusable, "en dollars"),
            (date(2026, 1, 1), "1.001", "2.00", ContentRuleUnusable, "en cents"),
        ],
    )
    def test_a_rule_that_cannot_hold_is_refused_and_nothing_changes(
        self, day, first, second, refusal, words
    ):
        before = ContentRule.objects.count()
        with pytest.raises(refusal, match=words):
            set_content_rule(
                starts_on=day,
                registrations_from=Decimal(first),
                purchaser_from=Decimal(second),
                source="essai",
                by=builders.actor(),
            )
        assert ContentRule.objects.count() == before

    def test_numbers_follow_dates(self):
        issued()
        earlier = builders.actor(at=builders.NOW.replace(day=6))
        with pytest.raises(EarlierThanTheLast):
            issued(by=earlier)
        assert issued().number == 2

    @settings(max_examples=20, deadline=None)
    @given(
        amounts=some.lists(
            some.decimals("0.01", 9999, places=2), min_size=1, max_size=6
        ),
        province=some.sampled_from(["QC", "ON", "NB", "AB"]),
        data=some.data(),
    )
    def test_the_order_of_lines_changes_no_total_and_a_credit_mirrors_to_the_cent(
        self, amounts, province, data
    ):
        with transaction.atomic():
            pair = []
            for order in (amounts, data.draw(some.permutations(amounts))):
                draft = builders.draft(
                    str(order[0]), on=builders.mandate(province=province)
                )
                change_draft(
                    invoice_id=draft.pk,
                    fixed=[("Phase", amount) for amount in order[1:]],
                    by=builders.actor(),
                )
                pair.append(issue_invoice(invoice_id=draft.pk, by=builders.actor()))
            one, other = pair
            assert (one.net, one.total) == (other.net, other.total)
            parts = [row.amount for row in one.taxes.all()]
            assert one.net == sum(amounts)
            assert one.total == one.net + sum(parts)
            note = credit_invoice(
                invoice_id=one.pk, reason="Essai", by=builders.actor()
            )
            assert (note.net, note.total) == (-one.net, -one.total)
            assert [row.amount for row in note.taxes.all()] == [-p for p in parts]
            transaction.set_rollback(True)


class TestPrintDraft:
    def test_a_draft_is_printed_without_a_number(self):
        draft = builders.draft("600.00")
        due = taxes_on(draft.net, province="QC", on=builders.TODAY)
        content = print_draft(
            draft, due, coop=builders.cooperative(), on=builders.TODAY
        )
        assert content.startswith(b"%PDF")


class TestCreditInvoice:
    def test_it_mirrors_the_invoice_frees_the_work_and_has_its_own_number(self):
        expert = builders.expert()
        mandate = builders.mandate(expert)
        entry = builders.worked(expert, mandate, 100)
        [draft] = draft_invoices(until=date(2025, 3, 31), by=builders.actor())
        invoice = issue_invoice(invoice_id=draft.pk, by=builders.actor())
        note = credit_invoice(
            invoice_id=invoice.pk, reason="Mauvais mandat", by=builders.actor()
        )
        invoice.refresh_from_db()
        line = note.lines.get()
        assert (note.number, note.kind, note.status) == (2, "CREDIT", "ISSUED")
        assert (line.minutes, line.amount) == (-100, Decimal("-183.33"))
        assert (note.net, note.total) == (-invoice.net, -invoice.total)
        assert invoice.status == "CREDITED"
        assert "Corrige la facture" in text_of(note.pdf)
        assert "4 mars 2025" in text_of(note.pdf)
        # Its work can be billed again, and only once again.
        assert queries.to_bill(date(2025, 3, 31))[0].minutes == 100
        [again] = draft_invoices(until=date(2025, 3, 31), by=builders.actor())
        assert InvoicedWork.objects.filter(time=entry, released=False).count() == 1
        assert issue_invoice(invoice_id=again.pk, by=builders.actor()).number == 3

    def test_what_was_paid_for_it_is_to_the_members_credit(self):
        invoice = issued("1140.00")
        record_payment(
            invoice_id=invoice.pk,
            amount=Decimal("1000.00"),
            received_on=builders.TODAY,
            by=builders.actor(),
        )
        credit_invoice(invoice_id=invoice.pk, reason="Erreur", by=builders.actor())
        [account] = queries.balances(builders.TODAY)
        assert (account.owed, account.credit) == (0, Decimal("1000.00"))

    def test_refusals_say_why(self):
        draft = builders.draft()
        with pytest.raises(InvoiceNotIssued):
            credit_invoice(invoice_id=draft.pk, reason="Erreur", by=builders.actor())
        invoice = issue_invoice(invoice_id=draft.pk, by=builders.actor())
        with pytest.raises(ReasonMissing):
            credit_invoice(invoice_id=invoice.pk, reason=" ", by=builders.actor())
        note = credit_invoice(
            invoice_id=invoice.pk, reason="Erreur", by=builders.actor()
        )
        with pytest.raises(AlreadyCredited):
            credit_invoice(invoice_id=invoice.pk, reason="Erreur", by=builders.actor())
        with pytest.raises(CreditNoteStays):
            credit_invoice(invoice_id=note.pk, reason="Erreur", by=builders.actor())
        assert Invoice.objects.count() == 2
        assert InvoiceLine.objects.count() == 2
