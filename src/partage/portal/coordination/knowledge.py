"""The reservoir, as this door sees it."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from partage.knowledge.queries import Sight
from partage.people.models import Role
from partage.portal import reservoir
from partage.portal.access import allow
from partage.portal.reservoir import Door


def _door(request: HttpRequest) -> Door:
    return Door("coordination", Sight(everything=True), may_add=True, may_share=True)


@allow(Role.COORDINATION)
def knowledge(request: HttpRequest) -> HttpResponse:
    return reservoir.reservoir(request, _door(request))


@allow(Role.COORDINATION)
def piece(request: HttpRequest, piece_id: int) -> HttpResponse:
    return reservoir.show_piece(request, _door(request), piece_id)


@allow(Role.COORDINATION)
def document(request: HttpRequest, piece_id: int) -> HttpResponse:
    return reservoir.document(request, _door(request), piece_id)


@allow(Role.COORDINATION)
def new_piece(request: HttpRequest) -> HttpResponse:
    return reservoir.add_piece(request, _door(request))


@allow(Role.COORDINATION)
@require_POST
def release(request: HttpRequest, piece_id: int) -> HttpResponse:
    return reservoir.release(request, _door(request), piece_id)


@allow(Role.COORDINATION)
@require_POST
def withdraw(request: HttpRequest, piece_id: int) -> HttpResponse:
    return reservoir.withdraw(request, _door(request), piece_id)


urls = [
    path("reservoir/", knowledge, name="knowledge"),
    path("reservoir/nouveau", new_piece, name="new_piece"),
    path("reservoir/<int:piece_id>", piece, name="piece"),
    path("reservoir/<int:piece_id>/document", document, name="piece_document"),
    path("reservoir/<int:piece_id>/partager", release, name="release_piece"),
    path("reservoir/<int:piece_id>/retirer", withdraw, name="withdraw_piece"),
]
