"""A cooperative's own spreadsheets: what is understood, written, and refused."""

import io
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from partage.experts.models import Expert, Schedule, Skill
from partage.importing.actions import (
    AlreadyWritten,
    RowsToMend,
    Unreadable,
    keep_import,
    write_import,
)
from partage.importing.models import Import
from partage.importing.queries import Options, check, mended, read, sentence
from partage.importing.queries.words import HEADINGS, KINDS, SENTENCES
from partage.journal.actions import next_number
from partage.mandates.models import Mandate, TeamMember
from partage.members.models import Membership, Organisation
from partage.rules.spreadsheet import Sheet, recognise
from partage.timesheets.models import LockedMonth, TimeEntry, Week
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _house():
    builders.cooperative()
    builders.field("affaires-juridiques", "Affaires juridiques")
    builders.field("gouvernance", "Gouvernance")
    with translation.override("fr-ca"):
        yield


def book(**sheets) -> bytes:
    """A workbook, each sheet from its rows."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


MEMBERS = [
    ["Coopérative du Fleuve : nos membres en 2025"],
    [],
    ["Nom de l’organisme", "Membre depuis", "Prov.", "Entière gestion", "Réseau"],
    ["Coopérative des Trois-Rivières", date(2019, 5, 1), "Québec", "oui",
     "Fédération du Nord"],
    ["Fédération du Nord\u00a0 ", date(2015, 1, 1), "ON", "non", None],
    ["Coop A", "2020-01-01", None, None, None],
    ["Coop A", "2020-01-01", None, None, None],
]  # fmt: skip
EXPERTS = [
    ["Prénom", "Nom", "Domaines", "Niveau", "H/sem", "Date d'embauche"],
    ["Léa", "Roy", "Affaires juridiques; Gouvernance", "Sénior", 35, "1er mai 2020"],
]
MANDATES = [
    ["Client", "Projet", "Domaine", "Début", "Responsable", "Heures", "Taux horaire"],
    ["Coop A", "Bail", "Affaires juridiques", date(2024, 9, 2), "Roy, Léa", "120",
     "110,00 $/h"],
]  # fmt: skip
TIME = [
    ["Jour", "Qui", "Client", "Nb h", "Tâche"],
    ["2025-01-06", "lea roy", "coop a", "7,5", "Lecture"],
    [datetime(2025, 1, 7), "Léa Roy", "Coop A", time(7, 30), "Rédaction"],
    ["2025-01-08", "Léa Roy", "Coop A", 7.1, "Rédaction"],
    ["2025-01-08", "Léa Roy", "Coop A", timedelta(hours=1), "Appel"],
    ["2025-01-08", "Léa Roy", "Coop A", timedelta(hours=1), "Appel"],
    ["Total", None, None, 24.6],
]


def bring(content: bytes, *, name="nous.xlsx", good_rows=False, **options) -> Import:
    by = builders.actor()
    row = keep_import(name=name, content=content, options=Options(**options), by=by)
    return write_import(import_id=row.pk, good_rows=good_rows, by=by)


def report(content: bytes, name="nous.xlsx", **options) -> dict:
    sheets = read(name, content, Options(**options))
    return check(sheets, on=builders.TODAY).report()


def said(content: bytes, name="nous.xlsx", **options) -> list[str]:
    """What keeps it from being written, in words."""
    problems = report(content, name, **options)["problems"]
    return [
        sentence(each).replace("\u00a0", " ")
        for each in problems
        if not each["warning"]
    ]


WHOLE = {"Membres": MEMBERS, "Équipe": EXPERTS, "Projets": MANDATES, "Heures": TIME}


class TestAWholeWorkbook:
    def test_brings_in_members_experts_mandates_and_time(self):
        bring(book(**WHOLE))

        three = Organisation.objects.get(name="Coopérative des Trois-Rivières")
        assert three.network.name == "Fédération du Nord"
        assert three.full_management
        assert three.network.province == "ON"
        assert Membership.objects.count() == 3
        lea = Expert.objects.get()
        assert (lea.name, lea.started_on) == ("Léa Roy", date(2020, 5, 1))
        assert Schedule.objects.get().minutes == [420] * 5 + [0, 0]
        assert Skill.objects.filter(expert=lea, level=3).count() == 2
        mandate = Mandate.objects.get()
        assert mandate.offer is None
        assert mandate.reference == "M-2024-0001"
        assert mandate.budget_minutes == 7200
        assert mandate.budget_amount == Decimal("13200.00")
        assert TeamMember.objects.get().rate == Decimal("110.00")
        assert list(
            TimeEntry.objects.order_by("on").values_list("on__day", "minutes", "note")
        ) == [(6, 450, "Lecture"), (7, 450, "Rédaction"), (8, 486, "Rédaction; Appel")]
        week = Week.objects.get()
        assert week.status == Week.Status.APPROVED
        assert week.approved_at == builders.NOW

    def test_adds_nothing_the_second_time(self):
        bring(book(**WHOLE))
        again = report(book(**WHOLE))
        assert (again["new"], again["errors"]) == (0, 0)
        assert sum(sheet["counts"]["there"] for sheet in again["sheets"]) == 9

    def test_knows_a_row_that_was_renamed_here_since(self):
        bring(book(**WHOLE))
        Organisation.objects.filter(name="Coop A").update(name="Coopérative Alma")
        Mandate.objects.update(title="Renouvellement du bail")
        Expert.objects.update(name="Léa Roy-Gagnon")
        again = report(book(**WHOLE))
        assert again["new"] == 0

    def test_says_what_is_otherwise_here_and_leaves_it(self):
        bring(book(**WHOLE))
        TimeEntry.objects.filter(on__day=6).update(minutes=60)
        Organisation.objects.filter(name="Fédération du Nord").update(province="NB")
        again = report(book(**WHOLE))
        assert again["new"] == 0
        codes = {each["code"]: each["facts"] for each in again["problems"]}
        assert codes["other_hours"] == {"said": 450, "kept": 60}
        assert codes["differs"] == {"said": "ON", "kept": "NB"}

    def test_does_not_mind_the_order_of_its_sheets(self):
        bring(book(**dict(reversed(WHOLE.items()))))
        assert TimeEntry.objects.count() == 3

    def test_asks_as_many_questions_for_1000_rows_as_for_10(self):
        def queries(count):
            rows = [[date(2025, 1, 1) + timedelta(n % 28), "Léa Roy", "Coop A",
                     f"{1 + n // 28 % 3}", f"{n}"] for n in range(count)]  # fmt: skip
            content = book(**{**WHOLE, "Heures": [TIME[0], *rows[:count]]})
            sheets = read("nous.xlsx", content, Options())
            with CaptureQueriesContext(connection) as asked:
                check(sheets, on=builders.TODAY)
            return len(asked)

        assert queries(10) == queries(200)


class TestNothingIsWritten:
    def test_unless_all_is_well(self):
        content = book(**{**WHOLE, "Heures": [*TIME, ["2025-01-09", "Léa Roy", "Coop A", "7;5"]]})  # fmt: skip
        with pytest.raises(RowsToMend):
            bring(content)
        assert not Organisation.objects.exists()

    def test_but_the_good_rows_when_the_person_chooses_them(self):
        content = book(**{**WHOLE, "Heures": [*TIME, ["2025-01-09", "Léa Roy", "Coop A", "7;5"]]})  # fmt: skip
        bring(content, good_rows=True)
        assert TimeEntry.objects.count() == 3

    def test_of_a_day_of_which_one_row_is_to_mend(self):
        rows = [TIME[0], *TIME[1:2], ["2025-01-06", "Léa Roy", "Coop A", "7;5"]]
        content = book(**{**WHOLE, "Heures": rows})
        assert any("elle attend la ligne 3" in words for words in said(content))

    def test_twice_by_two_confirmations(self):
        row = bring(book(**WHOLE))
        with pytest.raises(AlreadyWritten):
            write_import(import_id=row.pk, good_rows=False, by=builders.actor())
        assert TimeEntry.objects.count() == 3


class TestAProblemIsSaidInWords:
    def test_with_its_sheet_row_and_column(self):
        rows = [["Date", "Expert", "Client", "Heures"],
                ["2025-01-09", "Léa Roy", "Coop A", "7;5"]]  # fmt: skip
        assert said(book(**{**WHOLE, "Temps": rows})) == [
            "Feuille Temps, ligne 2, colonne Heures : « 7;5 » ne se lit pas comme des "
            "heures. Écrivez 7,5 ou 7 h 30."
        ]

    def test_with_the_name_that_was_perhaps_meant_which_is_never_assumed(self):
        rows = [MANDATES[0], ["Coop des Trois Rivieres", *MANDATES[1][1:]]]
        words = said(book(Membres=MEMBERS, Équipe=EXPERTS, Projets=rows))
        assert words == [
            "Feuille Projets, ligne 2, colonne Client : « Coop des Trois Rivieres » "
            "n’est pas connu ici. Ajoutez-le aux membres, ou corrigez le nom. "
            "Vouliez-vous dire « Coopérative des Trois-Rivières » ?"
        ]

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            (["2024-08-01", "Léa Roy", "Coop A", 2], "le mandat commence le 2 septembre 2024"),
            (["2019-08-01", "Léa Roy", "Coop A", 2], "a commencé le 1 mai 2020"),
            (["2026-08-01", "Léa Roy", "Coop A", 2], "à plus d’un mois"),
            (["31/02/2025", "Léa Roy", "Coop A", 2], "n’existe pas au calendrier"),
            (["2025-02-03", "Léa Roy", "Coop A", 25], "dépasse 24 heures"),
            (["2025-02-03", "Léa Roy", "Coop A", None], "la case est vide"),
            (["2025-02-03", "Zoé Roy", "Coop A", 2], "Ajoutez-le aux experts"),
            (["2025-02-03", "Léa Roy", "Coop A", "#REF!"], "l’erreur d’une formule"),
            (["2025-03-03", "Léa Roy", "Coop A", 2], "ce mois est verrouillé"),
            (["2025-02-03", "Léa Roy", "Fédération du Nord", 2], "n’a aucun mandat"),
        ],
    )  # fmt: skip
    def test_of_time(self, row, words):
        LockedMonth.objects.create(first_day=date(2025, 3, 1), locked_at=builders.NOW)
        found = said(book(**{**WHOLE, "Temps 2": [TIME[0], row]}))
        assert len(found) == 1
        assert words in found[0].replace("1er", "1")

    @pytest.mark.parametrize("code", sorted(SENTENCES))
    def test_and_every_sentence_can_be_said(self, code):
        facts = {"row": 3, "rows": [2, 3], "columns": ["name"], "count": 1, "on": "2025-01-01",
                 "at_most": 24, "limit": 20, "minutes": 60, "said": 1, "kept": 2, "year": 1800,
                 "who": "Léa", "mandate": "Bail", "province": "QC", "near": "Coop A"}  # fmt: skip
        problem = {"code": code, "sheet": "Membres", "row": 3, "column": "", "value": "x",
                   "label": "", "facts": facts, "warning": False}  # fmt: skip
        assert "%(" not in sentence(problem, "members")


class TestTheNumbersThatComeWithAFile:
    def test_are_never_given_again(self):
        members = [["Nom", "No de membre", "Membre depuis"], ["Coop A", "0042", "2020-01-01"],
                   ["Coop B", None, "2020-01-01"]]  # fmt: skip
        mandates = [["Référence", *MANDATES[0]], ["M-2024-0017", *MANDATES[1]]]
        bring(book(Membres=members, Experts=EXPERTS, Mandats=mandates))
        assert list(Membership.objects.order_by("id").values_list("number", flat=True)) == [
            "0042", "0043"]  # fmt: skip
        assert next_number("M-2024") == 18
        assert next_number("membership") == 44


class TestTime:
    def test_of_a_member_with_two_mandates_goes_to_the_one_open_that_day(self):
        mandates = [[*MANDATES[0], "Fin"],
                    ["Coop A", "Bail", "Gouvernance", date(2024, 1, 8), "Léa Roy", 10, "110",
                     date(2024, 12, 20)],
                    ["Coop A", "Suite", "Gouvernance", date(2025, 1, 6), "Léa Roy", 10, "110",
                     None]]  # fmt: skip
        bring(book(Membres=MEMBERS, Experts=EXPERTS, Mandats=mandates, Temps=TIME))
        assert set(TimeEntry.objects.values_list("mandate__title", flat=True)) == {
            "Suite"
        }

    def test_of_a_member_with_two_open_mandates_asks_which(self):
        mandates = [*MANDATES, ["Coop A", "Suite", *MANDATES[1][2:]]]
        words = said(
            book(Membres=MEMBERS, Experts=EXPERTS, Mandats=mandates, Temps=TIME)
        )
        assert "« coop a » a 2 mandats possibles" in words[0]

    def test_of_someone_else_brings_them_into_the_team_at_the_cards_rate(self):
        builders.rate_card()
        experts = [
            *EXPERTS,
            ["Zoé", "Côté", "Affaires juridiques", "junior", 35, "2020-01-01"],
        ]
        rows = [TIME[0], ["2025-01-06", "Zoé Côté", "Bail", 3]]
        rows[0] = ["Date", "Expert", "Mandat", "Heures"]
        bring(book(**{**WHOLE, "Équipe": experts, "Heures": rows}))
        assert TeamMember.objects.get(expert__name="Zoé Côté").rate == Decimal("95.00")

    def test_on_an_internal_activity_needs_no_mandate(self):
        builders.activity()
        rows = [["Date", "Expert", "Mandat", "Minutes"],
                ["2025-01-06", "Léa Roy", "Réservoir de savoirs", 90]]  # fmt: skip
        bring(book(Experts=EXPERTS, Temps=rows))
        assert TimeEntry.objects.get().minutes == 90


class TestAFileThatIsNoSpreadsheet:
    @pytest.mark.parametrize(
        ("name", "content", "words"),
        [
            ("a.xlsx", b"", "est vide"),
            ("a.xlsx", b"PK\x03\x04 broken", "est abîmé"),
            ("a.xls", bytes.fromhex("d0cf11e0a1b11ae1") + b"x" * 600, "ancien format"),
            ("a.xlsx", bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"),
             "mot de passe"),
            ("a.csv", bytes(range(256)) * 4, "n’est pas un tableur"),
            ("a.pdf", b"%PDF-1.7", "n’est pas un tableur"),
        ],
    )  # fmt: skip
    def test_is_refused_in_a_sentence(self, name, content, words):
        with pytest.raises(Unreadable) as refused:
            bring(content, name=name)
        assert words in str(refused.value)
        assert not Import.objects.exists()


class TestTheMendedFile:
    def test_says_each_error_beside_its_row_and_can_be_brought_in_again(self):
        content = book(**{**WHOLE, "Heures": [*TIME, ["2025-01-09", "Léa Roy", "Coop A", "7;5"]]})  # fmt: skip
        sheets = read("nous.xlsx", content, Options())
        paper = mended(sheets, check(sheets, on=builders.TODAY))
        sheet = openpyxl.load_workbook(io.BytesIO(paper))["Heures"]
        assert sheet.cell(1, 6).value == "Erreur"
        assert "7;5" in sheet.cell(8, 6).value
        again = report(paper)
        before = report(content)
        assert [s["counts"] for s in again["sheets"]] == [
            s["counts"] for s in before["sheets"]
        ]
        assert not any(sheet["ignored"] for sheet in again["sheets"])


class TestTheTemplate:
    @pytest.mark.parametrize("language", ["fr-ca", "en-ca"])
    @pytest.mark.parametrize("kind", KINDS)
    def test_has_headers_that_are_recognised(self, kind, language):
        with translation.override(language):
            cells = tuple(
                str(words)
                for key, words in HEADINGS[kind].items()
                if key not in {"first_name", "last_name", "minutes"}
            )
            keys = {key for key, words in HEADINGS[kind].items() if str(words) in cells}
            found = recognise(Sheet("Feuil1", ((1, cells),)))
        assert found.kind == kind
        assert set(found.columns.values()) == keys - {
            "first_name",
            "last_name",
            "minutes",
        }
        assert not found.ignored
