"""The week grid, its approval, months, trips: by keyboard, in a real browser."""

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import expect

from partage.cli.reference import load_reference
from partage.experts.models import Absence
from partage.journal.models import Entry
from partage.mandates.models import Offer
from partage.people.models import Role
from partage.planning.models import Allocation, Assignment
from partage.timesheets.actions import (
    Cell,
    approve_week,
    lock_month,
    submit_week,
    write_time,
)
from partage.timesheets.models import Expense, LockedMonth, TimeEntry, Trip, Week
from partage.timesheets.queries import Key
from tests import builders
from tests.doors.axe import assert_no_axe_violations
from tests.doors.browser import scrolls_sideways

pytestmark = pytest.mark.django_db
MONDAY = builders.TODAY
LAST = MONDAY - timedelta(days=7)


@pytest.fixture(autouse=True)
def _house():
    builders.cooperative()


@pytest.fixture
def maude():
    return builders.expert(
        "Maude Arsenault", account=builders.user(Role.EXPERT, name="Maude Arsenault")
    )


@pytest.fixture
def mandate(maude):
    org = builders.organisation("Bibliothèque du Fleuve")
    return builders.mandate(maude, org=org)


@pytest.fixture
def lea():
    return builders.user(Role.COORDINATION, Role.FINANCE, name="Léa Tremblay")


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def filled(expert, mandate, monday=LAST, minutes=420, submit=True):
    by = builders.actor()
    cells = [
        Cell(Key(monday + timedelta(days=n), mandate.pk), minutes) for n in range(5)
    ]
    week = write_time(expert_id=expert.pk, monday=monday, cells=cells, by=by)
    if submit:
        return submit_week(expert_id=expert.pk, monday=monday, by=by)
    return week


def plan(expert, mandate, minutes=600):
    """Tie a mandate to a need, and keep hours of the expert's week for it."""
    part = builders.triaged_need(mandate.organisation)
    mandate.offer = Offer.objects.create(
        reference="O-2025-0001",
        need=part.need,
        organisation=mandate.organisation,
        card=builders.rate_card(),
        title=mandate.title,
        language="fr",
        province="QC",
        valid_until=MONDAY,
        created_at=builders.NOW,
    )
    mandate.save()
    assignment = Assignment.objects.create(
        part=part,
        expert=expert,
        status=Assignment.Status.ACCEPTED,
        minutes=minutes,
        starts_on=MONDAY,
        ends_on=MONDAY + timedelta(days=30),
        proposed_at=builders.NOW,
        answered_at=builders.NOW,
    )
    Allocation.objects.create(assignment=assignment, monday=MONDAY, minutes=minutes)


def send(client, cells=(), *, do="save", seen=None, on=MONDAY, **more):
    return client.post(
        f"/expert/temps/{on}",
        {
            "do": do,
            "seen": json.dumps(seen or {}),
            "once": str(uuid4()),
            **dict(cells),
            **more,
        },
    )


class TestTheForm:
    """Without any script: one form, one POST, the whole week."""

    def test_reads_hours_as_people_type_them_and_shows_them_alike(self, maude, mandate):
        client = signed_in(maude.user)
        typed = ["7,5", "7h30", "7:30", "450 min", "7.5", "", ""]
        cells = {f"t-m{mandate.pk}-{day}": text for day, text in enumerate(typed)}
        assert send(client, cells).status_code == 302
        assert [entry.minutes for entry in TimeEntry.objects.all()] == [450] * 5
        page = client.get(f"/expert/temps/{MONDAY}").content.decode()
        assert page.count('value="7\u00a0h\u00a030"') == 5
        assert "37\u00a0h\u00a030" in page

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("sept", "Écrivez une durée"),
            ("7:75", "8\u00a0h\u00a015"),
            ("-2", "jamais négatives"),
            ("45", "45 min"),
            ("25 h", "au plus 24"),
        ],
    )
    def test_a_bad_cell_keeps_all_that_was_typed_and_writes_nothing(
        self, maude, mandate, text, said
    ):
        good, bad = f"t-m{mandate.pk}-0", f"t-m{mandate.pk}-1"
        response = send(
            signed_in(maude.user),
            {good: "7 h", bad: text, f"n-m{mandate.pk}-0": "avec une note"},
        )
        page = response.content.decode()
        assert response.status_code == 422
        assert f'value="{text}"' in page
        assert 'value="7 h"' in page
        assert 'value="avec une note"' in page
        assert said in page
        assert not TimeEntry.objects.exists()

    def test_a_note_without_time_is_not_thrown_away(self, maude, mandate):
        response = send(
            signed_in(maude.user),
            {f"t-m{mandate.pk}-0": "", f"n-m{mandate.pk}-0": "Appel au notaire"},
        )
        assert response.status_code == 422
        assert "Appel au notaire" in response.content.decode()

    def test_two_tabs_on_one_cell_are_told_and_saving_again_means_it(
        self, maude, mandate
    ):
        client, name = signed_in(maude.user), f"t-m{mandate.pk}-0"
        other = f"t-m{mandate.pk}-1"
        send(client, {name: "7 h", other: "3 h"})
        response = send(client, {name: "5 h", other: ""})
        page = response.content.decode()
        assert response.status_code == 409
        assert "Il y a maintenant 7\u00a0h\u00a000 ici." in page
        assert 'value="5 h"' in page
        shown = json.loads(
            re.search('name="seen" value="([^"]+)"', page)[1].replace("&quot;", '"')
        )
        # The cell that this tab never touched is still not its to empty.
        assert shown == {name[2:]: [420, ""]}
        assert send(client, {name: "5 h", other: ""}, seen=shown).status_code == 302
        assert [e.minutes for e in TimeEntry.objects.order_by("on")] == [300, 180]

    def test_the_same_form_sent_twice_writes_once(self, maude, mandate):
        client, token = signed_in(maude.user), str(uuid4())
        cells = {f"t-m{mandate.pk}-0": "7 h"}
        for _n in range(2):
            assert send(client, cells, once=token).status_code == 302
        assert Entry.objects.filter(what="timesheets.week.written").count() == 1

    def test_a_form_that_comes_back_and_is_changed_is_not_taken_for_a_twin(
        self, maude, mandate
    ):
        client, token = signed_in(maude.user), str(uuid4())
        monday, tuesday = (f"t-m{mandate.pk}-{day}" for day in (0, 1))
        send(client, {monday: "7 h", tuesday: ""}, once=token)
        send(client, {monday: "7 h", tuesday: "2 h"}, once=token)
        assert [e.minutes for e in TimeEntry.objects.order_by("on")] == [420, 120]

    def test_a_line_is_added_with_what_was_typed_still_there(self, maude, mandate):
        activity = builders.activity()
        client = signed_in(maude.user)
        cells = {f"t-m{mandate.pk}-0": "2h"}
        page = send(client, cells, do="add", line="réservoir").content.decode()
        assert f'name="t-a{activity.pk}-0"' in page
        assert 'value="2h"' in page
        assert not TimeEntry.objects.exists()
        assert send(client, cells, do="add", line="zzz").status_code == 422

    def test_the_plan_shows_as_a_ghost_and_is_taken_in_one_gesture(
        self, maude, mandate
    ):
        plan(maude, mandate, 600)
        client = signed_in(maude.user)
        page = client.get(f"/expert/temps/{MONDAY}").content.decode()
        assert page.count('placeholder="2\u00a0h\u00a000"') == 5
        assert send(client, do="plan").status_code == 302
        assert [entry.minutes for entry in TimeEntry.objects.all()] == [120] * 5
        assert send(client, do="plan").status_code == 409

    def test_last_week_is_copied_in_one_gesture(self, maude, mandate):
        filled(maude, mandate)
        assert send(signed_in(maude.user), do="copy").status_code == 302
        assert TimeEntry.objects.filter(on__gte=MONDAY).count() == 5

    def test_a_short_week_is_submitted_with_a_warning_and_recalled(
        self, maude, mandate
    ):
        client = signed_in(maude.user)
        send(client, {f"t-m{mandate.pk}-0": "7 h"}, do="submit")
        page = client.get(f"/expert/temps/{MONDAY}").content.decode()
        assert "Il y manque 28\u00a0h\u00a000" in page
        assert f'name="t-m{mandate.pk}-0"' not in page
        late = send(client, {f"t-m{mandate.pk}-0": "8 h"})
        assert late.status_code == 409
        send(client, do="recall")
        assert Week.objects.get().status == Week.Status.OPEN

    def test_time_is_moved_to_another_day(self, maude, mandate):
        filled(maude, mandate, MONDAY, submit=False)
        entry = TimeEntry.objects.earliest("on")
        saturday = MONDAY + timedelta(days=5)
        client = signed_in(maude.user)
        send(client, do="move", entry=entry.pk, to=str(saturday))
        assert TimeEntry.objects.filter(on=saturday).count() == 1
        nowhere = send(client, do="move", entry=entry.pk, to="")
        assert nowhere.status_code == 409

    def test_a_holiday_and_an_absence_are_said_in_a_word(self, maude, mandate):
        Absence.objects.create(
            expert=maude, starts_on=date(2025, 4, 16), ends_on=date(2025, 4, 16)
        )
        page = signed_in(maude.user).get("/expert/temps/2025-04-14").content.decode()
        assert "Vendredi saint" in page
        assert "absence" in page

    def test_any_day_leads_to_its_week_and_nonsense_to_nothing(self, maude):
        client = signed_in(maude.user)
        assert client.get("/expert/temps/2025-04-09").url == "/expert/temps/2025-04-07"
        assert client.get("/expert/temps/2025-02-31").status_code == 404
        broken = send(client, {"t-m999999999999-0": "1", "seen": "[[[", "t-x-1": "1"})
        assert broken.status_code == 409


class TestTheGridByKeyboard:
    def test_a_week_is_written_without_the_mouse(self, visit, maude, mandate):
        activity = builders.activity()
        filled(maude, mandate)
        write_time(
            expert_id=maude.pk,
            monday=LAST,
            cells=[Cell(Key(LAST, None, activity.pk), 60)],
            by=builders.actor(),
            delegate=True,
        )
        page = visit("/expert/temps/", maude.user)
        first = page.locator(f"#t-m{mandate.pk}-0")
        first.focus()
        page.keyboard.type("7,5")
        page.keyboard.press("ArrowRight")
        expect(first).to_have_value("7\u00a0h\u00a030")
        expect(page.locator(f"#t-m{mandate.pk}-1")).to_be_focused()
        page.keyboard.type("3h")
        page.keyboard.press("Enter")
        expect(page.locator(f"#t-a{activity.pk}-1")).to_be_focused()
        page.keyboard.type("45 min")
        expect(page.locator("tfoot [data-total=d1]")).to_have_text("3\u00a0h\u00a045")
        expect(page.locator("tfoot [data-total=week]")).to_have_text(
            "11\u00a0h\u00a015"
        )
        page.keyboard.press("Alt+n")
        expect(page.locator("#note")).to_be_focused()
        page.keyboard.type("Classé les savoirs")
        page.keyboard.press("Enter")
        page.keyboard.press("ArrowUp")
        expect(page.locator(f"#t-m{mandate.pk}-1")).to_be_focused()
        page.keyboard.type("9")
        page.keyboard.press("Escape")
        expect(page.locator(f"#t-m{mandate.pk}-1")).to_have_value("3\u00a0h\u00a000")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("status")).to_contain_text("enregistrée")
        entries = TimeEntry.objects.filter(on__gte=MONDAY).order_by("on", "minutes")
        assert [(e.minutes, e.note) for e in entries] == [
            (450, ""),
            (45, "Classé les savoirs"),
            (180, ""),
        ]

    def test_the_english_week_reads_and_writes_english(self, visit, maude, mandate):
        page = visit("/expert/temps/", maude.user, language="en")
        cell = page.locator(f"#t-m{mandate.pk}-0")
        cell.fill("7.25")
        page.keyboard.press("ArrowDown")
        expect(cell).to_be_focused()  # there is no line below
        page.keyboard.press("ArrowRight")
        expect(cell).to_have_value("7:15")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("status")).to_be_visible()
        assert TimeEntry.objects.get().minutes == 435

    def test_on_a_phone_one_day_shows_at_a_time(self, visit, maude, mandate):
        page = visit("/expert/temps/", maude.user, phone=True)
        monday, friday = (page.locator(f"#t-m{mandate.pk}-{day}") for day in (0, 4))
        expect(monday).to_be_visible()
        expect(friday).to_be_hidden()
        page.get_by_text("ven. 11").first.click()
        expect(friday).to_be_visible()
        expect(monday).to_be_hidden()
        friday.fill("2")
        page.get_by_role("button", name="Enregistrer", exact=True).click()
        expect(page.get_by_role("status")).to_be_visible()
        assert TimeEntry.objects.get().on == date(2025, 4, 11)


class TestTheFaceOfTime:
    @pytest.mark.parametrize(
        ("language", "dark", "phone"),
        [("fr", False, False), ("en", True, False), ("fr", True, True)],
    )
    def test_its_pages_keep_nobody_out(
        self, visit, maude, mandate, lea, language, dark, phone
    ):
        load_reference()
        builders.expert("Karim Benali")
        filled(maude, mandate)
        plan(maude, mandate)
        filled(maude, mandate, LAST - timedelta(days=7), submit=False)
        view = {"language": language, "dark": dark, "phone": phone}
        page = visit("", maude.user, **view)
        manager = visit("", lea, **view)
        for one, address in (
            (page, f"/expert/temps/{MONDAY}"),
            (page, f"/expert/temps/{LAST}"),
            (page, "/expert/temps/mois/2025-03"),
            (page, "/expert/frais/"),
            (manager, "/coordination/temps/"),
            (manager, "/coordination/temps/?etat=manquantes"),
            (manager, f"/coordination/temps/{maude.pk}/{LAST}"),
            (manager, "/finances/mois/"),
        ):
            one.goto(address)
            assert_no_axe_violations(one)
            assert not scrolls_sideways(one), address

    def test_a_refused_week_leads_to_its_cell(self, visit, maude, mandate):
        page = visit("/expert/temps/", maude.user)
        page.locator(f"#t-m{mandate.pk}-2").fill("7:75")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("alert")).to_be_focused()
        page.get_by_role("alert").get_by_role("link").click()
        cell = page.locator(f"#t-m{mandate.pk}-2")
        expect(cell).to_be_focused()
        expect(cell).to_have_accessible_description(re.compile("8\u00a0h\u00a015"))
        assert_no_axe_violations(page)


class TestApproval:
    def test_checked_weeks_are_approved_and_stale_ones_stop_all(
        self, maude, mandate, lea
    ):
        client, week = signed_in(lea), filled(maude, mandate)
        stale = client.post(
            "/coordination/temps/approuver", {"week": f"{week.pk}:{week.version - 1}"}
        )
        assert stale.status_code == 409
        assert "a changé depuis" in stale.content.decode()
        assert client.post("/coordination/temps/approuver").status_code == 409
        done = client.post(
            "/coordination/temps/approuver", {"week": f"{week.pk}:{week.version}"}
        )
        assert done.status_code == 302
        assert Week.objects.get().status == Week.Status.APPROVED

    def test_the_lines_of_a_week_open_in_the_list(self, visit, maude, mandate, lea):
        filled(maude, mandate)
        page = visit("/coordination/temps/", lea)
        page.get_by_text("Ses lignes").click()
        expect(page.get_by_text("Bibliothèque du Fleuve")).to_be_visible()
        page.get_by_label("Cocher toute la page").check()
        expect(page.get_by_label(re.compile("Maude Arsenault"))).to_be_checked()
        page.get_by_role("button", name="Approuver les semaines cochées").click()
        expect(page.get_by_role("status")).to_contain_text("1 semaine est approuvée")

    def test_a_week_is_sent_back_with_a_remark_that_its_expert_reads(
        self, maude, mandate, lea
    ):
        week, client = filled(maude, mandate), signed_in(lea)
        address = f"/coordination/temps/{week.pk}/renvoyer"
        assert client.post(address, {"remark": ""}).status_code == 409
        assert client.post(address, {"remark": "Le 31 ?"}).status_code == 302
        page = signed_in(maude.user).get(f"/expert/temps/{LAST}").content.decode()
        assert "Le 31 ?" in page

    def test_a_delegate_corrects_a_submitted_week_under_their_own_name(
        self, maude, mandate, lea
    ):
        filled(maude, mandate)
        response = signed_in(lea).post(
            f"/coordination/temps/{maude.pk}/{LAST}",
            {
                "do": "save",
                "seen": f'{{"m{mandate.pk}-0": [420, ""]}}',
                f"t-m{mandate.pk}-0": "6 h",
            },
        )
        assert response.status_code == 302
        assert TimeEntry.objects.get(on=LAST).minutes == 360
        page = signed_in(maude.user).get(f"/expert/temps/{LAST}").content.decode()
        assert "Léa Tremblay" in page
        assert "7\u00a0h\u00a000 → 6\u00a0h\u00a000" in page

    def test_an_approved_week_is_reopened(self, maude, mandate, lea):
        week = filled(maude, mandate)
        approve_week(week_id=week.pk, version=week.version, by=builders.actor())
        address = f"/coordination/temps/{week.pk}/rouvrir"
        assert signed_in(lea).post(address, {"remark": "Erreur"}).status_code == 302
        assert Week.objects.get().status == Week.Status.OPEN

    def test_who_is_missing_is_listed_and_leaves_as_a_spreadsheet(
        self, maude, mandate, lea
    ):
        builders.expert("Karim Benali")
        filled(maude, mandate)
        client = signed_in(lea)
        page = client.get("/coordination/temps/?etat=manquantes&semaine=2025-04-02")
        assert "Karim Benali" in page.content.decode()
        assert "Maude" not in page.content.decode()
        for view in ("soumises", "manquantes"):
            book = client.get(f"/coordination/temps/semaines.xlsx?etat={view}")
            assert book.content[:2] == b"PK"

    def test_the_list_asks_as_many_questions_for_twenty_weeks_as_for_two(
        self, maude, mandate, lea, django_assert_max_num_queries
    ):
        for _n in range(20):
            one = builders.expert()
            filled(one, builders.mandate(one))
        client = signed_in(lea)
        with django_assert_max_num_queries(22):
            page = client.get("/coordination/temps/")
        assert len(page.content) < 60_000

    def test_the_grid_asks_as_many_questions_for_ten_mandates_as_for_one(
        self, maude, mandate, django_assert_max_num_queries
    ):
        for _n in range(9):
            filled(maude, builders.mandate(maude), minutes=30, submit=False)
        client = signed_in(maude.user)
        with django_assert_max_num_queries(20):
            page = client.get(f"/expert/temps/{LAST}")
        assert len(page.content) < 60_000


class TestMonths:
    def test_a_month_says_what_is_not_approved_then_is_locked_and_unlocked(
        self, maude, mandate, lea
    ):
        filled(maude, mandate, date(2025, 3, 24))
        client = signed_in(lea)
        page = client.get("/finances/mois/").content.decode()
        assert "1 semaine à approuver (35\u00a0h\u00a000)" in page
        month = {"month": "2025-03-01"}
        assert client.post("/finances/mois/", month).status_code == 302
        assert LockedMonth.objects.count() == 1
        assert client.post("/finances/mois/", month).status_code == 409
        client.post("/finances/mois/", {**month, "do": "unlock"})
        assert not LockedMonth.objects.exists()
        assert client.post("/finances/mois/", {"month": "x"}).status_code == 409

    def test_locked_days_are_words_and_the_others_still_cells(self, maude, mandate):
        lock_month(first_day=date(2025, 3, 1), by=builders.actor())
        page = signed_in(maude.user).get(f"/expert/temps/{LAST}").content.decode()
        assert f'name="t-m{mandate.pk}-0"' not in page
        assert f'name="t-m{mandate.pk}-1"' in page
        assert "verrouillé" in page


class TestMyMonth:
    def test_hours_stand_beside_the_schedule_and_leave_as_a_spreadsheet(
        self, maude, mandate
    ):
        filled(maude, mandate, date(2025, 3, 24), minutes=450)
        client = signed_in(maude.user)
        page = client.get("/expert/temps/mois/2025-03").content.decode()
        assert "37\u00a0h\u00a030" in page  # the week
        assert "2\u00a0h\u00a030" in page  # its balance
        book = client.get("/expert/temps/mois/2025-03.xlsx")
        assert book.content[:2] == b"PK"
        assert client.get("/expert/temps/mois/2025-13").status_code == 404


class TestTripsAndExpenses:
    @pytest.fixture(autouse=True)
    def _rates(self):
        load_reference()

    def test_a_trip_is_added_changed_and_taken_away(self, maude, mandate):
        client = signed_in(maude.user)
        sent = {
            "what": "trip",
            "trip-on": "2025-04-03",
            "trip-mandate_id": mandate.pk,
            "trip-mode": "CAR",
            "trip-origin": "Québec",
            "trip-destination": "Lévis",
            "trip-km": "24,6",
        }
        assert client.post("/expert/frais/", sent).url == (
            "/expert/frais/?semaine=2025-03-31"
        )
        trip = Trip.objects.get()
        assert trip.amount == Decimal("17.71")
        address = f"/expert/frais/trajets/{trip.pk}"
        changed = {key.removeprefix("trip-"): value for key, value in sent.items()}
        client.post(address, {**changed, "km": "30"})
        trip.refresh_from_db()
        assert trip.amount == Decimal("21.60")
        assert client.post(address, {"do": "remove"}).status_code == 302
        assert not Trip.objects.exists()

    def test_a_wrong_trip_keeps_what_was_typed(self, maude, mandate):
        client = signed_in(maude.user)
        sent = {"what": "trip", "trip-origin": "Québec", "trip-km": "loin"}
        response = client.post("/expert/frais/", sent)
        assert response.status_code == 422
        assert 'value="Québec"' in response.content.decode()
        sent |= {
            "trip-on": "2025-04-09",
            "trip-km": "12",
            "trip-mode": "CAR",
            "trip-destination": "Lévis",
            "trip-mandate_id": mandate.pk,
        }
        refused = client.post("/expert/frais/", sent)
        assert refused.status_code == 409
        assert "pas encore venu" in refused.content.decode()
        assert 'value="Lévis"' in refused.content.decode()

    def test_a_receipt_is_kept_and_only_its_expert_and_managers_read_it(
        self, maude, mandate, lea
    ):
        client = signed_in(maude.user)
        sent = {
            "what": "expense",
            "expense-on": "2025-04-03",
            "expense-mandate_id": mandate.pk,
            "expense-description": "Stationnement",
            "expense-amount": "18,50",
        }
        wrong = SimpleUploadedFile("reçu.exe", b"MZ")
        assert (
            client.post("/expert/frais/", {**sent, "expense-files": wrong}).status_code
            == 409
        )
        right = SimpleUploadedFile("reçu.pdf", b"%PDF-1.7")
        client.post("/expert/frais/", {**sent, "expense-files": right})
        row = Expense.objects.get()
        assert row.amount == Decimal("18.50")
        address = f"/expert/frais/depenses/{row.pk}/recu"
        assert client.get(address).content == b"%PDF-1.7"
        assert (
            signed_in(lea).get(f"/coordination/temps/recus/{row.pk}").content
            == b"%PDF-1.7"
        )
        other = builders.expert(account=builders.user(Role.EXPERT))
        assert signed_in(other.user).get(address).status_code == 404

    def test_another_experts_trip_is_not_there(self, maude, mandate):
        other = builders.expert(account=builders.user(Role.EXPERT))
        client = signed_in(maude.user)
        client.post(
            "/expert/frais/",
            {
                "what": "trip",
                "trip-on": "2025-04-03",
                "trip-mandate_id": mandate.pk,
                "trip-mode": "CAR",
                "trip-origin": "a",
                "trip-destination": "b",
                "trip-km": "1",
            },
        )
        trip = Trip.objects.get()
        response = signed_in(other.user).post(
            f"/expert/frais/trajets/{trip.pk}", {"do": "remove"}
        )
        assert response.status_code == 404
