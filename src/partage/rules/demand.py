"""The open demand of a cooperative, as a problem for the planner, and back.

Pure. Time comes in whole minutes and goes to the planner in whole seconds, sixty to
the minute, so that nothing is lost or made. A cost is in dollars of inconvenience:
it compares plans, nobody is ever billed for it, so it may be a float.

What is settled (work that no plan moves) only takes room. What is promised but may
move, with consent, is a role with a holder, and giving it to another costs.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from functools import cached_property

from partage.rules.calendar import monday_of
from partage.rules.eligibility import (
    Candidate,
    Requirement,
    Verdict,
    continuity,
    distance_km,
    exclusions,
    judge,
)
from partage.rules.staffing.plan import Assignment, cost_of
from partage.rules.staffing.problem import (
    SECONDS_PER_HOUR,
    Expert,
    Mandate,
    Problem,
    Role,
)
from partage.rules.staffing.problem import Candidate as Taker

SECONDS = 60  # in a minute
# The law and conflicts of interest allow no exception, not even to who has it.
NEVER = frozenset({"licence", "conflict"})
# These two are the planner's own: it counts the hours of the whole at once.
COUNTED = frozenset({"parallel", "hours"})
CAR_KG_PER_KM = 0.241  # 2.36 kg CO2e/L × 10.2 L/100 km (RNCan)
HOURS_A_VISIT = 20  # on site, someone comes once for so many hours of work
WORTH_MOVING = 25.0  # dollars below which nobody's weeks are moved
SMALL_MINUTES = 100 * 60  # a member promised less than this in a year is small


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars of inconvenience, percents, and the frame of the plan.

    The same names as the columns of a weighting; see `planning.Weighting`.
    """

    unmet_hour: float = 60.0
    late_hour: float = 2.0
    team: float = 50.0
    overload_hour: float = 30.0
    over_level_hour: float = 8.0
    continuity_hour: float = 10.0
    travel_km: float = 0.72
    carbon_kg: float = 0.10
    promise_asked: float = 150.0
    promise_accepted: float = 600.0
    urgent_percent: float = 200.0
    patient_percent: float = 50.0
    waiting_percent: float = 10.0
    small_percent: float = 15.0
    least_week_hours: float = 1.0
    most_week_hours: float = 20.0
    late_weeks: int = 8
    faster_percent: float = 10.0
    target_percent: float = 80.0

    def __post_init__(self) -> None:
        for one in fields(self):
            if getattr(self, one.name) < 0:
                raise ValueError(f"{one.name} is negative; give zero or more")


# What a plan's cost is told by. Unmet, late, team, overload and the rest add up to it.
WEIGHTS = (
    "unmet_hour",
    "urgent_percent",
    "patient_percent",
    "waiting_percent",
    "small_percent",
    "late_hour",
    "team",
    "overload_hour",
    "over_level_hour",
    "continuity_hour",
    "travel_km",
    "carbon_kg",
    "promise_asked",
    "promise_accepted",
)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a part now: asked, or accepted; `fixed` when no plan may move it.

    `week_minutes` are what is kept of each week, by its Monday.
    """

    expert_id: int
    week_minutes: tuple[tuple[date, int], ...]
    accepted: bool = False
    fixed: bool = False

    @property
    def minutes(self) -> int:
        return sum(minutes for _monday, minutes in self.week_minutes)


@dataclass(frozen=True, slots=True)
class OpenPart:
    """One part of a need that the plan may give: urgency 1 (can wait) to 3 (urgent).

    `served_minutes` is what its member was promised in the year, for fairness to
    small ones; `waited_weeks` since it came. `candidates` are those who practise its
    field, and whoever holds it, seen beside what is settled. `not_again` have said
    no to it, or were set aside by coordination.
    """

    part_id: int
    organisation_id: int
    requirement: Requirement
    candidates: tuple[Candidate, ...] = ()
    urgency: int = 2
    waited_weeks: int = 0
    served_minutes: int = 0
    holder: Holder | None = None
    not_again: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Person:
    """One expert over the horizon, one value per week in each tuple.

    `worked` is what mandates may take (schedule, protected time and cap counted);
    `settled` the minutes taken by what no plan moves, `settled_count` by how many
    things.
    """

    expert_id: int
    worked: tuple[int, ...]
    settled: tuple[int, ...]
    settled_count: tuple[int, ...]
    parallel_limit: int = 6


@dataclass(frozen=True)
class Demand:
    """The problem, and what its positions stand for.

    `in_force` is the plan as promised today; `shares` says, by role and expert (by
    position), which weights make up the candidate's cost; `reject_shares` the same
    for leaving a role undone.
    """

    problem: Problem
    mondays: tuple[date, ...]
    parts: tuple[OpenPart, ...]
    people: tuple[Person, ...]
    in_force: tuple[Assignment, ...]
    fixed_roles: tuple[int, ...]
    shares: Mapping[tuple[int, int], Mapping[str, float]]
    reject_shares: tuple[Mapping[str, float], ...]

    def verdict_on(self, part_id: int, expert_id: int | None) -> Verdict | None:
        """The rules' whole word on one expert; None for who was not looked at."""
        part = self.parts[self.role_at[part_id]]
        for candidate in part.candidates:
            if candidate.expert_id == expert_id:
                return judge(part.requirement, candidate)
        return None

    def able(self, part_id: int) -> int:
        """How many the rules would let do a part."""
        part = self.parts[self.role_at[part_id]]
        return sum(not exclusions(part.requirement, one) for one in part.candidates)

    @cached_property
    def role_at(self) -> dict[int, int]:
        return {part.part_id: i for i, part in enumerate(self.parts)}

    @cached_property
    def expert_at(self) -> dict[int, int]:
        return {person.expert_id: i for i, person in enumerate(self.people)}


def demand_of(
    *,
    on: date,
    parts: Sequence[OpenPart],
    people: Sequence[Person],
    prices: Prices | None = None,
) -> Demand:
    """Build the planner's problem, weeks counted from the Monday of `on`.

    Every person gives one value per week of the horizon, at least up to the last
    window and its weeks of grace (see `horizon`). Parts and people come in any order;
    the problem is the same for the same content, in the order of ids.
    """
    prices = prices or Prices()
    parts = tuple(sorted(parts, key=lambda part: part.part_id))
    people = tuple(sorted(people, key=lambda person: person.expert_id))
    mondays = horizon(on, (part.requirement for part in parts), prices)
    for person in people:
        if min(len(person.worked), len(person.settled)) < len(mondays):
            raise ValueError(
                f"expert {person.expert_id} has {len(person.worked)} weeks; "
                f"give {len(mondays)}"
            )
    week_of = {monday: i for i, monday in enumerate(mondays)}
    organisations = sorted({part.organisation_id for part in parts})
    at = {pk: i for i, pk in enumerate(organisations)}
    groups = {
        part.organisation_id: part.requirement.competition or None for part in parts
    }
    expert_at = {person.expert_id: e for e, person in enumerate(people)}

    roles: list[Role] = []
    in_force: list[Assignment] = []
    fixed: list[int] = []
    shares: dict[tuple[int, int], Mapping[str, float]] = {}
    reject_shares: list[Mapping[str, float]] = []
    for r, part in enumerate(parts):
        need, holder = part.requirement, part.holder
        held_by = expert_at.get(holder.expert_id) if holder else None
        takers: list[Taker] = []
        for candidate in sorted(part.candidates, key=lambda one: one.expert_id):
            e = expert_at[candidate.expert_id]
            broken = {why.rule for why in exclusions(need, candidate, but=COUNTED)}
            mine = e == held_by
            if broken & NEVER or (broken and not mine):
                continue
            if candidate.expert_id in part.not_again and not mine:
                continue
            if holder and holder.fixed and held_by is not None and not mine:
                continue
            minutes = _minutes(part, candidate, prices, mine=mine)
            cost = _shares(part, candidate, minutes, prices, mine=mine)
            shares[r, e] = cost
            takers.append(Taker(e, sum(cost.values()), minutes * SECONDS))
        role, rejection = _role(part, mondays, at, tuple(takers), prices)
        roles.append(role)
        reject_shares.append(rejection)
        if holder is None or not any(taker.expert == held_by for taker in takers):
            continue
        assert held_by is not None
        laid = tuple(
            (week_of[monday], minutes * SECONDS)
            for monday, minutes in sorted(holder.week_minutes)
            if monday in week_of
        )
        in_force.append(Assignment(r, held_by, laid))
        if holder.fixed:
            fixed.append(r)
    problem = Problem(
        name=f"{on.isoformat()}",
        weeks=len(mondays),
        team_cost=prices.team,
        overload_cost_per_hour=prices.overload_hour,
        experts=tuple(_expert(person, len(mondays), prices) for person in people),
        # One member's needs are one mandate here: fewer faces are better for it, and
        # a member is never a competitor of itself.
        mandates=tuple(Mandate(str(pk), groups[pk]) for pk in organisations),
        roles=tuple(roles),
    )
    return Demand(
        problem=problem,
        mondays=mondays,
        parts=parts,
        people=people,
        in_force=tuple(in_force),
        fixed_roles=tuple(fixed),
        shares=shares,
        reject_shares=tuple(reject_shares),
    )


def horizon(
    on: date, requirements: Iterable[Requirement], prices: Prices
) -> tuple[date, ...]:
    """The Mondays from `on`'s week to the last window's end and its grace."""
    ends = [requirement.window_end for requirement in requirements]
    last = max((monday_of(end) for end in ends), default=monday_of(on))
    first = monday_of(on)
    count = (max(first, last) - first).days // 7 + 1 + int(prices.late_weeks)
    return tuple(date.fromordinal(first.toordinal() + 7 * i) for i in range(count))


def _minutes(part: OpenPart, person: Candidate, prices: Prices, *, mine: bool) -> int:
    """A higher level takes fewer minutes; who has it keeps what was agreed."""
    if mine and part.holder:
        return part.holder.minutes
    level = max(
        (lvl for code, lvl in person.skills if code == part.requirement.field),
        default=part.requirement.level,
    )
    above = max(0, level - part.requirement.level)
    spared = (
        Decimal(part.requirement.minutes) * above * Decimal(str(prices.faster_percent))
    )
    # Never less than what is left after the saving, in quarters of an hour.
    minutes = part.requirement.minutes - int(spared / 100)
    return min(part.requirement.minutes, -(-max(15, minutes) // 15) * 15)


def _shares(
    part: OpenPart,
    person: Candidate,
    minutes: int,
    prices: Prices,
    *,
    mine: bool,
) -> dict[str, float]:
    need, hours = part.requirement, minutes / 60
    found: dict[str, float] = {}
    level = max((lvl for code, lvl in person.skills if code == need.field), default=0)
    if level > need.level:
        found["over_level_hour"] = prices.over_level_hour * hours * (level - need.level)
    if known := continuity(need, person):
        found["continuity_hour"] = -prices.continuity_hour * hours * float(known)
    if need.on_site and need.location and person.location:
        km = 2 * float(distance_km(*person.location, *need.location))
        km *= max(1, round(hours / HOURS_A_VISIT))
        found["travel_km"] = prices.travel_km * km
        found["carbon_kg"] = prices.carbon_kg * CAR_KG_PER_KM * km
    if part.holder and not mine:
        if part.holder.accepted:
            found["promise_accepted"] = prices.promise_accepted
        else:
            found["promise_asked"] = prices.promise_asked
    return found


def _role(
    part: OpenPart,
    mondays: Sequence[date],
    at: Mapping[int, int],
    takers: tuple[Taker, ...],
    prices: Prices,
) -> tuple[Role, dict[str, float]]:
    need = part.requirement
    first = max(0, (monday_of(need.window_start) - mondays[0]).days // 7)
    due = max(first, (monday_of(need.window_end) - mondays[0]).days // 7)
    until = min(len(mondays) - 1, due + int(prices.late_weeks))
    most = max(taker.seconds for taker in takers) // SECONDS if takers else need.minutes
    # A short window asks for more of a week than is usual.
    a_week = max(int(prices.most_week_hours * 60), -(-most // (due - first + 1)))
    # Less than so much in a week is not worth the switch; never nothing.
    a_little = max(15, int(prices.least_week_hours * 60))
    least = min((taker.seconds for taker in takers), default=need.minutes * SECONDS)
    hours = need.minutes / 60
    whole = prices.unmet_hour * hours
    shares = {"unmet_hour": whole}
    if part.urgency >= 3:
        shares["urgent_percent"] = whole * prices.urgent_percent / 100
    elif part.urgency <= 1:
        shares["patient_percent"] = -whole * min(100.0, prices.patient_percent) / 100
    if part.waited_weeks:
        aged = prices.waiting_percent * part.waited_weeks
        shares["waiting_percent"] = whole * aged / 100
    if part.served_minutes < SMALL_MINUTES:
        shares["small_percent"] = whole * prices.small_percent / 100
    if part.holder and part.holder.accepted:
        shares["promise_accepted"] = prices.promise_accepted
    elif part.holder:
        shares["promise_asked"] = prices.promise_asked
    pressing = {1: 1 - min(100.0, prices.patient_percent) / 100}.get(part.urgency, 1.0)
    if part.urgency >= 3:
        pressing = 1 + prices.urgent_percent / 100
    return (
        Role(
            id=str(part.part_id),
            mandate=at[part.organisation_id],
            from_week=first,
            due_week=due,
            until_week=until,
            seconds=need.minutes * SECONDS,
            min_week_seconds=min(a_little * SECONDS, a_week * SECONDS, least),
            max_week_seconds=a_week * SECONDS,
            reject_cost=sum(shares.values()),
            late_cost_per_hour=prices.late_hour * pressing,
            candidates=takers,
        ),
        shares,
    )


def _expert(person: Person, count: int, prices: Prices) -> Expert:
    worked = person.worked[:count]
    free = [
        max(0, minutes - taken)
        for minutes, taken in zip(worked, person.settled, strict=False)
    ]
    parallel, free = _parallel(person.parallel_limit, free, person.settled_count)
    target = sum(worked) * prices.target_percent / 100 - sum(person.settled[:count])
    return Expert(
        id=str(person.expert_id),
        capacity_seconds=tuple(minutes * SECONDS for minutes in free),
        parallel_roles=parallel,
        target_seconds=max(0, int(target)) * SECONDS,
    )


def _parallel(
    limit: int, free: Sequence[int], settled: Sequence[int]
) -> tuple[int, list[int]]:
    """One parallel limit for all weeks, beside settled work that varies by week.

    The planner knows one limit for all weeks. A limit of k closes the weeks where
    fewer than k places are left; the k that keeps the most room (hours × places) is
    taken. So the true limit is never broken, at the price of a little room.
    """
    if not any(settled):
        return limit, list(free)
    left = [max(0, limit - count) for count, _free in zip(settled, free, strict=False)]
    best, kept = 0, 0
    for k in sorted(set(left) - {0}):
        room = k * sum(x for x, places in zip(free, left, strict=True) if places >= k)
        if room > kept:
            best, kept = k, room
    return best, [
        x if best and places >= best else 0
        for x, places in zip(free, left, strict=True)
    ]


def cost_by_weight(
    demand: Demand, assignments: Sequence[Assignment]
) -> dict[str, float]:
    """What each weight adds to a plan's cost; they add up to it.

    Continuity and patience are below zero: they are what is spared.
    """
    cost = cost_of(demand.problem, assignments)
    found = dict.fromkeys(WEIGHTS, 0.0)
    served = set()
    for a in assignments:
        served.add(a.role)
        for name, amount in demand.shares[a.role, a.expert].items():
            found[name] += amount
    for r, shares in enumerate(demand.reject_shares):
        if r not in served:
            for name, amount in shares.items():
                found[name] += amount
    found["late_hour"] += cost.late
    found["team"] += cost.team
    found["overload_hour"] += cost.overload
    return found


def holding(demand: Demand) -> tuple[Assignment, ...]:
    """What of the plan in force still holds: in weeks where its expert has the hours.

    Someone's absence, or a new promise, may have left less of a week than is kept.
    The roles that reach into such a week do not hold any more.
    """
    broken = broken_weeks(demand)
    return tuple(a for a in demand.in_force if a.role not in broken)


def broken_weeks(demand: Demand) -> dict[int, date]:
    """The first week, by role, in which a promise has not its hours any more."""
    kept: dict[tuple[int, int], int] = defaultdict(int)
    for a in demand.in_force:
        for week, seconds in a.week_seconds:
            kept[a.expert, week] += seconds
    over = {
        (e, week)
        for (e, week), seconds in kept.items()
        if seconds > SECONDS * _room(demand.people[e], week)
    }
    found = {}
    for a in demand.in_force:
        weeks = [week for week, _seconds in a.week_seconds if (a.expert, week) in over]
        if weeks:
            found[a.role] = demand.mondays[min(weeks)]
    return found


def _room(person: Person, week: int) -> int:
    return max(0, person.worked[week] - person.settled[week])


@dataclass(frozen=True, slots=True)
class Difference:
    """One part whose expert, or weeks, a plan changes; None is nobody.

    `gain` is what the change saves by itself; what it changes for the teams and the
    load of everyone is the whole plan's. `broken_week` is the first week in which
    what was promised has not its hours any more, if there is one.
    """

    role: int
    before: Assignment | None
    after: Assignment | None
    gain: float
    broken_week: date | None = None


def differences(
    demand: Demand, plan: Sequence[Assignment]
) -> tuple[tuple[Difference, ...], tuple[Assignment, ...]]:
    """What a plan changes to the one in force, and the whole plan as it would be.

    Whoever keeps a part keeps its weeks too, as long as they hold beside what the
    plan adds and cost about as much: nobody's agenda is moved for nothing.
    """
    before = {a.role: a for a in demand.in_force}
    broken = broken_weeks(demand)
    sound = before.keys() - broken.keys()
    after = {a.role: a for a in plan}
    load: dict[tuple[int, int], int] = defaultdict(int)
    count: dict[tuple[int, int], int] = defaultdict(int)

    def lay(a: Assignment, times: int) -> None:
        for week, seconds in a.week_seconds:
            load[a.expert, week] += times * seconds
            count[a.expert, week] += times

    def fits(a: Assignment) -> bool:
        person = demand.people[a.expert]
        return all(
            load[a.expert, week] + seconds <= SECONDS * _room(person, week)
            and count[a.expert, week] + person.settled_count[week]
            < person.parallel_limit
            for week, seconds in a.week_seconds
        )

    for a in plan:
        lay(a, 1)
    # The plan fits; one set of weeks at a time goes back to what it was, if it can
    # beside all the others. Each may make room for another: hence again.
    again = True
    while again:
        again = False
        for r, new in sorted(after.items()):
            old = before.get(r)
            if old is None or old.expert != new.expert or old == new or r not in sound:
                continue
            saved = cost_of_role(demand, r, old) - cost_of_role(demand, r, new)
            lay(new, -1)
            again = saved < WORTH_MOVING and fits(old)
            after[r] = old if again else new
            lay(after[r], 1)
            if again:
                break
    found = []
    for r in sorted(before.keys() | after.keys()):
        was, now = before.get(r), after.get(r)
        if was != now:
            held = was if r in sound else None
            saved = cost_of_role(demand, r, held) - cost_of_role(demand, r, now)
            found.append(Difference(r, was, now, saved, broken.get(r)))
    return tuple(found), tuple(after[r] for r in sorted(after))


def cost_of_role(demand: Demand, role: int, assignment: Assignment | None) -> float:
    """What one role adds to the cost by itself: team and overload are the plan's."""
    only = demand.problem.roles[role]
    if assignment is None:
        return only.reject_cost
    own = sum(demand.shares[role, assignment.expert].values())
    late = sum(
        only.late_cost_per_hour * seconds / SECONDS_PER_HOUR * (week - only.due_week)
        for week, seconds in assignment.week_seconds
        if week > only.due_week
    )
    return own + late


def week_minutes(
    demand: Demand, assignment: Assignment
) -> tuple[tuple[date, int], ...]:
    """The weeks of an assignment, by Monday, in whole minutes that add up exactly.

    A plan made from minutes comes back in minutes. Should a search have cut one, the
    seconds are carried to the next week, which never changes the sum.
    """
    found, carried = [], 0
    for week, seconds in sorted(assignment.week_seconds):
        minutes, carried = divmod(seconds + carried, SECONDS)
        if minutes:
            found.append((demand.mondays[week], minutes))
    return tuple(found)


def hour_values(
    demand: Demand, role_values: Sequence[float]
) -> dict[tuple[str, str], tuple[float, int]]:
    """What one more hour of each field, language and province would bring.

    At the plan's prices (`role_values`: what serving each role is worth, never more
    than its rejection), an hour goes to the role that pays the most for it: its value
    less the cheapest candidate's own cost and a person more, per hour. Returns, by
    (axis, code), dollars per hour, at least 0, and the open minutes that such an hour
    could go to.
    """
    found: dict[tuple[str, str], tuple[float, int]] = {}
    for r, part in enumerate(demand.parts):
        role = demand.problem.roles[r]
        worth = min(role_values[r], role.reject_cost)
        cost = min((taker.cost for taker in role.candidates), default=0.0)
        cost = max(0.0, cost) + demand.problem.team_cost
        a_hour = max(0.0, worth - cost) / (part.requirement.minutes / 60)
        for key in (
            ("FIELD", part.requirement.field),
            ("LANGUAGE", part.requirement.language),
            ("PROVINCE", part.requirement.province),
        ):
            best, minutes = found.get(key, (0.0, 0))
            found[key] = (max(best, a_hour), minutes + part.requirement.minutes)
    return found


def print_of(demand: Demand) -> dict[str, str]:
    """Fingerprints of what a plan was made from: parts, hours, promises, prices.

    Two worlds with the same prints are planned alike. When one differs, its name
    says what has changed.
    """

    def short(rows: Iterable[object]) -> str:
        return hashlib.sha256(repr(list(rows)).encode()).hexdigest()[:16]

    problem = demand.problem
    return {
        "parts": short(
            (p.part_id, p.requirement, p.urgency, p.served_minutes < SMALL_MINUTES)
            for p in demand.parts
        ),
        "hours": short(
            (e.id, e.capacity_seconds, e.parallel_roles, e.target_seconds)
            for e in problem.experts
        ),
        "promises": short(
            (p.part_id, p.holder and (p.holder.expert_id, p.holder.week_minutes))
            for p in demand.parts
        ),
        "people": short(
            (role.id, tuple(taker.expert for taker in role.candidates))
            for role in problem.roles
        ),
        "weights": short(
            [problem.team_cost, problem.overload_cost_per_hour]
            + [role.reject_cost for role in problem.roles]
            + [role.late_cost_per_hour for role in problem.roles]
        ),
    }


def assignments_from(
    demand: Demand, rows: Iterable[tuple[int, int, Sequence[tuple[date, int]]]]
) -> tuple[Assignment, ...]:
    """A kept plan (part, expert, weeks) as assignments of this problem.

    What no longer has its part, its expert or its right to serve is left out.
    """
    roles, experts = demand.role_at, demand.expert_at
    week_of = {monday: i for i, monday in enumerate(demand.mondays)}
    found = []
    for part_id, expert_id, laid in rows:
        r, e = roles.get(part_id), experts.get(expert_id)
        if r is None or e is None or (r, e) not in demand.shares:
            continue
        found.append(
            Assignment(
                r,
                e,
                tuple(
                    (week_of[monday], minutes * SECONDS)
                    for monday, minutes in laid
                    if monday in week_of
                ),
            )
        )
    return tuple(sorted(found, key=lambda a: a.role))
