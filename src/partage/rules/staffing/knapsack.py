"""The best sets of roles of one expert where there is a single week: a knapsack.

With one week, no limit of parallel roles in reach, no competitors and no mandate
of several roles, the rules of an expert are only the hours. The best set is then
found exactly, by dynamic programming over the hours used.
"""

import math

import highspy
import numpy as np

from partage.rules.staffing.compiled import compiled
from partage.rules.staffing.master import quiet
from partage.rules.staffing.problem import SECONDS_PER_HOUR
from partage.rules.staffing.tables import Floats, Ints, Tables

_LARGEST = 20_000  # steps of hours up to which the table is worth its memory


def step_of(t: Tables, deepest: int) -> int:
    """Seconds of one step of the table; 0 where the problem is no plain knapsack."""
    if t.capacity.shape[1] != 1 or not len(t.pair_role) or not len(t.capacity):
        return 0
    shared = len(np.unique(t.mandate)) < len(t.mandate)
    rivals = t.group[np.unique(t.mandate)]
    rivals = rivals[rivals >= 0]
    if (
        (shared and t.team_cost > 0.0)
        or (shared and len(rivals))
        or len(np.unique(rivals)) < len(rivals)
        or t.parallel[np.flatnonzero(np.diff(t.first))].min() < deepest
    ):
        return 0
    step = math.gcd(*t.pair_seconds.tolist())
    return step if step and int(t.capacity.max()) // step <= _LARGEST else 0


@compiled
def price_by_knapsack(
    t: Tables,
    experts: Ints,
    value: Floats,
    step: int,
    roles: Ints,
    size: Ints,
    cost: Floats,
    gain: Floats,
    bound: Floats,
    kept: Ints,
) -> int:
    """Price each of `experts`, exactly; the outputs are those of `price_experts`."""
    keep = size.shape[1]
    work = 0
    for k in range(len(experts)):
        e = experts[k]
        room = t.capacity[e, 0] // step
        items = np.empty(t.first[e + 1] - t.first[e], np.int64)
        n = 0
        for p in range(t.first[e], t.first[e + 1]):
            if value[t.pair_role[p]] - t.pair_cost[p] - t.pair_late[p] > t.team_cost:
                items[n] = p
                n += 1
        best = np.full(room + 1, -np.inf)
        best[0] = 0.0
        takes = np.zeros((n, room + 1), np.bool_)
        for i in range(n):
            p = items[i]
            own = value[t.pair_role[p]] - t.pair_cost[p] - t.pair_late[p] - t.team_cost
            need = t.pair_seconds[p] // step
            for c in range(room, need - 1, -1):
                if best[c - need] + own > best[c]:
                    best[c] = best[c - need] + own
                    takes[i, c] = True
        for c in range(room + 1):
            best[c] -= t.overload * max(0, c * step - t.target[e])
        kept[k] = 0
        bound[k] = max(0.0, best.max())
        work += n * (room + 1) // 100
        for slot in range(keep):
            c = int(np.argmax(best))
            if best[c] <= 1e-9:
                break
            gain[k, slot] = best[c]
            best[c] = -np.inf
            count = 0
            worth = 0.0
            for i in range(n - 1, -1, -1):
                if takes[i, c]:
                    r = t.pair_role[items[i]]
                    roles[k, slot, count] = r
                    worth += value[r]
                    count += 1
                    c -= t.pair_seconds[items[i]] // step
            size[k, slot] = count
            cost[k, slot] = worth - gain[k, slot]
            kept[k] += 1
    return work


def rank_of_pairs(t: Tables) -> Ints:
    """Per pair, its place among those of its role: 0 is what the market likes best."""
    solver = _pairs_model(t, np.arange(len(t.pair_role)), np.arange(len(t.reject)))
    solver.run()
    reduced = np.array(solver.getSolution().col_dual)[: len(t.pair_role)]
    order = np.lexsort((reduced, t.pair_role))
    ordered = t.pair_role[order]
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - np.searchsorted(ordered, ordered)
    return rank


def assign(
    t: Tables, pairs: Ints, roles: Ints, *, seconds: float | None, nodes: int | None
) -> list[tuple[int, tuple[int, ...]]]:
    """Choose among `pairs` (of `roles`, both rising) who takes what.

    Returns (expert, roles) with each expert once; a role that nobody has is rejected.
    Experts have all of their hours. `seconds` or `nodes` bounds the effort; nothing
    found in it is an empty answer.
    """
    solver = _pairs_model(t, pairs, roles)
    kinds = highspy.HighsVarType
    columns = np.arange(len(pairs) + len(roles), dtype=np.int32)
    solver.changeColsIntegrality(
        len(columns), columns, np.full(len(columns), kinds.kInteger)
    )
    if seconds is not None:
        solver.setOptionValue("time_limit", max(0.05, seconds))
    if nodes is not None:
        solver.setOptionValue("mip_max_nodes", nodes)
    solver.setOptionValue("mip_rel_gap", 1e-5)
    if t.overload > 0.0 and (t.target < t.capacity[:, 0]).any():
        # HiGHS 1.14 calls a worse plan optimal when it simplifies this model with
        # overload in it first.
        solver.setOptionValue("presolve", "off")
    solver.run()
    answer = np.array(solver.getSolution().col_value)
    if len(answer) < len(columns):
        return []
    owner = np.searchsorted(t.first, pairs, side="right") - 1
    found: dict[int, list[int]] = {}
    for i in np.flatnonzero(answer[: len(pairs)] > 0.5).tolist():
        found.setdefault(int(owner[i]), []).append(int(t.pair_role[pairs[i]]))
    return [(e, tuple(mine)) for e, mine in found.items()]


def _pairs_model(t: Tables, pairs: Ints, roles: Ints) -> highspy.Highs:
    """Columns: the pairs, then a rejection per role, then an overload per expert."""
    owner = np.searchsorted(t.first, pairs, side="right") - 1
    row = np.searchsorted(roles, t.pair_role[pairs])
    n, k, m = len(pairs), len(roles), len(t.capacity)
    infinite = highspy.kHighsInf
    hours = t.pair_seconds[pairs] / SECONDS_PER_HOUR
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = n + k + m, k + 2 * m
    model.col_cost_ = np.concatenate(
        [
            t.pair_cost[pairs] + t.pair_late[pairs] + t.team_cost,
            t.reject[roles],
            np.full(m, t.overload * SECONDS_PER_HOUR),
        ]
    )
    model.col_lower_ = np.zeros(n + k + m)
    model.col_upper_ = np.concatenate([np.ones(n + k), np.full(m, infinite)])
    model.row_lower_ = np.concatenate([np.ones(k), np.full(2 * m, -infinite)])
    model.row_upper_ = np.concatenate(
        [np.ones(k), t.capacity[:, 0] / SECONDS_PER_HOUR, t.target / SECONDS_PER_HOUR]
    )
    rows = np.stack([row, k + owner, k + m + owner], axis=1).reshape(-1)
    rows = np.concatenate([rows, np.arange(k), k + m + np.arange(m)])
    weights = np.stack([np.ones(n), hours, hours], axis=1).reshape(-1)
    starts = np.concatenate([3 * np.arange(n), 3 * n + np.arange(k + m + 1)])
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = starts.astype(np.int32)
    model.a_matrix_.index_ = rows.astype(np.int32)
    model.a_matrix_.value_ = np.concatenate([weights, np.ones(k), np.full(m, -1.0)])
    solver = quiet()
    solver.passModel(model)
    return solver
