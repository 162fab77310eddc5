"""Why nobody can take a role, in words a person can act upon. No solver.

The rules that sort people (skill, level, language, licence, place…) come in as
named sets, in the order in which a coordinator would ask. The answer is a funnel,
who would do if one rule were dropped, and the earliest week otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Requirement:
    """One rule and the experts (by position) who meet it."""

    name: str
    met_by: frozenset[int]


@dataclass(frozen=True, slots=True)
class Work:
    """The hours of a role; weeks included at both ends."""

    seconds: int
    from_week: int
    until_week: int
    min_week_seconds: int
    max_week_seconds: int


@dataclass(frozen=True, slots=True)
class Held:
    """A role that an expert has already: what it takes from each week."""

    role: str
    week_seconds: tuple[tuple[int, int], ...]
    price: float


@dataclass(frozen=True, slots=True)
class Person:
    """`capacity_seconds` is before the roles held; one value per week."""

    capacity_seconds: tuple[int, ...]
    parallel_roles: int
    held: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True)
class Relaxed:
    """Without this rule, these experts meet the others and have the hours free."""

    requirement: str
    experts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Blocked:
    """One eligible expert, and the cheapest roles to move for the hours to fit."""

    expert: int
    roles: tuple[str, ...]
    price: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """`funnel` is what is left after each rule; `emptied_by` the rule that left none.

    `able` are eligible and have the hours if they drop everything; `free` also fit
    today. `earliest_until_week` is the first end of the window, from the same start,
    at which an eligible expert fits beside what they hold; None within the horizon.
    """

    funnel: tuple[tuple[str, int], ...]
    emptied_by: str | None
    able: tuple[int, ...]
    free: tuple[int, ...]
    relaxed: tuple[Relaxed, ...]
    earliest_until_week: int | None
    earliest_experts: tuple[int, ...]
    blocked: tuple[Blocked, ...]


def explain(
    work: Work, people: Sequence[Person], requirements: Sequence[Requirement]
) -> Explanation:
    """Say why a role finds someone or nobody, and what would change it."""
    left = set(range(len(people)))
    funnel: list[tuple[str, int]] = []
    emptied_by = None
    for requirement in requirements:
        left &= requirement.met_by
        funnel.append((requirement.name, len(left)))
        if not left and emptied_by is None:
            emptied_by = requirement.name
    eligible = sorted(left)
    able = tuple(e for e in eligible if fits(work, _whole(people[e])))
    free = tuple(e for e in able if fits(work, _rest(people[e])))
    relaxed: list[Relaxed] = []
    for dropped in requirements:
        others = set(range(len(people)))
        for requirement in requirements:
            if requirement is not dropped:
                others &= requirement.met_by
        who = tuple(e for e in sorted(others - left) if fits(work, _rest(people[e])))
        if who:
            relaxed.append(Relaxed(dropped.name, who))
    earliest, who_then = _earliest(work, people, eligible)
    return Explanation(
        funnel=tuple(funnel),
        emptied_by=emptied_by,
        able=able,
        free=free,
        relaxed=tuple(relaxed),
        earliest_until_week=earliest,
        earliest_experts=who_then,
        blocked=tuple(
            sorted(
                (_blocked(work, e, people[e]) for e in able if e not in free),
                key=lambda b: (b.price, b.expert),
            )
        ),
    )


def fits(work: Work, weeks: Sequence[int]) -> bool:
    """Can the hours be laid into these free seconds per week, least hours kept?"""
    if work.seconds == 0:
        return True
    rooms = sorted(
        (
            min(work.max_week_seconds, weeks[w])
            for w in range(work.from_week, min(work.until_week + 1, len(weeks)))
            if weeks[w] > 0
            and min(work.max_week_seconds, weeks[w]) >= work.min_week_seconds
        ),
        reverse=True,
    )
    total = 0
    for used, room in enumerate(rooms, start=1):
        total += room
        if total >= work.seconds:
            # With the widest weeks: fewest weeks, hence the least minimum to reach.
            return used * work.min_week_seconds <= work.seconds
    return False


def _whole(person: Person) -> list[int]:
    return list(person.capacity_seconds) if person.parallel_roles > 0 else []


def _rest(person: Person, without: frozenset[int] = frozenset()) -> list[int]:
    free = list(person.capacity_seconds)
    roles = [0] * len(free)
    for i, held in enumerate(person.held):
        if i in without:
            continue
        for week, seconds in held.week_seconds:
            free[week] -= seconds
            roles[week] += seconds > 0
    return [
        max(0, x) if n < person.parallel_roles else 0
        for x, n in zip(free, roles, strict=True)
    ]


def _earliest(
    work: Work, people: Sequence[Person], eligible: Sequence[int]
) -> tuple[int | None, tuple[int, ...]]:
    rest = {e: _rest(people[e]) for e in eligible}
    horizon = max((len(weeks) for weeks in rest.values()), default=0)
    for until in range(work.from_week, horizon):
        later = Work(
            work.seconds,
            work.from_week,
            until,
            work.min_week_seconds,
            work.max_week_seconds,
        )
        who = tuple(e for e in eligible if fits(later, rest[e]))
        if who:
            return until, who
    return None, ()


def _blocked(work: Work, expert: int, person: Person) -> Blocked:
    """Drop roles, the cheapest first, until it fits; then take back the needless."""
    order = sorted(range(len(person.held)), key=lambda i: (person.held[i].price, i))
    inside = [
        i
        for i in order
        if any(
            work.from_week <= week <= work.until_week and seconds > 0
            for week, seconds in person.held[i].week_seconds
        )
    ]
    gone: set[int] = set()
    for i in inside:
        gone.add(i)
        if fits(work, _rest(person, frozenset(gone))):
            break
    for i in sorted(gone, key=lambda i: (-person.held[i].price, i)):
        if fits(work, _rest(person, frozenset(gone - {i}))):
            gone.discard(i)
    dropped = [person.held[i] for i in sorted(gone)]
    return Blocked(
        expert, tuple(h.role for h in dropped), sum(h.price for h in dropped)
    )
