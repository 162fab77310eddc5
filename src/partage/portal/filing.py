"""The form in which a need is written, whoever files it."""

from datetime import date

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from partage.members.models import Organisation
from partage.needs.models import Need
from partage.people.models import Language
from partage.portal.forms import Form
from partage.portal.words import tongue
from partage.rules.triage import fold

SEVERAL = 12  # organisations offered when a name says several


class NeedForm(Form):
    """What is asked for. Subclasses say for whom."""

    title = forms.CharField(
        label=_("En une ligne, de quoi s’agit-il ?"),
        max_length=150,
        help_text=_("Par exemple : revoir le bail de nos locaux"),
    )
    text = forms.CharField(
        label=_("Votre besoin"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text=_(
            "Ce qui se passe, ce que vous souhaitez, ce qui a déjà été fait. "
            "N’y mettez pas de renseignements sur la santé de quelqu’un."
        ),
    )
    urgency = forms.TypedChoiceField(
        label=_("Urgence"),
        choices=Need.Urgency.choices,
        coerce=int,
        widget=forms.RadioSelect,
        initial=Need.Urgency.NORMAL,
    )
    place = forms.ChoiceField(
        label=_("Lieu du travail"),
        choices=Need.Place.choices,
        widget=forms.RadioSelect,
        initial=Need.Place.REMOTE,
    )
    wished_from = forms.DateField(label=_("À partir du"), required=False)
    wished_until = forms.DateField(label=_("Avant le"), required=False)
    language = forms.ChoiceField(label=_("Langue du service"), choices=Language.choices)

    ACROSS = ("urgency", "place")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].initial = tongue(get_language() or "")

    def clean(self):
        cleaned = super().clean()
        start: date | None = cleaned.get("wished_from")
        until: date | None = cleaned.get("wished_until")
        if start and until and until < start:
            self.add_error(
                "wished_until",
                gettext("Cette date vient avant la première. Corrigez l’une des deux."),
            )
        return cleaned

    def asked(self) -> dict:
        """Return what is asked, as `needs.actions.file_need` takes it."""
        names = (
            "title",
            "text",
            "urgency",
            "place",
            "wished_from",
            "wished_until",
            "language",
        )
        return {name: self.cleaned_data[name] for name in names}


class AmongForm(NeedForm):
    """For one of a few organisations."""

    organisation = forms.ModelChoiceField(
        label=_("Organisation"),
        queryset=Organisation.objects.none(),
        empty_label=None,
    )

    field_order = ("organisation",)

    def __init__(self, *args, among, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        one = self.fields["organisation"]
        one.queryset = among
        found = list(among[:2])
        if len(found) == 1:
            # No choice to make: nothing to ask.
            one.initial, one.required = found[0].pk, False
            one.widget = forms.HiddenInput()
        elif len(found) > 1:
            one.empty_label = gettext("Choisissez…")

    def clean_organisation(self):
        return self.cleaned_data["organisation"] or self.fields[
            "organisation"
        ].queryset.get(pk=self.fields["organisation"].initial)


class AnyoneForm(NeedForm):
    """For any organisation, by its name: suggested as it is typed, then chosen."""

    organisation = forms.CharField(
        label=_("Organisation"),
        max_length=200,
        help_text=_("Écrivez une partie du nom ; les noms connus sont proposés."),
        widget=forms.TextInput(attrs={"list": "organisations", "autocomplete": "off"}),
    )
    organisation_id = forms.ModelChoiceField(
        label=_("Laquelle ?"),
        queryset=Organisation.objects.all(),
        required=False,
        widget=forms.RadioSelect,
        empty_label=None,
    )

    field_order = ("organisation", "organisation_id")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.several = Organisation.objects.none()

    def clean(self):
        cleaned = super().clean()
        typed = cleaned.get("organisation")
        if not typed:
            return cleaned
        key = fold(typed)
        chosen = cleaned.get("organisation_id")
        if chosen and all(word in chosen.sort_key for word in key.split()):
            cleaned["organisation"] = chosen
            return cleaned
        found = Organisation.objects.all()
        for word in key.split():
            found = found.filter(sort_key__contains=word)
        exact = [one for one in found if one.sort_key == key[:200]]
        if len(exact) == 1:
            cleaned["organisation"] = exact[0]
            return cleaned
        self.several = found[:SEVERAL]
        if self.several:
            self.add_error(
                "organisation_id",
                gettext("Choisissez l’organisation dont il s’agit, ou précisez."),
            )
        else:
            self.add_error(
                "organisation",
                gettext(
                    "Aucune organisation ne porte ce nom. "
                    "Vérifiez-le, ou inscrivez-la d’abord parmi les membres."
                ),
            )
        self.fields["organisation_id"].queryset = found
        self.fields["organisation_id"].choices = [
            (one.pk, f"{one.name} ({one.city})" if one.city else one.name)
            for one in self.several
        ]
        return cleaned
