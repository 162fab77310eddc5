from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partage.rules.calendar import (
    PROVINCES,
    Absence,
    WeeklySchedule,
    by_week,
    days,
    days_of_week,
    expected_presence,
    fiscal_year,
    holidays_between,
    last_of_month,
    monday_of,
    months_after,
    public_holidays,
    weeks,
    working_minutes,
)

a_day = st.dates(date(1990, 1, 1), date(2090, 12, 31))
FULL_TIME = WeeklySchedule(date(2024, 4, 1), (420, 420, 420, 420, 420, 0, 0))


class TestFiscalYear:
    @pytest.mark.parametrize("on", [date(2024, 4, 1), date(2025, 3, 31)])
    def test_runs_from_april_to_the_end_of_march(self, on):
        year = fiscal_year(on, 4)
        assert (year.first_day, year.last_day) == (date(2024, 4, 1), date(2025, 3, 31))
        assert year.label == "2024-2025"
        assert on in year

    def test_has_one_year_in_its_label_when_it_begins_in_january(self):
        year = fiscal_year(date(2025, 6, 1), 1)
        assert (year.label, year.last_day) == ("2025", date(2025, 12, 31))

    def test_ends_on_the_29th_of_february_of_a_leap_year(self):
        assert fiscal_year(date(2023, 3, 1), 3).last_day == date(2024, 2, 29)

    @given(a_day, st.integers(1, 12))
    def test_holds_its_day_and_touches_the_next_year(self, on, first_month):
        year = fiscal_year(on, first_month)
        after = fiscal_year(year.last_day + timedelta(days=1), first_month)
        assert on in year
        assert year.first_day.month == first_month
        assert after.first_day == year.last_day + timedelta(days=1)


class TestMonths:
    @pytest.mark.parametrize(
        ("day", "months", "after"),
        [
            (date(2025, 1, 31), 1, date(2025, 2, 28)),
            (date(2024, 1, 31), 1, date(2024, 2, 29)),
            (date(2025, 1, 31), 2, date(2025, 3, 31)),
            (date(2024, 12, 15), 1, date(2025, 1, 15)),
            (date(2024, 11, 30), 12, date(2025, 11, 30)),
        ],
    )
    def test_after_a_day_keep_it_where_the_month_is_long_enough(
        self, day, months, after
    ):
        assert months_after(day, months) == after

    @given(a_day, st.integers(0, 120))
    def test_after_one_another_are_never_the_same_month(self, day, months):
        after = months_after(day, months)
        elapsed = (after.year - day.year) * 12 + after.month - day.month
        assert elapsed == months
        assert after.day == min(day.day, last_of_month(after).day)

    @given(a_day)
    def test_end_the_day_before_the_next_begins(self, day):
        after = last_of_month(day) + timedelta(days=1)
        assert (after.day, last_of_month(day).month) == (1, day.month)


class TestWeeks:
    def test_begin_on_monday(self):
        assert monday_of(date(2025, 4, 6)) == date(2025, 3, 31)
        assert days_of_week(date(2025, 4, 2))[6] == date(2025, 4, 6)

    def test_are_all_those_the_window_touches(self):
        assert weeks(date(2025, 4, 6), date(2025, 4, 7)) == (
            date(2025, 3, 31),
            date(2025, 4, 7),
        )

    @given(a_day, st.integers(0, 400))
    def test_leave_out_no_day(self, start, length):
        end = start + timedelta(days=length)
        touched = {monday_of(day) for day in days(start, end)}
        assert weeks(start, end) == tuple(sorted(touched))

    def test_refuse_a_window_that_ends_before_it_starts(self):
        with pytest.raises(ValueError, match="before the start"):
            weeks(date(2025, 4, 7), date(2025, 4, 4))


class TestPublicHolidays:
    @pytest.mark.parametrize(
        ("province", "on", "off"),
        [
            ("QC", date(2025, 6, 24), True),
            ("ON", date(2025, 6, 24), False),
            ("ON", date(2025, 2, 17), True),
            ("QC", date(2025, 2, 17), False),
            ("QC", date(2025, 12, 26), False),
            ("ON", date(2025, 12, 26), True),
            ("NB", date(2025, 8, 4), True),
            ("AB", date(2025, 8, 4), False),
            ("NS", date(2025, 11, 11), True),
            ("QC", date(2025, 4, 21), False),
        ],
    )
    def test_are_those_that_the_law_of_each_province_gives(self, province, on, off):
        assert (on in {day.on for day in public_holidays(province, 2025)}) is off

    def test_are_eight_a_year_in_quebec(self):
        assert len(public_holidays("QC", 2025)) == 8

    def test_say_that_easter_monday_is_for_the_employer_to_give(self):
        kept = public_holidays("QC", 2025, with_optional=True)
        monday = next(day for day in kept if day.on == date(2025, 4, 21))
        assert (monday.name("fr"), monday.statutory) == ("Lundi de Pâques", False)

    def test_have_their_name_in_both_languages(self):
        patriots = public_holidays("QC", 2025)[2]
        assert patriots.name("fr-ca") == "Journée nationale des patriotes"
        assert patriots.name("en") == "National Patriots’ Day"
        names = {day.name_fr for day in public_holidays("NB", 2025)}
        assert "Jour du Nouveau-Brunswick" in names

    @pytest.mark.parametrize("province", PROVINCES)
    def test_are_known_in_each_province_in_order(self, province):
        on = [day.on for day in public_holidays(province, 2026, with_optional=True)]
        assert on == sorted(set(on))
        assert {day.year for day in on} == {2026}

    def test_refuse_a_province_that_is_none(self):
        with pytest.raises(ValueError, match="province is 'FR'"):
            public_holidays("FR", 2025)


class TestWorkingMinutes:
    def test_count_three_days_at_home_in_quebec_the_week_of_saint_john(self):
        monday, friday = date(2025, 6, 23), date(2025, 6, 27)
        minutes = working_minutes(
            [FULL_TIME],
            [Absence(date(2025, 6, 27), date(2025, 7, 4))],
            holidays_between("QC", monday, friday),
            monday,
            friday,
        )
        assert list(minutes.values()) == [420, 0, 420, 420, 0]

    def test_follow_the_schedule_that_began_last_and_stop_when_it_ends(self):
        four_days = WeeklySchedule(
            date(2025, 4, 9), (450, 450, 450, 450, 0, 0, 0), date(2025, 4, 15)
        )
        minutes = working_minutes(
            [four_days, FULL_TIME], [], [], date(2025, 4, 7), date(2025, 4, 20)
        )
        assert by_week(minutes) == {
            date(2025, 4, 7): 420 + 420 + 450 + 450,
            date(2025, 4, 14): 450 + 450,
        }

    def test_are_none_before_the_first_schedule(self):
        day = date(2024, 3, 29)
        assert working_minutes([FULL_TIME], [], [], day, day) == {day: 0}

    def test_lose_half_a_day_and_then_the_whole_but_never_more(self):
        day = date(2025, 4, 7)
        half = Absence(day, day, Decimal("0.5"))
        odd = WeeklySchedule(date(2025, 1, 1), (455, 0, 0, 0, 0, 0, 0))
        left = [
            working_minutes([odd], [half] * times, [], day, day)[day]
            for times in (1, 2, 3)
        ]
        assert left == [228, 0, 0]

    @given(st.lists(st.integers(0, 600), min_size=7, max_size=7), a_day)
    def test_add_up_to_the_same_by_day_and_by_week(self, week, start):
        schedule = WeeklySchedule(date(1980, 1, 1), tuple(week))
        end = start + timedelta(days=27)
        minutes = working_minutes([schedule], [], [], start, end)
        assert sum(minutes.values()) == sum(by_week(minutes).values()) == 4 * sum(week)

    def test_refuse_two_schedules_that_begin_on_one_day(self):
        with pytest.raises(ValueError, match="begin on the same day"):
            working_minutes([FULL_TIME] * 2, [], [], date(2025, 1, 1), date(2025, 1, 2))

    def test_refuse_a_week_of_six_days_and_a_day_of_25_hours(self):
        with pytest.raises(ValueError, match="seven"):
            WeeklySchedule(date(2025, 1, 1), (420,) * 6)
        with pytest.raises(ValueError, match="0 to 1440"):
            WeeklySchedule(date(2025, 1, 1), (1500, 0, 0, 0, 0, 0, 0))


class TestExpectedPresence:
    WEEK = (WeeklySchedule(date(2020, 1, 1), (420,) * 5 + (0, 0)),)

    def presence(self, absences=(), *, leave, last=date(2025, 4, 11)):
        return expected_presence(
            self.WEEK, absences, (), date(2025, 4, 7), last, leave_days=Decimal(leave)
        )

    def test_is_35_hours_of_a_week_without_leave(self):
        assert self.presence(leave=0) == 35 * 60

    def test_takes_off_25_days_of_a_year_from_now(self):
        # 261 days of 7 h, less 25 of them.
        assert self.presence(leave=25, last=date(2026, 4, 6)) == (261 - 25) * 420

    def test_does_not_count_twice_the_absences_already_known(self):
        known = [Absence(date(2025, 7, 7), date(2025, 7, 18))]  # 10 days
        assert self.presence(known, leave=25, last=date(2026, 4, 6)) == 236 * 420
        assert self.presence(known, leave=5, last=date(2026, 4, 6)) == 251 * 420

    def test_is_never_below_zero_and_refuses_negative_leave(self):
        assert self.presence(leave=100_000) == 0
        with pytest.raises(ValueError, match="zero or more"):
            self.presence(leave=-1)
