"""Text out of documents, and documents made anew: bytes in, bytes or words out.

Whatever comes in is taken for hostile. So it is opened in a process of its own,
with limits on time, memory and size, no secret in its surroundings, and nothing
that it could write to: see `apart`. What cannot be read has a `Problem`; what can
be read is a `Reading`: pages of text, and what the document carries out of sight.
"""

from partage.extraction.apart import read, rebuild, trusted
from partage.extraction.parts import (
    REBUILT,
    Hidden,
    Kind,
    Page,
    Problem,
    Reading,
    Unreadable,
)

__all__ = [
    "REBUILT",
    "Hidden",
    "Kind",
    "Page",
    "Problem",
    "Reading",
    "Unreadable",
    "read",
    "rebuild",
    "trusted",
]
