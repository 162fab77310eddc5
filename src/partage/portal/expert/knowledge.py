"""The reservoir, as this door sees it."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from partage.knowledge.queries import Sight
from partage.people.models import Role
from partage.portal import reservoir
from partage.portal.access import allow
from partage.portal.reservoir import Door


def _door(request: HttpRequest) -> Door:
    return Door(
        "expert",
        Sight(
            house=True,
            author_id=request.who.expert.pk if request.who.expert else None,
        ),
        may_add=True,
        author_id=request.who.expert.pk if request.who.expert else None,
    )


@allow(Role.EXPERT)
def knowledge(request: HttpRequest) -> HttpResponse:
    return reservoir.reservoir(request, _door(request))


@allow(Role.EXPERT)
def piece(request: HttpRequest, piece_id: int) -> HttpResponse:
    return reservoir.show_piece(request, _door(request), piece_id)


@allow(Role.EXPERT)
def document(request: HttpRequest, piece_id: int) -> HttpResponse:
    return reservoir.document(request, _door(request), piece_id)


@allow(Role.EXPERT)
def new_piece(request: HttpRequest) -> HttpResponse:
    return reservoir.add_piece(request, _door(request))


urls = [
    path("reservoir/", knowledge, name="knowledge"),
    path("reservoir/nouveau", new_piece, name="new_piece"),
    path("reservoir/<int:piece_id>", piece, name="piece"),
    path("reservoir/<int:piece_id>/document", document, name="piece_document"),
]
