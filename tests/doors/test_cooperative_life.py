"""Members, agreements, the board's door, and the first page of each door."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from partage.agreements.models import Agreement
from partage.governance.models import Meeting, Resolution
from partage.impact.models import AvoidedTrip, EmissionFactor
from partage.members.models import Membership, Organisation, ShareMovement
from partage.people.models import Role
from tests import builders
from tests.doors.axe import assert_no_axe_violations
from tests.doors.browser import scrolls_sideways

pytestmark = pytest.mark.django_db


@pytest.fixture
def enter(client):
    builders.cooperative()

    def _as(*roles, **more):
        account = builders.user(*roles, **more)
        client.force_login(account)
        return account

    return _as


def shares(organisation, quantity="5", paid="50.00"):
    return ShareMovement.objects.create(
        membership=organisation.memberships.get(),
        kind="SUBSCRIPTION",
        on=date(2020, 1, 1),
        quantity=int(quantity),
        par_value=Decimal("10"),
        paid=Decimal(paid),
    )


class TestMembers:
    def test_an_organisation_is_written_down_then_admitted(self, client, enter):
        enter(Role.COORDINATION)
        response = client.post(
            reverse("coordination:new_member"),
            {
                "name": "Coopérative de l’Anse",
                "kind": "COOPERATIVE",
                "language": "fr",
                "province": "QC",
                "city": "Matane",
            },
        )
        anse = Organisation.objects.get()
        assert response.url == reverse("coordination:member", args=[anse.pk])
        assert anse.sort_key == "cooperative de l anse"
        client.post(
            reverse("coordination:member_act", args=[anse.pk, "admettre"]),
            {
                "admettre-category": "USER",
                "admettre-on": "2025-04-07",
                "admettre-shares": "5",
                "admettre-par_value": "10,00",
                "admettre-paid": "20",
            },
        )
        html = client.get(response.url).content.decode()
        assert "30,00\u00a0$" in html  # still owed

    def test_a_name_that_is_taken_is_refused_in_words(self, client, enter):
        enter(Role.COORDINATION)
        builders.organisation("Coopérative de l’Anse")
        response = client.post(
            reverse("coordination:new_member"),
            {
                "name": "Coopérative de l’Anse",
                "kind": "COOPERATIVE",
                "language": "fr",
                "province": "QC",
                "city": "Matane",
            },
        )
        assert response.status_code == 409
        assert "existe déjà" in response.content.decode()

    def test_a_member_leaves_once_its_shares_are_settled(self, client, enter):
        enter(Role.COORDINATION)
        anse = builders.organisation("Coopérative de l’Anse")
        shares(anse)
        leave = reverse("coordination:member_act", args=[anse.pk, "depart"])
        said = {"depart-on": "2025-04-07", "depart-because": "Fusion"}
        refused = client.post(leave, said)
        assert refused.status_code == 409
        assert "détient encore 5 parts" in refused.content.decode()
        client.post(
            reverse("coordination:member_act", args=[anse.pk, "parts"]),
            {
                "parts-kind": "REDEMPTION",
                "parts-on": "2025-04-07",
                "parts-quantity": "5",
                "parts-par_value": "10",
            },
        )
        assert client.post(leave, said).status_code == 302
        assert Membership.objects.get().left_because == "Fusion"

    def test_a_suspension_is_lifted_and_never_twice(self, client, enter):
        enter(Role.COORDINATION)
        anse = builders.organisation("Coopérative de l’Anse")
        suspend = reverse("coordination:member_act", args=[anse.pk, "suspendre"])
        lift = reverse("coordination:member_act", args=[anse.pk, "lever"])
        said = {"suspendre-on": "2025-04-01", "suspendre-because": "Factures dues"}
        assert client.post(suspend, said).status_code == 302
        assert client.post(suspend, said).status_code == 409
        assert client.post(lift, {"lever-because": "Payées"}).status_code == 302
        assert client.post(lift, {"lever-because": "Payées"}).status_code == 409

    def test_the_list_is_filtered_and_asks_the_same_for_any_number(self, client, enter):
        enter(Role.COORDINATION)
        network = builders.organisation("Fédération du Nord", kind="FEDERATION")
        address = reverse("coordination:members")

        def asked():
            with CaptureQueriesContext(connection) as seen:
                client.get(address)
            return len(seen)

        few = asked()
        for at in range(20):
            builders.organisation(
                f"Coop {at}",
                network=network,
                member=not at % 2,
                province="ON" if at < 3 else "QC",
            )
        assert asked() == few
        found = client.get(
            f"{address}?reseau={network.pk}&adhesion=membres&province=ON"
        ).context["page"]
        assert [one.name for one in found] == ["Coop 0", "Coop 2"]
        sheet = client.get(f"{address}?format=xlsx")
        assert load_workbook(BytesIO(sheet.content)).active.max_row == 22


class TestAgreements:
    @pytest.mark.parametrize(
        ("door", "role"),
        [("coordination", Role.COORDINATION), ("finance", Role.FINANCE)],
    )
    def test_both_doors_write_one_and_its_hours(self, client, enter, door, role):
        enter(role)
        grouping = builders.organisation("Ontario Co-operatives", kind="FEDERATION")
        legal = builders.field()
        response = client.post(
            reverse(f"{door}:new_agreement"),
            {
                "number": "E-12",
                "name": "Entente Ontario",
                "organisation": grouping.pk,
                "province": "ON",
                "starts_on": "2024-04-01",
                "ends_on": "2025-05-31",
                "rate_factor": "0,95",
                "fields_covered": [legal.pk],
            },
        )
        row = Agreement.objects.get()
        assert response.url == reverse(f"{door}:agreement", args=[row.pk])
        assert row.rate_factor == Decimal("0.95")
        html = client.get(response.url).content.decode()
        assert "À renouveler" in html
        bank = {"hours": "100", "low_percent": "20"}
        outside = {**bank, "starts_on": "2025-05-01", "ends_on": "2025-12-31"}
        assert client.post(response.url, outside).status_code == 409
        inside = {**bank, "starts_on": "2024-04-01", "ends_on": "2025-03-31"}
        assert client.post(response.url, inside).status_code == 302
        assert row.banks.get().minutes == 6000

    def test_a_number_is_given_once(self, client, enter):
        enter(Role.COORDINATION)
        grouping = builders.organisation()
        values = {
            "number": "E-12",
            "name": "Entente",
            "organisation": grouping.pk,
            "province": "ON",
            "starts_on": "2024-04-01",
            "rate_factor": "1",
            "fields_covered": [builders.field().pk],
        }
        address = reverse("coordination:new_agreement")
        assert client.post(address, values).status_code == 302
        refused = client.post(address, values)
        assert refused.status_code == 409
        assert "autre numéro" in refused.content.decode()


class TestTheBoard:
    def test_the_register_stands_as_it_did_on_a_date(self, client, enter):
        enter(Role.BOARD)
        anse = builders.organisation("Coopérative de l’Anse")
        shares(anse, paid="20.00")
        late = builders.organisation("Coopérative tardive", member=False)
        Membership.objects.create(
            number="0099", organisation=late, category="USER", joined_on="2025-04-01"
        )
        address = reverse("board:register")
        today = client.get(address).content.decode()
        assert "2 membres, 5 parts" in today
        assert "30,00\u00a0$" in today
        before = client.get(f"{address}?date=2024-12-31").content.decode()
        assert "Coopérative tardive" not in before
        sheet = client.get(f"{address}?format=xlsx")
        rows = list(load_workbook(BytesIO(sheet.content)).active.values)
        assert rows[1][6:11] == (
            "souscription",
            rows[1][7],
            5,
            10,
            20,
        )

    def test_a_resolution_is_recorded_with_its_minutes(self, client, enter):
        enter(Role.BOARD)
        address = reverse("board:new_resolution")
        values = {
            "body": "GENERAL",
            "held_on": "2025-03-15",
            "number": "AG-2025-01",
            "text": "La grille 2025-2026 est adoptée.",
            "adopted": "on",
        }
        word = SimpleUploadedFile("pv.docx", b"PK")
        refused = client.post(address, {**values, "files": word})
        assert refused.status_code == 422
        assert "n’est pas un PDF" in refused.content.decode()
        paper = SimpleUploadedFile("pv.pdf", b"%PDF-1.7")
        assert client.post(address, {**values, "files": paper}).status_code == 302
        meeting = Meeting.objects.get()
        assert meeting.minutes.name == "pv.pdf"
        got = client.get(reverse("board:minutes", args=[meeting.pk]))
        assert got.content == b"%PDF-1.7"
        assert client.post(address, values).status_code == 409  # the number is taken
        assert Resolution.objects.count() == 1

    def test_a_meeting_to_come_decides_nothing_yet(self, client, enter):
        enter(Role.BOARD)
        response = client.post(
            reverse("board:new_resolution"),
            {
                "body": "BOARD",
                "held_on": "2025-06-01",
                "number": "CA-1",
                "text": "Oui.",
            },
        )
        assert response.status_code == 409
        assert "pas encore eu lieu" in response.content.decode()

    def test_avoided_trips_are_a_range_with_their_factor(self, client, enter):
        enter(Role.BOARD)
        factor = EmissionFactor.objects.create(
            mode="CAR",
            kg_per_km=Decimal("0.241"),
            starts_on=date(2024, 1, 1),
            source="RNCan 2024",
        )
        AvoidedTrip.objects.create(
            mandate=builders.mandate(),
            factor=factor,
            km=Decimal("200"),
            trips=4,
            occupancy=1,
            declared_on=date(2025, 2, 1),
        )
        html = client.get(reverse("board:impact") + "?annee=2024-2025").content.decode()
        assert "193 à 193" in html  # 200 × 4 × 0.241 = 192.8
        assert "RNCan 2024" in html

    def test_its_first_page_shows_four_totals(self, client, enter):
        enter(Role.BOARD)
        html = client.get(reverse("board:home")).content.decode()
        for total in ("Entreprises servies", "Experts", "Heures", "Satisfaction"):
            assert total in html
        assert "2024-2025" in html


class TestTheMember:
    def test_sees_what_members_decided_and_not_what_the_board_did(self, client, enter):
        builders.cooperative()
        anse = builders.organisation("Coopérative de l’Anse")
        shares(anse)
        for body, text in (("GENERAL", "Taux adoptés."), ("BOARD", "Secret.")):
            meeting = Meeting.objects.create(body=body, held_on=date(2025, 3, 1))
            Resolution.objects.create(meeting=meeting, number=body, text=text)
        client.force_login(builders.representative(anse, can_vote=True))
        html = client.get(reverse("member:governance")).content.decode()
        assert "Taux adoptés." in html
        assert "Secret." not in html
        assert "vous votez pour elle" in html

    def test_minutes_of_the_board_are_not_theirs(self, client, enter):
        from partage.archive.actions import keep_file

        anse = builders.organisation()
        person = builders.representative(anse)
        builders.cooperative()
        paper = keep_file(name="pv.pdf", content=b"%PDF", by=builders.actor())
        board = Meeting.objects.create(
            body="BOARD", held_on=date(2025, 3, 1), minutes=paper
        )
        general = Meeting.objects.create(
            body="GENERAL", held_on=date(2025, 3, 1), minutes=paper
        )
        client.force_login(person)
        for meeting, status in ((board, 404), (general, 200)):
            address = reverse("member:minutes", args=[meeting.pk])
            assert client.get(address).status_code == status

    def test_is_told_what_waits_and_of_no_other_member(self, client, enter):
        builders.cooperative()
        anse = builders.organisation("Coopérative de l’Anse")
        other = builders.organisation("Coopérative rivale")
        builders.need(anse, title="Revoir nos statuts")
        builders.need(other, title="Secret industriel")
        builders.mandate(
            org=anse,
            title="Refonte du site",
            status="CLOSED",
            closed_on=builders.TODAY - timedelta(days=2),
        )
        client.force_login(builders.representative(anse))
        html = client.get(reverse("member:home")).content.decode()
        assert "Revoir nos statuts" in html
        assert "Refonte du site" in html
        assert "Secret industriel" not in html

    def test_without_any_organisation_it_says_what_to_expect(self, client, enter):
        enter(Role.MEMBER)
        html = client.get(reverse("member:home")).content.decode()
        assert "Aucune organisation ne vous est encore confiée" in html


class TestCoordinationHome:
    def test_counts_by_whom_it_waits_on_and_puts_the_urgent_first(self, client, enter):
        enter(Role.COORDINATION)
        builders.need(title="Ancienne", received_at=builders.NOW - timedelta(days=9))
        builders.need(title="Pressée", urgency=3)
        builders.triaged_need(title="À confier")
        response = client.get(reverse("coordination:home"))
        assert [need.title for need in response.context["first"]][:2] == [
            "Pressée",
            "Ancienne",
        ]
        counts = {code: count for code, _w, count, _d in response.context["waits"]}
        assert counts == {"coordination": 3, "expert": 0, "member": 0}

    def test_costs_the_same_for_any_number_of_needs(self, client, enter):
        enter(Role.COORDINATION)

        def asked():
            with CaptureQueriesContext(connection) as seen:
                client.get(reverse("coordination:home"))
            return len(seen)

        builders.need()
        few = asked()
        for _ in range(12):
            builders.triaged_need()
        assert asked() == few


class TestTheFirstPage:
    @pytest.mark.parametrize(
        ("role", "door"),
        [
            (Role.MEMBER, "/membre/"),
            (Role.COORDINATION, "/coordination/"),
            (Role.BOARD, "/conseil/"),
            (Role.ADMINISTRATION, "/administration/"),
        ],
    )
    def test_leads_each_person_to_their_door(self, client, enter, role, door):
        enter(role)
        assert client.get("/").url == door

    def test_offers_the_choice_to_whoever_holds_several_roles(self, client, enter):
        enter(Role.COORDINATION, Role.BOARD)
        html = client.get("/").content.decode()
        assert "/coordination/" in html
        assert "/conseil/" in html


class TestInABrowser:
    @pytest.mark.parametrize(
        ("role", "addresses"),
        [
            (Role.COORDINATION, ["", "membres/", "membres/nouveau", "equilibre/"]),
            (Role.BOARD, ["", "registre/", "assemblees/resolution", "retombees/"]),
            (Role.ADMINISTRATION, ["", "personnes/", "parametres/taxes", "journal/"]),
            (Role.MEMBER, ["", "vie-cooperative/"]),
        ],
    )
    def test_no_page_keeps_anyone_out(self, visit, role, addresses):
        doors = {
            Role.COORDINATION: "coordination",
            Role.BOARD: "conseil",
            Role.ADMINISTRATION: "administration",
            Role.MEMBER: "membre",
        }
        builders.cooperative()
        anse = builders.organisation("Coopérative de l’Anse")
        shares(anse, paid="20.00")
        builders.expert(skills={"recrutement": 2})
        builders.triaged_need(anse)
        account = (
            builders.representative(anse)
            if role == Role.MEMBER
            else builders.user(role)
        )
        page = visit(f"/{doors[role]}/", account, phone=True, dark=True)
        for address in addresses:
            page.goto(f"/{doors[role]}/{address}")
            assert_no_axe_violations(page)
            assert not scrolls_sideways(page)
