"""Where each role can go: the doors of the portal and the places behind each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from partage.people.models import Role


@dataclass(frozen=True)
class Door:
    """One part of the portal: who enters, and its places (label, URL name)."""

    label: str | Promise
    path: str
    roles: frozenset[Role]
    places: tuple[tuple[str | Promise, str], ...] = field(default=())


DOORS = (
    Door(
        _("Mon organisation"),
        "membre",
        frozenset({Role.MEMBER}),
        (
            (_("Accueil"), "member:home"),
            (_("Demandes"), "member:needs"),
            (_("Offres"), "member:offers"),
            (_("Mandats"), "member:mandates"),
            (_("Factures"), "member:invoices"),
            (_("Juste coût"), "member:cost"),
            (_("Réservoir"), "member:knowledge"),
            (_("Vie coopérative"), "member:governance"),
        ),
    ),
    Door(
        _("Mon travail"),
        "expert",
        frozenset({Role.EXPERT}),
        (
            (_("Accueil"), "expert:home"),
            (_("Ma semaine"), "expert:week"),
            (_("Mes mandats"), "expert:mandates"),
            (_("Mes trajets"), "expert:trips"),
            (_("Mon horaire"), "expert:schedule"),
            (_("Réservoir"), "expert:knowledge"),
        ),
    ),
    Door(
        _("Coordination"),
        "coordination",
        frozenset({Role.COORDINATION}),
        (
            (_("Accueil"), "coordination:home"),
            (_("Demandes"), "coordination:needs"),
            (_("Affectation"), "coordination:planning"),
            (_("Offres"), "coordination:offers"),
            (_("Mandats"), "coordination:mandates"),
            (_("Temps"), "coordination:timesheets"),
            (_("Équilibre"), "coordination:balance"),
            (_("Experts"), "coordination:experts"),
            (_("Membres"), "coordination:members"),
            (_("Ententes"), "coordination:agreements"),
            (_("Réservoir"), "coordination:knowledge"),
        ),
    ),
    Door(
        _("Finances"),
        "finances",
        frozenset({Role.FINANCE}),
        (
            (_("Accueil"), "finance:home"),
            (_("Temps"), "coordination:timesheets"),
            (_("Mois"), "finance:months"),
            (_("À facturer"), "finance:to_bill"),
            (_("Factures"), "finance:invoices"),
            (_("Paiements"), "finance:payments"),
            (_("Banque"), "finance:bank"),
            (_("Comptes"), "finance:accounts"),
            (_("Rappels"), "finance:reminders"),
            (_("Comptabilité"), "finance:books"),
            (_("Tarifs"), "finance:tariffs"),
            (_("Coûts"), "finance:costs"),
            (_("Ententes"), "finance:agreements"),
            (_("Exercice"), "finance:closing"),
        ),
    ),
    Door(
        _("Conseil"),
        "conseil",
        frozenset({Role.BOARD}),
        (
            (_("Accueil"), "board:home"),
            (_("Coûts"), "finance:costs"),
            (_("Registre"), "board:register"),
            (_("Assemblées"), "board:meetings"),
            (_("Exercice"), "finance:closing"),
            (_("Rapport annuel"), "board:report"),
            (_("Retombées"), "board:impact"),
            (_("Anonymisations"), "board:anonymisations"),
        ),
    ),
    Door(
        _("Administration"),
        "administration",
        frozenset({Role.ADMINISTRATION}),
        (
            (_("Accueil"), "administration:home"),
            (_("Personnes"), "administration:people"),
            (_("Paramètres"), "administration:parameters"),
            (_("Importation"), "administration:import"),
            (_("Journal"), "administration:journal"),
            (_("Anonymisations"), "administration:anonymisations"),
            (_("Tables"), "admin:index"),
        ),
    ),
)


@dataclass(frozen=True)
class Link:
    label: str | Promise
    url: str
    current: bool


@dataclass(frozen=True)
class OpenDoor:
    label: str | Promise
    url: str
    current: bool
    places: tuple[Link, ...]


def url_of(name: str, *args: object) -> str | None:
    """Return the address of a page; None if this house does not have it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return None


def _links(door: Door, path: str) -> Iterator[Link]:
    urls = [(label, url) for label, name in door.places if (url := url_of(name))]
    # The longest address that starts this page's: /coordination/ starts them all.
    nearest = max(
        (url for _l, url in urls if path.startswith(url)), key=len, default=""
    )
    for label, url in urls:
        yield Link(label, url, url == nearest)


def doors_of(roles: Iterable[Role], path: str) -> list[OpenDoor]:
    """Return the doors that these roles open, with the places that exist so far."""
    held = frozenset(roles)
    found = []
    for door in DOORS:
        places = tuple(_links(door, path)) if door.roles & held else ()
        if places:
            inside = path.startswith(f"/{door.path}")
            found.append(OpenDoor(door.label, places[0].url, inside, places))
    return found
