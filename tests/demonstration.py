"""The demonstration year for tests: loaded once, by one worker, then shared.

It lies in a database of its own, named after what it was made from, so that a second
run finds it and a change makes it anew. A test asks for `demo_year` and gives back
what it changed; one that talks to a live server asks for `demo_year_live` and has a
copy to itself. Neither needs the django_db mark.
"""

import hashlib
from contextlib import contextmanager
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent / "src" / "partage"
NOT_PART_OF_IT = ("portal", "jobs", "api", "locale")


@pytest.fixture(scope="session")
def demo_database(django_db_setup, django_db_blocker):
    """Return the name of the database that holds the year."""
    from django.db import connection

    empty = connection.settings_dict["NAME"]
    base = empty.split("_gw")[0]
    name = f"{base}_year_{_print_of_the_sources()}"
    with django_db_blocker.unblock(), _server() as server:
        _let_go()
        # One worker makes it, the others wait here.
        server.execute("SELECT pg_advisory_lock(20250407)")
        made = _databases(server, f"{base}_year_")
        if name not in made:
            for old in made:
                server.execute(f'DROP DATABASE IF EXISTS "{old}"')
            _make(server, name, empty)
    return name


@pytest.fixture
def demo_year(demo_database, db):
    """The demonstration year; what the test changes is undone."""
    from django.db import transaction

    with _connected_to(demo_database), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo_year_live(demo_database, transactional_db):
    """A copy of the year for a test with a live server; ask for it before `visit`."""
    from django.db import connections

    shared = connections.settings["default"]
    before = shared["NAME"]
    copy = f"{before}_live"
    with _server() as server:
        server.execute(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')
        _copy(server, demo_database, copy)
        _let_go()
        shared["NAME"] = copy  # each thread of the server opens its own
        with _connected_to(copy):
            yield
        _let_go()
        shared["NAME"] = before
        server.execute(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')


def _copy(server, year, copy):
    """Copy the year, as soon as the other workers' tests have let it go."""
    from psycopg.errors import ObjectInUse

    for _attempt in range(60):  # the server waits five seconds each time
        try:
            server.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{year}"')
            return
        except ObjectInUse as taken:
            still = taken
    raise still


def _make(server, name, empty):
    """Load it under a passing name: a run that is cut short leaves no half year."""
    from partage.cli import demo

    passing = f"{name}_making"
    server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
        [empty],
    )
    server.execute(f'DROP DATABASE IF EXISTS "{passing}"')
    server.execute(f'CREATE DATABASE "{passing}" TEMPLATE "{empty}"')
    with _connected_to(passing):
        # Tests before this one have used up numbers: the year begins at 1 again.
        demo.empty()
        demo.load()
    server.execute(f'ALTER DATABASE "{passing}" RENAME TO "{name}"')


def _let_go():
    """Close this thread's connection, and those that wait for other threads."""
    from django.db import connection

    connection.close()
    connection.close_pool()


@contextmanager
def _connected_to(name):
    """Give this thread a connection to another database, then the old one back."""
    from django.db import connections

    before = connections["default"]
    other = before.copy()
    # Without the pool, which would give connections to the first database.
    options = {**before.settings_dict["OPTIONS"], "pool": False}
    other.settings_dict = {**before.settings_dict, "NAME": name, "OPTIONS": options}
    connections["default"] = other
    try:
        yield
    finally:
        other.close()
        connections["default"] = before


@contextmanager
def _server():
    """A connection to the server itself, outside any transaction."""
    import psycopg
    from django.db import connection

    wanted = {**connection.get_connection_params(), "dbname": "postgres"}
    known = {"host", "port", "user", "password", "dbname"}
    with psycopg.connect(
        **{key: value for key, value in wanted.items() if key in known},
        autocommit=True,
    ) as server:
        yield server


def _databases(server, prefix):
    rows = server.execute("SELECT datname FROM pg_database ORDER BY datname")
    return [name for (name,) in rows if name.startswith(prefix)]


def _print_of_the_sources():
    # How it is made is part of what it is made from.
    found = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted(SOURCE.rglob("*")):
        inside = path.relative_to(SOURCE)
        if path.suffix in (".py", ".typ") and inside.parts[0] not in NOT_PART_OF_IT:
            found.update(str(inside).encode() + path.read_bytes())
    return found.hexdigest()[:12]
