"""Problems small enough to know their best plan for certain."""

import itertools
import random
from functools import cache

from partage.rules.staffing.problem import Problem, problem_from

HOUR = 3600


def small_document(seed: int, *, experts: int = 3, roles: int = 4, weeks: int = 3):
    """A random problem in whole hours, with every rule of the format in play."""
    dice = random.Random(seed)
    people = [
        {
            "id": f"e{e}",
            "capacity": [dice.choice([0, 3, 5, 6, 8]) for _ in range(weeks)],
            "parallel": dice.choice([1, 2, 3]),
            "target": dice.choice([4, 9, 20]),
        }
        for e in range(experts)
    ]
    mandates = [
        {"id": f"m{m}", "competitors": dice.choice([None, "g0", "g0", "g1"])}
        for m in range(max(1, roles - 1))
    ]
    work = []
    for r in range(roles):
        first = dice.randrange(weeks)
        until = dice.randrange(first, weeks)
        least = dice.choice([1, 2, 3])
        candidates = []
        for e in range(experts):
            if dice.random() < 0.75:
                row = [f"e{e}", dice.choice([-20, 0, 5, 12.5, 30])]
                if dice.random() < 0.4:
                    row.append(dice.choice([2, 4, 7]))
                candidates.append(row)
        work.append(
            {
                "id": f"r{r}",
                "mandate": dice.choice(mandates)["id"],
                "hours": dice.choice([2, 3, 5, 6, 9]),
                "from": first,
                "due": dice.randrange(first, until + 1),
                "until": until,
                "min_week": least,
                "max_week": least + dice.choice([0, 1, 3]),
                "reject_cost": dice.choice([30, 100, 250]),
                "late_cost": dice.choice([0, 1, 10]),
                "candidates": candidates,
            }
        )
    return {
        "format": "staffing/1",
        "name": f"small-{seed}",
        "weeks": weeks,
        "team_cost": dice.choice([0, 15, 60]),
        "overload_cost": dice.choice([0, 4]),
        "experts": people,
        "mandates": mandates,
        "roles": work,
    }


def small_problem(seed: int, **sizes: int) -> Problem:
    return problem_from(small_document(seed, **sizes))


def one_week_problem(seed: int) -> Problem:
    """Agents and jobs: one week, one role per mandate, no limit but the hours."""
    dice = random.Random(seed)
    document = small_document(seed, experts=3, roles=5, weeks=1)
    document["mandates"] = [{"id": f"m{r}", "competitors": None} for r in range(5)]
    for r, role in enumerate(document["roles"]):
        role.update({"mandate": f"m{r}", "min_week": 0, "max_week": 12})
    for expert in document["experts"]:
        expert.update({"parallel": 5, "capacity": [dice.choice([0, 6, 11])]})
    return problem_from(document)


def spread_problem(*, experts: int, roles: int) -> Problem:
    """Many roles, each with three candidates, so that it is large but quick."""
    document = small_document(8, experts=experts, roles=roles, weeks=4)
    for r, role in enumerate(document["roles"]):
        role["candidates"] = [
            [f"e{(r * 7 + k * k * 11) % experts}", 5 * k] for k in range(3)
        ]
    return problem_from(document)


def shared_problem() -> Problem:
    """Three roles of one mandate, three experts, each able to do two of them.

    Half of each expert's pair is the cheapest mixture; two experts are needed whole.
    """
    document = small_document(1, experts=3, roles=3, weeks=2)
    document.update({"team_cost": 100, "overload_cost": 0})
    document["mandates"] = [{"id": "m0", "competitors": None}]
    for expert in document["experts"]:
        expert.update({"parallel": 3, "capacity": [20, 20], "target": 40})
    for r, role in enumerate(document["roles"]):
        role.update(
            {
                "mandate": "m0", "from": 0, "due": 1, "until": 1, "hours": 4,
                "min_week": 1, "max_week": 8, "reject_cost": 1000,
                "candidates": [[f"e{e}", 5] for e in range(3) if e != r],
            }
        )  # fmt: skip
    return problem_from(document)


def best_cost(problem: Problem) -> float:
    """The cost of the best plan, by trying them all (whole hours suffice)."""

    @cache
    def of_expert(expert: int, roles: tuple[int, ...]) -> float:
        return _cost_for_one(problem, expert, roles)

    choices = [[None, *[c.expert for c in r.candidates]] for r in problem.roles]
    best = float("inf")
    for choice in itertools.product(*choices):
        total = sum(
            r.reject_cost
            for r, e in zip(problem.roles, choice, strict=True)
            if e is None
        )
        for e in range(len(problem.experts)):
            mine = tuple(i for i, who in enumerate(choice) if who == e)
            if mine:
                total += of_expert(e, mine)
        best = min(best, total)
    return best


def _cost_for_one(problem: Problem, expert: int, mine: tuple[int, ...]) -> float:
    roles = [problem.roles[i] for i in mine]
    who = problem.experts[expert]
    chosen = [next(c for c in r.candidates if c.expert == expert) for r in roles]
    mandates = {r.mandate for r in roles}
    groups = [problem.mandates[m].competitors for m in mandates]
    named = [g for g in groups if g is not None]
    if len(named) != len(set(named)):
        return float("inf")

    @cache
    def late(week: int, left: tuple[int, ...]) -> float:
        if week == problem.weeks:
            return 0.0 if not any(left) else float("inf")
        least = float("inf")
        options = []
        for r, hours in zip(roles, left, strict=True):
            low, high = r.min_week_seconds // HOUR, r.max_week_seconds // HOUR
            inside = r.from_week <= week <= r.until_week
            span = range(low, min(high, hours) + 1) if inside else range(0)
            options.append([0, *[x for x in span if x > 0]])
        for hours in itertools.product(*options):
            if sum(hours) * HOUR > who.capacity_seconds[week]:
                continue
            if sum(x > 0 for x in hours) > who.parallel_roles:
                continue
            here = sum(
                r.late_cost_per_hour * x * max(0, week - r.due_week)
                for r, x in zip(roles, hours, strict=True)
            )
            rest = tuple(a - b for a, b in zip(left, hours, strict=True))
            least = min(least, here + late(week + 1, rest))
        return least

    need = tuple(c.seconds // HOUR for c in chosen)
    over = max(0, sum(need) * HOUR - who.target_seconds) / HOUR
    return (
        sum(c.cost for c in chosen)
        + problem.team_cost * len(mandates)
        + problem.overload_cost_per_hour * over
        + late(0, need)
    )
