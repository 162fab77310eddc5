from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partage.rules.eligibility import (
    HARD_RULES,
    Candidate,
    Conflict,
    FreeWeek,
    Licence,
    PracticeRule,
    Reason,
    Requirement,
    Weights,
    distance_km,
    funnel,
    judge,
    rank,
)

FREDERICTON = (45.9636, -66.6431)
MONCTON = (46.0878, -64.7782)
MONTREAL = (45.5019, -73.5674)
MONDAY = date(2025, 4, 7)
NEXT_MONDAY = date(2025, 4, 14)
BARREAU = PracticeRule("BARREAU", days_allowed=100, days_from=("ON", "NS", "NB"))

# A caisse in Fredericton wants 42 h of a lawyer, in French, in two weeks of April.
NEED = Requirement(
    field="LEGAL",
    level=3,
    minutes=42 * 60,
    window_start=MONDAY,
    window_end=date(2025, 4, 18),
    language="fr",
    province="NB",
    member_id=7,
    practice=(BARREAU,),
    on_site=True,
    location=FREDERICTON,
    competition="caisses",
)
SHE_CAN = Candidate(
    expert_id=1,
    skills=(("LEGAL", 3), ("GOVERNANCE", 2)),
    languages=frozenset({"fr", "en"}),
    weeks=(FreeWeek(MONDAY, 1500, 1), FreeWeek(NEXT_MONDAY, 1200, 1)),
    parallel_limit=4,
    licences=(Licence("BARREAU", "NB", date(2019, 6, 1)),),
    location=MONCTON,
)
FULL_WEEKS = (FreeWeek(MONDAY, 1500, 4), FreeWeek(NEXT_MONDAY, 1200, 4))
BUSY_WEEKS = (FreeWeek(MONDAY, 0, 1), FreeWeek(NEXT_MONDAY, 0, 1))

# What to change in SHE_CAN so that one rule, and only that one, excludes her.
EXCLUDED = {
    "skill": ({"skills": (("GOVERNANCE", 4),)}, "skill_missing"),
    "level": ({"skills": (("LEGAL", 2),)}, "level_below"),
    "language": ({"languages": frozenset({"en"})}, "language_missing"),
    "licence": ({"licences": ()}, "licence_missing"),
    "conflict": ({"conflicts": (Conflict(7, "BOARD"),)}, "conflict"),
    "on_site": ({"remote_only": True}, "remote_only"),
    "parallel": ({"weeks": FULL_WEEKS}, "parallel_limit"),
    "hours": ({"weeks": BUSY_WEEKS}, "no_hours"),
}


def licensed(*licences, need=NEED, used=0):
    lawyer = replace(SHE_CAN, licences=licences, mobility_days_used=used)
    verdict = judge(need, lawyer)
    reasons = (*verdict.for_, *verdict.against)
    return verdict.eligible, {reason.code: dict(reason.data) for reason in reasons}


class TestJudge:
    def test_accepts_the_lawyer_of_moncton_and_says_why(self):
        verdict = judge(NEED, SHE_CAN)

        assert verdict.eligible
        assert verdict.against == ()
        assert {reason.code for reason in verdict.for_} == {
            "skill",
            "hours_free",
            "near",
            "language",
            "licence_held",
        }

    @pytest.mark.parametrize("rule", HARD_RULES)
    def test_excludes_by_each_hard_rule_alone(self, rule):
        change, code = EXCLUDED[rule]
        verdict = judge(NEED, replace(SHE_CAN, **change))

        assert not verdict.eligible
        excluding = [reason for reason in verdict.against if reason.excludes]
        assert [(reason.rule, reason.code) for reason in excluding] == [(rule, code)]

    def test_keeps_score_and_parts_together_to_the_hundredth(self):
        verdict = judge(NEED, SHE_CAN)

        assert dict(verdict.parts) == {
            "level": Decimal("25.00"),
            "hours": Decimal("30.00"),
            "continuity": Decimal("0.00"),
            "distance": Decimal("5.18"),
            "balance": Decimal("11.25"),
        }
        assert verdict.score == Decimal("71.43")

    def test_costs_a_quarter_of_the_level_per_level_too_many(self):
        verdict = judge(NEED, replace(SHE_CAN, skills=(("LEGAL", 5),)))

        assert verdict.eligible
        assert dict(verdict.parts)["level"] == Decimal("12.50")
        assert "over_qualified" in {reason.code for reason in verdict.against}

    def test_knows_who_knows_the_member_already_and_forgets_slowly(self):
        thrice = replace(SHE_CAN, past_mandates=3, last_mandate_on=date(2024, 11, 1))
        long_ago = replace(thrice, last_mandate_on=date(2021, 11, 1))

        assert dict(judge(NEED, thrice).parts)["continuity"] == 20
        assert dict(judge(NEED, long_ago).parts)["continuity"] == 10

    def test_counts_the_hours_a_weekly_cap_leaves(self):
        capped = judge(NEED, replace(SHE_CAN, weekly_cap=630))

        assert capped.eligible
        assert dict(capped.parts)["hours"] == Decimal("15.00")
        short = (("minutes", 1260), ("needed", 2520))
        assert Reason("hours_short", short) in capped.against

    def test_excludes_when_the_only_open_week_has_no_time(self):
        weeks = (FreeWeek(MONDAY, 900, 4), FreeWeek(NEXT_MONDAY, 0, 1))
        verdict = judge(NEED, replace(SHE_CAN, weeks=weeks))

        assert [reason.rule for reason in verdict.against] == ["hours"]

    def test_does_not_look_at_weeks_outside_the_window(self):
        later = (FreeWeek(date(2025, 4, 21), 2100),)
        assert not judge(NEED, replace(SHE_CAN, weeks=later)).eligible

    def test_excludes_who_serves_a_competitor_until_it_is_waived(self):
        serves = replace(SHE_CAN, competitor_mandates=1)
        waived = replace(serves, conflicts=(Conflict(7, "COMPETITOR", waived=True),))

        assert judge(NEED, serves).against[0].code == "serves_competitor"
        assert judge(NEED, waived).eligible
        assert judge(NEED, waived).against[0].code == "conflict_waived"
        assert judge(replace(NEED, competition=None), serves).eligible

    def test_ignores_a_conflict_with_another_member(self):
        assert judge(NEED, replace(SHE_CAN, conflicts=(Conflict(8, "BOARD"),))).eligible

    def test_does_not_mind_distance_when_the_work_is_done_at_a_distance(self):
        far = replace(SHE_CAN, location=MONTREAL, remote_only=True)
        verdict = judge(replace(NEED, on_site=False), far)

        assert verdict.eligible
        assert dict(verdict.parts)["distance"] == 10


class TestLicence:
    def test_of_quebec_does_not_open_new_brunswick(self):
        eligible, why = licensed(Licence("BARREAU", "QC", date(2010, 1, 1)))
        assert not eligible
        assert why["licence_missing"] == {"order": "BARREAU", "province": "NB"}

    def test_of_ontario_opens_it_for_what_is_left_of_100_days(self):
        ontario = Licence("BARREAU", "ON", date(2010, 1, 1))

        eligible, why = licensed(ontario, used=94)
        assert eligible
        days = why["mobility_days"]
        assert (days["left"], days["needed"], days["from"]) == (6, 6, "ON")

        eligible, why = licensed(ontario, used=95)
        assert not eligible
        assert why["mobility_days_short"]["left"] == 5

    def test_that_expired_says_when(self):
        eligible, why = licensed(
            Licence("BARREAU", "NB", date(2019, 1, 1), date(2025, 3, 31))
        )
        assert not eligible
        assert why["licence_expired"]["until"] == date(2025, 3, 31)

    def test_that_begins_later_says_when(self):
        eligible, why = licensed(Licence("BARREAU", "NB", date(2025, 5, 1)))
        assert not eligible
        assert why["licence_not_yet"]["from"] == date(2025, 5, 1)

    def test_that_ends_within_the_window_is_accepted_and_said(self):
        eligible, why = licensed(
            Licence("BARREAU", "NB", date(2019, 1, 1), date(2025, 4, 10))
        )
        assert eligible
        assert why["licence_ends_in_window"]["until"] == date(2025, 4, 10)

    def test_of_a_trainee_opens_nothing(self):
        trainee = Licence("BARREAU", "NB", date(2024, 1, 1), kind="TRAINEE")
        assert not licensed(trainee)[0]

    def test_is_not_asked_for_where_the_field_is_free(self):
        free = replace(NEED, practice=(PracticeRule("CPA", licence_required=False),))
        assert licensed(need=free)[0]
        assert licensed(need=replace(NEED, practice=()))[0]

    def test_of_one_order_is_enough_when_two_would_do(self):
        either = replace(NEED, practice=(PracticeRule("NOTAIRES"), BARREAU))
        assert licensed(Licence("BARREAU", "NB", date(2019, 1, 1)), need=either)[0]


people = st.lists(st.sets(st.sampled_from(HARD_RULES), max_size=3), max_size=12).map(
    lambda each: [
        replace(
            SHE_CAN,
            expert_id=i,
            **{k: v for rule in sorted(rules) for k, v in EXCLUDED[rule][0].items()},
        )
        for i, rules in enumerate(each)
    ]
)


class TestRank:
    def test_puts_first_who_can_and_fits_best(self):
        knows = replace(
            SHE_CAN, expert_id=9, past_mandates=1, last_mandate_on=date(2025, 1, 6)
        )
        unlicensed = replace(knows, expert_id=2, licences=())
        twin = replace(SHE_CAN, expert_id=3)

        verdicts = rank(NEED, [unlicensed, twin, SHE_CAN, knows])
        assert [verdict.expert_id for verdict in verdicts] == [9, 1, 3, 2]

    def test_follows_the_weights_one_chooses(self):
        here = replace(SHE_CAN, expert_id=5, location=FREDERICTON)
        known = replace(
            SHE_CAN, expert_id=6, past_mandates=4, last_mandate_on=date(2025, 1, 6)
        )
        near = Weights(continuity=Decimal(0), distance=Decimal(30))

        assert rank(NEED, [here, known])[0].expert_id == 6
        assert rank(NEED, [here, known], near)[0].expert_id == 5

    @given(people, st.randoms(use_true_random=False))
    def test_does_not_depend_on_the_order_it_was_given(self, people, random):
        shuffled = random.sample(people, len(people))
        assert rank(NEED, people) == rank(NEED, shuffled)

    @given(people)
    def test_scores_from_nothing_to_the_sum_of_the_weights(self, people):
        for verdict in rank(NEED, people):
            assert 0 <= verdict.score <= 100
            assert verdict.score == sum(points for _, points in verdict.parts)

    def test_refuses_a_negative_weight(self):
        with pytest.raises(ValueError, match="a weight is negative"):
            Weights(level=Decimal(-1))


class TestFunnel:
    def test_says_that_five_could_without_the_barreau(self):
        people = [replace(SHE_CAN, expert_id=i, licences=()) for i in range(5)]
        people.append(replace(SHE_CAN, expert_id=6, skills=()))

        found = funnel(rank(NEED, people))
        steps = {step.rule: step for step in found.steps}

        assert (found.considered, found.eligible) == (6, 0)
        assert (steps["skill"].left, steps["skill"].without) == (5, 1)
        assert (steps["language"].left, steps["licence"].left) == (5, 0)
        assert steps["licence"].without == 5

    @given(people)
    def test_narrows_down_to_those_whom_the_verdicts_accept(self, people):
        found = funnel(rank(NEED, people))
        left = [step.left for step in found.steps]

        assert left == sorted(left, reverse=True)
        assert left[-1] == found.eligible
        assert found.eligible == sum(verdict.eligible for verdict in rank(NEED, people))
        assert all(
            found.eligible <= step.without <= len(people) for step in found.steps
        )


class TestDistanceKm:
    def test_is_145_km_from_fredericton_to_moncton_as_the_crow_flies(self):
        assert distance_km(*FREDERICTON, *MONCTON) == Decimal("144.6")

    def test_is_nothing_from_a_place_to_itself_and_half_the_earth_at_most(self):
        assert distance_km(*MONTREAL, *MONTREAL) == 0
        assert distance_km(0, 0, 0, 180) == Decimal("20015.1")

    @given(
        st.tuples(st.floats(-90, 90), st.floats(-180, 180)),
        st.tuples(st.floats(-90, 90), st.floats(-180, 180)),
    )
    def test_is_the_same_both_ways(self, here, there):
        there_and_back = distance_km(*here, *there) - distance_km(*there, *here)
        assert abs(there_and_back) <= Decimal("0.1")


class TestRequirement:
    def test_refuses_no_work_and_a_window_that_ends_before_it_starts(self):
        with pytest.raises(ValueError, match="more than zero"):
            replace(NEED, minutes=0)
        with pytest.raises(ValueError, match="is before"):
            replace(NEED, window_end=date(2025, 4, 1))
