"""Reminders: what leaves today, seen before it does; the steps; who is left alone."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from partage.billing import actions, queries
from partage.billing.models import Reminder, ReminderStep
from partage.journal.actions import ActionRefused
from partage.members.models import Organisation
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.files import read_here
from partage.portal.finance.invoices import NothingChosen
from partage.portal.forms import Form
from partage.portal.once import once

SENT = 15


class StepForm(Form):
    days = forms.IntegerField(
        label=_("Jours après l’échéance"),
        widget=forms.TextInput({"inputmode": "numeric", "class": "short"}),
    )
    tone = forms.ChoiceField(label=_("Ton"), choices=ReminderStep.Tone.choices)
    recipient = forms.ChoiceField(
        label=_("À qui"), choices=ReminderStep.Recipient.choices
    )
    automatic = forms.BooleanField(
        label=_("Part seul, chaque jour ouvrable"), required=False
    )


class HoldForm(Form):
    reason = forms.CharField(label=_("Pourquoi"), max_length=200, required=False)
    until = forms.DateField(
        label=_("Jusqu’au"),
        required=False,
        help_text=_("Sans date, jusqu’à ce que vous la leviez."),
    )


@allow(Role.FINANCE)
def reminders(request: HttpRequest) -> HttpResponse:
    refused, status = "", 200
    if request.method == "POST":
        try:
            return once(request, lambda: _send(request))
        except ActionRefused as why:
            refused, status = str(why), 409
    today = request.who.today
    due = queries.reminders_due(today)
    return render(
        request,
        "finance/reminders.html",
        {
            "due": due,
            "sendable": sum(bool(one.recipients) for one in due),
            "refused": refused,
            "holds": queries.reminder_holds(today),
            "steps": queries.reminder_steps(today),
            "sent": Reminder.objects.select_related("invoice__organisation", "step")[
                :SENT
            ],
        },
        status=status,
    )


def _send(request: HttpRequest) -> str:
    keys = None
    if request.POST.get("do") != "all":
        keys = request.POST.getlist("due")
        if not keys:
            raise NothingChosen
    sent = actions.send_reminders(keys=keys, by=request.who.by)
    told = ngettext("%(count)s rappel part.", "%(count)s rappels partent.", len(sent))
    messages.success(request, told % {"count": len(sent)})
    return reverse("finance:reminders")


@allow(Role.FINANCE)
def reminder_preview(request: HttpRequest, pk: int, step: int) -> HttpResponse:
    """The letter as it would leave today."""
    today = request.who.today
    for due in queries.reminders_due(today, organisation_ids=[pk]):
        if due.step.pk == step:
            content = actions.print_reminder(due, on=today)
            return read_here(f"{gettext('rappel')}-{pk}-{today}.pdf", content)
    raise Http404


@allow(Role.FINANCE)
def reminder_letter(request: HttpRequest, pk: int) -> HttpResponse:
    """The letter as it left."""
    row = get_object_or_404(Reminder.objects.select_related("pdf"), pk=pk)
    return read_here(row.pdf.name, row.pdf.content)


@allow(Role.FINANCE)
def reminder_steps(request: HttpRequest) -> HttpResponse:
    form, refused, status = StepForm(initial={"days": 10}), "", 200
    if request.method == "POST":
        ending = request.POST.get("step", "")
        form = form if ending else StepForm(request.POST)
        if ending and not ending.isdecimal():
            raise Http404
        if ending or form.is_valid():
            try:
                return once(request, lambda: _change_steps(request, form, ending))
            except ActionRefused as why:
                refused, status = str(why), 409
        else:
            status = 422
    return render(
        request,
        "finance/reminder_steps.html",
        {
            "form": form,
            "refused": refused,
            "steps": queries.reminder_steps(request.who.today),
            "ended": queries.reminder_steps().filter(ends_on__lt=request.who.today),
        },
        status=status,
    )


def _change_steps(request: HttpRequest, form: StepForm, ending: str) -> str:
    if ending:
        row = get_object_or_404(ReminderStep, pk=int(ending))
        actions.end_reminder_step(step_id=row.pk, by=request.who.by)
        messages.success(request, gettext("L’étape est terminée."))
    else:
        actions.add_reminder_step(by=request.who.by, **form.cleaned_data)
        messages.success(request, gettext("L’étape est ajoutée."))
    return reverse("finance:reminder_steps")


@allow(Role.FINANCE)
def reminder_hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave a member alone, or remind it again."""
    row = get_object_or_404(Organisation, pk=pk)
    form, refused, status = HoldForm(), "", 200
    if request.method == "POST":
        lifting = request.POST.get("do") == "lift"
        form = form if lifting else HoldForm(request.POST)
        if lifting or form.is_valid():

            def act() -> str:
                by = request.who.by
                if lifting:
                    actions.lift_hold(organisation_id=pk, by=by)
                    messages.success(request, gettext("Les rappels reprennent."))
                else:
                    actions.hold_reminders(
                        organisation_id=pk, by=by, **form.cleaned_data
                    )
                    messages.success(request, gettext("Les rappels sont suspendus."))
                return reverse("finance:reminders")

            try:
                return once(request, act)
            except ActionRefused as why:
                refused, status = str(why), 409
        else:
            status = 422
    hold = queries.reminder_holds(request.who.today).filter(organisation=row).first()
    return render(
        request,
        "finance/reminder_hold.html",
        {"organisation": row, "form": form, "refused": refused, "hold": hold},
        status=status,
    )


BASE = "rappels/"
urls = [
    path(BASE, reminders, name="reminders"),
    path(f"{BASE}etapes", reminder_steps, name="reminder_steps"),
    path(f"{BASE}<int:pk>", reminder_letter, name="reminder_letter"),
    path(f"{BASE}membres/<int:pk>", reminder_hold, name="reminder_hold"),
    path(
        f"{BASE}membres/<int:pk>/apercu/<int:step>",
        reminder_preview,
        name="reminder_preview",
    ),
]
