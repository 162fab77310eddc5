"""The process in which a document is opened: it limits itself, answers, and ends."""

import json
import resource
import sys
from typing import Any

from partage.extraction.apart import formats
from partage.extraction.parts import Problem, Unreadable


def main() -> None:
    """Read the question and the document on the standard input; answer."""
    ask = json.loads(sys.stdin.buffer.readline())
    for what, most in (
        (resource.RLIMIT_AS, ask["memory"]),
        (resource.RLIMIT_CPU, ask["cpu"]),
        (resource.RLIMIT_FSIZE, ask["output"]),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (most, most))
    made = b""
    try:
        answer, made = _answer(ask, sys.stdin.buffer.read())
    except Unreadable as unreadable:
        answer = {"problem": unreadable.problem}
    except MemoryError:
        answer = {"problem": Problem.TOO_HEAVY}
    except Exception:
        # Whatever a library says of a document that is not what it should be.
        answer = {"problem": Problem.BROKEN}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + made)
    sys.stdout.buffer.flush()


def _answer(ask: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    opened = formats()
    if ask["do"] == "read":
        return opened.read(content).as_json(), b""
    changes = [(before, after) for before, after in ask["changes"]]
    made, reading = opened.rebuild(content, changes, title=ask["title"])
    return reading.as_json(), made
