"""How long does a coordinator wait: for a need's candidates, and after one change?

On the demonstration year, brought to 70 experts and 150 open parts, and left as it
was found (one transaction, undone at the end):

- the candidates of a part, with what each choice does to everyone else, as the page
  is asked for. The rival is the same page asked for one person at a time (who has
  the field, the language, the hours), which is what directories do;
- one change (an absence, a refusal, an urgent need), from the act to the proposal
  with its few moves. The rival is a whole plan sought anew after the same change.

Run: .venv/bin/python benchmarks/planning_room.py [--quick]
It reads the database of this machine (or of DATABASE_URL), which must hold the
demonstration.
"""

import argparse
import json
import os
import random
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, process_time

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from partage.cli.main import prepare_the_environment

prepare_the_environment()

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partage.config.database import reachable
from partage.experts.models import Absence, Expert, Skill
from partage.experts.queries import present
from partage.governance.queries import business_now, business_today
from partage.jobs import planning as jobs
from partage.jobs.actor import the_house
from partage.journal.actions import Actor
from partage.mandates.queries import engaged_needs
from partage.members.models import Organisation
from partage.needs.models import Need
from partage.planning import queries
from partage.planning.actions import (
    accept_assignment,
    ask_for_plan,
    decide_changes,
    decline_assignment,
)
from partage.planning.models import Assignment, Proposal, Weighting
from partage.planning.queries import engine
from tests import builders
from tests.doors.walk import ACCOUNTS

EXPERTS, PARTS = 70, 150
# Makes a change, and returns the cause of the plan that follows.
Change = Callable[[random.Random, Actor], str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    call_command("collectstatic", interactive=False, verbosity=0)
    with reachable(settings.VAR):
        if "governance_cooperative" not in connection.introspection.table_names():
            sys.exit("This database is empty: start it once with « python3 run.py ».")
        engine.warm()
        # What each weight did is sought once a whole plan waits: nobody waits for it.
        jobs.WEIGH_SECONDS = 0.0
        with transaction.atomic():
            fill(random.Random(2026))
            measure(random.Random(7), quick)
            transaction.set_rollback(True)


def fill(draw: random.Random) -> None:
    """Bring the demonstration to the size that is asked for."""
    today = business_today()
    here = list(present(today).order_by("pk").values_list("pk", flat=True))
    Expert.objects.filter(pk__in=here[EXPERTS:]).update(
        left_on=today - timedelta(days=1)
    )
    organisations = list(Organisation.objects.order_by("pk"))
    skills = list(Skill.objects.filter(expert_id__in=here[:EXPERTS]).order_by("pk"))
    there = queries.open_parts().exclude(need_id__in=engaged_needs()).count()
    for _more in range(PARTS - there):
        skill = draw.choice(skills)
        organisation = draw.choice(organisations)
        start = today + timedelta(days=draw.randrange(0, 42))
        builders.triaged_need(
            organisation,
            code=skill.field.code,
            level=draw.randint(1, skill.level),
            minutes=60 * draw.choice([8, 12, 20, 30, 45, 60]),
            language=draw.choice(skill.expert.languages),
            urgency=draw.choice([1, 2, 2, 2, 3]),
            received_at=business_now() - timedelta(days=draw.randrange(0, 30)),
            wished_from=start,
            wished_until=start + timedelta(days=draw.randrange(28, 70)),
        )


def measure(draw: random.Random, quick: bool) -> None:
    by = the_house()
    promise(draw, by)
    plan_whole(5)
    print(f"{os.uname().machine}, {os.cpu_count()} processors")
    print(f"{EXPERTS} experts, {PARTS} open parts")
    pages, alone = candidates(draw, 10 if quick else 60)
    changes = [
        one_change(draw, by, each)
        for each in (an_absence, a_refusal, an_urgent_need) * (2 if quick else 10)
    ]
    found = {
        "candidates_ms": tell("candidates, for everyone", pages, 1000),
        "alone_ms": tell("candidates, each person alone", alone, 1000),
        "change_s": tell("one change, to its few moves", [c[0] for c in changes], 1),
        "whole_s": tell("a whole plan after it", [c[1] for c in changes], 1),
        "moves": median(c[2] for c in changes),
        "most_moves": max(c[2] for c in changes),
        "cost_over_whole_percent": [
            round(median(c[3] for c in changes), 2),
            round(max(c[3] for c in changes), 2),
        ],
        "aims": {"candidates_ms": 200, "change_s": 1},
    }
    print(json.dumps(found))


def tell(
    name: str, taken: Sequence[tuple[float, float]], unit: int
) -> dict[str, float]:
    """Print and return the time on the wall, and the processor's own."""
    wall, own = ([one[i] * unit for one in taken] for i in (0, 1))
    found = {
        "p50": round(median(wall), 3),
        "p95": round(quantiles(wall, n=20)[-1], 3),
        "processor_p50": round(median(own), 3),
        "processor_p95": round(quantiles(own, n=20)[-1], 3),
    }
    print(f"{name:32}" + "".join(f"{k:>15} {v:7.2f}" for k, v in found.items()))
    return found


def timed(act: Callable[[], object]) -> tuple[float, float]:
    """On the wall, and of this process: others may share the machine."""
    wall, own = perf_counter(), process_time()
    act()
    return perf_counter() - wall, process_time() - own


def plan_whole(seconds: int) -> Proposal:
    asked = ask_for_plan(
        cause=Proposal.Cause.ASKED, by=the_house(), now=timezone.now(), run=False
    )
    Weighting.objects.filter(pk=asked.weighting_id).update(seconds=seconds)
    jobs.seek(asked.pk)
    asked.refresh_from_db()
    return asked


def promise(draw: random.Random, by: Actor) -> None:
    """Take half of a first plan, and let half of those who are asked accept."""
    first = plan_whole(5)
    ids = list(first.changes.order_by("pk").values_list("pk", flat=True))
    decided = decide_changes(
        proposal_id=first.pk,
        change_ids=set(draw.sample(ids, len(ids) // 2)),
        accepts=True,
        by=by,
        engaged=engaged_needs(),
    )
    for change in decided.given:
        held = change.assignment
        if held.status == Assignment.Status.PROPOSED and draw.random() < 0.5:
            accept_assignment(assignment_id=held.pk, expert_id=held.expert_id, by=by)


def candidates(draw: random.Random, count: int) -> tuple[list, list]:
    client = Client(headers={"host": "localhost"})
    client.login(username=ACCOUNTS["coordination"], password="partage-2025")
    parts = list(queries.open_parts().exclude(need_id__in=engaged_needs()))
    pages, alone = [], []
    for part in draw.sample(parts, count):
        address = reverse("coordination:candidates", args=[part.pk])
        one_by_one = partial(queries.candidates_for, part, on=business_today())
        alone.append(timed(one_by_one))
        pages.append(timed(partial(client.get, address)))
    return pages[1:], alone[1:]


def one_change(draw: random.Random, by: Actor, change: Change) -> tuple:
    """Time on the wall after a change, and how much more than a whole plan it costs."""
    point = transaction.savepoint()
    cause = change(draw, by)

    def replanned() -> None:
        asked = ask_for_plan(cause=cause, by=by, now=timezone.now(), run=False)
        jobs.seek(asked.pk)

    near = timed(replanned)
    found = queries.standing_proposal()
    moves = found.changes.filter(fresh=True).count()
    whole = timed(partial(plan_whole, 5))
    best = queries.standing_proposal().cost
    transaction.savepoint_rollback(point)
    return near, whole, moves, 100 * (found.cost - best) / best


def an_absence(draw: random.Random, by: Actor) -> str:
    held = Assignment.objects.filter(
        queries.live(), ends_on__gt=by.on + timedelta(days=7)
    )
    expert_id = draw.choice(list(held.order_by("pk").values_list("expert", flat=True)))
    start, end = by.on + timedelta(days=7), by.on + timedelta(days=35)
    Absence.objects.filter(
        expert_id=expert_id, starts_on__lte=end, ends_on__gte=start
    ).delete()
    Absence.objects.create(expert_id=expert_id, starts_on=start, ends_on=end)
    return Proposal.Cause.ABSENCE


def a_refusal(draw: random.Random, by: Actor) -> str:
    asked = Assignment.objects.filter(status=Assignment.Status.PROPOSED).order_by("pk")
    one = draw.choice(list(asked))
    decline_assignment(
        assignment_id=one.pk, expert_id=one.expert_id, answer="Non.", by=by
    )
    return Proposal.Cause.DECLINED


def an_urgent_need(draw: random.Random, by: Actor) -> str:
    skill = draw.choice(list(Skill.objects.filter(level__gte=2).order_by("pk")))
    organisation = draw.choice(list(Organisation.objects.order_by("pk")))
    builders.triaged_need(
        organisation,
        code=skill.field.code,
        minutes=30 * 60,
        urgency=Need.Urgency.URGENT,
        received_at=by.at,
        wished_from=by.on,
        wished_until=by.on + timedelta(days=28),
    )
    return Proposal.Cause.NEED


if __name__ == "__main__":
    main()
