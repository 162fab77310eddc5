"""An act, its journal entry, its job, and the letter at a real SMTP server."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from email import message_from_bytes, policy
from socket import socket

import pytest
from aiosmtpd.controller import Controller
from django.db import connection, connections, transaction
from django.urls import reverse
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from partage.archive.actions import keep_file
from partage.jobs.letters import Letter, time_reminders
from partage.jobs.tasks import send_letter
from partage.journal import actions as journal
from partage.needs.actions import file_need
from partage.people.actions import open_account
from partage.people.models import Role, User
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True)


class Postbox:
    """What an SMTP server received, as e-mails that can be read."""

    def __init__(self):
        self.letters = []

    async def handle_DATA(self, server, session, envelope):
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def postbox(settings):
    box = Postbox()
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    yield box
    server.stop()


@pytest.fixture(autouse=True)
def _house():
    # No jobs of another test: their tables are not Django's to empty.
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
    builders.cooperative()


def work():
    """Run the worker until no job is left."""

    async def once():
        with app.replace_connector(app.connector.get_worker_connector()) as busy:
            async with busy.open_async():
                await busy.run_worker_async(
                    wait=False, install_signal_handlers=False, listen_notify=False
                )

    # In a thread of its own: a browser test may have left a loop running in this one.
    with ThreadPoolExecutor(1) as aside:
        aside.submit(asyncio.run, once()).result()
    connections.close_all()


def filed(person, organisation, **more):
    return file_need(
        organisation_id=organisation.pk,
        requested_by_id=person.pk,
        channel="PORTAL",
        title="Revoir notre bail",
        text="Le propriétaire propose une hausse.",
        language="fr",
        urgency=2,
        place="REMOTE",
        by=builders.actor(person),
        **more,
    )


def jobs(task="send_letter"):
    return ProcrastinateJob.objects.filter(task_name=task)


class TestALetter:
    @pytest.mark.parametrize(("language", "said"), [("fr", "est reçue"), ("en", None)])
    def test_follows_the_act_in_the_language_of_its_reader(
        self, postbox, language, said
    ):
        anse = builders.organisation("Coopérative de l’Anse")
        person = builders.representative(anse, language=language)
        need = filed(person, anse)
        work()
        (letter,) = postbox.letters
        assert letter["To"] == person.email
        assert need.reference in letter["Subject"]
        text = letter.get_content()
        assert reverse("member:need", args=[need.pk]) in text
        if said:
            assert said in letter["Subject"]

    def test_brings_its_document(self, postbox):
        with transaction.atomic():
            paper = keep_file(
                name="offre.pdf", content=b"%PDF-1.7 offre", by=builders.actor()
            )
            send_letter.defer(
                letter=Letter(
                    "need_received",
                    "rosalie@anse.example",
                    "fr",
                    {"reference": "D-2025-0147", "title": "Bail", "reason": ""},
                    "/membre/",
                    paper.pk,
                ).as_job()
            )
        work()
        (letter,) = postbox.letters
        (document,) = letter.iter_attachments()
        assert document.get_filename() == "offre.pdf"
        assert document.get_content() == b"%PDF-1.7 offre"

    def test_is_never_sent_for_an_act_that_was_rolled_back(self, postbox):
        anse = builders.organisation()
        person = builders.representative(anse)
        with suppress(RuntimeError), transaction.atomic():
            filed(person, anse)
            raise RuntimeError("the page broke")
        work()
        assert postbox.letters == []
        assert not jobs("what_happens_next").exists()

    def test_is_queued_once_for_one_act_however_often_it_is_looked_at(self, postbox):
        anse = builders.organisation()
        person = builders.representative(anse)
        filed(person, anse)
        entry_id = jobs("what_happens_next").get().args["entry_id"]
        app.configure_task("what_happens_next").defer(entry_id=entry_id)
        work()
        assert len(postbox.letters) == 1

    def test_invites_with_a_link_that_chooses_a_password_once(self, postbox, client):
        open_account(
            email="rosalie@anse.example",
            name="Rosalie Gagné",
            language="fr",
            roles=[Role.MEMBER],
            by=builders.actor(),
        )
        work()
        (letter,) = postbox.letters
        text = letter.get_content()
        assert "Rosalie Gagné" in text
        (link,) = re.findall(r"http://[^/\s]+(/\S+)", text)
        # The key is in the letter alone: no job keeps it.
        assert not any(link in str(job.args) for job in ProcrastinateJob.objects.all())
        page = client.get(link, follow=True)
        chosen = {"password1": "Marée-haute-2025", "password2": "Marée-haute-2025"}
        client.post(page.redirect_chain[-1][0], chosen)
        rosalie = User.objects.get(email="rosalie@anse.example")
        assert rosalie.check_password("Marée-haute-2025")
        client.logout()
        again = client.get(link, follow=True)
        assert "form" not in again.context or "password1" not in again.content.decode()

    def test_is_not_sent_to_whoever_chose_a_password_as_the_account_opened(
        self, postbox
    ):
        open_account(
            email="demo@partage.example",
            name="Compte de démonstration",
            language="fr",
            roles=[Role.BOARD],
            password="Démonstration-1",
            by=builders.actor(),
        )
        work()
        assert postbox.letters == []

    def test_reminds_of_the_last_week_that_is_over(self):
        account = builders.user(Role.EXPERT)
        builders.expert("Karim Benali", account=account)
        builders.expert("Sans compte")
        (letter,) = time_reminders(on=builders.TODAY)
        assert letter.to == account.email
        assert letter.facts == {"monday": "2025-03-31"}


def test_an_act_without_consequences_sends_nothing(postbox):
    with transaction.atomic():
        journal.record(
            what="members.organisation.changed",
            subject=builders.organisation(),
            by=builders.actor(),
        )
    work()
    assert postbox.letters == []
