"""Questions about who could do what, and when."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Max, Q, QuerySet, Sum

from partage.experts import queries as experts
from partage.experts.models import Expert, Licence
from partage.needs.models import Need, Part
from partage.planning.models import Allocation, Assignment
from partage.rules import eligibility
from partage.rules.calendar import weeks
from partage.rules.reservation import work_window

LIVE = (Assignment.Status.PROPOSED, Assignment.Status.ACCEPTED)
# A mobility permit holds another province's licence to be counted in days.
OPENING = {Licence.Kind.FULL: "FULL", Licence.Kind.MOBILITY: "AUTHORITY"}


@dataclass(frozen=True)
class Ranking:
    """Every expert seen from one part of a need: those who can first, then why not."""

    requirement: eligibility.Requirement
    verdicts: tuple[eligibility.Verdict, ...]
    experts: dict[int, Expert]
    funnel: eligibility.Funnel
    free: dict[int, dict[date, int]]  # minutes free in each week of the window

    def verdict_on(self, expert_id: int) -> eligibility.Verdict | None:
        return next((v for v in self.verdicts if v.expert_id == expert_id), None)


def live() -> Q:
    """Return the condition that an assignment holds: proposed or accepted."""
    return Q(status__in=LIVE)


def reserved(*, mondays: Iterable[date], expert_ids: Iterable[int] | None = None):
    """Return reserved minutes, as rows of expert, week, status and minutes."""
    rows = Allocation.objects.filter(
        monday__in=list(mondays), assignment__status__in=LIVE
    )
    if expert_ids is not None:
        rows = rows.filter(assignment__expert_id__in=list(expert_ids))
    return rows.values(
        "monday", expert=F("assignment__expert_id"), status=F("assignment__status")
    ).annotate(total=Sum("minutes"), parallel=Count("assignment", distinct=True))


def requirement_of(part: Part, *, on: date) -> eligibility.Requirement:
    """Return what a part asks of whoever does it, as the rules read it."""
    need = part.need
    start, end = work_window(
        on=on,
        wished_from=need.wished_from,
        wished_until=need.wished_until,
        minutes=part.minutes_likely,
    )
    rules = experts.practice_rules(part.field_id, need.province, start)
    return eligibility.Requirement(
        field=part.field.code,
        level=part.level,
        minutes=part.minutes_likely,
        window_start=start,
        window_end=end,
        language=part.language,
        province=need.province,
        member_id=need.organisation_id,
        practice=tuple(
            eligibility.PracticeRule(order=rule.order, days_allowed=rule.days_allowed)
            for rule in rules
        ),
        on_site=need.place == Need.Place.ON_SITE,
        location=_location(need.organisation),
        competition=need.organisation.competition or None,
    )


def candidates_for(
    part: Part,
    *,
    on: date,
    days_practised: Mapping[int, int] | None = None,
    weights: eligibility.Weights | None = None,
) -> Ranking:
    """Rank every expert for a part of a need, with the reasons for and against.

    `days_practised` says how many days of the year each expert has already
    practised in the need's province on another's licence; whoever asks knows it
    from the time worked, which is downstream of here. A dozen queries, whatever
    the number of experts.
    """
    requirement = requirement_of(part, on=on)
    people = list(experts.profiles(experts.present(requirement.window_end)))
    mondays = weeks(requirement.window_start, requirement.window_end)
    worked = experts.weekly_minutes(people, mondays=mondays)
    taken, parallel = _taken(mondays, except_part=part.pk)
    history = _history(part.need.organisation_id)
    rivals = _rivals(requirement, on=on)
    free = {
        pk: {
            monday: max(0, minutes.get(monday, 0) - taken[pk, monday])
            for monday in mondays
        }
        for pk, minutes in worked.items()
    }
    candidates = [
        eligibility.Candidate(
            expert_id=expert.pk,
            skills=tuple((s.field.code, s.level) for s in expert.skills.all()),
            languages=frozenset(expert.languages),
            weeks=tuple(
                eligibility.FreeWeek(
                    monday, free[expert.pk][monday], parallel[expert.pk, monday]
                )
                for monday in mondays
            ),
            parallel_limit=expert.parallel_limit,
            weekly_cap=expert.weekly_cap_minutes,
            licences=tuple(
                eligibility.Licence(
                    licence.order,
                    licence.province,
                    licence.valid_from,
                    licence.valid_until,
                    OPENING[licence.kind],
                )
                for licence in expert.licences.all()
            ),
            conflicts=tuple(
                eligibility.Conflict(
                    conflict.organisation_id,
                    conflict.kind,
                    waived=conflict.waived_on is not None,
                )
                for conflict in expert.conflicts.all()
                if conflict.ended_on is None or conflict.ended_on > on
            ),
            remote_only=expert.remote_only,
            location=_location(expert),
            past_mandates=history.get(expert.pk, (0, None))[0],
            last_mandate_on=history.get(expert.pk, (0, None))[1],
            competitor_mandates=rivals[expert.pk],
            mobility_days_used=(days_practised or {}).get(expert.pk, 0),
        )
        for expert in people
    ]
    return Ranking(
        requirement=requirement,
        verdicts=eligibility.rank(requirement, candidates, weights),
        experts={expert.pk: expert for expert in people},
        funnel=eligibility.funnel(requirement, candidates),
        free=free,
    )


def _location(place) -> tuple[float, float] | None:
    if place.latitude is None or place.longitude is None:
        return None
    return float(place.latitude), float(place.longitude)


def _taken(mondays: Sequence[date], *, except_part: int):
    """Minutes promised, and how many things at once, for each expert and week."""
    taken, parallel = Counter(), Counter()
    rows = Allocation.objects.filter(
        monday__in=mondays, assignment__status__in=LIVE
    ).exclude(assignment__part_id=except_part)
    for expert, monday, minutes, count in rows.values_list(
        "assignment__expert_id", "monday"
    ).annotate(Sum("minutes"), Count("pk")):
        taken[expert, monday], parallel[expert, monday] = minutes, count
    return taken, parallel


def _history(organisation_id: int) -> dict[int, tuple[int, date]]:
    """How often each expert has worked for an organisation, and until when."""
    rows = (
        Assignment.objects.filter(
            status=Assignment.Status.ACCEPTED,
            part__need__organisation_id=organisation_id,
        )
        .values_list("expert_id")
        .annotate(Count("pk"), Max("ends_on"))
    )
    return {expert: (count, last) for expert, count, last in rows}


def _rivals(requirement: eligibility.Requirement, *, on: date) -> Counter:
    """How many assignments under way each expert has with the member's competitors."""
    if not requirement.competition:
        return Counter()
    rows = (
        Assignment.objects.filter(
            status=Assignment.Status.ACCEPTED,
            ends_on__gte=on,
            part__need__organisation__competition=requirement.competition,
        )
        .exclude(part__need__organisation_id=requirement.member_id)
        .values_list("expert_id")
        .annotate(Count("pk"))
    )
    return Counter(dict(rows))


def live_assignments(part_ids: Iterable[int]) -> dict[int, Assignment]:
    """Return the assignment that holds for each part, by part."""
    return {
        row.part_id: row
        for row in Assignment.objects.filter(
            part_id__in=list(part_ids), status__in=LIVE
        ).select_related("expert", "proposed_by")
    }


def assignments_of(expert_id: int) -> QuerySet[Assignment]:
    """Return what an expert is asked to do, or was, newest first."""
    return Assignment.objects.filter(expert_id=expert_id).select_related(
        "part__need__organisation", "part__field", "proposed_by"
    )


@dataclass(frozen=True)
class Load:
    """One expert's week: minutes worked, confirmed and tentative."""

    monday: date
    worked: int
    confirmed: int
    tentative: int

    @property
    def free(self) -> int:
        return self.worked - self.confirmed - self.tentative


def loads(
    people: Sequence[Expert], *, mondays: Sequence[date]
) -> dict[int, list[Load]]:
    """Return the weeks of each expert: people × weeks, in four queries."""
    worked = experts.weekly_minutes(people, mondays=mondays)
    booked = defaultdict(Counter)
    for row in reserved(mondays=mondays, expert_ids=worked):
        booked[row["expert"], row["monday"]][row["status"]] += row["total"]
    return {
        expert.pk: [
            Load(
                monday,
                worked[expert.pk].get(monday, 0),
                booked[expert.pk, monday][Assignment.Status.ACCEPTED],
                booked[expert.pk, monday][Assignment.Status.PROPOSED],
            )
            for monday in mondays
        ]
        for expert in people
    }
