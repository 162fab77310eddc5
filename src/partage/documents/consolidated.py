"""The consolidated invoice: several invoices of one payer, as one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from partage.documents import parts, words
from partage.documents.parts import Letterhead, Party, TaxDue
from partage.documents.press import print_pdf
from partage.documents.words import Language
from partage.rules.money import ZERO
from partage.rules.tax import LABELS, tax_label


@dataclass(frozen=True, kw_only=True)
class InvoicePart:
    """The part of one that is served: an invoice of its own, with its own taxes.

    `province` is where it was supplied, in the document's language.

    Raises ValueError unless `net` and the taxes add up to `total`.
    """

    number: str
    served: str
    title: str
    province: str
    minutes: int
    net: Decimal
    taxes: Sequence[TaxDue]
    total: Decimal

    def __post_init__(self) -> None:
        parts.check_dollars(net=self.net, total=self.total)
        parts.check_taxes(self.net, self.taxes, self.total)


@dataclass(frozen=True, kw_only=True)
class ConsolidatedDocument:
    """Several invoices of one payer, as they are sent to it. Dollars are Decimal.

    Each tax was rounded on its own part, so that the parts make the whole.

    Raises ValueError unless the parts add up to `total` and each tax bears its
    registration number.
    """

    language: Language
    number: str
    issued_on: date
    supplier: Letterhead
    purchaser: Party
    period_first: date
    period_last: date
    due_on: date
    payment_terms: str
    parts: Sequence[InvoicePart]
    total: Decimal
    agreement: str = ""
    how_to_pay: str = ""

    def __post_init__(self) -> None:
        parts.check_language(self.language)
        parts.check_dollars(total=self.total)
        parts.check_sum("the parts", (one.total for one in self.parts), self.total)
        for one in self.parts:
            for tax in one.taxes:
                if not tax.registration_number.strip():
                    raise ValueError(f"give the registration number of {tax.code}")


def render_consolidation(document: ConsolidatedDocument) -> bytes:
    """Return the invoice as a PDF; the same invoice always gives the same bytes."""
    language = document.language
    written = words.WORDS[language]

    def money(amount: Decimal) -> str:
        return words.money(amount, language=language)

    minutes = [part.minutes for part in document.parts]
    hundredths = words.time_is_written_in_hundredths(minutes)

    def time(many: int) -> str:
        if not many:
            return ""
        return words.duration(many, language=language, hundredths=hundredths)

    facts = [
        (written["number"], document.number),
        (written["date"], words.day(document.issued_on, language=language)),
        (written["agreement"], document.agreement),
        (
            written["period"],
            words.period(
                document.period_first, document.period_last, language=language
            ),
        ),
        (written["terms_of_payment"], document.payment_terms),
        (written["due"], words.day(document.due_on, language=language)),
    ]
    net = sum((part.net for part in document.parts), ZERO)
    taxes = [
        {
            "label": f"{tax_label(code, language)} "
            f"{words.percent(rate, language=language)}",
            "base": f"{money(base)}, {province}",
            "registration": written["registration"] + number,
            "amount": money(amount),
        }
        for (code, rate, province, number), (base, amount) in _by_tax(document)
    ]
    data = {
        "language": language,
        "words": written,
        "kind": written["consolidated"],
        "reference": document.number,
        "draft": False,
        "supplier": parts.letterhead_data(document.supplier, language),
        "party_label": written["billed_to"],
        "party": parts.party_data(document.purchaser),
        "facts": [(label, value) for label, value in facts if value.strip()],
        "title": "",
        "parts": [
            {
                "number": part.number,
                "description": part.served,
                "detail": f"{part.title} · {part.province}",
                "time": time(part.minutes),
                "net": money(part.net),
                "taxes": money(sum((tax.amount for tax in part.taxes), ZERO)),
                "total": money(part.total),
            }
            for part in document.parts
        ],
        "time": time(sum(minutes)),
        "subtotal": money(net),
        "taxes": taxes,
        "total_label": written["total"],
        "total": money(document.total),
        "settlement": [],
        "how_to_pay": document.how_to_pay,
    }
    return print_pdf("consolidated", data, on=document.issued_on)


Key = tuple[str, Decimal, str, str]  # code, rate, province, registration number


def _by_tax(document: ConsolidatedDocument) -> list[tuple[Key, list[Decimal]]]:
    """Return the base and the amount of each tax, rate and place of supply."""
    found: dict[Key, list[Decimal]] = {}
    for part in document.parts:
        for tax in part.taxes:
            key = tax.code, tax.rate, part.province, tax.registration_number
            sums = found.setdefault(key, [ZERO, ZERO])
            sums[0] += part.net
            sums[1] += tax.amount
    order = list(LABELS)
    return sorted(
        found.items(), key=lambda row: (row[0][2], order.index(row[0][0]), row[0][1])
    )
