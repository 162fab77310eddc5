"""Who acts when nobody does: the house itself."""

from partage.governance.queries import business_now
from partage.journal.actions import Actor


def the_house() -> Actor:
    """Return the house as an actor, at the cooperative's own moment."""
    return Actor(user_id=None, name="Partage", at=business_now())
