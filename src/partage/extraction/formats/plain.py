"""Text, Markdown and other words without any dress."""

import re
from collections.abc import Sequence

from partage.extraction.lines import tidy
from partage.extraction.parts import Kind, Page, Reading
from partage.rules.anonymity import replace_all

_HEADING = re.compile(r"^#{1,2}\s+(.+?)\s*#*$", re.MULTILINE)


def _words(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def read(content: bytes) -> Reading:
    """Read pages that form feeds part, or sections that Markdown headings begin."""
    text = _words(content)
    if "\f" in text:
        parts = [("", part) for part in text.split("\f")]
    else:
        starts = [(0, ""), *((m.start(), m[1][:100]) for m in _HEADING.finditer(text))]
        ends = [start for start, _label in starts[1:]] + [len(text)]
        parts = [
            (label, text[start:end])
            for (start, label), end in zip(starts, ends, strict=True)
            if text[start:end].strip()
        ]
    pages = [
        Page(number, tidy(part.splitlines()), label)
        for number, (label, part) in enumerate(parts, 1)
    ]
    return Reading(Kind.TEXT, tuple(pages))


def rebuild(content: bytes, changes: Sequence[tuple[str, str]], *, title: str) -> bytes:
    return replace_all(_words(content), changes).encode()
