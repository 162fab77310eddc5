"""What every request passes through."""

from django.utils import translation

from partage.portal.who import Who

# form-action allows any https site: signing in through a member's own identity
# provider sends a form here that is answered by a redirection to that provider.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self' https:",
        "frame-ancestors 'none'",
    )
)


class ContentSecurityPolicy:
    """Forbid whatever does not come from this house: no inline script, no style."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response


class ActingUser:
    """Give each request its `who`, and greet people in their own language."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.who = Who(request)
        if "langue" not in request.COOKIES and request.user.is_authenticated:
            translation.activate(f"{request.user.language}-ca")
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)
