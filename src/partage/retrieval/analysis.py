"""From words as people write them to tokens that can be compared.

One chain for each language, the same for passages and for queries: apostrophes
split, capitals and accents folded *before* stemming, small words dropped, Snowball
stems. Nothing else here knows how a language is read.
"""

from collections.abc import Iterable
from functools import cache, lru_cache

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from partage.rules.triage import fold

LANGUAGES = {"fr": "french", "en": "english"}
LONGEST = 40  # letters of a word: what is longer is a mistake of extraction

# Folded, each language its own: « on », « but » and « or » mean something elsewhere.
SMALL_WORDS = {
    "fr": """
    a afin ai aie ainsi alors as au aucun aucune aussi autre autres aux avait avant
    avec avez avoir avons c ca car ce ceci cela celle celles celui ces cet cette ceux
    chaque ci comme comment d dans de des donc dont du elle elles en encore entre es
    est et etaient etait etant ete etes etre eu eux fait il ils j je jusqu l la le les
    leur leurs lors lorsque lui m ma mais me meme memes mes moi moins mon n ne ni nos
    notre nous on ont ou par pas peu peut pour pourquoi puis qu quand que quel quelle
    quelles quels qui quoi s sa sans se selon sera serait ses si soit son sont sous
    sur t ta tant te tel telle tes toi ton tous tout toute toutes tres tu un une y
    vers vos votre vous""".split(),  # noqa: SIM905 (a hundred quotes would hide the words)
    "en": """
    a about above after again all also am an and any are as at be because been before
    being below between both but by can could did do does doing down during each few
    for from further had has have having he her here hers him his how i if in into is
    it its just me might more most must my no nor not now of off on once only or other
    our out over own same she should so some such than that the their them then there
    these they this those through to too under until up us very was we were what when
    where which while who whom why will with would you your""".split(),  # noqa: SIM905 (a hundred quotes would hide the words)
}

# Of the small words, those of one language only.
_TELLING = {
    one: frozenset(SMALL_WORDS[one]) - frozenset(SMALL_WORDS[other])
    for one, other in (("fr", "en"), ("en", "fr"))
}


@cache
def chain(language: str, *, stems: bool = True) -> TextAnalyzer:
    """Return the chain of a language; without stems, folded words as they are."""
    built = (
        TextAnalyzerBuilder(Tokenizer.simple())
        .filter(Filter.remove_long(LONGEST))
        .filter(Filter.lowercase())
        .filter(Filter.ascii_fold())
        .filter(Filter.custom_stopword(SMALL_WORDS[language]))
    )
    if stems:
        # Twice: Snowball leaves « loyers » at « loyer », and « loyer » at « loi ».
        for _time in range(2):
            built = built.filter(Filter.stemmer(LANGUAGES[language]))
    return built.build()


def tokens(text: str, language: str) -> list[str]:
    """Return the stems of `text`, in their order; `language` is « fr » or « en »."""
    return list(chain(language).analyze(text))


def words(text: str, language: str) -> list[str]:
    """Return the folded words of `text` that mean something, in their order."""
    return list(chain(language, stems=False).analyze(text))


@lru_cache(maxsize=100_000)
def stem(word: str, language: str) -> str:
    """Return the stem of one folded word; itself if it is a small word."""
    found = chain(language).analyze(word)
    return found[0] if len(found) == 1 else word


def stems(words: Iterable[str], language: str) -> frozenset[str]:
    """Return the stems of folded words; one cut makes a thousand of them quick."""
    return frozenset(chain(language).analyze(" ".join(words)))


def language_of(text: str) -> str:
    """Return the language whose small words a text holds most of; "" if neither."""
    said = folded(text).split()
    held = {
        language: sum(word in small for word in said)
        for language, small in _TELLING.items()
    }
    most = max(held, key=lambda one: held[one])
    return most if list(held.values()).count(held[most]) == 1 else ""


def grams(word: str, size: int = 4) -> list[str]:
    """Return the character grams of a word that is bounded by « _ »."""
    bounded = f"_{word}_"
    return [bounded[at : at + size] for at in range(max(1, len(bounded) - size + 1))]


def folded(text: str) -> str:
    """Return `text` without accents or capitals, its words set apart by one space."""
    return " ".join("".join(c if c.isalnum() else " " for c in fold(text)).split())
