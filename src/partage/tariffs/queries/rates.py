"""Questions about rates: the card in force, what an hour costs whom, taxes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from partage.agreements.models import Agreement
from partage.agreements.queries import agreement_by_field
from partage.members.models import Organisation
from partage.rules import tax
from partage.rules.money import to_cents
from partage.tariffs.models import HourlyRate, RateCard, TaxRate


def cards() -> QuerySet[RateCard]:
    """Return the adopted cards, the newest first: a proposal has no force."""
    return RateCard.objects.filter(status=RateCard.Status.ADOPTED)


def card_in_force(on: date) -> RateCard | None:
    """Return the card whose rates hold on a date; a newer card replaces an older."""
    return cards().filter(starts_on__lte=on).order_by("-starts_on").first()


def cards_on(days: Iterable[date]) -> dict[date, RateCard | None]:
    """Return the card whose rates hold on each day, in one query."""
    wanted = set(days)
    rows = list(cards().order_by("-starts_on")) if wanted else []
    return {
        day: next((card for card in rows if card.starts_on <= day), None)
        for day in wanted
    }


def next_card(on: date) -> RateCard | None:
    """Return the next card already adopted, if any."""
    return cards().filter(starts_on__gt=on).order_by("starts_on").first()


def rates_of(card: RateCard) -> dict[tuple[int, int], Decimal]:
    """Return the card's dollars per hour, by (field id, level)."""
    return {
        (field_id, level): amount
        for field_id, level, amount in HourlyRate.objects.filter(card=card).values_list(
            "field_id", "level", "amount"
        )
    }


@dataclass(frozen=True, slots=True)
class Rate:
    """What an hour costs an organisation, and where that comes from."""

    base: Decimal  # on the card
    amount: Decimal  # to pay: base × the agreement's factor, to the cent
    agreement: Agreement | None = None

    @property
    def factor(self) -> Decimal:
        return self.agreement.rate_factor if self.agreement else Decimal(1)


@dataclass(frozen=True, slots=True)
class PriceList:
    """The rates of one organisation on one day, by (field id, level)."""

    card: RateCard
    rates: dict[tuple[int, int], Rate]

    def get(self, field_id: int, level: int) -> Rate | None:
        return self.rates.get((field_id, level))


def price_list(organisation: Organisation, *, on: date) -> PriceList | None:
    """Return what an hour of each field and level costs an organisation on a date.

    The card's rate, times the factor of the agreement in force that covers the
    field (the organisation's own, else its network's), rounded to the cent half
    up. None when no card is in force.
    """
    card = card_in_force(on)
    if card is None:
        return None
    covered = agreement_by_field(organisation, on=on)
    rates = {}
    for (field_id, level), base in rates_of(card).items():
        agreement = covered.get(field_id)
        factor = agreement.rate_factor if agreement else Decimal(1)
        rates[field_id, level] = Rate(base, to_cents(base * factor), agreement)
    return PriceList(card, rates)


def taxes_on(province: str, *, on: date) -> tuple[tax.TaxRate, ...]:
    """Return the sales taxes of a province on a date, in the order of printing.

    Raises rules.tax.NoTaxRate if there is none on record.
    """
    return tax.rates_in_force(
        _dated(TaxRate.objects.filter(province=province)), province, on
    )


def tax_rows_on(on: date) -> list[TaxRate]:
    """Return every tax in force on a date, with its source."""
    return [
        row
        for row in TaxRate.objects.order_by("province", "code", "starts_on")
        if row.starts_on <= on <= (row.ends_on or date.max)
    ]


def _dated(rows: Iterable[TaxRate]) -> list[tax.DatedRate]:
    return [
        tax.DatedRate(row.province, row.code, row.rate, row.starts_on, row.ends_on)
        for row in rows
    ]
