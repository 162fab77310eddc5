"""A member's own invoices: what is owed, how it is computed, the document."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils.translation import get_language, gettext

from partage.billing import queries
from partage.billing.models import Invoice
from partage.journal.queries import story_of
from partage.members.models import Representation
from partage.people.models import Role
from partage.portal import words
from partage.portal.access import allow
from partage.portal.files import read_here
from partage.portal.invoices import body_of, state_of, title_of
from partage.portal.prices import price_of_invoice
from partage.portal.spreadsheets import sheet
from partage.portal.story import story_for_member
from partage.rules.money import ZERO


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
        {"page": page, "figures": figures, "many": len(set(ids)) > 1},
    )


def _as_sheet(found, today) -> HttpResponse:
    return sheet(
        gettext("factures"),
        [
            gettext("Numéro"),
            gettext("État"),
            gettext("Organisation"),
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
                one.mandate.title,
                one.issued_on,
                one.due_on,
                one.net,
                one.total,
                one.balance,
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
    return render(
        request,
        "member/invoice.html",
        {
            **body_of(row),
            **price_of_invoice(row),
            "at": state_of(row, request.who.today),
            "owed_back": -row.balance if row.balance < 0 else ZERO,
            "story": story_for_member(
                story_of(row),
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


urls = [
    path("factures/", invoices, name="invoices"),
    path("factures/<int:pk>", invoice, name="invoice"),
    path("factures/<int:pk>/pdf", invoice_pdf, name="invoice_pdf"),
]
