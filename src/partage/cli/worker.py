"""The job worker, with the planner warmed beside it: `python -m partage.cli.worker`."""

import os

import django
from django.core.management import call_command


def main() -> None:
    """Take jobs until told to stop; a long plan does not hold the letters back."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partage.config.settings")
    django.setup()
    from partage.planning.queries import engine

    engine.warm_beside()
    call_command("procrastinate", "worker", "--concurrency=3")


if __name__ == "__main__":
    main()
