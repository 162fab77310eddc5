"""Long work on a year: started once, followed, stopped, taken up again after a kill.

One at a time a year: the row says so, and so does a lock of the database's session,
which goes away with the process that held it.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from procrastinate.contrib.django import app as jobs

from partage.closing.models import Run, YearEnd
from partage.journal.actions import ActionRefused, Actor

# The first key of the advisory lock; the second is the year.
LOCK = 0x636C6F73


class RunUnderWay(ActionRefused):
    sentence = _(
        "Un autre travail est en cours sur cet exercice (%(kind)s). "
        "Attendez sa fin, ou arrêtez-le."
    )


class YearGone(ActionRefused):
    sentence = _("Cet exercice n’existe pas. Revenez à la liste des exercices.")


class Stopped(Exception):
    """Somebody asked for this work to stop."""


Tick = Callable[[int], None]


def hold_year(year_id: int) -> YearEnd:
    """Return the year, locked until commit. Raises YearGone."""
    year = YearEnd.objects.select_for_update().filter(pk=year_id).first()
    if year is None:
        raise YearGone
    return year


def is_held(year_id: int) -> bool:
    """Say whether a process is at work on a year."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"
            " AND database = (SELECT oid FROM pg_database WHERE datname ="
            " current_database()) AND classid = %s AND objid = %s AND granted)",
            [LOCK, year_id],
        )
        return cursor.fetchone()[0]


def is_interrupted(run: Run) -> bool:
    """Say whether a run that should be going on has lost its process."""
    going = run.status in (Run.Status.RUNNING, Run.Status.STOPPING)
    return going and not is_held(run.year_id)


@transaction.atomic
def start_run(*, year: YearEnd, kind: str, by: Actor) -> Run:
    """Write down work to be done, and have it done by the jobs' worker.

    What a killed process left is taken up by the next run. The caller holds the year.
    Raises RunUnderWay.
    """
    live = Run.objects.filter(year=year, status__in=Run.LIVE).first()
    if live and not is_interrupted(live):
        raise RunUnderWay(kind=live.get_kind_display())
    if live:
        Run.objects.filter(pk=live.pk).update(status=Run.Status.STOPPED)
    run = Run.objects.create(
        year=year, kind=kind, started_at=by.at, started_by_id=by.user_id
    )
    jobs.configure_task("closing_run").defer(run_id=run.pk)
    return run


@transaction.atomic
def stop_run(*, run_id: int, by: Actor) -> Run:
    """Ask a run to stop; what it has done so far stands, or was never written."""
    run = Run.objects.select_for_update().get(pk=run_id)
    if run.status == Run.Status.WAITING or is_interrupted(run):
        run.status = Run.Status.STOPPED
    elif run.status == Run.Status.RUNNING:
        run.status = Run.Status.STOPPING
    run.save(update_fields=["status"])
    return run


def work_on(
    run_id: int, works: dict[str, Callable[[Run, Actor, Tick], str]], *, at: datetime
) -> Run:
    """Do the work of a run; what refuses it is said in its message.

    `works` gives, for each kind, what does it and returns its last word. Somebody
    else at work on the year, or a run that ended: nothing is done.
    """
    run = Run.objects.select_related("year", "started_by").get(pk=run_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, run.year_id])
        if not cursor.fetchone()[0]:
            return run
    try:
        taken = Run.objects.filter(
            pk=run_id, status__in=(Run.Status.WAITING, Run.Status.RUNNING)
        ).update(status=Run.Status.RUNNING)
        if taken:
            _work(run, works[run.kind], at)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, run.year_id])
    run.refresh_from_db()
    return run


def _work(run: Run, work: Callable[[Run, Actor, Tick], str], at: datetime) -> None:
    def tick(done: int) -> None:
        going = Run.objects.filter(pk=run.pk, status=Run.Status.RUNNING)
        if not going.update(done=done):
            raise Stopped

    user = run.started_by
    by = Actor(user_id=run.started_by_id, name=str(user) if user else "", at=at)
    status, message = Run.Status.DONE, ""
    with override(f"{user.language if user else 'fr'}-ca"):
        try:
            message = work(run, by, tick)
        except Stopped:
            status = Run.Status.STOPPED
        except ActionRefused as why:
            status, message = Run.Status.REFUSED, str(why)
    Run.objects.filter(pk=run.pk).update(status=status, message=message)
