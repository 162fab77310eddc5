"""Machine code for the inner loops, kept between runs outside the project."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])

_CACHE = "NUMBA_CACHE_DIR"


def _cache_folder() -> str:
    """Where the machine code is kept: never beside the sources."""
    chosen = os.environ.get(_CACHE)
    if chosen:
        return chosen
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = Path(home) / "partage" / "numba"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        # Not the shared temporary folder itself: another user could plant code there.
        return tempfile.mkdtemp(prefix="partage-numba-")
    return str(folder)


numba.config.CACHE_DIR = _cache_folder()  # type: ignore[attr-defined]


def compiled(function: F) -> F:
    """Compile on first call; two threads may run the result at once."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))
