"""Who asks, what day it is there, and what they may do: known once a request."""

from datetime import date
from functools import cached_property

from django.http import HttpRequest

from partage.experts.models import Expert
from partage.governance.models import Cooperative
from partage.governance.queries import cooperative, moment_in
from partage.journal.actions import Actor
from partage.members.models import Representation
from partage.members.queries import representations_of
from partage.people.models import Role
from partage.people.queries import roles_of


class Who:
    """The person behind a request. Each part is asked for at most once."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def cooperative(self) -> Cooperative:
        return cooperative()

    @cached_property
    def by(self) -> Actor:
        """The acting user, the moment and the place, for acts and the journal."""
        user = self.request.user
        return Actor(
            user_id=user.pk,
            name=str(user) if user.pk else "",
            at=moment_in(self.cooperative),
            address=self.request.META.get("REMOTE_ADDR") or None,
            agent=self.request.headers.get("user-agent", "")[:300],
        )

    @property
    def today(self) -> date:
        return self.by.on

    @cached_property
    def roles(self) -> frozenset[Role]:
        user = self.request.user
        return roles_of(user.pk) if user.is_authenticated else frozenset()

    @cached_property
    def representations(self) -> list[Representation]:
        """What the person may do, for which organisations, today."""
        if Role.MEMBER not in self.roles:
            return []
        return list(representations_of(self.request.user.pk, on=self.today))

    def organisation_ids(self, power: str | None = None) -> list[int]:
        """Return whom the person acts for: all, or where a power was given.

        `power` is "request", "sign", "vote" or "refer".
        """
        return [
            representation.organisation_id
            for representation in self.representations
            if power is None or getattr(representation, f"can_{power}")
        ]

    @cached_property
    def expert(self) -> Expert | None:
        """The expert that the person is, if any."""
        if Role.EXPERT not in self.roles:
            return None
        return Expert.objects.filter(user_id=self.request.user.pk).first()
