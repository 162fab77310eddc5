from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partage.experts.models import Absence, Conflict, Licence, PracticeRule
from partage.journal.models import Entry
from partage.needs.models import Need
from partage.planning import queries
from partage.planning.actions import (
    AssignmentSettled,
    ExpertBarred,
    ExpertExcluded,
    NotYours,
    PartAlreadyAssigned,
    PartNotOpen,
    WhyDeclined,
    accept_assignment,
    decline_assignment,
    propose_assignment,
    withdraw_assignment,
)
from partage.planning.models import Allocation, Assignment
from tests import builders
from tests.builders import TODAY

pytestmark = pytest.mark.django_db
WINDOW = {"wished_from": TODAY, "wished_until": date(2025, 5, 4)}


@pytest.fixture
def part():
    return builders.triaged_need(
        builders.organisation("Caisse de la Matapédia"), code="gouvernance", **WINDOW
    )


def governance_expert(name, **more):
    return builders.expert(name, skills={"gouvernance": 3}, **more)


def ask(part, expert, **more):
    return propose_assignment(
        **{
            "part_id": part.pk,
            "expert_id": expert.pk,
            "minutes": part.minutes_likely,
            "starts_on": TODAY,
            "ends_on": date(2025, 5, 4),
            "by": builders.actor(),
            **more,
        }
    )


def against(part, expert):
    verdict = queries.candidates_for(part, on=TODAY).verdict_on(expert.pk)
    return [reason.code for reason in verdict.against]


class TestCandidates:
    def test_counts_hours_beside_promises_absences_and_holidays(self, part):
        maude = governance_expert("Maude Arsenault")
        Absence.objects.create(
            expert=maude, starts_on=date(2025, 4, 14), ends_on=date(2025, 4, 17)
        )
        free = queries.candidates_for(part, on=TODAY).free[maude.pk]

        # Five days of seven hours; then four days away and Good Friday.
        assert free[TODAY] == 5 * 420
        assert free[date(2025, 4, 14)] == 0

        ask(part, maude)
        other = builders.triaged_need(code="gouvernance", **WINDOW)
        left = queries.candidates_for(other, on=TODAY).free[maude.pk]
        assert sum(left.values()) == sum(free.values()) - 1200

    def test_a_declined_proposal_gives_its_hours_back(self, part):
        maude = governance_expert("Maude Arsenault")
        asked = ask(part, maude)
        decline_assignment(
            assignment_id=asked.pk,
            expert_id=maude.pk,
            answer="Je serai en Gaspésie.",
            by=builders.actor(),
        )

        free = queries.candidates_for(part, on=TODAY).free[maude.pk]
        assert free[TODAY] == 5 * 420

    def test_a_lawyer_without_the_new_brunswick_bar_may_come_a_hundred_days(self):
        law = builders.field("affaires-juridiques")
        PracticeRule.objects.create(
            field=law,
            province="NB",
            order="Barreau",
            days_allowed=100,
            starts_on=date(2013, 1, 1),
            source="Accord de libre circulation",
        )
        part = builders.triaged_need(
            builders.organisation("Coop de Caraquet", province="NB"), **WINDOW
        )
        lawyer = builders.expert("Me Karim Benali")
        assert "licence_missing" in against(part, lawyer)

        Licence.objects.create(
            expert=lawyer,
            order="Barreau",
            province="QC",
            valid_from=date(2019, 1, 1),
        )
        assert "licence_missing" not in against(part, lawyer)
        spent = queries.candidates_for(
            part, on=TODAY, days_practised={lawyer.pk: 99}
        ).verdict_on(lawyer.pk)
        assert "mobility_days_short" in [reason.code for reason in spent.against]

    def test_days_already_promised_there_count_among_the_hundred(self):
        law = builders.field("affaires-juridiques")
        PracticeRule.objects.create(
            field=law, province="NB", order="Barreau", days_allowed=100,
            starts_on=date(2013, 1, 1), source="Accord de libre circulation",
        )  # fmt: skip
        caraquet = builders.organisation("Coop de Caraquet", province="NB")
        first, second = (
            builders.triaged_need(caraquet, minutes=5 * 420, **WINDOW)
            for _each in range(2)
        )
        lawyer = builders.expert("Me Karim Benali")
        Licence.objects.create(
            expert=lawyer, order="Barreau", province="QC", valid_from=date(2019, 1, 1)
        )
        ask(first, lawyer)

        def left(part, days):
            verdict = queries.candidates_for(
                part, on=TODAY, days_practised={lawyer.pk: days}
            ).verdict_on(lawyer.pk)
            (right,) = [
                why
                for why in (*verdict.for_, *verdict.against)
                if why.code.startswith("mobility_days")
            ]
            return right.code, dict(right.data)["left"]

        # Five days' hours over four weeks are a day begun twice each: eight days.
        assert left(second, 91) == ("mobility_days_short", 1)
        assert left(second, 87) == ("mobility_days", 5)
        assert left(first, 91) == ("mobility_days", 9)  # its own days are not counted

    def test_the_number_of_queries_does_not_depend_on_the_number_of_people(self, part):
        governance_expert("Maude Arsenault")
        with CaptureQueriesContext(connection) as few:
            queries.candidates_for(part, on=TODAY)
        for _i in range(15):
            governance_expert("")
        with CaptureQueriesContext(connection) as many:
            queries.candidates_for(part, on=TODAY)
        assert len(many) == len(few) <= 14


class TestProposeAssignment:
    def test_reserves_the_weeks_and_keeps_why(self, part):
        maude = governance_expert("Maude Arsenault")
        governance_expert("Joanie Côté", remote_only=True)
        asked = ask(part, maude, note="Leur assemblée est le 30 avril.")

        weeks = Allocation.objects.filter(assignment=asked)
        assert sum(week.minutes for week in weeks) == 1200
        assert asked.status == Assignment.Status.PROPOSED
        kept = asked.shortlist.candidates
        assert {each["name"] for each in kept} == {"Maude Arsenault", "Joanie Côté"}
        assert Entry.objects.get(what="planning.assignment.proposed").details[
            "expert"
        ] == ("Maude Arsenault")

    def test_refuses_whoever_lacks_the_language_unless_it_is_said_why(self, part):
        john = governance_expert("John MacNeil", languages=("en",))

        with pytest.raises(ExpertExcluded, match="John MacNeil ne peut pas"):
            ask(part, john)
        assert not Assignment.objects.exists()

        asked = ask(part, john, exception="Le membre accepte de travailler en anglais.")
        assert asked.exception.startswith("Le membre accepte")
        assert Entry.objects.get().details["broken"] == ["language"]

    def test_no_exception_passes_over_a_conflict_of_interest(self, part):
        maude = governance_expert("Maude Arsenault")
        Conflict.objects.create(
            expert=maude,
            organisation=part.need.organisation,
            kind=Conflict.Kind.BOARD,
            declared_on=TODAY,
        )

        with pytest.raises(ExpertBarred, match="ne souffre d’exception"):
            ask(part, maude, exception="Elle est d’accord.")

    def test_a_part_is_given_to_one_person_at_a_time(self, part):
        maude, joanie = governance_expert("Maude"), governance_expert("Joanie")
        first = ask(part, maude)

        with pytest.raises(PartAlreadyAssigned, match="Maude"):
            ask(part, joanie)

        withdraw_assignment(assignment_id=first.pk, reason="", by=builders.actor())
        assert ask(part, joanie).expert == joanie

    def test_refuses_a_need_that_went_back_to_the_first_line(self, part):
        Need.objects.update(status=Need.Status.REFERRED_BACK)

        with pytest.raises(PartNotOpen):
            ask(part, governance_expert("Maude"))


class TestAnswer:
    def test_only_the_person_asked_can_accept_and_only_once(self, part):
        maude, joanie = governance_expert("Maude"), governance_expert("Joanie")
        asked = ask(part, maude)
        by = builders.actor()

        with pytest.raises(NotYours):
            accept_assignment(assignment_id=asked.pk, expert_id=joanie.pk, by=by)
        accept_assignment(assignment_id=asked.pk, expert_id=maude.pk, by=by)
        with pytest.raises(AssignmentSettled, match="acceptée"):
            accept_assignment(assignment_id=asked.pk, expert_id=maude.pk, by=by)

    def test_declining_says_why(self, part):
        maude = governance_expert("Maude")
        asked = ask(part, maude)

        with pytest.raises(WhyDeclined):
            decline_assignment(
                assignment_id=asked.pk,
                expert_id=maude.pk,
                answer="  ",
                by=builders.actor(),
            )


class TestLoads:
    def test_tells_confirmed_from_tentative(self, part):
        maude = governance_expert("Maude")
        asked = ask(part, maude, ends_on=TODAY + timedelta(days=6))
        accept_assignment(
            assignment_id=asked.pk, expert_id=maude.pk, by=builders.actor()
        )
        other = builders.triaged_need(code="gouvernance", minutes=300, **WINDOW)
        ask(other, maude, ends_on=TODAY + timedelta(days=6))

        load = queries.loads([maude], mondays=[TODAY])[maude.pk][0]
        assert (load.worked, load.confirmed, load.tentative) == (2100, 1200, 300)
        assert load.free == 600


@pytest.mark.django_db(transaction=True)
def test_two_coordinators_at_once_give_the_part_to_one_person():
    part = builders.triaged_need(code="gouvernance", **WINDOW)
    people = [governance_expert("Maude"), governance_expert("Joanie")]
    by, start, outcome = builders.actor(), Barrier(2), []

    def propose(expert):
        start.wait()
        try:
            ask(part, expert, by=by)
            outcome.append("asked")
        except PartAlreadyAssigned:
            outcome.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=propose, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcome) == ["asked", "refused"]
    assert Assignment.objects.count() == 1
