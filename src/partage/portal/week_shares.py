"""Share the hours of an assignment among weeks: one field a week."""

from collections.abc import Sequence
from datetime import date, timedelta

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from partage.planning.models import Assignment
from partage.planning.queries import Load, loads
from partage.portal import words
from partage.portal.forms import Form, HoursField
from partage.rules.calendar import monday_of
from partage.rules.hours import format_minutes

MORE_WEEKS = 6  # beyond the present end, into which work can be moved
MOST_WEEKS = 40


class SharesForm(Form):
    """One field a week; the sum must be the assignment's. Weeks gone by stay."""

    exception = forms.CharField(
        label=gettext_lazy("Pourquoi dépasser une semaine"),
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, *args, assignment: Assignment, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.assignment = assignment
        kept = dict(assignment.allocations.values_list("monday", "minutes"))
        first = monday_of(today)
        self.past = {monday: share for monday, share in kept.items() if monday < first}
        last = max([first, monday_of(assignment.ends_on), *kept])
        count = min(MOST_WEEKS, (last - first).days // 7 + 1 + MORE_WEEKS)
        self.mondays = [first + timedelta(weeks=i) for i in range(count)]
        self.loads = loads([assignment.expert], mondays=self.mondays)[
            assignment.expert_id
        ]
        self.kept = kept
        for monday in self.mondays:
            self.fields[monday.isoformat()] = HoursField(
                label=words.day_short(monday, get_language() or ""),
                required=False,
                initial=kept.get(monday, 0) or None,
            )

    def rows(self) -> Sequence[tuple[forms.BoundField, Load, int]]:
        """Each week: its field, its load, and what is free beside this assignment."""
        return [
            (
                self[load.monday.isoformat()],
                load,
                load.free + self.kept.get(load.monday, 0),
            )
            for load in self.loads
        ]

    def shares(self) -> dict[date, int]:
        return self.past | {
            monday: self.cleaned_data.get(monday.isoformat()) or 0
            for monday in self.mondays
        }

    def clean(self):
        given = sum(
            self.cleaned_data.get(monday.isoformat()) or 0 for monday in self.mondays
        ) + sum(self.past.values())
        if not self.errors and given != self.assignment.minutes:
            tongue = words.tongue(get_language() or "")
            raise forms.ValidationError(
                _(
                    "Les semaines font %(given)s, et l’affectation %(wanted)s. "
                    "Répartissez exactement ces heures."
                ),
                params={
                    "given": format_minutes(given, tongue),
                    "wanted": format_minutes(self.assignment.minutes, tongue),
                },
            )
        return self.cleaned_data
