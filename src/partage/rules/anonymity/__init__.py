"""What in a text says who someone is, and the text without it.

Numbers that the State or a company gives, ways to reach someone, and every name of
a directory. A rule proposes; a person decides. Pure: the directory is given.
"""

from partage.rules.anonymity.finding import (
    Finding,
    Proposal,
    differences,
    find,
    proposals,
    replace_all,
)
from partage.rules.anonymity.marks import Mark, passes_luhn
from partage.rules.anonymity.names import Directory, Name, Sort

__all__ = [
    "Directory",
    "Finding",
    "Mark",
    "Name",
    "Proposal",
    "Sort",
    "differences",
    "find",
    "passes_luhn",
    "proposals",
    "replace_all",
]
