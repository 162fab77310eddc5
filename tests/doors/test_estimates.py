"""Hours from closed mandates, on a need and while an offer is written."""

from datetime import date

import pytest
from django.test import Client

from partage.experts.actions import declare_conflict
from partage.knowledge.actions import record_reuse
from partage.knowledge.queries import Sight
from partage.mandates.models import Offer
from partage.people.models import Role
from partage.portal.estimating import compare, look_back
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


def hours(*, sight):
    """What a request about a lease is estimated from."""
    return compare(look_back(LEASE, "fr", sight=sight))


def closed(worker, taken, *, title="Revoir le bail de nos locaux", **more):
    """A closed mandate on which so many hours of a day are approved."""
    mandate = builders.mandate(worker, title=title, **more)
    builders.worked(worker, mandate, taken * 60)
    mandate.status, mandate.closed_on = "CLOSED", date(2025, 3, 31)
    mandate.save()
    return mandate


class TestCompare:
    def test_gives_the_middle_of_what_resembles_and_names_each_case(self, worker):
        cases = [closed(worker, taken) for taken in (6, 8, 9)]
        closed(worker, 2, title="Écrire une infolettre")

        found = hours(sight=ALL)

        assert (found.estimate.low, found.estimate.median) == (360, 480)
        assert {one.mandate for one in found.cases[:3]} == set(cases)
        assert sum(one.percent for one in found.cases) in (99, 100, 101)

    def test_two_cases_are_too_few(self, worker):
        for taken in (6, 8):
            closed(worker, taken)

        assert hours(sight=ALL) is None

    def test_open_mandates_and_those_managed_in_whole_say_nothing(self, worker):
        for taken in (6, 8, 9):
            closed(worker, taken, full_management=True)
        builders.mandate(worker, title="Revoir le bail de nos locaux")

        assert hours(sight=ALL) is None

    def test_what_one_may_not_see_changes_nothing(self, worker):
        mine, other = builders.organisation(), builders.organisation()
        for taken in (6, 8, 9):
            closed(worker, taken, org=mine)
        sight = Sight(organisation_ids=(mine.pk,))
        before = hours(sight=sight)
        for taken in (4, 5, 7):
            closed(builders.expert(), taken, org=other)

        after = hours(sight=sight)

        assert after.estimate == before.estimate
        assert {one.mandate.organisation_id for one in after.cases} == {mine.pk}
        assert len(hours(sight=ALL).cases) == 6
        assert hours(sight=Sight()) is None
        reached = hours(sight=Sight(author_id=worker.pk))
        assert reached.estimate == before.estimate

    def test_a_conflict_takes_the_mandates_of_an_organisation_out(self, worker):
        near, other = builders.organisation(), builders.organisation()
        for taken in (6, 8, 9):
            closed(worker, taken, org=near)
        for taken in (4, 5, 7):
            closed(worker, taken, org=other)
        before = Sight(author_id=worker.pk)
        after = Sight(author_id=worker.pk, barred_ids=(other.pk,))

        assert len(hours(sight=before).cases) == 6
        cases = hours(sight=after).cases
        assert {one.mandate.organisation_id for one in cases} == {near.pk}

    def test_what_a_case_left_can_be_reused_as_far_as_it_may_be_read(self, worker):
        org = builders.organisation()
        case = closed(worker, 6, org=org)
        for taken in (8, 9):
            closed(worker, taken, org=org)
        piece = builders.piece(source=case.reference, status="WALLED", released_on=None)
        gone = builders.piece(source=case.reference, status="WITHDRAWN")

        def left(sight):
            return [
                one for case in hours(sight=sight).cases
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
        with django_assert_num_queries(6):
            hours(sight=ALL)
        for _each in range(4):
            closed(worker, 6)
        with django_assert_num_queries(6):
            hours(sight=ALL)


class TestThePages:
    @pytest.fixture
    def cases(self, worker):
        return [closed(worker, taken) for taken in (6, 8, 9)]

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


class TestWhatTheReservoirKnows:
    """Pieces whose request resembled this one, on a need and on an offer."""

    @pytest.fixture
    def case(self, worker):
        case, *_others = (closed(worker, taken, title=LEASE) for taken in (6, 8, 9))
        return case

    @pytest.fixture
    def left(self, case):
        """Nothing in its words says that it is about a lease."""
        return builders.piece(
            title="Trois clauses", text="À relire à deux.", source=case.reference
        )

    def test_a_need_names_the_mandate_that_resembles_it(self, coordination, case, left):
        need = builders.need(title="Notre bail", text=LEASE)
        page = coordination.get(f"/coordination/demandes/{need.pk}").text

        assert left.title in page
        assert (
            f'<a href="/coordination/mandats/{case.pk}/">{case.reference}</a>' in page
        )
        assert "qui ressemble à cette demande" in page

    def test_so_does_an_offer_being_written(self, coordination, case, left):
        need = builders.ready_need(title="Notre bail", text=LEASE)
        coordination.post(f"/coordination/demandes/{need.pk}/offre")
        offer = Offer.objects.get(need=need)
        page = coordination.get(f"/coordination/offres/{offer.pk}/").text

        assert left.title in page
        assert "qui ressemble à cette demande" in page

    def test_what_answered_a_need_like_it_comes_back(self, coordination):
        piece = builders.piece(title="Trois clauses", text="À relire à deux.")
        before = builders.need(title="Notre bail", text=LEASE, status="ANSWERED")
        builders.need(title="Un autre bail", text=LEASE, status="ANSWERED")
        record_reuse(
            piece_id=piece.pk,
            served=before.reference,
            organisation_id=before.organisation_id,
            minutes_saved=60,
            by=builders.actor(),
        )
        need = builders.need(title="Un bail à revoir", text=LEASE)
        page = coordination.get(f"/coordination/demandes/{need.pk}").text

        assert piece.title in page
        assert f'<a href="/coordination/demandes/{before.pk}">' in page

    def test_what_a_need_left_itself_is_not_news_to_it(self, coordination, worker):
        mandate = builders.accepted_mandate(builders.organisation(), who=worker)
        mandate.status, mandate.closed_on = "CLOSED", builders.TODAY
        mandate.save()
        builders.piece(title="Trois clauses", source=mandate.reference)
        page = coordination.get(f"/coordination/demandes/{mandate.offer.need_id}").text

        assert "Rien n’y ressemble encore" in page

    def test_an_expert_closing_a_mandate_is_offered_nothing_from_behind_a_conflict(
        self,
    ):
        worker = builders.expert(account=builders.user(Role.EXPERT))
        other = builders.organisation()
        inside = builders.piece(
            title="Revoir un bail à deux",
            organisation=other,
            confidentiality="HOUSE",
            author=builders.expert(),
        )
        mandate = builders.mandate(worker, title="Revoir le bail de nos locaux")
        client = Client()
        client.force_login(worker.user)
        address = f"/expert/mandats/{mandate.pk}/cloture"

        assert inside.title in client.get(address).text
        declare_conflict(
            expert_id=worker.pk,
            organisation_id=other.pk,
            kind="ADVERSE",
            by=builders.actor(),
        )
        assert inside.title not in client.get(address).text


class TestWhatAMemberReadsWhileItWaits:
    @pytest.fixture
    def org(self):
        return builders.organisation()

    @pytest.fixture
    def member(self, org):
        client = Client()
        client.force_login(builders.representative(org))
        return client

    def test_is_what_is_shared_and_may_already_help(self, org, member):
        shared = builders.piece()
        hidden = builders.piece(title="Le bail d’un autre", status="WALLED")
        need = builders.need(org)
        page = member.get(f"/membre/demandes/{need.pk}").text

        assert "ceci peut déjà aider" in page
        assert f'<a href="/membre/reservoir/{shared.pk}">{shared.title}</a>' in page
        assert hidden.title not in page

    def test_is_gone_once_an_offer_came_and_when_nothing_resembles(self, org, member):
        nothing = builders.need(org)
        page = member.get(f"/membre/demandes/{nothing.pk}").text
        assert "ceci peut déjà aider" not in page

        builders.piece()
        offer = builders.sent_offer(org, who=builders.expert())
        page = member.get(f"/membre/demandes/{offer.need_id}").text
        assert "ceci peut déjà aider" not in page
