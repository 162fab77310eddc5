"""The `partage` command: one line here and one module per subcommand."""

import contextlib
import os
import secrets
import sys
from importlib import import_module
from pathlib import Path

import django
import typer
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from typer.core import TyperGroup

from partage.config.database import reachable
from partage.config.terminal import CannotStart, in_french

# To add a command, add a line: its name, where its function is, what it does.
COMMANDS = {
    "up": ("partage.cli.up:up", _("Démarre Partage et le garde en marche.")),
    "demo": ("partage.cli.demo:demo", _("Charge l’année de démonstration.")),
    "figures": ("partage.cli.figures:figures", _("Donne les chiffres d’un exercice.")),
    "import": (
        "partage.cli.importing:import_file",
        _("Apporte un tableur de membres, d’experts, de mandats ou de temps."),
    ),
    "ledger": (
        "partage.cli.ledger:ledger",
        _("Écrit les livres pour les comptables et pour hledger."),
    ),
    "plan": ("partage.cli.plan:plan", _("Planifie un fichier, avec sa preuve.")),
    "close": (
        "partage.cli.closing:close",
        _("Calcule, vérifie ou écrit la clôture d’un exercice."),
    ),
    "index": (
        "partage.cli.index:index",
        _("Met l’index de recherche au pas du réservoir, ou le refait."),
    ),
    "manage": ("partage.cli.manage:manage", _("Lance une commande de Django.")),
    "words": ("partage.cli.words:words", _("Met les traductions au pas des pages.")),
}
# These work on files alone.
WITHOUT_DATABASE = {"plan", "words"}
# These read their own words, --help included.
HANDED_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


class Commands(TyperGroup):
    """Loads a command's module when it is called: the others cost nothing."""

    def format_help(self, ctx, formatter) -> None:
        self.help = gettext("Partage, le logiciel des coopératives de services.")
        _say_help(self, ctx)
        super().format_help(ctx, formatter)

    def list_commands(self, ctx: object) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: object, name: str):
        if name not in COMMANDS:
            return None
        where, help_text = COMMANDS[name]
        module, _colon, function = where.partition(":")
        one = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        extra: dict = {}
        if name == "manage":
            extra = {"context_settings": HANDED_ON, "add_help_option": False}
        one.command(name, help=str(help_text), **extra)(
            getattr(import_module(module), function)
        )
        command = typer.main.get_command(one)
        _say_help(command, ctx)
        return command


def _say_help(command, ctx) -> None:
    """Say what --help does; typer says it in English only."""
    if option := command.get_help_option(ctx):
        option.help = gettext("Montre cette aide.")


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def partage(context: typer.Context) -> None:
    """Partage, le logiciel des coopératives de services."""
    if context.invoked_subcommand in WITHOUT_DATABASE:
        return
    if not {"--help", "-h"} & set(sys.argv[2:]):
        context.with_resource(reachable(settings.VAR))


def prepare_the_environment() -> None:
    """Set what every process of this machine shares, then wake Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partage.config.settings")
    os.environ.setdefault(
        "PARTAGE_STATIC", "whitenoise.storage.CompressedManifestStaticFilesStorage"
    )
    if "PARTAGE_SECRET_KEY" not in os.environ:
        root = Path(__file__).resolve().parents[3]
        var = Path(os.environ.get("PARTAGE_VAR", root / "var"))
        os.environ["PARTAGE_SECRET_KEY"] = secret_key(var / "secret_key")
    django.setup()
    translation.activate("fr-ca" if in_french() else "en-ca")


def secret_key(path: Path) -> str:
    """Return this machine's secret key, made the first time and then kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Linked into place whole: two commands at once agree on one key.
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text().strip()


def main() -> None:
    """Run a command; what is in its way is said in a sentence."""
    try:
        prepare_the_environment()
        app(prog_name="partage")
    except CannotStart as problem:
        typer.echo(str(problem), err=True)
        sys.exit(1)
    except OSError as problem:
        # The disk, the rights: never a fault of the person's words.
        typer.echo(str(problem), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
