"""How far one sees: the filter, the index and PostgreSQL itself give one answer."""

import pytest
from django.db import connection

from partage.experts.actions import declare_conflict, end_conflict, waive_conflict
from partage.knowledge import queries
from partage.knowledge.models import Miss, Page, Piece
from partage.knowledge.queries import Sight, barred_from, node, pieces_seen
from partage.knowledge.queries.reading import read, seen_by
from partage.retrieval.query import Asked
from tests import builders

pytestmark = pytest.mark.django_db
ALL = Sight(everything=True)


@pytest.fixture
def many(db):
    """A piece of every status, confidentiality, secrecy, source and author."""
    orgs = [builders.organisation(name=f"Org {n}").pk for n in range(2)]
    authors = [builders.expert(name=f"Auteur {n}").pk for n in range(2)]
    for status in Piece.Status.values:
        for confidentiality in Piece.Confidentiality.values:
            if (status, confidentiality) == ("RELEASED", "MANDATE"):
                continue  # the database refuses it
            for organisation in (None, *orgs):
                for author in (None, *authors):
                    builders.piece(
                        title="Le bail",
                        status=status,
                        confidentiality=confidentiality,
                        organisation_id=organisation,
                        author_id=author,
                        privileged=author == authors[0],
                    )
    return orgs, authors


def sights(orgs, authors):
    for house in (False, True):
        for reach in ((), (orgs[0],), tuple(orgs)):
            for author in (None, authors[0]):
                for barred in ((), (orgs[1],)):
                    yield Sight(
                        house=house,
                        organisation_ids=reach,
                        author_id=author,
                        barred_ids=barred,
                    )
    yield ALL


class TestOneAnswer:
    def test_is_given_by_the_filter_the_index_and_row_level_security(self, many):
        every = set(Piece.objects.values_list("pk", flat=True))
        alive = Piece.objects.exclude(status="WITHDRAWN")
        seen = []
        for sight in sights(*many):
            filtered = set(
                pieces_seen(sight)
                .exclude(status="WITHDRAWN")
                .values_list("pk", flat=True)
            )
            node().keep_up()
            indexed = {
                hit.piece
                for index in node().indexes
                for hit in index.find(Asked.of("bail"), walls=sight.walls, limit=1_000)
            }
            secured = set(read({(one, 0) for one in every}, sight=sight))

            assert filtered == indexed == secured, sight
            seen.append(len(filtered))
        assert len(set(seen)) > 6
        assert seen[-1] == alive.count()

    def test_a_forgotten_filter_still_shows_nothing_hidden(self, many):
        """What a careless question of search would read, under the reader's role."""
        version = Piece.objects.filter(status="WALLED").first().versions.get()
        Page.objects.create(version=version, number=1, text="Le secret.")
        with seen_by(Sight()) as cursor:
            cursor.execute("SELECT DISTINCT status FROM knowledge_piece")
            assert cursor.fetchall() == [("RELEASED",)]
            cursor.execute("SELECT count(*) FROM knowledge_page")
            assert cursor.fetchone() == (0,)
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user = 'partage_reader'")
            assert cursor.fetchone() == (False,)
            cursor.execute("SELECT count(*) FROM knowledge_page")
            assert cursor.fetchone() == (1,)


class TestAHiddenPiece:
    """What is walled off shows nowhere, and changes nothing that is shown."""

    @pytest.fixture
    def hidden(self, db):
        builders.piece(title="Le bail", text="Un loyer.")
        return lambda: builders.piece(
            title="La zoothérapie", text="Le bail, la zoothérapie.", status="WALLED"
        )

    def answer(self, words):
        found = queries.search(words, sight=Sight())
        return (
            found.ids,
            found.excerpts(found.ids),
            {name: +counted for name, counted in found.facets.items()},
            found.corrections,
            [
                (one.piece.pk, one.words, one.extract)
                for one in queries.similar_to(f"{words} et loyer", sight=Sight())
            ],
        )

    @pytest.mark.parametrize("words", ["bail", "zoothérapie", "zootherapee", "zoo"])
    def test_is_in_no_result_snippet_count_facet_or_suggestion(self, hidden, words):
        before = self.answer(words)
        piece = hidden()
        after = self.answer(words)

        assert [one for one in after[0] if one == piece.pk] == []
        assert _without_scores(after) == _without_scores(before)
        assert queries.search(words, sight=ALL).ids[:1] or words == "zoo"

    def test_is_still_a_vain_search_for_whoever_may_not_see_it(self, hidden):
        hidden()

        assert queries.search("zoothérapie", sight=Sight()).is_vain
        assert not queries.search("zoothérapie", sight=ALL).is_vain
        assert not Miss.objects.exists()

    def test_changed_between_the_index_and_the_reading_it_is_held_back(
        self, db, settings, tmp_path, monkeypatch
    ):
        """The index is late: row-level security is what holds it back."""
        piece = builders.piece(title="Le bail")
        here = node()
        here.keep_up()
        monkeypatch.setattr(here, "keep_up", lambda: True)
        Piece.objects.filter(pk=piece.pk).update(status="WALLED")

        found = queries.search("bail", sight=Sight())
        assert (found.ids, found.excerpts([piece.pk])) == ([], {})
        assert not any(found.facets.values())
        assert queries.similar_to("le bail, la hausse", sight=Sight()) == []


def _without_scores(answer):
    ids, passages, *rest = answer
    return ids, {pk: (one.extract, one.words) for pk, one in passages.items()}, *rest


class TestAConflictDeclaredLater:
    """What an expert wrote for an organisation is no longer seen from that day."""

    @pytest.fixture
    def author(self, db):
        return builders.expert(name="Maya Roy")

    @pytest.fixture
    def org(self, db):
        return builders.organisation(name="Garderie du Pont")

    @pytest.fixture
    def written(self, author, org):
        return [
            builders.piece(
                title="La zoothérapie",
                text="Le bail, la zoothérapie, le loyer.",
                author=author,
                organisation=org,
                **more,
            )
            for more in (
                {"status": "WALLED", "released_on": None},
                {"confidentiality": "HOUSE"},
                {},
            )
        ]

    def look(self, author, on=builders.TODAY):
        sight = Sight(
            house=True, author_id=author.pk, barred_ids=barred_from(author.pk, on=on)
        )
        found = queries.search("zoothérapie", sight=sight)
        mistyped = queries.search("zoothéraqie", sight=sight)
        return {
            "found": set(found.ids),
            "counted": found.facets["status"].total(),
            "mistyped": set(mistyped.ids),
            "listed": set(queries.search("", sight=sight).ids),
            "alike": {
                one.piece.pk
                for one in queries.similar_to("zoothérapie et loyer", sight=sight)
            },
        }

    def test_leaves_only_what_all_members_read(self, author, org, written):
        every = {piece.pk for piece in written}
        shared = {written[-1].pk}
        assert self.look(author) == _answers(every)

        conflict = declare_conflict(
            expert_id=author.pk,
            organisation_id=org.pk,
            kind="ADVERSE",
            by=builders.actor(),
        )

        assert self.look(author) == _answers(shared)
        waive_conflict(conflict_id=conflict.pk, waiver="Accord", by=builders.actor())
        assert self.look(author) == _answers(every)

    def test_is_over_on_the_day_it_ends(self, author, org, written):
        conflict = declare_conflict(
            expert_id=author.pk,
            organisation_id=org.pk,
            kind="FAMILY",
            by=builders.actor(),
        )
        end_conflict(conflict_id=conflict.pk, by=builders.actor())

        assert self.look(author) == _answers({piece.pk for piece in written})

    def test_of_another_expert_or_organisation_changes_nothing(
        self, author, org, written
    ):
        for expert, other in (
            (author, builders.organisation(name="Théâtre")),
            (builders.expert(name="Luc Roy"), org),
        ):
            declare_conflict(
                expert_id=expert.pk,
                organisation_id=other.pk,
                kind="BOARD",
                by=builders.actor(),
            )

        assert self.look(author) == _answers({piece.pk for piece in written})

    def test_offers_no_word_that_only_its_documents_hold(self, author, org, written):
        for piece in written[1:]:
            piece.delete()
        declare_conflict(
            expert_id=author.pk,
            organisation_id=org.pk,
            kind="ADVERSE",
            by=builders.actor(),
        )
        barred = barred_from(author.pk, on=builders.TODAY)
        sight = Sight(house=True, author_id=author.pk, barred_ids=barred)

        assert queries.search("zoothéraqie", sight=sight).corrections == {}
        assert queries.search("zoothérapie", sight=sight).is_vain


def _answers(ids):
    return {
        "found": ids,
        "counted": len(ids),
        "mistyped": ids,
        "listed": ids,
        "alike": ids,
    }
