"""Invoices: the list, and drafts issued many at once."""

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from partage.billing import actions, queries
from partage.billing.actions.drafting import InvoiceAlreadyIssued
from partage.billing.models import Invoice
from partage.journal.actions import ActionRefused, Actor
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.invoices import state_of, title_of
from partage.portal.spreadsheets import sheet
from partage.rules.calendar import last_of_month
from partage.rules.triage import fold

BATCH = 25  # invoices issued in one request: about a second
PERIODS = 36  # months offered in filters


def month_of(text: str) -> date | None:
    """Read « 2025-03 », or nothing."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


class NothingChosen(ActionRefused):
    sentence = _("Rien n’est choisi. Cochez au moins une ligne.")


def chosen_ids(request: HttpRequest, name: str) -> list[int]:
    typed = request.POST.getlist(name)
    return [int(pk) for pk in dict.fromkeys(typed) if pk.isdecimal() and len(pk) < 10]


# --- the list


@allow(Role.FINANCE)
def invoices(request: HttpRequest) -> HttpResponse:
    today = request.who.today
    found = _filtered(request)
    states = _states(today)
    which = request.GET.get("etat", "")
    chosen = found.filter(states[which][1]) if which in states else found
    chosen = queries.with_balance(
        chosen.select_related("organisation", "mandate")
    ).order_by("-number", "-pk")
    if which == "DRAFT":
        chosen = chosen.order_by("organisation__sort_key", "period_start", "pk")
    if which == "LATE":
        chosen = chosen.order_by("due_on", "pk")
    if request.GET.get("format") == "xlsx":
        return _as_sheet(chosen, today)
    page = Paginator(chosen, 25).get_page(request.GET.get("page"))
    for one in page:
        one.at = state_of(one, today)
        one.title = title_of(one)
    periods = Invoice.objects.dates("period_start", "month", order="DESC")[:PERIODS]
    return render(
        request,
        "finance/invoices.html",
        {
            "page": page,
            "totals": queries.totals(chosen),
            "tabs": [
                ("", gettext("toutes")),
                *((code, word) for code, (word, _condition) in states.items()),
            ],
            "which": which if which in states else "",
            "months": [(f"{month:%Y-%m}", month) for month in periods],
            "is_filtered": any(request.GET.get(key) for key in ("q", "mois", "org")),
        },
    )


def _states(today: date) -> dict[str, tuple[str, Q]]:
    is_invoice = Q(kind=Invoice.Kind.INVOICE)
    return {
        "DRAFT": (gettext("brouillons"), Q(status="DRAFT")),
        "ISSUED": (gettext("à payer"), is_invoice & Q(status="ISSUED")),
        "LATE": (gettext("en retard"), queries.is_late(today)),
        "PAID": (gettext("payées"), Q(status="PAID")),
        "CREDITED": (gettext("créditées"), Q(status="CREDITED")),
        "CREDIT": (gettext("notes de crédit"), Q(kind=Invoice.Kind.CREDIT)),
    }


def _filtered(request: HttpRequest) -> QuerySet[Invoice]:
    """Return the invoices of the filters: a number or a name, a month, a member."""
    found = Invoice.objects.all()
    typed = request.GET.get("q", "").replace("\0", "").strip()
    if typed.isdecimal() and len(typed) < 10:
        found = found.filter(number=int(typed))
    else:
        for word in fold(typed).split():
            found = found.filter(
                Q(organisation__sort_key__contains=word)
                | Q(mandate__reference__icontains=word)
            )
    if month := month_of(request.GET.get("mois", "")):
        found = found.filter(period_start__range=(month, last_of_month(month)))
    organisation = request.GET.get("org", "")
    if organisation.isdecimal() and len(organisation) < 10:
        found = found.filter(organisation_id=int(organisation))
    return found


def _as_sheet(chosen: QuerySet[Invoice], today: date) -> HttpResponse:
    return sheet(
        gettext("factures"),
        [
            gettext("Numéro"),
            gettext("État"),
            gettext("Organisation"),
            gettext("Mandat"),
            gettext("Période du"),
            gettext("au"),
            gettext("Émise le"),
            gettext("Payable le"),
            gettext("Avant taxes ($)"),
            gettext("Total ($)"),
            gettext("Payé ($)"),
            gettext("Solde ($)"),
        ],
        (
            (
                one.number,
                state_of(one, today)[0],
                one.organisation.name,
                one.mandate.reference,
                one.period_start,
                one.period_end,
                one.issued_on,
                one.due_on,
                one.net,
                one.total,
                one.paid,
                one.balance,
            )
            for one in chosen
        ),
    )


# --- many at once


@allow(Role.FINANCE)
@require_POST
def issue_many(request: HttpRequest) -> HttpResponse:
    """Issue drafts a few at a time, so that it can be stopped between two handfuls.

    One that is refused says why, and the others stand. A draft that is no longer one
    was issued by a request before: it is done.
    """
    if request.POST.get("do") == "all":
        # The parts of a consolidated invoice are issued with the whole.
        found = _filtered(request).filter(
            status=Invoice.Status.DRAFT, consolidation=None
        )
        found = found.order_by("organisation__sort_key", "period_start", "pk")
        left = list(found.values_list("pk", flat=True))
    else:
        left = chosen_ids(request, "invoice")
    if not left and not request.POST.get("total"):
        messages.warning(request, str(NothingChosen()))
        return redirect(reverse("finance:invoices") + "?etat=DRAFT")
    done, refused = chosen_ids(request, "done"), chosen_ids(request, "refused")
    total = len(left) + len(done) + len(refused)
    problems = [(pk, request.POST.get(f"why-{pk}", "")) for pk in refused]
    if request.POST.get("go"):
        now, left = left[:BATCH], left[BATCH:]
        refused_now = _issue(now, by=request.who.by)
        problems += [(pk, str(why)) for pk, why in refused_now.items()]
        done += [pk for pk in now if pk not in refused_now]
    names = dict(
        Invoice.objects.filter(pk__in=[pk for pk, _why in problems]).values_list(
            "pk", "organisation__name"
        )
    )
    waiting = Invoice.objects.filter(pk__in=left)
    return render(
        request,
        "finance/issue_many.html",
        {
            "left": left,
            "done": done,
            "problems": [(pk, names.get(pk, ""), why) for pk, why in problems],
            "total": total,
            "dealt": total - len(left),
            "net": queries.totals(waiting).net,
            "going": bool(request.POST.get("go")),
        },
    )


def _issue(invoice_ids: list[int], *, by: Actor) -> dict[int, ActionRefused]:
    """Issue drafts; return why some are not, by id."""
    try:
        refused = actions.issue_invoices(invoice_ids=invoice_ids, by=by).refused
    except ActionRefused as why:
        return dict.fromkeys(invoice_ids, why)
    return {
        pk: why
        for pk, why in refused.items()
        if not isinstance(why, InvoiceAlreadyIssued)
    }


urls = [
    path("factures/", invoices, name="invoices"),
    path("factures/emission", issue_many, name="issue_many"),
]
