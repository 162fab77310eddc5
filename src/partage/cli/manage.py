"""Django's own commands, with the database running and the settings made."""

import typer
from django.core.management import execute_from_command_line


def manage(context: typer.Context) -> None:
    """Hand every word on to Django."""
    execute_from_command_line(["partage manage", *context.args])
