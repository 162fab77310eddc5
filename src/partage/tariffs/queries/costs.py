"""Questions about what a year costs. Those that tell a person's pay say so.

Finance and the board alone may be shown pays, or anything that holds them: `Lines`,
`Costing` and `Derived.lines`. Members are told what `shown` returns, and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from partage.experts.models import Field
from partage.rules import costing as rules
from partage.rules.money import ZERO, to_cents
from partage.tariffs.models import (
    CostItem,
    CostModel,
    ExpectedHours,
    Parameter,
    Pay,
    RateCard,
    Retouch,
)

# What a new model is computed with, and why.
DEFAULTS: dict[str, tuple[Decimal, object]] = {
    Parameter.Code.PRACTICAL_SHARE: (
        Decimal("0.80"),
        _("Kaplan et Anderson, 2007 : environ 80 % du temps présent"),
    ),
    Parameter.Code.LEAVE_DAYS: (Decimal(25), _("Politique de vacances et congés")),
    Parameter.Code.UNUSED_IN_RATES: (
        Decimal(0),
        _("L’inutilisé n’est pas mis dans les taux"),
    ),
    Parameter.Code.LEVEL_1: (Decimal("0.84"), _("Échelle salariale")),
    Parameter.Code.LEVEL_2: (Decimal(1), _("Échelle salariale")),
    Parameter.Code.LEVEL_3: (Decimal("1.2"), _("Échelle salariale")),
    Parameter.Code.ROUNDING: (Decimal("0.50"), _("Usage du conseil")),
    Parameter.Code.CARRIED: (Decimal(0), _("Rien n’est reporté")),
    Parameter.Code.LEAST_PEOPLE: (Decimal(3), _("Protection des salaires")),
}


@dataclass(frozen=True, slots=True)
class Parameters:
    """The choices a model is computed with."""

    practical_share: Decimal
    leave_days: Decimal
    unused_in_rates: Decimal
    levels: tuple[tuple[int, Decimal], ...]
    rounding: Decimal
    carried: Decimal  # dollars an hour; a surplus lowers rates, below zero
    least_people: int


def parameters_from(values: Mapping[str, Decimal]) -> Parameters:
    """Return the parameters said, and the usual ones in place of those that are not."""
    code = Parameter.Code
    of = {one: values.get(one, DEFAULTS[one][0]) for one in code}
    return Parameters(
        practical_share=of[code.PRACTICAL_SHARE],
        leave_days=of[code.LEAVE_DAYS],
        unused_in_rates=of[code.UNUSED_IN_RATES],
        levels=(
            (1, of[code.LEVEL_1]),
            (2, of[code.LEVEL_2]),
            (3, of[code.LEVEL_3]),
        ),
        rounding=of[code.ROUNDING],
        carried=to_cents(of[code.CARRIED]),
        least_people=int(of[code.LEAST_PEOPLE]),
    )


@dataclass(frozen=True, slots=True)
class Lines:
    """A model and all its lines, as they are written or as they might be.

    Holds pays: for finance and the board.
    """

    model: CostModel
    pays: tuple[Pay, ...]  # with their shares, in `shares_of`
    shares_of: Mapping[int, tuple[tuple[int, int, int], ...]]  # field id, level, weight
    items: tuple[CostItem, ...]
    hours: tuple[ExpectedHours, ...]
    parameters: Parameters
    codes: Mapping[int, str] = field(default_factory=dict)  # of the fields

    @property
    def days(self) -> int:
        """The days of the model's year."""
        return (self.model.ends_on - self.model.starts_on).days + 1

    def pay_of(self, pay: Pay) -> Decimal:
        """Return what a person is paid for the days that the row covers."""
        days = (pay.ends_on - pay.starts_on).days + 1
        return to_cents(pay.yearly_pay * days / self.days)

    def charges_of(self, pay: Pay) -> Decimal:
        return to_cents(self.pay_of(pay) * pay.charges_rate)

    def practical_minutes_of(self, pay: Pay) -> int:
        share = pay.present_minutes * self.parameters.practical_share
        return int(share.quantize(Decimal(1), ROUND_HALF_UP))

    @property
    def funding(self) -> Decimal:
        """What others than members give, to bear what the rates leave."""
        return sum(
            (one.amount for one in self.items if one.kind == CostItem.Kind.FUNDING),
            ZERO,
        )

    @property
    def names(self) -> dict[str, str]:
        """Return how each line is called, by its key in the rule."""
        return {pay_key(one.pk): one.name for one in self.pays} | {
            item_key(one.pk): one.name for one in self.items
        }


def pay_key(pk: int | None) -> str:
    return f"pay {pk}"


def item_key(pk: int | None) -> str:
    return f"item {pk}"


def lines_of(model: CostModel) -> Lines:
    """Return the lines of a model, in six queries. Holds pays."""
    pays = tuple(model.pays.select_related("expert").prefetch_related("shares"))
    return Lines(
        model=model,
        pays=pays,
        shares_of={
            pay.pk: tuple(
                (one.field_id, one.level, one.weight) for one in pay.shares.all()
            )
            for pay in pays
        },
        items=tuple(model.items.select_related("field")),
        hours=tuple(model.hours.select_related("field")),
        parameters=parameters_from(dict(model.parameters.values_list("code", "value"))),
        codes=dict(Field.objects.values_list("pk", "code")),
    )


def as_rule(lines: Lines) -> rules.CostModel:
    """Return a model as the rule derives it; its lines are known by their keys.

    Raises ValueError if a figure is impossible.
    """
    kinds = CostItem.Kind
    return rules.CostModel(
        people=tuple(
            rules.Person(
                key=pay_key(pay.pk),
                pay=lines.pay_of(pay),
                charges=lines.charges_of(pay),
                practical_minutes=lines.practical_minutes_of(pay),
                shares=tuple(
                    (rules.Pool(lines.codes[field_id], level), weight)
                    for field_id, level, weight in lines.shares_of[pay.pk]
                ),
                knowledge=pay.knowledge,
                common=pay.common,
            )
            for pay in lines.pays
        ),
        direct=tuple(
            rules.DirectCost(item_key(one.pk), lines.codes[one.field_id], one.amount)
            for one in lines.items
            if one.kind == kinds.DIRECT
        ),
        shared=tuple(
            rules.SharedCost(
                item_key(one.pk),
                one.amount,
                rules.Key(one.key),
                rules.Kind.SHARED if one.kind == kinds.SHARED else rules.Kind.KNOWLEDGE,
            )
            for one in lines.items
            if one.kind in (kinds.SHARED, kinds.KNOWLEDGE)
        ),
        expected=tuple(
            (rules.Pool(lines.codes[one.field_id], one.level), one.minutes)
            for one in lines.hours
        ),
        common_by=rules.Key(lines.model.common_by),
        knowledge_by=rules.Key(lines.model.knowledge_by),
        unused_in_rates=lines.parameters.unused_in_rates,
        levels=lines.parameters.levels,
    )


def last_changes(model: CostModel) -> list[Retouch]:
    """Return what the last act that stands changed in a model, the last first.

    Holds pays.
    """
    standing = model.retouches.filter(undone=False)
    last = standing.first()
    if last is None:
        return []
    return list(standing.filter(at=last.at, by_name=last.by_name))


def costing_of(model: CostModel) -> rules.Costing:
    """Return what a model yields. Its lines tell pays: for finance and the board."""
    return rules.derive(as_rule(lines_of(model)))


@dataclass(frozen=True, slots=True)
class Derived:
    """A rate that a model yields, rounded as its card would have it.

    `parts` are by kind and cost item, people put together, with the rounding: they add
    up to `amount`. `lines` go down to each line of the model, and add up to it too;
    they tell pays.
    """

    pool: rules.Pool
    amount: Decimal
    parts: tuple[rules.CostLine, ...]
    lines: tuple[rules.CostLine, ...]


def derived_rates(
    lines: Lines, costing: rules.Costing | None = None
) -> dict[rules.Pool, Derived]:
    """Return the rates that a model yields, by field code and level."""
    rule = as_rule(lines)
    found = {}
    for one in (costing or rules.derive(rule)).pools:
        if one.rate is None:
            continue
        amount, whole = rules.carried_rate(
            one.rate, one.parts, change=lines.parameters.carried
        )
        amount, whole = rules.rounded_rate(
            amount, whole, step=lines.parameters.rounding
        )
        found[one.pool] = Derived(one.pool, amount, rules.gathered(rule, whole), whole)
    return found


def models_of(starts_on: date, state: str) -> QuerySet[CostModel]:
    """Return the versions of a year's model, the last first."""
    return CostModel.objects.filter(starts_on=starts_on, state=state).order_by(
        "-version"
    )


def cost_model(starts_on: date, state: str) -> CostModel | None:
    """Return the version that counts.

    The one that the last adopted card came from, else the frozen one (the actual of a
    year that is closed), else the last: what is only proposed does not count yet.
    """
    known = models_of(starts_on, state)
    adopted = known.filter(cards__status=RateCard.Status.ADOPTED)
    waiting = known.filter(cards__status=RateCard.Status.PROPOSED)
    frozen = known.filter(frozen_at__isnull=False).exclude(pk__in=waiting)
    return (
        adopted.order_by("-cards__starts_on").first() or frozen.first() or known.first()
    )


def model_of(on: date, state: str) -> CostModel | None:
    """Return the version that counts of the year that holds a date."""
    row = (
        CostModel.objects.filter(starts_on__lte=on, ends_on__gte=on, state=state)
        .values_list("starts_on", flat=True)
        .first()
    )
    return cost_model(row, state) if row else None


@dataclass(frozen=True, slots=True)
class YearCost:
    """What a year costs, and what its members must bear of it.

    `rates` are in dollars per hour by (field id, level): provisional if the model is
    a budget, final if it is the actual. They recover the capacity that was used;
    `cost_unused` is shown apart, and what `funding` does not pay of it is borne by all.
    """

    model: CostModel
    costing: rules.Costing
    rates: dict[tuple[int, int], Decimal]
    funding: Decimal

    @property
    def cost(self) -> Decimal:
        return self.costing.cost

    @property
    def to_bear(self) -> Decimal:
        """The cost that members bear between them; never below zero."""
        return max(ZERO, self.cost - self.funding)


def year_cost(starts_on: date, state: str) -> YearCost | None:
    """Return what the year that begins on a date costs; None without a model.

    Holds pays: for finance and the board. Rates are to the cent, not rounded further.
    """
    model = cost_model(starts_on, state)
    if model is None:
        return None
    lines = lines_of(model)
    costing = rules.derive(as_rule(lines))
    ids = {code: pk for pk, code in lines.codes.items()}
    return YearCost(
        model=model,
        costing=costing,
        rates={
            (ids[pool.field], pool.level): rate for pool, rate in costing.rates.items()
        },
        funding=lines.funding,
    )
