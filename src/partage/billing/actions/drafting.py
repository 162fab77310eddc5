"""Draft invoices from approved work, and change a draft before it is issued."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, Sum
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from partage.agreements.queries import banks_serving, paid_together
from partage.billing.models import (
    Consolidation,
    Instalment,
    Invoice,
    InvoicedWork,
    InvoiceLine,
)
from partage.billing.queries import (
    bank_balances,
    covered_time,
    deposit_left,
    instalments_due,
    month_to_bill,
    rates_of,
    unbilled_expenses,
    unbilled_time,
    unbilled_trips,
)
from partage.experts.models import Level
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.mandates.models import Mandate, TeamMember
from partage.rules.calendar import last_of_month
from partage.rules.money import ZERO, amount_for, is_exact
from partage.timesheets.models import Expense, TimeEntry, Trip, Week

LARGEST = Decimal("9999999.99")


class NothingToBill(ActionRefused):
    sentence = _(
        "Aucun travail approuvé n’attend d’être facturé. "
        "Approuvez les semaines, puis revenez préparer les factures."
    )


class RateMissing(ActionRefused):
    sentence = _(
        "%(expert)s a travaillé à %(reference)s sans taux dans son équipe. "
        "Ajoutez cette personne à l’équipe du mandat, puis préparez la facture."
    )


class InvoiceGone(ActionRefused):
    sentence = _("Cette facture n’existe plus. Revenez à la liste des factures.")


class InvoiceAlreadyIssued(ActionRefused):
    sentence = _(
        "La facture %(number)s est déjà émise et ne change plus. "
        "Pour la corriger, faites une note de crédit."
    )


class LineGone(ActionRefused):
    sentence = _(
        "Cette ligne n’est plus dans le brouillon. Rechargez la page pour le relire."
    )


class DescriptionMissing(ActionRefused):
    sentence = _("Décrivez chaque ligne : c’est ce que le membre lira.")
    field = "description"


class AmountUnusable(ActionRefused):
    sentence = _(
        "Le montant d’une ligne est en dollars et en cents, et n’est pas nul. "
        "Corrigez-le."
    )
    field = "amount"


def hold_invoice(invoice_id: int) -> Invoice:
    """Return the invoice, locked until commit. Raises InvoiceGone."""
    try:
        return hold_invoices([invoice_id])[invoice_id]
    except KeyError:
        raise InvoiceGone from None


def hold_invoices(invoice_ids: Iterable[int]) -> dict[int, Invoice]:
    """Return invoices by id, locked until commit.

    In one order, so that two people who hold some of the same wait for each other.
    """
    rows = (
        Invoice.objects.select_for_update(of=("self",))
        .select_related("mandate__organisation", "mandate__offer", "organisation")
        .filter(pk__in=set(invoice_ids))
    )
    return {one.pk: one for one in rows.order_by("pk")}


def hold_draft(invoice_id: int) -> Invoice:
    """Return the draft, locked until commit.

    Raises InvoiceGone or InvoiceAlreadyIssued.
    """
    invoice = hold_invoice(invoice_id)
    if invoice.number is not None:
        raise InvoiceAlreadyIssued(number=invoice.number)
    return invoice


@dataclass
class _Work:
    """The approved rows of one mandate and month."""

    time: dict[int, list[TimeEntry]] = field(default_factory=lambda: defaultdict(list))
    trips: list[Trip] = field(default_factory=list)
    expenses: list[Expense] = field(default_factory=list)
    instalments: list[Instalment] = field(default_factory=list)


def _hold_approved_work(
    until: date, mandate_ids: Iterable[int] | None
) -> dict[tuple[int, date], _Work]:
    """Return the approved work to bill, its mandates and weeks locked until commit.

    So that two people draft one after the other, and no week reopens meanwhile.
    Keys stay free (NO KEY): time can still be written on these mandates.
    """
    ids = None if mandate_ids is None else list(mandate_ids)
    kinds = (unbilled_time, unbilled_trips, unbilled_expenses)

    def of(name: str) -> set[int]:
        return {
            pk
            for kind in kinds
            for pk in kind(until, ids)
            .filter(week__status=Week.Status.APPROVED)
            .order_by()
            .values_list(name, flat=True)
            .distinct()
        }

    mandates = Mandate.objects.filter(pk__in=of("mandate_id")).order_by("pk")
    ids = [row.pk for row in mandates.select_for_update(no_key=True).only("pk")]
    weeks = Week.objects.filter(pk__in=of("week_id"), status=Week.Status.APPROVED)
    held = [
        row.pk for row in weeks.order_by("pk").select_for_update(no_key=True).only("pk")
    ]
    found: dict[tuple[int, date], _Work] = defaultdict(_Work)
    for row in unbilled_time(until, ids).filter(week_id__in=held).order_by("on", "pk"):
        work = found[row.mandate_id, row.on.replace(day=1)]
        work.time[row.expert_id].append(row)
    for kind, name in ((unbilled_trips, "trips"), (unbilled_expenses, "expenses")):
        rows = kind(until, ids).filter(week_id__in=held).select_related("week")
        for row in rows.order_by("on", "pk"):
            work = found[row.mandate_id, row.on.replace(day=1)]
            getattr(work, name).append(row)
    return found


def _hold_instalments(
    until: date, mandate_ids: Iterable[int] | None, found: dict[tuple[int, date], _Work]
) -> None:
    """Add the agreed amounts that are due, their mandates locked until commit."""
    ids = instalments_due(until, mandate_ids).values_list("mandate_id", flat=True)
    mandates = Mandate.objects.filter(pk__in=set(ids)).order_by("pk")
    held = [row.pk for row in mandates.select_for_update(no_key=True).only("pk")]
    for one in instalments_due(until, held):
        found[one.mandate_id, month_to_bill(one)].instalments.append(one)


@transaction.atomic
def draft_invoices(
    *,
    until: date,
    mandate_ids: Iterable[int] | None = None,
    work: bool = True,
    by: Actor,
) -> list[Invoice]:
    """Draft one invoice for each mandate and month with something to bill.

    Approved work of months up to `until`, included, and agreed amounts that are due,
    that no invoice holds; what comes after a draft was made joins that draft. An agreed
    price takes with it the approved time that it covers, and what was invoiced as a
    deposit is taken off. Without `work`, agreed amounts only. Returns the drafts
    touched.

    Raises NothingToBill or RateMissing.
    """
    found = _hold_approved_work(until, mandate_ids) if work else defaultdict(_Work)
    _hold_instalments(until, mandate_ids, found)
    if not found:
        raise NothingToBill
    mandates = Mandate.objects.select_related("organisation").in_bulk(
        {mandate_id for mandate_id, _month in found}
    )
    team = rates_of(mandates)
    open_drafts = {
        (draft.mandate_id, draft.period_start.replace(day=1)): draft
        for draft in Invoice.objects.filter(
            mandate_id__in=mandates,
            status=Invoice.Status.DRAFT,
            kind=Invoice.Kind.INVOICE,
        )
        .order_by("pk")
        .select_for_update()
    }
    made = []
    for (mandate_id, month), rows in sorted(found.items(), key=lambda item: item[0]):
        mandate = mandates[mandate_id]
        draft = open_drafts.get((mandate_id, month)) or _open_draft(mandate, month, by)
        _add_work(draft, mandate, rows, team)
        _add_instalments(draft, rows.instalments, until)
        _draw_from_banks(draft)
        _take_deposit_off(draft)
        _add_up(draft)
        journal.record(
            what="billing.invoice.drafted",
            subject=draft,
            by=by,
            mandate=mandate.reference,
            net=str(draft.net),
        )
        made.append(draft)
    return made


def _open_draft(mandate: Mandate, month: date, by: Actor) -> Invoice:
    """Return a new draft: to whom is served, or to the grouping that pays for it."""
    last = last_of_month(month)
    deal = paid_together(mandate.organisation, mandate.field_id, on=last)
    payer = deal.organisation if deal else mandate.organisation
    whole = None
    if deal:
        # Whoever opens the same one at the same moment is waited for there.
        whole, _made = Consolidation.objects.get_or_create(
            agreement=deal,
            month=month,
            number=None,
            defaults={"organisation": payer, "created_at": by.at},
        )
    return Invoice.objects.create(
        mandate=mandate,
        organisation=payer,
        consolidation=whole,
        period_start=month,
        period_end=last,
        province=mandate.province,
        language=payer.language if deal else mandate.language,
        created_at=by.at,
    )


def _last_position(draft: Invoice) -> int:
    return draft.lines.aggregate(last=Max("position"))["last"] or 0


def _add_work(
    draft: Invoice,
    mandate: Mandate,
    work: _Work,
    team: Mapping[tuple[int, int], TeamMember],
) -> None:
    """Write the lines of this work after those that are there, and link its rows."""
    there = {
        (line.expert_id, line.rate): line
        for line in draft.lines.filter(kind=InvoiceLine.Kind.TIME)
    }
    last = _last_position(draft)
    links = []
    fresh: list[tuple[InvoiceLine, list[dict]]] = []
    for expert_id, rows in work.time.items():
        member = team.get((mandate.pk, expert_id))
        if member is None:
            raise RateMissing(expert=rows[0].expert.name, reference=mandate.reference)
        minutes = sum(row.minutes for row in rows)
        if line := there.get((expert_id, member.rate)):
            line.minutes += minutes
            line.amount = amount_for(line.minutes, line.rate)
            line.save(update_fields=["minutes", "amount"])
            links += [InvoicedWork(line=line, time=row) for row in rows]
            continue
        line = InvoiceLine(
            kind=InvoiceLine.Kind.TIME,
            description=_what_was_done(member, draft.language),
            expert_id=expert_id,
            field_id=member.field_id,
            level=member.level,
            minutes=minutes,
            rate=member.rate,
            amount=amount_for(minutes, member.rate),
        )
        fresh.append((line, [{"time": row} for row in rows]))
    fresh.sort(key=lambda one: team[mandate.pk, one[0].expert_id].expert.sort_key)
    for trip in work.trips:
        line = InvoiceLine(
            kind=InvoiceLine.Kind.TRIP,
            description=_what_trip(trip, draft.language),
            expert_id=trip.week.expert_id,
            amount=trip.amount,
        )
        fresh.append((line, [{"trip": trip}]))
    for expense in work.expenses:
        line = InvoiceLine(
            kind=InvoiceLine.Kind.EXPENSE,
            description=expense.description,
            expert_id=expense.week.expert_id,
            amount=expense.amount,
        )
        fresh.append((line, [{"expense": expense}]))
    for position, (line, _rows) in enumerate(fresh, start=last + 1):
        line.invoice, line.position = draft, position
    InvoiceLine.objects.bulk_create(line for line, _rows in fresh)
    links += [InvoicedWork(line=line, **row) for line, rows in fresh for row in rows]
    InvoicedWork.objects.bulk_create(links)


def _add_instalments(
    draft: Invoice, instalments: Sequence[Instalment], until: date
) -> None:
    """Write a line for each agreed amount, with the time that it covers."""
    last = _last_position(draft)
    for position, one in enumerate(instalments, start=last + 1):
        line = InvoiceLine.objects.create(
            invoice=draft,
            position=position,
            kind=_LINE_OF[one.kind],
            description=one.title,
            amount=one.amount,
        )
        links = [InvoicedWork(line=line, instalment=one)]
        if one.kind in (Instalment.Kind.FIXED, Instalment.Kind.FEE):
            covered = covered_time(until, [draft.mandate_id])
            approved = covered.filter(week__status=Week.Status.APPROVED)
            # No week reopens meanwhile.
            weeks = approved.order_by().values("week_id")
            list(
                Week.objects.filter(pk__in=weeks)
                .order_by("pk")
                .select_for_update(no_key=True)
            )
            links += [InvoicedWork(line=line, time=row) for row in approved]
        InvoicedWork.objects.bulk_create(links)


_LINE_OF = {
    Instalment.Kind.DEPOSIT: InvoiceLine.Kind.DEPOSIT,
    Instalment.Kind.FIXED: InvoiceLine.Kind.FIXED,
    Instalment.Kind.FEE: InvoiceLine.Kind.FEE,
    Instalment.Kind.RECURRING: InvoiceLine.Kind.FIXED,
    Instalment.Kind.HOURS: InvoiceLine.Kind.HOURS,
}


def _draw_from_banks(draft: Invoice) -> None:
    """Take off a draft the hours that were bought in advance, the first worked first.

    Only hours by the hour, of the fields that the agreement covers, of the days of the
    bank; as far as what is left of it goes. Each is worth the rate that it is billed
    at. The banks are locked until commit: none is ever drawn twice.
    """
    draft.lines.filter(kind=InvoiceLine.Kind.HOURS, bank__isnull=False).delete()
    banks = list(
        banks_serving(
            [draft.mandate.organisation],
            start=draft.period_start,
            end=draft.period_end,
        ).select_for_update(of=("self",), no_key=True)
    )
    if not banks:
        return
    timed = list(draft.lines.filter(kind=InvoiceLine.Kind.TIME, rate__isnull=False))
    drawn: dict[int, int] = defaultdict(int)
    position = _last_position(draft)
    for balance in bank_balances(banks):
        bank, left = balance.bank, balance.left
        covered = {one.field_id for one in bank.agreement.fields.all()}
        with override(f"{draft.language}-ca"):
            words = gettext("Heures de la banque, entente %(number)s") % {
                "number": bank.agreement.number
            }
        for line in timed:
            worked = line.work.filter(
                time__on__gte=bank.starts_on, time__on__lte=bank.ends_on
            ).aggregate(all=Sum("time__minutes"))["all"]
            free = min(worked or 0, line.minutes - drawn[line.pk], left)
            if line.field_id not in covered or free <= 0:
                continue
            position += 1
            InvoiceLine.objects.create(
                invoice=draft,
                position=position,
                kind=InvoiceLine.Kind.HOURS,
                bank=bank,
                description=words,
                expert_id=line.expert_id,
                field_id=line.field_id,
                level=line.level,
                minutes=-free,
                rate=line.rate,
                amount=-amount_for(free, line.rate),
            )
            drawn[line.pk] += free
            left -= free


def _take_deposit_off(draft: Invoice) -> None:
    """Take off a draft what was invoiced before as a deposit, as far as it goes.

    Taxes follow: they were charged on the deposit, and are charged on what remains.
    """
    draft.lines.filter(kind=InvoiceLine.Kind.DEPOSIT, amount__lt=0).delete()
    left = deposit_left(draft.mandate_id, but=draft.pk)
    rest = draft.lines.exclude(kind=InvoiceLine.Kind.DEPOSIT)
    owed = rest.aggregate(sum=Sum("amount"))["sum"] or ZERO
    taken = min(left, owed)
    if taken <= 0:
        return
    last = _last_position(draft)
    with override(f"{draft.language}-ca"):
        words = gettext("Acompte déjà facturé")
    InvoiceLine.objects.create(
        invoice=draft,
        position=last + 1,
        kind=InvoiceLine.Kind.DEPOSIT,
        description=words,
        amount=-taken,
    )


def _what_was_done(member: TeamMember, language: str) -> str:
    """« Karim Benali, Affaires juridiques, sénior », in the invoice's language."""
    with override(f"{language}-ca"):
        parts = (member.expert.name, member.field.name, Level(member.level).label)
        return ", ".join(map(str, parts))[:250]


def _what_trip(trip: Trip, language: str) -> str:
    km = f"{trip.km.normalize():f}"
    if language == "fr":
        km = km.replace(".", ",")
    return f"{trip.origin} – {trip.destination}, {km}\u00a0km"


def _add_up(draft: Invoice) -> None:
    draft.net = draft.lines.aggregate(net=Sum("amount"))["net"] or ZERO
    draft.save(update_fields=["net"])


@transaction.atomic
def change_draft(
    *,
    invoice_id: int,
    descriptions: Mapping[int, str] | None = None,
    leave_out: Collection[int] = (),
    fixed: Sequence[tuple[str, Decimal]] = (),
    by: Actor,
) -> Invoice:
    """Change what a draft says: words of lines, lines left out, agreed amounts added.

    `descriptions` and `leave_out` name lines by id; the work of a line left out is
    to bill again. An agreed amount is in dollars; a negative one is a discount.

    Raises InvoiceGone, InvoiceAlreadyIssued, LineGone, DescriptionMissing or
    AmountUnusable.
    """
    draft = hold_draft(invoice_id)
    lines = {line.pk: line for line in draft.lines.all()}
    words = {pk: text.strip()[:250] for pk, text in (descriptions or {}).items()}
    if not lines.keys() >= {*words, *leave_out}:
        raise LineGone
    if not all([*words.values(), *(text.strip() for text, _amount in fixed)]):
        raise DescriptionMissing
    for _text, amount in fixed:
        if not amount or not is_exact(amount) or abs(amount) > LARGEST:
            raise AmountUnusable
    changed = [pk for pk, text in words.items() if lines[pk].description != text]
    for pk in changed:
        InvoiceLine.objects.filter(pk=pk).update(description=words[pk])
    if leave_out:
        draft.lines.filter(pk__in=leave_out).delete()
    last = max((line.position for line in lines.values()), default=0)
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=draft,
            position=position,
            kind=InvoiceLine.Kind.FIXED,
            description=text.strip()[:250],
            amount=amount,
        )
        for position, (text, amount) in enumerate(fixed, start=last + 1)
    )
    # A line left out on purpose does not come back at once.
    out = {lines[pk].kind for pk in leave_out}
    if (leave_out or fixed) and InvoiceLine.Kind.HOURS not in out:
        _draw_from_banks(draft)
    if (leave_out or fixed) and InvoiceLine.Kind.DEPOSIT not in out:
        _take_deposit_off(draft)
    if changed or leave_out or fixed:
        _add_up(draft)
        journal.record(
            what="billing.invoice.changed",
            subject=draft,
            by=by,
            words=len(changed),
            left_out=[lines[pk].description for pk in leave_out],
            added=[text for text, _amount in fixed],
            net=str(draft.net),
        )
    return draft


@transaction.atomic
def delete_draft(*, invoice_id: int, by: Actor) -> None:
    """Throw a draft away; its work is to bill again.

    Raises InvoiceGone or InvoiceAlreadyIssued.
    """
    draft = hold_draft(invoice_id)
    journal.record(
        what="billing.invoice.deleted",
        subject=draft,
        by=by,
        mandate=draft.mandate.reference,
        net=str(draft.net),
    )
    whole = draft.consolidation
    draft.delete()
    if whole and not whole.parts.exists():
        whole.delete()
