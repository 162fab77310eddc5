from datetime import date
from decimal import Decimal

import pytest

from partage.knowledge.models import Piece, Reuse
from partage.mandates import actions
from partage.mandates.actions import Lesson, LineDraft, PhaseDraft, Pour, Reused
from partage.mandates.models import Mandate, Satisfaction
from partage.mandates.queries import budgets, late, mandates_for
from tests import builders

pytestmark = pytest.mark.django_db
LESSON = Lesson(title="Relire la clause 7", text="Elle cachait une hausse de 12 %.")


def close(mandate, **more):
    values = {"lessons": [LESSON], "reason": "", "by": builders.actor(), **more}
    return actions.close_mandate(mandate_id=mandate.pk, **values)


def reached(mandate):
    for one in mandate.milestones.all():
        actions.mark_milestone(milestone_id=one.pk, by=builders.actor())


class TestAMandate:
    def test_spreads_its_milestones_over_the_time_agreed(self):
        need = builders.ready_need()
        offer = actions.draft_offer(need_id=need.pk, by=builders.actor())
        lines = [
            LineDraft(
                description="Travail",
                field_id=builders.field().pk,
                level=2,
                minutes=minutes,
            )
            for minutes in (600, 1800)
        ]
        actions.change_offer(
            offer_id=offer.pk,
            title=offer.title,
            introduction="",
            scope="",
            language="fr",
            province="QC",
            starts_on=date(2025, 5, 1),
            ends_on=date(2025, 5, 21),
            valid_until=offer.valid_until,
            phases=[
                PhaseDraft(title=title, lines=[line])
                for title, line in zip(("Lire", "Écrire"), lines, strict=True)
            ],
            by=builders.actor(),
        )
        sent = actions.send_offer(offer_id=offer.pk, by=builders.actor())
        mandate = actions.answer_offer(
            offer_id=sent.pk,
            organisation_ids=[sent.organisation_id],
            accepted=True,
            sha256=sent.pdf.sha256,
            read=True,
            by=builders.actor(),
        )
        assert [(m.title, m.due_on) for m in mandate.milestones.all()] == [
            ("Lire", date(2025, 5, 6)),
            ("Écrire", date(2025, 5, 21)),
        ]

    def test_is_paused_with_a_reason_and_taken_up_again(self):
        mandate = builders.accepted_mandate()
        with pytest.raises(actions.ReasonIsMissing):
            actions.pause_mandate(
                mandate_id=mandate.pk, reason=" ", by=builders.actor()
            )
        actions.pause_mandate(
            mandate_id=mandate.pk, reason="Inventaire annuel", by=builders.actor()
        )
        (milestone,) = mandate.milestones.all()
        with pytest.raises(actions.MandateIsNotOpen, match="en pause"):
            actions.mark_milestone(milestone_id=milestone.pk, by=builders.actor())
        row = actions.resume_mandate(
            mandate_id=mandate.pk, reason="", by=builders.actor()
        )
        assert row.status == Mandate.Status.OPEN
        with pytest.raises(actions.MandateIsNotPaused):
            actions.resume_mandate(
                mandate_id=mandate.pk, reason="", by=builders.actor()
            )

    def test_reaches_a_milestone_once_and_can_go_back(self):
        (milestone,) = builders.accepted_mandate().milestones.all()
        by = builders.actor()
        assert actions.mark_milestone(milestone_id=milestone.pk, by=by).done_on == by.on
        with pytest.raises(actions.MilestoneAlreadyReached):
            actions.mark_milestone(milestone_id=milestone.pk, by=by)
        actions.reopen_milestone(milestone_id=milestone.pk, by=by)
        with pytest.raises(actions.MilestoneNotReached):
            actions.reopen_milestone(milestone_id=milestone.pk, by=by)

    def test_numbers_the_versions_of_a_deliverable(self):
        mandate = builders.accepted_mandate()
        for content in (b"un", b"deux"):
            row = actions.add_deliverable(
                mandate_id=mandate.pk,
                title="Avis sur le bail",
                name="avis.txt",
                content=content,
                by=builders.actor(),
            )
        assert row.version == 2
        assert bytes(row.file.content) == b"deux"
        with pytest.raises(actions.DeliverableHasNoTitle):
            actions.add_deliverable(
                mandate_id=mandate.pk, title=" ", by=builders.actor()
            )

    def test_counts_what_is_used_at_the_rates_agreed(self):
        who = builders.expert()
        mandate = builders.accepted_mandate(who=who)
        budget = budgets([mandate], {(mandate.pk, who.pk): 1210})[mandate.pk]
        assert (budget.used_minutes, budget.used_amount) == (1210, Decimal("2218.33"))
        assert budget.over
        assert (budget.percent, budget.kind) == (100, "bad")
        assert budgets([mandate], {})[mandate.pk].left_minutes == 1200

    def test_is_late_the_day_after(self):
        mandate = builders.accepted_mandate()
        rows = Mandate.objects.filter(pk=mandate.pk)
        assert not rows.filter(late(date(2025, 6, 13))).exists()
        assert rows.filter(late(date(2025, 6, 14))).exists()

    def test_is_found_only_by_its_organisation(self):
        mandate = builders.accepted_mandate()
        other = builders.organisation()
        assert mandates_for([mandate.organisation_id]).get() == mandate
        assert not mandates_for([other.pk]).exists()


class TestClosing:
    def test_pours_the_lessons_and_what_can_serve_others(self):
        who = builders.expert("Karim Benali")
        mandate = builders.accepted_mandate(who=who)
        reached(mandate)
        kept, private = (
            actions.add_deliverable(
                mandate_id=mandate.pk,
                title=title,
                name="note.txt",
                content=b"texte",
                by=builders.actor(),
            )
            for title in ("Grille d’analyse de bail", "Avis au conseil")
        )
        close(
            mandate,
            transferable=[Pour(deliverable_id=kept.pk, text="Vingt clauses à lire.")],
            author_id=who.pk,
            minutes=1140,
        )
        mandate.refresh_from_db()
        kept.refresh_from_db()
        private.refresh_from_db()
        assert (mandate.status, mandate.closed_on) == ("CLOSED", builders.TODAY)
        assert (kept.transferable, private.transferable) == (True, False)
        pieces = Piece.objects.filter(source=mandate.reference).order_by("pk")
        assert [(p.kind, p.title) for p in pieces] == [
            ("LESSON", "Relire la clause 7"),
            ("DELIVERABLE", "Grille d’analyse de bail"),
        ]
        assert all(p.status == Piece.Status.WALLED for p in pieces)
        assert {(p.author, p.minutes) for p in pieces} == {(who, 1140)}
        assert pieces[1].file == kept.file

    def test_is_refused_while_milestones_are_open_unless_said_why(self):
        mandate = builders.accepted_mandate()
        with pytest.raises(actions.MilestonesAreOpen, match="Réalisation"):
            close(mandate)
        close(mandate, reason="Le membre a signé sans attendre.")
        mandate.refresh_from_db()
        assert mandate.status == Mandate.Status.CLOSED

    def test_is_refused_without_a_lesson(self):
        mandate = builders.accepted_mandate()
        reached(mandate)
        with pytest.raises(actions.ClosingSaysNothing):
            close(mandate, lessons=[])
        close(mandate, lessons=[], without_lesson="Le même travail que l’an dernier.")
        assert not Piece.objects.exists()

    def test_each_deliverable_is_poured_with_its_own_hours(self):
        mandate = builders.accepted_mandate()
        reached(mandate)
        rows = [
            actions.add_deliverable(
                mandate_id=mandate.pk, title=title, by=builders.actor()
            )
            for title in ("Grille", "Politique")
        ]
        close(
            mandate,
            minutes=1200,
            transferable=[
                Pour(deliverable_id=row.pk, text="", minutes=minutes)
                for row, minutes in zip(rows, (300, None), strict=True)
            ],
        )
        assert dict(Piece.objects.values_list("title", "minutes")) == {
            "Relire la clause 7": 1200,
            "Grille": 300,
            "Politique": 1200,
        }

    def test_comes_once_and_again_after_it_was_reopened_pouring_only_what_is_new(self):
        mandate = builders.accepted_mandate()
        reached(mandate)
        row = actions.add_deliverable(
            mandate_id=mandate.pk, title="Grille", by=builders.actor()
        )
        pour = [Pour(deliverable_id=row.pk, text="")]
        close(mandate, transferable=pour)
        with pytest.raises(actions.MandateIsClosed):
            close(mandate)
        with pytest.raises(actions.ReasonIsMissing):
            actions.reopen_mandate(
                mandate_id=mandate.pk, reason="", by=builders.actor()
            )
        actions.reopen_mandate(
            mandate_id=mandate.pk, reason="Une clause oubliée", by=builders.actor()
        )
        close(mandate, lessons=[], transferable=pour)
        assert Piece.objects.count() == 2

    def test_gives_credit_to_the_piece_that_served(self):
        mandate = builders.accepted_mandate()
        reached(mandate)
        piece = builders.piece()
        close(mandate, reused=[Reused(piece_id=piece.pk, minutes_saved=240)])
        reuse = Reuse.objects.get(piece=piece)
        assert (reuse.served, reuse.minutes_saved) == (mandate.reference, 240)


class TestSatisfaction:
    def give(self, mandate, **more):
        return actions.record_satisfaction(
            **{
                "mandate_id": mandate.pk,
                "organisation_ids": [mandate.organisation_id],
                "score": 5,
                "recommends": True,
                "comment": "Rapide et clair.",
                "by": builders.actor(),
                **more,
            }
        )

    def test_is_given_once_the_mandate_is_closed_and_once_only(self):
        mandate = builders.accepted_mandate()
        with pytest.raises(actions.MandateIsNotClosed):
            self.give(mandate)
        close(mandate, reason="Fini plus tôt")
        self.give(mandate)
        with pytest.raises(actions.SatisfactionAlreadyGiven):
            self.give(mandate, score=1)
        assert Satisfaction.objects.get().score == 5

    def test_is_not_given_for_another_organisation(self):
        mandate = builders.accepted_mandate()
        with pytest.raises(Mandate.DoesNotExist):
            self.give(mandate, organisation_ids=[])
