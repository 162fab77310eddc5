"""Measure a year at its final rates, freeze it, and measure it again to compare."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partage.closing.actions.running import Tick, hold_year, start_run
from partage.closing.models import (
    Computation,
    FinalRate,
    MemberLine,
    MemberYear,
    Proposal,
    Run,
    YearEnd,
    YearFigures,
)
from partage.closing.queries.costs import YearCosts, costs_of
from partage.closing.queries.entries import (
    Stream,
    entries_about,
    organisation_and_province,
    sold_minutes,
)
from partage.closing.queries.years import cards_of, last_computation
from partage.experts.models import Field, Level
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.rules.costing import Pool
from partage.rules.money import ZERO
from partage.rules.trueup import NoFinalRate, TrueUp, tally, true_up
from partage.tariffs.actions import set_sold_hours

AT_ONCE = 500  # members written in one go


class YearNotOver(ActionRefused):
    sentence = _(
        "L’exercice n’est pas terminé : son dernier jour est le %(on)s. "
        "Il pourra être calculé le lendemain."
    )


class YearAlreadyClosed(ActionRefused):
    sentence = _(
        "Cet exercice est clos et ne change plus. "
        "Pour le corriger, faites-le rouvrir par une résolution."
    )


class ProposalGoesForward(ActionRefused):
    sentence = _(
        "Le conseil recommande déjà la proposition %(reference)s. "
        "Qu’il la retire d’abord : un nouveau calcul la rendrait fausse."
    )


class FiguresMissing(ActionRefused):
    sentence = _(
        "L’avoir et les dettes de fin d’exercice manquent. "
        "Inscrivez-les d’après les états financiers, puis proposez."
    )


class CostsMissing(ActionRefused):
    sentence = _(
        "Les coûts réels de l’exercice ne sont pas inscrits. "
        "Inscrivez-les dans Finances, Coûts, puis calculez."
    )


class CostsMissingOfPool(ActionRefused):
    sentence = _(
        "Des heures sont vendues en %(field)s (%(level)s), et le modèle de coûts réels "
        "n’y donne aucun taux. Inscrivez-y la part d’une personne, puis calculez."
    )


class CardMissing(ActionRefused):
    sentence = _(
        "Aucune grille tarifaire n’est en vigueur au début de l’exercice. "
        "Inscrivez-la dans Finances, Coûts, puis calculez."
    )


class CardNotAdopted(ActionRefused):
    sentence = _(
        "La %(card)s n’est adoptée par aucune résolution : ses taux provisoires "
        "n’engagent personne. Faites-la adopter par le conseil, puis calculez."
    )


class MadeElsewhere(ActionRefused):
    sentence = _(
        "Ce calcul vient d’un autre logiciel : ses heures et ses factures ne sont pas "
        "ici, et il ne se refait pas. Ses relevés et ses contrôles restent."
    )


class NothingSold(ActionRefused):
    sentence = _(
        "Aucune heure n’est vendue dans cet exercice : il n’y a rien à répartir."
    )


class NegativeDebts(ActionRefused):
    sentence = _(
        "Les dettes se donnent au-dessus de zéro, sans signe. Corrigez le montant."
    )
    field = "debts"


class NegativeEquity(ActionRefused):
    sentence = _(
        "L’avoir est négatif : la coopérative devrait plus qu’elle ne possède. Si les "
        "états financiers le disent bien, cochez « L’avoir est bien négatif »."
    )
    field = "equity"


@transaction.atomic
def open_year(*, starts_on: date, ends_on: date, by: Actor) -> YearEnd:
    """Begin to prepare the closing of a fiscal year. Raises YearNotOver."""
    if by.on <= ends_on:
        raise YearNotOver(on=ends_on)
    year, made = YearEnd.objects.get_or_create(
        starts_on=starts_on, defaults={"ends_on": ends_on}
    )
    if made:
        journal.record(what="closing.year.opened", subject=year, by=by, year=year.label)
    return year


def refuse_unless_open(year: YearEnd) -> None:
    """Raise YearAlreadyClosed, or ProposalGoesForward: its figures stand still."""
    if year.status == YearEnd.Status.CLOSED:
        raise YearAlreadyClosed
    chosen = Proposal.objects.filter(year=year, status__in=Proposal.CHOSEN).first()
    if chosen:
        raise ProposalGoesForward(reference=chosen.reference)


@transaction.atomic
def set_figures(
    *,
    year_id: int,
    equity: Decimal,
    debts: Decimal,
    source: str,
    negative_equity: bool = False,
    by: Actor,
) -> YearFigures:
    """Write down what the financial statements say at the end of a year.

    A negative equity is refused, unless `negative_equity` says that it is meant.

    Raises YearGone, YearAlreadyClosed, ProposalGoesForward, NegativeDebts or
    NegativeEquity.
    """
    year = hold_year(year_id)
    refuse_unless_open(year)
    if debts < 0:
        raise NegativeDebts
    if equity < 0 and not negative_equity:
        raise NegativeEquity
    figures, _made = YearFigures.objects.update_or_create(
        year=year,
        defaults={
            "equity": equity,
            "debts": debts,
            "source": source.strip(),
        },
    )
    journal.record(
        what="closing.figures.set",
        subject=year,
        by=by,
        equity=str(equity),
        debts=str(debts),
        source=source.strip(),
    )
    return figures


@transaction.atomic
def start_computing(*, year_id: int, by: Actor) -> Run:
    """Have the year measured at its final rates.

    Raises YearGone, YearNotOver, YearAlreadyClosed, ProposalGoesForward, CardMissing,
    CardNotAdopted, CostsMissing or RunUnderWay.
    """
    year = hold_year(year_id)
    if by.on <= year.ends_on:
        raise YearNotOver(on=year.ends_on)
    refuse_unless_open(year)
    refuse_without_inputs(year)
    return start_run(year=year, kind=Run.Kind.COMPUTE, by=by)


@transaction.atomic
def start_checking(*, year_id: int, by: Actor) -> Run:
    """Have the last computation made again, to compare.

    Raises YearGone, MadeElsewhere or RunUnderWay.
    """
    year = hold_year(year_id)
    last = last_computation(year)
    if last and last.is_brought:
        raise MadeElsewhere
    return start_run(year=year, kind=Run.Kind.CHECK, by=by)


def refuse_without_inputs(year: YearEnd) -> None:
    cards = cards_of(year.starts_on, year.ends_on)
    if not cards:
        raise CardMissing
    for card in cards:
        if card.resolution_id is None:
            raise CardNotAdopted(card=card.name)
    if costs_of(year) is None:
        raise CostsMissing


@dataclass(frozen=True, slots=True)
class Measured:
    """A year as it is now: nothing of it is written yet."""

    trued: TrueUp
    stream: Stream
    costs: YearCosts
    cards: str

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of what the year is made from, to the minute and the cent."""
        found = hashlib.sha256()

        def add(*facts: object) -> None:
            found.update(("\t".join(map(str, facts)) + "\n").encode())

        add("full cost", self.costs.total, "funding", self.costs.funding)
        for pool, rate in sorted(self.costs.rates.items()):
            add("rate", pool.field, pool.level, rate)
        for member in self.trued.members:
            for line in member.lines:
                add(
                    member.member,
                    line.pool.field,
                    line.pool.level,
                    line.provisional,
                    line.minutes,
                    line.charged,
                )
        return found.hexdigest()


def measure(year: YearEnd, tick: Tick = lambda done: None) -> Measured:
    """Read the year's entries once, and charge the same minutes at the final rates.

    Raises the refusals of `refuse_without_inputs`, CostsMissingOfPool or NothingSold.
    """
    refuse_without_inputs(year)
    costs = costs_of(year)
    stream = Stream(year.starts_on, year.ends_on, tick)
    charged = tally(stream)
    try:
        trued = true_up(charged, costs.rates, cost=costs.to_bear)
    except NoFinalRate as missing:
        raise CostsMissingOfPool(
            field=Field.objects.get(pk=int(missing.pool.field)).name,
            level=Level(missing.pool.level).label,
        ) from None
    except ValueError:
        raise NothingSold from None
    cards = ", ".join(card.name for card in cards_of(year.starts_on, year.ends_on))
    return Measured(trued, stream, costs, cards[:200])


def compute(run: Run, by: Actor, tick: Tick) -> str:
    """Do what start_computing asked for; all of it is written, or nothing."""
    year = run.year
    Run.objects.filter(pk=run.pk).update(
        total=entries_about(year.starts_on, year.ends_on)
    )
    _tell_costs_what_was_sold(year, by)
    found = measure(year, tick)
    made = freeze(year_id=year.pk, found=found, by=by)
    return gettext("Calcul %(number)s : %(members)s années de membres.") % {
        "number": made.number,
        "members": made.members,
    }


def _tell_costs_what_was_sold(year: YearEnd, by: Actor) -> None:
    """Bring the hours of the actual cost model to those of the time sheets.

    Costs that are shared by hours follow them. A frozen model stays as it is.
    """
    costs = costs_of(year)
    if costs is None or costs.model.frozen_at:
        return
    sold = sold_minutes(year.starts_on, year.ends_on)
    known = {
        (field_id, level): minutes
        for field_id, level, minutes in costs.model.hours.values_list(
            "field_id", "level", "minutes"
        )
    }
    if known != sold:
        set_sold_hours(
            model_id=costs.model.pk,
            minutes=sold,
            source=gettext("Feuilles de temps, clôture de l’exercice"),
            by=by,
        )


@transaction.atomic
def freeze(*, year_id: int, found: Measured, by: Actor) -> Computation:
    """Write what was measured; it never changes after.

    Raises YearGone, YearAlreadyClosed or ProposalGoesForward.
    """
    year = hold_year(year_id)
    refuse_unless_open(year)
    last = last_computation(year)
    trued = found.trued
    made = Computation.objects.create(
        year=year,
        number=last.number + 1 if last else 1,
        computed_at=by.at,
        computed_by_id=by.user_id,
        entries=found.stream.read,
        members=len({organisation_and_province(m.member)[0] for m in trued.members}),
        minutes=found.stream.minutes,
        charged=trued.charged,
        to_invoice=found.stream.to_invoice,
        full_cost=found.costs.total,
        funding=found.costs.funding,
        cost=trued.cost,
        surplus=trued.surplus,
        cost_model=found.costs.model,
        cards=found.cards,
        fingerprint=found.fingerprint,
    )
    _freeze_rates(made, found)
    _freeze_members(made, trued)
    journal.record(
        what="closing.year.computed",
        subject=year,
        by=by,
        year=year.label,
        number=made.number,
        charged=str(made.charged),
        cost=str(made.cost),
        surplus=str(made.surplus),
    )
    return made


def _freeze_rates(made: Computation, found: Measured) -> None:
    sums: dict[Pool, list] = defaultdict(lambda: [0, ZERO, ZERO])
    for member in found.trued.members:
        for line in member.lines:
            sold = sums[line.pool]
            sold[0] += line.minutes
            sold[1] += line.charged
            sold[2] += line.final
    FinalRate.objects.bulk_create(
        FinalRate(
            computation=made,
            field_id=int(pool.field),
            level=pool.level,
            minutes=minutes,
            charged=charged,
            final=final,
            rate=found.costs.rates.get(pool, ZERO),
        )
        for pool, (minutes, charged, final) in sorted(sums.items())
    )


def _freeze_members(made: Computation, trued: TrueUp) -> None:
    """Write the members a few hundred at a time: what is held does not pile up."""
    for start in range(0, len(trued.members), AT_ONCE):
        some = trued.members[start : start + AT_ONCE]
        years = MemberYear.objects.bulk_create(
            _member_year(made, member) for member in some
        )
        MemberLine.objects.bulk_create(
            MemberLine(
                year=row,
                field_id=int(line.pool.field),
                level=line.pool.level,
                minutes=line.minutes,
                provisional=line.provisional,
                charged=line.charged,
                rate=line.rate,
                final=line.final,
            )
            for row, member in zip(years, some, strict=True)
            for line in member.lines
        )


def _member_year(made: Computation, member) -> MemberYear:
    organisation_id, province = organisation_and_province(member.member)
    return MemberYear(
        computation=made,
        organisation_id=organisation_id,
        province=province,
        minutes=member.minutes,
        charged=member.charged,
        at_rates=member.final - member.remainder,
        remainder=member.remainder,
        adjustment=member.adjustment,
    )


def check(run: Run, by: Actor, tick: Tick) -> str:
    """Measure the year again and say whether it is still what was frozen."""
    year = run.year
    last = last_computation(year)
    if last is None:
        raise NothingComputed
    Run.objects.filter(pk=run.pk).update(total=last.entries)
    differences = compare(last, measure(year, tick))
    journal.record(
        what="closing.year.checked",
        subject=year,
        by=by,
        number=last.number,
        differences=differences,
    )
    if not differences:
        return gettext(
            "Le calcul %(number)s refait donne les mêmes chiffres, à la minute et au "
            "cent près (%(entries)s lignes lues)."
        ) % {"number": last.number, "entries": last.entries}
    return gettext("L’exercice a bougé depuis le calcul %(number)s : %(what)s") % {
        "number": last.number,
        "what": " · ".join(differences),
    }


class NothingComputed(ActionRefused):
    sentence = _("Cet exercice n’est pas encore calculé. Calculez-le d’abord.")


def compare(last: Computation, found: Measured) -> list[str]:
    """Return what differs between what was frozen and what is, in words."""
    if last.fingerprint == found.fingerprint:
        return []
    pairs = [
        (gettext("minutes"), last.minutes, found.stream.minutes),
        (gettext("facturé"), last.charged, found.trued.charged),
        (gettext("coût complet"), last.full_cost, found.costs.total),
        (gettext("financement d’ailleurs"), last.funding, found.costs.funding),
    ]
    said = [
        gettext("%(what)s : %(before)s, maintenant %(now)s")
        % {"what": what, "before": before, "now": now}
        for what, before, now in pairs
        if before != now
    ]
    # The totals may agree and the detail not.
    return said or [gettext("le détail par membre, domaine ou taux")]
