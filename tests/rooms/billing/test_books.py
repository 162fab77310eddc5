"""The books balance, agree with the accounts of members, and are handed over once."""

import csv
import io
import re
import shutil
import subprocess
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from partage.billing import queries
from partage.billing.actions import (
    change_chart,
    close_books,
    credit_invoice,
    credit_part,
    draft_invoices,
    export_ledger,
    give_back,
    issue_adjustment,
    issue_invoice,
    record_payment,
    reopen_books,
    reverse_payment,
)
from partage.billing.actions.accounting import (
    AccountIncomplete,
    BooksAlreadyClosed,
    BooksAreOpen,
    DayNotOver,
    NothingToExport,
    PeriodBackwards,
    PeriodNotOver,
)
from partage.billing.actions.paying import BooksClosed
from partage.billing.models import ExportedEntry, LedgerExport
from partage.rules import ledger
from tests import builders

needs_hledger = pytest.mark.skipif(
    not shutil.which("hledger"), reason="hledger is not installed"
)
TODAY = builders.TODAY
MONTH = {"start": date(2025, 4, 1), "end": TODAY, "language": "fr"}


@pytest.fixture(autouse=True)
def _house(db):
    builders.cooperative()
    builders.taxes()


def paid(invoice, amount, *, on=TODAY, over=False):
    return record_payment(
        invoice_id=invoice.pk,
        amount=Decimal(amount),
        received_on=on,
        over=over,
        by=builders.actor(),
    )


def hledger_finds(language):
    """Return what members owe us, and each account's balance as hledger finds it."""
    owed = queries.owed(TODAY)
    journal = ledger.as_hledger(
        queries.entries(*queries.everything(TODAY), language),
        queries.chart(language),
        language,
        title="Livres",
        owed=(TODAY, owed),
    )

    def ask(*words):
        return subprocess.run(
            ["hledger", "-f", "-", *words],
            input=journal,
            capture_output=True,
            text=True,
            timeout=60,
        )

    checked = ask("check", "--strict", "ordereddates")
    assert (checked.returncode, checked.stderr) == (0, "")
    found = ask("balance", "-N", "--flat", "-O", "csv")
    assert found.returncode == 0
    table = csv.reader(io.StringIO(found.stdout))
    next(table)
    sums = {}
    for account, amount in table:
        number = re.search(r"(?:^|:)(\d{4})\b", account).group(1)
        sums[number] = sums.get(number, 0) + Decimal(amount.removesuffix(" CAD"))
    return owed, {number: sum for number, sum in sums.items() if sum}


def everything():
    """One of each: paid, in part, too much, given back, bounced, credited, adjusted."""
    paid(builders.issued(), "1310.72")
    paid(builders.issued("800.00"), "500.00")
    over = builders.issued("140.00", province="ON")
    paid(over, "200.00", over=True)
    give_back(
        invoice_id=over.pk, amount=Decimal("20.00"), on=TODAY, by=builders.actor()
    )
    bounced = paid(builders.issued("99.99", province="AB"), "50.00")
    reverse_payment(payment_id=bounced.pk, by=builders.actor())
    credited = builders.issued("321.00", province="NS")
    paid(credited, "100.00")
    credit_invoice(invoice_id=credited.pk, reason="Erreur", by=builders.actor())
    for amount in ("-210.00", "75.00"):
        issue_adjustment(
            organisation_id=credited.organisation_id,
            province="NS",
            amount=Decimal(amount),
            description="Juste coût",
            period_start=date(2024, 4, 1),
            period_end=date(2025, 3, 31),
            by=builders.actor(),
        )


def given_back_in_part():
    """An invoice paid whole and credited in three parts, the last of all the rest."""
    invoice = builders.issued("1000.00")
    paid(invoice, "1149.75")
    line = invoice.lines.get()
    for amount in ("33.33", "100.01", "0.02"):
        credit_part(
            invoice_id=invoice.pk,
            amounts={line.pk: Decimal(amount)},
            reason="Entente",
            by=builders.actor(),
        )
    other = builders.issued("200.00", province="NS")
    for amount in ("66.67", "133.33"):
        credit_part(
            invoice_id=other.pk,
            amounts={other.lines.get().pk: Decimal(amount)},
            reason="Entente",
            by=builders.actor(),
        )


def bought_and_drawn():
    """Ten hours bought for 1 100 $; twelve worked, one of them credited."""
    bank = builders.hour_bank(builders.agreement(builders.organisation()), 600)
    expert = builders.expert()
    mandate = builders.mandate(expert, org=bank.agreement.organisation)
    builders.bought_hours(mandate, "1100.00", on=date(2025, 1, 10))
    builders.worked(expert, mandate, 180, date(2025, 1, 14))
    builders.worked(expert, mandate, 60, date(2025, 2, 4))
    builders.worked(expert, mandate, 480, date(2025, 3, 4))
    drafts = draft_invoices(until=date(2025, 3, 31), by=builders.actor())
    by_month = {
        draft.period_start.month: issue_invoice(
            invoice_id=draft.pk, by=builders.actor()
        )
        for draft in drafts
    }
    credit_invoice(invoice_id=by_month[2].pk, reason="Erreur", by=builders.actor())
    return bank, by_month


class TestTheBooks:
    def test_their_receivables_are_what_members_owe(self):
        everything()
        entries = queries.entries(*queries.everything(TODAY), "fr")
        sums = ledger.balances(entries)
        assert sum(sums.values()) == 0
        assert sums["RECEIVABLE"] == queries.owed(TODAY) != 0

    @needs_hledger
    @pytest.mark.parametrize("language", ["fr", "en"])
    def test_hledger_reads_them_finds_them_balanced_and_finds_the_same_receivables(
        self, language
    ):
        everything()
        given_back_in_part()
        bought_and_drawn()
        owed, found = hledger_finds(language)
        assert found["1200"] == owed
        # Every account of ours is one of hledger's, to the cent.
        ours = ledger.balances(queries.entries(*queries.everything(TODAY), language))
        expected = {}
        for role, amount in ours.items():
            number = queries.chart(language)[role].number
            expected[number] = expected.get(number, 0) + amount
        assert found == {number: sum for number, sum in expected.items() if sum}

    @needs_hledger
    def test_hledger_finds_that_a_paid_invoice_credited_in_parts_is_owed_back(self):
        given_back_in_part()
        owed, found = hledger_finds("fr")
        # 133.36 $ with 5 % and 9.975 % of what is left, 866.64 $: 43.33 and 86.45.
        assert found["1200"] == owed == Decimal("-153.33")
        # 866.64 $ earned of the first; nothing is left of the second.
        assert found.get("4010", 0) + found.get("4020", 0) == Decimal("-866.64")
        assert (found["2310"], found["2320"]) == (Decimal("-43.33"), Decimal("-86.45"))

    @needs_hledger
    def test_hledger_finds_what_members_are_owed_in_hours(self):
        bank, by_month = bought_and_drawn()
        owed, found = hledger_finds("fr")
        # Of 12 h worked, 11 h are kept: the bank gives 9 h and March bills 2 h.
        # The hour of February was credited: it is in the bank again.
        [balance] = queries.bank_balances([bank])
        assert balance.left == 60
        assert found["2410"] == Decimal("-110.00")
        assert found["4010"] == Decimal("-1210.00")
        assert found["1200"] == owed == by_month[1].total + by_month[3].total

    def test_each_member_owes_in_them_what_its_account_says(self):
        everything()
        by_name = {}
        for entry in queries.entries(*queries.everything(TODAY), "fr"):
            for one in entry.postings:
                if one.role == "RECEIVABLE":
                    by_name[entry.payer] = by_name.get(entry.payer, 0) + one.amount
        accounts = {one.name: one.balance for one in queries.balances(TODAY)}
        assert {name: sum for name, sum in by_name.items() if sum} == accounts


class TestExportLedger:
    def test_an_entry_is_exported_once_and_an_export_gives_the_same_again(self):
        invoice = builders.issued()
        first = export_ledger(**MONTH, by=builders.actor())
        before = ledger.as_csv(
            queries.entries_of(first), queries.chart_of(first), first.language
        )
        paid(invoice, "1310.72")
        change_chart(accounts={"TIME": ("4999", "Autre", "")}, by=builders.actor())
        invoice.organisation.name = "Un autre nom"
        invoice.organisation.save()
        second = export_ledger(**MONTH, by=builders.actor())
        assert (first.count, second.count) == (1, 1)
        again = LedgerExport.objects.get(pk=first.pk)
        after = ledger.as_csv(
            queries.entries_of(again), queries.chart_of(again), again.language
        )
        assert after == before
        assert queries.chart_of(second)["TIME"].number == "4999"
        with pytest.raises(NothingToExport):
            export_ledger(**MONTH, by=builders.actor())

    def test_its_debits_are_its_credits(self):
        everything()
        export = export_ledger(**MONTH, by=builders.actor())
        table = ledger.rows(queries.entries_of(export), queries.chart_of(export), "fr")
        assert sum(row[-2] or 0 for row in table) == export.debits
        assert sum(row[-1] or 0 for row in table) == export.debits

    def test_periods_that_make_no_sense_are_refused(self):
        with pytest.raises(PeriodBackwards):
            export_ledger(
                start=TODAY,
                end=TODAY - timedelta(1),
                language="fr",
                by=builders.actor(),
            )
        with pytest.raises(PeriodNotOver):
            export_ledger(
                start=TODAY,
                end=TODAY + timedelta(1),
                language="fr",
                by=builders.actor(),
            )
        assert not LedgerExport.objects.exists()

    def test_the_database_keeps_an_export_and_tells_an_invoice_once(self):
        invoice = builders.issued()
        export = export_ledger(**MONTH, by=builders.actor())
        with pytest.raises(ProgrammingError), transaction.atomic():
            LedgerExport.objects.update(count=0)
        with pytest.raises(IntegrityError), transaction.atomic():
            ExportedEntry.objects.create(export=export, invoice=invoice)


class TestChangeChart:
    def test_a_row_left_without_a_number_is_named(self):
        with pytest.raises(AccountIncomplete) as refused:
            change_chart(accounts={"QST": (" ", "TVQ", "")}, by=builders.actor())
        assert "TVQ perçue" in str(refused.value)

    def test_what_did_not_change_is_not_written(self):
        same = {"TIME": ("4010", "Honoraires", "Fees")}
        assert change_chart(accounts=same, by=builders.actor()) == 0
        assert change_chart(accounts={"TIME": ("4011", "H", "")}, by=builders.actor())
        assert queries.chart("en")["TIME"].name == "H"


class TestCloseBooks:
    def test_nothing_is_dated_in_closed_books_until_they_are_reopened(self):
        invoice = builders.issued()
        close_books(until=date(2025, 3, 31), by=builders.actor())
        with pytest.raises(BooksClosed) as refused:
            paid(invoice, "10.00", on=date(2025, 3, 31))
        assert "31 mars 2025" in str(refused.value).replace("\u00a0", " ")
        payment = paid(invoice, "10.00", on=date(2025, 4, 1))
        reverse_payment(payment_id=payment.pk, by=builders.actor())
        reopen_books(by=builders.actor())
        paid(invoice, "10.00", on=date(2025, 3, 31))

    def test_it_goes_forward_and_only_over_days_that_are_past(self):
        with pytest.raises(DayNotOver):
            close_books(until=TODAY, by=builders.actor())
        close_books(until=date(2025, 2, 28), by=builders.actor())
        with pytest.raises(BooksAlreadyClosed):
            close_books(until=date(2025, 1, 31), by=builders.actor())
        close_books(until=date(2025, 3, 31), by=builders.actor())
        reopen_books(by=builders.actor())
        assert queries.books_closed_until() == date(2025, 2, 28)
        reopen_books(by=builders.actor())
        with pytest.raises(BooksAreOpen):
            reopen_books(by=builders.actor())
