"""The lines of a cost model brought from a spreadsheet: read, shown, then written.

What was read goes with the page, signed, until it is written or left: a file of pays
is kept nowhere.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from partage.experts.models import Expert, Field, Level
from partage.importing.queries import LARGEST, unreadable
from partage.importing.queries.words import what
from partage.journal.actions import ActionRefused, Actor
from partage.portal.access import allow
from partage.portal.finance.costs.page import EYES
from partage.portal.finance.costs.sheets import COLUMNS, SHARES, TABLES
from partage.portal.finance.costs.trial import tried
from partage.portal.forms import MOST_MINUTES, Form
from partage.portal.once import once
from partage.rules.spreadsheet import Sheet, UnreadableFile, read_file
from partage.rules.spreadsheet.cells import Cell, as_text
from partage.rules.spreadsheet.columns import plain
from partage.rules.spreadsheet.values import (
    Unread,
    read_count,
    read_date,
    read_minutes,
    read_money,
    read_text,
)
from partage.tariffs import actions
from partage.tariffs.models import CostItem, CostModel, Parameter
from partage.tariffs.models.costs import Keys

SALT = "tariffs.cost_import"
NEEDED = {"personnes": 9, "frais": 5, "heures": 3, "parametres": 2}
Row = tuple[int, list[Cell]]


class UnknownWord(ActionRefused):
    sentence = _(
        "%(column)s : « %(typed)s » n’est pas connu ici. Écrivez l’un de ceux-ci : "
        "%(known)s."
    )


class EmptyCell(ActionRefused):
    sentence = _("« %(column)s » est vide. Remplissez cette cellule.")


class WrongCell(ActionRefused):
    sentence = _("%(column)s : %(why)s")


class UploadForm(Form):
    file = forms.FileField(
        label=_("Votre tableur"),
        help_text=_("Un fichier .xlsx ou .csv, avec les titres de l’exportation XLSX."),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xlsm,.csv,.tsv,.txt"}),
    )

    def __init__(self, *args, table: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.table = table

    def clean_file(self) -> list[Row]:
        upload = self.cleaned_data["file"]
        if upload.size > LARGEST:
            raise forms.ValidationError(unreadable("too_big"))
        try:
            sheets = read_file(upload.name, upload.read())
        except UnreadableFile as problem:
            raise forms.ValidationError(unreadable(problem.reason)) from None
        rows, missing = _rows(sheets[0], self.table)
        if missing:
            raise forms.ValidationError(
                gettext(
                    "Il manque des colonnes : %(names)s. "
                    "Partez de l’exportation XLSX de ce tableau."
                )
                % {"names": ", ".join(missing)}
            )
        if not rows:
            raise forms.ValidationError(
                gettext(
                    "Ce tableur n’a que des titres. Ajoutez-y une ligne, puis "
                    "envoyez-le de nouveau."
                )
            )
        return rows


@allow(*EYES)
def cost_import(request: HttpRequest, pk: int, tableau: str) -> HttpResponse:
    """Read a spreadsheet and say what it would change; then write it."""
    model = get_object_or_404(CostModel, pk=pk)
    if tableau not in TABLES:
        raise Http404
    said = (
        request.POST if request.method == "POST" and "lu" not in request.POST else None
    )
    form = UploadForm(said, request.FILES or None, table=tableau)
    context = {
        "model": model, "tableau": tableau, "label": TABLES[tableau][1],
        "columns": COLUMNS[tableau], "form": form,
    }  # fmt: skip

    def answer(status: int = 200) -> HttpResponse:
        return render(request, "finance/cost_import.html", context, status=status)

    if request.method != "POST":
        return answer()
    if "lu" in request.POST:
        return _write(request, model, tableau, context, answer)
    if not form.is_valid():
        return answer(422)
    rows = form.cleaned_data["file"]
    report = _Report()

    def bring() -> None:
        nonlocal report
        report = _bring(model, tableau, rows, request.who.by)

    try:
        context["trial"] = tried(model, bring, on=request.who.today)
    except ActionRefused as refused:
        context["refused"] = str(refused)
        return answer(409)
    context["report"] = report
    context["read"] = signing.dumps(_packed(rows), salt=SALT, compress=True)
    return answer(409 if report.problems else 200)


def _write(request, model: CostModel, tableau: str, context: dict, answer):
    try:
        read = signing.loads(request.POST["lu"], salt=SALT, max_age=86_400)
    except signing.BadSignature:
        context["refused"] = gettext(
            "Cette lecture n’est plus valable. Envoyez le tableur de nouveau."
        )
        return answer(409)

    def act() -> str:
        report = _bring(model, tableau, _unpacked(read), request.who.by)
        if report.problems:
            raise _Wrong(report)
        messages.success(
            request,
            gettext("Lignes ajoutées : %(new)s. Lignes changées : %(changed)s.")
            % {"new": report.new, "changed": report.changed},
        )
        return f"{reverse('finance:cost_model', args=[model.pk])}?tableau={tableau}"

    try:
        return once(request, act)
    except _Wrong as wrong:
        context["report"] = wrong.report
    except ActionRefused as refused:
        context["refused"] = str(refused)
    return answer(409)


@dataclass
class _Report:
    """What a spreadsheet adds and changes, and the rows that are wrong."""

    new: int = 0
    changed: int = 0
    same: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)


class _Wrong(Exception):
    """Thrown so that nothing is written while a row is wrong."""

    def __init__(self, report: _Report) -> None:
        self.report = report
        super().__init__()


def _packed(rows: list[Row]) -> list:
    def packed(cell: Cell) -> Any:
        if isinstance(cell, Decimal):
            return ["n", f"{cell:f}"]
        if isinstance(cell, datetime):
            return ["d", cell.date().isoformat()]
        if isinstance(cell, date):
            return ["d", cell.isoformat()]
        return None if cell is None else as_text(cell)

    return [[number, [packed(cell) for cell in cells]] for number, cells in rows]


def _unpacked(rows: list) -> list[Row]:
    def cell_of(packed: Any) -> Cell:
        if isinstance(packed, list):
            kind, text = packed
            return Decimal(text) if kind == "n" else date.fromisoformat(text)
        return packed

    return [(number, [cell_of(cell) for cell in cells]) for number, cells in rows]


def _titles(tableau: str) -> list[set[str]]:
    """Return how each column may be titled, in either language."""
    said: list[set[str]] = [set() for _one in COLUMNS[tableau]]
    for language in ("fr-ca", "en-ca"):
        with override(language):
            for names, title in zip(said, COLUMNS[tableau], strict=True):
                names.add(plain(str(title)))
    return said


def _rows(sheet: Sheet, tableau: str) -> tuple[list[Row], list[str]]:
    """Return the rows in the order of the table's columns, and the titles missing."""
    titles = _titles(tableau)
    header = [plain(as_text(cell)) for cell in sheet.rows[0][1]] if sheet.rows else []
    places = [
        next((at for at, title in enumerate(header) if title in names), None)
        for names in titles
    ]
    missing = [
        str(COLUMNS[tableau][at])
        for at, place in enumerate(places[: NEEDED[tableau]])
        if place is None
    ]
    return [
        (
            number,
            [
                cells[place] if place is not None and place < len(cells) else None
                for place in places
            ],
        )
        for number, cells in sheet.rows[1:]
    ], missing


def _bring(model: CostModel, tableau: str, rows: list[Row], by: Actor) -> _Report:
    """Add or change a line for each row; the wrong ones are told, with their number.

    Raises ModelFrozen.
    """
    if model.frozen_at:
        raise actions.ModelFrozen
    found = _Report()
    reader = READERS[tableau](model)
    for number, cells in rows:
        try:
            with transaction.atomic():
                line_id, values, shares = reader.line(cells)
                actions.save_line(
                    model_id=model.pk, table=TABLES[tableau][0], line_id=line_id,
                    values=values, shares=shares, by=by,
                )  # fmt: skip
        except ActionRefused as why:
            found.problems.append((number, str(why)))
    made = model.retouches.filter(at=by.at, by_name=by.name, undone=False)
    found.new = made.filter(before__isnull=True).count()
    found.changed = made.count() - found.new
    found.same = len(rows) - len(found.problems) - made.count()
    return found


def _read(column: object, cell: Cell, reader: Callable, *more: object, empty=None):
    """Return what a cell says; `empty` stands for an empty one, if it may be.

    Raises EmptyCell or WrongCell.
    """
    if cell is None or cell == "":
        if empty is None:
            raise EmptyCell(column=column)
        return empty
    try:
        return reader(cell, *more)
    except Unread as problem:
        facts = {"code": problem.code, "facts": problem.facts, "value": as_text(cell)}
        raise WrongCell(column=column, why=what(facts | {"column": ""})) from None


def _number(cell: Cell) -> Decimal:
    if isinstance(cell, Decimal):
        return cell
    try:
        return Decimal(as_text(cell).replace(",", ".").replace("%", "").strip())
    except ArithmeticError:
        raise Unread("not_money") from None


def _day(cell: Cell) -> date:
    return read_date(cell, None)


@cache
def _words(choices: type[models.Choices]) -> dict[str, Any]:
    """Return the values of choices, by their words in either language."""
    found = {}
    for language in ("fr-ca", "en-ca"):
        with override(language):
            found |= {plain(str(label)): value for value, label in choices.choices}
    return found


class _Reader(ABC):
    """Reads the rows of one table: which line each is, and what it says."""

    table = ""
    same_by: tuple[str, ...] = ()  # the columns by which a line is known again

    def __init__(self, model: CostModel) -> None:
        self.model = model
        self.titles = COLUMNS[self.table]
        self.fields = {
            plain(name): row.pk
            for row in Field.objects.all()
            for name in (row.code, row.name_fr, row.name_en)
        }
        self.levels = _words(Level)
        kind = actions.LINE_TABLES[TABLES[self.table][0]]
        self.lines: dict[tuple, list] = {}
        for line in kind.objects.filter(model=model).order_by("id"):
            key = tuple(getattr(line, name) for name in self.same_by)
            self.lines.setdefault(key, []).append(line)

    def line(self, cells: list[Cell]) -> tuple[int | None, dict, list | None]:
        """Return the line's id (None: it is new), what it says, and its shares."""
        values, shares = self.read(cells)
        *_middle, source, note = cells
        values["source"] = _read(self.titles[-2], source, read_text, 200, empty="")
        values["note"] = _read(self.titles[-1], note, read_text, 300, empty="")
        # Two lines of the same name are two lines: the second row is the second one.
        known = self.lines.get(tuple(values[name] for name in self.same_by))
        line = known.pop(0) if known else None
        return (line.pk if line else None), self.kept(values, line), shares

    @abstractmethod
    def read(self, cells: list[Cell]) -> tuple[dict, list | None]:
        """Return what the cells say, without source and note, and the shares."""

    def kept(self, values: dict, line) -> dict:
        return values

    def one_of(self, known: dict, cell: Cell, at: int) -> Any:
        """Return what a word stands for. Raises EmptyCell or UnknownWord."""
        text = _read(self.titles[at], cell, as_text)
        found = known.get(plain(text))
        if found is None:
            names = {value: name for name, value in reversed(known.items())}
            raise UnknownWord(
                column=self.titles[at], typed=text, known=", ".join(names.values())
            )
        return found


class _Pays(_Reader):
    table = "personnes"
    same_by = ("name", "starts_on")

    def __init__(self, model: CostModel) -> None:
        super().__init__(model)
        self.experts = {
            plain(name): pk for pk, name in Expert.objects.values_list("pk", "name")
        }

    def read(self, cells: list[Cell]) -> tuple[dict, list | None]:
        name, first, last, pay, charges, present, knowledge, common, *rest = cells
        titles = self.titles
        values = {
            "name": _read(titles[0], name, read_text, 120),
            "starts_on": _read(titles[1], first, _day, empty=self.model.starts_on),
            "ends_on": _read(titles[2], last, _day, empty=self.model.ends_on),
            "yearly_pay": _read(titles[3], pay, read_money),
            "charges_rate": _read(titles[4], charges, _number) / 100,
            "present_minutes": _read(
                titles[5], present, read_minutes, MOST_MINUTES, empty=0
            ),
            "knowledge": _read(titles[6], knowledge, read_count, 1000, empty=0),
            "common": _read(titles[7], common, read_count, 1000, empty=0),
        }
        shares = [
            (
                self.one_of(self.fields, rest[at], 8 + at),
                self.one_of(self.levels, rest[at + 1], 9 + at),
                _read(titles[10 + at], rest[at + 2], read_count, 1000),
            )
            for at in range(0, 3 * SHARES, 3)
            if rest[at] not in (None, "")
        ]
        return values, shares

    def kept(self, values: dict, line) -> dict:
        expert_id = self.experts.get(plain(values["name"]))
        return values | {"expert_id": expert_id or (line and line.expert_id)}


class _Items(_Reader):
    table = "frais"
    same_by = ("kind", "name", "field_id")

    def read(self, cells: list[Cell]) -> tuple[dict, list | None]:
        kind, name, amount, field_name, key, *_rest = cells
        nature = self.one_of(_words(CostItem.Kind), kind, 0)
        direct = nature == CostItem.Kind.DIRECT
        keyed = nature in (CostItem.Kind.SHARED, CostItem.Kind.KNOWLEDGE)
        return {
            "kind": nature,
            "name": _read(self.titles[1], name, read_text, 120),
            "amount": _read(self.titles[2], amount, read_money),
            "field_id": self.one_of(self.fields, field_name, 3) if direct else None,
            "key": self.one_of(_words(Keys), key, 4) if keyed else "",
        }, None


class _Hours(_Reader):
    table = "heures"
    same_by = ("field_id", "level")

    def read(self, cells: list[Cell]) -> tuple[dict, list | None]:
        field_name, level, hours, *_rest = cells
        return {
            "field_id": self.one_of(self.fields, field_name, 0),
            "level": self.one_of(self.levels, level, 1),
            "minutes": _read(self.titles[2], hours, read_minutes, 100 * MOST_MINUTES),
        }, None


class _Parameters(_Reader):
    table = "parametres"
    same_by = ("code",)

    def read(self, cells: list[Cell]) -> tuple[dict, list | None]:
        code, value, *_rest = cells
        return {
            "code": self.one_of(_words(Parameter.Code), code, 0),
            "value": _read(self.titles[1], value, _number),
        }, None


READERS: dict[str, type[_Reader]] = {
    one.table: one for one in (_Pays, _Items, _Hours, _Parameters)
}
urls = [
    path("couts/<int:pk>/importer/<slug:tableau>", cost_import, name="cost_import"),
]
