"""Days, weeks, years and the minutes someone works. Local dates only, no clock."""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from holidays import country_holidays

MINUTES_IN_A_DAY = 24 * 60
# Territories too.
PROVINCES = (
    *("AB", "BC", "MB", "NB", "NL", "NS", "NT"),
    *("NU", "ON", "PE", "QC", "SK", "YT"),
)

# The library's French is the country's; these are the names people use here.
_FRENCH = {
    "Boxing Day": "Lendemain de Noël",
    "Jour du Nouveau Brunswick": "Jour du Nouveau-Brunswick",
}


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """A financial year, `first_day` and `last_day` included."""

    first_day: date
    last_day: date

    @property
    def label(self) -> str:
        """« 2024-2025 », or « 2025 » when the year is that of the calendar."""
        first, last = self.first_day.year, self.last_day.year
        return str(first) if first == last else f"{first}-{last}"

    def __contains__(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day


def fiscal_year(on: date, first_month: int) -> FiscalYear:
    """Return the financial year that holds `on` and begins in `first_month` (1-12).

    From April, 2025-03-31 is in 2024-04-01..2025-03-31 and 2025-04-01 is not.
    Raises ValueError if `first_month` is no month.
    """
    first_day = date(on.year - (on.month < first_month), first_month, 1)
    last_month = (first_month + 10) % 12 + 1
    last_year = first_day.year + (first_month > 1)
    last_day = date(last_year, last_month, monthrange(last_year, last_month)[1])
    return FiscalYear(first_day, last_day)


def last_of_month(day: date) -> date:
    """Return the last day of the month of `day`."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or the last of a month too short.

    One month after 2025-01-31 is 2025-02-28, and two months after, 2025-03-31.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def monday_of(day: date) -> date:
    """Return the Monday of the week of `day`; weeks begin on Monday (ISO 8601)."""
    return day - timedelta(days=day.weekday())


def days_of_week(day: date) -> tuple[date, ...]:
    """Return the seven days of the week of `day`, Monday first."""
    return days(monday_of(day), monday_of(day) + timedelta(days=6))


@lru_cache(maxsize=1024)
def days(start: date, end: date) -> tuple[date, ...]:
    """Return each day from `start` to `end`, both included.

    Raises ValueError if `end` is before `start`.
    """
    if end < start:
        raise ValueError(f"the end {end} is before the start {start}")
    return tuple(start + timedelta(days=i) for i in range((end - start).days + 1))


@lru_cache(maxsize=1024)
def weeks(start: date, end: date) -> tuple[date, ...]:
    """Return the Mondays of all weeks that `start`..`end` (both included) touches.

    Raises ValueError if `end` is before `start`.
    """
    if end < start:
        raise ValueError(f"the end {end} is before the start {start}")
    first = monday_of(start)
    return tuple(first + timedelta(days=i) for i in range(0, (end - first).days + 1, 7))


@dataclass(frozen=True, slots=True, order=True)
class PublicHoliday:
    """A day off. `statutory` says whether the law of the province gives it.

    When it is False the day is kept by many employers (Easter Monday, Civic
    Holiday) but is theirs to give.
    """

    on: date
    name_fr: str
    name_en: str
    statutory: bool = True

    def name(self, language: str) -> str:
        return self.name_fr if language.startswith("fr") else self.name_en


@lru_cache(maxsize=256)
def public_holidays(
    province: str, year: int, *, with_optional: bool = False
) -> tuple[PublicHoliday, ...]:
    """Return the holidays of `province` (QC, ON, NB, AB, NS…) in `year`, in order.

    Only statutory days, on the day they are observed, unless `with_optional`. In
    Québec the law lets the employer choose Good Friday or Easter Monday: the
    statutory one is Good Friday here, and the other is optional.

    Raises ValueError if the province is not one of PROVINCES.
    Source: the `holidays` library, categories « public » and « optional ».
    """
    if province not in PROVINCES:
        raise ValueError(f"province is {province!r}; give one of {PROVINCES}")

    def named(language: str, categories: tuple[str, ...]) -> dict[date, str]:
        return dict(
            country_holidays(
                "CA",
                subdiv=province,
                years=year,
                categories=categories,
                language=language,
            )
        )

    wanted = ("public", "optional") if with_optional else ("public",)
    french, english = named("fr", wanted), named("en_CA", wanted)
    statutory = named("fr", ("public",))
    return tuple(
        PublicHoliday(
            on=on,
            name_fr=_FRENCH.get(french[on], french[on]).replace("'", "’"),
            name_en=english[on].replace("'", "’"),
            statutory=on in statutory,
        )
        for on in sorted(french)
        if on.year == year
    )


def holidays_between(province: str, start: date, end: date) -> frozenset[date]:
    """Return the statutory days off of `province` from `start` to `end`, included."""
    return frozenset(
        holiday.on
        for year in range(start.year, end.year + 1)
        for holiday in public_holidays(province, year)
        if start <= holiday.on <= end
    )


@dataclass(frozen=True, slots=True)
class WeeklySchedule:
    """Minutes worked on each day of a week, Monday first, from `valid_from` on.

    It holds until `valid_until` (included) or until a later schedule begins.
    """

    valid_from: date
    minutes: tuple[int, ...]
    valid_until: date | None = None

    def __post_init__(self) -> None:
        if len(self.minutes) != 7:
            raise ValueError(f"{len(self.minutes)} days given; a week has seven")
        if not all(0 <= minutes <= MINUTES_IN_A_DAY for minutes in self.minutes):
            raise ValueError(f"minutes are {self.minutes}; each day has 0 to 1440")
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise ValueError(f"{self.valid_until} is before {self.valid_from}")


@dataclass(frozen=True, slots=True)
class Absence:
    """Someone is away from `first_day` to `last_day`, both included.

    `share` of each day: 1 is the whole day, 0.5 half of it.
    """

    first_day: date
    last_day: date
    share: Decimal = Decimal(1)

    def __post_init__(self) -> None:
        if self.last_day < self.first_day:
            raise ValueError(f"{self.last_day} is before {self.first_day}")
        if not 0 < self.share <= 1:
            raise ValueError(f"share is {self.share}; give more than 0, at most 1")


def working_minutes(
    schedules: Sequence[WeeklySchedule],
    absences: Iterable[Absence],
    holidays: Iterable[date],
    start: date,
    end: date,
) -> dict[date, int]:
    """Return the minutes someone works on each day from `start` to `end`, included.

    The schedule that began last holds; before the first one, or after it ended,
    nobody works. On a holiday nobody works. Absences of one day add up, to one
    day at most. What is left of a day is rounded half up to the minute.

    Raises ValueError if `end` is before `start` or if two schedules begin on the
    same day.
    """
    latest_first = sorted(schedules, key=lambda row: row.valid_from, reverse=True)
    if len({row.valid_from for row in schedules}) < len(schedules):
        raise ValueError("two schedules begin on the same day; keep one of them")
    off = frozenset(holidays)

    def worked(day: date) -> int:
        for row in latest_first:
            if row.valid_from <= day:
                break
        else:
            return 0
        if day in off or (row.valid_until is not None and day > row.valid_until):
            return 0
        return row.minutes[day.weekday()]

    return less_absences({day: worked(day) for day in days(start, end)}, absences)


def less_absences(
    minutes: Mapping[date, int], absences: Iterable[Absence]
) -> dict[date, int]:
    """Return what is left of the minutes of days in a row; see `working_minutes`."""
    away: dict[date, Decimal] = {}
    start, end = min(minutes), max(minutes)
    for absence in absences:
        first, last = max(absence.first_day, start), min(absence.last_day, end)
        for day in days(first, last) if first <= last else ():
            away[day] = min(away.get(day, Decimal(0)) + absence.share, Decimal(1))
    found = dict(minutes)
    # Most days nobody is away: they need no arithmetic at all.
    for day, share in away.items():
        left = found[day] * (1 - share)
        found[day] = int(left.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return found


def expected_presence(
    schedules: Sequence[WeeklySchedule],
    absences: Sequence[Absence],
    holidays: Iterable[date],
    start: date,
    end: date,
    *,
    leave_days: Decimal = Decimal(0),
) -> int:
    """Return the minutes someone should be at work from `start` to `end`, included.

    `leave_days` is how many of their own days a person takes in a year of 365. Until
    the absences on record reach their part of it, the difference is taken off too, at
    the length of the average day: so a year to come is not thought to be without
    holidays. Rounded half up to the minute; never below zero.

    Raises ValueError if `leave_days` is negative, or as working_minutes does.
    """
    if leave_days < 0:
        raise ValueError(f"leave days are {leave_days}; give zero or more")
    off = frozenset(holidays)
    full = [m for m in working_minutes(schedules, (), off, start, end).values() if m]
    known = sum(working_minutes(schedules, absences, off, start, end).values())
    if not full or not leave_days:
        return known
    part = leave_days * ((end - start).days + 1) / 365
    left = sum(full) - part * sum(full) / len(full)
    usual = int(left.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return max(0, min(known, usual))


def by_week(minutes: Mapping[date, int]) -> dict[date, int]:
    """Add up minutes per day into minutes per week, by Monday, in order."""
    total: dict[date, int] = {}
    for day in sorted(minutes):
        total[monday_of(day)] = total.get(monday_of(day), 0) + minutes[day]
    return total
