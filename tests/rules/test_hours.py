from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partage.rules.hours import (
    UnreadableHours,
    format_minutes,
    parse_minutes,
    spread_minutes,
)


class TestParseMinutes:
    @pytest.mark.parametrize(
        ("typed", "minutes"),
        [
            ("7,5", 450),
            ("7.5", 450),
            ("7h30", 450),
            ("7H30", 450),
            ("7:30", 450),
            ("07:05", 425),
            (":30", 30),
            ("7 h", 420),
            ("7\u00a0h\u00a030", 450),
            ("7", 420),
            ("7,", 420),
            ("45 min", 45),
            ("90m", 90),
            ("1 h 15", 75),
            ("1h15m", 75),
            ("1 h 5", 65),
            ("2 heures et 5 minutes", 125),
            ("2 hours and 5 minutes", 125),
            ("1,5 h", 90),
            (",5", 30),
            (".25", 15),
            ("7,333", 440),
            ("0,0083", 0),
            ("0,00834", 1),
            ("24", 1440),
            ("0", 0),
            ("", 0),
            (" \u00a0", 0),
            ("—", 0),
        ],
    )
    def test_reads_what_people_type(self, typed, minutes):
        assert parse_minutes(typed) == minutes

    @pytest.mark.parametrize(
        ("typed", "reason", "maybe"),
        [
            ("25", "too_long", (25,)),
            ("45", "too_long", (45,)),
            ("25 h", "too_long", ()),
            ("24:01", "too_long", ()),
            ("-2", "negative", ()),
            ("−2 h", "negative", ()),
            ("(2,5)", "negative", ()),
            ("7:75", "minutes_over_59", (495,)),
            ("7h60", "minutes_over_59", (480,)),
            ("7:5", "ambiguous", (425, 470)),
            ("7:6", "ambiguous", (426,)),
            ("7 30", "ambiguous", (450,)),
            ("7 90", "ambiguous", ()),
            ("sept", "unreadable", ()),
            ("h", "unreadable", ()),
            (":", "unreadable", ()),
            ("7,5 h 30", "unreadable", ()),
            ("1,2,3", "unreadable", ()),
            ("7:30:00", "unreadable", ()),
            ("٧", "unreadable", ()),
            ("1e3", "unreadable", ()),
            ("nan", "unreadable", ()),
        ],
    )
    def test_refuses_the_rest_and_offers_what_was_perhaps_meant(
        self, typed, reason, maybe
    ):
        with pytest.raises(UnreadableHours) as refused:
            parse_minutes(typed)
        assert refused.value.text == typed
        assert (refused.value.reason, refused.value.maybe) == (reason, maybe)

    def test_reads_the_hours_of_a_whole_year_when_no_day_limits_them(self):
        assert parse_minutes("85 487 h", at_most=None) == 85_487 * 60
        assert parse_minutes("1 530,5", at_most=None) == 91_830

    @given(st.text(max_size=12))
    def test_never_fails_in_any_other_way(self, typed):
        with suppress(UnreadableHours):
            assert 0 <= parse_minutes(typed) <= 1440


class TestFormatMinutes:
    @pytest.mark.parametrize(
        ("minutes", "french", "english"),
        [
            (450, "7 h 30", "7 h 30 min"),
            (425, "7 h 05", "7 h 5 min"),
            (420, "7 h", "7 h"),
            (45, "45 min", "45 min"),
            (0, "0 h", "0 h"),
            (-75, "−1 h 15", "−1 h 15 min"),
            (85_487 * 60, "85 487 h", "85 487 h"),
        ],
    )
    def test_writes_time_as_it_is_read(self, minutes, french, english):
        assert format_minutes(minutes, "fr-ca") == french.replace(" ", "\u00a0")
        assert format_minutes(minutes, "en") == english.replace(" ", "\u00a0")

    @given(st.integers(0, 10**8), st.sampled_from(["fr", "en"]))
    def test_is_read_back_as_the_same_time(self, minutes, language):
        written = format_minutes(minutes, language)
        assert parse_minutes(written, at_most=None) == minutes


class TestSpreadMinutes:
    def test_a_planned_day_and_a_half_falls_on_each_day_of_the_week(self):
        assert spread_minutes(630, [420] * 5 + [0, 0]) == (
            135,
            135,
            120,
            120,
            120,
            0,
            0,
        )

    def test_a_friday_off_gets_nothing(self):
        assert spread_minutes(60, [420, 420, 0]) == (30, 30, 0)

    @given(
        minutes=st.integers(0, 6000),
        weights=st.lists(st.integers(0, 600), min_size=1, max_size=7),
    )
    def test_the_shares_add_up_and_nothing_falls_on_a_day_off(self, minutes, weights):
        shares = spread_minutes(minutes, weights)
        assert sum(shares) == (minutes if any(weights) else 0)
        assert all(
            share == 0 for share, w in zip(shares, weights, strict=True) if not w
        )
        assert all(share >= 0 for share in shares)
