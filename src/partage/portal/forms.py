"""How the portal's forms behave: native date inputs, amounts typed either way."""

from django import forms
from django.utils.translation import get_language

from partage.portal.words import tongue


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
