"""Which PostgreSQL this machine uses: DATABASE_URL, else the private one."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from partage.config import postgres
from partage.config.terminal import CannotStart


def database(var: Path) -> dict:
    """Return Django's settings for the database.

    `DATABASE_URL` names any PostgreSQL >= 15; without it, the private one that
    lives in `var` is used. Nothing is started here: see `reachable`.

    Raises CannotStart if `DATABASE_URL` cannot be read.
    """
    url = os.environ.get("DATABASE_URL")
    named = _read(url) if url else _private(var)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": named.pop("dbname", "partage"),
        "USER": named.pop("user", ""),
        "PASSWORD": named.pop("password", ""),
        "HOST": named.pop("host", ""),
        "PORT": named.pop("port", ""),
        # What is left belongs to the driver: sslmode, connect_timeout, options…
        "OPTIONS": {
            "pool": {"min_size": 1, "max_size": 8},
            **named,
            # Compiling a question costs more than answering it: our tables are small.
            "options": f"-c jit=off {named.get('options', '')}".strip(),
        },
        "TEST": {"NAME": os.environ.get("PARTAGE_TEST_DATABASE", "test_partage")},
    }


def url_of(server: postgres.Server) -> str:
    """Return the DATABASE_URL of a private server, for the processes we start."""
    return f"postgres://{postgres.ROLE}@/{postgres.DATABASE}?host={server.sockets}"


@contextlib.contextmanager
def reachable(var: Path) -> Iterator[None]:
    """Hold a PostgreSQL >= 15 within reach for the length of the block.

    The private one is started if need be. The one of `DATABASE_URL` is knocked at.

    Raises CannotStart, with a sentence, if there is none.
    """
    if url := os.environ.get("DATABASE_URL"):
        _knock(url)
        yield
    else:
        with postgres.running(var / "postgres"):
            yield


def _private(var: Path) -> dict[str, str]:
    server = postgres.server_in(var / "postgres")
    return {
        "dbname": postgres.DATABASE,
        "user": postgres.ROLE,
        "host": str(server.sockets),
        "port": str(postgres.PORT),
    }


def _read(url: str) -> dict[str, str]:
    """Return the parts of a PostgreSQL address by their libpq names."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _unreadable() from None
    if parts.scheme not in ("postgres", "postgresql"):
        raise _unreadable()
    # urlsplit puts host names in lower case; a socket folder must keep its own.
    at = parts.netloc.rpartition("@")[2]
    host = at if port is None else at.rpartition(":")[0]
    named = {
        "dbname": unquote(parts.path.removeprefix("/")),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "host": unquote(host.rstrip(":").strip("[]")),
        "port": "" if port is None else str(port),
    }
    named = {name: value for name, value in named.items() if value}
    return named | dict(parse_qsl(parts.query, keep_blank_values=True))


def _unreadable() -> CannotStart:
    # The address is not repeated: it may hold a password.
    form = "postgres://USER:PASSWORD@HOST:5432/DATABASE?sslmode=require"
    return CannotStart(
        fr=f"DATABASE_URL n’est pas une adresse PostgreSQL. Écrivez-la ainsi : {form}, "
        "ou retirez-la pour la base privée.",
        en=f"DATABASE_URL is not a PostgreSQL address. Write it so: {form}, or remove "
        "it to use the private database.",
    )


def _knock(url: str) -> None:
    """Say in a sentence why the PostgreSQL of `url` cannot be used, if it cannot."""
    import psycopg

    named = {"dbname": "partage", "connect_timeout": "10"} | _read(url)
    where = f"{named.get('host') or 'localhost'}:{named.get('port') or 5432}"
    try:
        with psycopg.connect(**named) as connection:
            version = connection.info.server_version // 10_000
    except psycopg.ProgrammingError as error:
        # An option that libpq does not know, or a value it cannot read.
        raise CannotStart(
            fr=f"DATABASE_URL contient une option que PostgreSQL ne connaît pas : "
            f"{_reason(error)}. Corrigez-la, puis relancez.",
            en=f"DATABASE_URL holds an option that PostgreSQL does not know: "
            f"{_reason(error)}. Mend it, then run again.",
        ) from None
    except psycopg.Error as error:
        raise CannotStart(
            fr=f"La base de DATABASE_URL ({named['dbname']} sur {where}) ne répond "
            f"pas : {_reason(error)}. Vérifiez l’adresse, le mot de passe et "
            "que la base existe, ou retirez DATABASE_URL pour la base privée.",
            en=f"The database of DATABASE_URL ({named['dbname']} on {where}) does not "
            f"answer: {_reason(error)}. Check the address, the password and that "
            "the database exists, or remove DATABASE_URL to use the private one.",
        ) from None
    if version < postgres.OLDEST:
        raise CannotStart(
            fr=f"Le serveur de DATABASE_URL est PostgreSQL {version}. Partage demande "
            f"PostgreSQL {postgres.OLDEST} ou plus récent.",
            en=f"The server of DATABASE_URL is PostgreSQL {version}. Partage needs "
            f"PostgreSQL {postgres.OLDEST} or newer.",
        )


def _reason(error: Exception) -> str:
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return first.removeprefix("connection failed: ").rstrip(".")
