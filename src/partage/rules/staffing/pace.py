"""How much effort is left, told by a clock that is handed in or by counted work.

Rules read no clock. With a clock a search stops on time; without one it counts
its own work in units that are about a second, and the same problem, seed and
budget always give the same plan.
"""

from collections.abc import Callable


class Pace:
    def __init__(
        self,
        *,
        budget: float,
        clock: Callable[[], float] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> None:
        self.budget = budget
        self._clock = clock
        self._began = clock() if clock else 0.0
        self._work = 0.0
        self._should_stop = should_stop

    @property
    def counted(self) -> bool:
        return self._clock is None

    def work(self, units: float) -> None:
        """Note effort; it only tells the time when there is no clock."""
        self._work += units

    def spent(self) -> float:
        return self._clock() - self._began if self._clock else self._work

    def left(self) -> float:
        return self.budget - self.spent()

    def stopped(self) -> bool:
        return self._should_stop is not None and self._should_stop()

    def over(self, until: float = 1.0) -> bool:
        """True once this fraction of the budget is used, or when asked to stop."""
        return self.stopped() or self.spent() >= until * self.budget
