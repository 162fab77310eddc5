"""Choosing among known bundles: the linear program, its prices, and the choice.

One row per role (served once or rejected), one row per expert (one bundle at
most), one column per bundle. HiGHS runs on one thread here: its thread count is
shared by a whole process, and a second model with another count fails silently.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np

from partage.rules.staffing.tables import Floats, Ints

CHEAPER = 1e-6  # a cost must fall by more than this to count


class SolverFailed(RuntimeError):
    """HiGHS gave no answer that can be used; the message is its status."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A set of roles (by position, rising) for one expert, at its cheapest weeks."""

    expert: int
    roles: tuple[int, ...]
    cost: float


class Pool:
    """Every bundle met so far, each once, at the least that it is known to cost."""

    def __init__(self) -> None:
        self._of: dict[int, dict[tuple[int, ...], Bundle]] = {}

    def add(
        self, expert: int, roles: tuple[int, ...], cost: float
    ) -> tuple[Bundle, bool]:
        """Return the bundle and whether it is new, or cheaper than it was known.

        Weeks that are looked at more deeply may cost less. `roles` must be rising.
        """
        mine = self._of.setdefault(expert, {})
        known = mine.get(roles)
        if known is not None and cost >= known.cost - CHEAPER:
            return known, False
        bundle = Bundle(expert, roles, cost)
        mine[roles] = bundle
        return bundle, True

    def of(self, expert: int) -> list[Bundle]:
        return list(self._of.get(expert, {}).values())


def quiet() -> highspy.Highs:
    """A solver of our own ways: silent, one thread, the same every time."""
    solver = highspy.Highs()
    for name, value in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", 7),
    ):
        if solver.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            raise SolverFailed(f"HiGHS refuses {name}={value}.")
    return solver


class Master:
    """The linear program over some roles and some experts."""

    def __init__(self, roles: Ints, experts: Ints, reject: Floats) -> None:
        self.roles = np.asarray(roles, np.int64)
        self.experts = np.asarray(experts, np.int64)
        self._reject = reject
        self._row_of_role = {int(r): i for i, r in enumerate(self.roles)}
        self._row_of_expert = {
            int(e): len(self.roles) + i for i, e in enumerate(self.experts)
        }
        self.columns: list[Bundle] = []
        self._have: dict[tuple[int, tuple[int, ...]], float] = {}
        self._solver = quiet()
        n, m = len(self.roles), len(self.experts)
        infinite = highspy.kHighsInf
        self._do(
            self._solver.addRows(
                n + m,
                np.concatenate([np.ones(n), np.full(m, -infinite)]),
                np.ones(n + m),
                0,
                np.zeros(n + m, np.int32),
                np.empty(0, np.int32),
                np.empty(0),
            )
        )
        self._do(
            self._solver.addCols(
                n,
                reject[self.roles],
                np.zeros(n),
                np.full(n, infinite),
                n,
                np.arange(n, dtype=np.int32),
                np.arange(n, dtype=np.int32),
                np.ones(n),
            )
        )

    @staticmethod
    def _do(status: highspy.HighsStatus) -> None:
        if status == highspy.HighsStatus.kError:
            raise SolverFailed(str(status))

    def add(self, bundles: Sequence[Bundle]) -> int:
        """Add the columns it has not yet, or not so cheap; return how many those were.

        Their roles and experts must be rows of this master.
        """
        unique = {(b.expert, b.roles): b for b in bundles}
        bundles = [
            b
            for key, b in unique.items()
            if b.cost < self._have.get(key, np.inf) - CHEAPER
        ]
        if not bundles:
            return 0
        self._have.update({(b.expert, b.roles): b.cost for b in bundles})
        start, index = _matrix(bundles, self._row_of_role, self._row_of_expert)
        k = len(bundles)
        self._do(
            self._solver.addCols(
                k,
                np.array([b.cost for b in bundles]),
                np.zeros(k),
                np.full(k, highspy.kHighsInf),
                len(index),
                start,
                index,
                np.ones(len(index)),
            )
        )
        self.columns.extend(bundles)
        return len(bundles)

    def solve(
        self, *, simplex: bool = True, corner: bool = False
    ) -> tuple[float, Floats, Floats]:
        """Return the value, the price of each role, the gain kept by each expert.

        Interior points (not `simplex`) are several times faster on large masters,
        and prices from the middle of the optimal face mislead pricing less; `corner`
        asks for a vertex all the same, whose columns are nearly whole.
        """
        if not simplex:
            self._solver.setOptionValue("solver", "ipm")
            self._solver.setOptionValue("run_crossover", "on" if corner else "off")
            self._solver.setOptionValue("ipm_optimality_tolerance", 1e-6)
            # A warm start only holds for simplex.
            self._solver.clearSolver()
        self._do(self._solver.run())
        if simplex and not self._answered(near=False):
            # From where it stood it may lose its way among the last digits: anew.
            self._solver.clearSolver()
            self._do(self._solver.run())
        # Without crossover an answer may be called unknown for its last digits;
        # the prices serve all the same, since any prices prove a bound.
        if not self._answered(near=not simplex):
            status = self._solver.getModelStatus()
            raise SolverFailed(self._solver.modelStatusToString(status))
        dual = np.array(self._solver.getSolution().row_dual)
        n = len(self.roles)
        return (
            float(self._solver.getObjectiveValue()),
            dual[:n],
            np.maximum(0.0, -dual[n:]),
        )

    def _answered(self, *, near: bool) -> bool:
        """Is there a solution, optimal or, if `near` is enough, unknown but finite?"""
        status = self._solver.getModelStatus()
        if near and status == highspy.HighsModelStatus.kUnknown:
            return bool(np.isfinite(self._solver.getSolution().row_dual).all())
        return bool(status == highspy.HighsModelStatus.kOptimal)

    def basics(self) -> Floats:
        """How much of each column the last solution takes."""
        return np.array(self._solver.getSolution().col_value)[len(self.roles) :]

    def keep(self, wanted: Sequence[bool]) -> None:
        """Forget the columns that are not wanted."""
        n = len(self.roles)
        gone = [n + i for i, stays in enumerate(wanted) if not stays]
        if gone:
            self._do(self._solver.deleteCols(len(gone), np.array(gone, dtype=np.int32)))
            self.columns = [
                b for b, stays in zip(self.columns, wanted, strict=True) if stays
            ]
            self._have = {(b.expert, b.roles): b.cost for b in self.columns}


def choose(
    roles: Sequence[int],
    experts: Sequence[int],
    reject: Floats,
    bundles: Sequence[Bundle],
    start: Sequence[int],
    *,
    seconds: float | None,
    nodes: int | None,
) -> tuple[list[int], float, float]:
    """Pick the cheapest set of bundles: (positions, cost, bound over these bundles).

    `start` holds positions of a choice that is already known. What is returned is
    never worse than it. `seconds` or `nodes` bounds the effort.
    """
    row_of_role = {int(r): i for i, r in enumerate(roles)}
    row_of_expert = {int(e): len(roles) + i for i, e in enumerate(experts)}
    at, index = _matrix(bundles, row_of_role, row_of_expert)
    n, m, k = len(roles), len(experts), len(bundles)
    infinite = highspy.kHighsInf
    rejected = reject[np.asarray(roles, np.int64)] if n else np.empty(0)
    served = np.zeros(n)
    values = np.zeros(n + k)
    known = 0.0
    for b in start:
        values[n + b] = 1.0
        known += bundles[b].cost
        for r in bundles[b].roles:
            served[row_of_role[r]] = 1.0
    values[:n] = 1.0 - served
    known += float((rejected * values[:n]).sum())
    model = highspy.HighsLp()
    model.num_col_ = n + k
    model.num_row_ = n + m
    model.col_cost_ = np.concatenate([rejected, [b.cost for b in bundles]])
    model.col_lower_ = np.zeros(n + k)
    model.col_upper_ = np.ones(n + k)
    model.row_lower_ = np.concatenate([np.ones(n), np.full(m, -infinite)])
    model.row_upper_ = np.ones(n + m)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.concatenate(
        [np.arange(n, dtype=np.int32), n + at, [n + len(index)]]
    ).astype(np.int32)
    model.a_matrix_.index_ = np.concatenate([np.arange(n, dtype=np.int32), index])
    model.a_matrix_.value_ = np.ones(n + len(index))
    model.integrality_ = [highspy.HighsVarType.kInteger] * (n + k)
    solver = quiet()
    solver.setOptionValue("mip_rel_gap", 1e-6)
    if seconds is not None:
        solver.setOptionValue("time_limit", max(0.05, seconds))
    if nodes is not None:
        solver.setOptionValue("mip_max_nodes", nodes)
    Master._do(solver.passModel(model))
    solution = highspy.HighsSolution()
    solution.col_value = values.tolist()
    Master._do(solver.setSolution(solution))
    solver.run()
    bound = float(solver.getInfo().mip_dual_bound)
    answer = np.array(solver.getSolution().col_value)
    if len(answer) == n + k:
        chosen = [i for i in range(k) if answer[n + i] > 0.5]
        cost = sum(bundles[i].cost for i in chosen)
        done: set[int] = set()
        busy: set[int] = set()
        sound = True
        for i in chosen:
            sound &= bundles[i].expert not in busy and done.isdisjoint(bundles[i].roles)
            busy.add(bundles[i].expert)
            done.update(bundles[i].roles)
        cost += sum(
            float(rejected[i]) for i, r in enumerate(roles) if int(r) not in done
        )
        if sound and cost <= known:
            return chosen, cost, bound
    return list(start), known, bound


def _matrix(
    bundles: Sequence[Bundle],
    row_of_role: dict[int, int],
    row_of_expert: dict[int, int],
) -> tuple[Ints, Ints]:
    start = np.empty(len(bundles), np.int32)
    index: list[int] = []
    for i, bundle in enumerate(bundles):
        start[i] = len(index)
        index.append(row_of_expert[bundle.expert])
        index.extend(row_of_role[r] for r in bundle.roles)
    return start, np.array(index, np.int32)  # type: ignore[return-value]
