"""Where a need stands: one word, from what each room downstream knows."""

from datetime import date, timedelta

import pytest

from partage.archive.actions import keep_file
from partage.knowledge.models import Piece
from partage.mandates.models import Mandate, Offer
from partage.needs.models import Need, Part
from partage.planning.models import Assignment
from partage.portal import stages
from tests import builders

pytestmark = pytest.mark.django_db


def assign(part, status="PROPOSED", **more):
    return Assignment.objects.create(
        part=part,
        expert=more.get("expert") or builders.expert(),
        status=status,
        minutes=600,
        starts_on=builders.TODAY,
        ends_on=builders.TODAY + timedelta(days=30),
        proposed_at=builders.NOW,
        answered_at=None if status == "PROPOSED" else builders.NOW,
    )


def offer(need, status="SENT", version=1):
    paper = keep_file(name="offre.pdf", content=b"%PDF", by=builders.actor())
    return Offer.objects.create(
        reference=f"O-{need.reference}",
        version=version,
        need=need,
        organisation=need.organisation,
        card=builders.rate_card(),
        status=status,
        title=need.title,
        language="fr",
        province="QC",
        valid_until=date(2025, 5, 7),
        created_at=builders.NOW,
        sent_at=None if status == "DRAFT" else builders.NOW,
        pdf=None if status == "DRAFT" else paper,
    )


def mandate(one, status="OPEN"):
    return Mandate.objects.create(
        reference=f"M-{one.reference}",
        offer=one,
        organisation=one.organisation,
        field=builders.field(),
        title=one.title,
        status=status,
        province="QC",
        language="fr",
        opened_on=builders.TODAY,
        closed_on=builders.TODAY if status == "CLOSED" else None,
        budget_minutes=600,
        budget_amount=1000,
    )


def code_of(need):
    return stages.stage_of(need.pk).code


class TestStageOfANeed:
    @pytest.mark.parametrize(
        ("status", "code"),
        [
            ("RECEIVED", "received"),
            ("REFERRED_BACK", "referred_back"),
            ("ANSWERED", "answered"),
            ("WITHDRAWN", "withdrawn"),
        ],
    )
    def test_its_own_status_says_it_before_and_after_the_stream(self, status, code):
        assert code_of(builders.need(status=status)) == code

    def test_it_waits_for_each_part_to_have_someone_then_for_their_answers(self):
        part = builders.triaged_need()
        second = Part.objects.create(
            need=part.need,
            field=builders.field("gouvernance"),
            level=2,
            language="fr",
            minutes_low=60,
            minutes_likely=60,
            minutes_high=60,
        )
        assert code_of(part.need) == "to_assign"
        assign(part, "ACCEPTED")
        assert code_of(part.need) == "to_assign"
        asked = assign(second, expert=builders.expert("Maude Arsenault"))
        assert code_of(part.need) == "proposed"
        assert stages.waited_for([part.need_id]) == {part.need_id: ["Maude Arsenault"]}
        Assignment.objects.filter(pk=asked.pk).update(
            status="DECLINED", answered_at=builders.NOW
        )
        assert code_of(part.need) == "to_assign"
        assign(second, "ACCEPTED")
        assert code_of(part.need) == "to_offer"

    @pytest.mark.parametrize(
        ("status", "code"),
        [
            ("DRAFT", "offer_draft"),
            ("SENT", "offer_sent"),
            ("REFUSED", "offer_refused"),
            ("ACCEPTED", "mandate"),
        ],
    )
    def test_an_offer_says_more_than_the_assignments(self, status, code):
        need = builders.triaged_need().need
        offer(need, status)

        assert code_of(need) == code

    def test_a_new_version_covers_the_refused_one(self):
        need = builders.triaged_need().need
        offer(need, "REFUSED")
        offer(need, "SENT", version=2)

        assert code_of(need) == "offer_sent"

    def test_a_mandate_goes_on_until_invoiced_and_poured(self):
        need = builders.triaged_need().need
        one = mandate(offer(need, "ACCEPTED"))
        assert code_of(need) == "mandate"
        Mandate.objects.filter(pk=one.pk).update(
            status="CLOSED", closed_on=builders.TODAY
        )
        stage = stages.stage_of(need.pk)
        assert (stage.code, stage.open) == ("done", False)
        assert stages.step_of(need.pk, stage) == 5
        builders.piece(source=one.reference)
        assert Piece.objects.exists()
        assert stages.step_of(need.pk, stage) == 5

    def test_one_query_says_it_for_any_number_of_needs(self, django_assert_num_queries):
        for _each in range(5):
            builders.triaged_need()

        with django_assert_num_queries(1):
            found = stages.with_stage(Need.objects.all()).values_list("stage")
            assert set(found) == {("to_assign",)}
