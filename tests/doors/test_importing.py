"""The page and the command that bring a spreadsheet in."""

import io
import json
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from typer.testing import CliRunner

from partage.importing.models import Import
from partage.journal.models import Entry
from partage.members.models import Organisation
from partage.people.models import Role
from partage.timesheets.models import TimeEntry
from tests import builders
from tests.doors.axe import assert_no_axe_violations
from tests.doors.browser import scrolls_sideways
from tests.rooms.test_importing import TIME, WHOLE, book

pytestmark = pytest.mark.django_db
PAGE = "/administration/importation/"
TO_MEND = {**WHOLE, "Heures": [*TIME, ["2025-01-09", "Léa Roy", "Coop A", "7;5"]]}


@pytest.fixture(autouse=True)
def _house():
    builders.cooperative()
    builders.field("affaires-juridiques", "Affaires juridiques")
    builders.field("gouvernance", "Gouvernance")


@pytest.fixture
def admin(client):
    client.force_login(builders.user(Role.ADMINISTRATION, name="Anne Gagnon"))
    return client


def send(client, content: bytes, name: str = "nous.xlsx", **more):
    return client.post(PAGE, {"file": SimpleUploadedFile(name, content), **more})


def once_of(response) -> str:
    return re.search(r'name="once" value="([^"]+)"', response.content.decode())[1]


class TestThePage:
    def test_reads_first_and_writes_nothing(self, admin):
        response = send(admin, book(**WHOLE))
        assert response.status_code == 302
        page = admin.get(response.url)
        assert "Tout écrire" in page.content.decode()
        assert not Organisation.objects.exists()

    def test_writes_once_however_often_it_is_confirmed(self, admin):
        where = send(admin, book(**WHOLE)).url
        token = once_of(admin.get(where))
        for _ in range(2):
            response = admin.post(f"{where}ecrire", {"rows": "all", "once": token})
            assert response.status_code == 302
        other = admin.post(f"{where}ecrire", {"rows": "all"})
        assert other.status_code == 409
        assert "déjà écrite" in other.content.decode()
        assert TimeEntry.objects.count() == 3
        written = Entry.objects.get(what="importing.import.written")
        assert written.details["entries"] == 3

    def test_makes_one_import_of_a_file_sent_twice_by_the_same_form(self, admin):
        token = once_of(admin.get(PAGE))
        first = send(admin, book(**WHOLE), once=token)
        second = send(admin, book(**WHOLE), once=token)
        assert first.url == second.url
        assert Import.objects.count() == 1

    def test_refuses_to_write_a_file_that_is_to_mend_unless_the_good_rows_are_chosen(
        self, admin
    ):
        where = send(admin, book(**TO_MEND)).url
        refused = admin.post(f"{where}ecrire", {"rows": "all"})
        assert refused.status_code == 409
        assert not Organisation.objects.exists()
        assert admin.post(f"{where}ecrire", {"rows": "good"}).status_code == 302
        assert TimeEntry.objects.count() == 3

    def test_gives_the_file_back_with_its_errors(self, admin):
        where = send(admin, book(**TO_MEND)).url
        paper = admin.get(f"{where}a-corriger.xlsx")
        sheet = openpyxl.load_workbook(io.BytesIO(paper.content))["Heures"]
        assert "7;5" in sheet.cell(8, 6).value

    @pytest.mark.parametrize(
        ("name", "content", "status", "words"),
        [
            ("vide.xlsx", b"", 409, "est vide"),
            ("abime.xlsx", b"PK\x03\x04 nothing", 409, "est abîmé"),
            ("image.png", b"\x89PNG\r\n", 409, "n’est pas un tableur"),
        ],
    )
    def test_says_why_a_file_is_not_read(self, admin, name, content, status, words):
        response = send(admin, content, name)
        assert response.status_code == status
        assert words in response.content.decode()

    def test_asks_in_which_order_dates_are_written(self, admin):
        rows = [TIME[0], ["03/02/2025", "Léa Roy", "Coop A", "2"]]
        where = send(admin, book(**{**WHOLE, "Heures": rows})).url
        assert "Rien ne dit si" in admin.get(where).content.decode()
        admin.post(f"{where}relire", {"dates": "month_first"})
        admin.post(f"{where}ecrire", {"rows": "all"})
        assert str(TimeEntry.objects.get().on) == "2025-03-02"

    def test_gives_a_template_in_both_languages(self, admin):
        for language, name in (("fr-ca", "Membres"), ("en-ca", "Members")):
            admin.cookies.load({"langue": language})
            paper = admin.get(f"{PAGE}modele.xlsx")
            found = openpyxl.load_workbook(io.BytesIO(paper.content)).sheetnames
            assert len(found) == 4
            assert found[0] in {"Membres", name}


class TestTheCommand:
    @pytest.fixture
    def partage(self, monkeypatch, tmp_path):
        import typer

        from partage.cli.importing import import_file

        app = typer.Typer()
        app.command()(import_file)

        def run(content: bytes, *arguments: str, name: str = "nous.xlsx"):
            path = tmp_path / name
            path.write_bytes(content)
            return CliRunner().invoke(app, [str(path), *arguments])

        return run

    def test_writes_all_and_ends_with_0(self, partage):
        assert partage(book(**WHOLE)).exit_code == 0
        assert TimeEntry.objects.count() == 3
        assert partage(book(**WHOLE)).exit_code == 0
        assert TimeEntry.objects.count() == 3

    def test_writes_nothing_at_all_and_ends_with_1_when_a_row_is_to_mend(self, partage):
        done = partage(book(**TO_MEND))
        assert done.exit_code == 1
        assert "7;5" in done.output
        assert not Import.objects.exists()

    def test_writes_nothing_when_it_is_only_tried(self, partage):
        assert partage(book(**WHOLE), "--dry-run").exit_code == 0
        assert not Organisation.objects.exists()

    def test_says_all_in_json(self, partage):
        done = partage(book(**TO_MEND), "--json", "--good-rows")
        said = json.loads(done.output)
        assert said["written"]
        assert [p["code"] for p in said["problems"] if not p["warning"]] == [
            "not_hours"
        ]

    def test_ends_with_2_when_the_file_is_not_read(self, partage):
        assert partage(b"PK\x03\x04 nothing").exit_code == 2


@pytest.mark.django_db(transaction=True)
class TestInABrowser:
    @pytest.mark.parametrize("dark", [False, True])
    @pytest.mark.parametrize("phone", [False, True])
    def test_the_pages_are_open_to_all(self, visit, tmp_path, dark, phone):
        user = builders.user(Role.ADMINISTRATION, name="Anne Gagnon")
        path = tmp_path / "Nos heures 2025.xlsx"
        path.write_bytes(book(**TO_MEND))
        page = visit(PAGE, user, dark=dark, phone=phone)
        assert_no_axe_violations(page)
        page.set_input_files("input[type=file]", str(path))
        page.get_by_role("button", name="Envoyer et vérifier").click()
        page.wait_for_url("**/importation/*/")
        assert_no_axe_violations(page)
        assert not scrolls_sideways(page)
        page.get_by_text("Écrire les bonnes lignes").first.click()
        page.get_by_role("button", name="Écrire les bonnes lignes").click()
        page.get_by_text("est écrit.").wait_for()
        assert_no_axe_violations(page)
        page.goto(PAGE)
        assert_no_axe_violations(page)
        assert not scrolls_sideways(page)
        assert TimeEntry.objects.count() == 3
