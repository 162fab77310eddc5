from dataclasses import asdict, replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partage.rules.costing import (
    BeyondModerate,
    CostLine,
    CostModel,
    DirectCost,
    Key,
    Kind,
    Person,
    Pool,
    RateChange,
    Remark,
    SharedCost,
    beyond_moderate,
    break_even_minutes,
    carried_rate,
    composition,
    derive,
    gathered,
    rate_changes,
    rounded_rate,
    with_line,
)
from partage.rules.money import CENT

GOVERNANCE = Pool("governance", 3)
HIRING = Pool("hiring", 2)
HOUR = 60

# 1 224 hours are 80 % of the 1 530 of a year. Anaïs gives a quarter to the reservoir.
SAGUENAY = CostModel(
    people=(
        Person(
            "Anaïs",
            Decimal("78000.00"),
            Decimal("13260.00"),
            1224 * HOUR,
            ((GOVERNANCE, 3),),
            knowledge=1,
        ),
        Person(
            "Bruno",
            Decimal("62000.00"),
            Decimal("10540.00"),
            1224 * HOUR,
            ((HIRING, 1),),
        ),
    ),
    direct=(DirectCost("Assurance", "governance", Decimal("3000.00")),),
    shared=(SharedCost("Loyer", Decimal("24000.00"), Key.PEOPLE),),
    expected=((GOVERNANCE, 800 * HOUR), (HIRING, 1224 * HOUR)),
)

LEVELS = ((1, Decimal("0.84")), (2, Decimal(1)), (3, Decimal("1.2")))

cents = st.integers(0, 10**8).map(lambda n: n * CENT)
pools = st.builds(Pool, st.sampled_from(["legal", "hiring", "web"]), st.integers(1, 3))
counts = st.integers(0, 9)


@st.composite
def people(draw, key):
    shares = draw(st.dictionaries(pools, counts, max_size=4))
    knowledge, common = draw(counts), draw(counts)
    if not sum(shares.values()) + knowledge + common:
        common = 1
    minutes = draw(st.integers(0, 100_000))
    pay, charges = draw(cents), draw(cents)
    return Person(key, pay, charges, minutes, tuple(shares.items()), knowledge, common)


@st.composite
def models(draw):
    return CostModel(
        people=tuple(draw(people(f"p{n}")) for n in range(draw(st.integers(0, 4)))),
        direct=tuple(
            DirectCost(f"d{n}", draw(pools).field, draw(cents))
            for n in range(draw(st.integers(0, 3)))
        ),
        shared=tuple(
            SharedCost(
                f"s{n}",
                draw(cents),
                draw(st.sampled_from(Key)),
                draw(st.sampled_from([Kind.SHARED, Kind.KNOWLEDGE])),
            )
            for n in range(draw(st.integers(0, 3)))
        ),
        expected=tuple(
            draw(st.dictionaries(pools, st.integers(0, 100_000), max_size=5)).items()
        ),
        common_by=draw(st.sampled_from(Key)),
        knowledge_by=draw(st.sampled_from(Key)),
        unused_in_rates=draw(st.integers(0, 4)) / Decimal(4),
        levels=draw(st.sampled_from([(), LEVELS])),
    )


def leaves(of):
    if isinstance(of, dict):
        of = list(of.values())
    if isinstance(of, list | tuple):
        return [leaf for each in of for leaf in leaves(each)]
    return [of]


def total_of(model):
    return (
        sum((each.pay + each.charges for each in model.people), Decimal(0))
        + sum((each.amount for each in model.direct), Decimal(0))
        + sum((each.amount for each in model.shared), Decimal(0))
    )


class TestDerive:
    def test_explains_an_hour_of_governance_in_saguenay_to_the_cent(self):
        governance, hiring = derive(SAGUENAY).pools

        assert governance.lines == (
            CostLine(Kind.PAY, "Anaïs", Decimal("58500.00")),
            CostLine(Kind.CHARGES, "Anaïs", Decimal("9945.00")),
            CostLine(Kind.DIRECT, "Assurance", Decimal("3000.00")),
            CostLine(Kind.SHARED, "Loyer", Decimal("10285.71")),
            CostLine(Kind.KNOWLEDGE, "Anaïs", Decimal("9777.86")),
        )
        assert (governance.cost, governance.supplied_minutes) == (
            Decimal("91508.57"),
            918 * HOUR,
        )
        assert [str(part.amount) for part in governance.parts] == [
            "63.73",
            "10.83",
            "3.27",
            "11.20",
            "10.65",
        ]
        assert (governance.rate, hiring.rate) == (Decimal("99.68"), Decimal("81.12"))

    def test_shows_apart_the_118_hours_that_nobody_buys(self):
        costing = derive(SAGUENAY)
        governance, hiring = costing.pools

        assert governance.unused_minutes == 118 * HOUR
        assert governance.cost_sold == Decimal("79746.03")
        assert governance.cost_unused == costing.cost_unused == Decimal("11762.54")
        assert hiring.cost_unused == 0

    def test_breaks_even_on_the_hours_supplied_when_unused_ones_are_not_charged(self):
        costing = derive(SAGUENAY)

        assert costing.pools[0].break_even_minutes == 55_082
        assert costing.break_even_minutes("governance") == 55_082
        # 190 800.00 $ to recover; 800 h at 99.68 and 1 224 h at 81.12 bring 179 034.88.
        assert costing.expected_revenue == Decimal("179034.88")
        assert costing.break_even_minutes() == 129_421

    def test_breaks_even_on_the_hours_expected_when_they_are(self):
        model = replace(SAGUENAY, unused_in_rates=Decimal(1))
        governance, hiring = derive(model).pools

        # 91 508.57 $ over 800 h.
        assert governance.rate == Decimal("114.39")
        assert governance.parts[-1] == CostLine(Kind.UNUSED, "", Decimal("14.70"))
        assert hiring.rate == Decimal("81.12")
        assert governance.break_even_minutes == 800 * HOUR - 1

    def test_tells_what_no_rate_can_hold(self):
        web = Pool("web", 1)
        model = replace(
            SAGUENAY,
            direct=(DirectCost("Serveurs", "web", Decimal("500.00")),),
            expected=((web, HOUR), (GOVERNANCE, 919 * HOUR)),
        )
        costing = derive(model)

        assert costing.rates.keys() == {GOVERNANCE, HIRING}
        assert costing.unassigned == (
            CostLine(Kind.DIRECT, "Serveurs", Decimal("500.00")),
        )
        assert costing.remarks == (
            Remark("beyond_capacity", GOVERNANCE),
            Remark("nothing_expected", HIRING),
            Remark("no_capacity", web),
            Remark("unassigned", "Serveurs"),
        )

    def test_keeps_the_cost_of_a_year_of_leave_and_gives_it_no_rate(self):
        on_leave = Person("Zoé", Decimal("100.00"), Decimal(0), 0, ((HIRING, 1),))
        (hiring,) = derive(CostModel(people=(on_leave,))).pools

        assert (hiring.cost, hiring.rate) == (Decimal("100.00"), None)
        assert hiring.break_even_minutes is None

    def test_of_nothing_is_nothing(self):
        costing = derive(CostModel())
        assert (costing.pools, costing.cost, costing.rates) == ((), 0, {})
        assert costing.break_even_minutes() == 0

    @given(models())
    def test_loses_no_cent_and_no_minute_and_holds_no_float(self, model):
        costing = derive(model)
        assert not [leaf for leaf in leaves(asdict(costing)) if type(leaf) is float]

        assert costing.cost == total_of(model)
        sold = {one.pool: one.sold_minutes for one in costing.pools}
        assert sold == dict.fromkeys(sold, 0) | dict(model.expected)
        most = sum(each.practical_minutes for each in model.people)
        kept_back = any(each.knowledge or each.common for each in model.people)
        supplied = sum(one.supplied_minutes for one in costing.pools)
        assert supplied <= most if kept_back else supplied == most
        for one in costing.pools:
            assert one.cost_sold + one.cost_unused == one.cost

    @given(models())
    def test_gives_rates_whose_parts_add_up_to_them(self, model):
        if model.levels:
            for one in derive(model).pools:
                assert sum(part.amount for part in one.parts) == (one.rate or 0)
            return
        for one in derive(model).pools:
            assert (one.rate is None) == (one.supplied_minutes == 0)
            if one.rate is None:
                continue
            assert sum(part.amount for part in one.parts) == one.rate
            unused = [part for part in one.parts if part.kind == Kind.UNUSED]
            for line, part in zip(one.lines, one.parts, strict=False):
                assert (line.kind, line.key) == (part.kind, part.key)
                exact = Fraction(line.amount) * 60 / one.supplied_minutes
                assert abs(Fraction(part.amount) - exact) < Fraction(1, 100)
            if not unused:
                exact = Fraction(one.cost) * 60 / one.supplied_minutes
                assert abs(Fraction(one.rate) - exact) <= Fraction(1, 200)

    @given(models(), st.randoms(use_true_random=False))
    def test_does_not_depend_on_the_order_of_anything(self, model, random):
        def shuffled(of):
            return tuple(random.sample(of, len(of)))

        other = replace(
            model,
            people=shuffled(
                [replace(p, shares=shuffled(p.shares)) for p in model.people]
            ),
            direct=shuffled(model.direct),
            shared=shuffled(model.shared),
            expected=shuffled(model.expected),
        )
        assert derive(other) == derive(model)


class TestModel:
    @pytest.mark.parametrize(
        ("make", "error", "why"),
        [
            (
                lambda: Person("Zoé", Decimal(-1), Decimal(0), 60, ((HIRING, 1),)),
                ValueError,
                "Zoé is -1; give dollars and cents",
            ),
            (
                lambda: Person("Zoé", Decimal(1), Decimal(0), -60, ((HIRING, 1),)),
                ValueError,
                "practical minutes of Zoé is -60",
            ),
            (
                lambda: Person("Zoé", Decimal(1), Decimal(0), 7.5, ((HIRING, 1),)),
                TypeError,
                "give a whole number",
            ),
            (
                lambda: Person("Zoé", Decimal(1), Decimal(0), 60, ((HIRING, 0),)),
                ValueError,
                "Zoé does nothing",
            ),
            (
                lambda: SharedCost("Loyer", Decimal("0.005"), Key.PEOPLE),
                ValueError,
                "give dollars and cents",
            ),
            (
                lambda: SharedCost("Loyer", 24000.0, Key.PEOPLE),
                TypeError,
                "give a Decimal",
            ),
            (
                lambda: SharedCost("Loyer", Decimal(1), Key.PEOPLE, Kind.PAY),
                ValueError,
                "give SHARED or KNOWLEDGE",
            ),
            (
                lambda: CostModel(expected=((HIRING, -1),)),
                ValueError,
                "expected minutes of hiring 2 is -1",
            ),
            (
                lambda: CostModel(expected=((HIRING, 1), (HIRING, 2))),
                ValueError,
                "given twice",
            ),
            (
                lambda: CostModel(
                    direct=(DirectCost("Loyer", "hiring", Decimal(1)),),
                    shared=(SharedCost("Loyer", Decimal(1), Key.PEOPLE),),
                ),
                ValueError,
                "Loyer is given twice",
            ),
            (
                lambda: CostModel(unused_in_rates=Decimal(80)),
                ValueError,
                "such as 0.5",
            ),
            (lambda: CostModel(unused_in_rates=0.5), TypeError, "a Decimal"),
        ],
    )
    def test_refuses_what_a_year_cannot_be(self, make, error, why):
        with pytest.raises(error, match=why):
            make()


class TestRateChanges:
    def test_says_which_rates_move_when_the_rent_goes_up_by_4200_dollars(self):
        dearer = with_line(
            SAGUENAY, SharedCost("Loyer", Decimal("28200.00"), Key.PEOPLE)
        )
        moved = rate_changes(derive(SAGUENAY).rates, derive(dearer).rates)

        # 1 800 $ over 918 h; 2 400 $ over 1 224 h: 1.96 $ an hour each.
        assert moved == (
            RateChange(GOVERNANCE, Decimal("99.68"), Decimal("101.64")),
            RateChange(HIRING, Decimal("81.12"), Decimal("83.08")),
        )
        assert [change.by for change in moved] == [Decimal("1.96")] * 2

    def test_leaves_out_the_rates_that_an_insurance_of_one_field_does_not_touch(self):
        without = with_line(SAGUENAY, DirectCost("Assurance", "governance", Decimal(0)))
        (moved,) = rate_changes(derive(SAGUENAY).rates, derive(without).rates)
        assert (moved.pool, moved.by) == (GOVERNANCE, Decimal("-3.27"))

    def test_says_which_rates_are_new_or_gone(self):
        new, gone = rate_changes({HIRING: Decimal(80)}, {GOVERNANCE: Decimal(99)})
        assert (new.before, gone.after, new.by, gone.by) == (None,) * 4

    @given(models(), cents)
    def test_puts_a_line_in_the_place_of_the_one_that_has_its_key(self, model, amount):
        changed = with_line(model, SharedCost("s0", amount, Key.PEOPLE))
        before = sum((s.amount for s in model.shared if s.key == "s0"), Decimal(0))
        assert total_of(changed) == total_of(model) - before + amount


class TestLevels:
    # Two people of the same field, of whom one is junior: 1 000 hours of each.
    TEAM = CostModel(
        people=tuple(
            Person(name, Decimal(pay), Decimal(0), 1000 * HOUR, ((Pool("web", at), 1),))
            for name, pay, at in (("Zoé", "70400.00", 3), ("Yan", "40000.00", 2))
        ),
        expected=((Pool("web", 1), 100 * HOUR), (Pool("web", 3), 900 * HOUR)),
        levels=LEVELS,
    )

    def test_share_110400_dollars_of_web_by_what_an_hour_of_each_weighs(self):
        # 1 000 x 1.2 + 1 000 x 1 = 2 200 weighted hours, of 50.18 $ each.
        assert derive(self.TEAM).rates == {
            Pool("web", 1): Decimal("42.15"),
            Pool("web", 2): Decimal("50.18"),
            Pool("web", 3): Decimal("60.22"),
        }

    def test_give_a_rate_to_the_level_where_nobody_is_and_say_so(self):
        costing = derive(self.TEAM)
        junior = costing.pools[0]

        assert (junior.supplied_minutes, junior.cost) == (0, 0)
        assert junior.cost_sold == Decimal("4215.00")
        assert Remark("beyond_capacity", Pool("web", 1)) in costing.remarks
        assert costing.cost == Decimal("110400.00")

    def test_do_not_tell_what_yan_earns_by_the_rate_of_yan_s_level(self):
        middle = derive(self.TEAM).pools[1]
        assert middle.rate != Decimal("40.00")
        assert {line.key for line in middle.parts} == {"Yan", "Zoé"}

    def test_weigh_more_than_nothing(self):
        with pytest.raises(ValueError, match="give more than zero"):
            CostModel(levels=((1, Decimal(0)),))
        with pytest.raises(ValueError, match="weigh nothing"):
            CostModel(expected=((HIRING, 60),), levels=((3, Decimal(1)),))


class TestRoundedRate:
    def test_keeps_what_rounding_adds_as_a_part_of_its_own(self):
        governance = derive(SAGUENAY).pools[0]
        rate, parts = rounded_rate(
            governance.rate, governance.parts, step=Decimal("0.50")
        )
        assert rate == Decimal("99.50")
        assert parts[-1] == CostLine(Kind.ROUNDING, "", Decimal("-0.18"))
        goes_to = composition(Decimal("995.00"), parts)
        assert goes_to[Kind.ROUNDING] == Decimal("-1.80")
        assert sum(goes_to.values()) == Decimal("995.00")

    def test_refuses_a_step_finer_than_a_cent(self):
        with pytest.raises(ValueError, match="whole cents"):
            rounded_rate(Decimal("99.68"), (), step=Decimal("0.005"))

    @given(models(), st.sampled_from([CENT, Decimal("0.50"), Decimal(1)]))
    def test_makes_parts_that_add_up_to_the_rate(self, model, step):
        for one in derive(model).pools:
            if one.rate is None:
                continue
            rate, parts = rounded_rate(one.rate, one.parts, step=step)
            assert rate % step == 0
            assert sum((part.amount for part in parts), Decimal(0)) == rate
            told = gathered(model, parts)
            assert sum((part.amount for part in told), Decimal(0)) == rate
            assert not {part.key for part in told} & {p.key for p in model.people}


class TestBreakEvenMinutes:
    def test_needs_1000_hours_at_95_dollars_to_recover_95000(self):
        assert (
            break_even_minutes(Decimal(95_000), [(1, Decimal("95.00"))]) == 1000 * HOUR
        )

    def test_is_none_when_nothing_comes_in(self):
        assert break_even_minutes(Decimal(1), [(60, Decimal(0))]) is None
        assert break_even_minutes(Decimal(1), []) is None

    @given(cents, st.integers(1, 10**5), st.integers(1, 10**5).map(lambda n: n * CENT))
    def test_is_the_fewest_minutes_that_suffice(self, cost, minutes, rate):
        needed = break_even_minutes(cost, [(minutes, rate)])
        assert needed * rate >= cost * 60 > (needed - 1) * rate or needed == cost == 0

    def test_refuses_negative_hours(self):
        with pytest.raises(ValueError, match="give zero or more"):
            break_even_minutes(Decimal(1), [(-60, Decimal(95))])


class TestComposition:
    def test_tells_a_member_of_rimouski_where_747_60_dollars_go(self):
        governance = derive(SAGUENAY).pools[0]
        assert composition(Decimal("747.60"), governance.parts) == {
            Kind.PAY: Decimal("477.98"),
            Kind.CHARGES: Decimal("81.23"),
            Kind.DIRECT: Decimal("24.52"),
            Kind.SHARED: Decimal("84.00"),
            Kind.KNOWLEDGE: Decimal("79.87"),
        }

    @given(st.integers(-(10**9), 10**9).map(lambda n: n * CENT))
    def test_adds_up_to_what_is_charged_and_mirrors_a_credit(self, amount):
        parts = derive(SAGUENAY).pools[0].parts
        goes_to = composition(amount, parts)
        assert sum(goes_to.values()) == amount
        assert composition(-amount, parts) == {k: -v for k, v in goes_to.items()}


class TestBeyondModerate:
    def test_warns_of_a_legal_hour_above_the_published_threshold_only(self):
        senior, junior = Pool("legal", 3), Pool("legal", 1)
        rates = [
            (senior, Decimal("140.01")),
            (junior, Decimal("140.00")),
            (GOVERNANCE, Decimal("300.00")),
        ]
        assert beyond_moderate(rates, {"legal": Decimal("140.00")}) == (
            BeyondModerate(senior, Decimal("140.01"), Decimal("140.00")),
        )


class TestWhatAnEarlierYearCarries:
    def test_is_a_part_of_its_own(self):
        rate, parts = carried_rate(
            Decimal("117.00"),
            [CostLine(Kind.PAY, "", Decimal("117.00"))],
            change=Decimal("-0.35"),
        )
        assert rate == Decimal("116.65")
        assert parts[-1] == CostLine(Kind.CARRIED, "", Decimal("-0.35"))

    @given(st.integers(-500, 500), st.integers(1, 200))
    def test_leaves_parts_that_add_up_to_the_rounded_rate(self, cents, step):
        parts = [CostLine(Kind.PAY, "", Decimal("80.07"))]
        rate, kept = carried_rate(Decimal("80.07"), parts, change=Decimal(cents) / 100)
        rate, kept = rounded_rate(rate, kept, step=Decimal(step) / 100)
        assert sum(part.amount for part in kept) == rate
        assert rate % (Decimal(step) / 100) == 0

    def test_is_whole_cents(self):
        with pytest.raises(ValueError, match="whole cents"):
            carried_rate(Decimal(80), [], change=Decimal("0.005"))
