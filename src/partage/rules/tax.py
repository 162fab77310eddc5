"""Sales taxes on an invoice. The rates are dated rows, never written here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from partage.rules.money import is_exact, to_cents

# In the order they are printed. The French label is the one printed in French.
LABELS = {"GST": ("TPS", "GST"), "QST": ("TVQ", "QST"), "HST": ("TVH", "HST")}
_ORDER = {code: i for i, code in enumerate(LABELS)}


def tax_label(code: str, language: str) -> str:
    """Return how a tax is called: TPS, TVQ, TVH in French, else GST, QST, HST.

    Raises ValueError if the code is none of the three.
    """
    if code not in LABELS:
        raise ValueError(f"tax code is {code!r}; give one of {', '.join(LABELS)}")
    french, english = LABELS[code]
    return french if language.startswith("fr") else english


class NoTaxRate(LookupError):
    """The table has no rate for this province on this day."""

    def __init__(self, province: str, on: date) -> None:
        self.province = province
        self.on = on
        super().__init__(province, on)


class OverlappingRates(ValueError):
    """The table says two things of one province on one day."""

    def __init__(self, province: str, codes: tuple[str, str], on: date) -> None:
        self.province = province
        self.codes = codes
        self.on = on  # the first day with two answers
        super().__init__(province, codes, on)


@dataclass(frozen=True, slots=True)
class TaxRate:
    """One tax: `code` is GST, QST or HST; `rate` is a fraction of one (0.05)."""

    code: str
    rate: Decimal

    def __post_init__(self) -> None:
        label = tax_label(self.code, "fr")
        if not 0 <= self.rate < 1:
            raise ValueError(
                f"{label} rate is {self.rate}; give a fraction of one, such as 0.05"
            )


@dataclass(frozen=True, slots=True)
class TaxLine:
    """One tax as it is printed: `amount` is in dollars, exact to the cent."""

    code: str
    rate: Decimal
    amount: Decimal

    def label(self, language: str) -> str:
        return tax_label(self.code, language)


@dataclass(frozen=True, slots=True)
class DatedRate:
    """A tax of a province from `valid_from` to `valid_until`, both included.

    `valid_until` is None while no end is known.
    """

    province: str
    code: str
    rate: Decimal
    valid_from: date
    valid_until: date | None = None

    def __post_init__(self) -> None:
        TaxRate(self.code, self.rate)
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise ValueError(
                f"{self.code} of {self.province} ends on {self.valid_until}, before "
                f"it begins on {self.valid_from}"
            )

    def holds(self, on: date) -> bool:
        return self.valid_from <= on <= (self.valid_until or date.max)


def tax_point(
    *,
    invoiced_on: date,
    agreed_on: date | None = None,
    paid_on: date | None = None,
) -> date:
    """Return the day whose rates tax a supply: when tax became payable, or was paid.

    It is the earliest of the day of the invoice, the day that a written agreement says
    the amount is due, and the day it was paid before either. When the work was done
    changes nothing: a mandate in Nova Scotia invoiced on 31 March 2025 bears 15 %, and
    on 1 April 14 %, whenever its hours were worked; a fee due on 1 March by agreement
    bears 15 % even when it is invoiced in April.

    Source: Excise Tax Act, ss. 152 and 168; CRA, GST/HST Notice 342 (March 2025), and
    SOR/2025-77, for Nova Scotia. Québec's Act follows the same rule (ss. 82, 83).
    """
    return min(day for day in (invoiced_on, agreed_on, paid_on) if day is not None)


def taxes_due(net: Decimal, rates: Iterable[TaxRate]) -> tuple[TaxLine, ...]:
    """Return one tax line per rate, each computed on the same net amount.

    `net` is the total of the invoice before tax, in dollars, exact to the cent;
    it may be negative (a credit note, which mirrors its invoice to the cent).
    No tax is computed on another tax. Each line is rounded half up to the cent by
    itself, so the printed lines add up to the printed total: 140.00 $ in Québec
    is 7.00 + 13.97 = 160.97.

    Raises ValueError if `net` is finer than a cent.
    Source: Revenu Québec, GST/HST and QST; DOMAIN, section 5.
    """
    if not is_exact(net):
        raise ValueError(f"net is {net}; round it to the cent first")
    return tuple(
        TaxLine(code=tax.code, rate=tax.rate, amount=to_cents(net * tax.rate))
        for tax in rates
    )


def rates_in_force(
    rows: Iterable[DatedRate], province: str, on: date
) -> tuple[TaxRate, ...]:
    """Return the taxes of `province` on the day `on`, in the order of printing.

    Raises NoTaxRate if there is none, and OverlappingRates if two rows of the
    province ever hold one tax on one day, or HST beside GST or QST (HST holds
    them both): then any answer would be a guess.
    """
    of_here = sorted(
        (row for row in rows if row.province == province),
        key=lambda row: (row.valid_from, _ORDER[row.code]),
    )
    for clash in (("GST", "HST"), ("QST", "HST")):
        # Within a pair no two rows may touch, unless they are GST and QST.
        timeline = [row for row in of_here if row.code in clash]
        for before, after in pairwise(timeline):
            if before.holds(after.valid_from):
                raise OverlappingRates(
                    province, (before.code, after.code), after.valid_from
                )
    held = sorted(
        (row for row in of_here if row.holds(on)), key=lambda row: _ORDER[row.code]
    )
    if not held:
        raise NoTaxRate(province, on)
    return tuple(TaxRate(row.code, row.rate) for row in held)
