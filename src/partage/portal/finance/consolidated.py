"""Consolidated invoices: what gathers the drafts of one payer, and what was sent."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from partage.billing import actions, queries
from partage.billing.models import Consolidation
from partage.journal.actions import ActionRefused
from partage.journal.queries import story_of
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.files import read_here
from partage.portal.finance.invoices import chosen_ids
from partage.portal.invoices import consolidation_body
from partage.portal.once import once
from partage.portal.spreadsheets import sheet
from partage.portal.story import story


@allow(Role.FINANCE)
def consolidations(request: HttpRequest) -> HttpResponse:
    found = queries.consolidations()
    if request.GET.get("format") == "xlsx":
        return _as_sheet(found)
    return render(
        request,
        "finance/consolidations.html",
        {"page": Paginator(found, 25).get_page(request.GET.get("page"))},
    )


@allow(Role.FINANCE)
def consolidation(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(queries.consolidations(), pk=pk)
    refused = None
    if request.method == "POST":
        act = {"issue": _issue, "separate": _separate}.get(request.POST.get("do", ""))
        if act is None:
            raise Http404
        try:
            return once(request, lambda: act(request, row))
        except ActionRefused as why:
            refused = str(why)
    return render(
        request,
        "finance/consolidation.html",
        {
            **consolidation_body(row, request.who.today),
            "story": story(story_of(row)),
            "refused": refused,
        },
        status=409 if refused else 200,
    )


def _issue(request: HttpRequest, row: Consolidation) -> str:
    done = actions.issue_consolidation(consolidation_id=row.pk, by=request.who.by)
    told = gettext("La facture consolidée C-%(number)s est émise.")
    messages.success(request, told % {"number": done.number})
    return reverse("finance:consolidation", args=[row.pk])


def _separate(request: HttpRequest, row: Consolidation) -> str:
    actions.separate_drafts(consolidation_id=row.pk, by=request.who.by)
    messages.success(request, gettext("Chaque brouillon s’émet de nouveau seul."))
    return reverse("finance:invoices") + "?etat=DRAFT"


@allow(Role.FINANCE)
@require_POST
def consolidate(request: HttpRequest) -> HttpResponse:
    """Gather the drafts that were ticked in the list."""

    def act() -> str:
        whole = actions.consolidate_drafts(
            invoice_ids=chosen_ids(request, "invoice"), by=request.who.by
        )
        return reverse("finance:consolidation", args=[whole.pk])

    try:
        return once(request, act)
    except ActionRefused as why:
        messages.warning(request, str(why))
        return redirect(reverse("finance:invoices") + "?etat=DRAFT")


@allow(Role.FINANCE)
def consolidation_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Consolidation.objects.select_related("pdf"), pk=pk)
    if row.pdf is None:
        raise Http404
    return read_here(row.pdf.name, row.pdf.content)


def _as_sheet(found) -> HttpResponse:
    return sheet(
        gettext("factures consolidées"),
        [
            gettext("Numéro"),
            gettext("Payeur"),
            gettext("Entente"),
            gettext("Mois"),
            gettext("Parts"),
            gettext("Émise le"),
            gettext("Avant taxes ($)"),
            gettext("Total ($)"),
        ],
        (
            (
                one.number,
                one.organisation.name,
                one.agreement.number if one.agreement else "",
                one.month,
                one.count,
                one.issued_on,
                one.net,
                one.total,
            )
            for one in found
        ),
    )


urls = [
    path("factures/consolidees/", consolidations, name="consolidations"),
    path("factures/consolidees/reunir", consolidate, name="consolidate"),
    path("factures/consolidees/<int:pk>", consolidation, name="consolidation"),
    path(
        "factures/consolidees/<int:pk>/pdf",
        consolidation_pdf,
        name="consolidation_pdf",
    ),
]
