"""Reminders: seen before they leave, sent once, in the reader's language, or held."""

from datetime import date, timedelta
from io import BytesIO
from threading import Barrier, Thread

import pytest
from django.db import connection, connections
from django.urls import reverse
from pypdf import PdfReader

from partage.billing import queries
from partage.billing.actions import (
    add_reminder_step,
    end_reminder_step,
    hold_reminders,
    issue_invoice,
    lift_hold,
    record_payment,
    send_reminders,
)
from partage.billing.actions.reminding import (
    AlreadyHeld,
    HoldEndsTooSoon,
    HoldReasonMissing,
    NoAddress,
    NoReminderDue,
    NotHeld,
    StepDaysUnusable,
    StepEnded,
    StepTaken,
)
from partage.billing.models import Reminder, ReminderStep
from partage.jobs.tasks import remind_of_invoices
from partage.journal.models import Entry
from partage.people.models import Role
from tests import builders
from tests.doors.test_billing import words_of
from tests.doors.test_letters import Postbox, postbox, work

__all__ = ["Postbox", "postbox"]
pytestmark = pytest.mark.django_db(transaction=True)
TODAY = builders.TODAY


@pytest.fixture(autouse=True)
def _house(db):
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
    builders.cooperative()
    builders.taxes()
    for days, tone, recipient in (
        (10, "COURTEOUS", "BILLING"),
        (30, "FIRM", "BOTH"),
    ):
        ReminderStep.objects.create(
            days=days, tone=tone, recipient=recipient, starts_on=date(2020, 1, 1)
        )


def late(days, amount="1140.00", *, org=None, **more):
    """An invoice that was due so many days ago."""
    org = org or builders.organisation(
        **{"email": f"compta{days}@anse.example", **more}
    )
    mandate = builders.mandate(org=org)
    at = builders.NOW - timedelta(days=days + 30)
    draft = builders.draft(amount, on=mandate, period=date(2024, 10, 1))
    return issue_invoice(invoice_id=draft.pk, by=builders.actor(at=at))


def text_of(content):
    pages = PdfReader(BytesIO(bytes(content))).pages
    return " ".join(page.extract_text() for page in pages).replace("\u00a0", " ")


@pytest.fixture
def finance(client):
    client.force_login(builders.user(Role.FINANCE, name="Nadia Roy"))
    return client


class TestSending:
    def test_one_letter_for_a_member_and_step_at_a_real_server_with_its_letter(
        self, postbox
    ):
        org = builders.organisation("Coopérative de l’Anse", email="anse@anse.example")
        first, second = late(25, org=org), late(12, "140.00", org=org)
        send_reminders(by=builders.actor())
        work()
        letters = [one for one in postbox.letters if "Rappel" in one["Subject"]]
        (letter,) = letters
        assert letter["To"] == "anse@anse.example"
        assert f"factures {first.number}, {second.number}" in letter["Subject"].replace(
            "\u00a0", " "
        )
        (document,) = letter.iter_attachments()
        words = text_of(document.get_content())
        assert "1 471,69 $" in words
        assert "sauf erreur" in words
        assert Reminder.objects.count() == 2

    def test_each_reader_is_written_to_in_its_own_language(self, postbox):
        org = builders.organisation(
            "Lakeshore Co-op", email="ap@lakeshore.example", language="en"
        )
        builders.representative(org, language="fr", email="julie@lakeshore.example")
        late(31, org=org)
        send_reminders(by=builders.actor())
        work()
        subjects = {
            one["To"]: one["Subject"]
            for one in postbox.letters
            if one["Subject"].startswith(("Rappel", "Reminder"))
        }
        assert subjects["ap@lakeshore.example"].startswith("Reminder")
        assert subjects["julie@lakeshore.example"].startswith("Rappel")

    def test_it_is_never_sent_twice_for_a_step_then_comes_the_next(self):
        invoice = late(12)
        send_reminders(by=builders.actor())
        with pytest.raises(NoReminderDue):
            send_reminders(by=builders.actor())
        after = builders.actor(at=builders.NOW + timedelta(days=18))
        send_reminders(by=after)
        steps = Reminder.objects.filter(invoice=invoice).order_by("sent_on")
        assert [one.step.days for one in steps] == [10, 30]
        assert Entry.objects.filter(what="billing.reminder.sent").count() == 2

    def test_two_people_who_send_at_once_send_once(self):
        late(12)
        by, gate, problems = builders.actor(), Barrier(2), []

        def send():
            gate.wait()
            try:
                send_reminders(by=by)
            except NoReminderDue as problem:
                problems.append(problem)
            finally:
                connections.close_all()

        threads = [Thread(target=send) for _each in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(problems) == 1
        assert Reminder.objects.count() == 1

    def test_what_is_paid_or_credited_is_not_reminded(self):
        invoice = late(12)
        record_payment(
            invoice_id=invoice.pk,
            amount=invoice.total,
            received_on=TODAY,
            by=builders.actor(),
        )
        assert queries.reminders_due(TODAY) == []

    def test_a_member_without_an_address_is_named_when_it_is_chosen(self):
        late(12, email="")
        (due,) = queries.reminders_due(TODAY)
        with pytest.raises(NoAddress) as refused:
            send_reminders(keys=[due.key], by=builders.actor())
        assert due.organisation.name in str(refused.value)
        assert not Reminder.objects.exists()

    def test_the_job_sends_only_the_steps_that_leave_by_themselves(self):
        late(12)
        remind_of_invoices(0)
        assert not Reminder.objects.exists()
        ReminderStep.objects.update(automatic=True)
        remind_of_invoices(0)
        remind_of_invoices(0)
        assert Reminder.objects.count() == 1
        assert Entry.objects.get(what="billing.reminder.sent").actor_name == "Partage"


class TestHolds:
    def test_a_member_on_hold_is_left_alone_until_its_day_or_until_it_is_lifted(self):
        org = late(12).organisation
        hold = {"organisation_id": org.pk, "by": builders.actor()}
        hold_reminders(reason="Entente", until=date(2025, 4, 30), **hold)
        assert queries.reminders_due(TODAY) == []
        assert queries.reminders_due(date(2025, 5, 1))
        with pytest.raises(AlreadyHeld):
            hold_reminders(reason="Entente", until=None, **hold)
        lift_hold(**hold)
        assert queries.reminders_due(TODAY)
        with pytest.raises(NotHeld):
            lift_hold(**hold)

    def test_it_says_why_and_ends_later_than_today(self):
        org = builders.organisation()
        with pytest.raises(HoldReasonMissing):
            hold_reminders(
                organisation_id=org.pk, reason=" ", until=None, by=builders.actor()
            )
        with pytest.raises(HoldEndsTooSoon):
            hold_reminders(
                organisation_id=org.pk,
                reason="Entente",
                until=date(2025, 4, 6),
                by=builders.actor(),
            )


class TestSteps:
    def test_they_are_added_and_ended_never_changed(self):
        new = {"tone": "FINAL", "recipient": "BOTH", "automatic": False}
        with pytest.raises(StepTaken):
            add_reminder_step(days=10, **new, by=builders.actor())
        with pytest.raises(StepDaysUnusable):
            add_reminder_step(days=0, **new, by=builders.actor())
        step = ReminderStep.objects.get(days=10)
        end_reminder_step(step_id=step.pk, by=builders.actor())
        with pytest.raises(StepEnded):
            end_reminder_step(step_id=step.pk, by=builders.actor())
        add_reminder_step(days=10, **new, by=builders.actor())
        in_force = queries.reminder_steps(TODAY)
        assert [(one.days, one.tone) for one in in_force] == [
            (10, "FINAL"),
            (30, "FIRM"),
        ]


class TestPages:
    def test_the_letter_is_seen_then_sent_from_the_page(self, finance):
        invoice = late(12)
        page = finance.get(reverse("finance:reminders"))
        assert "compta12@anse.example" in words_of(page)
        (due,) = page.context["due"]
        preview = reverse(
            "finance:reminder_preview", args=[due.organisation.pk, due.step.pk]
        )
        assert f"{invoice.number}" in text_of(finance.get(preview).content)
        assert not Reminder.objects.exists()
        url = reverse("finance:reminders")
        assert finance.post(url, {"do": "chosen"}).status_code == 409
        answer = finance.post(url, {"do": "chosen", "due": due.key}, follow=True)
        assert "1 rappel part" in words_of(answer)
        assert finance.get(preview).status_code == 404
        kept = finance.get(
            reverse("finance:reminder_letter", args=[Reminder.objects.get().pk])
        )
        assert "1 310,72 $" in text_of(kept.content)
        again = finance.post(url, {"do": "all"})
        assert again.status_code == 409
        assert "Rappelée, à 10 jours" in words_of(
            finance.get(reverse("finance:invoice", args=[invoice.pk]))
        )

    def test_steps_are_changed_and_a_wrong_one_is_kept_as_typed(self, finance):
        url = reverse("finance:reminder_steps")
        new = {"tone": "FINAL", "recipient": "BOTH"}
        wrong = finance.post(url, {**new, "days": "dix"})
        assert wrong.status_code == 422
        assert 'value="dix"' in words_of(wrong)
        assert finance.post(url, {**new, "days": "10"}).status_code == 409
        finance.post(url, {**new, "days": "60"})
        step = ReminderStep.objects.get(days=60)
        finance.post(url, {"step": step.pk})
        step.refresh_from_db()
        assert step.ends_on is not None

    def test_a_member_is_held_and_resumed_from_its_page(self, finance):
        org = late(12).organisation
        url = reverse("finance:reminder_hold", args=[org.pk])
        assert finance.post(url, {"do": "hold", "reason": ""}).status_code == 409
        answer = finance.post(
            url, {"do": "hold", "reason": "Entente en trois versements"}, follow=True
        )
        assert "Entente en trois versements" in words_of(answer)
        answer = finance.post(url, {"do": "lift"}, follow=True)
        assert "Les rappels reprennent" in words_of(answer)
