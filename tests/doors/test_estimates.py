"""Hours from closed mandates, on a need and while an offer is written."""

from datetime import date

import pytest
from django.test import Client

from partage.knowledge.queries import Sight
from partage.mandates.models import Offer
from partage.people.models import Role
from partage.portal.estimating import compare
from tests import builders

pytestmark = pytest.mark.django_db
ALL = Sight(everything=True)
LEASE = "Revoir le bail de nos locaux, dont le loyer monte."


@pytest.fixture(autouse=True)
def _house():
    builders.cooperative()


@pytest.fixture
def worker():
    return builders.expert()


@pytest.fixture
def coordination():
    client = Client()
    client.force_login(builders.user(Role.COORDINATION))
    return client


def closed(worker, hours, *, title="Revoir le bail de nos locaux", **more):
    """A closed mandate on which so many hours of a day are approved."""
    mandate = builders.mandate(worker, title=title, **more)
    builders.worked(worker, mandate, hours * 60)
    mandate.status, mandate.closed_on = "CLOSED", date(2025, 3, 31)
    mandate.save()
    return mandate


class TestCompare:
    def test_gives_the_middle_of_what_resembles_and_names_each_case(self, worker):
        cases = [closed(worker, hours) for hours in (6, 8, 9)]
        closed(worker, 2, title="Écrire une infolettre")

        found = compare(LEASE, "fr", sight=ALL)

        assert (found.estimate.low, found.estimate.median) == (360, 480)
        assert {one.mandate for one in found.cases[:3]} == set(cases)
        assert sum(one.percent for one in found.cases) in (99, 100, 101)

    def test_two_cases_are_too_few(self, worker):
        for hours in (6, 8):
            closed(worker, hours)

        assert compare(LEASE, "fr", sight=ALL) is None

    def test_open_mandates_and_those_managed_in_whole_say_nothing(self, worker):
        for hours in (6, 8, 9):
            closed(worker, hours, full_management=True)
        builders.mandate(worker, title="Revoir le bail de nos locaux")

        assert compare(LEASE, "fr", sight=ALL) is None

    def test_what_one_may_not_see_changes_nothing(self, worker):
        mine, other = builders.organisation(), builders.organisation()
        for hours in (6, 8, 9):
            closed(worker, hours, org=mine)
        sight = Sight(organisation_ids=(mine.pk,))
        before = compare(LEASE, "fr", sight=sight)
        for hours in (4, 5, 7):
            closed(builders.expert(), hours, org=other)

        after = compare(LEASE, "fr", sight=sight)

        assert after.estimate == before.estimate
        assert {one.mandate.organisation_id for one in after.cases} == {mine.pk}
        assert len(compare(LEASE, "fr", sight=ALL).cases) == 6
        assert compare(LEASE, "fr", sight=Sight()) is None
        reached = compare(LEASE, "fr", sight=Sight(author_id=worker.pk))
        assert reached.estimate == before.estimate

    def test_a_conflict_takes_the_mandates_of_an_organisation_out(self, worker):
        near, other = builders.organisation(), builders.organisation()
        for hours in (6, 8, 9):
            closed(worker, hours, org=near)
        for hours in (4, 5, 7):
            closed(worker, hours, org=other)
        before = Sight(author_id=worker.pk)
        after = Sight(author_id=worker.pk, barred_ids=(other.pk,))

        assert len(compare(LEASE, "fr", sight=before).cases) == 6
        cases = compare(LEASE, "fr", sight=after).cases
        assert {one.mandate.organisation_id for one in cases} == {near.pk}

    def test_what_a_case_left_can_be_reused_as_far_as_it_may_be_read(self, worker):
        org = builders.organisation()
        case = closed(worker, 6, org=org)
        for hours in (8, 9):
            closed(worker, hours, org=org)
        piece = builders.piece(source=case.reference, status="WALLED", released_on=None)
        gone = builders.piece(source=case.reference, status="WITHDRAWN")

        def left(sight):
            return [
                one for case in compare(LEASE, "fr", sight=sight).cases
                for one in case.pieces
            ]  # fmt: skip

        assert left(ALL) == [piece]
        assert gone not in left(ALL)
        assert left(Sight(organisation_ids=(org.pk,))) == []

    def test_asks_the_same_whatever_the_number_of_mandates(
        self, worker, django_assert_num_queries
    ):
        for _each in range(3):
            closed(worker, 6)
        with django_assert_num_queries(4):
            compare(LEASE, "fr", sight=ALL)
        for _each in range(4):
            closed(worker, 6)
        with django_assert_num_queries(4):
            compare(LEASE, "fr", sight=ALL)


class TestThePages:
    @pytest.fixture
    def cases(self, worker):
        return [closed(worker, hours) for hours in (6, 8, 9)]

    def test_a_need_says_how_many_hours_and_from_which_mandates(
        self, coordination, cases
    ):
        need = builders.need(title="Notre bail", text=LEASE)
        page = coordination.get(f"/coordination/demandes/{need.pk}").text

        assert "Autour de 8" in page
        assert all(case.reference in page for case in cases)

    def test_its_hours_are_taken_up_into_the_triage_in_one_click(
        self, coordination, cases
    ):
        need = builders.need(title="Notre bail", text=LEASE)
        address = f"/coordination/demandes/{need.pk}"
        assert "?heures=reprises#triage" in coordination.get(address).text

        page = coordination.get(f"{address}?heures=reprises").text
        assert 'value="8 h"' in page.replace("\xa0", " ")

    def test_a_need_that_nothing_resembles_says_so(self, coordination):
        need = builders.need(title="Notre bail", text=LEASE)
        page = coordination.get(f"/coordination/demandes/{need.pk}").text

        assert "Trop peu de mandats clos" in page

    def test_an_offer_being_written_says_it_too(self, coordination, cases):
        need = builders.ready_need(title="Notre bail", text=LEASE)
        coordination.post(f"/coordination/demandes/{need.pk}/offre")
        offer = Offer.objects.get(need=need)
        page = coordination.get(f"/coordination/offres/{offer.pk}/").text

        assert "Combien d’heures" in page
        assert cases[0].reference in page
