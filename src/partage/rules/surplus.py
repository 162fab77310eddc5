"""What a general meeting may do with the surplus or the deficit of a year.

Amounts are Decimal dollars, exact to the cent, and have the sign of the surplus: of a
deficit, what each part bears is below zero. The parts always add up to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from partage.rules.money import ZERO, to_cents
from partage.rules.trueup import (
    SurplusRules,
    SurplusTest,
    next_rate_change,
    stabilise,
    surplus_test,
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a scenario chooses, in fractions of one.

    `band` is the part of the year's cost that the stabilisation reserve absorbs. Of
    what is beyond it, `adjusted` goes back to members (or is asked of them), `carried`
    moves next year's rates, `rebates` is shared; what is left is the reserve's.
    """

    band: Decimal
    adjusted: Decimal = Decimal(0)
    carried: Decimal = Decimal(0)
    rebates: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        for part in (self.band, self.adjusted, self.carried, self.rebates):
            if not 0 <= part <= 1:
                raise ValueError(f"{part} is not a fraction of one")
        if self.adjusted + self.carried + self.rebates > 1:
            raise ValueError("the fractions make more than what is beyond the band")


@dataclass(frozen=True, slots=True)
class Position:
    """Where the cooperative stands at the end of the year, before anything is done.

    `reserve` and `stabilisation` are what these reserves hold, zero or more; equity
    may be negative.
    """

    cost: Decimal
    equity: Decimal
    debts: Decimal
    reserve: Decimal
    stabilisation: Decimal


@dataclass(frozen=True, slots=True)
class Disposition:
    """Where the surplus goes, or what bears the deficit. The parts make `surplus`.

    `test` is that of article 146, on the surplus left after price adjustments; None
    of a deficit.
    """

    surplus: Decimal
    adjusted: Decimal
    stabilisation: Decimal
    carried: Decimal
    reserve: Decimal
    rebates: Decimal
    test: SurplusTest | None

    @property
    def parts(self) -> tuple[Decimal, ...]:
        return (
            self.adjusted,
            self.stabilisation,
            self.carried,
            self.reserve,
            self.rebates,
        )


def dispose(
    surplus: Decimal, choice: Choice, position: Position, rules: SurplusRules
) -> Disposition:
    """Return what a choice makes of the surplus, within the law.

    The stabilisation reserve absorbs what is within the band; of what is beyond, each
    fraction is rounded to the cent, half up. Price adjustments agreed in the service
    contracts come first. Then art. 146 (C-67.2) takes its least to the reserve, before
    the stabilisation reserve, rebates and the next rates; what remains is the
    reserve's. A deficit takes nothing from a reserve that it does not hold: what the
    reserve cannot bear is carried to the next rates.

    Raises ValueError if something but the surplus and the equity is negative, or an
    amount is finer than a cent.
    """
    two = stabilise(
        surplus,
        cost=position.cost,
        band=choice.band,
        reserve=position.stabilisation,
    )
    adjusted = to_cents(two.beyond * choice.adjusted)
    left = surplus - adjusted
    if surplus < 0:
        carried = to_cents(two.beyond * choice.carried)
        reserve = left - two.absorbed - carried
        borne = max(reserve, -position.reserve)
        return Disposition(
            surplus,
            adjusted,
            two.absorbed,
            carried + reserve - borne,
            borne,
            ZERO,
            None,
        )
    test = surplus_test(left, equity=position.equity, debts=position.debts, rules=rules)
    free = test.free
    stabilisation = min(two.absorbed, free)
    free -= stabilisation
    rebates = ZERO
    if rules.rebates_allowed:
        rebates = min(to_cents(two.beyond * choice.rebates), free)
    carried = min(to_cents(two.beyond * choice.carried), free - rebates)
    reserve = left - stabilisation - rebates - carried
    return Disposition(
        surplus, adjusted, stabilisation, carried, reserve, rebates, test
    )


@dataclass(frozen=True, slots=True)
class Effect:
    """What a disposition does to one member, in dollars; above zero is to its good.

    `now` is the adjustment of this year; `next_year` what it pays less (or more) next
    year, if it buys the same minutes again.
    """

    member: int
    now: Decimal
    next_year: Decimal


def effects(
    adjustments: Mapping[int, Decimal],
    minutes: Mapping[int, int],
    carried: Decimal,
    *,
    expected_minutes: int,
) -> tuple[Effect, ...]:
    """Return what each member gets now and next year, by member.

    Raises ValueError if something is carried and no minute is expected.
    """
    change = next_rate_change(carried, minutes=expected_minutes) if carried else ZERO
    return tuple(
        Effect(member, now, to_cents(-change * minutes[member] / 60))
        for member, now in sorted(adjustments.items())
    )
