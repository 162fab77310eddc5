"""Concepts, vain searches, and the command of the index."""

import io

import pytest
from django.test import Client
from openpyxl import load_workbook
from typer.testing import CliRunner

from partage.cli.main import app
from partage.experts.models import Field
from partage.journal.models import Entry
from partage.knowledge.models import Concept, Miss, Piece
from partage.people.models import Role
from tests import builders

pytestmark = pytest.mark.django_db
NEW = "/coordination/reservoir/notions/nouvelle"
AGA = {"french": "AGA\nassemblée générale annuelle", "english": "AGM", "note": ""}


@pytest.fixture(autouse=True)
def _house():
    builders.cooperative()


@pytest.fixture
def coordination():
    client = Client()
    client.force_login(builders.user(Role.COORDINATION))
    return client


@pytest.fixture
def member():
    client = Client()
    client.force_login(builders.representative(builders.organisation()))
    return client


class TestConcepts:
    def test_a_concept_makes_french_words_find_an_english_document(
        self, coordination, member
    ):
        builders.piece(
            title="On site", text="Prepare the annual general meeting.", language="en"
        )
        assert "On site" not in member.get("/membre/reservoir/?q=AGA").text
        concept = {**AGA, "english": "AGM\nannual general meeting"}
        assert coordination.post(NEW, concept).status_code == 302

        page = member.get("/membre/reservoir/?q=AGA").text
        assert "Prepare the <mark>annual</mark> <mark>general</mark>" in page
        assert "Une même notion" in page

    def test_a_term_of_another_concept_is_refused_and_what_was_typed_stays(
        self, coordination
    ):
        coordination.post(NEW, AGA)
        answer = coordination.post(
            NEW, {"french": "réunion\naga", "english": "", "note": "à voir"}
        )

        assert answer.status_code == 409
        assert "« AGA » est déjà un terme" in answer.text.replace("\xa0", " ")
        assert "réunion\naga" in answer.text
        assert "à voir" in answer.text
        assert Concept.objects.count() == 1

    def test_one_term_is_no_concept(self, coordination):
        answer = coordination.post(NEW, {"french": "AGA", "english": "aga"})

        assert answer.status_code == 409
        assert "au moins deux façons" in answer.text

    def test_removed_its_terms_are_words_like_others_again(self, coordination):
        coordination.post(NEW, AGA)
        concept = Concept.objects.get()
        coordination.post(f"/coordination/reservoir/notions/{concept.pk}/retirer")

        assert not Concept.objects.exists()
        assert Entry.objects.filter(what="knowledge.concept.removed").exists()

    def test_one_is_found_by_any_of_its_terms(self, coordination):
        coordination.post(NEW, AGA)
        coordination.post(NEW, {"french": "bail\nbaux", "english": "lease"})

        page = coordination.get("/coordination/reservoir/notions/?q=ASSEMBLEE").text

        assert "AGM" in page
        assert "lease" not in page


class TestVainSearches:
    def test_what_nobody_finds_is_counted_by_field_and_never_by_whom(
        self, coordination, member
    ):
        field = Field.objects.get_or_create(
            code="gouvernance",
            defaults={
                "name_fr": "Gouvernance",
                "name_en": "Governance",
                "opened_on": builders.TODAY,
            },
        )[0]
        for _each in range(2):
            member.get("/membre/reservoir/?q=Sociocratie&domaine=gouvernance")

        miss = Miss.objects.get()
        assert (miss.words, miss.field, miss.times) == ("sociocratie", field, 2)
        address = "/coordination/reservoir/recherches-vaines/"
        assert "sociocratie" in coordination.get(address).text
        saved = coordination.get(address + "?format=xlsx").getvalue()
        rows = load_workbook(io.BytesIO(saved)).active.iter_rows(values_only=True)
        assert list(rows)[1][:3] == ("sociocratie", "Gouvernance", 2)

    def test_what_is_found_or_says_nothing_is_not(self, member):
        builders.piece()
        for words in ("bail", "le la les", "comparrer"):
            member.get(f"/membre/reservoir/?q={words}")

        assert list(Miss.objects.values_list("words", flat=True)) == []


class TestWithdrawal:
    def test_takes_out_of_what_a_member_finds_at_once(self, coordination, member):
        piece = builders.piece()
        assert piece.title in member.get("/membre/reservoir/?q=loyers").text
        coordination.post(
            f"/coordination/reservoir/{piece.pk}/retirer", {"reason": "Loi changée"}
        )

        assert Piece.objects.get().status == "WITHDRAWN"
        assert piece.title not in member.get("/membre/reservoir/?q=loyers").text
        assert member.get(f"/membre/reservoir/{piece.pk}").status_code == 404


class TestTheCommand:
    @pytest.mark.parametrize("options", [[], ["--rebuild"]])
    def test_says_how_many_passages_the_index_holds(self, options, settings, tmp_path):
        settings.INDEX_FOLDER = tmp_path
        builders.piece()
        builders.piece(title="Secret", status="WALLED", privileged=True)

        ended = CliRunner().invoke(app, ["index", *options])

        assert ended.exit_code == 0, ended.output
        assert "2 passages dans l’index" in ended.output.replace("\n", " ")
