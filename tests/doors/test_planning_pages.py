from datetime import date
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from partage.experts.models import Absence, Conflict, Expert
from partage.jobs import planning as jobs
from partage.journal.models import Entry
from partage.needs.models import Need
from partage.people.models import Role
from partage.planning.actions import (
    accept_assignment,
    ask_for_plan,
    ask_swap,
    propose_assignment,
)
from partage.planning.models import Assignment
from partage.planning.queries import engine
from partage.portal.reasons import in_words
from tests import builders
from tests.builders import TODAY
from tests.doors.axe import assert_no_axe_violations
from tests.doors.browser import scrolls_sideways

pytestmark = pytest.mark.django_db
WINDOW = {"wished_from": TODAY, "wished_until": date(2025, 5, 4)}


@pytest.fixture
def part():
    builders.cooperative()
    return builders.triaged_need(
        builders.organisation("Caisse de la Matapédia"), code="gouvernance", **WINDOW
    )


@pytest.fixture
def lea(client):
    account = builders.user(Role.COORDINATION, name="Léa Tremblay")
    client.force_login(account)
    return account


def expert(name, **more):
    account = builders.user(Role.EXPERT, name=name)
    return builders.expert(name, skills={"gouvernance": 2}, account=account, **more)


def proposal(person, **more):
    return {
        "once": str(uuid4()),
        "expert": person.pk,
        "hours": "20",
        "starts_on": "2025-04-07",
        "ends_on": "2025-05-04",
        "note": "",
        "exception": "",
        **more,
    }


def ask(client, part, person, **more):
    page = reverse("coordination:candidates", args=[part.pk])
    return client.post(page, proposal(person, **more))


class TestCandidatesPage:
    def test_says_who_can_who_cannot_and_what_each_rule_costs(self, client, lea, part):
        expert("Maude Arsenault")
        expert("John MacNeil", languages=("en",))
        text = client.get(reverse("coordination:candidates", args=[part.pk])).text

        assert "1 personne peut le faire" in text
        assert "Ne travaille pas en français." in text
        assert "La langue" in text

    def test_hours_typed_as_people_do_are_understood(self, client, lea, part):
        maude = expert("Maude Arsenault")
        response = ask(client, part, maude, hours="12 h 30")

        assert response.url == reverse("coordination:need", args=[part.need_id])
        assert Assignment.objects.get().minutes == 750

    def test_a_wrong_form_keeps_what_was_typed(self, client, lea, part):
        maude = expert("Maude Arsenault")
        response = ask(client, part, maude, hours="beaucoup", note="Bonjour Maude")

        assert response.status_code == 422
        assert "« beaucoup »" in response.text.replace("\xa0", " ")
        assert "Bonjour Maude" in response.text

    def test_an_exception_without_a_reason_is_refused_where_it_is_asked(
        self, client, lea, part
    ):
        john = expert("John MacNeil", languages=("en",))
        response = ask(client, part, john)

        assert response.status_code == 409
        assert "dites pourquoi vous faites une exception" in response.text

    def test_two_clicks_ask_once(self, client, lea, part):
        maude = expert("Maude Arsenault")
        token = str(uuid4())
        ask(client, part, maude, once=token)
        again = ask(client, part, maude, once=token)

        assert again.status_code == 302
        assert Assignment.objects.count() == 1


@pytest.mark.parametrize(
    ("code", "data", "said"),
    [
        ("knows_member", {"mandates": 1}, "Connaît ce membre : 1 mandat."),
        ("knows_member", {"mandates": 3, "last": "2024-07-23"},
         "Connaît ce membre : 3 mandats, le dernier jusqu’au 23 juillet 2024."),
        ("mobility_days", {"province": "NB", "left": 1, "allowed": 100},
         "Peut exercer (Nouveau-Brunswick) en mobilité : 1 jour restant sur 100."),
        ("parallel_limit", {"limit": 1},
         "A déjà 1 mandat, sa limite en parallèle, toute la période."),
        ("week_gone", {"monday": "2025-04-14"},
         "N’a plus les heures de la semaine du 14 avril 2025."),
    ],
)  # fmt: skip
def test_a_reason_as_it_was_kept_agrees_with_its_numbers(code, data, said):
    kept = {"code": code, "rule": None, "data": data}
    assert in_words(kept).replace("\xa0", " ") == said


class TestTheWeeks:
    def test_show_what_is_free_or_what_is_kept_confirmed_and_tentative(
        self, client, lea, part
    ):
        maude = expert("Maude Arsenault", day=420)
        ask(client, part, maude)
        board = reverse("coordination:planning")

        free = client.get(board).text.replace("\xa0", " ")
        assert "30 h" in free  # 35 h less 5 of the 20
        kept = client.get(board, {"montrer": "gardees"}).text.replace("\xa0", " ")
        assert "Heures gardées, par semaine" in kept
        assert "+5 h" in kept

    def test_can_be_shown_whole_to_be_printed(self, client, lea, part):
        for i in range(30):
            expert(f"Personne {i:02}")
        board = reverse("coordination:planning")

        assert client.get(board).text.count("Personne ") == 25
        assert client.get(board, {"tout": 1}).text.count("Personne ") == 30

    def test_of_one_person_say_which_work_keeps_which_hours(self, client, lea, part):
        maude = expert("Maude Arsenault", day=420)
        ask(client, part, maude)
        page = client.get(reverse("coordination:expert", args=[maude.pk])).text

        assert "Caisse de la Matapédia" in page
        assert page.count("5\xa0h") >= 4


class TestWhatAChoiceDoes:
    def test_is_said_of_each_choice_but_not_of_a_part_that_is_handed_over(
        self, client, lea, part
    ):
        engine.warm()
        maude, joanie = expert("Maude Arsenault"), expert("Joanie Côté")
        page = reverse("coordination:candidates", args=[part.pk])
        assert "le mieux" in client.get(page).text

        ask(client, part, maude)
        held = accept_assignment(
            assignment_id=Assignment.objects.get().pk, expert_id=maude.pk,
            by=builders.actor(),
        )  # fmt: skip
        ask_swap(
            assignment_id=held.pk, expert_id=maude.pk, to_expert_id=joanie.pk,
            reason="", by=builders.actor(),
        )  # fmt: skip
        said = client.get(page).text
        assert "2 personnes peuvent le faire" in said
        assert "pas la place" not in said

    def test_decides_whom_the_form_would_ask(self, client, lea, part):
        """Whoever has most points is the only one who could do the other need."""
        skills = {"gouvernance": 2, "recrutement": 2}
        both = builders.expert("Maude Arsenault", skills=skills, day=90)
        one = builders.expert("Joanie Côté", skills={"gouvernance": 2}, day=75)
        builders.triaged_need(
            code="recrutement", minutes=1700, urgency=Need.Urgency.URGENT, **WINDOW
        )
        page = reverse("coordination:candidates", args=[part.pk])
        asked = '<option value="{0.pk}" selected>{0.name}'
        assert asked.format(both) in client.get(page).text

        plan = ask_for_plan(
            cause="ASKED", by=builders.actor(), now=timezone.now(), run=False
        )
        jobs.seek(plan.pk)
        text = client.get(page).text
        assert "Le plan proposé confierait ce volet à <strong>Joanie Côté" in text
        assert asked.format(one) in text

    def test_is_a_sentence_when_nobody_has_the_room(self, client, lea, part):
        engine.warm()
        expert("Maude Arsenault", day=15)  # fifteen hours of twenty, even late
        said = client.get(reverse("coordination:candidates", args=[part.pk])).text

        assert "Aucune n’a la place pour l’instant." in said
        assert "n’a pas les heures" in said


class TestWhyThisPerson:
    @pytest.fixture
    def member(self, client, part):
        account = builders.representative(part.need.organisation)
        client.force_login(account)
        return account

    def told(self, client, part):
        page = client.get(reverse("member:need_why", args=[part.need_id]))
        assert page.status_code == 200
        return page.text.replace("\xa0", " ")

    def test_tells_how_many_and_why_but_names_only_whom_the_member_knows(
        self, client, part, member
    ):
        coop = part.need.organisation
        rival = builders.organisation("Caisse de Matane")
        maude, joanie = expert("Maude Arsenault"), expert("Joanie Côté")
        expert("John MacNeil", languages=("en",))
        known = builders.triaged_need(coop, code="gouvernance", **WINDOW)
        other = builders.triaged_need(rival, code="gouvernance", **WINDOW)

        def takes(held, person):
            asked = propose_assignment(
                part_id=held.pk, expert_id=person.pk, minutes=600, starts_on=TODAY,
                ends_on=date(2025, 5, 4), by=builders.actor(),
            )  # fmt: skip
            accept_assignment(
                assignment_id=asked.pk, expert_id=person.pk, by=builders.actor()
            )

        takes(known, joanie)
        takes(other, joanie)
        for one in (coop, rival):
            one.competition = "caisses"
            one.save()
        takes(part, maude)
        said = self.told(client, part)

        assert "3 personnes ont été considérées" in said
        assert "Ne travaille pas dans cette langue" in said
        assert "John MacNeil" not in said
        # She serves a competitor, which is nobody's affair.
        assert "<strong>Joanie Côté</strong> : n’était pas disponible" in said
        assert "indépendance" not in said

    def test_is_not_there_for_another_member(self, client, part):
        client.force_login(builders.representative(builders.organisation()))
        page = reverse("member:need_why", args=[part.need_id])
        assert client.get(page).status_code == 404


class TestThePlanPages:
    def test_say_why_weeks_move_and_what_each_weight_did(self, client, lea, part):
        maude = expert("Maude Arsenault")
        ask(client, part, maude)
        Absence.objects.create(
            expert=maude, starts_on=date(2025, 4, 14), ends_on=date(2025, 4, 20)
        )
        builders.triaged_need(code="gouvernance", **WINDOW)
        asked = ask_for_plan(
            cause="ASKED", by=builders.actor(), now=timezone.now(), run=False
        )
        jobs.seek(asked.pk)
        said = client.get(reverse("coordination:plan")).text.replace("\xa0", " ")
        assert "en d’autres semaines" in said
        assert "N’a plus les heures de la semaine du 14 avril 2025." in said

        weights = client.get(reverse("coordination:weights")).text.replace("\xa0", " ")
        assert "Sans lui, 1 volet irait autrement" in weights
        assert "personne au lieu de Maude Arsenault" in weights
        assert "Sans lui, le même plan" in weights

    def test_keep_with_the_choice_what_it_did_to_everyone_else(self, client, lea, part):
        maude = expert("Maude Arsenault")
        propose_assignment(
            part_id=part.pk, expert_id=maude.pk, minutes=1200, starts_on=TODAY,
            ends_on=date(2025, 5, 4), by=builders.actor(),
            marginal={maude.pk: {"more": "120", "moves": ["« Bail » passerait à X."]}},
        )  # fmt: skip
        kept = Assignment.objects.get().shortlist
        page = reverse("coordination:shortlist", args=[kept.pk])

        assert "+120\xa0$" in client.get(page).text
        client.cookies["langue"] = "en-ca"
        assert "+$120" in client.get(page).text


class TestExpertAnswers:
    def test_declining_without_saying_why_keeps_the_question_open(self, client, part):
        maude = expert("Maude Arsenault")
        client.force_login(builders.user(Role.COORDINATION))
        ask(client, part, maude)
        asked = Assignment.objects.get()
        client.force_login(maude.user)
        page = reverse("expert:answer", args=[asked.pk])

        assert client.post(page, {"act": "decline"}).status_code == 409
        client.post(page, {"act": "decline", "answer": "Je pars en vacances."})
        asked.refresh_from_db()
        assert (asked.status, asked.answer) == ("DECLINED", "Je pars en vacances.")

    def test_another_experts_assignment_is_not_there(self, client, part):
        maude, joanie = expert("Maude"), expert("Joanie")
        client.force_login(builders.user(Role.COORDINATION))
        ask(client, part, maude)
        asked = Assignment.objects.get()
        client.force_login(joanie.user)

        page = client.get(reverse("expert:assignment", args=[asked.pk]))
        answer = client.post(
            reverse("expert:answer", args=[asked.pk]), {"act": "accept"}
        )
        assert (page.status_code, answer.status_code) == (404, 404)


class TestExpertPages:
    def test_days_off_that_overlap_are_refused_and_kept_on_screen(self, client, part):
        maude = expert("Maude Arsenault")
        Absence.objects.create(
            expert=maude, starts_on=date(2025, 7, 7), ends_on=date(2025, 7, 18)
        )
        client.force_login(maude.user)
        response = client.post(
            reverse("expert:absent"),
            {"starts_on": "2025-07-14", "ends_on": "2025-07-25"},
        )

        assert response.status_code == 409
        assert "Une absence couvre déjà" in response.text
        assert "2025-07-25" in response.text

    def test_a_waiver_must_say_why(self, client, lea, part):
        maude = expert("Maude Arsenault")
        conflict = Conflict.objects.create(
            expert=maude,
            organisation=part.need.organisation,
            kind=Conflict.Kind.BOARD,
            declared_on=TODAY,
        )
        page = reverse("coordination:expert_change", args=[maude.pk, "levee"])

        said = client.post(page, {"conflict": conflict.pk, "waiver": " "})
        assert said.status_code == 422
        client.post(page, {"conflict": conflict.pk, "waiver": "A quitté le conseil."})
        conflict.refresh_from_db()
        assert conflict.waived_on == TODAY

    def test_a_new_schedule_ends_the_one_before_it(self, client, lea, part):
        maude = expert("Maude Arsenault")
        client.post(
            reverse("coordination:expert_change", args=[maude.pk, "horaire"]),
            {"starts_on": "2025-06-02", "day_0": "7", "day_1": "7 h 30"},
        )
        before, after = maude.schedules.order_by("starts_on")

        assert before.ends_on == date(2025, 6, 1)
        assert after.minutes == [420, 450, 0, 0, 0, 0, 0]

    def test_a_changed_profile_keeps_what_it_was_in_the_journal(
        self, client, lea, part
    ):
        maude = expert("Maude Arsenault", city="Rimouski")
        client.post(
            reverse("coordination:expert_change", args=[maude.pk, "profil"]),
            {
                "name": "Maude Arsenault",
                "languages": ["fr"],
                "city": "Gaspé",
                "province": "QC",
                "parallel_limit": "4",
            },
        )

        assert Expert.objects.get(pk=maude.pk).city == "Gaspé"
        kept = Entry.objects.get(what="experts.expert.changed").details["before"]
        assert kept["city"] == "Rimouski"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("screen", [{}, {"dark": True}, {"phone": True}])
def test_the_pages_read_well_for_everyone(visit, screen):
    builders.cooperative()
    part = builders.triaged_need(code="gouvernance", **WINDOW)
    maude = expert("Maude Arsenault", city="Rimouski")
    expert("John MacNeil", languages=("en",))
    lea = builders.user(Role.COORDINATION)
    pages = [
        (reverse("coordination:candidates", args=[part.pk]), lea),
        (reverse("coordination:planning"), lea),
        (reverse("coordination:experts"), lea),
        (reverse("coordination:expert", args=[maude.pk]), lea),
        (reverse("expert:schedule"), maude.user),
        (reverse("expert:home"), maude.user),
    ]
    for address, who in pages:
        page = visit(address, who, **screen)
        assert_no_axe_violations(page)
        assert not scrolls_sideways(page)
