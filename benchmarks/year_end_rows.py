"""What `year_end.py --database` trues up: a year of 5 000 members, in tables."""

import json
import resource
from datetime import date
from decimal import Decimal
from time import perf_counter, process_time

from partage.cli.main import prepare_the_environment

prepare_the_environment()

from django.db import connection
from own_database import own_database

from partage.closing.queries.entries import STREAM, Stream, account_of
from partage.experts.models import Expert, Field
from partage.mandates.models import Mandate, TeamMember
from partage.members.models import Organisation
from partage.rules.costing import Pool
from partage.rules.money import amount_for
from partage.rules.trueup import tally, true_up

DATABASE = "partage_benchmark_year"
MEMBERS, FIELDS, EXPERTS, TEAM, LEVELS = 5_000, 8, 400, 4, 3
YEAR, BEFORE = (
    (date(2024, 4, 1), date(2025, 3, 31)),
    (date(2022, 4, 1), date(2023, 3, 31)),
)


def final_of(field: int, level: int) -> Decimal:
    return Decimal(7_913 + 710 * field + 1_480 * level) / 100


def empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE timesheets_timeentry, mandates_teammember, mandates_mandate,"
            " experts_expert, experts_field, members_organisation"
            " RESTART IDENTITY CASCADE"
        )


def fill(count: int) -> None:
    """Write `count` entries in the year, and a tenth of it in a year before.

    Each member has a mandate, each mandate four people; none of it is billed yet.
    """
    Organisation.objects.bulk_create(
        Organisation(pk=n, name=f"Coop {n}", sort_key=f"coop {n:05}", province="QC")
        for n in range(1, MEMBERS + 1)
    )
    Field.objects.bulk_create(
        Field(pk=n, code=f"d{n}", name_fr=f"D{n}", opened_on=date(2013, 1, 1))
        for n in range(1, FIELDS + 1)
    )
    Expert.objects.bulk_create(
        Expert(
            pk=n, name=f"Expert {n}", sort_key=f"expert {n:03}", province="QC",
            started_on=date(2020, 1, 1), languages=["fr"],
        )
        for n in range(1, EXPERTS + 1)
    )  # fmt: skip
    Mandate.objects.bulk_create(
        Mandate(
            pk=n, reference=f"M-{n:05}", organisation_id=n, field_id=n % FIELDS + 1,
            title="Banc d’essai", province="QC", language="fr",
            opened_on=date(2022, 4, 1), budget_minutes=6_000,
            budget_amount=Decimal(9_000),
        )
        for n in range(1, MEMBERS + 1)
    )  # fmt: skip
    TeamMember.objects.bulk_create(
        TeamMember(
            mandate_id=n, expert_id=(n + rank * 97) % EXPERTS + 1,
            field_id=n % FIELDS + 1, level=(n + rank) % LEVELS + 1,
            rate=Decimal(80 + 7 * (n % FIELDS) + 15 * ((n + rank) % LEVELS)),
        )
        for n in range(1, MEMBERS + 1)
        for rank in range(TEAM)
    )  # fmt: skip
    with connection.cursor() as cursor:
        # Time in bulk: weeks and what watches them are not what is measured.
        cursor.execute("SET session_replication_role = replica")
        for (first, _last), rows in ((YEAR, count), (BEFORE, count // 10)):
            cursor.execute(
                'INSERT INTO timesheets_timeentry (week_id, expert_id, "on",'
                " mandate_id, minutes, note)"
                " SELECT 1,"
                " (m + (n / %(members)s %% %(team)s) * 97) %% %(experts)s + 1,"
                " %(first)s::date + (n / %(members)s / %(team)s)::int, m,"
                " 15 * (1 + n * 7919::bigint %% 31), ''"
                " FROM generate_series(0, %(rows)s - 1) AS n,"
                " LATERAL (SELECT n %% %(members)s + 1 AS m) AS whose",
                {"members": MEMBERS, "team": TEAM, "experts": EXPERTS,
                 "first": first, "rows": rows},
            )  # fmt: skip
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE")


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def streamed(year: tuple[date, date]):
    stream = Stream(*year)
    start = perf_counter()
    trued = true_up(
        tally(stream),
        {
            Pool(str(field), level): final_of(field, level)
            for field in range(1, FIELDS + 1)
            for level in range(1, LEVELS + 1)
        },
    )
    return trued, stream, perf_counter() - start


def row_by_row(year: tuple[date, date]) -> tuple[dict[int, Decimal], float]:
    """The same rows, all fetched, each a Decimal of its own."""
    start = perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(STREAM, {"start": year[0], "end": year[1], "level": 2})
        rows = cursor.fetchall()
    adjustments: dict[int, Decimal] = {}
    for _kind, organisation_id, province, field, level, _rate, minutes, cents in rows:
        account = account_of(organisation_id, province)
        off = Decimal(cents) / 100 - amount_for(minutes, final_of(field, level))
        adjustments[account] = adjustments.get(account, Decimal(0)) + off
    return adjustments, perf_counter() - start


def measure(count: int) -> None:
    with own_database(DATABASE, empty=empty):
        start = perf_counter()
        fill(count)
        print(f"{count} rows written in {perf_counter() - start:.0f} s")
        streamed(BEFORE)  # opens what is opened once
        before = peak_mib()
        _trued, tenth, _seconds = streamed(BEFORE)
        small = peak_mib()
        processor = process_time()
        trued, stream, seconds = streamed(YEAR)
        processor = process_time() - processor
        whole = peak_mib()
        adjustments, looped = row_by_row(YEAR)
        fetched = peak_mib()
    owed = sum(each.adjustment for each in trued.members)
    assert owed == trued.surplus
    print(f"streamed, trued up    {seconds:8.2f} s ({processor:.2f} s of CPU here)")
    print(f"all rows, in Decimal  {looped:8.2f} s")
    print(f"peak memory, {tenth.read:9} rows  {small - before:6.1f} MiB more")
    print(f"peak memory, {stream.read:9} rows  {whole - small:6.1f} MiB above that")
    print(f"all rows fetched           {fetched - whole:8.1f} MiB above that")
    print(f"surplus {trued.surplus} $, adjustments {owed} $")
    print(
        json.dumps(
            {
                "benchmark": "year_end_rows",
                "entries": stream.read,
                "members": len(trued.members),
                "seconds": round(seconds, 2),
                "processor_seconds": round(processor, 2),
                "rows_seconds": round(looped, 2),
                "ratio": round(looped / seconds, 2),
                "peak_mib_growth_10_to_100_percent": round(whole - small, 1),
                "peak_mib_growth_all_fetched": round(fetched - whole, 1),
                "unrounded_difference": str(
                    abs(sum(adjustments.values()) - trued.surplus)
                ),
            }
        )
    )
