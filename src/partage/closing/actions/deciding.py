"""From scenarios to what a general meeting resolved."""

from decimal import Decimal

from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from partage.closing.actions.computing import (
    FiguresMissing,
    NothingComputed,
    refuse_unless_open,
)
from partage.closing.actions.running import hold_year
from partage.closing.models import ClosingRule, Proposal, YearFigures
from partage.closing.queries.reserves import held
from partage.closing.queries.years import last_computation, rules_on
from partage.governance.models import Meeting, Resolution
from partage.governance.queries import cooperative
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.rules.surplus import Choice, Position, dispose
from partage.rules.trueup import SurplusRules, next_rate_change

OF_MEMBERS = (Meeting.Body.GENERAL, Meeting.Body.SPECIAL)


class AnotherRuleFollows(ActionRefused):
    sentence = _(
        "Une règle commence déjà le %(on)s. Choisissez une date après celle-là : "
        "ce qui a été en vigueur ne se réécrit pas."
    )
    field = "starts_on"


class NotAFraction(ActionRefused):
    sentence = _("Une part va de zéro à cent pour cent. Corrigez-la.")
    field = "value"


class RuleMissing(ActionRefused):
    sentence = _(
        "La règle « %(rule)s » n’est pas inscrite pour cet exercice. "
        "Inscrivez-la dans Administration, Paramètres, avec sa source."
    )


class TooMuchShared(ActionRefused):
    sentence = _(
        "Les parts ajustée, reportée et en ristournes font plus de cent pour cent de "
        "ce qui dépasse la bande. Réduisez-en une."
    )
    field = "adjusted_share"


class RebatesLocked(ActionRefused):
    sentence = _(
        "Les statuts interdisent les ristournes : ce chemin est fermé. Rendez le "
        "surplus par un ajustement de prix, les prochains taux ou la réserve."
    )
    field = "rebates_share"


class HoursExpectedMissing(ActionRefused):
    sentence = _(
        "Un report aux prochains taux se divise par les heures prévues. Donnez-les."
    )
    field = "expected_minutes"


class ProposalGone(ActionRefused):
    sentence = _("Cette proposition n’existe plus. Revenez à l’exercice.")


class ProposalOutdated(ActionRefused):
    sentence = _(
        "La proposition %(reference)s repose sur un calcul plus ancien que le dernier. "
        "Refaites-la sur le calcul %(number)s."
    )


class NotAt(ActionRefused):
    sentence = _(
        "La proposition %(reference)s est « %(status)s » : ce geste n’est plus ou pas "
        "encore possible. Rechargez la page pour voir où elle en est."
    )


class MeetingMissing(ActionRefused):
    sentence = _("Choisissez une assemblée à venir, ou inscrivez-la au registre.")
    field = "meeting"


class NotAGeneralMeeting(ActionRefused):
    sentence = _(
        "%(body)s : seule l’assemblée générale des membres décide du surplus. "
        "Choisissez une résolution d’une assemblée générale ou extraordinaire."
    )
    field = "resolution"


class ResolutionMissing(ActionRefused):
    sentence = _(
        "Rien ne s’écrit sans une résolution adoptée de l’assemblée générale. "
        "Choisissez-la, ou demandez au conseil de l’inscrire au registre."
    )
    field = "resolution"


class ResolutionRejected(ActionRefused):
    sentence = _(
        "La résolution %(number)s a été rejetée : elle ne permet rien. "
        "Proposez autre chose à l’assemblée."
    )
    field = "resolution"


class ResolutionSilent(ActionRefused):
    sentence = _(
        "La résolution %(number)s ne nomme pas la proposition %(reference)s. "
        "Choisissez celle dont le texte la nomme."
    )
    field = "resolution"


class ResolutionTooEarly(ActionRefused):
    sentence = _(
        "La résolution %(number)s est antérieure à cette proposition : l’assemblée ne "
        "l’avait pas sous les yeux. Choisissez une résolution prise depuis."
    )
    field = "resolution"


@transaction.atomic
def set_closing_rule(*, code: str, value: Decimal, starts_on, source: str, by: Actor):
    """Set a figure of the law or of the by-laws from a date.

    Raises AnotherRuleFollows or NotAFraction.
    """
    if not 0 <= value <= 1:
        raise NotAFraction
    last = (
        ClosingRule.objects.select_for_update()
        .filter(code=code)
        .order_by("-starts_on")
        .first()
    )
    if last and starts_on <= last.starts_on:
        raise AnotherRuleFollows(on=last.starts_on)
    row = ClosingRule.objects.create(
        code=code, value=value, starts_on=starts_on, source=source.strip()
    )
    journal.record(
        what="closing.rule.set",
        subject=row,
        by=by,
        code=code,
        value=str(value),
        before=str(last.value) if last else "",
        on=starts_on.isoformat(),
        source=row.source,
    )
    return row


def surplus_rules(rules: dict[str, ClosingRule], *, rebates_allowed: bool):
    """Return the rules that art. 146 is applied with. Raises RuleMissing."""
    for code in ClosingRule.Code:
        if code not in rules:
            raise RuleMissing(rule=code.label)
    return SurplusRules(
        reserve=rules["RESERVE"].value,
        further=rules["FURTHER"].value,
        equity_of_debts=rules["EQUITY_OF_DEBTS"].value,
        rebates_allowed=rebates_allowed,
    )


@transaction.atomic
def make_proposal(
    *,
    year_id: int,
    name: str,
    adjusted_share: Decimal,
    carried_share: Decimal,
    rebates_share: Decimal = Decimal(0),
    band: Decimal | None = None,
    expected_minutes: int | None = None,
    note: str = "",
    by: Actor,
) -> Proposal:
    """Add a scenario: what to do with the surplus or deficit of the last computation.

    Shares are fractions of what is beyond the band. Without `band`, it is that of the
    rule in force at the end of the year; without `expected_minutes`, next year sells
    what this one sold.

    Raises YearGone, YearAlreadyClosed, ProposalGoesForward, NothingComputed,
    FiguresMissing, RuleMissing, RebatesLocked, TooMuchShared, NotAFraction or
    HoursExpectedMissing.
    """
    year = hold_year(year_id)
    refuse_unless_open(year)
    computation = last_computation(year)
    if computation is None:
        raise NothingComputed
    figures = YearFigures.objects.filter(year=year).first()
    if figures is None:
        raise FiguresMissing
    coop, rows = cooperative(), rules_on(year.ends_on)
    rules = surplus_rules(rows, rebates_allowed=not coop.rebates_forbidden)
    if rebates_share and coop.rebates_forbidden:
        raise RebatesLocked
    if adjusted_share + carried_share + rebates_share > 1:
        raise TooMuchShared
    if expected_minutes is None:
        expected_minutes = computation.minutes
    if carried_share and not expected_minutes:
        raise HoursExpectedMissing
    if band is None:
        band = rows["BAND"].value
    try:
        choice = Choice(band, adjusted_share, carried_share, rebates_share)
    except ValueError:
        raise NotAFraction from None
    funds = held()
    position = Position(
        cost=computation.cost,
        equity=figures.equity,
        debts=figures.debts,
        reserve=funds["RESERVE"],
        stabilisation=funds["STABILISATION"],
    )
    made = dispose(computation.surplus, choice, position, rules)
    number = Proposal.objects.filter(year=year).count() + 1
    proposal = Proposal.objects.create(
        computation=computation,
        year=year,
        reference=f"P-{year.label}-{number}",
        name=name.strip(),
        band=band,
        adjusted_share=adjusted_share,
        carried_share=carried_share,
        rebates_share=rebates_share,
        surplus=made.surplus,
        adjusted=made.adjusted,
        stabilisation=made.stabilisation,
        carried=made.carried,
        reserve=made.reserve,
        rebates=made.rebates,
        expected_minutes=expected_minutes,
        rate_change=(
            next_rate_change(made.carried, minutes=expected_minutes)
            if made.carried
            else Decimal(0)
        ),
        basis=_basis(rows, rules, position),
        note=note.strip(),
        made_at=by.at,
        made_by_id=by.user_id,
    )
    _tell(proposal, "made", by, name=proposal.name)
    return proposal


def _basis(rows, rules: SurplusRules, position: Position) -> dict:
    """Keep what the proposal was computed from, as JSON: decimals are texts."""
    return {
        "rules": {
            code: {
                "value": str(row.value),
                "source": row.source,
                "since": row.starts_on.isoformat(),
            }
            for code, row in rows.items()
        },
        "rebates_allowed": rules.rebates_allowed,
        "equity": str(position.equity),
        "debts": str(position.debts),
        "reserve": str(position.reserve),
        "stabilisation": str(position.stabilisation),
        "cost": str(position.cost),
    }


def _tell(proposal: Proposal, what: str, by: Actor, **more) -> None:
    journal.record(
        what=f"closing.proposal.{what}",
        subject=proposal,
        by=by,
        reference=proposal.reference,
        **more,
    )


def hold_proposal(proposal_id: int) -> Proposal:
    """Return the proposal, its year locked until commit. Raises ProposalGone."""
    found = Proposal.objects.filter(pk=proposal_id).values_list("year_id", flat=True)
    year_id = found.first()
    if year_id is None:
        raise ProposalGone
    hold_year(year_id)
    return Proposal.objects.select_related(
        "year", "computation", "resolution__meeting", "meeting"
    ).get(pk=proposal_id)


def refuse_unless_at(proposal: Proposal, *statuses: str) -> None:
    if proposal.status not in statuses:
        raise NotAt(reference=proposal.reference, status=proposal.get_status_display())


@transaction.atomic
def remove_scenario(*, proposal_id: int, by: Actor) -> None:
    """Throw a scenario away that nobody chose. Raises ProposalGone or NotAt."""
    proposal = hold_proposal(proposal_id)
    refuse_unless_at(proposal, Proposal.Status.DRAFT)
    _tell(proposal, "removed", by, name=proposal.name)
    proposal.delete()


@transaction.atomic
def recommend(*, proposal_id: int, note: str = "", by: Actor) -> Proposal:
    """Let the board recommend a scenario: what it says changes no more.

    Raises ProposalGone, NotAt, YearAlreadyClosed, ProposalGoesForward or
    ProposalOutdated.
    """
    proposal = hold_proposal(proposal_id)
    refuse_unless_at(proposal, Proposal.Status.DRAFT)
    refuse_unless_open(proposal.year)
    last = last_computation(proposal.year)
    if last != proposal.computation:
        raise ProposalOutdated(reference=proposal.reference, number=last.number)
    proposal.status = Proposal.Status.RECOMMENDED
    proposal.recommended_at, proposal.recommended_by_id = by.at, by.user_id
    if note.strip():
        proposal.note = note.strip()
    proposal.save()
    _tell(proposal, "recommended", by, note=note.strip())
    return proposal


@transaction.atomic
def withdraw(*, proposal_id: int, reason: str, by: Actor) -> Proposal:
    """Take a recommendation back, before the meeting decided.

    Raises ProposalGone or NotAt.
    """
    proposal = hold_proposal(proposal_id)
    refuse_unless_at(proposal, Proposal.Status.RECOMMENDED, Proposal.Status.ON_AGENDA)
    proposal.status, proposal.meeting = Proposal.Status.DRAFT, None
    proposal.recommended_at = proposal.recommended_by = None
    proposal.save()
    _tell(proposal, "withdrawn", by, reason=reason.strip())
    return proposal


@transaction.atomic
def put_on_agenda(*, proposal_id: int, meeting_id: int | None, by: Actor) -> Proposal:
    """Put the recommended proposal on the agenda of a general meeting to come.

    Raises ProposalGone, NotAt, MeetingMissing or NotAGeneralMeeting.
    """
    proposal = hold_proposal(proposal_id)
    refuse_unless_at(proposal, Proposal.Status.RECOMMENDED, Proposal.Status.ON_AGENDA)
    meeting = Meeting.objects.filter(pk=meeting_id).first()
    if meeting is None or meeting.held_on < by.on:
        raise MeetingMissing
    if meeting.body not in OF_MEMBERS:
        raise NotAGeneralMeeting(body=meeting.get_body_display().capitalize())
    proposal.meeting, proposal.status = meeting, Proposal.Status.ON_AGENDA
    proposal.save(update_fields=["meeting", "status"])
    _tell(proposal, "put_on_agenda", by, on=meeting.held_on.isoformat())
    return proposal


def refuse_resolution(
    resolution_id: int | None, *, since, reference: str = ""
) -> Resolution:
    """Return an adopted resolution of the general meeting that names a proposal.

    Raises ResolutionMissing, ResolutionRejected, NotAGeneralMeeting,
    ResolutionTooEarly or ResolutionSilent.
    """
    resolution = (
        Resolution.objects.select_related("meeting").filter(pk=resolution_id).first()
    )
    if resolution is None:
        raise ResolutionMissing
    if not resolution.adopted:
        raise ResolutionRejected(number=resolution.number)
    if resolution.meeting.body not in OF_MEMBERS:
        body = resolution.meeting.get_body_display().capitalize()
        raise NotAGeneralMeeting(body=body)
    if resolution.meeting.held_on < since:
        raise ResolutionTooEarly(number=resolution.number)
    if reference not in resolution.text:
        raise ResolutionSilent(number=resolution.number, reference=reference)
    return resolution


@transaction.atomic
def adopt(*, proposal_id: int, resolution_id: int | None, by: Actor) -> Proposal:
    """Write down the resolution by which the general meeting adopted the proposal.

    Raises ProposalGone, NotAt, and the refusals of `refuse_resolution`.
    """
    proposal = hold_proposal(proposal_id)
    refuse_unless_at(proposal, Proposal.Status.RECOMMENDED, Proposal.Status.ON_AGENDA)
    resolution = refuse_resolution(
        resolution_id,
        since=localtime(proposal.recommended_at).date(),
        reference=proposal.reference,
    )
    proposal.resolution, proposal.meeting = resolution, resolution.meeting
    proposal.status = Proposal.Status.ADOPTED
    proposal.save(update_fields=["resolution", "meeting", "status"])
    _tell(proposal, "adopted", by, resolution=resolution.number)
    return proposal
