"""The reservoir, as this door sees it."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from partage.knowledge.queries import Sight, barred_from
from partage.mandates.queries import mandates_of
from partage.people.models import Role
from partage.portal import pieces, reservoir
from partage.portal.access import allow
from partage.portal.reservoir import Door


def door_of(request: HttpRequest) -> Door:
    expert = request.who.expert
    author = expert.pk if expert else None
    barred = barred_from(expert.pk, on=request.who.today) if expert else ()
    return Door(
        "expert",
        Sight(house=True, author_id=author, barred_ids=barred),
        may_add=True,
        author_id=author,
    )


@allow(Role.EXPERT)
def knowledge(request: HttpRequest) -> HttpResponse:
    return reservoir.reservoir(request, door_of(request))


@allow(Role.EXPERT)
def piece(request: HttpRequest, piece_id: int) -> HttpResponse:
    return pieces.show_piece(request, door_of(request), piece_id)


@allow(Role.EXPERT)
def document(request: HttpRequest, piece_id: int) -> HttpResponse:
    return pieces.document(request, door_of(request), piece_id)


@allow(Role.EXPERT)
def new_piece(request: HttpRequest) -> HttpResponse:
    door = door_of(request)
    return pieces.add_piece(
        request, door, mandates_of(door.author_id or 0, on=request.who.today)
    )


@allow(Role.EXPERT)
def new_version(request: HttpRequest, piece_id: int) -> HttpResponse:
    return pieces.add_version(request, door_of(request), piece_id)


@allow(Role.EXPERT)
@require_POST
def retry(request: HttpRequest, piece_id: int) -> HttpResponse:
    return pieces.retry(request, door_of(request), piece_id)


urls = [
    path("reservoir/", knowledge, name="knowledge"),
    path("reservoir/nouveau", new_piece, name="new_piece"),
    path("reservoir/<int:piece_id>", piece, name="piece"),
    path("reservoir/<int:piece_id>/document", document, name="piece_document"),
    path("reservoir/<int:piece_id>/version", new_version, name="new_version"),
    path("reservoir/<int:piece_id>/relire", retry, name="retry_reading"),
]
