"""The months of a closed year stay locked until it is opened again."""

from datetime import date

import pytest

from partage.closing.actions import open_month, reopen_year
from partage.closing.actions.months import YearOfMonthClosed, YearOfMonthInWriting
from partage.closing.models import Proposal
from partage.people.models import Role
from partage.timesheets.actions import lock_month
from partage.timesheets.actions.approval import MonthNotLocked
from partage.timesheets.models import LockedMonth
from tests import builders
from tests.rooms.closing.conftest import adopted, fund, post, resolve

MARCH = date(2025, 3, 1)


def opens(day: date = MARCH) -> None:
    open_month(first_day=day, by=builders.actor())


@pytest.fixture
def proposal(year):
    fund("115970.00")
    return adopted(year)


class TestAMonth:
    def test_of_a_year_that_is_not_closed_opens(self, proposal):
        lock_month(first_day=MARCH, by=builders.actor())
        opens()
        assert not LockedMonth.objects.exists()
        with pytest.raises(MonthNotLocked):
            opens()

    def test_of_a_closed_year_says_to_open_the_year_first(self, proposal):
        post(proposal)
        with pytest.raises(YearOfMonthClosed, match="2024-2025, qui est clos"):
            opens()
        assert LockedMonth.objects.filter(first_day=MARCH).exists()
        resolution = resolve(proposal, number="AG-9", text="Rouvrir 2024-2025.")
        reopened = reopen_year(
            year_id=proposal.year_id, reason="Facture oubliée",
            resolution_id=resolution.pk, by=builders.actor(),
        )  # fmt: skip
        assert reopened.reason == "Facture oubliée"
        opens()
        assert not LockedMonth.objects.filter(first_day=MARCH).exists()

    def test_of_a_year_that_is_being_written_waits(self, proposal):
        lock_month(first_day=MARCH, by=builders.actor())
        Proposal.objects.filter(pk=proposal.pk).update(status="POSTING")
        with pytest.raises(YearOfMonthInWriting):
            opens()

    def test_of_another_year_does_not_mind(self, proposal):
        post(proposal)
        before = date(2024, 3, 1)
        lock_month(first_day=before, by=builders.actor())
        opens(before)


def test_a_treasurer_is_told_on_the_page(client, proposal):
    post(proposal)
    client.force_login(builders.user(Role.FINANCE))
    answer = client.post("/finances/mois/", {"month": "2025-03-01", "do": "unlock"})
    assert answer.status_code == 409
    assert "rouvrir l’exercice" in answer.content.decode()
