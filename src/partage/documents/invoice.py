"""The invoice, or the credit note that mends one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from partage.documents import parts, words
from partage.documents.parts import Composition, Letterhead, Party, TaxDue, WorkLine
from partage.documents.press import print_pdfs
from partage.documents.words import Language
from partage.rules.money import ZERO, to_cents


@dataclass(frozen=True, kw_only=True)
class Content:
    """From which totals ($, with taxes) an invoice must show what.

    So that the member recovers its taxes: the registration number of each tax, then
    its purchaser, terms and descriptions. A credit note shows all but the terms
    whatever its amount.
    """

    registrations_from: Decimal
    purchaser_from: Decimal


@dataclass(frozen=True, kw_only=True)
class TripLine:
    """A trip billed by the kilometre: km × rate ($ per km) = amount.

    Raises ValueError if the amount is not km × rate, half up to the cent.
    """

    on: date
    description: str
    km: Decimal
    rate: Decimal
    amount: Decimal

    def __post_init__(self) -> None:
        parts.check_decimal(km=self.km, rate=self.rate)
        parts.check_dollars(amount=self.amount)
        parts.check_product(
            f"{self.km} km × {self.rate} $/km",
            to_cents(self.km * self.rate),
            self.amount,
        )


@dataclass(frozen=True, kw_only=True)
class ExpenseLine:
    """Something paid for the member and billed at its price before tax."""

    on: date
    description: str
    amount: Decimal

    def __post_init__(self) -> None:
        parts.check_dollars(amount=self.amount)


@dataclass(frozen=True, kw_only=True)
class InvoiceDocument:
    """An invoice or a credit note as it is sent, or its draft. Dollars are Decimal.

    A draft has no `number`; what is issued has one. On a credit note the amounts are
    negative, and `corrects` names the invoice that it mends.

    Raises ValueError unless lines, trips and expenses add up to `subtotal`, `subtotal`
    and the taxes to `total`, and what `content` requires of the total is there:
    registration numbers, then purchaser, terms and descriptions.
    """

    language: Language
    kind: Literal["invoice", "credit_note"] = "invoice"
    number: str = ""
    draft: bool = False
    issued_on: date
    content: Content
    supplier: Letterhead
    purchaser: Party
    title: str
    lines: Sequence[WorkLine]
    subtotal: Decimal
    taxes: Sequence[TaxDue]
    total: Decimal
    mandate_reference: str = ""
    corrects: str = ""
    served: str = ""  # whom the work was for, when another pays
    period_first: date | None = None
    period_last: date | None = None
    due_on: date | None = None
    payment_terms: str = ""
    trips: Sequence[TripLine] = ()
    expenses: Sequence[ExpenseLine] = ()
    paid: Decimal = ZERO
    how_to_pay: str = ""
    rate_note: str = ""
    composition: Composition | None = None

    def __post_init__(self) -> None:
        parts.check_language(self.language)
        if self.kind not in ("invoice", "credit_note"):
            raise ValueError(f"kind is {self.kind!r}; give 'invoice' or 'credit_note'")
        if self.draft and self.number:
            raise ValueError(f"a draft has no number, but {self.number!r} was given")
        if not self.draft and not self.number.strip():
            raise ValueError("an issued invoice has a number; give it, or draft=True")
        if (self.period_first is None) != (self.period_last is None):
            raise ValueError("a period has a first and a last day; give both or none")
        parts.check_dollars(subtotal=self.subtotal, total=self.total, paid=self.paid)
        amounts = (line.amount for line in self.every_line)
        parts.check_sum("the lines", amounts, self.subtotal)
        parts.check_taxes(self.subtotal, self.taxes, self.total)
        if not self.draft:
            _check_content(self)

    @property
    def every_line(self) -> list[WorkLine | TripLine | ExpenseLine]:
        return [*self.lines, *self.trips, *self.expenses]

    @property
    def balance(self) -> Decimal:
        """What remains to be paid: positive, the member owes it."""
        return self.total - self.paid


def _check_content(document: InvoiceDocument) -> None:
    if not document.supplier.name.strip():
        raise ValueError("an invoice names its supplier; give supplier.name")
    content = document.content
    is_credit = document.kind == "credit_note"
    if is_credit or abs(document.total) >= content.registrations_from:
        for tax in document.taxes:
            if not tax.registration_number.strip():
                raise ValueError(
                    f"from {content.registrations_from} $ on, an invoice shows the "
                    f"registration number of each tax, and a credit note always does; "
                    f"give that of {tax.code}"
                )
    if is_credit or abs(document.total) >= content.purchaser_from:
        needed = {
            "purchaser.name": document.purchaser.name.strip(),
            "due_on or payment_terms": document.due_on
            or document.payment_terms.strip(),
            "a description on each line": all(
                line.description.strip() for line in document.every_line
            ),
        }
        if is_credit:
            del needed["due_on or payment_terms"]
        for what, given in needed.items():
            if not given:
                raise ValueError(
                    f"from {content.purchaser_from} $ on, an invoice shows its "
                    f"purchaser, terms and descriptions, and a credit note always "
                    f"shows its purchaser; give {what}"
                )


def render_invoice(document: InvoiceDocument) -> bytes:
    """Return the invoice as a PDF; the same invoice always gives the same bytes."""
    return next(render_invoices([document]))


def render_invoices(documents: Iterable[InvoiceDocument]) -> Iterator[bytes]:
    """Return each invoice as a PDF, printed on all cores. See `render_invoice`."""
    return print_pdfs("invoice", ((_data(one), one.issued_on) for one in documents))


def _data(document: InvoiceDocument) -> dict[str, Any]:
    language = document.language
    written = words.WORDS[language]
    minutes = [line.minutes for line in document.lines if line.minutes is not None]
    hundredths = words.time_is_written_in_hundredths(minutes)
    is_credit = document.kind == "credit_note"
    return {
        "language": language,
        "words": written,
        "kind": written[document.kind],
        "reference": written["draft"] if document.draft else document.number,
        "draft": document.draft,
        "supplier": parts.letterhead_data(document.supplier, language),
        "party_label": written["credited_to" if is_credit else "billed_to"],
        "party": parts.party_data(document.purchaser),
        "facts": _facts(document),
        "title": document.title,
        "lines": [
            parts.work_data(line, language=language, hundredths=hundredths)
            for line in document.lines
        ],
        "time": (
            words.duration(sum(minutes), language=language, hundredths=hundredths)
            if minutes
            else ""
        ),
        "trips": [
            {
                "on": words.short_day(trip.on, language=language),
                "description": trip.description,
                "detail": "",
                "time": _kilometres(trip.km, language),
                "rate": parts.money_rate(trip.rate, language),
                "amount": words.money(trip.amount, language=language),
            }
            for trip in document.trips
        ],
        "expenses": [
            {
                "on": words.short_day(expense.on, language=language),
                "description": expense.description,
                "detail": "",
                "time": "",
                "rate": "",
                "amount": words.money(expense.amount, language=language),
            }
            for expense in document.expenses
        ],
        "subtotal": words.money(document.subtotal, language=language),
        "taxes": [
            parts.tax_data(tax, subtotal=document.subtotal, language=language)
            for tax in document.taxes
        ],
        "total_label": written["credit_total" if is_credit else "total"],
        "total": words.money(document.total, language=language),
        "settlement": _settlement(document),
        "composition": parts.composition_data(document.composition, language),
        "how_to_pay": document.how_to_pay,
        "rate_note": document.rate_note,
    }


def _facts(document: InvoiceDocument) -> list[tuple[str, str]]:
    language = document.language
    written = words.WORDS[language]
    facts = [
        (written["number"], written["draft"] if document.draft else document.number),
        (written["date"], words.day(document.issued_on, language=language)),
        (written["corrects"], document.corrects),
        (written["served"], document.served),
        (written["mandate"], document.mandate_reference),
    ]
    if document.period_first and document.period_last:
        days = words.period(
            document.period_first, document.period_last, language=language
        )
        facts.append((written["period"], days))
    facts.append((written["terms_of_payment"], document.payment_terms))
    if document.due_on:
        facts.append((written["due"], words.day(document.due_on, language=language)))
    return [(label, value) for label, value in facts if value.strip()]


def _settlement(document: InvoiceDocument) -> list[dict[str, Any]]:
    """Return what follows the total: what was paid, what remains."""
    if document.kind == "credit_note" and not document.paid:
        return []
    language = document.language
    written = words.WORDS[language]
    balance = document.balance
    rows = [
        {
            "label": written["balance" if balance >= 0 else "balance_for_you"],
            "amount": words.money(abs(balance), language=language),
            "strong": True,
        }
    ]
    if document.paid:
        paid = words.money(-document.paid, language=language)
        rows.insert(0, {"label": written["paid"], "amount": paid, "strong": False})
    return rows


def _kilometres(km: Decimal, language: Language) -> str:
    places = max(0, -int(km.normalize().as_tuple().exponent))
    return words.number(km, language=language, places=places) + words.NBSP + "km"
