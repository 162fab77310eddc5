"""What a spreadsheet would bring in, what is wrong with it, and how to say so."""

from partage.importing.queries.checking import check
from partage.importing.queries.papers import mended, template
from partage.importing.queries.plan import Options, Plan
from partage.importing.queries.reading import LARGEST, read
from partage.importing.queries.words import (
    heading_of,
    kind_word,
    sentence,
    unreadable,
)

__all__ = [
    "LARGEST",
    "Options",
    "Plan",
    "check",
    "heading_of",
    "kind_word",
    "mended",
    "read",
    "sentence",
    "template",
    "unreadable",
]
