"""A cooperative's own spreadsheets: send one, read what was understood, write it."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from partage.importing import actions, queries
from partage.importing.models import Import
from partage.importing.queries import Options
from partage.importing.queries.plan import FATES
from partage.importing.queries.words import KINDS, what
from partage.journal.actions import ActionRefused
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.files import download
from partage.portal.forms import Form
from partage.portal.once import once
from partage.portal.spreadsheets import MEDIA_TYPE
from partage.portal.templatetags.house import hours
from partage.rules.spreadsheet import DATE_ORDERS

PER_PAGE = 25
STATE_KINDS = {Import.Status.READ: "wait", Import.Status.WRITTEN: "good"}
# The order of a column's dates may be asked; each of these asks for it.
ASKS_FOR_DATES = {"date_order_unknown", "date_orders_mixed"}
ORDERS = (
    ("day_first", _("jour, mois, année (03/04/2025 est le 3 avril)")),
    ("month_first", _("mois, jour, année (03/04/2025 est le 4 mars)")),
    ("year_first", _("année, mois, jour (25-04-03 est le 3 avril)")),
)
FATE_WORDS = {
    "new": _("À écrire"),
    "there": _("Déjà là"),
    "changed": _("Autrement ici"),
    "duplicate": _("En double"),
    "wrong": _("À corriger"),
}


class UploadForm(Form):
    file = forms.FileField(
        label=_("Votre tableur"),
        help_text=_("Un fichier .xlsx ou .csv, de 20 Mo au plus."),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xlsm,.csv,.tsv,.txt"}),
    )

    def clean_file(self):
        upload = self.cleaned_data["file"]
        if upload.size > queries.LARGEST:
            raise forms.ValidationError(queries.unreadable("too_big"))
        return upload


class AnswersForm(Form):
    """What the file did not say by itself: the order of its dates, its sheets."""

    def __init__(self, *args, report: dict, options: dict, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        asked = any(each["code"] in ASKS_FOR_DATES for each in report["problems"])
        if asked or options.get("dates"):
            self.fields["dates"] = forms.ChoiceField(
                label=_("Les dates en chiffres se lisent"),
                choices=ORDERS,
                widget=forms.RadioSelect,
                initial=options.get("dates"),
            )
        self.sheets = {}
        for at, sheet in enumerate(report["sheets"]):
            said = options.get("kinds", {}).get(sheet["name"])
            if sheet["kind"] and not said:
                continue
            self.sheets[f"sheet_{at}"] = sheet["name"]
            self.fields[f"sheet_{at}"] = forms.ChoiceField(
                label=gettext("La feuille « %(name)s » contient")
                % {"name": sheet["name"]},
                choices=[("", _("rien à apporter")), *KINDS.items()],
                required=False,
                initial=said,
            )

    def options(self) -> Options:
        said = self.cleaned_data
        dates = said.get("dates")
        kinds = {name: said[key] for key, name in self.sheets.items() if said.get(key)}
        return Options(dates=dates if dates in DATE_ORDERS else None, kinds=kinds)


@allow(Role.ADMINISTRATION)
def imports(request: HttpRequest) -> HttpResponse:
    """Send a spreadsheet; those that were sent before."""
    refused, status = "", 200
    form = UploadForm()
    if request.method == "POST":
        form, status = UploadForm(request.POST, request.FILES), 422
        if form.is_valid():
            try:
                return once(request, lambda: _keep(request, form.cleaned_data["file"]))
            except ActionRefused as why:
                refused, status = str(why), 409
    rows = Import.objects.values(
        "id", "file__name", "status", "read_at", "read_by__name", "report__writes",
        "report__errors",
    )  # fmt: skip
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    for row in page.object_list:
        row["word"] = str(Import.Status(row["status"]).label).capitalize()
        row["kind"] = STATE_KINDS[Import.Status(row["status"])]
    return render(
        request,
        "administration/imports.html",
        {"form": form, "refused": refused, "page": page},
        status=status,
    )


def _keep(request: HttpRequest, upload) -> str:
    row = actions.keep_import(
        name=upload.name,
        content=upload.read(),
        options=Options(),
        by=request.who.by,
    )
    return reverse("administration:import_one", args=[row.pk])


@allow(Role.ADMINISTRATION)
@require_safe
def import_one(request: HttpRequest, pk: int) -> HttpResponse:
    """What was understood of a file, and what to do with it."""
    return _show(request, _get(pk))


@allow(Role.ADMINISTRATION)
@require_POST
def import_reread(request: HttpRequest, pk: int) -> HttpResponse:
    row = _get(pk)
    form = AnswersForm(request.POST, report=row.report, options=row.options)
    if not form.is_valid():
        return _show(request, row, answers=form, status=422)

    def act() -> str:
        actions.reread_import(import_id=pk, options=form.options(), by=request.who.by)
        return reverse("administration:import_one", args=[pk])

    try:
        return once(request, act)
    except ActionRefused as why:
        return _show(request, _get(pk), refused=str(why), status=409)


@allow(Role.ADMINISTRATION)
@require_POST
def import_write(request: HttpRequest, pk: int) -> HttpResponse:
    _get(pk)

    def act() -> str:
        row = actions.write_import(
            import_id=pk,
            good_rows=request.POST.get("rows") == "good",
            by=request.who.by,
        )
        messages.success(
            request, gettext("« %(name)s » est écrit.") % {"name": row.file.name}
        )
        return reverse("administration:import_one", args=[pk])

    try:
        return once(request, act)
    except ActionRefused as why:
        return _show(request, _get(pk), refused=str(why), status=409)


@allow(Role.ADMINISTRATION)
@require_safe
def import_report(request: HttpRequest, pk: int) -> HttpResponse:
    """The person's own file, with what is wrong beside each row."""
    row = _get(pk)
    options = Options(**row.options)
    sheets = queries.read(row.file.name, bytes(row.file.content), options)
    paper = queries.mended(sheets, queries.check(sheets, on=request.who.today))
    stem = row.file.name.rsplit(".", 1)[0]
    return _xlsx(paper, gettext("%(name)s à corriger") % {"name": stem})


@allow(Role.ADMINISTRATION)
@require_safe
def import_file(request: HttpRequest, pk: int) -> HttpResponse:
    return download(_get(pk).file)


@allow(Role.ADMINISTRATION)
@require_safe
def import_template(request: HttpRequest) -> HttpResponse:
    """Four empty sheets with the headers that are read."""
    return _xlsx(queries.template(), gettext("Modèle Partage"))


def _xlsx(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=MEDIA_TYPE)
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.xlsx")
    return response


def _get(pk: int) -> Import:
    return get_object_or_404(
        Import.objects.select_related("file", "read_by").defer("file__content"), pk=pk
    )


def _show(
    request: HttpRequest,
    row: Import,
    *,
    refused: str = "",
    answers: AnswersForm | None = None,
    status: int = 200,
) -> HttpResponse:
    report = row.report
    written = row.status == Import.Status.WRITTEN
    answers = answers or AnswersForm(report=report, options=row.options)
    kinds = {sheet["name"]: sheet["kind"] for sheet in report["sheets"]}
    for sheet in report["sheets"]:
        sheet["word"] = queries.kind_word(sheet["kind"])
        sheet["fates"] = [
            (FATE_WORDS[fate], sheet["counts"][fate], fate) for fate in FATES
        ]
        sheet["read"] = [
            (label, queries.heading_of(sheet["kind"], key))
            for label, key in sheet["columns"]
        ]
    problems = [
        {**each, "words": what(each, kinds[each["sheet"]])}
        for each in report["problems"]
    ]
    return render(
        request,
        "administration/import.html",
        {
            "row": row,
            "report": report,
            "written": written,
            "word": str(Import.Status(row.status).label).capitalize(),
            "kind": STATE_KINDS[Import.Status(row.status)],
            "figures": _figures(report),
            "fate_words": FATE_WORDS.values(),
            "wrong": [each for each in problems if not each["warning"]],
            "notices": [each for each in problems if each["warning"]],
            "answers": answers if answers.fields and not written else None,
            "refused": refused,
            "step": 3 if written else 1,
            "step_names": [gettext("Envoyer"), gettext("Vérifier"), gettext("Écrire")],
        },
        status=status,
    )


def _figures(report: dict) -> list[dict]:
    writes = report["writes"]
    figures = [
        {"label": gettext("Organisations"), "value": writes["organisations"]},
        {"label": gettext("Experts"), "value": writes["experts"]},
        {"label": gettext("Mandats"), "value": writes["mandates"]},
        {"label": gettext("Temps"), "value": hours(writes["minutes"])},
    ]
    if report["errors"]:
        figures.append(
            {
                "label": gettext("À corriger"),
                "value": report["errors"],
                "kind": "bad",
            }
        )
    return figures


BASE = "importation/"
urls = [
    path(BASE, imports, name="import"),
    path(f"{BASE}modele.xlsx", import_template, name="import_template"),
    path(f"{BASE}<int:pk>/", import_one, name="import_one"),
    path(f"{BASE}<int:pk>/relire", import_reread, name="import_reread"),
    path(f"{BASE}<int:pk>/ecrire", import_write, name="import_write"),
    path(f"{BASE}<int:pk>/a-corriger.xlsx", import_report, name="import_report"),
    path(f"{BASE}<int:pk>/fichier", import_file, name="import_file"),
]
