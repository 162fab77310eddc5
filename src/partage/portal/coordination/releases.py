"""The release gate: what waits, the differences to read, and the signature."""

from collections.abc import Iterable

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from partage.journal.actions import ActionRefused
from partage.knowledge import actions, queries
from partage.knowledge.actions import Decision, Signature
from partage.knowledge.models import Piece, Release
from partage.mandates.models import TeamMember
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.coordination.knowledge import door_of
from partage.portal.forms import Form
from partage.portal.once import once
from partage.portal.pieces import out_of_sight, show_piece

KINDS = {
    "REVIEW": "wait",
    "CONSENT": "wait",
    "SHARED": "good",
    "REFUSED": "bad",
    "REVOKED": "bad",
}
PAGES_SHOWN = 8
BY_HAND = 3  # lines to add what no rule found


def _team_of(piece: Piece) -> list[str]:
    """Return who worked on the piece's mandate: the reservoir does not know them."""
    return list(
        TeamMember.objects.filter(mandate__reference=piece.source).values_list(
            "expert__name", flat=True
        )
    )


@allow(Role.COORDINATION)
def releases(request: HttpRequest) -> HttpResponse:
    """What is on its way out, what waits for a reading first."""
    counts = dict(
        Release.objects.values_list("status").annotate(n=Count("pk")).order_by()
    )
    asked = request.GET.get("etat", "")
    rows = queries.releases()
    if asked in Release.Status.values:
        rows = rows.filter(status=asked)
    else:
        asked = ""
        rows = rows.filter(status__in=(Release.Status.REVIEW, Release.Status.CONSENT))
    return render(
        request,
        "coordination/releases.html",
        {
            "page": Paginator(rows, 25).get_page(request.GET.get("page")),
            "asked": asked,
            "tabs": [
                (value, word, counts.get(value, 0))
                for value, word in Release.Status.choices
                if counts.get(value)
            ],
            "waiting": counts.get("REVIEW", 0) + counts.get("CONSENT", 0),
            "kinds": KINDS,
            "to_prepare": Piece.objects.filter(
                ~Q(confidentiality=Piece.Confidentiality.MANDATE),
                status=Piece.Status.WALLED,
            )
            .exclude(releases__status__in=Release.LIVE)
            .count(),
        },
    )


@allow(Role.COORDINATION)
@require_POST
def open_release(request: HttpRequest, piece_id: int) -> HttpResponse:
    piece = get_object_or_404(Piece, pk=piece_id)

    def act() -> str:
        release = actions.open_release(
            piece_id=piece.pk, parties=_team_of(piece), by=request.who.by
        )
        return reverse("coordination:release", args=[release.pk])

    try:
        return once(request, act)
    except ActionRefused as refused:
        return show_piece(
            request, door_of(request), piece.pk, status=409, refused=refused
        )


class SignForm(Form):
    purpose = forms.CharField(
        label=_("À quelles fins"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    risk = forms.ChoiceField(
        label=_("Risque que quelqu’un soit reconnu"),
        choices=Release.Risk.choices,
        widget=forms.RadioSelect,
        initial=Release.Risk.VERY_LOW,
    )
    risk_words = forms.CharField(
        label=_("Ce qui a été pesé"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Peut-on isoler une personne, recouper avec d’autres sources, déduire "
            "quelque chose d’elle ?"
        ),
    )
    secrecy_lifted = forms.CharField(
        label=_("Pourquoi le secret professionnel ne s’y oppose pas"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args, privileged: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].initial = gettext(
            "Réemploi par d’autres membres de la coopérative"
        )
        if not privileged:
            del self.fields["secrecy_lifted"]


def _decisions(request: HttpRequest, release: Release) -> list[Decision]:
    """Return what the form says of each replacement, and the lines added by hand."""
    said = [
        Decision(
            before=row.before,
            after=request.POST.get(f"after_{row.pk}", row.after),
            applies=f"applies_{row.pk}" in request.POST,
        )
        for row in release.replacements.all()
    ]
    added: Iterable[tuple[str, str]] = zip(
        request.POST.getlist("before"), request.POST.getlist("after"), strict=False
    )
    return said + [
        Decision(before=before, after=after)
        for before, after in added
        if before.strip()
    ]


@allow(Role.COORDINATION)
def release(request: HttpRequest, release_id: int) -> HttpResponse:
    """The differences, before and after, side by side; then the signature."""
    one = get_object_or_404(queries.releases(), pk=release_id)
    form = SignForm(
        request.POST if request.POST.get("faire") == "signer" else None,
        privileged=one.piece.privileged,
    )
    status, refused = 200, None
    if request.method == "POST":
        here = reverse("coordination:release", args=[one.pk])
        signing = request.POST.get("faire") == "signer"

        def act() -> str:
            decisions = _decisions(request, one)
            if signing:
                actions.sign_release(
                    release_id=one.pk,
                    decisions=decisions,
                    signature=Signature(**form.cleaned_data),
                    parties=_team_of(one.piece),
                    by=request.who.by,
                )
            else:
                actions.review_release(
                    release_id=one.pk, decisions=decisions, by=request.who.by
                )
            return here

        if signing and not form.is_valid():
            status = 422
            actions.review_release(
                release_id=one.pk, decisions=_decisions(request, one), by=request.who.by
            )
        else:
            try:
                return once(request, act)
            except ActionRefused as problem:
                status = 409
                if problem.field in form.fields:
                    form.add_error(problem.field, str(problem))
                else:
                    refused = problem
                if one.status == Release.Status.REVIEW:
                    actions.review_release(
                        release_id=one.pk,
                        decisions=_decisions(request, one),
                        by=request.who.by,
                    )
        one = queries.releases().get(pk=release_id)
    texts = queries.compared(one)
    changed = [text for text in texts if text.changed]
    whole = request.GET.get("tout") == "1"
    return render(
        request,
        "coordination/release.html",
        {
            "release": one,
            "piece": one.piece,
            "form": form,
            "refused": refused,
            "kind": KINDS.get(one.status, ""),
            "replacements": list(one.replacements.all()),
            "by_hand": range(BY_HAND),
            "page": Paginator(texts if whole else changed, PAGES_SHOWN).get_page(
                request.GET.get("page")
            ),
            "whole": whole,
            "same": len(texts) - len(changed),
            "hidden": out_of_sight(one.version.hidden),
            "to_review": one.status == Release.Status.REVIEW,
            "step": {"REVIEW": 0, "CONSENT": 1, "SHARED": 2}.get(one.status),
            "step_names": [
                gettext("Relire et signer"),
                gettext("Consentement du membre"),
                gettext("Partagé"),
            ],
        },
        status=status,
    )


@allow(Role.COORDINATION)
@require_POST
def end_release(request: HttpRequest, release_id: int) -> HttpResponse:
    one = get_object_or_404(queries.releases(), pk=release_id)

    def act() -> str:
        actions.end_release(
            release_id=one.pk, reason=request.POST.get("reason", ""), by=request.who.by
        )
        messages.success(request, gettext("Le savoir reste dans le mur de son mandat."))
        return reverse("coordination:releases")

    try:
        return once(request, act)
    except ActionRefused as refused:
        raise Http404(str(refused)) from refused


urls = [
    path("reservoir/partages/", releases, name="releases"),
    path("reservoir/partages/<int:release_id>", release, name="release"),
    path(
        "reservoir/partages/<int:release_id>/abandonner",
        end_release,
        name="end_release",
    ),
    path("reservoir/<int:piece_id>/partager", open_release, name="open_release"),
]
