"""The statement of account: what a member was billed, what it paid, what remains."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate

from partage.documents import parts, words
from partage.documents.parts import Letterhead, Party
from partage.documents.press import print_pdf
from partage.documents.words import Language
from partage.rules.money import ZERO


@dataclass(frozen=True, kw_only=True)
class StatementEntry:
    """One movement: positive when it is billed, negative when paid or credited."""

    on: date
    description: str
    amount: Decimal
    due_on: date | None = None

    def __post_init__(self) -> None:
        parts.check_dollars(amount=self.amount)


@dataclass(frozen=True, kw_only=True)
class AgedBalance:
    """What remains to be paid of one age, such as « 31 à 60 jours »."""

    label: str
    amount: Decimal

    def __post_init__(self) -> None:
        parts.check_dollars(amount=self.amount)


@dataclass(frozen=True, kw_only=True)
class StatementDocument:
    """A member's account at the end of a day, entries in the order they are printed.

    A positive balance is owed by the member.

    Raises ValueError unless `opening` and the entries add up to `closing`, and so do
    the ages, when there are any.
    """

    language: Language
    as_of: date
    supplier: Letterhead
    member: Party
    entries: Sequence[StatementEntry]
    closing: Decimal
    opening: Decimal = ZERO
    period_first: date | None = None
    ages: Sequence[AgedBalance] = ()
    reference: str = ""
    how_to_pay: str = ""

    def __post_init__(self) -> None:
        parts.check_language(self.language)
        parts.check_dollars(opening=self.opening, closing=self.closing)
        amounts = [self.opening, *(entry.amount for entry in self.entries)]
        parts.check_sum("the opening balance and the entries", amounts, self.closing)
        if self.ages:
            ages = [age.amount for age in self.ages]
            parts.check_sum("the ages of the balance", ages, self.closing)


def render_statement(document: StatementDocument) -> bytes:
    """Return the statement as a PDF; the same statement gives the same bytes."""
    language = document.language
    written = words.WORDS[language]

    def money(amount: Decimal) -> str:
        return words.money(amount, language=language)

    def short_day(on: date | None) -> str:
        return words.short_day(on, language=language) if on else ""

    as_of = words.day(document.as_of, language=language)
    facts = [(written["reference"], document.reference), (written["as_of"], as_of)]
    if document.period_first:
        days = words.period(document.period_first, document.as_of, language=language)
        facts.append((written["period"], days))
    running = accumulate(
        (entry.amount for entry in document.entries), initial=document.opening
    )
    next(running)
    label = "balance" if document.closing >= 0 else "balance_for_you"
    closing = {
        "label": written[label],
        "amount": money(abs(document.closing)),
    }
    data = {
        "language": language,
        "words": written,
        "kind": written["statement"],
        "reference": document.reference or as_of,
        "draft": False,
        "supplier": parts.letterhead_data(document.supplier, language),
        "party_label": written["account_of"],
        "party": parts.party_data(document.member),
        "facts": [(label, value) for label, value in facts if value.strip()],
        "title": "",
        "opening": money(document.opening),
        "entries": [
            {
                "on": short_day(entry.on),
                "description": entry.description,
                "due_on": short_day(entry.due_on),
                "charged": money(entry.amount) if entry.amount > 0 else "",
                "received": money(-entry.amount) if entry.amount <= 0 else "",
                "balance": money(balance),
            }
            for entry, balance in zip(document.entries, running, strict=True)
        ],
        "closing": closing,
        "ages": [
            {"label": age.label, "amount": money(age.amount)} for age in document.ages
        ],
        "how_to_pay": document.how_to_pay,
    }
    return print_pdf("statement", data, on=document.as_of)
