"""Searching the reservoir, alike behind three doors; each says how far it sees."""

from dataclasses import dataclass

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partage.experts.models import Field
from partage.knowledge import actions, queries
from partage.knowledge.models import Piece
from partage.knowledge.queries import Sight
from partage.members.models import Province
from partage.needs.models import Need
from partage.people.models import Language
from partage.portal.forms import Form
from partage.portal.spreadsheets import sheet


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


# Of each choice of the form, what is counted.
FACETS = {
    "domaine": "field",
    "nature": "kind",
    "langue": "language",
    "etat": "status",
    "province": "province",
}


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
    province = forms.ChoiceField(
        label=_("Province"),
        required=False,
        choices=[("", _("toutes")), *Province.choices],
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

    def narrowed(self) -> dict[str, set[str]]:
        """Return what `knowledge.queries.search` narrows by."""
        self.is_valid()
        asked = self.cleaned_data
        found = {
            "field": asked["domaine"].pk if asked.get("domaine") else "",
            "kind": asked.get("nature", ""),
            "language": asked.get("langue", ""),
            "status": asked.get("etat", ""),
            "province": asked.get("province", ""),
        }
        return {name: {str(value)} for name, value in found.items() if value}

    def count(self, facets: dict) -> None:
        """Say beside each choice how many pieces it would leave; hide the empty ones.

        Everything counted is seen by whoever asks.
        """
        for name, facet in FACETS.items():
            if name not in self.fields or facet not in facets:
                continue
            counted, chosen = facets[facet], self.data.get(name, "")
            self.fields[name].choices = [
                (value, label if not value else f"{label} ({counted[key]})")
                for value, label, key in self._choices(name)
                if not value or counted[key] or str(value) == chosen
            ]

    def _choices(self, name: str):
        if name != "domaine":
            return [(v, label, v) for v, label in self.fields[name].choices]
        fields = self.fields[name].queryset
        return [
            ("", self.fields[name].empty_label, ""),
            *((one.code, one.name, str(one.pk)) for one in fields),
        ]


def need_to_answer(request: HttpRequest, door: Door) -> Need | None:
    """The need that coordination looks for an answer to, if it came from its page."""
    asked = request.GET.get("demande", "")
    if not door.may_share or not asked.isdecimal() or len(asked) > 18:
        return None
    return Need.objects.filter(pk=asked).first()


def reservoir(request: HttpRequest, door: Door) -> HttpResponse:
    form = Filter(request.GET, inside=door.inside)
    narrow = form.narrowed()
    words = form.cleaned_data.get("q", "")
    found = queries.search(words, sight=door.sight, narrow=narrow)
    if request.GET.get("format") == "xlsx":
        return _as_sheet(found.pieces())
    paginator = Paginator(found.ids, 25)
    page = paginator.get_page(request.GET.get("page"))
    page.object_list = pieces = found.pieces(page.start_index() - 1, page.end_index())
    reuses = queries.reuse_of(piece.pk for piece in pieces)
    for piece in pieces:
        piece.times, piece.saved = reuses.get(piece.pk, (0, 0))
        piece.url = door.url("piece", piece.pk)
        piece.old = piece.valid_until and piece.valid_until < request.who.today
    if words and found.is_vain and set(narrow) <= {"field"} and page.number == 1:
        actions.note_miss(
            words=words,
            field_id=next((int(one) for one in narrow.get("field", ())), None),
            on=request.who.today,
        )
    if found.facets:
        form.count(found.facets)
    return render(
        request,
        "parts/reservoir.html",
        {
            "door": door,
            "form": form,
            "words": words,
            "found": found,
            "narrowed": len(narrow),
            "filtered": any(request.GET.get(name) for name in form.fields),
            "page": page,
            "need": need_to_answer(request, door),
            "add_url": door.url("new_piece") if door.may_add else "",
            "use_url": door.url("reservoir_use") if door.may_share else "",
            "releases_url": door.url("releases") if door.may_share else "",
            "concepts_url": door.url("concepts") if door.may_share else "",
            "consents_url": "" if door.inside else door.url("consents"),
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
