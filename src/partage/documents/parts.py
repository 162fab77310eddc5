"""What an offer, an invoice and a statement have in common: parties, lines, sums."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from partage.documents import words
from partage.documents.words import Language
from partage.rules.money import CENT, ZERO, amount_for, is_exact, split
from partage.rules.tax import TaxRate, tax_label


@dataclass(frozen=True, kw_only=True)
class Letterhead:
    """The cooperative as it appears at the head of what it sends.

    `neq` is its number in the Québec register of enterprises.
    """

    name: str
    address: Sequence[str] = ()
    neq: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, kw_only=True)
class Party:
    """The member that a document is for."""

    name: str
    address: Sequence[str] = ()
    representative: str = ""


@dataclass(frozen=True, kw_only=True)
class WorkLine:
    """Work done or offered: minutes × rate = amount, or a flat amount.

    `minutes` and `rate` ($ per hour) are given together, or neither for a flat
    amount. On a credit note, minutes and amount are negative. The amount is rounded
    half up to the cent.

    Raises ValueError if the amount is not minutes × rate.
    """

    description: str
    amount: Decimal
    minutes: int | None = None
    rate: Decimal | None = None
    who: str = ""
    field: str = ""
    level: str = ""
    first_on: date | None = None
    last_on: date | None = None

    def __post_init__(self) -> None:
        check_dollars(amount=self.amount)
        if (self.minutes is None) != (self.rate is None):
            raise ValueError(
                f"{self.description!r} has minutes {self.minutes} and rate "
                f"{self.rate}; give both, or neither for a flat amount"
            )
        if self.minutes is not None and self.rate is not None:
            if not isinstance(self.minutes, int):
                raise ValueError(f"minutes is {self.minutes!r}; give an int")
            check_decimal(rate=self.rate)
            check_product(
                f"{self.minutes} min × {self.rate} $/h",
                amount_for(self.minutes, self.rate),
                self.amount,
            )


@dataclass(frozen=True, kw_only=True)
class TaxDue:
    """One tax on the price before tax: `code` is GST, QST or HST.

    `rate` is a fraction of one. The document's language decides how it is called.

    Raises ValueError if the code is unknown or the rate is not a fraction of one.
    """

    code: str
    rate: Decimal
    amount: Decimal
    registration_number: str = ""

    def __post_init__(self) -> None:
        check_decimal(rate=self.rate)
        check_dollars(amount=self.amount)
        TaxRate(self.code, self.rate)


@dataclass(frozen=True, kw_only=True)
class PricePart:
    """One part of what a price pays for, in dollars: pay, shared costs, and so on."""

    label: str
    amount: Decimal

    def __post_init__(self) -> None:
        check_dollars(amount=self.amount)
        if self.amount < 0:
            raise ValueError(f"{self.label!r} is {self.amount} $; a part is positive")


@dataclass(frozen=True, kw_only=True)
class Composition:
    """What a price pays for, drawn as a bar; `caption` says which price it is."""

    parts: Sequence[PricePart]
    caption: str = ""
    total: Decimal = field(init=False)

    def __post_init__(self) -> None:
        total = sum((part.amount for part in self.parts), ZERO)
        if total <= 0:
            raise ValueError("the parts of a price add up to nothing; leave it out")
        object.__setattr__(self, "total", total)


# --- What a document checks before it exists -------------------------------------


def check_language(language: str) -> None:
    if language not in words.WORDS:
        raise ValueError(f"language is {language!r}; give 'fr' or 'en'")


def check_decimal(**values: Decimal) -> None:
    for name, value in values.items():
        if not isinstance(value, Decimal) or not value.is_finite():
            raise ValueError(f"{name} is {value!r}; give a finite Decimal")


def check_dollars(**amounts: Decimal) -> None:
    check_decimal(**amounts)
    for name, amount in amounts.items():
        if not is_exact(amount):
            raise ValueError(f"{name} is {amount} $; round it to the cent")


def check_product(computation: str, expected: Decimal, amount: Decimal) -> None:
    if expected != amount:
        raise ValueError(f"{computation} is {expected} $, but the amount is {amount} $")


def check_sum(what: str, amounts: Iterable[Decimal], total: Decimal) -> None:
    found = sum(amounts, ZERO)
    if found != total:
        raise ValueError(f"{what} add up to {found} $, but {total} $ was given")


def check_taxes(subtotal: Decimal, taxes: Sequence[TaxDue], total: Decimal) -> None:
    """Refuse taxes more than a cent off the price before tax, or a wrong total.

    A cent is left because the last of several credit notes gives back what remains
    of an invoice, not what its own price before tax would round to.
    """
    for tax in taxes:
        if abs(subtotal * tax.rate - tax.amount) > CENT:
            raise ValueError(
                f"{tax.code} of {subtotal} $ at {tax.rate} is not {tax.amount} $"
            )
    check_sum(
        "the subtotal and the taxes", [subtotal, *(tax.amount for tax in taxes)], total
    )


# --- What a template receives ----------------------------------------------------


def letterhead_data(letterhead: Letterhead, language: Language) -> dict[str, Any]:
    neq = f"{words.WORDS[language]['neq']} {letterhead.neq}" if letterhead.neq else ""
    return {
        "name": letterhead.name,
        "lines": [line for line in letterhead.address if line.strip()],
        "contact": [
            line for line in (letterhead.phone, letterhead.email, neq) if line.strip()
        ],
    }


def party_data(party: Party) -> dict[str, Any]:
    return {
        "name": party.name,
        "lines": [line for line in party.address if line.strip()],
        "representative": party.representative,
    }


def work_data(
    line: WorkLine, *, language: Language, hundredths: bool
) -> dict[str, Any]:
    who_and_what = [line.who, line.field, line.level]
    return {
        "on": _line_days(line, language),
        "description": line.description,
        "detail": " · ".join(each for each in who_and_what if each.strip()),
        "time": (
            ""
            if line.minutes is None
            else words.duration(line.minutes, language=language, hundredths=hundredths)
        ),
        "rate": "" if line.rate is None else money_rate(line.rate, language),
        "amount": words.money(line.amount, language=language),
    }


def _line_days(line: WorkLine, language: Language) -> str:
    first, last = line.first_on or line.last_on, line.last_on or line.first_on
    if first is None or last is None:
        return ""
    return words.short_period(first, last, language=language)


def money_rate(rate: Decimal, language: Language) -> str:
    """Write a unit price with its cents, and more decimals only if it has them."""
    places = max(2, -int(rate.normalize().as_tuple().exponent))
    if places == 2:
        return words.money(rate, language=language)
    digits = words.number(rate, language=language, places=places)
    return digits + words.NBSP + "$" if language == "fr" else "$" + digits


def tax_data(tax: TaxDue, *, subtotal: Decimal, language: Language) -> dict[str, Any]:
    rate = words.percent(tax.rate, language=language)
    return {
        "label": f"{tax_label(tax.code, language)} {rate}",
        "base": words.money(subtotal, language=language),
        "registration": (
            words.WORDS[language]["registration"] + tax.registration_number
            if tax.registration_number
            else ""
        ),
        "amount": words.money(tax.amount, language=language),
    }


def composition_data(
    composition: Composition | None, language: Language
) -> dict[str, Any] | None:
    if composition is None:
        return None
    # Shared out by tenths of a percent, so that the printed shares make 100 %.
    shares = split(Decimal("10.00"), [part.amount for part in composition.parts])
    return {
        "caption": composition.caption,
        "total": words.money(composition.total, language=language),
        "parts": [
            {
                "label": part.label,
                "amount": words.money(part.amount, language=language),
                "share": words.percent(share / 10, language=language, places=1),
                "width": int(part.amount / composition.total * 100_000),
            }
            for part, share in zip(composition.parts, shares, strict=True)
        ],
    }
