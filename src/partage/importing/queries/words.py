"""What is said of a spreadsheet: where, what is so, then what can be done."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.text import format_lazy
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from partage.experts.models import Level
from partage.mandates.models import Mandate
from partage.members.models import Membership, Organisation, Province
from partage.people.models import Language
from partage.rules.hours import format_minutes

KINDS = {
    "members": _("Membres"),
    "experts": _("Experts"),
    "mandates": _("Mandats"),
    "time": _("Temps"),
}
# What our own template calls each column; each of them is recognised.
HEADINGS = {
    "members": {
        "name": _("Nom de l’organisation"),
        "number": _("Numéro de membre"),
        "category": _("Catégorie"),
        "joined_on": _("Membre depuis"),
        "left_on": _("Date de départ"),
        "kind": _("Forme"),
        "neq": _("NEQ"),
        "network": _("Réseau"),
        "represents": _("Entreprises représentées"),
        "full_management": _("Entière gestion"),
        "sector": _("Secteur"),
        "language": _("Langue"),
        "address": _("Adresse"),
        "city": _("Ville"),
        "province": _("Province"),
        "postal_code": _("Code postal"),
        "email": _("Courriel"),
        "phone": _("Téléphone"),
    },
    "experts": {
        "name": _("Nom complet"),
        "first_name": _("Prénom"),
        "last_name": _("Nom de famille"),
        "title": _("Titre"),
        "fields": _("Domaines"),
        "level": _("Niveau"),
        "languages": _("Langues"),
        "city": _("Ville"),
        "province": _("Province"),
        "remote_only": _("À distance seulement"),
        "weekly_minutes": _("Heures par semaine"),
        "started_on": _("Date d’embauche"),
        "left_on": _("Date de départ"),
    },
    "mandates": {
        "reference": _("Référence"),
        "organisation": _("Organisation"),
        "title": _("Titre du mandat"),
        "field": _("Domaine"),
        "status": _("État"),
        "opened_on": _("Ouvert le"),
        "due_on": _("À livrer le"),
        "closed_on": _("Clos le"),
        "budget_minutes": _("Heures prévues"),
        "budget_amount": _("Montant"),
        "experts": _("Experts"),
        "level": _("Niveau"),
        "rate": _("Taux horaire"),
        "province": _("Province"),
        "language": _("Langue"),
        "full_management": _("Entière gestion"),
    },
    "time": {
        "on": _("Date"),
        "expert": _("Expert"),
        "mandate": _("Mandat"),
        "organisation": _("Organisation"),
        "activity": _("Activité interne"),
        "hours": _("Heures"),
        "minutes": _("Minutes"),
        "note": _("Description"),
    },
}
_NAMED_ROW = _(
    "« %(value)s » est à la ligne %(row)s, qui est elle-même à corriger. "
    "Corrigez-la d’abord."
)
_UNKNOWN = _("« %(value)s » n’est pas connu ici.")
SENTENCES: dict[str, Any] = {
    # The sheet.
    "nothing_recognised": _(
        "Aucune feuille n’a d’en-têtes reconnus. Partez du modèle, ou dites ce que "
        "la feuille contient."
    ),
    "kind_unknown": _(
        "Cette feuille n’est pas reconnue : elle est laissée de côté. Si elle contient "
        "des membres, des experts, des mandats ou du temps, dites-le."
    ),
    "column_missing": _(
        "Il manque la colonne %(columns)s. Ajoutez-la, ou renommez celle qui la "
        "contient."
    ),
    "date_order_unknown": _(
        "Rien ne dit si « 03/04/2025 » est le 3 avril ou le 4 mars. "
        "Dites dans quel ordre ces dates sont écrites."
    ),
    "date_orders_mixed": _(
        "Des dates y sont écrites dans les deux ordres (jour/mois et mois/jour). "
        "Écrivez-les toutes comme 2025-04-03."
    ),
    "dates_maybe_swapped": _(
        "Le tableur a peut-être interverti le jour et le mois de certaines dates : "
        "les autres sont du texte, dans un ordre qu’il ne lisait pas. Vérifiez-les."
    ),
    # The cell.
    "missing": _("la case est vide. Remplissez-la."),
    "extra_cells": _(
        "la ligne a %(count)s case de plus que l’en-tête. Mettez entre guillemets "
        'ce qui contient le séparateur, par exemple « "7,5" ».'
    ),
    "formula_error": _(
        "« %(value)s » est l’erreur d’une formule. Corrigez la formule, ou écrivez "
        "la valeur."
    ),
    "not_a_date": _(
        "« %(value)s » ne se lit pas comme une date. Écrivez-la comme 2025-04-03."
    ),
    "no_such_day": _("« %(value)s » n’existe pas au calendrier. Vérifiez le jour."),
    "date_without_year": _("« %(value)s » n’a pas d’année. Ajoutez-la."),
    "date_without_day": _("« %(value)s » n’a pas de jour. Ajoutez-le."),
    "date_of_two_days": _(
        "« %(value)s » peut être deux jours différents. Dites dans quel ordre ces "
        "dates sont écrites, ou écrivez-la comme 2025-04-03."
    ),
    "year_far_away": _("l’année %(year)s est trop loin. Vérifiez la date."),
    "not_hours": _(
        "« %(value)s » ne se lit pas comme des heures. Écrivez 7,5 ou 7 h 30."
    ),
    "hours_ambiguous": _(
        "« %(value)s » peut se lire de deux façons. Écrivez 7,5 ou 7 h 30."
    ),
    "hours_negative": _("« %(value)s » est négatif. Corrigez plutôt la ligne de trop."),
    "hours_too_long": _("« %(value)s » dépasse %(at_most)s heures. Vérifiez-le."),
    "not_money": _("« %(value)s » ne se lit pas comme un montant. Écrivez 1 234,50."),
    "money_ambiguous": _(
        "« %(value)s » peut se lire de deux façons. Écrivez 1 234,00 ou 1,23."
    ),
    "money_finer_than_a_cent": _(
        "« %(value)s » est plus fin que le cent. Arrondissez-le."
    ),
    "money_negative": _("« %(value)s » est négatif. Écrivez un montant positif."),
    "not_a_count": _(
        "« %(value)s » n’est pas un nombre entier. Écrivez par exemple 12."
    ),
    "count_too_large": _("« %(value)s » dépasse %(at_most)s. Vérifiez-le."),
    "not_yes_or_no": _("« %(value)s » n’est ni oui ni non. Écrivez l’un ou l’autre."),
    "not_a_province": _(
        "« %(value)s » n’est pas une province. Écrivez son nom, ou QC, ON, NB, AB…"
    ),
    "not_a_language": _(
        "« %(value)s » n’est pas une langue connue. Écrivez français, anglais ou "
        "bilingue."
    ),
    "not_a_category": _(
        "« %(value)s » n’est pas une catégorie de membre. Écrivez utilisateur, "
        "travailleur, soutien ou auxiliaire."
    ),
    "not_a_form": _(
        "« %(value)s » n’est pas une forme connue. Écrivez coopérative, mutuelle, "
        "OBNL, regroupement ou autre."
    ),
    "not_a_level": _(
        "« %(value)s » n’est pas un niveau. Écrivez débutant, intermédiaire ou sénior."
    ),
    "not_a_status": _(
        "« %(value)s » n’est pas un état. Écrivez en cours, en pause ou clos."
    ),
    "not_an_email": _("« %(value)s » n’est pas une adresse courriel. Vérifiez-la."),
    "too_long": _("« %(value)s » dépasse %(limit)s caractères. Raccourcissez-le."),
    # What it names.
    "unknown_members": format_lazy(
        "{} {}", _UNKNOWN, _("Ajoutez-le aux membres, ou corrigez le nom.")
    ),
    "unknown_experts": format_lazy(
        "{} {}", _UNKNOWN, _("Ajoutez-le aux experts, ou corrigez le nom.")
    ),
    "unknown_mandates": format_lazy(
        "{} {}", _UNKNOWN, _("Ajoutez-le aux mandats, ou corrigez le nom.")
    ),
    "unknown_field": format_lazy(
        "{} {}", _UNKNOWN, _("Écrivez le nom d’un domaine de la coopérative.")
    ),
    "unknown_activity": format_lazy(
        "{} {}", _UNKNOWN, _("Écrivez le nom d’une activité interne.")
    ),
    "two_of_that_name": _(
        "plusieurs s’appellent « %(value)s » et rien ne dit lequel. Écrivez un nom "
        "ou une référence qui le distingue."
    ),
    "named_row_is_wrong": _NAMED_ROW,
    "which_mandate": _(
        "« %(value)s » a %(count)s mandats possibles le %(on)s. Écrivez la référence "
        "du bon."
    ),
    "member_without_a_mandate": _(
        "« %(value)s » n’a aucun mandat. Ajoutez-le aux mandats, ou écrivez une "
        "activité interne."
    ),
    "its_own_network": _("« %(value)s » serait son propre réseau. Videz cette case."),
    "number_taken": _(
        "le numéro « %(value)s » est celui d’un autre membre. Vérifiez-le."
    ),
    # The row.
    "said_twice": _(
        "la ligne %(row)s dit déjà la même chose, autrement. Gardez une seule des deux."
    ),
    "ends_before_it_begins": _(
        "le %(value)s vient avant le début. Vérifiez les deux dates."
    ),
    "left_without_joining": _(
        "il y a un départ sans date d’adhésion. Ajoutez la date d’adhésion."
    ),
    "closed_without_a_date": _("un mandat clos a une date de clôture. Ajoutez-la."),
    "open_with_a_closing_date": _(
        "le mandat est dit ouvert, et clos le %(value)s. Gardez l’un des deux."
    ),
    "closes_in_the_future": _(
        "le %(value)s est à venir. Mettez cette date dans « À livrer le »."
    ),
    "no_rate": _(
        "aucun taux n’est en vigueur le %(on)s pour ce domaine et ce niveau. Écrivez "
        "le taux, ou ajoutez une grille tarifaire."
    ),
    "not_on_the_team": _(
        "cette personne n’est pas de l’équipe du mandat, et aucune grille ne donne son "
        "taux. Ajoutez-la aux experts du mandat, avec un taux."
    ),
    "month_locked": _(
        "ce mois est verrouillé. Demandez aux finances de le déverrouiller."
    ),
    "too_far_ahead": _("ce jour est à plus d’un mois d’ici. Vérifiez la date."),
    "before_the_expert": _(
        "le travail de cette personne a commencé le %(on)s. Vérifiez la date, ou "
        "celle de son embauche."
    ),
    "after_the_expert": _(
        "le travail de cette personne a pris fin le %(on)s. Vérifiez la date, ou "
        "celle de son départ."
    ),
    "before_the_mandate": _(
        "le mandat commence le %(on)s. Vérifiez la date, ou celle de son ouverture."
    ),
    "after_the_mandate": _(
        "le mandat est clos depuis le %(on)s. Vérifiez la date, ou celle de sa clôture."
    ),
    "after_the_activity": _(
        "l’activité est fermée depuis le %(on)s. Choisissez-en une autre."
    ),
    "more_than_a_day": _(
        "cette journée compterait plus de 24 heures. Vérifiez les heures du jour."
    ),
    "held_by_a_row": _(
        "elle attend la ligne %(row)s, à corriger, qui est du même jour et du même "
        "travail : leurs heures s’additionnent."
    ),
    # Said, and no hindrance.
    "province_assumed": _(
        "sans province : celle de la coopérative est prise (%(province)s)."
    ),
    "not_a_member_yet": _(
        "sans date d’adhésion : inscrite comme entreprise servie, pas comme membre."
    ),
    "start_assumed": _(
        "sans date d’embauche : le %(on)s est pris, le premier jour de son temps."
    ),
    "no_hours": _("aucune heure : la ligne est laissée de côté."),
    "joined_the_team": _(
        "%(who)s entre dans l’équipe de « %(mandate)s », au taux de la grille."
    ),
    "added_together": _(
        "les lignes %(rows)s sont du même jour et du même travail : elles font "
        "ensemble %(minutes)s."
    ),
    "differs": _(
        "le fichier dit « %(said)s » ; ici, c’est « %(kept)s », et cela reste. "
        "Changez-le dans Partage s’il le faut."
    ),
    "other_hours": _(
        "le fichier dit %(said)s ; ici, c’est %(kept)s, et cela reste. Corrigez le "
        "temps dans la semaine s’il le faut."
    ),
}
UNREADABLE = {
    "empty": _("Ce fichier est vide. Vérifiez-le, puis recommencez."),
    "locked": _(
        "Ce fichier est protégé par un mot de passe. Enregistrez-en une copie sans mot "
        "de passe, puis recommencez."
    ),
    "old_format": _(
        "Ce fichier est d’un ancien format d’Excel. Enregistrez-le en .xlsx, puis "
        "recommencez."
    ),
    "not_a_spreadsheet": _(
        "Ce fichier n’est pas un tableur. Enregistrez-le en .xlsx ou en .csv, puis "
        "recommencez."
    ),
    "broken": _(
        "Ce fichier est abîmé et ne s’ouvre pas. Ouvrez-le dans votre tableur, "
        "enregistrez-le de nouveau, puis recommencez."
    ),
    "too_big": _(
        "Ce fichier est trop gros pour être lu d’un coup. Séparez-le, par exemple "
        "par année, puis recommencez."
    ),
    "too_many_rows": _(
        "Ce fichier a plus de 200 000 lignes. Séparez-le, par exemple par année, puis "
        "recommencez."
    ),
}
_CHOICES = {
    "kind": Organisation.Kind,
    "category": Membership.Category,
    "status": Mandate.Status,
    "level": Level,
    "province": Province,
    "language": Language,
}


def unreadable(reason: str) -> str:
    return str(UNREADABLE[reason])


def kind_word(kind: str | None) -> str:
    return str(KINDS[kind]) if kind else gettext("Non reconnue")


def heading_of(kind: str | None, column: str) -> str:
    return str(HEADINGS.get(kind or "", {}).get(column, column))


def where(problem: Mapping[str, Any]) -> str:
    """Say where: « Feuille Temps, ligne 14, colonne Heures »."""
    parts = [gettext("Feuille %(name)s") % {"name": problem["sheet"]}]
    if problem["row"] is not None:
        parts.append(gettext("ligne %(row)s") % {"row": problem["row"]})
    if problem.get("label"):
        parts.append(gettext("colonne %(name)s") % {"name": problem["label"]})
    return ", ".join(parts)


def what(problem: Mapping[str, Any], kind: str | None = None) -> str:
    """Say what is so, and what can be done."""
    facts = {
        name: _said(name, value, problem, kind)
        for name, value in problem["facts"].items()
    }
    value = problem["value"]
    words = str(SENTENCES[problem["code"]]) % {"value": _day(value), **facts}
    if near := problem["facts"].get("near"):
        words += " " + gettext("Vouliez-vous dire « %(near)s » ?") % {"near": near}
    return words


def sentence(problem: Mapping[str, Any], kind: str | None = None) -> str:
    """Say the whole, as in « Feuille Temps, ligne 14 : … »."""
    return gettext("%(where)s : %(what)s") % {
        "where": where(problem),
        "what": what(problem, kind),
    }


def _said(name: str, value: Any, problem: Mapping[str, Any], kind: str | None) -> str:
    column = problem["column"]
    if name == "columns":
        quoted = gettext("« %(said)s »")
        words = [quoted % {"said": heading_of(kind, one)} for one in value]
        return gettext(" ou ").join(words)
    if name == "rows":
        shown = [str(row) for row in value[:12]]
        return ", ".join(shown) + ("…" if len(value) > 12 else "")
    if name == "minutes" or (
        name in {"said", "kept"} and column in {"hours", "budget_minutes"}
    ):
        return format_minutes(value, get_language() or "fr") if value else "0"
    if value is None or value == "":
        return gettext("rien")
    if isinstance(value, bool):
        return gettext("oui") if value else gettext("non")
    if isinstance(value, list):
        return ", ".join(_said(name, one, problem, kind) for one in value)
    if name in {"said", "kept", "province"}:
        choices = _CHOICES.get("language" if column == "languages" else column or name)
        if choices and value in choices.values:
            return str(choices(value).label)
    return _day(str(value))


def _day(text: str) -> str:
    if len(text) == 10 and text[4] == text[7] == "-":
        try:
            return date_format(date.fromisoformat(text), "DATE_FORMAT")
        except ValueError:
            pass
    return text
