"""What would be written, and what is said of it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, NamedTuple

from partage.experts.models import Expert, Schedule, Skill
from partage.mandates.models import Mandate, TeamMember
from partage.members.models import Membership, Organisation
from partage.rules.spreadsheet import Problem, Recognised
from partage.timesheets.models import Activity

# How a row fares. What is already here stays as it is.
NEW, THERE, CHANGED, DUPLICATE, WRONG = "new", "there", "changed", "duplicate", "wrong"
FATES = (NEW, THERE, CHANGED, DUPLICATE, WRONG)
# A report shows this many lines of one sort; the mended file has them all.
SHOWN_OF_A_SORT = 20


@dataclass(frozen=True, slots=True)
class Options:
    """What the person answered: the order of the dates, what sheets hold."""

    dates: str | None = None
    kind: str | None = None
    kinds: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict:
        return asdict(self)


@dataclass(slots=True)
class SheetPlan:
    """How one sheet fares. `fates` gives each row its word in FATES."""

    name: str
    found: Recognised | None
    rows: int = 0
    totals: int = 0
    fates: dict[int, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def kind(self) -> str | None:
        return self.found.kind if self.found else None

    def counts(self) -> dict[str, int]:
        counted = Counter(self.fates.values())
        return {fate: counted[fate] for fate in FATES}

    def wrong(self, problem: Problem) -> None:
        self.problems.append(problem)
        if problem.row is not None and not problem.warning:
            self.fates[problem.row] = WRONG


class Entry(NamedTuple):
    """Time to write. There may be 200 000 of them: a tuple, rather than a model."""

    expert: Expert
    on: date
    job: Mandate | Activity
    minutes: int
    note: str


@dataclass(slots=True)
class Plan:
    """What would be written: rows of ours, not yet saved, that point at each other."""

    sheets: list[SheetPlan] = field(default_factory=list)
    organisations: list[Organisation] = field(default_factory=list)
    networks: list[tuple[Organisation, Organisation]] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)
    experts: list[Expert] = field(default_factory=list)
    skills: list[Skill] = field(default_factory=list)
    schedules: list[Schedule] = field(default_factory=list)
    mandates: list[Mandate] = field(default_factory=list)
    team: list[TeamMember] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    days: set[date] = field(default_factory=set)
    keys: list[tuple[str, str, Any]] = field(default_factory=list)

    def problems(self) -> Iterator[tuple[SheetPlan, Problem]]:
        for sheet in self.sheets:
            for problem in sorted(sheet.problems, key=lambda each: each.row or 0):
                yield sheet, problem

    @property
    def errors(self) -> int:
        """How many rows, and sheets, keep the whole from being written."""
        return sum(
            sheet.counts()[WRONG]
            + sum(p.row is None and not p.warning for p in sheet.problems)
            for sheet in self.sheets
        )

    @property
    def new(self) -> int:
        return sum(sheet.counts()[NEW] for sheet in self.sheets)

    def report(self) -> dict:
        """Return all this in codes, as JSON, to be kept and shown later."""
        shown: list[dict] = []
        sorts: Counter[tuple] = Counter()
        for sheet, problem in self.problems():
            sort = (sheet.name, problem.column, problem.code)
            sorts[sort] += 1
            if sorts[sort] > SHOWN_OF_A_SORT:
                continue
            labels = sheet.found.labels if sheet.found else {}
            shown.append(
                {
                    "sheet": sheet.name,
                    "row": problem.row,
                    "column": problem.column,
                    "label": labels.get(problem.column, ""),
                    "code": problem.code,
                    "value": problem.value[:120],
                    "facts": dict(problem.facts),
                    "warning": problem.warning,
                }
            )
        return {
            "sheets": [
                {
                    "name": sheet.name,
                    "kind": sheet.kind,
                    "header_row": sheet.found.header_row if sheet.found else None,
                    "columns": [
                        [sheet.found.labels[key], key]
                        for _place, key in sorted(sheet.found.columns.items())
                    ]
                    if sheet.found
                    else [],
                    "ignored": list(sheet.found.ignored) if sheet.found else [],
                    "rows": sheet.rows,
                    "totals": sheet.totals,
                    "counts": sheet.counts(),
                }
                for sheet in self.sheets
            ],
            "problems": shown,
            "unshown": sum(sorts.values()) - len(shown),
            "errors": self.errors,
            "new": self.new,
            "writes": {
                "organisations": len(self.organisations),
                "memberships": len(self.memberships),
                "experts": len(self.experts),
                "mandates": len(self.mandates),
                "team": len(self.team),
                "entries": len(self.entries),
                "minutes": sum(entry.minutes for entry in self.entries),
            },
        }
