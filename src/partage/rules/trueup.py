"""The year trued up: final rates on the same minutes, and what may be done then.

Members are known by a number. Amounts are Decimal dollars, exact to the cent. An
adjustment above zero is owed to the member, who was charged too much; a surplus
above zero is what all members were charged too much.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction

from partage.rules.costing import Pool
from partage.rules.money import (
    CENT,
    ZERO,
    amount_for,
    fit,
    is_exact,
    split,
    to_cents,
)

# Member, field, level, provisional cents per hour (0 for a fee), minutes, cents charged
# before tax.
Entry = tuple[int, str, int, int, int, int]


class NoFinalRate(LookupError):
    """Minutes were sold in a pool that has no final rate."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        super().__init__(pool)


@dataclass(frozen=True, slots=True)
class Charged:
    """What a member was charged for the minutes of a pool in the year.

    `provisional` is the rate of those minutes; zero for a fee without an hourly rate.
    """

    member: int
    pool: Pool
    minutes: int
    amount: Decimal
    provisional: Decimal = ZERO


def tally(entries: Iterable[Entry]) -> tuple[Charged, ...]:
    """Add entries up by member, pool and provisional rate, in that order.

    One pass over an iterator, in any order; memory grows with members x pools x rates,
    not with entries. A credit is cents below zero; an entry without minutes is a
    fee, or money told apart from its minutes.

    Raises ValueError if minutes are negative (a correction changes the entry), and
    TypeError if minutes or cents are not whole.
    """
    sums: dict[tuple[int, str, int, int], list[int]] = {}
    get = sums.get
    for member, field, level, rate, minutes, cents in entries:
        if minutes < 0:
            raise ValueError(
                f"an entry of member {member} has {minutes} minutes; give zero or more"
            )
        cell = get((member, field, level, rate))
        if cell is None:
            sums[member, field, level, rate] = [minutes, cents]
        else:
            cell[0] += minutes
            cell[1] += cents
    # A float anywhere makes its sum a float: one look at each sum sees them all.
    for key, cell in sums.items():
        if type(cell[0]) is not int or type(cell[1]) is not int:
            raise TypeError(f"entries of {key} are not whole minutes and whole cents")
    return tuple(
        Charged(member, Pool(field, level), minutes, cents * CENT, rate * CENT)
        for (member, field, level, rate), (minutes, cents) in sorted(sums.items())
    )


def final_rate(cost: Decimal, minutes: int) -> Decimal | None:
    """Return what an hour really cost, half up to the cent; None if none was sold.

    Raises ValueError if something is negative.
    """
    if cost < 0 or minutes < 0:
        raise ValueError(f"cost {cost}, minutes {minutes}; give zero or more")
    return to_cents(cost * 60 / minutes) if minutes else None


@dataclass(frozen=True, slots=True)
class TrueUpLine:
    """`final` is the minutes at `rate`, as anyone can compute it again.

    `charged` is the minutes at `provisional`, invoice by invoice, each rounded.
    """

    pool: Pool
    minutes: int
    provisional: Decimal
    charged: Decimal
    rate: Decimal
    final: Decimal


@dataclass(frozen=True, slots=True)
class MemberTrueUp:
    """`remainder` is the member's share of the costs that final rates leave out."""

    member: int
    lines: tuple[TrueUpLine, ...]
    remainder: Decimal

    @property
    def minutes(self) -> int:
        return sum(line.minutes for line in self.lines)

    @property
    def charged(self) -> Decimal:
        return sum((line.charged for line in self.lines), ZERO)

    @property
    def final(self) -> Decimal:
        return sum((line.final for line in self.lines), self.remainder)

    @property
    def adjustment(self) -> Decimal:
        return self.charged - self.final


@dataclass(frozen=True, slots=True)
class TrueUp:
    """The finals add up to `cost`, so the adjustments add up to `surplus`."""

    members: tuple[MemberTrueUp, ...]
    charged: Decimal
    cost: Decimal

    @property
    def surplus(self) -> Decimal:
        return self.charged - self.cost

    @property
    def adjustments(self) -> dict[int, Decimal]:
        return {each.member: each.adjustment for each in self.members}


def true_up(
    charged: Iterable[Charged],
    rates: Mapping[Pool, Decimal],
    *,
    cost: Decimal | None = None,
) -> TrueUp:
    """Charge the same minutes at the final rates, and compare, for each member.

    Each line is the minutes at the final rate, half up to the cent. `cost` is what
    members must bear between them; if it is not given, it is the sum of the lines.
    What it is above or below them (cents that rates have rounded, cost of pools that
    sold nothing) is each member's remainder, in proportion to the member's lines (to
    the minutes, where no line makes a cent), by largest remainder: nothing is lost.

    Raises NoFinalRate; ValueError if `cost` is negative or finer than a cent, if a
    member has a pool twice at one rate, or if there is a cost and no minute to bear it.
    """
    given = sorted(charged, key=lambda each: (each.member, each.pool, each.provisional))
    lines: dict[int, list[TrueUpLine]] = {}
    for each in given:
        if each.minutes < 0:
            raise ValueError(f"minutes are {each.minutes}; give zero or more")
        rate = rates.get(each.pool, None if each.minutes else ZERO)
        if rate is None:
            raise NoFinalRate(each.pool)
        if rate < 0:
            raise ValueError(f"the final rate is {rate}; give zero or more")
        of = lines.setdefault(each.member, [])
        key = each.pool, each.provisional
        if of and (of[-1].pool, of[-1].provisional) == key:
            raise ValueError(f"member {each.member} has a pool twice; tally it first")
        final = amount_for(each.minutes, rate)
        of.append(
            TrueUpLine(
                each.pool, each.minutes, each.provisional, each.amount, rate, final
            )
        )
    finals = [sum((line.final for line in of), ZERO) for of in lines.values()]
    at_rates = sum(finals, ZERO)
    cost = at_rates if cost is None else cost
    if cost < 0 or not is_exact(cost):
        raise ValueError(f"the cost is {cost}; give dollars and cents, zero or more")
    left = cost - at_rates
    weights = finals
    if left and not at_rates:
        weights = [Decimal(sum(line.minutes for line in of)) for of in lines.values()]
        if not any(weights):
            raise ValueError(f"no minute was sold that could bear a cost of {cost}")
    remainders = split(left, weights) if left else (ZERO,) * len(finals)
    return TrueUp(
        members=tuple(
            MemberTrueUp(member, tuple(of), remainder)
            for (member, of), remainder in zip(lines.items(), remainders, strict=True)
        ),
        charged=sum((each.amount for each in given), ZERO),
        cost=cost,
    )


@dataclass(frozen=True, slots=True)
class Stabilised:
    """`absorbed` by the stabilisation reserve and `beyond` make the surplus."""

    absorbed: Decimal
    beyond: Decimal


def stabilise(
    surplus: Decimal, *, cost: Decimal, band: Decimal, reserve: Decimal
) -> Stabilised:
    """Absorb what is within the band; the rest is to be adjusted.

    `band` is a fraction of `cost`: 0.03 absorbs up to 3 % either way, half up to the
    cent. A surplus is added to the stabilisation reserve; a deficit is taken from it,
    as far as `reserve`, what it holds, goes.

    Raises ValueError if something but the surplus is negative, or the band is not a
    fraction of one. Source: DOMAIN, section 8, which says that it is a parameter.
    """
    if cost < 0 or reserve < 0 or not (is_exact(surplus) and is_exact(reserve)):
        raise ValueError("give a cost and a reserve of zero or more, to the cent")
    if not 0 <= band <= 1:
        raise ValueError(f"band is {band}; give a fraction of one, such as 0.03")
    width = to_cents(cost * band)
    absorbed = min(surplus, width) if surplus > 0 else max(surplus, -width, -reserve)
    return Stabilised(absorbed, surplus - absorbed)


def contractual_adjustments(
    measured: Mapping[int, Decimal], beyond: Decimal
) -> dict[int, Decimal]:
    """Return what to give back to each member (or to ask for, below zero).

    `measured` is the adjustment of each member; they add up to the surplus. Each gets
    the fraction `beyond` ÷ surplus of it, to the cent, and the answers add up to
    `beyond` (largest remainder, by member). All of them are there, at zero if nothing
    is to be adjusted.

    Raises ValueError if `beyond` is not between zero and the surplus.
    """
    surplus = sum(measured.values(), ZERO)
    if not min(ZERO, surplus) <= beyond <= max(ZERO, surplus):
        raise ValueError(f"{beyond} is not between zero and {surplus}")
    members = sorted(measured)
    if not beyond:
        return dict.fromkeys(members, ZERO)
    scale = Fraction(beyond) / Fraction(surplus)
    parts = fit([Fraction(measured[member]) * scale for member in members], beyond)
    return dict(zip(members, parts, strict=True))


def next_rate_change(beyond: Decimal, *, minutes: int) -> Decimal:
    """Return by how many dollars per hour next year's rates move to carry `beyond`.

    Below zero after a surplus; half up to the cent over the `minutes` expected.

    Raises ValueError if no minute is expected.
    """
    if minutes <= 0:
        raise ValueError(f"minutes are {minutes}; give more than zero")
    return to_cents(-beyond * 60 / minutes)


@dataclass(frozen=True, slots=True)
class SurplusRules:
    """What the Act and the articles ask; dated rows hold them, with their source.

    Fractions of one. The Cooperatives Act (Québec, C-67.2), art. 146: 0.10 to the
    reserve, a further 0.10 to the reserve or to rebates in shares, until equity is at
    least 0.40 of debts. Articles that forbid rebates set `rebates_allowed` to False.
    """

    reserve: Decimal
    further: Decimal
    equity_of_debts: Decimal
    rebates_allowed: bool

    def __post_init__(self) -> None:
        if self.reserve < 0 or self.further < 0:
            raise ValueError("a fraction is negative; give zero or more")
        if self.reserve + self.further > 1:
            raise ValueError("the fractions make more than the whole surplus")


@dataclass(frozen=True, slots=True)
class SurplusTest:
    """What must be done with a surplus of `base` dollars, and what remains free.

    `ratio` is equity ÷ debts, None without debts. `bound` says that the obligation
    holds. `to_reserve` and `further` are the least, rounded up to the cent.
    """

    base: Decimal
    ratio: Decimal | None
    bound: bool
    to_reserve: Decimal
    further: Decimal

    @property
    def free(self) -> Decimal:
        return self.base - self.to_reserve - self.further


def surplus_test(
    surplus: Decimal,
    *,
    equity: Decimal,
    debts: Decimal,
    rules: SurplusRules,
    interest: Decimal = ZERO,
) -> SurplusTest:
    """Apply the 10 % + 10 % / 40 % test to the surplus of the year, in dollars.

    `interest` is that attributed on preferred shares, which art. 146 takes off first.
    A deficit has nothing to allot: its base is zero. Price adjustments agreed in the
    service contracts come before: give the surplus that is left after them.

    Raises ValueError if debts or interest are negative, or an amount is finer than a
    cent. Source: Cooperatives Act (Québec, C-67.2), art. 143 to 146.
    """
    if debts < 0 or interest < 0:
        raise ValueError("debts or interest are negative; give zero or more")
    if not (is_exact(surplus) and is_exact(interest)):
        raise ValueError("an amount is finer than a cent; round it first")
    base = max(ZERO, surplus - interest)
    bound = equity < rules.equity_of_debts * debts
    to_reserve = further = ZERO
    if bound:
        to_reserve = (base * rules.reserve).quantize(CENT, ROUND_CEILING)
        further = (base * rules.further).quantize(CENT, ROUND_CEILING)
        further = min(further, base - to_reserve)
    ratio = equity / debts if debts else None
    return SurplusTest(base, ratio, bound, to_reserve, further)


@dataclass(frozen=True, slots=True)
class Allotment:
    """Where a surplus is proposed to go, in dollars."""

    reserve: Decimal = ZERO
    stabilisation: Decimal = ZERO
    share_rebates: Decimal = ZERO
    money_rebates: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return (
            self.reserve + self.stabilisation + self.share_rebates + self.money_rebates
        )


def against_allotment(
    allotment: Allotment, test: SurplusTest, rules: SurplusRules
) -> tuple[str, ...]:
    """Return why a general meeting could not resolve this; empty if it can.

    - "negative": an amount is below zero;
    - "not_the_surplus": the amounts do not add up to the surplus to allot;
    - "rebates_forbidden": the articles forbid them;
    - "reserve_below_least", "further_below_least": art. 146 asks for more.
    """
    amounts = (
        allotment.reserve,
        allotment.stabilisation,
        allotment.share_rebates,
        allotment.money_rebates,
    )
    rebates = allotment.share_rebates or allotment.money_rebates
    kept = allotment.reserve + allotment.share_rebates
    reasons = {
        "negative": any(amount < 0 for amount in amounts),
        "not_the_surplus": allotment.total != test.base,
        "rebates_forbidden": bool(rebates) and not rules.rebates_allowed,
        "reserve_below_least": allotment.reserve < test.to_reserve,
        "further_below_least": kept < test.to_reserve + test.further,
    }
    return tuple(reason for reason, holds in reasons.items() if holds)


@dataclass(frozen=True, slots=True)
class Rebates:
    """Dollars by member. `locked` says why there are none; else it is None.

    "forbidden_by_articles", "nothing_to_share" or "no_business".
    """

    by_member: dict[int, Decimal]
    locked: str | None = None


def rebates(
    total: Decimal, business: Mapping[int, Decimal], rules: SurplusRules
) -> Rebates:
    """Share `total` in proportion to the business done with each member in the year.

    They add up to `total`, to the cent. Source: Cooperatives Act, art. 143 to 146.

    Raises ValueError if a business is negative or the total finer than a cent.
    """
    if not rules.rebates_allowed:
        return Rebates({}, "forbidden_by_articles")
    if total <= 0:
        return Rebates({}, "nothing_to_share")
    if not any(business.values()):
        return Rebates({}, "no_business")
    members = sorted(business)
    parts = split(total, [business[member] for member in members])
    return Rebates(dict(zip(members, parts, strict=True)))
