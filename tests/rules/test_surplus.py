from dataclasses import asdict, replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partage.rules.money import CENT, is_exact
from partage.rules.surplus import Choice, Effect, Position, dispose, effects
from partage.rules.trueup import Allotment, SurplusRules, against_allotment

ACT = SurplusRules(Decimal("0.10"), Decimal("0.10"), Decimal("0.40"), False)
WITH_REBATES = replace(ACT, rebates_allowed=True)
BAND = Decimal("0.03")
YEAR = Position(
    cost=Decimal(4_430_000),
    equity=Decimal(600_000),
    debts=Decimal(2_000_000),
    reserve=Decimal(150_000),
    stabilisation=Decimal(40_000),
)

cents = st.integers(0, 10**9).map(lambda n: n * CENT)
signed = st.integers(-(10**9), 10**9).map(lambda n: n * CENT)
fractions = st.integers(0, 100).map(lambda n: Decimal(n) / 100)
positions = st.builds(
    Position, cost=cents, equity=signed, debts=cents, reserve=cents, stabilisation=cents
)


@st.composite
def choices(draw):
    shares = draw(
        st.lists(st.integers(0, 100), min_size=4, max_size=4).filter(lambda s: sum(s))
    )
    parts = [Decimal(share * 100 // sum(shares)) / 100 for share in shares]
    return Choice(draw(fractions), *parts[:3])


def whole(surplus, **choice):
    return dispose(Decimal(surplus), Choice(**{"band": BAND, **choice}), YEAR, ACT)


class TestDispose:
    def test_keeps_70000_dollars_within_the_band_after_the_fifth_of_the_act(self):
        made = whole(70_000, adjusted=Decimal(1))
        assert (made.reserve, made.stabilisation) == (14_000, 56_000)
        assert (made.adjusted, made.carried, made.rebates) == (0, 0, 0)

    def test_gives_back_what_is_beyond_the_band_before_the_act_takes_its_fifth(self):
        # 3 % of 4 430 000 is 132 900; 67 100 is beyond it, 20 % of 132 900 is 26 580.
        made = whole(200_000, adjusted=Decimal(1))
        assert (made.adjusted, made.reserve) == (67_100, 26_580)
        assert made.stabilisation == 106_320
        assert made.test.base == 132_900

    def test_takes_a_deficit_from_what_the_reserves_hold_and_carries_the_rest(self):
        made = whole(-300_000)
        assert (made.stabilisation, made.reserve) == (-40_000, -150_000)
        assert (made.carried, made.test) == (-110_000, None)

    def test_asks_members_for_half_of_a_deficit_beyond_the_band(self):
        made = whole(-60_000, adjusted=Decimal("0.5"))
        assert (made.stabilisation, made.adjusted) == (-40_000, -10_000)
        assert made.reserve == -10_000

    def test_shares_nothing_where_the_articles_forbid_it(self):
        # Where they allow it: 200 000 less 20 % and the band leaves 27 100 $.
        choice = Choice(BAND, rebates=Decimal(1))
        assert dispose(Decimal(200_000), choice, YEAR, ACT).rebates == 0
        assert dispose(Decimal(200_000), choice, YEAR, WITH_REBATES).rebates == 27_100

    @given(signed, choices(), positions, st.booleans())
    def test_loses_no_cent_and_a_meeting_can_resolve_it(
        self, surplus, choice, position, allowed
    ):
        rules = replace(ACT, rebates_allowed=allowed)
        made = dispose(surplus, choice, position, rules)

        assert sum(made.parts) == surplus
        assert all(part * surplus >= 0 and is_exact(part) for part in made.parts)
        assert not [value for value in asdict(made).values() if type(value) is float]
        if surplus >= 0:
            kept = Allotment(
                reserve=made.reserve,
                stabilisation=made.stabilisation + made.carried,
                money_rebates=made.rebates,
            )
            assert against_allotment(kept, made.test, rules) == ()
        else:
            assert made.reserve >= -position.reserve
            assert made.stabilisation >= -position.stabilisation


class TestChoice:
    @pytest.mark.parametrize(
        ("shares", "why"),
        [
            ({"adjusted": Decimal("0.7"), "carried": Decimal("0.4")}, "more than"),
            ({"carried": Decimal("-0.1")}, "not a fraction"),
            ({"rebates": Decimal(3)}, "not a fraction"),
        ],
    )
    def test_refuses_fractions_that_make_no_sense(self, shares, why):
        with pytest.raises(ValueError, match=why):
            Choice(BAND, **shares)


class TestEffects:
    def test_tells_rimouski_what_it_gets_now_and_pays_less_next_year(self):
        # 23 000 $ over 85 487 h is 0.27 $ an hour; 325 h make 87.75 $.
        found = effects(
            {1: Decimal("12.40"), 2: Decimal("-3.10")},
            {1: 325 * 60, 2: 90},
            Decimal(23_000),
            expected_minutes=85_487 * 60,
        )
        assert found == (
            Effect(1, Decimal("12.40"), Decimal("87.75")),
            Effect(2, Decimal("-3.10"), Decimal("0.41")),
        )

    def test_needs_no_hours_when_nothing_is_carried(self):
        assert effects({1: CENT}, {1: 60}, Decimal(0), expected_minutes=0) == (
            Effect(1, CENT, Decimal(0)),
        )
