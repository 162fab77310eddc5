"""A problem as flat arrays, for the inner loops.

A *pair* is one candidate of one role who could serve it alone (the hours fit in
the expert's weeks). Pairs are sorted by expert, then by role. Time in seconds,
costs in the problem's unit, lateness per second and week.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from partage.rules.staffing.compiled import compiled
from partage.rules.staffing.problem import SECONDS_PER_HOUR, Problem

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


class Tables(NamedTuple):
    team_cost: float
    overload: float  # per second above target
    capacity: Ints  # experts × weeks
    parallel: Ints
    target: Ints
    first: Ints  # experts + 1: where the pairs of an expert begin
    pair_role: Ints
    pair_cost: Floats
    pair_seconds: Ints
    pair_late: Floats  # least lateness cost when served alone (a lower bound)
    mandate: Ints  # per role, and the following too
    start: Ints
    due: Ints
    until: Ints
    least: Ints
    most: Ints
    late: Floats  # per second and week after due
    reject: Floats
    group: Ints  # per mandate: competing group, or -1


def tables_of(problem: Problem) -> Tables:
    """Flatten a problem, keeping only the pairs that could work alone."""
    roles = problem.roles
    n_pairs = sum(len(role.candidates) for role in roles)
    expert = np.empty(n_pairs, np.int64)
    cost = np.empty(n_pairs, np.float64)
    seconds = np.empty(n_pairs, np.int64)
    at = 0
    for role in roles:
        k = len(role.candidates)
        expert[at : at + k] = [c.expert for c in role.candidates]
        cost[at : at + k] = [c.cost for c in role.candidates]
        seconds[at : at + k] = [c.seconds for c in role.candidates]
        at += k
    role_of = np.repeat(
        np.arange(len(roles), dtype=np.int64), [len(r.candidates) for r in roles]
    )
    groups: dict[str, int] = {}
    group = np.array(
        [
            -1
            if m.competitors is None
            else groups.setdefault(m.competitors, len(groups))
            for m in problem.mandates
        ],
        np.int64,
    )
    capacity = np.array(
        [e.capacity_seconds for e in problem.experts], np.int64
    ).reshape(len(problem.experts), problem.weeks)
    start = np.array([r.from_week for r in roles], np.int64)
    due = np.array([r.due_week for r in roles], np.int64)
    until = np.array([r.until_week for r in roles], np.int64)
    least = np.array([r.min_week_seconds for r in roles], np.int64)
    most = np.array([r.max_week_seconds for r in roles], np.int64)
    late = np.array([r.late_cost_per_hour for r in roles]) / SECONDS_PER_HOUR
    parallel = np.array([e.parallel_roles for e in problem.experts], np.int64)
    alone = np.empty(n_pairs, np.float64)
    _alone(
        expert, role_of, seconds, capacity, parallel,
        start, due, until, least, most, late, alone,
    )  # fmt: skip
    order = np.lexsort((role_of, expert))
    order = order[np.isfinite(alone[order])]
    first = np.searchsorted(expert[order], np.arange(len(problem.experts) + 1))
    return Tables(
        team_cost=problem.team_cost,
        overload=problem.overload_cost_per_hour / SECONDS_PER_HOUR,
        capacity=capacity,
        parallel=parallel,
        target=np.array([e.target_seconds for e in problem.experts], np.int64),
        first=first.astype(np.int64),
        pair_role=role_of[order],
        pair_cost=cost[order],
        pair_seconds=seconds[order],
        pair_late=alone[order],
        mandate=np.array([r.mandate for r in roles], np.int64),
        start=start,
        due=due,
        until=until,
        least=least,
        most=most,
        late=late,
        reject=np.array([r.reject_cost for r in roles], np.float64),
        group=group,
    )


@compiled
def _alone(
    expert: Ints,
    role: Ints,
    seconds: Ints,
    capacity: Ints,
    parallel: Ints,
    start: Ints,
    due: Ints,
    until: Ints,
    least: Ints,
    most: Ints,
    late: Floats,
    out: Floats,
) -> None:
    """Least lateness cost of each pair alone, infinite where it cannot be served."""
    for p in range(len(expert)):
        r = role[p]
        left = seconds[p]
        cost = 0.0
        if left > 0 and (left < least[r] or parallel[expert[p]] < 1):
            out[p] = np.inf
            continue
        for w in range(start[r], until[r] + 1):
            if left == 0:
                break
            room = min(most[r], capacity[expert[p], w])
            if room >= least[r]:
                room = min(room, left)
                left -= room
                if w > due[r]:
                    cost += late[r] * room * (w - due[r])
        out[p] = cost if left == 0 else np.inf
