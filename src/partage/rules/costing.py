"""What an hour really costs, down to the lines that make it up.

Time-driven activity-based costing: the cost of the capacity supplied, divided by
the practical capacity, is the cost of an hour; the capacity that nobody buys is
shown apart. Source: R. S. Kaplan and S. R. Anderson, Time-Driven Activity-Based
Costing, Harvard Business School Press, 2007, chapters 1 to 3.

Amounts are Decimal dollars, exact to the cent and never negative; time is whole
minutes; rates are dollars per hour, exact to the cent. The order in which people,
costs and hours are given never changes an answer.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil

from partage.rules.money import (
    CENT,
    ZERO,
    amount_for,
    fit_cents,
    is_exact,
    nearest_cent,
    over_one,
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
    CARRIED = "carried"
    ROUNDING = "rounding"


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

    `levels` says what an hour of each level weighs, such as 0.84, 1 and 1.2. The
    people of a field then bear its cost together, by weighted hours: every level has a
    rate even if nobody is there, and no rate tells what one person earns. Without
    weights, each pool bears the cost of its own people.

    Raises ValueError if two lines have the same key, or a figure is impossible.
    """

    people: tuple[Person, ...] = ()
    direct: tuple[DirectCost, ...] = ()
    shared: tuple[SharedCost, ...] = ()
    expected: tuple[tuple[Pool, int], ...] = ()
    common_by: Key = Key.PRACTICAL_HOURS
    knowledge_by: Key = Key.PRACTICAL_HOURS
    unused_in_rates: Decimal = Decimal(0)
    levels: tuple[tuple[int, Decimal], ...] = ()

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
        _check_once(level for level, _ in self.levels)
        for level, weight in self.levels:
            if not isinstance(weight, Decimal):
                raise TypeError(f"the weight of level {level} must be a Decimal")
            if weight <= 0:
                raise ValueError(f"level {level} weighs {weight}; give more than zero")
        known = {level for level, _ in self.levels}
        asked = {pool.level for pool, _ in self.expected} | {
            pool.level for person in self.people for pool, _ in person.shares
        }
        if known and asked - known:
            raise ValueError(f"levels {sorted(asked - known)} weigh nothing; say what")


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
            used = (part.amount for part in self.parts if part.kind is not Kind.UNUSED)
            return amount_for(self.sold_minutes, sum(used, ZERO))
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
    to it by largest remainder: first its kinds, then the lines of each kind (what all
    people come to counting as one), so each, and each kind, is less than a cent from
    its exact value.

    With `levels`, all this is done by field, on hours that weigh what their level
    weighs; then each level costs its weight times the hour of the field.
    """
    weights = dict(model.levels)

    def home(pool: Pool) -> Pool:
        """Where its cost is borne: in the pool, or in its field for all levels."""
        return Pool(pool.field, 0) if weights else pool

    expected = dict(model.expected)
    pools = set(expected) | {p for each in model.people for p, w in each.shares if w}
    if weights:
        pools = {Pool(pool.field, level) for pool in pools for level in weights}
    lines: dict[Pool, dict[tuple[Kind, str], Decimal]] = {
        spot: {} for spot in sorted({home(pool) for pool in pools})
    }
    supplied = dict.fromkeys(pools, 0)
    heads: dict[Pool, Fraction] = dict.fromkeys(lines, Fraction(0))
    shared = list(model.shared)

    def bear(spot: Pool, kind: Kind, key: str, amount: Decimal) -> None:
        lines[spot][kind, key] = lines[spot].get((kind, key), ZERO) + amount

    for person in sorted(model.people, key=lambda each: each.key):
        at = sorted((pool, weight) for pool, weight in person.shares if weight)
        shares = [*(weight for _, weight in at), person.knowledge, person.common]
        pay = split(person.pay, shares)
        charges = split(person.charges, shares)
        minutes = split(person.practical_minutes * CENT, shares)
        for i, (pool, weight) in enumerate(at):
            bear(home(pool), Kind.PAY, person.key, pay[i])
            bear(home(pool), Kind.CHARGES, person.key, charges[i])
            supplied[pool] += int(minutes[i] * 100)
            heads[home(pool)] += Fraction(weight, sum(shares))
        shared += [
            SharedCost(person.key, pay[i] + charges[i], by, kind)
            for i, by, kind in (
                (-2, model.knowledge_by, Kind.KNOWLEDGE),
                (-1, model.common_by, Kind.SHARED),
            )
            if shares[i]
        ]

    hours = _by_home(supplied, home)
    able = [spot for spot in lines if hours.get(spot)]
    sold = _by_home(expected, home)
    bases: dict[Key, dict[Pool, Fraction | int]] = {
        Key.PEOPLE: {spot: heads[spot] for spot in able},
        Key.PRACTICAL_HOURS: {spot: hours[spot] for spot in able},
        Key.EXPECTED_HOURS: {spot: sold.get(spot, 0) for spot in able},
    }
    unassigned: list[CostLine] = []

    def share(line: CostLine, base: Mapping[Pool, Fraction | int]) -> None:
        if not any(base.values()):
            unassigned.append(line)
            return
        parts = split(line.amount, list(base.values()))
        for spot, part in zip(base, parts, strict=True):
            bear(spot, line.kind, line.key, part)

    for direct in model.direct:
        share(
            CostLine(Kind.DIRECT, direct.key, direct.amount),
            {spot: hours[spot] for spot in able if spot.field == direct.field},
        )
    for cost in shared:
        share(CostLine(cost.kind, cost.key, cost.amount), bases[cost.by])

    costs: list[PoolCost] = []
    for spot, borne in lines.items():
        kept = sorted(
            (
                CostLine(kind, key, amount)
                for (kind, key), amount in borne.items()
                if amount
            ),
            key=_place,
        )
        mates = sorted(pool for pool in pools if home(pool) == spot)
        costs += _costs_of(mates, kept, supplied, expected, model)
    costs.sort(key=lambda one: one.pool)
    left = tuple(sorted((each for each in unassigned if each.amount), key=_place))
    remarks = [remark for one in costs if (remark := _remark(one))]
    remarks += [Remark("unassigned", line.key) for line in left]
    return Costing(tuple(costs), left, tuple(remarks))


def _by_home(
    minutes: Mapping[Pool, int], home: Callable[[Pool], Pool]
) -> dict[Pool, int]:
    found: dict[Pool, int] = {}
    for pool, count in minutes.items():
        found[home(pool)] = found.get(home(pool), 0) + count
    return found


def _costs_of(
    mates: list[Pool],
    lines: list[CostLine],
    supplied: Mapping[Pool, int],
    expected: Mapping[Pool, int],
    model: CostModel,
) -> list[PoolCost]:
    """Return the costs of the pools that bear `lines` together."""
    of_level = {level: Fraction(weight) for level, weight in model.levels}
    weights = [of_level.get(pool.level, Fraction(1)) for pool in mates]
    given = [weight * supplied[p] for p, weight in zip(mates, weights, strict=True)]
    whole = sum(given, Fraction(0))
    if not whole:
        return [
            PoolCost(
                pool, tuple(lines) if not i else (), 0, expected.get(pool, 0), None, ()
            )
            for i, pool in enumerate(mates)
        ]
    sold = sum(
        (weight * expected.get(p, 0) for p, weight in zip(mates, weights, strict=True)),
        Fraction(0),
    )
    # Dollars per weighted hour of each line, as numerators over one denominator.
    labels = [(line.kind, line.key) for line in lines]
    above, below = whole.as_integer_ratio()
    exact = [int(line.amount * 100) * 60 * below for line in lines]
    over = above
    if model.unused_in_rates and 0 < sold < whole:
        idle = (whole - sold) / sold * Fraction(model.unused_in_rates)
        exact = [each * idle.denominator for each in exact]
        exact.append(sum(exact) // idle.denominator * idle.numerator)
        labels.append((Kind.UNUSED, ""))
        over *= idle.denominator
    people = {person.key for person in model.people}
    tree = _tree([(kind, "" if key in people else key) for kind, key in labels])
    borne = [split(line.amount, given) for line in lines]
    found = []
    for i, (pool, weight) in enumerate(zip(mates, weights, strict=True)):
        parts = [each * weight.numerator for each in exact]
        per = over * weight.denominator
        rate = nearest_cent(Fraction(sum(parts), per * 100))
        cents = _fit_tree(tree, parts, per, int(rate * 100))
        found.append(
            PoolCost(
                pool,
                tuple(
                    CostLine(line.kind, line.key, shares[i])
                    for line, shares in zip(lines, borne, strict=True)
                    if shares[i]
                ),
                supplied[pool],
                expected.get(pool, 0),
                rate,
                tuple(
                    CostLine(kind, key, cents[at] * CENT)
                    for at, (kind, key) in enumerate(labels)
                ),
            )
        )
    return found


def _tree(labels: Iterable[tuple[Kind, str]]) -> list[list[list[int]]]:
    """Return the places of lines, by kind, then by what is told of them together."""
    kinds: dict[Kind, dict[str, list[int]]] = {}
    for at, (kind, key) in enumerate(labels):
        kinds.setdefault(kind, {}).setdefault(key, []).append(at)
    return [list(groups.values()) for groups in kinds.values()]


def _fit_tree(
    tree: list[list[list[int]]], parts: list[int], over: int, total: int
) -> list[int]:
    """Round parts to the cent by largest remainder: kinds, then groups, then lines."""
    found = [0] * len(parts)
    groups = [[sum(parts[at] for at in group) for group in kind] for kind in tree]
    kinds = fit_cents([sum(sums) for sums in groups], over, total)
    for kind, sums, cents in zip(tree, groups, kinds, strict=True):
        for group, share in zip(kind, fit_cents(sums, over, cents), strict=True):
            lines = fit_cents([parts[at] for at in group], over, share)
            for at, line in zip(group, lines, strict=True):
                found[at] = line
    return found


def gathered(model: CostModel, parts: Iterable[CostLine]) -> tuple[CostLine, ...]:
    """Return parts with those of people put together, under the key "".

    What a price can be told by, without telling what one person earns.
    """
    people = {person.key for person in model.people}
    sums: dict[tuple[Kind, str], Decimal] = {}
    for part in sorted(parts, key=_place):
        key = "" if part.key in people else part.key
        sums[part.kind, key] = sums.get((part.kind, key), ZERO) + part.amount
    return tuple(CostLine(kind, key, amount) for (kind, key), amount in sums.items())


def _place(line: CostLine) -> tuple[int, str]:
    return _ORDER[line.kind], line.key


def _remark(one: PoolCost) -> Remark | None:
    if not one.supplied_minutes and one.rate is not None:
        return Remark("beyond_capacity", one.pool) if one.sold_minutes else None
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


def carried_rate(
    rate: Decimal, parts: Iterable[CostLine], *, change: Decimal
) -> tuple[Decimal, tuple[CostLine, ...]]:
    """Return a rate with what an earlier year carries to it, and its parts.

    `change` is in dollars per hour: below zero, a surplus lowers rates; above, a
    deficit raises them. It is a part of its own, so that parts still add up to the
    rate. Zero changes nothing.

    Raises ValueError if the change is not whole cents.
    """
    if not is_exact(change):
        raise ValueError(f"the change is {change}; give whole cents, such as -0.35")
    kept = tuple(parts)
    if not change:
        return rate, kept
    return rate + change, (*kept, CostLine(Kind.CARRIED, "", change))


def rounded_rate(
    rate: Decimal, parts: Iterable[CostLine], *, step: Decimal
) -> tuple[Decimal, tuple[CostLine, ...]]:
    """Return a rate rounded half up to a `step` in dollars, and its parts.

    What rounding adds or takes off is a part of its own, of any sign, so that the
    parts still add up to the rate. A step of 0.01 changes nothing.

    Raises ValueError if the step is not whole cents above zero.
    """
    if step <= 0 or not is_exact(step):
        raise ValueError(f"the step is {step}; give whole cents, such as 0.50")
    steps = (rate / step).to_integral_value(ROUND_HALF_UP)
    adopted = (steps * step).quantize(CENT)
    kept = tuple(parts)
    if adopted == rate:
        return adopted, kept
    return adopted, (*kept, CostLine(Kind.ROUNDING, "", adopted - rate))


def composition(amount: Decimal, parts: Iterable[CostLine]) -> dict[Kind, Decimal]:
    """Return what an amount charged at a rate goes to, by kind, to the cent.

    The answers add up to `amount` (largest remainder); kinds that get nothing in the
    rate are left out. A credit mirrors its charge. A part may be below zero (a
    rounding), the sum of parts may not.

    Raises ValueError if the amount is finer than a cent, or the parts make nothing.
    """
    of: dict[Kind, Decimal] = {}
    for part in sorted(parts, key=_place):
        if part.amount:
            of[part.kind] = of.get(part.kind, ZERO) + part.amount
    whole = sum(of.values(), ZERO)
    if whole <= 0:
        raise ValueError(f"the parts make {whole}; give parts that make a rate")
    if not is_exact(amount):
        raise ValueError(f"the amount is {amount}; round it to the cent first")
    # On whole numbers: an invoice has many lines.
    numerators = over_one(list(of.values()))[0]
    cents = int(abs(amount) * 100)
    shares = fit_cents([cents * each for each in numerators], sum(numerators), cents)
    return {
        kind: (-share if amount < 0 else share) * CENT
        for kind, share in zip(of, shares, strict=True)
    }


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
