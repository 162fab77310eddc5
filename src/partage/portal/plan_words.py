"""The words of a plan: what it costs by weight, how far from the best, why nobody."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from partage.planning.models import Change, Proposal
from partage.planning.queries import Explained
from partage.portal import words
from partage.portal.charts import Chart, Series
from partage.portal.reasons import RULES, in_words
from partage.rules.staffing.plan import net_gap_percent

# What a plan's cost is made of, for people: each gathers some of the weights.
COMPONENTS = {
    "unmet": (
        gettext_lazy("Sans personne"),
        ("unmet_hour", "urgent_percent", "patient_percent", "waiting_percent",
         "small_percent"),
    ),
    "late": (gettext_lazy("Retard"), ("late_hour",)),
    "team": (gettext_lazy("Équipes"), ("team",)),
    "overload": (gettext_lazy("Surcharge"), ("overload_hour",)),
    "level": (gettext_lazy("Niveau de trop"), ("over_level_hour",)),
    "continuity": (gettext_lazy("Continuité"), ("continuity_hour",)),
    "road": (gettext_lazy("Route et CO₂"), ("travel_km", "carbon_kg")),
    "promises": (
        gettext_lazy("Promesses"),
        ("promise_asked", "promise_accepted"),
    ),
}  # fmt: skip
NAMES_SAID = 4
PRINTS = {
    "parts": gettext_lazy("les demandes à servir"),
    "hours": gettext_lazy("les heures des experts"),
    "promises": gettext_lazy("les affectations"),
    "people": gettext_lazy("qui peut faire quoi"),
    "weights": gettext_lazy("les pondérations"),
}


@dataclass(frozen=True, slots=True)
class Component:
    """One line of a cost; `change` is below zero when the plan saves it."""

    name: str
    before: Decimal
    after: Decimal

    @property
    def change(self) -> Decimal:
        return self.after - self.before


def components(proposal: Proposal) -> list[Component]:
    """Return what the cost is made of, before and after, where there is any."""
    rows = []
    for name, weights in COMPONENTS.values():
        before, after = (
            whole(sum(side.get(weight, 0.0) for weight in weights))
            for side in (proposal.before, proposal.after)
        )
        if before or after:
            rows.append(Component(str(name), before, after))
    return rows


@dataclass(frozen=True, slots=True)
class Figures:
    """A plan's own figures, as pages write them."""

    cost: Decimal | None
    bound: Decimal | None
    gap: Decimal
    seconds: Decimal


def figures_of(proposal: Proposal) -> Figures:
    return Figures(
        None if proposal.cost is None else whole(proposal.cost),
        None if proposal.bound is None else whole(proposal.bound),
        Decimal(str(round(gap_percent(proposal), 1))),
        Decimal(str(round(proposal.seconds, 1))),
    )


def whole(amount: float) -> Decimal:
    return Decimal(round(amount))


def cost_chart(rows: Sequence[Component]) -> Chart:
    return Chart(
        _("Ce que coûtent les deux plans"),
        [row.name for row in rows],
        (
            Series(_("En vigueur"), [row.before for row in rows]),
            Series(_("Proposé"), [row.after for row in rows]),
        ),
        "$",
        decimals=0,
        named=True,
    )


def progress_chart(proposal: Proposal) -> Chart | None:
    """Draw how the cost came down and the bound went up."""
    points = proposal.progress
    if len(points) < 2:
        return None
    tongue = get_language() or ""
    return Chart(
        _("Le coût descend, la borne monte"),
        [
            _("%(seconds)s s")
            % {"seconds": words.number(Decimal(str(at)), tongue, decimals=1)}
            for at, _cost, _bound in points
        ],
        (
            Series(_("Coût du meilleur plan trouvé"), [whole(p[1]) for p in points]),
            Series(_("Borne prouvée"), [whole(p[2]) for p in points], "line"),
        ),
        "$",
        decimals=0,
    )  # fmt: skip


def gap_percent(proposal: Proposal) -> float:
    """Return how far the plan is from the best possible, of what can be avoided."""
    if proposal.cost is None or proposal.bound is None:
        return 100.0
    return net_gap_percent(proposal.cost, proposal.bound, proposal.unavoidable)


def distance_in_words(proposal: Proposal) -> str:
    """« À 0,4 % du meilleur possible », as proven by the bound."""
    gap = gap_percent(proposal)
    if gap < 0.05:
        return _("Le meilleur plan possible : c’est prouvé.")
    tongue = get_language() or ""
    share = words.percent(Decimal(str(round(gap, 1))) / 100, tongue, decimals=1)
    return _("À %(share)s du meilleur plan possible, au plus : c’est prouvé.") % {
        "share": share
    }


def cause_in_words(proposal: Proposal) -> str:
    """Say what a plan answers."""
    tongue, about = get_language() or "", proposal.about
    match proposal.cause:
        case Proposal.Cause.ABSENCE if about:
            return _("Absence de %(expert)s, du %(start)s au %(end)s") % {
                "expert": about["expert"],
                "start": words.day(date.fromisoformat(about["start"]), tongue),
                "end": words.day(date.fromisoformat(about["end"]), tongue),
            }
        case Proposal.Cause.DECLINED if about:
            return _("%(expert)s a décliné « %(title)s »") % about
        case Proposal.Cause.NEED if about:
            return _("Demande urgente : « %(title)s »") % about
    return str(proposal.get_cause_display()).capitalize()


def changed_since(proposal: Proposal, prints: Mapping[str, str]) -> list[str]:
    """Return what of the world has changed since a plan was made, in words."""
    return [
        str(words)
        for name, words in PRINTS.items()
        if proposal.world.get(name) not in (None, prints.get(name))
    ]


def why_change(change: Change) -> list[str]:
    """Say why a change, the most telling first: what broke, then what is good."""
    said = [in_words(one) for one in change.reasons.get("weeks", ())]
    if change.kind == Change.Kind.RESPREAD:
        return said
    if change.kind in (Change.Kind.MOVE, Change.Kind.RELEASE):
        said += [
            in_words(one)
            for one in change.reasons.get("old_against", ())
            if one.get("rule") or one["code"] == "hours_short"
        ][:2]
    said += [
        in_words(one)
        for one in change.reasons.get("for", ())
        if one["code"] in ("knows_member", "near", "licence_held", "mobility_days")
    ]
    said += [in_words(one) for one in change.reasons.get("against", ())][:2]
    able = change.reasons.get("able", 0)
    if able == 1:
        said.append(_("La seule personne que les règles permettent."))
    elif able and not said:
        said.append(
            _("La moins coûteuse pour l’ensemble, parmi %(able)s qui le peuvent.")
            % {"able": able}
        )
    return said


def nobody_in_words(found: Explained) -> str:
    """Say why nobody takes a part: which rule, who would without it, when otherwise."""
    why, said = found.why, []
    tongue = get_language() or ""
    if why.emptied_by:
        said.append(
            _("Personne ne convient : %(rule)s écarte les derniers candidats.")
            % {"rule": RULES[why.emptied_by]}
        )
    elif not why.able:
        eligible = why.funnel[-1][1]
        said.append(
            ngettext(
                "%(n)s personne convient, mais n’a pas les heures dans ces dates, même "
                "en laissant tout le reste.",
                "%(n)s personnes conviennent, mais aucune n’a les heures dans ces "
                "dates, même en laissant tout le reste.",
                eligible,
            )
            % {"n": eligible}
        )
    elif not why.free:
        said.append(
            ngettext(
                "%(n)s personne le pourrait, mais ses heures sont promises ailleurs.",
                "%(n)s personnes le pourraient, mais leurs heures sont promises "
                "ailleurs.",
                len(why.able),
            )
            % {"n": len(why.able)}
        )
    else:
        said.append(
            ngettext(
                "%(names)s le pourrait ; le plan sert mieux l’ensemble autrement.",
                "%(names)s le pourraient ; le plan sert mieux l’ensemble autrement.",
                len(why.free),
            )
            % {"names": listed(found.named(why.free))}
        )
    for relaxed in why.relaxed:
        said.append(
            ngettext(
                "Sans %(rule)s, %(names)s le pourrait.",
                "Sans %(rule)s, %(names)s le pourraient.",
                len(relaxed.experts),
            )
            % {
                "rule": RULES[relaxed.requirement],
                "names": listed(found.named(relaxed.experts)),
            }
        )
    if not why.free and why.earliest_until_week is not None:
        monday = found.mondays[why.earliest_until_week]
        said.append(
            _("Sinon, %(names)s : au plus tôt la semaine du %(monday)s.")
            % {
                "names": listed(found.named(why.earliest_experts)),
                "monday": words.day(monday, tongue),
            }
        )
    return " ".join(said)


def listed(names: Iterable[str]) -> str:
    """« Maude, Karim et 3 autres »."""
    names = list(names)
    if len(names) > NAMES_SAID:
        more = len(names) - NAMES_SAID + 1
        names = names[: NAMES_SAID - 1]
        return ngettext(
            "%(names)s et %(more)s autre", "%(names)s et %(more)s autres", more
        ) % {"names": ", ".join(names), "more": more}
    if len(names) > 1:
        return _("%(first)s et %(last)s") % {
            "first": ", ".join(names[:-1]),
            "last": names[-1],
        }
    return names[0] if names else _("personne")
