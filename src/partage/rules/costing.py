"""What an hour really costs, down to the lines that make it up.

Time-driven activity-based costing: the cost of the capacity supplied, divided by
the practical capacity, is the cost of an hour; the capacity that nobody buys is
shown apart. Source: R. S. Kaplan and S. R. Anderson, Time-Driven Activity-Based
Costing, Harvard Business School Press, 2007, chapters 1 to 3.

Amounts are Decimal dollars, exact to the cent and never negative; time is whole
minutes; rates are dollars per hour, exact to the cent. The order in which people,
costs and hours are given never changes an answer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil

from partage.rules.money import (
    CENT,
    ZERO,
    amount_for,
    fit,
    is_exact,
    nearest_cent,
    split,
)


@dataclass(frozen=True, slots=True, order=True)
class Pool:
    """The hours of one field at one level: what has a rate."""

    field: str
    level: int


class Kind(StrEnum):
    """What a cost pays for, in the order in which a price is explained."""

    PAY = "pay"
    CHARGES = "charges"
    DIRECT = "direct"
    SHARED = "shared"
    KNOWLEDGE = "knowledge"
    UNUSED = "unused"


_ORDER = {kind: i for i, kind in enumerate(Kind)}


class Key(StrEnum):
    """In proportion to what a shared cost is borne."""

    PEOPLE = "people"
    PRACTICAL_HOURS = "practical_hours"
    EXPECTED_HOURS = "expected_hours"


@dataclass(frozen=True, slots=True)
class Person:
    """A year of somebody: what it costs and where its practical minutes go.

    `shares` are weights by pool; `knowledge` and `common` are the weights of what is
    not sold: knowledge work, and work for all. Weights of 3, 1 and 0 mean three
    quarters and one quarter. `practical_minutes` may be zero (a year of leave): the
    cost remains.
    """

    key: str
    pay: Decimal
    charges: Decimal
    practical_minutes: int
    shares: tuple[tuple[Pool, int], ...] = ()
    knowledge: int = 0
    common: int = 0

    def __post_init__(self) -> None:
        _check_amount(self.key, self.pay)
        _check_amount(self.key, self.charges)
        _check_count(self.key, "practical minutes", self.practical_minutes)
        weights = [weight for _, weight in self.shares]
        for weight in (*weights, self.knowledge, self.common):
            _check_count(self.key, "a share", weight)
        if not sum((*weights, self.knowledge, self.common)):
            raise ValueError(f"{self.key} does nothing; give a share above zero")
        _check_once(pool for pool, _ in self.shares)


@dataclass(frozen=True, slots=True)
class DirectCost:
    """A cost of one field (a licence, an insurance): by practical hours, by level."""

    key: str
    field: str
    amount: Decimal

    def __post_init__(self) -> None:
        _check_amount(self.key, self.amount)


@dataclass(frozen=True, slots=True)
class SharedCost:
    """A cost of all, borne in proportion to `by`. `kind` is SHARED or KNOWLEDGE."""

    key: str
    amount: Decimal
    by: Key
    kind: Kind = Kind.SHARED

    def __post_init__(self) -> None:
        _check_amount(self.key, self.amount)
        if self.kind not in (Kind.SHARED, Kind.KNOWLEDGE):
            raise ValueError(f"{self.key} is {self.kind}; give SHARED or KNOWLEDGE")


@dataclass(frozen=True, slots=True)
class CostModel:
    """What a year should cost and sell.

    `expected` is the minutes to be sold by pool. `common_by` and `knowledge_by` say
    how the unsold work of people is borne. `unused_in_rates` is the fraction of the
    cost of unused capacity that the rates recover, as a part of its own: 0 leaves all
    of it to be covered otherwise, 1 makes the year break even on expected hours.

    Raises ValueError if two lines have the same key, or a figure is impossible.
    """

    people: tuple[Person, ...] = ()
    direct: tuple[DirectCost, ...] = ()
    shared: tuple[SharedCost, ...] = ()
    expected: tuple[tuple[Pool, int], ...] = ()
    common_by: Key = Key.PRACTICAL_HOURS
    knowledge_by: Key = Key.PRACTICAL_HOURS
    unused_in_rates: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        lines: tuple[Person | DirectCost | SharedCost, ...] = (
            *self.people,
            *self.direct,
            *self.shared,
        )
        _check_once(line.key for line in lines)
        _check_once(pool for pool, _ in self.expected)
        for pool, minutes in self.expected:
            _check_count(f"{pool.field} {pool.level}", "expected minutes", minutes)
        if not isinstance(self.unused_in_rates, Decimal):
            raise TypeError("the fraction of unused capacity must be a Decimal")
        if not 0 <= self.unused_in_rates <= 1:
            raise ValueError(
                f"the fraction of unused capacity is {self.unused_in_rates}; "
                "give a fraction of one, such as 0.5"
            )


@dataclass(frozen=True, slots=True)
class CostLine:
    """Dollars, of a year or of an hour, with the line of the model they come from."""

    kind: Kind
    key: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class PoolCost:
    """A year of one pool. `lines` are of the year; `parts` make up the rate.

    `rate` is None when nobody has an hour to give: no rate can be told.
    `unused_minutes` is negative when more is to be sold than can be.
    """

    pool: Pool
    lines: tuple[CostLine, ...]
    supplied_minutes: int
    sold_minutes: int
    rate: Decimal | None
    parts: tuple[CostLine, ...]

    @property
    def cost(self) -> Decimal:
        """What the capacity supplied costs."""
        return sum((line.amount for line in self.lines), ZERO)

    @property
    def unused_minutes(self) -> int:
        return self.supplied_minutes - self.sold_minutes

    @property
    def cost_sold(self) -> Decimal:
        if not self.supplied_minutes:
            return ZERO
        share = Fraction(self.sold_minutes, self.supplied_minutes)
        return nearest_cent(Fraction(self.cost) * share)

    @property
    def cost_unused(self) -> Decimal:
        """With cost_sold, makes the cost exactly."""
        return self.cost - self.cost_sold

    @property
    def break_even_minutes(self) -> int | None:
        return break_even_minutes(self.cost, [(1, self.rate)] if self.rate else [])


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that the model says and that should be looked at.

    `code` is one of:
    - "no_capacity": hours are expected, or a cost is borne, where nobody has an hour;
    - "nothing_expected": there is capacity, and no sale is expected;
    - "beyond_capacity": more hours are expected than there are;
    - "unassigned": no pool can bear this cost; it is in no rate.
    """

    code: str
    subject: Pool | str


@dataclass(frozen=True, slots=True)
class Costing:
    """What a model yields. The pools and `unassigned` add up to the model's costs."""

    pools: tuple[PoolCost, ...]
    unassigned: tuple[CostLine, ...]
    remarks: tuple[Remark, ...]

    @property
    def rates(self) -> dict[Pool, Decimal]:
        return {one.pool: one.rate for one in self.pools if one.rate is not None}

    @property
    def cost(self) -> Decimal:
        return sum(
            (one.cost for one in self.pools),
            sum((line.amount for line in self.unassigned), ZERO),
        )

    @property
    def cost_unused(self) -> Decimal:
        return sum((one.cost_unused for one in self.pools), ZERO)

    @property
    def expected_revenue(self) -> Decimal:
        return sum(
            (amount_for(one.sold_minutes, one.rate) for one in self.pools if one.rate),
            ZERO,
        )

    def break_even_minutes(self, of_field: str | None = None) -> int | None:
        """Return the minutes to sell, in the expected proportions, to cover all costs.

        `of_field` asks for one field, which does not bear what is unassigned. None if
        what is expected brings nothing in.
        """
        of = [one for one in self.pools if of_field in (None, one.pool.field)]
        cost = sum((one.cost for one in of), ZERO) if of_field else self.cost
        plan = [(one.sold_minutes, one.rate) for one in of if one.rate is not None]
        return break_even_minutes(cost, plan)


def derive(model: CostModel) -> Costing:
    """Return the cost and the rate of every pool of a model.

    A person's pay, charges and practical minutes follow the person's shares. Direct
    costs go to the pools of their field by practical hours, shared costs and knowledge
    work by their key; only pools with capacity bear them. An hour costs the lines of
    its pool ÷ its practical hours, plus the fraction of the cost of unused capacity to
    recover ÷ the hours expected: rounded once, half up to the cent. Its parts add up
    to it, and each is less than a cent from its exact value (largest remainder).
    """
    expected = dict(model.expected)
    pools = sorted(
        set(expected) | {pool for each in model.people for pool, w in each.shares if w}
    )
    lines: dict[Pool, list[CostLine]] = {pool: [] for pool in pools}
    supplied = dict.fromkeys(pools, 0)
    heads: dict[Pool, Fraction] = dict.fromkeys(pools, Fraction(0))
    shared = list(model.shared)
    for person in sorted(model.people, key=lambda each: each.key):
        at = sorted((pool, weight) for pool, weight in person.shares if weight)
        weights = [*(weight for _, weight in at), person.knowledge, person.common]
        pay = split(person.pay, weights)
        charges = split(person.charges, weights)
        minutes = split(person.practical_minutes * CENT, weights)
        for i, (pool, weight) in enumerate(at):
            lines[pool] += [
                CostLine(Kind.PAY, person.key, pay[i]),
                CostLine(Kind.CHARGES, person.key, charges[i]),
            ]
            supplied[pool] += int(minutes[i] * 100)
            heads[pool] += Fraction(weight, sum(weights))
        shared += [
            SharedCost(person.key, pay[i] + charges[i], by, kind)
            for i, by, kind in (
                (-2, model.knowledge_by, Kind.KNOWLEDGE),
                (-1, model.common_by, Kind.SHARED),
            )
            if weights[i]
        ]

    able = [pool for pool in pools if supplied[pool]]
    bases: dict[Key, dict[Pool, Fraction | int]] = {
        Key.PEOPLE: {pool: heads[pool] for pool in able},
        Key.PRACTICAL_HOURS: {pool: supplied[pool] for pool in able},
        Key.EXPECTED_HOURS: {pool: expected.get(pool, 0) for pool in able},
    }
    unassigned: list[CostLine] = []

    def share(line: CostLine, base: Mapping[Pool, Fraction | int]) -> None:
        if not any(base.values()):
            unassigned.append(line)
            return
        parts = split(line.amount, list(base.values()))
        for pool, part in zip(base, parts, strict=True):
            lines[pool].append(CostLine(line.kind, line.key, part))

    for direct in model.direct:
        share(
            CostLine(Kind.DIRECT, direct.key, direct.amount),
            {pool: supplied[pool] for pool in able if pool.field == direct.field},
        )
    for cost in shared:
        share(CostLine(cost.kind, cost.key, cost.amount), bases[cost.by])

    costs = tuple(
        _cost_of(pool, lines[pool], supplied[pool], expected.get(pool, 0), model)
        for pool in pools
    )
    left = tuple(sorted((each for each in unassigned if each.amount), key=_place))
    remarks = [remark for one in costs if (remark := _remark(one))]
    remarks += [Remark("unassigned", line.key) for line in left]
    return Costing(costs, left, tuple(remarks))


def _cost_of(
    pool: Pool, lines: list[CostLine], supplied: int, sold: int, model: CostModel
) -> PoolCost:
    kept = tuple(sorted((line for line in lines if line.amount), key=_place))
    if not supplied:
        return PoolCost(pool, kept, supplied, sold, None, ())
    hours = Fraction(supplied, 60)
    exact = [(line.kind, line.key, Fraction(line.amount) / hours) for line in kept]
    if model.unused_in_rates and 0 < sold < supplied:
        per_hour = sum((part for _, _, part in exact), Fraction(0))
        idle = per_hour * (supplied - sold) / sold * Fraction(model.unused_in_rates)
        exact.append((Kind.UNUSED, "", idle))
    rate = nearest_cent(sum((part for _, _, part in exact), Fraction(0)))
    parts = fit([part for _, _, part in exact], rate)
    return PoolCost(
        pool,
        kept,
        supplied,
        sold,
        rate,
        tuple(
            CostLine(kind, key, part)
            for (kind, key, _), part in zip(exact, parts, strict=True)
        ),
    )


def _place(line: CostLine) -> tuple[int, str]:
    return _ORDER[line.kind], line.key


def _remark(one: PoolCost) -> Remark | None:
    if not one.supplied_minutes:
        wanting = one.sold_minutes or one.cost
        return Remark("no_capacity", one.pool) if wanting else None
    if not one.sold_minutes:
        return Remark("nothing_expected", one.pool)
    return Remark("beyond_capacity", one.pool) if one.unused_minutes < 0 else None


def break_even_minutes(
    cost: Decimal, plan: Iterable[tuple[int, Decimal]]
) -> int | None:
    """Return the fewest minutes that bring in `cost` dollars.

    `plan` is (minutes, rate) pairs: hours are sold in these proportions, at these
    rates. None if they bring nothing in and there is a cost.

    Raises ValueError if something is negative.
    """
    sold, revenue = 0, Fraction(0)
    for minutes, rate in plan:
        _check_count("the plan", "minutes", minutes)
        _check_amount("the rate", rate)
        sold += minutes
        revenue += minutes * Fraction(rate) / 60
    _check_amount("the cost", cost)
    if not cost:
        return 0
    return ceil(Fraction(cost) * sold / revenue) if revenue else None


def with_line(model: CostModel, line: Person | DirectCost | SharedCost) -> CostModel:
    """Return the model with this line, in place of the one that has its key, if any."""
    people = tuple(each for each in model.people if each.key != line.key)
    direct = tuple(each for each in model.direct if each.key != line.key)
    shared = tuple(each for each in model.shared if each.key != line.key)
    if isinstance(line, Person):
        people += (line,)
    elif isinstance(line, DirectCost):
        direct += (line,)
    else:
        shared += (line,)
    return replace(model, people=people, direct=direct, shared=shared)


@dataclass(frozen=True, slots=True)
class RateChange:
    """A rate that moves. None before: the rate is new. None after: it is gone."""

    pool: Pool
    before: Decimal | None
    after: Decimal | None

    @property
    def by(self) -> Decimal | None:
        if self.before is None or self.after is None:
            return None
        return self.after - self.before


def rate_changes(
    before: Mapping[Pool, Decimal], after: Mapping[Pool, Decimal]
) -> tuple[RateChange, ...]:
    """Return the rates that differ: two models', or a model's beside the adopted."""
    return tuple(
        RateChange(pool, before.get(pool), after.get(pool))
        for pool in sorted({*before, *after})
        if before.get(pool) != after.get(pool)
    )


def composition(amount: Decimal, parts: Iterable[CostLine]) -> dict[Kind, Decimal]:
    """Return what an amount charged at a rate goes to, by kind, to the cent.

    The answers add up to `amount` (largest remainder); kinds that get nothing in the
    rate are left out. A credit mirrors its charge.

    Raises ValueError if the amount is finer than a cent, or the parts are all zero.
    """
    of: dict[Kind, Decimal] = {}
    for part in sorted(parts, key=_place):
        if part.amount:
            of[part.kind] = of.get(part.kind, ZERO) + part.amount
    return dict(zip(of, split(amount, list(of.values())), strict=True))


@dataclass(frozen=True, slots=True)
class BeyondModerate:
    """A rate above the moderate cost that the cooperative has published."""

    pool: Pool
    rate: Decimal
    threshold: Decimal


def beyond_moderate(
    rates: Iterable[tuple[Pool, Decimal]], thresholds: Mapping[str, Decimal]
) -> tuple[BeyondModerate, ...]:
    """Return the rates above the threshold of their field, in dollars per hour.

    A rate equal to its threshold is moderate; a field without a threshold has no
    limit. Source: Barreau Act (Québec, B-1), s. 131.1; DOMAIN, section 4.
    """
    return tuple(
        BeyondModerate(pool, rate, thresholds[pool.field])
        for pool, rate in rates
        if pool.field in thresholds and rate > thresholds[pool.field]
    )


def _check_amount(what: str, amount: Decimal) -> None:
    if not isinstance(amount, Decimal):
        raise TypeError(f"{what} is {amount!r}; give a Decimal")
    if amount < 0 or not is_exact(amount):
        raise ValueError(f"{what} is {amount}; give dollars and cents, zero or more")


def _check_count(whose: str, what: str, count: int) -> None:
    if type(count) is not int:
        raise TypeError(f"{what} of {whose} is {count!r}; give a whole number")
    if count < 0:
        raise ValueError(f"{what} of {whose} is {count}; give zero or more")


def _check_once(keys: Iterable[object]) -> None:
    seen = set()
    for key in keys:
        if key in seen:
            raise ValueError(f"{key} is given twice; put the two together")
        seen.add(key)
