"""The experts, as coordination knows them."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partage.experts import actions
from partage.experts.models import (
    Conflict,
    Expert,
    Field,
    Level,
    Licence,
    PracticeRule,
)
from partage.experts.queries import present, profiles
from partage.journal.actions import ActionRefused
from partage.knowledge.queries import credit_of
from partage.members.models import Organisation, Province
from partage.people.models import Language, Role
from partage.planning.queries import assignments_of, kept_weeks, loads
from partage.portal.access import allow
from partage.portal.charts import Chart, Series
from partage.portal.forms import Form
from partage.portal.once import once
from partage.portal.spreadsheets import sheet
from partage.portal.week_hours import ScheduleForm
from partage.rules.calendar import monday_of
from partage.rules.triage import fold

WEEKS_SHOWN = 12


class Filters(Form):
    q = forms.CharField(label=gettext_lazy("Nom"), required=False)
    domaine = forms.ModelChoiceField(
        Field.objects.all(),
        label=gettext_lazy("Domaine"),
        required=False,
        to_field_name="code",
        empty_label=gettext_lazy("Tous"),
    )
    province = forms.ChoiceField(
        label=gettext_lazy("Province"),
        required=False,
        choices=[("", gettext_lazy("Toutes")), *Province.choices],
    )
    langue = forms.ChoiceField(
        label=gettext_lazy("Langue"),
        required=False,
        choices=[("", gettext_lazy("Toutes")), *Language.choices],
    )


def _filtered(request: HttpRequest, filters: Filters):
    people = present(request.who.today)
    if not filters.is_valid():
        return people
    chosen = filters.cleaned_data
    if chosen["q"]:
        people = people.filter(sort_key__contains=fold(chosen["q"]))
    if chosen["domaine"]:
        people = people.filter(skills__field=chosen["domaine"])
    if chosen["province"]:
        people = people.filter(province=chosen["province"])
    if chosen["langue"]:
        people = people.filter(languages__contains=[chosen["langue"]])
    return people


@allow(Role.COORDINATION)
def experts(request: HttpRequest) -> HttpResponse:
    filters = Filters(request.GET)
    people = profiles(_filtered(request, filters)).order_by("sort_key")
    if request.GET.get("format") == "xlsx":
        return sheet(
            _("Experts"),
            [
                _("Nom"),
                _("Titre"),
                _("Ville"),
                _("Province"),
                _("Langues"),
                _("Domaines"),
            ],
            (
                [
                    expert.name,
                    expert.title,
                    expert.city,
                    expert.get_province_display(),
                    ", ".join(expert.languages),
                    ", ".join(
                        f"{skill.field} ({skill.get_level_display()})"
                        for skill in expert.skills.all()
                    ),
                ]
                for expert in people
            ),
        )
    page = Paginator(people, 25).get_page(request.GET.get("page"))
    monday = monday_of(request.who.today)
    mondays = [monday + timedelta(weeks=i) for i in range(4)]
    free = {
        pk: sum(max(0, load.free) for load in weeks)
        for pk, weeks in loads(list(page), mondays=mondays).items()
    }
    return render(
        request,
        "coordination/experts.html",
        {
            "filters": filters,
            "page": page,
            "rows": [(expert, free[expert.pk]) for expert in page],
        },
    )


class ProfileForm(Form):
    name = forms.CharField(label=gettext_lazy("Nom"), max_length=120)
    title = forms.CharField(label=gettext_lazy("Titre"), max_length=120, required=False)
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Langues"),
        choices=Language.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    city = forms.CharField(label=gettext_lazy("Ville"), max_length=80, required=False)
    province = forms.ChoiceField(
        label=gettext_lazy("Province"), choices=Province.choices
    )
    remote_only = forms.BooleanField(
        label=gettext_lazy("Travaille à distance seulement"), required=False
    )
    parallel_limit = forms.IntegerField(
        label=gettext_lazy("Mandats en parallèle, au plus"), min_value=1, max_value=30
    )


class SkillForm(Form):
    field = forms.ModelChoiceField(
        Field.objects.all(), label=gettext_lazy("Domaine"), empty_label=None
    )
    level = forms.TypedChoiceField(
        label=gettext_lazy("Niveau"),
        coerce=int,
        empty_value=None,
        required=False,
        choices=[*Level.choices, ("", gettext_lazy("retirer ce domaine"))],
    )


class LicenceForm(Form):
    order = forms.CharField(label=gettext_lazy("Ordre professionnel"), max_length=80)
    province = forms.ChoiceField(
        label=gettext_lazy("Province"), choices=Province.choices
    )
    kind = forms.ChoiceField(label=gettext_lazy("Nature"), choices=Licence.Kind.choices)
    number = forms.CharField(
        label=gettext_lazy("Numéro"), max_length=40, required=False
    )
    valid_from = forms.DateField(label=gettext_lazy("Valide du"))
    valid_until = forms.DateField(label=gettext_lazy("Jusqu’au"), required=False)


class ConflictForm(Form):
    organisation = forms.ModelChoiceField(
        Organisation.objects.all(),
        label=gettext_lazy("Organisation"),
        empty_label=None,
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Nature"), choices=Conflict.Kind.choices
    )


class WaiverForm(Form):
    conflict = forms.IntegerField(widget=forms.HiddenInput)
    waiver = forms.CharField(label=gettext_lazy("Motif de la levée"), max_length=300)


# What can be changed on an expert's page: its form, its act, what is said after.
CHANGES = {
    "profil": (
        ProfileForm,
        lambda who, pk, data: actions.change_expert(expert_id=pk, by=who.by, **data),
        gettext_lazy("Le profil est à jour."),
    ),
    "competence": (
        SkillForm,
        lambda who, pk, data: actions.set_skill(
            expert_id=pk, field_id=data["field"].pk, level=data["level"], by=who.by
        ),
        gettext_lazy("La compétence est à jour."),
    ),
    "permis": (
        LicenceForm,
        lambda who, pk, data: actions.add_licence(expert_id=pk, by=who.by, **data),
        gettext_lazy("Le permis est consigné."),
    ),
    "horaire": (
        ScheduleForm,
        lambda who, pk, data: actions.set_schedule(
            expert_id=pk,
            starts_on=data["starts_on"],
            minutes=data["minutes"],
            by=who.by,
        ),
        gettext_lazy("L’horaire est à jour."),
    ),
    "conflit": (
        ConflictForm,
        lambda who, pk, data: actions.declare_conflict(
            expert_id=pk,
            organisation_id=data["organisation"].pk,
            kind=data["kind"],
            by=who.by,
        ),
        gettext_lazy("Le conflit d’intérêts est consigné."),
    ),
    "levee": (
        WaiverForm,
        lambda who, pk, data: actions.waive_conflict(
            conflict_id=data["conflict"], waiver=data["waiver"], by=who.by
        ),
        gettext_lazy("Le conflit d’intérêts est levé."),
    ),
}


@allow(Role.COORDINATION)
def expert(request: HttpRequest, expert_id: int) -> HttpResponse:
    person = get_object_or_404(
        profiles(Expert.objects.filter(pk=expert_id)).select_related("user")
    )
    return _page(request, person)


def _page(request, person, bound=None, what="", refused=None, status=200):
    first = monday_of(request.who.today)
    mondays = [first + timedelta(weeks=i) for i in range(WEEKS_SHOWN)]
    weeks = loads([person], mondays=mondays)[person.pk]
    forms_shown = {
        "profil": ProfileForm(
            initial={name: getattr(person, name) for name in ProfileForm.base_fields}
        ),
        "competence": SkillForm(),
        "permis": LicenceForm(initial={"valid_from": request.who.today}),
        "horaire": ScheduleForm.of(person, on=request.who.today),
        "conflit": ConflictForm(),
        "levee": WaiverForm(),
    }
    if bound is not None:
        forms_shown[what] = bound
    context = {
        "person": person,
        "weeks": Chart(
            _("Heures par semaine"),
            [_short(monday) for monday in mondays],
            [
                Series(_("Confirmées"), [load.confirmed // 60 for load in weeks]),
                Series(_("Proposées"), [load.tentative // 60 for load in weeks]),
                Series(
                    _("Travaillées"), [load.worked // 60 for load in weeks], "outline"
                ),
            ],
            unit="h",
            stacked=True,
        ),
        "mondays": mondays,
        "loads": weeks,
        "kept": kept_weeks(person.pk, mondays=mondays),
        "assignments": assignments_of(person.pk)[:12],
        "schedules": person.schedules.order_by("-starts_on")[:5],
        "absences": person.absences.filter(Q(ends_on__gte=request.who.today)).order_by(
            "starts_on"
        ),
        "conflicts": person.conflicts.select_related("organisation").order_by(
            "-declared_on"
        ),
        "credit": credit_of(person.pk),
        "forms": forms_shown,
        "what": what,
        "refused": refused,
        "orders": PracticeRule.objects.values_list("order", flat=True).distinct(),
    }
    return render(request, "coordination/expert.html", context, status=status)


def _short(monday) -> str:
    return f"{monday.day}/{monday.month}"


@allow(Role.COORDINATION)
def change(request: HttpRequest, expert_id: int, what: str) -> HttpResponse:
    """Change one thing of an expert; a wrong form comes back as it was typed."""
    if what not in CHANGES or request.method != "POST":
        raise Http404
    person = get_object_or_404(profiles(Expert.objects.filter(pk=expert_id)))
    form_class, act, said = CHANGES[what]
    form = form_class(request.POST)
    if not form.is_valid():
        return _page(request, person, form, what, status=422)

    def change_it() -> str:
        act(request.who, person.pk, form.cleaned_data)
        messages.success(request, said)
        return reverse("coordination:expert", args=[person.pk])

    try:
        return once(request, change_it)
    except ActionRefused as refusal:
        if refusal.field in form.fields:
            form.add_error(refusal.field, str(refusal))
            refusal = None
        return _page(request, person, form, what, refused=refusal, status=409)


urls = [
    path("experts/", experts, name="experts"),
    path("experts/<int:expert_id>", expert, name="expert"),
    path("experts/<int:expert_id>/<slug:what>", change, name="expert_change"),
]
