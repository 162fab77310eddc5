"""Agreements, as coordination and finance both keep them."""

from datetime import date

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partage.agreements import actions
from partage.agreements.models import Agreement
from partage.agreements.queries import agreements as all_agreements
from partage.agreements.queries import in_force
from partage.billing.queries import bank_balances
from partage.experts.models import Field
from partage.journal.queries import story_of
from partage.members.models import Organisation, Province
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.acting import act_or_show
from partage.portal.forms import Form
from partage.portal.spreadsheets import sheet
from partage.portal.story import story
from partage.rules.triage import fold

RENEWAL = 90  # days before its end, an agreement calls for its renewal


class Filter(Form):
    q = forms.CharField(
        label=_("Entente ou regroupement"), required=False, max_length=150
    )
    province = forms.ChoiceField(
        label=_("Province"),
        required=False,
        choices=[("", _("toutes")), *Province.choices],
    )
    etat = forms.ChoiceField(
        label=_("État"),
        required=False,
        choices=[("", _("toutes")), ("en-vigueur", _("en vigueur"))],
    )


class AgreementForm(Form):
    number = forms.CharField(label=_("Numéro"), max_length=20)
    name = forms.CharField(label=_("Nom"), max_length=150)
    organisation = forms.ModelChoiceField(
        Organisation.objects.only("name", "sort_key"), label=_("Regroupement")
    )
    province = forms.ChoiceField(label=_("Province"), choices=Province.choices)
    starts_on = forms.DateField(label=_("Du"))
    ends_on = forms.DateField(label=_("Au"), required=False)
    rate_factor = forms.DecimalField(
        label=_("Facteur du taux"),
        min_value=0.0001,
        max_digits=5,
        decimal_places=4,
        initial=1,
        help_text=_("1 : le taux de la grille. 0,95 : cinq pour cent de moins."),
    )
    payment_days = forms.IntegerField(
        label=_("Jours pour payer"),
        required=False,
        min_value=0,
        max_value=365,
        help_text=_("Vide : ceux de la coopérative."),
    )
    consolidated = forms.BooleanField(
        label=_("Une seule facture par mois, au regroupement"),
        required=False,
        help_text=_(
            "Il paie pour les siens dans les domaines couverts ; chacun ne voit que "
            "sa part."
        ),
    )
    fields_covered = forms.ModelMultipleChoiceField(
        Field.objects.all(),
        label=_("Domaines couverts"),
        widget=forms.CheckboxSelectMultiple,
    )
    terms = forms.CharField(
        label=_("Modalités"), required=False, widget=forms.Textarea({"rows": 5})
    )


class BankForm(Form):
    hours = forms.DecimalField(
        label=_("Heures achetées"), min_value=1, max_digits=7, decimal_places=2
    )
    starts_on = forms.DateField(label=_("Du"))
    ends_on = forms.DateField(label=_("Au"))
    low_percent = forms.IntegerField(
        label=_("Avertir au-dessous de (pour cent)"),
        min_value=0,
        max_value=100,
        initial=20,
    )


def state_of(agreement: Agreement, on: date) -> tuple[str, str]:
    """Return where an agreement stands, in a word and its kind."""
    if agreement.starts_on > on:
        return gettext("à venir"), ""
    if agreement.ends_on is None:
        return gettext("en vigueur"), "good"
    left = (agreement.ends_on - on).days
    if left < 0:
        return gettext("échue"), ""
    if left <= RENEWAL:
        return gettext("à renouveler"), "wait"
    return gettext("en vigueur"), "good"


def pages(door: str, role: Role) -> list:
    """Return the URLs of the agreements inside one door, for the role that enters."""

    @allow(role)
    def agreements(request: HttpRequest) -> HttpResponse:
        form = Filter(request.GET)
        form.is_valid()
        asked, today = form.cleaned_data, request.who.today
        found = all_agreements()
        if asked.get("etat"):
            found = found.filter(pk__in=in_force(today).values("pk"))
        if asked.get("province"):
            found = found.filter(province=asked["province"])
        for word in (asked.get("q") or "").split():
            found = found.filter(
                Q(name__icontains=word)
                | Q(number__icontains=word)
                | Q(organisation__sort_key__contains=fold(word))
            )
        if request.GET.get("format") == "xlsx":
            return _as_sheet(found, today)
        page = Paginator(found, 25).get_page(request.GET.get("page"))
        for one in page:
            one.state = state_of(one, today)
        return render(
            request,
            "parts/agreements.html",
            {
                "form": form,
                "page": page,
                "filtered": any(request.GET.get(name) for name in form.fields),
                "one": f"{door}:agreement",
                "new": reverse(f"{door}:new_agreement"),
            },
        )

    def shown(request, agreement, form, refused=None) -> HttpResponse:
        today = request.who.today
        banks = bank_balances(agreement.banks.order_by("-starts_on"))
        served = Organisation.objects.filter(
            Q(pk=agreement.organisation_id) | Q(network=agreement.organisation_id)
        )
        left = (agreement.ends_on - today).days if agreement.ends_on else None
        return render(
            request,
            "parts/agreement.html",
            {
                "agreement": agreement,
                "state": state_of(agreement, today),
                "to_renew": left is not None and 0 <= left <= RENEWAL,
                "left": left,
                "banks": banks,
                "form": form,
                "refused": refused,
                "served": served.count(),
                "story": story(story_of(agreement, limit=20)),
                "change": reverse(f"{door}:change_agreement", args=[agreement.pk]),
                "trail": [
                    (gettext("Ententes"), reverse(f"{door}:agreements")),
                    (agreement.number, None),
                ],
            },
        )

    @allow(role)
    def agreement(request: HttpRequest, agreement_id: int) -> HttpResponse:
        row = get_object_or_404(all_agreements(), pk=agreement_id)
        form = BankForm(request.POST or None)

        def act(values):
            actions.add_hour_bank(
                agreement_id=row.pk,
                minutes=int(values["hours"] * 60),
                starts_on=values["starts_on"],
                ends_on=values["ends_on"],
                low_percent=values["low_percent"],
                by=request.who.by,
            )
            return reverse(f"{door}:agreement", args=[row.pk])

        if request.method == "POST":
            return act_or_show(
                request, form, act, lambda refused: shown(request, row, form, refused)
            )
        return shown(request, row, form)

    def edit(request, row: Agreement | None) -> HttpResponse:
        initial = {}
        if row:
            initial = {
                name: getattr(row, name)
                for name in AgreementForm.base_fields
                if name != "fields_covered"
            }
            initial["fields_covered"] = [one.field_id for one in row.fields.all()]
        form = AgreementForm(request.POST or None, initial=initial)

        def show(refused=None):
            back = (
                reverse(f"{door}:agreement", args=[row.pk])
                if row
                else reverse(f"{door}:agreements")
            )
            return render(
                request,
                "parts/agreement_form.html",
                {"form": form, "refused": refused, "row": row, "back": back},
            )

        def act(values):
            terms = dict(values)
            covered = [one.pk for one in terms.pop("fields_covered")]
            by = request.who.by
            kept = (
                actions.change_agreement(
                    agreement_id=row.pk, field_ids=covered, by=by, **terms
                )
                if row
                else actions.add_agreement(field_ids=covered, by=by, **terms)
            )
            messages.success(request, gettext("L’entente est gardée."))
            return reverse(f"{door}:agreement", args=[kept.pk])

        if request.method == "POST":
            return act_or_show(request, form, act, show)
        return show()

    @allow(role)
    def new_agreement(request: HttpRequest) -> HttpResponse:
        return edit(request, None)

    @allow(role)
    def change_agreement(request: HttpRequest, agreement_id: int) -> HttpResponse:
        return edit(request, get_object_or_404(all_agreements(), pk=agreement_id))

    return [
        path("ententes/", agreements, name="agreements"),
        path("ententes/nouvelle", new_agreement, name="new_agreement"),
        path("ententes/<int:agreement_id>", agreement, name="agreement"),
        path(
            "ententes/<int:agreement_id>/changer",
            change_agreement,
            name="change_agreement",
        ),
    ]


def _as_sheet(found, today: date) -> HttpResponse:
    return sheet(
        gettext("Ententes"),
        [
            gettext("Numéro"),
            gettext("Nom"),
            gettext("Regroupement"),
            gettext("Province"),
            gettext("Du"),
            gettext("Au"),
            gettext("Facteur du taux"),
            gettext("Domaines couverts"),
            gettext("État"),
        ],
        (
            (
                one.number,
                one.name,
                one.organisation.name,
                one.get_province_display(),
                one.starts_on,
                one.ends_on,
                one.rate_factor,
                ", ".join(covered.field.name for covered in one.fields.all()),
                state_of(one, today)[0],
            )
            for one in found
        ),
    )
