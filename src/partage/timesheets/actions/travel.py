"""Trips and expenses of a week, made for a mandate."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from partage.archive.actions import keep_file
from partage.experts.models import Expert
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.rules.calendar import monday_of
from partage.rules.mileage import MileageRates, mileage_allowance
from partage.tariffs.models import MileageRate
from partage.timesheets.actions.opening import (
    Ground,
    MonthIsLocked,
    count_change,
    hold_open_week,
)
from partage.timesheets.models import Expense, Trip, Week
from partage.timesheets.queries import Key

OWN_CAR = (Trip.Mode.CAR, Trip.Mode.HYBRID, Trip.Mode.ELECTRIC)


class DayNotPassed(ActionRefused):
    sentence = _("Ce jour n’est pas encore venu. Notez-le une fois fait.")
    field = "on"


class NoMileageRate(ActionRefused):
    sentence = _(
        "Aucun taux kilométrique n’est en vigueur à cette date. "
        "Demandez aux finances d’en inscrire un."
    )
    field = "on"


class TravelGone(ActionRefused):
    sentence = _("Cette ligne n’existe plus. Rechargez la page.")


def _ground(expert_id: int, on: date, mandate_id: int, by: Actor) -> None:
    if on > by.on:
        raise DayNotPassed
    key = Key(on, mandate_id)
    if problem := Ground(expert_id, [key], by).problem(key):
        raise problem


def _week_of_a_change(row: Trip | Expense, by: Actor, delegate: bool) -> Week:
    """Hold the week that a row leaves; its month must not be locked."""
    week = hold_open_week(row.week.expert_id, row.week.monday, delegate=delegate)
    key = Key(row.on, row.mandate_id)
    if Ground(week.expert_id, [key], by).is_locked(row.on):
        raise MonthIsLocked
    return week


def _price_again(expert_id: int, year: int, *, also: int | None = None) -> None:
    """Price the trips of the year that can still change, in the order written.

    Those of submitted and approved weeks are frozen (but `also`, which is being
    corrected) and their km come first: the km paid at each rate are right in
    all, whatever the order of writing.
    """
    trips = Trip.objects.filter(
        week__expert_id=expert_id, on__year=year, mode__in=OWN_CAR
    )
    can_change = Q(week__status=Week.Status.OPEN) | Q(pk=also)
    before = trips.exclude(can_change).aggregate(km=Sum("km"))["km"] or Decimal(0)
    rates = list(MileageRate.objects.filter(starts_on__lte=date(year, 12, 31)))
    changed = []
    for trip in trips.filter(can_change).order_by("id"):
        rate = next((r for r in rates if r.starts_on <= trip.on), None)
        if rate is None:
            raise NoMileageRate
        amount = mileage_allowance(
            trip.km,
            before,
            MileageRates(rate.first, rate.beyond, Decimal(rate.threshold_km)),
        ).amount
        before += trip.km
        if amount != trip.amount:
            trip.amount = amount
            changed.append(trip)
    Trip.objects.bulk_update(changed, ["amount"])


def _hold_expert(expert_id: int) -> None:
    """Trips of one person wait for each other: they share a threshold of km."""
    Expert.objects.select_for_update(no_key=True).get(pk=expert_id)


@transaction.atomic
def add_trip(
    *,
    expert_id: int,
    on: date,
    mandate_id: int,
    mode: str,
    origin: str,
    destination: str,
    km: Decimal,
    by: Actor,
    delegate: bool = False,
) -> Trip:
    """Write a trip in the week of its day, with its allowance.

    Public transit has no allowance per km: its ticket is an expense.

    Raises DayNotPassed, NoMileageRate, WeekSubmitted, WeekApproved, MonthIsLocked
    or why the mandate cannot take it.
    """
    _hold_expert(expert_id)
    week = hold_open_week(expert_id, monday_of(on), delegate=delegate)
    _ground(expert_id, on, mandate_id, by)
    trip = Trip.objects.create(
        week=week,
        on=on,
        mandate_id=mandate_id,
        mode=mode,
        origin=origin,
        destination=destination,
        km=km,
        amount=0,
    )
    _settle(trip, week, by, "timesheets.trip.added", on.year)
    return trip


@transaction.atomic
def change_trip(*, trip_id: int, by: Actor, delegate: bool = False, **changes) -> Trip:
    """Change a trip: on, mandate_id, mode, origin, destination, km."""
    trip = _found(Trip, trip_id)
    _hold_expert(trip.week.expert_id)
    old, year = _week_of_a_change(trip, by, delegate), trip.on.year
    for name, value in changes.items():
        setattr(trip, name, value)
    week = hold_open_week(old.expert_id, monday_of(trip.on), delegate=delegate)
    _ground(week.expert_id, trip.on, trip.mandate_id, by)
    trip.week, trip.amount = week, Decimal(0)
    trip.save()
    if old.pk != week.pk:
        count_change(old)
    _settle(trip, week, by, "timesheets.trip.changed", year, trip.on.year)
    return trip


@transaction.atomic
def remove_trip(*, trip_id: int, by: Actor, delegate: bool = False) -> Week:
    """Take a trip away; the open trips of the year are priced again."""
    trip = _found(Trip, trip_id)
    _hold_expert(trip.week.expert_id)
    week = _week_of_a_change(trip, by, delegate)
    Trip.objects.filter(pk=trip.pk).delete()
    _price_again(week.expert_id, trip.on.year)
    _told(week, by, "timesheets.trip.removed", {"on": str(trip.on), "km": str(trip.km)})
    return week


def _settle(trip: Trip, week: Week, by: Actor, what: str, *years: int) -> None:
    for year in {*years}:
        _price_again(week.expert_id, year, also=trip.pk)
    trip.refresh_from_db()
    _told(
        week,
        by,
        what,
        {"on": str(trip.on), "km": str(trip.km), "amount": str(trip.amount)},
    )


def _told(week: Week, by: Actor, what: str, facts: Mapping[str, str]) -> None:
    count_change(week)
    journal.record(what=what, subject=week, by=by, **facts)


def _found(model, row_id: int):
    row = model.objects.select_related("week").filter(pk=row_id).first()
    if row is None:
        raise TravelGone
    return row


@transaction.atomic
def add_expense(
    *,
    expert_id: int,
    on: date,
    mandate_id: int,
    description: str,
    amount: Decimal,
    by: Actor,
    receipt: tuple[str, bytes] | None = None,
    delegate: bool = False,
) -> Expense:
    """Write an expense in the week of its day; `receipt` is a name and its bytes.

    Raises what add_trip raises, and what keep_file refuses.
    """
    week = hold_open_week(expert_id, monday_of(on), delegate=delegate)
    _ground(expert_id, on, mandate_id, by)
    expense = Expense.objects.create(
        week=week,
        on=on,
        mandate_id=mandate_id,
        description=description,
        amount=amount,
        receipt=_kept(receipt, by),
    )
    _told(week, by, "timesheets.expense.added", {"on": str(on), "amount": str(amount)})
    return expense


@transaction.atomic
def change_expense(
    *,
    expense_id: int,
    by: Actor,
    receipt: tuple[str, bytes] | None = None,
    delegate: bool = False,
    **changes,
) -> Expense:
    """Change an expense: on, mandate_id, description, amount; maybe its receipt."""
    expense = _found(Expense, expense_id)
    old = _week_of_a_change(expense, by, delegate)
    for name, value in changes.items():
        setattr(expense, name, value)
    week = hold_open_week(old.expert_id, monday_of(expense.on), delegate=delegate)
    _ground(week.expert_id, expense.on, expense.mandate_id, by)
    expense.week = week
    if receipt:
        expense.receipt = _kept(receipt, by)
    expense.save()
    if old.pk != week.pk:
        count_change(old)
    _told(
        week,
        by,
        "timesheets.expense.changed",
        {"on": str(expense.on), "amount": str(expense.amount)},
    )
    return expense


@transaction.atomic
def remove_expense(*, expense_id: int, by: Actor, delegate: bool = False) -> Week:
    """Take an expense away. Its receipt stays in the archive."""
    expense = _found(Expense, expense_id)
    week = _week_of_a_change(expense, by, delegate)
    Expense.objects.filter(pk=expense.pk).delete()
    _told(
        week,
        by,
        "timesheets.expense.removed",
        {"on": str(expense.on), "amount": str(expense.amount)},
    )
    return week


def _kept(receipt: tuple[str, bytes] | None, by: Actor):
    if receipt is None:
        return None
    name, content = receipt
    return keep_file(name=name, content=content, by=by)
