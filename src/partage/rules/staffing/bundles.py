"""The best set of roles for one expert at given prices of the roles.

A bundle is (expert, set of roles, their weeks): every hard rule lies inside it.
Given what each role is worth, `price_experts` finds the bundles that gain most,
and a proven upper bound on the gain of any. It searches depth first over sets,
prunes with a knapsack over the hours left (valid: it ignores weeks), keeps only
the roles that a flow can still fit, and asks `settle` before it believes a set.
"""

from typing import NamedTuple

import numpy as np

from partage.rules.staffing.compiled import compiled
from partage.rules.staffing.schedule import (
    BRACKETED,
    EXACT,
    IMPOSSIBLE,
    UNKNOWN,
    drop,
    push,
    route,
    settle,
)
from partage.rules.staffing.tables import Floats, Ints, Tables


class Memory(NamedTuple):
    """Sets that were settled already, one row of slots per expert."""

    sign: Ints  # per pair, a random word; a set is the exclusive or of its pairs
    key: Ints
    status: Ints
    cost: Floats
    low: Floats
    care: Ints  # one value: nodes that `settle` may visit
    week_price: Floats  # per expert: a price per week, then one for the target


def doubt_again(memory: Memory, *, nodes: int) -> None:
    """Forget what was not settled exactly, and look deeper the next time."""
    memory.care[0] = nodes
    memory.key[memory.status >= BRACKETED] = 0


def memory_for(t: Tables, slots: int) -> Memory:
    experts = t.capacity.shape[0]
    words = np.random.default_rng(20261123).integers(
        1, 2**63 - 1, size=len(t.pair_role), dtype=np.int64
    )
    return Memory(
        sign=words,
        key=np.zeros((experts, slots), np.int64),
        status=np.zeros((experts, slots), np.int64),
        cost=np.zeros((experts, slots), np.float64),
        low=np.zeros((experts, slots), np.float64),
        care=np.array([120], np.int64),
        week_price=np.zeros((experts, t.capacity.shape[1] + 1)),
    )


@compiled
def _room_for(
    roles: Ints,
    at: int,
    end: int,
    gain: Floats,
    seconds: Ints,
    room: int,
    free: int,
    overload: float,
) -> float:
    """Most that `roles[at:end]` (by falling gain per second) can add in `room`."""
    total = 0.0
    for k in range(at, end):
        i = roles[k]
        if gain[i] <= 0.0:
            break
        need = seconds[i]
        if need == 0:
            total += gain[i]
            continue
        if room <= 0:
            break
        per_second = gain[i] / need
        x = min(need, room)
        cheap = max(0, min(x, free))
        total += cheap * per_second
        if x > cheap:
            if per_second <= overload:
                break
            total += (x - cheap) * (per_second - overload)
        free -= x
        room -= x
    return total


@compiled
def _week_prices(
    price: Floats,
    capacity: Ints,
    target: int,
    overload: float,
    gain: Floats,
    seconds: Ints,
    caps: Ints,
    unit: Floats,
    least_most: float,
    steps: int,
    reduced: Floats,
) -> float:
    """Sell the weeks of one expert to its roles: a bound on what any set gains.

    `price` (a price per week, then one per second of target) is improved in place;
    `reduced` gets what each role keeps after paying. For a set S within a list L,
    its gain is at most the return value + Σ_S reduced + the sum of max(0, reduced)
    over the rest of L.
    """
    n = len(seconds)
    weeks = len(capacity)
    use = np.empty(weeks + 1)
    best_price = price.copy()
    best_reduced = np.empty(n)
    best_base = 0.0
    best = np.inf
    taken = np.empty(weeks, np.bool_)
    theta = 1.0
    for step in range(steps):
        use[:] = 0.0
        base = price[weeks] * target
        for w in range(weeks):
            base += price[w] * capacity[w]
        total = base
        for a in range(n):
            left = seconds[a]
            keeps = gain[a] - price[weeks] * left
            taken[:] = False
            while left > 0:
                pick = -1
                low = np.inf
                for w in range(weeks):
                    if caps[a, w] > 0 and not taken[w] and price[w] + unit[a, w] < low:
                        low = price[w] + unit[a, w]
                        pick = w
                if pick < 0:
                    break
                taken[pick] = True
                x = min(left, caps[a, pick])
                keeps -= x * low
                left -= x
            reduced[a] = keeps
            if keeps > 0.0:
                total += keeps
                left = seconds[a]
                use[weeks] += left
                # The last week taken may be partly used; full is near enough here.
                for w in range(weeks):
                    if taken[w]:
                        x = min(left, caps[a, w])
                        use[w] += x
                        left -= x
        if total < best:
            best = total
            best_base = base
            best_price[:] = price
            best_reduced[:] = reduced
        else:
            theta *= 0.7
        if step == steps - 1 or total <= least_most:
            break
        norm = 0.0
        for w in range(weeks):
            use[w] -= capacity[w]
            if use[w] > 0.0 or price[w] > 0.0:
                norm += use[w] ** 2
        use[weeks] -= target
        if use[weeks] > 0.0 or price[weeks] > 0.0:
            norm += use[weeks] ** 2
        if norm == 0.0:
            break
        move = theta * max(total - least_most, 0.02 * abs(total)) / norm
        for w in range(weeks):
            price[w] = max(0.0, price[w] + move * use[w])
        price[weeks] = min(overload, max(0.0, price[weeks] + move * use[weeks]))
    price[:] = best_price
    reduced[:] = best_reduced
    return best_base


@compiled
def _price(
    t: Tables,
    e: int,
    value: Floats,
    floor: float,
    node_limit: int,
    keep: int,
    memory: Memory,
    found_roles: Ints,
    found_size: Ints,
    found_cost: Floats,
    found_gain: Floats,
) -> tuple[float, int, int]:
    """Return (upper bound on any bundle's gain, bundles found, nodes)."""
    weeks = t.capacity.shape[1]
    first = t.first[e]
    last = t.first[e + 1]
    n = 0
    active = np.empty(last - first, np.int64)
    for p in range(first, last):
        r = t.pair_role[p]
        if value[r] - t.pair_cost[p] - t.pair_late[p] > 0.0:
            active[n] = p
            n += 1
    if n == 0:
        return floor, 0, 0
    # A team cost is paid once per mandate: each role carries an equal share of it,
    # which is never more than what any part of them would pay.
    same = np.zeros(n, np.int64)
    for a in range(n):
        for b in range(n):
            if t.mandate[t.pair_role[active[a]]] == t.mandate[t.pair_role[active[b]]]:
                same[a] += 1
    gain = np.empty(n)
    share = np.empty(n)
    m = 0
    for a in range(n):
        p = active[a]
        own = value[t.pair_role[p]] - t.pair_cost[p] - t.pair_late[p]
        if same[a] > 1 or own > t.team_cost:
            active[m] = p
            gain[m] = own
            share[m] = own - t.team_cost / same[a]
            m += 1
    n = m
    if n == 0:
        return floor, 0, 0
    density = np.empty(n)
    for a in range(n):
        density[a] = -share[a] / max(1, t.pair_seconds[active[a]])
    order = np.argsort(density)
    active = active[:n][order]
    gain = gain[:n][order]
    share = share[:n][order]
    seconds = np.empty(n, np.int64)
    least = np.empty(n, np.int64)
    until = np.empty(n, np.int64)
    caps = np.zeros((n, weeks), np.int64)
    unit = np.zeros((n, weeks))
    smallest = np.empty(n, np.int64)
    for a in range(n):
        p = active[a]
        r = t.pair_role[p]
        seconds[a] = t.pair_seconds[p]
        smallest[a] = seconds[a]
        least[a] = t.least[r]
        until[a] = t.until[r]
        for w in range(t.start[r], t.until[r] + 1):
            x = min(t.most[r], t.capacity[e, w])
            if x >= least[a]:
                caps[a, w] = x
                unit[a, w] = t.late[r] * max(0, w - t.due[r])
    capacity = t.capacity[e]
    total = 0
    for w in range(weeks):
        for a in range(n):
            if caps[a, w] > 0:
                total += capacity[w]
                break
    # No set can be deeper than the smallest roles allow.
    smallest.sort()
    deepest = 0
    filled = 0
    for a in range(n):
        filled += smallest[a]
        if filled > total:
            break
        deepest += 1
    deepest = min(deepest, found_roles.shape[1])
    if deepest == 0:
        return floor, 0, 0
    lists = np.empty((deepest + 1, n), np.int64)
    count = np.zeros(deepest + 1, np.int64)
    position = np.zeros(deepest + 1, np.int64)
    static = np.zeros(deepest + 1)
    relaxed = np.zeros(deepest + 1)
    alone = np.zeros(deepest + 1)
    used = np.zeros(deepest + 1, np.int64)
    flows = np.zeros((deepest + 1, deepest + 1, weeks), np.int64)
    slacks = np.zeros((deepest + 1, weeks), np.int64)
    sums = np.zeros((deepest + 1, weeks), np.int64)
    low = np.zeros(deepest + 1)  # least lateness of the set, jointly
    key = np.zeros(deepest + 1, np.int64)
    rows = np.empty(deepest + 1, np.int64)
    # The rows of the set, in the order they were taken.
    row_caps = np.zeros((deepest + 1, weeks), np.int64)
    row_unit = np.zeros((deepest + 1, weeks))
    nothing = np.zeros((deepest + 1, weeks), np.int64)
    trial = np.zeros((deepest + 1, weeks), np.int64)
    trial_slack = np.zeros(weeks, np.int64)
    # A second bound: what is kept after paying for the weeks.
    before_late = np.empty(n)
    reduced = np.empty(n)
    suffix = np.zeros((deepest + 1, n + 1))
    paid = np.zeros(deepest + 1)
    scratch = np.empty((3, weeks), np.int64)
    distance = np.empty(weeks)
    for a in range(n):
        gain_alone = share[a] + t.pair_late[active[a]]
        before_late[a] = gain_alone
    base = _week_prices(
        memory.week_price[e], capacity, t.target[e], t.overload, before_late, seconds,
        caps, unit, floor, 12 if n > 4 else 3, reduced,
    )  # fmt: skip
    ahead = base
    for a in range(n):
        ahead += max(0.0, reduced[a])
    m = 0
    for a in range(n):
        # A role whose taking alone already loses too much is never in a better set.
        if ahead + min(0.0, reduced[a]) > floor:
            lists[0, m] = a
            m += 1
    count[0] = m
    for k in range(m - 1, -1, -1):
        suffix[0, k] = suffix[0, k + 1] + max(0.0, reduced[lists[0, k]])
    slacks[0, :] = capacity
    best = floor
    bracket = floor
    target = t.target[e]
    kept = 0
    nodes = 0
    d = 0
    while d >= 0:
        tolerance = 1e-7 * (1.0 + abs(best))
        here = position[d]
        if here >= count[d] or d >= deepest:
            d -= 1
            continue
        over = t.overload * max(0, used[d] - target)
        most = (
            static[d]
            - (low[d] - alone[d])
            - over
            + _room_for(
                lists[d], here, count[d], share, seconds,
                total - used[d], target - used[d], t.overload,
            )
        )  # fmt: skip
        most = min(most, base + paid[d] + suffix[d, here])
        if most <= best + tolerance:
            d -= 1
            continue
        if nodes >= node_limit:
            bracket = max(bracket, most)
            d -= 1
            continue
        # A long list makes a node dear.
        nodes += 1 + count[d] // 50
        position[d] = here + 1
        j = lists[d, here]
        child = d + 1
        used[child] = used[d] + seconds[j]
        if used[child] > total:
            continue
        static[child] = static[d] + share[j]
        alone[child] = alone[d] + t.pair_late[active[j]]
        over = t.overload * max(0, used[child] - target)
        rest = (
            static[child]
            - over
            + _room_for(
                lists[d], here + 1, count[d], share, seconds,
                total - used[child], target - used[child], t.overload,
            )
        )  # fmt: skip
        if rest - (low[d] - alone[d]) <= best + tolerance:
            continue
        paid[child] = paid[d] + reduced[j]
        if base + paid[child] + suffix[d, here + 1] <= best + tolerance:
            continue
        flows[child, :d, :] = flows[d, :d, :]
        flows[child, d, :] = 0
        slacks[child, :] = slacks[d, :]
        rows[d] = j
        row_caps[d, :] = caps[j]
        row_unit[d, :] = unit[j]
        low[child] = low[d] + push(
            d, child, seconds[j], nothing, row_caps, row_unit,
            flows[child], slacks[child], distance, scratch,
        )  # fmt: skip
        if rest - (low[child] - alone[child]) <= best + tolerance:
            continue
        mandate = t.mandate[t.pair_role[active[j]]]
        group = t.group[mandate]
        team = t.team_cost
        for i in range(d):
            if t.mandate[t.pair_role[active[rows[i]]]] == mandate:
                team = 0.0
        was_over = t.overload * max(0, used[d] - target)
        # Gain before lateness.
        relaxed[child] = (
            relaxed[d] + gain[j] + t.pair_late[active[j]] - team - (over - was_over)
        )
        key[child] = key[d] ^ memory.sign[active[j]]
        if relaxed[child] - low[child] > best + tolerance:
            size = child
            slot = key[child] % memory.key.shape[1]
            if memory.key[e, slot] != key[child]:
                schedule = np.empty((size, weeks), np.int64)
                # Always in the order of pairs, so that `schedule_of` finds the same.
                by_pair = rows[:size][np.argsort(active[rows[:size]])]
                status, cost, least_cost = settle(
                    seconds[by_pair],
                    least[by_pair],
                    caps[by_pair],
                    unit[by_pair],
                    until[by_pair],
                    capacity,
                    t.parallel[e],
                    low[child],
                    memory.care[0],
                    schedule,
                )
                memory.key[e, slot] = key[child]
                memory.status[e, slot] = status
                memory.cost[e, slot] = cost
                memory.low[e, slot] = least_cost
            status = memory.status[e, slot]
            cost = memory.cost[e, slot]
            if status == IMPOSSIBLE:
                continue
            if status != EXACT:
                bracket = max(bracket, relaxed[child] - memory.low[e, slot])
            if status != UNKNOWN:
                true = relaxed[child] - cost
                if true > floor + tolerance:
                    slot = kept
                    if kept < keep:
                        kept += 1
                    else:
                        slot = 0
                        for k in range(keep):
                            if found_gain[k] < found_gain[slot]:
                                slot = k
                        if found_gain[slot] >= true:
                            slot = -1
                    if slot >= 0:
                        worth = 0.0
                        for i in range(size):
                            r = t.pair_role[active[rows[i]]]
                            found_roles[slot, i] = r
                            worth += value[r]
                        found_size[slot] = size
                        found_gain[slot] = true
                        found_cost[slot] = worth - true
                best = max(best, true)
        for w in range(weeks):
            sums[child, w] = sums[d, w] + caps[j, w]
        k = 0
        trial[:child, :] = flows[child, :child, :]
        trial[child, :] = 0
        trial_slack[:] = slacks[child]
        for q in range(here + 1, count[d]):
            c = lists[d, q]
            if used[child] + seconds[c] > total:
                continue
            if group >= 0:
                other = t.mandate[t.pair_role[active[c]]]
                if other != mandate and t.group[other] == group:
                    continue
            spread = 0
            for w in range(weeks):
                spread += min(capacity[w], sums[child, w] + caps[c, w])
            if spread < used[child] + seconds[c]:
                continue
            row_caps[child, :] = caps[c]
            fits = route(trial, child, seconds[c], row_caps, trial_slack, scratch)
            drop(trial, child, trial_slack)
            if fits:
                lists[child, k] = c
                k += 1
        count[child] = k
        suffix[child, k] = 0.0
        for q in range(k - 1, -1, -1):
            suffix[child, q] = suffix[child, q + 1] + max(0.0, reduced[lists[child, q]])
        position[child] = 0
        d = child
    return max(best, bracket), kept, nodes


@compiled
def price_experts(
    t: Tables,
    experts: Ints,
    value: Floats,
    floor: Floats,
    node_limit: int,
    memory: Memory,
    roles: Ints,
    size: Ints,
    cost: Floats,
    gain: Floats,
    bound: Floats,
    kept: Ints,
) -> int:
    """Price each of `experts`; row k of every output belongs to `experts[k]`.

    `value` is per role, `floor` (at least 0) the gain that is already in hand.
    Shapes: roles (experts, keep, deepest), size/cost/gain (experts, keep).
    Returns the nodes visited.
    """
    work = 0
    for k in range(len(experts)):
        bound[k], kept[k], nodes = _price(
            t, experts[k], value, floor[k], node_limit, size.shape[1], memory,
            roles[k], size[k], cost[k], gain[k],
        )  # fmt: skip
        work += nodes
    return work


@compiled
def schedule_of(
    t: Tables, e: int, roles: Ints, pairs: Ints, nodes: int, hours: Ints
) -> tuple[int, float, float]:
    """Settle one known bundle into `hours` (roles × weeks); see `settle`."""
    n = len(roles)
    weeks = t.capacity.shape[1]
    caps = np.zeros((n, weeks), np.int64)
    unit = np.zeros((n, weeks))
    alone = 0.0
    for i in range(n):
        r = roles[i]
        alone += t.pair_late[pairs[i]]
        for w in range(t.start[r], t.until[r] + 1):
            x = min(t.most[r], t.capacity[e, w])
            if x >= t.least[r]:
                caps[i, w] = x
                unit[i, w] = t.late[r] * max(0, w - t.due[r])
    return settle(
        t.pair_seconds[pairs], t.least[roles], caps, unit, t.until[roles],
        t.capacity[e], t.parallel[e], alone, nodes, hours,
    )  # fmt: skip


@compiled
def cost_of_set(t: Tables, e: int, roles: Ints, nodes: int) -> tuple[int, float]:
    """Settle one set of roles (rising, each a pair of the expert): what it costs.

    Returns what `settle` found, and the cost. Competing mandates are refused as
    IMPOSSIBLE, since no weeks can mend them.
    """
    first = t.first[e]
    pairs = first + np.searchsorted(t.pair_role[first : t.first[e + 1]], roles)
    cost = 0.0
    seconds = 0
    for i in range(len(roles)):
        cost += t.pair_cost[pairs[i]]
        seconds += t.pair_seconds[pairs[i]]
        mandate = t.mandate[roles[i]]
        group = t.group[mandate]
        team = t.team_cost
        for k in range(i):
            other = t.mandate[roles[k]]
            if other == mandate:
                team = 0.0
            elif group >= 0 and t.group[other] == group:
                return IMPOSSIBLE, np.inf
        cost += team
    hours = np.zeros((len(roles), t.capacity.shape[1]), np.int64)
    status, late, _ = schedule_of(t, e, roles, pairs, nodes, hours)
    return status, cost + late + t.overload * max(0, seconds - t.target[e])


@compiled
def costs_of_sets(
    t: Tables, experts: Ints, ends: Ints, roles: Ints, nodes: int, cost: Floats
) -> None:
    """Fill in what each set costs, infinite where it cannot be or is not known.

    Set k is of `experts[k]`, and holds `roles` up to `ends[k]`, from the set before.
    """
    begin = 0
    for k in range(len(experts)):
        status, found = cost_of_set(t, experts[k], roles[begin : ends[k]], nodes)
        cost[k] = np.inf if status in (IMPOSSIBLE, UNKNOWN) else found
        begin = ends[k]


def deepest_of(t: Tables) -> int:
    """No bundle of any expert can hold more roles than this."""
    deepest = 1
    for e in range(len(t.capacity)):
        seconds = np.sort(t.pair_seconds[t.first[e] : t.first[e + 1]])
        fits = int(
            np.searchsorted(np.cumsum(seconds), t.capacity[e].sum(), side="right")
        )
        deepest = max(deepest, fits)
    return deepest
