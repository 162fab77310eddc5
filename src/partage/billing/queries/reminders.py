"""Questions about reminders: what is due to be sent today, and to whom."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet

from partage.billing.models import Invoice, Reminder, ReminderHold, ReminderStep
from partage.billing.queries.invoices import with_balance
from partage.members.models import Organisation, Representation
from partage.rules.money import ZERO
from partage.rules.reminders import Step, Unpaid, steps_due


@dataclass(slots=True)
class Due:
    """The reminder that an organisation is due at a step, for its invoices."""

    organisation: Organisation
    step: ReminderStep
    invoices: list[Invoice]
    # (address, language) of each person it goes to; none: it cannot be sent.
    recipients: list[tuple[str, str]]

    @property
    def total(self) -> Decimal:
        return sum((one.balance for one in self.invoices), ZERO)

    @property
    def key(self) -> str:
        return f"{self.organisation.pk}-{self.step.pk}"


def reminder_steps(on: date | None = None) -> QuerySet[ReminderStep]:
    """Return the steps, or those in force on a day, the first to come first."""
    steps = ReminderStep.objects.order_by("days", "starts_on")
    if on is None:
        return steps
    return steps.filter(starts_on__lte=on).filter(Q(ends_on=None) | Q(ends_on__gte=on))


def reminder_holds(on: date) -> QuerySet[ReminderHold]:
    """Return the holds in force on a day."""
    return (
        ReminderHold.objects.filter(since__lte=on)
        .filter(Q(until=None) | Q(until__gte=on))
        .select_related("organisation")
    )


def reminders_due(
    on: date,
    *,
    organisation_ids: Iterable[int] | None = None,
    automatic: bool | None = None,
) -> list[Due]:
    """Return the reminders to send on a day, the latest step first, then by name.

    Organisations on hold are left out. Six queries, however many they are.
    """
    rows = {row.pk: row for row in reminder_steps()}
    steps = {
        pk: Step(pk, row.days, row.starts_on, row.ends_on) for pk, row in rows.items()
    }
    held = reminder_holds(on).values("organisation_id")
    owed = with_balance(
        Invoice.objects.filter(kind=Invoice.Kind.INVOICE, status=Invoice.Status.ISSUED)
        .exclude(organisation_id__in=held)
        .select_related("organisation")
    ).order_by("due_on", "number")
    if organisation_ids is not None:
        owed = owed.filter(organisation_id__in=list(organisation_ids))
    unpaid = [one for one in owed if one.balance > 0]
    reminded: dict[int, list[Step]] = defaultdict(list)
    for invoice_id, step_id in Reminder.objects.filter(
        invoice_id__in=[one.pk for one in unpaid]
    ).values_list("invoice_id", "step_id"):
        reminded[invoice_id].append(steps[step_id])
    due = steps_due(
        (Unpaid(one.pk, one.due_on, tuple(reminded[one.pk])) for one in unpaid),
        steps.values(),
        on,
    )
    groups: dict[tuple[int, int], list[Invoice]] = defaultdict(list)
    for one in unpaid:
        if step := due.get(one.pk):
            groups[one.organisation_id, step.id].append(one)
    signers = _signers({pk for pk, _step in groups}, on)
    found = []
    for (pk, step_id), invoices in groups.items():
        step = rows[step_id]
        if automatic is not None and step.automatic is not automatic:
            continue
        organisation = invoices[0].organisation
        found.append(
            Due(
                organisation,
                step,
                invoices,
                _recipients(step, organisation, signers.get(pk, [])),
            )
        )
    found.sort(key=lambda one: (-one.step.days, one.organisation.sort_key))
    return found


def _signers(
    organisation_ids: Iterable[int], on: date
) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for pk, email, language in (
        Representation.objects.filter(
            organisation_id__in=list(organisation_ids),
            can_sign=True,
            since__lte=on,
            user__is_active=True,
        )
        .filter(Q(until=None) | Q(until__gt=on))
        .order_by("user_id")
        .values_list("organisation_id", "user__email", "user__language")
    ):
        found[pk].append((email, language))
    return found


def _recipients(
    step: ReminderStep, organisation: Organisation, signers: list[tuple[str, str]]
) -> list[tuple[str, str]]:
    found = []
    kinds = ReminderStep.Recipient
    if step.recipient in (kinds.BILLING, kinds.BOTH) and organisation.email:
        found.append((organisation.email, organisation.language))
    if step.recipient in (kinds.SIGNERS, kinds.BOTH):
        found += signers
    return list(dict.fromkeys(found))
