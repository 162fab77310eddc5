"""Gives the whole run its database: DATABASE_URL, else a private server."""

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

from partage.config import postgres
from partage.config.database import database, url_of
from tests.demonstration import demo_database, demo_year, demo_year_live
from tests.doors.browser import browser, page, playwright, visit

# One browser for the whole run: doors and recits share it.
__all__ = [
    "browser",
    "demo_database",
    "demo_year",
    "demo_year_live",
    "page",
    "playwright",
    "visit",
]

ROOT = Path(__file__).resolve().parent.parent

# A machine that is busy with something else must not make a property fail.
hypothesis.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    """Start the tests' own PostgreSQL, once, before xdist starts its workers.

    They inherit DATABASE_URL, as does every command that a test runs. Nothing has
    connected yet, so what Django has already read can still be set right.
    """
    if not config.pluginmanager.hasplugin("django"):
        return
    # A pool keeps sessions of its own, and a database in use cannot be dropped.
    settings.DATABASES["default"]["OPTIONS"]["pool"] = False
    # What a test writes is never committed: the index is made from what it sees.
    settings.INDEX_FOLDER = None
    if "DATABASE_URL" in os.environ:
        return
    var = Path(os.environ.get("PARTAGE_VAR", ROOT / "var"))
    try:
        server = config.stash[SERVER] = postgres.running(
            var / "test-postgres", durable=False
        )
        os.environ["DATABASE_URL"] = url_of(server.__enter__())
    except postgres.CannotStart as problem:
        raise pytest.UsageError(str(problem)) from None
    found = database(var)
    for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT"):
        settings.DATABASES["default"][name] = found[name]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop it, unless another run still uses it."""
    if server := config.stash.get(SERVER, None):
        server.__exit__(None, None, None)
        del os.environ["DATABASE_URL"]


SERVER = pytest.StashKey()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """End the sessions that threads and killed processes left, then drop the database.

    One that still ends when the last test has passed would fail the whole run.
    """
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def _in_french():
    """Begin each test in French, whatever the one before it left active."""
    with translation.override("fr-ca"):
        yield
