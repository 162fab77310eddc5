"""How fast are the pages, on the demonstration year?

For every page that a role can open: the median time, how many questions it asks the
database (on its first and on its last page: the number must not follow the rows),
and the bytes it sends. The rival is the limit: the same kind of list, 25 needs,
written by hand with one line of SQL and no template, asked in turn in the same run.

Run: python3 run.py python benchmarks/pages.py [--quick]
It reads the database of this machine (or of DATABASE_URL), which must hold the
demonstration. It changes nothing.
"""

import argparse
import json
import os
import re
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from partage.cli.main import prepare_the_environment

prepare_the_environment()

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, URLPattern, get_resolver, resolve, reverse
from django.utils.html import escape

from partage.config.database import reachable

LARGEST_LIST = 60_000  # bytes
DOORS = {
    "member": "membre@partage.example",
    "expert": "experte@partage.example",
    "coordination": "coordination@partage.example",
    "finance": "finances@partage.example",
    "board": "conseil@partage.example",
    "administration": "administration@partage.example",
}


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


def pages() -> list[tuple[str, URLPattern, str]]:
    """Every page of the six doors: (door, pattern, URL name)."""
    found = []

    def walk(resolver, door=""):
        for entry in resolver.url_patterns:
            if not isinstance(entry, URLPattern):
                walk(entry, entry.namespace or door)
            elif door in DOORS and entry.name:
                found.append((door, entry, f"{door}:{entry.name}"))

    walk(get_resolver())
    return found


class Visitor:
    """Someone of a door, and the addresses that person meets while walking."""

    def __init__(self, door: str) -> None:
        self.client = Client(headers={"host": "localhost"})
        self.client.raise_request_exception = False
        self.client.login(username=DOORS[door], password="partage-2025")
        self.links: set[str] = set()

    def get(self, address: str):
        return self.client.get(address)

    def walk(self, address: str) -> None:
        response = self.get(address)
        if "text/html" in response.headers.get("content-type", ""):
            self.links |= {
                link.split("?")[0].split("#")[0]
                for link in re.findall(r'href="(/[^"]*)"', response.text)
            }


def address_of(name: str, pattern: URLPattern, visitor: Visitor) -> str | None:
    """The page's address: plain, or one that was met on the pages of its door."""
    if not pattern.pattern.converters:
        return reverse(name)
    for link in sorted(visitor.links):
        try:
            if resolve(link).view_name == name:
                return link
        except Resolver404:
            continue
    return None


def queries_of(visitor: Visitor, address: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        visitor.get(address)
    return len(seen)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    rounds = 3 if parser.parse_args().quick else 9
    call_command("collectstatic", interactive=False, verbosity=0)
    with reachable(settings.VAR):
        measure(rounds)


def measure(rounds: int) -> None:
    rows, limit_times, skipped = [], [], []
    visitors = {door: Visitor(door) for door in DOORS}
    found = pages()
    # Twice: a list leads to its rows, a row to what hangs on it.
    for _turn in range(2):
        for door, pattern, name in found:
            if address := address_of(name, pattern, visitors[door]):
                visitors[door].walk(address)
    for door, pattern, name in found:
        visitor = visitors[door]
        address = address_of(name, pattern, visitor)
        response = visitor.get(address) if address else None
        html = response and "text/html" in response.headers.get("content-type", "")
        if response is None or response.status_code != 200 or not html:
            skipped.append(name)
            continue
        times = []
        for _round in range(rounds):
            start = perf_counter()
            response = visitor.get(address)
            times.append(perf_counter() - start)
            start = perf_counter()
            raw_needs()
            limit_times.append(perf_counter() - start)
        first = queries_of(visitor, address)
        last = queries_of(visitor, f"{address}?page=9999")
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
