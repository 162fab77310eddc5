"""A bank's file becomes deposits, and a deposit that one confirms becomes payments."""

from datetime import date
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import connections

from partage.billing import queries
from partage.billing.actions import (
    bring_bank_file,
    bring_deposit_back,
    issue_invoice,
    match_certain,
    match_deposit,
    set_deposit_aside,
    unmatch_deposit,
)
from partage.billing.actions.banking import (
    AsideReasonMissing,
    BankFileCut,
    DatesUnclear,
    DepositNotWaiting,
    NotABankFile,
    NothingToPay,
    RowUnreadable,
    SharesDiffer,
)
from partage.billing.actions.paying import TooMuch
from partage.billing.models import BankFile, Deposit, Invoice, Payment
from tests import builders
from tests.rules import bank_samples

HEAD = "Date,Description,Amount\n"


@pytest.fixture
def _house(db):
    builders.cooperative()
    builders.taxes()


pytestmark = pytest.mark.usefixtures("_house")


def issued(amount="1140.00", *, org=None):
    draft = builders.draft(amount, on=builders.mandate(org=org))
    return issue_invoice(invoice_id=draft.pk, by=builders.actor())


def brought(content, name="releve.csv"):
    content = content if isinstance(content, bytes) else content.encode()
    return bring_bank_file(name=name, content=content, by=builders.actor())


def rows_of(*rows):
    """Rows of a CSV file: (day of April 2025, words, dollars)."""
    return HEAD + "".join(
        f"2025-04-{on:02d},{said},{much}\n" for on, said, much in rows
    )


class TestBringBankFile:
    def test_its_deposits_wait_and_its_withdrawals_are_left_aside(self):
        row = brought(bank_samples.OFX_1.encode("cp1252"), "comptes.qfx")
        assert [str(one.amount) for one in row.deposits.all()] == ["1310.72", "160.97"]
        assert (row.withdrawals, row.source) == (1, "OFX")
        assert row.file.name == "comptes.ofx"
        assert (row.first_on, row.last_on) == (date(2025, 4, 2), date(2025, 4, 4))

    def test_the_same_file_again_adds_nothing(self):
        first = brought(bank_samples.TD)
        assert brought(bank_samples.TD) == first
        assert (BankFile.objects.count(), Deposit.objects.count()) == (1, 2)

    def test_a_longer_file_adds_only_what_is_new(self):
        brought(rows_of((1, "COOP A", "5.00"), (1, "COOP A", "5.00")))
        row = brought(
            rows_of((1, "COOP A", "5.00"), (1, "COOP A", "5.00"), (2, "COOP B", "7.00"))
        )
        assert row.known == 2
        assert [str(one.amount) for one in Deposit.objects.all()] == [
            "5.00",
            "5.00",
            "7.00",
        ]

    def test_what_another_format_already_told_comes_set_aside(self):
        brought(bank_samples.OFX_1.encode("cp1252"))
        row = brought(bank_samples.NATIONAL)
        assert {one.status for one in row.deposits.all()} == {"ASIDE"}
        assert queries.waiting_deposits().count() == 2

    @pytest.mark.parametrize(
        ("content", "refusal"),
        [
            (bank_samples.OFX_1.encode("cp1252")[:900], BankFileCut),
            (b"\x89PNG\r\n\x1a\n\x00\x01", NotABankFile),
            (HEAD.encode() + b"03/04/2025,A,1.00\n", DatesUnclear),
            (HEAD.encode() + b"2025-04-03,A,un dollar\n", RowUnreadable),
        ],
    )
    def test_what_does_not_read_is_refused_and_nothing_is_kept(self, content, refusal):
        with pytest.raises(refusal):
            brought(content)
        assert not BankFile.objects.exists()
        assert not Deposit.objects.exists()


class TestMatchDeposit:
    def test_a_confirmed_deposit_pays_on_its_own_day_and_says_where_from(self):
        invoice = issued()
        deposit = brought(rows_of((2, "Facture 1", "1310.72"))).deposits.get()
        [(_deposit, (best, *_others))] = queries.proposals([deposit])
        match_deposit(
            deposit_id=deposit.pk, shares=dict(best.shares), by=builders.actor()
        )
        invoice.refresh_from_db()
        payment = invoice.payments.get()
        assert invoice.status == "PAID"
        assert (payment.received_on, payment.deposit) == (date(2025, 4, 2), deposit)
        assert payment.note == "Facture 1"

    def test_one_deposit_pays_several_and_its_undoing_writes_the_contrary(self):
        org = builders.organisation("Coopérative de l’Érable")
        one, other = issued(org=org), issued("140.00", org=org)
        deposit = brought(rows_of((3, "COOP ERABLE", "1471.69"))).deposits.get()
        shares = {one.pk: one.total, other.pk: other.total}
        match_deposit(deposit_id=deposit.pk, shares=shares, by=builders.actor())
        assert queries.balances(builders.TODAY) == []
        unmatch_deposit(deposit_id=deposit.pk, by=builders.actor())
        [account] = queries.balances(builders.TODAY)
        assert account.owed == Decimal("1471.69")
        assert Payment.objects.count() == 4
        deposit.refresh_from_db()
        assert deposit.status == "WAITING"
        # And it can be matched again, otherwise.
        match_deposit(
            deposit_id=deposit.pk,
            shares={one.pk: one.total},
            over=True,
            by=builders.actor(),
        )
        [account] = queries.balances(builders.TODAY)
        assert (account.owed, account.credit) == (other.total, other.total)

    def test_a_part_leaves_the_rest_owed(self):
        invoice = issued()
        deposit = brought(rows_of((3, "acompte", "310.72"))).deposits.get()
        match_deposit(
            deposit_id=deposit.pk,
            shares={invoice.pk: Decimal("310.72")},
            by=builders.actor(),
        )
        assert queries.with_balance(Invoice.objects).get().balance == 1000

    def test_refusals_leave_it_waiting_and_nothing_paid(self):
        invoice = issued()
        deposit = brought(rows_of((3, "x", "1400.00"))).deposits.get()
        for shares, refusal in (
            ({}, NothingToPay),
            ({invoice.pk: Decimal("1310.72")}, SharesDiffer),
            ({invoice.pk: Decimal("1500.00")}, SharesDiffer),
            ({invoice.pk: Decimal("1400.00")}, TooMuch),
        ):
            with pytest.raises(refusal):
                match_deposit(deposit_id=deposit.pk, shares=shares, by=builders.actor())
        assert not Payment.objects.exists()
        deposit.refresh_from_db()
        assert deposit.status == "WAITING"

    def test_it_is_confirmed_once(self):
        invoice = issued()
        deposit = brought(rows_of((3, "x", "1310.72"))).deposits.get()
        shares = {invoice.pk: invoice.total}
        match_deposit(deposit_id=deposit.pk, shares=shares, by=builders.actor())
        with pytest.raises(DepositNotWaiting) as refused:
            match_deposit(deposit_id=deposit.pk, shares=shares, by=builders.actor())
        assert "1\u00a0310,72\u00a0$" in str(refused.value)

    def test_all_that_is_certain_is_confirmed_and_the_rest_waits(self):
        first, second = issued(), issued("140.00")
        brought(
            rows_of(
                (1, f"Facture {first.number}", "1310.72"),
                (2, f"Facture {second.number}", "100.00"),
                (3, "SUBVENTION", "5000.00"),
            )
        )
        assert match_certain(by=builders.actor()) == 1
        assert queries.waiting_deposits().count() == 2
        assert match_certain(by=builders.actor()) == 0

    def test_it_is_set_aside_with_a_reason_and_comes_back(self):
        deposit = brought(rows_of((3, "SUBVENTION", "5000.00"))).deposits.get()
        with pytest.raises(AsideReasonMissing):
            set_deposit_aside(deposit_id=deposit.pk, reason=" ", by=builders.actor())
        set_deposit_aside(
            deposit_id=deposit.pk, reason="Subvention", by=builders.actor()
        )
        assert not queries.waiting_deposits().exists()
        bring_deposit_back(deposit_id=deposit.pk, by=builders.actor())
        assert queries.waiting_deposits().get() == deposit


@pytest.mark.django_db(transaction=True)
def test_two_people_who_bring_the_same_lines_at_once_keep_each_once():
    builders.cooperative()
    by = builders.actor()
    files = [
        rows_of((1, "COOP A", "5.00"), (2, "COOP B", "7.00")),
        rows_of((1, "COOP A", "5.00"), (2, "COOP B", "7.00"), (3, "COOP C", "9.00")),
    ]
    gate = Barrier(2)

    def bring(content):
        gate.wait()
        bring_bank_file(name="releve.csv", content=content.encode(), by=by)
        connections.close_all()

    threads = [Thread(target=bring, args=[content]) for content in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(str(one.amount) for one in Deposit.objects.all()) == [
        "5.00",
        "7.00",
        "9.00",
    ]
