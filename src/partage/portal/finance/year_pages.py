"""What a year was measured to be: rates, members, statements, checks, reserves."""

import io
import zipfile
from collections.abc import Iterator
from decimal import Decimal

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, gettext

from partage.closing import queries
from partage.closing.actions import print_statement
from partage.closing.actions.printing import name_of
from partage.closing.models import (
    Computation,
    MemberYear,
    ReserveMovement,
    YearEnd,
    YearStatement,
)
from partage.closing.queries.checks import checks_of
from partage.experts.models import Level
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.charts import Chart, Series
from partage.portal.files import read_here
from partage.portal.finance.closing import DRAWN, year_or_404
from partage.portal.spreadsheets import sheet
from partage.portal.words import tongue
from partage.portal.year_steps import standing_of
from partage.rules.money import ZERO, to_cents
from partage.rules.triage import fold

SORTS = {
    "nom": ("organisation__sort_key", "province"),
    "heures": ("minutes", "organisation__sort_key"),
    "facture": ("charged", "organisation__sort_key"),
    "ecart": ("adjustment", "organisation__sort_key"),
}


def computed_or_404(pk: int) -> tuple[YearEnd, Computation, object]:
    """Return a year, the computation that counts, and the proposal chosen, if any."""
    row = year_or_404(pk)
    proposal = queries.proposal_of(row)
    computation = proposal.computation if proposal else queries.last_computation(row)
    if computation is None:
        raise Http404
    return row, computation, proposal


# --- final rates


@allow(Role.FINANCE, Role.BOARD)
def rates(request: HttpRequest, pk: int) -> HttpResponse:
    row, computation, _proposal = computed_or_404(pk)
    found = list(
        computation.rates.select_related("field").order_by("field__code", "level")
    )
    for one in found:
        one.provisional = (
            to_cents(one.charged * 60 / one.minutes) if one.minutes else None
        )
        one.gap = None if one.provisional is None else one.rate - one.provisional
        one.difference = one.charged - one.final
    found.sort(key=lambda one: (fold(one.field.name), one.level))
    if request.GET.get("format") == "xlsx":
        return sheet(
            gettext("taux définitifs") + f" {row.label}",
            [
                gettext("Domaine"),
                gettext("Niveau"),
                gettext("Heures"),
                gettext("Taux provisoire moyen ($/h)"),
                gettext("Taux définitif ($/h)"),
                gettext("Facturé ($)"),
                gettext("Au taux définitif ($)"),
                gettext("Écart ($)"),
            ],
            (
                (
                    one.field.name,
                    one.get_level_display(),
                    Decimal(one.minutes) / 60,
                    one.provisional,
                    one.rate,
                    one.charged,
                    one.final,
                    one.difference,
                )
                for one in found
            ),
        )
    remainder = computation.cost - sum((one.final for one in found), ZERO)
    return render(
        request,
        "finance/year_rates.html",
        {
            "year": row,
            "computation": computation,
            "rates": found,
            "remainder": remainder,
            "is_finance": Role.FINANCE in request.who.roles,
        },
    )


# --- members


@allow(Role.FINANCE)
def members(request: HttpRequest, pk: int) -> HttpResponse:
    row, computation, proposal = computed_or_404(pk)
    found = _filtered(request, queries.member_years(computation))
    given = queries.adjustments_of(proposal) if proposal else {}
    if request.GET.get("format") == "xlsx":
        return _members_as_sheet(row, found, given)
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    for one in page:
        one.given = given.get(one.pk)
    return render(
        request,
        "finance/year_members.html",
        {
            "year": row,
            "computation": computation,
            "proposal": proposal,
            "page": page,
            "is_filtered": bool(request.GET.get("q")),
            "ready": _statements(computation, proposal).count(),
            "live": standing_of(row, request.who.today).live,
            "is_finance": True,
        },
    )


def _filtered(request, found: QuerySet[MemberYear]) -> QuerySet[MemberYear]:
    typed = request.GET.get("q", "").replace("\0", "")
    for word in fold(typed).split():
        found = found.filter(organisation__sort_key__contains=word)
    asked = request.GET.get("tri", "nom")
    order = SORTS.get(asked.removeprefix("-"), SORTS["nom"])
    if asked.startswith("-"):
        order = ("-" + order[0], *order[1:])
    return found.order_by(*order)


def _members_as_sheet(row, found, given: dict[int, Decimal]) -> HttpResponse:
    return sheet(
        gettext("années des membres") + f" {row.label}",
        [
            gettext("Organisation"),
            gettext("Province"),
            gettext("Heures"),
            gettext("Facturé ($)"),
            gettext("Aux taux définitifs ($)"),
            gettext("Part hors taux ($)"),
            gettext("Coût ($)"),
            gettext("Écart ($)"),
            gettext("Ajustement proposé ($)"),
        ],
        (
            (
                one.organisation.name,
                one.get_province_display(),
                Decimal(one.minutes) / 60,
                one.charged,
                one.at_rates,
                one.remainder,
                one.final,
                one.adjustment,
                given.get(one.pk),
            )
            for one in found
        ),
    )


def lines_of(row: MemberYear) -> list:
    """Return a member's lines by the name of their field, with what each differs by."""
    found = list(row.lines.select_related("field"))
    for line in found:
        line.difference = line.charged - line.final
        line.rounding = line.charged - to_cents(line.minutes * line.provisional / 60)
    return sorted(
        found, key=lambda one: (fold(one.field.name), one.level, one.provisional)
    )


def member_chart(lines) -> Chart | None:
    """Draw what each field was charged beside what it cost, the largest first."""
    sums: dict[str, list[Decimal]] = {}
    for line in lines:
        one = sums.setdefault(line.field.name, [ZERO, ZERO])
        one[0] += line.charged
        one[1] += line.final
    kept = sorted(sums.items(), key=lambda each: each[1][0], reverse=True)
    if len(kept) > DRAWN:
        rest = [one for _name, one in kept[DRAWN - 1 :]]
        others = [sum((one[at] for one in rest), ZERO) for at in (0, 1)]
        kept = [*kept[: DRAWN - 1], (gettext("Autres"), others)]
    if not kept:
        return None
    return Chart(
        gettext("Facturé et coût, par domaine"),
        [name for name, _one in kept],
        [
            Series(gettext("Facturé"), [one[0] for _name, one in kept]),
            Series(gettext("Au taux définitif"), [one[1] for _name, one in kept]),
        ],
        "$",
        decimals=0,
        named=True,
    )


def member_facts(row: MemberYear, proposal) -> dict:
    """Return what parts/member_year.html shows of a member's year."""
    lines = lines_of(row)
    given = queries.adjustments_of(proposal)[row.pk] if proposal else None
    return {
        "row": row,
        "lines": lines,
        "chart": member_chart(lines),
        "proposal": proposal,
        "given": given,
        "next_year": queries.next_year_of(row, proposal) if proposal else ZERO,
        "levels": dict(Level.choices),
    }


@allow(Role.FINANCE)
def member(request: HttpRequest, pk: int, row_id: int) -> HttpResponse:
    year, computation, proposal = computed_or_404(pk)
    row = get_object_or_404(queries.member_years(computation), pk=row_id)
    return render(
        request,
        "finance/year_member.html",
        {"year": year, "computation": computation, **member_facts(row, proposal)},
    )


@allow(Role.FINANCE)
def member_pdf(request: HttpRequest, pk: int, row_id: int) -> HttpResponse:
    _year, computation, proposal = computed_or_404(pk)
    row = get_object_or_404(
        queries.member_years(computation).select_related("computation__year"), pk=row_id
    )
    return statement(row, proposal, request.GET.get("langue", ""))


def statement(row: MemberYear, proposal, language: str = "") -> HttpResponse:
    """Give a member's statement: the one that was kept, else what it would be now.

    `language` asks for it in French or in English, whatever the organisation's.
    """
    wanted = language if language in ("fr", "en") else row.organisation.language
    stage = proposal if proposal and proposal.resolution_id else None
    kept = (
        YearStatement.objects.select_related("file")
        .filter(member_year=row, proposal=stage)
        .first()
    )
    if kept and stage and wanted == row.organisation.language:
        return read_here(kept.file.name, kept.file.content)
    return read_here(
        name_of(row, row.computation.year, language=wanted),
        print_statement(row, proposal, language=wanted),
    )


# --- all the statements


def _statements(computation: Computation, proposal) -> QuerySet[YearStatement]:
    stage = proposal if proposal and proposal.resolution_id else None
    return YearStatement.objects.filter(
        member_year__computation=computation, proposal=stage
    )


@allow(Role.FINANCE)
def statements(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Send the statements that are printed as one zip, one file at a time."""
    row, computation, proposal = computed_or_404(pk)
    found = _statements(computation, proposal).order_by("pk")
    if not found.exists():
        raise Http404
    name = f"{gettext('releves')}-{row.label}.zip"
    response = StreamingHttpResponse(_zipped(found), content_type="application/zip")
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Cache-Control"] = "private, no-store"
    return response


class _Pipe(io.RawIOBase):
    """What the zip writes, to be sent at once and forgotten."""

    def __init__(self) -> None:
        self.waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, some) -> int:
        self.waiting += some
        return len(some)

    def taken(self) -> bytes:
        some = bytes(self.waiting)
        self.waiting.clear()
        return some


def _zipped(found: QuerySet[YearStatement]) -> Iterator[bytes]:
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w") as archive:  # a PDF is compressed already
        for pk in list(found.values_list("pk", flat=True)):
            kept = YearStatement.objects.select_related("file").get(pk=pk)
            archive.writestr(kept.file.name, bytes(kept.file.content))
            yield pipe.taken()
    yield pipe.taken()


# --- what an auditor checks


@allow(Role.FINANCE, Role.BOARD)
def checks(request: HttpRequest, pk: int) -> HttpResponse:
    row, computation, proposal = computed_or_404(pk)
    found = checks_of(computation, proposal)
    if request.GET.get("format") == "xlsx":
        return sheet(
            gettext("contrôles") + f" {row.label}",
            [
                gettext("Contrôle"),
                gettext("Premier chiffre"),
                gettext("Second chiffre"),
                gettext("Tient"),
                gettext("Première requête"),
                gettext("Seconde requête"),
            ],
            (
                (str(c.pair.name), c.one, c.other, c.holds, c.one_sql, c.other_sql)
                for c in found
            ),
        )
    return render(
        request,
        "finance/year_checks.html",
        {
            "year": row,
            "computation": computation,
            "checks": found,
            "failed": [one for one in found if not one.holds],
            "is_finance": Role.FINANCE in request.who.roles,
        },
    )


# --- reserves


@allow(Role.FINANCE, Role.BOARD)
def reserves(request: HttpRequest) -> HttpResponse:
    """The ledgers of the reserves, as they were written."""
    found = queries.ledgers()
    words = dict(ReserveMovement.Fund.choices)
    if request.GET.get("format") == "xlsx":
        return sheet(
            gettext("réserves"),
            [
                gettext("Réserve"),
                gettext("Date"),
                gettext("Libellé"),
                gettext("Résolution"),
                gettext("Montant ($)"),
                gettext("Solde ($)"),
            ],
            (
                (
                    words[fund],
                    line.movement.on,
                    words_of(line.movement),
                    line.movement.resolution.number if line.movement.resolution else "",
                    line.movement.amount,
                    line.balance,
                )
                for fund, lines in found.items()
                for line in lines
            ),
        )
    for lines in found.values():
        for line in lines:
            line.movement.said = words_of(line.movement)
    return render(
        request,
        "finance/reserves.html",
        {
            "ledgers": [
                (words[fund], lines, lines[-1].balance if lines else ZERO)
                for fund, lines in found.items()
            ],
            "language": tongue(get_language() or ""),
        },
    )


def words_of(movement: ReserveMovement) -> str:
    """Say where a line of a ledger comes from."""
    if movement.words:
        return movement.words
    facts = {
        "year": movement.year.label if movement.year else "",
        "reference": movement.proposal.reference if movement.proposal else "",
    }
    if movement.reverses_id:
        return gettext("Contre-écriture de l’exercice %(year)s, %(reference)s") % facts
    return gettext("Affectation de l’exercice %(year)s, %(reference)s") % facts


urls = [
    path("annee/<int:pk>/taux", rates, name="year_rates"),
    path("annee/<int:pk>/membres", members, name="year_members"),
    path("annee/<int:pk>/membres/<int:row_id>", member, name="year_member"),
    path("annee/<int:pk>/membres/<int:row_id>/releve", member_pdf, name="year_pdf"),
    path("annee/<int:pk>/releves.zip", statements, name="year_statements"),
    path("annee/<int:pk>/controles", checks, name="year_checks"),
    path("annee/reserves", reserves, name="reserves"),
]
