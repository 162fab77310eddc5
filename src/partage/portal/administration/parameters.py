"""What an administrator sets: the cooperative itself, and dated rows with sources."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partage.billing.actions import set_content_rule
from partage.billing.models import ContentRule
from partage.closing.actions import set_closing_rule
from partage.closing.models import ClosingRule
from partage.experts import actions as expert_actions
from partage.experts.models import Field, PracticeRule
from partage.governance.actions import change_cooperative
from partage.governance.models import Cooperative
from partage.impact.actions import set_emission_factor
from partage.impact.models import EmissionFactor
from partage.journal.actions import Actor
from partage.members.models import Province
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.acting import act_or_show
from partage.portal.forms import Form, InTheFace
from partage.portal.templatetags.house import money, number, percent
from partage.portal.words import MONTHS
from partage.tariffs.actions import set_mileage_rate, set_moderate_cost, set_tax_rate
from partage.tariffs.models import MileageRate, ModerateCost, TaxRate
from partage.timesheets.models import Trip

NOW, TO_COME, OVER = "now", "to_come", "over"
STATES = {
    NOW: (_("en vigueur"), "good"),
    TO_COME: (_("à venir"), "wait"),
    OVER: (_("passé"), ""),
}


class CooperativeForm(InTheFace, forms.ModelForm):
    first_month = forms.TypedChoiceField(
        label=_("Premier mois de l’exercice"), coerce=int
    )
    payment_days = forms.IntegerField(
        label=_("Délai de paiement (jours)"), min_value=0, max_value=180
    )
    offer_days = forms.IntegerField(
        label=_("Validité d’une offre (jours)"), min_value=1, max_value=365
    )

    class Meta:
        model = Cooperative
        fields = [
            "name",
            "neq",
            "gst_number",
            "qst_number",
            "address",
            "city",
            "province",
            "postal_code",
            "email",
            "phone",
            "first_month",
            "payment_days",
            "offer_days",
            "rebates_forbidden",
        ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["first_month"].choices = [
            (at, gettext(name)) for at, name in enumerate(MONTHS["fr"], start=1)
        ]


class TaxForm(Form):
    province = forms.ChoiceField(label=_("Province"), choices=Province.choices)
    code = forms.ChoiceField(label=_("Taxe"), choices=TaxRate.Code.choices)
    percent = forms.DecimalField(
        label=_("Taux (%)"),
        min_value=0,
        max_value=Decimal("99.9999"),
        decimal_places=4,
        help_text=_("9,975 pour la TVQ."),
    )
    starts_on = forms.DateField(label=_("En vigueur le"))
    source = forms.CharField(
        label=_("Source"),
        max_length=200,
        help_text=_("Le texte qui le dit, et sa date."),
    )


class MileageForm(Form):
    first = forms.DecimalField(
        label=_("Premiers km ($/km)"), min_value=0, max_digits=5, decimal_places=3
    )
    beyond = forms.DecimalField(
        label=_("Au-delà ($/km)"), min_value=0, max_digits=5, decimal_places=3
    )
    threshold_km = forms.IntegerField(
        label=_("Seuil (km)"), min_value=0, max_value=100_000, initial=5000
    )
    starts_on = forms.DateField(label=_("En vigueur le"))
    source = forms.CharField(label=_("Source"), max_length=200)


class ModerateForm(Form):
    field = forms.ModelChoiceField(Field.objects.all(), label=_("Domaine"))
    amount = forms.DecimalField(
        label=_("Seuil ($/h)"),
        min_value=Decimal("0.01"),
        max_digits=7,
        decimal_places=2,
    )
    starts_on = forms.DateField(label=_("En vigueur le"))
    source = forms.CharField(label=_("Source"), max_length=200)


class ContentForm(Form):
    registrations_from = forms.DecimalField(
        label=_("Numéros d’inscription et taxes dès ($)"),
        min_value=0,
        max_digits=8,
        decimal_places=2,
    )
    purchaser_from = forms.DecimalField(
        label=_("Acheteur, modalités et description dès ($)"),
        min_value=0,
        max_digits=8,
        decimal_places=2,
    )
    starts_on = forms.DateField(label=_("En vigueur le"))
    source = forms.CharField(label=_("Source"), max_length=200)


class PracticeForm(Form):
    field = forms.ModelChoiceField(Field.objects.all(), label=_("Domaine"))
    province = forms.ChoiceField(label=_("Province"), choices=Province.choices)
    order = forms.CharField(label=_("Ordre professionnel"), max_length=80)
    days_allowed = forms.IntegerField(
        label=_("Jours permis par an en mobilité"),
        min_value=0,
        max_value=366,
        initial=0,
    )
    starts_on = forms.DateField(label=_("En vigueur le"))
    source = forms.CharField(label=_("Source"), max_length=200)


class FactorForm(Form):
    mode = forms.ChoiceField(label=_("Mode"), choices=Trip.Mode.choices)
    kg_per_km = forms.DecimalField(
        label=_("kg éq. CO2 par km"), min_value=0, max_digits=6, decimal_places=4
    )
    starts_on = forms.DateField(label=_("En vigueur le"))
    source = forms.CharField(label=_("Source"), max_length=200)


class ClosingRuleForm(Form):
    code = forms.ChoiceField(label=_("Règle"), choices=ClosingRule.Code.choices)
    percent = forms.DecimalField(
        label=_("Valeur (%)"), min_value=0, max_value=100, decimal_places=2
    )
    starts_on = forms.DateField(label=_("En vigueur le"))
    source = forms.CharField(
        label=_("Source"),
        max_length=200,
        help_text=_("La loi, le règlement ou la résolution qui le dit."),
    )


class FieldForm(Form):
    code = forms.SlugField(
        label=_("Code"), max_length=40, help_text=_("Court et définitif : « paie ».")
    )
    name_fr = forms.CharField(label=_("Nom français"), max_length=80)
    name_en = forms.CharField(label=_("Nom anglais"), max_length=80)
    words = forms.CharField(
        label=_("Mots évocateurs"),
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Ce qui, dans une demande, fait penser à ce domaine."),
    )
    opened_on = forms.DateField(label=_("Ouvert le"))


@dataclass(frozen=True)
class Row:
    """One dated row: what it says, since when, until when, where that comes from."""

    name: str
    value: str
    starts_on: date
    ends_on: date | None
    source: str

    def state(self, on: date) -> str:
        if self.starts_on > on:
            return TO_COME
        return OVER if self.ends_on and self.ends_on < on else NOW


@dataclass(frozen=True)
class Table:
    title: str | Promise
    words: str | Promise
    add: str | Promise
    form: type[Form]
    rows: Callable[[], Iterable[Row]]
    act: Callable[[dict, Actor], object]


def _taxes() -> Iterable[Row]:
    for row in TaxRate.objects.order_by("province", "code", "-starts_on"):
        yield Row(
            f"{row.get_province_display()} · {row.get_code_display()}",
            percent(row.rate, 4),
            row.starts_on,
            row.ends_on,
            row.source,
        )


def _mileage() -> Iterable[Row]:
    ends = None
    for row in MileageRate.objects.all():  # the newest first
        words = gettext("%(first)s/km jusqu’à %(km)s km, puis %(beyond)s/km") % {
            "first": money(row.first, 3),
            "beyond": money(row.beyond, 3),
            "km": number(row.threshold_km),
        }
        yield Row(gettext("Voiture"), words, row.starts_on, ends, row.source)
        ends = _day_before(row.starts_on)


def _moderate() -> Iterable[Row]:
    for row in ModerateCost.objects.select_related("field").order_by(
        "field__name_fr", "-starts_on"
    ):
        words = gettext("%(amount)s/h") % {"amount": money(row.amount)}
        yield Row(row.field.name, words, row.starts_on, row.ends_on, row.source)


def _set_moderate(values: dict, by: Actor):
    field = values.pop("field")
    return set_moderate_cost(field_id=field.pk, **values, by=by)


def _content() -> Iterable[Row]:
    ends = None
    for row in ContentRule.objects.all():  # the newest first
        words = gettext("numéros dès %(first)s, acheteur dès %(second)s") % {
            "first": money(row.registrations_from),
            "second": money(row.purchaser_from),
        }
        yield Row(gettext("Facture"), words, row.starts_on, ends, row.source)
        ends = _day_before(row.starts_on)


def _practice() -> Iterable[Row]:
    for row in PracticeRule.objects.select_related("field").order_by(
        "field__name_fr", "province", "-starts_on"
    ):
        words = row.order
        if row.days_allowed:
            words = gettext("%(order)s, ou %(days)s jours par an en mobilité") % {
                "order": row.order,
                "days": row.days_allowed,
            }
        yield Row(
            f"{row.field.name} · {row.get_province_display()}",
            words,
            row.starts_on,
            row.ends_on,
            row.source,
        )


def _factors() -> Iterable[Row]:
    ends: dict[str, date] = {}
    for row in EmissionFactor.objects.order_by("mode", "-starts_on"):
        yield Row(
            row.get_mode_display(),
            gettext("%(kg)s kg/km") % {"kg": number(row.kg_per_km)},
            row.starts_on,
            ends.get(row.mode),
            row.source,
        )
        ends[row.mode] = _day_before(row.starts_on)


def _closing_rules() -> Iterable[Row]:
    ends: dict[str, date] = {}
    for row in ClosingRule.objects.order_by("code", "-starts_on"):
        yield Row(
            row.get_code_display(),
            percent(row.value, 2),
            row.starts_on,
            ends.get(row.code),
            row.source,
        )
        ends[row.code] = _day_before(row.starts_on)


def _fields() -> Iterable[Row]:
    for row in Field.objects.all():
        yield Row(row.name, row.code, row.opened_on, row.closed_on, row.words)


def _day_before(on: date) -> date:
    return date.fromordinal(on.toordinal() - 1)


def _set_tax(values: dict, by: Actor):
    rate = values.pop("percent") / 100
    return set_tax_rate(**values, rate=rate, by=by)


def _set_closing_rule(values: dict, by: Actor):
    return set_closing_rule(value=values.pop("percent") / 100, **values, by=by)


def _set_practice(values: dict, by: Actor):
    field = values.pop("field")
    return expert_actions.set_practice_rule(field_id=field.pk, **values, by=by)


TABLES = {
    "taxes": Table(
        _("Taxes de vente"),
        _("Le taux d’une province, daté. Une facture garde ceux de son émission."),
        _("Fixer le prochain taux"),
        TaxForm,
        _taxes,
        _set_tax,
    ),
    "kilometrage": Table(
        _("Taux kilométriques"),
        _("L’allocation exempte d’impôt, par année civile."),
        _("Fixer le prochain taux"),
        MileageForm,
        _mileage,
        lambda values, by: set_mileage_rate(**values, by=by),
    ),
    "cout-modere": Table(
        _("Coûts modérés"),
        _("Le plus qu’une heure d’un domaine peut coûter sans qu’on avertisse."),
        _("Fixer le prochain seuil"),
        ModerateForm,
        _moderate,
        _set_moderate,
    ),
    "contenu": Table(
        _("Contenu des factures"),
        _("Ce qu’une facture doit montrer, dès quels totaux, taxes comprises."),
        _("Fixer les prochains montants"),
        ContentForm,
        _content,
        lambda values, by: set_content_rule(**values, by=by),
    ),
    "exercice": Table(
        _("Règles d’exercice"),
        _("Qui peut exercer un domaine dans une province, selon la loi."),
        _("Fixer la prochaine règle"),
        PracticeForm,
        _practice,
        _set_practice,
    ),
    "emissions": Table(
        _("Facteurs d’émission"),
        _("Ce qu’un kilomètre émet. Un calcul déjà fait garde son facteur."),
        _("Fixer le prochain facteur"),
        FactorForm,
        _factors,
        lambda values, by: set_emission_factor(**values, by=by),
    ),
    "cloture": Table(
        _("Règles de clôture"),
        _("L’épreuve de la loi sur le surplus, et la bande de stabilisation."),
        _("Fixer la prochaine règle"),
        ClosingRuleForm,
        _closing_rules,
        _set_closing_rule,
    ),
    "domaines": Table(
        _("Domaines"),
        _("Ce que la coopérative offre, et les mots qui y font penser au triage."),
        _("Ouvrir un domaine"),
        FieldForm,
        _fields,
        lambda values, by: expert_actions.open_field(**values, by=by),
    ),
}


@allow(Role.ADMINISTRATION)
def parameters(request: HttpRequest) -> HttpResponse:
    coop = request.who.cooperative
    form = CooperativeForm(request.POST or None, instance=coop)

    def show(refused=None):
        return render(
            request,
            "administration/parameters.html",
            {"form": form, "refused": refused, "tables": TABLES, "which": ""},
        )

    def act(values):
        change_cooperative(by=request.who.by, **values)
        messages.success(request, gettext("C’est gardé."))
        return reverse("administration:parameters")

    if request.method == "POST":
        return act_or_show(request, form, act, show)
    return show()


@allow(Role.ADMINISTRATION)
def table(request: HttpRequest, which: str) -> HttpResponse:
    """One table of dated rows; what is added ends the row before it the day before."""
    if which not in TABLES:
        raise Http404
    chosen = TABLES[which]
    form = chosen.form(request.POST or None)
    today = request.who.today

    def show(refused=None):
        rows = [(row, *STATES[row.state(today)]) for row in chosen.rows()]
        return render(
            request,
            "administration/parameter_table.html",
            {
                "form": form,
                "refused": refused,
                "tables": TABLES,
                "which": which,
                "table": chosen,
                "rows": rows,
            },
        )

    def act(values):
        chosen.act(dict(values), request.who.by)
        messages.success(request, gettext("C’est gardé, et écrit au journal."))
        return reverse("administration:parameter_table", args=[which])

    if request.method == "POST":
        return act_or_show(request, form, act, show)
    return show()


urls = [
    path("parametres/", parameters, name="parameters"),
    path("parametres/<slug:which>", table, name="parameter_table"),
]
