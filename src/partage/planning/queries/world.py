"""A ranking, and the planner’s problem, made of what planning knows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.utils.timezone import localtime

from partage.experts.models import Expert
from partage.needs.models import Part
from partage.planning.models import Assignment
from partage.planning.queries.known import Known
from partage.rules import demand, eligibility
from partage.rules.demand import OpenPart, Person, Prices
from partage.rules.staffing import explain as explained
from partage.rules.staffing.explain import Held, Work, explain


@dataclass(frozen=True)
class Ranking:
    """Every expert seen from one part of a need: those who can first, then why not."""

    requirement: eligibility.Requirement
    verdicts: tuple[eligibility.Verdict, ...]
    experts: dict[int, Expert]
    funnel: eligibility.Funnel
    free: dict[int, dict[date, int]]  # minutes free in each week of the window
    levels: dict[int, int]  # of those who practise the field

    def verdict_on(self, expert_id: int) -> eligibility.Verdict | None:
        return next((v for v in self.verdicts if v.expert_id == expert_id), None)


@dataclass(frozen=True)
class Explained:
    """An explanation, the names that its positions stand for, and its weeks."""

    why: explained.Explanation
    names: list[str]
    mondays: tuple[date, ...]

    def named(self, positions: Sequence[int]) -> list[str]:
        return sorted(self.names[at] for at in positions)


class World(Known):
    """What follows from what is known: who could do a part, and the plan's problem."""

    def ranking(
        self, part: Part, weights: eligibility.Weights | None = None
    ) -> Ranking:
        """Rank every expert for one part, beside every promise but its own."""
        need = self.requirements[part.pk]
        candidates = self.candidates(part, beside=frozenset({part.pk}))
        verdicts = eligibility.rank(need, candidates, weights)
        return Ranking(
            requirement=need,
            verdicts=verdicts,
            experts={one.expert_id: self.experts[one.expert_id] for one in candidates},
            funnel=eligibility.funnel(verdicts),
            free={
                one.expert_id: {week.monday: week.minutes for week in one.weeks}
                for one in candidates
            },
            levels={
                one.expert_id: level
                for one in candidates
                for code, level in one.skills
                if code == need.field
            },
        )

    def explanation(self, part: Part, ranking: Ranking | None = None) -> "Explained":
        """Say why nobody takes a part, or who would; see `rules.staffing.explain`.

        `ranking` is the one that was made of the part already, if it was.
        The hours are those left beside what is settled; what each person holds of
        the movable rest is what blocks them.
        """
        ranking = ranking or self.ranking(part)
        ids = sorted(ranking.experts)
        at = {pk: i for i, pk in enumerate(ids)}
        broken = {
            verdict.expert_id: {why.rule for why in verdict.against if why.excludes}
            for verdict in ranking.verdicts
        }
        weeks_of = {monday: i for i, monday in enumerate(self.mondays)}
        held: dict[int, list[Held]] = defaultdict(list)
        for other, row in self.holders.items():
            if other != part.pk:
                held[row.expert_id].append(
                    Held(
                        str(other),
                        tuple(
                            (weeks_of[monday], minutes * demand.SECONDS)
                            for monday, minutes in self._kept[other]
                        ),
                        float(row.minutes),
                    )
                )
        role = self.demand.problem.roles[self.demand.role_at[part.pk]]
        return Explained(
            explain(
                Work(
                    role.seconds,
                    role.from_week,
                    role.due_week,
                    role.min_week_seconds,
                    role.max_week_seconds,
                ),
                [
                    explained.Person(
                        tuple(
                            week.minutes * demand.SECONDS
                            for week in self.weeks(pk, beside=self._movable)
                        ),
                        self.experts[pk].parallel_limit,
                        tuple(held[pk]),
                    )
                    for pk in ids
                ],
                [
                    explained.Requirement(
                        rule,
                        frozenset(at[pk] for pk in ids if rule not in broken[pk]),
                    )
                    for rule in eligibility.HARD_RULES
                    if rule not in demand.COUNTED
                ],
            ),
            [self.experts[pk].name for pk in ids],
            self.mondays,
        )

    def priced(self, prices: Prices) -> "World":
        """Return the same world at other prices; nothing is asked again.

        The frame of the plan (how many weeks) is that of this one.
        """
        other = copy(self)
        other.prices = prices
        other.__dict__.pop("demand", None)
        return other

    @cached_property
    def demand(self) -> demand.Demand:
        """The open demand as the planner's problem; see `rules.demand`."""
        return demand.demand_of(
            on=self.on,
            parts=self._wanted,
            people=self._people,
            prices=self.prices,
        )

    @cached_property
    def _wanted(self) -> list[OpenPart]:
        takers = self._takers()
        rows = []
        for part in self.parts:
            if part.pk not in self._movable:
                continue
            holder = self.holders.get(part.pk)
            need = part.need
            received = localtime(need.received_at).date()
            rows.append(
                OpenPart(
                    part_id=part.pk,
                    organisation_id=need.organisation_id,
                    requirement=self.requirements[part.pk],
                    candidates=tuple(
                        self.candidates(
                            part, beside=self._movable, among=takers[part.pk]
                        )
                    ),
                    urgency=need.urgency,
                    waited_weeks=max(0, (self.on - received).days) // 7,
                    served_minutes=self.served[need.organisation_id],
                    not_again=frozenset(self._not_again[part.pk]),
                    holder=holder
                    and demand.Holder(
                        holder.expert_id,
                        tuple(self._kept[part.pk]),
                        accepted=holder.status == Assignment.Status.ACCEPTED,
                        fixed=holder.fixed,
                    ),
                )
            )
        return rows

    @cached_property
    def _people(self) -> list[Person]:
        taken = self._taken.beside(self._movable)
        return [
            Person(
                expert_id=pk,
                worked=self.worked[pk],
                settled=tuple(taken[pk].minutes),
                settled_count=tuple(taken[pk].parallel),
                parallel_limit=expert.parallel_limit,
            )
            for pk, expert in self.experts.items()
        ]

    def _takers(self) -> dict[int, set[int]]:
        """Return by part who practises its field, and who has it.

        Around one part: of the others, only those that someone who could take it
        has; who has the rest takes room, and nobody else is offered it.
        """
        practising = defaultdict(set)
        for pk, skills in self._skills.items():
            for field, _level in skills:
                practising[field].add(pk)
        one, planned = self.around or (None, {})
        found, having = {}, {}
        for part in self.parts:
            holder, expected = self.holders.get(part.pk), planned.get(part.pk)
            having[part.pk] = ({holder.expert_id} if holder else set()) | (
                {expected} & self.experts.keys()
            )
            found[part.pk] = practising[part.field.code] | having[part.pk]
        if one in found:
            for pk, mine in having.items():
                if pk != one and not mine & found[one]:
                    found[pk] = mine
        return found


def requirement_of(part: Part, *, on: date) -> eligibility.Requirement:
    """Return what a part asks of whoever does it, as the rules read it."""
    return World(on=on, parts=[part]).requirements[part.pk]


def candidates_for(
    part: Part,
    *,
    on: date,
    days_practised: Mapping[int, int] | None = None,
    weights: eligibility.Weights | None = None,
) -> Ranking:
    """Rank every expert for a part of a need, with the reasons for and against.

    A dozen queries, whatever the number of experts.
    """
    place = (part.need.province, part.field_id)
    world = World(on=on, parts=[part], practised={place: days_practised or {}})
    return world.ranking(part, weights)
