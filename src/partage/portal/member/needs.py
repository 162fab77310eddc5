"""What a member asks for: file it, follow it, add to it, take it back."""

from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from partage.journal.actions import ActionRefused
from partage.journal.queries import story_of_ids
from partage.knowledge.models import Reuse
from partage.knowledge.queries import Resemblance
from partage.mandates.models import Mandate, Offer
from partage.members.models import Organisation, Representation
from partage.needs import actions, queries
from partage.needs.models import Need
from partage.people.models import Role
from partage.planning import actions as planning
from partage.planning.models import Assignment
from partage.portal import stages
from partage.portal.access import allow
from partage.portal.estimating import look_back
from partage.portal.files import Papers, download
from partage.portal.filing import AmongForm
from partage.portal.member.knowledge import door_of
from partage.portal.once import once
from partage.portal.spreadsheets import sheet
from partage.portal.story import story_for_member

OPEN, CLOSED, REFERRED = "en-cours", "closes", "referees"


class OfferStandsOnIt(ActionRefused):
    sentence = _(
        "Une offre répond déjà à la demande %(reference)s. "
        "Pour y renoncer, refusez l’offre."
    )


def _seen(request: HttpRequest):
    who = request.who
    return queries.needs_seen_by(
        who.organisation_ids(), who.organisation_ids("refer")
    ).select_related("organisation", "referred_by")


def _one(request: HttpRequest, need_id: int) -> Need:
    return get_object_or_404(stages.with_stage(_seen(request)), pk=need_id)


def _may_change(request: HttpRequest, need: Need) -> bool:
    """Whoever may ask for the organisation, or referred it, may add and withdraw."""
    who = request.who
    return need.organisation_id in who.organisation_ids(
        "request"
    ) or need.referred_by_id in who.organisation_ids("refer")


@allow(Role.MEMBER)
def needs(request: HttpRequest) -> HttpResponse:
    which = request.GET.get("voir", OPEN)
    words = request.GET.get("q", "").strip()[:200]
    who = request.who
    found = stages.with_stage(_seen(request))
    if words:
        found = queries.holding(found, words)
    groups = {
        OPEN: found.filter(stage__in=stages.OPEN),
        CLOSED: found.exclude(stage__in=stages.OPEN),
    }
    refers = who.organisation_ids("refer")
    if refers:
        groups[REFERRED] = found.filter(referred_by_id__in=refers)
    chosen = groups.get(which, groups[OPEN]).order_by("-received_at", "-id")
    if request.GET.get("format") == "xlsx":
        return sheet(
            gettext("demandes"),
            [
                (gettext("Référence"), "text"),
                (gettext("Demande"), "text"),
                (gettext("Organisation"), "text"),
                (gettext("Reçue le"), "date"),
                (gettext("État"), "text"),
            ],
            (
                (
                    need.reference,
                    need.title,
                    need.organisation.name,
                    localtime(need.received_at).date(),
                    stages.STAGES[need.stage].said,
                )
                for need in chosen
            ),
        )
    page = Paginator(chosen.defer("text"), 25).get_page(request.GET.get("page"))
    for need in page:
        need.at = stages.STAGES[need.stage]
    labels = {
        OPEN: gettext("En cours"),
        CLOSED: gettext("Closes"),
        REFERRED: gettext("Référées par nous"),
    }
    return render(
        request,
        "member/needs.html",
        {
            "page": page,
            "words": words,
            "tabs": [
                (code, labels[code], group.count(), code == which)
                for code, group in groups.items()
            ],
            "may_file": bool(who.organisation_ids("request")),
            "may_refer": bool(refers),
            "several": len(who.representations) > 1 or bool(refers),
        },
    )


@allow(Role.MEMBER, power="request")
def new_need(request: HttpRequest) -> HttpResponse:
    among = Organisation.objects.filter(pk__in=request.who.organisation_ids("request"))
    return _file(request, among, referring=False)


@allow(Role.MEMBER, power="refer")
def refer_need(request: HttpRequest) -> HttpResponse:
    among = Organisation.objects.filter(
        network__in=request.who.organisation_ids("refer")
    )
    return _file(request, among, referring=True)


def _file(request: HttpRequest, among, *, referring: bool) -> HttpResponse:
    form = AmongForm(request.POST or None, among=among)
    context = {"form": form, "referring": referring, "among": among.exists()}
    if request.method != "POST":
        return render(request, "member/need_new.html", context)
    papers = context["papers"] = Papers(request)

    def act() -> str:
        organisation = form.cleaned_data["organisation"]
        need = actions.file_need(
            organisation_id=organisation.pk,
            **form.asked(),
            channel=Need.Channel.FIRST_LINE if referring else Need.Channel.PORTAL,
            requested_by_id=request.user.pk,
            referred_by_id=organisation.network_id if referring else None,
            file_ids=papers.ids,
            by=request.who.by,
        )
        return reverse("member:need", args=[need.pk])

    for problem in papers.problems:
        form.add_error(None, problem)
    if form.is_valid():
        try:
            return once(request, act)
        except ActionRefused as refused:
            context["refused"] = refused
    return render(
        request,
        "member/need_new.html",
        context,
        status=409 if "refused" in context else 422,
    )


@allow(Role.MEMBER)
def need(request: HttpRequest, need_id: int) -> HttpResponse:
    return _show(request, _one(request, need_id))


def _show(
    request: HttpRequest, need: Need, *, status: int = 200, **more
) -> HttpResponse:
    stage = stages.STAGES[need.stage]
    ids = Representation.objects.filter(
        organisation_id__in=[need.organisation_id, need.referred_by_id]
    ).values_list("user_id", flat=True)
    triage = queries.triages_of(need).first()
    told = need.status in (Need.Status.REFERRED_BACK, Need.Status.ANSWERED)
    own = need.organisation_id in request.who.organisation_ids()
    changes = _may_change(request, need)
    waits = own and stage.code in stages.BEFORE_OFFER
    return render(
        request,
        "member/need.html",
        {
            "need": need,
            "alike": _already_known(request, need) if waits else [],
            "stage": stage,
            "step": stages.step_of(need.pk, stage),
            "attachments": queries.attachments_of(need),
            # Only a decision that closes the need speaks to the member.
            "answer": triage if told else None,
            "reuse": Reuse.objects.filter(
                served=need.reference, organisation_id=need.organisation_id
            ).first()
            if told and own
            else None,
            "may_say": need.organisation_id in request.who.organisation_ids("request"),
            "offer": Offer.objects.filter(
                need=need, status__in=(Offer.Status.SENT, Offer.Status.ACCEPTED)
            ).first()
            if own
            else None,
            "mandate": Mandate.objects.filter(offer__need=need).first()
            if own
            else None,
            "may_attach": changes and need.closed_at is None,
            "may_withdraw": changes and stage.code in stages.BEFORE_OFFER,
            "story": story_for_member(
                story_of_ids(stages.related_to(need.pk)),
                own_ids=set(ids),
                cooperative=request.who.cooperative.name,
            ),
            **more,
        },
        status=status,
    )


def _already_known(request: HttpRequest, need: Need) -> list[Resemblance]:
    """Return what the member may read already that may serve, while it waits."""
    text = f"{need.title}\n{need.text}"
    met = look_back(text, need.language, sight=door_of(request).sight)
    return met.pieces(apart=[need.reference], limit=3)


@allow(Role.MEMBER)
@require_POST
def attach(request: HttpRequest, need_id: int) -> HttpResponse:
    need = _one(request, need_id)
    if not _may_change(request, need):
        raise Http404
    papers = Papers(request)

    def act() -> str:
        for file_id in papers.ids:
            actions.attach_file(need_id=need.pk, file_id=file_id, by=request.who.by)
        return reverse("member:need", args=[need.pk])

    if papers.problems or not papers.ids:
        refused = " ".join(papers.problems) or gettext(
            "Aucun document n’a été choisi. Choisissez-en un, puis joignez-le."
        )
        return _show(request, need, status=422, papers=papers, refused=refused)
    try:
        return once(request, act)
    except ActionRefused as refused:
        return _show(request, need, status=409, papers=papers, refused=refused)


@allow(Role.MEMBER)
@require_POST
def withdraw(request: HttpRequest, need_id: int) -> HttpResponse:
    need = _one(request, need_id)
    if not _may_change(request, need):
        raise Http404

    def act() -> str:
        withdraw_whole(need, reason="", by=request.who.by)
        return reverse("member:need", args=[need.pk])

    try:
        return once(request, act)
    except ActionRefused as refused:
        return _show(request, _one(request, need_id), status=409, refused=refused)


@transaction.atomic
def withdraw_whole(need: Need, *, reason: str, by) -> None:
    """Withdraw a need and give back the weeks of whoever was asked to do it.

    Raises OfferStandsOnIt once there is an offer, or the refusals of the acts.
    """
    Need.objects.select_for_update().get(pk=need.pk)
    stage = stages.stage_of(need.pk)
    if stage.open and stage.code not in stages.BEFORE_OFFER:
        raise OfferStandsOnIt(reference=need.reference)
    actions.withdraw_need(need_id=need.pk, reason=reason, by=by)
    for assignment in Assignment.objects.filter(
        part__need=need, status__in=stages.LIVE_ASSIGNMENT
    ):
        planning.withdraw_assignment(
            assignment_id=assignment.pk, reason=gettext("Demande retirée."), by=by
        )


@allow(Role.MEMBER)
def document(request: HttpRequest, need_id: int, attachment_id: int) -> HttpResponse:
    need = _one(request, need_id)
    attachment = get_object_or_404(
        need.attachments.select_related("file"), pk=attachment_id
    )
    return download(attachment.file)


urls = [
    path("demandes/", needs, name="needs"),
    path("demandes/nouvelle", new_need, name="new_need"),
    path("demandes/referer", refer_need, name="refer_need"),
    path("demandes/<int:need_id>", need, name="need"),
    path("demandes/<int:need_id>/documents", attach, name="need_attach"),
    path("demandes/<int:need_id>/retirer", withdraw, name="need_withdraw"),
    path(
        "demandes/<int:need_id>/documents/<int:attachment_id>",
        document,
        name="need_document",
    ),
]
