"""Last night's plan, a swap that waits, a limit that was broken, weights that changed.

The plan is found here without the planner's machine code, which a new machine would
take half a minute to compile: the dearest choices first, each checked by the
planner's own judge, beside a bound that anyone can recompute.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from partage.cli.demo.ground import TODAY, World, at
from partage.experts.models import Absence, Expert
from partage.journal.actions import Actor
from partage.mandates.queries import engaged_needs
from partage.planning import queries
from partage.planning.actions import ask_for_plan, finish_plan, tell_without
from partage.planning.actions.assigning import as_kept
from partage.planning.models import (
    Assignment,
    BrokenLimit,
    Handover,
    Shortlist,
    Weighting,
)
from partage.rules.reservation import spread
from partage.rules.staffing.plan import Assignment as Given
from partage.rules.staffing.plan import cost_of, faults_of, unavoidable_of
from partage.rules.staffing.problem import SECONDS_PER_HOUR, Problem, Role
from partage.timesheets.queries import days_practised_everywhere

HISTORY = [
    (date(2024, 4, 2), "Pondérations de départ, adoptées avec le comité de coordination.",
     {"small_percent": Decimal(0), "swaps_need_approval": True}),
    (date(2024, 11, 18), "Les petits membres attendaient plus longtemps que les autres.",
     {"small_percent": Decimal(15)}),
    (date(2025, 2, 24), "Moins de route : l’hiver nous a coûté trois annulations.",
     {"travel_km": Decimal("0.90"), "carbon_kg": Decimal("0.20")}),
]  # fmt: skip


def weigh(world: World) -> None:
    """Add the weights that coordination has set over the year."""
    lea = world.logins["coordination@partage.example"]
    values: dict[str, object] = {}
    for on, reason, changes in HISTORY:
        before, values = values, values | changes
        moment = at(on, 10, 20)
        pk = world.add(
            Weighting, made_by_id=lea, made_at=moment, reason=reason, **values
        )
        world.note(
            moment, lea, "planning.weights.set", Weighting, pk, reason=reason,
            changes={k: [str(before.get(k, "")), str(v)] for k, v in changes.items()},
        )  # fmt: skip


def share(world: World) -> None:
    """Write what people have done with their assignments; the year is written."""
    rows = _recent()
    weighting = queries.current_weighting()
    look = _look(rows, weighting)
    _say_why(rows, look, weighting)
    movable = [row for row in rows if row.part.need_id not in look.engaged]
    moved = _someone_is_away(movable)
    swapped = _swap(world, [row for row in movable if row.pk != moved], weighting)
    _break_a_limit(world, rows, but={moved, swapped})


def _recent() -> list[Assignment]:
    """Return the assignments of the last weeks that stand, the oldest first."""
    return list(
        Assignment.objects.filter(
            status=Assignment.Status.ACCEPTED,
            proposed_at__gte=at(TODAY - timedelta(days=28), 0),
            part__need__status="TRIAGED",
            ends_on__gte=TODAY,
        )
        .select_related("expert", "part__need__organisation", "part__field")
        .order_by("pk")
    )


def _look(rows: Sequence[Assignment], weighting: Weighting) -> queries.World:
    return queries.World(
        on=TODAY,
        parts=list(queries.open_parts().filter(pk__in=[r.part_id for r in rows])),
        practised=days_practised_everywhere(TODAY.year),
        weighting=weighting,
    )


def _say_why(
    rows: Sequence[Assignment], look: queries.World, weighting: Weighting
) -> None:
    """Keep the reasons of the choices of the last weeks, as they were seen."""
    look.engaged = frozenset(engaged_needs())
    weights = queries.weights_of(weighting)
    parts = {part.pk: part for part in look.parts}
    for row in rows:
        ranking = look.ranking(parts[row.part_id], weights)
        row.shortlist = Shortlist.objects.create(
            part_id=row.part_id,
            made_by_id=row.proposed_by_id,
            made_at=row.proposed_at,
            weights={name: str(getattr(weights, name)) for name in weights.__slots__},
            weighting=weighting,
            candidates=[
                as_kept(each, ranking.experts[each.expert_id].name)
                for each in ranking.verdicts
            ],
        )
        row.save(update_fields=["shortlist"])


def _someone_is_away(rows: Sequence[Assignment]) -> int | None:
    """One who had accepted is away from next week on: the plan moves the promise."""
    start, end = TODAY + timedelta(days=7), TODAY + timedelta(days=60)
    for row in rows:
        taken = Absence.objects.filter(
            expert_id=row.expert_id, starts_on__lte=end, ends_on__gte=start
        )
        if not taken.exists():
            Absence.objects.create(
                expert_id=row.expert_id, starts_on=start, ends_on=end
            )
            return row.pk
    return None


def _swap(world: World, rows: Sequence[Assignment], weighting: Weighting) -> int | None:
    """Two colleagues have agreed on an exchange; coordination has to approve it."""
    look = _look(rows, weighting)
    parts = {part.pk: part for part in look.parts}
    for row in rows:
        ranking = look.ranking(parts[row.part_id])
        start, end = max(TODAY, row.starts_on), max(TODAY, row.ends_on)
        for verdict in ranking.verdicts:
            free = ranking.free[verdict.expert_id]
            if not verdict.eligible or verdict.expert_id == row.expert_id:
                continue
            laid = spread(minutes=row.minutes, free=free, start=start, end=end)
            if any(share > free.get(monday, 0) for monday, share in laid.items()):
                continue
            taker = Expert.objects.get(pk=verdict.expert_id)
            asked = at(TODAY - timedelta(days=3), 15, 12)
            handover = Handover.objects.create(
                cause=Handover.Cause.SWAP,
                assignment=row,
                to_expert=taker,
                weeks=[[m.isoformat(), s] for m, s in sorted(laid.items())],
                reason="Je siège au comité de la foire ce mois-là ; "
                "tu connais mieux que moi ce genre de dossier.",
                asked_by_id=row.expert.user_id,
                asked_at=asked,
                giver_agreed_at=asked,
                taker_agreed_at=(agreed := at(TODAY - timedelta(days=3), 16, 40)),
            )
            facts = {
                "need": row.part.need.reference,
                "giver": row.expert.name,
                "taker": taker.name,
                "reason": handover.reason,
                "answer": "",
            }
            for moment, user, what in (
                (asked, row.expert.user_id, "asked"),
                (agreed, taker.user_id, "agreed"),
            ):
                world.note(
                    moment, user, f"planning.handover.{what}", Handover, handover.pk,
                    **facts,
                )  # fmt: skip
            return row.pk
    return None


def _break_a_limit(
    world: World, rows: Sequence[Assignment], *, but: set[int | None]
) -> None:
    row = next((row for row in reversed(rows) if row.pk not in but), None)
    if row is None:
        return
    row.exception = (
        "Le membre tient à la personne qui a fait la première phase ; elle a accepté "
        "trois heures de plus cette semaine-là, reprises la suivante."
    )
    row.save(update_fields=["exception"])
    week = row.allocations.order_by("-minutes", "monday").first()
    BrokenLimit.objects.create(
        assignment=row,
        rule=BrokenLimit.Rule.HOURS,
        monday=week.monday if week else None,
        minutes=180,
        reason=row.exception,
        broken_by_id=world.logins["coordination@partage.example"],
        broken_at=row.proposed_at,
    )


def plan_the_night(world: World) -> None:
    """Propose last night's plan, which waits for coordination on Monday."""
    by = Actor(user_id=None, name="Partage", at=at(TODAY, 2, 30))
    world.tell(by.at)
    proposal = ask_for_plan(cause="NIGHT", by=by, now=by.at, run=False)
    look = queries.World(
        on=TODAY,
        parts=list(queries.open_parts()),
        practised=days_practised_everywhere(TODAY.year),
        engaged=engaged_needs(),
        weighting=proposal.weighting,
    )
    problem = look.demand.problem
    plan = dearest_first(problem)
    faults = faults_of(problem, plan)
    assert not faults, faults
    cost, bound = cost_of(problem, plan).total, relaxed(problem)
    start = sum(role.reject_cost for role in problem.roles)
    proposal = finish_plan(
        proposal_id=proposal.pk,
        world=look,
        plan=plan,
        bound=bound,
        unavoidable=unavoidable_of(problem),
        role_values=[
            _worth(problem, r, {a.role for a in plan})
            for r in range(len(problem.roles))
        ],
        seconds=0.6,
        points=[(0.0, round(start), 0), (0.2, round(1.2 * cost), round(0.8 * bound)),
                (0.6, round(cost), round(bound))],
        by=by,
    )  # fmt: skip
    found = queries.without_each_weight(
        look, proposal, lambda demand, _kept: dearest_first(demand.problem)
    )
    tell_without(proposal_id=proposal.pk, found=dict(found))


def dearest_first(problem: Problem) -> list[Given]:
    """Give first what would be the dearest to give otherwise; the same each time."""
    free = [list(expert.capacity_seconds) for expert in problem.experts]
    count = [[0] * problem.weeks for _expert in problem.experts]
    used = [0] * len(problem.experts)
    teams: set[tuple[int, int]] = set()
    groups: dict[tuple[int, str], int] = {}
    plan: list[Given] = []
    left = set(range(len(problem.roles)))
    while left:
        best: tuple[float, int, Given] | None = None
        for r in sorted(left):
            role = problem.roles[r]
            mandate = problem.mandates[role.mandate]
            options = []
            for taker in role.candidates:
                e, group = taker.expert, mandate.competitors
                if group and groups.get((e, group), role.mandate) != role.mandate:
                    continue
                laid = _lay(problem, r, taker.seconds, free[e], count[e], e)
                if laid is None:
                    continue
                late = sum(
                    role.late_cost_per_hour * s / SECONDS_PER_HOUR * (w - role.due_week)
                    for w, s in laid
                    if w > role.due_week
                )
                cost = taker.cost + late + _over(problem, e, used[e], taker.seconds)
                if (role.mandate, e) not in teams:
                    cost += problem.team_cost
                options.append((cost, e, laid))
            options.sort(key=lambda option: option[:2])
            if not options or options[0][0] >= role.reject_cost:
                left.discard(r)
                continue
            otherwise = options[1][0] if len(options) > 1 else role.reject_cost
            regret = min(otherwise, role.reject_cost) - options[0][0]
            if best is None or regret > best[0]:
                best = (regret, r, Given(r, options[0][1], options[0][2]))
        if best is None:
            break
        _regret, r, given = best
        role, e = problem.roles[r], given.expert
        for week, seconds in given.week_seconds:
            free[e][week] -= seconds
            count[e][week] += 1
            used[e] += seconds
        teams.add((role.mandate, e))
        if group := problem.mandates[role.mandate].competitors:
            groups[e, group] = role.mandate
        plan.append(given)
        left.discard(r)
    return sorted(plan, key=lambda given: given.role)


def _lay(
    problem: Problem, r: int, seconds: int, free: list[int], count: list[int], e: int
) -> tuple[tuple[int, int], ...] | None:
    """The earliest weeks that hold the hours, none under the least; None if none do."""
    role, limit = problem.roles[r], problem.experts[e].parallel_roles
    found, left = [], seconds
    for week in range(role.from_week, role.until_week + 1):
        room = min(role.max_week_seconds, free[week]) if count[week] < limit else 0
        take = min(room, left)
        # What stays must be enough for a week of its own.
        if 0 < left - take < role.min_week_seconds:
            take = left - role.min_week_seconds
        if take >= role.min_week_seconds:
            found.append((week, take))
            left -= take
        if not left:
            return tuple(found)
    return None


def relaxed(problem: Problem) -> float:
    """Never above the best plan: each part with its cheapest candidate, as if alone.

    Lateness and overload are what the candidate's own weeks force, all the rest of
    them free. A member served at all needs at least one person.
    """
    total = 0.0
    for m in range(len(problem.mandates)):
        roles = [role for role in problem.roles if role.mandate == m]
        undone = sum(role.reject_cost for role in roles)
        done = sum(min([role.reject_cost, *_alone(problem, role)]) for role in roles)
        total += min(undone, done + problem.team_cost)
    return total


def _over(problem: Problem, e: int, used: int, more: int) -> float:
    """What so many seconds more cost beyond the load that someone aims at."""
    target = problem.experts[e].target_seconds
    over = max(0, used + more - target) - max(0, used - target)
    return problem.overload_cost_per_hour * over / SECONDS_PER_HOUR


def _alone(problem: Problem, role: Role) -> Iterator[float]:
    """What each candidate who has the hours at all would cost, at least."""
    for taker in role.candidates:
        left = taker.seconds
        cost = taker.cost + _over(problem, taker.expert, 0, taker.seconds)
        capacity = problem.experts[taker.expert].capacity_seconds
        for week in range(role.from_week, role.until_week + 1):
            take = min(role.max_week_seconds, capacity[week], left)
            late = max(0, week - role.due_week) * role.late_cost_per_hour
            cost += late * take / SECONDS_PER_HOUR
            left -= take
        if not left:
            yield cost


def _worth(problem: Problem, r: int, served: set[int]) -> float:
    """What serving a part is worth: what its second choice costs, or leaving it."""
    role = problem.roles[r]
    if r not in served:
        return role.reject_cost
    costs = sorted(taker.cost for taker in role.candidates)
    second = costs[1] if len(costs) > 1 else role.reject_cost
    return min(role.reject_cost, second + problem.team_cost)
