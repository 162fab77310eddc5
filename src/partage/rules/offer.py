"""What an offer adds up to: phases, lines, taxes, total."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from partage.rules.money import ZERO, amount_for, is_exact
from partage.rules.tax import TaxLine, TaxRate, taxes_due


@dataclass(frozen=True, slots=True)
class Priced:
    """An amount in dollars with its taxes; it cannot exist unless it adds up.

    Raises ValueError if an amount is finer than a cent, or if net and taxes do
    not make the total.
    """

    net: Decimal
    taxes: tuple[TaxLine, ...]
    total: Decimal

    def __post_init__(self) -> None:
        for amount in (self.net, self.total, *(tax.amount for tax in self.taxes)):
            if not is_exact(amount):
                raise ValueError(f"{amount} is finer than a cent; round it first")
        if self.net + self.tax != self.total:
            raise ValueError(
                f"net {self.net} and taxes {self.tax} do not make {self.total}"
            )

    @property
    def tax(self) -> Decimal:
        return sum((tax.amount for tax in self.taxes), ZERO)


@dataclass(frozen=True, slots=True)
class OfferLine:
    """Work of `minutes` at `rate` dollars per hour."""

    label: str
    minutes: int
    rate: Decimal

    @property
    def amount(self) -> Decimal:
        return amount_for(self.minutes, self.rate)


@dataclass(frozen=True, slots=True)
class OfferPhase:
    """Lines done together. Its net is the sum of its lines as they are printed."""

    title: str
    lines: tuple[OfferLine, ...]

    @property
    def minutes(self) -> int:
        return sum(line.minutes for line in self.lines)

    @property
    def net(self) -> Decimal:
        return sum((line.amount for line in self.lines), ZERO)


def priced(net: Decimal, rates: Iterable[TaxRate]) -> Priced:
    """Add taxes to `net` dollars, exact to the cent, as taxes_due computes them.

    Raises ValueError if `net` is finer than a cent.
    """
    taxes = taxes_due(net, rates)
    return Priced(net, taxes, net + sum((tax.amount for tax in taxes), ZERO))


def offer_total(phases: Iterable[OfferPhase], rates: Iterable[TaxRate]) -> Priced:
    """Return what an offer comes to. Each line is rounded to the cent, once.

    Taxes are computed on the sum, not by line: what is printed adds up.
    """
    return priced(sum((phase.net for phase in phases), ZERO), rates)
