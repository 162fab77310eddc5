"""An offer as the member reads it, and answers it."""

from decimal import Decimal

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from partage.archive.models import File
from partage.journal.actions import ActionRefused
from partage.mandates import actions, queries
from partage.mandates.models import Mandate, Offer
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.files import read_here
from partage.portal.forms import Form
from partage.portal.once import once
from partage.portal.prices import price_of_offer
from partage.portal.spreadsheets import sheet


class AcceptForm(Form):
    """The hidden field is the fingerprint of the document that the page shows."""

    sha256 = forms.CharField(widget=forms.HiddenInput)
    read = forms.BooleanField(required=False)
    french = forms.BooleanField(required=False)

    def __init__(self, *args, offer: Offer, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["read"].label = gettext(
            "J’ai lu l’offre et je l’accepte au nom de %(name)s."
        ) % {"name": offer.organisation.name}
        if offer.french_pdf_id:
            self.fields["french"].label = gettext(
                "J’ai reçu l’offre en français d’abord, et je choisis de m’engager "
                "par sa version anglaise."
            )
        else:
            del self.fields["french"]


class RefuseForm(Form):
    sha256 = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Pourquoi"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=2000,
        help_text=_("Cela nous aide à faire mieux, ou à vous proposer autre chose."),
    )


def _one(request: HttpRequest, offer_id: int) -> Offer:
    found = queries.offers_for(request.who.organisation_ids())
    return get_object_or_404(found.select_related("answer"), pk=offer_id)


def _state_of(row: Offer, today) -> tuple[str, str]:
    """Return the word and the kind of an offer's state, as the member reads it."""
    if queries.is_expired(row, on=today):
        return gettext("expirée"), "bad"
    if row.status == Offer.Status.SENT:
        return gettext("attend votre réponse"), "wait"
    kind = "good" if row.status == Offer.Status.ACCEPTED else ""
    return row.get_status_display(), kind


@allow(Role.MEMBER)
def offers(request: HttpRequest) -> HttpResponse:
    who = request.who
    waiting = When(status=Offer.Status.SENT, valid_until__gte=who.today, then=Value(0))
    found = (
        queries.offers_for(who.organisation_ids())
        .defer("introduction", "scope")
        .order_by(Case(waiting, default=Value(1)), "-sent_at", "-pk")
    )
    if request.GET.get("format") == "xlsx":
        return _as_sheet(found, who.today)
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    for one in page:
        one.at = _state_of(one, who.today)
    several = len(who.organisation_ids()) > 1
    return render(request, "member/offers.html", {"page": page, "several": several})


def _as_sheet(found, today) -> HttpResponse:
    columns = [
        (gettext("Offre"), "text"),
        (gettext("Titre"), "text"),
        (gettext("Organisation"), "text"),
        (gettext("Envoyée le"), "date"),
        (gettext("Valide jusqu’au"), "date"),
        (gettext("Avant taxes"), "money"),
        (gettext("État"), "text"),
    ]
    rows = (
        (
            str(one),
            one.title,
            one.organisation.name,
            localtime(one.sent_at).date(),
            one.valid_until,
            one.net,
            _state_of(one, today)[0],
        )
        for one in found
    )
    return sheet(gettext("offres"), columns, rows)


@allow(Role.MEMBER)
def offer(request: HttpRequest, offer_id: int) -> HttpResponse:
    return _show(request, _one(request, offer_id))


def _show(
    request: HttpRequest, row: Offer, *, status: int = 200, refused=None, **bound
) -> HttpResponse:
    taxes = list(row.taxes.all())
    shown = File.objects.values_list("sha256", flat=True).get(pk=row.pdf_id)
    expired = queries.is_expired(row, on=request.who.today)
    open_to_answer = row.status == Offer.Status.SENT and not expired
    may_sign = row.organisation_id in request.who.organisation_ids("sign")
    said = {"sha256": shown}
    return render(
        request,
        "member/offer.html",
        {
            "offer": row,
            "phases": queries.phases_of(row),
            "taxes": taxes,
            "total": row.net + sum((tax.amount for tax in taxes), Decimal(0)),
            "expired": expired,
            "to_answer": open_to_answer,
            "may_sign": may_sign,
            "answer": getattr(row, "answer", None),
            "mandate": Mandate.objects.filter(offer=row).first(),
            "accept": bound.get("accept") or AcceptForm(initial=said, offer=row),
            "refuse": bound.get("refuse") or RefuseForm(initial=said, prefix="refus"),
            "refused": refused,
            **price_of_offer(row),
        },
        status=status,
    )


def _answer(request: HttpRequest, offer_id: int, form, *, accepted: bool):
    """Answer once, and say what came of it; a refusal keeps what was typed."""
    row = _one(request, offer_id)
    name = "accept" if accepted else "refuse"
    if not form.is_valid():
        return _show(request, row, status=422, **{name: form})
    said = form.cleaned_data

    def act() -> str:
        mandate = actions.answer_offer(
            offer_id=row.pk,
            organisation_ids=request.who.organisation_ids("sign"),
            accepted=accepted,
            by=request.who.by,
            **said,
        )
        if mandate is None:
            messages.success(request, gettext("Votre refus est noté. Merci."))
            return reverse("member:offer", args=[row.pk])
        words = gettext("L’offre est acceptée : le mandat %(reference)s est ouvert.")
        messages.success(request, words % {"reference": mandate.reference})
        return reverse("member:mandate", args=[mandate.pk])

    try:
        return once(request, act)
    except Offer.DoesNotExist:
        raise Http404 from None
    except ActionRefused as refused:
        now = _one(request, offer_id)
        if refused.field in form.fields:
            form.add_error(refused.field, str(refused))
            return _show(request, now, status=409, **{name: form})
        return _show(request, now, refused=refused, status=409, **{name: form})


@allow(Role.MEMBER, power="sign")
@require_POST
def accept_offer(request: HttpRequest, offer_id: int) -> HttpResponse:
    form = AcceptForm(request.POST, offer=_one(request, offer_id))
    return _answer(request, offer_id, form, accepted=True)


@allow(Role.MEMBER, power="sign")
@require_POST
def refuse_offer(request: HttpRequest, offer_id: int) -> HttpResponse:
    form = RefuseForm(request.POST, prefix="refus")
    return _answer(request, offer_id, form, accepted=False)


@allow(Role.MEMBER)
def offer_document(request: HttpRequest, offer_id: int) -> HttpResponse:
    row = _one(request, offer_id)
    french = request.GET.get("langue") == "fr" and row.french_pdf_id
    file = row.french_pdf if french else row.pdf
    if file is None:
        raise Http404
    return read_here(file.name, file.content)


urls = [
    path("offres/", offers, name="offers"),
    path("offres/<int:offer_id>/", offer, name="offer"),
    path("offres/<int:offer_id>/accepter", accept_offer, name="accept_offer"),
    path("offres/<int:offer_id>/refuser", refuse_offer, name="refuse_offer"),
    path("offres/<int:offer_id>/document.pdf", offer_document, name="offer_document"),
]
