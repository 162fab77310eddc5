"""Write to the journal, inside the transaction of the act it records."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.utils.timezone import localtime
from django.utils.translation import get_language
from procrastinate.contrib.django import app as jobs

from partage.documents import words
from partage.journal.models import Counter, Entry


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, when, and from where.

    `at` is aware; `on` is the local date of that moment. The moment comes from
    the door (`governance.queries.business_now`): acts never read a clock.
    """

    user_id: int | None  # None: the system itself (a job, a command)
    name: str
    at: datetime
    address: str | None = None
    agent: str = ""  # the browser, as it names itself

    @property
    def on(self) -> date:
        return localtime(self.at).date()


class ActionRefused(Exception):
    """An act that cannot be done now: what is so, then what can be done.

    Subclasses state a French `sentence` (`gettext_lazy`), whose %(names)s are
    the keyword arguments of the raise. `str()` says it in the active language,
    dates in words.
    `field` names the form's field at fault, if there is one.
    """

    sentence: Any = ""
    field: str | None = None

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(facts)

    def __str__(self) -> str:
        english = (get_language() or "").startswith("en")
        language: words.Language = "en" if english else "fr"
        return str(self.sentence) % {
            name: words.day(fact, language=language)
            if isinstance(fact, date) and not isinstance(fact, datetime)
            else fact
            for name, fact in self.facts.items()
        }


def record(*, what: str, subject: Model, by: Actor, **details: Any) -> Entry:
    """Write that `by` did `what` to `subject`; `details` must be JSON.

    What happens next (a letter, an index) is a job deferred by name in the same
    transaction: it goes away with a rollback, and this room knows nothing of it.
    """
    return record_each(what=what, by=by, done=[(subject, details)])[0]


def record_each(
    *, what: str, by: Actor, done: Iterable[tuple[Model, Mapping[str, Any]]]
) -> list[Entry]:
    """Write that `by` did `what` to each subject, with its details. See `record`."""
    entries = Entry.objects.bulk_create(
        Entry(
            happened_at=by.at,
            actor_id=by.user_id,
            actor_name=by.name,
            address=by.address,
            what=what,
            subject=subject._meta.label,
            subject_id=subject.pk,
            details=details,
        )
        for subject, details in done
    )
    if entries:
        jobs.configure_task("what_happens_next").batch_defer(
            *({"entry_id": entry.pk} for entry in entries)
        )
    return entries


def next_number(series: str) -> int:
    """Return the next number of a series; the row stays locked until commit.

    So numbers have no gaps and no twins, under concurrent acts and rollbacks.
    Call it as late as possible in the act.
    """
    assert transaction.get_connection().in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Counter._meta.db_table} (series, last) VALUES (%s, 1) "
            "ON CONFLICT (series) DO UPDATE SET last = journal_counter.last + 1 "
            "RETURNING last",
            [series],
        )
        return cursor.fetchone()[0]


def next_numbers(series: str, count: int, *, after: int = 0) -> range:
    """Return the next `count` numbers of a series, all of them beyond `after`.

    For rows that come in bulk with numbers of their own: `after` is the greatest of
    these, which the series will never give again. See `next_number`.
    """
    assert transaction.get_connection().in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Counter._meta.db_table} (series, last) VALUES (%s, %s) "
            "ON CONFLICT (series) DO UPDATE "
            "SET last = greatest(journal_counter.last, %s) + %s RETURNING last",
            [series, after + count, after, count],
        )
        last = cursor.fetchone()[0]
    return range(last - count + 1, last + 1)


def reference(prefix: str, *, on: date) -> str:
    """Return the next reference of the year: « D-2025-0147 »."""
    return f"{prefix}-{on.year}-{next_number(f'{prefix}-{on.year}'):04d}"
