"""What a price goes to, as whoever pays it may read it."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from partage.documents.parts import Composition, PricePart
from partage.documents.words import duration
from partage.rules.costing import CostLine, Kind, composition
from partage.rules.money import ZERO, amount_for
from partage.tariffs.models import HourlyRate, Parameter, RateCard, RatePart, TimeShare
from partage.tariffs.queries.costs import parameters_from

# In the order in which a price is explained.
NAMES = {
    "pay": _("Salaires"),
    "charges": _("Charges sociales"),
    "direct": _("Frais directs du domaine"),
    "field": _("Travail et frais du domaine"),
    "shared": _("Frais communs"),
    "knowledge": _("Savoir : verser, libérer, réemployer"),
    "unused": _("Capacité inutilisée"),
    "carried": _("Report d’un exercice clos"),
    "untold": _("Travail dont la grille ne dit pas la composition"),
    "other": _("Déplacements, dépenses et montants convenus"),
}
# What tells too much of a field where few people work: it is told as one.
OF_THE_FIELD = ("pay", "charges", "direct")


@dataclass(frozen=True, slots=True)
class Work:
    """Work charged at a rate: minutes and dollars, both below zero on a credit note."""

    field_id: int
    level: int
    minutes: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Piece:
    """What a part of a price goes to."""

    kind: str
    amount: Decimal

    @property
    def name(self) -> str:
        return str(NAMES[self.kind])


@dataclass(frozen=True, slots=True)
class Price:
    """What a price goes to; its pieces add up to `total`, to the cent.

    `base` is the same work at the rates of the card, without any agreement.
    """

    card: RateCard
    pieces: tuple[Piece, ...]
    base: Decimal
    worked: Decimal
    other: Decimal

    @property
    def total(self) -> Decimal:
        return self.worked + self.other

    @property
    def agreement(self) -> Decimal:
        """What an agreement adds to the card's rates; takes off, below zero."""
        return self.worked - self.base


def price_of(
    card_id: int | None, work: Iterable[Work], *, other: Decimal = ZERO
) -> Price | None:
    """Return what work charged at a card's rates goes to, as the card was adopted.

    `other` is what was charged that has no rate: trips, expenses, agreed amounts. Three
    queries. None without a card, or if the card keeps no composition at all.

    A field where fewer people work than the model's LEAST_PEOPLE does not tell pay,
    charges and direct costs apart, so that nobody's pay is told.
    """
    card = RateCard.objects.filter(pk=card_id).first()
    if card is None:
        return None
    rates: dict[tuple[int, int], list[CostLine]] = {}
    bases: dict[tuple[int, int], Decimal] = {}
    for rate in HourlyRate.objects.filter(card=card).prefetch_related("parts"):
        pool = (rate.field_id, rate.level)
        bases[pool] = rate.amount
        rates[pool] = [
            CostLine(_told(part), "", part.amount) for part in rate.parts.all()
        ]
    if not any(rates.values()):
        return None
    work = list(work)
    return Price(
        card=card,
        pieces=pieces_of(work, rates, few=_small_fields(card), other=other),
        base=sum(
            (
                amount_for(one.minutes, bases[one.field_id, one.level])
                if (one.field_id, one.level) in bases
                else one.amount
                for one in work
            ),
            ZERO,
        ),
        worked=sum((one.amount for one in work), ZERO),
        other=other,
    )


def pieces_of(
    work: Iterable[Work],
    rates: Mapping[tuple[int, int], Sequence[CostLine]],
    *,
    few: Container[int],
    other: Decimal = ZERO,
) -> tuple[Piece, ...]:
    """Return what work goes to, by the parts of its rates, by (field id, level).

    `few` are the fields whose own costs are told as one. The pieces add up to the
    amounts of the work and `other`.
    """
    sums: dict[str, Decimal] = {}
    for one in work:
        parts = rates.get((one.field_id, one.level))
        goes_to = composition(one.amount, parts) if parts else {}
        for kind, amount in goes_to.items():
            name = kind.value
            if one.field_id in few and name in OF_THE_FIELD:
                name = "field"
            sums[name] = sums.get(name, ZERO) + amount
        if not parts:
            sums["untold"] = sums.get("untold", ZERO) + one.amount
    if other:
        sums["other"] = other
    return tuple(Piece(kind, sums[kind]) for kind in NAMES if sums.get(kind))


def printed(price: Price | None, *, saved_minutes: int = 0) -> Composition | None:
    """Return a price as a document prints it, in the active language.

    None for a credit, or for what nothing was paid: there is nothing to draw.
    """
    if price is None:
        return None
    return drawn(price.pieces, price.card.name, saved_minutes=saved_minutes)


def drawn(
    pieces: Sequence[Piece], card: str, *, saved_minutes: int = 0
) -> Composition | None:
    """Return pieces as a document draws them, in the active language, or None.

    What a closed year takes off the rates is drawn with what is shared: a bar has no
    part below zero.
    """
    off = sum((o.amount for o in pieces if o.kind == "carried" and o.amount < 0), ZERO)
    if off and any(one.kind == "shared" for one in pieces):
        pieces = [
            Piece(one.kind, one.amount + off) if one.kind == "shared" else one
            for one in pieces
            if one.kind != "carried"
        ]
    if not pieces or any(one.amount < 0 for one in pieces):
        return None
    caption = gettext("Composition adoptée avec la %(card)s.") % {"card": card}
    if saved_minutes:
        english = (get_language() or "").startswith("en")
        caption += " " + gettext(
            "Le réservoir de savoirs a épargné %(time)s, que vous ne payez pas."
        ) % {
            "time": duration(
                saved_minutes, language="en" if english else "fr", hundredths=False
            )
        }
    return Composition(
        parts=[PricePart(label=one.name, amount=one.amount) for one in pieces],
        caption=caption,
    )


def _told(part: RatePart) -> Kind:
    """The rounding of the card, of some cents, is told with what is shared."""
    kind = Kind(part.kind)
    return Kind.SHARED if kind is Kind.ROUNDING else kind


def _small_fields(card: RateCard) -> frozenset[int]:
    """Return the fields where too few people work for their costs to be told apart."""
    if card.model_id is None:
        return frozenset()
    said = Parameter.objects.filter(model_id=card.model_id)
    least = parameters_from(dict(said.values_list("code", "value"))).least_people
    return frozenset(
        TimeShare.objects.filter(pay__model_id=card.model_id, weight__gt=0)
        .values("field_id")
        .annotate(people=Count("pay__name", distinct=True))
        .filter(people__lt=least)
        .values_list("field_id", flat=True)
    )
