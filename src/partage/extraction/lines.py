"""Lines as a page prints them, made back into sentences."""

import re
from collections.abc import Iterable

from partage.rules.triage import fold

_WORDS = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
# A word cut at the end of a line: a hyphen, or the mark that PDFium puts for it.
_CUT = re.compile(
    r"([^\W\d_]+)(?:[-\u00ad\u2010][ \t]*\r?\n|[\x02\ufffe]\s*)[ \t]*([^\W\d_]+)"
)
_MARKS = re.compile(r"[\u00ad\x02\ufffe]")
_BULLET = re.compile(r"^\s*(?:[-–—•▪●○*]|\(?\d{1,3}[.)]|[a-z][.)])\s")
# What French hangs on a word with a hyphen that stays.
_KEPT_AFTER = frozenset(
    """
    ci dire elle elles en etre il ils je la le les leur lui me meme memes moi nous on
    t toi tu vous y
    """.split()  # noqa: SIM905
)
_KEPT_BEFORE = frozenset(
    """
    a au c celle celles celui ceux co demi ex mi non par peut rendez self semi sous
    t vis well
    """.split()  # noqa: SIM905
)


def joined(text: str) -> str:
    """Return a page's text with the words cut at line ends made whole.

    The page itself is asked first: if the whole word is elsewhere on it, the hyphen
    goes; if the compound is, it stays. Otherwise French clitics (« celui-ci »)
    and names (« Saint-Jean ») keep theirs.
    """
    known = {fold(word) for word in _WORDS.findall(_CUT.sub(" ", text))}

    def whole(cut: re.Match[str]) -> str:
        left, right = cut.groups()
        if fold(left + right) in known:
            return left + right
        compound = f"{left}-{right}"
        if (
            fold(compound) in known
            or right[0].isupper()
            or fold(right) in _KEPT_AFTER
            or fold(left) in _KEPT_BEFORE
        ):
            return compound
        return left + right

    return _MARKS.sub("", _CUT.sub(whole, text))


def flowing(text: str) -> str:
    """Return a page's lines as paragraphs: a full line goes on with the next one.

    A line that is clearly shorter than the page's longest ends its paragraph, and a
    bullet begins one.
    """
    lines = [" ".join(line.split()) for line in joined(text).splitlines()]
    longest = max((len(line) for line in lines), default=0)
    paragraphs: list[str] = []
    goes_on = False
    for line in lines:
        if not line:
            goes_on = False
            continue
        if goes_on and not _BULLET.match(line):
            paragraphs[-1] += f" {line}"
        else:
            paragraphs.append(line)
        goes_on = len(line) > 30 and len(line) >= longest * 0.7
    return "\n".join(paragraphs)


def tidy(lines: Iterable[str]) -> str:
    """Return lines without the empty ones and the spaces that end them."""
    return "\n".join(line.strip() for line in lines if line.strip())
