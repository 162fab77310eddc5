"""What every request passes through."""

from django.utils import translation

from partage.portal.who import Who


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
