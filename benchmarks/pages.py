"""How fast are the pages, on the demonstration year?

For every page that a role can open: the median time, how many questions it asks the
database (on its first and on its last page: the number must not follow the rows),
and the bytes it sends. The rival is the limit: the same kind of list, 25 needs,
written by hand with one line of SQL and no template, asked in turn in the same run.

Run: .venv/bin/python benchmarks/pages.py [--quick]
It reads the database of this machine (or of DATABASE_URL), which must hold the
demonstration. It changes nothing.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from partage.cli.main import prepare_the_environment

prepare_the_environment()

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from partage.config.database import reachable
from tests.doors.walk import ACCOUNTS, Walker

LARGEST_LIST = 60_000  # bytes


def raw_needs() -> bytes:
    """The limit: 25 needs by one question, written by hand."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.id, n.reference, n.title, o.name, n.status, n.received_at"
            " FROM needs_need n JOIN members_organisation o ON o.id = n.organisation_id"
            " ORDER BY n.received_at DESC LIMIT 25"
        )
        rows = "".join(
            f"<tr><th><a href='/{pk}'>{escape(title)}</a></th><td>{reference}</td>"
            f"<td>{escape(name)}</td><td>{status}</td><td>{at:%Y-%m-%d}</td></tr>"
            for pk, reference, title, name, status, at in cursor.fetchall()
        )
    return f"<!doctype html><table>{rows}</table>".encode()


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        client.get(address)
    return len(seen)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    rounds = 3 if parser.parse_args().quick else 9
    call_command("collectstatic", interactive=False, verbosity=0)
    with reachable(settings.VAR):
        measure(rounds)


def measure(rounds: int) -> None:
    if "governance_cooperative" not in connection.introspection.table_names():
        sys.exit("This database is empty: start it once with « python3 run.py ».")
    rows, limit_times, skipped = [], [], []
    for door, email in ACCOUNTS.items():
        client = Client(headers={"host": "localhost"})
        client.login(username=email, password="partage-2025")
        walker = Walker(client, door)
        readable = dict(walker.readable())
        skipped += [name for name, _pattern in walker.pages if name not in readable]
        for name, address in readable.items():
            times = []
            for _round in range(rounds):
                start = perf_counter()
                response = client.get(address)
                times.append(perf_counter() - start)
                start = perf_counter()
                raw_needs()
                limit_times.append(perf_counter() - start)
            first = queries_of(client, address)
            last = queries_of(client, f"{address}?page=9999")
            rows.append((name, median(times), first, last, len(response.content)))
    limit = median(limit_times)
    rows.sort(key=lambda row: -row[1])
    print(f"{os.uname().machine}, {os.cpu_count()} processors, {rounds} rounds")
    print(f"the limit, 25 needs by hand: {limit * 1000:.1f} ms\n")
    print(f"{'page':42}{'ms':>7}{'× limit':>9}{'queries':>9}{'last':>6}{'kB':>7}")
    for name, seconds, first, last, size in rows:
        print(
            f"{name:42}{seconds * 1000:7.0f}{seconds / limit:9.0f}"
            f"{first:9}{last:6}{size / 1000:7.1f}"
        )
    print(f"\nnot opened by GET alone: {', '.join(skipped)}\n")
    print(
        json.dumps(
            {
                "pages": len(rows),
                "median_ms": round(median(r[1] for r in rows) * 1000, 1),
                "slowest": rows[0][0],
                "slowest_ms": round(rows[0][1] * 1000, 1),
                "limit_ms": round(limit * 1000, 2),
                "most_queries": max(row[2] for row in rows),
                "queries_follow_rows": [r[0] for r in rows if r[3] > r[2]],
                "largest_bytes": max(row[4] for row in rows),
                "over_60_kb": [row[0] for row in rows if row[4] > LARGEST_LIST],
            }
        )
    )


if __name__ == "__main__":
    main()
