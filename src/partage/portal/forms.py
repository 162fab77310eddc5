"""How the portal's forms behave: native date inputs, amounts typed either way."""

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from partage.portal.words import tongue
from partage.rules.hours import UnreadableHours, format_minutes, parse_minutes


class AmountInput(forms.TextInput):
    """A decimal typed with a comma or a point, in either language.

    A text rather than a number input: a browser set in the other language would
    refuse the comma and send nothing at all.
    """

    def value_from_datadict(self, data, files, name):
        typed = super().value_from_datadict(data, files, name)
        if not isinstance(typed, str):
            return typed
        if "," in typed and "." in typed:
            # Whichever comes last is the decimal one: 1,140.50 and 1.140,50.
            group = "," if typed.rfind(".") > typed.rfind(",") else "."
            typed = typed.replace(group, "")
        return "".join(typed.split()).removesuffix("$").replace(",", ".")

    def format_value(self, value):
        shown = super().format_value(value)
        if shown and tongue(get_language() or "") == "fr":
            return shown.replace(".", ",")
        return shown


def dress(one: forms.Field) -> None:
    """Set the native input of a date, a time or an amount on one field."""
    widget = one.widget
    if isinstance(widget, forms.DateInput):
        widget.input_type, widget.format = "date", "%Y-%m-%d"
    elif isinstance(widget, forms.TimeInput):
        widget.input_type, widget.format = "time", "%H:%M"
    elif isinstance(one, forms.DecimalField) and type(widget) is forms.NumberInput:
        one.widget = AmountInput({"inputmode": "decimal", "autocomplete": "off"})
        one.widget.is_required = widget.is_required


class InTheFace:
    """Give a form's widgets what the face expects. Mix it in before ModelForm."""

    def __init__(self, *args, **kwargs) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for one in self.fields.values():
            dress(one)


class Form(InTheFace, forms.Form):
    """The base of the portal's forms."""


MOST_MINUTES = 600_000  # ten thousand hours: beyond, a digit slipped in
UNREADABLE = {
    "negative": _("Une durée ne peut pas être négative."),
    "too_long": _("« %(typed)s » est trop long. Écrivez des heures, comme 7,5."),
    "minutes_over_59": _("« %(typed)s » a plus de 59 minutes. Écrivez 7 h 45 ou 7,75."),
    "ambiguous": _("« %(typed)s » se lit de deux façons. Écrivez 7 h 05 ou 7,5."),
    "unreadable": _("« %(typed)s » n’est pas une durée. Écrivez 7,5 ou 7 h 30."),
}


class HoursField(forms.CharField):
    """Hours as people type them, « 7,5 » or « 7 h 30 »; minutes once cleaned."""

    def __init__(self, *args, at_most: int = MOST_MINUTES, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.at_most = at_most

    def to_python(self, value):
        typed = super().to_python(value)
        if not typed:
            return None
        try:
            return parse_minutes(typed, at_most=self.at_most)
        except UnreadableHours as problem:
            raise forms.ValidationError(
                UNREADABLE[problem.reason],
                code=problem.reason,
                params={"typed": typed},
            ) from None

    def prepare_value(self, value):
        if isinstance(value, int):
            return format_minutes(value, tongue(get_language() or ""))
        return value

    def widget_attrs(self, widget):
        return {"autocomplete": "off", "class": "short"}
