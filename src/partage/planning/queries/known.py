"""What planning knows of people and parts: their weeks, their promises, in bulk.

One look is a dozen questions to the database, whatever the number of people and of
parts; each thing is asked at most once.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from functools import cached_property

from django.db.models import Count, Max, Q, QuerySet, Sum

from partage.experts import queries as experts
from partage.experts.models import Conflict, Expert, Licence, PracticeRule, Skill
from partage.needs.models import Need, Part
from partage.planning.models import Allocation, Assignment, Change, Handover, Weighting
from partage.planning.queries.holding import LIVE, open_minutes
from partage.planning.queries.kept import Kept
from partage.planning.queries.plans import prices_of
from partage.rules import demand, eligibility
from partage.rules.calendar import monday_of, weeks
from partage.rules.reservation import work_window

# A mobility permit holds another province's licence to be counted in days.
OPENING = {Licence.Kind.FULL: "FULL", Licence.Kind.MOBILITY: "AUTHORITY"}
# Whom coordination set aside for a part is not proposed again for so long.
SET_ASIDE = timedelta(days=14)
# Days practised this year on another's licence, by province, field and expert;
# whoever asks knows them from the time worked, which is downstream of here.
Practised = Mapping[tuple[str, int], Mapping[int, int]]


def open_parts(*, but: Collection[int] = ()) -> QuerySet[Part]:
    """Return the parts of triaged needs, with what planning reads of them.

    `but` are needs to leave out, such as those on which work stands already.
    """
    return (
        Part.objects.filter(need__status=Need.Status.TRIAGED)
        .exclude(experts.among("need", but))
        .select_related("need__organisation", "field")
        .defer("need__text")
        .order_by("pk")
    )


class Known:
    """What is true on a date for some parts; each thing is asked at most once.

    The weeks looked at reach what a plan may use, and `until` at least. `engaged` are
    the needs that work or an offer stands on already (downstream of here): no plan
    moves who does them, they only take room. `around` is the one part that is asked
    about, and who has each part in the plan that waits: the demand then knows every
    candidate of what those who could take it hold, and of the rest only who has it.
    """

    def __init__(
        self,
        *,
        on: date,
        parts: Sequence[Part],
        practised: Practised | None = None,
        engaged: Collection[int] = (),
        weighting: Weighting | None = None,
        until: date | None = None,
        around: tuple[int, Mapping[int, int]] | None = None,
    ) -> None:
        self.on = on
        self.engaged = frozenset(engaged)
        self.parts = [part for part in parts if part.need_id not in self.engaged]
        self.practised = practised or {}
        self.weighting = weighting
        self.prices = prices_of(weighting)
        self.until = until
        self.around = around
        self._free_weeks: dict[tuple[int, frozenset[int]], tuple] = {}

    @cached_property
    def _ids(self) -> list[int]:
        return [part.pk for part in self.parts]

    @cached_property
    def requirements(self) -> dict[int, eligibility.Requirement]:
        """Return what each part asks of whoever does it, as the rules read it."""
        rules = list(
            PracticeRule.objects.filter(
                field_id__in={part.field_id for part in self.parts}
            )
        )
        found = {}
        for part in self.parts:
            need = part.need
            start, end = work_window(
                on=self.on,
                wished_from=need.wished_from,
                wished_until=need.wished_until,
                minutes=part.minutes_likely,
            )
            found[part.pk] = eligibility.Requirement(
                field=part.field.code,
                level=part.level,
                minutes=part.minutes_likely,
                window_start=start,
                window_end=end,
                language=part.language,
                province=need.province,
                member_id=need.organisation_id,
                practice=tuple(
                    eligibility.PracticeRule(
                        order=rule.order, days_allowed=rule.days_allowed
                    )
                    for rule in rules
                    if rule.field_id == part.field_id
                    and rule.province == need.province
                    and rule.starts_on <= start
                    and (rule.ends_on is None or rule.ends_on >= start)
                ),
                on_site=need.place == Need.Place.ON_SITE,
                location=_location(need.organisation),
                competition=need.organisation.competition or None,
            )
        return found

    @cached_property
    def mondays(self) -> tuple[date, ...]:
        found = demand.horizon(self.on, self.requirements.values(), self.prices)
        if self.until and self.until > found[-1]:
            return weeks(found[0], self.until)
        return found

    @cached_property
    def experts(self) -> dict[int, Expert]:
        """Return who is with the cooperative at some time until the last week."""
        last = self.mondays[-1] + timedelta(days=6)
        people = Expert.objects.filter(started_on__lte=last).filter(
            Q(left_on=None) | Q(left_on__gte=self.on)
        )
        return {expert.pk: expert for expert in people}

    @cached_property
    def _skills(self) -> dict[int, list[tuple[str, int]]]:
        """Field and level, the highest first, by expert."""
        found = defaultdict(list)
        for expert, field, level in (
            Skill.objects.filter(experts.among("expert", self.experts))
            .order_by("-level", "pk")
            .values_list("expert_id", "field__code", "level")
        ):
            found[expert].append((field, level))
        return found

    @cached_property
    def worked(self) -> dict[int, tuple[int, ...]]:
        """Return the minutes that mandates may take of each week, from today on."""
        days = experts.working_minutes(
            list(self.experts.values()),
            start=self.on,
            end=self.mondays[-1] + timedelta(days=6),
        )
        # From Monday to Sunday, but the first week begins on the day itself.
        ends = range(7 - self.on.weekday(), 7 * len(self.mondays) + 1, 7)
        found = {}
        # Many share the same days and the same limits: each is added up once.
        alike: dict[tuple, tuple[int, ...]] = {}
        for pk, minutes in days.items():
            expert = self.experts[pk]
            key = id(minutes), expert.protected_minutes, expert.weekly_cap_minutes
            if key not in alike:
                each = list(minutes.values())
                alike[key] = tuple(
                    open_minutes(expert, sum(each[max(0, end - 7) : end]))
                    for end in ends
                )
            found[pk] = alike[key]
        return found

    @cached_property
    def _reserved(self) -> list[tuple[int, int, date, int]]:
        """Expert, part, week and minutes of every assignment that stands."""
        return list(
            self._allocations.values_list(
                "assignment__expert_id", "assignment__part_id", "monday", "minutes"
            )
        )

    @property
    def _allocations(self) -> QuerySet[Allocation]:
        return Allocation.objects.filter(
            monday__gte=self.mondays[0],
            monday__lte=self.mondays[-1],
            assignment__status__in=LIVE,
        )

    @cached_property
    def _days_promised(self) -> dict[tuple[int, str, int], Counter]:
        """Days of practice that promises will take this year, by part.

        For an expert, in a province and a regulated field; days of a week go by its
        hours, and any hour makes a day.
        """
        found: dict[tuple[int, str, int], Counter] = defaultdict(Counter)
        if not any(need.practice for need in self.requirements.values()):
            return found
        for expert, province, field, part, minutes in self._allocations.filter(
            assignment__part__field__in=PracticeRule.objects.values("field"),
            monday__year=self.on.year,
            minutes__gt=0,
        ).values_list(
            "assignment__expert_id",
            "assignment__part__need__province",
            "assignment__part__field_id",
            "assignment__part_id",
            "minutes",
        ):
            days = -(-minutes // eligibility.MINUTES_OF_PRACTICE_DAY)
            found[expert, province, field][part] += days
        return found

    def mobility_days(self, expert_id: int, part: Part) -> int:
        """Return the days practised there this year, and those already promised."""
        place = part.need.province, part.field_id
        promised = self._days_promised.get((expert_id, *place), Counter())
        return self.practised.get(place, {}).get(expert_id, 0) + sum(
            days for pk, days in promised.items() if pk != part.pk
        )

    @cached_property
    def holders(self) -> dict[int, Assignment]:
        """Return the assignment that stands for each part looked at, by part."""
        return {row.part_id: row for row in self._asked if row.status in LIVE}

    @cached_property
    def _asked(self) -> list[Assignment]:
        """Who was asked for each part: what stands, and what was declined."""
        found = list(
            Assignment.objects.filter(
                experts.among("part", self._ids),
                status__in=[*LIVE, Assignment.Status.DECLINED],
            )
        )
        for row in found:
            if row.expert_id in self.experts:
                row.expert = self.experts[row.expert_id]
        return found

    @cached_property
    def _kept(self) -> dict[int, list[tuple[date, int]]]:
        """The weeks, from now on, and minutes of the assignment of each part."""
        found = defaultdict(list)
        for _expert, part, monday, minutes in self._reserved:
            if part in self.holders:
                found[part].append((monday, minutes))
        return found

    @cached_property
    def _not_again(self) -> dict[int, set[int]]:
        """Who has declined each part, or was set aside for it not long ago."""
        found = defaultdict(set)
        for row in self._asked:
            if row.status == Assignment.Status.DECLINED:
                found[row.part_id].add(row.expert_id)
        aside = Change.objects.filter(
            experts.among("part", self._ids),
            status=Change.Status.REFUSED,
            decided_at__date__gte=self.on - SET_ASIDE,
            expert__isnull=False,
        )
        for part, expert in aside.values_list("part_id", "expert_id"):
            found[part].add(expert)
        return found

    @cached_property
    def _past(self) -> list[tuple[int, int, int, date | None, int | None]]:
        """What was accepted for their organisations, by expert and organisation.

        How often but for these parts, until when; and minutes of the year past.
        """
        others = ~Q(experts.among("part", self._ids))
        recent = Q(ends_on__gte=self.on - timedelta(days=365))
        organisations = {part.need.organisation_id for part in self.parts}
        return list(
            Assignment.objects.filter(
                experts.among("part__need__organisation", organisations),
                status=Assignment.Status.ACCEPTED,
            )
            .values_list("expert_id", "part__need__organisation_id")
            .annotate(
                times=Count("pk", filter=others),
                last=Max("ends_on", filter=others),
                promised=Sum("minutes", filter=recent),
            )
            .order_by()
        )

    @cached_property
    def _history(self) -> dict[tuple[int, int], tuple[int, date | None]]:
        """How often each expert has worked for an organisation, and until when."""
        return {
            (expert, organisation): (count, last)
            for expert, organisation, count, last, _minutes in self._past
            if count
        }

    @cached_property
    def served(self) -> Counter:
        """Return the minutes promised to each organisation for the year past."""
        found: Counter = Counter()
        for _expert, organisation, _count, _last, minutes in self._past:
            found[organisation] += minutes or 0
        return found

    @cached_property
    def _rivals(self) -> dict[tuple[int, str], Counter]:
        """Assignments now under way, by expert and group, for each organisation."""
        groups = {
            part.need.organisation.competition
            for part in self.parts
            if part.need.organisation.competition
        }
        found: dict[tuple[int, str], Counter] = defaultdict(Counter)
        if not groups:
            return found
        for expert, organisation, group in (
            Assignment.objects.filter(
                status=Assignment.Status.ACCEPTED,
                ends_on__gte=self.on,
                part__need__organisation__competition__in=groups,
            )
            .exclude(experts.among("part", self._movable))
            .values_list(
                "expert_id",
                "part__need__organisation_id",
                "part__need__organisation__competition",
            )
        ):
            found[expert, group][organisation] += 1
        return found

    @cached_property
    def _handing(self) -> list[tuple[int, int, date, int]]:
        """Expert, part, week and minutes that a handover under way would take."""
        return [
            (
                row.to_expert_id,
                row.assignment.part_id,
                date.fromisoformat(monday),
                share,
            )
            for row in self._handovers
            if not row.same
            for monday, share in row.weeks
        ]

    @cached_property
    def _handovers(self) -> list[Handover]:
        return list(
            Handover.objects.filter(status=Handover.Status.OPEN).select_related(
                "assignment"
            )
        )

    @cached_property
    def _movable(self) -> frozenset[int]:
        """The parts whose promises the planner holds itself.

        One that is being handed over already is left to those who are asked.
        """
        handed = {row.assignment.part_id for row in self._handovers}
        return frozenset(self._ids) - handed

    @cached_property
    def _taken(self) -> Kept:
        return Kept((*self._reserved, *self._handing), mondays=self.mondays)

    def weeks(
        self, expert_id: int, *, beside: frozenset[int]
    ) -> tuple[eligibility.FreeWeek, ...]:
        """Return the whole horizon of one expert, as the rules read it.

        What is kept for the parts in `beside` is not counted. A plan may be late by
        some weeks; a ranking looks at a part's window only.
        """
        key = expert_id, beside
        if key not in self._free_weeks:
            taken = self._taken.beside(beside)[expert_id]
            self._free_weeks[key] = tuple(
                map(
                    eligibility.FreeWeek,
                    self.mondays,
                    [
                        max(0, worked - minutes)
                        for worked, minutes in zip(
                            self.worked[expert_id], taken.minutes, strict=True
                        )
                    ],
                    taken.parallel,
                )
            )
        return self._free_weeks[key]

    def free(self, expert_id: int, *, beside: frozenset[int]) -> dict[date, int]:
        """Return the minutes free in each week of the whole horizon; see `weeks`."""
        return {
            week.monday: week.minutes for week in self.weeks(expert_id, beside=beside)
        }

    def candidates(
        self,
        part: Part,
        *,
        beside: frozenset[int],
        among: AbstractSet[int] | None = None,
    ) -> list[eligibility.Candidate]:
        """Return every expert who is here at the end of a part's window.

        Their weeks are as they are without what is kept for the parts in `beside`.
        """
        need = self.requirements[part.pk]
        first = (monday_of(need.window_start) - self.mondays[0]).days // 7
        last = (monday_of(need.window_end) - self.mondays[0]).days // 7
        window = slice(max(0, first), max(0, last + 1))
        those = self.experts.keys() if among is None else among & self.experts.keys()
        return [
            self._candidate(pk, need, part, self.weeks(pk, beside=beside)[window])
            for pk in sorted(those)
            if self.experts[pk].started_on <= need.window_end
            and (self.experts[pk].left_on or need.window_end) >= need.window_end
        ]

    def _candidate(self, pk, need, part, free_weeks) -> eligibility.Candidate:
        past, last = self._history.get((pk, need.member_id), (0, None))
        rivals = self._rivals.get((pk, need.competition)) if need.competition else None
        return eligibility.Candidate(
            **self._profiles[pk],
            weeks=free_weeks,
            past_mandates=past,
            last_mandate_on=last,
            competitor_mandates=rivals.total() - rivals[need.member_id]
            if rivals
            else 0,
            mobility_days_used=self.mobility_days(pk, part) if need.practice else 0,
        )

    @cached_property
    def _profiles(self) -> dict[int, dict]:
        """What is the same of an expert whatever the part."""
        licences, conflicts = defaultdict(list), defaultdict(list)
        those = experts.among("expert", self.experts)
        for expert, kind, *rest in Licence.objects.filter(those).values_list(
            "expert_id", "kind", "order", "province", "valid_from", "valid_until"
        ):
            licences[expert].append(eligibility.Licence(*rest, OPENING[kind]))
        for expert, organisation, kind, waived_on, ended_on in Conflict.objects.filter(
            those
        ).values_list("expert_id", "organisation_id", "kind", "waived_on", "ended_on"):
            if ended_on is None or ended_on > self.on:
                conflicts[expert].append(
                    eligibility.Conflict(
                        organisation, kind, waived=waived_on is not None
                    )
                )
        return {
            pk: {
                "expert_id": pk,
                "skills": tuple(self._skills[pk]),
                "languages": frozenset(expert.languages),
                "parallel_limit": expert.parallel_limit,
                "weekly_cap": expert.weekly_cap_minutes,
                "licences": tuple(licences[pk]),
                "conflicts": tuple(conflicts[pk]),
                "remote_only": expert.remote_only,
                "location": _location(expert),
            }
            for pk, expert in self.experts.items()
        }


def _location(place) -> tuple[float, float] | None:
    if place.latitude is None or place.longitude is None:
        return None
    return float(place.latitude), float(place.longitude)
