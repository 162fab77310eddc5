"""This node's own index, and how it follows the log of changes.

PostgreSQL is the truth. A follower remembers a horizon: every transaction before it
has ended and is indexed. It applies whatever change it can see from there on (a
number given early can be committed late, so the order of numbers is not that of
commits), then moves the horizon to the oldest transaction that still runs. What it
did beyond the horizon it does again after a restart: putting a piece in replaces
it, so nothing is there twice. The horizon is committed with the passages it speaks
of; a process killed anywhere finds both where they were.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

from django.conf import settings
from django.db import connection, transaction

from partage.knowledge.models import Change, Page, Piece, Term
from partage.knowledge.queries.seeing import walls_of
from partage.retrieval.analysis import folded
from partage.retrieval.concepts import Concepts
from partage.retrieval.index import Index, IndexIsBusy, Writer
from partage.retrieval.passages import Passage, stretches

logger = logging.getLogger(__name__)

BATCH = 200  # pieces between two commits
AT_ONCE = 200  # changes that a search applies itself before it answers
SECONDS_APART = 5.0  # between two commits of a long following, at least
Tell = Callable[[int, int], None]  # how many are done, of how many

PENDING = """
SELECT subject, number, xid, pg_snapshot_xmin(pg_current_snapshot())::text::bigint
FROM knowledge_change WHERE xid >= %s ORDER BY xid, subject, number
"""
HORIZON = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
PLACE = """
SELECT oid, (SELECT system_identifier FROM pg_control_system())
FROM pg_database WHERE datname = current_database()
"""
LATEST = """
SELECT count(*), coalesce(max(id), 0), coalesce(max(xid), 0) FROM knowledge_change
"""


class Node:
    """The two indexes of this machine: the ordinary one, and that of secrets.

    In memory (`folder` None) it is made again whenever the log has moved: that is
    what tests use, whose transactions never end.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.ordinary = Index(folder / "ordinary" if folder else None)
        self.privileged = Index(folder / "privileged" if folder else None)
        self._ahead: dict[tuple[str, int], int] = {}
        self._one_at_a_time = threading.Lock()
        self._latest: object = None

    @property
    def indexes(self) -> tuple[Index, Index]:
        return self.ordinary, self.privileged

    def is_whole(self) -> bool:
        """Tell whether everything was indexed once: before, search asks elsewhere."""
        return all(index.state().get("whole") for index in self.indexes)

    def horizon(self) -> int:
        return min(index.state().get("horizon", 0) for index in self.indexes)

    def concepts(self) -> Concepts:
        """Return the concepts as they are indexed, so that query and index agree."""
        terms = self.ordinary.state().get("terms", [])
        key = tuple(map(tuple, terms))
        if getattr(self, "_concepts", (None,))[0] != key:
            self._concepts = (key, Concepts(key))
        return self._concepts[1]

    def terms_of(self, concept: int) -> tuple[str, ...]:
        """Return the terms of a concept, as they are indexed."""
        terms = self.ordinary.state().get("terms", [])
        return tuple(term for number, term in terms if number == concept)

    def pending(self) -> tuple[list[tuple[str, int, int]], int]:
        """Return the changes to apply, and the horizon once they are."""
        with connection.cursor() as cursor:
            cursor.execute(PENDING, [self.horizon()])
            rows = cursor.fetchall()
        if not rows:
            return [], 0
        changes = [
            (subject, number, xid)
            for subject, number, xid, _horizon in rows
            if self._ahead.get((subject, number)) != xid
        ]
        return changes, rows[0][3]

    def keep_up(self) -> bool:
        """Apply what is new if it is little, or begin to; tell if it can be asked."""
        if self.folder is None:
            return self._in_memory()
        changes, _horizon = self.pending()
        whole = self.is_whole()
        if changes and whole and len(changes) <= AT_ONCE:
            self.follow()
        elif changes or not whole:
            threading.Thread(target=self._follow_aside, daemon=True).start()
        return whole

    def _in_memory(self) -> bool:
        with self._one_at_a_time:
            with connection.cursor() as cursor:
                cursor.execute(LATEST)
                latest = (connection.settings_dict["NAME"], *cursor.fetchone())
            if latest != self._latest:
                with self.ordinary.writer() as one, self.privileged.writer() as other:
                    one.clear()
                    other.clear()
                    self._apply((one, other), [], 0, every=True)
                self._latest = latest
        return True

    def _follow_aside(self) -> None:
        try:
            self.follow()
        except Exception:
            logger.exception("the index could not follow")
        finally:
            connection.close()

    def follow(
        self, *, tell: Tell | None = None, stopped: Callable[[], bool] = bool
    ) -> bool:
        """Apply the changes that can be seen; tell whether all of them are.

        False also when another process of this node is at it.
        """
        if not self._one_at_a_time.acquire(blocking=False):
            return False
        try:
            with ExitStack() as held:
                writers = [held.enter_context(one.writer()) for one in self.indexes]
                changes, horizon = self.pending()
                if not horizon:
                    with connection.cursor() as cursor:
                        cursor.execute(HORIZON)
                        horizon = cursor.fetchone()[0]
                return self._apply(
                    (writers[0], writers[1]), changes, horizon, tell, stopped
                )
        except IndexIsBusy:
            return False
        finally:
            self._one_at_a_time.release()

    def rebuild(
        self, *, tell: Tell | None = None, stopped: Callable[[], bool] = bool
    ) -> bool:
        """Make both indexes anew. Until it ends, search asks PostgreSQL.

        Stopped or killed, it goes on from where it was at the next `follow`.
        Returns False if another process of this node writes, or if it was stopped.
        """
        with self._one_at_a_time:
            self._ahead = {}
            try:
                with ExitStack() as held:
                    writers = [held.enter_context(one.writer()) for one in self.indexes]
                    for writer in writers:
                        writer.clear()
                        writer.commit({})
            except IndexIsBusy:
                return False
        return self.follow(tell=tell, stopped=stopped)

    def _apply(
        self,
        writers: tuple[Writer, Writer],
        changes: list[tuple[str, int, int]],
        horizon: int,
        tell: Tell | None = None,
        stopped: Callable[[], bool] = bool,
        *,
        every: bool = False,
    ) -> bool:
        before = self.ordinary.state()
        whole, since_then = self.is_whole(), self.horizon()
        old = [tuple(term) for term in before.get("terms", [])]
        terms = list(Term.objects.order_by("id").values_list("concept", "text"))
        concepts = Concepts(terms)
        todo: dict[int, int] = {}
        if any(subject == Change.Subject.ALL for subject, _n, _x in changes):
            for writer in writers:
                writer.clear()
            every, whole, since_then = True, False, 0
        if every:
            todo = dict.fromkeys(
                Piece.objects.order_by("id").values_list("pk", flat=True), since_then
            )
        else:
            # What the concepts touch first: the horizon may not pass it.
            todo = dict.fromkeys(self._touched(set(old) ^ set(terms)), since_then)
            for subject, number, xid in changes:
                if subject == Change.Subject.PIECE:
                    todo.setdefault(number, xid)
        ids, since = list(todo), monotonic()
        for start in range(0, len(ids), BATCH):
            some = ids[start : start + BATCH]
            self._put(writers, some, concepts)
            if tell:
                tell(min(start + BATCH, len(ids)), len(ids))
            if stopped():
                break
            if monotonic() - since > SECONDS_APART and start + BATCH < len(ids):
                # Everything before the next one's transaction is in.
                reached = min(horizon, todo[ids[start + BATCH]])
                self._commit(
                    writers, {"horizon": reached, "whole": whole, "terms": old}
                )
                since = monotonic()
        else:
            self._commit(writers, {"horizon": horizon, "whole": True, "terms": terms})
            self._ahead = {
                (subject, number): xid
                for subject, number, xid in [
                    *((s, n, x) for (s, n), x in self._ahead.items()),
                    *changes,
                ]
                if xid >= horizon
            }
            return True
        return False

    def _commit(self, writers: tuple[Writer, Writer], state: dict) -> None:
        """Commit both; the ordinary one last, whose word on the concepts counts.

        Killed between the two, the older state is that which is gone on from.
        """
        ordinary, privileged = writers
        privileged.commit(state)
        ordinary.commit(state)

    def _touched(self, terms: set[tuple[int, str]]) -> list[int]:
        """Return the pieces whose passages hold any of these terms."""
        found: set[int] = set()
        for _concept, term in terms:
            for index in self.indexes:
                found |= index.holding_all(folded(term).split())
        return sorted(found)

    def _put(
        self, writers: tuple[Writer, Writer], ids: list[int], concepts: Concepts
    ) -> None:
        """Replace what the indexes hold of these pieces by what they are now."""
        for writer in writers:
            for piece in ids:
                writer.forget(piece)
        for passage, secret in passages_of(ids):
            said = {one.concept for one in concepts.said_in(passage.head)}
            said |= {one.concept for one in concepts.said_in(passage.text)}
            writers[secret].add(passage, sorted(said))


def passages_of(ids: Iterable[int]) -> Iterable[tuple[Passage, bool]]:
    """Yield the passages of pieces as they are now, and whether they are secrets.

    A withdrawn piece has none.
    """
    ids = list(ids)
    # One picture: a page is never read beside the walls of another moment.
    with transaction.atomic():
        pieces = list(
            Piece.objects.filter(pk__in=ids)
            .exclude(status=Piece.Status.WITHDRAWN)
            .select_related("field", "deliverable_type")
            .defer("words")
            .order_by("pk")
        )
        pages: dict[int, list[tuple[int, str]]] = {}
        for piece, number, text in (
            Page.objects.filter(version__piece__in=ids, version__is_shown=True)
            .order_by("version__piece", "number")
            .values_list("version__piece", "number", "text")
        ):
            pages.setdefault(piece, []).append((number, text))
    for piece in pieces:
        walls, tags = walls_of(piece), tags_of(piece)
        secret = piece.privileged and piece.status != Piece.Status.RELEASED
        for number, text in [(0, piece.text), *pages.get(piece.pk, ())]:
            for at, stretch in enumerate(stretches(text)):
                yield (
                    Passage(
                        piece=piece.pk,
                        page=number,
                        stretch=at,
                        language=piece.language,
                        head=head_of(piece),
                        text=stretch,
                        walls=walls,
                        tags=tags,
                    ),
                    secret,
                )


def head_of(piece: Piece) -> str:
    """Return the title and keywords of a piece."""
    kind = piece.deliverable_type
    names = [piece.title]
    for named in (piece.field, kind):
        if named is not None:
            names.append(named.name_en if piece.language == "en" else named.name_fr)
    return " · ".join(names)


def tags_of(piece: Piece) -> tuple[str, ...]:
    """Return by what a piece can be narrowed."""
    return (
        f"field={piece.field_id}",
        f"kind={piece.kind}",
        f"language={piece.language}",
        f"status={piece.status}",
        f"province={piece.province}",
    )


_nodes: dict[object, Node] = {}
_opening = threading.Lock()


def node() -> Node:
    """Return this machine's index of the database that this thread speaks to."""
    if settings.INDEX_FOLDER is None:
        key: object = None
    else:
        name = connection.settings_dict["NAME"]
        key = (str(settings.INDEX_FOLDER), name)
    with _opening:
        if key not in _nodes:
            _nodes[key] = Node(None if key is None else _folder())
        return _nodes[key]


def _folder() -> Path:
    # A database that is made anew, or restored elsewhere, is another one.
    with connection.cursor() as cursor:
        cursor.execute(PLACE)
        oid, server = cursor.fetchone()
    return Path(settings.INDEX_FOLDER) / f"{server}-{oid}"
