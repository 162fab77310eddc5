"""Which PostgreSQL this machine uses: DATABASE_URL, else the private one."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit


def database(var: Path) -> dict:
    """Return Django's settings for the database.

    `DATABASE_URL` names any PostgreSQL >= 15; without it, the private one that
    lives in `var` is used.
    """
    url = os.environ.get("DATABASE_URL")
    if not url:
        raise RuntimeError("DATABASE_URL is not set")
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/") or "partage",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": parts.port or "",
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 8}},
        "TEST": {"NAME": os.environ.get("PARTAGE_TEST_DATABASE", "test_partage")},
    }
