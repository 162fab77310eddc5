"""May this organisation be served? A fact with its sentence; a person decides."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext

from partage.agreements.models import Agreement
from partage.members.models import Organisation
from partage.members.queries import members_on
from partage.portal.templatetags.house import day


@dataclass(frozen=True, slots=True)
class Standing:
    """`kind` is good, wait or bad; `sentence` says why."""

    kind: str
    sentence: str


def standing_of(organisation: Organisation, *, on: date) -> Standing:
    """Say whether an organisation is served as a member, by its network or not."""
    ids = [one for one in (organisation.pk, organisation.network_id) if one]
    memberships = {
        one.organisation_id: one
        for one in members_on(on).filter(organisation_id__in=ids)
    }
    network = organisation.network.name if organisation.network else ""
    own = memberships.get(organisation.pk)
    through = memberships.get(organisation.network_id)
    for one in (own, through):
        if one and one.suspended_on and one.suspended_on <= on:
            return Standing(
                "bad",
                gettext(
                    "L’adhésion de %(name)s est suspendue depuis le %(since)s. "
                    "Le conseil doit la rétablir avant qu’une offre soit faite."
                )
                % {
                    "name": organisation.name if one is own else network,
                    "since": day(one.suspended_on),
                },
            )
    if own:
        return Standing(
            "good",
            gettext("Membre en règle depuis le %(since)s (no %(number)s).")
            % {"since": day(own.joined_on), "number": own.number},
        )
    agreement = (
        Agreement.objects.filter(organisation_id__in=ids, starts_on__lte=on)
        .filter(Q(ends_on=None) | Q(ends_on__gte=on))
        .select_related("organisation")
        .first()
    )
    if agreement:
        return Standing(
            "good",
            gettext("Servie selon l’entente %(number)s avec %(name)s.")
            % {"number": agreement.number, "name": agreement.organisation.name},
        )
    if through:
        return Standing(
            "good",
            gettext("Servie par son réseau, %(network)s, membre en règle.")
            % {"network": network},
        )
    return Standing(
        "bad",
        gettext(
            "%(name)s n’est pas membre, son réseau non plus, et aucune entente ne la "
            "couvre. Son adhésion ou une entente vient avant l’offre."
        )
        % {"name": organisation.name},
    )
