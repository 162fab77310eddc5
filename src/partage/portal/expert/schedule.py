"""An expert's own schedule, days off and limits."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from partage.experts.actions import add_absence, change_expert, remove_absence
from partage.experts.models import Expert
from partage.experts.queries import profiles
from partage.journal.actions import ActionRefused
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.forms import Form
from partage.portal.once import once
from partage.portal.week_hours import DAYS
from partage.rules.calendar import public_holidays


class AbsenceForm(Form):
    starts_on = forms.DateField(label=gettext_lazy("Du"))
    ends_on = forms.DateField(label=gettext_lazy("Au"))
    half_days = forms.BooleanField(
        label=gettext_lazy("Demi-journées seulement"), required=False
    )


class LimitsForm(Form):
    parallel_limit = forms.IntegerField(
        label=gettext_lazy("Mandats en parallèle, au plus"), min_value=1, max_value=30
    )
    weekly_cap = forms.IntegerField(
        label=gettext_lazy("Heures de mandats par semaine, au plus"),
        min_value=1,
        max_value=60,
        required=False,
    )
    protected = forms.IntegerField(
        label=gettext_lazy("Heures protégées par semaine"),
        help_text=gettext_lazy(
            "Formation, réservoir, équipe : aucun mandat ne les prend."
        ),
        min_value=0,
        max_value=40,
        required=False,
    )
    remote_only = forms.BooleanField(
        label=gettext_lazy("Je travaille à distance seulement"), required=False
    )


@allow(Role.EXPERT)
def schedule(request: HttpRequest) -> HttpResponse:
    if request.who.expert is None:
        return render(request, "expert/nobody.html")
    return _page(request)


def _page(request, absence=None, limits=None, status=200) -> HttpResponse:
    expert = profiles(Expert.objects.filter(pk=request.who.expert.pk)).get()
    today = request.who.today
    now = expert.schedules.filter(starts_on__lte=today).order_by("-starts_on").first()
    cap = expert.weekly_cap_minutes
    return render(
        request,
        "expert/schedule.html",
        {
            "expert": expert,
            "now": now,
            "days": list(zip(DAYS, now.minutes, strict=True)) if now else [],
            "later": expert.schedules.filter(starts_on__gt=today).order_by("starts_on"),
            "absences": expert.absences.filter(ends_on__gte=today).order_by(
                "starts_on"
            ),
            "holidays": [
                (day.on, day.name(request.LANGUAGE_CODE))
                for year in (today.year, today.year + 1)
                for day in public_holidays(expert.province, year)
                if day.on >= today
            ][:6],
            "absence": absence or AbsenceForm(),
            "limits": limits
            or LimitsForm(
                initial={
                    "parallel_limit": expert.parallel_limit,
                    "weekly_cap": cap // 60 if cap else None,
                    "protected": expert.protected_minutes // 60 or None,
                    "remote_only": expert.remote_only,
                }
            ),
        },
        status=status,
    )


@allow(Role.EXPERT)
@require_POST
def absent(request: HttpRequest) -> HttpResponse:
    form = AbsenceForm(request.POST)
    return _do(
        request,
        form,
        lambda expert, data: add_absence(
            expert_id=expert.pk, by=request.who.by, **data
        ),
        _("Ces jours sont à vous."),
        "absence",
    )


@allow(Role.EXPERT)
@require_POST
def limits(request: HttpRequest) -> HttpResponse:
    form = LimitsForm(request.POST)

    def act(expert, data):
        cap, protected = data.pop("weekly_cap"), data.pop("protected") or 0
        change_expert(
            expert_id=expert.pk,
            weekly_cap_minutes=cap * 60 if cap else None,
            protected_minutes=protected * 60,
            by=request.who.by,
            **data,
        )

    return _do(request, form, act, _("Vos limites sont à jour."), "limits")


def _do(request, form, act, said, which) -> HttpResponse:
    expert = request.who.expert
    if expert is None:
        raise Http404
    if not form.is_valid():
        return _page(request, **{which: form}, status=422)

    def act_once() -> str:
        act(expert, dict(form.cleaned_data))
        messages.success(request, said)
        return reverse("expert:schedule")

    try:
        return once(request, act_once)
    except ActionRefused as refusal:
        form.add_error(refusal.field, str(refusal))
        return _page(request, **{which: form}, status=409)


@allow(Role.EXPERT)
@require_POST
def back(request: HttpRequest, absence_id: int) -> HttpResponse:
    """Take days off back."""
    expert = request.who.expert
    if expert is None:
        raise Http404

    def act() -> str:
        remove_absence(expert_id=expert.pk, absence_id=absence_id, by=request.who.by)
        messages.success(request, _("Ces jours sont de nouveau travaillés."))
        return reverse("expert:schedule")

    return once(request, act)


urls = [
    path("horaire/", schedule, name="schedule"),
    path("horaire/absences", absent, name="absent"),
    path("horaire/absences/<int:absence_id>/retirer", back, name="absence_back"),
    path("horaire/limites", limits, name="limits"),
]
