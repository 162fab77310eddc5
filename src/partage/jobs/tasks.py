"""Jobs: what runs beside the pages, from the same database.

A job may run twice (a worker killed between its last word and its end), so each
letter is its own job: at worst one letter is sent again, never a whole batch.
"""

from procrastinate.contrib.django import app

from partage.archive.actions import sweep_files
from partage.billing.actions import draft_recurring, send_reminders
from partage.closing import actions as closing
from partage.governance.queries import business_now, business_today
from partage.jobs import letters, planning
from partage.jobs.actor import the_house
from partage.jobs.what_happens_next import CONSEQUENCES
from partage.journal.models import Entry
from partage.knowledge.actions import read_version

DAY_SECONDS = 24 * 3600


@app.task(name="what_happens_next", retry=5)
def what_happens_next(entry_id: int) -> None:
    """Find the consequences of an act and defer each on its own."""
    entry = Entry.objects.get(pk=entry_id)
    if entry.what in planning.CHANGES:
        replan.defer(entry_id=entry.pk)
    if entry.what not in CONSEQUENCES:
        return
    for letter in CONSEQUENCES[entry.what](entry):
        send_letter.configure(
            # The same act never queues the same letter to the same person twice.
            queueing_lock=f"{entry.pk} {letter.template} {letter.to}"
        ).defer(letter=letter.as_job())


@app.task(name="send_letter", retry=5)
def send_letter(letter: dict) -> None:
    """Send one letter."""
    letters.send(letters.Letter.from_job(letter))


# One search at a time: two would share the same processors and wait for each other.
@app.task(name="seek_plan", lock="planning", retry=1)
def seek_plan(proposal_id: int) -> None:
    """Seek a plan that coordination asked for."""
    planning.seek(proposal_id)


@app.task(name="replan", lock="planning", retry=3)
def replan(entry_id: int) -> None:
    """Say what an absence, a refusal or an urgent need changes."""
    planning.after(Entry.objects.get(pk=entry_id))


@app.periodic(cron="30 2 * * *")
@app.task(name="plan_tonight", lock="planning", queueing_lock="plan_tonight")
def plan_tonight(timestamp: int) -> None:
    """Plan the whole open demand for the day that begins."""
    planning.tonight()


@app.task(name="read_document", retry=3)
def read_document(version_id: int) -> None:
    """Read the document of a version of a piece, in a process of its own."""
    read_version(version_id=version_id, by=the_house())


@app.task(name="closing_run", retry=0)
def closing_run(run_id: int) -> None:
    """Do long work on a year; its row says how far it is, and lets it be stopped."""
    closing.work(run_id, at=business_now())


@app.periodic(cron="0 15 * * 5")
@app.task(name="remind_of_time", queueing_lock="remind_of_time")
def remind_of_time(timestamp: int) -> None:
    """On Friday afternoon, remind those whose week is not submitted."""
    for letter in letters.time_reminders(on=business_today()):
        send_letter.defer(letter=letter.as_job())


@app.periodic(cron="0 13 * * 1-5")
@app.task(name="remind_of_invoices", queueing_lock="remind_of_invoices")
def remind_of_invoices(timestamp: int) -> None:
    """On working days, send the reminders whose step leaves by itself."""
    send_reminders(automatic=True, by=the_house())


@app.periodic(cron="0 13 * * 1")
@app.task(name="remind_of_closing", queueing_lock="remind_of_closing")
def remind_of_closing(timestamp: int) -> None:
    """On Monday morning, remind those whose mandate ended and is not closed."""
    for letter in letters.closing_reminders(on=business_today()):
        send_letter.defer(letter=letter.as_job())


@app.periodic(cron="0 6 * * *")
@app.task(name="draft_recurring", queueing_lock="draft_recurring")
def draft_what_recurs(timestamp: int) -> None:
    """Each morning, draft what schedules bill that day; a period never twice."""
    draft_recurring(by=planning.system())


@app.periodic(cron="30 3 * * *")
@app.task(name="sweep", queueing_lock="sweep", pass_context=True)
async def sweep(context, timestamp: int) -> None:
    """Forget jobs that ended a month ago; the journal keeps what happened."""
    await app.job_manager.delete_old_jobs(nb_hours=30 * 24, include_failed=False)


@app.periodic(cron="45 3 * * *")
@app.task(name="sweep_files", queueing_lock="sweep_files")
def sweep_abandoned_files(timestamp: int) -> None:
    """Delete the files whose form was never sent."""
    sweep_files(by=the_house())
