"""stub"""

from typing import NamedTuple

from partage.cli.reference import FIELDS


class Story(NamedTuple):
    title_fr: str
    text_fr: str
    lesson_fr: str
    title_en: str
    text_en: str
    lesson_en: str


TOGETHER = {
    "affaires-juridiques": ("gouvernance", "ressources-humaines"),
    "ressources-humaines": ("communications", "formation", "recrutement"),
    "comptabilite-finances": ("developpement-strategique", "direction-partagee"),
    "communications": ("marketing", "evenements", "developpement-web"),
    "marketing": ("communications", "developpement-web"),
    "developpement-affaires": ("marketing", "comptabilite-finances"),
    "evenements": ("communications",),
    "developpement-web": ("communications", "informatique"),
    "informatique": ("transformation-numerique",),
    "transformation-numerique": ("informatique", "gestion-changement", "formation"),
    "gestion-changement": ("communications", "formation"),
    "sante-securite": ("ressources-humaines", "formation"),
    "developpement-strategique": ("gouvernance", "comptabilite-finances"),
    "redressement": ("comptabilite-finances", "ressources-humaines"),
    "gouvernance": ("developpement-strategique", "formation"),
    "gestion-projets": ("communications", "informatique"),
    "direction-partagee": ("comptabilite-finances", "communications"),
}
FULL_MANAGEMENT = Story(*["x"] * 6)

BY_FIELD = {
    c: [
        Story(
            f"{fr} : un besoin {{n}}",
            "Nous cherchons de l’aide {n}.",
            "x",
            f"{en}: a need {{n}}",
            "We need help {n}.",
            "x",
        )
    ]
    for c, fr, en, _w in FIELDS
}
GUIDES = {
    c: {"fr": (f"Guide {fr}", "x"), "en": (f"Guide {en}", "x")}
    for c, fr, en, _w in FIELDS
}
