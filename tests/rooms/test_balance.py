from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from partage.balance.actions import ReadAlready, read_balance
from partage.balance.models import Reading
from partage.balance.queries import offer_and_demand, shared
from partage.planning.models import Assignment
from tests import builders

MONDAYS = [builders.TODAY + timedelta(weeks=at) for at in range(12)]


class TestShared:
    @given(st.integers(0, 10**7), st.integers(1, 40))
    def test_nothing_is_lost_and_nobody_gets_two_minutes_more(self, minutes, among):
        parts = shared(minutes, among)
        assert sum(parts) == minutes
        assert max(parts) - min(parts) <= 1


@pytest.mark.django_db
class TestOfferAndDemand:
    def test_an_expert_of_two_fields_gives_half_a_week_to_each(self):
        builders.expert(skills={"affaires-juridiques": 3, "recrutement": 2})
        found = {one.field.code: one for one in offer_and_demand(MONDAYS[:1])}
        assert {code: one.free for code, one in found.items()} == {
            "affaires-juridiques": (1050,),
            "recrutement": (1050,),
        }

    def test_a_part_waits_in_the_weeks_it_is_wished_until_someone_has_it(self):
        expert = builders.expert()
        part = builders.triaged_need(
            minutes=1200,
            wished_from=date(2025, 4, 14),
            wished_until=date(2025, 4, 25),
        )
        (one,) = offer_and_demand(MONDAYS)
        assert one.waiting[:4] == (0, 600, 600, 0)
        Assignment.objects.create(
            part=part,
            expert=expert,
            minutes=1200,
            starts_on=date(2025, 4, 14),
            ends_on=date(2025, 4, 25),
            proposed_at=builders.NOW,
        )
        (one,) = offer_and_demand(MONDAYS)
        assert sum(one.waiting) == 0

    def test_the_tightest_field_comes_first(self):
        builders.expert(skills={"recrutement": 2})
        builders.triaged_need(code="affaires-juridiques", minutes=6000)
        found = offer_and_demand(MONDAYS)
        assert [one.field.code for one in found] == [
            "affaires-juridiques",
            "recrutement",
        ]
        assert found[0].gap == -6000

    def test_it_asks_the_same_for_any_number_of_experts(self):
        def asked():
            with CaptureQueriesContext(connection) as seen:
                offer_and_demand(MONDAYS)
            return len(seen)

        builders.expert()
        builders.triaged_need()
        few = asked()
        for _ in range(8):
            builders.expert()
            builders.triaged_need()
        assert asked() == few

    def test_a_day_is_read_once_field_by_field_and_week_by_week(self):
        builders.cooperative()
        builders.expert(skills={"affaires-juridiques": 3, "recrutement": 2})
        rows = read_balance(on=builders.TODAY, by=builders.actor())
        assert len(rows) == Reading.objects.count() == 24
        with pytest.raises(ReadAlready):
            read_balance(on=builders.TODAY, by=builders.actor())
