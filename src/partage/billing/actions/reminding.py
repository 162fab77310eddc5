"""Remind of what is late: the steps, the letters, and members who are left alone."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from partage.archive.actions import keep_file
from partage.billing import queries
from partage.billing.actions.printing import how_to_pay, letterhead, party
from partage.billing.models import Invoice, Reminder, ReminderHold, ReminderStep
from partage.documents.reminder import OverdueLine, ReminderDocument, render_reminder
from partage.governance.queries import cooperative
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.members.models import Organisation

MOST_DAYS = 365


class NoReminderDue(ActionRefused):
    sentence = _("Aucun rappel n’est à envoyer. Il est peut-être déjà parti.")


class NoAddress(ActionRefused):
    sentence = _(
        "%(organisation)s n’a pas d’adresse de courriel pour cette étape. "
        "Ajoutez-la dans sa fiche, puis envoyez le rappel."
    )


class StepDaysUnusable(ActionRefused):
    sentence = _("Une étape vient de 1 à 365 jours après l’échéance.")
    field = "days"


class StepTaken(ActionRefused):
    sentence = _(
        "Une étape vient déjà %(days)s jours après l’échéance. Terminez-la d’abord."
    )
    field = "days"


class StepEnded(ActionRefused):
    sentence = _("Cette étape est déjà terminée. Rechargez la page.")


class HoldReasonMissing(ActionRefused):
    sentence = _("Dites pourquoi ce membre ne reçoit plus de rappels.")
    field = "reason"


class AlreadyHeld(ActionRefused):
    sentence = _("Les rappels de %(organisation)s sont déjà suspendus.")


class HoldEndsTooSoon(ActionRefused):
    sentence = _("La suspension finirait avant aujourd’hui. Corrigez sa date.")
    field = "until"


class NotHeld(ActionRefused):
    sentence = _("Les rappels de ce membre ne sont pas suspendus.")


@transaction.atomic
def send_reminders(
    *,
    keys: Iterable[str] | None = None,
    automatic: bool | None = None,
    by: Actor,
) -> list[queries.Due]:
    """Send the reminders that are due today, one letter for an organisation and step.

    Only those of `keys` (see queries.Due), or only those that leave by themselves. An
    invoice is reminded once at a step, whoever else sends at the same moment. The
    letters leave by the journal's entry, once all is written.

    Raises NoReminderDue or NoAddress.
    """
    wanted = None if keys is None else set(keys)
    # Whoever sends the same ones is waited for; what it sent is then no longer due.
    found = queries.reminders_due(by.on, automatic=automatic)
    ids = [one.pk for due in found for one in due.invoices]
    list(Invoice.objects.filter(pk__in=ids).order_by("pk").select_for_update())
    sent = []
    for due in queries.reminders_due(by.on, automatic=automatic):
        if wanted is not None and due.key not in wanted:
            continue
        if not due.recipients:
            if wanted is None:
                continue
            raise NoAddress(organisation=due.organisation.name)
        _send(due, by)
        sent.append(due)
    if not sent and automatic is None:
        raise NoReminderDue
    return sent


def _send(due: queries.Due, by: Actor) -> None:
    language = due.organisation.language
    name = "rappel" if language == "fr" else "reminder"
    pdf = keep_file(
        name=f"{name}-{due.organisation.pk}-{by.on}.pdf",
        content=print_reminder(due, on=by.on),
        by=by,
    )
    Reminder.objects.bulk_create(
        Reminder(
            invoice=one, step=due.step, sent_on=by.on, balance=one.balance, pdf=pdf
        )
        for one in due.invoices
    )
    journal.record(
        what="billing.reminder.sent",
        subject=due.organisation,
        by=by,
        tone=due.step.tone,
        days=due.step.days,
        invoices=[one.number for one in due.invoices],
        total=str(due.total),
        recipients=[list(one) for one in due.recipients],
        file=pdf.pk,
    )
    for one in due.invoices:
        journal.record(
            what="billing.invoice.reminded",
            subject=one,
            by=by,
            number=one.number,
            days=due.step.days,
            balance=str(one.balance),
        )


def print_reminder(due: queries.Due, *, on: date) -> bytes:
    """Print the letter of a reminder, sent or not, in the member's language."""
    language = "en" if due.organisation.language == "en" else "fr"
    coop = cooperative()
    with override(f"{language}-ca"):
        return render_reminder(
            ReminderDocument(
                language=language,
                tone=due.step.tone,
                on=on,
                supplier=letterhead(coop),
                member=party(due.organisation),
                lines=[
                    OverdueLine(
                        number=str(one.number),
                        issued_on=one.issued_on,
                        due_on=one.due_on,
                        total=one.total,
                        balance=one.balance,
                    )
                    for one in due.invoices
                ],
                how_to_pay=how_to_pay(coop),
            )
        )


@transaction.atomic
def add_reminder_step(
    *, days: int, tone: str, recipient: str, automatic: bool, by: Actor
) -> ReminderStep:
    """Add a step from today on. Raises StepDaysUnusable or StepTaken."""
    if not 1 <= days <= MOST_DAYS:
        raise StepDaysUnusable
    if ReminderStep.objects.filter(days=days, ends_on=None).exists():
        raise StepTaken(days=days)
    step = ReminderStep.objects.create(
        days=days,
        tone=tone,
        recipient=recipient,
        automatic=automatic,
        starts_on=by.on,
    )
    journal.record(
        what="billing.reminder_step.added",
        subject=step,
        by=by,
        days=days,
        tone=tone,
        recipient=recipient,
        automatic=automatic,
    )
    return step


@transaction.atomic
def end_reminder_step(*, step_id: int, by: Actor) -> ReminderStep:
    """End a step: from today on it reminds nobody. Raises StepEnded."""
    step = ReminderStep.objects.select_for_update().get(pk=step_id)
    if step.ends_on is not None:
        raise StepEnded
    step.ends_on = max(step.starts_on, by.on - timedelta(days=1))
    step.save(update_fields=["ends_on"])
    journal.record(
        what="billing.reminder_step.ended", subject=step, by=by, days=step.days
    )
    return step


@transaction.atomic
def hold_reminders(
    *, organisation_id: int, reason: str, until: date | None, by: Actor
) -> ReminderHold:
    """Leave a member alone, to a day included or until it is lifted.

    Raises HoldReasonMissing, HoldEndsTooSoon or AlreadyHeld.
    """
    if not reason.strip():
        raise HoldReasonMissing
    if until and until < by.on:
        raise HoldEndsTooSoon
    organisation = Organisation.objects.select_for_update(no_key=True).get(
        pk=organisation_id
    )
    if queries.reminder_holds(by.on).filter(organisation=organisation).exists():
        raise AlreadyHeld(organisation=organisation.name)
    hold = ReminderHold.objects.create(
        organisation=organisation,
        reason=reason.strip()[:200],
        since=by.on,
        until=until,
    )
    journal.record(
        what="billing.reminders.held",
        subject=organisation,
        by=by,
        reason=hold.reason,
        until=until.isoformat() if until else None,
    )
    return hold


@transaction.atomic
def lift_hold(*, organisation_id: int, by: Actor) -> None:
    """Let a member be reminded again. Raises NotHeld."""
    held = queries.reminder_holds(by.on).filter(organisation_id=organisation_id)
    hold = held.select_for_update(of=("self",)).first()
    if hold is None:
        raise NotHeld
    if hold.since >= by.on:
        hold.delete()
    else:
        hold.until = by.on - timedelta(days=1)
        hold.save(update_fields=["until"])
    journal.record(
        what="billing.reminders.resumed",
        subject=hold.organisation,
        by=by,
    )
