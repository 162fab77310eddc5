"""The `partage` command."""

import gettext
from pathlib import Path

# typer reads its own words (« Commandes », « Erreur ») from the standard library's
# catalogue, as it is imported: so before it, and outside of Django's translations.
gettext.bindtextdomain("typer", Path(__file__).resolve().parents[1] / "locale")
gettext.textdomain("typer")
