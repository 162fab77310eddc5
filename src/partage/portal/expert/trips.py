"""Trips and expenses of a week: written with it, approved with it."""

from datetime import date, timedelta
from decimal import Decimal

from django import forms
from django.contrib import messages
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partage.archive.models import File
from partage.journal.actions import ActionRefused
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.expert.week import own
from partage.portal.forms import Form
from partage.portal.once import once
from partage.portal.weeks import STATES
from partage.rules.calendar import monday_of
from partage.tariffs.models import MileageRate
from partage.timesheets import actions, queries
from partage.timesheets.actions.travel import OWN_CAR
from partage.timesheets.models import Expense, Trip, Week
from partage.timesheets.queries import WEEK

FURTHEST = 5000  # km: a trip beyond is a slip of the finger


class TravelForm(Form):
    """What a trip and an expense share: a day, and a mandate of that time."""

    on = forms.DateField(label=_("Date"))
    mandate_id = forms.TypedChoiceField(label=_("Mandat"), coerce=int)

    def __init__(self, *args, expert, monday: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        # A year around the week: the act says it if the day is outside its life.
        mandates = queries.mandates_for(
            expert.pk, monday - 26 * WEEK, monday + 26 * WEEK
        )
        self.fields["mandate_id"].choices = [("", "—")] + [
            (one.pk, f"{one.organisation.name} · {one.title}") for one in mandates
        ]


class TripForm(TravelForm):
    mode = forms.ChoiceField(label=_("Mode"), choices=Trip.Mode)
    origin = forms.CharField(label=_("De"), max_length=80)
    destination = forms.CharField(label=_("À"), max_length=80)
    km = forms.DecimalField(
        label=_("Distance"),
        max_digits=7,
        decimal_places=1,
        min_value=Decimal("0.1"),
        max_value=FURTHEST,
        help_text=_("En km, aller et retour compris."),
    )


class ExpenseForm(TravelForm):
    description = forms.CharField(label=_("Dépense"), max_length=200)
    amount = forms.DecimalField(
        label=_("Montant"),
        max_digits=8,
        decimal_places=2,
        min_value=Decimal("0.01"),
        help_text=_("En dollars, sans les taxes récupérées."),
    )
    files = forms.FileField(label=_("Reçu"), required=False)


FORMS = {"trip": TripForm, "expense": ExpenseForm}


def _monday(request: HttpRequest) -> date:
    try:
        return monday_of(date.fromisoformat(request.GET.get("semaine", "")))
    except ValueError:
        return monday_of(request.who.today)


def _address(monday: date) -> str:
    return f"{reverse('expert:trips')}?semaine={monday}"


@allow(Role.EXPERT)
def trips(request: HttpRequest) -> HttpResponse:
    expert, monday = own(request), _monday(request)
    sent = request.POST.get("what") if request.method == "POST" else None
    initial = {"on": min(request.who.today, monday + timedelta(days=6))}
    made = {
        name: kind(
            request.POST if name == sent else None,
            request.FILES if name == sent else None,
            expert=expert,
            monday=monday,
            initial=initial,
            prefix=name,
        )
        for name, kind in FORMS.items()
    }
    refused, status = "", 200
    if sent in made:
        form, status = made[sent], 422
        if form.is_valid():
            try:
                return once(request, lambda: _add(request, expert.pk, sent, form))
            except ActionRefused as why:
                refused, status = str(why), 409
    week = queries.week_of(expert.pk, monday)
    year = Trip.objects.filter(
        week__expert=expert, on__year=monday.year, mode__in=OWN_CAR
    ).aggregate(km=Sum("km"), amount=Sum("amount"))
    return render(
        request,
        "expert/trips.html",
        {
            "week": week,
            "state_kind": STATES[Week.Status(week.status)],
            "monday": monday,
            "before": monday - WEEK,
            "after": monday + WEEK,
            "editable": week.status == Week.Status.OPEN,
            "trips": _rows(week.trips) if week.pk else [],
            "expenses": _rows(week.expenses) if week.pk else [],
            "year": year,
            "rate": MileageRate.objects.filter(starts_on__lte=monday)
            .order_by("-starts_on")
            .first(),
            "trip": made["trip"],
            "expense": made["expense"],
            "sent": sent,
            "refused": refused,
        },
        status=status,
    )


def _rows(related) -> list:
    return list(related.select_related("mandate__organisation").order_by("on", "id"))


def _facts(form: TravelForm) -> dict:
    facts = dict(form.cleaned_data)
    if "files" in facts:
        file = facts.pop("files")
        facts["receipt"] = (file.name, file.read()) if file else None
    return facts


def _add(request: HttpRequest, expert_id: int, what: str, form: TravelForm) -> str:
    facts = _facts(form)
    if what == "trip":
        row = actions.add_trip(expert_id=expert_id, by=request.who.by, **facts)
        messages.success(request, gettext("Le trajet est ajouté."))
    else:
        row = actions.add_expense(expert_id=expert_id, by=request.who.by, **facts)
        messages.success(request, gettext("La dépense est ajoutée."))
    return _address(monday_of(row.on))


@allow(Role.EXPERT)
def trip(request: HttpRequest, trip_id: int) -> HttpResponse:
    row = get_object_or_404(Trip, pk=trip_id, week__expert=own(request))
    return _one(request, "trip", row)


@allow(Role.EXPERT)
def expense(request: HttpRequest, expense_id: int) -> HttpResponse:
    row = get_object_or_404(Expense, pk=expense_id, week__expert=own(request))
    return _one(request, "expense", row)


def _one(request: HttpRequest, what: str, row: Trip | Expense) -> HttpResponse:
    names = [name for name in FORMS[what].base_fields if name != "files"]
    monday = monday_of(row.on)
    deletes = request.POST.get("do") == "remove"
    form = FORMS[what](
        request.POST if request.method == "POST" and not deletes else None,
        request.FILES or None,
        expert=own(request),
        monday=monday,
        initial={name: getattr(row, name) for name in names},
    )
    refused, status = "", 200
    if request.method == "POST":
        status = 422
        if deletes or form.is_valid():
            try:
                return once(request, lambda: _change(request, what, row, form, deletes))
            except ActionRefused as why:
                refused, status = str(why), 409
    return render(
        request,
        "expert/trip.html",
        {
            "what": what,
            "row": row,
            "form": form,
            "monday": monday,
            "refused": refused,
            "editable": row.week.status == Week.Status.OPEN,
        },
        status=status,
    )


def _change(request, what: str, row, form: TravelForm, deletes: bool) -> str:
    by = request.who.by
    if what == "trip" and deletes:
        actions.remove_trip(trip_id=row.pk, by=by)
        messages.success(request, gettext("Le trajet est retiré."))
    elif what == "trip":
        row = actions.change_trip(trip_id=row.pk, by=by, **_facts(form))
        messages.success(request, gettext("Le trajet est changé."))
    elif deletes:
        actions.remove_expense(expense_id=row.pk, by=by)
        messages.success(request, gettext("La dépense est retirée."))
    else:
        row = actions.change_expense(expense_id=row.pk, by=by, **_facts(form))
        messages.success(request, gettext("La dépense est changée."))
    return _address(monday_of(row.on))


@allow(Role.EXPERT)
def receipt(request: HttpRequest, expense_id: int) -> HttpResponse:
    row = get_object_or_404(
        Expense.objects.select_related("receipt"),
        pk=expense_id,
        week__expert=own(request),
    )
    return receipt_of(row)


def receipt_of(row: Expense) -> HttpResponse:
    """Hand out the receipt of an expense, always as a download."""
    if row.receipt is None:
        raise Http404
    kept: File = row.receipt
    response = HttpResponse(bytes(kept.content), content_type=kept.media_type)
    response.headers["Content-Disposition"] = content_disposition_header(
        True, kept.name
    )
    return response


urls = [
    path("frais/", trips, name="trips"),
    path("frais/trajets/<int:trip_id>", trip, name="trip"),
    path("frais/depenses/<int:expense_id>", expense, name="expense"),
    path("frais/depenses/<int:expense_id>/recu", receipt, name="receipt"),
]
