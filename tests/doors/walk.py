"""Walk every page of a door as one person: shared by the tests and the benchmark."""

import re
from collections.abc import Iterator

from django.test import Client
from django.urls import Resolver404, URLPattern, get_resolver, resolve, reverse

# Who walks each door of the demonstration year.
ACCOUNTS = {
    "member": "membre@partage.example",
    "expert": "experte@partage.example",
    "coordination": "coordination@partage.example",
    "finance": "finances@partage.example",
    "board": "conseil@partage.example",
    "administration": "administration@partage.example",
}


def pages(wanted: str) -> Iterator[tuple[str, URLPattern]]:
    """Yield (URL name, pattern) of every address of a door."""

    def walk(resolver, door=""):
        for entry in resolver.url_patterns:
            if not isinstance(entry, URLPattern):
                yield from walk(entry, entry.namespace or door)
            elif door == wanted and entry.name:
                yield f"{door}:{entry.name}", entry

    yield from walk(get_resolver())


class Walker:
    """Someone of a door, who learns its addresses from the links of its pages."""

    def __init__(self, client: Client, door: str) -> None:
        self.client = client
        self.pages = list(pages(door))
        self.links: set[str] = set()
        # Twice: a list leads to its rows, a row to what hangs on it.
        for _turn in range(2):
            for name, pattern in self.pages:
                if address := self.address_of(name, pattern):
                    self._read(address)

    def _read(self, address: str) -> None:
        response = self.client.get(address)
        if "text/html" in response.headers.get("content-type", ""):
            self.links |= {
                link.split("?")[0].split("#")[0]
                for link in re.findall(r'href="(/[^"]*)"', response.text)
            }

    def address_of(self, name: str, pattern: URLPattern) -> str | None:
        """Return a page's address: plain, or one that was met on the way."""
        if not pattern.pattern.converters:
            return reverse(name)
        for link in sorted(self.links):
            try:
                if resolve(link).view_name == name:
                    return link
            except Resolver404:
                continue
        return None

    def readable(self) -> Iterator[tuple[str, str]]:
        """Yield (URL name, address) of the pages that a plain visit opens."""
        for name, pattern in self.pages:
            address = self.address_of(name, pattern)
            if address is None:
                continue
            response = self.client.get(address)
            if response.status_code == 200 and "text/html" in response.headers.get(
                "content-type", ""
            ):
                yield name, address
