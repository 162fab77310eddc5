"""The reservoir, as this door sees it."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from partage.knowledge.queries import Sight
from partage.mandates.models import Mandate
from partage.people.models import Role
from partage.portal import pieces, reservoir
from partage.portal.access import allow
from partage.portal.reservoir import Door


def door_of(request: HttpRequest) -> Door:
    return Door("coordination", Sight(everything=True), may_add=True, may_share=True)


@allow(Role.COORDINATION)
def knowledge(request: HttpRequest) -> HttpResponse:
    return reservoir.reservoir(request, door_of(request))


@allow(Role.COORDINATION)
def piece(request: HttpRequest, piece_id: int) -> HttpResponse:
    return pieces.show_piece(request, door_of(request), piece_id)


@allow(Role.COORDINATION)
def document(request: HttpRequest, piece_id: int) -> HttpResponse:
    return pieces.document(request, door_of(request), piece_id)


@allow(Role.COORDINATION)
def new_piece(request: HttpRequest) -> HttpResponse:
    return pieces.add_piece(request, door_of(request), Mandate.objects.all())


@allow(Role.COORDINATION)
def new_version(request: HttpRequest, piece_id: int) -> HttpResponse:
    return pieces.add_version(request, door_of(request), piece_id)


@allow(Role.COORDINATION)
@require_POST
def retry(request: HttpRequest, piece_id: int) -> HttpResponse:
    return pieces.retry(request, door_of(request), piece_id)


@allow(Role.COORDINATION)
@require_POST
def withdraw(request: HttpRequest, piece_id: int) -> HttpResponse:
    return pieces.withdraw(request, door_of(request), piece_id)


urls = [
    path("reservoir/", knowledge, name="knowledge"),
    path("reservoir/nouveau", new_piece, name="new_piece"),
    path("reservoir/<int:piece_id>", piece, name="piece"),
    path("reservoir/<int:piece_id>/document", document, name="piece_document"),
    path("reservoir/<int:piece_id>/version", new_version, name="new_version"),
    path("reservoir/<int:piece_id>/relire", retry, name="retry_reading"),
    path("reservoir/<int:piece_id>/retirer", withdraw, name="withdraw_piece"),
]
