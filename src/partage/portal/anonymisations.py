"""The register of anonymisations, alike for the board and for administration."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, ngettext

from partage.knowledge.models import WHAT, Anonymisation
from partage.knowledge.queries import register
from partage.portal.pieces import HIDDEN
from partage.portal.spreadsheets import sheet

WORDS = {str(key): word for key, word in WHAT.items()}


def taken_out(line: Anonymisation) -> list[str]:
    """Return in words what was taken out: « courriel (2) »."""
    said = []
    for name, count in line.information.items():
        if name == "hidden.authors":
            said.append(
                ngettext("%(n)s nom d’auteur", "%(n)s noms d’auteurs", count)
                % {"n": count}
            )
        elif name.startswith("hidden."):
            word = HIDDEN.get(name.removeprefix("hidden."))
            said += [word(count) % {"n": count}] if word else []
        elif name in WORDS:
            said.append(f"{WORDS[name]} ({count})")
    return said


def show_register(request: HttpRequest) -> HttpResponse:
    lines = register()
    if request.GET.get("format") == "xlsx":
        return sheet(
            gettext("anonymisations"),
            [
                (gettext("Date"), "date"),
                gettext("Titre"),
                gettext("Renseignements retirés"),
                gettext("Fins"),
                gettext("Techniques"),
                gettext("Mesures de protection"),
                gettext("Risque résiduel"),
                gettext("Analyse du risque"),
                gettext("Signé par"),
            ],
            (
                (
                    line.on,
                    line.title,
                    ", ".join(taken_out(line)),
                    line.purpose,
                    line.techniques,
                    line.measures,
                    line.get_risk_display(),
                    line.risk_words,
                    line.signed_by_name,
                )
                for line in lines
            ),
        )
    page = Paginator(lines, 25).get_page(request.GET.get("page"))
    for line in page:
        line.taken_out = taken_out(line)
    return render(request, "parts/anonymisations.html", {"page": page})
