"""What a price goes to, as whoever pays it may read it."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import Count
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from partage.documents.parts import Composition, PricePart
from partage.documents.words import Language, duration, money
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
    "bought": _("Acomptes et heures achetées d’avance"),
    "other": _("Déplacements, dépenses et montants convenus"),
}
# What tells too much of a field where few people work: it is told as one.
OF_THE_FIELD = ("pay", "charges", "direct")


@dataclass(frozen=True, slots=True)
class Work:
    """Work charged at a rate: minutes and dollars, both below zero on a credit note.

    An amount of it given back has no minutes.
    """

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

    `base` is the same work at the rates of the card, without any agreement. `bought` is
    charged for what comes later. `advance`, below zero, was paid before and is taken
    off the total: hours of a bank, a deposit. A credit note has the contrary signs.
    """

    card: RateCard
    pieces: tuple[Piece, ...]
    base: Decimal
    worked: Decimal
    other: Decimal
    bought: Decimal = ZERO
    advance: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.worked + self.other + self.bought

    @property
    def due(self) -> Decimal:
        """What is charged before tax, what was paid before being taken off."""
        return self.total + self.advance

    @property
    def agreement(self) -> Decimal:
        """What an agreement adds to the card's rates; takes off, below zero."""
        return self.worked - self.base


def price_of(
    card_id: int | None, work: Iterable[Work], *, other: Decimal = ZERO
) -> Price | None:
    """Return what work charged at a card's rates goes to, as the card was adopted.

    `other` is what was charged that has no rate: trips, expenses, agreed amounts.
    None without a card, or if the card keeps no composition at all.

    A field where fewer people work than the model's LEAST_PEOPLE does not tell pay,
    charges and direct costs apart, so that nobody's pay is told.
    """
    if card_id is None:
        return None
    told = told_by([card_id]).get(card_id)
    return told.price(work, other=other) if told else None


@dataclass(frozen=True, slots=True)
class Told:
    """What a card tells of its rates, by (field id, level): amounts and parts.

    `few` are the fields whose own costs are told as one.
    """

    card: RateCard
    bases: Mapping[tuple[int, int], Decimal]
    rates: Mapping[tuple[int, int], Sequence[CostLine]]
    few: frozenset[int]

    def price(
        self,
        work: Iterable[Work],
        *,
        other: Decimal = ZERO,
        bought: Decimal = ZERO,
        advance: Decimal = ZERO,
    ) -> Price:
        """Return what work goes to. See `price_of` and `Price`."""
        work = list(work)
        return Price(
            card=self.card,
            pieces=pieces_of(
                work, self.rates, few=self.few, other=other, bought=bought
            ),
            base=sum(
                (
                    amount_for(one.minutes, self.bases[one.field_id, one.level])
                    if one.minutes and (one.field_id, one.level) in self.bases
                    else one.amount
                    for one in work
                ),
                ZERO,
            ),
            worked=sum((one.amount for one in work), ZERO),
            other=other,
            bought=bought,
            advance=advance,
        )


def told_by(card_ids: Iterable[int]) -> dict[int, Told]:
    """Return what cards tell, by id; a card without any composition is not there."""
    found = {}
    for card in RateCard.objects.filter(pk__in=set(card_ids)):
        rates: dict[tuple[int, int], list[CostLine]] = {}
        bases: dict[tuple[int, int], Decimal] = {}
        for rate in HourlyRate.objects.filter(card=card).prefetch_related("parts"):
            pool = (rate.field_id, rate.level)
            bases[pool] = rate.amount
            rates[pool] = [
                CostLine(_told(part), "", part.amount) for part in rate.parts.all()
            ]
        if any(rates.values()):
            found[card.pk] = Told(card, bases, rates, _small_fields(card))
    return found


def pieces_of(
    work: Iterable[Work],
    rates: Mapping[tuple[int, int], Sequence[CostLine]],
    *,
    few: Container[int],
    other: Decimal = ZERO,
    bought: Decimal = ZERO,
) -> tuple[Piece, ...]:
    """Return what work goes to, by the parts of its rates, by (field id, level).

    `few` are the fields whose own costs are told as one. The pieces add up to the
    amounts of the work, `other` and `bought`.
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
    sums |= {"other": other, "bought": bought}
    return tuple(Piece(kind, sums[kind]) for kind in NAMES if sums.get(kind))


def printed(price: Price | None, *, saved_minutes: int = 0) -> Composition | None:
    """Return a price as a document prints it, in the active language.

    None for a credit, or for what nothing was paid: there is nothing to draw.
    """
    if price is None:
        return None
    whole = drawn(price.pieces, price.card.name, saved_minutes=saved_minutes)
    if whole is None:
        return None
    said = [whole.caption]
    if price.agreement:
        said.append(
            (
                gettext(
                    "Aux taux de la grille, ce travail coûterait %(base)s : ce qui est "
                    "convenu avec vous en retranche %(change)s."
                )
                if price.agreement < 0
                else gettext(
                    "Aux taux de la grille, ce travail coûterait %(base)s : ce qui est "
                    "convenu avec vous y ajoute %(change)s."
                )
            )
            % {"base": _dollars(price.base), "change": _dollars(abs(price.agreement))}
        )
    if price.advance:
        said.append(
            gettext("De ce prix, %(advance)s étaient déjà payés d’avance.")
            % {"advance": _dollars(-price.advance)}
        )
    return replace(whole, caption=" ".join(said))


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
        caption += " " + gettext(
            "Le réservoir de savoirs a épargné %(time)s, que vous ne payez pas."
        ) % {"time": duration(saved_minutes, language=_language(), hundredths=False)}
    return Composition(
        parts=[PricePart(label=one.name, amount=one.amount) for one in pieces],
        caption=caption,
    )


def _language() -> Language:
    return "en" if (get_language() or "").startswith("en") else "fr"


def _dollars(amount: Decimal) -> str:
    return money(amount, language=_language())


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
