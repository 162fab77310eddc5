"""The year as it goes: what is recovered, and why it is not what was planned."""

from collections.abc import Iterable
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
    actual: CostModel
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


def follow_up(starts_on: date, *, on: date) -> FollowUp | None:
    """Return the year that begins on a date beside its plan, as it stands on `on`.

    None without a budget, an actual, an adopted card, or an hour planned. For finance
    and the board: by field, it can tell what few people earn.
    """
    budget = cost_model(starts_on, CostModel.State.BUDGET)
    actual = cost_model(starts_on, CostModel.State.ACTUAL)
    card = card_in_force(starts_on)
    if not (budget and actual and card):
        return None
    plan_lines, lines = lines_of(budget), lines_of(actual)
    plan, real = (rules.derive(as_rule(each)) for each in (plan_lines, lines))
    days = plan_lines.days
    share = Fraction(min(days, max(1, (on - starts_on).days)), days)
    rates = {
        rules.Pool(lines.codes[field_id], level): amount
        for (field_id, level), amount in rates_of(card).items()
    }
    years = _pool_years(plan, real, rates, share)
    if not any(year.planned_minutes for year in years):
        return None
    found = variances(years)
    by_field: dict[str, list[tuple[PoolYear, Variance]]] = {}
    for year, one in zip(sorted(years, key=lambda y: y.pool), found.pools, strict=True):
        by_field.setdefault(year.pool.field, []).append((year, one))
    return FollowUp(
        budget=budget,
        actual=actual,
        share=share,
        fields=tuple(_field_year(code, of) for code, of in sorted(by_field.items())),
        whole=found.whole,
        funding=lines.funding,
        planned_result=sum((year.planned_result for year in years), ZERO),
        unassigned=sum((line.amount for line in real.unassigned), ZERO),
    )


def _pool_years(
    plan: rules.Costing,
    real: rules.Costing,
    rates: dict[rules.Pool, Decimal],
    share: Fraction,
) -> list[PoolYear]:
    planned = {one.pool: one for one in plan.pools}
    came = {one.pool: one for one in real.pools}
    found = []
    for pool in sorted({*planned, *came}):
        was, now = planned.get(pool), came.get(pool)
        minutes = Fraction(was.sold_minutes) * share if was else Fraction(0)
        cost = Fraction(was.cost) * share if was else Fraction(0)
        found.append(
            PoolYear(
                pool=pool,
                rate=rates.get(pool, ZERO),
                planned_minutes=int(minutes + Fraction(1, 2)),
                planned_cost=nearest_cent(cost),
                minutes=now.sold_minutes if now else 0,
                cost=now.cost if now else ZERO,
            )
        )
    return found


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
    return {
        row.field.code: row.amount
        for row in ModerateCost.objects.select_related("field").order_by("starts_on")
        if row.starts_on <= on <= (row.ends_on or date.max)
    }


def beyond_moderate(
    rates: Iterable[tuple[int, int, Decimal]], *, on: date
) -> tuple[rules.BeyondModerate, ...]:
    """Return which (field id, level, rate) are above the moderate cost on a date."""
    rows = {
        row.field_id: row
        for row in ModerateCost.objects.select_related("field").order_by("starts_on")
        if row.starts_on <= on <= (row.ends_on or date.max)
    }
    asked = {
        (rules.Pool(rows[field_id].field.code, level), rate)
        for field_id, level, rate in rates
        if field_id in rows and rate is not None
    }
    limits = {row.field.code: row.amount for row in rows.values()}
    return rules.beyond_moderate(sorted(asked), limits)
