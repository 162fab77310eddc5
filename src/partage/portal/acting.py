"""How a form becomes an act: done once, or shown again with what is to be mended."""

from collections.abc import Callable

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse

from partage.journal.actions import ActionRefused
from partage.portal.once import once


def act_or_show(
    request: HttpRequest,
    form: BaseForm,
    act: Callable[[dict], str],
    show: Callable[[str | None], HttpResponse],
) -> HttpResponse:
    """Run `act` once with the form's clean values and go where it says.

    A wrong form answers 422 and a refused act 409, by `show`, which renders the
    page that holds the bound form; what was typed is kept. A refusal that names a
    field of the form is said there, else it is passed to `show`.
    """
    if not form.is_valid():
        response = show(None)
        response.status_code = 422
        return response
    try:
        return once(request, lambda: act(form.cleaned_data))
    except ActionRefused as refused:
        if refused.field in form.fields:
            form.add_error(refused.field, str(refused))
            response = show(None)
        else:
            response = show(str(refused))
        response.status_code = 409
        return response
