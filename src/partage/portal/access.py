"""Who may open a page: stated on each view, in words of roles and powers."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from partage.people.models import Role

View = Callable[..., HttpResponse]


def allow(*roles: Role, power: str | None = None) -> Callable[[View], View]:
    """Let in whoever holds one of the roles; the others are told they may not.

    With `power` ("request", "sign", "vote", "refer"), a member's representative
    must hold it for at least one organisation; which one is the view's check.
    Nobody comes in without signing in.
    """
    if not roles:
        raise ValueError("say which roles may enter, such as Role.COORDINATION")

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            held = request.who.roles & set(roles)
            if not held:
                raise PermissionDenied
            if (
                power
                and held == {Role.MEMBER}
                and not request.who.organisation_ids(power)
            ):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.allowed_roles = frozenset(roles)
        return guarded

    return guard


def allow_signed_in(view: View) -> View:
    """Let in anyone who is signed in."""
    return allow(*Role)(view)


def open_to_all(view: View) -> View:
    """Let in anyone, signed in or not; said aloud, so that it is a choice."""
    view.allowed_roles = None
    return view
