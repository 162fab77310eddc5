"""What is said on a terminal before Django and its translations are there."""

import os


def in_french() -> bool:
    """Return whether the person at the terminal reads French first."""
    language = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return language.lower().startswith("fr")


class CannotStart(Exception):
    """Something outside Partage is in the way.

    Its text says what is so, then what can be done, in the language of the
    terminal. It is shown as it is, without a traceback.
    """

    def __init__(self, *, fr: str, en: str) -> None:
        super().__init__(fr if in_french() else en)
