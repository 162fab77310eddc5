"""The journal in words: what happened to a thing, as each audience may read it.

To tell of a new act, add one line to SENTENCES: `what` → Sentence. The %(names)s
are the entry's details. Without `told`, the act is never told to members: no
internal note, no other member, no ranking can reach them by being forgotten.
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from partage.journal.models import Entry
from partage.members.models import ShareMovement
from partage.people.models import Role
from partage.portal.templatetags.house import (
    day,
    hours,
    minutes,
    money,
    number,
    percent,
    weekday,
)

Words = str | Promise | Callable[[dict], str]
DATE = re.compile(r"\d{4}-\d\d-\d\d")
DECIMAL = re.compile(r"-?\d+\.\d+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """`words` for those who work here; `told` for the member; None keeps it inside."""

    words: Words
    told: Words | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a story, as parts/story.html shows it."""

    at: datetime
    words: str
    who: str


def _filed(details: dict) -> str:
    return {
        "PORTAL": gettext("Demande déposée sur le portail."),
        "COORDINATION": gettext("Demande inscrite par la coordination."),
        "FIRST_LINE": gettext("Demande référée par la première ligne."),
        "IMPORT": gettext("Demande importée."),
    }.get(details.get("channel", ""), gettext("Demande déposée."))


def _triaged(details: dict) -> str:
    parts = len(details.get("after", ()))
    time = hours(details.get("minutes", 0), 1)
    if parts > 1:
        return gettext(
            "Triée : spécialisée, %(parts)s volets, %(hours)s probables. %(reason)s"
        ) % {**details, "parts": parts, "hours": time}
    return gettext("Triée : spécialisée, %(hours)s probables. %(reason)s") % {
        **details,
        "hours": time,
    }


def _closed(details: dict) -> str:
    words = gettext("Mandat clos.")
    if lessons := details["lessons"] or 0:
        words = ngettext(
            "Mandat clos, %(lessons)s leçon versée au réservoir.",
            "Mandat clos, %(lessons)s leçons versées au réservoir.",
            lessons,
        ) % {"lessons": lessons}
    return f"{words} {details['reason']}".strip()


def _reused(details: dict) -> str:
    words = gettext("A resservi à %(served)s.") % details
    if details["agreement"]:
        words += " " + gettext("Accord : %(agreement)s.") % details
    return words


def _deliverable(details: dict) -> str:
    if details.get("version", 1) > 1:
        return gettext("« %(title)s » livré, version %(version)s.") % details
    return gettext("« %(title)s » livré.") % details


def _offer_changed(details: dict) -> str:
    return gettext("Offre %(offer)s modifiée : de %(before)s à %(after)s.") % {
        "offer": details["offer"],
        "before": money(Decimal(details["net_before"] or 0)),
        "after": money(Decimal(details["net"] or 0)),
    }


def _time_written(details: dict) -> str:
    cells = details["cells"] or []
    said = [
        gettext("%(day)s : %(before)s → %(after)s")
        % {
            "day": weekday(date.fromisoformat(cell["on"])),
            "before": minutes(cell["before"]),
            "after": minutes(cell["after"]),
        }
        for cell in cells[:3]
    ]
    if len(cells) > 3:
        said.append(gettext("%(count)s de plus") % {"count": len(cells) - 3})
    return gettext("Heures écrites. %(cells)s.") % {"cells": " ; ".join(said)}


def _travel(words: Words) -> Callable[[dict], str]:
    """Say a trip or an expense with its day, its km and its dollars in words."""

    def said(details: dict) -> str:
        facts = {
            "on": day(date.fromisoformat(details["on"])),
            "km": number(Decimal(details["km"] or 0)),
            "amount": money(Decimal(details["amount"] or 0)),
        }
        return str(words) % facts

    return said


def _roles(details: dict) -> str:
    names = [str(Role(one).label) for one in details.get("after") or () if one in Role]
    if not names:
        return gettext("Plus aucun rôle.")
    return gettext("Rôles : %(roles)s.") % {"roles": ", ".join(names)}


def _powers(details: dict) -> str:
    words = {
        "can_request": gettext("demander"),
        "can_sign": gettext("signer"),
        "can_vote": gettext("voter"),
        "can_refer": gettext("référer"),
    }
    given = [word for power, word in words.items() if details.get(power)]
    return gettext("Pouvoirs donnés : %(powers)s.") % {"powers": ", ".join(given)}


def _shares(details: dict) -> str:
    try:
        kind = str(ShareMovement.Kind(details.get("kind")).label)
        paid = money(Decimal(details.get("paid") or 0))
    except (ValueError, ArithmeticError):
        return gettext("Mouvement de parts.")
    return gettext("%(kind)s : %(quantity)s parts, %(paid)s versés.") % {
        "kind": kind.capitalize(),
        "quantity": details.get("quantity", 0),
        "paid": paid,
    }


def _bank(details: dict) -> str:
    return gettext("Banque de %(hours)s ajoutée.") % {
        "hours": hours(details.get("minutes") or 0, 1)
    }


def _sold(details: dict) -> str:
    return gettext("Heures du modèle de coûts écrites : %(hours)s. %(source)s") % {
        "hours": hours(details.get("minutes") or 0, 0),
        "source": details.get("source") or "",
    }


SENTENCES: dict[str, Sentence] = {
    "needs.need.filed": Sentence(_filed, _filed),
    "needs.attachment.added": Sentence(
        _("« %(name)s » joint à la demande."), _("« %(name)s » joint à la demande.")
    ),
    "needs.need.triaged": Sentence(
        _triaged, _("Triée : nos spécialistes s’en occupent.")
    ),
    "needs.need.referred_back": Sentence(
        _("Retournée en première ligne. %(reason)s"),
        _("Confiée à la première ligne. %(reason)s"),
    ),
    "needs.need.answered": Sentence(
        _("Répondue par « %(title)s », du réservoir. %(reason)s"),
        _("Répondue par « %(title)s », du réservoir. %(reason)s"),
    ),
    "needs.need.withdrawn": Sentence(
        _("Demande retirée. %(reason)s"), _("Demande retirée. %(reason)s")
    ),
    "planning.assignment.proposed": Sentence(_("Proposée à %(expert)s.")),
    "planning.assignment.accepted": Sentence(
        _("%(expert)s a accepté."), _("Nous avons trouvé la bonne personne.")
    ),
    "planning.assignment.declined": Sentence(_("%(expert)s a décliné. %(answer)s")),
    "planning.assignment.withdrawn": Sentence(
        _("L’affectation de %(expert)s est retirée. %(answer)s")
    ),
    "planning.assignment.moved": Sentence(_("Les semaines de %(expert)s ont changé.")),
    "planning.assignment.fixed": Sentence(_("L’affectation de %(expert)s est fixée.")),
    "planning.assignment.freed": Sentence(
        _("L’affectation de %(expert)s peut de nouveau bouger.")
    ),
    "planning.assignment.handed": Sentence(
        _("L’affectation de %(expert)s est passée à quelqu’un d’autre.")
    ),
    "planning.handover.asked": Sentence(
        _("Passation demandée, de %(giver)s à %(taker)s. %(reason)s")
    ),
    "planning.handover.agreed": Sentence(
        _("Un accord est donné à la passation de %(giver)s à %(taker)s.")
    ),
    "planning.handover.approved": Sentence(
        _("La passation de %(giver)s à %(taker)s est approuvée.")
    ),
    "planning.handover.done": Sentence(
        _("Passation faite, de %(giver)s à %(taker)s."),
        _("Une autre personne de notre équipe reprend ce travail."),
    ),
    "planning.handover.refused": Sentence(
        _("La passation de %(giver)s à %(taker)s est refusée. %(answer)s")
    ),
    "planning.handover.cancelled": Sentence(
        _("La passation de %(giver)s à %(taker)s est annulée.")
    ),
    "planning.plan.asked": Sentence(_("Plan demandé.")),
    "planning.plan.found": Sentence(_("Plan trouvé : %(changes)s changements.")),
    "planning.plan.stopped": Sentence(_("Calcul du plan arrêté.")),
    "planning.plan.decided": Sentence(
        _(
            "Plan décidé : %(given)s faits, %(asked)s à l’accord des personnes, "
            "%(refused)s écartés, %(stale)s dépassés."
        )
    ),
    "planning.weights.set": Sentence(_("Pondérations changées. %(reason)s")),
    "experts.expert.added": Sentence(_("Dossier d’expert ouvert.")),
    "experts.expert.changed": Sentence(_("Profil d’expert modifié.")),
    "experts.skill.set": Sentence(_("Compétence modifiée.")),
    "experts.licence.added": Sentence(_("Permis consigné : %(order)s, %(province)s.")),
    "experts.schedule.set": Sentence(_("Nouvel horaire à partir du %(starts_on)s.")),
    "experts.absence.added": Sentence(_("Absence consignée.")),
    "experts.absence.removed": Sentence(_("Absence retirée.")),
    "experts.conflict.declared": Sentence(
        _("Conflit d’intérêts déclaré : %(organisation)s.")
    ),
    "experts.conflict.waived": Sentence(
        _("Conflit d’intérêts levé : %(organisation)s. %(waiver)s")
    ),
    "experts.conflict.ended": Sentence(
        _("Conflit d’intérêts terminé : %(organisation)s.")
    ),
    "mandates.offer.drafted": Sentence(_("Offre %(offer)s mise en chantier.")),
    "mandates.offer.changed": Sentence(_offer_changed),
    "mandates.offer.sent": Sentence(
        _("Offre %(offer)s envoyée."), _("Offre %(offer)s envoyée.")
    ),
    "mandates.offer.withdrawn": Sentence(
        _("Offre %(offer)s retirée. %(reason)s"), _("Offre %(offer)s retirée.")
    ),
    "mandates.offer.accepted": Sentence(
        _("Offre %(offer)s acceptée."), _("Offre %(offer)s acceptée.")
    ),
    "mandates.offer.refused": Sentence(
        _("Offre %(offer)s refusée. %(reason)s"),
        _("Offre %(offer)s refusée. %(reason)s"),
    ),
    "mandates.mandate.opened": Sentence(
        _("Mandat %(reference)s ouvert."), _("Mandat %(reference)s ouvert.")
    ),
    "mandates.mandate.paused": Sentence(
        _("Mandat mis en pause. %(reason)s"), _("Mandat mis en pause. %(reason)s")
    ),
    "mandates.mandate.resumed": Sentence(
        _("Mandat repris. %(reason)s"), _("Mandat repris.")
    ),
    "mandates.mandate.closed": Sentence(_closed, _("Mandat clos.")),
    "mandates.mandate.reopened": Sentence(
        _("Mandat rouvert. %(reason)s"), _("Mandat rouvert. %(reason)s")
    ),
    "mandates.milestone.reached": Sentence(
        _("Jalon atteint : %(title)s."), _("Jalon atteint : %(title)s.")
    ),
    "mandates.milestone.reopened": Sentence(
        _("Jalon rouvert : %(title)s."), _("Jalon rouvert : %(title)s.")
    ),
    "mandates.deliverable.added": Sentence(_deliverable, _deliverable),
    "mandates.satisfaction.given": Sentence(
        _("Le membre a donné son avis : %(score)s sur 5."),
        _("Vous avez donné votre avis. Merci."),
    ),
    "timesheets.week.written": Sentence(_time_written),
    "timesheets.week.submitted": Sentence(_("Semaine soumise.")),
    "timesheets.week.recalled": Sentence(_("Semaine rappelée.")),
    "timesheets.week.approved": Sentence(_("Semaine approuvée.")),
    "timesheets.week.sent_back": Sentence(_("Semaine renvoyée : « %(remark)s »")),
    "timesheets.week.reopened": Sentence(_("Semaine rouverte : « %(remark)s »")),
    "timesheets.trip.added": Sentence(
        _travel(_("Trajet du %(on)s ajouté : %(km)s km."))
    ),
    "timesheets.trip.changed": Sentence(
        _travel(_("Trajet du %(on)s changé : %(km)s km."))
    ),
    "timesheets.trip.removed": Sentence(
        _travel(_("Trajet du %(on)s retiré : %(km)s km."))
    ),
    "timesheets.expense.added": Sentence(
        _travel(_("Dépense du %(on)s ajoutée : %(amount)s."))
    ),
    "timesheets.expense.changed": Sentence(
        _travel(_("Dépense du %(on)s changée : %(amount)s."))
    ),
    "timesheets.expense.removed": Sentence(
        _travel(_("Dépense du %(on)s retirée : %(amount)s."))
    ),
    "timesheets.month.locked": Sentence(_("Mois verrouillé.")),
    "timesheets.month.unlocked": Sentence(_("Mois déverrouillé.")),
    "people.account.opened": Sentence(_("Compte ouvert.")),
    "people.account.invited": Sentence(_("Lien d’accès envoyé de nouveau.")),
    "people.account.changed": Sentence(_("Identité du compte changée.")),
    "people.account.closed": Sentence(_("Compte fermé.")),
    "people.account.reopened": Sentence(_("Compte rouvert.")),
    "people.roles.changed": Sentence(_roles),
    "members.organisation.added": Sentence(_("Organisation inscrite.")),
    "members.organisation.changed": Sentence(_("Fiche de l’organisation changée.")),
    "members.member.admitted": Sentence(
        _("Admise comme membre."), _("Admise comme membre.")
    ),
    "members.member.suspended": Sentence(
        _("Adhésion suspendue. %(reason)s"), _("Adhésion suspendue. %(reason)s")
    ),
    "members.member.reinstated": Sentence(
        _("Suspension levée. %(reason)s"), _("Suspension levée. %(reason)s")
    ),
    "members.member.left": Sentence(
        _("Fin de l’adhésion. %(reason)s"), _("Fin de l’adhésion. %(reason)s")
    ),
    "members.shares.moved": Sentence(_shares, _shares),
    "members.representation.given": Sentence(_powers),
    "members.representation.withdrawn": Sentence(_("Représentation retirée.")),
    "experts.account.linked": Sentence(_("Fiche d’expert liée à un compte.")),
    "experts.account.unlinked": Sentence(_("Fiche d’expert déliée d’un compte.")),
    "experts.practice_rule.set": Sentence(
        _("Règle d’exercice fixée (%(province)s) : %(order)s, dès le %(on)s.")
    ),
    "experts.field.opened": Sentence(_("Domaine ouvert : %(name)s.")),
    "governance.cooperative.changed": Sentence(_("Paramètres de la coopérative.")),
    "governance.meeting.called": Sentence(_("Réunion inscrite.")),
    "governance.meeting.changed": Sentence(_("Réunion précisée.")),
    "governance.resolution.recorded": Sentence(
        _("Résolution %(number)s inscrite au registre.")
    ),
    "agreements.agreement.added": Sentence(_("Entente inscrite.")),
    "agreements.agreement.changed": Sentence(_("Entente changée.")),
    "agreements.bank.added": Sentence(_bank),
    "tariffs.tax.set": Sentence(
        _("Taxe fixée (%(province)s, %(code)s) : %(rate)s, dès le %(on)s.")
    ),
    "tariffs.mileage.set": Sentence(
        _("Taux kilométrique fixé : %(first)s, puis %(beyond)s, dès le %(on)s.")
    ),
    "tariffs.hours.set": Sentence(_sold),
    "tariffs.model.frozen": Sentence(_("Modèle de coûts figé.")),
    "tariffs.model.unfrozen": Sentence(_("Modèle de coûts rouvert. %(reason)s")),
    "tariffs.model.made": Sentence(_("Modèle de coûts commencé, version %(version)s.")),
    "tariffs.model.copied": Sentence(
        _("Modèle de coûts copié de %(copied)s, version %(version)s.")
    ),
    "tariffs.line.changed": Sentence(_("Ligne du modèle de coûts changée.")),
    "tariffs.line.undone": Sentence(_("Changement du modèle de coûts annulé.")),
    "tariffs.presence.read": Sentence(
        _("Heures présentes de %(people)s personnes relues des horaires.")
    ),
    "tariffs.card.withdrawn": Sentence(
        _("Proposition de grille retirée, version %(version)s.")
    ),
    "tariffs.moderate.set": Sentence(
        _("Coût modéré fixé : %(amount)s l’heure, dès le %(on)s.")
    ),
    "tariffs.card.proposed": Sentence(
        _("Grille proposée au conseil, version %(version)s : %(rates)s taux.")
    ),
    "tariffs.card.adopted": Sentence(
        _("Grille adoptée, version %(version)s, par la résolution %(resolution)s.")
    ),
    "impact.factor.set": Sentence(
        _("Facteur d’émission fixé (%(mode)s) : %(kg_per_km)s, dès le %(on)s.")
    ),
    "balance.read": Sentence(_("Équilibre relevé.")),
    "knowledge.piece.poured": Sentence(_("Versé dans le réservoir.")),
    "knowledge.piece.released": Sentence(_("Partagé : il sort du mur de son mandat.")),
    "knowledge.version.added": Sentence(_("Version %(number)s ajoutée.")),
    "knowledge.version.read": Sentence(_("Document de la version %(number)s lu.")),
    "knowledge.version.unreadable": Sentence(
        _("Le document de la version %(number)s n’a pas pu être lu.")
    ),
    "knowledge.version.retried": Sentence(
        _("Nouvelle lecture de la version %(number)s demandée.")
    ),
    "knowledge.release.opened": Sentence(_("Partage préparé : à relire.")),
    "knowledge.release.signed": Sentence(
        _("Version dépersonnalisée signée (remplacements : %(replacements)s).")
    ),
    "knowledge.release.ended": Sentence(_("Partage abandonné. %(reason)s")),
    "knowledge.consent.asked": Sentence(_("Consentement demandé au membre.")),
    "knowledge.consent.given": Sentence(_("Le membre consent. %(reason)s")),
    "knowledge.consent.refused": Sentence(_("Le membre ne consent pas. %(reason)s")),
    "knowledge.consent.revoked": Sentence(
        _("Le membre retire son consentement. %(reason)s")
    ),
    "knowledge.reuse.helped": Sentence(
        _("Le membre dit que cela l’a aidé (%(served)s). %(reason)s")
    ),
    "knowledge.reuse.did_not_help": Sentence(
        _("Le membre dit que cela ne l’a pas aidé (%(served)s). %(reason)s")
    ),
    "knowledge.piece.withdrawn": Sentence(_("Retiré du réservoir. %(reason)s")),
    "knowledge.piece.reused": Sentence(_reused),
    "knowledge.piece.reuse_taken_back": Sentence(
        _("N’a finalement pas servi à %(served)s.")
    ),
}


def _dollars(details: dict) -> str:
    return money(Decimal(details.get("amount") or 0))


SENTENCES |= {
    "billing.invoice.drafted": Sentence(_("Brouillon préparé.")),
    "billing.invoice.changed": Sentence(_("Brouillon modifié.")),
    "billing.invoice.deleted": Sentence(_("Brouillon supprimé.")),
    "billing.invoice.issued": Sentence(
        _("Facture %(number)s émise."), _("Facture %(number)s émise.")
    ),
    "billing.invoice.issued_together": Sentence(
        _("Facture %(number)s émise, avec la facture consolidée."),
        _("Facture %(number)s émise, avec la facture consolidée."),
    ),
    "billing.consolidation.drafted": Sentence(_("%(parts)s brouillons réunis.")),
    "billing.consolidation.separated": Sentence(_("Parts séparées.")),
    "billing.consolidation.issued": Sentence(
        _("Facture consolidée C-%(number)s émise."),
        _("Facture consolidée C-%(number)s émise."),
    ),
    "billing.invoice.credited": Sentence(
        _("Créditée par la note %(credit)s. %(reason)s"),
        _("Créditée par la note %(credit)s."),
    ),
    "billing.invoice.credited_in_part": Sentence(
        lambda details: (
            gettext("Créditée de %(amount)s par la note %(credit)s. %(reason)s")
            % {
                "amount": _dollars(details),
                "credit": details["credit"],
                "reason": details["reason"],
            }
        ),
        lambda details: (
            gettext("Créditée de %(amount)s par la note %(credit)s.")
            % {"amount": _dollars(details), "credit": details["credit"]}
        ),
    ),
    "billing.content.set": Sentence(
        _("Contenu des factures fixé, à partir du %(on)s.")
    ),
    "billing.adjustment.issued": Sentence(
        _("Prix de l’exercice ajusté : document %(number)s émis."),
        _("Prix de l’exercice ajusté : document %(number)s émis."),
    ),
    "billing.payment.recorded": Sentence(
        lambda details: (
            gettext("Paiement de %(amount)s inscrit.") % {"amount": _dollars(details)}
        ),
        lambda details: (
            gettext("Paiement de %(amount)s reçu. Merci.")
            % {"amount": _dollars(details)}
        ),
    ),
    "billing.payment.reversed": Sentence(
        lambda details: (
            gettext("Paiement de %(amount)s annulé. %(reason)s")
            % {"amount": _dollars(details), "reason": details["reason"]}
        ),
        lambda details: (
            gettext("Paiement de %(amount)s annulé.") % {"amount": _dollars(details)}
        ),
    ),
    "billing.payment.given_back": Sentence(
        lambda details: (
            gettext("%(amount)s rendus au membre.") % {"amount": _dollars(details)}
        ),
        lambda details: (
            gettext("%(amount)s vous ont été rendus.") % {"amount": _dollars(details)}
        ),
    ),
    "billing.bank_file.brought": Sentence(
        _("« %(name)s » apporté : %(deposits)s dépôts nouveaux, %(known)s déjà là.")
    ),
    "billing.deposit.matched": Sentence(_("Dépôt de %(amount)s $ rapproché.")),
    "billing.deposit.unmatched": Sentence(
        _("Rapprochement du dépôt de %(amount)s $ annulé.")
    ),
    "billing.deposit.set_aside": Sentence(
        _("Dépôt de %(amount)s $ écarté. %(reason)s")
    ),
    "billing.deposit.brought_back": Sentence(_("Dépôt de %(amount)s $ ramené.")),
    "billing.instalment.added": Sentence(
        _("À facturer le %(on)s : %(title)s, %(amount)s $.")
    ),
    "billing.instalment.removed": Sentence(_("%(title)s n’est plus à facturer.")),
    "billing.schedule.added": Sentence(
        _("Facturation récurrente depuis le %(starts_on)s : %(title)s, %(amount)s $.")
    ),
    "billing.schedule.ended": Sentence(
        _("Facturation récurrente terminée : %(title)s.")
    ),
    "billing.reminder.sent": Sentence(
        lambda details: (
            gettext("Rappel envoyé, à %(days)s jours : %(total)s.")
            % {
                "days": details["days"],
                "total": money(Decimal(details.get("total") or 0)),
            }
        )
    ),
    "billing.invoice.reminded": Sentence(_("Rappelée, à %(days)s jours.")),
    "billing.reminder_step.added": Sentence(
        _("Étape de rappel à %(days)s jours ajoutée.")
    ),
    "billing.reminder_step.ended": Sentence(
        _("Étape de rappel à %(days)s jours terminée.")
    ),
    "billing.reminders.held": Sentence(_("Rappels suspendus. %(reason)s")),
    "billing.reminders.resumed": Sentence(_("Les rappels reprennent.")),
    "billing.ledger.exported": Sentence(
        _("%(count)s écritures exportées, du %(start)s au %(end)s.")
    ),
    "billing.chart.changed": Sentence(_("Plan comptable modifié.")),
    "billing.books.closed": Sentence(_("Livres fermés jusqu’au %(until)s.")),
    "billing.books.reopened": Sentence(_("Livres rouverts depuis le %(until)s.")),
    "closing.year.opened": Sentence(_("Clôture de l’exercice %(year)s commencée.")),
    "closing.rule.set": Sentence(
        lambda details: (
            gettext("Règle de clôture fixée à %(share)s : %(source)s")
            % {**details, "share": percent(Decimal(details["value"]), 2)}
        )
    ),
    "closing.figures.set": Sentence(
        lambda details: (
            gettext("Bilan inscrit : avoir %(equity)s, dettes %(debts)s. %(source)s")
            % {
                "equity": money(Decimal(details["equity"])),
                "debts": money(Decimal(details["debts"])),
                "source": details["source"],
            }
        )
    ),
    "closing.year.computed": Sentence(
        lambda details: (
            gettext("Calcul %(number)s : facturé %(charged)s, coût %(cost)s.")
            % {
                "number": details["number"],
                "charged": money(Decimal(details["charged"])),
                "cost": money(Decimal(details["cost"])),
            }
        )
    ),
    "closing.year.checked": Sentence(
        lambda details: (
            gettext("Calcul %(number)s refait : %(what)s.")
            % {
                "number": details["number"],
                "what": " · ".join(details["differences"])
                or gettext("les mêmes chiffres"),
            }
        )
    ),
    "closing.proposal.made": Sentence(_("Scénario %(reference)s : %(name)s.")),
    "closing.proposal.removed": Sentence(
        _("Scénario %(reference)s supprimé : %(name)s.")
    ),
    "closing.proposal.recommended": Sentence(
        _("Proposition %(reference)s recommandée par le conseil. %(note)s")
    ),
    "closing.proposal.withdrawn": Sentence(
        _("Recommandation de %(reference)s retirée. %(reason)s")
    ),
    "closing.proposal.put_on_agenda": Sentence(
        lambda details: (
            gettext("%(reference)s à l’ordre du jour de l’assemblée du %(day)s.")
            % {**details, "day": day(date.fromisoformat(details["on"]))}
        )
    ),
    "closing.proposal.adopted": Sentence(
        _("%(reference)s adoptée par la résolution %(resolution)s.")
    ),
    "closing.posting.begun": Sentence(
        _("Écriture de %(reference)s commencée : mois verrouillés, réserves mues.")
    ),
    "closing.member.posted": Sentence(
        lambda details: (
            gettext("Ajustement de %(amount)s écrit (%(reference)s).")
            % {**details, "amount": money(Decimal(details["amount"]))}
        )
    ),
    "closing.member.reversed": Sentence(
        lambda details: (
            gettext("Contre-écriture de %(amount)s (%(reference)s).")
            % {**details, "amount": money(Decimal(details["amount"]))}
        )
    ),
    "closing.statements.printed": Sentence(_("%(count)s relevés imprimés.")),
    "closing.proposal.reversed": Sentence(
        _("%(reference)s contre-écrite : rien n’est effacé.")
    ),
    "closing.year.reopened": Sentence(
        _("Exercice rouvert par la résolution %(resolution)s. %(reason)s")
    ),
    "closing.year.closed": Sentence(
        _("Exercice clos par la résolution %(resolution)s.")
    ),
    "importing.import.read": Sentence(_("« %(name)s » lu.")),
    "importing.import.written": Sentence(_("« %(name)s » écrit.")),
}


# What the acts are called whose sentence is made from their details.
NAMES = {
    "needs.need.filed": _("Demande déposée."),
    "needs.need.triaged": _("Triée"),
    "mandates.offer.changed": _(
        "Offre %(offer)s modifiée : de %(before)s à %(after)s."
    ),
    "mandates.mandate.closed": _("Mandat clos."),
    "mandates.deliverable.added": _("« %(title)s » livré."),
    "timesheets.week.written": _("Heures écrites. %(cells)s."),
    "timesheets.trip.added": _("Trajet du %(on)s ajouté : %(km)s km."),
    "timesheets.trip.changed": _("Trajet du %(on)s changé : %(km)s km."),
    "timesheets.trip.removed": _("Trajet du %(on)s retiré : %(km)s km."),
    "timesheets.expense.added": _("Dépense du %(on)s ajoutée : %(amount)s."),
    "timesheets.expense.changed": _("Dépense du %(on)s changée : %(amount)s."),
    "timesheets.expense.removed": _("Dépense du %(on)s retirée : %(amount)s."),
    "people.roles.changed": _("Rôles : %(roles)s."),
    "members.shares.moved": _("Mouvement de parts."),
    "members.representation.given": _("Pouvoirs donnés : %(powers)s."),
    "agreements.bank.added": _("Banque de %(hours)s ajoutée."),
    "billing.reminder.sent": _("Rappel envoyé"),
    "billing.payment.recorded": _("Paiement de %(amount)s inscrit."),
    "billing.payment.reversed": _("Paiement de %(amount)s annulé."),
    "billing.payment.given_back": _("%(amount)s rendus au membre."),
}


def name_of_act(what: str) -> str:
    """Return what an act is called, for a list to choose from."""
    sentence = SENTENCES.get(what)
    words = NAMES.get(what) or (sentence.words if sentence else "")
    if words and not callable(words):
        said = re.sub(r"%\(\w+\)s", "…", str(words))
        return said.removesuffix(". …").rstrip(".")
    return what.replace(".", " · ").replace("_", " ")


def story(entries: Iterable[Entry]) -> list[Told]:
    """Tell what happened to those who work here; an act without words is named."""
    return [
        Told(
            entry.happened_at,
            _say(sentence.words, entry.details)
            if (sentence := SENTENCES.get(entry.what))
            else entry.what.replace(".", " · ").replace("_", " "),
            entry.actor_name,
        )
        for entry in entries
    ]


def story_for_member(
    entries: Iterable[Entry], *, own_ids: Collection[int], cooperative: str
) -> list[Told]:
    """Tell what happened to a member, in its words.

    Its own people (`own_ids`) are named; whoever else acted is the cooperative.
    """
    return [
        Told(
            entry.happened_at,
            _say(sentence.told, entry.details),
            entry.actor_name if entry.actor_id in own_ids else cooperative,
        )
        for entry in entries
        if (sentence := SENTENCES.get(entry.what)) and sentence.told is not None
    ]


class _Facts(dict):
    """Details as they are read: dates and decimal numbers in words.

    Those that are missing leave nothing, rather than stop the page.
    """

    def __getitem__(self, key: str) -> object:
        fact = self.get(key, "")
        if isinstance(fact, str) and DATE.fullmatch(fact):
            return day(date.fromisoformat(fact))
        if isinstance(fact, str) and DECIMAL.fullmatch(fact):
            return number(Decimal(fact))
        return fact


class _Absent(dict):
    """Details as they were kept; those that are missing are nothing."""

    def __missing__(self, key: str) -> str:
        return ""


def _say(words: Words, details: dict) -> str:
    if callable(words):
        return words(_Absent(details))
    return (str(words) % _Facts(details)).strip()
