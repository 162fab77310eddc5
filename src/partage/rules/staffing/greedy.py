"""What a careful coordinator does by hand: one role after the other.

The dearest to reject first, each to the cheapest candidate who still has the hours,
laid into the earliest weeks. It is the rival in the benchmark, and nothing else.
"""

from partage.rules.staffing.plan import Assignment
from partage.rules.staffing.problem import SECONDS_PER_HOUR, Candidate, Problem, Role


def dispatch(problem: Problem) -> tuple[Assignment, ...]:
    """Give each role in turn to its cheapest candidate, teams and lateness counted."""
    free = [list(e.capacity_seconds) for e in problem.experts]
    count = [[0] * problem.weeks for _ in problem.experts]
    teams: set[tuple[int, int]] = set()
    rivals: dict[tuple[int, str], int] = {}
    plan: list[Assignment] = []
    order = sorted(
        range(len(problem.roles)), key=lambda i: (-problem.roles[i].reject_cost, i)
    )
    for i in order:
        role = problem.roles[i]
        group = problem.mandates[role.mandate].competitors
        best: tuple[float, Candidate, list[tuple[int, int]]] | None = None
        for c in role.candidates:
            e = c.expert
            if group and rivals.get((e, group), role.mandate) != role.mandate:
                continue
            weeks = _laid(role, c.seconds, free[e], count[e], problem, e)
            if weeks is None:
                continue
            late = sum(
                role.late_cost_per_hour * s / SECONDS_PER_HOUR * (w - role.due_week)
                for w, s in weeks
                if w > role.due_week
            )
            team = 0.0 if (role.mandate, e) in teams else problem.team_cost
            cost = c.cost + late + team
            if cost < role.reject_cost and (best is None or cost < best[0]):
                best = (cost, c, weeks)
        if best is None:
            continue
        _, chosen, weeks = best
        for w, s in weeks:
            free[chosen.expert][w] -= s
            count[chosen.expert][w] += 1
        teams.add((role.mandate, chosen.expert))
        if group:
            rivals[chosen.expert, group] = role.mandate
        plan.append(Assignment(i, chosen.expert, tuple(weeks)))
    return tuple(sorted(plan, key=lambda a: a.role))


def _laid(
    role: Role,
    seconds: int,
    free: list[int],
    count: list[int],
    problem: Problem,
    expert: int,
) -> list[tuple[int, int]] | None:
    """Earliest weeks first; the last week borrows what it lacks from the one before."""
    most, least = role.max_week_seconds, role.min_week_seconds
    weeks: list[tuple[int, int]] = []
    left = seconds
    for w in range(role.from_week, role.until_week + 1):
        if left == 0:
            break
        room = min(most, free[w])
        if count[w] >= problem.experts[expert].parallel_roles or room < max(1, least):
            continue
        x = min(room, left)
        if x < least:
            if not weeks or weeks[-1][1] - (least - x) < least:
                return None
            last, had = weeks[-1]
            weeks[-1] = (last, had - (least - x))
            left += least - x
            x = least
        weeks.append((w, x))
        left -= x
    return weeks if left == 0 else None
