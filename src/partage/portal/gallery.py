"""The gallery: each part of the face with sample figures, for those who build pages.

Only served while building (DEBUG) and by the tests: it shows nothing real.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from partage.portal.access import open_to_all
from partage.portal.charts import Chart, Series
from partage.portal.forms import Form

PLANNED = Chart(
    "Heures prévues et faites, par mois",
    ("janv.", "févr.", "mars", "avr.", "mai"),
    (
        Series("Faites", (22, 31, 18, None, None)),
        Series("Prévues", (20, 34, 40, 30, 12), "outline"),
    ),
    "h",
)
BALANCE = Chart(
    "Offre et demande, par mois",
    (
        "janv",
        "févr",
        "mars",
        "avr",
        "mai",
        "juin",
        "juil",
        "août",
        "sept",
        "oct",
        "nov",
        "déc",
    ),
    (
        Series(
            "Ressources humaines",
            (410, 390, 420, 380, 400, 300, 120, 200, 430, 450, 470, 400),
        ),
        Series(
            "Juridique", (210, 190, 220, 280, 200, 200, 80, 100, 230, 250, 270, 200)
        ),
        Series(
            "Capacité",
            (640, 640, 640, 640, 640, 600, 320, 420, 640, 640, 640, 600),
            "line",
        ),
    ),
    "h",
    stacked=True,
)
VARIANCE = Chart(
    "Écart au juste coût, par domaine",
    ("RH", "Juridique", "Comptabilité", "Web"),
    (
        Series(
            "Écart",
            (Decimal("1240.5"), Decimal("-820"), Decimal("310"), Decimal("-95.25")),
        ),
    ),
    "$",
    decimals=0,
)


class SampleForm(Form):
    expert = forms.ChoiceField(
        label="Experte ou expert",
        choices=[("1", "Maude Arsenault"), ("2", "Karim Benali")],
    )
    hours = forms.DecimalField(
        label="Heures",
        help_text="Ce que prend la phase, trajets compris.",
        max_value=200,
    )
    start = forms.DateField(label="Début", required=False)
    place = forms.ChoiceField(
        label="Où",
        widget=forms.RadioSelect,
        choices=[("far", "À distance"), ("site", "Sur place")],
    )
    note = forms.CharField(label="Mot au membre", widget=forms.Textarea, required=False)
    document = forms.FileField(label="Document", required=False)
    urgent = forms.BooleanField(label="C’est urgent", required=False)


PEOPLE = [
    {
        "who": "Maude Arsenault",
        "skill": "Archivistique, classification",
        "fit": 93,
        "free": 4260,
        "km": 14,
    },
    {
        "who": "Karim Benali",
        "skill": "Gestion documentaire",
        "fit": 82,
        "free": 2400,
        "km": 38,
    },
    {
        "who": "Joanie Côté",
        "skill": "Classification, formation",
        "fit": 78,
        "free": 3855,
        "km": 112,
    },
]


@open_to_all
def gallery(request: HttpRequest) -> HttpResponse:
    wrong = request.method == "POST"
    form = SampleForm(
        request.POST if wrong else None,
        initial={"hours": Decimal("62.5"), "start": date(2026, 3, 9)},
    )
    if request.GET.get("avis"):
        messages.success(request, "L’offre O-2026-0091 est partie.")
        messages.error(request, "Le courriel n’a pas pu être remis.")
    monday = date(2026, 3, 2)
    context = {
        "form": form,
        "refused": "La facture 12 est déjà émise et ne change plus. "
        "Pour la corriger, faites une note de crédit."
        if wrong
        else None,
        "step_names": [
            "Reçue",
            "Triée",
            "Jumelage",
            "Offre",
            "Mandat",
            "Facture",
            "Réservoir",
        ],
        "trail": [("Demandes", "/galerie"), ("Bibliothèque du Fleuve", None)],
        "people": PEOPLE,
        "planned": PLANNED,
        "balance": BALANCE,
        "variance": VARIANCE,
        "page": Paginator(range(263), 25).get_page(request.GET.get("page", 4)),
        "story": [
            {
                "at": datetime(2026, 3, 3, 19, 5, tzinfo=UTC),
                "words": "Triée : archives, urgence moyenne.",
                "who": "Léa Tremblay",
            },
            {
                "at": datetime(2026, 3, 2, 14, 30, tzinfo=UTC),
                "words": "La demande est arrivée par courriel.",
                "who": "Bibliothèque du Fleuve",
            },
        ],
        "figures": [
            {"label": "Entreprises servies", "value": "263"},
            {"label": "Heures faites", "value": "85\u00a0487", "unit": "h"},
            {"label": "Satisfaction", "value": "93", "unit": "%", "kind": "good"},
            {"label": "Demandes en attente", "value": "14", "kind": "wait"},
        ],
        "days": [monday + timedelta(days=n) for n in range(7)],
        "lines": [
            ("Plan de classification", "Bibliothèque du Fleuve", "7:15"),
            ("Refonte du site", "Coop de l’Anse", ""),
        ],
        "lines_of_cost": [
            ("62 h × 84,50 $", Decimal("5239")),
            ("TPS 5 %", Decimal("261.95")),
            ("TVQ 9,975 %", Decimal("522.59")),
        ],
        "total": Decimal("6023.54"),
    }
    return render(request, "gallery.html", context, status=422 if wrong else 200)


urlpatterns = [path("galerie", gallery, name="gallery")]
