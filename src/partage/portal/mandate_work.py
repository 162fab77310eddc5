"""What the pages of a mandate share, whichever door they are behind."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _

from partage.archive.actions import LARGEST, FileTooLarge
from partage.journal.actions import ActionRefused
from partage.knowledge.models import DeliverableType, Piece
from partage.knowledge.queries import Resemblance, Sight
from partage.mandates import actions, queries
from partage.mandates.models import Deliverable, Mandate
from partage.mandates.queries import Budget
from partage.portal import words
from partage.portal.charts import Chart, Series
from partage.portal.estimating import look_back, text_of
from partage.portal.files import download
from partage.portal.forms import Form, HoursField
from partage.portal.once import once
from partage.portal.reservoir import Door
from partage.portal.spreadsheets import sheet
from partage.portal.templatetags.house import hours as hours_said
from partage.rules.money import ZERO, amount_for
from partage.timesheets.queries import minutes_by_mandate_and_expert, minutes_by_month

NEAR = 3  # pieces that may have served, offered when a mandate closes
KINDS = {"OPEN": "good", "PAUSED": "wait", "CLOSED": ""}
SCORES = (
    (5, _("Très satisfaits")),
    (4, _("Satisfaits")),
    (3, _("Ni l’un ni l’autre")),
    (2, _("Peu satisfaits")),
    (1, _("Pas satisfaits")),
)


def budgets_of(mandates: list[Mandate]) -> dict[int, Budget]:
    """Return what is used of the budget of each mandate, in as many questions for
    one as for all."""
    ids = [row.pk for row in mandates]
    return queries.budgets(mandates, minutes_by_mandate_and_expert(ids))


@dataclass(frozen=True, slots=True)
class Month:
    """What a month took of the budget."""

    first_day: date
    minutes: int
    amount: Decimal
    total_minutes: int  # since the beginning


def months_of(mandate: Mandate) -> list[Month]:
    """Return the months of a mandate, from the first with time to the last."""
    rates = {row.expert_id: row.rate for row in mandate.team.all()}
    average = (
        mandate.budget_amount * 60 / mandate.budget_minutes
        if mandate.budget_minutes
        else ZERO
    )
    sums: dict[date, tuple[int, Decimal]] = {}
    for (month, expert_id), minutes in sorted(minutes_by_month(mandate.pk).items()):
        before, amount = sums.get(month, (0, ZERO))
        sums[month] = (
            before + minutes,
            amount + amount_for(minutes, rates.get(expert_id, average)),
        )
    total, found = 0, []
    for month, (minutes, amount) in sums.items():
        total += minutes
        found.append(Month(month, minutes, amount, total))
    return found


def chart_of(mandate: Mandate, months: list[Month]) -> Chart | None:
    """Draw the hours used since the beginning, month by month, under those agreed."""
    if not months:
        return None
    agreed = _hours(mandate.budget_minutes)
    return Chart(
        gettext("Heures faites depuis le début, et convenues"),
        [_month_word(one.first_day) for one in months],
        [
            Series(gettext("Faites"), [_hours(one.total_minutes) for one in months]),
            Series(gettext("Convenues"), [agreed for _one in months], "line"),
        ],
        unit="h",
        decimals=1,
    )


def _month_word(on: date) -> str:
    short = words.SHORT_MONTHS[words.tongue(get_language() or "fr")]
    return f"{short[on.month - 1]} {on.year % 100:02d}"


def _hours(minutes: int) -> Decimal:
    return (Decimal(minutes) / 60).quantize(Decimal("0.01"))


def as_sheet(chosen: QuerySet[Mandate]) -> HttpResponse:
    """Return mandates as a spreadsheet, with what they used."""
    rows = list(chosen)
    budgets = budgets_of(rows)
    teams = queries.teams(row.pk for row in rows)
    return sheet(
        gettext("mandats"),
        [
            gettext("Référence"),
            gettext("Titre"),
            gettext("Organisation"),
            gettext("Province"),
            gettext("Domaine"),
            gettext("État"),
            gettext("Équipe"),
            gettext("Ouvert le"),
            gettext("À livrer le"),
            gettext("Clos le"),
            gettext("Heures convenues"),
            gettext("Heures faites"),
            gettext("Budget ($)"),
            gettext("Utilisé ($)"),
        ],
        (
            (
                row.reference,
                row.title,
                row.organisation.name,
                row.get_province_display(),
                row.field.name,
                row.get_status_display(),
                ", ".join(teams.get(row.pk, ())),
                row.opened_on,
                row.due_on,
                row.closed_on,
                _hours(budgets[row.pk].minutes),
                _hours(budgets[row.pk].used_minutes),
                budgets[row.pk].amount,
                budgets[row.pk].used_amount,
            )
            for row in rows
        ),
    )


# --- Acts that several doors offer -----------------------------------------------


class ReasonForm(Form):
    reason = forms.CharField(
        label=_("Pourquoi"), widget=forms.Textarea(attrs={"rows": 2}), max_length=2000
    )


class DeliverableForm(Form):
    title = forms.CharField(
        label=_("Titre"),
        max_length=150,
        help_text=_("Le même titre de nouveau en fait la version suivante."),
    )
    type = forms.ModelChoiceField(
        label=_("Type"),
        queryset=DeliverableType.objects.none(),
        required=False,
        empty_label=_("Sans type"),
    )
    file = forms.FileField(label=_("Fichier"), required=False)

    def __init__(self, *args, mandate: Mandate, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type"].queryset = DeliverableType.objects.filter(
            field_id__in={mandate.field_id, *_fields_of(mandate)}
        )


def _fields_of(mandate: Mandate) -> set[int]:
    return {row.field_id for row in mandate.team.all()}


def deliver(request: HttpRequest, mandate: Mandate, form: DeliverableForm) -> None:
    """Add a deliverable out of a valid form."""
    upload = form.cleaned_data["file"]
    if upload and upload.size > LARGEST:
        raise FileTooLarge(name=upload.name)
    actions.add_deliverable(
        mandate_id=mandate.pk,
        title=form.cleaned_data["title"],
        type_id=form.cleaned_data["type"] and form.cleaned_data["type"].pk,
        name=upload.name if upload else "",
        content=upload.read() if upload else None,
        by=request.who.by,
    )


def deliverable_file(mandates, deliverable_id: int) -> HttpResponse:
    """Return the file of a deliverable of one of these mandates, to save."""
    row = (
        Deliverable.objects.filter(pk=deliverable_id, mandate__in=mandates)
        .select_related("file")
        .first()
    )
    if row is None or row.file is None:
        raise Http404
    return download(row.file)


def turn_milestone(request: HttpRequest, mandate: Mandate, milestone_id: int) -> None:
    """Reach a milestone of this mandate, or take that back."""
    if not mandate.milestones.filter(pk=milestone_id).exists():
        raise Http404
    act = (
        actions.reopen_milestone
        if request.POST.get("faire") == "rouvrir"
        else actions.mark_milestone
    )
    act(milestone_id=milestone_id, by=request.who.by)


# --- Closing ---------------------------------------------------------------------


class ClosingForm(Form):
    """Two minutes: what was learned, what can serve others, what served."""

    lesson_title = forms.CharField(
        label=_("La leçon, en une ligne"), max_length=200, required=False
    )
    lesson_text = forms.CharField(
        label=_("Ce qu’il faut savoir la prochaine fois"),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        help_text=_(
            "Sans nom de personne ni secret du membre : d’autres la liront une fois "
            "qu’elle sera partagée."
        ),
    )
    skip = forms.BooleanField(
        label=_("Rien de nouveau à retenir cette fois"), required=False
    )
    skip_reason = forms.CharField(
        label=_("Pourquoi"),
        required=False,
        max_length=500,
        help_text=_("Par exemple : le même travail que l’an dernier, déjà raconté."),
    )
    second_title = forms.CharField(
        label=_("Une deuxième leçon"), max_length=200, required=False
    )
    second_text = forms.CharField(
        label=_("Ce qu’il faut en savoir"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )
    reason = forms.CharField(
        label=_("Pourquoi fermer sans ces jalons"),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        max_length=2000,
    )

    def __init__(self, *args, mandate: Mandate, sight: Sight, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.deliverables = list(queries.deliverables_of(mandate.pk))
        self.left = [one for one in mandate.milestones.all() if one.done_on is None]
        if self.left:
            self.fields["reason"].required = True
        else:
            del self.fields["reason"]
        # A mandate closed a second time has its lesson already.
        self.first = not Piece.objects.filter(
            source=mandate.reference, kind=Piece.Kind.LESSON
        ).exists()
        if self.first:
            with override(f"{mandate.language}-ca"):
                self.fields["lesson_title"].initial = gettext("Leçon : %(title)s") % {
                    "title": mandate.title
                }
        self.used_minutes = budgets_of([mandate])[mandate.pk].used_minutes
        shares = _shared(self.used_minutes, len(self.deliverables))
        for row, share in zip(self.deliverables, shares, strict=True):
            self.fields[f"pour_{row.pk}"] = forms.BooleanField(
                label=f"{row.title} (v{row.version})",
                required=False,
                initial=bool(row.type_id or row.transferable),
            )
            self.fields[f"text_{row.pk}"] = forms.CharField(
                label=gettext("Ce que c’est, en une phrase"),
                required=False,
                max_length=500,
            )
            self.fields[f"hours_{row.pk}"] = HoursField(
                label=gettext("Heures réelles"), required=False, initial=share
            )
        self.alike = pieces_near(mandate, sight=sight)
        for one in self.alike:
            self.fields[f"used_{one.piece.pk}"] = forms.BooleanField(
                label=one.piece.title, required=False
            )
            self.fields[f"saved_{one.piece.pk}"] = HoursField(
                label=gettext("Heures épargnées"), required=False
            )
            if one.piece.licence != Piece.Licence.AS_IS:
                self.fields[f"adapting_{one.piece.pk}"] = HoursField(
                    label=gettext("Heures pour l’adapter"), required=False
                )
            if one.piece.licence == Piece.Licence.ASK:
                self.fields[f"agreement_{one.piece.pk}"] = forms.CharField(
                    label=gettext("Qui a donné son accord"),
                    required=False,
                    max_length=200,
                    help_text=gettext("Ce savoir se réemploie sur demande."),
                )

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("skip"):
            cleaned["lesson_title"] = cleaned["lesson_text"] = ""
            if not cleaned.get("skip_reason", "").strip():
                self.add_error("skip_reason", gettext("Dites pourquoi, en une phrase."))
        elif self.first and not cleaned.get("lesson_text"):
            self.add_error(
                "lesson_text",
                gettext(
                    "Écrivez la leçon en quelques phrases, ou cochez « Rien de nouveau "
                    "à retenir cette fois » et dites pourquoi."
                ),
            )
        elif not self.first and not cleaned.get("lesson_text"):
            cleaned["lesson_title"] = ""
        self._check_hours(cleaned)
        for title, text in (
            ("lesson_title", "lesson_text"),
            ("second_title", "second_text"),
        ):
            said = cleaned.get(text) or text in self.errors
            if cleaned.get(title) and not said:
                self.add_error(text, gettext("Écrivez la leçon en quelques phrases."))
            if cleaned.get(text) and not cleaned.get(title):
                self.add_error(title, gettext("Donnez un titre à la leçon."))
        return cleaned

    def _check_hours(self, cleaned: dict) -> None:
        """Deliverables cannot have taken more than the mandate did."""
        poured = [row.pk for row in self.deliverables if cleaned.get(f"pour_{row.pk}")]
        total = sum(cleaned.get(f"hours_{pk}") or 0 for pk in poured)
        if poured and total > self.used_minutes:
            self.add_error(
                f"hours_{poured[-1]}",
                gettext(
                    "Ces livrables auraient pris %(total)s, et le mandat entier "
                    "%(used)s. Réduisez ces heures."
                )
                % {"total": hours_said(total), "used": hours_said(self.used_minutes)},
            )

    @property
    def poured(self):
        """Return (deliverable, its box, its words, its hours) to show."""
        return [
            (
                row,
                self[f"pour_{row.pk}"],
                self[f"text_{row.pk}"],
                self[f"hours_{row.pk}"],
            )
            for row in self.deliverables
        ]

    @property
    def used(self):
        """Return (its box, what its licence lets one say more) for each piece."""
        more = ("saved", "adapting", "agreement")
        return [
            (
                self[f"used_{one.piece.pk}"],
                [
                    self[f"{name}_{one.piece.pk}"]
                    for name in more
                    if f"{name}_{one.piece.pk}" in self.fields
                ],
            )
            for one in self.alike
        ]

    def said(self) -> dict:
        """Return the keywords of `close_mandate`."""
        one = self.cleaned_data
        return {
            "lessons": [
                actions.Lesson(title=one[title], text=one[text])
                for title, text in (
                    ("lesson_title", "lesson_text"),
                    ("second_title", "second_text"),
                )
                if one[title]
            ],
            "transferable": [
                actions.Pour(
                    deliverable_id=row.pk,
                    text=one[f"text_{row.pk}"],
                    minutes=one[f"hours_{row.pk}"],
                )
                for row in self.deliverables
                if one[f"pour_{row.pk}"]
            ],
            "reused": [
                actions.Reused(
                    piece_id=near.piece.pk,
                    minutes_saved=one[f"saved_{near.piece.pk}"] or 0,
                    minutes_adapting=one.get(f"adapting_{near.piece.pk}") or 0,
                    agreement=one.get(f"agreement_{near.piece.pk}", ""),
                )
                for near in self.alike
                if one[f"used_{near.piece.pk}"]
            ],
            "reason": one.get("reason", ""),
            "without_lesson": one["skip_reason"] if one["skip"] else "",
        }


def _shared(minutes: int, count: int) -> list[int | None]:
    """Return equal shares in quarter hours: what is known before anyone says more."""
    if not count or not minutes:
        return [None] * count
    return [minutes // count // 15 * 15 or None] * count


def pieces_near(mandate: Mandate, *, sight: Sight) -> list[Resemblance]:
    """Return what of the reservoir may have served this mandate."""
    need = mandate.offer.need if mandate.offer else None
    near = look_back(*text_of(mandate), sight=sight).pieces(
        field_ids=[mandate.field_id],
        apart=[mandate.reference, *([need.reference] if need else [])],
        limit=2 * NEAR,
    )
    shared = [one for one in near if one.piece.status == Piece.Status.RELEASED]
    return shared[:NEAR]


def close(request: HttpRequest, mandate: Mandate, *, door: Door) -> HttpResponse:
    """The page that closes a mandate, for the team and for coordination."""
    status, refused = 200, None
    here = door.url("mandate", mandate.pk)
    form = ClosingForm(request.POST or None, mandate=mandate, sight=door.sight)
    if request.method == "POST":

        def act() -> str:
            actions.close_mandate(
                mandate_id=mandate.pk,
                **form.said(),
                author_id=door.author_id or _lead(mandate),
                minutes=budgets_of([mandate])[mandate.pk].used_minutes or None,
                by=request.who.by,
            )
            messages.success(
                request, gettext("Le mandat est clos. Merci : cela servira.")
            )
            return here

        if form.is_valid():
            try:
                return once(request, act)
            except ActionRefused as problem:
                status = 409
                if problem.field in form.fields:
                    form.add_error(problem.field, str(problem))
                else:
                    refused = problem
        else:
            status = 422
    context = {
        "mandate": mandate,
        "form": form,
        "here": here,
        "refused": refused,
        "budget": budgets_of([mandate])[mandate.pk],
        "team": queries.team_of(mandate.pk),
    }
    return render(request, "parts/mandate_closing.html", context, status=status)


def _lead(mandate: Mandate) -> int | None:
    return next((row.expert_id for row in queries.team_of(mandate.pk)), None)


class SatisfactionForm(Form):
    score = forms.TypedChoiceField(
        label=_("Êtes-vous satisfaits de ce mandat ?"),
        choices=SCORES,
        coerce=int,
        widget=forms.RadioSelect,
    )
    recommends = forms.TypedChoiceField(
        label=_("Nous recommanderiez-vous ?"),
        choices=((1, _("Oui")), (0, _("Non"))),
        coerce=lambda said: said in ("1", 1),
        widget=forms.RadioSelect,
    )
    comment = forms.CharField(
        label=_("Un mot de plus"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=4000,
    )


def score_word(score: int) -> str:
    return str(dict(SCORES)[score])
