"""Nobody approves what they did not read, nor what is being changed."""

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connections

from partage.experts.models import Absence
from partage.journal.actions import ActionRefused
from partage.people.models import Role
from partage.timesheets import queries
from partage.timesheets.actions import (
    Cell,
    approve_week,
    approve_weeks,
    lock_month,
    recall_week,
    reopen_week,
    send_back_week,
    submit_week,
    unlock_month,
    write_time,
)
from partage.timesheets.actions.approval import (
    MonthNotOver,
    OwnWeek,
    RemarkMissing,
    WeekChangedMeanwhile,
    WeekNotBegun,
    WeekNotSubmitted,
)
from partage.timesheets.actions.opening import MonthIsLocked, WeekApproved
from partage.timesheets.models import Week
from partage.timesheets.queries import Key
from tests import builders

MONDAY = date(2025, 3, 31)


def submitted(expert, mandate, minutes=420):
    by = builders.actor()
    write_time(
        expert_id=expert.pk,
        monday=MONDAY,
        cells=[Cell(Key(MONDAY, mandate.pk), minutes)],
        by=by,
    )
    return submit_week(expert_id=expert.pk, monday=MONDAY, by=by)


@pytest.fixture
def expert(db):
    return builders.expert("Karim Benali", account=builders.user(Role.EXPERT))


@pytest.fixture
def mandate(expert):
    return builders.mandate(expert)


class TestApproval:
    def test_a_week_goes_from_open_to_submitted_to_approved(self, expert, mandate):
        week = submitted(expert, mandate)
        assert list(queries.approved_time([mandate.pk], date(2025, 4, 30))) == []
        approve_week(week_id=week.pk, version=week.version, by=builders.actor())
        assert queries.approved_time([mandate.pk], date(2025, 4, 30)).count() == 1
        assert queries.approved_time([mandate.pk], date(2025, 3, 30)).count() == 0
        with pytest.raises(WeekApproved):
            recall_week(expert_id=expert.pk, monday=MONDAY, by=builders.actor())

    def test_what_changed_since_it_was_read_is_not_approved(self, expert, mandate):
        read = submitted(expert, mandate)
        recall_week(expert_id=expert.pk, monday=MONDAY, by=builders.actor())
        submitted(expert, mandate, minutes=480)
        with pytest.raises(WeekChangedMeanwhile):
            approve_week(week_id=read.pk, version=read.version, by=builders.actor())

    def test_many_weeks_are_approved_together_or_not_at_all(self, expert, mandate):
        other = builders.expert()
        good = submitted(other, builders.mandate(other))
        stale = submitted(expert, mandate)
        weeks = [(good.pk, good.version), (stale.pk, stale.version - 1)]
        with pytest.raises(WeekChangedMeanwhile):
            approve_weeks(weeks=weeks, by=builders.actor())
        assert not Week.objects.filter(status=Week.Status.APPROVED).exists()

    def test_nobody_approves_their_own_week(self, expert, mandate):
        week = submitted(expert, mandate)
        with pytest.raises(OwnWeek):
            approve_week(
                week_id=week.pk,
                version=week.version,
                by=builders.actor(expert.user),
            )

    def test_a_week_sent_back_is_open_with_its_remark(self, expert, mandate):
        week = submitted(expert, mandate)
        with pytest.raises(RemarkMissing):
            send_back_week(week_id=week.pk, remark="  ", by=builders.actor())
        send_back_week(
            week_id=week.pk, remark="Le 31 était en congé.", by=builders.actor()
        )
        week.refresh_from_db()
        assert (week.status, week.remark) == ("OPEN", "Le 31 était en congé.")
        submit_week(expert_id=expert.pk, monday=MONDAY, by=builders.actor())
        week.refresh_from_db()
        assert week.remark == ""

    def test_an_approved_week_reopens_unless_its_month_is_locked(self, expert, mandate):
        week = submitted(expert, mandate)
        approve_week(week_id=week.pk, version=week.version, by=builders.actor())
        lock_month(first_day=MONDAY, by=builders.actor())
        with pytest.raises(MonthIsLocked):
            reopen_week(week_id=week.pk, remark="Erreur", by=builders.actor())
        unlock_month(first_day=MONDAY, by=builders.actor())
        reopen_week(week_id=week.pk, remark="Erreur", by=builders.actor())
        week.refresh_from_db()
        assert (week.status, week.approved_at) == ("OPEN", None)

    def test_a_week_to_come_and_a_month_under_way_wait(self, expert):
        with pytest.raises(WeekNotBegun):
            submit_week(
                expert_id=expert.pk, monday=date(2025, 4, 14), by=builders.actor()
            )
        with pytest.raises(MonthNotOver):
            lock_month(first_day=date(2025, 4, 1), by=builders.actor())


class TestLateWeeks:
    def test_who_was_away_all_week_is_not_late_and_who_submitted_neither(
        self, expert, mandate
    ):
        away = builders.expert("Joanie Côté")
        Absence.objects.create(
            expert=away, starts_on=MONDAY, ends_on=MONDAY + timedelta(days=6)
        )
        late = builders.expert("Luc Gagnon", account=builders.user(Role.EXPERT))
        submitted(expert, mandate)
        found = queries.late_weeks(date(2025, 4, 7))
        assert [(one.user, one.monday, one.expected) for one in found] == [
            (late.user, MONDAY, 2100)
        ]

    def test_it_asks_as_many_questions_for_ten_experts_as_for_one(
        self, expert, django_assert_max_num_queries
    ):
        for _n in range(10):
            builders.expert()
        with django_assert_max_num_queries(6):
            assert len(queries.late_weeks(date(2025, 4, 7))) == 11


class TestExpectedMinutes:
    def test_holidays_follow_the_experts_province(self, db):
        # Easter Monday is a day of work in Québec; Good Friday is not.
        monday = date(2025, 4, 14)
        expert = builders.expert(province="QC")
        assert queries.expected_minutes(
            expert.pk, monday, monday + timedelta(days=6)
        ) == (4 * 420)
        assert [
            off.holiday.name_fr
            for off in queries.days_off(
                expert, monday, monday + timedelta(days=6)
            ).values()
        ] == ["Vendredi saint"]

    def test_half_a_day_away_leaves_the_other_half(self, db):
        expert = builders.expert()
        Absence.objects.create(
            expert=expert,
            starts_on=date(2025, 4, 8),
            ends_on=date(2025, 4, 8),
            half_days=True,
        )
        assert queries.expected_minutes(
            expert.pk, date(2025, 4, 7), date(2025, 4, 13)
        ) == (4 * 420 + 210)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_a_week_recalled_while_it_is_approved_ends_as_one_or_the_other(attempt):
    expert = builders.expert()
    mandate = builders.mandate(expert)
    week = submitted(expert, mandate)
    by, both, refused = builders.actor(), Barrier(2), []

    def approves():
        approve_week(week_id=week.pk, version=week.version, by=by)

    def corrects():
        recall_week(expert_id=expert.pk, monday=MONDAY, by=by)
        cell = Cell(Key(MONDAY, mandate.pk), 480)
        write_time(expert_id=expert.pk, monday=MONDAY, cells=[cell], by=by)

    def run(act):
        both.wait()
        try:
            act()
        except ActionRefused as why:
            refused.append(type(why))
        finally:
            connections.close_all()

    pair = [Thread(target=run, args=[act]) for act in (approves, corrects)]
    for one in pair:
        one.start()
    for one in pair:
        one.join()
    week.refresh_from_db()
    minutes = queries.minutes_by_mandate([mandate.pk])[mandate.pk]
    assert (week.status, minutes, refused) in [
        ("APPROVED", 420, [WeekApproved]),
        ("OPEN", 480, [WeekNotSubmitted]),
    ]
