"""Which columns a sheet has, whatever its headers are called."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from partage.rules.spreadsheet.cells import Cell, Sheet
from partage.rules.triage import fold, words_of

KINDS = ("members", "experts", "mandates", "time")
_FIRST_ROWS = 40


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds: `type` is a reader of `values`, `limit` its largest.

    `words` are the headers it goes by, in French and English, the surest first.
    """

    type: str
    words: str
    limit: int = 0


_PLACE = {
    "address": Column("text", "adresse|address|rue|street|adresse civique", 200),
    "city": Column("text", "ville|city|municipalité|town|localité", 80),
    "province": Column("province", "province|prov|province ou territoire|state"),
}
COLUMNS: dict[str, dict[str, Column]] = {
    "members": {
        "name": Column(
            "text",
            "nom de l’organisation|nom de l’organisme|nom du membre|organisation|"
            "organisme|nom de la coopérative|nom de l’entreprise|raison sociale|"
            "dénomination|dénomination sociale|organization|organization name|"
            "organisation name|member name|legal name|company|company name|"
            "business name|nom du client|client name|coopérative|entreprise|coop|"
            "membre|member|client|customer|nom|name",
            200,
        ),
        "number": Column(
            "text",
            "numéro de membre|no de membre|numéro d’adhésion|no membre|"
            "member number|membership number|member no|member id|numéro|no|number|code",
            20,
        ),
        "category": Column(
            "category",
            "catégorie|catégorie de membre|type de membre|category|member type|"
            "membership category|member category|membership type",
        ),
        "joined_on": Column(
            "date",
            "date d’adhésion|admis le|admise le|membre depuis|date d’admission|"
            "adhésion|depuis|date d’entrée|member since|joined|joined on|date joined|"
            "join date|admission date|since|membership date",
        ),
        "left_on": Column(
            "date",
            "date de départ|partie le|parti le|date de retrait|fin d’adhésion|départ|"
            "left|left on|date left|leaving date|end date|exit date|membership end",
        ),
        "kind": Column(
            "form",
            "forme|forme juridique|type d’organisation|type d’entreprise|statut "
            "juridique|type d’organisme|legal form|form|organization type|"
            "organisation type|type",
        ),
        "neq": Column(
            "text", "neq|numéro d’entreprise|no d’entreprise|business number|bn", 10
        ),
        "network": Column(
            "text",
            "réseau|regroupement|fédération|network|federation|servie par|groupe",
            200,
        ),
        "represents": Column(
            "count",
            "entreprises représentées|nombre d’entreprises|nb d’entreprises|"
            "représente|represents|represented|number of enterprises|"
            "enterprises represented",
            100_000,
        ),
        "full_management": Column(
            "yes", "entière gestion|gestion complète|full management|fully managed"
        ),
        "sector": Column(
            "text", "secteur|secteur d’activité|sector|industry|domaine", 80
        ),
        "language": Column(
            "language", "langue|language|langue de correspondance|preferred language"
        ),
        **_PLACE,
        "postal_code": Column("text", "code postal|cp|postal code|zip|zip code", 7),
        "email": Column(
            "email", "courriel|email|e-mail|adresse courriel|mail|email address"
        ),
        "phone": Column(
            "text", "téléphone|tél|phone|telephone|phone number|no de téléphone", 30
        ),
    },
    "experts": {
        "name": Column(
            "text",
            "nom complet|nom de l’expert|nom de l’experte|expert|experte|full name|"
            "expert name|nom et prénom|prénom et nom|nom prénom|prénom nom|"
            "ressource|employé|employée|consultant|employee|employee name|resource|"
            "personne|person|name|nom",
            120,
        ),
        "first_name": Column("text", "prénom|first name|given name", 60),
        "last_name": Column("text", "nom de famille|last name|surname|family name", 60),
        "title": Column(
            "text", "titre|poste|fonction|title|job title|position|role|rôle", 120
        ),
        "fields": Column(
            "names",
            "domaines|domaine|domaines d’expertise|expertise|expertises|compétences|"
            "spécialité|spécialités|fields|field|skills|areas of expertise|specialty",
        ),
        "level": Column(
            "level", "niveau|niveau d’expertise|level|seniority|séniorité|échelon"
        ),
        "languages": Column(
            "languages", "langues|langue|languages|language|langues parlées|spoken"
        ),
        "city": _PLACE["city"],
        "province": _PLACE["province"],
        "remote_only": Column(
            "yes", "à distance|à distance seulement|remote|remote only|télétravail"
        ),
        "weekly_minutes": Column(
            "hours",
            "heures par semaine|heures semaine|h sem|horaire|heures hebdomadaires|"
            "hours per week|weekly hours|hours week",
            7 * 24 * 60,
        ),
        "started_on": Column(
            "date",
            "date d’embauche|embauche|date d’entrée en poste|entrée en poste|"
            "date d’arrivée|date de début|début|depuis|en poste depuis|start date|"
            "hire date|hired|started|since|date hired",
        ),
        "left_on": Column(
            "date",
            "date de départ|départ|parti le|partie le|date de fin|fin|left|left on|"
            "end date|leaving date|termination date",
        ),
    },
    "mandates": {
        "reference": Column(
            "text",
            "référence|no de mandat|numéro de mandat|no de projet|numéro de projet|"
            "no de dossier|numéro de dossier|reference|ref|réf|mandate number|"
            "project number|mandate no|project no|code de projet|project code|"
            "mandate id|numéro|no|number|code|dossier|id",
            20,
        ),
        "organisation": Column(
            "text",
            "organisation|organisme|membre|client|nom de l’organisme|nom du membre|"
            "nom de l’organisation|nom du client|coopérative|entreprise|member|"
            "organization|customer|client name|member name|company|"
            "organization name|coop",
            200,
        ),
        "title": Column(
            "text",
            "titre|titre du mandat|nom du mandat|mandat|objet|projet|nom du projet|"
            "titre du projet|title|mandate|project|project name|mandate title|"
            "project title|mandate name|description|nom|name",
            150,
        ),
        "field": Column(
            "text",
            "domaine|domaine d’expertise|field|expertise|service|spécialité|area|"
            "field of expertise|specialty|practice",
            80,
        ),
        "status": Column("status", "état|statut|status|state|avancement"),
        "opened_on": Column(
            "date",
            "ouvert le|date d’ouverture|date de début|début|ouverture|opened|"
            "opened on|start date|start|open date|du|commencé le|date",
        ),
        "due_on": Column(
            "date",
            "à livrer le|échéance|date d’échéance|date prévue|livraison|due|due date|"
            "due on|to deliver by|deadline|date de livraison|fin prévue",
        ),
        "closed_on": Column(
            "date",
            "clos le|date de clôture|fermé le|date de fermeture|terminé le|date de "
            "fin|fin|closed|closed on|end date|close date|completed on|end|au",
        ),
        "budget_minutes": Column(
            "hours",
            "budget d’heures|heures prévues|heures budgétées|budget heures|heures|"
            "banque d’heures|nb heures|nombre d’heures|budget hours|budgeted hours|"
            "planned hours|hours|estimated hours|hours expected|heures estimées|"
            "budget en heures",
            100_000 * 60,
        ),
        "budget_amount": Column(
            "money",
            "montant|budget|budget avant taxes|montant prévu|prix|valeur|amount|price|"
            "value|budget amount|contract amount|montant du mandat|budget before tax",
        ),
        "experts": Column(
            "names",
            "experts|équipe|responsable|expert|experte|expertes|team|lead|assigned to|"
            "ressource|ressources|consultant|chargé de projet|affecté à|assigné à|"
            "expert responsable|project lead|project manager|chargé de mandat",
        ),
        "level": Column("level", "niveau|level|niveau d’expertise|échelon|seniority"),
        "rate": Column(
            "money",
            "taux|taux horaire|tarif|tarif horaire|rate|hourly rate|prix de l’heure",
        ),
        "province": _PLACE["province"],
        "language": Column("language", "langue|language"),
        "full_management": Column(
            "yes", "entière gestion|gestion complète|full management|fully managed"
        ),
    },
    "time": {
        "on": Column(
            "date",
            "date|jour|day|date du travail|work date|date travaillée|journée|"
            "date worked|entry date|le",
        ),
        "expert": Column(
            "text",
            "expert|experte|nom de l’expert|nom de l’experte|employé|employée|"
            "ressource|consultant|consultante|intervenant|intervenante|employee|"
            "resource|expert name|employee name|staff|personne|person|qui|who|"
            "nom de l’employé|user|nom complet|full name|nom|name",
            120,
        ),
        "mandate": Column(
            "text",
            "mandat|no de mandat|numéro de mandat|référence du mandat|référence|"
            "mandate|mandate number|mandate reference|mandate no|projet|no de projet|"
            "project|project number|project name|reference|dossier|no de dossier|"
            "titre du mandat|nom du mandat|nom du projet|mandate title|code de projet|"
            "project code",
            150,
        ),
        "organisation": Column(
            "text",
            "organisation|organisme|membre|client|nom de l’organisme|nom du membre|"
            "nom de l’organisation|nom du client|coopérative|entreprise|member|"
            "organization|customer|client name|member name|company|"
            "organization name|coop",
            200,
        ),
        "activity": Column(
            "text",
            "activité|activité interne|activity|internal activity|interne|internal",
            80,
        ),
        "hours": Column(
            "hours",
            "heures|nb h|nb heures|nombre d’heures|hours|durée|h|hrs|heures "
            "travaillées|temps|temps travaillé|hours worked|time|duration|nb hrs|"
            "nbre heures|quantité|qté|quantity|number of hours|total heures",
            24 * 60,
        ),
        "minutes": Column(
            "minutes",
            "minutes|min|durée en minutes|nb minutes|nombre de minutes|"
            "duration in minutes",
            24 * 60,
        ),
        "note": Column(
            "text",
            "note|notes|description|commentaire|commentaires|tâche|tâches|détail|"
            "détails|comment|comments|task|details|remarque|remarques|travail fait|"
            "work done|activité réalisée|nature du travail",
            300,
        ),
    },
}
# Each of these must be there: one of the columns of every group.
REQUIRED: dict[str, tuple[tuple[str, ...], ...]] = {
    "members": (("name",),),
    "experts": (("name", "first_name"),),
    "mandates": (("organisation",), ("title",), ("field",), ("opened_on",)),
    "time": (
        ("on",),
        ("expert",),
        ("hours", "minutes"),
        ("mandate", "organisation", "activity"),
    ),
}
_SHEET_NAMES = {
    "members": "membre organisation organisme client cooperative member coop",
    "experts": "expert experte ressource employe equipe personnel staff consultant",
    "mandates": "mandat projet dossier mandate project contrat contract",
    "time": "temp heure time hour timesheet pointage saisie",
}
# What our own mended files add: neither known nor worth a word.
ERROR_HEADERS = frozenset({"erreur", "error"})
_STOP = frozenset(
    [
        "d",
        "de",
        "du",
        "des",
        "l",
        "la",
        "le",
        "les",
        "en",
        "of",
        "the",
        "a",
        "an",
        "par",
        "per",
    ]
)
_IN_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_NUMBER_SIGN = re.compile(r"#|\bn[°ºo]\.?(?= |$)|№")


@lru_cache(maxsize=4096)
def plain(header: str) -> str:
    """Return a header as it is compared: folded, less small words and brackets."""
    bare = _IN_BRACKETS.sub(" ", header.replace("’", " ").replace("'", " "))
    bare = _NUMBER_SIGN.sub(" no ", bare.casefold())
    words = [word for word in words_of(bare) if word not in _STOP]
    return " ".join(words or words_of(bare))


def _headers() -> dict[str, dict[str, list[tuple[int, str]]]]:
    found: dict[str, dict[str, list[tuple[int, str]]]] = {}
    for kind, columns in COLUMNS.items():
        own = found.setdefault(kind, {})
        for key, column in columns.items():
            for rank, words in enumerate(column.words.split("|")):
                own.setdefault(plain(words), []).append((rank, key))
    return found


_HEADERS = _headers()


@dataclass(frozen=True, slots=True)
class Recognised:
    """How a sheet is read: its kind, the row of its headers, its columns.

    `columns` gives each place (from 0) its column; `labels` how the file calls
    each column. `ignored` are the headers nobody knows. `missing` are the groups
    of columns of which one at least is needed.
    """

    kind: str
    header_row: int
    columns: dict[int, str]
    labels: dict[str, str]
    ignored: tuple[str, ...] = ()
    missing: tuple[tuple[str, ...], ...] = ()
    width: int = field(default=0)


def match(kind: str, cells: Sequence[Cell]) -> dict[int, str]:
    """Return which place holds which column, if these cells are headers.

    A column goes to the header that says it best; a header to one column.
    """
    offers = sorted(
        (rank, place, key)
        for place, cell in enumerate(cells)
        if isinstance(cell, str)
        for rank, key in _offers(kind, cell)
    )
    taken: dict[int, str] = {}
    for _rank, place, key in offers:
        if place not in taken and key not in taken.values():
            taken[place] = key
    columns = COLUMNS[kind]
    if kind == "experts" and "first_name" in taken.values():
        # « Nom » beside « Prénom » is the family name.
        taken = {
            place: "last_name"
            if key == "name" and "last_name" not in taken.values()
            else key
            for place, key in taken.items()
        }
    return {place: key for place, key in sorted(taken.items()) if key in columns}


def _offers(kind: str, header: str) -> list[tuple[int, str]]:
    if len(header) > 80:
        return []
    offers = _HEADERS[kind].get(plain(header), [])
    if kind == "time" and re.search(r"\bmin(?:utes?)?\b", fold(header)):
        offers = [(r, "minutes" if key == "hours" else key) for r, key in offers]
    return offers


def _score(kind: str, sheet_name: str, found: dict[int, str]) -> int:
    """More columns, and above all the needed ones; the sheet's own name helps."""
    if not found:
        return 0
    keys = set(found.values())
    met = [bool(keys & set(group)) for group in REQUIRED[kind]]
    named = set(words_of(sheet_name)) & set(_SHEET_NAMES[kind].split())
    score = 2 * len(found) + 3 * sum(met) + 4 * bool(named)
    if not all(met):
        score -= 6
    if kind == "experts" and {"first_name", "weekly_minutes"} & keys:
        score += 3
    return score


def headers_in(rows: Sequence[tuple[int, Sequence[Cell]]], name: str) -> int:
    """Return how much the first rows look like headers, of any kind."""
    return max(
        (
            _score(kind, name, match(kind, cells))
            for _number, cells in rows[:_FIRST_ROWS]
            for kind in KINDS
        ),
        default=0,
    )


def recognise(sheet: Sheet, kind: str | None = None) -> Recognised | None:
    """Find the headers of a sheet and what it holds; None if nobody can tell.

    The headers are looked for in the first rows, under titles. Without a `kind`
    the sheet must have two columns that are known, or a name that tells.
    """
    best: tuple[int, int, str, dict[int, str], tuple[Cell, ...]] | None = None
    for number, cells in sheet.rows[:_FIRST_ROWS]:
        for one in (kind,) if kind else KINDS:
            found = match(one, cells)
            score = _score(one, sheet.name, found)
            if found and (best is None or score > best[0]):
                best = (score, number, one, found, cells)
    if best is None:
        return None
    score, number, chosen, found, cells = best
    named = set(words_of(sheet.name)) & set(_SHEET_NAMES[chosen].split())
    if len(found) < 2 and not kind and not named:
        return None
    keys = set(found.values())
    missing = tuple(group for group in REQUIRED[chosen] if not keys & set(group))
    if len(missing) > 1 and not kind and not named:
        return None
    return Recognised(
        kind=chosen,
        header_row=number,
        columns=found,
        labels={key: str(cells[place]) for place, key in found.items()},
        ignored=tuple(
            str(cell)
            for place, cell in enumerate(cells)
            if cell is not None
            and place not in found
            and fold(str(cell)) not in ERROR_HEADERS
        ),
        missing=missing,
        width=len(cells),
    )
