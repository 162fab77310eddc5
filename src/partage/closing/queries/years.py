"""A fiscal year: what was sold, what was invoiced, what remains, by what rules."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from partage.billing.models import Invoice
from partage.billing.queries import DOLLARS, drafts, to_bill
from partage.closing.models import ClosingRule, Computation, Proposal, YearEnd
from partage.rules.money import ZERO
from partage.tariffs.models import RateCard
from partage.tariffs.queries import card_in_force, cards
from partage.timesheets.models import TimeEntry, Week


@dataclass(frozen=True, slots=True)
class YearTotals:
    """What a year was, by the days on which the work was done."""

    minutes: int  # on mandates: what was sold
    invoiced: Decimal  # before tax, credit notes taken off
    unapproved_minutes: int
    unapproved_weeks: int
    drafts: int
    to_bill: Decimal  # approved, on no invoice and no draft


def year_totals(start: date, end: date) -> YearTotals:
    """Return the hours sold and the amounts invoiced for the days of a year.

    An invoice counts in the year of the work that it bills, even issued after it:
    so hours and dollars speak of the same work.
    """
    waiting = ~Q(week__status=Week.Status.APPROVED)
    time = TimeEntry.objects.filter(
        on__gte=start, on__lte=end, mandate__isnull=False
    ).aggregate(
        sold=Coalesce(Sum("minutes"), 0),
        unapproved=Coalesce(Sum("minutes", filter=waiting), 0),
        weeks=Count("week", filter=waiting, distinct=True),
    )
    return YearTotals(
        minutes=time["sold"],
        unapproved_minutes=time["unapproved"],
        unapproved_weeks=time["weeks"],
        invoiced=Invoice.objects.filter(
            period_end__gte=start, period_end__lte=end, number__isnull=False
        ).aggregate(net=Coalesce(Sum("net"), ZERO, output_field=DOLLARS))["net"],
        drafts=drafts().filter(period_end__gte=start, period_end__lte=end).count(),
        to_bill=sum((one.net for one in to_bill(end) if one.month >= start), ZERO),
    )


def fiscal_year(on: date, *, first_month: int) -> tuple[date, date]:
    """Return the first and last day of the fiscal year that holds a date."""
    year = on.year - (on.month < first_month)
    start = date(year, first_month, 1)
    return start, date(year + 1, first_month, 1) - timedelta(days=1)


def closed_years() -> QuerySet[YearEnd]:
    return YearEnd.objects.filter(status=YearEnd.Status.CLOSED).select_related(
        "resolution__meeting"
    )


def carried_into(starts_on: date) -> Proposal | None:
    """Return what the last closed year before a date carries to rates, if anything."""
    last = (
        Proposal.objects.filter(
            status=Proposal.Status.POSTED, year__ends_on__lt=starts_on
        )
        .select_related("year", "resolution")
        .order_by("-year__starts_on")
        .first()
    )
    return last if last and last.rate_change else None


def rules_on(on: date) -> dict[str, ClosingRule]:
    """Return the closing rules in force on a date, by code."""
    found: dict[str, ClosingRule] = {}
    for row in ClosingRule.objects.filter(starts_on__lte=on).order_by("starts_on"):
        found[row.code] = row
    return found


def cards_of(start: date, end: date) -> list[RateCard]:
    """Return the rate cards in force in a year, the oldest first."""
    first = card_in_force(start)
    later = cards().filter(starts_on__gt=start, starts_on__lte=end)
    return ([first] if first else []) + list(later.order_by("starts_on"))


def last_computation(year: YearEnd) -> Computation | None:
    return year.computations.order_by("-number").first()


def proposal_of(year: YearEnd) -> Proposal | None:
    """Return the one proposal of a year that goes forward, if the board chose one."""
    return (
        Proposal.objects.filter(year=year, status__in=Proposal.CHOSEN)
        .select_related("computation", "meeting", "resolution__meeting")
        .first()
    )
