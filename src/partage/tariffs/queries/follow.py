"""The year as it goes: what is recovered, and why it is not what was planned."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from partage.rules import costing as rules
from partage.rules.money import ZERO, amount_for, nearest_cent
from partage.rules.variance import PoolYear, Variance, variances
from partage.tariffs.models import CostModel, ModerateCost
from partage.tariffs.queries.costs import Lines, as_rule, cost_model, lines_of
from partage.tariffs.queries.rates import card_in_force, rates_of


@dataclass(frozen=True, slots=True)
class FieldYear:
    """A field of the year: dollars and minutes, at the provisional rates.

    `break_even` is the minutes that would recover its cost, in the proportions sold;
    None when nothing was sold. `variance` is better than planned above zero.
    """

    field: str
    planned_minutes: int
    minutes: int
    recovered: Decimal
    cost: Decimal
    break_even: int | None
    variance: Variance

    @property
    def result(self) -> Decimal:
        """What was over-recovered; under-recovered, below zero."""
        return self.recovered - self.cost


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A year beside its plan. Its fields add up to it; so do the variances.

    `share` is the part of the year that was planned to be over by now: the plan is
    taken in that proportion. What agreements take off the card is not counted here.
    """

    budget: CostModel
    actual: CostModel | None
    share: Fraction
    fields: tuple[FieldYear, ...]
    whole: Variance
    funding: Decimal
    planned_result: Decimal
    unassigned: Decimal

    @property
    def recovered(self) -> Decimal:
        return sum((one.recovered for one in self.fields), ZERO)

    @property
    def cost(self) -> Decimal:
        return sum((one.cost for one in self.fields), ZERO)

    @property
    def result(self) -> Decimal:
        return self.recovered - self.cost

    @property
    def minutes(self) -> int:
        return sum(one.minutes for one in self.fields)

    @property
    def planned_minutes(self) -> int:
        return sum(one.planned_minutes for one in self.fields)


def follow_up(
    starts_on: date, *, on: date, sold: Mapping[tuple[int, int], int] | None = None
) -> FollowUp | None:
    """Return the year that begins on a date beside its plan, as it stands on `on`.

    Real costs and hours are those of the actual. While there is none, `sold` (minutes
    by field id and level) stands for its hours, and the plan's costs for its costs, in
    proportion to the days gone: then only hours can differ.

    None without a budget, an adopted card, an hour planned, or an actual or `sold`.
    For finance and the board: by field, it can tell what few people earn.
    """
    budget = cost_model(starts_on, CostModel.State.BUDGET)
    actual = cost_model(starts_on, CostModel.State.ACTUAL)
    card = card_in_force(starts_on)
    if not (budget and card) or (actual is None and sold is None):
        return None
    plan_lines = lines_of(budget)
    days = plan_lines.days
    share = Fraction(min(days, max(1, (on - starts_on).days)), days)

    def pool(key: tuple[int, int]) -> rules.Pool:
        return rules.Pool(plan_lines.codes[key[0]], key[1])

    costing = rules.derive(as_rule(plan_lines))
    plan = {
        one.pool: (
            int(one.sold_minutes * share + Fraction(1, 2)),
            nearest_cent(Fraction(one.cost) * share),
        )
        for one in costing.pools
    }
    funding = plan_lines.funding
    if actual:
        lines = lines_of(actual)
        costing, funding = rules.derive(as_rule(lines)), lines.funding
        real = {one.pool: (one.sold_minutes, one.cost) for one in costing.pools}
    else:
        funding = nearest_cent(Fraction(funding) * share)
        hours = {pool(key): minutes for key, minutes in (sold or {}).items()}
        real = {
            one: (hours.get(one, 0), plan.get(one, (0, ZERO))[1])
            for one in {*plan, *hours}
        }
    rates = {pool(key): amount for key, amount in rates_of(card).items()}
    years = [
        PoolYear(
            one, rates.get(one, ZERO), *plan.get(one, (0, ZERO)),
            *real.get(one, (0, ZERO)),
        )
        for one in sorted({*plan, *real})
    ]  # fmt: skip
    if not any(year.planned_minutes for year in years):
        return None
    found = variances(years)
    by_field: dict[str, list[tuple[PoolYear, Variance]]] = {}
    for year, one in zip(years, found.pools, strict=True):
        by_field.setdefault(year.pool.field, []).append((year, one))
    return FollowUp(
        budget=budget,
        actual=actual,
        share=share,
        fields=tuple(_field_year(code, of) for code, of in sorted(by_field.items())),
        whole=found.whole,
        funding=funding,
        planned_result=sum((year.planned_result for year in years), ZERO),
        unassigned=sum((line.amount for line in costing.unassigned), ZERO),
    )


def _field_year(code: str, of: list[tuple[PoolYear, Variance]]) -> FieldYear:
    cost = sum((year.cost for year, _one in of), ZERO)
    sold = [(year.minutes, year.rate) for year, _one in of]
    return FieldYear(
        field=code,
        planned_minutes=sum(year.planned_minutes for year, _one in of),
        minutes=sum(year.minutes for year, _one in of),
        recovered=sum((amount_for(minutes, rate) for minutes, rate in sold), ZERO),
        cost=cost,
        break_even=rules.break_even_minutes(cost, sold),
        variance=Variance(
            pool=None,
            volume=sum((one.volume for _year, one in of), ZERO),
            cost=sum((one.cost for _year, one in of), ZERO),
            mix=sum((one.mix for _year, one in of), ZERO),
        ),
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """What members are told of a field, or of several put together: sums only.

    `field` is None for those where too few people work to be told apart.
    """

    field: str | None
    people: int
    pay: Decimal  # with charges
    other: Decimal
    minutes: int

    @property
    def cost(self) -> Decimal:
        return self.pay + self.other


def shown(lines: Lines, costing: rules.Costing | None = None) -> tuple[Shown, ...]:
    """Return the costs of a model by field, as members may read them.

    A field where fewer people work than LEAST_PEOPLE is put with the others like it,
    and the smallest field left joins them until they are enough together. They add up
    to the model's cost, less what no field bears.
    """
    people: dict[str, set[object]] = {}
    for pay in lines.pays:
        for field_id, _level, weight in lines.shares_of[pay.pk]:
            if weight:
                who = pay.expert_id or pay.pk
                people.setdefault(lines.codes[field_id], set()).add(who)
    told: dict[str, list] = {}
    for one in (costing or rules.derive(as_rule(lines))).pools:
        row = told.setdefault(one.pool.field, [ZERO, ZERO, 0])
        for line in one.lines:
            row[line.kind not in (rules.Kind.PAY, rules.Kind.CHARGES)] += line.amount
        row[2] += one.sold_minutes
    least = lines.parameters.least_people
    order = sorted(told, key=lambda code: (len(people.get(code, ())), code))
    hidden = [code for code in order if len(people.get(code, ())) < least]
    left = order[len(hidden) :]
    while hidden and left and len(_all_of(people, hidden)) < least:
        hidden.append(left.pop(0))
    found = [
        Shown(code, len(people.get(code, ())), *told[code]) for code in sorted(left)
    ]
    if hidden:
        rows = [told[code] for code in hidden]
        found.append(
            Shown(
                None,
                len(_all_of(people, hidden)),
                sum((row[0] for row in rows), ZERO),
                sum((row[1] for row in rows), ZERO),
                sum(row[2] for row in rows),
            )
        )
    return tuple(found)


def _all_of(people: dict[str, set], codes: Iterable[str]) -> set:
    return set().union(*(people.get(code, set()) for code in codes))


def thresholds_on(on: date) -> dict[str, Decimal]:
    """Return the moderate costs in force on a date, in dollars per hour, by field."""
    return {row.field.code: row.amount for row in moderate_costs(on).values()}


def moderate_costs(on: date) -> dict[int, ModerateCost]:
    """Return the moderate cost in force on a date, by field id, with its field."""
    return {
        row.field_id: row
        for row in ModerateCost.objects.select_related("field").order_by("starts_on")
        if row.starts_on <= on <= (row.ends_on or date.max)
    }


@dataclass(frozen=True, slots=True)
class Beyond:
    """A rate above what its field's moderate cost allows, with that row."""

    level: int
    rate: Decimal
    limit: ModerateCost


def beyond_moderate(
    rates: Iterable[tuple[int | None, int | None, Decimal | None]], *, on: date
) -> tuple[Beyond, ...]:
    """Return which (field id, level, dollars per hour) are above the moderate cost.

    Each is told once, by field and level; what has no rate is moderate. One query.
    """
    rows = moderate_costs(on)
    asked = {
        (rules.Pool(str(field_id), level), rate)
        for field_id, level, rate in rates
        if field_id in rows and level and rate is not None
    }
    limits = {str(field_id): row.amount for field_id, row in rows.items()}
    return tuple(
        Beyond(one.pool.level, one.rate, rows[int(one.pool.field)])
        for one in rules.beyond_moderate(sorted(asked), limits)
    )
