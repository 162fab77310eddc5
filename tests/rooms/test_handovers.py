"""Swaps within the rules, other weeks with consent, weights and broken limits."""

from datetime import UTC, date, datetime

import pytest

from partage.experts.models import Licence, PracticeRule
from partage.jobs import letters
from partage.journal.models import Entry
from partage.needs.actions import PartWanted, triage_need
from partage.needs.models import Part
from partage.people.models import Role
from partage.planning import queries
from partage.planning.actions import (
    AlreadyHanded,
    ColleagueCannot,
    HandoverOver,
    HoursShort,
    NothingWeighs,
    NotYours,
    WeeksDiffer,
    WhyDeclined,
    WorkHasBegun,
    accept_assignment,
    answer_handover,
    approve_handover,
    ask_other_weeks,
    ask_swap,
    cancel_handover,
    move_hours,
    propose_assignment,
    set_weights,
    withdraw_assignment,
)
from partage.planning.models import Assignment, BrokenLimit, Handover, Shortlist
from tests import builders
from tests.builders import TODAY

pytestmark = pytest.mark.django_db
UNTIL = date(2025, 5, 4)
FIRST, SECOND, THIRD = TODAY, date(2025, 4, 14), date(2025, 4, 21)


@pytest.fixture(autouse=True)
def _house():
    builders.cooperative()


@pytest.fixture
def part():
    return builders.triaged_need(
        code="gouvernance", wished_from=TODAY, wished_until=UNTIL
    )


def governance(name, **more):
    return builders.expert(name, skills={"gouvernance": 2}, **more)


def accepted(part, expert, **more):
    asked = propose_assignment(
        part_id=part.pk, expert_id=expert.pk, minutes=1200, starts_on=TODAY,
        ends_on=UNTIL, by=builders.actor(), **more,
    )  # fmt: skip
    return accept_assignment(
        assignment_id=asked.pk, expert_id=expert.pk, by=builders.actor()
    )


def swap(held, to, **more):
    return ask_swap(
        assignment_id=held.pk, expert_id=held.expert_id, to_expert_id=to.pk,
        reason="Je siège au comité de la foire.", by=builders.actor(), **more,
    )  # fmt: skip


def says(handover, expert, agrees=True, answer=""):
    return answer_handover(
        handover_id=handover.pk, expert_id=expert.pk, agrees=agrees, answer=answer,
        by=builders.actor(),
    )  # fmt: skip


def letters_of(what, make):
    return list(make(Entry.objects.filter(what=what).latest("pk")))


class TestASwap:
    def test_passes_on_once_the_colleague_and_coordination_have_said_yes(self, part):
        maude, joanie = governance("Maude"), governance("Joanie")
        held = accepted(part, maude)
        handover = swap(held, joanie)

        says(handover, joanie)
        held.refresh_from_db()
        assert held.status == Assignment.Status.ACCEPTED
        done = approve_handover(
            handover_id=handover.pk, approves=True, by=builders.actor()
        )

        held.refresh_from_db()
        assert held.status == Assignment.Status.WITHDRAWN
        assert done.became.expert == joanie
        assert done.became.status == Assignment.Status.ACCEPTED
        assert sum(a.minutes for a in done.became.allocations.all()) == 1200
        assert queries.live_assignments([part.pk])[part.pk] == done.became

    def test_needs_no_approval_when_coordination_has_chosen_only_to_be_told(self, part):
        maude = governance("Maude")
        joanie = governance("Joanie", account=builders.user(Role.EXPERT))
        set_weights(
            values={"swaps_need_approval": False, "level": 25},
            reason="On se fait confiance.",
            by=builders.actor(),
        )
        handover = swap(accepted(part, maude), joanie)
        assert says(handover, joanie).status == Handover.Status.DONE

        told = letters_of("planning.handover.done", letters.handover_ended)
        assert "handover_to_approve" in [letter.template for letter in told]

    def test_asks_only_a_colleague_whom_the_rules_and_the_hours_allow(self, part):
        maude, john = governance("Maude"), governance("John", languages=("en",))
        held = accepted(part, maude)
        with pytest.raises(ColleagueCannot, match="John ne peut pas reprendre"):
            swap(held, john)

        busy = governance("Joanie", day=60)  # twenty hours, of which she has taken six
        accepted(
            builders.triaged_need(
                code="gouvernance", minutes=360, wished_from=TODAY, wished_until=UNTIL
            ),
            busy,
            exception="Elle le veut bien.",
        )
        with pytest.raises(ColleagueCannot, match="Joanie"):
            swap(held, busy)

    def test_is_not_possible_once_an_offer_stands_on_the_need(self, part):
        maude, joanie = governance("Maude"), governance("Joanie")
        with pytest.raises(WorkHasBegun):
            swap(accepted(part, maude), joanie, engaged={part.need_id})

    def test_of_someone_else_s_work_is_refused(self, part):
        maude, joanie = governance("Maude"), governance("Joanie")
        held = accepted(part, maude)
        with pytest.raises(NotYours):
            ask_swap(
                assignment_id=held.pk, expert_id=joanie.pk, to_expert_id=joanie.pk,
                reason="", by=builders.actor(),
            )  # fmt: skip

    def test_one_no_ends_it_and_says_why(self, part):
        maude, joanie = governance("Maude"), governance("Joanie")
        handover = swap(accepted(part, maude), joanie)
        with pytest.raises(WhyDeclined):
            says(handover, joanie, agrees=False)
        ended = says(handover, joanie, agrees=False, answer="J’ai déjà trois comités.")

        assert ended.status == Handover.Status.REFUSED
        assert queries.live_assignments([part.pk])[part.pk].expert == maude
        with pytest.raises(HandoverOver, match="refusée"):
            says(handover, joanie)

    def test_waits_one_at_a_time_and_can_be_cancelled(self, part):
        maude, joanie = governance("Maude"), governance("Joanie")
        held = accepted(part, maude)
        handover = swap(held, joanie)
        with pytest.raises(AlreadyHanded, match="Joanie"):
            swap(held, joanie)
        cancel_handover(
            handover_id=handover.pk, expert_id=maude.pk, by=builders.actor()
        )
        assert swap(held, joanie).status == Handover.Status.OPEN

    def test_keeps_the_colleague_s_weeks_while_it_waits(self, part):
        maude, joanie = governance("Maude"), governance("Joanie", day=120)
        swap(accepted(part, maude), joanie)
        other = builders.triaged_need(
            code="gouvernance", minutes=1800, wished_from=TODAY, wished_until=UNTIL
        )
        with pytest.raises(HoursShort, match="Joanie"):
            propose_assignment(
                part_id=other.pk, expert_id=joanie.pk, minutes=1800, starts_on=TODAY,
                ends_on=UNTIL, by=builders.actor(),
            )  # fmt: skip

    def test_is_left_out_of_the_plan_while_it_waits(self, part):
        maude, joanie = governance("Maude"), governance("Joanie")
        held = accepted(part, maude)
        world = queries.World(on=TODAY, parts=list(queries.open_parts()))
        assert len(world.demand.parts) == 1
        swap(held, joanie)
        world = queries.World(on=TODAY, parts=list(queries.open_parts()))
        assert world.demand.parts == ()


class TestHours:
    def test_move_between_weeks_and_their_sum_stays(self, part):
        maude = governance("Maude")
        held = accepted(part, maude)
        move_hours(
            assignment_id=held.pk, weeks={FIRST: 600, THIRD: 600}, by=builders.actor()
        )
        assert dict(held.allocations.values_list("monday", "minutes")) == {
            FIRST: 600,
            THIRD: 600,
        }
        with pytest.raises(WeeksDiffer, match=r"10\sh, et l’affectation 20\sh"):
            move_hours(assignment_id=held.pk, weeks={FIRST: 600}, by=builders.actor())

    def test_beyond_a_week_are_an_exception_that_is_logged_with_its_figures(self, part):
        held = accepted(part, governance("Maude", day=180))  # fifteen hours a week
        with pytest.raises(HoursShort, match=r"il en manque 5\sh"):
            move_hours(assignment_id=held.pk, weeks={FIRST: 1200}, by=builders.actor())
        move_hours(
            assignment_id=held.pk, weeks={FIRST: 1200}, by=builders.actor(),
            exception="L’assemblée est avancée au 11 avril.",
        )  # fmt: skip
        broken = BrokenLimit.objects.get()
        assert (broken.rule, broken.monday, broken.minutes) == ("hours", FIRST, 300)

    def test_of_an_accepted_promise_wait_for_its_expert(self, part):
        maude = governance("Maude")
        held = accepted(part, maude)
        before = dict(held.allocations.values_list("monday", "minutes"))
        handover = ask_other_weeks(
            assignment_id=held.pk, weeks={SECOND: 1200}, by=builders.actor()
        )
        assert dict(held.allocations.values_list("monday", "minutes")) == before
        says(handover, maude)
        assert dict(held.allocations.values_list("monday", "minutes")) == {SECOND: 1200}

    def test_gone_by_stay_and_far_weeks_are_free_when_the_expert_agrees(self, part):
        """Moved three weeks after it began, into a week past the part's own window."""
        maude = governance("Maude")
        held = accepted(part, maude)
        move_hours(
            assignment_id=held.pk, weeks={FIRST: 600, SECOND: 600}, by=builders.actor()
        )
        later = builders.actor(at=datetime(2025, 4, 22, 14, tzinfo=UTC))
        far = date(2025, 9, 8)
        handover = ask_other_weeks(
            assignment_id=held.pk, weeks={FIRST: 600, far: 600}, by=later
        )
        answer_handover(
            handover_id=handover.pk, expert_id=maude.pk, agrees=True, by=later
        )
        assert dict(held.allocations.values_list("monday", "minutes")) == {
            FIRST: 600,
            far: 600,
        }

    def test_protected_by_the_expert_are_taken_by_no_mandate(self, part):
        maude = governance("Maude", protected_minutes=600, weekly_cap_minutes=1200)
        load = queries.loads([maude], mondays=[FIRST])[maude.pk][0]
        assert (load.worked, load.open) == (2100, 1200)
        free = queries.candidates_for(part, on=TODAY).free[maude.pk]
        assert free[FIRST] == 1200


class TestWeights:
    def test_are_dated_and_journaled_and_the_last_ones_hold(self):
        set_weights(values={"unmet_hour": 60}, reason="Départ.", by=builders.actor())
        set_weights(
            values={"unmet_hour": 80},
            reason="Trop de demandes restent sans personne.",
            by=builders.actor(),
        )
        assert queries.prices_of(queries.current_weighting()).unmet_hour == 80
        changes = Entry.objects.filter(what="planning.weights.set").latest("pk").details
        assert changes["changes"] == {"unmet_hour": ["60.00", "80"]}

    def test_of_zero_everywhere_are_refused(self):
        points = ("level", "hours", "continuity", "distance", "balance")
        with pytest.raises(NothingWeighs):
            set_weights(
                values=dict.fromkeys(points, 0), reason="Essai.", by=builders.actor()
            )

    def test_rank_the_candidates_and_stay_with_the_decision(self, part):
        maude = governance("Maude")
        senior = builders.expert("Karim", skills={"gouvernance": 3})
        set_weights(
            values={"level": 100, "hours": 0, "continuity": 0, "distance": 0,
                    "balance": 0},
            reason="Le niveau juste d’abord.", by=builders.actor(),
        )  # fmt: skip
        held = accepted(part, maude)
        kept = {one["name"]: one["score"] for one in held.shortlist.candidates}
        assert kept == {maude.name: "100.00", senior.name: "75.00"}
        assert held.shortlist.weighting == queries.current_weighting()


class TestANewTriage:
    def test_that_drops_a_part_keeps_its_settled_assignments_and_reasons(self, part):
        maude = governance("Maude")
        held = accepted(part, maude)
        withdraw_assignment(
            assignment_id=held.pk, reason="Le membre a changé d’idée.",
            by=builders.actor(),
        )  # fmt: skip
        law = builders.field("affaires-juridiques")
        triage_need(
            need_id=part.need_id,
            parts=[PartWanted(law.pk, 2, "fr", 300, 600, 900)],
            reason="C’est un avis juridique.",
            by=builders.actor(),
        )

        assert [p.field for p in part.need.parts.all()] == [law]
        assert Assignment.objects.get(pk=held.pk).part.field.code == "gouvernance"
        assert Shortlist.objects.filter(part=part).exists()
        assert not Part.objects.filter(pk=part.pk).exists()

    def test_may_bring_the_field_back(self, part):
        law = builders.field("affaires-juridiques")
        for field in (law, part.field):
            triage_need(
                need_id=part.need_id,
                parts=[PartWanted(field.pk, 2, "fr", 300, 600, 900)],
                reason="On a relu la demande.",
                by=builders.actor(),
            )
        back = part.need.parts.get()
        assert (back.field, back.pk) != (part.field, part.pk)


class TestBrokenLimits:
    def test_each_rule_passed_over_is_listed_with_its_reason_and_its_author(self, part):
        john = governance("John", languages=("en",))
        accepted(part, john, exception="Le membre accepte l’anglais.")
        broken = queries.broken_limits().get()
        assert (broken.rule, broken.reason) == (
            "language",
            "Le membre accepte l’anglais.",
        )
        assert broken.broken_by.name == "Léa Tremblay"

    def test_a_licence_taken_over_in_a_swap_is_still_checked(self):
        law = builders.field("affaires-juridiques")
        PracticeRule.objects.create(
            field=law, province="QC", order="Barreau", starts_on=date(2013, 1, 1),
            source="Loi sur le Barreau",
        )  # fmt: skip
        part = builders.triaged_need(wished_from=TODAY, wished_until=UNTIL)
        karim, ines = builders.expert("Karim"), builders.expert("Inès")
        Licence.objects.create(
            expert=karim, order="Barreau", province="QC", valid_from=date(2019, 1, 1)
        )
        with pytest.raises(ColleagueCannot, match="Inès"):
            swap(accepted(part, karim), ines)
