"""What each choice for a part does to everyone else, at the plan's prices."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from partage.needs.models import Part
from partage.planning.models import Proposal
from partage.planning.queries import World, engine, in_mind, role_values
from partage.rules.demand import Demand


@dataclass(frozen=True, slots=True)
class Effect:
    """What giving a part to one person costs the whole, compared with the best choice.

    `more` is in dollars of inconvenience, 0 for the best; `moves` say in words who
    else would have to do otherwise.
    """

    more: Decimal
    moves: list[str] = field(default_factory=list)

    @property
    def kept(self) -> dict:
        """The same as JSON, to be kept with the decision."""
        return {"more": str(self.more), "moves": self.moves}


def effects(
    world: World, part: Part, proposal: Proposal | None
) -> Mapping[int, Effect] | None:
    """Return the effect of each possible choice, by expert.

    None while warming up, and of a part that no plan moves (it is being handed over).
    Beside the plan that waits, if one does, or else beside what is promised.
    """
    if not engine.ready():
        return None
    demand = world.demand
    role = demand.role_at.get(part.pk)
    if role is None:
        return None
    # Imported here: it loads the planner, which only a warm process has.
    from partage.rules.staffing.marginal import candidates_for

    found = candidates_for(
        demand.problem,
        in_mind(demand, proposal),
        role,
        role_values=role_values(demand, proposal),
    )
    best = min((choice.cost for choice in found), default=0.0)
    titles = {part.pk: part.need.title for part in world.parts}
    names = {pk: expert.name for pk, expert in world.experts.items()}
    return {
        demand.people[choice.expert].expert_id: Effect(
            Decimal(round(choice.cost - best)),
            [_move(demand, move, titles, names) for move in choice.moves],
        )
        for choice in found
    }


def _move(demand: Demand, move, titles: Mapping, names: Mapping) -> str:
    title = titles[demand.parts[move.role].part_id]
    before = names[demand.people[move.before].expert_id]
    if move.after is None:
        return _("« %(title)s » n’aurait plus personne (%(before)s en est libéré).") % {
            "title": title,
            "before": before,
        }
    return _("« %(title)s » passerait de %(before)s à %(after)s.") % {
        "title": title,
        "before": before,
        "after": names[demand.people[move.after].expert_id],
    }
