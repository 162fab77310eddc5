"""The reservoir, as this door sees it."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from partage.knowledge.queries import Sight
from partage.people.models import Role
from partage.portal import pieces, reservoir
from partage.portal.access import allow
from partage.portal.reservoir import Door


def door_of(request: HttpRequest) -> Door:
    return Door(
        "member",
        Sight(organisation_ids=tuple(request.who.organisation_ids())),
        inside=False,
    )


@allow(Role.MEMBER)
def knowledge(request: HttpRequest) -> HttpResponse:
    return reservoir.reservoir(request, door_of(request))


@allow(Role.MEMBER)
def piece(request: HttpRequest, piece_id: int) -> HttpResponse:
    return pieces.show_piece(request, door_of(request), piece_id)


@allow(Role.MEMBER)
def document(request: HttpRequest, piece_id: int) -> HttpResponse:
    return pieces.document(request, door_of(request), piece_id)


urls = [
    path("reservoir/", knowledge, name="knowledge"),
    path("reservoir/<int:piece_id>", piece, name="piece"),
    path("reservoir/<int:piece_id>/document", document, name="piece_document"),
]
