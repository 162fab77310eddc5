"""The pages of offers, mandates and rates, from the draft to the member's word."""

import hashlib
import re
from datetime import date
from io import BytesIO
from uuid import uuid4

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from playwright.sync_api import expect

from partage.experts.actions import declare_conflict
from partage.knowledge.models import Piece, Reuse
from partage.mandates import actions
from partage.mandates.models import Mandate, Offer, OfferLine, Satisfaction
from partage.members.models import Representation
from partage.people.models import Role
from partage.portal.expert import mandates as working
from partage.portal.member import mandates as own
from partage.portal.member import offers as answering
from partage.timesheets.models import TimeEntry, Week
from tests import builders
from tests.doors.axe import assert_no_axe_violations
from tests.doors.browser import scrolls_sideways

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _house():
    builders.cooperative()


@pytest.fixture
def org():
    return builders.organisation("Bibliothèque coopérative du Fleuve")


@pytest.fixture
def member(org):
    return builders.representative(org, name="Maude Arsenault")


@pytest.fixture
def lea():
    return builders.user(Role.COORDINATION, name="Léa Tremblay")


@pytest.fixture
def karim():
    account = builders.user(Role.EXPERT, name="Karim Benali")
    return builders.expert("Karim Benali", account=account)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def draft(org, **more):
    need = builders.ready_need(org, **more)
    return actions.draft_offer(need_id=need.pk, by=builders.actor())


def typed(offer, lines=None, **more):
    """An offer's form as a browser sends it: one phase, and its lines."""
    lines = lines or [{"description": "Lire le bail", "hours": "7h30"}]
    said = {
        "once": str(uuid4()),
        "title": "Revoir le bail",
        "introduction": "",
        "scope": "",
        "language": "fr",
        "province": "QC",
        "starts_on": "",
        "ends_on": "",
        "valid_until": "2025-05-07",
        "phases": "1",
        "p0-title": "Analyse",
        "p0-lines": str(len(lines)),
    }
    blank = {"field": builders.field().pk, "level": "2", "expert": ""}
    for n, line in enumerate(lines):
        said |= {f"l0-{n}-{part}": value for part, value in {**blank, **line}.items()}
    return said | more


def text(response):
    return response.content.decode().replace("\u00a0", " ")


class TestCoordination:
    def test_prepares_one_offer_however_often_the_button_is_pressed(self, org, lea):
        need = builders.ready_need(org)
        client = signed_in(lea)
        url = reverse("coordination:new_offer", args=[need.pk])
        token = {"once": str(uuid4())}
        first, second = client.post(url, token), client.post(url, token)
        offer = Offer.objects.get()
        assert first.url == second.url == reverse("coordination:offer", args=[offer.pk])
        refused = client.post(url, {"once": str(uuid4())})
        assert refused.status_code == 409
        assert offer.reference in text(refused)

    def test_types_hours_as_people_do_and_the_server_prices_them(self, org, lea):
        offer = draft(org)
        lines = [
            {"description": "Lire", "hours": "7,5"},
            {"description": "Écrire", "hours": "1 h 15"},
        ]
        url = reverse("coordination:offer", args=[offer.pk])
        answer = signed_in(lea).post(url, typed(offer, lines))
        assert answer.status_code == 302
        rows = OfferLine.objects.filter(phase__offer=offer).order_by("pk")
        assert [row.minutes for row in rows] == [450, 75]
        offer.refresh_from_db()
        assert str(offer.net) == "962.50"

    @pytest.mark.parametrize("hours", ["", "sept", "-3", "7:75", "0"])
    def test_is_told_what_is_wrong_and_keeps_what_was_typed(self, org, lea, hours):
        offer = draft(org)
        lines = [{"description": "Lire le vieux bail", "hours": hours}]
        url = reverse("coordination:offer", args=[offer.pk])
        answer = signed_in(lea).post(url, typed(offer, lines))
        assert answer.status_code == 422
        assert "Il reste une chose à corriger" in text(answer)
        assert 'value="Lire le vieux bail"' in text(answer)
        assert OfferLine.objects.get(phase__offer=offer).minutes == 1200

    def test_is_told_of_a_level_without_a_rate_in_words(self, org, lea):
        offer = draft(org)
        other = builders.field("recrutement", "Recrutement")
        lines = [{"description": "Trouver", "hours": "3", "field": other.pk}]
        url = reverse("coordination:offer", args=[offer.pk])
        answer = signed_in(lea).post(url, typed(offer, lines))
        assert answer.status_code == 409
        assert "n’a pas de taux pour « Recrutement »" in text(answer)
        assert 'value="Trouver"' in text(answer)

    @pytest.mark.parametrize(
        ("act", "left"),
        [
            ("ligne 0", ["Lire", "Écrire", ""]),
            ("phase", ["Lire", "Écrire", ""]),
            ("monter 0 1", ["Écrire", "Lire"]),
            ("descendre 0 0", ["Écrire", "Lire"]),
            ("retirer 0 0", ["Écrire"]),
            ("retirer 9 9", ["Lire", "Écrire"]),
            ("n’importe quoi", ["Lire", "Écrire"]),
        ],
    )
    def test_rearranges_lines_without_any_script(self, org, lea, act, left):
        offer = draft(org)
        lines = [
            {"description": "Lire", "hours": "sept"},
            {"description": "Écrire", "hours": "2"},
        ]
        url = reverse("coordination:offer", args=[offer.pk])
        answer = signed_in(lea).post(url, typed(offer, lines, faire=act))
        assert answer.status_code == 200
        shown = re.findall(
            r'<input type="text" name="l\d-\d-description"([^>]*)>',
            answer.content.decode(),
        )
        values = [re.search(r'value="([^"]*)"', one) for one in shown]
        assert [one[1] if one else "" for one in values] == left
        assert OfferLine.objects.get(phase__offer=offer).minutes == 1200

    def test_sees_the_totals_as_it_types_and_nothing_is_written(self, org, lea):
        offer = draft(org)
        url = reverse("coordination:offer", args=[offer.pk])
        lines = [{"description": "Lire", "hours": "10"}]
        answer = signed_in(lea).post(url, typed(offer, lines, faire="calculer"))
        assert "1 264,73 $" in text(answer)  # 1 100.00 + 55.00 + 109.73
        assert OfferLine.objects.get(phase__offer=offer).minutes == 1200

    def test_sends_what_was_typed_once(self, org, lea):
        offer = draft(org)
        client = signed_in(lea)
        url = reverse("coordination:offer", args=[offer.pk])
        said = typed(offer, envoyer="1")
        client.post(url, said)
        client.post(url, said)
        offer.refresh_from_db()
        assert (offer.status, str(offer.net)) == ("SENT", "825.00")
        again = client.post(url, typed(offer))
        assert again.status_code == 409
        assert "n’est plus un brouillon" in text(again)

    def test_previews_the_draft_as_a_pdf(self, org, lea):
        url = reverse("coordination:offer_preview", args=[draft(org).pk])
        answer = signed_in(lea).get(url)
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")

    def test_finds_offers_by_state_and_takes_the_list_away(self, org, lea):
        offer = builders.sent_offer(org)
        client = signed_in(lea)
        url = reverse("coordination:offers")
        assert offer.reference in text(client.get(url, {"etat": "SENT"}))
        assert offer.reference not in text(client.get(url, {"etat": "EXPIRED"}))
        builders.cooperative(demonstration_on=date(2025, 5, 8))
        assert offer.reference in text(client.get(url, {"etat": "EXPIRED"}))
        sheet = client.get(url, {"format": "xlsx"})
        assert sheet.content.startswith(b"PK")

    def test_shows_the_proof_with_the_hash_of_the_document(self, org, member, lea):
        offer = builders.sent_offer(org)
        client = signed_in(lea)
        proof = reverse("coordination:offer_proof", args=[offer.pk])
        assert client.get(proof).status_code == 404
        accept(signed_in(member), offer)
        page = text(client.get(proof))
        document = client.get(reverse("coordination:offer_document", args=[offer.pk]))
        assert hashlib.sha256(document.content).hexdigest() in page
        assert "Maude Arsenault" in page
        assert "127.0.0.1" in page
        assert "sha256sum" in page

    def test_asks_the_same_number_of_questions_for_one_mandate_as_for_many(
        self, org, lea, karim
    ):
        client = signed_in(lea)
        counts = []
        for _time in range(2):
            for _n in range(3):
                builders.mandate(karim, org=org)
            with CaptureQueriesContext(connection) as asked:
                client.get(reverse("coordination:mandates"))
            counts.append(len(asked))
        assert counts[0] == counts[1]

    def test_finds_the_mandates_that_are_over_budget(self, org, lea, karim):
        over = builders.mandate(karim, org=org, budget_minutes=60, title="Dépassé")
        builders.mandate(karim, org=org, title="Sage")
        week = Week.objects.create(expert=karim, monday=date(2025, 3, 31))
        TimeEntry.objects.create(
            week=week, expert=karim, on=date(2025, 4, 1), mandate=over, minutes=90
        )
        url = reverse("coordination:mandates")
        page = text(signed_in(lea).get(url, {"signe": "depasse"}))
        assert "Dépassé" in page
        assert "Sage" not in page

    def test_pauses_with_a_reason_and_is_told_when_there_is_none(self, org, lea):
        mandate = builders.mandate(org=org)
        client = signed_in(lea)
        url = reverse("coordination:pause_mandate", args=[mandate.pk])
        assert client.post(url, {"reason": ""}).status_code == 409
        client.post(url, {"reason": "Inventaire"})
        assert "En pause" in text(
            client.get(reverse("coordination:mandate", args=[mandate.pk]))
        )


def accept(client, offer, **more):
    page = client.get(reverse("member:offer", args=[offer.pk]))
    shown = re.search(r'name="sha256" value="(\w+)"', page.content.decode())
    return client.post(
        reverse("member:accept_offer", args=[offer.pk]),
        {"sha256": shown and shown[1], "read": "on", "once": str(uuid4()), **more},
    )


class TestAMember:
    def test_accepts_twice_and_one_mandate_is_opened(self, org, member):
        offer = builders.sent_offer(org)
        client = signed_in(member)
        token = str(uuid4())
        first = accept(client, offer, once=token)
        mandate = Mandate.objects.get()
        assert first.url == reverse("member:mandate", args=[mandate.pk])
        second = client.post(
            reverse("member:accept_offer", args=[offer.pk]),
            {"sha256": offer.pdf.sha256, "read": "on", "once": token},
        )
        assert second.url == first.url
        third = client.post(
            reverse("member:accept_offer", args=[offer.pk]),
            {"sha256": offer.pdf.sha256, "read": "on", "once": str(uuid4())},
        )
        assert third.status_code == 409
        assert "Maude Arsenault a déjà répondu" in text(third)
        assert Mandate.objects.count() == 1

    def test_is_stopped_when_the_document_is_not_the_one_shown(self, org, member):
        offer = builders.sent_offer(org)
        answer = accept(signed_in(member), offer, sha256="0" * 64)
        assert answer.status_code == 409
        assert "n’est pas celui que cette page vous montrait" in text(answer)
        assert not Mandate.objects.exists()

    def test_must_say_that_the_offer_was_read(self, org, member):
        offer = builders.sent_offer(org)
        answer = accept(signed_in(member), offer, read="")
        assert answer.status_code == 409
        assert "Cochez que vous avez lu l’offre" in text(answer)

    def test_refuses_and_says_why(self, org, member):
        offer = builders.sent_offer(org)
        signed_in(member).post(
            reverse("member:refuse_offer", args=[offer.pk]),
            {"refus-sha256": offer.pdf.sha256, "refus-reason": "Trop tôt"},
        )
        offer.refresh_from_db()
        assert (offer.status, offer.answer.reason) == ("REFUSED", "Trop tôt")

    def test_without_the_power_to_sign_reads_but_does_not_answer(self, org):
        offer = builders.sent_offer(org)
        client = signed_in(builders.representative(org, can_sign=False))
        page = client.get(reverse("member:offer", args=[offer.pk]))
        assert "pouvoir de signer" in text(page)
        url = reverse("member:accept_offer", args=[offer.pk])
        assert client.post(url, {"sha256": "x"}).status_code == 403

    def test_who_signs_for_one_organisation_does_not_sign_for_another(self, org):
        offer = builders.sent_offer(org)
        account = builders.representative(org, can_sign=False)
        signer = builders.representative(builders.organisation())
        Representation.objects.filter(user=signer).update(user=account)
        url = reverse("member:accept_offer", args=[offer.pk])
        said = {"sha256": offer.pdf.sha256, "read": "on"}
        assert signed_in(account).post(url, said).status_code == 404
        assert not Mandate.objects.exists()

    def test_of_an_expired_offer_reads_what_to_do(self, org, member):
        offer = builders.sent_offer(org)
        builders.cooperative(demonstration_on=date(2025, 5, 8))
        client = signed_in(member)
        page = client.get(reverse("member:offer", args=[offer.pk]))
        assert "Cette offre a expiré" in text(page)
        answer = accept(client, offer, sha256=offer.pdf.sha256)
        assert answer.status_code == 409
        assert "nouvelle version" in text(answer)

    def test_never_sees_a_draft(self, org, member):
        url = reverse("member:offer", args=[draft(org).pk])
        assert signed_in(member).get(url).status_code == 404

    def test_gives_its_word_once(self, org, member):
        mandate = closed_mandate(org)
        client = signed_in(member)
        url = reverse("member:satisfaction", args=[mandate.pk])
        wrong = client.post(url, {"comment": "Très bien"})
        assert wrong.status_code == 422
        assert "Très bien" in text(wrong)
        said = {"score": "5", "recommends": "1", "comment": "Très bien"}
        assert client.post(url, said).status_code == 302
        assert client.post(url, said | {"score": "1"}).status_code == 409
        given = Satisfaction.objects.get()
        assert (given.score, given.recommends) == (5, True)


def closed_mandate(org, **more):
    mandate = builders.accepted_mandate(org, **more)
    return actions.close_mandate(
        mandate_id=mandate.pk,
        lessons=[actions.Lesson(title="Leçon", text="Ce qui compte.")],
        reason="Fini",
        by=builders.actor(),
    )


class TestNobodyElse:
    """Whatever a member or an expert may ask by its number, it is its own."""

    def pages(self, door, offer, mandate, deliverable):
        milestone = mandate.milestones.get()
        args = {
            "offer": [offer.pk],
            "offer_document": [offer.pk],
            "accept_offer": [offer.pk],
            "refuse_offer": [offer.pk],
            "mandate": [mandate.pk],
            "satisfaction": [mandate.pk],
            "close_mandate": [mandate.pk],
            "milestone": [mandate.pk, milestone.pk],
            "add_deliverable": [mandate.pk],
            "deliverable": [deliverable.pk],
        }
        urls = {"member": [*own.urls, *answering.urls], "expert": working.urls}
        for url in urls[door]:
            if "<" in str(url.pattern):
                yield url.name, reverse(f"{door}:{url.name}", args=args[url.name])

    def everything(self, org, karim):
        """Return an offer of the organisation, a mandate and what it delivered."""
        mandate = builders.accepted_mandate(org, who=karim)
        deliverable = actions.add_deliverable(
            mandate_id=mandate.pk,
            title="Avis",
            name="avis.txt",
            content=b"secret",
            by=builders.actor(),
        )
        return builders.sent_offer(org, who=karim), mandate, deliverable

    @pytest.mark.parametrize("door", ["member", "expert"])
    def test_opens_any_page_of_it(self, door, org, karim):
        offer, mandate, deliverable = self.everything(org, karim)
        if door == "member":
            stranger = builders.representative(builders.organisation())
        else:
            stranger = builders.user(Role.EXPERT)
            builders.expert("Joanie Côté", account=stranger)
        client = signed_in(stranger)
        asked = list(self.pages(door, offer, mandate, deliverable))
        assert len(asked) >= 5
        for name, url in asked:
            for answer in (client.get(url), client.post(url, {"sha256": "x"})):
                assert answer.status_code in {404, 405}, name
        assert mandate.reference not in text(client.get(reverse(f"{door}:mandates")))

    def test_not_even_who_works_on_it_once_a_conflict_is_declared(self, org, karim):
        offer, mandate, deliverable = self.everything(org, karim)
        client = signed_in(karim.user)
        lists = [reverse("expert:home"), reverse("expert:mandates")]
        assert all(mandate.reference in text(client.get(one)) for one in lists)
        declare_conflict(
            expert_id=karim.pk,
            organisation_id=org.pk,
            kind="ADVERSE",
            by=builders.actor(),
        )

        for name, url in self.pages("expert", offer, mandate, deliverable):
            for answer in (client.get(url), client.post(url, {"sha256": "x"})):
                assert answer.status_code in {404, 405}, name
        assert not any(mandate.reference in text(client.get(one)) for one in lists)
        assert mandate.reference not in text(client.get(reverse("expert:new_piece")))

    def test_sees_the_notes_of_time(self, org, member, karim):
        mandate = builders.accepted_mandate(org, who=karim)
        week = Week.objects.create(expert=karim, monday=date(2025, 3, 31))
        TimeEntry.objects.create(
            week=week,
            expert=karim,
            on=date(2025, 4, 1),
            mandate=mandate,
            minutes=90,
            note="Le trésorier est pénible",
        )
        page = signed_in(member).get(reverse("member:mandate", args=[mandate.pk]))
        assert "1,50 h" in text(page)
        assert "pénible" not in text(page)


@pytest.mark.parametrize("door", ["coordination", "expert", "member"])
def test_the_mandates_leave_as_a_spreadsheet(door, org, member, lea, karim):
    builders.accepted_mandate(org, who=karim)
    people = {"coordination": lea, "expert": karim.user, "member": member}
    url = reverse(f"{door}:mandates")
    sheet = signed_in(people[door]).get(url, {"format": "xlsx"})
    book = openpyxl.load_workbook(BytesIO(sheet.content))
    (_titles, row) = book.active.iter_rows(values_only=True)
    assert row[2] == "Bibliothèque coopérative du Fleuve"
    assert row[10] == 20


class TestAnExpert:
    def test_reaches_milestones_delivers_and_closes(self, org, karim):
        mandate = builders.accepted_mandate(org, who=karim)
        piece = builders.piece(title="Revoir le bail de locaux")
        client = signed_in(karim.user)
        milestone = mandate.milestones.get()
        client.post(reverse("expert:milestone", args=[mandate.pk, milestone.pk]))
        milestone.refresh_from_db()
        assert milestone.done_on == builders.TODAY
        client.post(
            reverse("expert:add_deliverable", args=[mandate.pk]),
            {"title": "Avis", "file": SimpleUploadedFile("avis.pdf", b"%PDF-1.7")},
        )
        row = mandate.deliverables.get()
        url = reverse("expert:close_mandate", args=[mandate.pk])
        wrong = client.post(url, {"lesson_title": "Une leçon retenue"})
        assert wrong.status_code == 422
        assert "Une leçon retenue" in text(wrong)
        done = client.post(
            url,
            {
                "lesson_title": "Relire la clause 7",
                "lesson_text": "Elle cachait une hausse.",
                f"pour_{row.pk}": "on",
                f"text_{row.pk}": "Un avis type",
                f"used_{piece.pk}": "on",
                f"saved_{piece.pk}": "3,5",
            },
        )
        assert done.status_code == 302
        mandate.refresh_from_db()
        assert mandate.status == "CLOSED"
        poured = Piece.objects.filter(source=mandate.reference)
        assert {one.author for one in poured} == {karim}
        assert poured.count() == 2
        assert Reuse.objects.get(piece=piece).minutes_saved == 210

    def test_is_told_when_a_file_is_of_no_known_type(self, org, karim):
        mandate = builders.accepted_mandate(org, who=karim)
        answer = signed_in(karim.user).post(
            reverse("expert:add_deliverable", args=[mandate.pk]),
            {"title": "Outil", "file": SimpleUploadedFile("outil.exe", b"MZ")},
        )
        assert answer.status_code == 409
        assert "outil.exe" in text(answer)


@pytest.mark.django_db(transaction=True)
class TestInABrowser:
    def test_an_offer_is_typed_sent_and_accepted(self, visit, org, member, lea, karim):
        offer = draft(org, who=karim)
        page = visit(f"/coordination/offres/{offer.pk}/", lea)
        assert_no_axe_violations(page)
        page.get_by_role("button", name="Ajouter une ligne").click()
        expect(page.locator("#id_l0-1-description")).to_be_focused()
        page.keyboard.type("Rencontre du conseil")
        hours = page.locator("#id_l0-1-hours")
        hours.fill("7h30")
        hours.press("Tab")
        expect(page.locator("#totals")).to_contain_text("27,50")
        expect(page.locator("#price-0-1")).to_contain_text("825,00")
        page.get_by_text("Envoyer l’offre au membre").click()
        page.get_by_role("button", name="Enregistrer et envoyer").click()
        expect(page.get_by_role("status")).to_contain_text("est partie")
        assert_no_axe_violations(page)

        page = visit(f"/membre/offres/{offer.pk}/", member, phone=True, dark=True)
        assert_no_axe_violations(page)
        assert not scrolls_sideways(page)
        page.get_by_label("J’ai lu l’offre").check()
        page.get_by_role("button", name="Accepter l’offre").click()
        expect(page.get_by_role("status")).to_contain_text("est ouvert")
        assert_no_axe_violations(page)
        assert not scrolls_sideways(page)

    def test_every_page_of_a_mandate_keeps_nobody_out(
        self, visit, org, member, lea, karim
    ):
        mandate = closed_mandate(org, who=karim)
        for address, user in (
            ("/coordination/offres/", lea),
            (f"/coordination/offres/{mandate.offer_id}/preuve", lea),
            ("/coordination/mandats/?etat=tous", lea),
            (f"/coordination/mandats/{mandate.pk}/", lea),
            (f"/expert/mandats/{mandate.pk}/", karim.user),
            (f"/membre/mandats/{mandate.pk}/", member),
            ("/membre/juste-cout/", member),
        ):
            page = visit(address, user, language="en", phone=True)
            assert_no_axe_violations(page)
            assert not scrolls_sideways(page)
