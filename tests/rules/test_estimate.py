"""Hours from resembling work: weighted quartiles, and never from nothing."""

from hypothesis import given
from hypothesis import strategies as st

from partage.rules.estimate import LEAST, MOST, Case, estimate, quantile

CASES = st.lists(
    st.builds(
        Case,
        number=st.integers(1, 10_000),
        minutes=st.integers(0, 60_000),
        likeness=st.integers(0, 1_000),
    ),
    max_size=40,
    unique_by=lambda one: one.number,
)


def of(*pairs):
    return [Case(n, minutes, like) for n, (minutes, like) in enumerate(pairs, 1)]


class TestEstimate:
    def test_of_four_alike_the_middle_is_halfway_between_the_second_and_third(self):
        found = estimate(of((600, 500), (1200, 500), (1800, 500), (6000, 500)))

        assert (found.low, found.median, found.high) == (900, 1500, 3900)
        assert [one.share for one in found.cases] == [250] * 4

    def test_a_case_that_resembles_more_pulls_the_middle_to_it(self):
        found = estimate(of((600, 700), (6000, 200), (7200, 100)))

        assert (found.low, found.median, found.high) == (600, 600, 6000)
        assert [one.share for one in found.cases] == [700, 200, 100]

    def test_one_huge_mandate_does_not_carry_it_away(self):
        found = estimate(of(*[(600, 300)] * 5, (60_000, 300)))

        assert found.median == 600

    def test_two_cases_are_too_few_and_what_took_nothing_is_no_case(self):
        assert estimate(of((600, 900), (700, 900))) is None
        assert estimate(of((600, 900), (700, 900), (0, 900), (800, 0))) is None

    def test_of_two_as_alike_the_newer_counts_first(self):
        cases = [Case(n, 600, 500) for n in range(1, MOST + 3)]

        kept = {one.case.number for one in estimate(cases).cases}
        assert kept == set(range(3, MOST + 3))

    @given(CASES)
    def test_the_range_is_in_order_and_within_the_cases(self, cases):
        found = estimate(cases)
        useful = [one for one in cases if one.minutes and one.likeness]
        if len(useful) < LEAST:
            assert found is None
            return
        minutes = [one.case.minutes for one in found.cases]
        assert min(minutes) <= found.low <= found.median <= found.high <= max(minutes)
        assert len(found.cases) == min(len(useful), MOST)
        assert abs(sum(one.share for one in found.cases) - 1_000) <= MOST // 2 + 1

    @given(CASES, st.integers(1, 9))
    def test_weights_count_in_proportion_only(self, cases, times):
        kept = [one for one in cases if one.likeness]
        if kept:
            more = [Case(c.number, c.minutes, c.likeness * times) for c in kept]
            assert quantile(more, 1, 2) == quantile(kept, 1, 2)
