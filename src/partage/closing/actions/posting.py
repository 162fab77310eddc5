"""Write what the general meeting resolved, member by member; and take it back.

Each member is one transaction, and each is written once: a run that was killed is
taken up where it was.
"""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext, override
from django.utils.translation import gettext_lazy as _

from partage.billing.actions import issue_adjustment
from partage.closing.actions.computing import compare, measure
from partage.closing.actions.deciding import (
    ResolutionSilent,
    hold_proposal,
    refuse_resolution,
    refuse_unless_at,
)
from partage.closing.actions.printing import keep_statement
from partage.closing.actions.running import Tick, hold_year, start_run
from partage.closing.models import (
    MemberYear,
    Posting,
    Proposal,
    Reopening,
    ReserveMovement,
    Run,
    YearEnd,
)
from partage.closing.queries.members import adjustments_of
from partage.closing.queries.years import year_totals
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.tariffs.actions import ModelFrozen, freeze_model, unfreeze_model
from partage.timesheets.actions import lock_month
from partage.timesheets.queries import locked_months


class HoursNotApproved(ActionRefused):
    sentence = _(
        "Des heures de mandats ne sont pas encore approuvées (semaines : %(weeks)s). "
        "Faites-les approuver, puis écrivez."
    )


class DraftsRemain(ActionRefused):
    sentence = _(
        "Il reste des brouillons de factures pour cet exercice (%(drafts)s). "
        "Émettez-les ou supprimez-les, puis écrivez."
    )


class WorkToBill(ActionRefused):
    sentence = _(
        "Du travail approuvé de cet exercice n’est sur aucune facture. "
        "Facturez-le, puis écrivez."
    )


class YearHasMoved(ActionRefused):
    sentence = _(
        "L’exercice a bougé depuis le calcul que l’assemblée a vu : %(what)s. "
        "Rien n’est écrit. Rétablissez-le, ou faites adopter une proposition refaite."
    )


class YearNotClosed(ActionRefused):
    sentence = _("Cet exercice n’est pas clos : il n’y a rien à rouvrir.")


class ReasonMissing(ActionRefused):
    sentence = _("Dites pourquoi l’exercice est rouvert : le registre le garde.")
    field = "reason"


# --- writing


@transaction.atomic
def start_posting(*, proposal_id: int, by: Actor) -> Run:
    """Have an adopted proposal written; a run that was killed is taken up again.

    Raises ProposalGone, NotAt, HoursNotApproved, DraftsRemain, WorkToBill or
    RunUnderWay.
    """
    proposal = hold_proposal(proposal_id)
    refuse_unless_at(proposal, Proposal.Status.ADOPTED, Proposal.Status.POSTING)
    if proposal.status == Proposal.Status.ADOPTED:
        refuse_unless_all_is_in(proposal.year)
    return start_run(year=proposal.year, kind=Run.Kind.POST, by=by)


def refuse_unless_all_is_in(year: YearEnd) -> None:
    """Raise HoursNotApproved, DraftsRemain or WorkToBill."""
    totals = year_totals(year.starts_on, year.ends_on)
    if totals.unapproved_weeks:
        raise HoursNotApproved(weeks=totals.unapproved_weeks)
    if totals.drafts:
        raise DraftsRemain(drafts=totals.drafts)
    if totals.to_bill:
        raise WorkToBill


def post(run: Run, by: Actor, tick: Tick) -> str:
    """Do what start_posting asked for: reserves first, then each member, then close.

    Before the first line is written, the year is measured again: what the meeting
    saw must be what is.
    """
    proposal = Proposal.objects.select_related("year", "computation").get(
        year=run.year, status__in=(Proposal.Status.ADOPTED, Proposal.Status.POSTING)
    )
    if proposal.status == Proposal.Status.ADOPTED:
        differences = compare(proposal.computation, measure(proposal.year))
        if differences:
            raise YearHasMoved(what=" · ".join(differences))
        begin_posting(proposal_id=proposal.pk, by=by)
    amounts = adjustments_of(proposal)
    left = _not_posted(proposal)
    Run.objects.filter(pk=run.pk).update(total=len(amounts))
    for rank, row in enumerate(left, start=len(amounts) - len(left)):
        tick(rank)
        post_member(
            proposal_id=proposal.pk, member_year=row, amount=amounts[row.pk], by=by
        )
    finish_posting(proposal_id=proposal.pk, by=by)
    return ngettext(
        "%(count)s année de membre écrite. L’exercice est clos.",
        "%(count)s années de membres écrites. L’exercice est clos.",
        len(amounts),
    ) % {"count": len(amounts)}


def _not_posted(proposal: Proposal) -> list[MemberYear]:
    posted = Posting.objects.filter(proposal=proposal).values("member_year_id")
    return list(
        MemberYear.objects.filter(computation=proposal.computation_id)
        .exclude(pk__in=posted)
        .select_related("organisation", "computation__year")
        .order_by("organisation__sort_key", "province")
    )


@transaction.atomic
def begin_posting(*, proposal_id: int, by: Actor) -> Proposal:
    """Lock the year's months and move the reserves, all at once.

    Raises ProposalGone, NotAt, HoursNotApproved, DraftsRemain or WorkToBill.
    """
    proposal = hold_proposal(proposal_id)
    refuse_unless_at(proposal, Proposal.Status.ADOPTED)
    year = proposal.year
    # First the months, so that no hour slips in while they are counted.
    locked = locked_months(year.starts_on, year.ends_on)
    month = year.starts_on.replace(day=1)
    while month <= year.ends_on:
        if month not in locked:
            lock_month(first_day=month, by=by)
        month = (month + timedelta(days=31)).replace(day=1)
    refuse_unless_all_is_in(year)
    freeze_model(model_id=proposal.computation.cost_model_id, by=by)
    proposal.status = Proposal.Status.POSTING
    proposal.save(update_fields=["status"])
    ReserveMovement.objects.bulk_create(
        ReserveMovement(
            fund=fund,
            on=by.on,
            amount=amount,
            year=year,
            proposal=proposal,
            resolution=proposal.resolution,
        )
        for fund, amount in (
            (ReserveMovement.Fund.RESERVE, proposal.reserve),
            (ReserveMovement.Fund.STABILISATION, proposal.stabilisation),
            (ReserveMovement.Fund.CARRIED, proposal.carried),
        )
        if amount
    )
    journal.record(
        what="closing.posting.begun",
        subject=proposal,
        by=by,
        reference=proposal.reference,
        resolution=proposal.resolution.number,
        reserve=str(proposal.reserve),
        stabilisation=str(proposal.stabilisation),
        carried=str(proposal.carried),
    )
    return proposal


@transaction.atomic
def post_member(
    *, proposal_id: int, member_year: MemberYear, amount: Decimal, by: Actor
) -> Posting | None:
    """Write one member's adjustment, its document and its statement; once.

    `amount` above zero is given to the member. None if it was written before.
    Raises ProposalGone, NotAt, and what billing refuses.
    """
    proposal = hold_proposal(proposal_id)
    refuse_unless_at(proposal, Proposal.Status.POSTING)
    if Posting.objects.filter(proposal=proposal, member_year=member_year).exists():
        return None
    posting = Posting.objects.create(
        proposal=proposal,
        member_year=member_year,
        amount=amount,
        invoice=_adjust(member_year, -amount, proposal, by) if amount else None,
        posted_at=by.at,
    )
    file = keep_statement(member_year, proposal, by, given=amount)
    journal.record(
        what="closing.member.posted",
        subject=posting,
        by=by,
        year=proposal.year.label,
        reference=proposal.reference,
        amount=str(amount),
        organisation=member_year.organisation_id,
        statement=file.pk,
    )
    return posting


def _adjust(row: MemberYear, amount: Decimal, proposal: Proposal, by: Actor):
    """Issue what the member owes (above zero) or is given back, with its taxes."""
    year = proposal.year
    with override(f"{row.organisation.language}-ca"):
        words = gettext(
            "Ajustement au juste coût, exercice %(year)s (proposition %(reference)s, "
            "résolution %(resolution)s)"
        ) % {
            "year": year.label,
            "reference": proposal.reference,
            "resolution": proposal.resolution.number,
        }
    return issue_adjustment(
        organisation_id=row.organisation_id,
        province=row.province,
        amount=amount,
        description=words,
        period_start=year.starts_on,
        period_end=year.ends_on,
        by=by,
    )


@transaction.atomic
def finish_posting(*, proposal_id: int, by: Actor) -> YearEnd:
    """Close the year, once every member is written. Raises ProposalGone or NotAt."""
    proposal = hold_proposal(proposal_id)
    refuse_unless_at(proposal, Proposal.Status.POSTING)
    assert not _not_posted(proposal), "a member is not written yet"
    year, totals = (
        proposal.year,
        year_totals(proposal.year.starts_on, proposal.year.ends_on),
    )
    proposal.status, proposal.posted_at = Proposal.Status.POSTED, by.at
    proposal.save(update_fields=["status", "posted_at"])
    year.status, year.closed_at = YearEnd.Status.CLOSED, by.at
    year.resolution = proposal.resolution
    year.minutes, year.invoiced = totals.minutes, totals.invoiced
    if proposal.computation.is_brought:
        year.minutes = proposal.computation.minutes
        year.invoiced = proposal.computation.charged
    year.save()
    journal.record(
        what="closing.year.closed",
        subject=year,
        by=by,
        year=year.label,
        reference=proposal.reference,
        resolution=proposal.resolution.number,
        minutes=year.minutes,
        invoiced=str(year.invoiced),
    )
    return year


# --- taking back


@transaction.atomic
def reopen_year(
    *, year_id: int, reason: str, resolution_id: int | None, by: Actor
) -> Reopening:
    """Open a closed year again, by a resolution of the general meeting.

    What was written is taken back by contrary lines, never erased: a run does it.

    Raises YearGone, YearNotClosed, ReasonMissing, RunUnderWay, and the refusals of
    `refuse_resolution`: the resolution names the year (2024-2025).
    """
    year = hold_year(year_id)
    if year.status != YearEnd.Status.CLOSED:
        raise YearNotClosed
    if not reason.strip():
        raise ReasonMissing
    resolution = refuse_resolution(
        resolution_id,
        since=localtime(year.closed_at).date(),
        reference=year.label,
    )
    proposal = Proposal.objects.filter(year=year, status=Proposal.Status.POSTED).first()
    if resolution == year.resolution:
        raise ResolutionSilent(
            number=resolution.number, reference=gettext("de réouverture")
        )
    row = Reopening.objects.create(
        year=year,
        closed_at=year.closed_at,
        proposal=proposal,
        resolution=resolution,
        reason=reason.strip(),
        reopened_at=by.at,
        reopened_by_id=by.user_id,
    )
    year.status, year.closed_at, year.resolution = YearEnd.Status.OPEN, None, None
    year.save()
    journal.record(
        what="closing.year.reopened",
        subject=year,
        by=by,
        year=year.label,
        resolution=resolution.number,
        reason=row.reason,
        reference=proposal.reference if proposal else "",
    )
    if proposal:
        proposal.status = Proposal.Status.REVERSING
        proposal.save(update_fields=["status"])
        # Rates of a card may come from it: then it stays frozen.
        with suppress(ModelFrozen):
            unfreeze_model(
                model_id=proposal.computation.cost_model_id, reason=row.reason, by=by
            )
        start_run(year=year, kind=Run.Kind.REVERSE, by=by)
    return row


@transaction.atomic
def start_reversing(*, proposal_id: int, by: Actor) -> Run:
    """Take up again a reversal that was stopped. Raises NotAt or RunUnderWay."""
    proposal = hold_proposal(proposal_id)
    refuse_unless_at(proposal, Proposal.Status.REVERSING)
    return start_run(year=proposal.year, kind=Run.Kind.REVERSE, by=by)


def reverse(run: Run, by: Actor, tick: Tick) -> str:
    """Write the contrary of each line of a reopened year, once."""
    proposal = Proposal.objects.get(year=run.year, status=Proposal.Status.REVERSING)
    made = Posting.objects.filter(proposal=proposal, reverses=None)
    left = list(made.filter(reversal=None).values_list("pk", flat=True))
    total = made.count()
    Run.objects.filter(pk=run.pk).update(total=total)
    for rank, pk in enumerate(left, start=total - len(left)):
        tick(rank)
        reverse_member(posting_id=pk, by=by)
    finish_reversing(proposal_id=proposal.pk, by=by)
    return ngettext(
        "%(count)s écriture contrée. L’exercice est rouvert.",
        "%(count)s écritures contrées. L’exercice est rouvert.",
        total,
    ) % {"count": total}


@transaction.atomic
def reverse_member(*, posting_id: int, by: Actor) -> Posting | None:
    """Write the contrary of a member's adjustment; None if it was written before."""
    posting = Posting.objects.select_related(
        "member_year__organisation", "member_year__computation__year"
    ).get(pk=posting_id)
    proposal = hold_proposal(posting.proposal_id)
    refuse_unless_at(proposal, Proposal.Status.REVERSING)
    if Posting.objects.filter(reverses=posting).exists():
        return None
    row, amount = posting.member_year, -posting.amount
    contrary = Posting.objects.create(
        proposal=proposal,
        member_year=row,
        amount=amount,
        invoice=_adjust(row, -amount, proposal, by) if amount else None,
        reverses=posting,
        posted_at=by.at,
    )
    journal.record(
        what="closing.member.reversed",
        subject=contrary,
        by=by,
        year=proposal.year.label,
        reference=proposal.reference,
        amount=str(amount),
        organisation=row.organisation_id,
    )
    return contrary


@transaction.atomic
def finish_reversing(*, proposal_id: int, by: Actor) -> Proposal:
    """Move the reserves back, once every member is. Raises ProposalGone or NotAt."""
    proposal = hold_proposal(proposal_id)
    refuse_unless_at(proposal, Proposal.Status.REVERSING)
    left = Posting.objects.filter(proposal=proposal, reverses=None, reversal=None)
    assert not left.exists(), "an adjustment is not taken back yet"
    ReserveMovement.objects.bulk_create(
        ReserveMovement(
            fund=row.fund,
            on=by.on,
            amount=-row.amount,
            year=proposal.year,
            proposal=proposal,
            resolution=proposal.year.reopenings.first().resolution,
            reverses=row,
        )
        for row in ReserveMovement.objects.filter(proposal=proposal, reverses=None)
    )
    proposal.status = Proposal.Status.REVERSED
    proposal.save(update_fields=["status"])
    journal.record(
        what="closing.proposal.reversed",
        subject=proposal,
        by=by,
        reference=proposal.reference,
    )
    return proposal
