"""Which words of a text are worth searching for, and where they are found in another.

Only words: the database makes stems of them and ranks what it finds.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from partage.rules.triage import fold

MOST_WORDS = 200  # of a long text, the first ones say what it is about
_WORD = re.compile(r"[a-z0-9]+")
_PRINTED = re.compile(r"[^\W_]+")

# Folded, in both languages: a text is searched for in either.
STOP_WORDS = frozenset(
    """
    a about above afin after again ai aie ainsi all alors also am an and any apres
    are as assez at au aucun aucune aussi autre autres aux avait avant avec avez
    avoir avons be beaucoup because been before being below between bien both but by
    ca can car ce ceci cela celle celles celui ces cet cette ceux chaque chez ci
    comme comment could dans de depuis des did dit do does doing doit donc dont down
    du during each elle elles en encore entre est et etait etant ete etes etre eu
    eux faire fait faut few font for from further get had has have having he her
    here hers him his hors how i ici if il ils in into is it its je jusqu just la le
    les leur leurs lors lorsque lui ma mais may me meme memes mes mieux might moi
    moins mon more most must my ne need needs ni no nor nos not notre nous now of
    off on once only ont or other ou our ours out over own par parce parmi pas
    pendant peu peut peuvent please plus plusieurs pour pourquoi pouvons puis qu
    quand que quel quelle quelles quelque quelques quels qui quoi sa same sans se
    selon sera serait ses she should si so soit some sommes son sont sous such sur
    ta tant te tel telle tes than that the their theirs them then there these they
    this those through to toi ton too tous tout toute toutes tres trop tu un under
    une until up us va vers very veut voici vos votre voudrait voulons vous want was
    we were what when where which while who whom why will with would y you your
    yours
    """.split()  # noqa: SIM905 (a hundred quotes would hide the words)
)


def words_worth_searching(text: str) -> tuple[str, ...]:
    """Return the distinct folded words of `text` in their order, less the empty ones.

    Words of one letter and the stop words of both languages are left out, and so
    is what comes after the first 200.
    """
    found = dict.fromkeys(
        word
        for word in _WORD.findall(fold(text))
        if len(word) > 1 and word not in STOP_WORDS
    )
    return tuple(found)[:MOST_WORDS]


def as_written(text: str) -> dict[str, str]:
    """Return how each folded word of `text` is first written in it, in lower case."""
    written: dict[str, str] = {}
    for word in _PRINTED.findall(text):
        written.setdefault(fold(word), word.lower())
    return written


@dataclass(frozen=True, slots=True)
class Scrap:
    """A piece of an extract, and whether it is one of the words searched for."""

    text: str
    found: bool


def extract(
    text: str, stems: Collection[str], *, width: int = 220
) -> tuple[Scrap, ...]:
    """Return the `width` characters of `text` that hold the most of `stems`.

    `stems` are folded. A word is found if it begins with one of them, or is one.
    The extract begins and ends between two words; « … » says what was left out.
    Joined, the scraps are the extract.
    """
    text = " ".join(text.split())
    spans = [(each.start(), each.end()) for each in _PRINTED.finditer(text)]
    words = {text[s:e] for s, e in spans}
    long = tuple(stem for stem in stems if len(stem) > 2)
    marked = {
        word
        for word in words
        if (folded := fold(word)) in stems or folded.startswith(long)
    }
    hits = [(s, e) for s, e in spans if text[s:e] in marked]
    start = 0
    if len(text) > width and hits:
        best = max(
            hits, key=lambda hit: sum(hit[0] <= h[0] < hit[0] + width for h in hits)
        )
        start = max(0, min(best[0] - width // 5, len(text) - width))
        start = next((s for s, _ in spans if s >= start), 0) if start else 0
    end = min(len(text), start + width)
    if end < len(text):
        end = max((e for _, e in spans if start < e <= end), default=end)
    scraps = [Scrap("… ", False)] if start else []
    at = start
    for s, e in hits:
        if start <= s and e <= end:
            if s > at:
                scraps.append(Scrap(text[at:s], False))
            scraps.append(Scrap(text[s:e], True))
            at = e
    if at < end:
        scraps.append(Scrap(text[at:end], False))
    if end < len(text):
        scraps.append(Scrap(" …", False))
    return tuple(scraps)
