"""Why this person: what a member may know of a choice, and nothing of other people.

Of those who were not chosen a member sees how many, and for which kind of reason;
by name, only those who have worked for them already. Who is away, who is full, who
serves a competitor and who has reached a limit are all « not available »: why is
nobody's affair.
"""

from collections import Counter
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils.translation import gettext_lazy as _

from partage.needs.models import Need
from partage.people.models import Role
from partage.planning.models import Assignment
from partage.portal.access import allow
from partage.portal.reasons import in_words

# What may be told of the person chosen: what they bring to this member.
TOLD = ("skill", "knows_member", "language", "licence_held", "mobility_days", "near")
CHOICE = _("aurait pu ; la personne choisie servait mieux l’ensemble des demandes")
NOT_THERE = _("n’était pas disponible pour ce mandat")
KINDS = {
    "skill": _("n’a pas ce domaine"),
    "level": _("n’a pas le niveau demandé"),
    "language": _("ne travaille pas dans cette langue"),
    "licence": _("n’a pas le permis d’exercice demandé"),
    "conflict": _("les règles d’indépendance ne le permettaient pas"),
    "on_site": _("ne se déplace pas"),
    "parallel": NOT_THERE,
    "hours": NOT_THERE,
}


def kind_of(kept: Mapping, *, named: bool = False) -> object:
    """Return the one kind of reason for which someone was not chosen.

    Whom else someone serves is never told; nor, of someone named, any conflict.
    """
    first = next((why for why in kept["against"] if why["rule"]), None)
    if first is None:
        return CHOICE
    if first["code"] == "serves_competitor" or (named and first["rule"] == "conflict"):
        return NOT_THERE
    return KINDS.get(first["rule"], CHOICE)


@allow(Role.MEMBER)
def why(request: HttpRequest, need_id: int) -> HttpResponse:
    need = get_object_or_404(
        Need.objects.filter(organisation_id__in=request.who.organisation_ids()),
        pk=need_id,
    )
    chosen = (
        Assignment.objects.filter(
            part__need=need,
            status=Assignment.Status.ACCEPTED,
        )
        .select_related("expert", "part__field", "shortlist")
        .order_by("part_id")
    )
    known = set(
        Assignment.objects.filter(
            part__need__organisation_id=need.organisation_id,
            status=Assignment.Status.ACCEPTED,
        ).values_list("expert_id", flat=True)
    )
    return render(
        request,
        "member/why.html",
        {"need": need, "choices": [_choice(one, known) for one in chosen]},
    )


def _choice(assignment: Assignment, known: set[int]) -> dict:
    kept = assignment.shortlist.candidates if assignment.shortlist else []
    mine = next((one for one in kept if one["expert_id"] == assignment.expert_id), None)
    others = [one for one in kept if one["expert_id"] != assignment.expert_id]
    return {
        "assignment": assignment,
        "for": [in_words(one) for one in mine["for"] if one["code"] in TOLD]
        if mine
        else [],
        "looked_at": len(kept),
        "kinds": Counter(str(kind_of(one)) for one in others).most_common(),
        "known": [
            (one["name"], kind_of(one, named=True))
            for one in others
            if one["expert_id"] in known
        ],
    }


urls = [path("demandes/<int:need_id>/pourquoi", why, name="need_why")]
