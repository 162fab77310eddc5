"""The index follows the change log: late, killed, made anew, it ends up the same."""

import json
import os
import subprocess
import sys
import threading
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection, transaction

from partage.knowledge import actions, queries
from partage.knowledge.models import Piece
from partage.knowledge.queries import Sight, following
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True)
ALL = Sight(everything=True)
KILLED = """
import sys
from pathlib import Path
import django
django.setup()
from tests.rooms.index_killed import main
main(Path(sys.argv[1]))
"""


@pytest.fixture(autouse=True)
def here(settings, tmp_path):
    """Give each test a folder of its own, as a machine has."""
    settings.INDEX_FOLDER = tmp_path
    following._nodes.clear()
    yield following.node()
    following._nodes.clear()


def found(words, sight=ALL):
    return [piece.title for piece in queries.search(words, sight=sight).pieces()]


class TestFollowing:
    def test_twenty_documents_just_poured_are_found_by_the_next_search(self, here):
        here.follow()
        for number in range(20):
            builders.piece(title=f"Bail {number}")

        answer = queries.search("bail", sight=ALL)

        assert len(answer.ids) == 20
        assert not answer.from_database

    def test_a_rolled_back_change_is_never_indexed(self, here):
        here.follow()
        with transaction.atomic():
            builders.piece(title="Bail")
            transaction.set_rollback(True)

        assert found("bail") == []
        assert here.ordinary.pieces() == {}

    def test_what_began_before_and_ends_after_another_is_not_passed_over(self, here):
        builders.field()
        here.follow()
        written, may_end = threading.Event(), threading.Event()

        def slowly() -> None:
            try:
                with transaction.atomic():
                    builders.piece(title="Bail lent")
                    written.set()
                    may_end.wait(20)
            finally:
                connection.close()

        slow = threading.Thread(target=slowly)
        slow.start()
        assert written.wait(20)
        builders.piece(title="Bail rapide")
        assert found("bail") == ["Bail rapide"]
        may_end.set()
        slow.join()

        assert set(found("bail")) == {"Bail lent", "Bail rapide"}

    def test_withdrawal_takes_out_of_the_very_next_search(self, here):
        piece = builders.piece()
        here.follow()
        assert found("bail") == [piece.title]
        actions.withdraw(piece_id=piece.pk, reason="Périmé", by=builders.actor())

        assert found("bail") == []
        assert here.ordinary.pieces() == {}

    def test_a_new_concept_finds_what_was_indexed_before_it(self, here):
        builders.piece(title="Tenir une assemblée générale annuelle")
        here.follow()
        assert found("AGM") == []
        actions.save_concept(
            french=["assemblée générale annuelle", "AGA"],
            english=["AGM"],
            by=builders.actor(),
        )

        assert found("AGM") == ["Tenir une assemblée générale annuelle"]

    def test_a_reservoir_that_is_emptied_leaves_nothing_behind(self, here):
        builders.piece()
        here.follow()
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE knowledge_piece CASCADE")

        assert found("bail") == []
        assert here.ordinary.pieces() == {}

    def test_secrets_lie_in_an_index_of_their_own_until_they_are_shared(self, here):
        secret = builders.piece(privileged=True)
        Piece.objects.filter(pk=secret.pk).update(status="WALLED")
        here.follow()
        assert (here.ordinary.pieces(), here.privileged.pieces()) == (
            {},
            {secret.pk: 1},
        )
        assert found("bail", Sight()) == []
        Piece.objects.filter(pk=secret.pk).update(status="RELEASED")

        assert found("bail", Sight()) == [secret.title]
        assert (here.ordinary.pieces(), here.privileged.pieces()) == (
            {secret.pk: 1},
            {},
        )


class TestWhileItIsMade:
    def test_search_answers_from_postgresql_and_says_so(self, here):
        piece = builders.piece()
        hidden = builders.piece(title="Le bail d’un autre", status="WALLED")
        # Another process of this machine is at it.
        with here.ordinary.writer():
            answer = queries.search("bail", sight=Sight())
            similar = queries.similar_to("Le bail et la hausse", sight=Sight())

        assert answer.from_database
        assert answer.ids == [piece.pk]
        assert [one.piece.pk for one in similar] == [piece.pk]
        assert hidden.pk not in answer.excerpts([piece.pk, hidden.pk])
        here.follow()
        assert not queries.search("bail", sight=Sight()).from_database

    def test_a_rebuilding_that_is_stopped_goes_on_from_where_it_was(
        self, here, monkeypatch
    ):
        monkeypatch.setattr(following, "BATCH", 2)
        monkeypatch.setattr(following, "SECONDS_APART", 0.0)
        ids = {builders.piece(title=f"Bail {number}").pk for number in range(7)}
        here.follow()
        told = []

        assert not here.rebuild(
            tell=lambda done, of: told.append((done, of)),
            stopped=lambda: len(told) == 2,
        )
        assert told == [(2, 7), (4, 7)]
        assert not here.is_whole()
        assert here.follow()
        assert here.is_whole()
        assert here.ordinary.pieces() == dict.fromkeys(ids, 1)

    def test_made_anew_it_holds_the_same(self, here):
        for number in range(3):
            builders.piece(title=f"Bail {number}")
        here.follow()
        before = here.ordinary.pieces()

        assert here.rebuild()
        assert here.ordinary.pieces() == before
        assert len(found("bail")) == 3


class TestAKill:
    def test_at_any_write_loses_nothing_and_indexes_nothing_twice(self, tmp_path):
        """A real process dies before each write of a catching-up, another goes on."""
        ended = subprocess.run(
            [sys.executable, "-c", KILLED, str(tmp_path / "kills")],
            env=os.environ
            | {
                "DATABASE_URL": _url(),
                "DJANGO_SETTINGS_MODULE": "partage.config.settings",
                "PYTHONPATH": os.pathsep.join([os.getcwd(), *sys.path]),
            },
            check=False,
            capture_output=True,
            text=True,
        )
        assert ended.returncode == 0, ended.stderr
        anew, *after = map(json.loads, ended.stdout.splitlines())

        assert [one["killed"] for one in after] == [True] * (len(after) - 1) + [False]
        assert len(after) > 20
        for one in after:
            for name in ("whole", "ordinary", "privileged", "found"):
                assert one[name] == anew[name], one["step"]
        assert len(anew["found"]["AGA"]) == 2


def _url() -> str:
    """The address of this test's own database, for another process."""
    url = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(url._replace(path="/" + connection.settings_dict["NAME"]))
