"""The weights: set by people, dated, with a reason; never changed after."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.planning.models import Weighting


class NothingWeighs(ActionRefused):
    sentence = _("Tous les points sont à zéro : donnez-en à au moins un critère.")
    field = "level"


POINTS = ("level", "hours", "continuity", "distance", "balance")


@transaction.atomic
def set_weights(*, values: Mapping[str, object], reason: str, by: Actor) -> Weighting:
    """Set every weight anew from now on; what is not given stays as it was.

    Raises NothingWeighs if the ranking would have no points at all.
    """
    last = Weighting.objects.select_for_update().first()
    names = [
        one.name
        for one in Weighting._meta.concrete_fields
        if one.name not in ("id", "made_by", "made_at", "reason")
    ]
    new = Weighting(
        made_by_id=by.user_id,
        made_at=by.at,
        reason=reason.strip(),
        **{
            name: values.get(name, getattr(last, name, None))
            for name in names
            if name in values or last
        },
    )
    if not any(getattr(new, name) for name in POINTS):
        raise NothingWeighs
    new.save()
    journal.record(
        what="planning.weights.set",
        subject=new,
        by=by,
        reason=new.reason,
        changes={
            name: [str(getattr(last, name)), str(getattr(new, name))]
            for name in names
            if last and getattr(last, name) != getattr(new, name)
        },
    )
    return new
