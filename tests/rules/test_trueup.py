from dataclasses import asdict
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partage.rules.costing import Pool
from partage.rules.money import CENT, is_exact
from partage.rules.trueup import (
    Allotment,
    Charged,
    NoFinalRate,
    Rebates,
    Stabilised,
    SurplusRules,
    against_allotment,
    contractual_adjustments,
    final_rate,
    next_rate_change,
    rebates,
    stabilise,
    surplus_test,
    tally,
    true_up,
)

GOVERNANCE, HIRING = Pool("governance", 3), Pool("hiring", 2)
RATES = {GOVERNANCE: Decimal("98.40"), HIRING: Decimal("82.05")}
SAGUENAY, RIMOUSKI, MONCTON = 1, 2, 3
YEAR = [
    (RIMOUSKI, "hiring", 2, 8000, 450, 60000),
    (SAGUENAY, "governance", 3, 10000, 600, 100000),
    (SAGUENAY, "hiring", 2, 8000, 95, 12667),
    (RIMOUSKI, "hiring", 2, 8000, 15, 2000),
    (MONCTON, "hiring", 2, 7714, 7, 900),
]
ACT = SurplusRules(
    reserve=Decimal("0.10"),
    further=Decimal("0.10"),
    equity_of_debts=Decimal("0.40"),
    rebates_allowed=False,
)
WITH_REBATES = SurplusRules(
    reserve=Decimal("0.10"),
    further=Decimal("0.10"),
    equity_of_debts=Decimal("0.40"),
    rebates_allowed=True,
)

cents = st.integers(0, 10**9).map(lambda n: n * CENT)
signed = st.integers(-(10**9), 10**9).map(lambda n: n * CENT)
entries = st.lists(
    st.tuples(
        st.integers(1, 6),
        st.sampled_from(["governance", "hiring"]),
        st.integers(1, 2),
        st.sampled_from([0, 8_000, 9_550]),
        st.integers(0, 5_000),
        st.integers(-10_000, 10**6),
    ),
    max_size=40,
)
rates = st.fixed_dictionaries(
    {
        Pool(field, level): st.integers(1, 30_000).map(lambda n: n * CENT)
        for field in ("governance", "hiring")
        for level in (1, 2)
    }
)


def leaves(of):
    if isinstance(of, dict):
        of = list(of.values())
    if isinstance(of, list | tuple):
        return [leaf for each in of for leaf in leaves(each)]
    return [of]


class TestTally:
    def test_adds_up_what_each_member_was_charged_in_each_field(self):
        assert tally(iter(YEAR)) == (
            Charged(SAGUENAY, GOVERNANCE, 600, Decimal("1000.00"), Decimal(100)),
            Charged(SAGUENAY, HIRING, 95, Decimal("126.67"), Decimal(80)),
            Charged(RIMOUSKI, HIRING, 465, Decimal("620.00"), Decimal(80)),
            Charged(MONCTON, HIRING, 7, Decimal("9.00"), Decimal("77.14")),
        )

    @given(entries, st.randoms(use_true_random=False))
    def test_does_not_depend_on_the_order_of_entries(self, given, random):
        assert tally(random.sample(given, len(given))) == tally(given)

    @given(entries)
    def test_loses_no_minute_and_no_cent(self, given):
        sums = tally(given)
        assert sum(each.minutes for each in sums) == sum(entry[-2] for entry in given)
        assert sum(int(each.amount * 100) for each in sums) == sum(
            entry[-1] for entry in given
        )

    def test_refuses_negative_minutes(self):
        with pytest.raises(ValueError, match="member 2 has -15 minutes"):
            tally([(RIMOUSKI, "hiring", 2, 8000, -15, 0)])

    @pytest.mark.parametrize(("minutes", "cents"), [(7.5, 900), (7, 900.0)])
    def test_refuses_a_float_among_whole_numbers(self, minutes, cents):
        with pytest.raises(TypeError, match="whole minutes and whole cents"):
            tally([*YEAR, (MONCTON, "hiring", 2, 7714, minutes, cents)])


class TestFinalRate:
    def test_is_what_an_hour_of_hiring_cost_in_the_end(self):
        assert final_rate(Decimal("100428.20"), 1224 * 60) == Decimal("82.05")

    def test_is_none_when_no_hour_was_sold(self):
        assert final_rate(Decimal(100), 0) is None


class TestTrueUp:
    def test_gives_each_member_its_due_on_the_same_minutes(self):
        trued = true_up(tally(YEAR), RATES)
        saguenay, rimouski, moncton = trued.members

        # 10 h x 98.40 and 1 h 35 x 82.05; 7 h 45 x 82.05; 7 minutes x 82.05.
        assert [line.final for line in saguenay.lines] == [
            Decimal("984.00"),
            Decimal("129.91"),
        ]
        assert saguenay.adjustment == Decimal("12.76")
        assert (rimouski.final, rimouski.adjustment) == (
            Decimal("635.89"),
            Decimal("-15.89"),
        )
        assert (moncton.minutes, moncton.adjustment) == (7, Decimal("-0.57"))
        assert trued.surplus == Decimal("-3.70")

    def test_shares_what_the_rates_leave_out_so_that_the_books_agree(self):
        trued = true_up(tally(YEAR), RATES, cost=Decimal("1760.00"))

        # The lines make 1 759.37; 0.63 $ is left: 0.3989, 0.2277 and 0.0034.
        assert [each.remainder for each in trued.members] == [
            Decimal("0.40"),
            Decimal("0.23"),
            Decimal("0.00"),
        ]
        assert trued.surplus == Decimal("-4.33")

    def test_shares_a_cost_by_minutes_where_no_line_makes_a_cent(self):
        few = [
            Charged(MONCTON, HIRING, 20, Decimal("0.00")),
            Charged(RIMOUSKI, HIRING, 10, Decimal("0.00")),
        ]
        trued = true_up(few, {HIRING: Decimal("0.01")}, cost=Decimal("0.30"))

        assert {each.member: each.remainder for each in trued.members} == {
            MONCTON: Decimal("0.20"),
            RIMOUSKI: Decimal("0.10"),
        }
        assert trued.surplus == Decimal("-0.30")

    def test_gives_a_fee_without_hours_back_whole(self):
        (member,) = true_up([Charged(MONCTON, HIRING, 0, Decimal("40.00"))], {}).members
        assert (member.final, member.adjustment) == (0, Decimal("40.00"))

    @given(entries, rates, st.none() | cents)
    def test_makes_adjustments_that_add_up_to_the_surplus(self, given, rates, cost):
        if not any(entry[-2] for entry in given):
            cost = None
        trued = true_up(tally(given), rates, cost=cost)

        assert not [leaf for leaf in leaves(asdict(trued)) if type(leaf) is float]
        assert trued.charged * 100 == sum(entry[-1] for entry in given)
        assert sum(each.adjustment for each in trued.members) == trued.surplus
        assert cost is None or trued.surplus == trued.charged - cost
        for member in trued.members:
            assert member.final >= 0
            assert member.adjustment == member.charged - member.final
            assert is_exact(member.adjustment)

    @given(entries, rates, st.randoms(use_true_random=False))
    def test_does_not_depend_on_the_order_of_entries(self, given, rates, random):
        other = tally(random.sample(given, len(given)))
        shuffled = random.sample(other, len(other))
        assert true_up(shuffled, rates) == true_up(tally(given), rates)

    def test_refuses_hours_that_have_no_final_rate(self):
        with pytest.raises(NoFinalRate) as refused:
            true_up(tally(YEAR), {HIRING: Decimal("82.05")})
        assert refused.value.pool == GOVERNANCE

    @pytest.mark.parametrize(
        ("charged", "cost", "why"),
        [
            ([Charged(1, HIRING, -5, Decimal(1))], None, "minutes are -5"),
            ([Charged(1, HIRING, 5, Decimal(1))] * 2, None, "has a pool twice"),
            (
                [Charged(1, HIRING, 5, Decimal(1))],
                Decimal("0.005"),
                "dollars and cents",
            ),
            ([Charged(1, HIRING, 5, Decimal(1))], Decimal(-1), "zero or more"),
            ([Charged(1, HIRING, 0, Decimal(1))], Decimal(9), "no minute was sold"),
        ],
    )
    def test_refuses_what_a_year_cannot_be(self, charged, cost, why):
        with pytest.raises(ValueError, match=why):
            true_up(charged, RATES, cost=cost)


class TestStabilise:
    def test_absorbs_the_70000_dollars_of_a_year_of_four_million_and_a_half(self):
        assert stabilise(
            Decimal(70_000),
            cost=Decimal(4_430_000),
            band=Decimal("0.03"),
            reserve=Decimal(0),
        ) == Stabilised(absorbed=Decimal(70_000), beyond=Decimal(0))

    @pytest.mark.parametrize(
        ("surplus", "reserve", "absorbed", "beyond"),
        [
            (40_000, 0, 30_000, 10_000),
            (-40_000, 50_000, -30_000, -10_000),
            (-40_000, 12_000, -12_000, -28_000),
            (0, 0, 0, 0),
        ],
    )
    def test_leaves_what_is_beyond_three_per_cent_of_a_million(
        self, surplus, reserve, absorbed, beyond
    ):
        assert stabilise(
            Decimal(surplus),
            cost=Decimal(1_000_000),
            band=Decimal("0.03"),
            reserve=Decimal(reserve),
        ) == Stabilised(Decimal(absorbed), Decimal(beyond))

    @given(signed, cents, st.integers(0, 100), cents)
    def test_loses_no_cent(self, surplus, cost, percent, reserve):
        band = Decimal(percent) / 100
        two = stabilise(surplus, cost=cost, band=band, reserve=reserve)
        assert two.absorbed + two.beyond == surplus
        assert is_exact(two.absorbed)
        assert two.absorbed * surplus >= 0
        assert two.beyond * surplus >= 0

    @pytest.mark.parametrize(
        "wrong", [{"band": Decimal(3)}, {"cost": Decimal(-1)}, {"reserve": Decimal(-1)}]
    )
    def test_refuses_a_band_of_three_hundred_per_cent_or_less_than_nothing(self, wrong):
        figures = {
            "cost": Decimal(1),
            "band": Decimal("0.03"),
            "reserve": Decimal(0),
        } | wrong
        with pytest.raises(ValueError, match="give a"):
            stabilise(Decimal(1), **figures)


class TestContractualAdjustments:
    def test_gives_back_half_of_what_was_measured_when_half_is_beyond_the_band(self):
        trued = true_up(
            [
                Charged(SAGUENAY, HIRING, 60, Decimal("100.00")),
                Charged(RIMOUSKI, HIRING, 60, Decimal("80.00")),
            ],
            {HIRING: Decimal("82.05")},
        )
        assert trued.surplus == Decimal("15.90")
        # 17.95 and -2.05, halved: 8.975 and -1.025.
        assert contractual_adjustments(trued.adjustments, Decimal("7.95")) == {
            SAGUENAY: Decimal("8.98"),
            RIMOUSKI: Decimal("-1.03"),
        }

    @given(entries, rates, st.integers(0, 100))
    def test_adds_up_to_what_is_beyond_the_band(self, given, rates, percent):
        trued = true_up(tally(given), rates)
        beyond = int(trued.surplus * percent) * CENT
        parts = contractual_adjustments(trued.adjustments, beyond)

        assert sum(parts.values()) == beyond
        assert parts.keys() == {each.member for each in trued.members}
        for each in trued.members:
            if trued.surplus:
                exact = (
                    Fraction(each.adjustment)
                    * Fraction(beyond)
                    / Fraction(trued.surplus)
                )
                assert abs(Fraction(parts[each.member]) - exact) < Fraction(1, 100)

    def test_refuses_more_than_the_surplus(self):
        trued = true_up(tally(YEAR), RATES)
        with pytest.raises(ValueError, match=r"between zero and -3\.70"):
            contractual_adjustments(trued.adjustments, Decimal("-3.71"))


class TestNextRateChange:
    def test_takes_27_cents_an_hour_off_to_carry_a_surplus_over_85487_hours(self):
        change = next_rate_change(Decimal("23000.00"), minutes=85_487 * 60)
        assert change == Decimal("-0.27")

    def test_refuses_a_year_without_hours(self):
        with pytest.raises(ValueError, match="more than zero"):
            next_rate_change(Decimal(1), minutes=0)


def act(surplus, *, equity=600_000, debts=2_000_000, rules=ACT, interest=0):
    return surplus_test(
        Decimal(surplus),
        equity=Decimal(equity),
        debts=Decimal(debts),
        rules=rules,
        interest=Decimal(interest),
    )


class TestSurplusTest:
    def test_asks_twice_7000_of_a_surplus_of_70000_when_equity_is_30_per_cent(self):
        test = act(70_000)
        assert (test.ratio, test.bound) == (Decimal("0.3"), True)
        assert (test.to_reserve, test.further, test.free) == (7000, 7000, 56_000)

    def test_takes_the_interest_on_preferred_shares_off_first(self):
        assert act(70_000, interest=5_000).to_reserve == 6500

    def test_asks_nothing_once_equity_is_40_per_cent_of_debts(self):
        test = act(70_000, equity=800_000)
        assert (test.bound, test.to_reserve, test.free) == (False, 0, 70_000)
        assert act(70_000, equity="799999.99").bound

    def test_asks_nothing_without_debts_unless_equity_is_negative(self):
        assert (act(1, equity=0, debts=0).bound, act(1, debts=0).ratio) == (False, None)
        assert act(1, equity=-1, debts=0).bound

    def test_has_nothing_to_allot_after_a_deficit(self):
        assert (act(-70_000).base, act(-70_000).free) == (0, 0)

    @given(cents)
    def test_never_asks_for_less_than_the_act_nor_for_more_than_there_is(self, surplus):
        test = act(surplus)
        assert test.to_reserve * 10 >= surplus
        assert test.free >= 0
        assert test.to_reserve + test.further + test.free == surplus
        assert is_exact(test.to_reserve)
        assert is_exact(test.further)


class TestAgainstAllotment:
    def test_lets_a_meeting_keep_all_in_the_reserves(self):
        proposal = Allotment(reserve=Decimal(14_000), stabilisation=Decimal(56_000))
        assert against_allotment(proposal, act(70_000), ACT) == ()

    def test_lets_the_further_tenth_go_to_shares_where_the_articles_allow_it(self):
        proposal = Allotment(
            reserve=Decimal(7_000),
            share_rebates=Decimal(7_000),
            money_rebates=Decimal(56_000),
        )
        test = act(70_000, rules=WITH_REBATES)
        assert against_allotment(proposal, test, WITH_REBATES) == ()
        assert against_allotment(proposal, test, ACT) == ("rebates_forbidden",)

    @pytest.mark.parametrize(
        ("proposal", "reasons"),
        [
            (Allotment(Decimal(70_001), Decimal(-1)), ("negative",)),
            (Allotment(Decimal(69_999)), ("not_the_surplus",)),
            (
                Allotment(Decimal(6_999), Decimal(63_001)),
                ("reserve_below_least", "further_below_least"),
            ),
            (
                Allotment(Decimal(13_999), Decimal(56_001)),
                ("further_below_least",),
            ),
        ],
    )
    def test_says_why_a_meeting_could_not_resolve_it(self, proposal, reasons):
        assert against_allotment(proposal, act(70_000), ACT) == reasons


class TestRebates:
    BUSINESS = {SAGUENAY: Decimal("60000.00"), RIMOUSKI: Decimal("30000.00")}

    def test_are_locked_where_the_articles_forbid_them(self):
        assert rebates(Decimal(100), self.BUSINESS, ACT) == Rebates(
            {}, "forbidden_by_articles"
        )

    def test_follow_the_business_done_with_each_member(self):
        assert rebates(Decimal(100), self.BUSINESS, WITH_REBATES).by_member == {
            SAGUENAY: Decimal("66.67"),
            RIMOUSKI: Decimal("33.33"),
        }

    @pytest.mark.parametrize(
        ("total", "business", "reason"),
        [
            (Decimal(0), BUSINESS, "nothing_to_share"),
            (Decimal(-5), BUSINESS, "nothing_to_share"),
            (Decimal(5), {SAGUENAY: Decimal(0)}, "no_business"),
            (Decimal(5), {}, "no_business"),
        ],
    )
    def test_say_why_there_are_none(self, total, business, reason):
        answer = rebates(total, business, WITH_REBATES)
        assert (answer.by_member, answer.locked) == ({}, reason)


class TestSurplusRules:
    @pytest.mark.parametrize("further", [Decimal("-0.1"), Decimal("0.95")])
    def test_refuse_fractions_that_make_no_sense(self, further):
        with pytest.raises(ValueError, match="fraction"):
            SurplusRules(Decimal("0.10"), further, Decimal("0.40"), False)
