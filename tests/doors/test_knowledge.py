"""The reservoir behind each door."""

import html
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from partage.knowledge.actions import read_version, record_reuse
from partage.knowledge.models import Piece
from partage.people.models import Role
from tests import builders
from tests.doors.axe import assert_no_axe_violations
from tests.doors.browser import scrolls_sideways
from tests.extraction import papers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _house():
    builders.cooperative()


@pytest.fixture
def org():
    return builders.organisation("Bibliothèque du Fleuve")


@pytest.fixture
def member(org):
    return builders.representative(org)


@pytest.fixture
def coordinator():
    return builders.user(Role.COORDINATION, name="Léa Tremblay")


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def walled(**more):
    return builders.piece(
        title="Un cas réservé", status="WALLED", released_on=None, **more
    )


class TestWalls:
    def test_a_walled_piece_does_not_exist_for_other_members(self, org, member):
        piece = walled(organisation=org)
        stranger = signed_in(builders.representative(builders.organisation()))

        for address in ("", "/document"):
            assert (
                stranger.get(f"/membre/reservoir/{piece.pk}{address}").status_code
                == 404
            )
        assert piece.title not in stranger.get("/membre/reservoir/?q=loyers").text
        assert signed_in(member).get(f"/membre/reservoir/{piece.pk}").status_code == 200

    def test_a_member_reads_neither_the_mandate_nor_the_organisation(self, member):
        builders.piece(
            source="M-2024-0031", organisation=builders.organisation("Coop secrète")
        )
        client = signed_in(member)
        piece = Piece.objects.get()

        page = client.get(f"/membre/reservoir/{piece.pk}").text

        assert piece.title in page
        assert "M-2024-0031" not in page
        assert "Coop secrète" not in page

    def test_an_expert_sees_what_she_wrote_and_not_what_others_did(self):
        account = builders.user(Role.EXPERT)
        mine = walled(author=builders.expert(account=account))
        other = walled(author=builders.expert())
        client = signed_in(account)

        assert client.get(f"/expert/reservoir/{mine.pk}").status_code == 200
        assert client.get(f"/expert/reservoir/{other.pk}").status_code == 404


class TestSearch:
    def test_words_are_found_and_shown_where_they_are(self, member):
        builders.piece()

        page = signed_in(member).get("/membre/reservoir/?q=propriétaires").text

        assert "<mark>propriétaire</mark>" in page

    @pytest.mark.parametrize("query", ["q=", "q='|&domaine=x&etat=y&page=a", "q=the"])
    def test_no_address_breaks_it(self, coordinator, query):
        builders.piece()

        page = signed_in(coordinator).get(f"/coordination/reservoir/?{query}")

        assert page.status_code == 200

    def test_it_leaves_as_a_spreadsheet(self, coordinator):
        builders.piece()

        saved = signed_in(coordinator).get("/coordination/reservoir/?format=xlsx")

        assert saved.content[:2] == b"PK"


class TestCredit:
    def test_the_hours_that_a_piece_saved_are_shown_with_its_author(
        self, org, coordinator
    ):
        author = builders.expert("Aïcha Benali", account=builders.user(Role.EXPERT))
        piece = builders.piece(author=author)  # 21 hours were spent on it
        record_reuse(
            piece_id=piece.pk,
            served="M-2025-0007",
            organisation_id=org.pk,
            minutes_saved=30 * 60,
            minutes_adapting=60,
            by=builders.actor(coordinator),
        )

        for account, address in (
            (coordinator, f"/coordination/experts/{author.pk}"),
            (author.user, "/expert/"),
        ):
            page = signed_in(account).get(address).text
            assert re.search(r"Ils ont servi 1 fois\.\s+20\s*h", page), address


class TestSharing:
    SIGNED = {
        "faire": "signer",
        "purpose": "Réemploi",
        "risk": "VERY_LOW",
        "risk_words": "Rien d’unique.",
    }

    def release_of(self, client, piece) -> str:
        return client.post(f"/coordination/reservoir/{piece.pk}/partager").headers[
            "Location"
        ]

    def everything(self, page: str) -> dict[str, str]:
        """What a browser sends of the replacements of a page, as they stand."""
        return dict.fromkeys(re.findall(r'name="(applies_\d+)"', page), "on") | {
            name: html.unescape(value)
            for name, value in re.findall(r'name="(after_\d+)" value="([^"]*)"', page)
        }

    def test_coordination_prepares_signs_and_withdraws_with_a_reason(self, coordinator):
        piece, client = walled(), signed_in(coordinator)
        address = f"/coordination/reservoir/{piece.pk}"

        release = self.release_of(client, piece)
        assert client.post(f"{address}/partager").status_code == 409
        assert client.post(release, {"faire": "signer"}).status_code == 422
        client.post(release, self.SIGNED)
        piece.refresh_from_db()
        assert (piece.status, piece.released_on) == ("RELEASED", builders.TODAY)
        assert client.post(f"{address}/retirer", {"reason": ""}).status_code == 422
        client.post(f"{address}/retirer", {"reason": "La loi a changé."})
        piece.refresh_from_db()
        assert piece.status == "WITHDRAWN"
        assert "La loi a changé." in client.get(address).text

    def test_a_member_reads_exactly_what_would_be_shared_then_consents_and_takes_back(
        self, org, member, coordinator
    ):
        piece = walled(
            organisation=org, text="La Bibliothèque du Fleuve paie 1 200 $ de loyer."
        )
        desk, client = signed_in(coordinator), signed_in(member)
        release = self.release_of(desk, piece)
        page = desk.get(release).text
        assert "<del>Bibliothèque du Fleuve</del>" in page
        desk.post(
            release,
            self.SIGNED | self.everything(page) | {"before": "1 200 $", "after": "un"},
        )
        assert "Votre consentement est demandé" in client.get("/membre/").text
        (address,) = re.findall(
            r"/membre/reservoir/consentements/\d+",
            client.get("/membre/reservoir/consentements/").text,
        )
        asked = client.get(address).text
        assert "La [le membre] paie un de loyer." in asked
        stranger = signed_in(builders.representative(builders.organisation()))
        assert stranger.get(address).status_code == 404
        assert stranger.post(address, {"answer": "oui"}).status_code == 404
        assert client.post(address, {}).status_code == 422

        client.post(address, {"answer": "oui"})
        assert "paie un de loyer" in stranger.get(f"/membre/reservoir/{piece.pk}").text

        client.post(f"{address}/retirer", {"reason": "Un litige."})
        assert stranger.get(f"/membre/reservoir/{piece.pk}").status_code == 404
        assert "Un litige." in desk.get(release).text

    def test_what_a_person_typed_is_kept_when_a_name_is_left(self, org, coordinator):
        piece = walled(organisation=org, text="La Bibliothèque du Fleuve a un bail.")
        client = signed_in(coordinator)
        release = self.release_of(client, piece)
        sent = self.SIGNED | self.everything(client.get(release).text)
        (name,) = (each for each in sent if each.startswith("after_"))

        answer = client.post(
            release, sent | {name: "Bibliothèque du Fleuve, à Rimouski"}
        )

        assert answer.status_code == 409
        assert "Il reste ceci dans le texte" in answer.text
        assert "Bibliothèque du Fleuve, à Rimouski" in answer.text
        assert "Rien d’unique." in answer.text

    def test_the_register_is_read_by_the_board_and_leaves_as_a_workbook(
        self, coordinator
    ):
        piece, desk = walled(), signed_in(coordinator)
        desk.post(self.release_of(desk, piece), self.SIGNED)
        board = signed_in(builders.user(Role.BOARD))

        assert "Rien d’unique." in board.get("/conseil/anonymisations/").text
        sheet = load_workbook(
            io.BytesIO(board.get("/conseil/anonymisations/?format=xlsx").content)
        ).active
        assert [row[1].value for row in sheet.iter_rows()][-1] == "Un cas réservé"

    def test_a_hostile_document_gets_a_sentence_and_can_be_replaced(self, coordinator):
        client, honest = signed_in(coordinator), papers.word("Article 1.")
        evil = papers.with_part(papers.word("x"), "word/vbaProject.bin", b"x")
        piece = walled()
        address = f"/coordination/reservoir/{piece.pk}"
        client.post(
            f"{address}/version",
            {
                "title": "Avec macros",
                "text": "Un modèle.",
                "files": SimpleUploadedFile("modele.docx", evil),
            },
        )
        version = piece.versions.get(is_shown=True)
        assert "en cours de lecture" in client.get(address).text

        read_version(version_id=version.pk, by=builders.actor())

        assert "contient des macros" in client.get(address).text
        client.post(f"{address}/relire", {"version": version.number})
        assert "en cours de lecture" in client.get(address).text
        client.post(
            f"{address}/version",
            {
                "title": "Sans macros",
                "text": "Un modèle.",
                "files": SimpleUploadedFile("modele.docx", honest),
            },
        )
        read_version(
            version_id=piece.versions.get(is_shown=True).pk, by=builders.actor()
        )
        page = client.get(address).text
        assert "Article 1." in page
        assert client.get(f"{address}/document").content == honest

    def test_versions_inside_a_wall_are_not_read_from_outside(self, org, coordinator):
        piece = walled(organisation=org, text="La Bibliothèque du Fleuve a un bail.")
        builders.share(piece.pk)
        stranger = signed_in(builders.representative(builders.organisation()))
        address = f"/membre/reservoir/{piece.pk}"

        assert stranger.get(f"{address}?version=2").status_code == 200
        assert stranger.get(f"{address}?version=1").status_code == 404
        assert (
            signed_in(coordinator)
            .get(f"/coordination/reservoir/{piece.pk}?version=1")
            .text.count("La Bibliothèque du Fleuve a un bail.")
            == 1
        )

    def test_a_piece_added_by_hand_is_found_at_once(self, coordinator):
        client = signed_in(coordinator)
        wrong = client.post("/coordination/reservoir/nouveau", {"title": "Paie"})
        assert wrong.status_code == 422
        assert 'value="Paie"' in wrong.text

        client.post(
            "/coordination/reservoir/nouveau",
            {
                "title": "Paie des saisonniers",
                "kind": "GUIDE",
                "field": builders.field("ressources-humaines").pk,
                "language": "fr",
                "text": "Le calcul de la quatre pour cent.",
                "minutes": "7 h 30",
                "confidentiality": "HOUSE",
                "licence": "CREDIT",
            },
        )

        piece = Piece.objects.get()
        assert (piece.minutes, piece.status) == (450, "WALLED")
        assert (piece.confidentiality, piece.licence) == ("HOUSE", "CREDIT")
        assert piece.title in client.get("/coordination/reservoir/?q=saisonnier").text


class TestInABrowser:
    @pytest.mark.parametrize(
        ("language", "dark", "phone"), [("fr", False, False), ("en", True, True)]
    )
    def test_the_pages_keep_nobody_out(self, visit, coordinator, language, dark, phone):
        piece = walled()
        for address in ("?q=loyers", str(piece.pk), "nouveau"):
            page = visit(
                f"/coordination/reservoir/{address}",
                coordinator,
                language=language,
                dark=dark,
                phone=phone,
            )
            assert_no_axe_violations(page)
            assert not scrolls_sideways(page), address
