"""The words of the reasons for and against an expert."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.utils.translation import get_language, gettext_lazy, ngettext_lazy
from django.utils.translation import gettext as _

from partage.experts.models import Conflict, Level
from partage.members.models import Province
from partage.people.models import Language
from partage.portal import words
from partage.rules.eligibility import Reason

# What each hard rule asks, for the funnel: « sans l’exigence de… ».
RULES = {
    "skill": gettext_lazy("le domaine"),
    "level": gettext_lazy("le niveau"),
    "language": gettext_lazy("la langue"),
    "licence": gettext_lazy("le permis d’exercice"),
    "conflict": gettext_lazy("l’absence de conflit d’intérêts"),
    "on_site": gettext_lazy("le travail sur place"),
    "parallel": gettext_lazy("la limite de mandats en parallèle"),
    "hours": gettext_lazy("des heures libres"),
}
PARTS = {
    "level": gettext_lazy("niveau"),
    "hours": gettext_lazy("heures libres"),
    "continuity": gettext_lazy("continuité"),
    "distance": gettext_lazy("distance"),
    "balance": gettext_lazy("charge"),
}

SENTENCES = {
    "skill_missing": gettext_lazy("N’a pas ce domaine."),
    "level_below": gettext_lazy("Niveau %(level)s, alors qu’il faut %(needed)s."),
    "language_missing": gettext_lazy("Ne travaille pas en %(language)s."),
    "licence_missing": gettext_lazy("N’a pas le permis (%(order)s, %(province)s)."),
    "licence_expired": gettext_lazy(
        "Son permis (%(order)s, %(province)s) a pris fin le %(until)s."
    ),
    "licence_not_yet": gettext_lazy(
        "Son permis (%(order)s, %(province)s) ne commence que le %(from)s."
    ),
    "mobility_days_short": ngettext_lazy(
        "Il lui reste %(left)s jour de mobilité (%(province)s) sur %(allowed)s ; "
        "il en faut %(needed)s.",
        "Il lui reste %(left)s jours de mobilité (%(province)s) sur %(allowed)s ; "
        "il en faut %(needed)s.",
        "left",
    ),
    "conflict": gettext_lazy("Conflit d’intérêts déclaré : %(kind)s."),
    "serves_competitor": gettext_lazy("Sert en ce moment un concurrent de ce membre."),
    "remote_only": gettext_lazy("Travaille à distance seulement."),
    "parallel_limit": ngettext_lazy(
        "A déjà %(limit)s mandat, sa limite en parallèle, toute la période.",
        "A déjà %(limit)s mandats en parallèle, sa limite, toute la période.",
        "limit",
    ),
    "no_hours": gettext_lazy("Aucune heure libre du %(start)s au %(end)s."),
    "skill": gettext_lazy("A ce domaine, niveau %(level)s."),
    "over_qualified": gettext_lazy("Plus expérimenté qu’il ne faut (%(level)s)."),
    "hours_free": gettext_lazy("A %(minutes)s libres ; il en faut %(needed)s."),
    "hours_short": gettext_lazy("N’a que %(minutes)s libres sur %(needed)s."),
    "knows_member": ngettext_lazy(
        "Connaît ce membre : %(mandates)s mandat%(since)s.",
        "Connaît ce membre : %(mandates)s mandats%(since)s.",
        "mandates",
    ),
    "near": gettext_lazy("À %(km)s km."),
    "far": gettext_lazy("À %(km)s km : il faudra se déplacer."),
    "distance_unknown": gettext_lazy("La distance n’est pas connue."),
    "language": gettext_lazy("Travaille en %(language)s."),
    "licence_held": gettext_lazy("A le permis (%(order)s, %(province)s)."),
    "mobility_days": ngettext_lazy(
        "Peut exercer (%(province)s) en mobilité : %(left)s jour restant sur "
        "%(allowed)s.",
        "Peut exercer (%(province)s) en mobilité : %(left)s jours restants sur "
        "%(allowed)s.",
        "left",
    ),
    # Of a promise that a plan lays otherwise.
    "week_gone": gettext_lazy("N’a plus les heures de la semaine du %(monday)s."),
    "weeks_cheaper": gettext_lazy("Ces semaines servent mieux l’ensemble."),
    "licence_ends_in_window": gettext_lazy(
        "Son permis est à renouveler le %(until)s, pendant le mandat."
    ),
    "conflict_waived": gettext_lazy("Conflit d’intérêts levé : %(kind)s."),
}


# What sets one person apart from the others, the most telling first.
TELLING = ("knows_member", "hours_free", "mobility_days", "near", "licence_held")


def telling(reasons: Sequence[Reason]) -> Reason:
    """Return the reason for that says the most."""
    by_code = {reason.code: reason for reason in reasons}
    return next((by_code[code] for code in TELLING if code in by_code), reasons[0])


def in_words(reason: Reason | dict) -> str:
    """Say a reason, fresh from the rules or as it was kept with a decision."""
    code, data = (
        (reason.code, dict(reason.data))
        if isinstance(reason, Reason)
        else (reason["code"], reason["data"])
    )
    sentence = SENTENCES.get(code)
    if sentence is None:
        return code
    said = {name: _say(code, name, value) for name, value in data.items()}
    said.setdefault(
        "since",
        _(", le dernier jusqu’au %(last)s") % {"last": said["last"]}
        if "last" in said
        else "",
    )
    return str(sentence % said)


def _say(code: str, name: str, value: int | str | date | Decimal) -> int | str:
    tongue = get_language() or "fr-ca"
    match name:
        case "mandates" | "left" | "limit":
            return value  # the sentence agrees with it
        case "level":
            return str(Level(value).label)
        case "needed" if code in ("level_below", "skill", "over_qualified"):
            return str(Level(value).label)
        case "minutes" | "needed" if code in ("hours_free", "hours_short"):
            return words.hours(value, tongue, decimals=0)
        case "language":
            return str(Language(value).label)
        case "province":
            return str(Province(value).label)
        case "kind":
            return str(Conflict.Kind(value).label)
        case "until" | "from" | "start" | "end" | "last" | "monday":
            on = value if isinstance(value, date) else _date(value)
            return words.day(on, tongue) if on else value
        case "km":
            return words.number(Decimal(value), tongue, decimals=0)
    return str(value)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:  # « from » is also a province, for mobility
        return None
