"""French is the source and English is complete, in the catalogues and on the pages."""

import gettext
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import polib
import pytest
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.db.models import CharField, TextField
from django.urls import Resolver404, resolve, reverse
from django.utils import translation
from django.utils.translation import ngettext

from partage.cli.words import extract
from partage.journal.actions import ActionRefused
from partage.journal.models import Entry
from partage.people.models import Role, User
from tests import builders

LOCALE = settings.HERE / "locale"
NO_BREAK = "\u00a0"
PLACE = re.compile(r"%\(\w+\)[sd]|%%|(?<!%)%[sd]")


def catalogue(language: str, root: Path = LOCALE) -> polib.POFile:
    return polib.pofile(str(root / language / "LC_MESSAGES" / "django.po"))


def texts(entry: polib.POEntry) -> list[str]:
    return [entry.msgstr, *entry.msgstr_plural.values()]


def messages(entry: polib.POEntry) -> list[str]:
    return [one for one in (entry.msgid, entry.msgid_plural) if one]


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Extract every message anew in a copy of the sources; return its locale/."""
    if not shutil.which("xgettext"):
        pytest.skip("No xgettext on the PATH; install the package gettext")
    copy = tmp_path_factory.mktemp("words") / "partage"
    readable = {".py", ".html", ".txt", ".po"}

    def others(folder: str, names: list[str]) -> list[str]:
        paths = (Path(folder, name) for name in names)
        return [
            one.name
            for one in paths
            if not (one.is_dir() or one.suffix in readable)
            or one.name in {"__pycache__", "migrations", "static", "fonts"}
        ]

    shutil.copytree(settings.HERE, copy, ignore=others)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "LOCALE_PATHS", [copy / "locale"])
        extract(copy)
    return copy / "locale"


class TestTheCatalogues:
    def test_hold_all_that_is_said_and_all_of_it_in_english(self, extracted):
        """To mend: `python3 run.py words`, translate, then once more."""
        wrong = [
            f"{'fuzzy' if one.fuzzy else 'not in English'}: {one.msgid}"
            for one in catalogue("en", extracted)
            if one.fuzzy or not one.translated()
        ]
        assert not wrong, "\n".join(wrong)

    def test_hold_nothing_that_is_no_longer_said(self, extracted):
        said = {(one.msgctxt, one.msgid) for one in catalogue("en", extracted)}
        kept = {(one.msgctxt, one.msgid) for one in catalogue("en")}
        assert kept - said == set()

    def test_count_in_french_wherever_something_is_counted(self, extracted):
        counted = {one.msgid: one for one in catalogue("fr") if one.msgid_plural}
        missing = [
            one.msgid
            for one in catalogue("en", extracted)
            if one.msgid_plural and one.msgid not in counted
        ]
        assert not missing, "\n".join(missing)
        for one in counted.values():
            assert all(one.msgstr_plural.values()), one.msgid

    @pytest.mark.parametrize("language", ["en", "fr"])
    def test_are_compiled_as_they_are_written(self, language):
        path = LOCALE / language / "LC_MESSAGES" / "django.mo"
        with path.open("rb") as file:
            compiled = gettext.GNUTranslations(file)
        for one in catalogue(language):
            if one.msgid_plural:
                for count, form in one.msgstr_plural.items():
                    assert compiled._catalog[one.msgid, count] == form
            else:
                context = f"{one.msgctxt}\x04" if one.msgctxt else ""
                assert compiled._catalog[context + one.msgid] == one.msgstr

    @pytest.mark.parametrize("language", ["en", "fr"])
    def test_keep_every_placeholder(self, language):
        wrong = [
            one.msgid
            for one in catalogue(language)
            if {place for text in messages(one) for place in PLACE.findall(text)}
            != {place for text in texts(one) for place in PLACE.findall(text)}
        ]
        assert not wrong, "\n".join(wrong)


# What looks like punctuation and is not: a placeholder, an address, a unit in a label.
NOT_TEXT = re.compile(
    r"%\(\w+\)[sd]|%%|https?://\S+|\(\$(/\w+)?\)|\$/\w+|--\w[\w-]*|\(%\)"
)
FRENCH_WRONG = {
    "’ and not '": re.compile(r"\w'\w"),
    "a no-break space before : ; ? ! » $ %": re.compile(
        r"[^\s\d][:;?!»]|[^\s][$%]| [:;?!»$%]"
    ),
    "a no-break space after «": re.compile(rf"«[^{NO_BREAK}]"),
    "… and not ...": re.compile(r"\.\.\."),
}
ENGLISH_WRONG = {
    "’ and not '": re.compile(r"\w'\w"),
    "“ and ”, not «, » or straight": re.compile(r"[«»]"),
    "no space before : ; ? !": re.compile(rf"[ {NO_BREAK}][:;?!]"),
    "no French spaces": re.compile(NO_BREAK),
    "$ before the amount": re.compile(r"\d ?\$"),
}


class TestTypography:
    @pytest.mark.parametrize("rule", FRENCH_WRONG)
    def test_of_french_is_french(self, rule):
        said = [text for one in catalogue("en") for text in messages(one)]
        said += [text for one in catalogue("fr") for text in texts(one)]
        wrong = [
            text for text in said if FRENCH_WRONG[rule].search(NOT_TEXT.sub("X", text))
        ]
        assert not wrong, "\n".join(wrong)

    @pytest.mark.parametrize("rule", ENGLISH_WRONG)
    def test_of_english_is_english(self, rule):
        wrong = [
            text
            for one in catalogue("en")
            for text in texts(one)
            if ENGLISH_WRONG[rule].search(NOT_TEXT.sub("X", text))
        ]
        assert not wrong, "\n".join(wrong)


class TestCounting:
    @pytest.mark.parametrize(
        ("language", "count", "words"),
        [
            ("fr-ca", 0, "0 mandat"),
            ("fr-ca", 1, "1 mandat"),
            ("fr-ca", 2, "2 mandats"),
            ("en-ca", 0, "0 mandates"),
            ("en-ca", 1, "1 mandate"),
            ("en-ca", 2, "2 mandates"),
        ],
    )
    def test_says_nothing_in_the_singular_in_french_only(self, language, count, words):
        with translation.override(language):
            said = ngettext("%(n)s mandat", "%(n)s mandats", count) % {"n": count}
        assert said == words


class TestARefusal:
    @pytest.mark.parametrize(
        ("language", "day"),
        [("fr-ca", "1er\u00a0mai\u00a02025"), ("en-ca", "May\u00a01,\u00a02025")],
    )
    def test_says_its_dates_in_words(self, language, day):
        class Late(ActionRefused):
            sentence = "%(on)s, %(count)s"

        with translation.override(language):
            assert str(Late(on=date(2025, 5, 1), count=3)) == f"{day}, 3"


@pytest.mark.django_db
class TestALetterOfOurLibraries:
    @pytest.mark.parametrize(
        ("language", "subject", "words"),
        [
            ("fr", "Choisissez un nouveau mot de passe", "Ce n’était pas vous"),
            ("en", "Choose a new password", "It was not you?"),
        ],
    )
    def test_is_in_its_reader_s_language_whoever_asked(
        self, client, language, subject, words
    ):
        builders.cooperative()
        reader = builders.user(Role.MEMBER, language=language)
        other = {"fr": "en-ca", "en": "fr-ca"}[language]
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = other
        client.post(reverse("account_reset_password"), {"email": reader.email})
        (letter,) = mail.outbox
        assert letter.subject == subject
        assert words in letter.body
        assert "http" in letter.body


class TestTheCommand:
    @pytest.mark.parametrize(
        ("locale", "words"),
        [
            ("fr_CA.UTF-8", ["Démarre Partage", "Commandes", "Montre cette aide."]),
            ("C.UTF-8", ["Starts Partage", "Commands", "Shows this help."]),
        ],
    )
    def test_helps_in_the_language_of_the_terminal(self, locale, words):
        said = subprocess.run(
            [sys.executable, "-m", "partage.cli.main", "--help"],
            env={
                **os.environ,
                "LC_ALL": locale,
                "PYTHONPATH": str(settings.HERE.parent),
            },
            capture_output=True,
            text=True,
            check=True,
        )
        assert [one for one in words if one not in said.stdout] == []


class Said(HTMLParser):
    """The words of a page's <main> that are the house's to say, and its links."""

    VOID = {"br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
    IN_ATTRIBUTES = {"aria-label", "placeholder", "title", "alt", "data-label"}
    NOT_WORDS = {"script", "style", "textarea"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.words: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self.feed(html)

    def _ours(self) -> bool:
        return any(tag == "main" for tag, _foreign in self._open) and not any(
            foreign for _tag, foreign in self._open
        )

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links += [value for name, value in attrs if name == "href" and value]
        if tag not in self.VOID:
            lang = str(dict(attrs).get("lang"))
            self._open.append((tag, tag in self.NOT_WORDS or lang.startswith("fr")))
        if self._ours():
            self.words += [v for k, v in attrs if k in self.IN_ATTRIBUTES and v]

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if (words := " ".join(data.split())) and self._ours():
            self.words.append(words)


FRENCH = re.compile(
    r"(?<![\w’-])(le|la|les|des|du|un|une|et|ou|avec|sans|dans|sur|par|est|sont|pas"
    r"|aucune?|vous|votre|vos|nous|notre|cette|ces|qui|que|aux?|à)(?![\w’-])"
    r"|(?<!\w)([cdjlmnst]|qu)’\w|[«»]",
    re.IGNORECASE,
)
BETWEEN = re.compile(r" · | – | — |, |: |; | → |[“”()]")


class Typed:
    """What people wrote, in the language that they wrote it in."""

    def __init__(self) -> None:
        self._all = {
            " ".join(text.split())
            for model in apps.get_models()
            if model._meta.app_label in settings.ROOMS
            for field in model._meta.concrete_fields
            if isinstance(field, CharField | TextField) and not field.choices
            for text in model._default_manager.order_by()
            .values_list(field.name, flat=True)
            .distinct()
            if text
        } | {
            " ".join(said["reason"].split())
            for said in Entry.objects.filter(details__has_key="reason").values_list(
                "details", flat=True
            )
            if said["reason"]
        }
        self._joined = "\n".join(self._all)

    def taken_from(self, words: str) -> str:
        """Return what is left of words, less what people wrote."""
        if words in self._joined or not FRENCH.search(words):
            return ""
        for text in sorted(self._all, key=len, reverse=True):
            if len(text) > 7 and text in words:
                words = words.replace(text, "")
        for part in BETWEEN.split(words):
            if len(part) > 3 and part in self._joined:
                words = words.replace(part, "")
        return words


class TestTheEyeForFrench:
    @pytest.mark.parametrize(
        "words",
        ["Aucune demande ici", "Voir l’offre", "À trier par", "«\u00a0x\u00a0»"],
    )
    def test_sees_it(self, words):
        assert FRENCH.search(words)

    @pytest.mark.parametrize(
        "words",
        ["Pour into the reservoir", "The member’s answer", "12 of 30", "Don’t", "a.m."],
    )
    def test_does_not_see_it_in_english(self, words):
        assert not FRENCH.search(words)

    def test_reads_what_the_house_says_and_not_what_is_marked_french(self):
        page = Said(
            '<h1>Non</h1><main><p title="un">deux<br>trois</p>'
            '<p lang="fr-ca">quatre <b>cinq</b></p><a href="/x">six</a></main>'
        )
        assert page.words == ["un", "deux", "trois", "six"]
        assert page.links == ["/x"]


class TestEveryPage:
    """From each role's door, along its links, each kind of page once."""

    @pytest.mark.parametrize("role", list(Role))
    def test_says_in_english_all_that_is_the_house_s_to_say(
        self, demo_year, client, role
    ):
        user = User.objects.filter(grants__role=role, email__contains="@").first()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en-ca"
        typed = Typed()
        waiting, seen, wrong = ["/"], set(), []
        while waiting:
            url = waiting.pop()
            try:
                name = resolve(urlsplit(url).path).view_name
            except Resolver404:
                continue
            if name in seen or name.startswith(("admin:", "account_", "mfa_")):
                continue
            response = client.get(url)
            if response.status_code in (301, 302):
                waiting.append(urljoin(url, response.url))
                continue
            seen.add(name)
            if "html" not in response.headers["Content-Type"]:
                continue
            page = Said(response.content.decode())
            wrong += [
                f"{name}: {words}"
                for words in dict.fromkeys(page.words)
                if FRENCH.search(typed.taken_from(words))
            ]
            links = [urldefrag(urljoin(url, link)).url for link in page.links]
            waiting += [link for link in links if link.startswith("/")]
        assert len(seen) > 3, seen
        assert not wrong, "\n".join(wrong)
