"""What makes things found: the concepts, and what was looked for in vain."""

from django import forms
from django.core.paginator import Paginator
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from partage.experts.models import Field
from partage.journal.actions import ActionRefused
from partage.knowledge import actions
from partage.knowledge.models import Concept, Miss
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.forms import Form
from partage.portal.once import once
from partage.portal.spreadsheets import sheet
from partage.retrieval.analysis import folded


class ConceptForm(Form):
    french = forms.CharField(
        label=_("Termes français"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Un par ligne : le sigle, le nom au long, ce que l’on dit aussi."),
    )
    english = forms.CharField(
        label=_("Termes anglais"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Un par ligne."),
    )
    note = forms.CharField(label=_("Remarque"), required=False, max_length=200)

    def said(self) -> dict:
        """Return what `knowledge.actions.save_concept` takes."""
        said = self.cleaned_data
        return {
            "french": said["french"].splitlines(),
            "english": said["english"].splitlines(),
            "note": said["note"],
        }


@allow(Role.COORDINATION)
def concepts(request: HttpRequest) -> HttpResponse:
    found = Concept.objects.prefetch_related("terms")
    sought = folded(request.GET.get("q", ""))
    if sought:
        found = found.filter(terms__folded__contains=sought).distinct()
    return render(
        request,
        "coordination/concepts.html",
        {
            "page": Paginator(found, 25).get_page(request.GET.get("page")),
            "sought": request.GET.get("q", ""),
        },
    )


def _as_typed(concept: Concept) -> dict[str, str]:
    lines: dict[str, list[str]] = {"fr": [], "en": []}
    for term in concept.terms.all():
        lines[term.language].append(term.text)
    return {
        "french": "\n".join(lines["fr"]),
        "english": "\n".join(lines["en"]),
        "note": concept.note,
    }


@allow(Role.COORDINATION)
def concept(request: HttpRequest, concept_id: int | None = None) -> HttpResponse:
    known = get_object_or_404(Concept, pk=concept_id) if concept_id else None
    context = {"concept": known}
    if request.method != "POST":
        context["form"] = ConceptForm(initial=_as_typed(known) if known else None)
        return render(request, "coordination/concept.html", context)
    form = context["form"] = ConceptForm(request.POST)

    def act() -> str:
        actions.save_concept(**form.said(), concept_id=concept_id, by=request.who.by)
        return reverse("coordination:concepts")

    if form.is_valid():
        try:
            return once(request, act)
        except ActionRefused as refused:
            context["refused"] = refused
    return render(
        request,
        "coordination/concept.html",
        context,
        status=409 if "refused" in context else 422,
    )


@allow(Role.COORDINATION)
@require_POST
def remove_concept(request: HttpRequest, concept_id: int) -> HttpResponse:
    get_object_or_404(Concept, pk=concept_id)

    def act() -> str:
        actions.remove_concept(concept_id=concept_id, by=request.who.by)
        return reverse("coordination:concepts")

    return once(request, act)


@allow(Role.COORDINATION)
def misses(request: HttpRequest) -> HttpResponse:
    found = (
        Miss.objects.values("words", "field")
        .annotate(sum=Sum("times"), last=Max("on"))
        .order_by("-sum", "-last", "words")
    )
    names = {field.pk: field.name for field in Field.objects.all()}
    if request.GET.get("format") == "xlsx":
        return sheet(
            gettext("recherches vaines"),
            [
                (gettext("Mots"), "text"),
                (gettext("Domaine"), "text"),
                (gettext("Fois"), "count"),
                (gettext("La dernière"), "date"),
            ],
            (
                (one["words"], names.get(one["field"], ""), one["sum"], one["last"])
                for one in found
            ),
        )
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    for one in page:
        one["field_name"] = names.get(one["field"], "")
    return render(request, "coordination/misses.html", {"page": page})


urls = [
    path("reservoir/notions/", concepts, name="concepts"),
    path("reservoir/notions/nouvelle", concept, name="new_concept"),
    path("reservoir/notions/<int:concept_id>", concept, name="concept"),
    path(
        "reservoir/notions/<int:concept_id>/retirer",
        remove_concept,
        name="remove_concept",
    ),
    path("reservoir/recherches-vaines/", misses, name="misses"),
]
