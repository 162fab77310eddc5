"""Payments received, what each organisation owes and how late, its statement."""

from datetime import date, timedelta

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partage.billing import actions, queries
from partage.billing.actions.paying import TooMuch
from partage.billing.actions.printing import age_labels
from partage.billing.models import Invoice, Payment
from partage.closing.queries import fiscal_year
from partage.journal.actions import ActionRefused
from partage.members.models import Organisation
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.charts import Chart, Series
from partage.portal.files import read_here
from partage.portal.finance.invoice import PayForm
from partage.portal.finance.invoices import PERIODS, month_of
from partage.portal.forms import Form
from partage.portal.once import once
from partage.portal.spreadsheets import sheet
from partage.rules.calendar import last_of_month
from partage.rules.money import ZERO
from partage.rules.triage import fold


class ReceivedForm(PayForm):
    number = forms.IntegerField(
        label=_("Numéro de la facture"), min_value=1, max_value=2_147_483_647
    )
    field_order = ("number", "amount", "received_on", "method", "note", "over")

    def clean_number(self) -> int:
        number = self.cleaned_data["number"]
        self.invoice = Invoice.objects.filter(number=number).first()
        if self.invoice is None:
            raise forms.ValidationError(
                gettext(
                    "Aucune facture %(number)s. Vérifiez le numéro sur le paiement."
                )
                % {"number": number}
            )
        return number


@allow(Role.FINANCE)
def payments(request: HttpRequest) -> HttpResponse:
    form = ReceivedForm(initial={"received_on": request.who.today})
    refused, too_much, status = None, False, 200
    if request.method == "POST":
        form = ReceivedForm(request.POST)
        status = 422
        if form.is_valid():
            try:
                return once(request, lambda: _receive(request, form))
            except ActionRefused as why:
                refused, too_much, status = str(why), isinstance(why, TooMuch), 409
    found = Payment.objects.select_related("invoice__organisation", "recorded_by")
    typed = request.GET.get("q", "").replace("\0", "").strip()
    if typed.isdecimal() and len(typed) < 10:
        found = found.filter(invoice__number=int(typed))
    else:
        for word in fold(typed).split():
            found = found.filter(
                Q(invoice__organisation__sort_key__contains=word)
                | Q(note__icontains=word)
            )
    if month := month_of(request.GET.get("mois", "")):
        found = found.filter(received_on__range=(month, last_of_month(month)))
    found = found.order_by("-received_on", "-pk")
    if request.GET.get("format") == "xlsx":
        return sheet(
            gettext("paiements"),
            [
                gettext("Reçu le"),
                gettext("Organisation"),
                gettext("Facture"),
                gettext("Mode"),
                gettext("Montant ($)"),
                gettext("Note"),
                gettext("Inscrit par"),
            ],
            (
                (
                    one.received_on,
                    one.invoice.organisation.name,
                    one.invoice.number,
                    one.get_method_display(),
                    one.amount,
                    one.note,
                    one.recorded_by,
                )
                for one in found
            ),
        )
    months = Payment.objects.dates("received_on", "month", order="DESC")[:PERIODS]
    return render(
        request,
        "finance/payments.html",
        {
            "page": Paginator(found, 25).get_page(request.GET.get("page")),
            "sum": found.aggregate(sum=Sum("amount"))["sum"] or ZERO,
            "months": [(f"{one:%Y-%m}", one) for one in months],
            "is_filtered": bool(typed or month),
            "pay_form": form,
            "refused": refused,
            "too_much": too_much,
        },
        status=status,
    )


def _receive(request: HttpRequest, form: ReceivedForm) -> str:
    typed = {key: form.cleaned_data[key] for key in PayForm.base_fields}
    actions.record_payment(invoice_id=form.invoice.pk, by=request.who.by, **typed)
    messages.success(
        request,
        gettext("Le paiement de la facture %(number)s est inscrit.")
        % {"number": form.invoice.number},
    )
    return reverse("finance:payments")


@allow(Role.FINANCE)
def accounts(request: HttpRequest) -> HttpResponse:
    rows = queries.balances(request.who.today)
    labels = age_labels()
    if request.GET.get("format") == "xlsx":
        return sheet(
            gettext("comptes"),
            [
                gettext("Organisation"),
                *labels,
                gettext("À son crédit"),
                gettext("Solde"),
            ],
            ((one.name, *one.ages, one.credit, one.balance) for one in rows),
        )
    if request.GET.get("tri") != "nom":
        rows.sort(key=lambda one: (-one.late, -one.owed))
    sums = [sum((one.ages[at] for one in rows), ZERO) for at in range(5)]
    page = Paginator(rows, 25).get_page(request.GET.get("page"))
    for one in page:
        one.by_age = list(zip(labels, one.ages, strict=True))
    return render(
        request,
        "finance/accounts.html",
        {
            "page": page,
            "labels": labels,
            "sums": list(zip(labels, sums, strict=True)),
            "balance": sum((one.balance for one in rows), ZERO),
            "owed": sum(sums, ZERO),
            "late": sum(sums[1:], ZERO),
            "credit": sum((one.credit for one in rows), ZERO),
            "chart": Chart(
                gettext("Ce qui est à recevoir, par jours de retard"),
                [gettext("À échoir"), "1-30", "31-60", "61-90", "90 +"],
                [Series(gettext("À recevoir"), sums)],
                "$",
                decimals=0,
            ),
        },
    )


class SpanForm(Form):
    start = forms.DateField(label=_("Du"))
    end = forms.DateField(label=_("Au"))

    def clean(self) -> dict:
        data = super().clean()
        if data.get("start") and data.get("end") and data["end"] < data["start"]:
            self.add_error("end", gettext("La fin vient avant le début. Inversez-les."))
        return data


def _span(request: HttpRequest) -> tuple[SpanForm, date, date]:
    today = request.who.today
    start, _end = fiscal_year(today, first_month=request.who.cooperative.first_month)
    start = min(start, today - timedelta(days=180))
    given = {"start": start, "end": today}
    form = SpanForm({**given, **request.GET.dict()})
    if form.is_valid():
        given = form.cleaned_data
    return form, given["start"], given["end"]


@allow(Role.FINANCE)
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    organisation = get_object_or_404(Organisation, pk=pk)
    form, start, end = _span(request)
    opening, moves = queries.movements(pk, start, end)
    if request.GET.get("format") == "pdf":
        content = actions.print_statement(
            organisation, start=start, on=end, coop=request.who.cooperative
        )
        return read_here(f"{gettext('releve')}-{organisation.pk}-{end}.pdf", content)
    found = queries.balances(request.who.today, organisation_ids=[pk])
    return render(
        request,
        "finance/statement.html",
        {
            "organisation": organisation,
            "form": form,
            "start": start,
            "end": end,
            "opening": opening,
            "page": Paginator(moves, 50).get_page(request.GET.get("page")),
            "closing": moves[-1].balance if moves else opening,
            "account": found[0] if found else None,
            "ages": list(zip(age_labels(), found[0].ages, strict=True))
            if found
            else [],
        },
        status=200 if form.is_valid() else 422,
    )


urls = [
    path("paiements/", payments, name="payments"),
    path("comptes/", accounts, name="accounts"),
    path("comptes/<int:pk>", statement, name="statement"),
]
