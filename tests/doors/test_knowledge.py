"""The reservoir behind each door."""

import pytest
from django.test import Client

from partage.knowledge.models import Piece
from partage.people.models import Role
from tests import builders
from tests.doors.axe import assert_no_axe_violations
from tests.doors.browser import scrolls_sideways

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


class TestSharing:
    def test_coordination_shares_then_withdraws_with_a_reason(self, coordinator):
        piece, client = walled(), signed_in(coordinator)
        address = f"/coordination/reservoir/{piece.pk}"

        client.post(f"{address}/partager")
        piece.refresh_from_db()
        assert (piece.status, piece.released_on) == ("RELEASED", builders.TODAY)
        assert client.post(f"{address}/partager").status_code == 409
        assert client.post(f"{address}/retirer", {"reason": ""}).status_code == 422
        client.post(f"{address}/retirer", {"reason": "La loi a changé."})
        piece.refresh_from_db()
        assert piece.status == "WITHDRAWN"
        assert "La loi a changé." in client.get(address).text

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
            },
        )

        piece = Piece.objects.get()
        assert (piece.minutes, piece.status) == (450, "WALLED")
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
