"""What every page knows: where one can go, and which day it is."""

from datetime import date
from functools import cached_property

from django.http import HttpRequest

from partage.portal.navigation import Link, OpenDoor, doors_of
from partage.portal.visitors import PASSWORD, Visitor, visitors


class House:
    """The `house` of the templates. Lazy: a fragment for htmx asks for nothing."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def doors(self) -> list[OpenDoor]:
        return doors_of(self._request.who.roles, self._request.path)

    @cached_property
    def navigation(self) -> tuple[Link, ...]:
        """The places of the door one stands in, else of the only door there is."""
        current = [door for door in self.doors if door.current]
        if not current and len(self.doors) == 1:
            current = self.doors
        return current[0].places if current else ()

    @property
    def demonstration(self) -> date | None:
        """The date that the demonstration lives on; None in a real cooperative."""
        return self._request.who.cooperative.demonstration_on

    @cached_property
    def visitors(self) -> list[Visitor]:
        """The accounts to try; none in a real house."""
        return visitors() if self.demonstration else []

    @property
    def password(self) -> str:
        return PASSWORD


def house(request: HttpRequest) -> dict:
    # A request that was stopped before it got its `who` still gets its error page.
    return {"house": House(request)} if hasattr(request, "who") else {}
