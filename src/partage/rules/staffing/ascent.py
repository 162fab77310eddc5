"""Prices of the roles for a large problem, climbed to without a linear program.

The dual of the linear program over known bundles is a concave function of the
prices `v`: Σ v − Σ_e max(0, max_B (v(B) − cost_B)). Smoothed by a temperature,

    Σ v − Σ_e τ · log(1 + Σ_B exp((v(B) − cost_B) / τ)),   v ≤ rejection,

it has a gradient everywhere: one less what the bundles, taken by their shares,
cover of each role. L-BFGS climbs it in milliseconds where a solver takes seconds,
its prices lie in the middle of the good ones (which steadies pricing), and near
its top the shares are the fractional plan that a dive rounds.
"""

from collections.abc import Iterable

import numpy as np
from scipy.optimize import Bounds, minimize

from partage.rules.staffing.compiled import compiled
from partage.rules.staffing.master import Bundle
from partage.rules.staffing.tables import Floats, Ints

_NEGLIGIBLE = 40.0  # temperatures below the best at which a bundle weighs nothing


class Ascent:
    """Known bundles, and the prices that fit them best."""

    def __init__(self, n_experts: int, reject: Floats) -> None:
        self._n_experts = n_experts
        self._reject = reject
        self._load([])

    def _load(self, bundles: Iterable[Bundle]) -> None:
        self.columns: list[Bundle] = []
        self._have: set[tuple[int, tuple[int, ...]]] = set()
        self._expert: list[int] = []
        self._cost: list[float] = []
        self._roles: list[int] = []
        self._end: list[int] = [0]
        self.add(bundles)

    def add(self, bundles: Iterable[Bundle]) -> int:
        """Add what is not known yet, and return how many those were."""
        before = len(self.columns)
        for b in bundles:
            key = b.expert, b.roles
            if key in self._have:
                continue
            self._have.add(key)
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

    def among(self, free_roles: Ints, free_experts: Ints) -> "Ascent":
        """The same over the bundles that these roles and experts allow (masks)."""
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

        begin = np.clip(value[roles], low, high) / scale
        answer = minimize(
            fall,
            begin,
            jac=True,
            method="L-BFGS-B",
            bounds=Bounds(low / scale, high / scale),
            options={"maxiter": steps, "maxcor": 20, "ftol": 1e-9, "gtol": 1e-7},
        )
        found[roles] = np.minimum(answer.x * scale, self._reject[roles])
        return found


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
