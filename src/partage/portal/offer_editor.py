"""The form of an offer: phases and their lines, typed together.

It works without a script: a button that adds, moves or removes a line sends the
whole form, and the server shows it again as asked, with all that was typed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partage.experts.models import Expert, Field, Level
from partage.mandates.actions import LineDraft, PhaseDraft
from partage.mandates.models import Offer, OfferPhase
from partage.members.models import Province
from partage.people.models import Language
from partage.portal.forms import Form, HoursField
from partage.rules.hours import format_minutes
from partage.rules.money import ZERO, amount_for
from partage.rules.offer import Priced, priced
from partage.rules.tax import NoTaxRate
from partage.tariffs.queries import (
    Beyond,
    PriceList,
    Rate,
    beyond_moderate,
    taxes_on,
)

MOST_PHASES, MOST_LINES = 12, 40
PARTS = ("description", "field", "level", "expert", "hours")


class HeadForm(Form):
    """What an offer says around its price."""

    title = forms.CharField(label=_("Titre"), max_length=150)
    introduction = forms.CharField(
        label=_("Ce que nous avons compris"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )
    scope = forms.CharField(
        label=_("Ce qui est compris, ce qui ne l’est pas"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )
    language = forms.ChoiceField(label=_("Langue"), choices=Language.choices)
    province = forms.ChoiceField(
        label=_("Province du travail"),
        choices=Province.choices,
        help_text=_("Les taxes en dépendent."),
    )
    starts_on = forms.DateField(label=_("Début prévu"), required=False)
    ends_on = forms.DateField(label=_("Fin prévue"), required=False)
    valid_until = forms.DateField(label=_("Valide jusqu’au"))

    def clean(self):
        cleaned = super().clean()
        start, end = cleaned.get("starts_on"), cleaned.get("ends_on")
        if start and end and end < start:
            self.add_error(
                "ends_on", gettext("La fin vient avant le début. Changez l’une.")
            )
        return cleaned


class LineForm(Form):
    description = forms.CharField(label=_("Description"), max_length=200)
    field = forms.TypedChoiceField(label=_("Domaine"), coerce=int)
    level = forms.TypedChoiceField(label=_("Niveau"), choices=Level.choices, coerce=int)
    expert = forms.TypedChoiceField(
        label=_("Par"), coerce=int, required=False, empty_value=None
    )
    hours = HoursField(label=_("Heures"))

    def __init__(self, *args, choices: "Choices", **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["field"].choices = choices.fields
        self.fields["expert"].choices = choices.experts
        self.fields["hours"].widget.attrs["inputmode"] = "decimal"

    def clean_hours(self):
        minutes = self.cleaned_data["hours"]
        if not minutes:
            raise forms.ValidationError(
                gettext("Donnez une durée plus grande que zéro, ou retirez la ligne.")
            )
        return minutes

    def draft(self) -> LineDraft:
        one = self.cleaned_data
        return LineDraft(
            description=one["description"],
            field_id=one["field"],
            level=one["level"],
            expert_id=one["expert"],
            minutes=one["hours"],
        )


@dataclass(frozen=True)
class Choices:
    """Whom and what a line may name."""

    fields: list[tuple[int, str]]
    experts: list[tuple[int | str, str]]

    @classmethod
    def of(cls, expert_ids: Iterable[int]) -> "Choices":
        experts = Expert.objects.filter(pk__in=set(expert_ids))
        return cls(
            [(one.pk, one.name) for one in Field.objects.filter(closed_on=None)],
            [("", "—"), *((one.pk, one.name) for one in experts)],
        )


@dataclass
class Phase:
    """One phase as it is typed: raw words, not yet read."""

    title: str = ""
    lines: list[dict[str, str]] = field(default_factory=list)


def typed(data: Mapping) -> list[Phase]:
    """Read the phases out of what was sent, as it was typed."""
    phases = []
    for p in range(_count(data.get("phases"), MOST_PHASES)):
        lines = [
            {part: data.get(f"l{p}-{n}-{part}", "") for part in PARTS}
            for n in range(_count(data.get(f"p{p}-lines"), MOST_LINES))
        ]
        phases.append(Phase(data.get(f"p{p}-title", ""), lines))
    return phases


def _count(text: str | None, most: int) -> int:
    return min(int(text), most) if text and text.isdecimal() else 0


def kept(phases: Iterable[OfferPhase], language: str) -> list[Phase]:
    """Return the phases of a draft as they would be typed."""
    return [
        Phase(
            phase.title,
            [
                {
                    "description": line.description,
                    "field": str(line.field_id),
                    "level": str(line.level),
                    "expert": str(line.expert_id or ""),
                    "hours": format_minutes(line.minutes, language),
                }
                for line in phase.lines.all()
            ],
        )
        for phase in phases
    ]


def rearranged(phases: list[Phase], act: str) -> list[Phase]:
    """Do « ligne 0 », « phase », « monter 0 2 », « descendre 0 2 », « retirer 0 2 »
    or « retirer 0 » to the phases; what makes no sense does nothing."""
    what, *place = act.split()
    at = [int(one) for one in place if one.isdecimal()]
    if what == "phase" and len(phases) < MOST_PHASES:
        return [*phases, Phase(lines=[_blank(phases)])]
    if not at or at[0] >= len(phases):
        return phases
    p = at[0]
    lines = phases[p].lines
    if what == "ligne" and len(lines) < MOST_LINES:
        lines.append(_blank(phases[: p + 1]))
    elif what == "retirer" and len(at) == 1:
        del phases[p]
    elif len(at) == 2 and at[1] < len(lines):
        _move(phases, p, at[1], what)
    return phases


def _move(phases: list[Phase], p: int, n: int, what: str) -> None:
    lines = phases[p].lines
    if what == "retirer":
        del lines[n]
    elif what == "monter" and n > 0:
        lines[n - 1], lines[n] = lines[n], lines[n - 1]
    elif what == "monter" and p > 0:
        phases[p - 1].lines.append(lines.pop(n))
    elif what == "descendre" and n < len(lines) - 1:
        lines[n + 1], lines[n] = lines[n], lines[n + 1]
    elif what == "descendre" and p < len(phases) - 1:
        phases[p + 1].lines.insert(0, lines.pop(n))


def _blank(phases: list[Phase]) -> dict[str, str]:
    """A new line, in the field and at the level of the one before it."""
    before = next(
        (line for phase in reversed(phases) for line in reversed(phase.lines)), {}
    )
    blank = dict.fromkeys(PARTS, "")
    return blank | {name: before.get(name, "") for name in ("field", "level")}


@dataclass
class Row:
    form: LineForm
    rate: Rate | None = None
    amount: Decimal | None = None
    problem: str = ""


@dataclass
class Shown:
    """A phase as it is shown, with its price so far."""

    title: str
    rows: list[Row]

    @property
    def net(self) -> Decimal:
        return sum((row.amount or ZERO for row in self.rows), ZERO)


@dataclass
class Editor:
    """The whole form: the head, the lines, and what they come to."""

    head: HeadForm
    phases: list[Shown]
    price: Priced | None
    no_tax: bool
    minutes: int
    immoderate: tuple[Beyond, ...] = ()

    @property
    def forms(self) -> list[Form]:
        return [self.head, *(row.form for phase in self.phases for row in phase.rows)]

    def is_valid(self) -> bool:
        checked = [form.is_valid() for form in self.forms]  # each says what is wrong
        return all(checked)

    def focus_last_of(self, p: int) -> None:
        """Put the cursor on the last line of a phase: the one just added."""
        if p < len(self.phases) and self.phases[p].rows:
            form = self.phases[p].rows[-1].form
            form.fields["description"].widget.attrs["autofocus"] = True

    def drafts(self) -> list[PhaseDraft]:
        return [
            PhaseDraft(
                title=phase.title.strip()[:150],
                lines=[row.form.draft() for row in phase.rows],
            )
            for phase in self.phases
        ]


def editor(
    offer: Offer,
    phases: list[Phase],
    *,
    prices: PriceList | None,
    choices: Choices,
    on,
    data: Mapping | None = None,
    checked: bool = False,
) -> Editor:
    """Build the form; `checked` says what is wrong, else it only shows and adds up."""
    names = HeadForm.base_fields
    said = {name: data.get(name, "") for name in names} if data else None
    if said is None:
        head = HeadForm(initial={name: getattr(offer, name) for name in names})
    else:
        head = HeadForm(said) if checked else HeadForm(initial=said)
    shown, minutes, net = [], 0, ZERO
    rates: list[tuple[int, int, Decimal]] = []
    for p, phase in enumerate(phases):
        rows = []
        for n, line in enumerate(phase.lines):
            prefix = f"l{p}-{n}"
            bound = LineForm(
                {f"{prefix}-{part}": value for part, value in line.items()},
                prefix=prefix,
                choices=choices,
            )
            row = Row(
                bound
                if checked
                else LineForm(initial=line, prefix=prefix, choices=choices)
            )
            bound.is_valid()
            read = bound.cleaned_data
            if prices and {"field", "level"} <= read.keys():
                row.rate = prices.get(read["field"], read["level"])
            if row.rate:
                rates.append((read["field"], read["level"], row.rate.amount))
            if row.rate and read.get("hours"):
                row.amount = amount_for(read["hours"], row.rate.amount)
                minutes += read["hours"]
                net += row.amount
            rows.append(row)
        shown.append(Shown(phase.title, rows))
    province = said["province"] if said else offer.province
    try:
        price = priced(net, taxes_on(province, on=on))
    except NoTaxRate:
        price = None
    return Editor(
        head,
        shown,
        price or priced(net, ()),
        price is None,
        minutes,
        beyond_moderate(rates, on=on),
    )
