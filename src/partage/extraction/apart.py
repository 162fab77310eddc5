"""A document is opened in a process of its own, under limits.

The child gets the bytes on its standard input and answers on its standard output,
a file that cannot grow beyond a limit. It has no environment but what it needs: no
address of a database, no secret. It limits itself before it opens anything.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile
from types import ModuleType
from typing import Any

from partage.extraction.parts import Problem, Reading, Unreadable

_ROOT = str(Path(__file__).resolve().parents[2])
_START = "from partage.extraction.child import main; main()"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may take."""

    cpu_seconds: int = 30
    wall_seconds: int = 90
    memory: int = 1536 * 1024 * 1024  # bytes of address space
    output: int = 64 * 1024 * 1024  # bytes


LIMITS = Limits()


_TRUSTED: ContextVar[bool] = ContextVar("trusted", default=False)


@contextmanager
def trusted() -> Iterator[None]:
    """Open documents here, without a child: only for those that the house just made.

    The demonstration writes its own documents by the dozen; a process for each would
    take longer than its whole year.
    """
    token = _TRUSTED.set(True)
    try:
        yield
    finally:
        _TRUSTED.reset(token)


def read(content: bytes, *, limits: Limits = LIMITS) -> Reading:
    """Return the pages of a document. Raises Unreadable."""
    if _TRUSTED.get():
        reading: Reading = formats().read(content)
        return reading
    answer, _rest = _ask({"do": "read"}, content, limits)
    return Reading.from_json(answer)


def rebuild(
    content: bytes,
    changes: Sequence[tuple[str, str]],
    *,
    title: str = "",
    limits: Limits = LIMITS,
) -> tuple[bytes, Reading]:
    """Return a new document with `changes` made, and what it now says.

    Each change is what is written and what replaces it, everywhere. Only what is
    seen is carried over: words, lists, tables, values. Raises Unreadable, for a PDF
    with `Problem.UNKNOWN`: its text only can be given.
    """
    if _TRUSTED.get():
        made_here: tuple[bytes, Reading] = formats().rebuild(
            content, changes, title=title
        )
        return made_here
    ask = {"do": "rebuild", "changes": list(changes), "title": title}
    answer, made = _ask(ask, content, limits)
    return made, Reading.from_json(answer)


def formats() -> ModuleType:
    """Return what opens documents: heavy, and needed only where they are opened."""
    return import_module("partage.extraction.formats")


def _ask(ask: dict[str, Any], content: bytes, limits: Limits) -> tuple[Any, bytes]:
    head = json.dumps(
        {
            **ask,
            "memory": limits.memory,
            "cpu": limits.cpu_seconds,
            "output": limits.output,
        }
    )
    with TemporaryFile() as given, TemporaryFile() as taken:
        given.write(head.encode() + b"\n" + content)
        given.seek(0)
        process = subprocess.Popen(
            [
                sys.executable,
                "-I",
                "-c",
                f"import sys; sys.path.insert(0, {_ROOT!r}); {_START}",
            ],
            stdin=given,
            stdout=taken,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={"OPENBLAS_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
        try:
            code = process.wait(limits.wall_seconds)
        except subprocess.TimeoutExpired:
            raise Unreadable(Problem.TOO_LONG) from None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if code:
            raise Unreadable(_why(code))
        taken.seek(0)
        answer = json.loads(taken.readline())
        if "problem" in answer:
            raise Unreadable(Problem(answer["problem"]))
        return answer, taken.read()


def _why(code: int) -> Problem:
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return Problem.TOO_LONG
    if code in (-signal.SIGABRT, -signal.SIGXFSZ):
        return Problem.TOO_HEAVY
    return Problem.BROKEN
