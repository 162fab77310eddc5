"""A form sent twice is done once."""

from collections.abc import Callable
from uuid import UUID

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from partage.journal.models import Submission


def once(request: HttpRequest, act: Callable[[], str]) -> HttpResponse:
    """Do the act and go where it says; if this form was sent before, only go.

    `act` returns a location. The form carries a token ({% once %}); two sends of
    it at the same moment wait for each other in the database. A refused act
    raises through, and its token can be sent again.
    """
    token = _token(request)
    with transaction.atomic():
        if token and not _first(token, request.user.pk):
            sent = Submission.objects.get(token=token)
            same = sent.actor_id == request.user.pk
            return redirect(sent.location if same and sent.location else "home")
        location = act()
        if token:
            Submission.objects.filter(token=token).update(location=location)
    return redirect(location)


def _token(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("once", ""))
    except ValueError:
        return None


def _first(token: UUID, user_id: int | None) -> bool:
    """Take the token; wait for whoever is taking it now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_submission (token, actor_id, location)"
            " VALUES (%s, %s, '') ON CONFLICT DO NOTHING",
            [token, user_id],
        )
        return cursor.rowcount == 1
