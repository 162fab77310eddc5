"""Treasurers at the same moment, in real transactions: the year is written once."""

from datetime import date

import pytest

from partage.billing.models import Invoice
from partage.closing.actions import open_month, start_posting, work
from partage.closing.actions.running import RunUnderWay
from partage.closing.models import Posting, ReserveMovement, Run, YearEnd
from partage.journal.actions import ActionRefused
from partage.timesheets.actions import lock_month
from partage.timesheets.models import LockedMonth
from tests import builders
from tests.rooms.billing.test_races import together
from tests.rooms.closing.conftest import adopted, fund, house, people, year

__all__ = ["house", "people", "year"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def proposal(year):
    fund("115970.00")
    return adopted(year)


def test_4_treasurers_who_post_together_start_one_run(proposal):
    by = [builders.actor() for _n in range(4)]
    found = together(
        [
            lambda at=at: start_posting(proposal_id=proposal.pk, by=by[at])
            for at in range(4)
        ]
    )
    started = [one for one in found if isinstance(one, Run)]
    refused = [one for one in found if isinstance(one, RunUnderWay)]
    assert (len(started), len(refused)) == (1, 3), found


def test_3_workers_who_take_the_same_run_write_each_member_once(proposal):
    run = start_posting(proposal_id=proposal.pk, by=builders.actor())
    found = together([lambda: work(run.pk, at=builders.NOW)] * 3)
    assert all(isinstance(one, Run) for one in found), found
    run.refresh_from_db()
    if run.status != Run.Status.DONE:  # the one at work was the last to answer
        work(run.pk, at=builders.NOW)
        run.refresh_from_db()
    assert run.status == Run.Status.DONE, run.message
    assert Posting.objects.count() == 2
    assert Invoice.objects.filter(kind="CREDIT").count() == 2
    assert ReserveMovement.objects.filter(proposal=proposal).count() == 2
    assert YearEnd.objects.get().status == YearEnd.Status.CLOSED


def test_a_month_that_opens_while_the_year_is_written_waits_or_is_refused(proposal):
    march = date(2025, 3, 1)
    lock_month(first_day=march, by=builders.actor())
    run = start_posting(proposal_id=proposal.pk, by=builders.actor())
    by = builders.actor()
    _posted, opened = together(
        [
            lambda: work(run.pk, at=builders.NOW),
            lambda: open_month(first_day=march, by=by),
        ]
    )
    run.refresh_from_db()
    assert run.status == Run.Status.DONE, run.message
    # Opened before the writing began, it was locked again by it; else it was refused.
    assert opened is None or isinstance(opened, ActionRefused)
    assert LockedMonth.objects.filter(first_day=march).exists()
