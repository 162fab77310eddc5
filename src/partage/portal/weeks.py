"""One week on one page: what is in its grid, what was typed, what happened.

The expert's door and coordination's show the same page; only who may do what
differs.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Sum
from django.http import HttpRequest, QueryDict
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from partage.experts.models import Expert
from partage.journal.queries import story_of
from partage.portal import words
from partage.portal.story import Told, story
from partage.rules.calendar import days_of_week
from partage.rules.hours import UnreadableHours, parse_minutes
from partage.rules.triage import fold
from partage.timesheets import queries
from partage.timesheets.actions import Cell
from partage.timesheets.models import Activity, Week
from partage.timesheets.queries import WEEK, DayOff, Key, Row

CELL = re.compile(r"t-([ma])([0-9]{1,12})-([0-6])")
ROW = re.compile(r"([ma])([0-9]{1,12})")
LONGEST_NOTE = 300
FEW = 8  # open mandates that all get their line without being asked for


def row_code(row: Row) -> str:
    return f"m{row.mandate_id}" if row.mandate_id else f"a{row.activity_id}"


def row_of(code: str) -> Row | None:
    found = ROW.fullmatch(code)
    if not found:
        return None
    number = int(found[2])
    return Row(number, None) if found[1] == "m" else Row(None, number)


def cell_name(key: Key, monday: date) -> str:
    return f"{row_code(key.row)}-{(key.on - monday).days}"


# --- what was typed


@dataclass
class Typed:
    """A form of the week as it was sent: what could be read, and what could not."""

    texts: dict[Key, str] = field(default_factory=dict)
    notes: dict[Key, str] = field(default_factory=dict)
    cells: list[Cell] = field(default_factory=list)
    seen: dict[Key, tuple[int, str]] = field(default_factory=dict)
    problems: dict[Key, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)


def why_unreadable(wrong: UnreadableHours) -> str:
    """Say why what was typed is not a length of time, and what may be meant."""
    language = get_language() or "fr"
    maybe = [words.minutes(minutes, language) for minutes in wrong.maybe]
    if wrong.reason == "negative":
        return gettext("Des heures ne sont jamais négatives.")
    if wrong.reason == "too_long":
        if maybe:
            return gettext(
                "C’est plus de 24 h. Pour %(maybe)s, écrivez « %(typed)s min »."
            ) % {"maybe": maybe[0], "typed": wrong.text.strip()}
        return gettext("C’est plus de 24 h. Une journée en compte au plus 24.")
    if maybe:
        joined = gettext(" ou ").join(
            gettext("« %(said)s »") % {"said": one} for one in maybe
        )
        return gettext("Écrivez %(maybe)s ?") % {"maybe": joined}
    return gettext("Écrivez une durée, comme « 7,5 », « 7 h 30 » ou « 45 min ».")


def read(post: QueryDict, monday: date) -> Typed:
    """Read the cells of a sent form. What cannot be read is said, and kept."""
    typed = Typed()
    days = days_of_week(monday)
    for name in post:
        found = CELL.fullmatch(name)
        if not found:
            continue
        row = row_of(found[1] + found[2])
        key = Key(days[int(found[3])], *row)
        text, note = post[name], " ".join(post.get("n" + name[1:], "").split())
        typed.texts[key], typed.notes[key] = text, note
        if row not in typed.rows:
            typed.rows.append(row)
        try:
            minutes = parse_minutes(text)
        except UnreadableHours as wrong:
            typed.problems[key] = why_unreadable(wrong)
            continue
        if len(note) > LONGEST_NOTE:
            typed.problems[key] = gettext("Cette note dépasse 300 caractères.")
        elif note and not minutes:
            typed.problems[key] = gettext(
                "Cette note n’a pas de temps. Ajoutez des heures, ou effacez la note."
            )
        else:
            typed.cells.append(Cell(key, minutes, note))
    typed.seen = _seen(post.get("seen", ""), days)
    return typed


def _seen(text: str, days: tuple[date, ...]) -> dict[Key, tuple[int, str]]:
    """Read what the form had shown; whatever is not so is taken as not shown."""
    try:
        shown = json.loads(text)
        return {
            Key(days[int(name[-1])], *row_of(name[:-2])): (int(minutes), str(note))
            for name, (minutes, note) in shown.items()
        }
    except (ValueError, TypeError, AttributeError, IndexError):
        return {}


# --- what is shown


@dataclass
class ShownCell:
    key: Key
    name: str
    minutes: int
    text: str
    note: str
    ghost: str  # what the plan suggests
    editable: bool
    day: "ShownDay"
    problem: str = ""
    entry_id: int | None = None

    @property
    def label(self) -> str:
        return words.weekday(self.key.on, get_language() or "fr")


@dataclass
class ShownRow:
    row: Row
    code: str
    title: str
    about: str
    cells: list[ShownCell] = field(default_factory=list)
    planned: int = 0

    @property
    def total(self) -> int:
        return sum(cell.minutes for cell in self.cells)


@dataclass
class ShownDay:
    on: date
    index: int
    expected: int
    total: int = 0
    off: DayOff | None = None
    locked: bool = False
    today: bool = False

    @property
    def weekend(self) -> bool:
        return self.index > 4

    @property
    def short(self) -> str:
        tongue = words.tongue(get_language() or "fr")
        return words.DAYS[tongue][self.index][:3] + ("." if tongue == "fr" else "")

    @property
    def why(self) -> str:
        if self.locked:
            return gettext("verrouillé")
        if self.off and self.off.holiday:
            return self.off.holiday.name(get_language() or "fr")
        if self.off:
            return gettext("demi-journée") if self.off.half else gettext("absence")
        return ""


class WeekPage:
    """All that the page of a week shows. Ten questions, however many rows."""

    def __init__(
        self,
        request: HttpRequest,
        expert: Expert,
        monday: date,
        *,
        delegate: bool,
        typed: Typed | None = None,
        added: Row | None = None,
    ) -> None:
        self.request, self.expert, self.monday = request, expert, monday
        self.delegate = delegate
        self.typed = typed or Typed()
        self.week = queries.week_of(expert.pk, monday)
        self.sunday = monday + timedelta(days=6)
        self.editable = self.week.status == Week.Status.OPEN or (
            delegate and self.week.status == Week.Status.SUBMITTED
        )
        self.entries = list(queries.entries_of(expert.pk, monday, self.sunday))
        self.held = {queries.key_of(entry): entry for entry in self.entries}
        self.last_week = list(
            queries.entries_of(expert.pk, monday - WEEK, monday - timedelta(days=1))
        )
        self.mandates = {
            one.pk: one for one in queries.mandates_for(expert.pk, monday, self.sunday)
        }
        self.activities = {one.pk: one for one in queries.activities_on(monday)}
        self.days = self._days()
        self.planned = queries.planned_for(expert.pk, monday) if self.editable else {}
        self.rows = self._rows(added)
        self.total = sum(entry.minutes for entry in self.entries)
        self.expected = sum(day.expected for day in self.days)

    # -- its parts

    def _days(self) -> list[ShownDay]:
        expected = queries.expected_by_day([self.expert.pk], self.monday, self.sunday)
        off = queries.days_off(self.expert, self.monday, self.sunday)
        locked = queries.locked_months(self.monday, self.sunday)
        minutes = expected[self.expert.pk]
        return [
            ShownDay(
                on,
                index,
                minutes[on],
                sum(entry.minutes for entry in self.entries if entry.on == on),
                off.get(on),
                on.replace(day=1) in locked,
                on == self.request.who.today,
            )
            for index, on in enumerate(days_of_week(self.monday))
        ]

    def _rows(self, added: Row | None) -> list[ShownRow]:
        named = {}
        for entry in (*self.last_week, *self.entries):
            named[queries.key_of(entry).row] = entry.mandate or entry.activity
        used = {queries.key_of(entry).row for entry in self.entries}
        if self.editable:
            used |= {
                queries.key_of(entry).row
                for entry in self.last_week
                if entry.mandate_id is None or entry.mandate_id in self.mandates
            }
            used |= {Row(pk) for pk in self.planned}
            if len(self.mandates) <= FEW:
                used |= {Row(pk) for pk in self.mandates}
            used |= {row for row in self.typed.rows if self.about(row)}
        named |= {Row(pk): one for pk, one in self.mandates.items()}
        named |= {Row(None, pk): one for pk, one in self.activities.items()}
        if added:
            used.add(added)
        rows = [row for row in used if row in named]
        rows.sort(
            key=lambda row: (
                (
                    row.mandate_id is None,
                    (
                        named[row].organisation.sort_key
                        if row.mandate_id
                        else fold(named[row].name)
                    ),
                    row,
                )
                if row.mandate_id
                else (True, fold(named[row].name), (0, row.activity_id))
            )
        )
        ghosts = queries.suggested_cells(
            {
                pk: minutes
                for pk, minutes in self.planned.items()
                if not any(entry.mandate_id == pk for entry in self.entries)
            },
            {day.on: day.expected for day in self.days},
            {pk: (m.opened_on, m.closed_on) for pk, m in self.mandates.items()},
        )
        self.ghosts = bool(ghosts)
        return [self._row(row, named[row], ghosts) for row in rows]

    def about(self, row: Row):
        if row.mandate_id:
            return self.mandates.get(row.mandate_id)
        return self.activities.get(row.activity_id)

    def _row(self, row: Row, one, ghosts: Mapping[Key, int]) -> ShownRow:
        internal = isinstance(one, Activity)
        shown = ShownRow(
            row,
            row_code(row),
            one.name if internal else one.title,
            gettext("activité interne")
            if internal
            else f"{one.organisation.name} · {one.reference}",
            planned=self.planned.get(row.mandate_id, 0),
        )
        language = get_language() or "fr"
        for day in self.days:
            key = Key(day.on, *row)
            entry = self.held.get(key)
            text = words.minutes(entry.minutes, language) if entry else ""
            ghost = words.minutes(ghosts[key], language) if key in ghosts else ""
            shown.cells.append(
                ShownCell(
                    key,
                    cell_name(key, self.monday),
                    entry.minutes if entry else 0,
                    self.typed.texts.get(key, text),
                    self.typed.notes.get(key, entry.note if entry else ""),
                    ghost,
                    self.editable and not day.locked,
                    day,
                    entry_id=entry.pk if entry else None,
                )
            )
        return shown

    # -- for the template

    @property
    def seen(self) -> str:
        """What was shown, for the form to send back.

        A form that comes back keeps what it had shown at first: else what another
        tab wrote since would be overwritten by what this one never touched.
        """
        shown = (
            self.typed.seen
            if self.typed.rows
            else {key: (entry.minutes, entry.note) for key, entry in self.held.items()}
        )
        return json.dumps(
            {cell_name(key, self.monday): value for key, value in shown.items()},
            ensure_ascii=False,
            separators=(",", ":"),
        )

    def tell(self, problems: Mapping[Key, str]) -> None:
        """Put each problem at its cell."""
        for row in self.rows:
            for cell in row.cells:
                cell.problem = problems.get(cell.key, "")

    @property
    def problem_cells(self) -> list[tuple[ShownRow, ShownCell]]:
        return [(row, cell) for row in self.rows for cell in row.cells if cell.problem]

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The lines that can be added: (code, label)."""
        shown = {row.row for row in self.rows}
        mandates = [
            (
                row_code(Row(pk)),
                f"{one.organisation.name} · {one.title} · {one.reference}",
            )
            for pk, one in self.mandates.items()
            if Row(pk) not in shown
        ]
        activities = [
            (row_code(Row(None, pk)), one.name)
            for pk, one in self.activities.items()
            if Row(None, pk) not in shown
        ]
        return mandates + activities

    def chosen(self, text: str) -> Row | None:
        """Return the line that was chosen or typed, if it is one and only one."""
        wanted = fold(" ".join(text.split()))
        if not wanted:
            return None
        exact = [code for code, label in self.choices if fold(label) == wanted]
        near = [code for code, label in self.choices if wanted in fold(label)]
        found = exact or near
        return row_of(found[0]) if len(found) == 1 else None

    @property
    def missing(self) -> int:
        return max(0, self.expected - self.total)

    @property
    def before(self) -> date:
        return self.monday - WEEK

    @property
    def after(self) -> date:
        return self.monday + WEEK

    @property
    def to_come(self) -> bool:
        return self.monday > self.request.who.today

    @property
    def can_copy(self) -> bool:
        return self.editable and not self.entries and bool(self.last_week)

    @property
    def movable(self) -> list:
        return [
            entry
            for entry in self.entries
            if not self.days[(entry.on - self.monday).days].locked
        ]

    @property
    def travel(self) -> dict:
        if self.week.pk is None:
            return {}
        sums = {
            "trips": self.week.trips.aggregate(km=Sum("km"), amount=Sum("amount")),
            "expenses": self.week.expenses.aggregate(amount=Sum("amount")),
        }
        return sums if sums["trips"]["km"] or sums["expenses"]["amount"] else {}

    @property
    def step(self) -> int:
        return {"OPEN": 0, "SUBMITTED": 1, "APPROVED": 3}[self.week.status]

    @property
    def story(self) -> list[Told]:
        return story(story_of(self.week, limit=20)) if self.week.pk else []


STATES = {
    Week.Status.OPEN: "",
    Week.Status.SUBMITTED: "wait",
    Week.Status.APPROVED: "good",
}
STEPS = (_("À remplir"), _("À approuver"), _("Approuvée"))
