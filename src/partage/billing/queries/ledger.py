"""Questions about the books: the chart of accounts, and the entries of a period."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.utils.translation import gettext, override

from partage.billing.models import (
    BooksClosing,
    ExportedEntry,
    Invoice,
    InvoiceLine,
    InvoiceTax,
    LedgerAccount,
    LedgerExport,
    Payment,
)
from partage.billing.queries.invoices import balances
from partage.rules.ledger import Account, LedgerEntry, Posting, receipt, sale
from partage.rules.money import ZERO


def chart(language: str) -> dict[str, Account]:
    """Return the account of each role, those of no row by their default."""
    rows = {row.role: row for row in LedgerAccount.objects.all()}
    found = {}
    for role, (number, french, english) in LedgerAccount.DEFAULTS.items():
        row = rows.get(role)
        names = (row.name_fr, row.name_en) if row else (french, english)
        found[role] = Account(
            number=row.number if row else number,
            name=names[0] if language == "fr" else names[1] or names[0],
            kind=LedgerAccount.KIND_OF[role],
        )
    return found


def to_export(start: date, end: date) -> tuple[QuerySet[Invoice], QuerySet[Payment]]:
    """Return what was issued and received in a period and was never exported."""
    exported = ExportedEntry.objects
    return (
        Invoice.objects.filter(
            ~Exists(exported.filter(invoice=OuterRef("pk"))),
            issued_on__gte=start,
            issued_on__lte=end,
        ),
        Payment.objects.filter(
            ~Exists(exported.filter(payment=OuterRef("pk"))),
            received_on__gte=start,
            received_on__lte=end,
        ),
    )


def everything(end: date) -> tuple[QuerySet[Invoice], QuerySet[Payment]]:
    """Return all that was issued and received up to a day, included."""
    return (
        Invoice.objects.filter(number__isnull=False, issued_on__lte=end),
        Payment.objects.filter(received_on__lte=end),
    )


def entries(
    invoices: QuerySet[Invoice], payments: QuerySet[Payment], language: str
) -> list[LedgerEntry]:
    """Return the entries of these, in the order of their days, in a language.

    Four queries, however many they are.
    """
    ids = invoices.order_by().values("pk")
    parts: dict[int, list[tuple[str, Decimal]]] = defaultdict(list)
    for kind, what in ((InvoiceLine, "kind"), (InvoiceTax, "code")):
        for pk, role, amount in (
            kind.objects.filter(invoice__in=ids)
            .order_by()
            .values_list("invoice_id", what)
            .annotate(sum=Sum("amount"))
        ):
            parts[pk].append((role, amount))
    with override(f"{language}-ca"):
        said = {
            Invoice.Kind.INVOICE: (
                gettext("Facture %(number)s"),
                gettext("F-%(number)s"),
            ),
            Invoice.Kind.CREDIT: (
                gettext("Note de crédit %(number)s"),
                gettext("NC-%(number)s"),
            ),
        }
        received = gettext("Paiement, facture %(number)s")
        given_back = gettext("Remboursement, facture %(number)s")
    found = []
    for pk, on, kind, number, name, total in invoices.order_by("number").values_list(
        "pk", "issued_on", "kind", "number", "organisation__name", "total"
    ):
        words, piece = said[kind]
        facts = {"number": number}
        found.append(
            sale(
                on=on,
                piece=piece % facts,
                payer=name,
                words=words % facts,
                total=total,
                parts=parts[pk],
            )
        )
    for pk, on, number, name, amount in payments.order_by("pk").values_list(
        "pk", "received_on", "invoice__number", "invoice__organisation__name", "amount"
    ):
        facts = {"number": number}
        found.append(
            receipt(
                on=on,
                piece=f"P-{pk}",
                payer=name,
                words=(received if amount > 0 else given_back) % facts,
                amount=amount,
            )
        )
    return sorted(found, key=lambda entry: entry.on)


def owed(on: date) -> Decimal:
    """Return what members owe, less what is to their credit, by their accounts.

    Counted invoice by invoice, not by entries: the books must come to the same.
    """
    return sum((account.balance for account in balances(on)), ZERO)


def exports() -> QuerySet[LedgerExport]:
    return LedgerExport.objects.select_related("made_by").defer("entries")


def entries_of(export: LedgerExport) -> list[LedgerEntry]:
    """Return the entries of an export, as they were when it was made."""
    return [
        LedgerEntry(
            on=date.fromisoformat(on),
            journal=journal,
            piece=piece,
            payer=payer,
            words=words,
            postings=tuple(Posting(role, Decimal(amount)) for role, amount in postings),
        )
        for on, journal, piece, payer, words, postings in export.entries
    ]


def chart_of(export: LedgerExport) -> dict[str, Account]:
    return {role: Account(*facts) for role, facts in export.chart.items()}


def as_kept(entries: Iterable[LedgerEntry]) -> list:
    """Return entries as an export keeps them, in JSON."""
    return [
        [
            one.on.isoformat(),
            one.journal,
            one.piece,
            one.payer,
            one.words,
            [[posting.role, str(posting.amount)] for posting in one.postings],
        ]
        for one in entries
    ]


def books_closed_until() -> date | None:
    """Return the last day of the closed books; None while all is open."""
    row = BooksClosing.objects.filter(reopened_at=None).order_by("-until").first()
    return row.until if row else None
