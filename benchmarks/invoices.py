"""How fast are invoices issued, beside Typst printing the same pages alone?

Issues 1 000 drafts of 20 lines (120 with --quick) one by one by the product's own act:
each takes its number, is frozen with its taxes, printed, kept and written in the
journal, and committed. In turns, Typst compiles as many pages from the same template
with their data already made. Their ratio is what all of issuing costs beside the
printing of it: 1.0 means that it adds nothing. `render` is the printing alone, by our
code. Everything happens in a database of its own, which is destroyed.
Run: DATABASE_URL=… python benchmarks/invoices.py [--quick]
"""

import argparse
import json
import os
import platform
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import median
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partage.config.settings")

import django

django.setup()

from django.db import connection

from partage.billing.actions import issue_invoice
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
from partage.rules.money import amount_for

LINES, MEMBERS, RATE = 20, 50, Decimal("95.00")
TODAY = date(2025, 5, 2)


def house() -> list[Mandate]:
    """Write a cooperative, and a mandate for each of its members."""
    load_reference()
    Cooperative.objects.create(
        name="Coopérative du Fleuve", address="1, rue du Port", city="Québec",
        province="QC", gst_number="123456789 RT0001", qst_number="1234567890 TQ0001",
        email="bonjour@fleuve.example", demonstration_on=TODAY,
    )  # fmt: skip
    field = Field.objects.get(code="gouvernance")
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
            minutes=60 + 15 * n, rate=RATE, amount=amount_for(60 + 15 * n, RATE),
        )
        for row in rows
        for n in range(LINES)
    )  # fmt: skip
    return [row.pk for row in rows]


def measure(count: int, batch: int) -> tuple[list[float], list[float], list[float]]:
    """Return invoices, then pages by our code, then by Typst alone, per second."""
    by = Actor(user_id=None, name="benchmarks/invoices.py", at=business_now())
    ids = drafts(count + batch, house(), by)
    printed: list[dict] = []
    real = invoices.print_pdf
    ours, printing, alone = [], [], []
    rendering = 0.0

    def watched(template, data, on):
        nonlocal rendering
        printed.append(data)
        start = perf_counter()
        content = real(template, data, on=on)
        rendering += perf_counter() - start
        return content

    invoices.print_pdf = watched
    try:
        for start_at in range(0, len(ids), batch):
            printed.clear()
            rendering = 0.0
            start = perf_counter()
            for pk in ids[start_at : start_at + batch]:
                issue_invoice(invoice_id=pk, by=by)
            whole = perf_counter() - start
            done = len(printed)
            # Other words each time, as Typst remembers what it has just laid out.
            for data in printed:
                data["lines"] = [
                    {**line, "description": line["description"] + " bis"}
                    for line in data["lines"]
                ]
            start = perf_counter()
            for data in printed:
                press._compile("invoice", data, TODAY)
            if start_at:  # the first batch warms both up
                alone.append(done / (perf_counter() - start))
                ours.append(done / whole)
                printing.append(done / rendering)
    finally:
        invoices.print_pdf = real
    return ours, printing, alone


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="under a minute")
    count, batch = (120, 20) if arguments.parse_args().quick else (1_000, 50)
    connection.settings_dict["TEST"]["NAME"] = "partage_benchmark_invoices"
    before = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        ours, printing, alone = measure(count, batch)
        issued = Invoice.objects.filter(number__isnull=False)
        numbers = sorted(issued.values_list("number", flat=True))
        assert numbers == list(range(1, count + batch + 1)), "numbers have a gap"
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)
    ratio = median(mine / theirs for mine, theirs in zip(ours, alone, strict=True))
    print(
        f"{platform.machine()}, {os.cpu_count()} CPU, {count} invoices of {LINES} lines"
    )
    print(f"issued, all of it    {median(ours):6.1f} invoices/s")
    print(f"  of which printing  {median(printing):6.1f} PDF/s")
    print(f"Typst alone          {median(alone):6.1f} PDF/s")
    print(f"ratio                {ratio:6.2f}")
    print(
        json.dumps(
            {
                "benchmark": "invoices",
                "invoices": count,
                "lines": LINES,
                "issued_per_second": round(median(ours), 1),
                "printed_per_second": round(median(printing), 1),
                "typst_alone_per_second": round(median(alone), 1),
                "ratio": round(ratio, 3),
            }
        )
    )


if __name__ == "__main__":
    main()
