"""The organisations: who is a member, through which network, with whose powers."""

from collections import Counter
from decimal import Decimal

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from partage.agreements.queries import agreements_of
from partage.billing.models import Invoice
from partage.journal.queries import story_of_ids
from partage.mandates.models import Mandate
from partage.members import actions
from partage.members.models import Membership, Organisation, Province
from partage.members.queries import organisations_on, register, representatives_of
from partage.needs.models import Need
from partage.people.models import Language, Role
from partage.portal.access import allow
from partage.portal.acting import act_or_show
from partage.portal.forms import Form, InTheFace
from partage.portal.spreadsheets import sheet
from partage.portal.story import story
from partage.rules.triage import fold

MEMBERS, OTHERS = "membres", "non-membres"


class Filter(Form):
    q = forms.CharField(label=_("Nom ou ville"), required=False, max_length=150)
    forme = forms.ChoiceField(
        label=_("Forme"),
        required=False,
        choices=[("", _("toutes")), *Organisation.Kind.choices],
    )
    province = forms.ChoiceField(
        label=_("Province"),
        required=False,
        choices=[("", _("toutes")), *Province.choices],
    )
    reseau = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=_("Réseau"),
        required=False,
        empty_label=_("tous"),
    )
    adhesion = forms.ChoiceField(
        label=_("Adhésion"),
        required=False,
        choices=[
            ("", _("toutes")),
            (MEMBERS, _("membres")),
            (OTHERS, _("non-membres")),
        ],
    )
    gestion = forms.BooleanField(label=_("Sous entière gestion"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reseau"].queryset = networks()

    def narrow(self, found: QuerySet[Organisation]) -> QuerySet[Organisation]:
        self.is_valid()
        asked = self.cleaned_data
        for word in fold(asked.get("q") or "").split():
            found = found.filter(Q(sort_key__contains=word) | Q(city__icontains=word))
        if asked.get("forme"):
            found = found.filter(kind=asked["forme"])
        if asked.get("province"):
            found = found.filter(province=asked["province"])
        if asked.get("reseau"):
            found = found.filter(network=asked["reseau"])
        if asked.get("adhesion"):
            found = found.filter(member=asked["adhesion"] == MEMBERS)
        if asked.get("gestion"):
            found = found.filter(full_management=True)
        return found


def networks() -> QuerySet[Organisation]:
    """Return the groupings through which other organisations are served."""
    return Organisation.objects.filter(
        Q(kind=Organisation.Kind.FEDERATION) | Q(represents__gt=0)
    ).only("name", "sort_key")


class OrganisationForm(InTheFace, forms.ModelForm):
    class Meta:
        model = Organisation
        fields = [
            "name",
            "kind",
            "neq",
            "sector",
            "network",
            "represents",
            "full_management",
            "competition",
            "language",
            "address",
            "city",
            "province",
            "postal_code",
            "email",
            "phone",
            "latitude",
            "longitude",
        ]
        help_texts = {
            "competition": _("Le même mot pour celles qui se font concurrence."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        chosen = networks()
        if self.instance.pk:
            chosen = (
                Organisation.objects.filter(
                    Q(pk__in=networks().values("pk")) | Q(pk=self.instance.network_id)
                )
                .exclude(pk=self.instance.pk)
                .only("name", "sort_key")
            )
        self.fields["network"].queryset = chosen
        self.fields["represents"].required = False

    def clean_represents(self):
        return self.cleaned_data["represents"] or 0

    def validate_unique(self):
        """The act says it better: the name that is taken, and what to do."""


class AdmitForm(Form):
    category = forms.ChoiceField(
        label=_("Catégorie"), choices=Membership.Category.choices
    )
    on = forms.DateField(label=_("Admise le"))
    shares = forms.IntegerField(
        label=_("Parts de qualification"), min_value=1, max_value=100_000, initial=1
    )
    par_value = forms.DecimalField(
        label=_("Valeur d’une part ($)"),
        min_value=Decimal("0.01"),
        max_digits=8,
        decimal_places=2,
        initial=10,
    )
    paid = forms.DecimalField(
        label=_("Versé ($)"),
        min_value=0,
        max_digits=10,
        decimal_places=2,
        initial=0,
    )


class SuspendForm(Form):
    on = forms.DateField(label=_("À partir du"))
    because = forms.CharField(label=_("Motif"), max_length=200)


class LiftForm(Form):
    because = forms.CharField(label=_("Motif"), max_length=200)


class LeaveForm(SuspendForm):
    on = forms.DateField(label=_("Partie le"))


class SharesForm(Form):
    kind = forms.TypedChoiceField(label=_("Nature"))
    on = forms.DateField(label=_("Date"))
    quantity = forms.IntegerField(
        label=_("Parts"), min_value=0, max_value=100_000, initial=0, required=False
    )
    par_value = forms.DecimalField(
        label=_("Valeur d’une part ($)"),
        min_value=Decimal("0.01"),
        max_digits=8,
        decimal_places=2,
        initial=10,
    )
    paid = forms.DecimalField(
        label=_("Montant ($)"),
        min_value=0,
        max_digits=10,
        decimal_places=2,
        initial=0,
        required=False,
    )
    note = forms.CharField(label=_("Précision"), max_length=200, required=False)

    # What each movement does to the shares held, and to what was paid for them.
    SIGNS = {
        "SUBSCRIPTION": (1, 1, _("souscription")),
        "PAYMENT": (0, 1, _("versement sur des parts souscrites")),
        "TRANSFER": (1, 1, _("transfert reçu")),
        "GIVEN": (-1, -1, _("transfert cédé")),
        "REDEMPTION": (-1, 0, _("rachat, à rembourser plus tard")),
        "REPAYMENT": (0, -1, _("remboursement")),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [
            (code, words) for code, (_q, _p, words) in self.SIGNS.items()
        ]

    def clean(self):
        values = super().clean()
        if values.get("kind") in self.SIGNS:
            shares, dollars, _words = self.SIGNS[values["kind"]]
            values["quantity"] = shares * (values.get("quantity") or 0)
            values["paid"] = dollars * (values.get("paid") or Decimal(0))
            if values["kind"] == "GIVEN":
                values["kind"] = "TRANSFER"
        return values


@allow(Role.COORDINATION)
def members(request: HttpRequest) -> HttpResponse:
    form = Filter(request.GET)
    found = form.narrow(organisations_on(request.who.today)).select_related("network")
    if request.GET.get("format") == "xlsx":
        return _as_sheet(found)
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    ids = [organisation.pk for organisation in page]
    busy = Counter(
        Mandate.objects.filter(organisation__in=ids)
        .exclude(status=Mandate.Status.CLOSED)
        .values_list("organisation", flat=True)
    )
    for organisation in page:
        organisation.mandates = busy[organisation.pk]
    return render(
        request,
        "coordination/members.html",
        {
            "form": form,
            "page": page,
            "filtered": any(request.GET.get(name) for name in form.fields),
        },
    )


def _as_sheet(found: QuerySet[Organisation]) -> HttpResponse:
    return sheet(
        gettext("Membres"),
        [
            gettext("Nom"),
            gettext("Forme"),
            gettext("NEQ"),
            gettext("Membre"),
            gettext("Réseau"),
            gettext("Entreprises représentées"),
            gettext("Entière gestion"),
            gettext("Adresse"),
            gettext("Ville"),
            gettext("Province"),
            gettext("Code postal"),
            gettext("Courriel"),
            gettext("Téléphone"),
        ],
        (
            (
                one.name,
                one.get_kind_display(),
                one.neq,
                one.member,
                one.network.name if one.network else "",
                one.represents,
                one.full_management,
                one.address,
                one.city,
                one.get_province_display(),
                one.postal_code,
                one.email,
                one.phone,
            )
            for one in found
        ),
    )


def _membership(organisation: Organisation) -> Membership | None:
    return organisation.memberships.filter(left_on=None).first()


def _forms(
    organisation: Organisation, today, posted: str = "", data=None
) -> dict[str, Form]:
    """Return the forms of the acts that make sense now; the one posted is bound."""
    current = _membership(organisation)
    if posted:
        known: dict[str, type[Form]] = {
            "admettre": AdmitForm,
            "parts": SharesForm,
            "suspendre": SuspendForm,
            "lever": LiftForm,
            "depart": LeaveForm,
        }
        if posted not in known:
            raise Http404
    kinds: dict[str, type[Form]]
    if current is None:
        kinds = {"admettre": AdmitForm}
    elif current.suspended_on:
        kinds = {"lever": LiftForm, "parts": SharesForm, "depart": LeaveForm}
    else:
        kinds = {"parts": SharesForm, "suspendre": SuspendForm, "depart": LeaveForm}
    if posted:
        kinds.setdefault(posted, known[posted])
    return {
        name: kind(data if name == posted else None, prefix=name, initial={"on": today})
        for name, kind in kinds.items()
    }


ACTS = {
    "admettre": _("Admettre comme membre"),
    "parts": _("Inscrire un mouvement de parts"),
    "lever": _("Lever la suspension"),
    "suspendre": _("Suspendre l’adhésion"),
    "depart": _("Inscrire le départ"),
}


def _page(request, organisation, made=None, refused=None) -> HttpResponse:
    today = request.who.today
    made = made or _forms(organisation, today)
    memberships = list(organisation.memberships.order_by("-joined_on"))
    ids = [membership.pk for membership in memberships]
    lines = register(today, membership_ids=ids)
    representations = list(representatives_of(organisation.pk, on=today))
    entries = story_of_ids(
        [
            ("members.Organisation", [organisation.pk]),
            ("members.Membership", ids),
            ("members.Representation", [row.pk for row in representations]),
        ],
        limit=30,
    )
    bills = (
        Invoice.objects.filter(organisation=organisation)
        .exclude(status=Invoice.Status.DRAFT)
        .aggregate(count=Count("pk"), total=Sum("total", default=0))
    )
    served = Organisation.objects.filter(network=organisation)
    return render(
        request,
        "coordination/member.html",
        {
            "organisation": organisation,
            "membership": next((m for m in memberships if not m.left_on), None),
            "memberships": memberships,
            "lines": lines,
            "acts": [
                (name, words, made[name])
                for name, words in ACTS.items()
                if name in made
            ],
            "bound": [form for form in made.values() if form.is_bound],
            "refused": refused,
            "representations": representations,
            "enterprises": served[:12],
            "served": served.count(),
            "agreements": agreements_of(organisation, on=today),
            "counts": {
                "needs": Need.objects.filter(organisation=organisation).count(),
                "mandates": Mandate.objects.filter(organisation=organisation).count(),
                "open": Mandate.objects.filter(organisation=organisation)
                .exclude(status=Mandate.Status.CLOSED)
                .count(),
                "invoices": bills["count"],
                "invoiced": bills["total"],
            },
            "story": story(entries),
            "trail": [
                (gettext("Membres"), reverse("coordination:members")),
                (organisation.name, None),
            ],
        },
    )


@allow(Role.COORDINATION)
def member(request: HttpRequest, organisation_id: int) -> HttpResponse:
    return _page(
        request,
        get_object_or_404(
            Organisation.objects.select_related("network"), pk=organisation_id
        ),
    )


@allow(Role.COORDINATION)
@require_POST
def act_on(request: HttpRequest, organisation_id: int, what: str) -> HttpResponse:
    """Do one act of membership: admettre, parts, suspendre, lever or depart."""
    organisation = get_object_or_404(
        Organisation.objects.select_related("network"), pk=organisation_id
    )
    by = request.who.by
    made = _forms(organisation, request.who.today, what, request.POST)
    # The act itself says what is so when the membership has just changed.
    last = organisation.memberships.order_by("left_on", "-joined_on").first()
    if last is None and what != "admettre":
        raise Http404

    def act(values):
        if what == "admettre":
            actions.admit_member(organisation_id=organisation.pk, **values, by=by)
        else:
            chosen = {
                "parts": actions.move_shares,
                "suspendre": actions.suspend_member,
                "lever": actions.lift_suspension,
                "depart": actions.end_membership,
            }[what]
            chosen(membership_id=last.pk, **values, by=by)
        messages.success(request, gettext("C’est fait, et écrit au journal."))
        return reverse("coordination:member", args=[organisation.pk])

    return act_or_show(
        request,
        made[what],
        act,
        lambda refused: _page(request, organisation, made, refused),
    )


def _edit(request, organisation: Organisation | None) -> HttpResponse:
    form = OrganisationForm(
        request.POST or None,
        instance=organisation,
        initial=None
        if organisation
        else {
            "province": request.who.cooperative.province,
            "language": Language.FRENCH,
        },
    )

    def show(refused=None):
        name = organisation.name if organisation else ""
        return render(
            request,
            "coordination/member_form.html",
            {
                "form": form,
                "refused": refused,
                "name": name,
                "back": reverse("coordination:member", args=[organisation.pk])
                if organisation
                else reverse("coordination:members"),
            },
        )

    def act(values):
        if organisation:
            actions.change_organisation(
                organisation_id=organisation.pk, by=request.who.by, **values
            )
            kept = organisation
        else:
            kept = actions.add_organisation(by=request.who.by, **values)
        messages.success(request, gettext("C’est gardé."))
        return reverse("coordination:member", args=[kept.pk])

    if request.method == "POST":
        return act_or_show(request, form, act, show)
    return show()


@allow(Role.COORDINATION)
def new_member(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@allow(Role.COORDINATION)
def change_member(request: HttpRequest, organisation_id: int) -> HttpResponse:
    return _edit(request, get_object_or_404(Organisation, pk=organisation_id))


urls = [
    path("membres/", members, name="members"),
    path("membres/nouveau", new_member, name="new_member"),
    path("membres/<int:organisation_id>", member, name="member"),
    path("membres/<int:organisation_id>/changer", change_member, name="change_member"),
    path("membres/<int:organisation_id>/<slug:what>", act_on, name="member_act"),
]
