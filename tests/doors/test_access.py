"""Every URL, as every role: who is let in is what the table says.

The guard stands before anything is looked up, so a page about row 1 refuses
those who may not enter even when there is no row 1.
"""

import importlib
import pkgutil
from uuid import uuid4

import pytest
from django.urls import URLPattern, get_resolver, reverse

from partage.people.models import Role
from tests import builders
from tests.doors import access

OTHERS = ("admin:", "account_", "mfa_", "socialaccount_", "openid_connect_")
TABLE = {
    name: roles
    for module in pkgutil.iter_modules(access.__path__)
    for name, roles in importlib.import_module(
        f"tests.doors.access.{module.name}"
    ).TABLE.items()
}


def walk(resolver, namespace=""):
    """Yield (name, converters) of every URL of the house, its own pages only."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield (f"{namespace}{entry.name}", entry)
        else:
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from walk(entry, inner)


PAGES = {
    name: entry
    for name, entry in walk(get_resolver())
    if not name.startswith(OTHERS) and name != "None"
}
SAMPLES = {
    "int": 1,
    "str": "x",
    "slug": "x",
    "uuid": uuid4(),
    "path": "x",
    "date": "2025-04-07",
    "month": "2025-04",
}


def address(name):
    converters = PAGES[name].pattern.converters
    values = {
        key: SAMPLES[type(converter).__name__.removesuffix("Converter").lower()]
        for key, converter in converters.items()
    }
    return reverse(name, kwargs=values)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_every_url_says_who_may_enter(name):
    assert name in TABLE, f"add {name} to a table in tests/doors/access/"


@pytest.mark.parametrize("name", sorted(TABLE))
def test_the_table_names_only_urls_that_exist(name):
    assert name in PAGES


@pytest.mark.django_db
class TestWhoIsLetIn:
    @pytest.fixture(autouse=True)
    def _house(self):
        builders.cooperative()

    @pytest.mark.parametrize("role", list(Role))
    def test_each_role_enters_exactly_where_the_table_says(self, client, role):
        client.raise_request_exception = False
        client.force_login(builders.user(role))
        wrong = []
        for name in sorted(PAGES.keys() & TABLE.keys()):
            allowed = TABLE[name] is None or role in TABLE[name]
            status = client.get(address(name)).status_code
            if allowed and status in {403, 500} and not needs_a_power(name, role):
                wrong.append(f"{name}: {role} is refused ({status})")
            if not allowed and status != 403:
                wrong.append(f"{name}: {role} is let in ({status})")
        assert not wrong, "\n".join(wrong)

    def test_whoever_is_not_signed_in_is_sent_to_the_door(self, client):
        wrong = []
        for name in sorted(PAGES.keys() & TABLE.keys()):
            response = client.get(address(name))
            door = reverse("account_login")
            sent = response.status_code == 302 and response.url.startswith(door)
            if TABLE[name] is not None and not sent:
                wrong.append(f"{name}: {response.status_code}")
        assert not wrong, "\n".join(wrong)


def needs_a_power(name, role):
    """A member's representative without any organisation has no power to use."""
    return role == Role.MEMBER and TABLE[name] and name.startswith("member:")
