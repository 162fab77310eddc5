"""How fast is a year trued up, beside a loop that computes each row in Decimal?

Trues up 1 000 000 generated entries of 5 000 members in 24 pools: `tally` reads them
once from an iterator, `true_up` charges the same minutes at the final rates. The loop
keeps a Decimal per member and rounds each row. The time to generate the entries is
taken off both. Peak memory is told at a tenth of the entries, then at all of them: if
it is constant, the second adds nothing.

With --database, the entries are rows of the real tables: time sheets that no invoice
holds yet, read as a closing reads them, by a cursor of the server
(`closing.queries.entries.Stream`), beside the same rows fetched and computed one by
one in Decimal. The database is `partage_benchmark_year`, on this machine's PostgreSQL
or on that of DATABASE_URL; it is emptied after.

Run: python benchmarks/year_end.py [--database] [--quick]
"""

import argparse
import json
import random
import resource
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from partage.rules.costing import Pool
from partage.rules.money import CENT, amount_for
from partage.rules.trueup import Entry, TrueUp, tally, true_up

MEMBERS, FIELDS, LEVELS = 5_000, 8, 3
FIELD = [f"field-{n}" for n in range(FIELDS)]
# Provisional and final cents per hour.
RATE = {
    (FIELD[n], level): (
        8_000 + 700 * n + 1_500 * level,
        7_913 + 710 * n + 1_480 * level,
    )
    for n in range(FIELDS)
    for level in range(1, LEVELS + 1)
}
FINAL = {Pool(*key): final * CENT for key, (_, final) in RATE.items()}


def entries(count: int) -> Iterator[Entry]:
    """Each member buys of four pools, in no order; the same ones at each run."""
    draw = random.Random(2026).random
    for _ in range(count):
        member = int(draw() * MEMBERS)
        nth = (member + int(draw() * 4)) % (FIELDS * LEVELS)
        field, level = FIELD[nth % FIELDS], nth // FIELDS + 1
        minutes = 15 * (1 + int(draw() * 32))
        rate = RATE[field, level][0]
        yield member, field, level, rate, minutes, (minutes * rate + 30) // 60


def generating(count: int) -> float:
    start = perf_counter()
    for _ in entries(count):
        pass
    return perf_counter() - start


def streamed(count: int) -> tuple[TrueUp, float]:
    start = perf_counter()
    trued = true_up(tally(entries(count)), FINAL)
    return trued, perf_counter() - start


def row_by_row(count: int) -> tuple[dict[int, Decimal], float]:
    start = perf_counter()
    adjustments: dict[int, Decimal] = {}
    for member, field, level, _rate, minutes, cents in entries(count):
        final = amount_for(minutes, FINAL[Pool(field, level)])
        adjustment = Decimal(cents) / 100 - final
        adjustments[member] = adjustments.get(member, Decimal(0)) + adjustment
    return adjustments, perf_counter() - start


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="a few seconds")
    arguments.add_argument("--database", action="store_true", help="from PostgreSQL")
    asked = arguments.parse_args()
    if asked.database:
        from year_end_rows import measure

        measure(100_000 if asked.quick else 1_000_000)
        return
    count = 1_000_000
    rows = count // 20 if asked.quick else count

    before = peak_mib()
    streamed(count // 10)
    tenth = peak_mib()
    trued, seconds = streamed(count)
    whole = peak_mib()
    ours = count / (seconds - generating(count))
    adjustments, looped = row_by_row(rows)
    loop = rows / (looped - generating(rows))

    owed = sum(each.adjustment for each in trued.members)
    print(f"true-up, streamed     {ours:10.0f} entries/s ({seconds:.2f} s in all)")
    print(f"Decimal, row by row   {loop:10.0f} entries/s (on {rows} entries)")
    print(f"ratio                 {ours / loop:10.1f}")
    print(f"peak memory, 10 %     {tenth - before:10.1f} MiB above the start")
    print(f"peak memory, 100 %    {whole - tenth:10.1f} MiB above that")
    print(f"surplus {trued.surplus} $, adjustments {owed} $")
    if rows == count:
        print(f"row by row, rounded each time: {sum(adjustments.values()):.2f} $")
    print(
        json.dumps(
            {
                "benchmark": "year_end",
                "entries": count,
                "members": len(trued.members),
                "seconds": round(seconds, 2),
                "entries_per_second": round(ours),
                "rows_per_second": round(loop),
                "ratio": round(ours / loop, 1),
                "peak_mib_growth_10_percent": round(tenth - before, 1),
                "peak_mib_growth_10_to_100_percent": round(whole - tenth, 1),
            }
        )
    )


if __name__ == "__main__":
    main()
