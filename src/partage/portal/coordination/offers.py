"""Offers at the right cost: drafted from the need, priced by the card, sent once."""

from decimal import Decimal

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from partage.archive.models import File
from partage.journal.actions import ActionRefused
from partage.journal.queries import story_of, story_of_ids
from partage.knowledge.queries import Sight
from partage.mandates import actions, queries
from partage.mandates.models import Mandate, Offer
from partage.mandates.queries.paper import french_is_given_first
from partage.needs.models import Part
from partage.people.models import Role
from partage.planning.models import Assignment
from partage.portal import stages
from partage.portal.access import allow
from partage.portal.estimating import compare, look_back
from partage.portal.files import read_here
from partage.portal.forms import Form
from partage.portal.offer_editor import Choices, editor, kept, rearranged, typed
from partage.portal.once import once
from partage.portal.prices import price_of_offer
from partage.portal.spreadsheets import sheet
from partage.portal.story import story
from partage.rules.triage import fold
from partage.tariffs.queries import price_list

EXPIRED = "EXPIRED"
KINDS = {"SENT": "wait", "ACCEPTED": "good", "REFUSED": "bad", EXPIRED: "bad"}


class Filter(Form):
    q = forms.CharField(label=_("Chercher"), required=False, max_length=200)


def state_of(offer: Offer, on) -> tuple[str, str]:
    """Return the word and the kind of an offer's state on a date."""
    if queries.is_expired(offer, on=on):
        return gettext("expirée"), KINDS[EXPIRED]
    return offer.get_status_display(), KINDS.get(offer.status, "")


@allow(Role.COORDINATION)
def offers(request: HttpRequest) -> HttpResponse:
    today = request.who.today
    form = Filter(request.GET)
    form.is_valid()
    found = queries.offers()
    for word in fold(form.cleaned_data.get("q") or "").split():
        found = found.filter(
            Q(organisation__sort_key__contains=word)
            | Q(reference__icontains=word)
            | Q(title__icontains=word)
        )
    over = queries.expired_on(today)
    by_state = {
        "DRAFT": Q(status="DRAFT"),
        "SENT": Q(status="SENT") & ~over,
        EXPIRED: over,
        "ACCEPTED": Q(status="ACCEPTED"),
        "REFUSED": Q(status="REFUSED"),
        "WITHDRAWN": Q(status="WITHDRAWN"),
    }
    counts = found.aggregate(
        total=Count("pk"),
        **{code: Count("pk", filter=condition) for code, condition in by_state.items()},
    )
    which = request.GET.get("etat", "")
    chosen = found.filter(by_state[which]) if which in by_state else found
    chosen = chosen.order_by("-created_at", "-pk").defer("introduction", "scope")
    if request.GET.get("format") == "xlsx":
        return _as_sheet(chosen, today)
    page = Paginator(chosen, 25).get_page(request.GET.get("page"))
    for one in page:
        one.at = state_of(one, today)
    words = {
        "DRAFT": gettext("brouillons"),
        "SENT": gettext("envoyées"),
        EXPIRED: gettext("expirées"),
        "ACCEPTED": gettext("acceptées"),
        "REFUSED": gettext("refusées"),
        "WITHDRAWN": gettext("retirées"),
    }
    return render(
        request,
        "coordination/offers.html",
        {
            "page": page,
            "form": form,
            "which": which if which in by_state else "",
            "tabs": [
                ("", gettext("toutes"), counts["total"]),
                *((code, words[code], counts[code]) for code in by_state),
            ],
        },
    )


def _as_sheet(chosen: QuerySet[Offer], today) -> HttpResponse:
    return sheet(
        gettext("offres"),
        [
            gettext("Référence"),
            gettext("Version"),
            gettext("Titre"),
            gettext("Organisation"),
            gettext("État"),
            gettext("Avant taxes ($)"),
            gettext("Préparée le"),
            gettext("Envoyée le"),
            gettext("Valide jusqu’au"),
        ],
        (
            (
                one.reference,
                one.version,
                one.title,
                one.organisation.name,
                state_of(one, today)[0],
                one.net,
                one.created_at,
                one.sent_at,
                one.valid_until,
            )
            for one in chosen
        ),
    )


@allow(Role.COORDINATION)
@require_POST
def new_offer(request: HttpRequest, need_id: int) -> HttpResponse:
    def act() -> str:
        offer = actions.draft_offer(need_id=need_id, by=request.who.by)
        return reverse("coordination:offer", args=[offer.pk])

    try:
        return once(request, act)
    except ActionRefused as refused:
        return render(request, "409.html", {"refused": refused}, status=409)


def _one(offer_id: int) -> Offer:
    return get_object_or_404(queries.offers(), pk=offer_id)


@allow(Role.COORDINATION)
def offer(request: HttpRequest, offer_id: int) -> HttpResponse:
    row = _one(offer_id)
    if request.method != "POST":
        return _show(request, row)
    if row.status != Offer.Status.DRAFT:
        return _show(
            request, row, refused=actions.OfferIsNotADraft(offer=row), status=409
        )
    phases = typed(request.POST)
    act = request.POST.get("faire", "")
    if act == "calculer":
        return _totals(request, row, phases)
    if act:
        return _show(request, row, phases=rearranged(phases, act), moved=act)
    form = _editor(request, row, phases, checked=True)
    if not form.is_valid():
        return _show(request, row, form=form, status=422)

    def write() -> str:
        by = request.who.by
        actions.change_offer(
            offer_id=row.pk, **form.head.cleaned_data, phases=form.drafts(), by=by
        )
        words = gettext("Le brouillon est enregistré.")
        if "envoyer" in request.POST:
            sent = actions.send_offer(offer_id=row.pk, by=by)
            words = gettext("L’offre %(offer)s est partie.") % {"offer": sent}
        messages.success(request, words)
        return reverse("coordination:offer", args=[row.pk])

    try:
        return once(request, write)
    except ActionRefused as refused:
        return _show(request, row, form=form, refused=refused, status=409)


def _editor(request: HttpRequest, row: Offer, phases, *, checked: bool = False):
    assigned = Assignment.objects.filter(
        part__need=row.need_id, status=Assignment.Status.ACCEPTED
    ).values_list("expert_id", flat=True)
    named = {
        int(line["expert"])
        for phase in phases
        for line in phase.lines
        if line["expert"].isdecimal()
    }
    return editor(
        row,
        phases,
        prices=price_list(row.organisation, on=request.who.today),
        choices=Choices.of({*assigned, *named}),
        on=request.who.today,
        data=request.POST if request.method == "POST" else None,
        checked=checked,
    )


def _totals(request: HttpRequest, row: Offer, phases) -> HttpResponse:
    """What the form comes to as it is typed; nothing is written."""
    return render(
        request,
        "coordination/offer_totals.html",
        {"editor": _editor(request, row, phases), "live": True},
    )


def _show(
    request: HttpRequest,
    row: Offer,
    *,
    status: int = 200,
    form=None,
    phases=None,
    moved: str = "",
    refused=None,
) -> HttpResponse:
    kept_phases = queries.phases_of(row)
    draft = row.status == Offer.Status.DRAFT
    if draft and form is None:
        shown = phases if phases is not None else kept(kept_phases, get_language())
        form = _editor(request, row, shown)
    if moved.startswith(("ligne", "phase")) and form.phases:
        last = moved.split()[-1]
        form.focus_last_of(int(last) if last.isdecimal() else -1)
    need = row.need
    stage = stages.stage_of(need.pk) if need else None
    parts = list(Part.objects.filter(need=need).select_related("field")) if need else []
    mandate = Mandate.objects.filter(offer=row).first()
    context = {
        "offer": row,
        "at": state_of(row, request.who.today),
        "expired": queries.is_expired(row, on=request.who.today),
        "editor": form if draft else None,
        "moved": moved,
        "refused": refused,
        "phases": kept_phases,
        "taxes": row.taxes.all(),
        "total": row.net + sum((tax.amount for tax in row.taxes.all()), Decimal(0)),
        "versions": queries.versions_of(row).exclude(pk=row.pk),
        "mandate": mandate,
        "answer": getattr(row, "answer", None),
        "french_first": french_is_given_first(row),
        "can_renew": row.status in ("REFUSED", "WITHDRAWN")
        or queries.is_expired(row, on=request.who.today),
        "parts": parts,
        "low": sum(part.minutes_low for part in parts),
        "high": sum(part.minutes_high for part in parts),
        "stage": stage,
        "step": stages.step_of(need.pk, stage) if need else 0,
        "story": story(story_of(row)),
    }
    if draft:
        # What was asked says more than how the offer begins.
        asked = f"{row.title}\n{need.text if need else row.introduction}"
        met = look_back(asked, row.language, sight=Sight(everything=True))
        context["alike"] = met.pieces(
            field_ids=[part.field_id for part in parts],
            apart=[need.reference] if need else (),
            limit=3,
        )
        context["addresses"] = met.addresses(one.request for one in context["alike"])
        context["comparison"] = compare(met)
    if row.status != Offer.Status.DRAFT:
        context |= price_of_offer(row)
    return render(request, "coordination/offer.html", context, status=status)


@allow(Role.COORDINATION)
def offer_preview(request: HttpRequest, offer_id: int) -> HttpResponse:
    row = _one(offer_id)
    try:
        content = actions.preview_offer(offer=row, by=request.who.by)
    except ActionRefused as refused:
        return render(request, "409.html", {"refused": refused}, status=409)
    return read_here(f"{row.reference}.pdf", content)


@allow(Role.COORDINATION, Role.FINANCE, Role.BOARD, Role.ADMINISTRATION)
def offer_document(request: HttpRequest, offer_id: int) -> HttpResponse:
    return document_of(_one(offer_id), request.GET.get("langue", ""))


def document_of(row: Offer, language: str) -> HttpResponse:
    """Return the document of an offer; in French if that is what is asked for."""
    file = row.french_pdf if language == "fr" and row.french_pdf_id else row.pdf
    if file is None:
        raise Http404
    return read_here(file.name, file.content)


def _act(request: HttpRequest, offer_id: int, act) -> HttpResponse:
    row = _one(offer_id)
    try:
        return once(request, lambda: reverse("coordination:offer", args=[act(row).pk]))
    except ActionRefused as refused:
        return _show(request, _one(offer_id), refused=refused, status=409)


@allow(Role.COORDINATION)
@require_POST
def withdraw_offer(request: HttpRequest, offer_id: int) -> HttpResponse:
    reason = request.POST.get("reason", "")[:2000]
    return _act(
        request,
        offer_id,
        lambda row: actions.withdraw_offer(
            offer_id=row.pk, reason=reason, by=request.who.by
        ),
    )


@allow(Role.COORDINATION)
@require_POST
def renew_offer(request: HttpRequest, offer_id: int) -> HttpResponse:
    return _act(
        request,
        offer_id,
        lambda row: actions.renew_offer(offer_id=row.pk, by=request.who.by),
    )


@allow(Role.COORDINATION, Role.FINANCE, Role.BOARD, Role.ADMINISTRATION)
def offer_proof(request: HttpRequest, offer_id: int) -> HttpResponse:
    """Who answered, when, from where, and which exact document."""
    row = get_object_or_404(
        queries.offers().select_related("answer__user"), pk=offer_id
    )
    if not hasattr(row, "answer"):
        raise Http404
    heading = File.objects.defer("content").get(pk=row.pdf_id)
    return render(
        request,
        "coordination/offer_proof.html",
        {
            "offer": row,
            "answer": row.answer,
            "file": heading,
            "mandate": Mandate.objects.filter(offer=row).first(),
            "story": story(story_of_ids([("mandates.Offer", [row.pk])])),
            "may_open": Role.COORDINATION in request.who.roles,
        },
    )


urls = [
    path("offres/", offers, name="offers"),
    path("demandes/<int:need_id>/offre", new_offer, name="new_offer"),
    path("offres/<int:offer_id>/", offer, name="offer"),
    path("offres/<int:offer_id>/apercu.pdf", offer_preview, name="offer_preview"),
    path("offres/<int:offer_id>/document.pdf", offer_document, name="offer_document"),
    path("offres/<int:offer_id>/retirer", withdraw_offer, name="withdraw_offer"),
    path("offres/<int:offer_id>/version", renew_offer, name="renew_offer"),
    path("offres/<int:offer_id>/preuve", offer_proof, name="offer_proof"),
]
