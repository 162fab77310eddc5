"""What a member's organisation is asked to share, and what it can take back."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from partage.journal.actions import ActionRefused
from partage.knowledge import actions, queries
from partage.knowledge.models import Consent, Page, Reuse
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.forms import Form
from partage.portal.once import once


@allow(Role.MEMBER)
def consents(request: HttpRequest) -> HttpResponse:
    rows = list(queries.consents_of(request.who.organisation_ids()))
    return render(
        request,
        "member/consents.html",
        {
            "waiting": [one for one in rows if _waits(one)],
            "past": [one for one in rows if not _waits(one)],
        },
    )


def _waits(consent: Consent) -> bool:
    return consent.accepted is None and consent.release.status == "CONSENT"


class AnswerForm(Form):
    answer = forms.ChoiceField(
        label=_("Votre réponse"),
        choices=(
            ("oui", _("Nous consentons")),
            ("non", _("Nous ne consentons pas")),
        ),
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("Un mot de plus"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class RevokeForm(Form):
    reason = forms.CharField(
        label=_("Pourquoi"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Vous n’avez pas à le dire."),
    )


def _one(request: HttpRequest, consent_id: int, power: str | None = None) -> Consent:
    return get_object_or_404(
        queries.consents_of(request.who.organisation_ids(power)), pk=consent_id
    )


def _show(
    request: HttpRequest, consent: Consent, *, status: int = 200, **more
) -> HttpResponse:
    cleaned = consent.release.cleaned
    return render(
        request,
        "member/consent.html",
        {
            "consent": consent,
            "piece": consent.release.piece,
            "cleaned": cleaned,
            "pages": Page.objects.filter(version=cleaned).order_by("number"),
            "waits": _waits(consent),
            "signs": consent.organisation_id in request.who.organisation_ids("sign"),
            "form": AnswerForm(),
            "revocation": RevokeForm(),
            **more,
        },
        status=status,
    )


@allow(Role.MEMBER)
def consent(request: HttpRequest, consent_id: int) -> HttpResponse:
    """What would be shared, word for word, and the answer."""
    one = _one(request, consent_id)
    if request.method != "POST":
        return _show(request, one)
    one = _one(request, consent_id, "sign")
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _show(request, one, status=422, form=form)
    accepted = form.cleaned_data["answer"] == "oui"

    def act() -> str:
        actions.answer_consent(
            consent_id=one.pk,
            organisation_ids=request.who.organisation_ids("sign"),
            accepted=accepted,
            words=form.cleaned_data["words"],
            by=request.who.by,
        )
        messages.success(
            request,
            gettext("Merci : d’autres pourront s’en servir.")
            if accepted
            else gettext("C’est noté : ce savoir reste entre nous."),
        )
        return reverse("member:consent", args=[one.pk])

    try:
        return once(request, act)
    except ActionRefused as refused:
        return _show(request, _one(request, consent_id), status=409, refused=refused)


@allow(Role.MEMBER)
@require_POST
def revoke(request: HttpRequest, consent_id: int) -> HttpResponse:
    one = _one(request, consent_id, "sign")
    form = RevokeForm(request.POST)
    if not form.is_valid():
        return _show(request, one, status=422, revocation=form)

    def act() -> str:
        actions.revoke_consent(
            consent_id=one.pk,
            organisation_ids=request.who.organisation_ids("sign"),
            reason=form.cleaned_data["reason"],
            by=request.who.by,
        )
        messages.success(
            request,
            gettext(
                "Votre consentement est retiré : plus personne ne trouve ce savoir."
            ),
        )
        return reverse("member:consent", args=[one.pk])

    try:
        return once(request, act)
    except ActionRefused as refused:
        return _show(request, _one(request, consent_id), status=409, refused=refused)


@allow(Role.MEMBER)
@require_POST
def helped(request: HttpRequest, reuse_id: int) -> HttpResponse:
    """Say whether what the reservoir gave was of help."""
    mine = request.who.organisation_ids("request")
    reuse = get_object_or_404(Reuse, pk=reuse_id, organisation_id__in=mine)
    back = request.POST.get("retour", "")
    if not back.startswith("/membre/"):
        back = reverse("member:piece", args=[reuse.piece_id])
    if request.POST.get("aide") not in ("oui", "non"):
        return redirect(back)

    def act() -> str:
        actions.say_if_helped(
            reuse_id=reuse.pk,
            organisation_ids=mine,
            helped=request.POST["aide"] == "oui",
            words=request.POST.get("mot", "")[:2000],
            by=request.who.by,
        )
        messages.success(request, gettext("Merci, c’est noté."))
        return back

    return once(request, act)


urls = [
    path("reservoir/consentements/", consents, name="consents"),
    path("reservoir/consentements/<int:consent_id>", consent, name="consent"),
    path(
        "reservoir/consentements/<int:consent_id>/retirer",
        revoke,
        name="revoke_consent",
    ),
    path("reservoir/reemplois/<int:reuse_id>", helped, name="reuse_helped"),
]
