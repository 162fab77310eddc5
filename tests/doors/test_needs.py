"""The pages on which needs are filed, followed and triaged."""

import threading
from contextlib import closing
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from playwright.sync_api import expect

from partage.archive.actions import LARGEST, sweep_files
from partage.archive.models import File
from partage.knowledge.models import Reuse
from partage.needs import actions
from partage.needs.models import Attachment, Need
from partage.people.models import Role
from partage.planning.models import Assignment
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
    return builders.representative(org, name="Jean Roy")


@pytest.fixture
def coordinator():
    return builders.user(Role.COORDINATION, name="Léa Tremblay")


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def typed(**more):
    return {
        "title": "Revoir le bail",
        "text": "Notre bail prend fin en septembre.",
        "urgency": "2",
        "place": "REMOTE",
        "language": "fr",
        "wished_from": "",
        "wished_until": "",
        "once": str(uuid4()),
        **more,
    }


def paper(name="bail.pdf", content=b"%PDF-1.7 bail"):
    return SimpleUploadedFile(name, content)


NEW = "/membre/demandes/nouvelle"


class TestFilingANeed:
    def test_a_member_files_one_with_two_documents(self, org, member):
        client = signed_in(member)
        response = client.post(
            NEW, typed(files=[paper(), paper("plan.png", b"\x89PNG")])
        )

        need = Need.objects.get()
        assert response.url == reverse("member:need", args=[need.pk])
        assert (need.organisation, need.requested_by, need.channel) == (
            org,
            member,
            "PORTAL",
        )
        assert need.attachments.count() == 2
        assert "Demande déposée sur le portail" in client.get(response.url).text

    def test_a_wrong_form_keeps_what_was_typed_and_the_files(self, member):
        client = signed_in(member)
        wrong = client.post(
            NEW,
            typed(
                title="",
                wished_from="2025-06-01",
                wished_until="2025-05-01",
                files=[paper()],
            ),
        )

        assert wrong.status_code == 422
        assert "Notre bail prend fin" in wrong.text
        assert "vient avant la première" in wrong.text
        assert "bail.pdf" in wrong.text
        (mark,) = [mark for mark, _file in wrong.context["papers"].marks]
        client.post(NEW, typed(kept=[mark]))
        assert Attachment.objects.get().file.name == "bail.pdf"

    def test_somebody_elses_kept_file_cannot_be_taken(self, member):
        other = builders.representative(builders.organisation())
        wrong = signed_in(other).post(NEW, typed(title="", files=[paper()]))
        (mark,) = [mark for mark, _file in wrong.context["papers"].marks]

        signed_in(member).post(NEW, typed(kept=[mark, "faux", "1:x:y"]))

        assert Need.objects.count() == 1
        assert not Attachment.objects.exists()

    @pytest.mark.parametrize(
        ("file", "words"),
        [
            (paper("virus.exe", b"MZ"), "pas d’un type accepté"),
            (paper("vide.pdf", b""), "est vide"),
        ],
    )
    def test_a_document_that_cannot_be_kept_is_said_and_the_others_stay(
        self, member, file, words
    ):
        wrong = signed_in(member).post(NEW, typed(files=[file, paper()]))

        assert wrong.status_code == 422
        assert words in wrong.text
        assert "bail.pdf" in wrong.text
        assert not Need.objects.exists()

    def test_the_same_form_sent_twice_makes_one_need_and_keeps_one_file(self, member):
        client, form = signed_in(member), typed()
        first = client.post(NEW, {**form, "files": [paper()]})
        again = client.post(NEW, {**form, "files": [paper()]})

        assert first.url == again.url
        assert (Need.objects.count(), File.objects.count()) == (1, 1)

    @pytest.mark.django_db(transaction=True)
    def test_two_clicks_at_the_same_moment_make_one_need(self, member):
        form, answers = typed(), []
        both = threading.Barrier(2)

        def click():
            client = signed_in(member)
            both.wait()
            answers.append(client.post(NEW, form).url)
            connection.close()

        threads = [threading.Thread(target=click) for _each in range(2)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

        assert len(set(answers)) == 1
        assert Need.objects.count() == 1

    def test_a_file_of_30_mb_is_cut_as_it_arrives_and_gets_a_sentence(self, member):
        def sent():
            heavy = paper("plan.pdf", bytes(30 * 1024 * 1024))
            return typed(files=[heavy, paper()])

        with closing(RequestFactory().post(NEW, sent())) as request:
            first, second = request.FILES.getlist("files")
            assert LARGEST < first.size <= LARGEST + first.DEFAULT_CHUNK_SIZE
            assert second.read() == b"%PDF-1.7 bail"
        wrong = signed_in(member).post(NEW, sent())

        assert wrong.status_code == 422
        assert "« plan.pdf » pèse plus de 20" in unescape(wrong.text).replace(
            "\u00a0", " "
        )
        assert "bail.pdf" in wrong.text

    def test_a_form_left_open_for_eight_days_asks_for_its_file_again(self, member):
        client = signed_in(member)
        wrong = client.post(NEW, typed(title="", files=[paper()]))
        (mark,) = [mark for mark, _file in wrong.context["papers"].marks]
        sweep_files(by=builders.actor(at=builders.NOW + timedelta(days=8)))

        again = client.post(NEW, typed(kept=[mark]))

        assert again.status_code == 422
        assert "Joignez-le de nouveau" in again.text
        assert not Need.objects.exists()

    def test_nobody_files_for_an_organisation_that_is_not_theirs(self, member):
        stranger = builders.organisation()

        wrong = signed_in(member).post(NEW, typed(organisation=stranger.pk))

        assert wrong.status_code == 422
        assert not Need.objects.exists()

    def test_who_may_only_vote_does_not_file(self, org):
        voter = builders.representative(org, can_request=False, can_vote=True)

        assert signed_in(voter).get(NEW).status_code == 403

    def test_a_first_line_partner_refers_for_its_network_and_follows(self, org):
        federation = builders.organisation("Fédération")
        inside = builders.organisation("Biblio de Gaspé", network=federation)
        client = signed_in(
            builders.representative(federation, can_request=False, can_refer=True)
        )
        refused = client.post("/membre/demandes/referer", typed(organisation=org.pk))
        assert refused.status_code == 422
        assert not Need.objects.exists()

        sent = client.post("/membre/demandes/referer", typed(organisation=inside.pk))

        need = Need.objects.get()
        assert (need.referred_by, need.channel) == (federation, "FIRST_LINE")
        assert client.get(sent.url).status_code == 200
        assert need.title in client.get("/membre/demandes/?voir=referees").text

    @pytest.mark.parametrize("name", ["bibliotheque du fleuve", "fleuve"])
    def test_coordination_files_for_whom_it_names(self, org, coordinator, name):
        builders.organisation("Coop de l’Anse")
        client = signed_in(coordinator)
        sent = client.post("/coordination/demandes/nouvelle", typed(organisation=name))
        if sent.status_code == 422:  # part of a name: it asks which one
            assert "Choisissez l’organisation" in sent.text
            client.post(
                "/coordination/demandes/nouvelle",
                typed(organisation=name, organisation_id=org.pk),
            )

        need = Need.objects.get()
        assert (need.organisation, need.channel) == (org, "COORDINATION")

    def test_a_name_that_nobody_has_is_said(self, coordinator):
        wrong = signed_in(coordinator).post(
            "/coordination/demandes/nouvelle", typed(organisation="Zzz")
        )

        assert wrong.status_code == 422
        assert "Aucune organisation ne porte ce nom" in wrong.text
        assert "Zzz" in wrong.text


class TestFollowingANeed:
    @pytest.fixture
    def need(self, org):
        by = builders.actor(builders.representative(org))
        return actions.file_need(
            organisation_id=org.pk,
            title="Revoir le bail",
            text="Notre bail.",
            language="fr",
            urgency=2,
            place="REMOTE",
            channel="PORTAL",
            by=by,
        )

    def test_another_members_need_and_documents_do_not_exist(self, member, need):
        client = signed_in(member)
        client.post(f"/membre/demandes/{need.pk}/documents", {"files": [paper()]})
        attachment = Attachment.objects.get()
        stranger = signed_in(builders.representative(builders.organisation()))
        page = f"/membre/demandes/{need.pk}"

        assert client.get(f"{page}/documents/{attachment.pk}").status_code == 200
        for address in (page, f"{page}/documents/{attachment.pk}"):
            assert stranger.get(address).status_code == 404
        for address in (f"{page}/documents", f"{page}/retirer"):
            assert stranger.post(address, {"files": [paper()]}).status_code == 404
        assert Attachment.objects.count() == 1
        other = builders.need(builders.organisation())
        assert (
            client.get(
                f"/membre/demandes/{other.pk}/documents/{attachment.pk}"
            ).status_code
            == 404
        )

    def test_a_document_is_saved_never_opened_on_this_site(self, member, need):
        client = signed_in(member)
        client.post(f"/membre/demandes/{need.pk}/documents", {"files": [paper()]})

        saved = client.get(
            f"/membre/demandes/{need.pk}/documents/{Attachment.objects.get().pk}"
        )

        assert saved.content == b"%PDF-1.7 bail"
        assert saved["Content-Disposition"] == 'attachment; filename="bail.pdf"'
        assert saved["X-Content-Type-Options"] == "nosniff"

    def test_the_reason_of_a_triage_stays_inside(self, member, coordinator, need):
        actions.triage_need(
            need_id=need.pk,
            parts=[
                actions.PartWanted(builders.field().pk, 2, "fr", 60, 120, 180),
            ],
            reason="Membre exigeant.",
            by=builders.actor(coordinator),
        )

        page = signed_in(member).get(f"/membre/demandes/{need.pk}").text

        assert "nous cherchons la bonne personne" in page
        assert "exigeant" not in page
        assert "Léa Tremblay" not in page

    def test_the_words_of_a_referral_are_read_by_the_member(
        self, member, coordinator, need
    ):
        signed_in(coordinator).post(
            f"/coordination/demandes/{need.pk}/premiere-ligne",
            {"ligne-reason": "Votre fédération offre ce service."},
        )

        page = signed_in(member).get(f"/membre/demandes/{need.pk}").text

        assert "Votre fédération offre ce service." in page
        assert "confiée à la première ligne" in page

    def test_it_can_be_withdrawn_until_there_is_an_offer(self, member, need):
        client = signed_in(member)
        client.post(f"/membre/demandes/{need.pk}/retirer")
        assert Need.objects.get(pk=need.pk).status == "WITHDRAWN"

        again = client.post(f"/membre/demandes/{need.pk}/retirer")
        assert again.status_code == 409
        assert "a été retirée et ne change plus" in again.text


class TestTheListOfCoordination:
    def test_queries_and_bytes_do_not_grow_with_the_needs(self, coordinator):
        client = signed_in(coordinator)

        def cost():
            with CaptureQueriesContext(connection) as asked:
                page = client.get("/coordination/demandes/")
            return len(asked), len(page.content)

        for _each in range(3):
            builders.triaged_need()
        few, _bytes = cost()
        for at in range(40):
            builders.triaged_need(code=("gouvernance", "recrutement")[at % 2])
        many, size = cost()

        assert many == few
        assert size < 60_000

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", {"Bail", "Site"}),
            ("etape=received", {"Site"}),
            ("etape=to_assign", {"Bail"}),
            ("etape=closes", {"Retirée"}),
            ("etape=toutes", {"Bail", "Site", "Retirée"}),
            ("etape=inconnue&urgence=9&domaine=x&page=zzz&tri=x", {"Bail", "Site"}),
            ("domaine=affaires-juridiques", {"Bail"}),
            ("urgence=3", {"Site"}),
            ("province=ON", {"Site"}),
            ("organisation=theatre", {"Site"}),
            ("q=sîte", {"Site"}),
            ("attend=coordination", {"Bail", "Site"}),
            ("attend=member", set()),
            ("tri=-recue", {"Bail", "Site"}),
        ],
    )
    def test_each_filter_keeps_what_it_says(self, coordinator, query, found):
        builders.triaged_need(title="Bail")
        builders.need(
            builders.organisation("Théâtre du Nord", province="ON"),
            title="Site",
            urgency=3,
        )
        builders.need(title="Retirée", status="WITHDRAWN")

        page = signed_in(coordinator).get(f"/coordination/demandes/?{query}")

        assert {need.title for need in page.context["page"]} == found

    def test_it_says_who_is_waited_for_and_leaves_as_a_spreadsheet(self, coordinator):
        part = builders.triaged_need()
        Assignment.objects.create(
            part=part,
            expert=builders.expert("Maude Arsenault"),
            minutes=600,
            starts_on=builders.TODAY,
            ends_on=builders.TODAY,
            proposed_at=builders.NOW,
        )
        client = signed_in(coordinator)

        assert (
            "Maude Arsenault" in client.get("/coordination/demandes/?etape=expert").text
        )
        saved = client.get("/coordination/demandes/?etape=expert&format=xlsx")
        assert saved.content[:2] == b"PK"

    def test_monday_morning_shows_what_waits_on_us_and_not_the_mandates(
        self, coordinator
    ):
        builders.triaged_need(title="Bail")
        proposed = builders.triaged_need(title="Embauche")
        Assignment.objects.create(
            part=proposed,
            expert=builders.expert("Maude Arsenault"),
            minutes=600,
            starts_on=builders.TODAY,
            ends_on=builders.TODAY,
            proposed_at=builders.NOW,
        )

        page = signed_in(coordinator).get("/coordination/demandes/")

        assert [need.title for need in page.context["page"]] == ["Bail"]
        assert {code: count for code, _word, count in page.context["tabs"]} == {
            "coordination": 1,
            "expert": 1,
            "member": 0,
            "mandate": 0,
            "closes": 0,
            "toutes": 2,
        }


class TestTriage:
    @pytest.fixture
    def need(self, org):
        return builders.need(org)

    @pytest.fixture
    def client(self, coordinator):
        return signed_in(coordinator)

    @staticmethod
    def specialised(field, **more):
        return {
            "volets": "1",
            "volet0-field": field.pk,
            "volet0-level": "2",
            "volet0-language": "fr",
            "volet0-low": "7,5",
            "volet0-likely": "12 h 30",
            "volet0-high": "20",
            "province": "ON",
            "reason": "Avis juridique.",
            **more,
        }

    def test_hours_are_typed_as_people_type_them(self, client, need):
        sent = client.post(
            f"/coordination/demandes/{need.pk}/triage",
            self.specialised(builders.field()),
        )

        assert sent.status_code == 302
        part = need.parts.get()
        assert (part.minutes_low, part.minutes_likely, part.minutes_high) == (
            450,
            750,
            1200,
        )
        page = client.get(sent.url).text
        assert "12,5\u00a0h" in page
        assert "Avis juridique." in page

    def test_what_is_wrong_is_said_and_what_was_typed_is_kept(self, client, need):
        wrong = client.post(
            f"/coordination/demandes/{need.pk}/triage",
            self.specialised(
                builders.field(), **{"volet0-likely": "7:75", "reason": ""}
            ),
        )

        assert wrong.status_code == 422
        assert "a plus de 59 minutes" in wrong.text
        assert 'value="7:75"' in wrong.text
        assert 'value="7,5"' in wrong.text
        assert not need.parts.exists()

    def test_a_part_is_added_without_losing_what_was_typed(self, client, need):
        more = client.post(
            f"/coordination/demandes/{need.pk}/triage",
            self.specialised(builders.field(), ajouter="1"),
        )

        assert more.status_code == 200
        assert 'value="12 h 30"' in more.text
        assert 'name="volet1-low"' in more.text
        assert not need.parts.exists()

    def test_a_part_that_somebody_does_is_not_dropped(self, client):
        part = builders.triaged_need()
        Assignment.objects.create(
            part=part,
            expert=builders.expert("Maude Arsenault"),
            minutes=600,
            starts_on=builders.TODAY,
            ends_on=builders.TODAY,
            proposed_at=builders.NOW,
        )

        refused = client.post(
            f"/coordination/demandes/{part.need_id}/premiere-ligne",
            {"ligne-reason": "Votre fédération offre ce service."},
        )

        assert refused.status_code == 409
        assert "Maude Arsenault" in refused.text
        assert "Votre fédération offre ce service." in refused.text

    def test_a_piece_that_resembles_is_shown_and_answers(self, client, need):
        piece = builders.piece()
        page = client.get(f"/coordination/demandes/{need.pk}")
        assert piece.title in page.text
        assert "21\u00a0h réelles" in page.text

        client.post(
            f"/coordination/demandes/{need.pk}/reponse",
            {
                "choix-piece": piece.pk,
                "choix-reason": "Ce guide répond à votre question.",
                "choix-saved": "",
            },
        )

        need.refresh_from_db()
        assert need.status == "ANSWERED"
        assert Reuse.objects.get().minutes_saved == 1260

    @pytest.mark.parametrize(
        ("more", "kind", "words"),
        [
            ({}, "good", "Membre en règle"),
            ({"member": False}, "bad", "n’est pas membre"),
        ],
    )
    def test_whether_it_can_be_served_is_a_fact_with_its_sentence(
        self, client, more, kind, words
    ):
        need = builders.need(builders.organisation(**more))

        page = client.get(f"/coordination/demandes/{need.pk}")

        assert page.context["standing"].kind == kind
        assert words in page.text


class TestInABrowser:
    PAGES = (
        "/coordination/demandes/",
        "/coordination/demandes/{}",
        "/membre/demandes/{}",
        NEW,
    )

    @pytest.fixture
    def need(self, org):
        builders.piece()
        need = builders.need(org)
        for _each in range(3):
            builders.triaged_need()
        return need

    @pytest.mark.parametrize(
        ("language", "dark", "phone"),
        [("fr", False, False), ("en", True, False), ("fr", True, True)],
    )
    def test_the_pages_keep_nobody_out(
        self, visit, need, member, coordinator, language, dark, phone
    ):
        for address in self.PAGES:
            who = member if address.startswith("/membre") else coordinator
            page = visit(
                address.format(need.pk), who, language=language, dark=dark, phone=phone
            )
            assert_no_axe_violations(page)
            assert not scrolls_sideways(page), address

    def test_a_member_files_a_need_with_the_keyboard_alone(self, visit, member):
        page = visit(NEW, member)
        page.get_by_label("En une ligne").focus()
        page.keyboard.type("Revoir le bail")
        page.keyboard.press("Tab")
        page.keyboard.type("Notre bail prend fin en septembre.")
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowDown")
        page.get_by_role("button", name="Déposer la demande").focus()
        page.keyboard.press("Enter")

        expect(page.get_by_role("heading", level=1)).to_have_text("Revoir le bail")
        expect(page.get_by_text("urgente", exact=True)).to_be_visible()

    def test_a_wrong_form_leads_to_its_fields_and_keeps_the_file(self, visit, member):
        page = visit(NEW, member)
        page.get_by_label("Documents").set_input_files(
            {"name": "bail.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"}
        )
        page.get_by_role("button", name="Déposer la demande").click()

        expect(page.get_by_role("alert")).to_be_focused()
        expect(page.get_by_label("bail.pdf")).to_be_checked()
        assert_no_axe_violations(page)

    def test_triage_is_done_with_the_keyboard(self, visit, need, coordinator):
        page = visit(f"/coordination/demandes/{need.pk}", coordinator)
        page.get_by_text("Première ligne : la lui confier").focus()
        page.keyboard.press("Enter")
        page.get_by_label("Mot au membre").first.fill("Votre fédération le fait.")
        page.get_by_role("button", name="Confier à la première ligne").focus()
        page.keyboard.press("Enter")

        expect(page.get_by_text("retournée en première ligne").first).to_be_visible()
