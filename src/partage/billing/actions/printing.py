"""Print an invoice, its draft, and the statement of an account."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Max, Min, prefetch_related_objects
from django.utils.translation import gettext, override

from partage.agreements.models import HourBank
from partage.billing import queries
from partage.billing.models import Consolidation, Invoice, InvoicedWork, InvoiceLine
from partage.documents import words
from partage.documents.consolidated import (
    ConsolidatedDocument,
    InvoicePart,
    render_consolidation,
)
from partage.documents.invoice import (
    Content,
    ExpenseLine,
    InvoiceDocument,
    TripLine,
    render_invoices,
)
from partage.documents.parts import Letterhead, Party, TaxDue, WorkLine
from partage.documents.statement import (
    AgedBalance,
    StatementDocument,
    StatementEntry,
    render_statement,
)
from partage.governance.models import Cooperative
from partage.knowledge.queries import Saving
from partage.members.models import Organisation, Province
from partage.rules.money import ZERO, to_cents
from partage.rules.tax import TaxLine
from partage.tariffs.queries import Price, printed


def print_invoices(
    taxed: Sequence[tuple[Invoice, Sequence[TaxLine]]], *, coop: Cooperative, on: date
) -> Iterator[bytes]:
    """Print invoices or credit notes of a day with their taxes, each in its language.

    A draft is printed as if it were issued that day, without a number. The number of
    queries does not depend on how many there are; each is given as soon as it is
    printed, while those after it print.
    """
    beside = _beside([invoice for invoice, _taxes in taxed], coop, on)
    return render_invoices(
        _document(invoice, taxes, beside) for invoice, taxes in taxed
    )


def print_draft(
    invoice: Invoice, taxes: Sequence[TaxLine], *, coop: Cooperative, on: date
) -> bytes:
    """Print what a draft would be if it were issued that day, without a number."""
    return next(print_invoices([(invoice, taxes)], coop=coop, on=on))


@dataclass(frozen=True, slots=True)
class _Made:
    """What work a line was made of: its days, its trip, its expense."""

    first_on: date | None
    last_on: date | None
    trip_on: date | None
    km: Decimal | None
    trip_amount: Decimal | None
    spent_on: date | None


@dataclass(frozen=True)
class _Beside:
    """What invoices of a day print beside their own rows; most by invoice id."""

    coop: Cooperative
    on: date
    content: Content
    days: Mapping[int, int]
    made: Mapping[int, Mapping[int, _Made]]  # by position
    prices: Mapping[int, Price | None]
    saved: Mapping[int, Saving]
    banks: Mapping[int, queries.BankBalance]  # by bank id


def _beside(invoices: Sequence[Invoice], coop: Cooperative, on: date) -> _Beside:
    prefetch_related_objects(invoices, "lines")
    banks = {
        line.bank_id for one in invoices for line in one.lines.all() if line.bank_id
    }
    undated = [one for one in invoices if not (one.due_on and one.issued_on)]
    return _Beside(
        coop=coop,
        on=on,
        content=content_on(on),
        days=queries.payment_days_of(undated, coop, on) if undated else {},
        made=_made_of(invoices),
        prices=queries.prices_of(invoices),
        saved=queries.savings_told(invoices),
        banks={
            one.bank.pk: one
            for one in queries.bank_balances(
                HourBank.objects.filter(pk__in=banks).select_related("agreement")
            )
        }
        if banks
        else {},
    )


def _document(
    invoice: Invoice, taxes: Sequence[TaxLine], beside: _Beside
) -> InvoiceDocument:
    language: words.Language = "en" if invoice.language == "en" else "fr"
    lines, trips, expenses = _lines(invoice, beside.made.get(invoice.pk, {}))
    total = invoice.net + sum((one.amount for one in taxes), ZERO)
    with override(f"{language}-ca"):
        if invoice.due_on and invoice.issued_on:
            days = (invoice.due_on - invoice.issued_on).days
        else:
            days = beside.days[invoice.pk]
        terms = gettext("Net %(days)s jours") % {"days": days}
        is_credit = invoice.kind == Invoice.Kind.CREDIT
        saved = beside.saved.get(invoice.pk)
        return InvoiceDocument(
            language=language,
            kind="credit_note" if is_credit else "invoice",
            number="" if invoice.number is None else str(invoice.number),
            draft=invoice.number is None,
            issued_on=beside.on,
            content=beside.content,
            supplier=letterhead(beside.coop),
            purchaser=party(invoice.organisation),
            title=invoice.mandate.title,
            mandate_reference=invoice.mandate.reference,
            corrects=str(invoice.credits.number) if invoice.credits_id else "",
            period_first=invoice.period_start,
            period_last=invoice.period_end,
            due_on=None if is_credit else invoice.due_on,
            payment_terms="" if is_credit else terms,
            lines=lines,
            trips=trips,
            expenses=expenses,
            subtotal=invoice.net,
            taxes=taxes_printed(taxes, beside.coop),
            total=total,
            # Nothing is to be paid of what was paid whole in advance.
            how_to_pay="" if is_credit or not total else how_to_pay(beside.coop),
            composition=printed(
                beside.prices[invoice.pk],
                saved_minutes=saved.minutes if saved else 0,
            ),
            served=_served(invoice),
            rate_note=_banks_left(invoice, beside, language),
        )


def content_on(on: date) -> Content:
    """Return what an invoice of a day must show; everything, if no rule says."""
    rule = queries.content_rule(on)
    if rule is None:
        return Content(registrations_from=ZERO, purchaser_from=ZERO)
    return Content(
        registrations_from=rule.registrations_from, purchaser_from=rule.purchaser_from
    )


def _banks_left(invoice: Invoice, beside: _Beside, language: words.Language) -> str:
    """Say what is left of the banks that the invoice draws from, after it."""
    drawn = dict.fromkeys(
        line.bank_id for line in invoice.lines.all() if line.bank_id is not None
    )
    balances = [beside.banks[pk] for pk in drawn]

    def time(minutes: int) -> str:
        hundredths = words.time_is_written_in_hundredths([minutes])
        return words.duration(minutes, language=language, hundredths=hundredths)

    return "\n\n".join(
        gettext(
            "Banque d’heures, entente %(number)s : il reste %(left)s sur "
            "%(bought)s, jusqu’au %(until)s."
        )
        % {
            "number": one.bank.agreement.number,
            "left": time(one.left),
            "bought": time(one.bank.minutes),
            "until": words.day(one.bank.ends_on, language=language),
        }
        for one in balances
    )


def _served(invoice: Invoice) -> str:
    """Name whom the work was for, when another pays."""
    served = invoice.mandate.organisation
    return served.name if served.pk != invoice.organisation_id else ""


def print_consolidation(whole: Consolidation, *, coop: Cooperative) -> bytes:
    """Print one invoice of a payer, with the part of each that it pays for.

    A part's taxes are kept once it is issued.
    """
    language = "en" if whole.organisation.language == "en" else "fr"
    parts = list(queries.parts_of(whole.pk))
    due_on = max(part.due_on for part in parts)
    with override(f"{language}-ca"):
        terms = gettext("Net %(days)s jours") % {
            "days": (due_on - whole.issued_on).days
        }
        return render_consolidation(
            ConsolidatedDocument(
                language=language,
                number=f"C-{whole.number}",
                issued_on=whole.issued_on,
                supplier=letterhead(coop),
                purchaser=party(whole.organisation),
                agreement=whole.agreement.name if whole.agreement else "",
                period_first=min(part.period_start for part in parts),
                period_last=max(part.period_end for part in parts),
                due_on=due_on,
                payment_terms=terms,
                parts=[
                    InvoicePart(
                        number=str(part.number),
                        served=part.mandate.organisation.name,
                        title=part.mandate.title,
                        province=str(Province(part.province).label),
                        minutes=sum(line.minutes or 0 for line in part.lines.all()),
                        net=part.net,
                        taxes=taxes_printed(
                            [
                                TaxLine(one.code, one.rate, one.amount)
                                for one in part.taxes.all()
                            ],
                            coop,
                        ),
                        total=part.total,
                    )
                    for part in parts
                ],
                total=sum((part.total for part in parts), ZERO),
                how_to_pay=how_to_pay(coop),
            )
        )


def taxes_printed(taxes: Sequence[TaxLine], coop: Cooperative) -> list[TaxDue]:
    """Return taxes as they are printed, with their registration numbers."""
    return [
        TaxDue(
            code=one.code,
            rate=one.rate,
            amount=one.amount,
            registration_number=(
                coop.qst_number if one.code == "QST" else coop.gst_number
            ),
        )
        for one in taxes
    ]


def how_to_pay(coop: Cooperative) -> str:
    """Say how to pay, in the active language."""
    if not coop.email:
        return ""
    return gettext(
        "Par virement ou par chèque, en indiquant le numéro de la facture. "
        "Une question ? Écrivez à %(email)s."
    ) % {"email": coop.email}


def _made_of(invoices: Sequence[Invoice]) -> dict[int, dict[int, _Made]]:
    """Return what each invoice was made of, by its id, then by the line's position.

    A credit note takes its days and kilometres from the invoice that it mends.
    """
    by_source: dict[int, dict[int, _Made]] = defaultdict(dict)
    sources = {one.pk: one.credits_id or one.pk for one in invoices}
    for source, position, *made in (
        InvoicedWork.objects.filter(line__invoice__in=set(sources.values()))
        .order_by()
        .values_list("line__invoice_id", "line__position")
        .annotate(Min("time__on"), Max("time__on"))
        .values_list(
            "line__invoice_id",
            "line__position",
            "time__on__min",
            "time__on__max",
            "trip__on",
            "trip__km",
            "trip__amount",
            "expense__on",
        )
    ):
        by_source[source][position] = _Made(*made)
    return {pk: by_source[source] for pk, source in sources.items()}


def _lines(
    invoice: Invoice, made_of: Mapping[int, _Made]
) -> tuple[list[WorkLine], list[TripLine | ExpenseLine], list[ExpenseLine]]:
    """Return what is printed: work and agreed amounts, trips, expenses."""
    work, trips, expenses = [], [], []
    for line in invoice.lines.all():
        made = made_of.get(line.position)
        is_trip = line.kind == InvoiceLine.Kind.TRIP and made and made.trip_on
        # An amount of a trip given back is not so many kilometres.
        if is_trip and abs(line.amount) == made.trip_amount:
            trips.append(_trip(line, made.trip_on, made.km))
        elif line.kind == InvoiceLine.Kind.EXPENSE and made and made.spent_on:
            expenses.append(
                ExpenseLine(
                    on=made.spent_on,
                    description=line.description,
                    amount=line.amount,
                )
            )
        else:
            work.append(
                WorkLine(
                    description=line.description,
                    amount=line.amount,
                    minutes=line.minutes,
                    rate=line.rate,
                    first_on=made.first_on if made else None,
                    last_on=made.last_on if made else None,
                )
            )
    printed = [one for one in trips if isinstance(one, TripLine)]
    others = [one for one in trips if isinstance(one, ExpenseLine)]
    return work, printed, others + expenses


def _trip(line: InvoiceLine, on: date, km: Decimal) -> TripLine | ExpenseLine:
    """Print kilometres × rate where one rate gives the amount, else the amount.

    A trip that crosses the yearly threshold is paid at two rates.
    """
    for places in ("0.01", "0.001"):
        rate = (abs(line.amount) / km).quantize(Decimal(places))
        if to_cents(km * rate) == abs(line.amount):
            return TripLine(
                on=on,
                description=line.description,
                km=km if line.amount >= 0 else -km,
                rate=rate,
                amount=line.amount,
            )
    return ExpenseLine(on=on, description=line.description, amount=line.amount)


def letterhead(coop: Cooperative) -> Letterhead:
    return Letterhead(
        name=coop.name,
        address=_address(coop),
        neq=coop.neq,
        email=coop.email,
        phone=coop.phone,
    )


def party(organisation: Organisation) -> Party:
    return Party(name=organisation.name, address=_address(organisation))


def _address(place: Cooperative | Organisation) -> tuple[str, ...]:
    province = Province(place.province).label
    town = f"{place.city} ({province})" if place.city else str(province)
    return place.address, f"{town}\u00a0\u00a0{place.postal_code}".strip()


def print_statement(
    organisation: Organisation, *, start: date, on: date, coop: Cooperative
) -> bytes:
    """Print an organisation's account from `start` to `on`, with the ages owed."""
    language = "en" if organisation.language == "en" else "fr"
    opening, moves = queries.movements(organisation.pk, start, on)
    accounts = queries.balances(on, organisation_ids=[organisation.pk])
    closing = moves[-1].balance if moves else opening
    with override(f"{language}-ca"):
        words = {
            "INVOICE": gettext("Facture %(number)s"),
            "CREDIT": gettext("Note de crédit %(number)s"),
            "PAYMENT": gettext("Paiement, facture %(number)s"),
        }
        labels = age_labels()
        ages = []
        if accounts and accounts[0].balance == closing:
            account = accounts[0]
            ages = [
                AgedBalance(label=label, amount=amount)
                for label, amount in zip(labels, account.ages, strict=True)
            ]
            if account.credit:
                label = gettext("À votre crédit")
                ages.append(AgedBalance(label=label, amount=-account.credit))
        return render_statement(
            StatementDocument(
                language=language,
                as_of=on,
                period_first=start,
                supplier=letterhead(coop),
                member=party(organisation),
                opening=opening,
                closing=closing,
                entries=[
                    StatementEntry(
                        on=move.on,
                        description=words[move.kind] % {"number": move.number},
                        amount=move.amount,
                        due_on=move.due_on,
                    )
                    for move in moves
                ],
                ages=ages,
                how_to_pay=how_to_pay(coop),
            )
        )


def age_labels() -> list[str]:
    """Return how the five ages of a balance are called, in the active language."""
    return [
        gettext("À échoir"),
        gettext("1 à 30 jours"),
        gettext("31 à 60 jours"),
        gettext("61 à 90 jours"),
        gettext("Plus de 90 jours"),
    ]
