"""What serving again saved, as far as it can be shown."""


def saving(*, declared: int, real: int | None, adapting: int) -> int:
    """Return the minutes credited to a piece that served again.

    All in minutes, none negative. `declared` is what the expert says it saved, `real`
    what making the piece really took (None: nobody knows), `adapting` what fitting
    it to the new case took. Never more than the piece's own hours less those spent
    adapting it, and nothing without that evidence.

    Raises ValueError for a negative number.
    """
    if declared < 0 or adapting < 0 or (real is not None and real < 0):
        raise ValueError("minutes are not negative")
    if real is None:
        return 0
    return max(0, min(declared, real - adapting))
