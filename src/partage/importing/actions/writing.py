"""Write a plan: a constant number of statements, whatever the number of rows."""

import re
from collections import defaultdict
from datetime import date

from django.db import connection
from django.db.models import F

from partage.experts.models import Expert, Schedule, Skill
from partage.importing.models import Import, ImportedRow
from partage.importing.queries.plan import Plan
from partage.journal.actions import Actor, next_numbers
from partage.mandates.models import Mandate, TeamMember
from partage.members.models import Membership, Organisation
from partage.rules.calendar import monday_of
from partage.timesheets.actions.opening import hold_months
from partage.timesheets.models import Activity, TimeEntry, Week

_OURS = re.compile(r"M-(\d{4})-(\d{4,6})")
_BATCH = 5_000


def write(plan: Plan, *, origin: Import, by: Actor) -> None:
    """Save what the plan holds, upstream first: each row finds its numbers there."""
    hold_months(plan.days)
    _members(plan)
    Expert.objects.bulk_create(plan.experts)
    Skill.objects.bulk_create(plan.skills)
    Schedule.objects.bulk_create(plan.schedules)
    _mandates(plan)
    _time(plan, by)
    ImportedRow.objects.bulk_create(
        [
            ImportedRow(origin=origin, kind=kind, key=key[:500], object_id=thing.pk)
            for kind, key, thing in plan.keys
        ],
        ignore_conflicts=True,
    )


def _members(plan: Plan) -> None:
    Organisation.objects.bulk_create(plan.organisations)
    served = []
    for organisation, network in plan.networks:
        organisation.network = network
        served.append(organisation)
    if served:
        Organisation.objects.bulk_update(served, ["network"], batch_size=_BATCH)
    given = [
        int(m.number) for m in plan.memberships if re.fullmatch(r"\d{1,6}", m.number)
    ]
    without = [each for each in plan.memberships if not each.number]
    if plan.memberships:
        numbers = next_numbers("membership", len(without), after=max(given, default=0))
        for each, number in zip(without, numbers, strict=True):
            each.number = f"{number:04d}"
    Membership.objects.bulk_create(plan.memberships)


def _mandates(plan: Plan) -> None:
    """Save the mandates; those without a reference get one of their year."""
    without: dict[int, list[Mandate]] = defaultdict(list)
    greatest: dict[int, int] = defaultdict(int)
    for mandate in plan.mandates:
        if not mandate.reference:
            without[mandate.opened_on.year].append(mandate)
        elif found := _OURS.fullmatch(mandate.reference):
            year = int(found[1])
            greatest[year] = max(greatest[year], int(found[2]))
    for year in sorted({*without, *greatest}):
        # Numbers that came with the file are never given again.
        numbers = next_numbers(f"M-{year}", len(without[year]), after=greatest[year])
        for mandate, number in zip(without[year], numbers, strict=True):
            mandate.reference = f"M-{year}-{number:04d}"
    Mandate.objects.bulk_create(plan.mandates)
    TeamMember.objects.bulk_create(plan.team)


def _time(plan: Plan, by: Actor) -> None:
    """Save the time in weeks that are approved; weeks that exist stay as they are."""
    if not plan.entries:
        return
    mondays = {on: monday_of(on) for on in plan.days}
    people = {id(entry.expert): entry.expert for entry in plan.entries}
    wanted: set[tuple[int, date]] = {
        (entry.expert.pk, mondays[entry.on]) for entry in plan.entries
    }
    Week.objects.bulk_create(
        [
            Week(
                expert_id=expert_id,
                monday=monday,
                status=Week.Status.APPROVED,
                submitted_at=by.at,
                approved_at=by.at,
                approved_by_id=by.user_id,
            )
            for expert_id, monday in sorted(wanted)
        ],
        ignore_conflicts=True,
    )
    weeks = {
        (week.expert_id, week.monday): week
        for week in Week.objects.select_for_update()
        .filter(
            expert_id__in=[expert.pk for expert in people.values()],
            monday__range=(min(mondays.values()), max(mondays.values())),
        )
        .order_by("expert_id", "monday")
        if (week.expert_id, week.monday) in wanted
    }
    Week.objects.filter(pk__in=[week.pk for week in weeks.values()]).update(
        version=F("version") + 1
    )
    # One statement, ten times as fast as rows made by the ORM.
    table = TimeEntry._meta.db_table
    columns = "week_id, expert_id, on, mandate_id, activity_id, minutes, note"
    quoted = ", ".join(f'"{name}"' for name in columns.split(", "))
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({quoted}) FROM STDIN") as copy,
    ):
        for expert, on, job, minutes, note in plan.entries:
            week = weeks[expert.pk, mondays[on]]
            internal = isinstance(job, Activity)
            work = (None, job.pk) if internal else (job.pk, None)
            copy.write_row((week.pk, expert.pk, on, *work, minutes, note))
