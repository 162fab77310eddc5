"""One's own account."""

import pytest
from django.utils import translation
from playwright.sync_api import expect

from partage.journal.models import Entry
from partage.people.models import Role
from tests import builders
from tests.doors.axe import assert_no_axe_violations

pytestmark = pytest.mark.django_db
PAGE = "/compte/moi"


class TestMyAccount:
    def test_letters_come_in_the_language_chosen_there(self, client):
        me = builders.user(Role.COORDINATION, name="Nadia Pelletier")
        client.force_login(me)
        client.cookies["langue"] = "fr-ca"
        answer = client.post(PAGE, {"name": "Nadia Pelletier", "language": "en"})
        assert answer.status_code == 302
        assert answer.cookies["langue"]["max-age"] == 0
        me.refresh_from_db()
        assert me.language == "en"
        [entry] = Entry.objects.filter(what="people.account.changed")
        assert entry.details["before"] == {"language": "fr"}
        del client.cookies["langue"]
        assert 'lang="en-ca"' in client.get(PAGE).content.decode()

    def test_an_empty_name_is_refused_and_what_was_chosen_stays_chosen(self, client):
        me = builders.user(Role.COORDINATION, name="Nadia Pelletier")
        client.force_login(me)
        answer = client.post(PAGE, {"name": " ", "language": "en"})
        assert answer.status_code == 422
        assert answer.context["form"]["language"].value() == "en"
        me.refresh_from_db()
        assert (me.name, me.language) == ("Nadia Pelletier", "fr")

    def test_its_address_cannot_be_taken_from_someone_by_way_of_it(self, client):
        me = builders.user(Role.COORDINATION, name="Nadia Pelletier")
        before = me.email
        client.force_login(me)
        client.post(PAGE, {"name": "N. P.", "language": "fr", "email": "x@baie.coop"})
        me.refresh_from_db()
        assert (me.name, me.email) == ("N. P.", before)


class TestInABrowser:
    def test_the_name_at_the_top_leads_there_and_the_pages_follow(self, visit):
        page = visit("/", builders.user(Role.COORDINATION, name="Nadia Pelletier"))
        page.context.clear_cookies(name="langue")
        page.get_by_role("link", name="Nadia Pelletier").click()
        assert_no_axe_violations(page)
        page.get_by_label("anglais").check()
        page.get_by_role("button", name="Garder").click()
        expect(page.get_by_role("heading", name="My account")).to_be_visible()
        assert_no_axe_violations(page)
        with translation.override("en-ca"):
            expect(page.get_by_role("status")).to_be_visible()
