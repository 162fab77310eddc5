"""The reservoir: what is poured, who sees it, and how it is found again."""

import pytest

from partage.journal.models import Entry
from partage.knowledge import actions, queries
from partage.knowledge.models import Reuse
from partage.knowledge.queries import Sight
from tests import builders

pytestmark = pytest.mark.django_db
ALL = Sight(everything=True)


@pytest.fixture
def by():
    return builders.actor()


def pour(by, **more):
    return actions.pour(
        **{
            "kind": "LESSON",
            "title": "Négocier un renouvellement de bail",
            "text": "Le propriétaire demandait une hausse de 12 %. Nous l’avons "
            "ramenée à 4 % en comparant les loyers du quartier.",
            "language": "fr",
            "field_id": builders.field("affaires-juridiques").pk,
            "by": by,
            **more,
        }
    )


def titles(found):
    return [piece.title for piece in found.pieces()]


class TestPour:
    def test_a_piece_starts_behind_the_wall_of_its_source(self, by):
        piece = pour(by, source="M-2025-0031", minutes=1260)

        piece.refresh_from_db()
        assert (piece.status, piece.poured_on, piece.minutes) == (
            "WALLED",
            by.on,
            1260,
        )
        assert Entry.objects.get(what="knowledge.piece.poured").subject_id == piece.pk

    def test_an_empty_piece_is_refused(self, by):
        with pytest.raises(actions.PieceSaysNothing):
            pour(by, text="  ")


class TestReleaseAndWithdraw:
    def test_a_released_piece_says_since_when_and_is_released_once(self, by):
        piece = builders.share(pour(by).pk, by=by)

        assert (piece.status, piece.released_on) == ("RELEASED", by.on)
        with pytest.raises(actions.ReleaseUnderWay):
            actions.open_release(piece_id=piece.pk, by=by)

    def test_a_withdrawn_piece_serves_no_more_until_it_is_shared_again(self, by):
        piece = pour(by)
        with pytest.raises(actions.WithdrawalSaysNothing):
            actions.withdraw(piece_id=piece.pk, reason=" ", by=by)
        actions.withdraw(piece_id=piece.pk, reason="Loi changée", by=by)

        with pytest.raises(actions.PieceIsWithdrawn):
            actions.record_reuse(
                piece_id=piece.pk,
                served="D-2025-0001",
                organisation_id=builders.organisation().pk,
                minutes_saved=60,
                by=by,
            )
        assert queries.similar_to("renouvellement de bail", sight=ALL) == []
        builders.share(piece.pk, by=by)
        assert queries.similar_to("renouvellement de bail", sight=ALL)


class TestRecordReuse:
    def test_told_twice_of_the_same_need_it_counts_once(self, by):
        piece, org = pour(by, minutes=1260), builders.organisation()
        for minutes in (60, 90):
            actions.record_reuse(
                piece_id=piece.pk,
                served="D-2025-0001",
                organisation_id=org.pk,
                minutes_saved=minutes,
                by=by,
            )

        assert Reuse.objects.get().minutes_saved == 90
        assert queries.reuse_of([piece.pk]) == {piece.pk: (1, 90)}

    @pytest.mark.parametrize(
        ("real", "adapting", "credited"),
        [(1260, 0, 600), (480, 0, 480), (480, 120, 360), (60, 120, 0), (None, 0, 0)],
    )
    def test_what_is_declared_is_capped_by_what_the_piece_took(
        self, by, real, adapting, credited
    ):
        reuse = actions.record_reuse(
            piece_id=pour(by, minutes=real).pk,
            served="M-2025-0007",
            organisation_id=builders.organisation().pk,
            minutes_saved=600,
            minutes_adapting=adapting,
            by=by,
        )

        assert (reuse.minutes_declared, reuse.minutes_saved) == (600, credited)

    def test_what_is_licensed_as_is_cannot_be_adapted(self, by):
        piece = pour(by, minutes=1260, licence="AS_IS")
        served = {
            "piece_id": piece.pk,
            "served": "M-2025-0007",
            "organisation_id": builders.organisation().pk,
            "minutes_saved": 600,
            "by": by,
        }

        with pytest.raises(actions.PieceIsUsedAsIs, match="sans rien changer"):
            actions.record_reuse(**served, minutes_adapting=60)
        assert not Reuse.objects.exists()
        assert actions.record_reuse(**served).minutes_saved == 600

    def test_what_is_reused_on_request_says_who_agreed_but_for_its_own_member(self, by):
        owner = builders.organisation()
        author = builders.expert("Aïcha Benali")
        piece = pour(by, licence="ASK", author_id=author.pk, organisation_id=owner.pk)
        served = {"piece_id": piece.pk, "minutes_saved": 60, "by": by}
        stranger = {**served, "organisation_id": builders.organisation().pk}

        with pytest.raises(actions.PieceWantsAgreement, match="Aïcha Benali"):
            actions.record_reuse(**stranger, served="D-2025-0001", agreement="  ")
        actions.record_reuse(**stranger, served="D-2025-0001", agreement="A. Benali")
        actions.record_reuse(**served, served="D-2025-0002", organisation_id=owner.pk)

        told = Entry.objects.filter(what="knowledge.piece.reused").order_by("pk")
        assert [each.details["agreement"] for each in told] == ["A. Benali", ""]

    def test_only_whom_it_served_says_if_it_helped(self, by):
        org = builders.organisation()
        reuse = actions.record_reuse(
            piece_id=pour(by).pk,
            served="D-2025-0001",
            organisation_id=org.pk,
            minutes_saved=60,
            by=by,
        )
        said = {"reuse_id": reuse.pk, "helped": True, "words": "Merci", "by": by}

        with pytest.raises(Reuse.DoesNotExist):
            actions.say_if_helped(**said, organisation_ids=[org.pk + 1])
        actions.say_if_helped(**said, organisation_ids=[org.pk])

        assert Reuse.objects.get().helped is True


class TestWalls:
    @pytest.fixture
    def pieces(self, by):
        org, author = builders.organisation(), builders.expert()
        rows = {
            "released": pour(by, title="Partagé"),
            "walled": pour(
                by, title="Réservé", organisation_id=org.pk, author_id=author.pk
            ),
            "other": pour(by, title="Autre mandat"),
            "withdrawn": pour(by, title="Retiré", organisation_id=org.pk),
        }
        builders.share(rows["released"].pk, by=by)
        actions.withdraw(piece_id=rows["withdrawn"].pk, reason="Périmé", by=by)
        return org, author

    def test_a_stranger_sees_only_what_is_shared(self, pieces):
        assert titles(queries.search("loyers", sight=Sight())) == ["Partagé"]

    def test_a_member_also_sees_what_came_from_its_own_mandates(self, pieces):
        sight = Sight(organisation_ids=(pieces[0].pk,))

        assert set(titles(queries.search("loyers", sight=sight))) == {
            "Partagé",
            "Réservé",
        }

    def test_an_expert_also_sees_what_she_wrote(self, pieces):
        sight = Sight(author_id=pieces[1].pk)

        assert set(titles(queries.search("", sight=sight))) == {"Partagé", "Réservé"}

    def test_an_expert_without_any_piece_does_not_see_pieces_without_author(
        self, pieces
    ):
        assert titles(queries.search("", sight=Sight(author_id=None))) == ["Partagé"]

    def test_coordination_sees_all_but_what_was_withdrawn(self, pieces):
        assert set(titles(queries.search("loyers", sight=ALL))) == {
            "Partagé",
            "Réservé",
            "Autre mandat",
        }

    def test_coordination_can_list_what_was_withdrawn(self, pieces):
        gone = queries.search("", sight=ALL, narrow={"status": {"WITHDRAWN"}})

        assert titles(gone) == ["Retiré"]

    @pytest.mark.parametrize("ask", [queries.search, queries.similar_to])
    def test_there_is_no_way_to_ask_without_saying_who_looks(self, ask):
        with pytest.raises(TypeError, match="sight"):
            ask("loyers")


class TestSearch:
    @pytest.mark.parametrize(
        "words", ["négociation", "NEGOCIER", "baux bail", "propriétaires", "l’hausse"]
    )
    def test_a_word_is_found_without_accents_in_any_form(self, by, words):
        piece = pour(by)
        pour(by, title="Plan de communication", text="Infolettre et médias.")

        assert queries.search(words, sight=ALL).pieces() == [piece]

    def test_an_english_piece_is_found_by_english_stems(self, by):
        piece = pour(by, title="Hiring policies", text="We hired.", language="en")

        assert queries.search("policy for hires", sight=ALL).pieces() == [piece]

    def test_what_holds_all_the_words_comes_before_what_holds_one_often(self, by):
        often = pour(by, title="Bail, bail, bail", text="Bail. Bail. Bail.")
        both = pour(by, title="Un cas", text="Une hausse de loyer dans un bail.")

        found = queries.search("hausse bail", sight=ALL)

        assert found.pieces() == [both, often]

    def test_small_words_find_nothing_by_themselves(self, by):
        pour(by)

        assert not queries.search("de la les the of", sight=ALL).ids

    @pytest.mark.parametrize("words", ["'", "a' | b", "bail & !", "\\", "bail:*", "%"])
    def test_no_punctuation_breaks_it(self, by, words):
        pour(by)

        queries.search(words, sight=ALL).pieces()

    def test_the_extract_shows_the_words_that_were_found(self, by):
        pour(by)
        found = queries.search("loyer quartiers", sight=ALL)
        (piece,) = found.pieces()

        scraps = piece.passage.extract

        assert [s.text for s in scraps if s.found] == ["loyers", "quartier"]
        assert piece.passage.words == ["loyer", "quartiers"]


class TestSimilarTo:
    NEED = (
        "Notre bail prend fin en septembre et le propriétaire propose une hausse "
        "de 12 %. Nous voulons un avis avant de signer."
    )

    def test_what_resembles_comes_with_its_words_its_hours_and_its_reuses(self, by):
        piece = pour(by, minutes=1260)
        pour(by, title="Plan de communication", text="Infolettre et médias du bail.")
        actions.record_reuse(
            piece_id=piece.pk,
            served="D-2025-0001",
            organisation_id=builders.organisation().pk,
            minutes_saved=60,
            by=by,
        )

        (best,) = queries.similar_to(self.NEED, sight=ALL)

        assert (best.piece, best.piece.minutes, best.reuses) == (piece, 1260, 1)
        assert best.words == ["propriétaire", "hausse", "bail"]  # the rarest first

    def test_of_two_as_good_that_of_the_field_comes_first(self, by):
        pour(by)
        hr = pour(by, field_id=builders.field("ressources-humaines").pk)
        pour(by)

        best = queries.similar_to(self.NEED, sight=ALL, field_ids=[hr.field_id])

        assert best[0].piece == hr

    def test_five_come_at_most_with_the_same_queries(
        self, by, django_assert_num_queries
    ):
        for _each in range(8):
            pour(by)

        queries.similar_to(self.NEED, sight=ALL)
        with django_assert_num_queries(8):
            assert len(queries.similar_to(self.NEED, sight=ALL)) == 5

    def test_words_that_all_have_bring_nothing_before_those_that_few_have(self, by):
        for title in ("Le budget", "La paie", "Le site", "Le bail"):
            pour(by, title=f"{title}, suite de l’an dernier", text="En deux heures.")
        alike = pour(by, title="Lire les états financiers", text="Trois questions.")
        asked = "Lire des états financiers, suite de l’an dernier : deux heures"

        best = queries.similar_to(asked, sight=ALL)

        assert best[0].piece == alike
        assert best[0].words == ["lire", "états", "financiers"]

    def test_what_came_from_a_request_like_it_comes_first_and_says_so(self, by):
        by_words = pour(by, title=self.NEED[:60], text=self.NEED)
        came = pour(by, title="Trois clauses", text="À relire.", source="M-2024-0007")
        pour(by, title="Autre chose", text="À relire.", source="M-2024-0008")
        met = {"M-2024-0007": 0.5, "M-2024-0008": 0.1}

        first, second = queries.similar_to(self.NEED, sight=ALL, met=met)

        assert (first.piece, first.request, first.percent) == (came, "M-2024-0007", 50)
        assert (second.piece, second.request) == (by_words, "")

    def test_so_does_what_served_one(self, by):
        pour(by)
        served = pour(by, title="Trois clauses", text="À relire.")
        actions.record_reuse(
            piece_id=served.pk,
            served="D-2025-0001",
            organisation_id=builders.organisation().pk,
            minutes_saved=60,
            by=by,
        )

        best = queries.similar_to(self.NEED, sight=ALL, met={"D-2025-0001": 0.8})

        assert (best[0].piece, best[0].request) == (served, "D-2025-0001")

    def test_nothing_is_learned_from_the_request_itself(self, by):
        own = pour(by, source="M-2024-0007")
        other = pour(by)
        again = {"met": {"M-2024-0007": 1.0}, "apart": ["M-2024-0007"]}

        best = queries.similar_to(self.NEED, sight=ALL, **again)

        assert [(one.piece, one.request) for one in best] == [(other, "")]
        assert own not in {one.piece for one in best}

    def test_what_is_not_half_as_good_as_the_best_is_left_out(self, by):
        best = pour(by, title=self.NEED, text=self.NEED)
        pour(by, title="La paie", text="Un avis sur la fin de l’année, avant juin.")

        assert [o.piece for o in queries.similar_to(self.NEED, sight=ALL)] == [best]

    def test_a_request_like_it_shows_nothing_behind_a_wall(self, by):
        hidden = pour(by, source="M-2024-0007")
        met = {"M-2024-0007": 1.0}

        assert queries.similar_to(self.NEED, sight=Sight(), met=met) == []
        (seen,) = queries.similar_to(self.NEED, sight=ALL, met=met)
        assert seen.piece == hidden

    def test_a_need_without_words_resembles_nothing(self, by):
        pour(by)

        assert queries.similar_to("…", sight=ALL) == []


class TestSavedFor:
    def test_it_says_what_each_reference_was_spared_and_by_which_pieces(self, by):
        lease = pour(by, minutes=1260)
        plan = pour(by, title="Plan de communication", minutes=1260)
        org = builders.organisation()
        for piece, served, minutes in (
            (lease, "M-2025-0007", 240),
            (plan, "M-2025-0007", 600),
            (lease, "D-2025-0001", 180),
        ):
            actions.record_reuse(
                piece_id=piece.pk,
                served=served,
                organisation_id=org.pk,
                minutes_saved=minutes,
                by=by,
            )

        saved = queries.saved_for(["M-2025-0007", "M-2025-0008"])

        assert saved.keys() == {"M-2025-0007"}
        assert saved["M-2025-0007"].minutes == 840
        assert [(one.title, one.minutes) for one in saved["M-2025-0007"].pieces] == [
            ("Plan de communication", 600),
            ("Négocier un renouvellement de bail", 240),
        ]


class TestVersions:
    def test_what_is_poured_is_the_first_version_and_the_one_shown(self, by):
        author = builders.expert()
        piece = pour(by, author_id=author.pk)

        version = piece.versions.get()
        assert (version.number, version.is_shown, version.text) == (1, True, piece.text)
        assert (version.reading, version.author) == ("READ", author)

    def test_legal_content_is_under_professional_secrecy_unless_said_otherwise(
        self, by
    ):
        legal = builders.field("affaires-juridiques")
        legal.privileged = True
        legal.save()

        assert pour(by).privileged
        assert not pour(by, privileged=False).privileged
        assert not pour(by, field_id=builders.field("gouvernance").pk).privileged


class TestConfidentiality:
    def test_what_is_shared_with_the_team_is_not_seen_by_members(self, by):
        piece = pour(by, confidentiality="HOUSE")
        builders.share(piece.pk, by=by)

        assert titles(queries.search("", sight=Sight(organisation_ids=(7,)))) == []
        assert titles(queries.search("", sight=Sight(house=True))) == [piece.title]
