"""The pages of the reservoir, alike behind three doors; each says how far it sees."""

from dataclasses import dataclass

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partage.experts.models import Field
from partage.journal.actions import ActionRefused
from partage.journal.queries import story_of
from partage.knowledge import actions, queries
from partage.knowledge.models import Piece
from partage.knowledge.queries import Sight
from partage.members.models import Province
from partage.needs.models import Need
from partage.people.models import Language
from partage.portal.files import Papers, download
from partage.portal.forms import Form, HoursField
from partage.portal.once import once
from partage.portal.spreadsheets import sheet
from partage.portal.story import story


@dataclass(frozen=True, slots=True)
class Door:
    """From where one looks: `name` is the URL namespace."""

    name: str
    sight: Sight
    may_add: bool = False
    may_share: bool = False
    # Members read neither whom a piece came from nor its history.
    inside: bool = True
    author_id: int | None = None

    def url(self, page: str, *args) -> str:
        return reverse(f"{self.name}:{page}", args=args)


class Filter(Form):
    q = forms.CharField(
        label=_("Chercher"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    domaine = forms.ModelChoiceField(
        label=_("Domaine"),
        required=False,
        queryset=Field.objects.all(),
        to_field_name="code",
        empty_label=_("tous"),
    )
    nature = forms.ChoiceField(
        label=_("Nature"),
        required=False,
        choices=[("", _("toutes")), *Piece.Kind.choices],
    )
    langue = forms.ChoiceField(
        label=_("Langue"),
        required=False,
        choices=[("", _("toutes")), *Language.choices],
    )
    etat = forms.ChoiceField(
        label=_("État"),
        required=False,
        choices=[("", _("tous")), *Piece.Status.choices],
    )

    def __init__(self, *args, inside: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not inside:
            del self.fields["etat"]

    def narrow(self, pieces):
        self.is_valid()
        for name, column in (
            ("domaine", "field"),
            ("nature", "kind"),
            ("langue", "language"),
            ("etat", "status"),
        ):
            if value := self.cleaned_data.get(name):
                pieces = pieces.filter(**{column: value})
        if not self.cleaned_data.get("etat"):
            pieces = pieces.exclude(status=Piece.Status.WITHDRAWN)
        return pieces


def _need_to_answer(request: HttpRequest, door: Door) -> Need | None:
    """The need that coordination looks for an answer to, if it came from its page."""
    asked = request.GET.get("demande", "")
    if not door.may_share or not asked.isdecimal() or len(asked) > 18:
        return None
    return Need.objects.filter(pk=asked).first()


def reservoir(request: HttpRequest, door: Door) -> HttpResponse:
    form = Filter(request.GET, inside=door.inside)
    form.is_valid()
    words = form.cleaned_data.get("q", "")
    found = queries.search(words, sight=door.sight)
    pieces = form.narrow(found.pieces)
    if request.GET.get("format") == "xlsx":
        return _as_sheet(pieces.select_related("field"))
    page = Paginator(pieces, 25).get_page(request.GET.get("page"))
    reuses = queries.reuse_of(piece.pk for piece in page)
    for piece in page:
        piece.extract = found.extract_of(piece)
        piece.times, piece.saved = reuses.get(piece.pk, (0, 0))
        piece.url = door.url("piece", piece.pk)
    return render(
        request,
        "parts/reservoir.html",
        {
            "door": door,
            "form": form,
            "words": words,
            "filtered": any(request.GET.get(name) for name in form.fields),
            "page": page,
            "need": _need_to_answer(request, door),
            "add_url": door.url("new_piece") if door.may_add else "",
        },
    )


def _as_sheet(pieces) -> HttpResponse:
    return sheet(
        gettext("reservoir"),
        [
            (gettext("Titre"), "text"),
            (gettext("Nature"), "text"),
            (gettext("Domaine"), "text"),
            (gettext("Langue"), "text"),
            (gettext("État"), "text"),
            (gettext("Versé le"), "date"),
            (gettext("Minutes réelles"), "count"),
        ],
        (
            (
                piece.title,
                piece.get_kind_display(),
                piece.field.name,
                piece.get_language_display(),
                piece.get_status_display(),
                piece.poured_on,
                piece.minutes,
            )
            for piece in pieces
        ),
    )


def _one(door: Door, piece_id: int) -> Piece:
    return get_object_or_404(
        queries.pieces_seen(door.sight)
        .select_related("field", "organisation", "author", "file", "deliverable_type")
        .defer("file__content", "words"),
        pk=piece_id,
    )


def show_piece(
    request: HttpRequest, door: Door, piece_id: int, *, status: int = 200, **more
) -> HttpResponse:
    piece = _one(door, piece_id)
    times, saved = queries.reuse_of([piece.pk]).get(piece.pk, (0, 0))
    need = _need_to_answer(request, door)
    return render(
        request,
        "parts/piece.html",
        {
            "door": door,
            "piece": piece,
            "times": times,
            "saved": saved,
            "old": piece.valid_until and piece.valid_until < request.who.today,
            "list_url": door.url("knowledge"),
            "file_url": door.url("piece_document", piece.pk) if piece.file_id else "",
            "need": need,
            "story": story(story_of(piece)) if door.inside else [],
            "release_url": door.url("release_piece", piece.pk)
            if door.may_share
            else "",
            "withdraw_url": door.url("withdraw_piece", piece.pk)
            if door.may_share
            else "",
            "withdrawal": WithdrawForm(),
            **more,
        },
        status=status,
    )


class WithdrawForm(Form):
    reason = forms.CharField(
        label=_("Pourquoi le retirer ?"),
        max_length=500,
        help_text=_("Le journal gardera ce motif."),
    )


def release(request: HttpRequest, door: Door, piece_id: int) -> HttpResponse:
    _one(door, piece_id)

    def act() -> str:
        actions.release(piece_id=piece_id, by=request.who.by)
        return door.url("piece", piece_id)

    try:
        return once(request, act)
    except ActionRefused as refused:
        return show_piece(request, door, piece_id, status=409, refused=refused)


def withdraw(request: HttpRequest, door: Door, piece_id: int) -> HttpResponse:
    _one(door, piece_id)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return show_piece(request, door, piece_id, status=422, withdrawal=form)

    def act() -> str:
        actions.withdraw(
            piece_id=piece_id, reason=form.cleaned_data["reason"], by=request.who.by
        )
        return door.url("piece", piece_id)

    try:
        return once(request, act)
    except ActionRefused as refused:
        return show_piece(request, door, piece_id, status=409, refused=refused)


def document(request: HttpRequest, door: Door, piece_id: int) -> HttpResponse:
    piece = _one(door, piece_id)
    if not piece.file_id:
        raise Http404
    return download(piece.file)


class PieceForm(Form):
    title = forms.CharField(label=_("Titre"), max_length=200)
    kind = forms.ChoiceField(
        label=_("Nature"), choices=Piece.Kind.choices, initial=Piece.Kind.GUIDE
    )
    field = forms.ModelChoiceField(
        label=_("Domaine"),
        queryset=Field.objects.filter(closed_on=None),
        empty_label=_("Choisissez…"),
    )
    language = forms.ChoiceField(label=_("Langue"), choices=Language.choices)
    text = forms.CharField(
        label=_("Texte"),
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_(
            "Ce qui pourra resservir : la situation, ce qui a été fait, ce qu’il faut "
            "éviter. Ne nommez ni membre ni personne."
        ),
    )
    province = forms.ChoiceField(
        label=_("Province"),
        required=False,
        choices=[("", _("toutes")), *Province.choices],
        help_text=_("Si ce savoir ne vaut que là."),
    )
    minutes = HoursField(
        label=_("Heures réelles"), required=False, help_text=_("« 7,5 » ou « 7 h 30 »")
    )
    valid_until = forms.DateField(label=_("Valide jusqu’au"), required=False)

    def said(self) -> dict:
        """Return what `knowledge.actions.pour` takes."""
        said = dict(self.cleaned_data)
        said["field_id"] = said.pop("field").pk
        return said


def add_piece(request: HttpRequest, door: Door) -> HttpResponse:
    form = PieceForm(request.POST or None)
    context = {"form": form, "door": door, "list_url": door.url("knowledge")}
    if request.method != "POST":
        return render(request, "parts/piece_new.html", context)
    papers = context["papers"] = Papers(request)
    valid = form.is_valid()
    if len(papers.ids) > 1:
        papers.problems.append(
            gettext("Un savoir a un seul document. Gardez-en un, retirez les autres.")
        )
    for problem in papers.problems:
        form.add_error(None, problem)

    def act() -> str:
        piece = actions.pour(
            **form.said(),
            file_id=next(iter(papers.ids), None),
            author_id=door.author_id,
            by=request.who.by,
        )
        return door.url("piece", piece.pk)

    if valid and not papers.problems:
        try:
            return once(request, act)
        except ActionRefused as refused:
            context["refused"] = refused
    return render(
        request,
        "parts/piece_new.html",
        context,
        status=409 if "refused" in context else 422,
    )
