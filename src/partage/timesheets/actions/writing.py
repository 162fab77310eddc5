"""Write time in a week, all of it or nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.rules.calendar import MINUTES_IN_A_DAY, days_of_week, monday_of
from partage.timesheets.actions.opening import (
    Ground,
    MoreThanADay,
    NotInTheWeek,
    count_change,
    hold_open_week,
)
from partage.timesheets.models import TimeEntry, Week
from partage.timesheets.queries import (
    WEEK,
    Key,
    days_off,
    expected_by_day,
    key_of,
    mandates_for,
    planned_for,
    suggested_cells,
)

Written = tuple[int, str]  # minutes and note
NOTHING: Written = (0, "")


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell is to hold. Zero minutes empty it."""

    key: Key
    minutes: int
    note: str = ""

    @property
    def written(self) -> Written:
        return (self.minutes, self.note) if self.minutes else NOTHING


class CellsRefused(ActionRefused):
    """Some cells cannot be written: `cells` says why for each, by key."""

    sentence = _(
        "Rien n’a été enregistré : des heures ne peuvent pas être écrites. "
        "Corrigez-les, puis enregistrez."
    )

    @property
    def cells(self) -> dict[Key, ActionRefused]:
        return self.facts["cells"]


class TimeChangedMeanwhile(ActionRefused):
    """Cells changed since they were shown: `cells` says what they hold now."""

    sentence = _(
        "Rien n’a été enregistré : des heures ont changé entre-temps, dans un autre "
        "onglet ou par la coordination. Les vôtres sont gardées ci-dessous ; "
        "enregistrez de nouveau pour qu’elles l’emportent."
    )

    @property
    def cells(self) -> dict[Key, Written]:
        return self.facts["cells"]


@transaction.atomic
def write_time(
    *,
    expert_id: int,
    monday: date,
    cells: Iterable[Cell],
    by: Actor,
    seen: Mapping[Key, Written] | None = None,
    delegate: bool = False,
) -> Week:
    """Make these cells of a week hold what is asked; the others stay as they are.

    `seen` is what the form showed (what is not in it was empty): a cell left as
    it was seen is not touched, and one that someone else changed since is not
    overwritten. Without it, cells are written over whatever is there.

    Raises WeekSubmitted, WeekApproved, TimeChangedMeanwhile or CellsRefused.
    """
    week = hold_open_week(expert_id, monday, delegate=delegate)
    now = {key_of(entry): entry for entry in week.entries.all()}
    asked: dict[Key, Written] = {}
    conflicts: dict[Key, Written] = {}
    for cell in cells:
        there = now.get(cell.key)
        held = (there.minutes, there.note) if there else NOTHING
        shown = held if seen is None else seen.get(cell.key, NOTHING)
        if cell.written in (held, shown):
            continue
        asked[cell.key] = cell.written
        if held != shown:
            conflicts[cell.key] = held
    if conflicts:
        raise TimeChangedMeanwhile(cells=conflicts)
    if asked:
        _refuse_if_impossible(week, now, asked, by)
        _write(week, now, asked, by)
    return week


def _refuse_if_impossible(
    week: Week, now: dict[Key, TimeEntry], asked: dict[Key, Written], by: Actor
) -> None:
    ground = Ground(week.expert_id, asked, by)
    this_week = days_of_week(week.monday)
    totals = dict.fromkeys(this_week, 0)
    for key, minutes in (
        {key: entry.minutes for key, entry in now.items()}
        | {key: minutes for key, (minutes, _note) in asked.items()}
    ).items():
        totals[key.on] = totals.get(key.on, 0) + minutes
    problems: dict[Key, ActionRefused] = {}
    for key, (minutes, _note) in asked.items():
        if key.on not in this_week:
            problems[key] = NotInTheWeek()
        elif problem := ground.problem(key, removing=not minutes):
            problems[key] = problem
        elif minutes and totals[key.on] > MINUTES_IN_A_DAY:
            problems[key] = MoreThanADay()
    if problems:
        raise CellsRefused(cells=problems)


def _write(
    week: Week, now: dict[Key, TimeEntry], asked: dict[Key, Written], by: Actor
) -> None:
    gone, changed, new, story = [], [], [], []
    for key, (minutes, note) in asked.items():
        entry = now.get(key)
        story.append(
            {
                "on": key.on.isoformat(),
                "mandate": key.mandate_id,
                "activity": key.activity_id,
                "before": entry.minutes if entry else 0,
                "after": minutes,
            }
        )
        if not minutes:
            gone.append(entry.pk)
        elif entry:
            entry.minutes, entry.note = minutes, note
            changed.append(entry)
        else:
            new.append(
                TimeEntry(
                    week=week,
                    expert_id=week.expert_id,
                    on=key.on,
                    mandate_id=key.mandate_id,
                    activity_id=key.activity_id,
                    minutes=minutes,
                    note=note,
                )
            )
    if gone:
        TimeEntry.objects.filter(pk__in=gone).delete()
    if changed:
        TimeEntry.objects.bulk_update(changed, ["minutes", "note"])
    TimeEntry.objects.bulk_create(new)
    count_change(week)
    journal.record(what="timesheets.week.written", subject=week, by=by, cells=story)


# --- less typing


class WeekNotEmpty(ActionRefused):
    sentence = _(
        "Cette semaine a déjà des heures. Videz-la pour y copier la précédente."
    )


class NothingToCopy(ActionRefused):
    sentence = _("La semaine précédente n’a aucune heure à copier ici.")


class NothingPlanned(ActionRefused):
    sentence = _(
        "Le plan de cette semaine est déjà repris, ou rien n’y est prévu. "
        "Vos heures planifiées viennent des affectations acceptées."
    )


@transaction.atomic
def copy_last_week(
    *, expert_id: int, monday: date, by: Actor, delegate: bool = False
) -> tuple[Week, int]:
    """Write last week's hours in this empty week; return how many are left out.

    Holidays, whole days of absence and days on which a row cannot be written are
    left out; notes are not copied, since they say what was done that day.

    Raises WeekNotEmpty or NothingToCopy, and what write_time raises.
    """
    week = hold_open_week(expert_id, monday, delegate=delegate)
    if week.entries.exists():
        raise WeekNotEmpty
    cells = [
        Cell(key_of(entry)._replace(on=entry.on + WEEK), entry.minutes)
        for entry in TimeEntry.objects.filter(
            expert_id=expert_id, week__monday=monday - WEEK
        )
    ]
    kept = _possible(week, cells, by)
    if not kept:
        raise NothingToCopy
    return (
        write_time(
            expert_id=expert_id, monday=monday, cells=kept, by=by, delegate=delegate
        ),
        len(cells) - len(kept),
    )


def _possible(week: Week, cells: list[Cell], by: Actor) -> list[Cell]:
    ground = Ground(week.expert_id, [cell.key for cell in cells], by)
    off = {
        day
        for day, why in days_off(ground.expert, week.monday, week.monday + WEEK).items()
        if not why.half
    }
    return [
        cell
        for cell in cells
        if cell.key.on not in off and ground.problem(cell.key) is None
    ]


@transaction.atomic
def take_plan(
    *, expert_id: int, monday: date, by: Actor, delegate: bool = False
) -> Week:
    """Write the hours planned on mandates that have none yet this week.

    Raises NothingPlanned, and what write_time raises.
    """
    week = hold_open_week(expert_id, monday, delegate=delegate)
    has_time = {entry.mandate_id for entry in week.entries.all()}
    planned = {
        mandate_id: minutes
        for mandate_id, minutes in planned_for(expert_id, monday).items()
        if mandate_id not in has_time
    }
    lives = {
        mandate.pk: (mandate.opened_on, mandate.closed_on)
        for mandate in mandates_for(expert_id, monday, monday + WEEK)
    }
    last = days_of_week(monday)[-1]
    expected = expected_by_day([expert_id], monday, last)[expert_id]
    cells = [
        Cell(key, minutes)
        for key, minutes in suggested_cells(planned, expected, lives).items()
    ]
    if not cells:
        raise NothingPlanned
    return write_time(
        expert_id=expert_id, monday=monday, cells=cells, by=by, delegate=delegate
    )


class EntryGone(ActionRefused):
    sentence = _("Ce temps n’existe plus. Rechargez la semaine pour voir où il est.")


@transaction.atomic
def move_entry(
    *, entry_id: int, to: date, by: Actor, delegate: bool = False
) -> TimeEntry:
    """Move an entry to another day, of this week or of another.

    If the day already has time on the same row, the minutes add up there and the
    notes follow each other. Both weeks must be open, and both months.

    Raises EntryGone, WeekSubmitted, WeekApproved or CellsRefused.
    """
    entry = TimeEntry.objects.select_related("week").filter(pk=entry_id).first()
    if entry is None:
        raise EntryGone
    mondays = sorted({entry.week.monday, monday_of(to)})
    # Always in the order of the calendar: two moves that cross do not deadlock.
    weeks = {
        monday: hold_open_week(entry.expert_id, monday, delegate=delegate)
        for monday in mondays
    }
    entry = TimeEntry.objects.filter(pk=entry_id, week__in=weeks.values()).first()
    if entry is None:
        raise EntryGone
    key, source = key_of(entry), weeks[monday_of(entry.on)]
    there_key = key._replace(on=to)
    if there_key == key:
        return entry
    there = TimeEntry.objects.filter(expert_id=entry.expert_id, **there_key._asdict())
    there = there.first()
    target = weeks[monday_of(to)]
    minutes = entry.minutes + (there.minutes if there else 0)
    notes = [note for note in ((there.note if there else ""), entry.note) if note]
    moved = Cell(there_key, minutes, " · ".join(notes)[:300])
    gone = Cell(key, 0)
    if target.pk == source.pk:
        write_time(
            expert_id=entry.expert_id,
            monday=source.monday,
            cells=[gone, moved],
            by=by,
            delegate=delegate,
        )
    else:
        for week, cell in ((source, gone), (target, moved)):
            write_time(
                expert_id=entry.expert_id,
                monday=week.monday,
                cells=[cell],
                by=by,
                delegate=delegate,
            )
    return TimeEntry.objects.get(expert_id=entry.expert_id, **there_key._asdict())
