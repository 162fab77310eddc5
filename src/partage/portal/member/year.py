"""« Juste coût » : the member's own year, what it paid and what it cost."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path

from partage.closing import queries
from partage.closing.models import MemberYear, Posting
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.finance.year_pages import member_facts, statement


@allow(Role.MEMBER)
def year(request: HttpRequest, row_id: int | None = None) -> HttpResponse:
    """The latest year of whom the person acts for, or the one that is asked for."""
    found = list(queries.years_for(request.who.organisation_ids()))
    row = found[0] if found and row_id is None else None
    if row_id is not None:
        row = _own(request, row_id)
    facts = member_facts(row, proposal_of(row)) if row else {}
    return render(
        request,
        "member/year.html",
        {
            "years": found,
            "year": row.computation.year if row else None,
            "computation": row.computation if row else None,
            "several": len({one.organisation_id for one in found}) > 1,
            "documents": [
                (one.invoice, one.amount)
                for one in Posting.objects.filter(member_year=row)
                .select_related("invoice")
                .order_by("pk")
                if one.invoice
            ]
            if row
            else [],
            **facts,
        },
    )


def proposal_of(row: MemberYear):
    """Return the proposal that went forward on a member's year, if any still does."""
    found = queries.proposal_of(row.computation.year)
    return found if found and found.computation_id == row.computation_id else None


def _own(request: HttpRequest, row_id: int) -> MemberYear:
    return get_object_or_404(
        queries.years_for(request.who.organisation_ids()), pk=row_id
    )


@allow(Role.MEMBER)
def year_statement(request: HttpRequest, row_id: int) -> HttpResponse:
    row = _own(request, row_id)
    return statement(row, proposal_of(row), request.GET.get("langue", ""))


urls = [
    path("juste-cout/annee", year, name="year"),
    path("juste-cout/annee/<int:row_id>", year, name="year_of"),
    path("juste-cout/annee/<int:row_id>/releve", year_statement, name="year_statement"),
]
