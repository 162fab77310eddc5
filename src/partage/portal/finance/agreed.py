"""Agreed amounts: deposits, fixed prices and what recurs, by mandate."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from partage.billing import actions, queries
from partage.billing.models import Instalment, InvoicedWork, Schedule
from partage.journal.actions import ActionRefused
from partage.mandates.models import Mandate
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.finance.invoices import chosen_ids
from partage.portal.forms import Form
from partage.portal.once import once

MONTHS = (
    (1, _("tous les mois")),
    (3, _("tous les trois mois")),
    (6, _("tous les six mois")),
    (12, _("tous les ans")),
)


class InstalmentForm(Form):
    kind = forms.ChoiceField(
        label=_("Nature"),
        choices=[
            (kind.value, kind.label)
            for kind in (
                Instalment.Kind.DEPOSIT,
                Instalment.Kind.FIXED,
                Instalment.Kind.HOURS,
            )
        ],
        help_text=_(
            "Un prix convenu couvre les heures du mandat. Une banque d’heures est "
            "facturée à son achat, puis se tire sous son entente."
        ),
    )
    title = forms.CharField(label=_("Description"), max_length=150)
    amount = forms.DecimalField(
        label=_("Montant avant taxes ($)"), max_digits=9, decimal_places=2
    )
    on = forms.DateField(label=_("À facturer le"))
    milestone_id = forms.TypedChoiceField(
        label=_("Ou quand ce jalon est atteint"),
        required=False,
        coerce=int,
        empty_value=None,
    )

    def __init__(self, mandate: Mandate, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["milestone_id"].choices = [
            ("", _("aucun : à la date")),
            *((one.pk, one.title) for one in mandate.milestones.all()),
        ]


class ScheduleForm(Form):
    kind = forms.ChoiceField(
        label=_("Nature"),
        choices=Schedule.Kind.choices,
        help_text=_("Un forfait de gestion couvre les heures du mandat."),
    )
    title = forms.CharField(label=_("Description"), max_length=150)
    amount = forms.DecimalField(
        label=_("Montant avant taxes ($)"), max_digits=9, decimal_places=2
    )
    months = forms.TypedChoiceField(label=_("Rythme"), choices=MONTHS, coerce=int)
    starts_on = forms.DateField(label=_("À partir du"))
    ends_on = forms.DateField(label=_("Jusqu’au"), required=False)


@allow(Role.FINANCE)
def agreed(request: HttpRequest) -> HttpResponse:
    """What is to bill and to come, and a way to any mandate by its reference."""
    refused, status = "", 200
    if request.method == "POST":
        try:
            return once(request, lambda: _draft(request))
        except ActionRefused as why:
            refused, status = str(why), 409
    typed = request.GET.get("mandat", "").replace("\0", "").strip()
    if typed:
        found = Mandate.objects.filter(reference__iexact=typed).first()
        if found:
            return redirect("finance:agreed_mandate", found.pk)
        refused = gettext("Aucun mandat %(reference)s. Vérifiez sa référence.") % {
            "reference": typed
        }
    today = request.who.today
    rows = queries.unbilled_instalments()
    return render(
        request,
        "finance/agreed.html",
        {
            "page": Paginator(rows, 25).get_page(request.GET.get("page")),
            "due": {one.pk for one in queries.instalments_due(today)},
            "schedules": Schedule.objects.select_related(
                "mandate__organisation"
            ).order_by("mandate__organisation__sort_key"),
            "refused": refused,
            "typed": typed,
            "today": today,
        },
        status=status,
    )


def _draft(request: HttpRequest) -> str:
    count = actions.draft_recurring(by=request.who.by)
    told = ngettext(
        "%(count)s période nouvelle est en brouillon.",
        "%(count)s périodes nouvelles sont en brouillon.",
        count,
    )
    messages.success(request, told % {"count": count})
    return reverse("finance:agreed")


@allow(Role.FINANCE)
def agreed_mandate(request: HttpRequest, pk: int) -> HttpResponse:
    """How a mandate is billed: its instalments and schedules; add, remove, end."""
    mandate = get_object_or_404(Mandate.objects.select_related("organisation"), pk=pk)
    today = request.who.today
    form = InstalmentForm(mandate, initial={"on": today})
    schedule_form = ScheduleForm(initial={"starts_on": today.replace(day=1)})
    doing, refused, status = request.POST.get("do", ""), "", 200
    if request.method == "POST":
        if doing == "add":
            form = InstalmentForm(mandate, request.POST)
        if doing == "schedule":
            schedule_form = ScheduleForm(request.POST)
        act = _act(request, mandate, doing, form, schedule_form)
        if act is None:
            status = 422
        else:
            try:
                return once(request, act)
            except ActionRefused as why:
                refused, status = str(why), 409
    billed = {
        row.instalment_id: row.line.invoice
        for row in InvoicedWork.objects.filter(
            instalment__mandate=mandate, released=False
        ).select_related("line__invoice")
    }
    rows = list(Instalment.objects.filter(mandate=mandate).select_related("milestone"))
    for one in rows:
        one.invoice = billed.get(one.pk)
    return render(
        request,
        "finance/agreed_mandate.html",
        {
            "mandate": mandate,
            "rows": rows,
            "schedules": Schedule.objects.filter(mandate=mandate),
            "form": form,
            "schedule_form": schedule_form,
            "doing": doing,
            "refused": refused,
            "left": queries.deposit_left(mandate.pk),
            "today": today,
        },
        status=status,
    )


def _chosen(request: HttpRequest, name: str, model, mandate: Mandate):
    return get_object_or_404(
        model, pk__in=chosen_ids(request, name)[:1], mandate=mandate
    )


def _act(request: HttpRequest, mandate: Mandate, doing: str, form, schedule_form):
    by, here = request.who.by, reverse("finance:agreed_mandate", args=[mandate.pk])

    def told(words: str) -> str:
        messages.success(request, words)
        return here

    def add() -> str:
        actions.add_instalment(mandate_id=mandate.pk, by=by, **form.cleaned_data)
        return told(gettext("L’échéance est ajoutée."))

    def schedule() -> str:
        typed = schedule_form.cleaned_data
        actions.add_schedule(mandate_id=mandate.pk, by=by, **typed)
        return told(gettext("La facturation récurrente est ajoutée."))

    def remove() -> str:
        row = _chosen(request, "instalment", Instalment, mandate)
        actions.remove_instalment(instalment_id=row.pk, by=by)
        return told(gettext("L’échéance est retirée."))

    def end() -> str:
        row = _chosen(request, "schedule", Schedule, mandate)
        actions.end_schedule(schedule_id=row.pk, by=by)
        return told(gettext("La facturation récurrente est terminée."))

    if doing == "add":
        return add if form.is_valid() else None
    if doing == "schedule":
        return schedule if schedule_form.is_valid() else None
    acts = {"remove": remove, "end": end}
    if doing not in acts:
        raise Http404
    return acts[doing]


urls = [
    path("echeances/", agreed, name="agreed"),
    path("echeances/<int:pk>", agreed_mandate, name="agreed_mandate"),
]
