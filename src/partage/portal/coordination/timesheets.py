"""All weeks on one screen: to approve, missing, done."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from partage.billing.queries import is_billed
from partage.experts.models import Expert
from partage.journal.actions import ActionRefused
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.expert.trips import receipt_of
from partage.portal.expert.week import show_week, week_page
from partage.portal.once import once
from partage.portal.spreadsheets import sheet
from partage.portal.weeks import STATES, WeekPage
from partage.rules.calendar import monday_of
from partage.rules.triage import fold
from partage.timesheets import actions, queries
from partage.timesheets.models import Expense, Week
from partage.timesheets.queries import WEEK

MANAGERS = (Role.COORDINATION, Role.FINANCE)
PER_PAGE = 25
LOOKS_BACK = 8 * WEEK  # how far the missing weeks are looked for
VIEWS = (
    ("soumises", _("À approuver"), Week.Status.SUBMITTED),
    ("manquantes", _("Manquantes"), None),
    ("ouvertes", _("Ouvertes"), Week.Status.OPEN),
    ("approuvees", _("Approuvées"), Week.Status.APPROVED),
)


class WeekInvoiced(ActionRefused):
    sentence = _(
        "Des heures de cette semaine sont facturées : elle ne change plus. "
        "Pour la corriger, faites d’abord une note de crédit."
    )


class NothingChosen(ActionRefused):
    sentence = _("Aucune semaine n’est cochée. Cochez celles que vous approuvez.")


@dataclass(frozen=True)
class Asked:
    """What the address asks to see."""

    view: str
    expert: str
    monday: date | None

    @property
    def status(self) -> Week.Status | None:
        return next(status for name, _l, status in VIEWS if name == self.view)


def _asked(request: HttpRequest) -> Asked:
    view = request.GET.get("etat", "")
    try:
        monday = monday_of(date.fromisoformat(request.GET.get("semaine", "")))
    except ValueError:
        monday = None
    known = {name for name, _label, _status in VIEWS}
    return Asked(
        view if view in known else "soumises",
        " ".join(request.GET.get("expert", "").split())[:80],
        monday,
    )


def _missing(asked: Asked, today: date) -> list[queries.MissingWeek]:
    last = monday_of(today) - WEEK
    start, end = (asked.monday or last - LOOKS_BACK), (asked.monday or last)
    wanted = fold(asked.expert)
    rows = queries.missing_weeks(start, end) if end <= last else []
    rows = [row for row in rows if wanted in fold(row.name)]
    return sorted(rows, key=lambda row: (-row.monday.toordinal(), fold(row.name)))


def _weeks(asked: Asked):
    rows = queries.weeks_with_sums().filter(status=asked.status)
    if asked.expert:
        rows = rows.filter(expert__sort_key__contains=fold(asked.expert))
    if asked.monday:
        rows = rows.filter(monday=asked.monday)
    return rows.order_by("-monday", "expert__sort_key")


@allow(*MANAGERS)
def timesheets(request: HttpRequest, refused: str = "") -> HttpResponse:
    asked = _asked(request)
    today = request.who.today
    missing = _missing(Asked("manquantes", "", None), today)
    counts = {
        row["status"]: row["count"]
        for row in Week.objects.order_by().values("status").annotate(count=Count("pk"))
    }
    if asked.status is None:
        pager = Paginator(
            missing if not (asked.expert or asked.monday) else _missing(asked, today),
            PER_PAGE,
        )
    else:
        pager = Paginator(_weeks(asked), PER_PAGE)
    page = pager.get_page(request.GET.get("page"))
    weeks = [] if asked.status is None else list(page)
    _expect(weeks)
    chosen = request.POST.getlist("week")
    for week in weeks:
        week.own = week.expert.user_id == request.user.pk
        week.chosen = f"{week.pk}:{week.version}" in chosen
    return render(
        request,
        "coordination/timesheets.html",
        {
            "asked": asked,
            "page": page,
            "weeks": weeks,
            "refused": refused,
            "tabs": [
                (
                    name,
                    label,
                    len(missing) if status is None else counts.get(status, 0),
                )
                for name, label, status in VIEWS
            ],
            "kind": STATES.get(asked.status, ""),
        },
        status=409 if refused else 200,
    )


def _expect(weeks: list[Week]) -> None:
    """Give each week its expected minutes and what it lacks, in five questions."""
    if not weeks:
        return
    first = min(week.monday for week in weeks)
    last = max(week.monday for week in weeks) + timedelta(days=6)
    expected = queries.expected_by_day({week.expert_id for week in weeks}, first, last)
    for week in weeks:
        days = expected[week.expert_id]
        week.expected = sum(days[week.monday + timedelta(days=n)] for n in range(7))
        week.missing = max(0, week.expected - week.minutes)


@allow(*MANAGERS)
def spreadsheet(request: HttpRequest) -> HttpResponse:
    asked = _asked(request)
    if asked.status is None:
        return sheet(
            gettext("semaines manquantes"),
            [
                gettext("Expert"),
                gettext("Semaine du"),
                gettext("Heures écrites"),
                gettext("Heures prévues"),
            ],
            (
                (row.name, row.monday, _hours(row.minutes), _hours(row.expected))
                for row in _missing(asked, request.who.today)
            ),
        )
    weeks = list(_weeks(asked))
    _expect(weeks)
    return sheet(
        gettext("semaines"),
        [
            gettext("Expert"),
            gettext("Semaine du"),
            gettext("État"),
            gettext("Heures"),
            gettext("Heures prévues"),
            gettext("Heures de mandat"),
            gettext("Trajets"),
            gettext("Dépenses"),
        ],
        (
            (
                week.expert.name,
                week.monday,
                week.get_status_display(),
                _hours(week.minutes),
                _hours(week.expected),
                _hours(week.mandate_minutes),
                week.trips_amount,
                week.expenses_amount,
            )
            for week in weeks
        ),
    )


def _hours(minutes: int) -> Decimal:
    return Decimal(minutes) / 60


@allow(*MANAGERS)
def lines(request: HttpRequest, week_id: int) -> HttpResponse:
    """The lines of a week, opened in the list."""
    week = get_object_or_404(Week.objects.select_related("expert"), pk=week_id)
    sunday = week.monday + timedelta(days=6)
    entries = list(queries.entries_of(week.expert_id, week.monday, sunday))
    rows: dict = {}
    for entry in entries:
        rows.setdefault(queries.key_of(entry).row, []).append(entry)
    return render(
        request,
        "coordination/timesheet_lines.html",
        {
            # Without scripts, the link leads to a page of its own.
            "frame": "parts/fragment.html"
            if request.headers.get("HX-Request")
            else "base.html",
            "week": week,
            "rows": [
                (found[0], sum(one.minutes for one in found), found)
                for found in rows.values()
            ],
            "trips": week.trips.select_related("mandate"),
            "expenses": week.expenses.select_related("mandate"),
        },
    )


@allow(*MANAGERS)
def timesheet(request: HttpRequest, expert_id: int, on: date) -> HttpResponse:
    """The week of an expert, to read, approve or correct."""
    expert = get_object_or_404(Expert, pk=expert_id)
    if on != monday_of(on):
        return redirect("coordination:timesheet", expert_id=expert_id, on=monday_of(on))
    return week_page(request, expert, on, delegate=True)


@allow(*MANAGERS)
@require_POST
def approve(request: HttpRequest) -> HttpResponse:
    chosen = [one.split(":") for one in request.POST.getlist("week")]

    def act() -> str:
        weeks = [(int(pk), int(version)) for pk, version in chosen]
        if not weeks:
            raise NothingChosen
        done = actions.approve_weeks(weeks=weeks, by=request.who.by)
        messages.success(
            request,
            ngettext(
                "%(count)s semaine est approuvée.",
                "%(count)s semaines sont approuvées.",
                len(done),
            )
            % {"count": len(done)},
        )
        return reverse("coordination:timesheets")

    try:
        return once(request, act)
    except ActionRefused as refused:
        return timesheets(request, refused=str(refused))
    except (ValueError, Week.DoesNotExist):
        return timesheets(request, refused=str(NothingChosen()))


@allow(*MANAGERS)
@require_POST
def send_back(request: HttpRequest, week_id: int) -> HttpResponse:
    def act(week: Week) -> None:
        actions.send_back_week(
            week_id=week.pk, remark=request.POST.get("remark", ""), by=request.who.by
        )
        messages.success(request, gettext("La semaine est renvoyée à son expert."))

    return _judge(request, week_id, act)


@allow(*MANAGERS)
@require_POST
def reopen(request: HttpRequest, week_id: int) -> HttpResponse:
    def act(week: Week) -> None:
        actions.reopen_week(
            week_id=week.pk, remark=request.POST.get("remark", ""), by=request.who.by
        )
        # Asked once the week is held: whoever invoices it now waits.
        if is_billed(week.pk):
            raise WeekInvoiced
        messages.success(request, gettext("La semaine est rouverte."))

    return _judge(request, week_id, act)


def _judge(request: HttpRequest, week_id: int, act) -> HttpResponse:
    week = get_object_or_404(Week.objects.select_related("expert"), pk=week_id)

    def done() -> str:
        act(week)
        return reverse(
            "coordination:timesheet",
            kwargs={"expert_id": week.expert_id, "on": week.monday},
        )

    try:
        return once(request, done)
    except ActionRefused as refused:
        page = WeekPage(request, week.expert, week.monday, delegate=True)
        return show_week(request, page, refused=str(refused), status=409)


@allow(*MANAGERS)
def receipt(request: HttpRequest, expense_id: int) -> HttpResponse:
    row = get_object_or_404(Expense.objects.select_related("receipt"), pk=expense_id)
    return receipt_of(row)


urls = [
    path("temps/recus/<int:expense_id>", receipt, name="timesheet_receipt"),
    path("temps/", timesheets, name="timesheets"),
    path("temps/semaines.xlsx", spreadsheet, name="timesheets_xlsx"),
    path("temps/approuver", approve, name="timesheet_approve"),
    path("temps/<int:expert_id>/<date:on>", timesheet, name="timesheet"),
    path("temps/<int:week_id>/lignes", lines, name="timesheet_lines"),
    path("temps/<int:week_id>/renvoyer", send_back, name="timesheet_send_back"),
    path("temps/<int:week_id>/rouvrir", reopen, name="timesheet_reopen"),
]
