"""The year's entries, as PostgreSQL sends them: read once, never held whole.

An entry is what `rules.trueup.tally` reads. Minutes come from time sheets and dollars
from invoices, each at the provisional rate that it was billed at; what no invoice holds
yet is worth its provisional rate, by mandate, expert and month, as its invoice will
say. The work is that of whom it was for, even when another paid. Trips and expenses are
charged at cost and are not trued up; neither are the adjustments of another year.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import connection

from partage.experts.models import Level
from partage.members.models import Province
from partage.rules.money import CENT
from partage.rules.trueup import Entry

CHUNK = 5_000
_PROVINCES = {code: rank for rank, code in enumerate(Province.values)}
# Time whose invoice line tells its field, level and rate; else the team does.
_TIME = """
    SELECT m.organisation_id, coalesce(i.province, m.province) AS province,
        coalesce(l.field_id, t.field_id, m.field_id) AS field_id,
        coalesce(l.level, t.level, %(level)s) AS level,
        CASE WHEN l.id IS NULL THEN coalesce(t.rate, 0) ELSE coalesce(l.rate, 0) END
            AS rate,
        e.minutes, e."on", e.mandate_id, e.expert_id, l.id IS NULL AS unbilled
    FROM timesheets_timeentry e
    JOIN mandates_mandate m ON m.id = e.mandate_id
    LEFT JOIN mandates_teammember t
        ON t.mandate_id = e.mandate_id AND t.expert_id = e.expert_id
    LEFT JOIN billing_invoicedwork w ON w.time_id = e.id AND NOT w.released
    LEFT JOIN billing_invoiceline l ON l.id = w.line_id
    LEFT JOIN billing_invoice i ON i.id = l.invoice_id
    WHERE e."on" BETWEEN %(start)s AND %(end)s
"""
_LINES = """
    SELECT m.organisation_id, i.province, coalesce(l.field_id, m.field_id) AS field_id,
        coalesce(l.level, %(level)s) AS level, coalesce(l.rate, 0) AS rate, l.amount,
        i.number IS NULL AS draft
    FROM billing_invoiceline l
    JOIN billing_invoice i ON i.id = l.invoice_id
    JOIN mandates_mandate m ON m.id = i.mandate_id
    WHERE i.period_end BETWEEN %(start)s AND %(end)s
    AND l.kind NOT IN ('TRIP', 'EXPENSE')
    AND NOT EXISTS (SELECT 1 FROM closing_posting p WHERE p.invoice_id = i.id)
"""
# kind: 0 time, 1 issued, 2 in a draft, 3 to be drafted.
STREAM = f"""
    WITH worked AS NOT MATERIALIZED ({_TIME})
    SELECT 0, organisation_id, province, field_id, level, (rate * 100)::int,
        minutes::int, 0::bigint
    FROM worked
    UNION ALL
    SELECT CASE WHEN draft THEN 2 ELSE 1 END, organisation_id, province, field_id,
        level, (rate * 100)::int, 0, (amount * 100)::bigint
    FROM ({_LINES}) AS lines
    UNION ALL
    SELECT 3, organisation_id, province, field_id, level, (rate * 100)::int, 0,
        round(sum(minutes) * rate * 100 / 60)::bigint
    FROM worked WHERE unbilled
    GROUP BY organisation_id, province, field_id, level, rate, mandate_id, expert_id,
        date_trunc('month', "on")
"""


def account_of(organisation_id: int, province: str) -> int:
    """Return the number by which a tally knows an organisation in a province.

    It depends on nothing else, so that the order of entries changes no cent.
    """
    return organisation_id * 100 + _PROVINCES[province]


def organisation_and_province(account: int) -> tuple[int, str]:
    organisation_id, rank = divmod(account, 100)
    return organisation_id, Province.values[rank]


@dataclass
class Stream:
    """The entries of a year, to be read once; what was seen is told as it goes.

    `minutes` are those of time sheets; `cents` are by kind of entry. `each_time` is
    called with the entries read so far, and may raise to stop.
    """

    start: date
    end: date
    each_time: Callable[[int], None] = lambda read: None
    read: int = 0
    minutes: int = 0
    cents: list[int] = field(default_factory=lambda: [0, 0, 0, 0])

    def __iter__(self) -> Iterator[Entry]:
        totals, pools = self.cents, {}
        for rows in self.chunks():
            for row in rows:
                (
                    kind,
                    organisation_id,
                    province,
                    field_id,
                    level,
                    rate,
                    minutes,
                    cents,
                ) = row
                totals[kind] += cents
                self.minutes += minutes
                pool = pools.get(field_id)
                if pool is None:
                    pool = pools[field_id] = str(field_id)
                account = organisation_id * 100 + _PROVINCES[province]
                yield account, pool, level, rate, minutes, cents
            self.read += len(rows)
            self.each_time(self.read)

    def chunks(self) -> Iterator[list[tuple]]:
        """Read with a cursor of the server: memory does not grow with the year."""
        facts = {"start": self.start, "end": self.end, "level": Level.INTERMEDIATE}
        with connection.chunked_cursor() as cursor:
            cursor.execute(STREAM, facts)
            while rows := cursor.fetchmany(CHUNK):
                yield rows

    @property
    def invoiced(self) -> Decimal:
        return self.cents[1] * CENT

    @property
    def to_invoice(self) -> Decimal:
        return (self.cents[2] + self.cents[3]) * CENT


def entries_about(start: date, end: date) -> int:
    """Return about how many entries a year has, to show how far a reading is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM timesheets_timeentry"
            ' WHERE mandate_id IS NOT NULL AND "on" BETWEEN %(start)s AND %(end)s)'
            " + (SELECT count(*) FROM billing_invoiceline l"
            " JOIN billing_invoice i ON i.id = l.invoice_id"
            " WHERE i.period_end BETWEEN %(start)s AND %(end)s)",
            {"start": start, "end": end},
        )
        return cursor.fetchone()[0]


def sold_minutes(start: date, end: date) -> dict[tuple[int, int], int]:
    """Return the minutes of time sheets sold in a year, by (field id, level)."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT field_id, level, sum(minutes)::int FROM ({_TIME}) AS worked"
            " GROUP BY field_id, level",
            {"start": start, "end": end, "level": Level.INTERMEDIATE},
        )
        return {(row[0], row[1]): row[2] for row in cursor.fetchall()}
