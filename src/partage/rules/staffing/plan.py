"""A plan, what it costs, and our own check of every rule it must keep.

Nothing here shares code with the search: the planner passes each plan it returns
through `faults_of`, so a mistake of the search is caught and never handed out.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from partage.rules.staffing.problem import SECONDS_PER_HOUR, Problem


@dataclass(frozen=True, slots=True)
class Assignment:
    """One role (by position) given to one expert (by position), week by week."""

    role: int
    expert: int
    week_seconds: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Move:
    """One role whose expert changes; None is nobody."""

    role: int
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Cost:
    """A cost by component, in the problem's unit."""

    candidates: float = 0.0
    reject: float = 0.0
    late: float = 0.0
    team: float = 0.0
    overload: float = 0.0

    @property
    def total(self) -> float:
        return self.candidates + self.reject + self.late + self.team + self.overload


@dataclass(frozen=True, slots=True)
class Plan:
    """Assignments in order of role; `bound` is never above the best possible cost."""

    assignments: tuple[Assignment, ...]
    cost: Cost
    bound: float
    unavoidable: float
    rejected: int

    @property
    def net_gap_percent(self) -> float:
        return net_gap_percent(self.cost.total, self.bound, self.unavoidable)


def net_gap_percent(cost: float, bound: float, unavoidable: float) -> float:
    """(cost − bound) over what could be avoided at all; 0 when they meet.

    The floor of 1 keeps the figure finite where everything was unavoidable.
    """
    return 100.0 * max(0.0, cost - bound) / max(1.0, cost - unavoidable)


def cost_of(problem: Problem, assignments: Iterable[Assignment]) -> Cost:
    """Price a plan that keeps the rules."""
    candidates = late = 0.0
    served: set[int] = set()
    teams: set[tuple[int, int]] = set()
    worked: dict[int, int] = defaultdict(int)
    for a in assignments:
        role = problem.roles[a.role]
        served.add(a.role)
        teams.add((role.mandate, a.expert))
        candidates += next(c.cost for c in role.candidates if c.expert == a.expert)
        for week, seconds in a.week_seconds:
            worked[a.expert] += seconds
            if week > role.due_week:
                hours = seconds / SECONDS_PER_HOUR
                late += role.late_cost_per_hour * hours * (week - role.due_week)
    over = sum(
        max(0, seconds - problem.experts[e].target_seconds)
        for e, seconds in worked.items()
    )
    return Cost(
        candidates=candidates,
        reject=sum(
            r.reject_cost for i, r in enumerate(problem.roles) if i not in served
        ),
        late=late,
        team=problem.team_cost * len(teams),
        overload=problem.overload_cost_per_hour * over / SECONDS_PER_HOUR,
    )


def unavoidable_of(problem: Problem) -> float:
    """The rejection of roles that no candidate has the weeks for, even alone."""
    total = 0.0
    for role in problem.roles:
        for c in role.candidates:
            room = 0
            capacity = problem.experts[c.expert].capacity_seconds
            for w in range(role.from_week, role.until_week + 1):
                x = min(role.max_week_seconds, capacity[w])
                if x >= role.min_week_seconds:
                    room += x
            if room >= c.seconds:
                break
        else:
            total += role.reject_cost
    return total


def faults_of(problem: Problem, assignments: Iterable[Assignment]) -> list[str]:
    """Every broken rule of a plan, as sentences; empty when it is sound."""
    faults: list[str] = []
    seen: set[int] = set()
    load: dict[tuple[int, int], int] = defaultdict(int)
    count: dict[tuple[int, int], int] = defaultdict(int)
    groups: dict[tuple[int, str], set[int]] = defaultdict(set)
    for a in assignments:
        role = problem.roles[a.role]
        expert = problem.experts[a.expert]
        if a.role in seen:
            faults.append(f"Le rôle {role.id} est donné deux fois.")
        seen.add(a.role)
        need = next((c.seconds for c in role.candidates if c.expert == a.expert), None)
        if need is None:
            faults.append(f"{expert.id} n’est pas candidat au rôle {role.id}.")
            continue
        if sum(s for _, s in a.week_seconds) != need:
            faults.append(f"Le rôle {role.id} ne reçoit pas ses {need} secondes.")
        if len({w for w, _ in a.week_seconds}) != len(a.week_seconds):
            faults.append(f"Le rôle {role.id} a deux fois la même semaine.")
        for week, seconds in a.week_seconds:
            if not role.from_week <= week <= role.until_week:
                faults.append(f"Le rôle {role.id} travaille en semaine {week}.")
                continue
            if not role.min_week_seconds <= seconds <= role.max_week_seconds:
                faults.append(
                    f"Le rôle {role.id} a {seconds} secondes en semaine {week}."
                )
            load[a.expert, week] += seconds
            count[a.expert, week] += seconds > 0
        group = problem.mandates[role.mandate].competitors
        if group is not None:
            groups[a.expert, group].add(role.mandate)
    for (e, week), seconds in load.items():
        if seconds > problem.experts[e].capacity_seconds[week]:
            faults.append(f"{problem.experts[e].id} déborde en semaine {week}.")
    for (e, week), roles in count.items():
        if roles > problem.experts[e].parallel_roles:
            faults.append(f"{problem.experts[e].id} a {roles} rôles en semaine {week}.")
    for (e, group), mandates in groups.items():
        if len(mandates) > 1:
            faults.append(f"{problem.experts[e].id} sert des concurrents de {group}.")
    return faults


def document_of(problem: Problem, assignments: Iterable[Assignment]) -> dict[str, Any]:
    """The plan in the file format, hours as numbers."""
    return {
        "assignments": [
            {
                "role": problem.roles[a.role].id,
                "expert": problem.experts[a.expert].id,
                "hours": {str(w): s / SECONDS_PER_HOUR for w, s in a.week_seconds},
            }
            for a in assignments
        ]
    }
