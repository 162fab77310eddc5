"""How good and how fast is the search of the reservoir, beside plain full text?

With --collection: each folder in BEIR layout (corpus.jsonl, queries.jsonl, and the
relevances in qrels*.tsv or qrels/) is poured into a database of its own, followed
into an index by the log of changes, and asked by `knowledge.queries.search`: what
the page of the reservoir calls, walls, typing errors, excerpts and facets included.
The same queries go to PostgreSQL's full text (`ts_rank`) and to SQLite's FTS5. A file
sample*.txt in the folder names the queries to ask, unless --all.

With --passages: that many passages of made-up words, each behind one of 500 walls,
asked by someone who passes 10 of them, one query in ten mistyped; 1 000 000 of them
without any collection. « own » is the processor time of this process, which a busy
machine stretches less; what PostgreSQL spends is not in it.

Run: .venv/bin/python benchmarks/retrieval.py [--collection DIR …] [--passages N]
[--quick] (which asks less, of fewer). The database is `partage_benchmark`, on this
machine's PostgreSQL or on that of DATABASE_URL; it is emptied before and after.
"""

import argparse
import json
import resource
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, islice
from math import log2
from pathlib import Path
from time import perf_counter, process_time

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from partage.cli.main import prepare_the_environment

prepare_the_environment()

import numpy as np
from django.conf import settings
from django.db import connection
from own_database import own_database

from partage.experts.models import Field
from partage.knowledge.models import Piece
from partage.knowledge.queries import Sight, find_passages, following, search
from partage.members.models import Organisation
from partage.retrieval import analysis

DATABASE = "partage_benchmark"
WALLS, PASSED = 500, 10
CONFIGURATION = {"fr": "french", "en": "english"}
TOP = 100
QUICK_QUERIES, QUICK_PASSAGES = 150, 20_000


@dataclass(frozen=True, slots=True)
class Text:
    """A passage to pour. `wall`: the organisation that it came from; 0: for all."""

    title: str
    text: str
    language: str
    wall: int = 0


@dataclass
class Row:
    """What one engine did with each query: its scores, the seconds that passed, and
    those of this process's own processor, which other work on the machine spares.
    """

    name: str
    ndcg: list[float] = field(default_factory=list)
    recall_10: list[float] = field(default_factory=list)
    recall_100: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    found: int = 0

    def ask(self, engine: Callable[[str], list], text: str, rounds: int = 1) -> list:
        """Ask, and keep the time of the fastest round."""
        times = []
        for _round in range(rounds):
            start, own = perf_counter(), process_time()
            found = engine(text)
            times.append((perf_counter() - start, process_time() - own))
        self.seconds.append(min(whole for whole, _own in times))
        self.own.append(min(own for _whole, own in times))
        return found

    def told(self) -> str:
        return "".join(f"{one:9.1f}" for one in self.milliseconds().values())

    def milliseconds(self) -> dict[str, float]:
        return {
            name: round(float(np.percentile(times, percent)) * 1000, 1)
            for name, times, percent in (
                ("p50_ms", self.seconds, 50),
                ("p95_ms", self.seconds, 95),
                ("own_p95_ms", self.own, 95),
            )
        }


TIMES = f"{'p50 ms':>9}{'p95 ms':>9}{'own p95':>9}"


# ── The reservoir in a database of its own ──────────────────────────────────


@contextmanager
def reservoir() -> Iterator[None]:
    """Connect to an empty reservoir, with an index in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        settings.INDEX_FOLDER = Path(folder)
        with own_database(DATABASE, "knowledge", empty=empty):
            yield


def empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS rival")
        cursor.execute(
            "TRUNCATE knowledge_piece, knowledge_change, experts_field,"
            " members_organisation RESTART IDENTITY CASCADE"
        )


def pour(texts: Iterable[Text]) -> tuple[int, float]:
    """Keep the texts as pieces numbered from 1, and let the index follow.

    Returns how many there are, and the seconds that following took.
    """
    following._nodes.clear()
    empty()
    home = Field.objects.create(code="banc", opened_on=date(2013, 1, 1))
    Organisation.objects.bulk_create(
        Organisation(pk=n, name=f"Coop {n}", sort_key=f"coop {n}", province="QC")
        for n in range(1, WALLS + 1)
    )
    columns = (
        "id, title, text, language, organisation_id, status, field_id, kind, province,"
        " source, confidentiality, privileged, licence, poured_on, released_on"
    )
    today, count = date(2025, 4, 1), 0
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY knowledge_piece ({columns}) FROM STDIN") as rows:
            for count, one in enumerate(texts, 1):
                status = Piece.Status.WALLED if one.wall else Piece.Status.RELEASED
                rows.write_row(
                    (count, one.title, one.text, one.language, one.wall or None,
                     str(status), home.pk, "GUIDE", "", "", "MEMBERS", False, "FREE",
                     today, today)
                )  # fmt: skip
        cursor.execute("ANALYZE knowledge_piece")
    start = perf_counter()
    if not following.node().follow():
        raise SystemExit("the index could not follow")
    return count, perf_counter() - start


def index_bytes() -> int:
    return sum(
        f.stat().st_size for f in settings.INDEX_FOLDER.rglob("*") if f.is_file()
    )


# ── The rivals ──────────────────────────────────────────────────────────────


def make_postgres(languages: Counter) -> Callable[[str, list[int], int], list[int]]:
    """Keep each text as a tsvector under a GIN index; ask for any word of a query."""
    main = CONFIGURATION[languages.most_common(1)[0][0]]
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE rival AS SELECT id, organisation_id AS wall, to_tsvector("
            "(CASE language WHEN 'fr' THEN 'french' ELSE 'english' END)::regconfig,"
            " title || ' ' || text) AS words FROM knowledge_piece"
        )
        cursor.execute("CREATE INDEX rival_words ON rival USING gin (words)")
        cursor.execute("CREATE INDEX rival_wall ON rival (wall)")
        cursor.execute("ANALYZE rival")

    def ask(text: str, walls: list[int], limit: int) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM rival, (SELECT replace("
                "plainto_tsquery(%s, %s)::text, '&', '|')::tsquery AS asked) AS query"
                " WHERE words @@ asked"
                + (" AND wall = ANY(%s)" if walls else "")
                + " ORDER BY ts_rank(words, asked, 1) DESC, id LIMIT %s",
                [main, text, *([walls] if walls else []), limit],
            )
            return [row[0] for row in cursor.fetchall()]

    return ask


def make_sqlite(
    texts: Iterable[Text], languages: Counter
) -> Callable[[str, list[int], int], list[int]]:
    english = languages.most_common(1)[0][0] == "en"
    kept = sqlite3.connect("")  # a passing file
    kept.execute(
        "CREATE VIRTUAL TABLE rival USING fts5(words, wall, content='', tokenize ="
        f" '{'porter ' if english else ''}unicode61 remove_diacritics 2')"
    )
    kept.executemany(
        "INSERT INTO rival (rowid, words, wall) VALUES (?, ?, ?)",
        (
            (n, f"{one.title} {one.text}", f"w{one.wall}")
            for n, one in enumerate(texts, 1)
        ),
    )
    kept.execute("INSERT INTO rival (rival) VALUES ('optimize')")
    kept.commit()

    def ask(text: str, walls: list[int], limit: int) -> list[int]:
        words = analysis.folded(text).split()
        if not words:
            return []
        wanted = "words: (" + " OR ".join(f'"{word}"' for word in words) + ")"
        if walls:
            wanted += " AND wall: (" + " OR ".join(f'"w{n}"' for n in walls) + ")"
        rows = kept.execute(
            "SELECT rowid FROM rival WHERE rival MATCH ?"
            " ORDER BY bm25(rival, 1, 0), rowid LIMIT ?",
            [wanted, limit],
        )
        return [row[0] for row in rows]

    return ask


# ── Collections with known answers ──────────────────────────────────────────


def lines(path: Path) -> Iterator[dict]:
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file if line.strip())


def relevances(folder: Path) -> dict[str, dict[str, int]]:
    """Read the relevances, of three columns (BEIR) or of four (TREC).

    Of several files those of the test, if there are any; else all of them.
    """
    found: dict[str, dict[str, int]] = {}
    files = sorted(folder.glob("qrels*.tsv")) + sorted(folder.glob("qrels/*.tsv"))
    files = [file for file in files if "test" in file.stem] or files
    for line in chain.from_iterable(f.read_text("utf-8").splitlines() for f in files):
        cells = line.split()
        if len(cells) >= 3 and cells[-1].lstrip("-").isdigit():
            found.setdefault(cells[0], {})[cells[-2]] = int(cells[-1])
    return found


def texts_of(folder: Path) -> tuple[list[str], list[Text]]:
    """Return the names and the texts of a corpus, each in its language.

    Where the corpus does not say it, the small words do; where they do not, most.
    """
    rows = list(lines(folder / "corpus.jsonl"))
    told = [
        str(row.get("lang") or "")[:2].lower()
        or analysis.language_of(f"{row.get('title') or ''} {row.get('text') or ''}")
        for row in rows
    ]
    most = Counter(one for one in told if one in CONFIGURATION).most_common(1)
    usual = most[0][0] if most else "fr"
    return [str(row["_id"]) for row in rows], [
        Text(
            (row.get("title") or "")[:200].replace("\0", ""),
            (row.get("text") or row.get("title") or "").replace("\0", ""),
            one if one in CONFIGURATION else usual,
        )
        for row, one in zip(rows, told, strict=True)
    ]


def judged(row: Row, found: list[str], relevant: dict[str, int]) -> None:
    gains = [max(0, relevant.get(name, 0)) for name in found[:TOP]]
    best = sorted((max(0, one) for one in relevant.values()), reverse=True)
    row.ndcg.append(discounted(gains[:10]) / discounted(best[:10]))
    good = sum(one > 0 for one in best)
    row.recall_10.append(sum(one > 0 for one in gains[:10]) / good)
    row.recall_100.append(sum(one > 0 for one in gains) / good)


def discounted(gains: list[int]) -> float:
    return sum(gain / log2(rank + 2) for rank, gain in enumerate(gains))


def on_collection(folder: Path, *, quick: bool, every: bool) -> dict:
    relevant = {
        query: some
        for query, some in relevances(folder).items()
        if any(grade > 0 for grade in some.values())
    }
    queries = {str(row["_id"]): row["text"] for row in lines(folder / "queries.jsonl")}
    sample = [] if every else sorted(folder.glob("sample*.txt"))
    names = sample[0].read_text("utf-8").split() if sample else list(queries)
    names = [name for name in names if name in relevant and name in queries]
    if quick:
        names = names[:: max(1, len(names) // QUICK_QUERIES)]
    if not names:
        raise SystemExit(f"{folder}: no query has a relevant document")
    ids, texts = texts_of(folder)
    languages = Counter(one.language for one in texts)
    count, seconds = pour(texts)
    sight = Sight()
    postgres, sqlite = make_postgres(languages), make_sqlite(texts, languages)
    engines: dict[str, Callable[[str], list[int]]] = {
        "reservoir": lambda text: search(text, sight=sight).ids[:TOP],
        "PostgreSQL ts_rank": lambda text: postgres(text, [], TOP),
        "SQLite FTS5": lambda text: sqlite(text, [], TOP),
    }
    rows = [Row(name) for name in engines]
    for name in names:
        for row, ask in zip(rows, engines.values(), strict=True):
            found = row.ask(ask, queries[name])
            judged(row, [ids[one - 1] for one in found], relevant[name])
    bytes_each = index_bytes() / count
    print(
        f"\n{folder.name}: {count} documents ({dict(languages)}), {len(names)} queries"
        f"{f' of {sample[0].name}' if sample else ''}, indexed in {seconds:.1f} s,"
        f" {bytes_each:.0f} bytes of index for each"
    )
    print(f"{'':20}{'nDCG@10':>9}{'R@10':>8}{'R@100':>8}{TIMES}  we win/lose")
    ours = np.array(rows[0].ndcg)
    for row in rows:
        theirs = np.array(row.ndcg)
        print(
            f"{row.name:20}{np.mean(row.ndcg):9.4f}{np.mean(row.recall_10):8.3f}"
            f"{np.mean(row.recall_100):8.3f}{row.told()}"
            + (
                f"  {(ours > theirs).sum()}/{(ours < theirs).sum()}"
                if row is not rows[0]
                else ""
            )
        )
    return {
        "collection": folder.name,
        "documents": count,
        "queries": len(names),
        "index_bytes_each": round(bytes_each),
        **{
            row.name: {
                "ndcg_10": round(float(np.mean(row.ndcg)), 4),
                "recall_10": round(float(np.mean(row.recall_10)), 4),
                "recall_100": round(float(np.mean(row.recall_100)), 4),
                **row.milliseconds(),
            }
            for row in rows
        },
    }


# ── Many passages behind walls ──────────────────────────────────────────────

OPENINGS = ["b", "c", "d", "f", "g", "j", "l", "m", "n", "p", "r", "s", "t", "v", "ch"]
VOWELS = ["a", "e", "i", "o", "u", "é", "è", "ai", "eau", "ou", "on", "an"]
SYLLABLES = [opening + vowel for opening in OPENINGS for vowel in VOWELS]
ENDS = ["", "s", "e", "es", "er", "ment", "tion", "aux"]
WORDS = 300_000  # that there are; a word's rank decides how often it is said
MEAN_WORDS = 60  # of a passage that mean something; a small word follows two in three
MADE_AT_ONCE = 10_000
ROUNDS = 3  # times each query is asked; the fastest counts, whatever else runs here


class MadeUp:
    """Passages of made-up words, always the same: Zipf's law, and French endings."""

    def __init__(self) -> None:
        draw = np.random.default_rng(2025)
        made: dict[str, None] = {}
        while len(made) < WORDS:
            parts = draw.integers(0, len(SYLLABLES), (WORDS, 4))
            ends = draw.integers(0, len(ENDS), WORDS)
            sizes = draw.integers(2, 5, WORDS)
            for row, end, size in zip(parts, ends, sizes, strict=True):
                made["".join(SYLLABLES[n] for n in row[:size]) + ENDS[end]] = None
        self.words = list(made)[:WORDS]
        small = analysis.SMALL_WORDS["fr"]
        self.followed = np.array(
            [f"{word} {small[n % len(small)]}" if n % 3 else word
             for n, word in enumerate(self.words)], dtype=object
        )  # fmt: skip
        odds = 1 / (np.arange(WORDS) + 3.0) ** 1.05
        self.rising = np.cumsum(odds / odds.sum())

    def passages(self, count: int) -> Iterator[Text]:
        for first in range(0, count, MADE_AT_ONCE):
            draw = np.random.default_rng([2025, first])
            some = min(MADE_AT_ONCE, count - first)
            sizes = np.clip(draw.lognormal(np.log(MEAN_WORDS), 0.5, some), 8, 230)
            ends = np.cumsum(sizes.astype(int))
            said = self.followed[np.searchsorted(self.rising, draw.random(ends[-1]))]
            walls = draw.integers(1, WALLS + 1, some)
            for start, end, wall in zip([0, *ends[:-1]], ends, walls, strict=True):
                text = " ".join(said[start:end])
                yield Text(text[:40], text, "fr", int(wall))

    def queries(self, count: int, texts: Iterable[Text]) -> list[str]:
        """Ask two to six words of a passage that is seen; one query in ten mistyped."""
        draw = np.random.default_rng(7)
        seen = list(islice((one for one in texts if one.wall <= PASSED), count))
        found = []
        for nth in range(count):
            words = analysis.words(seen[nth % len(seen)].text, "fr")
            some = [words[n] for n in draw.integers(0, len(words), 2 + nth % 5)]
            if nth % 10 == 0:
                word = max(some, key=len)
                some[some.index(word)] = word[:2] + word[3] + word[2] + word[4:]
            found.append(" ".join(some))
        return found


def memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def on_passages(wanted: int, *, quick: bool) -> dict:
    made = MadeUp()
    start = perf_counter()
    count, following_seconds = pour(made.passages(wanted))
    poured = perf_counter() - start - following_seconds
    size = index_bytes()
    walls = list(range(1, PASSED + 1))
    sight = Sight(organisation_ids=tuple(walls))
    queries = made.queries(60 if quick else 200, made.passages(min(count, 50_000)))
    languages = Counter(fr=1)
    postgres = make_postgres(languages)
    sqlite = make_sqlite(made.passages(count), languages)
    engines: dict[str, Callable[[str], list]] = {
        "reservoir, top 10": lambda text: find_passages(text, sight=sight, limit=10),
        "reservoir, whole page": lambda text: search(text, sight=sight).pieces(0, 10),
        "PostgreSQL ts_rank": lambda text: postgres(text, walls, 10),
        "SQLite FTS5": lambda text: sqlite(text, walls, 10),
    }
    rows = [Row(name) for name in engines]
    for row, ask in zip(rows, engines.values(), strict=True):
        for text in queries:
            row.found += len(row.ask(ask, text, ROUNDS))
    print(
        f"\n{count} passages, {PASSED} of {WALLS} walls passed, {len(queries)} queries."
        f" Poured in {poured:.0f} s, indexed in {following_seconds:.0f} s"
        f" ({count / following_seconds:.0f}/s); index {size / 1e6:.1f} MB,"
        f" {size / count:.0f} bytes for each; this process {memory_mb():.0f} MB at most"
    )
    print(f"{'':24}{TIMES}{'found':>8}")
    for row in rows:
        print(f"{row.name:24}{row.told()}{row.found / len(queries):8.1f}")
    return {
        "passages": count,
        "index_bytes_each": round(size / count),
        "indexed_per_second": round(count / following_seconds),
        "memory_mb": round(memory_mb()),
        **{row.name: row.milliseconds() for row in rows},
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--collection", type=Path, nargs="+", default=[], metavar="DIR")
    parser.add_argument("--passages", type=int, metavar="N")
    parser.add_argument("--all", action="store_true", help="all queries, no sample")
    parser.add_argument("--quick", action="store_true", help="less than a minute")
    asked = parser.parse_args()
    passages = asked.passages
    if passages is None and not asked.collection:
        passages = QUICK_PASSAGES if asked.quick else 1_000_000
    results = []
    with reservoir():
        for folder in asked.collection:
            results.append(on_collection(folder, quick=asked.quick, every=asked.all))
        if passages:
            results.append(on_passages(passages, quick=asked.quick))
    print(json.dumps({"benchmark": "retrieval", "results": results}))


if __name__ == "__main__":
    main()
