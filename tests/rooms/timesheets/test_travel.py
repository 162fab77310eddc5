"""What a trip is paid, across the 5 000 km of the year."""

from datetime import date
from decimal import Decimal

import pytest

from partage.cli.reference import load_reference
from partage.timesheets.actions import (
    add_expense,
    add_trip,
    change_trip,
    remove_trip,
    submit_week,
)
from partage.timesheets.actions.opening import NotOnTheTeam, WeekSubmitted
from partage.timesheets.actions.travel import DayNotPassed
from partage.timesheets.models import Trip
from tests import builders


@pytest.fixture
def expert(db):
    load_reference()
    return builders.expert("Maude Arsenault")


@pytest.fixture
def mandate(expert):
    return builders.mandate(expert)


def trip(expert, mandate, km, on=date(2025, 4, 1), mode="CAR"):
    return add_trip(
        expert_id=expert.pk,
        on=on,
        mandate_id=mandate.pk,
        mode=mode,
        origin="Québec",
        destination="Rimouski",
        km=Decimal(km),
        by=builders.actor(),
    )


class TestTrips:
    def test_the_trip_that_crosses_5000_km_is_split_there(self, expert, mandate):
        assert trip(expert, mandate, "4900").amount == Decimal("3528.00")
        # 100 km at 0.72 and 200 km at 0.66
        assert trip(expert, mandate, "300").amount == Decimal("204.00")
        # Another year counts from zero, at its own rate.
        last_year = trip(expert, mandate, "100", on=date(2024, 12, 31))
        assert last_year.amount == Decimal("70.00")

    def test_the_bus_has_no_allowance_and_counts_no_km(self, expert, mandate):
        assert trip(expert, mandate, "5000", mode="TRANSIT").amount == 0
        assert trip(expert, mandate, "100").amount == Decimal("72.00")

    def test_an_open_trip_is_priced_again_when_an_earlier_one_goes(
        self, expert, mandate
    ):
        first, second = trip(expert, mandate, "5000"), trip(expert, mandate, "100")
        assert second.amount == Decimal("66.00")
        remove_trip(trip_id=first.pk, by=builders.actor())
        second.refresh_from_db()
        assert second.amount == Decimal("72.00")

    def test_a_submitted_trip_is_frozen_and_a_delegate_corrects_it(
        self, expert, mandate
    ):
        row = trip(expert, mandate, "100")
        submit_week(expert_id=expert.pk, monday=date(2025, 3, 31), by=builders.actor())
        with pytest.raises(WeekSubmitted):
            change_trip(trip_id=row.pk, km=Decimal(200), by=builders.actor())
        row = change_trip(
            trip_id=row.pk, km=Decimal(200), by=builders.actor(), delegate=True
        )
        assert row.amount == Decimal("144.00")

    def test_a_trip_moves_to_the_week_of_its_new_day(self, expert, mandate):
        row = trip(expert, mandate, "100")
        row = change_trip(trip_id=row.pk, on=date(2025, 3, 20), by=builders.actor())
        assert row.week.monday == date(2025, 3, 17)

    def test_a_trip_to_come_or_for_another_team_is_refused(self, expert, mandate):
        with pytest.raises(DayNotPassed):
            trip(expert, mandate, "10", on=date(2025, 4, 8))
        with pytest.raises(NotOnTheTeam):
            trip(expert, builders.mandate(), "10")
        assert not Trip.objects.exists()


def test_an_expense_keeps_its_receipt(expert, mandate):
    row = add_expense(
        expert_id=expert.pk,
        on=date(2025, 4, 3),
        mandate_id=mandate.pk,
        description="Stationnement",
        amount=Decimal("18.50"),
        receipt=("reçu.pdf", b"%PDF-1.7"),
        by=builders.actor(),
    )
    assert (row.receipt.name, row.week.monday) == ("reçu.pdf", date(2025, 3, 31))
