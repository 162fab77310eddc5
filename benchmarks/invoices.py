"""How fast are invoices issued, beside Typst printing the same pages alone?

Issues 1 000 drafts of 20 lines (160 with --quick) by the product's own acts, in turns:
one by one, then by the handful as the page that issues many does. Each takes its
number, is frozen with its taxes, printed with the composition of its price, kept and
written in the journal, and committed. In turns too, Typst compiles as many pages from
the same template, their data already made, with one compiler and then with one on each
core. A ratio is what all of issuing costs beside the printing of it: 1.0 means that it
adds nothing. Everything happens in a database of its own, which is destroyed.
Run: DATABASE_URL=… python benchmarks/invoices.py [--quick]
"""

import argparse
import json
import os
import platform
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partage.config.settings")

import django

django.setup()

from django.db import connection

from partage.billing.actions import issue_invoice, issue_invoices
from partage.billing.models import Invoice, InvoiceLine
from partage.cli.reference import load_reference
from partage.documents import invoice as invoices
from partage.documents import press
from partage.experts.models import Field
from partage.governance.models import Cooperative
from partage.governance.queries import business_now
from partage.journal.actions import Actor
from partage.mandates.models import Mandate
from partage.members.models import Organisation
from partage.portal.finance.invoices import BATCH
from partage.rules.money import amount_for
from partage.tariffs.models import HourlyRate, RateCard, RatePart

LINES, MEMBERS, RATE = 20, 50, Decimal("95.00")
PARTS = (("pay", "52.00"), ("charges", "9.00"), ("shared", "27.50"),
         ("knowledge", "4.00"), ("unused", "2.50"))  # fmt: skip
TODAY = date(2025, 5, 2)
HANDFULS = 2  # of the page, in one turn
CORES = os.cpu_count() or 1
# Other figures of the same width: Typst remembers what it has just laid out.
OTHER = str.maketrans("0123456789", "1234567890")


def house() -> list[Mandate]:
    """Write a cooperative, its rates, and a mandate for each of its members."""
    load_reference()
    Cooperative.objects.create(
        name="Coopérative du Fleuve", address="1, rue du Port", city="Québec",
        province="QC", gst_number="123456789 RT0001", qst_number="1234567890 TQ0001",
        email="bonjour@fleuve.example", demonstration_on=TODAY,
    )  # fmt: skip
    field = Field.objects.get(code="gouvernance")
    card = RateCard.objects.create(name="Grille 2025", starts_on=date(2025, 1, 1))
    rate = HourlyRate.objects.create(card=card, field=field, level=2, amount=RATE)
    for kind, amount in PARTS:
        RatePart.objects.create(rate=rate, kind=kind, amount=Decimal(amount))
    found = []
    for n in range(MEMBERS):
        org = Organisation.objects.create(
            name=f"Coopérative no {n}", sort_key=f"cooperative no {n}",
            kind="COOPERATIVE", city="Rimouski", province="QC",
        )  # fmt: skip
        found.append(
            Mandate.objects.create(
                reference=f"BANC-{n}", organisation=org, field=field,
                title="Révision de la gouvernance", province="QC", language="fr",
                opened_on=date(2025, 1, 6), budget_minutes=60_000,
                budget_amount=Decimal("95000.00"),
            )
        )  # fmt: skip
    return found


def drafts(count: int, mandates: list[Mandate], by: Actor) -> list[int]:
    """Write drafts of 20 lines of hours, not measured."""
    rows = Invoice.objects.bulk_create(
        Invoice(
            mandate=mandate, organisation=mandate.organisation,
            period_start=date(2025, 4, 1), period_end=date(2025, 4, 30),
            province="QC", language="fr", created_at=by.at,
        )
        for n in range(count)
        for mandate in [mandates[n % len(mandates)]]
    )  # fmt: skip
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=row, position=n, kind="TIME", level=2,
            field_id=row.mandate.field_id, description=f"Séance {n} de {row.pk}",
            minutes=minutes, rate=RATE, amount=amount_for(minutes, RATE),
        )
        for row in rows
        for n in range(LINES)
        for minutes in [60 + 15 * ((n + row.pk) % 23)]
    )  # fmt: skip
    return [row.pk for row in rows]


def other(value: Any) -> Any:
    """Return the same data with other figures."""
    if isinstance(value, str):
        return value.translate(OTHER)
    if isinstance(value, dict):
        return {key: other(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [other(each) for each in value]
    return value


def one_by_one(ids: list[int], by: Actor) -> None:
    for pk in ids:
        issue_invoice(invoice_id=pk, by=by)


def by_the_handful(ids: list[int], by: Actor) -> None:
    for start in range(0, len(ids), BATCH):
        done = issue_invoices(invoice_ids=ids[start : start + BATCH], by=by)
        assert not done.refused


def typst_alone(documents: list[dict], cores: int) -> None:
    with ThreadPoolExecutor(cores) as presses:
        list(presses.map(lambda one: press._compile("invoice", one, TODAY), documents))


def measure(count: int) -> dict[str, list[tuple[float, float]]]:
    """Return invoices per second by our acts, and by Typst alone, of each turn."""
    by = Actor(user_id=None, name="benchmarks/invoices.py", at=business_now())
    turn = BATCH * HANDFULS
    # The first turn of each warms everything up.
    ids = drafts(count + 2 * turn, house(), by)
    printed: list[dict] = []
    real = invoices.print_pdfs

    def watched(template, documents):
        def seen():
            for data, on in documents:
                printed.append(data)
                yield data, on

        return real(template, seen())

    ways = {"one by one": (one_by_one, 1), "by the handful": (by_the_handful, CORES)}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    invoices.print_pdfs = watched
    try:
        while ids:
            for name, (issue, cores) in ways.items():
                now, ids = ids[:turn], ids[turn:]
                printed.clear()
                start = perf_counter()
                issue(now, by)
                ours = len(now) / (perf_counter() - start)
                alone = [other(data) for data in printed]
                start = perf_counter()
                typst_alone(alone, cores)
                found[name].append((ours, len(now) / (perf_counter() - start)))
    finally:
        invoices.print_pdfs = real
    return {name: rows[1:] for name, rows in found.items()}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="under a minute")
    turn = BATCH * HANDFULS
    wanted = 160 if arguments.parse_args().quick else 1_000
    count = -(-wanted // (2 * turn)) * 2 * turn  # whole turns
    connection.settings_dict["TEST"]["NAME"] = "partage_benchmark_invoices"
    before = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        found = measure(count)
        issued = Invoice.objects.filter(number__isnull=False, pdf__isnull=False)
        numbers = sorted(issued.values_list("number", flat=True))
        assert numbers == list(range(1, count + 2 * turn + 1)), "numbers have a gap"
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)
    print(f"{platform.machine()}, {CORES} CPU, {count} invoices of {LINES} lines")
    print(f"{'':<16}{'issued/s':>10}{'Typst alone/s':>15}{'ratio':>8}")
    said: dict[str, Any] = {"benchmark": "invoices", "invoices": count, "lines": LINES}
    for name, rows in found.items():
        ours = median(mine for mine, _theirs in rows)
        alone = median(theirs for _mine, theirs in rows)
        ratio = median(mine / theirs for mine, theirs in rows)
        print(f"{name:<16}{ours:>10.1f}{alone:>15.1f}{ratio:>8.2f}")
        said[name.replace(" ", "_")] = {
            "issued_per_second": round(ours, 1),
            "typst_alone_per_second": round(alone, 1),
            "ratio": round(ratio, 3),
        }
    print(json.dumps(said))


if __name__ == "__main__":
    main()
