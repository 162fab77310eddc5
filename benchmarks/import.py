"""How much faster is our import than a loop that saves each row by the ORM?

Reads, checks and writes a workbook of time (50 000 rows; 3 000 with --quick), then
writes the same entries one by one with `TimeEntry.objects.create`, for as many rows
as fit in the sample, and prints rows per second of each, and their ratio. All of it
is rolled back. Run: DATABASE_URL=… python benchmarks/import.py [--quick]
"""

import argparse
import io
import json
import os
import sys
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partage.config.settings")

import django

django.setup()

import openpyxl
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from partage.cli.reference import load_reference
from partage.governance.queries import business_now
from partage.importing.actions import keep_import, write_import
from partage.importing.queries import Options, read
from partage.journal.actions import Actor
from partage.timesheets.models import TimeEntry

EXPERTS, A_DAY = 50, 4


def workbook(rows: int) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    for name, header, lines in (
        ("Membres", ["Nom", "Membre depuis", "Province"],
         [["Coop du banc d’essai", date(2019, 1, 1), "QC"]]),
        ("Experts", ["Nom complet", "Date d’embauche", "Province"],
         [[f"Experte d’essai {n}", date(2010, 1, 1), "QC"] for n in range(EXPERTS)]),
        ("Mandats", ["Référence", "Client", "Titre", "Domaine", "Début", "Experts",
                     "Taux"],
         [[f"BANC-{n}", "Coop du banc d’essai", f"Mandat {n}", "Gouvernance",
           date(2010, 1, 1),
           "; ".join(f"Experte d’essai {each}" for each in range(EXPERTS)), "110"]
          for n in range(A_DAY)]),
        ("Temps", ["Date", "Expert", "Mandat", "Heures", "Note"],
         [[date(2023, 1, 2) + timedelta(n // (EXPERTS * A_DAY)),
           f"Experte d’essai {n // A_DAY % EXPERTS}", f"BANC-{n % A_DAY}", 1.5, "Suivi"]
          for n in range(rows)]),
    ):  # fmt: skip
        sheet = book.create_sheet(name)
        sheet.append(header)
        for line in lines:
            sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="a few seconds")
    quick = arguments.parse_args().quick
    rows, sample = (3_000, 500) if quick else (50_000, 3_000)
    content = workbook(rows)
    by = Actor(user_id=None, name="benchmarks/import.py", at=business_now())
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        load_reference()
        before = len(asked)
        start = perf_counter()
        sheets = read("banc.xlsx", content, Options())
        reading = perf_counter() - start
        kept = keep_import(
            name="banc.xlsx", content=content, options=Options(), by=by, sheets=sheets
        )
        write_import(import_id=kept.pk, good_rows=False, by=by, sheets=sheets)
        whole = perf_counter() - start
        queries = len(asked) - before
        entries = list(TimeEntry.objects.order_by("-id")[:sample])
        TimeEntry.objects.filter(pk__in=[each.pk for each in entries]).delete()
        start = perf_counter()
        for each in entries:
            TimeEntry.objects.create(
                week_id=each.week_id,
                expert_id=each.expert_id,
                on=each.on,
                mandate_id=each.mandate_id,
                minutes=each.minutes,
                note=each.note,
            )
        loop = sample / (perf_counter() - start)
        transaction.set_rollback(True)
    ours, writing = rows / whole, rows / (whole - reading)
    print(f"import, all of it      {ours:8.0f} rows/s ({queries} queries)")
    print(f"check twice and write  {writing:8.0f} rows/s")
    print(f"ORM loop, writing only {loop:8.0f} rows/s")
    print(f"ratio of the writing   {writing / loop:8.1f}")
    print(
        json.dumps(
            {
                "benchmark": "import",
                "rows": rows,
                "rows_per_second": round(ours),
                "queries": queries,
                "orm_loop_rows_per_second": round(loop),
                "ratio": round(writing / loop, 1),
            }
        )
    )


if __name__ == "__main__":
    main()
