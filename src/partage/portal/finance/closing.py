"""The fiscal year: what it was so far, and its closing."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from partage.closing.actions import close_year
from partage.closing.models import YearEnd
from partage.closing.queries import closed_years, fiscal_year, year_totals
from partage.governance.queries import resolutions
from partage.journal.actions import ActionRefused
from partage.people.models import Role
from partage.portal import words
from partage.portal.access import allow
from partage.portal.forms import Form
from partage.portal.once import once


class CloseForm(Form):
    resolution = forms.ModelChoiceField(
        label=_("Résolution qui clôt l’exercice"),
        queryset=None,
        empty_label=_("Choisir"),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        found = resolutions().filter(adopted=True)
        self.fields["resolution"].queryset = found
        self.fields["resolution"].label_from_instance = lambda row: (
            f"{row.number} — {row.text[:70]}"
        )


@allow(Role.FINANCE)
def closing(request: HttpRequest) -> HttpResponse:
    today, first_month = request.who.today, request.who.cooperative.first_month
    now = fiscal_year(today, first_month=first_month)
    last = fiscal_year(now[0] - timedelta(days=1), first_month=first_month)
    is_closed = YearEnd.objects.filter(
        starts_on=last[0], status=YearEnd.Status.CLOSED
    ).exists()
    form, refused, status = CloseForm(), None, 200
    if request.method == "POST":
        form, status = CloseForm(request.POST), 422
        if form.is_valid():

            def act() -> str:
                close_year(
                    starts_on=last[0],
                    ends_on=last[1],
                    resolution_id=form.cleaned_data["resolution"].pk,
                    by=request.who.by,
                )
                messages.success(request, gettext("L’exercice est clos."))
                return reverse("finance:closing")

            try:
                return once(request, act)
            except ActionRefused as why:
                refused, status = str(why), 409
    years = [_year(gettext("Exercice en cours"), *now)]
    if not is_closed:
        years.append(_year(gettext("Exercice à clore"), *last))
    return render(
        request,
        "finance/closing.html",
        {
            "years": years,
            "left": None if is_closed else years[-1]["totals"].to_bill,
            "to_close": None if is_closed else last,
            "closed": list(closed_years()),
            "form": form,
            "refused": refused,
        },
        status=status,
    )


def _year(label: str, start, end) -> dict:
    totals = year_totals(start, end)
    language = get_language() or "fr"
    return {
        "label": label,
        "start": start,
        "end": end,
        "totals": totals,
        "figures": [
            {
                "label": gettext("Heures vendues"),
                "value": words.hours(totals.minutes, language, decimals=0),
            },
            {
                "label": gettext("Facturé avant taxes"),
                "value": words.money(totals.invoiced, language, decimals=0),
            },
            {
                "label": gettext("Reste à facturer"),
                "value": words.money(totals.to_bill, language, decimals=0),
                "kind": "wait" if totals.to_bill else "",
            },
        ],
    }


urls = [path("annee/", closing, name="closing")]
