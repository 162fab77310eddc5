"""Who can do a part of a need, and why: reasons for and against each expert.

Hard rules exclude; the rest ranks. A reason is a code with its figures: the door
that shows it finds the words.
"""

import math
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from partage.rules.calendar import weeks

# Kinds of licence that open their province without counting days. Any other kind
# (a trainee, an inactive member) opens nothing.
OPENING_KINDS = frozenset({"FULL", "AUTHORITY"})

# A day of practice has at most this many minutes of work when days are foreseen.
# Mobility counts a part-day as a day, so the true count can only be higher.
MINUTES_OF_PRACTICE_DAY = 420

EARTH_RADIUS_KM = 6371.0088
FAR_KM = Decimal(300)  # at this distance and beyond, nothing is left for nearness
RECENT_DAYS = 730  # a mandate that ended within two years is fresh in memory
KNOWN_WELL = 3  # mandates with a member after which one knows it well
OVER_LEVEL_COST = Decimal("0.25")  # lost per level above the one asked for


@dataclass(frozen=True, slots=True)
class PracticeRule:
    """What a province asks of whoever practises a field there.

    `order` is the profession's order (the same code in each province). Without
    `licence_required` anyone may. `days_allowed` is how many days in a year a
    licence of the order in another province opens this one (0: none), from the
    provinces in `days_from` (empty: from any).
    """

    order: str
    licence_required: bool = True
    days_allowed: int = 0
    days_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Requirement:
    """One part of a need.

    `minutes` is the likely work, above zero. The window's two days are included.
    `practice` holds the rules in force for the field in the province: of those that
    ask for a licence, one that is met is enough; if none asks, anyone may.
    `competition` names the group of members that compete with this one, if any.
    Latitude and longitude are in degrees, north and east positive.
    """

    field: str
    level: int
    minutes: int
    window_start: date
    window_end: date
    language: str
    province: str
    member_id: int
    practice: tuple[PracticeRule, ...] = ()
    on_site: bool = False
    location: tuple[float, float] | None = None
    competition: str | None = None

    def __post_init__(self) -> None:
        if self.minutes <= 0:
            raise ValueError(f"minutes are {self.minutes}; give more than zero")
        if self.window_end < self.window_start:
            raise ValueError(f"{self.window_end} is before {self.window_start}")


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence of an order in a province, both days included; None: no end."""

    order: str
    province: str
    valid_from: date
    valid_until: date | None = None
    kind: str = "FULL"

    def holds(self, on: date) -> bool:
        return self.valid_from <= on <= (self.valid_until or date.max)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A conflict of interest that the expert, or coordination, has declared."""

    member_id: int
    kind: str
    waived: bool = False


class FreeWeek(NamedTuple):
    """A week by its Monday: minutes left beside promises, and mandates under way."""

    monday: date
    minutes: int
    parallel: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """One expert, as seen from one requirement.

    `skills` holds (field, level). `weeks` those of the window; others are not
    looked at, and a week that is missing has no time. `weekly_cap` is the most
    minutes to give in any one of them. `past_mandates` are those with this member,
    the last of which ended on `last_mandate_on`. `competitor_mandates` counts those
    under way with members of the requirement's competition group.
    `mobility_days_used` counts the days practised this year in the requirement's
    province on a licence of another.
    """

    expert_id: int
    skills: tuple[tuple[str, int], ...]
    languages: frozenset[str]
    weeks: tuple[FreeWeek, ...]
    parallel_limit: int
    weekly_cap: int | None = None
    licences: tuple[Licence, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    remote_only: bool = False
    location: tuple[float, float] | None = None
    past_mandates: int = 0
    last_mandate_on: date | None = None
    competitor_mandates: int = 0
    mobility_days_used: int = 0


Data = tuple[tuple[str, int | str | date | Decimal], ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, or why not. `rule` is the hard rule that excludes, or None."""

    code: str
    data: Data = ()
    rule: str | None = None

    @property
    def excludes(self) -> bool:
        return self.rule is not None


@dataclass(frozen=True, slots=True)
class Weights:
    """How many points of the score each part is worth; 100 in all by default."""

    level: Decimal = Decimal(25)
    hours: Decimal = Decimal(30)
    continuity: Decimal = Decimal(20)
    distance: Decimal = Decimal(10)
    balance: Decimal = Decimal(15)

    def __post_init__(self) -> None:
        if any(getattr(self, part.name) < 0 for part in fields(self)):
            raise ValueError("a weight is negative; give weights of zero or more")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of one expert.

    `against` holds first the reasons that exclude, in the order of HARD_RULES, then
    those that only cost points. `score` is the exact sum of `parts`, each rounded
    half up to a hundredth of a point; it is given even to those excluded.
    """

    expert_id: int
    eligible: bool
    against: tuple[Reason, ...]
    for_: tuple[Reason, ...]
    score: Decimal
    parts: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """`left`: how many pass this rule and all before it.

    `without`: how many would fit if this rule alone were dropped.
    """

    rule: str
    left: int
    without: int


@dataclass(frozen=True, slots=True)
class Funnel:
    considered: int
    eligible: int
    steps: tuple[FunnelStep, ...]


def distance_km(
    lat: float | Decimal,
    lon: float | Decimal,
    other_lat: float | Decimal,
    other_lon: float | Decimal,
) -> Decimal:
    """Return the great-circle distance in km, to a tenth, on a round Earth.

    Degrees, north and east positive. The road is longer, often by a fifth to two
    fifths: it serves to rank, not to pay. Source: haversine, mean radius
    6371.0088 km (IUGG).
    """
    a, b = math.radians(lat), math.radians(other_lat)
    across = math.sin((math.radians(other_lon) - math.radians(lon)) / 2) ** 2
    h = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * across
    km = 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, h)))
    return Decimal(km).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def _level(need: Requirement, expert: Candidate) -> int | None:
    return max((level for f, level in expert.skills if f == need.field), default=None)


def _seen(need: Requirement, expert: Candidate) -> Candidate:
    """Keep each week of the window, and no other.

    A week that nobody gave has no time and no mandate.
    """
    wanted = weeks(need.window_start, need.window_end)
    if wanted == tuple(week.monday for week in expert.weeks):
        return expert
    known = {week.monday: week for week in expert.weeks}
    return replace(
        expert,
        weeks=tuple(known.get(monday, FreeWeek(monday, 0)) for monday in wanted),
    )


def _open(expert: Candidate) -> tuple[FreeWeek, ...]:
    return tuple(week for week in expert.weeks if week.parallel < expert.parallel_limit)


def _free(expert: Candidate, among: Iterable[FreeWeek]) -> int:
    cap = expert.weekly_cap
    return sum(
        max(0, week.minutes if cap is None else min(week.minutes, cap))
        for week in among
    )


def _against_skill(need: Requirement, expert: Candidate) -> Reason | None:
    if _level(need, expert) is None:
        return Reason("skill_missing", (("field", need.field),), "skill")
    return None


def _against_level(need: Requirement, expert: Candidate) -> Reason | None:
    level = _level(need, expert)
    if level is not None and level < need.level:
        data = (("field", need.field), ("level", level), ("needed", need.level))
        return Reason("level_below", data, "level")
    return None


def _against_language(need: Requirement, expert: Candidate) -> Reason | None:
    if need.language not in expert.languages:
        return Reason("language_missing", (("language", need.language),), "language")
    return None


def _licence(need: Requirement, expert: Candidate) -> tuple[Reason, ...]:
    """Say by what right the expert may practise, best first; all exclude or none.

    A licence must hold on the first day of the window. One that ends before the
    last day is accepted and said (they are renewed each year).
    """
    asked = [rule for rule in need.practice if rule.licence_required]
    if not asked:
        return ()
    found: list[tuple[int, Reason]] = []
    for rule in asked:
        where: Data = (("order", rule.order), ("province", need.province))
        of_order = [
            licence
            for licence in expert.licences
            if licence.order == rule.order and licence.kind in OPENING_KINDS
        ]
        here = [licence for licence in of_order if licence.province == need.province]
        held = [licence for licence in here if licence.holds(need.window_start)]
        if held:
            until = max(licence.valid_until or date.max for licence in held)
            end: Data = () if until == date.max else (("until", until),)
            found.append((0, Reason("licence_held", where + end)))
            continue
        elsewhere = [
            licence
            for licence in of_order
            if licence.province != need.province
            and (not rule.days_from or licence.province in rule.days_from)
            and licence.holds(need.window_start)
        ]
        if rule.days_allowed and elsewhere:
            left = max(0, rule.days_allowed - expert.mobility_days_used)
            needed = -(-need.minutes // MINUTES_OF_PRACTICE_DAY)
            days: Data = (
                ("from", min(licence.province for licence in elsewhere)),
                ("allowed", rule.days_allowed),
                ("left", left),
                ("needed", needed),
            )
            if needed <= left:
                found.append((1, Reason("mobility_days", where + days)))
            else:
                found.append(
                    (2, Reason("mobility_days_short", where + days, "licence"))
                )
        elif here:
            first = min(here, key=lambda licence: licence.valid_from)
            if first.valid_from > need.window_start:
                on: Data = (("from", first.valid_from),)
                found.append((3, Reason("licence_not_yet", where + on, "licence")))
            else:
                ended = max(licence.valid_until or date.max for licence in here)
                on = (("until", ended),)
                found.append((4, Reason("licence_expired", where + on, "licence")))
        else:
            found.append((5, Reason("licence_missing", where, "licence")))
    return (min(found, key=lambda each: each[0])[1],)


def _against_licence(need: Requirement, expert: Candidate) -> Reason | None:
    return next((why for why in _licence(need, expert) if why.excludes), None)


def _against_conflict(need: Requirement, expert: Candidate) -> Reason | None:
    here = [each for each in expert.conflicts if each.member_id == need.member_id]
    for conflict in here:
        if not conflict.waived:
            return Reason("conflict", (("kind", conflict.kind),), "conflict")
    # No one declared it, and it is one all the same; a waiver on record lifts it.
    if need.competition and expert.competitor_mandates and not here:
        data: Data = (
            ("competition", need.competition),
            ("mandates", expert.competitor_mandates),
        )
        return Reason("serves_competitor", data, "conflict")
    return None


def _against_on_site(need: Requirement, expert: Candidate) -> Reason | None:
    if need.on_site and expert.remote_only:
        return Reason("remote_only", (), "on_site")
    return None


def _against_parallel(need: Requirement, expert: Candidate) -> Reason | None:
    if not _open(expert):
        data = (("limit", expert.parallel_limit),)
        return Reason("parallel_limit", data, "parallel")
    return None


def _against_hours(need: Requirement, expert: Candidate) -> Reason | None:
    # At the limit throughout is another reason: do not say the same thing twice.
    if not _free(expert, _open(expert) or expert.weeks):
        data: Data = (("start", need.window_start), ("end", need.window_end))
        return Reason("no_hours", data, "hours")
    return None


_CHECKS: tuple[tuple[str, Callable[[Requirement, Candidate], Reason | None]], ...] = (
    ("skill", _against_skill),
    ("level", _against_level),
    ("language", _against_language),
    ("licence", _against_licence),
    ("conflict", _against_conflict),
    ("on_site", _against_on_site),
    ("parallel", _against_parallel),
    ("hours", _against_hours),
)
HARD_RULES = tuple(rule for rule, _ in _CHECKS)


def _excluding(
    need: Requirement, expert: Candidate, but: Collection[str] = ()
) -> tuple[Reason, ...]:
    """Every reason that excludes; the expert's weeks are those of the window."""
    found = (check(need, expert) for rule, check in _CHECKS if rule not in but)
    return tuple(reason for reason in found if reason is not None)


def exclusions(
    requirement: Requirement, candidate: Candidate, *, but: Collection[str] = ()
) -> tuple[Reason, ...]:
    """Say only what excludes one expert, in the order of HARD_RULES; see `judge`.

    The rules named in `but` are not looked at.
    """
    return _excluding(requirement, _seen(requirement, candidate), but)


def continuity(requirement: Requirement, candidate: Candidate) -> Decimal:
    """Say how well an expert knows the member, from 0 to 1; see `judge`."""
    if not candidate.past_mandates:
        return Decimal(0)
    last = candidate.last_mandate_on
    recent = last is not None and (requirement.window_start - last).days <= RECENT_DAYS
    known = Decimal(min(candidate.past_mandates, KNOWN_WELL)) / KNOWN_WELL
    return known if recent else known / 2


def judge(
    requirement: Requirement, candidate: Candidate, weights: Weights | None = None
) -> Verdict:
    """Say whether one expert can do the part, how well, and why.

    Parts of the score, each between nothing and its whole weight:
    - level: whole at the level asked for, a quarter less per level above it;
    - hours: minutes free in the window / minutes needed, at most whole;
    - continuity: mandates done for this member, whole from three, half of that
      when the last one ended over two years before the window;
    - distance: whole at a distance; on site, in proportion from 0 to 300 km, and
      half when a place is not known;
    - balance: the share of the parallel limit that is still open, on average.
    """
    need, expert = requirement, _seen(requirement, candidate)
    weights = weights or Weights()
    against, for_ = list(_excluding(need, expert)), list[Reason]()
    shares = {
        "level": _level_share(need, expert, against, for_),
        "hours": _hours_share(need, expert, against, for_),
        "continuity": _continuity_share(need, expert, for_),
        "distance": _distance_share(need, expert, against, for_),
        "balance": _balance_share(expert),
    }
    if need.language in expert.languages:
        for_.append(Reason("language", (("language", need.language),)))
    for right in _licence(need, expert):
        if not right.excludes:
            for_.append(right)
            until = dict(right.data).get("until")
            if isinstance(until, date) and until < need.window_end:
                against.append(Reason("licence_ends_in_window", right.data))
    for conflict in expert.conflicts:
        if conflict.member_id == need.member_id and conflict.waived:
            against.append(Reason("conflict_waived", (("kind", conflict.kind),)))
    parts = tuple(
        (
            part,
            (share * getattr(weights, part)).quantize(
                Decimal("0.01"), rounding=ROUND_HALF_UP
            ),
        )
        for part, share in shares.items()
    )
    return Verdict(
        expert_id=expert.expert_id,
        eligible=not any(reason.excludes for reason in against),
        against=tuple(against),
        for_=tuple(for_),
        score=sum((points for _, points in parts), Decimal("0.00")),
        parts=parts,
    )


def _level_share(
    need: Requirement, expert: Candidate, against: list[Reason], for_: list[Reason]
) -> Decimal:
    level = _level(need, expert)
    if level is None or level < need.level:
        return Decimal(0)
    data: Data = (("field", need.field), ("level", level), ("needed", need.level))
    for_.append(Reason("skill", data))
    if level > need.level:
        against.append(Reason("over_qualified", data))
    return max(Decimal(0), 1 - OVER_LEVEL_COST * (level - need.level))


def _hours_share(
    need: Requirement, expert: Candidate, against: list[Reason], for_: list[Reason]
) -> Decimal:
    free = _free(expert, _open(expert))
    data: Data = (("minutes", free), ("needed", need.minutes))
    if free >= need.minutes:
        for_.append(Reason("hours_free", data))
    elif free:
        against.append(Reason("hours_short", data))
    return min(Decimal(1), Decimal(free) / need.minutes)


def _continuity_share(
    need: Requirement, expert: Candidate, for_: list[Reason]
) -> Decimal:
    if expert.past_mandates:
        last = expert.last_mandate_on
        when: Data = () if last is None else (("last", last),)
        for_.append(Reason("knows_member", (("mandates", expert.past_mandates), *when)))
    return continuity(need, expert)


def _distance_share(
    need: Requirement, expert: Candidate, against: list[Reason], for_: list[Reason]
) -> Decimal:
    if not need.on_site:
        return Decimal(1)
    if need.location is None or expert.location is None:
        against.append(Reason("distance_unknown"))
        return Decimal("0.5")
    km = distance_km(*expert.location, *need.location)
    near = km <= FAR_KM / 2
    (for_ if near else against).append(Reason("near" if near else "far", (("km", km),)))
    return max(Decimal(0), 1 - km / FAR_KM)


def _balance_share(expert: Candidate) -> Decimal:
    limit = expert.parallel_limit * len(expert.weeks)
    if limit <= 0:
        return Decimal(0)
    taken = sum(min(week.parallel, expert.parallel_limit) for week in expert.weeks)
    return 1 - Decimal(taken) / limit


def rank(
    requirement: Requirement,
    candidates: Iterable[Candidate],
    weights: Weights | None = None,
) -> tuple[Verdict, ...]:
    """Judge all candidates: those who can first, by score, then by expert_id.

    Those excluded follow, the fewest reasons first. The order of the answer does
    not depend on the order of the candidates.
    """
    verdicts = [judge(requirement, candidate, weights) for candidate in candidates]

    def place(verdict: Verdict) -> tuple[int, Decimal, int]:
        reasons = sum(reason.excludes for reason in verdict.against)
        return reasons, -verdict.score, verdict.expert_id

    return tuple(sorted(verdicts, key=place))


def funnel(verdicts: Iterable[Verdict]) -> Funnel:
    """Count who is left after each hard rule in turn, and who fits without one.

    « Sans l’exigence du Barreau, cinq personnes le pourraient »: `without` counts
    those who can already, plus those whom that rule alone excludes.
    """
    broken = [
        {reason.rule for reason in verdict.against if reason.excludes}
        for verdict in verdicts
    ]
    steps = tuple(
        FunnelStep(
            rule=rule,
            left=sum(not rules & set(HARD_RULES[: i + 1]) for rules in broken),
            without=sum(rules <= {rule} for rules in broken),
        )
        for i, rule in enumerate(HARD_RULES)
    )
    return Funnel(len(broken), sum(not rules for rules in broken), steps)
