"""One's own account: the language in which one is written to."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partage.people.actions import change_account
from partage.people.models import Language
from partage.portal.access import allow_signed_in
from partage.portal.acting import act_or_show
from partage.portal.forms import Form


class MineForm(Form):
    name = forms.CharField(label=_("Nom"), max_length=150)
    language = forms.ChoiceField(
        label=_("Langue"),
        help_text=_("Celle des pages quand vous arrivez, et celle de vos courriels."),
        choices=Language.choices,
        widget=forms.RadioSelect,
    )


@allow_signed_in
def mine(request: HttpRequest) -> HttpResponse:
    """Who I am here, and in which language I am written to."""
    me = request.user
    form = MineForm(
        request.POST or None, initial={"name": me.name, "language": me.language}
    )

    def show(refused: str | None = None) -> HttpResponse:
        return render(request, "me.html", {"form": form, "refused": refused})

    def act(clean: dict) -> str:
        change_account(
            user_id=me.pk,
            name=clean["name"],
            email=me.email,
            language=clean["language"],
            by=request.who.by,
        )
        messages.success(request, gettext("C’est gardé."))
        return reverse("me")

    if request.method != "POST":
        return show()
    before = me.language
    response = act_or_show(request, form, act, show)
    if form.is_valid() and form.cleaned_data["language"] != before:
        # What was clicked at the top of a page gives way to what is chosen here.
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
    return response
