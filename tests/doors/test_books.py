"""The page of the books, the files that leave, and `partage ledger`."""

import shutil
import subprocess
from datetime import date
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook
from typer.testing import CliRunner

from partage.billing import queries
from partage.billing.actions import issue_invoice
from partage.billing.models import LedgerExport
from partage.cli.main import app
from partage.people.models import Role
from partage.rules import ledger
from tests import builders
from tests.doors.test_billing import words_of

pytestmark = pytest.mark.django_db
MONTH = {"start": "2025-04-01", "end": "2025-04-07", "language": "fr"}


@pytest.fixture
def invoice(db):
    builders.cooperative()
    builders.taxes()
    return issue_invoice(invoice_id=builders.draft("1140.00").pk, by=builders.actor())


@pytest.fixture
def finance(client, invoice):
    client.force_login(builders.user(Role.FINANCE, name="Nadia Roy"))
    return client


def send(client, **sent):
    return client.post(reverse("finance:books"), sent, follow=True)


def test_it_says_that_the_books_agree_and_what_would_be_exported(finance):
    words = words_of(finance.get(reverse("finance:books"), MONTH))
    assert "Au cent près" in words
    assert "1 facture ou note de crédit" in words
    assert "1 310,72 $" in words


def test_a_period_is_exported_in_three_files_then_nothing_is_left(finance):
    assert "1 écriture est exportée" in words_of(send(finance, do="export", **MONTH))
    row = LedgerExport.objects.get()
    csv, book, journal = (
        finance.get(reverse("finance:book_export", args=[row.pk, kind])).content
        for kind in ("csv", "xlsx", "journal")
    )
    assert "Ventes;F-1;" in csv.decode("utf-8-sig")
    assert load_workbook(BytesIO(book)).active["H2"].value == 1310.72
    assert b"(F-1)" in journal
    again = send(finance, do="export", **MONTH)
    assert again.status_code == 409
    assert "déjà exporté" in words_of(again)
    assert (
        finance.get(f"/finances/comptabilite/exports/{row.pk}.pdf").status_code == 404
    )


def test_a_wrong_date_is_kept_as_typed(finance):
    answer = send(finance, do="export", **{**MONTH, "end": "hier"})
    assert answer.status_code == 422
    assert 'value="hier"' in words_of(answer)


def test_the_books_are_closed_then_reopened(finance):
    answer = send(finance, do="close", until="2025-03-31")
    assert "Jusqu’au 31 mars 2025, aucun paiement" in words_of(answer)
    assert send(finance, do="close", until="2025-04-07").status_code == 409
    send(finance, do="reopen")
    assert queries.books_closed_until() is None


def test_the_chart_is_changed_and_a_missing_number_is_said(finance):
    url = reverse("finance:chart")
    page = finance.get(url)
    assert 'value="Honoraires"' in words_of(page)
    form = page.context["form"]
    sent = {name: field.initial for name, field in form.fields.items()}
    assert finance.post(url, {**sent, "TIME-number": ""}).status_code == 422
    finance.post(url, {**sent, "TIME-number": "4015"})
    assert queries.chart("fr")["TIME"].number == "4015"


def test_the_command_writes_books_that_hledger_finds_right(invoice, tmp_path):
    out = tmp_path / "livres.journal"
    ran = CliRunner().invoke(app, ["ledger", "--out", str(out)])
    assert ran.exit_code == 0, ran.output
    assert "0.00 CAD = 1310.72 CAD" in out.read_text()
    if shutil.which("hledger"):
        subprocess.run(["hledger", "-f", out, "check", "--strict"], check=True)
    assert list(tmp_path.iterdir()) == [out]


def test_the_command_writes_a_period_as_csv_and_refuses_one_that_is_backwards(
    invoice, tmp_path
):
    out = tmp_path / "avril.csv"
    words = ["ledger", "--format", "csv", "--out", str(out), "--language", "en"]
    ran = CliRunner().invoke(app, [*words, "--from", "2025-04-01"])
    assert ran.exit_code == 0, ran.output
    assert "2025-04-07,Sales,F-1" in out.read_text("utf-8-sig")
    ran = CliRunner().invoke(
        app, [*words, "--from", "2025-04-02", "--to", "2025-04-01"]
    )
    assert ran.exit_code == 2


def test_the_demonstration_year_balances_to_the_cent(demo_year):
    today = date(2025, 4, 7)
    entries = queries.entries(*queries.everything(today), "fr")
    assert ledger.balances(entries)["RECEIVABLE"] == queries.owed(today)
