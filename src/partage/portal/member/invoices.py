"""A member's own invoices: what is owed, how it is computed, the document."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils.translation import get_language, gettext

from partage.billing import queries
from partage.billing.models import Consolidation, Invoice
from partage.journal.queries import story_of
from partage.members.models import Representation
from partage.people.models import Role
from partage.portal import words
from partage.portal.access import allow
from partage.portal.files import read_here
from partage.portal.invoices import body_of, consolidation_body, state_of, title_of
from partage.portal.prices import price_of_invoice
from partage.portal.spreadsheets import sheet
from partage.portal.story import story_for_member
from partage.rules.money import ZERO

SHOWN = 6  # consolidated invoices beside the list


@allow(Role.MEMBER)
def invoices(request: HttpRequest) -> HttpResponse:
    ids, today = request.who.organisation_ids(), request.who.today
    found = queries.invoices_for(ids).order_by("-number")
    if request.GET.get("format") == "xlsx":
        return _as_sheet(found, today)
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    for one in page:
        one.at = state_of(one, today)
        one.title = title_of(one)
    accounts = queries.balances(today, organisation_ids=ids)
    owed, late, credit = (
        sum((getattr(one, what) for one in accounts), ZERO)
        for what in ("owed", "late", "credit")
    )
    language = get_language() or "fr"
    figures = [
        {
            "label": gettext("À payer"),
            "value": words.money(owed, language),
            "kind": "wait" if owed else "",
        }
    ]
    if late:
        figures.append(
            {
                "label": gettext("dont en retard"),
                "value": words.money(late, language),
                "kind": "bad",
            }
        )
    if credit:
        figures.append(
            {
                "label": gettext("À votre crédit"),
                "value": words.money(credit, language),
                "kind": "good",
            }
        )
    return render(
        request,
        "member/invoices.html",
        {
            "page": page,
            "figures": figures,
            "many": len(set(ids)) > 1,
            "banks": queries.balances_serving(
                [one.organisation for one in request.who.representations], today
            ),
            "consolidations": queries.consolidations(ids)[:SHOWN],
        },
    )


def _as_sheet(found, today) -> HttpResponse:
    return sheet(
        gettext("factures"),
        [
            gettext("Numéro"),
            gettext("État"),
            gettext("Facturée à"),
            gettext("Pour"),
            gettext("Mandat"),
            gettext("Émise le"),
            gettext("Payable le"),
            gettext("Avant taxes ($)"),
            gettext("Total ($)"),
            gettext("Solde ($)"),
        ],
        (
            (
                one.number,
                state_of(one, today)[0],
                one.organisation.name,
                one.mandate.organisation.name,
                one.mandate.title,
                one.issued_on,
                one.due_on if one.own else None,
                one.net,
                one.total,
                one.balance if one.own else None,
            )
            for one in found
        ),
    )


def _own(request: HttpRequest, pk: int) -> Invoice:
    """Return an invoice of the person's organisations; any other does not exist."""
    found = queries.invoices_for(request.who.organisation_ids())
    return get_object_or_404(found.select_related("credits", "pdf"), pk=pk)


@allow(Role.MEMBER)
def invoice(request: HttpRequest, pk: int) -> HttpResponse:
    row = _own(request, pk)
    own = Representation.objects.filter(organisation_id=row.organisation_id)
    body = body_of(row)
    if not row.own:
        body |= {"payments": [], "step_names": []}
    return render(
        request,
        "member/invoice.html",
        {
            **body,
            **price_of_invoice(row),
            "at": state_of(row, request.who.today),
            "owed_back": -row.balance if row.own and row.balance < 0 else ZERO,
            "story": story_for_member(
                story_of(row) if row.own else [],
                own_ids=set(own.values_list("user_id", flat=True)),
                cooperative=request.who.cooperative.name,
            ),
        },
    )


@allow(Role.MEMBER)
def invoice_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    row = _own(request, pk)
    if row.pdf is None:
        raise Http404
    return read_here(row.pdf.name, row.pdf.content)


@allow(Role.MEMBER)
def consolidation(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole that a payer owes; for whoever else is served it does not exist."""
    row = _own_whole(request, pk)
    return render(
        request,
        "member/consolidation.html",
        consolidation_body(row, request.who.today),
    )


def _own_whole(request: HttpRequest, pk: int) -> Consolidation:
    found = queries.consolidations(request.who.organisation_ids())
    return get_object_or_404(found.select_related("pdf"), pk=pk)


@allow(Role.MEMBER)
def consolidation_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    row = _own_whole(request, pk)
    return read_here(row.pdf.name, row.pdf.content)


urls = [
    path("factures/consolidees/<int:pk>", consolidation, name="consolidation"),
    path(
        "factures/consolidees/<int:pk>/pdf",
        consolidation_pdf,
        name="consolidation_pdf",
    ),
    path("factures/", invoices, name="invoices"),
    path("factures/<int:pk>", invoice, name="invoice"),
    path("factures/<int:pk>/pdf", invoice_pdf, name="invoice_pdf"),
]
