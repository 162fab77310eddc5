"""`partage words`: bring the two catalogues in step with what the pages say.

For those who build Partage; it needs the gettext tools (msgfmt, xgettext).
"""

import contextlib
import re
import shutil
import subprocess
from pathlib import Path

import typer
from django.conf import settings
from django.core.management import call_command
from django.utils.translation import gettext as _

from partage.config.terminal import CannotStart

HEADER = """\
# {title}
msgid ""
msgstr ""
"Project-Id-Version: Partage\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=({plural});\\n"
"""
ENGLISH = HEADER.format(title="English, complete.", language="en", plural="n != 1")
# Without its plurals Django would count in French as in English: « 0 demandes ».
FRENCH = HEADER.format(
    title="What our libraries say, said our way; then plurals, by `partage words`.",
    language="fr",
    plural="n > 1",
)


def words() -> None:
    """Extract every message, then compile both catalogues."""
    if not shutil.which("xgettext"):
        raise CannotStart(
            fr="Il manque les outils gettext. Installez le paquet « gettext ».",
            en="The gettext tools are missing. Install the package “gettext”.",
        )
    left = extract(settings.HERE)
    for po in settings.HERE.glob("locale/*/LC_MESSAGES/*.po"):
        check = ["--check-format", "--output-file", str(po.with_suffix(".mo"))]
        subprocess.run(["msgfmt", *check, str(po)], check=True)
    typer.echo(_("Phrases à traduire en anglais : %(count)s.") % {"count": left})


def extract(root: Path) -> int:
    """Write both .po of `root`/locale; return how many English ones are missing."""
    english = root / "locale" / "en" / "LC_MESSAGES" / "django.po"
    french = root / "locale" / "fr" / "LC_MESSAGES" / "django.po"
    said = french.read_text()
    with contextlib.chdir(root):
        call_command(
            "makemessages",
            locale=["en"],
            no_location=True,
            no_wrap=True,
            no_obsolete=True,
            keep_pot=True,
            verbosity=0,
        )
    pot = root / "locale" / "django.pot"
    filled = subprocess.check_output(["msgen", "--no-wrap", str(pot)], text=True)
    pot.unlink()
    plurals = [one for one in _entries(filled) if "\nmsgid_plural " in one]
    ours = [one for one in _entries(said) if "\nmsgid_plural " not in one]
    french.write_text("\n\n".join([FRENCH.strip(), *ours, *plurals]) + "\n")
    entries = _entries(english.read_text())
    english.write_text("\n\n".join([ENGLISH.strip(), *entries]) + "\n")
    return sum(
        bool(re.search(r"^#, fuzzy", one, re.M)) or _empty(one) for one in entries
    )


def _entries(catalogue: str) -> list[str]:
    """Return the entries of a catalogue as text, without its header."""
    return catalogue.strip().split("\n\n")[1:]


def _empty(entry: str) -> bool:
    return bool(re.search(r'^msgstr(\[\d\])? ""$(?!\n")', entry, re.M))
