"""Questions about what is to bill, what is owed, and what is late.

Dollars are Decimal, durations are minutes. The number of queries never depends on
the number of rows. What a member may see is asked with its organisations.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import (
    Case,
    Count,
    DecimalField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, TruncMonth
from django.utils.translation import get_language

from partage.agreements.queries import agreements_by_field
from partage.billing.models import (
    Consolidation,
    ContentRule,
    Deposit,
    Instalment,
    Invoice,
    InvoicedWork,
    InvoiceLine,
    Payment,
    Schedule,
)
from partage.documents.words import money
from partage.experts.models import Expert
from partage.governance.models import Cooperative
from partage.knowledge.queries import Saving, saved_for
from partage.mandates.models import Mandate, TeamMember
from partage.mandates.queries import cards_of
from partage.members.models import Organisation
from partage.needs.models import Need
from partage.rules.matching import Owed, Proposal, Received, propose
from partage.rules.money import ZERO, amount_for
from partage.tariffs.queries import Price, Told, Work, told_by
from partage.timesheets.models import Expense, TimeEntry, Trip, Week

DOLLARS = DecimalField(max_digits=14, decimal_places=2)
LATE_AFTER = (0, 30, 60, 90)  # days past the due date: the limits of the ages


# --- what is to bill


def _unbilled(
    rows: QuerySet, what: str, until: date, mandate_ids: Iterable[int] | None
) -> QuerySet:
    billed = InvoicedWork.objects.filter(**{what: OuterRef("pk")}, released=False)
    rows = rows.filter(~Exists(billed), mandate__isnull=False, on__lte=until)
    return rows if mandate_ids is None else rows.filter(mandate_id__in=mandate_ids)


def _covered() -> Q:
    """Say which time an agreed price covers: it is not billed by the hour."""
    fixed = Instalment.objects.filter(
        mandate=OuterRef("mandate"), kind=Instalment.Kind.FIXED
    )
    fee = Schedule.objects.filter(
        mandate=OuterRef("mandate"),
        kind=Schedule.Kind.FEE,
        starts_on__lte=OuterRef("on"),
    ).filter(Q(ends_on=None) | Q(ends_on__gte=OuterRef("on")))
    return Q(Exists(fixed)) | Q(Exists(fee))


def unbilled_time(
    until: date, mandate_ids: Iterable[int] | None = None
) -> QuerySet[TimeEntry]:
    """Return the time to bill by the hour that no invoice holds, approved or not."""
    rows = TimeEntry.objects.filter(~_covered())
    return _unbilled(rows, "time", until, mandate_ids)


def covered_time(until: date, mandate_ids: Iterable[int]) -> QuerySet[TimeEntry]:
    """Return the time that an agreed price covers and that no invoice holds."""
    rows = TimeEntry.objects.filter(_covered())
    return _unbilled(rows, "time", until, mandate_ids)


def unbilled_trips(
    until: date, mandate_ids: Iterable[int] | None = None
) -> QuerySet[Trip]:
    """Return the trips that no invoice holds; one that costs nothing is not billed."""
    return _unbilled(Trip.objects.filter(amount__gt=0), "trip", until, mandate_ids)


def unbilled_expenses(
    until: date, mandate_ids: Iterable[int] | None = None
) -> QuerySet[Expense]:
    return _unbilled(Expense.objects.all(), "expense", until, mandate_ids)


def instalments_due(
    until: date, mandate_ids: Iterable[int] | None = None
) -> QuerySet[Instalment]:
    """Return the agreed amounts to bill that no invoice holds, by their days.

    One that waits for a milestone is to bill once it is reached, on whatever day.
    """
    return unbilled_instalments(mandate_ids).filter(
        Q(milestone=None, on__lte=until) | Q(milestone__done_on__lte=until)
    )


def unbilled_instalments(
    mandate_ids: Iterable[int] | None = None,
) -> QuerySet[Instalment]:
    """Return the agreed amounts that no invoice holds, due or to come."""
    billed = InvoicedWork.objects.filter(instalment=OuterRef("pk"), released=False)
    rows = (
        Instalment.objects.filter(~Exists(billed))
        .select_related("milestone", "mandate__organisation", "schedule")
        .order_by("on", "pk")
    )
    return rows if mandate_ids is None else rows.filter(mandate_id__in=mandate_ids)


def deposit_left(mandate_id: int, *, but: int | None = None) -> Decimal:
    """Return what was invoiced of deposits and not taken off since.

    What drafts take off is counted, except that of the draft `but`.
    """
    lines = InvoiceLine.objects.filter(
        invoice__mandate_id=mandate_id, kind=InvoiceLine.Kind.DEPOSIT
    ).exclude(
        Q(invoice__status=Invoice.Status.CREDITED)
        | Q(invoice__credits__status=Invoice.Status.CREDITED)
    )
    # A deposit counts once it is issued; what is taken off counts as soon as drafted.
    lines = lines.exclude(amount__gt=0, invoice__status=Invoice.Status.DRAFT)
    if but is not None:
        lines = lines.exclude(invoice_id=but)
    return lines.aggregate(left=Sum("amount"))["left"] or ZERO


@dataclass(frozen=True, slots=True)
class ExpertWork:
    """An expert's approved minutes of a month; no rate: the expert left the team."""

    expert_id: int
    name: str
    minutes: int
    rate: Decimal | None

    @property
    def amount(self) -> Decimal:
        return ZERO if self.rate is None else amount_for(self.minutes, self.rate)


@dataclass(slots=True)
class ToBill:
    """What waits to be billed on a mandate for a month, and what is not ready yet."""

    mandate: Mandate
    month: date
    experts: list[ExpertWork] = field(default_factory=list)
    trips: Decimal = ZERO
    expenses: Decimal = ZERO
    instalments: list[Instalment] = field(default_factory=list)
    # Work that cannot be billed yet: its week is not submitted, or not approved.
    open_minutes: int = 0
    submitted_minutes: int = 0
    open_amount: Decimal = ZERO  # trips and expenses of weeks that are not approved

    @property
    def minutes(self) -> int:
        return sum(work.minutes for work in self.experts)

    @property
    def costs(self) -> Decimal:
        return self.trips + self.expenses

    @property
    def net(self) -> Decimal:
        """The price before tax of what can be billed, to the cent as it will be."""
        time = sum((work.amount for work in self.experts), ZERO)
        return time + self.costs + self.agreed

    @property
    def agreed(self) -> Decimal:
        return sum((one.amount for one in self.instalments), ZERO)

    @property
    def without_rate(self) -> list[str]:
        return [work.name for work in self.experts if work.rate is None]

    @property
    def can_be_drafted(self) -> bool:
        return bool(self.experts or self.trips or self.expenses or self.instalments)

    @property
    def is_waiting(self) -> bool:
        return bool(self.open_minutes or self.submitted_minutes or self.open_amount)


def to_bill(until: date, *, mandate_ids: Iterable[int] | None = None) -> list[ToBill]:
    """Return the work up to a date, included, that no invoice holds.

    By mandate and month, in the order of the organisations' names.
    """
    ids = None if mandate_ids is None else list(mandate_ids)
    time = (
        unbilled_time(until, ids)
        .order_by()
        .annotate(month=TruncMonth("on"))
        .values_list("mandate_id", "month", "week__status", "expert_id")
        .annotate(total=Sum("minutes"))
    )
    money = {
        kind: rows.order_by()
        .annotate(month=TruncMonth("on"))
        .values_list("mandate_id", "month", "week__status")
        .annotate(total=Sum("amount"))
        for kind, rows in (
            ("trips", unbilled_trips(until, ids)),
            ("expenses", unbilled_expenses(until, ids)),
        )
    }
    time, money = list(time), {kind: list(rows) for kind, rows in money.items()}
    agreed = list(instalments_due(until, ids))
    found_ids = {row[0] for rows in (time, *money.values()) for row in rows}
    found_ids |= {one.mandate_id for one in agreed}
    mandates = {
        mandate.pk: mandate
        for mandate in Mandate.objects.filter(pk__in=found_ids).select_related(
            "organisation"
        )
    }
    rates = rates_of(found_ids)
    names = dict(
        Expert.objects.filter(pk__in={row[3] for row in time}).values_list("pk", "name")
    )
    found: dict[tuple[int, date], ToBill] = {}

    def group(mandate_id: int, month: date) -> ToBill:
        return found.setdefault(
            (mandate_id, month), ToBill(mandates[mandate_id], month)
        )

    for mandate_id, month, status, expert_id, total in time:
        one = group(mandate_id, month)
        if status == Week.Status.APPROVED:
            rate = rates.get((mandate_id, expert_id))
            one.experts.append(
                ExpertWork(
                    expert_id, names[expert_id], total, rate.rate if rate else None
                )
            )
        elif status == Week.Status.SUBMITTED:
            one.submitted_minutes += total
        else:
            one.open_minutes += total
    for kind, rows in money.items():
        for mandate_id, month, status, total in rows:
            one = group(mandate_id, month)
            what = kind if status == Week.Status.APPROVED else "open_amount"
            setattr(one, what, getattr(one, what) + total)
    for instalment in agreed:
        month = month_to_bill(instalment)
        group(instalment.mandate_id, month).instalments.append(instalment)
    for one in found.values():
        one.experts.sort(key=lambda work: work.name)
    return sorted(
        found.values(),
        key=lambda one: (
            one.mandate.organisation.sort_key,
            one.mandate.reference,
            one.month,
        ),
    )


def month_to_bill(instalment: Instalment) -> date:
    """Return the first day of the month that an instalment is billed in."""
    milestone = instalment.milestone
    on = (milestone.done_on if milestone else None) or instalment.on
    return on.replace(day=1)


def rates_of(mandate_ids: Iterable[int]) -> dict[tuple[int, int], TeamMember]:
    """Return the team of these mandates by (mandate, expert), with their fields."""
    return {
        (member.mandate_id, member.expert_id): member
        for member in TeamMember.objects.filter(
            mandate_id__in=list(mandate_ids)
        ).select_related("field", "expert")
    }


def is_billed(week_id: int) -> bool:
    """Whether anything of a week is on an invoice or a draft: then it stays closed."""
    return (
        InvoicedWork.objects.filter(released=False)
        .filter(
            Q(time__week_id=week_id)
            | Q(trip__week_id=week_id)
            | Q(expense__week_id=week_id)
        )
        .exists()
    )


# --- invoices


def with_balance(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Add `paid`, `credited`, and `balance`: what is owed, below zero if too much paid.

    What credit notes give back is owed no more, and what was paid for it is the
    member's; the note that mends an invoice takes nothing more. A draft owes nothing.
    """
    notes = (
        Invoice.objects.filter(credits=OuterRef("pk"))
        .order_by()
        .values("credits")
        .annotate(sum=Sum("total"))
        .values("sum")
    )
    paid = (
        Payment.objects.filter(invoice=OuterRef("pk"))
        .order_by()
        .values("invoice")
        .annotate(total=Sum("amount"))
        .values("total")
    )
    zero = Value(ZERO, output_field=DOLLARS)
    return invoices.annotate(
        paid=Coalesce(Subquery(paid, output_field=DOLLARS), zero),
        credited=Coalesce(Subquery(notes, output_field=DOLLARS), zero),
    ).annotate(
        balance=Case(
            When(
                kind=Invoice.Kind.INVOICE,
                number__isnull=False,
                then=F("total") + F("credited") - F("paid"),
            ),
            # Of a price adjusted after the year: it is the member's until given back.
            When(
                kind=Invoice.Kind.CREDIT,
                credits=None,
                number__isnull=False,
                then=F("total") - F("paid"),
            ),
            default=zero,
            output_field=DOLLARS,
        )
    )


def is_late(on: date) -> Q:
    """Say which invoices are past their due date and not paid."""
    return Q(kind=Invoice.Kind.INVOICE, status=Invoice.Status.ISSUED, due_on__lt=on)


def late(on: date) -> QuerySet[Invoice]:
    """Return the invoices that are past due, the oldest first, with their balance."""
    return with_balance(
        Invoice.objects.filter(is_late(on)).select_related("organisation")
    ).order_by("due_on", "number")


def invoices_owed_by(organisation_ids: Iterable[int]) -> QuerySet[Invoice]:
    """Return what these organisations owe or owed, once issued."""
    ids = list(organisation_ids)
    return _issued().filter(organisation_id__in=ids)


def invoices_for(organisation_ids: Iterable[int]) -> QuerySet[Invoice]:
    """Return what these organisations may see, once issued, with `own`.

    Their own, and their part of what another pays for them: then `own` is false, and
    how it was paid is not theirs to see.
    """
    ids = list(organisation_ids)
    return (
        _issued()
        .filter(Q(organisation_id__in=ids) | Q(mandate__organisation_id__in=ids))
        .annotate(own=Q(organisation_id__in=ids))
    )


def _issued() -> QuerySet[Invoice]:
    return with_balance(
        Invoice.objects.exclude(status=Invoice.Status.DRAFT)
    ).select_related("organisation", "mandate__organisation")


def consolidations(
    organisation_ids: Iterable[int] | None = None,
) -> QuerySet[Consolidation]:
    """Return consolidated invoices with `count`, `net` and `total` of their parts.

    With organisations: those that they pay, once issued.
    """
    found = (
        Consolidation.objects.select_related("organisation", "agreement")
        .annotate(
            count=Count("parts"), net=Sum("parts__net"), total=Sum("parts__total")
        )
        .order_by("-month", "-pk")
    )
    if organisation_ids is None:
        return found
    return found.filter(
        organisation_id__in=list(organisation_ids), number__isnull=False
    )


def parts_of(consolidation_id: int) -> QuerySet[Invoice]:
    """Return the parts of a consolidated invoice, by whom each is for."""
    return (
        with_balance(Invoice.objects.filter(consolidation_id=consolidation_id))
        .select_related("organisation", "mandate__organisation")
        .prefetch_related("taxes", "lines")
        .order_by("mandate__organisation__sort_key", "period_start", "pk")
    )


def invoices_of(mandate_ids: Iterable[int]) -> QuerySet[Invoice]:
    """Return the invoices and drafts of mandates, newest period first."""
    return with_balance(
        Invoice.objects.filter(mandate_id__in=list(mandate_ids))
    ).order_by("-period_start", "-id")


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of some invoices: before tax, with taxes, and what is owed."""

    count: int
    net: Decimal
    total: Decimal
    balance: Decimal


def totals(invoices: QuerySet[Invoice]) -> Totals:
    sums = (
        with_balance(invoices)
        .order_by()
        .aggregate(Count("pk"), Sum("net"), Sum("total"), Sum("balance"))
    )
    return Totals(
        sums["pk__count"],
        *(sums[f"{name}__sum"] or ZERO for name in ("net", "total", "balance")),
    )


def drafts() -> QuerySet[Invoice]:
    return Invoice.objects.filter(status=Invoice.Status.DRAFT)


def content_rule(on: date) -> ContentRule | None:
    """Return what an invoice of a day must show; None if nothing is written of it."""
    return ContentRule.objects.filter(starts_on__lte=on).first()  # the newest


def payment_days(invoice: Invoice, coop: Cooperative, on: date) -> int:
    """Return the days to pay that an agreement gives, else the cooperative's."""
    return payment_days_of([invoice], coop, on)[invoice.pk]


def payment_days_of(
    invoices: Collection[Invoice], coop: Cooperative, on: date
) -> dict[int, int]:
    """Return the days to pay each invoice, by its id. See `payment_days`."""
    served = {one.mandate.organisation_id: one.mandate.organisation for one in invoices}
    covered = agreements_by_field(served.values(), on=on)
    found = {}
    for one in invoices:
        deal = covered[one.mandate.organisation_id].get(one.mandate.field_id)
        agreed = deal.payment_days if deal else None
        found[one.pk] = coop.payment_days if agreed is None else agreed
    return found


# --- what organisations owe


@dataclass
class Account:
    """What an organisation owes, by age, and what it has in its favour."""

    organisation_id: int
    name: str
    # Not due yet, then 1-30, 31-60, 61-90 and more than 90 days late.
    ages: list[Decimal]
    credit: Decimal = ZERO  # positive: too much was paid

    @property
    def owed(self) -> Decimal:
        return sum(self.ages, ZERO)

    @property
    def late(self) -> Decimal:
        return sum(self.ages[1:], ZERO)

    @property
    def balance(self) -> Decimal:
        return self.owed - self.credit


def age_of(due_on: date, on: date) -> int:
    """Return the rank of an age, 0 (not due yet) to 4 (more than 90 days late)."""
    return sum((on - due_on).days > limit for limit in LATE_AFTER)


def balances(
    on: date, *, organisation_ids: Iterable[int] | None = None
) -> list[Account]:
    """Return the account of each organisation that owes or is owed, by name."""
    invoices = with_balance(Invoice.objects.exclude(status=Invoice.Status.DRAFT))
    if organisation_ids is not None:
        invoices = invoices.filter(organisation_id__in=list(organisation_ids))
    found: dict[int, Account] = {}
    for pk, due_on, balance in invoices.exclude(balance=0).values_list(
        "organisation_id", "due_on", "balance"
    ):
        one = found.setdefault(pk, Account(pk, "", [ZERO] * 5))
        if balance > 0:
            one.ages[age_of(due_on, on)] += balance
        else:
            one.credit -= balance
    names = Organisation.objects.filter(pk__in=found).order_by("sort_key")
    for pk, name in names.values_list("pk", "name"):
        found[pk].name = name
    return [found[organisation.pk] for organisation in names]


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of an account: positive when billed, negative when paid or credited."""

    on: date
    kind: str  # "INVOICE", "CREDIT" or "PAYMENT"
    number: int
    amount: Decimal
    balance: Decimal
    due_on: date | None = None
    invoice_id: int = 0

    @property
    def received(self) -> Decimal:
        """What was paid or credited, as one reads it: positive."""
        return -self.amount


def movements(
    organisation_id: int, start: date, end: date
) -> tuple[Decimal, list[Movement]]:
    """Return the balance before `start`, then each movement to `end`, included."""
    issued = Invoice.objects.filter(
        organisation_id=organisation_id, issued_on__lte=end
    ).values_list("issued_on", "kind", "number", "total", "due_on", "pk")
    paid = Payment.objects.filter(
        invoice__organisation_id=organisation_id, received_on__lte=end
    ).values_list("received_on", "invoice__number", "amount", "invoice_id", "pk")
    rows = [
        (on, 0, number, Movement(on, kind, number, total, ZERO, due_on, pk))
        for on, kind, number, total, due_on, pk in issued
    ] + [
        (on, 1, pk, Movement(on, "PAYMENT", number, -amount, ZERO, None, invoice_id))
        for on, number, amount, invoice_id, pk in paid
    ]
    opening, shown = ZERO, []
    running = ZERO
    for on, *_order, one in sorted(rows, key=lambda row: row[:3]):
        running += one.amount
        if on < start:
            opening = running
        else:
            shown.append(
                Movement(
                    one.on,
                    one.kind,
                    one.number,
                    one.amount,
                    running,
                    one.due_on if one.kind == "INVOICE" else None,
                    one.invoice_id,
                )
            )
    return opening, shown


def invoiced_by_month(start: date, end: date) -> dict[date, Decimal]:
    """Return the price before tax of what was issued in each month, credits off."""
    found: dict[date, Decimal] = defaultdict(lambda: ZERO)
    for month, net in (
        Invoice.objects.filter(issued_on__gte=start, issued_on__lte=end)
        .order_by()
        .annotate(month=TruncMonth("issued_on"))
        .values_list("month")
        .annotate(total=Sum("net"))
    ):
        found[month] = net
    return found


def in_words(amount: Decimal) -> str:
    """Write dollars as the active language does: « 1 140,00 $ »."""
    english = (get_language() or "").startswith("en")
    return money(amount, language="en" if english else "fr")


# --- what the bank received


def waiting_deposits() -> QuerySet[Deposit]:
    """Return the deposits that nobody has confirmed yet, the oldest first."""
    return Deposit.objects.filter(status=Deposit.Status.WAITING).order_by("on", "pk")


def proposals(
    deposits: Iterable[Deposit],
) -> list[tuple[Deposit, tuple[Proposal, ...]]]:
    """Return each deposit with what it may pay, the best first. Two queries."""
    rows = list(deposits)
    open_invoices = with_balance(
        Invoice.objects.filter(kind=Invoice.Kind.INVOICE, status=Invoice.Status.ISSUED)
    ).values_list(
        "pk", "number", "organisation_id", "organisation__name", "balance", "due_on"
    )
    found = propose(
        [Received(one.pk, one.on, one.amount, one.words) for one in rows],
        [Owed(*facts) for facts in open_invoices if facts[4] > 0],
    )
    return [(one, found[one.pk]) for one in rows]


# --- what a price goes to


def price_of_invoice(invoice: Invoice) -> Price | None:
    """Return what an invoice's price goes to, by the card that its rates come from.

    What has no rate (trips, expenses, agreed amounts) is told apart, and so is what was
    paid in advance.
    """
    return prices_of([invoice])[invoice.pk]


def prices_of(invoices: Collection[Invoice]) -> dict[int, Price | None]:
    """Return what each invoice's price goes to, by its id. See `price_of_invoice`."""
    cards = cards_of([one.mandate for one in invoices])
    told = told_by(pk for pk in cards.values() if pk is not None)
    found: dict[int, Price | None] = {}
    for invoice in invoices:
        card = told.get(cards[invoice.mandate_id] or 0)
        found[invoice.pk] = _priced(invoice, card) if card else None
    return found


def _priced(invoice: Invoice, card: Told) -> Price:
    work, other, bought, advance = [], ZERO, ZERO, ZERO
    paid_in_advance = (InvoiceLine.Kind.DEPOSIT, InvoiceLine.Kind.HOURS)
    sign = -1 if invoice.kind == Invoice.Kind.CREDIT else 1
    for one in invoice.lines.all():
        if one.kind in paid_in_advance and (one.bank_id or sign * one.amount < 0):
            advance += one.amount
        elif one.kind in paid_in_advance:
            bought += one.amount
        elif one.field_id and one.level:
            work.append(Work(one.field_id, one.level, one.minutes or 0, one.amount))
        else:
            other += one.amount
    return card.price(work, other=other, bought=bought, advance=advance)


def savings_told(invoices: Iterable[Invoice]) -> dict[int, Saving]:
    """Return what the reservoir saved that each of these invoices tells, by its id.

    What is recorded for a mandate, or for the need that it answers, is told once: on
    the first invoice from that day on. A credit note tells none. Three queries.
    """
    each = [one for one in invoices if one.kind != Invoice.Kind.CREDIT]
    references = _references([one.mandate for one in each])
    saved = saved_for({name for names in references.values() for name in names})
    if not saved:
        return {}
    told: dict[int, list[tuple[int, date]]] = defaultdict(list)
    for mandate_id, number, on in (
        Invoice.objects.filter(
            mandate__in={one.mandate_id for one in each}, number__isnull=False
        )
        .exclude(kind=Invoice.Kind.CREDIT)
        .values_list("mandate_id", "number", "issued_on")
    ):
        told[mandate_id].append((number, on))
    found = {}
    for one in each:
        before = max(
            (
                on
                for number, on in told[one.mandate_id]
                if one.number is None or number < one.number
            ),
            default=date.min,
        )
        until = one.issued_on or date.max
        found[one.pk] = Saving.of(
            piece
            for name in references[one.mandate_id]
            for piece in (saved[name].pieces if name in saved else ())
            if before < piece.on <= until
        )
    return found


def _references(mandates: Iterable[Mandate]) -> dict[int, list[str]]:
    """Return by which names what served each mandate is recorded, by its id."""
    references, needs = {}, {}
    for one in mandates:
        references[one.pk] = [one.reference]
        if one.offer_id and one.offer.need_id:
            needs[one.pk] = one.offer.need_id
    if needs:
        asked = Need.objects.filter(pk__in=set(needs.values()))
        called = dict(asked.values_list("pk", "reference"))
        for pk, need_id in needs.items():
            references[pk].append(called[need_id])
    return references


def saved_minutes(invoice: Invoice) -> int:
    """Return the minutes saved that an invoice tells."""
    told = savings_told([invoice]).get(invoice.pk)
    return told.minutes if told else 0
