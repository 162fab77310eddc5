"""Prices of the roles for a large problem, climbed to without a linear program.

The dual of the linear program over known bundles is a concave function of the
prices `v`: Σ v − Σ_e max(0, max_B (v(B) − cost_B)). Smoothed by a temperature,

    Σ v − Σ_e τ · log(1 + Σ_B exp((v(B) − cost_B) / τ)),   v ≤ rejection,

it has a gradient everywhere: one less what the bundles, taken by their shares,
cover of each role. L-BFGS climbs it in milliseconds where a solver takes seconds,
its prices lie in the middle of the good ones (which steadies pricing), and near
its top the shares are the fractional plan that a dive rounds.

The L-BFGS here keeps prices in their box by projection. That of scipy looks for
the best point of a quadratic model in the box instead: on 4 500 prices it takes
eight times as long for the same height.
"""

from collections.abc import Callable, Iterable

import numpy as np

from partage.rules.staffing.compiled import compiled
from partage.rules.staffing.master import CHEAPER, Bundle
from partage.rules.staffing.tables import Floats, Ints, Mask

_NEGLIGIBLE = 40.0  # temperatures below the best at which a bundle weighs nothing
_FIRST_MOVE = 0.02  # of a price, before anything is known of the curve


class Ascent:
    """Known bundles, and the prices that fit them best."""

    def __init__(self, n_experts: int, reject: Floats) -> None:
        self._n_experts = n_experts
        self._reject = reject
        self._load([])

    def _load(self, bundles: Iterable[Bundle]) -> None:
        self.columns: list[Bundle] = []
        self._have: dict[tuple[int, tuple[int, ...]], float] = {}
        self._expert: list[int] = []
        self._cost: list[float] = []
        self._roles: list[int] = []
        self._end: list[int] = [0]
        self.add(bundles)

    def add(self, bundles: Iterable[Bundle]) -> int:
        """Add what is not known yet, or not so cheap; return how many those were."""
        before = len(self.columns)
        for b in bundles:
            key = b.expert, b.roles
            if b.cost >= self._have.get(key, np.inf) - CHEAPER:
                continue
            self._have[key] = b.cost
            self.columns.append(b)
            self._expert.append(b.expert)
            self._cost.append(b.cost)
            self._roles.extend(b.roles)
            self._end.append(len(self._roles))
        if len(self.columns) > before or before == 0:
            expert = np.array(self._expert, np.int64)
            self._order = np.argsort(expert, kind="stable")
            self._first = np.searchsorted(
                expert[self._order], np.arange(self._n_experts + 1)
            )
            self._arrays = (
                np.array(self._end, np.int64),
                np.array(self._roles, np.int64),
                np.array(self._cost, np.float64),
            )
        return len(self.columns) - before

    def among(self, free_roles: Mask, free_experts: Mask) -> "Ascent":
        """The same over the bundles that these roles and experts allow."""
        twin = Ascent(self._n_experts, self._reject)
        twin.add(
            b
            for b in self.columns
            if free_experts[b.expert] and free_roles[list(b.roles)].all()
        )
        return twin

    @property
    def size(self) -> int:
        """Roles of all columns together: what one look at all of them costs."""
        return len(self._roles)

    def level(self, value: Floats, heat: float) -> tuple[float, Floats, Floats]:
        """The smoothed dual, its gradient per role, the share of each column."""
        gradient = np.empty(len(value))
        share = np.empty(len(self.columns))
        total = _level(
            value, self._order, self._first, *self._arrays, heat, gradient, share
        )
        return total, gradient, share

    def climb(
        self,
        value: Floats,
        roles: Ints,
        *,
        low: Floats,
        high: Floats,
        heat: float,
        steps: int,
    ) -> Floats:
        """Better prices of `roles` between `low` and `high`; the others stay."""
        scale = np.maximum(np.abs(value[roles]), 0.1 * self._reject[roles])
        scale = np.maximum(scale, 1e-6)
        found = value.copy()
        outside = float(value.sum() - value[roles].sum())

        def fall(x: Floats) -> tuple[float, Floats]:
            found[roles] = x * scale
            total, gradient, _ = self.level(found, heat)
            return (outside - total) / 1e3, -gradient[roles] * scale / 1e3

        x = _descend(fall, value[roles] / scale, low / scale, high / scale, steps)
        found[roles] = np.minimum(x * scale, self._reject[roles])
        return found


def _descend(
    fall: Callable[[Floats], tuple[float, Floats]],
    x: Floats,
    low: Floats,
    high: Floats,
    steps: int,
) -> Floats:
    """Lower `fall` (value, gradient) from `x` between `low` and `high`: L-BFGS."""
    x = np.clip(x, low, high)
    level, slope = fall(x)
    known: list[tuple[Floats, Floats, float]] = []
    for _ in range(steps):
        free = ~(((x <= low) & (slope > 0.0)) | ((x >= high) & (slope < 0.0)))
        way = np.where(free, slope, 0.0)
        steepest = float(np.abs(way).max(initial=0.0))
        if steepest < 1e-9:
            break
        if known:
            parts = []
            for moved, turned, curve in reversed(known):
                parts.append(curve * float(moved @ way))
                way = way - parts[-1] * turned
            moved, turned, curve = known[-1]
            way = way / (curve * float(turned @ turned))
            for (moved, turned, curve), part in zip(
                known, reversed(parts), strict=True
            ):
                way = way + moved * (part - curve * float(turned @ way))
        else:
            way = way * (_FIRST_MOVE / steepest)
        way = np.where(free, way, 0.0)
        length = 1.0
        for _ in range(12):
            there = np.clip(x - length * way, low, high)
            level_there, slope_there = fall(there)
            if level_there <= level + 1e-4 * float(slope @ (there - x)):
                break
            length *= 0.5
        else:
            if not known:
                break
            known.clear()
            continue
        moved, turned = there - x, slope_there - slope
        curve = float(moved @ turned)
        if curve > 1e-12 * float(turned @ turned):
            known = [*known[-7:], (moved, turned, 1.0 / curve)]
        gained = level - level_there
        x, level, slope = there, level_there, slope_there
        if gained < 1e-9 * abs(level):
            break
    return x


@compiled
def _level(
    value: Floats,
    order: Ints,
    first: Ints,
    end: Ints,
    roles: Ints,
    cost: Floats,
    heat: float,
    gradient: Floats,
    share: Floats,
) -> float:
    total = 0.0
    for r in range(len(value)):
        total += value[r]
        gradient[r] = 1.0
    for e in range(len(first) - 1):
        top = 0.0
        for k in range(first[e], first[e + 1]):
            b = order[k]
            gain = -cost[b]
            for q in range(end[b], end[b + 1]):
                gain += value[roles[q]]
            share[b] = gain
            top = max(top, gain)
        weight = np.exp(-top / heat)
        for k in range(first[e], first[e + 1]):
            b = order[k]
            below = (top - share[b]) / heat
            share[b] = np.exp(-below) if below < _NEGLIGIBLE else 0.0
            weight += share[b]
        total -= top + heat * np.log(weight)
        for k in range(first[e], first[e + 1]):
            b = order[k]
            share[b] /= weight
            if share[b] > 0.0:
                for q in range(end[b], end[b + 1]):
                    gradient[roles[q]] -= share[b]
    return total
