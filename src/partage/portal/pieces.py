"""A piece of the reservoir: its page, its versions, its documents, and a new one."""

from dataclasses import dataclass

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from partage.experts.models import Expert, Field
from partage.journal.actions import ActionRefused
from partage.journal.queries import story_of
from partage.knowledge import actions, queries
from partage.knowledge.models import DeliverableType, Page, Piece, Release, Version
from partage.mandates.models import Mandate
from partage.members.models import Province
from partage.people.models import Language
from partage.portal.files import Papers, download
from partage.portal.forms import Form, HoursField
from partage.portal.once import once
from partage.portal.reservoir import Door, need_to_answer
from partage.portal.story import story

PAGES_SHOWN = 10
HIDDEN = {
    "notes": lambda n: ngettext("%(n)s note d’orateur", "%(n)s notes d’orateur", n),
    "comments": lambda n: ngettext("%(n)s commentaire", "%(n)s commentaires", n),
    "changes": lambda n: ngettext(
        "%(n)s modification suivie", "%(n)s modifications suivies", n
    ),
    "sheets": lambda n: ngettext("%(n)s feuille masquée", "%(n)s feuilles masquées", n),
    "slides": lambda n: ngettext(
        "%(n)s diapositive masquée", "%(n)s diapositives masquées", n
    ),
    "runs": lambda n: ngettext("%(n)s passage masqué", "%(n)s passages masqués", n),
    "images": lambda n: ngettext("%(n)s image", "%(n)s images", n),
}
UNITS = {"pptx": _("Diapositive"), "xlsx": _("Feuille")}


def out_of_sight(hidden: dict) -> list[str]:
    """Return in words what a document carries out of sight."""
    said = [
        HIDDEN[name](count) % {"n": count}
        for name, count in hidden.items()
        if name in HIDDEN
    ]
    if authors := hidden.get("authors"):
        said.append(gettext("auteur : %(names)s") % {"names": ", ".join(authors)})
    return said


def one_piece(door: Door, piece_id: int) -> Piece:
    return get_object_or_404(
        queries.pieces_seen(door.sight)
        .select_related("field", "organisation", "author", "file", "deliverable_type")
        .defer("file__content", "words"),
        pk=piece_id,
    )


def _is_inside(door: Door, piece: Piece) -> bool:
    """Whether this door sees what the piece said before it was de-personalised."""
    own = door.author_id is not None and piece.author_id == door.author_id
    return door.sight.everything or own


def _version(door: Door, piece: Piece, number: str) -> Version | None:
    """Return the version asked for, if this door may read it, or the one shown."""
    versions = queries.versions_of(piece)
    if not number:
        return versions.filter(is_shown=True).first()
    if not number.isdecimal() or len(number) > 4:
        raise Http404
    version = get_object_or_404(versions, number=number)
    if not version.is_shown and not _is_inside(door, piece):
        raise Http404
    return version


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page to read, and what it is called."""

    number: int
    name: str
    lines: list[str]


def _leaves(pages: list[Page], file_name: str) -> list[Leaf]:
    unit = UNITS.get(file_name.rsplit(".", 1)[-1].lower(), _("Page"))
    return [
        Leaf(
            page.number,
            page.label or f"{unit} {page.number}",
            [line for line in page.text.split("\n") if line.strip()],
        )
        for page in pages
    ]


def show_piece(
    request: HttpRequest, door: Door, piece_id: int, *, status: int = 200, **more
) -> HttpResponse:
    """The page of a piece; `?p=12#p12` opens its document where page 12 is."""
    piece = one_piece(door, piece_id)
    inside = _is_inside(door, piece)
    version = _version(door, piece, request.GET.get("version", ""))
    times, saved = queries.reuse_of([piece.pk]).get(piece.pk, (0, 0))
    pages = Page.objects.filter(version=version).order_by("number")
    wanted = request.GET.get("p", "")
    at = int(wanted) if wanted.isdecimal() and len(wanted) < 7 else 1
    screen = Paginator(pages, PAGES_SHOWN).get_page(
        request.GET.get("page") or (max(at, 1) - 1) // PAGES_SHOWN + 1
    )
    release = queries.live_release(piece.pk) if inside else None
    return render(
        request,
        "parts/piece.html",
        {
            "door": door,
            "piece": piece,
            "inside": inside,
            "version": version,
            "versions": list(queries.versions_of(piece)) if inside else [],
            "leaves": _leaves(
                list(screen), version.file.name if version and version.file else ""
            ),
            "page": screen,
            "hidden": out_of_sight(version.hidden) if inside and version else [],
            "release": release,
            "may_open": inside and _may_open(piece, release),
            "times": times,
            "saved": saved,
            "old": piece.valid_until and piece.valid_until < request.who.today,
            "list_url": door.url("knowledge"),
            "file_url": _file_url(door, piece, version),
            "new_version_url": door.url("new_version", piece.pk)
            if inside and door.may_add and piece.status != Piece.Status.WITHDRAWN
            else "",
            "retry_url": door.url("retry_reading", piece.pk)
            if inside and door.may_add
            else "",
            "need": need_to_answer(request, door),
            "story": story(story_of(piece)) if door.inside else [],
            "release_url": door.url("open_release", piece.pk) if door.may_share else "",
            "withdraw_url": door.url("withdraw_piece", piece.pk)
            if door.may_share
            else "",
            "withdrawal": WithdrawForm(),
            **more,
        },
        status=status,
    )


def _may_open(piece: Piece, release: Release | None) -> bool:
    """Whether a release can begin: none is under way, or a newer version waits."""
    if piece.confidentiality == Piece.Confidentiality.MANDATE:
        return False
    newest = queries.versions_of(piece).filter(cleaned_from=None).first()
    if newest is None:
        return False
    if release is None:
        return piece.status != Piece.Status.RELEASED or not newest.is_shown
    return release.status == Release.Status.SHARED and newest.pk != release.version_id


def _file_url(door: Door, piece: Piece, version: Version | None) -> str:
    if version is None or version.file_id is None:
        return ""
    url = door.url("piece_document", piece.pk)
    return url if version.is_shown else f"{url}?version={version.number}"


class WithdrawForm(Form):
    reason = forms.CharField(
        label=_("Pourquoi le retirer ?"),
        max_length=500,
        help_text=_("Le journal gardera ce motif."),
    )


def withdraw(request: HttpRequest, door: Door, piece_id: int) -> HttpResponse:
    one_piece(door, piece_id)
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
    piece = one_piece(door, piece_id)
    version = _version(door, piece, request.GET.get("version", ""))
    if version is None or version.file is None:
        raise Http404
    return download(version.file)


def retry(request: HttpRequest, door: Door, piece_id: int) -> HttpResponse:
    """Ask for the documents of a piece that could not be read to be read again."""
    piece = one_piece(door, piece_id)
    number = request.POST.get("version", "")
    version = _version(door, piece, number) if number else None
    if version is None or not _is_inside(door, piece):
        raise Http404

    def act() -> str:
        actions.retry_reading(version_id=version.pk, by=request.who.by)
        return door.url("piece", piece_id)

    try:
        return once(request, act)
    except ActionRefused as refused:
        return show_piece(request, door, piece_id, status=409, refused=refused)


# --- A new piece, or a new version ------------------------------------------------


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
            "éviter. Avec un document, quelques phrases qui disent ce qu’il contient."
        ),
    )
    deliverable_type = forms.ModelChoiceField(
        label=_("Type de livrable"),
        required=False,
        queryset=DeliverableType.objects.select_related("field"),
        empty_label=_("aucun"),
    )
    mandate = forms.ModelChoiceField(
        label=_("Mandat d’origine"),
        required=False,
        queryset=Mandate.objects.none(),
        to_field_name="reference",
        empty_label=_("aucun"),
    )
    author = forms.ModelChoiceField(
        label=_("Auteur"),
        required=False,
        queryset=Expert.objects.filter(left_on=None),
        empty_label=_("la coopérative"),
    )
    province = forms.ChoiceField(
        label=_("Province"),
        required=False,
        choices=[("", _("toutes")), *Province.choices],
    )
    minutes = HoursField(
        label=_("Heures réelles"), required=False, help_text=_("« 7,5 » ou « 7 h 30 »")
    )
    valid_until = forms.DateField(label=_("Valide jusqu’au"), required=False)
    confidentiality = forms.ChoiceField(
        label=_("Confidentialité"), choices=Piece.Confidentiality.choices
    )
    licence = forms.ChoiceField(
        label=_("Licence de réemploi"), choices=Piece.Licence.choices
    )
    privileged = forms.TypedChoiceField(
        label=_("Secret professionnel"),
        required=False,
        choices=[
            ("", _("selon le domaine")),
            ("oui", _("oui")),
            ("non", _("non")),
        ],
        coerce=lambda said: said == "oui",
        empty_value=None,
        help_text=_("Oui : il n’en sort que si quelqu’un lève le secret par écrit."),
    )

    def __init__(self, *args, mandates: QuerySet[Mandate], door: Door, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["mandate"].queryset = mandates
        self.door = door
        if not door.may_share:
            # An expert pours what she wrote.
            del self.fields["author"]

    def said(self) -> dict:
        """Return what `knowledge.actions.pour` takes."""
        said = dict(self.cleaned_data)
        said["field_id"] = said.pop("field").pk
        kind = said.pop("deliverable_type")
        said["deliverable_type_id"] = kind and kind.pk
        author = said.pop("author", None)
        said["author_id"] = author.pk if author else self.door.author_id
        if mandate := said.pop("mandate"):
            said["source"] = mandate.reference
            said["organisation_id"] = mandate.organisation_id
        return said


def add_piece(
    request: HttpRequest, door: Door, mandates: QuerySet[Mandate]
) -> HttpResponse:
    """Pour a piece by hand, or from a mandate (`?mandat=M-2025-0007`)."""
    mandates = mandates.select_related("organisation").order_by("-reference")
    form = PieceForm(
        request.POST or None,
        mandates=mandates,
        door=door,
        initial=_about(mandates, request.GET.get("mandat", "")),
    )
    context = {"form": form, "door": door, "list_url": door.url("knowledge")}
    if request.method != "POST":
        return render(request, "parts/piece_new.html", context)
    papers = context["papers"] = _one_paper(request, form)
    valid = form.is_valid()

    def act() -> str:
        piece = actions.pour(
            **form.said(), file_id=next(iter(papers.ids), None), by=request.who.by
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


def _about(mandates: QuerySet[Mandate], reference: str) -> dict:
    mandate = mandates.filter(reference=reference).first() if reference else None
    if mandate is None:
        return {}
    return {
        "mandate": mandate.reference,
        "field": mandate.field_id,
        "language": mandate.language,
        "province": mandate.province,
        "kind": Piece.Kind.DELIVERABLE,
    }


def _one_paper(request: HttpRequest, form: Form) -> Papers:
    papers = Papers(request)
    if len(papers.ids) > 1:
        papers.problems.append(
            gettext("Un savoir a un seul document. Gardez-en un, retirez les autres.")
        )
    for problem in papers.problems:
        form.add_error(None, problem)
    return papers


class VersionForm(Form):
    title = forms.CharField(label=_("Titre"), max_length=200)
    text = forms.CharField(
        label=_("Texte"),
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 10}),
    )


def add_version(request: HttpRequest, door: Door, piece_id: int) -> HttpResponse:
    piece = one_piece(door, piece_id)
    if not _is_inside(door, piece):
        raise Http404
    last = queries.versions_of(piece).filter(cleaned_from=None).first()
    form = VersionForm(
        request.POST or None,
        initial={"title": last.title, "text": last.text} if last else {},
    )
    context = {
        "form": form,
        "piece": piece,
        "last": last,
        "here": door.url("piece", piece.pk),
        "list_url": door.url("knowledge"),
    }
    if request.method != "POST":
        return render(request, "parts/version_new.html", context)
    papers = context["papers"] = _one_paper(request, form)
    valid = form.is_valid()

    def act() -> str:
        version = actions.add_version(
            piece_id=piece.pk,
            **form.cleaned_data,
            # The document stays the same when only its words are changed.
            file_id=next(iter(papers.ids), last.file_id if last else None),
            author_id=door.author_id,
            by=request.who.by,
        )
        return f"{door.url('piece', piece.pk)}?version={version.number}"

    if valid and not papers.problems:
        try:
            return once(request, act)
        except ActionRefused as refused:
            context["refused"] = refused
    return render(
        request,
        "parts/version_new.html",
        context,
        status=409 if "refused" in context else 422,
    )
