"""The books: exports for accountants, the chart of accounts, days that are closed."""

from datetime import date, timedelta

from django import forms
from django.contrib import messages
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from partage.billing import actions, queries
from partage.billing.models import LedgerAccount, LedgerExport
from partage.journal.actions import ActionRefused
from partage.people.models import Role
from partage.portal import words
from partage.portal.access import allow
from partage.portal.forms import Form
from partage.portal.once import once
from partage.portal.spreadsheets import sheet
from partage.rules import ledger
from partage.rules.money import ZERO

LANGUAGES = (
    ("fr", _("français (point-virgule, virgule décimale)")),
    ("en", _("anglais")),
)
FORMATS = ("csv", "xlsx", "journal")


class PeriodForm(Form):
    start = forms.DateField(label=_("Du"))
    end = forms.DateField(label=_("Au"))
    language = forms.ChoiceField(label=_("Langue du fichier"), choices=LANGUAGES)


class CloseForm(Form):
    until = forms.DateField(label=_("Jusqu’au"))


def _last_month(today: date) -> tuple[date, date]:
    end = today.replace(day=1) - timedelta(days=1)
    return end.replace(day=1), end


@allow(Role.FINANCE)
def books(request: HttpRequest) -> HttpResponse:
    """What is not exported yet, what was, whether the books agree, what is closed."""
    today = request.who.today
    language = words.tongue(get_language() or "fr")
    start, end = _last_month(today)
    given = {"start": start, "end": end, "language": language}
    asked = {key: request.GET[key] for key in given if key in request.GET}
    form, close_form = PeriodForm({**given, **asked}), CloseForm(initial={"until": end})
    doing, refused, status = request.POST.get("do", ""), "", 200
    if request.method == "POST":
        if doing == "export":
            form = PeriodForm(request.POST)
        if doing == "close":
            close_form = CloseForm(request.POST)
        act = _act(request, doing, form, close_form)
        if act is None:
            status = 422
        else:
            try:
                return once(request, act)
            except ActionRefused as why:
                refused, status = str(why), 409
    waiting = None
    if form.is_valid():
        invoices, payments = queries.to_export(
            form.cleaned_data["start"], form.cleaned_data["end"]
        )
        waiting = {
            "invoices": invoices.count(),
            "invoiced": invoices.aggregate(sum=Sum("total"))["sum"] or ZERO,
            "payments": payments.count(),
            "received": payments.aggregate(sum=Sum("amount"))["sum"] or ZERO,
        }
    return render(
        request,
        "finance/books.html",
        {
            "form": form,
            "close_form": close_form,
            "doing": doing,
            "refused": refused,
            "waiting": waiting,
            "exports": queries.exports()[:24],
            "closed_until": queries.books_closed_until(),
            **_agreement(today),
        },
        status=status,
    )


def _agreement(today: date) -> dict:
    """Return what the books say members owe, and what their accounts say."""
    entries = queries.entries(*queries.everything(today), "fr")
    in_books = ledger.balances(entries).get("RECEIVABLE", ZERO)
    owed = queries.owed(today)
    return {"in_books": in_books, "owed": owed, "agrees": in_books == owed}


def _act(request: HttpRequest, doing: str, form: PeriodForm, close_form: CloseForm):
    by, here = request.who.by, reverse("finance:books")

    def export() -> str:
        row = actions.export_ledger(by=by, **form.cleaned_data)
        told = ngettext(
            "%(count)s écriture est exportée. Téléchargez-la ci-dessous.",
            "%(count)s écritures sont exportées. Téléchargez-les ci-dessous.",
            row.count,
        )
        messages.success(request, told % {"count": row.count})
        return here

    def close() -> str:
        row = actions.close_books(by=by, **close_form.cleaned_data)
        said = words.day(row.until, get_language() or "fr")
        told = gettext("Les livres sont fermés jusqu’au %(until)s.")
        messages.success(request, told % {"until": said})
        return here

    def reopen() -> str:
        actions.reopen_books(by=by)
        messages.success(request, gettext("La dernière fermeture est levée."))
        return here

    if doing == "export":
        return export if form.is_valid() else None
    if doing == "close":
        return close if close_form.is_valid() else None
    if doing == "reopen":
        return reopen
    raise Http404


@allow(Role.FINANCE)
def book_export(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """An export's file: the same bytes whenever it is asked for."""
    if kind not in FORMATS:
        raise Http404
    row = get_object_or_404(LedgerExport, pk=pk)
    entries, chart = queries.entries_of(row), queries.chart_of(row)
    french = row.language == "fr"
    name = (
        f"{'journal' if french else 'ledger'}-{row.period_start}-{row.period_end}-{pk}"
    )
    if kind == "xlsx":
        return sheet(
            name,
            ledger.columns(row.language),
            ledger.rows(entries, chart, row.language),
        )
    if kind == "csv":
        content = ledger.as_csv(entries, chart, row.language)
        return _file(f"{name}.csv", content, "text/csv; charset=utf-8")
    content = ledger.as_hledger(
        entries, chart, row.language, title=f"Partage {name}"
    ).encode()
    return _file(f"{name}.journal", content, "text/plain; charset=utf-8")


@allow(Role.FINANCE)
def whole_ledger(request: HttpRequest) -> HttpResponse:
    """All the entries to this day, for hledger, with what members owe asserted."""
    today = request.who.today
    language = words.tongue(get_language() or "fr")
    content = ledger.as_hledger(
        queries.entries(*queries.everything(today), language),
        queries.chart(language),
        language,
        title=f"{request.who.cooperative.name}, {today}",
        owed=(today, queries.owed(today)),
    )
    return _file(f"partage-{today}.journal", content.encode(), "text/plain")


def _file(name: str, content: bytes, media_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


class ChartForm(forms.Form):
    """The account of each role: its number and its two names."""

    def __init__(self, data=None) -> None:
        super().__init__(data, label_suffix="")
        french, english = queries.chart("fr"), queries.chart("en")
        for role in LedgerAccount.Role:
            for what, label, value in (
                ("number", _("Numéro"), french[role].number),
                ("fr", _("Nom en français"), french[role].name),
                ("en", _("Nom en anglais"), english[role].name),
            ):
                self.fields[f"{role}-{what}"] = forms.CharField(
                    label=label,
                    max_length=20 if what == "number" else 80,
                    required=what != "en",
                    initial=value,
                )
                if what == "number":
                    self.fields[f"{role}-{what}"].widget.attrs["class"] = "short"

    def rows(self):
        return [
            (role.label, [self[f"{role}-{what}"] for what in ("number", "fr", "en")])
            for role in LedgerAccount.Role
        ]

    def accounts(self) -> dict[str, tuple[str, str, str]]:
        said = self.cleaned_data
        return {
            str(role): (
                said[f"{role}-number"],
                said[f"{role}-fr"],
                said[f"{role}-en"],
            )
            for role in LedgerAccount.Role
        }


@allow(Role.FINANCE)
def chart(request: HttpRequest) -> HttpResponse:
    form, refused, status = ChartForm(), "", 200
    if request.method == "POST":
        form, status = ChartForm(request.POST), 422
        if form.is_valid():

            def act() -> str:
                actions.change_chart(accounts=form.accounts(), by=request.who.by)
                messages.success(request, gettext("Le plan comptable est enregistré."))
                return reverse("finance:chart")

            try:
                return once(request, act)
            except ActionRefused as why:
                refused, status = str(why), 409
    return render(
        request, "finance/chart.html", {"form": form, "refused": refused}, status=status
    )


BASE = "comptabilite/"
urls = [
    path(BASE, books, name="books"),
    path(f"{BASE}plan", chart, name="chart"),
    path(f"{BASE}grand-livre.journal", whole_ledger, name="whole_ledger"),
    path(f"{BASE}exports/<int:pk>.<slug:kind>", book_export, name="book_export"),
]
