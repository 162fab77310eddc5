"""The offer of service that a member reads, and accepts or not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from partage.documents import parts, words
from partage.documents.parts import Composition, Letterhead, Party, TaxDue, WorkLine
from partage.documents.press import print_pdf
from partage.documents.words import Language
from partage.rules.money import ZERO


@dataclass(frozen=True, kw_only=True)
class OfferPhase:
    """One phase of an offer; an offer with a single untitled phase shows no phases."""

    title: str = ""
    description: str = ""
    lines: Sequence[WorkLine] = ()


@dataclass(frozen=True, kw_only=True)
class OfferDocument:
    """An offer as it is sent. Dollars are Decimal, to the cent.

    `terms` are paragraphs (`words.PROVISIONAL_RATE` is the usual first one).

    Raises ValueError unless the lines add up to `subtotal`, and `subtotal` and the
    taxes to `total`.
    """

    language: Language
    reference: str
    issued_on: date
    title: str
    supplier: Letterhead
    member: Party
    phases: Sequence[OfferPhase]
    subtotal: Decimal
    taxes: Sequence[TaxDue]
    total: Decimal
    version: int = 1
    draft: bool = False
    valid_until: date | None = None
    introduction: str = ""
    scope: str = ""
    terms: Sequence[str] = ()
    how_to_accept: str = ""
    composition: Composition | None = None

    def __post_init__(self) -> None:
        parts.check_language(self.language)
        parts.check_dollars(subtotal=self.subtotal, total=self.total)
        parts.check_sum(
            "the lines", (line.amount for line in _lines(self)), self.subtotal
        )
        parts.check_taxes(self.subtotal, self.taxes, self.total)


def render_offer(document: OfferDocument) -> bytes:
    """Return the offer as a PDF; the same offer always gives the same bytes."""
    language = document.language
    written = words.WORDS[language]
    minutes = [line.minutes for line in _lines(document) if line.minutes is not None]
    hundredths = words.time_is_written_in_hundredths(minutes)
    facts = [
        (written["reference"], document.reference),
        (written["version"], str(document.version)),
        (written["date"], words.day(document.issued_on, language=language)),
    ]
    if document.valid_until:
        facts.append(
            (
                written["valid_until"],
                words.day(document.valid_until, language=language),
            )
        )
    data = {
        "language": language,
        "words": written,
        "kind": written["offer"],
        "reference": document.reference,
        "draft": document.draft,
        "supplier": parts.letterhead_data(document.supplier, language),
        "party_label": written["for"],
        "party": parts.party_data(document.member),
        "facts": facts,
        "title": document.title,
        "introduction": document.introduction,
        "scope": document.scope,
        "phases": [
            {
                "title": phase.title,
                "description": phase.description,
                "lines": [
                    parts.work_data(line, language=language, hundredths=hundredths)
                    for line in phase.lines
                ],
                "time": words.duration(
                    sum(line.minutes or 0 for line in phase.lines),
                    language=language,
                    hundredths=hundredths,
                ),
                "amount": words.money(
                    sum((line.amount for line in phase.lines), ZERO),
                    language=language,
                ),
            }
            for phase in document.phases
        ],
        "time": words.duration(sum(minutes), language=language, hundredths=hundredths),
        "subtotal": words.money(document.subtotal, language=language),
        "taxes": [
            parts.tax_data(tax, subtotal=document.subtotal, language=language)
            for tax in document.taxes
        ],
        "total_label": written["total"],
        "total": words.money(document.total, language=language),
        "settlement": [],
        "composition": parts.composition_data(document.composition, language),
        "terms": [term for term in document.terms if term.strip()],
        "how_to_accept": document.how_to_accept,
    }
    return print_pdf("offer", data, on=document.issued_on)


def _lines(document: OfferDocument) -> list[WorkLine]:
    return [line for phase in document.phases for line in phase.lines]
