"""What rates would move: the act is done, the rates derived, and the act undone."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from django.db import transaction

from partage.experts.models import Field, Level
from partage.portal.finance.costs.page import field_names
from partage.rules import costing as rules
from partage.tariffs.models import CostModel
from partage.tariffs.queries import (
    as_rule,
    card_in_force,
    derived_rates,
    lines_of,
    rates_of,
)

FIRST_MOVES = 12  # the rest is behind one gesture


class _Never(Exception):
    """Thrown to undo what was only tried."""


def tried(model: CostModel, act: Callable[[], None], *, on: date) -> dict[str, object]:
    """Return what an act would move in a model, beside the card in force on a date.

    What would move is what the act itself makes move, by its own code. A refusal is
    raised through.
    """
    before = lines_of(model)
    try:
        with transaction.atomic():
            act()
            after = lines_of(model)
            raise _Never
    except _Never:
        pass
    costings = [rules.derive(as_rule(each)) for each in (before, after)]
    was, now = (
        {pool: one.amount for pool, one in derived_rates(lines, costing).items()}
        for lines, costing in zip((before, after), costings, strict=True)
    )
    card = card_in_force(on)
    adopted = by_pool(rates_of(card)) if card else {}
    names = field_names()
    moves = [
        {
            "field": names.get(one.pool.field, one.pool.field),
            "level": Level(one.pool.level).label,
            "adopted": adopted.get(one.pool),
            "before": one.before,
            "after": one.after,
            "by": one.by,
        }
        for one in rules.rate_changes(was, now)
    ]
    moves.sort(key=lambda one: -abs(one["by"] or Decimal(10_000)))
    return {
        "card": card,
        "count": len(moves),
        "moves": moves[:FIRST_MOVES],
        "more": moves[FIRST_MOVES:],
        "cost": costings[1].cost - costings[0].cost,
        "unused": costings[1].cost_unused - costings[0].cost_unused,
        "exact": len(rules.rate_changes(costings[0].rates, costings[1].rates)),
        "rounding": after.parameters.rounding,
    }


def by_pool(rates: dict) -> dict[rules.Pool, Decimal]:
    """Return rates by (field id, level) as the rule knows its pools."""
    codes = dict(Field.objects.values_list("pk", "code"))
    return {
        rules.Pool(codes[field_id], level): amount
        for (field_id, level), amount in rates.items()
    }
