from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from partage.rules.calendar import weeks
from partage.rules.reservation import spread, work_window

MONDAY = date(2025, 4, 7)


class TestWorkWindow:
    def test_keeps_what_the_member_wished(self):
        assert work_window(
            on=MONDAY,
            wished_from=date(2025, 4, 14),
            wished_until=date(2025, 5, 30),
            minutes=1200,
        ) == (date(2025, 4, 14), date(2025, 5, 30))

    def test_never_begins_in_the_past(self):
        start, _end = work_window(
            on=MONDAY, wished_from=date(2025, 2, 1), wished_until=None, minutes=60
        )

        assert start == MONDAY

    def test_leaves_four_weeks_to_a_small_need_and_more_to_a_large_one(self):
        def last_day(minutes):
            return work_window(
                on=MONDAY, wished_from=None, wished_until=None, minutes=minutes
            )[1]

        assert last_day(60) == date(2025, 5, 4)
        assert last_day(6000) == date(2025, 6, 15)

    def test_gives_new_time_when_the_wished_end_has_passed(self):
        assert (
            work_window(
                on=MONDAY,
                wished_from=None,
                wished_until=date(2025, 3, 31),
                minutes=600,
            )[1]
            > MONDAY
        )


class TestSpread:
    def test_follows_what_is_free(self):
        assert spread(
            minutes=600,
            free={MONDAY: 1200, date(2025, 4, 14): 0, date(2025, 4, 21): 600},
            start=MONDAY,
            end=date(2025, 4, 25),
        ) == {MONDAY: 400, date(2025, 4, 21): 200}

    def test_shares_evenly_what_nobody_has_room_for(self):
        assert spread(
            minutes=300, free={MONDAY: 100}, start=MONDAY, end=date(2025, 4, 20)
        ) == {MONDAY: 200, date(2025, 4, 14): 100}

    @given(
        minutes=st.integers(0, 50_000),
        free=st.lists(st.integers(-500, 3000), min_size=6, max_size=6),
    )
    def test_always_adds_up_and_overfills_no_week_while_there_is_room(
        self, minutes, free
    ):
        mondays = weeks(MONDAY, date(2025, 5, 18))
        room = dict(zip(mondays, free, strict=True))
        plan = spread(minutes=minutes, free=room, start=MONDAY, end=date(2025, 5, 18))

        assert sum(plan.values()) == minutes
        if minutes <= sum(max(0, m) for m in free):
            assert all(plan[monday] <= room[monday] for monday in plan)
