"""What each weight did to a plan: who would do otherwise if it weighed nothing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from partage.planning.models import Proposal
from partage.planning.queries.plans import plan_rows
from partage.planning.queries.world import World
from partage.rules.demand import WEIGHTS, Demand, assignments_from
from partage.rules.staffing.plan import Assignment

# Plans a demand anew, from the assignments of the plan as it is.
Again = Callable[[Demand, tuple[Assignment, ...]], Sequence[Assignment]]


def without_each_weight(
    world: World, proposal: Proposal, again: Again
) -> Iterator[tuple[str, list[list[int | None]]]]:
    """Yield each weight that weighs, with who would have which part without it.

    Rows are the part, who has it in the plan and who would: None is nobody. One
    search a weight; whoever has no more time stops asking.
    """
    rows = plan_rows(proposal)
    for name in WEIGHTS:
        if not getattr(world.prices, name):
            continue
        other = world.priced(replace(world.prices, **{name: 0.0})).demand
        ids = [person.expert_id for person in other.people]
        had = {part_id: expert_id for part_id, expert_id, _weeks in rows}
        has = {
            other.parts[a.role].part_id: ids[a.expert]
            for a in again(other, assignments_from(other, rows))
        }
        yield (
            name,
            [
                [part_id, had.get(part_id), has.get(part_id)]
                for part_id in sorted(had.keys() | has.keys())
                if had.get(part_id) != has.get(part_id)
            ],
        )
