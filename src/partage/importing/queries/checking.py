"""Hold what a spreadsheet says against what is known, and plan what to write.

Sheets are taken in the order of the stream (members, experts, mandates, time),
whatever their order in the file. The rows to write are made here, unsaved, and
point at each other; nothing is written.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from partage.experts.models import Expert, Field, Schedule, Skill
from partage.importing.queries.known import (
    Known,
    Names,
    Several,
    key_of,
    time_between,
)
from partage.importing.queries.plan import (
    CHANGED,
    DUPLICATE,
    NEW,
    THERE,
    Entry,
    Plan,
    SheetPlan,
)
from partage.importing.queries.reading import ReadSheet
from partage.mandates.models import Mandate, TeamMember
from partage.members.models import Membership, Organisation
from partage.rules.calendar import MINUTES_IN_A_DAY
from partage.rules.hours import spread_minutes
from partage.rules.money import ZERO, amount_for
from partage.rules.spreadsheet import KINDS, Line, Problem
from partage.rules.triage import fold
from partage.timesheets.actions.opening import AHEAD
from partage.timesheets.models import Activity, TimeEntry

_INTERMEDIATE = 2
_MOST_NOTE = TimeEntry._meta.get_field("note").max_length


class Wrong(Exception):
    """A row that cannot be written as it is."""

    def __init__(self, code: str, column: str = "", value: str = "", **facts: Any):
        self.problem = (code, column, value, facts)
        super().__init__(code)

    def at(self, row: int) -> Problem:
        code, column, value, facts = self.problem
        return Problem(code, row, column, value, facts)


def check(sheets: Iterable[ReadSheet], *, on: date) -> Plan:
    """Return what would be written on a day, and all that is wrong."""
    return _Check(list(sheets), on).plan


class _Check:
    def __init__(self, sheets: list[ReadSheet], on: date) -> None:
        self.on = on
        self.known = Known()
        self.plan = Plan()
        # Names of rows that are themselves wrong: whoever names them is told so.
        self.wrong_names: dict[str, dict[str, int]] = {kind: {} for kind in KINDS}
        self.seen: dict[str, dict[str, tuple[int, dict]]] = {kind: {} for kind in KINDS}
        pairs: list[tuple[SheetPlan, ReadSheet]] = []
        for each in sheets:
            planned = SheetPlan(each.sheet.name, each.found)
            self.plan.sheets.append(planned)
            pairs.append((planned, each))
            self._sheet_problems(planned, each)
        if not any(each.found for each in sheets):
            self.plan.sheets[0].problems = [Problem("nothing_recognised")]
        self.first_days = _first_days(sheets)
        for kind in KINDS:
            work = [
                (planned, line)
                for planned, each in pairs
                if planned.kind == kind and each.lines
                for line in each.lines.lines
            ]
            getattr(self, f"_{kind}")(work)

    def _sheet_problems(self, planned: SheetPlan, each: ReadSheet) -> None:
        if each.found is None:
            planned.problems.append(Problem("kind_unknown", warning=True))
        elif each.found.missing:
            planned.problems += [
                Problem("column_missing", facts={"columns": list(group)})
                for group in each.found.missing
            ]
        if each.lines:
            planned.rows = len(each.lines.lines)
            planned.totals = each.lines.totals
            planned.problems += each.lines.problems

    # Rows that have a name ---------------------------------------------------

    def _named(
        self,
        kind: str,
        work: list[tuple[SheetPlan, Line]],
        key: Callable[[dict], str],
        make: Callable[[SheetPlan, Line, str], str],
    ) -> None:
        """Take each row once: its twins are duplicates, or contradict it."""
        seen = self.seen[kind]
        for sheet, line in work:
            own = key(line.values)
            for problem in line.problems:
                sheet.wrong(problem)
            if own and own in seen and not line.problems:
                row, values = seen[own]
                if values == line.values:
                    sheet.fates[line.row] = DUPLICATE
                else:
                    sheet.wrong(Problem("said_twice", line.row, facts={"row": row}))
                continue
            if not line.problems:
                seen[own] = (line.row, line.values)
                try:
                    sheet.fates[line.row] = make(sheet, line, own)
                    continue
                except Wrong as wrong:
                    sheet.wrong(wrong.at(line.row))
            for name in (line.values.get("reference"), _name_of(kind, line.values)):
                if name:
                    self.wrong_names[kind].setdefault(key_of(name), line.row)

    def _warn(self, sheet: SheetPlan, code: str, row: int, **facts: Any) -> None:
        sheet.problems.append(Problem(code, row, facts=facts, warning=True))

    def _find(self, names: Names, kind: str, name: str, column: str) -> Any:
        """Return what goes by a name. Raises Wrong, with what was perhaps meant."""
        try:
            found = names.find(name)
        except Several:
            raise Wrong("two_of_that_name", column, name) from None
        if found is not None:
            return found
        if row := self.wrong_names.get(kind, {}).get(key_of(name)):
            raise Wrong("named_row_is_wrong", column, name, row=row)
        near = names.near(name)
        raise Wrong(f"unknown_{kind}", column, name, near=near)

    def _compare(
        self, sheet: SheetPlan, line: Line, here: dict[str, tuple[Any, Any]]
    ) -> str:
        """Say what the file says otherwise; what is here stays."""
        other = [
            column
            for column, (said, kept) in here.items()
            if column in line.values and said != kept
        ]
        for column in other:
            self._differs(sheet, line.row, column, *here[column])
        return CHANGED if other else THERE

    def _differs(
        self, sheet: SheetPlan, row: int, column: str, said: Any, kept: Any
    ) -> None:
        facts = {"said": _json(said), "kept": _json(kept)}
        sheet.problems.append(Problem("differs", row, column, "", facts, True))

    # Members -----------------------------------------------------------------

    def _members(self, work: list[tuple[SheetPlan, Line]]) -> None:
        self.network_names: list[tuple[SheetPlan, Line, Organisation]] = []
        self._named("members", work, lambda v: key_of(v.get("name", "")), self._member)
        for sheet, line, organisation in self.network_names:
            name = line.values["network"]
            try:
                network = self._find(
                    self.known.organisations, "members", name, "network"
                )
                if network is organisation:
                    raise Wrong("its_own_network", "network", name)
            except Wrong as wrong:
                sheet.wrong(wrong.at(line.row))
                self._forget(organisation)
            else:
                self.plan.networks.append((organisation, network))
        # Whose network is wrong is not written, nor who is served through it.
        gone = True
        while gone:
            gone = [
                pair
                for pair in self.plan.networks
                if pair[1].pk is None and pair[1] not in self.plan.organisations
            ]
            for pair in gone:
                self.plan.networks.remove(pair)
                for sheet, line, organisation in self.network_names:
                    if organisation is pair[0]:
                        name = line.values["network"]
                        row = self.wrong_names["members"].get(key_of(name), 0)
                        sheet.wrong(
                            Wrong("named_row_is_wrong", "network", name, row=row).at(
                                line.row
                            )
                        )
                        self._forget(organisation)

    def _forget(self, organisation: Organisation) -> None:
        key = key_of(organisation.name)
        plan = self.plan
        plan.organisations = [o for o in plan.organisations if o is not organisation]
        plan.memberships = [
            m for m in plan.memberships if m.organisation is not organisation
        ]
        plan.keys = [each for each in plan.keys if each[2] is not organisation]
        plan.networks = [pair for pair in plan.networks if pair[0] is not organisation]
        self.known.organisations.rows.pop(key, None)
        self.known.organisations.said.pop(key, None)
        self.wrong_names["members"][key] = self.seen["members"][key][0]

    def _member(self, sheet: SheetPlan, line: Line, key: str) -> str:
        said, known = line.values, self.known
        joined, left = said.get("joined_on"), said.get("left_on")
        if joined and left and left < joined:
            raise Wrong("ends_before_it_begins", "left_on", str(left))
        if left and not joined:
            raise Wrong("left_without_joining", "left_on", str(left))
        number = said.get("number", "")
        try:
            here = known.organisations.find(said["name"])
        except Several:
            raise Wrong("two_of_that_name", "name", said["name"]) from None
        taken = known.numbers.get(key_of(number)) if number else None
        if taken is not None and (here is None or taken != (here.pk or id(here))):
            raise Wrong("number_taken", "number", number)
        if here is not None:
            return self._member_here(sheet, line, here)
        province = said.get("province")
        if province is None:
            province = known.cooperative.province
            self._warn(sheet, "province_assumed", line.row, province=province)
        organisation = Organisation(
            name=said["name"],
            sort_key=fold(said["name"])[:200],
            kind=said.get("kind") or _form_of(said["name"]),
            province=province,
            **{
                column: said[column]
                for column in (
                    "neq", "represents", "full_management", "sector", "language",
                    "address", "city", "postal_code", "email", "phone",
                )
                if column in said
            },
        )  # fmt: skip
        self.plan.organisations.append(organisation)
        self.plan.keys.append(("members", key, organisation))
        known.organisations.add(organisation.name, organisation)
        if said.get("network"):
            self.network_names.append((sheet, line, organisation))
        if number:
            known.numbers[key_of(number)] = id(organisation)
        if joined:
            self.plan.memberships.append(
                Membership(
                    number=number,
                    organisation=organisation,
                    category=said.get("category", Membership.Category.USER),
                    joined_on=joined,
                    left_on=left,
                )
            )
        else:
            self._warn(sheet, "not_a_member_yet", line.row)
        return NEW

    def _member_here(self, sheet: SheetPlan, line: Line, here: Organisation) -> str:
        said = line.values
        columns = (
            "kind", "neq", "represents", "full_management", "sector", "language",
            "province", "address", "city", "postal_code", "email", "phone",
        )  # fmt: skip
        pairs = {key: (said.get(key), getattr(here, key)) for key in columns}
        if "network" in said:
            network = next(
                (
                    each
                    for rows in self.known.organisations.rows.values()
                    for each in rows
                    if each.pk and each.pk == here.network_id
                ),
                None,
            )
            kept = network.name if network else ""
            same = key_of(kept) == key_of(said["network"])
            pairs["network"] = (kept if same else said["network"], kept)
        membership = self.known.members.get(here.pk)
        for key in ("number", "category", "joined_on", "left_on"):
            kept = getattr(membership, key) if membership else None
            pairs[key] = (said.get(key), kept)
        return self._compare(sheet, line, pairs)

    # Experts -----------------------------------------------------------------

    def _experts(self, work: list[tuple[SheetPlan, Line]]) -> None:
        self._named(
            "experts", work, lambda v: key_of(_name_of("experts", v)), self._expert
        )

    def _expert(self, sheet: SheetPlan, line: Line, key: str) -> str:
        said, known = line.values, self.known
        name = _name_of("experts", said)
        started, left = said.get("started_on"), said.get("left_on")
        if started and left and left < started:
            raise Wrong("ends_before_it_begins", "left_on", str(left))
        level = int(said.get("level", _INTERMEDIATE))
        fields = self._fields(said.get("fields", ""))
        try:
            here = known.experts.find(name)
        except Several:
            raise Wrong("two_of_that_name", "name", name) from None
        if here is not None:
            columns = ("title", "city", "province", "remote_only", "started_on",
                       "left_on")  # fmt: skip
            pairs = {column: (said.get(column), getattr(here, column))
                     for column in columns}  # fmt: skip
            pairs["languages"] = (
                sorted(said.get("languages", ())),
                sorted(here.languages),
            )
            return self._compare(sheet, line, pairs)
        if started is None:
            started = min(self.first_days.get(key, self.on), left or self.on)
            self._warn(sheet, "start_assumed", line.row, on=str(started))
        province = said.get("province")
        if province is None:
            province = known.cooperative.province
            self._warn(sheet, "province_assumed", line.row, province=province)
        week = said.get("weekly_minutes", 0)
        days = spread_minutes(week, (1, 1, 1, 1, 1, 0, 0), grain=15)
        if max(days) > MINUTES_IN_A_DAY:
            raise Wrong("more_than_a_day", "weekly_minutes")
        expert = Expert(
            name=name,
            sort_key=fold(name)[:120],
            title=said.get("title", ""),
            languages=list(said.get("languages", ("fr",))),
            city=said.get("city", ""),
            province=province,
            remote_only=said.get("remote_only", False),
            started_on=started,
            left_on=left,
        )
        self.plan.experts.append(expert)
        self.plan.keys.append(("experts", key, expert))
        known.experts.add(name, expert)
        for field in fields:
            self.plan.skills.append(Skill(expert=expert, field=field, level=level))
            known.levels[id(expert), field.pk] = level
        if week:
            self.plan.schedules.append(
                Schedule(expert=expert, starts_on=started, minutes=list(days))
            )
        return NEW

    def _fields(self, text: str) -> list[Field]:
        fields = self.known.fields
        found = [
            self._find(fields, "field", part, "fields")
            for part in _parts(text, lambda part: fields.find(part) is not None)
        ]
        return list(dict.fromkeys(found))

    # Mandates ----------------------------------------------------------------

    def _mandates(self, work: list[tuple[SheetPlan, Line]]) -> None:
        self._named("mandates", work, self._mandate_key, self._mandate)

    def _mandate_key(self, said: dict) -> str:
        if said.get("reference"):
            return key_of(said["reference"])
        return "|".join(
            (
                key_of(said.get("organisation", "")),
                key_of(said.get("title", "")),
                str(said.get("opened_on", "")),
            )
        )

    def _mandate(self, sheet: SheetPlan, line: Line, key: str) -> str:
        said, known = line.values, self.known
        organisation = self._find(
            known.organisations, "members", said["organisation"], "organisation"
        )
        field = self._find(known.fields, "field", said["field"], "field")
        opened, closed = said["opened_on"], said.get("closed_on")
        status = said.get("status") or ("CLOSED" if closed else "OPEN")
        if status == "CLOSED" and not closed:
            raise Wrong("closed_without_a_date", "closed_on")
        if closed and status != "CLOSED":
            raise Wrong("open_with_a_closing_date", "closed_on", str(closed))
        if closed and closed < opened:
            raise Wrong("ends_before_it_begins", "closed_on", str(closed))
        if closed and closed > self.on:
            raise Wrong("closes_in_the_future", "closed_on", str(closed))
        experts = self._experts_in(said.get("experts", ""))
        here = self._mandate_here(said, organisation, key)
        if here is not None:
            pairs = {
                column: (said.get(column), getattr(here, column))
                for column in (
                    "title", "status", "opened_on", "due_on", "closed_on",
                    "budget_minutes", "budget_amount", "full_management", "province",
                    "language",
                )
            }  # fmt: skip
            pairs["organisation"] = (organisation.name, here.organisation.name)
            pairs["field"] = (field.pk, here.field_id)
            if organisation.pk == here.organisation_id:
                pairs.pop("organisation")
            return self._compare(sheet, line, pairs)
        team = []
        for at, expert in enumerate(experts):
            level = said.get("level")
            level = int(level) if level else self._level(expert, field)
            rate = said.get("rate") or known.rate(field, level, opened)
            if not rate:
                raise Wrong("no_rate", "rate", on=str(opened))
            team.append((expert, level, rate, not at))
        minutes = said.get("budget_minutes", 0)
        rate = said.get("rate") or (team[0][2] if team else None)
        mandate = Mandate(
            reference=said.get("reference", ""),
            organisation=organisation,
            field=field,
            title=said["title"],
            status=status,
            province=said.get("province", organisation.province),
            language=said.get("language", organisation.language),
            full_management=said.get("full_management", organisation.full_management),
            opened_on=opened,
            due_on=said.get("due_on"),
            closed_on=closed,
            budget_minutes=minutes,
            budget_amount=said.get(
                "budget_amount", amount_for(minutes, rate) if rate else ZERO
            ),
        )
        self.plan.mandates.append(mandate)
        known.add_mandate(mandate)
        self.plan.keys.append(("mandates", key, mandate))
        for expert, level, rate, lead in team:
            self._join(mandate, expert, level, rate, lead=lead)
        return NEW

    def _mandate_here(
        self, said: dict, organisation: Organisation, key: str
    ) -> Mandate | None:
        if said.get("reference"):
            return self.known.references.get(key) or self.known.imported.get(
                ("mandates", key)
            )
        for mandate in self.known.titles.get(
            (id(organisation), key_of(said["title"])), ()
        ):
            if mandate.opened_on == said["opened_on"]:
                return mandate
        return self.known.imported.get(("mandates", key))

    def _level(self, expert: Expert, field: Field) -> int:
        return self.known.levels.get((expert.pk or id(expert), field.pk), _INTERMEDIATE)

    def _join(
        self,
        mandate: Mandate,
        expert: Expert,
        level: int,
        rate: Decimal,
        *,
        lead: bool = False,
    ) -> None:
        self.known.team.add((mandate.pk or id(mandate), expert.pk or id(expert)))
        self.plan.team.append(
            TeamMember(
                mandate=mandate,
                expert=expert,
                field=mandate.field,
                level=level,
                rate=rate,
                lead=lead,
            )
        )

    def _experts_in(self, text: str) -> list[Expert]:
        names = self.known.experts
        found = [
            self._find(names, "experts", part, "experts")
            for part in _parts(text, lambda part: names.find(part) is not None)
        ]
        return list({id(each): each for each in found}.values())

    # Time --------------------------------------------------------------------

    def _time(self, work: list[tuple[SheetPlan, Line]]) -> None:
        groups: dict[tuple, _Group] = {}
        people: dict[str, Expert | Wrong] = {}
        jobs: dict[tuple, list[Any] | Wrong] = {}
        twins: dict[tuple, int] = {}
        last = self.on + AHEAD
        for sheet, line in work:
            said = line.values
            for problem in line.problems:
                sheet.wrong(problem)
            try:
                expert = self._expert_of(people, said)
                job, on = self._job_of(jobs, said), said.get("on")
                if expert is None or job is None or on is None:
                    continue  # a problem of the cell says why
                job = _on_that_day(job, on, said)
                key = (id(expert), on, id(job))
                group = groups.get(key)
                if group is None:
                    group = groups[key] = _Group(expert, on, job)
                if line.problems:
                    group.held = line.row
                    continue
                minutes = said["minutes"] if "minutes" in said else said["hours"]
                if not minutes:
                    sheet.problems.append(Problem("no_hours", line.row, warning=True))
                    sheet.fates[line.row] = DUPLICATE
                    continue
                twin = (*key, minutes, said.get("note"))
                if twin in twins:
                    sheet.fates[line.row] = DUPLICATE
                    continue
                twins[twin] = line.row
                group.rows.append((sheet, line.row, minutes, said.get("note", "")))
                if not group.checked:
                    group.checked = True
                    try:
                        self._allowed(expert, on, job, last)
                    except Wrong as wrong:
                        group.wrong = wrong
                if group.wrong:
                    raise group.wrong
            except Wrong as wrong:
                if not line.problems:
                    sheet.wrong(wrong.at(line.row))
        self._write_time([group for group in groups.values() if group.rows])

    def _expert_of(self, people: dict, said: dict) -> Expert | None:
        name = said.get("expert")
        if name is None:
            return None
        if name not in people:
            try:
                people[name] = self._find(self.known.experts, "experts", name, "expert")
            except Wrong as wrong:
                people[name] = wrong
        if isinstance(people[name], Wrong):
            raise people[name]
        return people[name]

    def _job_of(self, jobs: dict, said: dict) -> list[Any] | None:
        key = (said.get("mandate"), said.get("organisation"), said.get("activity"))
        if key == (None, None, None):
            return None
        if key not in jobs:
            try:
                jobs[key] = self._jobs(*key)
            except Wrong as wrong:
                jobs[key] = wrong
        if isinstance(jobs[key], Wrong):
            raise jobs[key]
        return jobs[key]

    def _jobs(
        self, mandate: str | None, organisation: str | None, activity: str | None
    ) -> list[Any]:
        """Return what this work may be: a mandate, several of a member, an activity.

        A reference is surest, then the title of a mandate of the organisation.
        """
        known = self.known
        if mandate:
            if found := known.references.get(key_of(mandate)) or known.imported.get(
                ("mandates", key_of(mandate))
            ):
                return [found]
            if organisation is None:
                return self._by_title(mandate)
        if organisation:
            try:
                internal = known.activities.find(organisation)
            except Several:
                internal = None
            if internal is not None and not mandate:
                return [internal]
            own = self._find(
                known.organisations, "members", organisation, "organisation"
            )
            if mandate:
                if found := known.titles.get((id(own), key_of(mandate))):
                    return found
                titles = Names()
                for each in known.mandates_of.get(id(own), ()):
                    titles.add(each.title, each)
                return [self._find(titles, "mandates", mandate, "mandate")]
            if found := known.mandates_of.get(id(own)):
                return found
            raise Wrong("member_without_a_mandate", "organisation", organisation)
        return [self._find(known.activities, "activity", activity or "", "activity")]

    def _by_title(self, title: str) -> list[Any]:
        known = self.known
        if found := known.every_title.rows.get(key_of(title)):
            organisations = {id(each.organisation) for each in found}
            if len(organisations) > 1:
                raise Wrong("two_of_that_name", "mandate", title)
            return found
        try:
            activity = known.activities.find(title)
        except Several:
            activity = None
        if activity is not None:
            return [activity]
        return [self._find(known.every_title, "mandates", title, "mandate")]

    def _allowed(self, expert: Expert, on: date, job: Any, last: date) -> None:
        """Raise Wrong if no time may be written there, and grow the team."""
        if on.replace(day=1) in self.known.locked:
            raise Wrong("month_locked", "on", str(on))
        if on > last:
            raise Wrong("too_far_ahead", "on", str(on))
        if on < expert.started_on:
            raise Wrong("before_the_expert", "on", str(on), on=str(expert.started_on))
        if expert.left_on and on > expert.left_on:
            raise Wrong("after_the_expert", "on", str(on), on=str(expert.left_on))
        if isinstance(job, Activity):
            if job.closed_on and on > job.closed_on:
                raise Wrong("after_the_activity", "on", str(on), on=str(job.closed_on))
            return
        if on < job.opened_on:
            raise Wrong("before_the_mandate", "on", str(on), on=str(job.opened_on))
        if job.closed_on and on > job.closed_on:
            raise Wrong("after_the_mandate", "on", str(on), on=str(job.closed_on))

    def _write_time(self, groups: list["_Group"]) -> None:
        groups = [group for group in groups if not group.wrong]
        here: dict[tuple, int] = {}
        days: dict[tuple, int] = defaultdict(int)
        if groups:
            ids = {group.expert.pk for group in groups if group.expert.pk}
            every = [group.on for group in groups]
            for expert, on, mandate, activity, minutes in time_between(
                ids, min(every), max(every)
            ):
                here[expert, on, mandate, activity] = minutes
                days[expert, on] += minutes
        fresh = []
        for group in groups:
            if group.held:
                group.refuse("held_by_a_row", row=group.held)
                continue
            total = sum(minutes for _s, _r, minutes, _n in group.rows)
            kept = here.get(group.key)
            if kept is not None:
                fate = THERE if kept == total else CHANGED
                for sheet, row, _minutes, _note in group.rows:
                    sheet.fates[row] = fate
                if fate == CHANGED:
                    sheet, row, _minutes, _note = group.rows[0]
                    facts = {"said": total, "kept": kept}
                    sheet.problems.append(
                        Problem("other_hours", row, "hours", "", facts, True)
                    )
                continue
            days[group.person, group.on] += total
            fresh.append((group, total))
        for group, total in fresh:
            if days[group.person, group.on] > MINUTES_IN_A_DAY:
                group.refuse("more_than_a_day")
                continue
            try:
                self._make_team(group)
            except Wrong as wrong:
                code, _column, _value, facts = wrong.problem
                group.refuse(code, **facts)
                continue
            self._make_entry(group, total)

    def _make_team(self, group: "_Group") -> None:
        """Whoever wrote time on a mandate is of its team, at the card's rate."""
        mandate, expert = group.job, group.expert
        if isinstance(mandate, Activity) or (
            mandate.pk or id(mandate), group.person
        ) in self.known.team:  # fmt: skip
            return
        level = self._level(expert, mandate.field)
        rate = self.known.rate(mandate.field, level, mandate.opened_on)
        rate = rate or self.known.rate(mandate.field, level, group.on)
        if rate is None:
            raise Wrong("not_on_the_team", on=str(mandate.opened_on))
        self._join(mandate, expert, level, rate)
        sheet, row, _minutes, _note = group.rows[0]
        facts = {"who": expert.name, "mandate": mandate.title}
        self._warn(sheet, "joined_the_team", row, **facts)

    def _make_entry(self, group: "_Group", total: int) -> None:
        notes = dict.fromkeys(note for _s, _r, _m, note in group.rows if note)
        note = "; ".join(notes)
        if len(note) > _MOST_NOTE:
            note = note[: _MOST_NOTE - 1] + "…"
        self.plan.entries.append(Entry(group.expert, group.on, group.job, total, note))
        self.plan.days.add(group.on)
        for sheet, row, _minutes, _note in group.rows:
            sheet.fates[row] = NEW
        if len(group.rows) > 1:
            sheet, row, _minutes, _note = group.rows[-1]
            rows = [each for _sheet, each, _m, _n in group.rows]
            self._warn(sheet, "added_together", row, rows=rows, minutes=total)


class _Group:
    """The rows of one expert, one day and one work: they make one time."""

    __slots__ = ("checked", "expert", "held", "job", "on", "rows", "wrong")

    def __init__(self, expert: Expert, on: date, job: Any) -> None:
        self.expert, self.on, self.job = expert, on, job
        self.rows: list[tuple[SheetPlan, int, int, str]] = []
        self.held = 0  # the row that is wrong, and that the others wait for
        self.checked = False
        self.wrong: Wrong | None = None

    @property
    def person(self) -> int:
        return self.expert.pk or id(self.expert)

    @property
    def key(self) -> tuple:
        internal = isinstance(self.job, Activity)
        work = (None, self.job.pk) if internal else (self.job.pk, None)
        return (self.expert.pk, self.on, *work) if self.job.pk else ()

    def refuse(self, code: str, **facts: Any) -> None:
        for sheet, row, _minutes, _note in self.rows:
            sheet.wrong(Problem(code, row, facts=facts))


def _on_that_day(jobs: list[Any], on: date, said: dict) -> Any:
    """Return the one that was open that day. Raises Wrong if it is not one."""
    if len(jobs) == 1:
        return jobs[0]
    open_then = [
        job
        for job in jobs
        if job.opened_on <= on and not (job.closed_on and job.closed_on < on)
    ]
    if len(open_then) == 1:
        return open_then[0]
    column = "mandate" if said.get("mandate") else "organisation"
    raise Wrong(
        "which_mandate",
        column,
        said[column],
        count=len(open_then or jobs),
        on=str(on),
    )


def _first_days(sheets: Iterable[ReadSheet]) -> dict[str, date]:
    """Return the first day that each person wrote time, by the key of the name."""
    first: dict[str, date] = {}
    for each in sheets:
        if each.lines and each.found and each.found.kind == "time":
            for line in each.lines.lines:
                name, on = line.values.get("expert"), line.values.get("on")
                if name and on:
                    key = key_of(name)
                    if key not in first or on < first[key]:
                        first[key] = on
    return first


def _name_of(kind: str, said: dict) -> str:
    if kind == "experts":
        whole = f"{said.get('first_name', '')} {said.get('last_name', '')}"
        return (said.get("name") or whole).strip()
    return said.get("title" if kind == "mandates" else "name", "")


def _form_of(name: str) -> str:
    words = set(key_of(name).split())
    if any(word.startswith("coop") for word in words):
        return Organisation.Kind.COOPERATIVE
    if words & {"mutuelle", "mutual"}:
        return Organisation.Kind.MUTUAL
    if words & {"federation", "regroupement", "reseau", "confederation", "network"}:
        return Organisation.Kind.FEDERATION
    return Organisation.Kind.OTHER


_BETWEEN = re.compile(r"[;/\n|&+]|\bet\b|\band\b")


def _parts(text: str, known: Callable[[str], bool]) -> Iterator[str]:
    """Cut a list of names; a comma or an « et » may also be inside of one."""
    text = text.strip()
    if not text:
        return
    if _is(known, text):
        yield text
        return
    for part in filter(None, map(str.strip, re.split(r"[;/\n|]", text))):
        if _is(known, part):
            yield part
            continue
        for piece in filter(None, map(str.strip, _BETWEEN.split(part))):
            commas = [each.strip() for each in piece.split(",") if each.strip()]
            if len(commas) > 1 and not _is(known, piece):
                yield from commas
            else:
                yield piece


def _is(known: Callable[[str], bool], name: str) -> bool:
    try:
        return known(name)
    except Several:
        return True


def _json(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    return list(value) if isinstance(value, list | tuple) else str(value)
