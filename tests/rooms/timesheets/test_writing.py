"""A week is written whole or not at all, and nobody's hours are lost."""

from collections import defaultdict
from datetime import date, timedelta
from threading import Thread

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partage.experts.models import Absence
from partage.journal.models import Entry
from partage.mandates.models import Mandate
from partage.timesheets import queries
from partage.timesheets.actions import (
    Cell,
    CellsRefused,
    TimeChangedMeanwhile,
    copy_last_week,
    lock_month,
    move_entry,
    submit_week,
    write_time,
)
from partage.timesheets.actions.opening import (
    MandateClosed,
    MandateNotOpenYet,
    MonthIsLocked,
    MoreThanADay,
    NotHereYet,
    NotInTheWeek,
    NotOnTheTeam,
    TooFarAhead,
    WeekSubmitted,
)
from partage.timesheets.actions.writing import NothingToCopy, WeekNotEmpty
from partage.timesheets.models import TimeEntry
from partage.timesheets.queries import Key
from tests import builders

MONDAY = date(2025, 4, 7)
DAYS = [MONDAY + timedelta(days=n) for n in range(7)]


def held(expert):
    return {
        queries.key_of(entry): (entry.minutes, entry.note)
        for entry in TimeEntry.objects.filter(expert=expert)
    }


def write(expert, *cells, **more):
    return write_time(
        **{
            "expert_id": expert.pk,
            "monday": MONDAY,
            "cells": cells,
            "by": builders.actor(),
            **more,
        }
    )


@pytest.fixture
def expert(db):
    return builders.expert("Maude Arsenault")


@pytest.fixture
def mandate(expert):
    return builders.mandate(expert)


class TestWriteTime:
    def test_what_is_written_is_read_and_zero_empties_a_cell(self, expert, mandate):
        key = Key(MONDAY, mandate.pk)
        write(expert, Cell(key, 450, "Rédigé le projet de bail"))
        assert held(expert) == {key: (450, "Rédigé le projet de bail")}
        write(expert, Cell(key, 0, "une note sans temps"))
        assert held(expert) == {}

    def test_cells_that_are_not_named_stay_as_they_are(self, expert, mandate):
        write(expert, Cell(Key(DAYS[0], mandate.pk), 60))
        write(expert, Cell(Key(DAYS[1], None, builders.activity().pk), 30))
        assert sorted(m for m, _note in held(expert).values()) == [30, 60]

    def test_two_tabs_that_write_different_cells_keep_both(self, expert, mandate):
        write(expert, Cell(Key(DAYS[0], mandate.pk), 60), seen={})
        # The second tab was opened before: it shows the Monday empty.
        write(
            expert,
            Cell(Key(DAYS[0], mandate.pk), 0),
            Cell(Key(DAYS[1], mandate.pk), 90),
            seen={},
        )
        assert sorted(m for m, _note in held(expert).values()) == [60, 90]

    def test_two_tabs_that_write_one_cell_do_not_overwrite_silently(
        self, expert, mandate
    ):
        key = Key(MONDAY, mandate.pk)
        write(expert, Cell(key, 60), seen={})
        with pytest.raises(TimeChangedMeanwhile) as refused:
            write(expert, Cell(key, 90), Cell(Key(DAYS[1], mandate.pk), 45), seen={})
        assert refused.value.cells == {key: (60, "")}
        assert held(expert) == {key: (60, "")}
        # Having seen the 60, the same person may write over it.
        write(expert, Cell(key, 90), seen={key: (60, "")})
        assert held(expert) == {key: (90, "")}

    def test_one_bad_cell_leaves_the_others_unwritten(self, expert, mandate):
        other = builders.mandate()
        with pytest.raises(CellsRefused) as refused:
            write(
                expert,
                Cell(Key(MONDAY, mandate.pk), 60),
                Cell(Key(MONDAY, other.pk), 60),
            )
        assert [type(why) for why in refused.value.cells.values()] == [NotOnTheTeam]
        assert held(expert) == {}

    @pytest.mark.parametrize(
        ("on", "why"),
        [
            (date(2025, 4, 8), MandateNotOpenYet),
            (date(2025, 4, 11), MandateClosed),
            (date(2025, 4, 14), NotInTheWeek),
        ],
    )
    def test_a_day_outside_the_mandates_life_or_the_week_is_refused(
        self, expert, on, why
    ):
        mandate = builders.mandate(
            expert,
            status=Mandate.Status.CLOSED,
            opened_on=date(2025, 4, 9),
            closed_on=date(2025, 4, 10),
        )
        key = Key(on, mandate.pk)
        with pytest.raises(CellsRefused) as refused:
            write(expert, Cell(key, 60))
        assert type(refused.value.cells[key]) is why
        write(expert, Cell(Key(date(2025, 4, 10), mandate.pk), 60))

    def test_a_day_of_25_hours_is_refused_and_one_of_24_is_not(self, expert, mandate):
        other = builders.activity()
        write(expert, Cell(Key(MONDAY, mandate.pk), 1080))
        with pytest.raises(CellsRefused) as refused:
            write(expert, Cell(Key(MONDAY, None, other.pk), 420))
        assert [type(why) for why in refused.value.cells.values()] == [MoreThanADay]
        write(expert, Cell(Key(MONDAY, None, other.pk), 360))
        assert sum(m for m, _note in held(expert).values()) == 1440

    def test_nothing_is_written_before_the_expert_came_nor_far_ahead(self, expert):
        activity = builders.activity()
        for monday, why in (
            (date(2019, 12, 23), NotHereYet),
            (date(2025, 5, 12), TooFarAhead),
        ):
            with pytest.raises(CellsRefused) as refused:
                write(expert, Cell(Key(monday, None, activity.pk), 60), monday=monday)
            assert [type(one) for one in refused.value.cells.values()] == [why]

    def test_a_locked_month_refuses_its_days_and_leaves_the_others(
        self, expert, mandate
    ):
        monday = date(2025, 3, 31)
        lock_month(first_day=date(2025, 3, 1), by=builders.actor())
        with pytest.raises(CellsRefused) as refused:
            write(expert, Cell(Key(monday, mandate.pk), 60), monday=monday)
        assert [type(w) for w in refused.value.cells.values()] == [MonthIsLocked]
        write(expert, Cell(Key(date(2025, 4, 1), mandate.pk), 60), monday=monday)

    def test_a_submitted_week_refuses_its_expert_but_not_a_delegate(
        self, expert, mandate
    ):
        key = Key(MONDAY, mandate.pk)
        write(expert, Cell(key, 60))
        submit_week(expert_id=expert.pk, monday=MONDAY, by=builders.actor())
        with pytest.raises(WeekSubmitted):
            write(expert, Cell(key, 90))
        lea = builders.actor()
        week = write(expert, Cell(key, 90), by=lea, delegate=True)
        told = Entry.objects.filter(subject="timesheets.Week", subject_id=week.pk)
        last = told.latest("id")
        assert (last.actor_id, last.details["cells"][0]["before"]) == (lea.user_id, 60)

    def test_writing_the_same_again_says_nothing_in_the_journal(self, expert, mandate):
        write(expert, Cell(Key(MONDAY, mandate.pk), 60))
        before = Entry.objects.count()
        week = write(expert, Cell(Key(MONDAY, mandate.pk), 60))
        assert (Entry.objects.count(), week.version) == (before, 1)

    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        typed=st.dictionaries(
            st.tuples(st.integers(0, 6), st.integers(0, 2)),
            st.tuples(st.integers(0, 480), st.text("aé ’", max_size=5)),
        ),
        again=st.dictionaries(
            st.tuples(st.integers(0, 6), st.integers(0, 2)),
            st.tuples(st.integers(0, 480), st.just("")),
        ),
    )
    def test_the_last_written_is_what_is_read_and_it_adds_up(
        self, expert, mandate, typed, again
    ):
        rows = [(mandate.pk, None), (None, builders.activity().pk)]
        rows.append((None, builders.activity("equipe", "Rencontres").pk))
        TimeEntry.objects.filter(expert=expert).delete()
        model = {}
        for layer in (typed, again):
            cells = [
                Cell(Key(DAYS[day], *rows[row]), minutes, note)
                for (day, row), (minutes, note) in layer.items()
            ]
            write(expert, *cells)
            model |= {cell.key: cell.written for cell in cells}
        model = {key: value for key, value in model.items() if value[0]}
        assert held(expert) == model
        by_row = defaultdict(int)
        for key, (minutes, _note) in model.items():
            by_row[key.mandate_id] += minutes
        worked = queries.hours_in(MONDAY, DAYS[-1])
        assert worked.mandates == by_row[mandate.pk]
        assert worked.internal == by_row[None]
        assert queries.minutes_by_mandate([mandate.pk]) == {
            mandate.pk: by_row[mandate.pk]
        }


class TestCopyLastWeek:
    def test_holidays_and_absences_of_the_new_week_are_left_out(self, expert, mandate):
        # In Québec Good Friday is 18 April 2025; the expert is away on the 16th.
        write(expert, *[Cell(Key(day, mandate.pk), 420, "x") for day in DAYS[:5]])
        Absence.objects.create(
            expert=expert, starts_on=date(2025, 4, 16), ends_on=date(2025, 4, 16)
        )
        monday = date(2025, 4, 14)
        _week, left_out = copy_last_week(
            expert_id=expert.pk, monday=monday, by=builders.actor()
        )
        copied = TimeEntry.objects.filter(expert=expert, on__gte=monday)
        assert sorted(entry.on.day for entry in copied) == [14, 15, 17]
        assert left_out == 2
        assert {entry.note for entry in copied} == {""}

    def test_a_week_with_hours_is_not_copied_over(self, expert, mandate):
        write(expert, Cell(Key(MONDAY, mandate.pk), 60))
        with pytest.raises(WeekNotEmpty):
            copy_last_week(expert_id=expert.pk, monday=MONDAY, by=builders.actor())
        with pytest.raises(NothingToCopy):
            copy_last_week(
                expert_id=expert.pk, monday=date(2025, 4, 21), by=builders.actor()
            )


class TestMoveEntry:
    def test_moved_minutes_add_to_those_of_the_day(self, expert, mandate):
        write(
            expert,
            Cell(Key(DAYS[0], mandate.pk), 60, "appel"),
            Cell(Key(DAYS[1], mandate.pk), 30, "suivi"),
        )
        entry = TimeEntry.objects.get(on=DAYS[0])
        move_entry(entry_id=entry.pk, to=DAYS[1], by=builders.actor())
        assert held(expert) == {Key(DAYS[1], mandate.pk): (90, "suivi · appel")}

    def test_an_entry_moves_to_another_week(self, expert, mandate):
        write(expert, Cell(Key(DAYS[0], mandate.pk), 60))
        to = date(2025, 3, 28)
        move_entry(entry_id=TimeEntry.objects.get().pk, to=to, by=builders.actor())
        entry = TimeEntry.objects.get()
        assert (entry.on, entry.week.monday) == (to, date(2025, 3, 24))

    def test_a_refused_move_leaves_the_entry_where_it_was(self, expert, mandate):
        write(expert, Cell(Key(DAYS[0], mandate.pk), 60))
        lock_month(first_day=date(2025, 3, 1), by=builders.actor())
        with pytest.raises(CellsRefused):
            move_entry(
                entry_id=TimeEntry.objects.get().pk,
                to=date(2025, 3, 28),
                by=builders.actor(),
            )
        assert held(expert) == {Key(DAYS[0], mandate.pk): (60, "")}


@pytest.mark.django_db(transaction=True)
def test_the_same_week_written_at_once_by_many_keeps_every_cell():
    expert = builders.expert()
    mandate = builders.mandate(expert)
    by = builders.actor()
    problems = []

    def tab(day):
        try:
            write(expert, Cell(Key(day, mandate.pk), 60), by=by, seen={})
        except Exception as problem:
            problems.append(problem)
        finally:
            connections.close_all()

    tabs = [Thread(target=tab, args=[day]) for day in DAYS]
    for one in tabs:
        one.start()
    for one in tabs:
        one.join()
    assert problems == []
    assert len(held(expert)) == 7
