"""Needs: what is asked for, where it goes, and why."""

from datetime import date

import pytest

from partage.archive.actions import keep_file
from partage.journal.models import Entry
from partage.knowledge.models import Piece, Reuse
from partage.needs import actions, queries
from partage.needs.models import Need, Triage
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return builders.actor()


@pytest.fixture
def fleuve():
    return builders.organisation("Bibliothèque du Fleuve", province="NB")


def file(org, by, **more):
    return actions.file_need(
        **{
            "organisation_id": org.pk,
            "title": "Revoir le  bail",
            "text": "Notre bail prend fin en septembre. ",
            "language": "fr",
            "urgency": 2,
            "place": "REMOTE",
            "channel": "PORTAL",
            "by": by,
            **more,
        }
    )


def wanted(code="affaires-juridiques", low=300, likely=600, high=900):
    return actions.PartWanted(
        builders.field(code).pk, 2, "fr", low=low, likely=likely, high=high
    )


class TestFileNeed:
    def test_a_need_gets_the_years_next_reference_and_its_organisations_province(
        self, by, fleuve
    ):
        first, second = file(fleuve, by), file(fleuve, by)

        assert [first.reference, second.reference] == ["D-2025-0001", "D-2025-0002"]
        assert first.province == "NB"
        assert first.title == "Revoir le bail"
        assert first.received_at == by.at

    def test_its_documents_and_its_journal_entry_come_with_it(self, by, fleuve):
        kept = keep_file(name="bail.pdf", content=b"%PDF", by=by)

        need = file(fleuve, by, file_ids=[kept.pk, kept.pk])

        assert [each.file_id for each in queries.attachments_of(need)] == [kept.pk]
        entry = Entry.objects.get(what="needs.need.filed")
        assert (entry.subject_id, entry.details["attachments"]) == (need.pk, 1)

    def test_dates_the_wrong_way_round_are_refused(self, by, fleuve):
        with pytest.raises(actions.WindowNotInOrder, match="1er\u00a0mai\u00a02025"):
            file(
                fleuve,
                by,
                wished_from=date(2025, 6, 1),
                wished_until=date(2025, 5, 1),
            )
        assert not Need.objects.exists()

    def test_a_partner_refers_only_the_enterprises_of_its_network(self, by, fleuve):
        federation = builders.organisation("Fédération des bibliothèques")
        inside = builders.organisation("Biblio de Gaspé", network=federation)

        assert file(inside, by, referred_by_id=federation.pk).referred_by == federation
        with pytest.raises(actions.NotOfThisNetwork, match="Bibliothèque du Fleuve"):
            file(fleuve, by, referred_by_id=federation.pk)


class TestTriageNeed:
    def test_a_specialised_need_is_split_into_parts_with_a_reason(self, by):
        need = builders.need()

        actions.triage_need(
            need_id=need.pk,
            parts=[wanted(), wanted("gouvernance", 60, 90, 120)],
            reason="Un avis juridique.",
            province="ON",
            by=by,
        )

        need.refresh_from_db()
        assert (need.status, need.province) == ("TRIAGED", "ON")
        assert [part.minutes_likely for part in need.parts.order_by("id")] == [600, 90]
        triage = need.triages.get()
        assert (triage.reason, triage.decided_by_id, triage.decided_at) == (
            "Un avis juridique.",
            by.user_id,
            by.at,
        )
        assert Entry.objects.get(what="needs.need.triaged").details["minutes"] == 690

    def test_done_again_it_keeps_the_row_of_a_part_that_keeps_its_field(self, by):
        part = builders.triaged_need(code="affaires-juridiques")

        actions.triage_need(
            need_id=part.need_id,
            parts=[wanted(likely=720), wanted("gouvernance")],
            reason="Deux volets.",
            by=by,
        )

        part.refresh_from_db()
        assert part.minutes_likely == 720
        assert part.need.parts.count() == 2

    @pytest.mark.parametrize(
        ("parts", "words"),
        [
            ([], "au moins un volet"),
            ([(0, 60, 90)], "estimation nulle"),
            ([(60, 90, 120), (120, 60, 90)], "volet 2"),
        ],
    )
    def test_estimates_that_make_no_sense_are_refused_in_words(self, by, parts, words):
        need = builders.need()
        codes = ("affaires-juridiques", "gouvernance")

        with pytest.raises(actions.TriageNotWhole, match=words):
            actions.triage_need(
                need_id=need.pk,
                parts=[
                    wanted(code, *minutes)
                    for code, minutes in zip(codes, parts, strict=False)
                ],
                reason="Parce que.",
                by=by,
            )
        need.refresh_from_db()
        assert need.status == "RECEIVED"

    def test_a_field_is_given_to_one_part_only(self, by):
        with pytest.raises(actions.FieldGivenTwice, match="Affaires juridiques"):
            actions.triage_need(
                need_id=builders.need().pk,
                parts=[wanted(), wanted()],
                reason="Deux fois.",
                by=by,
            )


class TestReferBack:
    def test_the_first_line_gets_it_back_and_it_is_closed_well(self, by):
        need = builders.need()

        actions.refer_back(
            need_id=need.pk, reason="Votre fédération offre ce service.", by=by
        )

        need.refresh_from_db()
        assert (need.status, need.closed_at) == ("REFERRED_BACK", by.at)
        assert need.triages.get().decision == Triage.Decision.FIRST_LINE

    def test_two_words_are_too_few_for_the_member_to_read(self, by):
        with pytest.raises(actions.TriageNotWhole, match="Le membre le lira"):
            actions.refer_back(need_id=builders.need().pk, reason="Pas nous.", by=by)

    def test_it_can_be_taken_up_again(self, by):
        need = builders.need()
        actions.refer_back(need_id=need.pk, reason="Voyez votre fédération.", by=by)

        actions.triage_need(
            need_id=need.pk, parts=[wanted()], reason="Elle ne peut pas.", by=by
        )

        need.refresh_from_db()
        assert (need.status, need.closed_at) == ("TRIAGED", None)


class TestAnswerFromReservoir:
    def test_a_shared_piece_answers_and_its_reuse_is_counted(self, by):
        need, piece = builders.need(), builders.piece()

        actions.answer_from_reservoir(
            need_id=need.pk,
            piece_id=piece.pk,
            reason="Ce guide répond à votre question.",
            minutes_saved=240,
            by=by,
        )

        need.refresh_from_db()
        assert (need.status, need.triages.get().piece) == ("ANSWERED", piece)
        reuse = Reuse.objects.get()
        assert (reuse.served, reuse.minutes_saved) == (need.reference, 240)

    def test_a_piece_behind_its_wall_is_not_shown_to_another_member(self, by):
        piece = builders.piece(
            status=Piece.Status.WALLED, organisation=builders.organisation()
        )

        with pytest.raises(actions.PieceBehindItsWall, match="réservé à son mandat"):
            actions.answer_from_reservoir(
                need_id=builders.need().pk,
                piece_id=piece.pk,
                reason="Ce guide répond à tout.",
                minutes_saved=0,
                by=by,
            )
        assert not Reuse.objects.exists()

    def test_taking_the_need_up_again_takes_the_reuse_back(self, by):
        need, piece = builders.need(), builders.piece()
        actions.answer_from_reservoir(
            need_id=need.pk,
            piece_id=piece.pk,
            reason="Ce guide répond à tout.",
            minutes_saved=240,
            by=by,
        )

        actions.triage_need(
            need_id=need.pk, parts=[wanted()], reason="Pas assez.", by=by
        )

        assert not Reuse.objects.exists()


class TestWithdrawNeed:
    def test_a_withdrawn_need_stays_and_never_changes_again(self, by):
        need = builders.need()
        actions.withdraw_need(need_id=need.pk, by=by)

        need.refresh_from_db()
        assert (need.status, need.closed_at) == ("WITHDRAWN", by.at)
        kept = keep_file(name="bail.pdf", content=b"%PDF", by=by)
        for act in (
            lambda: actions.withdraw_need(need_id=need.pk, by=by),
            lambda: actions.attach_file(need_id=need.pk, file_id=kept.pk, by=by),
            lambda: actions.refer_back(
                need_id=need.pk, reason="Voyez votre fédération.", by=by
            ),
        ):
            with pytest.raises(actions.NeedIsWithdrawn):
                act()


class TestQueries:
    def test_a_member_sees_its_needs_and_a_partner_those_it_referred(self):
        federation = builders.organisation("Fédération")
        inside = builders.organisation("Biblio de Gaspé", network=federation)
        own, referred = (
            builders.need(federation),
            builders.need(inside, referred_by=federation),
        )
        builders.need(inside)

        assert set(queries.needs_seen_by([federation.pk], [])) == {own}
        assert set(queries.needs_seen_by([federation.pk], [federation.pk])) == {
            own,
            referred,
        }
        assert not queries.needs_seen_by([], []).exists()

    @pytest.mark.parametrize("words", ["ÉTÉ", "ete rimouski", "d-2025", "L’été"])
    def test_words_find_needs_without_accents_or_case(self, words):
        found = builders.need(
            builders.organisation("Théâtre de Rimouski"), title="Camp d’été"
        )
        builders.need(builders.organisation("Coop de Gaspé"), reference="X-1")

        assert list(queries.holding(queries.all_needs(), words)) == [found]

    def test_the_words_of_a_need_suggest_its_field(self):
        legal = builders.field("affaires-juridiques")
        legal.words = "juridique avocat contrat bail mise en demeure"
        other = builders.field("communications")
        other.words = "communication infolettre plan"

        found = queries.suggested_fields(
            "Notre bail et le contrat en cours", [legal, other]
        )

        assert [(field.code, one.terms) for field, one in found] == [
            ("affaires-juridiques", ("contrat", "bail"))
        ]
