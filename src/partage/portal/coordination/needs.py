"""The Monday morning of whoever coordinates: what came in, and what waits on whom."""

from decimal import Decimal

from django import forms
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from partage.experts.models import Field, Level
from partage.journal.actions import ActionRefused
from partage.journal.queries import story_of_ids
from partage.knowledge.models import Piece
from partage.knowledge.queries import Sight
from partage.mandates.models import Mandate, Offer
from partage.members.models import Organisation, Province
from partage.needs import actions, queries
from partage.needs.models import Need
from partage.people.models import Language, Role
from partage.planning.models import Assignment
from partage.portal import stages
from partage.portal.access import allow
from partage.portal.estimating import Comparison, compare, look_back
from partage.portal.files import Papers, download
from partage.portal.filing import AnyoneForm
from partage.portal.forms import Form, HoursField
from partage.portal.member.needs import withdraw_whole
from partage.portal.once import once
from partage.portal.spreadsheets import sheet
from partage.portal.standing import standing_of
from partage.portal.story import story
from partage.portal.templatetags.house import hours
from partage.rules.triage import fold

ALL_SEEING = Sight(everything=True)
ALL, CLOSED = "toutes", "closes"
# The tabs of the list, each with the stages it holds. What waits on us comes first.
TABS = {
    stages.COORDINATION: (
        _("attend la coordination"),
        stages.waiting_on("coordination"),
    ),
    stages.EXPERT: (_("attend l’expert"), ("proposed",)),
    stages.MEMBER: (_("attend le membre"), stages.waiting_on("member")),
    "mandate": (_("en mandat"), ("mandate",)),
    CLOSED: (_("closes"), tuple(c for c in stages.STAGES if c not in stages.OPEN)),
    ALL: (_("toutes"), tuple(stages.STAGES)),
}
MOST_PARTS = 8
SORTS = {
    "recue": ["received_at", "id"],
    "urgence": ["urgency", "-received_at", "id"],
    "organisation": ["organisation__sort_key", "received_at", "id"],
    "province": ["province", "received_at", "id"],
}


class NeedHasAnOffer(ActionRefused):
    sentence = _(
        "Une offre répond déjà à la demande %(reference)s : son triage ne change plus. "
        "Retirez d’abord l’offre."
    )


class SomebodyIsOnIt(ActionRefused):
    sentence = _(
        "« %(field)s » est confié à %(expert)s. "
        "Retirez d’abord cette affectation, ou gardez ce volet."
    )


class Filter(Form):
    """What the list shows. What cannot be read in the address is left aside."""

    q = forms.CharField(label=_("Chercher"), required=False, max_length=200)
    domaine = forms.ModelChoiceField(
        label=_("Domaine"),
        required=False,
        queryset=Field.objects.all(),
        to_field_name="code",
        empty_label=_("tous"),
    )
    urgence = forms.ChoiceField(
        label=_("Urgence"),
        required=False,
        choices=[("", _("toutes")), *Need.Urgency.choices],
    )
    province = forms.ChoiceField(
        label=_("Province"),
        required=False,
        choices=[("", _("toutes")), *Province.choices],
    )
    organisation = forms.CharField(
        label=_("Organisation"), required=False, max_length=200
    )

    def narrow(self, needs: QuerySet[Need]) -> QuerySet[Need]:
        """Keep the needs that answer; `needs` already has its stages."""
        self.is_valid()
        asked = self.cleaned_data
        if asked.get("q"):
            needs = queries.holding(needs, asked["q"])
        if asked.get("domaine"):
            needs = needs.filter(parts__field=asked["domaine"])
        if asked.get("urgence"):
            needs = needs.filter(urgency=asked["urgence"])
        if asked.get("province"):
            needs = needs.filter(province=asked["province"])
        for word in fold(asked.get("organisation") or "").split():
            needs = needs.filter(organisation__sort_key__contains=word)
        return needs


@allow(Role.COORDINATION)
def needs(request: HttpRequest) -> HttpResponse:
    form = Filter(request.GET)
    found = form.narrow(stages.with_stage(queries.all_needs()))
    counts = dict(
        found.order_by()
        .values("stage")
        .annotate(count=Count("pk"))
        .values_list("stage", "count")
    )
    which = request.GET.get("etape") or request.GET.get("attend", "")
    if which not in TABS and which not in stages.STAGES:
        which = stages.COORDINATION
    shown = TABS[which][1] if which in TABS else (which,)
    tab = which if which in TABS else _tab_of(which)
    chosen = found if which == ALL else found.filter(stage__in=shown)
    chosen = queries.with_parts(_sorted(chosen, request.GET.get("tri", "")))
    chosen = chosen.select_related("organisation").defer("text")
    if request.GET.get("format") == "xlsx":
        return _as_sheet(chosen, request)
    paginator = Paginator(chosen, 25)
    paginator.count = sum(counts.get(code, 0) for code in shown)  # asked already
    page = paginator.get_page(request.GET.get("page"))
    waited = stages.waited_for(need.pk for need in page)
    for need in page:
        need.at = stages.STAGES[need.stage]
        need.waits = ", ".join(waited.get(need.pk, ())) or need.at.waits_for
        need.days = (request.who.today - localtime(need.received_at).date()).days
    return render(
        request,
        "coordination/needs.html",
        {
            "form": form,
            "filtered": any(request.GET.get(name) for name in form.fields),
            "page": page,
            "tabs": [
                (code, word, sum(counts.get(c, 0) for c in held))
                for code, (word, held) in TABS.items()
            ],
            "tab": tab,
            # The tab says it already, unless it is an expert's own name.
            "with_waits": tab in (stages.EXPERT, ALL),
            "which": which,
            "stages": [
                (code, stages.STAGES[code].word, counts[code])
                for code in (TABS[tab][1] if tab != ALL else ())
                if counts.get(code)
            ],
        },
    )


def _tab_of(stage: str) -> str:
    return next(code for code, (_word, held) in TABS.items() if stage in held)


def _sorted(needs: QuerySet[Need], asked: str) -> QuerySet[Need]:
    """Sort as asked; else what is urgent first, then what has waited longest."""
    order = SORTS.get(asked.removeprefix("-"))
    if order is None:
        return needs.order_by("-urgency", "received_at", "id")
    if asked.startswith("-"):
        first = order[0]
        order = [first[1:] if first.startswith("-") else f"-{first}", *order[1:]]
    return needs.order_by(*order)


def _as_sheet(chosen: QuerySet[Need], request: HttpRequest) -> HttpResponse:
    columns = [
        (gettext("Référence"), "text"),
        (gettext("Demande"), "text"),
        (gettext("Organisation"), "text"),
        (gettext("Province"), "text"),
        (gettext("Reçue le"), "date"),
        (gettext("Âge (jours)"), "count"),
        (gettext("Urgence"), "text"),
        (gettext("État"), "text"),
        (gettext("Attend"), "text"),
        (gettext("Domaines"), "text"),
        (gettext("Heures probables"), "number"),
    ]
    rows = []
    for need in chosen:
        stage = stages.STAGES[need.stage]
        received = localtime(need.received_at).date()
        parts = need.parts.all()
        rows.append(
            (
                need.reference,
                need.title,
                need.organisation.name,
                need.get_province_display(),
                received,
                (request.who.today - received).days,
                need.get_urgency_display(),
                stage.word,
                stage.waits_for,
                ", ".join(part.field.name for part in parts),
                _hours(sum(part.minutes_likely for part in parts)),
            )
        )
    return sheet(gettext("demandes"), columns, rows)


def _hours(minutes: int) -> Decimal | None:
    return (Decimal(minutes) / 60).quantize(Decimal("0.01")) if minutes else None


@allow(Role.COORDINATION)
def new_need(request: HttpRequest) -> HttpResponse:
    form = AnyoneForm(request.POST or None)
    context = {"form": form, "organisations": _names()}
    if request.method != "POST":
        return render(request, "coordination/need_new.html", context)
    papers = context["papers"] = Papers(request)

    def act() -> str:
        need = actions.file_need(
            organisation_id=form.cleaned_data["organisation"].pk,
            **form.asked(),
            channel=Need.Channel.COORDINATION,
            file_ids=papers.ids,
            by=request.who.by,
        )
        return reverse("coordination:need", args=[need.pk])

    valid = form.is_valid()
    for problem in papers.problems:
        form.add_error(None, problem)
    if valid and not papers.problems:
        try:
            return once(request, act)
        except ActionRefused as refused:
            context["refused"] = refused
    return render(
        request,
        "coordination/need_new.html",
        context,
        status=409 if "refused" in context else 422,
    )


def _names() -> QuerySet:
    return Organisation.objects.order_by("sort_key").values_list("name", flat=True)


class PartForm(Form):
    """One field's share, with hours as people type them."""

    field = forms.ModelChoiceField(
        label=_("Domaine"),
        queryset=Field.objects.filter(closed_on=None),
        empty_label=_("Choisissez…"),
    )
    level = forms.TypedChoiceField(
        label=_("Niveau"), choices=Level.choices, coerce=int, initial=2
    )
    language = forms.ChoiceField(label=_("Langue"), choices=Language.choices)
    low = HoursField(label=_("Au moins"))
    likely = HoursField(label=_("Probable"))
    high = HoursField(label=_("Au plus"))

    def is_blank(self) -> bool:
        names = ("field", "low", "likely", "high")
        return not any(
            self.data.get(self.add_prefix(name), "").strip() for name in names
        )

    def clean(self):
        cleaned = super().clean()
        low, likely, high = (cleaned.get(n) for n in ("low", "likely", "high"))
        if low is not None and low <= 0:
            self.add_error("low", gettext("Donnez une durée plus grande que zéro."))
        if None not in (low, likely, high) and not low <= likely <= high:
            self.add_error(
                "likely",
                gettext("Écrivez les trois durées de la plus petite à la plus grande."),
            )
        return cleaned

    def wanted(self) -> actions.PartWanted:
        one = self.cleaned_data
        return actions.PartWanted(
            field_id=one["field"].pk,
            level=one["level"],
            language=one["language"],
            low=one["low"],
            likely=one["likely"],
            high=one["high"],
        )


class SpecialisedForm(Form):
    province = forms.ChoiceField(
        label=_("Province du travail"), choices=Province.choices
    )
    reason = forms.CharField(
        label=_("Motif"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Gardé avec la décision ; le membre ne le voit pas."),
    )


class FirstLineForm(Form):
    reason = forms.CharField(
        label=_("Mot au membre"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Pourquoi, et vers qui aller. Le membre lira ces mots."),
    )


class PieceField(forms.ModelChoiceField):
    def label_from_instance(self, piece: Piece) -> str:
        words = [piece.title]
        if piece.minutes:
            words.append(hours(piece.minutes, 1))
        if piece.licence == Piece.Licence.ASK:
            words.append(piece.get_licence_display())
        if piece.status == Piece.Status.WALLED:
            words.append(piece.get_status_display())
        return " · ".join(words)


class ReservoirForm(Form):
    piece = PieceField(
        label=_("Savoir qui répond"),
        queryset=Piece.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
    )
    reason = forms.CharField(
        label=_("Mot au membre"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Ce que ce savoir lui apporte. Le membre lira ces mots."),
    )
    saved = HoursField(
        label=_("Heures épargnées"),
        required=False,
        help_text=_("Sans réponse : la durée réelle du savoir."),
    )
    agreement = forms.CharField(
        label=_("Qui a donné son accord"),
        required=False,
        max_length=200,
        help_text=_("Seulement pour un savoir qui se réemploie sur demande."),
    )


def _one(need_id: int) -> Need:
    return get_object_or_404(
        stages.with_stage(queries.with_parts(queries.all_needs())).select_related(
            "organisation__network", "referred_by", "requested_by"
        ),
        pk=need_id,
    )


@allow(Role.COORDINATION)
def need(request: HttpRequest, need_id: int) -> HttpResponse:
    return _show(request, _one(need_id))


def _show(
    request: HttpRequest, need: Need, *, status: int = 200, **more
) -> HttpResponse:
    stage = stages.STAGES[need.stage]
    parts = list(need.parts.all())
    words = f"{need.title}\n{need.text}"
    suggested = queries.suggested_fields(words, Field.objects.filter(closed_on=None))
    likely = [part.field_id for part in parts] or [one.pk for one, _s in suggested[:2]]
    met = look_back(words, need.language, sight=ALL_SEEING)
    mandate = Mandate.objects.filter(offer__need=need).first()
    alike = met.pieces(
        field_ids=likely,
        apart=[need.reference, *([mandate.reference] if mandate else [])],
    )
    comparison = compare(met) if stage.code in stages.OPEN else None
    taken = comparison if request.GET.get("heures") == "reprises" else None
    triages = list(queries.triages_of(need))
    assigned = {
        one.part_id: one
        for one in Assignment.objects.filter(
            part__in=parts, status__in=stages.LIVE_ASSIGNMENT
        ).select_related("expert")
    }
    for part in parts:
        part.assignment = assigned.get(part.pk)
    if "reservoir" in more:
        more["reservoir"].fields["piece"].queryset |= Piece.objects.filter(
            pk__in=[one.piece.pk for one in alike]
        )
    forms_ = {
        "specialised": SpecialisedForm(initial={"province": need.province}),
        "part_forms": _part_forms(need, parts, suggested, taken),
        "first_line": FirstLineForm(prefix="ligne"),
        "reservoir": _reservoir_form(request, need, alike),
    }
    return render(
        request,
        "coordination/need.html",
        {
            "need": need,
            "stage": stage,
            "step": stages.step_of(need.pk, stage),
            "waits": ", ".join(stages.waited_for([need.pk]).get(need.pk, ()))
            or stage.waits_for,
            "days": (request.who.today - localtime(need.received_at).date()).days,
            "standing": standing_of(need.organisation, on=request.who.today),
            "attachments": queries.attachments_of(need),
            "parts": parts,
            "triages": triages,
            "suggested": suggested[:3],
            "alike": alike,
            "addresses": met.addresses(one.request for one in alike),
            "comparison": comparison,
            "take_url": "?heures=reprises#triage"
            if stage.code in stages.MAY_TRIAGE and not parts
            else "",
            "search_url": f"{reverse('coordination:knowledge')}?demande={need.pk}",
            "offer": Offer.objects.filter(need=need).first(),
            "mandate": mandate,
            "may_triage": stage.code in stages.MAY_TRIAGE,
            "may_withdraw": stage.code in stages.BEFORE_OFFER,
            "open_form": "" if triages else "specialised",
            "story": story(story_of_ids(stages.related_to(need.pk))),
            **forms_,
            **more,
        },
        status=status,
    )


def _part_forms(
    need: Need, parts, suggested, taken: Comparison | None = None
) -> list[PartForm]:
    """Make a form for each part, or one; with the hours of an estimate if `taken`."""
    if parts:
        return [
            PartForm(
                prefix=f"volet{at}",
                initial={
                    "field": part.field_id,
                    "level": part.level,
                    "language": part.language,
                    "low": part.minutes_low,
                    "likely": part.minutes_likely,
                    "high": part.minutes_high,
                },
            )
            for at, part in enumerate(parts)
        ]
    first = suggested[0][0].pk if suggested else None
    initial = {"field": first, "language": need.language}
    if taken:
        found = taken.estimate
        initial |= {"low": found.low, "likely": found.median, "high": found.high}
    return [PartForm(prefix="volet0", initial=initial)]


def _reservoir_form(request: HttpRequest, need: Need, alike=(), data=None):
    """Offer what resembles and can be read by the member, and what was picked."""
    ids = [one.piece.pk for one in alike]
    picked = (data or request.GET).get("savoir" if data is None else "choix-piece", "")
    if picked.isdecimal() and len(picked) < 19:
        ids.append(int(picked))
    form = ReservoirForm(data, prefix="choix", initial={"piece": picked or None})
    form.fields["piece"].queryset = Piece.objects.filter(pk__in=ids).exclude(
        status=Piece.Status.WITHDRAWN
    )
    return form


def _triage(request: HttpRequest, need_id: int, which: str, bound: dict, act):
    """Do one of the three decisions, or show the page again as it was typed."""
    every = [form for one in bound.values() for form in _listed(one)]
    # Each one is checked, so that all that is wrong is said at once.
    checked = [form.is_valid() for form in every]
    if not all(checked):
        return _show(
            request, _one(need_id), status=422, open_form=which, wrong=every, **bound
        )

    def whole() -> str:
        with transaction.atomic():
            Need.objects.select_for_update().get(pk=need_id)
            stage = stages.stage_of(need_id)
            if stage.code not in stages.MAY_TRIAGE:
                raise NeedHasAnOffer(reference=Need.objects.get(pk=need_id).reference)
            act()
        return reverse("coordination:need", args=[need_id])

    try:
        return once(request, whole)
    except ActionRefused as refused:
        return _show(
            request,
            _one(need_id),
            status=409,
            open_form=which,
            refused=refused,
            **bound,
        )


def _listed(one) -> list:
    return one if isinstance(one, list) else [one]


def _nobody_on_it(need_id: int, *, but: list[int] = ()) -> None:
    """Refuse to drop a part that somebody was asked to do."""
    left = (
        Assignment.objects.filter(part__need=need_id, status__in=stages.LIVE_ASSIGNMENT)
        .exclude(part__field__in=but)
        .select_related("part__field", "expert")
        .first()
    )
    if left:
        raise SomebodyIsOnIt(field=left.part.field.name, expert=left.expert.name)


@allow(Role.COORDINATION)
@require_POST
def triage(request: HttpRequest, need_id: int) -> HttpResponse:
    need = _one(need_id)
    typed = request.POST.get("volets", "")
    count = min(MOST_PARTS, int(typed)) if typed.isdecimal() and len(typed) < 3 else 1
    specialised = SpecialisedForm(request.POST)
    every = [PartForm(request.POST, prefix=f"volet{at}") for at in range(count)]
    if "ajouter" in request.POST:
        # Nothing is checked yet: what was typed is shown again with one more part.
        more = PartForm(
            prefix=f"volet{min(count, MOST_PARTS - 1)}",
            initial={"language": need.language},
        )
        every = [_unchecked(form) for form in every][: MOST_PARTS - 1]
        return _show(
            request,
            need,
            open_form="specialised",
            specialised=_unchecked(specialised),
            part_forms=[*every, more],
        )
    kept = [form for form in every if not form.is_blank()] or every[:1]

    def act() -> None:
        wanted = [form.wanted() for form in kept]
        _nobody_on_it(need_id, but=[one.field_id for one in wanted])
        actions.triage_need(
            need_id=need_id,
            parts=wanted,
            reason=specialised.cleaned_data["reason"],
            province=specialised.cleaned_data["province"],
            by=request.who.by,
        )

    return _triage(
        request,
        need_id,
        "specialised",
        {"specialised": specialised, "part_forms": kept},
        act,
    )


def _unchecked(form: Form) -> Form:
    """Return a form that shows what was typed and complains of nothing."""
    typed = {name: form.data.get(form.add_prefix(name), "") for name in form.fields}
    return type(form)(prefix=form.prefix, initial=typed)


@allow(Role.COORDINATION)
@require_POST
def refer_back(request: HttpRequest, need_id: int) -> HttpResponse:
    _one(need_id)
    form = FirstLineForm(request.POST, prefix="ligne")

    def act() -> None:
        _nobody_on_it(need_id)
        actions.refer_back(
            need_id=need_id, reason=form.cleaned_data["reason"], by=request.who.by
        )

    return _triage(request, need_id, "first_line", {"first_line": form}, act)


@allow(Role.COORDINATION)
@require_POST
def answer(request: HttpRequest, need_id: int) -> HttpResponse:
    form = _reservoir_form(request, _one(need_id), data=request.POST)

    def act() -> None:
        _nobody_on_it(need_id)
        piece, saved = form.cleaned_data["piece"], form.cleaned_data["saved"]
        actions.answer_from_reservoir(
            need_id=need_id,
            piece_id=piece.pk,
            reason=form.cleaned_data["reason"],
            minutes_saved=(piece.minutes or 0) if saved is None else saved,
            agreement=form.cleaned_data["agreement"],
            by=request.who.by,
        )

    return _triage(request, need_id, "reservoir", {"reservoir": form}, act)


@allow(Role.COORDINATION)
@require_POST
def attach(request: HttpRequest, need_id: int) -> HttpResponse:
    _one(need_id)
    papers = Papers(request)

    def act() -> str:
        for file_id in papers.ids:
            actions.attach_file(need_id=need_id, file_id=file_id, by=request.who.by)
        return reverse("coordination:need", args=[need_id])

    if papers.problems or not papers.ids:
        refused = " ".join(papers.problems) or gettext(
            "Aucun document n’a été choisi. Choisissez-en un, puis joignez-le."
        )
        return _show(request, _one(need_id), status=422, papers=papers, refused=refused)
    try:
        return once(request, act)
    except ActionRefused as refused:
        return _show(request, _one(need_id), status=409, papers=papers, refused=refused)


@allow(Role.COORDINATION)
@require_POST
def withdraw(request: HttpRequest, need_id: int) -> HttpResponse:
    need = _one(need_id)

    def act() -> str:
        withdraw_whole(need, reason="", by=request.who.by)
        return reverse("coordination:need", args=[need_id])

    try:
        return once(request, act)
    except ActionRefused as refused:
        return _show(request, _one(need_id), status=409, refused=refused)


@allow(Role.COORDINATION)
def document(request: HttpRequest, need_id: int, attachment_id: int) -> HttpResponse:
    attachment = get_object_or_404(
        _one(need_id).attachments.select_related("file"), pk=attachment_id
    )
    return download(attachment.file)


urls = [
    path("demandes/", needs, name="needs"),
    path("demandes/nouvelle", new_need, name="new_need"),
    path("demandes/<int:need_id>", need, name="need"),
    path("demandes/<int:need_id>/triage", triage, name="need_triage"),
    path("demandes/<int:need_id>/premiere-ligne", refer_back, name="need_refer_back"),
    path("demandes/<int:need_id>/reponse", answer, name="need_answer"),
    path("demandes/<int:need_id>/documents", attach, name="need_attach"),
    path("demandes/<int:need_id>/retirer", withdraw, name="need_withdraw"),
    path(
        "demandes/<int:need_id>/documents/<int:attachment_id>",
        document,
        name="need_document",
    ),
]
