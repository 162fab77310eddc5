"""The form of a weekly schedule: seven days, as people type hours."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partage.experts.models import Expert
from partage.portal.forms import Form
from partage.rules.hours import UnreadableHours, parse_minutes

DAYS = (
    gettext_lazy("Lundi"),
    gettext_lazy("Mardi"),
    gettext_lazy("Mercredi"),
    gettext_lazy("Jeudi"),
    gettext_lazy("Vendredi"),
    gettext_lazy("Samedi"),
    gettext_lazy("Dimanche"),
)


class ScheduleForm(Form):
    starts_on = forms.DateField(label=gettext_lazy("À partir du"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for at, day in enumerate(DAYS):
            self.fields[f"day_{at}"] = forms.CharField(
                label=day,
                required=False,
                widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
            )

    @classmethod
    def of(cls, expert: Expert, *, on) -> "ScheduleForm":
        """Return the form filled with the schedule in force."""
        now = expert.schedules.filter(starts_on__lte=on).order_by("-starts_on").first()
        days = now.minutes if now else [0] * 7
        return cls(
            initial={
                "starts_on": on,
                **{f"day_{at}": _hours(minutes) for at, minutes in enumerate(days)},
            }
        )

    @property
    def days(self):
        return [self[f"day_{at}"] for at in range(7)]

    def clean(self):
        cleaned = super().clean()
        minutes = []
        for at in range(7):
            try:
                minutes.append(parse_minutes(cleaned.get(f"day_{at}") or ""))
            except UnreadableHours:
                self.add_error(
                    f"day_{at}", _("Écrivez des heures, comme « 7 » ou « 7 h 30 ».")
                )
        cleaned["minutes"] = minutes
        return cleaned


def _hours(minutes: int) -> str:
    if not minutes:
        return ""
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02}" if rest else str(hours)
