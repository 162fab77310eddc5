"""The weeks of one expert: can this set of roles be served, and when?

A week of a role is unused or gets between its least and its most; a week of the
expert holds at most its capacity and a number of roles. `route` answers the
relaxed question (no least, no number of roles) as a flow and is what search
prunes with; `settle` answers the true question.
"""

import numpy as np

from partage.rules.staffing.compiled import compiled
from partage.rules.staffing.tables import Floats, Ints

# What `settle` found out.
IMPOSSIBLE = 0  # proven: no schedule exists
EXACT = 1  # the schedule given is the cheapest
BRACKETED = 2  # a schedule is given, `low` is a valid lower bound
UNKNOWN = 3  # no schedule was found; `low` is a valid lower bound


@compiled
def route(
    hours: Ints, n: int, need: int, caps: Ints, slack: Ints, scratch: Ints
) -> bool:
    """Add row n to a flow of rows before it; True when all of its hours fit.

    `hours[i, w]` is the flow of row i, `caps[i, w]` the most in a week, `slack[w]`
    what is left; row n of `hours` must be 0 on entry. Flows of the others may move
    between weeks but keep their sums, so `drop` undoes it.
    """
    weeks = slack.shape[0]
    for w in range(weeks):
        x = min(need, slack[w], caps[n, w])
        if x > 0:
            hours[n, w] += x
            slack[w] -= x
            need -= x
            if need == 0:
                return True
    while need > 0:
        # Shortest chain of moves that frees a week which the new role can use.
        head = 0
        tail = 0
        end = -1
        for w in range(weeks):
            scratch[1, w] = -2  # not reached
        for w in range(weeks):
            if hours[n, w] < caps[n, w]:
                scratch[0, tail] = w
                tail += 1
                scratch[1, w] = -1
        while head < tail and end < 0:
            w = scratch[0, head]
            head += 1
            for i in range(n):
                if hours[i, w] > 0:
                    for other in range(weeks):
                        if scratch[1, other] == -2 and hours[i, other] < caps[i, other]:
                            scratch[1, other] = w
                            scratch[2, other] = i
                            if slack[other] > 0:
                                end = other
                                break
                            scratch[0, tail] = other
                            tail += 1
                    if end >= 0:
                        break
        if end < 0:
            return False
        x = min(need, slack[end])
        w = end
        while scratch[1, w] >= 0:
            before = scratch[1, w]
            i = scratch[2, w]
            x = min(x, hours[i, before], caps[i, w] - hours[i, w])
            w = before
        x = min(x, caps[n, w] - hours[n, w])
        slack[end] -= x
        w = end
        while scratch[1, w] >= 0:
            before = scratch[1, w]
            i = scratch[2, w]
            hours[i, w] += x
            hours[i, before] -= x
            w = before
        hours[n, w] += x
        need -= x
    return True


@compiled
def drop(hours: Ints, n: int, slack: Ints) -> None:
    """Take row n out of the flow again."""
    for w in range(slack.shape[0]):
        slack[w] += hours[n, w]
        hours[n, w] = 0


@compiled
def push(
    j: int,
    n: int,
    left: int,
    low: Ints,
    high: Ints,
    unit: Floats,
    hours: Ints,
    slack: Ints,
    distance: Floats,
    scratch: Ints,
) -> float:
    """Add `left` seconds to row j of a cheapest flow of rows 0..n-1, cheaply.

    The flow stays a cheapest one. Returns what it adds, infinite if it cannot.
    """
    weeks = slack.shape[0]
    total = 0.0
    before = scratch[0]
    mover = scratch[1]
    while left > 0:
        # A free week at no cost needs no search.
        end = -1
        for w in range(weeks):
            before[w] = -1
            distance[w] = unit[j, w] if hours[j, w] < high[j, w] else np.inf
            if end < 0 and distance[w] == 0.0 and slack[w] > 0:
                end = w
        if end < 0:
            changed = True
            while changed:
                changed = False
                for i in range(n):
                    if i == j:
                        continue
                    for w in range(weeks):
                        if hours[i, w] <= low[i, w] or distance[w] == np.inf:
                            continue
                        base = distance[w] - unit[i, w]
                        for other in range(weeks):
                            if (
                                hours[i, other] < high[i, other]
                                and base + unit[i, other] < distance[other] - 1e-9
                            ):
                                distance[other] = base + unit[i, other]
                                before[other] = w
                                mover[other] = i
                                changed = True
            for w in range(weeks):
                if (
                    slack[w] > 0
                    and distance[w] < np.inf
                    and (end < 0 or distance[w] < distance[end])
                ):
                    end = w
            if end < 0:
                return np.inf
        x = min(left, slack[end])
        w = end
        while before[w] >= 0:
            i = mover[w]
            x = min(x, hours[i, before[w]] - low[i, before[w]])
            x = min(x, high[i, w] - hours[i, w])
            w = before[w]
        x = min(x, high[j, w] - hours[j, w])
        slack[end] -= x
        w = end
        while before[w] >= 0:
            i = mover[w]
            hours[i, w] += x
            hours[i, before[w]] -= x
            total += x * (unit[i, w] - unit[i, before[w]])
            w = before[w]
        hours[j, w] += x
        total += x * unit[j, w]
        left -= x
    return total


@compiled
def _cheapest(
    need: Ints,
    low: Ints,
    high: Ints,
    unit: Floats,
    capacity: Ints,
    hours: Ints,
    slack: Ints,
    distance: Floats,
    scratch: Ints,
) -> float:
    """Cheapest flow with bounds per role and week; infinite if there is none."""
    n = need.shape[0]
    weeks = capacity.shape[0]
    total = 0.0
    for w in range(weeks):
        slack[w] = capacity[w]
    for i in range(n):
        for w in range(weeks):
            hours[i, w] = low[i, w]
            slack[w] -= low[i, w]
            total += unit[i, w] * low[i, w]
    for w in range(weeks):
        if slack[w] < 0:
            return np.inf
    for j in range(n):
        left = need[j]
        for w in range(weeks):
            left -= low[j, w]
        if left < 0:
            return np.inf
        total += push(j, n, left, low, high, unit, hours, slack, distance, scratch)
        if total == np.inf:
            return np.inf
    return total


@compiled
def _in_order(
    order: Ints,
    need: Ints,
    least: Ints,
    caps: Ints,
    unit: Floats,
    capacity: Ints,
    parallel: int,
    hours: Ints,
    slack: Ints,
) -> float:
    """Fill the roles one after the other, earliest weeks first; infinite if stuck."""
    weeks = capacity.shape[0]
    count = np.zeros(weeks, np.int64)
    cost = 0.0
    hours[:, :] = 0
    for w in range(weeks):
        slack[w] = capacity[w]
    for i in order:
        left = need[i]
        last = -1
        for w in range(weeks):
            if left == 0:
                break
            x = min(caps[i, w], slack[w], left)
            if x <= 0 or x < min(least[i], left) or count[w] >= parallel:
                continue
            if x < least[i]:
                # The last bit is too small for a week: borrow from the week before.
                short = least[i] - x
                if (
                    last < 0
                    or hours[i, last] - short < least[i]
                    or min(caps[i, w], slack[w]) < least[i]
                ):
                    continue
                hours[i, last] -= short
                slack[last] += short
                cost -= short * unit[i, last]
                x = least[i]
                left += short
            hours[i, w] = x
            slack[w] -= x
            count[w] += 1
            cost += x * unit[i, w]
            left -= x
            last = w
        if left > 0:
            return np.inf
    return cost


@compiled
def settle(
    need: Ints,
    least: Ints,
    caps: Ints,
    unit: Floats,
    until: Ints,
    capacity: Ints,
    parallel: int,
    alone: float,
    node_limit: int,
    hours: Ints,
) -> tuple[int, float, float]:
    """Find the cheapest true schedule of a set of roles into `hours`.

    `caps[i, w]` is 0 where the role cannot work, `unit[i, w]` the lateness cost
    per second, `alone` the sum of what each costs alone (a lower bound). Returns
    what was found out, the cost of the schedule and a valid lower bound.
    """
    n = need.shape[0]
    weeks = capacity.shape[0]
    slack = np.empty(weeks, np.int64)
    distance = np.empty(weeks)
    scratch = np.empty((2, weeks), np.int64)
    best = np.empty((n, weeks), np.int64)
    order = np.argsort(until)
    tolerance = 1e-7 * (1.0 + abs(alone))
    cost = _in_order(order, need, least, caps, unit, capacity, parallel, hours, slack)
    if cost <= alone + tolerance:
        return EXACT, cost, cost
    best[:, :] = hours
    other = _in_order(
        np.argsort(-need), need, least, caps, unit, capacity, parallel, hours, slack
    )
    if other <= alone + tolerance:
        return EXACT, other, other
    if other < cost:
        cost = other
        best[:, :] = hours
    # Branch on a week that has too little of a role, or too many roles.
    state = np.full((n, weeks), -1, np.int64)
    low = np.zeros((n, weeks), np.int64)
    high = caps.copy()
    trail = np.empty((n * weeks + 1, 3), np.int64)  # role, week, 1 when both tried
    depth = 0
    bound = np.inf
    open_low = np.inf
    for node in range(node_limit):
        count = np.zeros(weeks, np.int64)
        for i in range(n):
            for w in range(weeks):
                if state[i, w] == 1:
                    count[w] += 1
        broken = False
        for i in range(n):
            for w in range(weeks):
                low[i, w] = least[i] if state[i, w] == 1 else 0
                high[i, w] = caps[i, w]
                if state[i, w] == 0 or (state[i, w] < 0 and count[w] >= parallel):
                    high[i, w] = 0
                if low[i, w] > high[i, w]:
                    broken = True
        for w in range(weeks):
            if count[w] > parallel:
                broken = True
        value = np.inf
        if not broken:
            value = _cheapest(
                need, low, high, unit, capacity, hours, slack, distance, scratch
            )
        if node == 0:
            if value == np.inf:
                return IMPOSSIBLE, np.inf, np.inf
            bound = max(value, alone)
        pick_i = -1
        pick_w = -1
        pick_first = 0
        if value < cost - tolerance:
            closest = 2.0
            for w in range(weeks):
                used = 0
                for i in range(n):
                    if hours[i, w] > 0:
                        used += 1
                for i in range(n):
                    x = hours[i, w]
                    if x <= 0 or state[i, w] >= 0:
                        continue
                    share = x / max(1, least[i])
                    if x < least[i] or used > parallel:
                        score = min(abs(share - 1.0), 1.0) if x < least[i] else 1.5
                        if score < closest:
                            closest = score
                            pick_i = i
                            pick_w = w
                            pick_first = 1 if share > 0.5 and used <= parallel else 0
            if pick_i < 0:
                cost = value
                best[:, :] = hours
        if pick_i >= 0:
            state[pick_i, pick_w] = pick_first
            trail[depth, 0] = pick_i
            trail[depth, 1] = pick_w
            trail[depth, 2] = 0
            depth += 1
            continue
        while depth > 0 and trail[depth - 1, 2] == 1:
            depth -= 1
            state[trail[depth, 0], trail[depth, 1]] = -1
        if depth == 0:
            open_low = cost
            break
        trail[depth - 1, 2] = 1
        i = trail[depth - 1, 0]
        w = trail[depth - 1, 1]
        state[i, w] = 1 - state[i, w]
    hours[:, :] = best
    if open_low == np.inf and cost == np.inf and depth == 0:
        return IMPOSSIBLE, np.inf, np.inf
    if depth == 0:
        return EXACT, cost, cost
    if cost <= bound + tolerance:
        return EXACT, cost, cost
    return (BRACKETED if cost < np.inf else UNKNOWN), cost, bound
