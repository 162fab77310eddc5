"""The demonstration year behind a live server: what browsers' tests stand on."""

from urllib.request import Request, urlopen

from django.conf import settings
from django.db import connection
from django.test import Client

from partage.cli.demo import empty, load
from partage.governance.models import Cooperative
from partage.people.models import User
from tests.doors.test_demo import digest


def test_a_live_server_answers_from_a_copy_of_the_year(demo_year_live, live_server):
    assert connection.settings_dict["NAME"].endswith("_live")
    client = Client()
    coordinator = User.objects.get(email="coordination@partage.example")
    client.force_login(coordinator, settings.AUTHENTICATION_BACKENDS[0])
    name = settings.SESSION_COOKIE_NAME
    cookie = {"Cookie": f"{name}={client.cookies[name].value}"}
    address = live_server.url + "/coordination/demandes/"
    with urlopen(Request(address, headers=cookie)) as answer:
        page = answer.read().decode()
    assert "D-2025-0" in page
    Cooperative.objects.update(name="Changée")


def test_the_next_test_finds_the_year_as_it_was(demo_year):
    assert Cooperative.objects.get().name == "Coopérative Partage"


def test_the_year_is_the_same_each_time_that_it_is_loaded(demo_year_live):
    """In a copy: emptying the year that others read would wait for them, and they
    for it."""
    before = digest()
    empty()
    load()
    assert digest() == before
