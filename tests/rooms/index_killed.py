"""Follows the change log in processes that are killed one step further each time.

On the database of DATABASE_URL, which whoever runs it has emptied. Each process is
forked, follows, and dies by SIGKILL just before its n-th write to the index; another
goes on from what it left. One line of JSON for each n says what is then indexed,
until one is not killed.
"""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

from django.conf import settings
from django.db import connection

from partage.knowledge.actions import save_concept
from partage.knowledge.models import Piece
from partage.knowledge.queries import following
from partage.retrieval.index import Writer
from partage.retrieval.passages import Walls
from partage.retrieval.query import Asked
from tests import builders

WORDS = ("bail", "loyer", "budget", "AGA", "assemblée générale annuelle")


def begin() -> None:
    """Six pieces of one page, of which one is under professional secrecy."""
    for number in range(5):
        builders.piece(title=f"Le bail {number}", text=f"Loyer du local {number}.")
    builders.piece(title="Avis", text="L’assemblée générale annuelle.", privileged=True)
    Piece.objects.filter(title="Avis").update(status="WALLED")


def go_on() -> None:
    """One is withdrawn, one changes, one is a secret, one is new, and a concept."""
    Piece.objects.filter(title="Le bail 1").update(status="WITHDRAWN")
    Piece.objects.filter(title="Le bail 2").update(text="Un budget.")
    Piece.objects.filter(title="Le bail 3").update(status="WALLED", privileged=True)
    builders.piece(title="Le budget", text="Tenir une assemblée générale annuelle.")
    save_concept(
        french=["AGA", "assemblée générale annuelle"],
        english=["AGM"],
        by=builders.actor(),
    )


def forked(act: Callable[[], None]) -> bool:
    """Do it in a process of its own; tell whether it ended by itself."""
    connection.close()
    process = os.fork()
    if not process:
        act()
        connection.close()
        sys.stdout.flush()
        os._exit(0)
    _process, status = os.waitpid(process, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.WEXITSTATUS(status) == 0
    return True


def dying(step: int) -> Callable[[], None]:
    """Follow, and die before that write."""

    def act() -> None:
        writes = count()

        def dies(write):
            def write_or_die(*args, **more):
                if next(writes) == step:
                    os.kill(os.getpid(), signal.SIGKILL)
                write(*args, **more)

            return write_or_die

        for name in ("forget", "add", "commit"):
            setattr(Writer, name, dies(getattr(Writer, name)))
        following.node().follow()

    return act


def tell(step: int, killed: bool) -> None:
    here = following.node()
    found = {
        word: sorted(
            (hit.piece, hit.page, hit.stretch)
            for index in here.indexes
            for hit in index.find(
                Asked.of(word, here.concepts()), walls=Walls(), limit=100
            )
        )
        for word in WORDS
    }
    said = {
        "step": step,
        "killed": killed,
        "whole": here.is_whole(),
        "ordinary": here.ordinary.pieces(),
        "privileged": here.privileged.pieces(),
        "found": found,
    }
    print(json.dumps(said))


def main(folder: Path) -> None:
    following.BATCH, following.SECONDS_APART = 2, 0.0

    def at(name: str) -> None:
        settings.INDEX_FOLDER = folder / name
        following._nodes.clear()

    at("before")
    begin()
    forked(lambda: following.node().follow())
    go_on()
    at("anew")
    forked(lambda: following.node().follow())
    forked(lambda: tell(-1, False))
    for step in count():
        at(f"step {step}")
        shutil.copytree(folder / "before", folder / f"step {step}")
        ended = forked(dying(step))
        forked(lambda: following.node().follow())
        forked(lambda step=step, ended=ended: tell(step, not ended))
        if ended:
            return
