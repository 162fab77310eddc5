"""What a treasurer types: a line of a model, a model to begin, a card to propose."""

from datetime import date

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partage.experts.models import Expert, Field, Level
from partage.governance.models import Meeting
from partage.governance.queries import resolutions
from partage.portal.finance.costs.sheets import SHARES
from partage.portal.forms import MOST_MINUTES, Form, HoursField, InTheFace
from partage.tariffs.models import (
    CostItem,
    CostModel,
    ExpectedHours,
    Parameter,
    Pay,
)


class LineForm(InTheFace, forms.ModelForm):
    """A line of a model; what it must be as a row is checked by the act, in words."""

    def shares(self) -> list[tuple[int, int, int]] | None:
        """Return the (field id, level, weight) of a pay, None for other lines."""
        return None

    def values(self) -> dict:
        """Return what the act writes on the row."""
        return dict(self.cleaned_data)

    def _post_clean(self) -> None:
        pass


class PayForm(LineForm):
    present_minutes = HoursField(
        label=_("Heures présentes"),
        required=False,
    )
    charges_rate = forms.DecimalField(
        label=_("Charges (%)"), min_value=0, max_value=200, decimal_places=2
    )

    class Meta:
        model = Pay
        fields = [
            "name", "expert", "starts_on", "ends_on", "yearly_pay", "charges_rate",
            "present_minutes", "knowledge", "common", "source", "note",
        ]  # fmt: skip

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = False
        self.fields["expert"].queryset = Expert.objects.order_by("sort_key")
        self.fields["expert"].empty_label = gettext("personne de l’équipe, ou à venir")
        if self.instance.pk:
            percent = (self.instance.charges_rate * 100).normalize()
            self.initial["charges_rate"] = f"{percent:f}"
        given = list(self.instance.shares.all()) if self.instance.pk else []
        for at in range(max(SHARES, len(given))):
            now = given[at] if at < len(given) else None
            self.fields[f"field_{at}"] = forms.ModelChoiceField(
                Field.objects.all(), label=_("Domaine"), required=False,
                empty_label="—", initial=now and now.field_id,
            )  # fmt: skip
            self.fields[f"level_{at}"] = forms.TypedChoiceField(
                label=_("Niveau"), choices=Level.choices, coerce=int, required=False,
                empty_value=2, initial=now.level if now else 2,
            )  # fmt: skip
            self.fields[f"weight_{at}"] = forms.IntegerField(
                label=_("Temps, sur 100"), min_value=0, max_value=1000, required=False,
                initial=now and now.weight,
            )  # fmt: skip

    @property
    def who(self) -> list:
        return [self[name] for name in self._meta.fields[:7]]

    @property
    def where(self) -> list[tuple]:
        """Return the fields of each share: field, level, weight."""
        return [
            tuple(self[f"{what}_{at}"] for what in ("field", "level", "weight"))
            for at in range(len([name for name in self.fields if "field_" in name]))
        ]

    @property
    def rest(self) -> list:
        return [self[name] for name in self._meta.fields[7:]]

    def clean(self) -> dict:
        said = super().clean()
        if not said.get("name"):
            if said.get("expert"):
                said["name"] = said["expert"].name
            else:
                self.add_error("name", gettext("Nommez la personne ou le poste."))
        for name in self.fields:
            at = name.removeprefix("weight_")
            if at != name and said.get(name) and not said.get(f"field_{at}"):
                self.add_error(
                    f"field_{at}", gettext("Dites à quel domaine va ce temps.")
                )
        return said

    def shares(self) -> list[tuple[int, int, int]]:
        said = self.cleaned_data
        return [
            (said[name].pk, said[f"level_{at}"], said[f"weight_{at}"] or 0)
            for name in self.fields
            if name.startswith("field_") and said.get(name)
            for at in [name.removeprefix("field_")]
        ]

    def values(self) -> dict:
        said = self.cleaned_data
        found = {name: said[name] for name in self._meta.fields if name != "expert"}
        found["expert_id"] = said["expert"].pk if said["expert"] else None
        found["charges_rate"] = said["charges_rate"] / 100
        found["present_minutes"] = said["present_minutes"] or 0
        return found


class ItemForm(LineForm):
    class Meta:
        model = CostItem
        fields = ["kind", "name", "amount", "field", "key", "source", "note"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            self.initial.setdefault("kind", CostItem.Kind.SHARED)
        self.fields["field"].help_text = _("Pour des frais directs seulement.")
        self.fields["key"].help_text = _("Pour des frais communs ou de savoir.")

    def clean(self) -> dict:
        said = super().clean()
        kind, kinds = said.get("kind"), CostItem.Kind
        keyed = kind in (kinds.SHARED, kinds.KNOWLEDGE)
        if kind == kinds.DIRECT and not said.get("field"):
            self.add_error(
                "field", gettext("Dites de quel domaine sont ces frais directs.")
            )
        if keyed and not said.get("key"):
            self.add_error("key", gettext("Dites en proportion de quoi on partage."))
        if kind != kinds.DIRECT:
            said["field"] = None
        if not keyed:
            said["key"] = ""
        return said

    def values(self) -> dict:
        said = dict(self.cleaned_data)
        field = said.pop("field", None)
        return said | {"field_id": field.pk if field else None}


class HoursForm(LineForm):
    minutes = HoursField(label=_("Heures"), at_most=100 * MOST_MINUTES)

    class Meta:
        model = ExpectedHours
        fields = ["field", "level", "minutes", "source", "note"]

    def values(self) -> dict:
        said = dict(self.cleaned_data)
        return said | {"field_id": said.pop("field").pk}


class ParameterForm(LineForm):
    class Meta:
        model = Parameter
        fields = ["value", "source", "note"]


LINES: dict[str, type[LineForm]] = {
    "pay": PayForm,
    "item": ItemForm,
    "hours": HoursForm,
    "parameter": ParameterForm,
}


class BeginForm(Form):
    """Make the model of a year: empty, or from another."""

    year = forms.ChoiceField(label=_("Exercice"))
    state = forms.ChoiceField(label=_("État"), choices=CostModel.State.choices)
    source = forms.ModelChoiceField(
        CostModel.objects.all(), label=_("À partir de"), required=False,
        empty_label=_("rien : un modèle vide"),
    )  # fmt: skip

    def __init__(self, *args, years, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.years = {one.label: one for one in years}
        self.fields["year"].choices = [(label, label) for label in self.years]
        self.fields["source"].label_from_instance = lambda model: model.title


class ProposeForm(Form):
    name = forms.CharField(label=_("Nom de la grille"), max_length=80)
    starts_on = forms.DateField(label=_("En vigueur le"))
    note = forms.CharField(
        label=_("Note au conseil"), required=False, widget=forms.Textarea({"rows": 2})
    )


class AdoptForm(Form):
    """Choose the board's resolution: one since the card was proposed."""

    resolution = forms.ModelChoiceField(
        label=_("Résolution qui l’adopte"), queryset=None, empty_label=_("Choisir")
    )

    def __init__(self, *args, since: date | None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        found = resolutions().filter(adopted=True, meeting__body=Meeting.Body.BOARD)
        if since:
            found = found.filter(meeting__held_on__gte=since)
        self.fields["resolution"].queryset = found
        self.fields["resolution"].label_from_instance = lambda row: (
            f"{row.number} — {row.text[:60]}"
        )
