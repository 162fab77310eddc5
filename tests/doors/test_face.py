import re
import time

import pytest
from allauth.mfa import app_settings
from allauth.mfa.totp.internal import auth
from django.core import mail
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation
from playwright.sync_api import Page, expect

from partage.people.models import Role
from partage.portal import navigation
from partage.portal.forms import Form
from partage.portal.gallery import SampleForm
from partage.portal.navigation import DOORS, doors_of
from tests import builders
from tests.doors.axe import assert_no_axe_violations
from tests.doors.browser import scrolls_sideways

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.doors.gallery_urls")]


class TestTheFace:
    @pytest.mark.parametrize("dark", [False, True])
    @pytest.mark.parametrize("phone", [False, True])
    def test_keeps_nobody_out(self, visit, dark, phone):
        page = visit("/galerie?avis=1", dark=dark, phone=phone)
        assert_no_axe_violations(page)
        assert not scrolls_sideways(page)

    def test_keeps_nobody_out_when_a_form_is_wrong(self, visit):
        page = visit("/galerie", phone=True)
        page.get_by_role("button", name="Envoyer l’offre").click()
        expect(page.get_by_role("alert")).to_be_focused()
        assert_no_axe_violations(page)

    def test_leads_from_the_summary_to_the_field(self, visit):
        page = visit("/galerie")
        page.get_by_label("Heures", exact=True).fill("douze")
        page.get_by_role("button", name="Envoyer l’offre").click()
        page.get_by_role("alert").get_by_role("link", name="Heures").click()
        hours = page.locator("#id_hours")
        expect(hours).to_be_focused()
        expect(hours).to_have_value("douze")
        expect(hours).to_have_accessible_description(re.compile("trajets compris"))

    def test_says_english_in_english_and_comes_back_to_the_same_page(self, visit):
        page = visit("/galerie?page=7")
        page.get_by_role("button", name="English").click()
        expect(page).to_have_url(re.compile(r"/galerie\?page=7$"))
        assert page.locator("html").get_attribute("lang") == "en-ca"
        expect(page.get_by_text("$5,239.00")).to_be_visible()
        page.get_by_role("button", name="Français").click()
        expect(page.get_by_text("5\u00a0239,00\u00a0$")).to_be_visible()

    def test_lets_the_keyboard_jump_to_the_content(self, page: Page):
        page.goto("/galerie")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()

    def test_forbids_whatever_is_inline(self, client):
        policy = client.get("/compte/login/").headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy

    def test_says_that_a_demonstration_is_one(self, client):
        builders.cooperative()
        html = client.get("/compte/login/").content.decode()
        assert "nous sommes le 7\u00a0avril 2025" in html

    def test_prints_without_its_bars_and_buttons(self, page: Page):
        page.goto("/galerie")
        page.emulate_media(media="print")
        expect(page.locator(".top")).to_be_hidden()
        expect(page.get_by_role("button", name="Envoyer l’offre")).to_be_hidden()
        expect(page.get_by_role("heading", name="Coût estimé")).to_be_visible()

    @pytest.mark.parametrize("address", ["/nulle-part", "/interdite", "/refusee"])
    def test_says_what_can_be_done_when_it_refuses(self, visit, address):
        page = visit(address)
        link = page.get_by_role("link", name="Revenir à l’accueil")
        expect(link).to_be_visible()
        assert_no_axe_violations(page)

    def test_keeps_its_face_when_it_breaks(self, client):
        client.raise_request_exception = False
        answer = client.get("/cassee")
        assert answer.status_code == 500
        assert "n’a pas été enregistré" in answer.content.decode()


class TestTheMenu:
    def test_of_a_phone_opens_and_closes(self, visit):
        page = visit("/galerie", builders.user(Role.COORDINATION), phone=True)
        leave = page.get_by_role("button", name="Se déconnecter")
        expect(leave).to_be_hidden()
        page.get_by_role("button", name="Menu").click()
        expect(leave).to_be_visible()
        assert_no_axe_violations(page)
        page.keyboard.press("Escape")
        expect(leave).to_be_hidden()

    def test_of_a_desk_is_always_open(self, visit):
        page = visit("/galerie", builders.user(Role.COORDINATION, name="Léa Tremblay"))
        expect(page.get_by_text("Léa Tremblay").first).to_be_visible()
        expect(page.get_by_role("button", name="Menu")).to_be_hidden()
        page.get_by_role("button", name="Se déconnecter").click()
        expect(page.get_by_role("heading", name="Se connecter")).to_be_visible()


class TestSigningIn:
    def account(self):
        user = builders.user(Role.COORDINATION, email="lea@partage.example")
        user.set_password("un canot sur le lac")
        user.save()
        return user

    def test_leads_home(self, visit):
        self.account()
        page = visit("/compte/login/")
        assert_no_axe_violations(page)
        page.get_by_label("Courriel").fill("lea@partage.example")
        page.get_by_label("Mot de passe").fill("un canot sur le lac")
        page.get_by_role("button", name="Se connecter").click()
        expect(page.get_by_role("button", name="Se déconnecter")).to_be_visible()

    def test_with_a_wrong_password_says_so_and_keeps_the_address(self, visit):
        self.account()
        page = visit("/compte/login/", phone=True)
        page.get_by_label("Courriel").fill("lea@partage.example")
        page.get_by_label("Mot de passe").fill("une pagaie")
        page.get_by_role("button", name="Se connecter").click()
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.get_by_label("Courriel")).to_have_value("lea@partage.example")
        assert_no_axe_violations(page)

    def test_can_be_mended_when_the_password_is_forgotten(self, visit):
        user = self.account()
        page = visit("/compte/login/")
        page.get_by_role("link", name="Mot de passe oublié").click()
        page.get_by_label("Courriel").fill("lea@partage.example")
        page.get_by_role("button", name="Envoyer le lien").click()
        expect(
            page.get_by_role("heading", name="Regardez vos courriels")
        ).to_be_visible()
        (letter,) = mail.outbox
        page.goto(re.search(r"https?://\S+", letter.body)[0])
        for box in page.locator("input[type=password]").all():
            box.fill("une pagaie de cèdre")
        page.get_by_role("button", name="Enregistrer le mot de passe").click()
        expect(
            page.get_by_role("heading", name="Mot de passe enregistré")
        ).to_be_visible()
        user.refresh_from_db()
        assert user.check_password("une pagaie de cèdre")

    def test_can_ask_for_a_code_of_the_telephone(self, visit):
        page = visit("/compte/2fa/totp/activate/", self.account(), phone=True)
        assert_no_axe_violations(page)
        page.get_by_label("Mot de passe").fill("un canot sur le lac")
        page.get_by_role("button", name="Confirmer").click()
        assert_no_axe_violations(page)
        page.get_by_text("Impossible de lire l’image").click()
        secret = page.locator(".copy").inner_text()
        now = int(time.time()) // app_settings.TOTP_PERIOD
        code = auth.format_hotp_value(auth.hotp_value(secret, now))
        page.get_by_label("Code affiché").fill(code)
        page.get_by_role("button", name="Activer").click()
        expect(page.get_by_role("heading", name="Codes de secours")).to_be_visible()
        assert_no_axe_violations(page)
        assert not scrolls_sideways(page)

    def test_is_by_invitation_only(self, client):
        assert "sur invitation" in client.get("/compte/signup/").content.decode()

    @pytest.mark.parametrize(
        "address",
        [
            "/compte/2fa/",
            "/compte/password/change/",
            "/compte/email/",
            "/compte/logout/",
        ],
    )
    def test_pages_of_the_account_keep_nobody_out(self, visit, address):
        page = visit(address, self.account(), dark=True)
        assert_no_axe_violations(page)
        assert not scrolls_sideways(page)


class TestTheNavigation:
    def test_shows_only_the_doors_of_one_s_roles(self):
        doors = doors_of({Role.BOARD}, "/")
        assert [door.path for door in DOORS if Role.BOARD in door.roles] == ["conseil"]
        assert len(doors) <= 1

    def test_marks_the_nearest_place_and_no_other(self, monkeypatch):
        urls = {"a:home": "/a/", "a:needs": "/a/demandes", "a:late": None}
        monkeypatch.setattr(navigation, "url_of", urls.get)
        places = (
            ("Accueil", "a:home"),
            ("Demandes", "a:needs"),
            ("Plus tard", "a:late"),
        )
        door = navigation.Door("A", "a", frozenset({Role.BOARD}), places)
        monkeypatch.setattr(navigation, "DOORS", (door,))
        (opened,) = doors_of({Role.BOARD, Role.MEMBER}, "/a/demandes/12")
        assert opened.current
        assert [(link.label, link.current) for link in opened.places] == [
            ("Accueil", False),
            ("Demandes", True),
        ]


def render(source: str, address: str = "/liste", **context) -> str:
    request = RequestFactory().get(address)
    return Template(source).render(Context({"request": request, **context}))


class TestTags:
    def test_once_is_never_twice_the_same(self):
        assert render("{% once %}") != render("{% once %}")

    def test_url_with_keeps_the_filters_and_changes_the_page(self):
        html = render("{% url_with page=2 %}", "/liste?domaine=rh&page=1")
        assert html == "?domaine=rh&amp;page=2"

    def test_url_with_a_new_filter_goes_back_to_the_first_page(self):
        assert render("{% url_with tri='nom' %}", "/liste?page=9") == "?tri=nom"

    def test_what_is_absent_is_a_dash(self):
        assert render("{{ x|money }}{{ x|day }}{{ x|minutes }}", x=None) == "———"

    def test_filters_follow_the_language(self):
        with translation.override("en-ca"):
            assert render("{{ 435|minutes }}") == "7:15"


class TestForms:
    @pytest.mark.parametrize(
        ("typed", "read"),
        [
            ("7,25", "7.25"),
            ("7.25", "7.25"),
            ("1 140,50 $", "1140.50"),
            ("1,140.50", "1140.50"),
        ],
    )
    @pytest.mark.parametrize("language", ["fr-ca", "en-ca"])
    def test_read_an_amount_typed_either_way(self, typed, read, language):
        class Amount(Form):
            hours = SampleForm.base_fields["hours"]

        Amount.base_fields["hours"].max_value = None
        with translation.override(language):
            form = Amount({"hours": typed})
            value = form.fields["hours"].widget.value_from_datadict(
                form.data, {}, "hours"
            )
        assert value == read

    def test_give_dates_to_the_browser_in_the_only_way_it_reads(self):
        html = render(
            "{% field form.start %}", form=SampleForm({"start": "2026-03-09"})
        )
        assert 'type="date"' in html
        assert 'value="2026-03-09"' in html
