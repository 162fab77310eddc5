"""The door of administration: people, parameters, the journal, the tables."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from partage.experts.models import Licence
from partage.journal.models import Entry
from partage.members.models import Representation
from partage.people.models import Role, User
from partage.tariffs.models import TaxRate
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    builders.cooperative()
    account = builders.user(Role.ADMINISTRATION, name="Denise Fortin")
    client.force_login(account)
    return account


class TestPeople:
    def test_opening_an_account_invites_the_person(self, client, admin):
        response = client.post(
            reverse("administration:new_person"),
            {
                "name": "Rosalie Gagné",
                "email": "Rosalie@anse.example",
                "language": "fr",
                "roles": ["MEMBER", "BOARD"],
            },
        )
        opened = User.objects.get(email="rosalie@anse.example")
        assert response.url == reverse("administration:person", args=[opened.pk])
        assert not opened.has_usable_password()
        entry = Entry.objects.get(what="people.account.opened")
        assert entry.details == {"roles": ["BOARD", "MEMBER"], "invited": True}

    def test_a_taken_email_is_said_on_its_field_and_keeps_the_rest(self, client, admin):
        builders.user(email="pris@partage.example")
        response = client.post(
            reverse("administration:new_person"),
            {
                "name": "Rosalie Gagné",
                "email": "pris@partage.example",
                "language": "en",
                "roles": ["MEMBER"],
            },
        )
        assert response.status_code == 409
        html = response.content.decode()
        assert "a déjà un compte" in html
        assert 'value="Rosalie Gagné"' in html

    def test_the_last_administrator_keeps_the_role(self, client, admin):
        response = client.post(
            reverse("administration:person_change", args=[admin.pk, "roles"]),
            {"roles-roles": ["BOARD"]},
        )
        assert response.status_code == 409
        assert "seule personne" in response.content.decode()
        assert admin.grants.filter(role=Role.ADMINISTRATION).exists()

    def test_powers_are_given_by_name_and_withdrawn(self, client, admin):
        anse = builders.organisation("Coopérative de l’Anse")
        person = builders.user(Role.MEMBER)
        client.post(
            reverse("administration:person_change", args=[person.pk, "representation"]),
            {
                "representation-organisation": "coopérative de l’anse",
                "representation-powers": ["can_sign", "can_vote"],
            },
        )
        given = Representation.objects.get(user=person)
        assert (given.organisation, given.can_sign, given.can_request) == (
            anse,
            True,
            False,
        )
        withdraw = reverse("administration:representation_withdraw", args=[given.pk])
        client.post(withdraw)
        given.refresh_from_db()
        assert given.until == builders.TODAY
        assert client.post(withdraw).status_code == 302

    def test_an_expert_s_sheet_goes_to_one_account_only(self, client, admin):
        expert = builders.expert("Karim Benali", account=builders.user(Role.EXPERT))
        other = builders.user(Role.EXPERT)
        response = client.post(
            reverse("administration:person_change", args=[other.pk, "expert"]),
            {"expert-expert": expert.pk},
        )
        assert response.status_code == 422  # it is not among what can be chosen
        free = builders.expert("Maude Arsenault")
        client.post(
            reverse("administration:person_change", args=[other.pk, "expert"]),
            {"expert-expert": free.pk},
        )
        free.refresh_from_db()
        assert free.user == other

    def test_a_closed_account_cannot_be_invited(self, client, admin):
        person = builders.user(Role.MEMBER)
        client.post(reverse("administration:person_door", args=[person.pk, "fermer"]))
        person.refresh_from_db()
        assert not person.is_active
        response = client.post(
            reverse("administration:person_door", args=[person.pk, "inviter"])
        )
        assert response.status_code == 409
        assert "Rouvrez-le" in response.content.decode()

    def test_the_list_asks_as_much_for_forty_people_as_for_four(self, client, admin):
        def asked():
            with CaptureQueriesContext(
                connection,
            ) as seen:
                assert client.get(reverse("administration:people")).status_code == 200
            return len(seen)

        for _ in range(3):
            builders.user(Role.MEMBER)
        few = asked()
        for _ in range(36):
            builders.user(Role.MEMBER, Role.BOARD)
        assert asked() == few


class TestParameters:
    def test_the_next_tax_ends_the_one_before_it_the_day_before(self, client, admin):
        old = TaxRate.objects.create(
            province="NS",
            code="HST",
            rate=Decimal("0.15"),
            starts_on=date(2010, 7, 1),
            source="Loi",
        )
        response = client.post(
            reverse("administration:parameter_table", args=["taxes"]),
            {
                "province": "NS",
                "code": "HST",
                "percent": "14",
                "starts_on": "2025-04-08",
                "source": "Budget 2024-2025",
            },
        )
        assert response.status_code == 302
        old.refresh_from_db()
        assert old.ends_on == date(2025, 4, 7)
        assert TaxRate.objects.get(starts_on=date(2025, 4, 8)).rate == Decimal("0.14")

    def test_a_tax_never_changes_days_that_are_past(self, client, admin):
        TaxRate.objects.create(
            province="QC",
            code="QST",
            rate=Decimal("0.09975"),
            starts_on=date(2013, 1, 1),
            source="Loi",
        )
        response = client.post(
            reverse("administration:parameter_table", args=["taxes"]),
            {
                "province": "QC",
                "code": "QST",
                "percent": "10",
                "starts_on": "2025-04-01",
                "source": "Erreur",
            },
        )
        assert response.status_code == 409
        assert "jours passés" in response.content.decode()
        assert TaxRate.objects.count() == 1

    def test_the_next_content_of_invoices_is_set_or_told_why_not(self, client, admin):
        builders.taxes()
        page = reverse("administration:parameter_table", args=["contenu"])
        values = {
            "registrations_from": "150",
            "purchaser_from": "100",
            "starts_on": "2026-01-01",
            "source": "Revenu Québec",
        }
        wrong = client.post(page, values)
        assert wrong.status_code == 409
        assert "pas plus petit" in wrong.text
        assert 'value="Revenu Québec"' in wrong.text
        right = client.post(page, {**values, "purchaser_from": "750"})
        assert right.status_code == 302
        assert "750" in client.get(page).text

    def test_what_offers_and_invoices_print_is_kept_with_what_it_was(
        self, client, admin
    ):
        page = reverse("administration:parameters")
        form = client.get(page).context["form"]
        values = {
            name: form.initial[name] for name in form.fields if form.initial.get(name)
        }
        assert client.post(page, {**values, "payment_days": "45"}).status_code == 302
        entry = Entry.objects.get(what="governance.cooperative.changed")
        assert entry.details["before"] == {"payment_days": "30"}


class TestHome:
    def test_it_says_what_needs_someone(self, client, admin):
        builders.user(name="Sans Rôle")
        expert = builders.expert("Joanie Côté")
        Licence.objects.create(
            expert=expert,
            order="Barreau du Québec",
            province="QC",
            valid_from=date(2020, 1, 1),
            valid_until=builders.TODAY + timedelta(days=30),
        )
        html = client.get(reverse("administration:home")).content.decode()
        assert "Sans Rôle" in html
        assert "Joanie Côté" in html

    def test_nothing_waits_when_all_is_well(self, client, admin):
        html = client.get(reverse("administration:home")).content.decode()
        assert "Rien n’attend l’administration" in html


class TestJournal:
    @pytest.fixture
    def many(self, admin):
        Entry.objects.bulk_create(
            Entry(
                happened_at=builders.NOW - timedelta(minutes=number // 3),
                actor_id=admin.pk,
                actor_name=admin.name,
                what="members.organisation.added",
                subject="members.Organisation",
                subject_id=number,
            )
            for number in range(120)
        )

    def test_it_is_read_page_after_page_without_a_gap_or_a_twin(
        self, client, admin, many
    ):
        seen, address = [], reverse("administration:journal")
        while address:
            response = client.get(address)
            seen += [entry.pk for entry, _told, _subject in response.context["rows"]]
            older = response.context["older"]
            address = older and reverse("administration:journal") + (
                "?avant=" + older.replace("+", "%2B")
            )
        assert len(seen) == len(set(seen)) == 120

    def test_it_is_filtered_by_person_act_subject_and_day(self, client, admin, many):
        other = builders.user(name="Paul Aubin")
        Entry.objects.create(
            happened_at=builders.NOW - timedelta(days=3),
            actor_id=other.pk,
            actor_name=other.name,
            what="people.account.closed",
            subject="people.User",
            subject_id=7,
        )
        address = reverse("administration:journal")
        for query in (
            "qui=aubin",
            "quoi=people.account.closed",
            "objet=people.User&numero=7",
            "du=2025-04-04&au=2025-04-04",
        ):
            rows = client.get(f"{address}?{query}").context["rows"]
            assert [told.words for _e, told, _s in rows] == ["Compte fermé."], query

    def test_a_page_far_back_is_found_by_the_index(self, admin):
        Entry.objects.bulk_create(
            Entry(
                happened_at=builders.NOW - timedelta(minutes=number),
                actor_name="Système",
                what="needs.need.filed",
                subject="needs.Need",
                subject_id=number,
            )
            for number in range(5000)
        )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE journal_entry")
        from partage.journal.queries import trail
        from partage.portal.administration.journal import _after_mark

        mark = f"{(builders.NOW - timedelta(minutes=4000)).isoformat()}~1"
        plan = _after_mark(trail(), mark)[:51].explain()
        assert "Index Scan" in plan
        assert "Sort" not in plan

    def test_it_leaves_as_a_spreadsheet(self, client, admin, many):
        response = client.get(reverse("administration:journal") + "?format=xlsx")
        sheet = load_workbook(BytesIO(response.content)).active
        assert sheet.max_row == 121
        assert sheet["C2"].value == "Organisation inscrite."


class TestTables:
    def test_they_show_rows_that_cannot_be_touched(self, client, admin):
        row = builders.organisation("Coopérative de l’Anse")
        page = reverse("admin:members_organisation_change", args=[row.pk])
        html = client.get(page).content.decode()
        assert "Coopérative de l’Anse" in html
        assert 'name="_save"' not in html
        assert client.post(page, {"name": "Autre"}).status_code == 403

    def test_they_open_to_administration_only(self, client):
        builders.cooperative()
        client.force_login(builders.user(Role.FINANCE))
        assert client.get("/administration/tables/").status_code in {302, 403}
        assert client.get("/administration/tables/", follow=True).status_code == 403

    def test_whoever_is_not_signed_in_is_sent_to_the_one_door(self, client):
        response = client.get("/administration/tables/", follow=True)
        assert response.redirect_chain[-1][0].startswith(reverse("account_login"))

    def test_every_table_opens(self, client, admin):
        from django.contrib import admin as site

        for model in site.site._registry:
            if model.__module__.startswith("partage."):
                name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
                assert client.get(reverse(f"{name}_changelist")).status_code == 200
