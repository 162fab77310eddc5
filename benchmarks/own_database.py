"""A database of a benchmark's own, beside the cooperative's: made once, left empty."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from partage.config.database import reachable


@contextmanager
def own_database(name: str, *rooms: str, empty: Callable[[], None]) -> Iterator[None]:
    """Connect to it, with the tables of a room (of all, if none is named), empty."""
    with reachable(settings.VAR):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if not cursor.fetchone():
                cursor.execute(f"CREATE DATABASE {name}")
        connection.close()
        connection.close_pool()
        connection.settings_dict["NAME"] = name
        try:
            call_command("migrate", *rooms, verbosity=0, interactive=False)
            empty()
            yield
            empty()
        finally:
            connection.close()
            connection.close_pool()
