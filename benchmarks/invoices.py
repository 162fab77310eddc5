"""How much does our code cost beside Typst alone, for one invoice of 20 lines?

Prints PDF per second of `render_invoice`, and of the same compiler given the same
template with its data already made, in turns, then their ratio: 1.0 means that we
add nothing to Typst. Run: python benchmarks/invoices.py [--quick]
"""

import argparse
import json
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import median
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from partage.documents import invoice as invoices
from partage.documents import press
from partage.documents.invoice import InvoiceDocument, render_invoice
from partage.documents.parts import Letterhead, Party, TaxDue, WorkLine
from partage.rules.money import amount_for, to_cents


def sample(number: int) -> InvoiceDocument:
    rate = Decimal("95.00")
    lines = [
        WorkLine(
            description=f"Séance {line} du mandat {number}",
            minutes=60 + 15 * line,
            rate=rate,
            amount=amount_for(60 + 15 * line, rate),
            who="Anaïs Bouchard",
            field="Gouvernance",
            first_on=date(2025, 4, 1 + line),
        )
        for line in range(20)
    ]
    subtotal = sum((line.amount for line in lines), Decimal(0))
    taxes = [
        TaxDue(
            code=code,
            rate=Decimal(rate),
            amount=to_cents(subtotal * Decimal(rate)),
            registration_number=registration,
        )
        for code, rate, registration in (
            ("GST", "0.05", "123456789 RT0001"),
            ("QST", "0.09975", "1234567890 TQ0001"),
        )
    ]
    return InvoiceDocument(
        language="fr",
        number=f"2025-{number:05}",
        issued_on=date(2025, 5, 2),
        supplier=Letterhead(name="Coopérative du Fleuve", address=["Québec"]),
        purchaser=Party(name="Fédération de l’alimentation", address=["Montréal"]),
        title="Révision de la gouvernance",
        lines=lines,
        subtotal=subtotal,
        taxes=taxes,
        total=subtotal + sum(tax.amount for tax in taxes),
        due_on=date(2025, 6, 1),
    )


def data_of(document: InvoiceDocument) -> dict:
    """Return what `render_invoice` hands to the press."""
    kept = []
    real = invoices.print_pdf
    invoices.print_pdf = lambda template, data, on: kept.append(data)
    try:
        render_invoice(document)
    finally:
        invoices.print_pdf = real
    return kept[0]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="a few seconds")
    rounds, size = (3, 10) if arguments.parse_args().quick else (9, 50)

    render_invoice(sample(0))
    ours, alone = [], []
    number = 0
    for _ in range(rounds):
        # Other numbers each time, as Typst remembers what it has just laid out.
        batch = range(number + 1, number + size + 1)
        number += 2 * size
        start = perf_counter()
        for each in batch:
            render_invoice(sample(each))
        ours.append(size / (perf_counter() - start))

        ready = [data_of(sample(each + size)) for each in batch]
        start = perf_counter()
        for data in ready:
            press._compile("invoice", data, date(2025, 5, 2))
        alone.append(size / (perf_counter() - start))

    ratio = median(mine / theirs for mine, theirs in zip(ours, alone, strict=True))
    print(f"render_invoice   {median(ours):6.1f} PDF/s")
    print(f"Typst alone      {median(alone):6.1f} PDF/s")
    print(f"ratio            {ratio:6.2f}")
    print(
        json.dumps(
            {
                "benchmark": "invoices",
                "pdf_per_second": round(median(ours), 1),
                "typst_alone_per_second": round(median(alone), 1),
                "ratio": round(ratio, 3),
            }
        )
    )


if __name__ == "__main__":
    main()
