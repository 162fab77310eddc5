"""What the house itself says in both languages: what its words are learned from."""

import re
from functools import cache
from gettext import GNUTranslations
from pathlib import Path

from django.conf import settings

from partage.retrieval.translation import Translations

CATALOGUE = Path("en", "LC_MESSAGES", "django.mo")
SLOTS = re.compile(r"%\(\w+\)[a-z]|\{\w*\}|<[^>]+>")


@cache
def house_translations() -> Translations:
    """Return what each word may be in the other language; learned once a process.

    From the sentences of every page, letter and document, in French and in English.
    """
    pairs = []
    for folder in settings.LOCALE_PATHS:
        with (Path(folder) / CATALOGUE).open("rb") as file:
            sentences: dict = GNUTranslations(file)._catalog  # type: ignore[attr-defined]
        pairs += [
            (SLOTS.sub(" ", french[0] if isinstance(french, tuple) else french),
             SLOTS.sub(" ", english))
            for french, english in sentences.items()
            if french
        ]  # fmt: skip
    return Translations(pairs)
