"""The planner's machine code: loaded once a process, never during a click.

Compiling takes tens of seconds on a machine that never did it, and a second to load
on one that did. The worker and the web server warm it in a thread as they start, one
process at a time; until then a page says so and shows what needs no planner.
"""

import fcntl
import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

MADE_BEFORE_COLLECTING = 200_000  # objects; Python's own number is 700

_ready = threading.Event()
_one_at_a_time = threading.Lock()


def ready() -> bool:
    """Tell whether a page may use the planner without making anyone wait."""
    return _ready.is_set()


def warm() -> None:
    """Load, or compile, the planner; at once when it is done already."""
    with _one_at_a_time:
        if _ready.is_set():
            return
        with _first_of_this_machine():
            # Imported here: numba alone takes a second, which no page needs to pay.
            from partage.rules.staffing.planner import prepare

            prepare()
        # What is loaded by now stays for good: the collector need not walk it again,
        # nor what a page makes while it makes it. Either would cost each page of many
        # rows tens of milliseconds.
        gc.collect()
        gc.freeze()
        gc.set_threshold(MADE_BEFORE_COLLECTING)
        _ready.set()


def warm_beside() -> None:
    """Warm in a thread of its own."""
    threading.Thread(target=warm, name="warm-planner", daemon=True).start()


@contextmanager
def _first_of_this_machine() -> Iterator[None]:
    """Two processes that compile the same code at once would both be slow."""
    settings.VAR.mkdir(parents=True, exist_ok=True)
    with (settings.VAR / "planner.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
