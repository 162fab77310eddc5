"""Where the closing of a year stands: its steps, what blocks it, how to mend that."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext, ngettext

from partage.closing import queries
from partage.closing.models import (
    Computation,
    Proposal,
    Run,
    YearEnd,
    YearFigures,
)
from partage.closing.queries.costs import costs_of
from partage.portal import words


@dataclass(frozen=True, slots=True)
class Step:
    """One step: done or not, what is so, and where to go."""

    name: str
    done: bool
    said: str
    url: str = ""
    go: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a year is."""

    year: YearEnd
    steps: list[Step]
    totals: queries.YearTotals
    computation: Computation | None
    proposal: Proposal | None
    figures: YearFigures | None
    live: Run | None

    @property
    def current(self) -> int:
        """The first step that is not done; past the last when all are."""
        undone = (rank for rank, step in enumerate(self.steps) if not step.done)
        return next(undone, len(self.steps))

    @property
    def word(self) -> tuple[str, str]:
        """Return where it stands in a word, and its kind."""
        if self.year.status == YearEnd.Status.CLOSED:
            return gettext("clos"), "good"
        if self.proposal:
            return self.proposal.get_status_display(), "wait"
        return gettext("calculé") if self.computation else gettext("à calculer"), "wait"


def standing_of(year: YearEnd, today: date) -> Standing:
    proposal = queries.proposal_of(year)
    computation = proposal.computation if proposal else queries.last_computation(year)
    totals = queries.year_totals(year.starts_on, year.ends_on)
    figures = YearFigures.objects.filter(year=year).first()
    if year.status == YearEnd.Status.CLOSED and proposal is None:
        # Closed before years were computed here: there is nothing more to say of it.
        steps = [Step(gettext("Clos"), True, gettext("L’exercice est clos."))]
    else:
        steps = list(_steps(year, today, totals, computation, proposal, figures))
    return Standing(
        year=year,
        steps=steps,
        totals=totals,
        computation=computation,
        proposal=proposal,
        figures=figures,
        live=Run.objects.filter(year=year, status__in=Run.LIVE).first(),
    )


def _steps(year, today, totals, computation, proposal, figures) -> Iterator[Step]:
    language = get_language() or "fr"
    closed = year.status == YearEnd.Status.CLOSED
    here = reverse("finance:year", args=[year.pk])
    weeks = totals.unapproved_weeks
    yield Step(
        gettext("Heures approuvées"),
        closed or not weeks,
        ngettext(
            "%(time)s d’une semaine ne sont pas approuvées.",
            "%(time)s de %(count)s semaines ne sont pas approuvées.",
            weeks,
        )
        % {
            "count": weeks,
            "time": words.hours(totals.unapproved_minutes, language, decimals=0),
        }
        if weeks and not closed
        else gettext("Toutes les heures de l’exercice sont approuvées."),
        reverse("coordination:timesheets"),
        gettext("Approuver"),
    )
    left = [
        gettext("%(amount)s de travail n’est sur aucune facture.")
        % {"amount": words.money(totals.to_bill, language, decimals=0)}
        if totals.to_bill
        else "",
        ngettext(
            "%(count)s brouillon n’est pas émis.",
            "%(count)s brouillons ne sont pas émis.",
            totals.drafts,
        )
        % {"count": totals.drafts}
        if totals.drafts
        else "",
    ]
    waits = any(left) and not closed
    yield Step(
        gettext("Factures émises"),
        not waits,
        " ".join(filter(None, left))
        if waits
        else gettext("Tout le travail de l’exercice est facturé."),
        reverse("finance:to_bill")
        if totals.to_bill
        else reverse("finance:invoices") + "?etat=DRAFT",
        gettext("Facturer"),
    )
    costs = costs_of(year) if computation is None else None
    known = computation is not None or costs is not None
    yield Step(
        gettext("Coûts inscrits"),
        known,
        gettext("Le coût réel de l’exercice est inscrit.")
        if known
        else gettext("Le modèle de coûts réels de l’exercice n’existe pas encore."),
        reverse("finance:tariffs"),
        gettext("Inscrire les coûts"),
    )
    yield Step(
        gettext("Calculé"),
        computation is not None,
        gettext("Calcul %(number)s, du %(on)s.")
        % {
            "number": computation.number,
            "on": words.day(localtime(computation.computed_at).date(), language),
        }
        if computation
        else gettext("Les taux définitifs ne sont pas encore calculés."),
        here + "#calculer",
        gettext("Calculer"),
    )
    yield Step(
        gettext("Proposition"),
        proposal is not None,
        gettext("« %(name)s » (%(reference)s), recommandée par le conseil.")
        % {"name": proposal.name, "reference": proposal.reference}
        if proposal
        else gettext("Le conseil ne recommande encore aucun scénario.")
        if figures
        else gettext("L’avoir et les dettes de fin d’exercice manquent pour proposer."),
        reverse("finance:proposals", args=[year.pk]) if figures else here + "#bilan",
        gettext("Proposer") if figures else gettext("Inscrire le bilan"),
    )
    decided = proposal is not None and proposal.status in Proposal.DECIDED
    meeting = proposal.meeting if proposal else None
    yield Step(
        gettext("Résolution"),
        decided,
        gettext("Résolution %(number)s du %(on)s.")
        % {
            "number": proposal.resolution.number,
            "on": words.day(proposal.resolution.meeting.held_on, language),
        }
        if decided
        else gettext("À l’ordre du jour de l’assemblée du %(on)s.")
        % {"on": words.day(meeting.held_on, language)}
        if meeting
        else gettext("L’assemblée générale n’a pas encore décidé."),
        reverse("finance:proposal", args=[year.pk, proposal.pk]) if proposal else "",
        gettext("Voir la proposition"),
    )
    posted = proposal is not None and proposal.status == Proposal.Status.POSTED
    yield Step(
        gettext("Écrit"),
        posted,
        gettext("Ajustements, réserves et report sont écrits ; l’exercice est clos.")
        if posted
        else gettext("Rien n’est écrit avant la résolution."),
        here + "#ecrire" if decided else "",
        gettext("Écrire"),
    )
