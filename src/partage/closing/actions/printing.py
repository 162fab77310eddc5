"""Print a member's statement, keep it, and keep them all."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, override

from partage.archive.actions import keep_file
from partage.archive.models import File
from partage.billing.actions.printing import letterhead, party
from partage.closing.actions.computing import NothingComputed
from partage.closing.actions.running import Tick, hold_year, start_run
from partage.closing.models import (
    Computation,
    MemberYear,
    Proposal,
    Run,
    YearEnd,
    YearStatement,
)
from partage.closing.queries.members import (
    adjustments_of,
    member_years,
    next_year_of,
)
from partage.closing.queries.years import last_computation, proposal_of
from partage.documents.year import (
    YearDecision,
    YearLine,
    YearStatementDocument,
    render_year_statement,
)
from partage.experts.models import Level
from partage.governance.queries import cooperative
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.members.models import Province
from partage.rules.money import ZERO, to_cents


class NothingToPrint(ActionRefused):
    sentence = _("Aucun membre n’a d’heures dans cet exercice : aucun relevé à faire.")


def print_statement(
    row: MemberYear,
    proposal: Proposal | None,
    *,
    given: Decimal | None = None,
    language: str = "",
) -> bytes:
    """Print a member's year, with what is proposed or was decided of it.

    In the organisation's language, unless another is asked for. `given` is the
    member's adjustment, if the caller has asked for all of them already.
    """
    language = language or row.organisation.language
    language = "en" if language == "en" else "fr"
    computation = row.computation
    year = computation.year
    with override(f"{language}-ca"):
        lines = [
            YearLine(
                description=f"{line.field.name}, {Level(line.level).label}",
                minutes=line.minutes,
                provisional=line.provisional,
                charged=line.charged,
                rate=line.rate,
                final=line.final,
            )
            for line in row.lines.select_related("field").order_by(
                "field__code", "level", "provisional"
            )
        ]
        return render_year_statement(
            YearStatementDocument(
                language=language,
                year=year.label,
                first=year.starts_on,
                last=year.ends_on,
                computed_on=localtime(computation.computed_at).date(),
                reference=str(computation.number),
                supplier=letterhead(cooperative()),
                member=party(row.organisation),
                province=str(Province(row.province).label),
                lines=lines,
                remainder=row.remainder,
                adjustment=row.adjustment,
                source=computation.cost_source,
                cards=computation.cards,
                fingerprint=computation.fingerprint,
                decision=_decision(row, computation, proposal, given),
            )
        )


def _decision(
    row: MemberYear,
    computation: Computation,
    proposal: Proposal | None,
    given: Decimal | None,
) -> YearDecision | None:
    if proposal is None:
        return None
    if given is None:
        given = adjustments_of(proposal)[row.pk]
    meeting, resolution = proposal.meeting, proposal.resolution
    on: date | None = meeting.held_on if meeting else None
    return YearDecision(
        reference=proposal.reference,
        surplus=proposal.surplus,
        charged=computation.charged,
        cost=computation.cost,
        band=proposal.band,
        width=to_cents(computation.cost * proposal.band),
        adjusted=proposal.adjusted,
        stabilisation=proposal.stabilisation,
        carried=proposal.carried,
        reserve=proposal.reserve,
        rebates=proposal.rebates,
        rate_change=proposal.rate_change,
        given=given,
        next_year=next_year_of(row, proposal),
        meeting_on=on,
        resolution=resolution.number if resolution else "",
    )


def name_of(row: MemberYear, year: YearEnd, *, language: str = "") -> str:
    """Return how a statement's file is called, in its language."""
    english = (language or row.organisation.language) == "en"
    word = "right-cost-statement" if english else "releve-juste-cout"
    return f"{word}-{year.label}-{row.organisation_id}-{row.province}.pdf"


@transaction.atomic
def keep_statement(
    row: MemberYear, proposal: Proposal | None, by: Actor, *, given=None
) -> File:
    """Print a member's statement and keep it; the one kept before, if there is one."""
    stage = proposal if proposal and proposal.resolution_id else None
    kept = (
        YearStatement.objects.select_related("file")
        .filter(member_year=row, proposal=stage)
        .first()
    )
    if kept:
        return kept.file
    content = print_statement(row, proposal, given=given)
    file = keep_file(name=name_of(row, row.computation.year), content=content, by=by)
    YearStatement.objects.create(member_year=row, proposal=stage, file=file)
    return file


@transaction.atomic
def start_printing(*, year_id: int, by: Actor) -> Run:
    """Have every member's statement printed and kept.

    Raises YearGone, NothingComputed or RunUnderWay.
    """
    year = hold_year(year_id)
    if last_computation(year) is None:
        raise NothingComputed
    return start_run(year=year, kind=Run.Kind.PRINT, by=by)


def print_all(run: Run, by: Actor, tick: Tick) -> str:
    """Do what start_printing asked for; those that are kept already stay."""
    year = run.year
    proposal = proposal_of(year)
    computation = proposal.computation if proposal else last_computation(year)
    if computation is None:
        raise NothingComputed
    rows = list(member_years(computation).select_related("computation__year"))
    if not rows:
        raise NothingToPrint
    Run.objects.filter(pk=run.pk).update(total=len(rows))
    given = adjustments_of(proposal) if proposal else {}
    for rank, row in enumerate(rows):
        tick(rank)
        keep_statement(row, proposal, by, given=given.get(row.pk, ZERO))
    tick(len(rows))
    journal.record(
        what="closing.statements.printed",
        subject=year,
        by=by,
        year=year.label,
        count=len(rows),
    )
    return ngettext(
        "%(count)s relevé est prêt.", "%(count)s relevés sont prêts.", len(rows)
    ) % {"count": len(rows)}
