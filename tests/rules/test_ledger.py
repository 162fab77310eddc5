"""Entries balance, a credit note mirrors its invoice, and hledger reads all of it."""

import csv
import io
import shutil
import subprocess
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from partage.rules.ledger import (
    Account,
    LedgerEntry,
    Posting,
    as_csv,
    as_hledger,
    balances,
    receipt,
    rows,
    sale,
)

HLEDGER = shutil.which("hledger")
needs_hledger = pytest.mark.skipif(not HLEDGER, reason="hledger is not installed")
DAY = date(2025, 4, 2)
CHART = {
    "RECEIVABLE": Account("1200", "Comptes à recevoir", "ASSET"),
    "BANK": Account("1060", "Encaisse", "CASH"),
    "GST": Account("2310", "TPS et TVH à payer", "LIABILITY"),
    "HST": Account("2310", "TPS et TVH à payer", "LIABILITY"),
    "QST": Account("2320", "TVQ à payer", "LIABILITY"),
    "TIME": Account("4010", "Honoraires", "REVENUE"),
}


def invoice(
    net="1140.00", gst="57.00", qst="113.72", *, sign=1, on=DAY, payer="Érable"
):
    parts = [("TIME", net), ("GST", gst), ("QST", qst)]
    parts = [(role, sign * Decimal(amount)) for role, amount in parts]
    total = sum(amount for _role, amount in parts)
    return sale(
        on=on, piece="F-1", payer=payer, words="Facture 1", total=total, parts=parts
    )


def hledger(journal, *more):
    return subprocess.run(
        [HLEDGER, "-f", "-", *more],
        input=journal,
        capture_output=True,
        text=True,
        timeout=60,
    )


class TestEntries:
    def test_a_sale_is_owed_against_its_work_and_its_taxes(self):
        found = {one.role: str(one.amount) for one in invoice().postings}
        assert found == {
            "RECEIVABLE": "1310.72",
            "TIME": "-1140.00",
            "GST": "-57.00",
            "QST": "-113.72",
        }

    def test_what_does_not_balance_and_what_is_finer_than_a_cent_do_not_exist(self):
        for amounts in (("10.00", "-9.99"), ("0.005", "-0.005")):
            with pytest.raises(ValueError, match="F-1"):
                LedgerEntry(
                    DAY,
                    "SALES",
                    "F-1",
                    "Érable",
                    "Facture 1",
                    tuple(Posting("TIME", Decimal(each)) for each in amounts),
                )

    def test_a_payment_and_its_reversal_leave_nothing(self):
        both = [
            receipt(on=DAY, piece="P-1", payer="x", words="x", amount=Decimal(amount))
            for amount in ("100.00", "-100.00")
        ]
        assert set(balances(both).values()) == {Decimal(0)}


CENTS = some.integers(1, 10**9).map(lambda cents: Decimal(cents) / 100)


@given(CENTS, CENTS, CENTS)
def test_a_credit_note_mirrors_its_invoice(net, gst, qst):
    both = [invoice(net, gst, qst), invoice(net, gst, qst, sign=-1)]
    assert set(balances(both).values()) == {Decimal(0)}


@given(some.lists(some.tuples(CENTS, CENTS, CENTS), max_size=8), some.randoms())
def test_the_order_of_entries_does_not_change_the_year(amounts, dice):
    found = [invoice(*each) for each in amounts]
    mixed = dice.sample(found, len(found))
    assert balances(mixed) == balances(found)
    assert sum(balances(found).values()) == 0


class TestCsv:
    def test_in_french_it_opens_in_a_french_spreadsheet(self):
        content = as_csv([invoice()], CHART, "fr")
        assert content.startswith(b"\xef\xbb\xbf")
        head, first, *_rest = csv.reader(
            io.StringIO(content.decode("utf-8-sig")), delimiter=";"
        )
        assert head[0] == "Date"
        assert first == [
            *("2025-04-02", "Ventes", "F-1", "Érable", "Facture 1"),
            *("1200", "Comptes à recevoir", "1310,72", ""),
        ]

    def test_a_name_that_looks_like_a_formula_stays_a_name(self):
        content = as_csv([invoice(payer="=1+1")], CHART, "en").decode("utf-8-sig")
        assert ",'=1+1," in content

    def test_debits_and_credits_are_equal(self):
        table = rows([invoice(), invoice("7.00", "0.35", "0.70")], CHART, "fr")
        assert sum(row[-2] or 0 for row in table) == sum(row[-1] or 0 for row in table)


@needs_hledger
class TestHledger:
    def test_it_reads_and_checks_the_journal_strictly(self):
        journal = as_hledger(
            [invoice(), receipt(on=DAY, piece="P-1", payer="Érable", words="Paiement",
                                amount=Decimal("310.72"))],
            CHART, "fr", title="Livres", owed=(DAY, Decimal("1000.00")),
        )  # fmt: skip
        checked = hledger(journal, "check", "--strict", "ordereddates")
        assert (checked.returncode, checked.stderr) == (0, "")
        found = hledger(journal, "balance", "-N", "--flat", "type:A", "-O", "csv")
        assert '"actif:1200 Comptes à recevoir","1000.00 CAD"' in found.stdout

    def test_it_refuses_a_journal_whose_receivables_are_not_what_is_owed(self):
        journal = as_hledger(
            [invoice()], CHART, "fr", title="Livres", owed=(DAY, Decimal("1310.71"))
        )
        assert hledger(journal, "check").returncode != 0

    @settings(max_examples=12, deadline=None)
    @given(
        some.lists(some.tuples(CENTS, some.text(max_size=40)), min_size=1, max_size=12)
    )
    def test_whatever_a_member_is_called_the_journal_holds(self, made):
        entries = [
            sale(
                on=DAY,
                piece=f"F-{n}",
                payer=name,
                words=name,
                total=amount,
                parts=[("TIME", amount)],
            )
            for n, (amount, name) in enumerate(made)
        ]
        total = sum(amount for amount, _name in made)
        journal = as_hledger(entries, CHART, "en", title="x", owed=(DAY, total))
        checked = hledger(journal, "check", "--strict")
        assert (checked.returncode, checked.stderr) == (0, "")
