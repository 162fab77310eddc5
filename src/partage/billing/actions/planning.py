"""Agree on what is billed otherwise than by the hour: deposits, prices, fees."""

from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partage.billing import queries
from partage.billing.actions.drafting import LARGEST, NothingToBill, draft_invoices
from partage.billing.models import Instalment, InvoicedWork, Schedule
from partage.documents import words
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.mandates.models import Mandate, Milestone
from partage.rules.calendar import months_after
from partage.rules.money import is_exact


class AgreedAmountUnusable(ActionRefused):
    sentence = _("Un montant convenu est au-dessus de zéro, en dollars et en cents.")
    field = "amount"


class TitleMissing(ActionRefused):
    sentence = _("Décrivez ce qui est convenu : c’est ce que le membre lira.")
    field = "title"


class MilestoneOfAnother(ActionRefused):
    sentence = _("Ce jalon n’est pas de ce mandat. Rechargez la page.")
    field = "milestone"


class InstalmentBilled(ActionRefused):
    sentence = _(
        "Cette échéance est sur une facture ou un brouillon. "
        "Retirez-la d’abord du brouillon, ou créditez la facture."
    )


class ScheduleEndsTooSoon(ActionRefused):
    sentence = _(
        "La facturation récurrente finirait avant de commencer. Corrigez une date."
    )
    field = "ends_on"


class ScheduleEnded(ActionRefused):
    sentence = _("Cette facturation récurrente est déjà terminée. Rechargez la page.")


class FeeAlready(ActionRefused):
    sentence = _(
        "Le mandat %(reference)s a déjà un forfait de gestion. Terminez-le d’abord."
    )


def _refuse(title: str, amount: Decimal) -> str:
    if not title.strip():
        raise TitleMissing
    if amount <= 0 or not is_exact(amount) or amount > LARGEST:
        raise AgreedAmountUnusable
    return " ".join(title.split())[:150]


@transaction.atomic
def add_instalment(
    *,
    mandate_id: int,
    kind: str,
    title: str,
    amount: Decimal,
    on: date,
    milestone_id: int | None = None,
    by: Actor,
) -> Instalment:
    """Agree that an amount is billed on a day, or once a milestone is reached.

    A deposit, or a part of a fixed price, which covers the hours of the mandate.

    Raises TitleMissing, AgreedAmountUnusable or MilestoneOfAnother.
    """
    title = _refuse(title, amount)
    mandate = Mandate.objects.select_for_update(no_key=True).get(pk=mandate_id)
    if (
        milestone_id
        and not Milestone.objects.filter(pk=milestone_id, mandate=mandate).exists()
    ):
        raise MilestoneOfAnother
    row = Instalment.objects.create(
        mandate=mandate,
        kind=kind,
        title=title,
        amount=amount,
        on=on,
        milestone_id=milestone_id,
    )
    journal.record(
        what="billing.instalment.added",
        subject=mandate,
        by=by,
        kind=kind,
        title=title,
        amount=str(amount),
        on=on.isoformat(),
    )
    return row


@transaction.atomic
def remove_instalment(*, instalment_id: int, by: Actor) -> None:
    """Take back an agreed amount that nothing bills. Raises InstalmentBilled."""
    row = Instalment.objects.select_related("mandate").get(pk=instalment_id)
    Mandate.objects.select_for_update(no_key=True).get(pk=row.mandate_id)
    if row.schedule_id or InvoicedWork.objects.filter(instalment=row).exists():
        raise InstalmentBilled
    journal.record(
        what="billing.instalment.removed",
        subject=row.mandate,
        by=by,
        title=row.title,
        amount=str(row.amount),
    )
    row.delete()


@transaction.atomic
def add_schedule(
    *,
    mandate_id: int,
    kind: str,
    title: str,
    amount: Decimal,
    months: int,
    starts_on: date,
    ends_on: date | None = None,
    by: Actor,
) -> Schedule:
    """Agree that an amount is billed every so many months, from a day on.

    Raises TitleMissing, AgreedAmountUnusable, ScheduleEndsTooSoon or FeeAlready.
    """
    title = _refuse(title, amount)
    if ends_on and ends_on < starts_on:
        raise ScheduleEndsTooSoon
    mandate = Mandate.objects.select_for_update(no_key=True).get(pk=mandate_id)
    if kind == Schedule.Kind.FEE:
        others = Schedule.objects.filter(mandate=mandate, kind=kind)
        others = others.filter(Q(ends_on=None) | Q(ends_on__gte=starts_on))
        if ends_on:
            others = others.filter(starts_on__lte=ends_on)
        if others.exists():
            raise FeeAlready(reference=mandate.reference)
    row = Schedule.objects.create(
        mandate=mandate,
        kind=kind,
        title=title,
        amount=amount,
        months=months,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    journal.record(
        what="billing.schedule.added",
        subject=mandate,
        by=by,
        kind=kind,
        title=title,
        amount=str(amount),
        months=months,
        starts_on=starts_on.isoformat(),
    )
    return row


@transaction.atomic
def end_schedule(*, schedule_id: int, by: Actor) -> Schedule:
    """Bill nothing more by a schedule after today; what is billed stays.

    Raises ScheduleEnded.
    """
    row = Schedule.objects.select_for_update().get(pk=schedule_id)
    if row.ends_on and row.ends_on <= by.on:
        raise ScheduleEnded
    row.ends_on = max(row.starts_on, by.on)
    row.save(update_fields=["ends_on"])
    journal.record(
        what="billing.schedule.ended",
        subject=row.mandate,
        by=by,
        title=row.title,
    )
    return row


def days_of(schedule: Schedule, until: date) -> list[date]:
    """Return the days that a schedule is due, up to one, included.

    The same day of each month, or its last when the month is shorter.
    """
    found, at = [], 0
    last = min(until, schedule.ends_on or until)
    while True:
        on = months_after(schedule.starts_on, at)
        if on > last:
            return found
        found.append(on)
        at += schedule.months


@transaction.atomic
def draft_recurring(*, by: Actor) -> int:
    """Draft what schedules bill up to today; return how many periods are new.

    Each period becomes one instalment, whoever else drafts at the same moment, and an
    instalment is billed once: a period is never billed twice.
    """
    wanted = [
        Instalment(
            schedule=row,
            mandate_id=row.mandate_id,
            kind=row.kind,
            title=_period_title(row, on),
            amount=row.amount,
            on=on,
        )
        for row in Schedule.objects.select_related("mandate").order_by("pk")
        for on in days_of(row, by.on)
    ]
    before = set(
        Instalment.objects.filter(schedule__isnull=False).values_list(
            "schedule_id", "on"
        )
    )
    fresh = [one for one in wanted if (one.schedule_id, one.on) not in before]
    # Whoever makes the same periods at the same moment is waited for here.
    Instalment.objects.bulk_create(fresh, ignore_conflicts=True)
    due = queries.instalments_due(by.on).filter(schedule__isnull=False)
    ids = set(due.values_list("mandate_id", flat=True))
    if not ids:
        return 0
    try:
        draft_invoices(until=by.on, mandate_ids=ids, work=False, by=by)
    except NothingToBill:
        return 0
    return len(fresh)


def _period_title(row: Schedule, on: date) -> str:
    """Return « Entière gestion, du 2025-04-01 au 2025-04-30 », in the right words."""
    language: words.Language = "en" if row.mandate.language == "en" else "fr"
    after = months_after(on, row.months)
    span = words.period(on, after - timedelta(days=1), language=language)
    return f"{row.title}, {span}"[:200]
