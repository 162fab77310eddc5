"""Hand the books to the accountants; close the books of days that are over."""

from collections.abc import Mapping
from datetime import date

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from partage.billing import queries
from partage.billing.models import (
    BooksClosing,
    ExportedEntry,
    LedgerAccount,
    LedgerExport,
)
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.rules.money import ZERO


class NothingToExport(ActionRefused):
    sentence = _(
        "Tout ce qui est daté de cette période est déjà exporté. "
        "Reprenez un export précédent, ou choisissez une autre période."
    )


class PeriodBackwards(ActionRefused):
    sentence = _("La fin vient avant le début. Inversez les deux dates.")
    field = "end"


class PeriodNotOver(ActionRefused):
    sentence = _(
        "Le %(on)s n’est pas encore passé. Choisissez une date jusqu’à aujourd’hui."
    )
    field = "end"


class AccountIncomplete(ActionRefused):
    sentence = _("Un compte a un numéro et un nom en français. Complétez « %(role)s ».")


class BooksAlreadyClosed(ActionRefused):
    sentence = _(
        "Les livres sont déjà fermés jusqu’au %(until)s. "
        "Choisissez une date plus récente, ou rouvrez-les."
    )
    field = "until"


class DayNotOver(ActionRefused):
    sentence = _("Le %(on)s n’est pas fini. Fermez les livres d’un jour qui est passé.")
    field = "until"


class BooksAreOpen(ActionRefused):
    sentence = _("Les livres sont ouverts. Rechargez la page.")


def _one_at_a_time() -> None:
    """Wait for whoever is exporting or closing now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('billing.ledger'))")


@transaction.atomic
def export_ledger(*, start: date, end: date, language: str, by: Actor) -> LedgerExport:
    """Keep the entries of a period that no export told of before, and remember them.

    Raises PeriodBackwards, PeriodNotOver or NothingToExport.
    """
    if end < start:
        raise PeriodBackwards
    if end > by.on:
        raise PeriodNotOver(on=end)
    _one_at_a_time()
    invoices, payments = queries.to_export(start, end)
    invoice_ids = list(invoices.values_list("pk", flat=True))
    payment_ids = list(payments.values_list("pk", flat=True))
    if not invoice_ids and not payment_ids:
        raise NothingToExport
    entries = queries.entries(
        invoices.model.objects.filter(pk__in=invoice_ids),
        payments.model.objects.filter(pk__in=payment_ids),
        language,
    )
    debits = sum(
        (one.amount for entry in entries for one in entry.postings if one.amount > 0),
        ZERO,
    )
    export = LedgerExport.objects.create(
        period_start=start,
        period_end=end,
        language=language,
        count=len(entries),
        debits=debits,
        entries=queries.as_kept(entries),
        chart={
            role: [one.number, one.name, one.kind]
            for role, one in queries.chart(language).items()
        },
        made_at=by.at,
        made_by_id=by.user_id,
    )
    ExportedEntry.objects.bulk_create(
        [ExportedEntry(export=export, invoice_id=pk) for pk in invoice_ids]
        + [ExportedEntry(export=export, payment_id=pk) for pk in payment_ids],
        batch_size=5_000,
    )
    journal.record(
        what="billing.ledger.exported",
        subject=export,
        by=by,
        start=start.isoformat(),
        end=end.isoformat(),
        count=len(entries),
        debits=str(debits),
    )
    return export


@transaction.atomic
def change_chart(*, accounts: Mapping[str, tuple[str, str, str]], by: Actor) -> int:
    """Set the number and the names of accounts, by role; return how many changed.

    Exports already made keep theirs. Raises AccountIncomplete.
    """
    there = {row.role: row for row in LedgerAccount.objects.select_for_update()}
    changed = {}
    for role, typed in accounts.items():
        number, french, english = (" ".join(text.split()) for text in typed)
        if not number or not french:
            raise AccountIncomplete(role=LedgerAccount.Role(role).label)
        row = there.get(role)
        before = (
            (row.number, row.name_fr, row.name_en)
            if row
            else LedgerAccount.DEFAULTS[role]
        )
        if (number, french, english) == before:
            continue
        LedgerAccount.objects.update_or_create(
            role=role,
            defaults={"number": number, "name_fr": french, "name_en": english},
        )
        changed[role] = [list(before), [number, french, english]]
    if changed:
        first = LedgerAccount.objects.get(role=next(iter(changed)))
        journal.record(
            what="billing.chart.changed", subject=first, by=by, accounts=changed
        )
    return len(changed)


@transaction.atomic
def close_books(*, until: date, by: Actor) -> BooksClosing:
    """Let no payment be dated up to a day any more.

    Invoices need no such lock: they bear the day they are issued.
    Raises DayNotOver or BooksAlreadyClosed.
    """
    if until >= by.on:
        raise DayNotOver(on=until)
    _one_at_a_time()
    before = queries.books_closed_until()
    if before and until <= before:
        raise BooksAlreadyClosed(until=before)
    row = BooksClosing.objects.create(
        until=until, closed_at=by.at, closed_by_id=by.user_id
    )
    journal.record(
        what="billing.books.closed", subject=row, by=by, until=until.isoformat()
    )
    return row


@transaction.atomic
def reopen_books(*, by: Actor) -> BooksClosing:
    """Undo the last closing; what was closed before it stays so.

    Raises BooksAreOpen.
    """
    _one_at_a_time()
    row = BooksClosing.objects.filter(reopened_at=None).order_by("-until").first()
    if row is None:
        raise BooksAreOpen
    row.reopened_at, row.reopened_by_id = by.at, by.user_id
    row.save(update_fields=["reopened_at", "reopened_by"])
    journal.record(
        what="billing.books.reopened",
        subject=row,
        by=by,
        until=row.until.isoformat(),
    )
    return row
