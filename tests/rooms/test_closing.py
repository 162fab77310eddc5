"""A year is closed once, by a resolution, when nothing in it can still move."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from partage.billing.actions import delete_draft, issue_invoice
from partage.closing.actions import (
    DraftsRemain,
    HoursNotApproved,
    ResolutionMissing,
    YearAlreadyClosed,
    YearNotOver,
    close_year,
)
from partage.closing.models import YearEnd
from partage.closing.queries import fiscal_year, year_totals
from partage.governance.actions import record_resolution
from partage.timesheets.models import LockedMonth, Week
from tests import builders

START, END = date(2024, 4, 1), date(2025, 3, 31)


@pytest.fixture(autouse=True)
def _house(db):
    builders.cooperative()
    builders.taxes()


@pytest.fixture
def resolution():
    return record_resolution(
        body="GENERAL",
        held_on=date(2025, 4, 5),
        number="AGA-2025-03",
        text="Clore l’exercice 2024-2025.",
        by=builders.actor(),
    )


@pytest.fixture
def year():
    """100 hours sold in March, of which an invoice of April bills 140 $."""
    expert = builders.expert()
    mandate = builders.mandate(expert)
    for day in range(3, 13):
        builders.worked(expert, mandate, 600, date(2025, 3, day))
    builders.worked(expert, mandate, 60, date(2025, 4, 1))
    issue_invoice(invoice_id=builders.draft(on=mandate).pk, by=builders.actor())
    return mandate


def close(resolution, **more):
    return close_year(
        **{
            "starts_on": START,
            "ends_on": END,
            "resolution_id": resolution.pk if resolution else None,
            "by": builders.actor(),
            **more,
        }
    )


class TestFiscalYear:
    @pytest.mark.parametrize(
        ("on", "first_month", "year"),
        [
            (date(2025, 3, 31), 4, (date(2024, 4, 1), date(2025, 3, 31))),
            (date(2025, 4, 1), 4, (date(2025, 4, 1), date(2026, 3, 31))),
            (date(2024, 2, 29), 1, (date(2024, 1, 1), date(2024, 12, 31))),
            (date(2024, 12, 5), 3, (date(2024, 3, 1), date(2025, 2, 28))),
        ],
    )
    def test_it_starts_on_the_month_of_the_by_laws(self, on, first_month, year):
        assert fiscal_year(on, first_month=first_month) == year


class TestCloseYear:
    def test_it_freezes_the_hours_and_dollars_of_the_years_work(self, year, resolution):
        found = year_totals(START, END)
        assert (found.minutes, found.invoiced) == (6000, Decimal("140.00"))
        closed = close(resolution)
        assert (closed.minutes, closed.invoiced) == (6000, Decimal("140.00"))
        assert closed.resolution == resolution
        assert LockedMonth.objects.count() == 12
        with pytest.raises(YearAlreadyClosed):
            close(resolution)
        with pytest.raises(DatabaseError), transaction.atomic():
            YearEnd.objects.update(minutes=1)

    def test_a_year_under_way_waits(self, resolution):
        at = datetime.fromisoformat("2025-03-31T10:00:00-04:00")
        with pytest.raises(YearNotOver):
            close(resolution, by=builders.actor(at=at))

    def test_it_needs_a_resolution_that_was_adopted(self, year, resolution):
        with pytest.raises(ResolutionMissing):
            close(None)
        resolution.adopted = False
        resolution.save()
        with pytest.raises(ResolutionMissing):
            close(resolution)

    def test_hours_not_approved_and_drafts_hold_it_back(self, year, resolution):
        weeks = Week.objects.filter(monday=date(2025, 3, 3))
        weeks.update(status=Week.Status.SUBMITTED)
        with pytest.raises(HoursNotApproved):
            close(resolution)
        weeks.update(status=Week.Status.APPROVED)
        draft = builders.draft(on=year)
        with pytest.raises(DraftsRemain):
            close(resolution)
        # A refusal leaves the months as they were.
        assert not LockedMonth.objects.exists()
        delete_draft(invoice_id=draft.pk, by=builders.actor())
        assert close(resolution).status == YearEnd.Status.CLOSED
