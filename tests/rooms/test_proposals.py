"""The plan beside the one in force: found, decided, overtaken, never overbooked."""

from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partage.experts.actions import add_absence
from partage.experts.models import Licence, PracticeRule
from partage.jobs import planning as jobs
from partage.journal.models import Entry
from partage.planning import queries
from partage.planning.actions import (
    AlreadyPlanning,
    HoursShort,
    NothingTicked,
    ProposalGone,
    accept_assignment,
    answer_handover,
    ask_for_plan,
    decide_changes,
    decline_assignment,
    fix_assignment,
    propose_assignment,
    stop_plan,
)
from partage.planning.models import (
    Allocation,
    Assignment,
    Change,
    Handover,
    HourValue,
    Proposal,
)
from partage.rules.demand import assignments_from, print_of
from tests import builders
from tests.builders import TODAY

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 4, 7, 12, tzinfo=UTC)
UNTIL = date(2025, 5, 4)
WINDOW = {"wished_from": TODAY, "wished_until": UNTIL}


@pytest.fixture(autouse=True)
def _house():
    builders.cooperative()


def governance(name, **more):
    return builders.expert(name, skills={"gouvernance": 2}, **more)


def need(title, minutes=1200, **more):
    part = builders.triaged_need(code="gouvernance", minutes=minutes, **WINDOW, **more)
    part.need.title = title
    part.need.save()
    return part


def plan(cause=Proposal.Cause.ASKED, **more):
    asked = ask_for_plan(cause=cause, by=builders.actor(), now=NOW, run=False, **more)
    jobs.seek(asked.pk)
    asked.refresh_from_db()
    return asked


def decide(proposal, accepts=True, changes=None):
    chosen = proposal.changes.all() if changes is None else changes
    return decide_changes(
        proposal_id=proposal.pk,
        change_ids=[change.pk for change in chosen],
        accepts=accepts,
        by=builders.actor(),
    )


def proposed(part, expert, **more):
    return propose_assignment(
        part_id=part.pk,
        expert_id=expert.pk,
        minutes=part.minutes_likely,
        starts_on=TODAY,
        ends_on=UNTIL,
        by=builders.actor(),
        **more,
    )


def accepted(part, expert, **more):
    asked = proposed(part, expert, **more)
    return accept_assignment(
        assignment_id=asked.pk, expert_id=expert.pk, by=builders.actor()
    )


class TestAPlan:
    def test_gives_every_open_part_beside_what_is_promised(self):
        maude, joanie = governance("Maude"), governance("Joanie")
        for i in range(4):
            need(f"Règlements {i}", minutes=2100)
        found = plan()

        assert found.status == Proposal.Status.READY
        assert found.changes.count() == 4
        assert not Assignment.objects.exists()  # beside, not instead
        assert found.bound <= found.cost < sum(found.before.values())
        assert {change.expert for change in found.changes.all()} <= {maude, joanie}
        assert Entry.objects.filter(what="planning.plan.found").exists()

    def test_leaves_out_the_needs_on_which_an_offer_stands(self):
        governance("Maude")
        part = need("Déjà offerte")
        world = queries.World(on=TODAY, parts=[part], engaged={part.need_id})
        assert world.demand.parts == ()

    def test_says_what_one_more_hour_would_bring(self):
        need("En anglais", language="en")
        plan()
        value = HourValue.objects.get(axis="LANGUAGE", code="en")
        # Nobody speaks English here: 20 h undone, a person less, per hour.
        assert float(value.amount) == pytest.approx((20 * 69 - 50) / 20)
        assert value.minutes == 1200

    def test_around_one_part_weighs_each_choice_as_among_all(self):
        from partage.rules.staffing.marginal import candidates_for

        for name in ("Maude", "Joanie", "Thomas"):
            governance(name, day=180)
        builders.expert("Karim", skills={"comptabilite": 2, "gouvernance": 3}, day=180)
        builders.expert("Inès", skills={"comptabilite": 2}, day=180)
        for i in range(6):
            need(f"Règlements {i}", minutes=2100)
        for i in range(3):
            builders.triaged_need(code="comptabilite", minutes=2400 + 60 * i, **WINDOW)
        planned = plan()
        expected = {part: who for part, who, _weeks in queries.plan_rows(planned)}
        parts = list(queries.open_parts())
        for part in parts:
            told = []
            for around in (None, (part.pk, expected)):
                world = queries.World(on=TODAY, parts=parts, around=around)
                made = world.demand
                choices = candidates_for(
                    made.problem,
                    assignments_from(made, queries.plan_rows(planned)),
                    made.role_at[part.pk],
                    role_values=[r.reject_cost for r in made.problem.roles],
                )
                told.append([(c.expert, round(c.cost, 6), c.moves) for c in choices])
            assert told[0] == told[1] != []

    def test_says_who_would_do_what_without_each_weight(self):
        maude = governance("Maude")
        karim = builders.expert("Karim", skills={"gouvernance": 3})
        coop = builders.organisation("Coop de Gaspé")
        for _each in range(3):
            known = builders.triaged_need(coop, code="gouvernance", **WINDOW)
            accepted(known, karim)
            known.need.status = "ANSWERED"
            known.need.save()
        part = builders.triaged_need(coop, code="gouvernance", **WINDOW)
        Allocation.objects.all().delete()  # long ago
        without = plan().without

        # He knows the member (10 $ an hour), which outweighs a level too many (8 $).
        assert without["continuity_hour"] == [[part.pk, karim.pk, maude.pk]]
        assert without["unmet_hour"] == [[part.pk, karim.pk, None]]
        assert without["over_level_hour"] == without["travel_km"] == []

    def test_does_not_propose_again_whoever_declined(self):
        maude, joanie = governance("Maude"), governance("Joanie")
        part = need("Règlements")
        asked = propose_assignment(
            part_id=part.pk, expert_id=maude.pk, minutes=1200, starts_on=TODAY,
            ends_on=UNTIL, by=builders.actor(),
        )  # fmt: skip
        decline_assignment(
            assignment_id=asked.pk, expert_id=maude.pk, answer="Je pars en congé.",
            by=builders.actor(),
        )  # fmt: skip
        assert plan().changes.get().expert == joanie

    def test_is_asked_for_once_at_a_time(self):
        ask_for_plan(cause="ASKED", by=builders.actor(), now=NOW, run=False)
        with pytest.raises(AlreadyPlanning, match="le meilleur trouvé"):
            ask_for_plan(cause="ASKED", by=builders.actor(), now=NOW, run=False)
        # A worker that died says nothing for three minutes.
        later = NOW + timedelta(minutes=4)
        again = ask_for_plan(cause="ASKED", by=builders.actor(), now=later, run=False)
        assert Proposal.objects.exclude(pk=again.pk).get().status == "FAILED"

    def test_that_is_stopped_keeps_the_best_so_far(self):
        governance("Maude")
        need("Règlements")
        asked = ask_for_plan(cause="ASKED", by=builders.actor(), now=NOW, run=False)
        stop_plan(proposal_id=asked.pk, by=builders.actor())
        jobs.seek(asked.pk)
        asked.refresh_from_db()
        assert asked.status == Proposal.Status.READY

    def test_takes_the_place_of_the_one_that_waited(self):
        governance("Maude")
        need("Règlements")
        first, second = plan(), plan()
        first.refresh_from_db()
        assert (first.status, second.status) == ("REPLACED", "READY")

    def test_looks_at_the_world_in_as_many_questions_for_one_need_as_for_ten(self):
        governance("Maude")
        need("Règlements")

        def look():
            world = queries.World(on=TODAY, parts=list(queries.open_parts()))
            with CaptureQueriesContext(connection) as asked:
                assert world.demand.parts
            return len(asked)

        few = look()
        for i in range(9):
            governance(f"Personne {i}")
            need(f"Demande {i}")
        assert look() == few <= 14


class TestDecisions:
    def test_all_some_or_none(self):
        governance("Maude")
        for i in range(3):
            need(f"Règlements {i}", minutes=600)
        found = plan()
        one, two, three = found.changes.order_by("pk")

        decide(found, changes=[one])
        decide(found, accepts=False, changes=[two])
        found.refresh_from_db()
        assert found.status == Proposal.Status.READY
        decide(found, changes=[three])
        found.refresh_from_db()

        assert found.status == Proposal.Status.DECIDED
        assert [c.status for c in found.changes.order_by("pk")] == [
            "ACCEPTED", "REFUSED", "ACCEPTED",
        ]  # fmt: skip
        kept = Assignment.objects.get(part=one.part)
        assert kept.status == Assignment.Status.PROPOSED
        assert kept.shortlist.proposal == found
        assert sum(a.minutes for a in kept.allocations.all()) == 600
        with pytest.raises(ProposalGone, match="il est décidé"):
            decide(found)

    def test_two_parts_never_take_more_mobility_days_together_than_are_left(self):
        law = builders.field("affaires-juridiques")
        PracticeRule.objects.create(
            field=law, province="NB", order="Barreau", days_allowed=5,
            starts_on=date(2013, 1, 1), source="Accord de libre circulation",
        )  # fmt: skip
        lawyer = builders.expert("Me Karim Benali")
        Licence.objects.create(
            expert=lawyer, order="Barreau", province="QC", valid_from=date(2019, 1, 1)
        )
        caraquet = builders.organisation("Coop de Caraquet", province="NB")
        for _each in range(2):  # three days each, of five
            builders.triaged_need(caraquet, minutes=3 * 420, **WINDOW)
        found = plan()
        assert found.changes.count() == 2

        decided = decide(found)
        assert (len(decided.given), len(decided.stale)) == (1, 1)

    def test_nothing_ticked_is_said(self):
        governance("Maude")
        need("Règlements")
        with pytest.raises(NothingTicked):
            decide(plan(), changes=[])

    def test_an_absence_meanwhile_overtakes_the_change_instead_of_overbooking(self):
        maude = governance("Maude")
        need("Règlements", minutes=2100)
        found = plan()
        add_absence(
            expert_id=maude.pk, starts_on=TODAY, ends_on=UNTIL, half_days=False,
            by=builders.actor(),
        )  # fmt: skip

        decided = decide(found)
        assert len(decided.stale) == 1
        assert not Assignment.objects.exists()

    def test_our_own_decision_does_not_make_the_plan_stale_but_an_absence_does(self):
        maude = governance("Maude")
        need("Un", minutes=600)
        need("Deux", minutes=600)
        found = plan()

        def changed():
            world = queries.World(on=TODAY, parts=list(queries.open_parts()))
            found.refresh_from_db()
            return {k for k, v in print_of(world.demand).items() if found.world[k] != v}

        assert changed() == set()
        decide(found, changes=found.changes.all()[:1])
        assert changed() == set()
        add_absence(
            expert_id=maude.pk, starts_on=date(2025, 4, 22),
            ends_on=date(2025, 4, 23), half_days=False, by=builders.actor(),
        )  # fmt: skip
        assert changed() == {"hours"}

    def test_an_accepted_promise_moves_only_when_both_have_said_yes(self):
        maude, joanie = governance("Maude"), governance("Joanie")
        part = need("Règlements")
        held = accepted(part, maude)
        add_absence(
            expert_id=maude.pk, starts_on=TODAY, ends_on=date(2025, 8, 1),
            half_days=False, by=builders.actor(),
        )  # fmt: skip
        found = plan()
        change = found.changes.get()
        assert (change.kind, change.expert, change.held) == ("MOVE", joanie, held)

        decided = decide(found)
        assert len(decided.asked) == 1
        handover = Handover.objects.get()
        held.refresh_from_db()
        assert held.status == Assignment.Status.ACCEPTED

        answer_handover(
            handover_id=handover.pk, expert_id=maude.pk, agrees=True,
            by=builders.actor(),
        )  # fmt: skip
        held.refresh_from_db()
        assert held.status == Assignment.Status.ACCEPTED
        answer_handover(
            handover_id=handover.pk, expert_id=joanie.pk, agrees=True,
            by=builders.actor(),
        )  # fmt: skip
        held.refresh_from_db()
        handover.refresh_from_db()
        assert held.status == Assignment.Status.WITHDRAWN
        assert handover.became.expert == joanie
        assert handover.became.status == Assignment.Status.ACCEPTED

    def test_a_fixed_promise_is_never_in_a_plan(self):
        maude = governance("Maude")
        governance("Joanie")
        held = accepted(need("Règlements"), maude)
        fix_assignment(assignment_id=held.pk, fixed=True, by=builders.actor())
        add_absence(
            expert_id=maude.pk, starts_on=TODAY, ends_on=date(2025, 8, 1),
            half_days=False, by=builders.actor(),
        )  # fmt: skip
        assert not plan().changes.filter(kind=Change.Kind.MOVE).exists()


class TestOneChange:
    def test_an_absence_plans_anew_and_names_only_what_it_moves(self):
        maude, joanie = governance("Maude"), governance("Joanie")
        first = need("Règlements", minutes=600)
        held = propose_assignment(
            part_id=first.pk, expert_id=maude.pk, minutes=600, starts_on=TODAY,
            ends_on=UNTIL, by=builders.actor(),
        )  # fmt: skip
        need("Assemblée", minutes=600)
        before = plan()
        assert before.changes.count() == 1

        add_absence(
            expert_id=maude.pk, starts_on=TODAY, ends_on=date(2025, 8, 1),
            half_days=False, by=builders.actor(),
        )  # fmt: skip
        jobs.after(Entry.objects.get(what="experts.absence.added"))

        found = queries.standing_proposal()
        assert found.cause == Proposal.Cause.ABSENCE
        assert found.about["expert"] == "Maude"
        moved = found.changes.get(part=first)
        assert (moved.held, moved.expert, moved.fresh) == (held, joanie, True)

    def test_an_absence_plans_anew_even_when_nothing_is_open(self):
        plan()
        found = plan(cause=Proposal.Cause.ABSENCE)
        assert (found.status, found.plan, found.cost) == ("READY", [], 0)

    def test_an_act_that_moves_nothing_plans_nothing(self):
        plan()
        for entry in Entry.objects.all():
            jobs.after(entry)
        assert Proposal.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_coordinators_who_accept_at_once_never_give_the_same_hour_twice():
    builders.cooperative()
    maude = governance("Maude", day=120)  # ten hours a week
    need("Un", minutes=1500)  # most of her 38 hours until May
    by = [builders.actor(), builders.actor()]
    found = plan()
    change = found.changes.get()
    other = need("Deux", minutes=1500)
    start, outcome = Barrier(2), []

    def accept():
        start.wait()
        try:
            decided = decide_changes(
                proposal_id=found.pk, change_ids=[change.pk], accepts=True, by=by[0]
            )
            outcome.append(len(decided.given))
        finally:
            connection.close()

    def propose():
        start.wait()
        try:
            propose_assignment(
                part_id=other.pk, expert_id=maude.pk, minutes=1500, starts_on=TODAY,
                ends_on=UNTIL, by=by[1],
            )  # fmt: skip
            outcome.append(1)
        except HoursShort:
            outcome.append("HoursShort")
        finally:
            connection.close()

    threads = [Thread(target=accept), Thread(target=propose)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # One of them has the weeks; the other was told, whoever came first.
    assert sorted(map(str, outcome)) in (["0", "1"], ["1", "HoursShort"])
    assert Assignment.objects.count() == 1
    for monday, worked in ((TODAY + timedelta(weeks=i), 600) for i in range(4)):
        kept = sum(a.minutes for a in Allocation.objects.filter(monday=monday))
        assert kept <= worked
