"""What any cooperative starts from: fields, taxes, legal rules, rates of the State.

Dated rows, each with its source; an administrator changes them afterwards.
Loading twice adds nothing and overwrites nothing.
"""

from datetime import date
from decimal import Decimal

from django.db import transaction

from partage.billing.models import ContentRule, ReminderStep
from partage.cli.concepts import CONCEPTS
from partage.closing.models import ClosingRule
from partage.experts.models import Field, PracticeRule
from partage.impact.models import EmissionFactor
from partage.knowledge.models import Concept, DeliverableType, Term
from partage.retrieval.analysis import folded
from partage.tariffs.models import MileageRate, TaxRate
from partage.timesheets.models import Activity, Trip

LONG_AGO = date(2013, 1, 1)

# Advocates’ and notaries’ secrecy: Charter of human rights and freedoms (Québec), s. 9.
PRIVILEGED = {"affaires-juridiques"}
# code, French, English, words that suggest it in both languages
FIELDS = [
    (
        "affaires-juridiques",
        "Affaires juridiques",
        "Legal affairs",
        "juridique avocat contrat bail litige règlement statuts loi mise en demeure convention legal lawyer contract lease dispute bylaws",
    ),
    (
        "ressources-humaines",
        "Ressources humaines",
        "Human resources",
        "ressources humaines politique rémunération équité salariale employé congédiement évaluation climat hr payroll policy pay equity employee",
    ),
    (
        "recrutement",
        "Recrutement",
        "Recruitment",
        "recrutement embauche poste candidature direction générale affichage entrevue hiring recruit vacancy interview",
    ),
    (
        "comptabilite-finances",
        "Comptabilité et finances",
        "Accounting and finance",
        "comptabilité budget états financiers paie trésorerie fin d’année taxes accounting bookkeeping financial statements cash",
    ),
    (
        "communications",
        "Communications",
        "Communications",
        "communication infolettre médias rédaction communiqué plan newsletter press writing",
    ),
    (
        "marketing",
        "Marketing",
        "Marketing",
        "marketing marque image publicité campagne clientèle brand advertising campaign",
    ),
    (
        "developpement-affaires",
        "Développement des affaires",
        "Business development",
        "développement affaires vente marché partenariat commercial sales market partnership",
    ),
    (
        "evenements",
        "Événements",
        "Events",
        "événement congrès colloque assemblée lancement event conference gala",
    ),
    (
        "developpement-web",
        "Développement web",
        "Web development",
        "site web internet boutique en ligne page wordpress website online shop accessibility",
    ),
    (
        "informatique",
        "Informatique",
        "Information technology",
        "informatique réseau serveur poste sauvegarde sécurité courriel licence logiciel network server backup security",
    ),
    (
        "transformation-numerique",
        "Transformation numérique",
        "Digital transformation",
        "transformation numérique logiciel de gestion crm erp processus automatisation digital software automation",
    ),
    (
        "gestion-changement",
        "Gestion du changement",
        "Change management",
        "changement mobilisation équipe transition fusion résistance change transition merger",
    ),
    (
        "sante-securite",
        "Santé et sécurité du travail",
        "Occupational health and safety",
        "santé sécurité sst cnesst accident prévention inspection mutuelle safety accident prevention",
    ),
    (
        "developpement-strategique",
        "Développement stratégique",
        "Strategic development",
        "stratégie planification stratégique plan vision diagnostic orientation strategy strategic planning",
    ),
    (
        "redressement",
        "Réorganisation et redressement",
        "Reorganisation and recovery",
        "redressement réorganisation difficulté déficit restructuration recovery turnaround deficit restructuring",
    ),
    (
        "gouvernance",
        "Gouvernance",
        "Governance",
        "gouvernance conseil administrateurs règlements assemblée générale comité governance board directors bylaws",
    ),
    (
        "formation",
        "Formation",
        "Training",
        "formation atelier apprentissage webinaire compétences training workshop webinar",
    ),
    (
        "gestion-projets",
        "Gestion de projets",
        "Project management",
        "projet échéancier gestion coordination chantier subvention project schedule grant",
    ),
    (
        "direction-partagee",
        "Direction et administration partagées",
        "Shared management",
        "direction intérim administration secrétariat entière gestion permanence management interim administration",
    ),
    (
        "developpement-durable",
        "Développement durable",
        "Sustainable development",
        "durable environnement carbone écoresponsable matières résiduelles climat sustainable environment carbon climate",
    ),
]
# field, French, English
DELIVERABLES = [
    ("affaires-juridiques", "Avis juridique", "Legal opinion"),
    ("affaires-juridiques", "Contrat ou convention", "Contract or agreement"),
    ("affaires-juridiques", "Refonte des règlements", "By-law revision"),
    (
        "ressources-humaines",
        "Politique de ressources humaines",
        "Human resources policy",
    ),
    ("ressources-humaines", "Structure de rémunération", "Pay structure"),
    ("ressources-humaines", "Manuel de l’employé", "Employee handbook"),
    ("recrutement", "Recrutement d’une direction", "Recruitment of a director"),
    ("recrutement", "Recrutement d’un poste", "Recruitment for a position"),
    ("comptabilite-finances", "Tenue de livres", "Bookkeeping"),
    ("comptabilite-finances", "Dossier de fin d’année", "Year-end file"),
    ("comptabilite-finances", "Budget et prévisions", "Budget and forecasts"),
    ("communications", "Plan de communication", "Communication plan"),
    ("communications", "Infolettre", "Newsletter"),
    ("marketing", "Plan marketing", "Marketing plan"),
    ("marketing", "Image de marque", "Brand identity"),
    ("developpement-affaires", "Étude de marché", "Market study"),
    ("evenements", "Organisation d’un événement", "Event organisation"),
    ("developpement-web", "Site web", "Website"),
    ("developpement-web", "Entretien de site", "Website maintenance"),
    ("informatique", "Diagnostic informatique", "IT assessment"),
    ("informatique", "Soutien informatique", "IT support"),
    ("transformation-numerique", "Choix d’un logiciel", "Software selection"),
    ("gestion-changement", "Plan de transition", "Transition plan"),
    ("sante-securite", "Programme de prévention", "Prevention programme"),
    (
        "sante-securite",
        "Diagnostic de santé et sécurité",
        "Health and safety assessment",
    ),
    ("developpement-strategique", "Plan stratégique", "Strategic plan"),
    ("redressement", "Plan de redressement", "Recovery plan"),
    ("gouvernance", "Guide de gouvernance", "Governance guide"),
    ("gouvernance", "Évaluation du conseil", "Board assessment"),
    ("formation", "Atelier de formation", "Training workshop"),
    ("gestion-projets", "Gestion d’un projet", "Project delivery"),
    ("direction-partagee", "Direction par intérim", "Interim management"),
    ("direction-partagee", "Soutien administratif", "Administrative support"),
    ("developpement-durable", "Plan de développement durable", "Sustainability plan"),
]
# province, code, rate, from, to, source
TAXES = [
    ("QC", "GST", "0.05", date(2008, 1, 1), None, "Loi sur la taxe d’accise, art. 165"),
    (
        "QC",
        "QST",
        "0.09975",
        date(2013, 1, 1),
        None,
        "Loi sur la taxe de vente du Québec, art. 16",
    ),
    (
        "ON",
        "HST",
        "0.13",
        date(2010, 7, 1),
        None,
        "Loi sur la taxe d’accise, partie IX",
    ),
    (
        "NB",
        "HST",
        "0.15",
        date(2016, 7, 1),
        None,
        "Loi sur la taxe d’accise, partie IX",
    ),
    ("AB", "GST", "0.05", date(2008, 1, 1), None, "Loi sur la taxe d’accise, art. 165"),
    (
        "NS",
        "HST",
        "0.15",
        date(2010, 7, 1),
        date(2025, 3, 31),
        "Loi sur la taxe d’accise, partie IX",
    ),
    (
        "NS",
        "HST",
        "0.14",
        date(2025, 4, 1),
        None,
        "Gouvernement de la Nouvelle-Écosse, TVH à 14 % le 1er avril 2025",
    ),
]
BARREAU = "Barreau"
# field, province, order, days allowed, source
PRACTICE = [
    ("affaires-juridiques", "QC", BARREAU, 0, "Loi sur le Barreau, art. 128"),
    (
        "affaires-juridiques",
        "ON",
        BARREAU,
        100,
        "Accord de libre circulation nationale : 100 jours par an",
    ),
    (
        "affaires-juridiques",
        "NB",
        BARREAU,
        100,
        "Accord de libre circulation nationale : 100 jours par an",
    ),
    (
        "affaires-juridiques",
        "NS",
        BARREAU,
        100,
        "Accord de libre circulation nationale : 100 jours par an",
    ),
    (
        "affaires-juridiques",
        "AB",
        BARREAU,
        0,
        "Aucune autorisation générale lue : permis exigé jusqu’à preuve du contraire",
    ),
]
# from, first, beyond, source
MILEAGE = [
    (date(2024, 1, 1), "0.70", "0.64", "Ministère des Finances du Canada, 2024"),
    (date(2025, 1, 1), "0.72", "0.66", "Ministère des Finances du Canada, 2025"),
    (date(2026, 1, 1), "0.73", "0.67", "Ministère des Finances du Canada, 2026"),
]
# Since when, registration numbers from ($), purchaser and terms from ($), source.
CONTENT = [
    (LONG_AGO, "30.00", "150.00", "Règlement DORS/91-45, art. 3 (texte d’origine)"),
    (
        date(2021, 4, 20),
        "100.00",
        "500.00",
        "Budget 2021, DORS/91-45, art. 3 ; Revenu Québec, Renseignements exigés",
    ),
]
FACTORS = [
    (Trip.Mode.CAR, "0.2410", "2,36 kg/L × 10,2 L/100 km"),
    (Trip.Mode.HYBRID, "0.1350", "Hybride moyenne"),
    (Trip.Mode.ELECTRIC, "0.0004", "0,002 kg/kWh × 0,2 kWh/km, Québec"),
    (Trip.Mode.TRANSIT, "0.0600", "Autocar, taux d’occupation moyen"),
]
ACTIVITIES = [
    ("reservoir", Activity.Kind.KNOWLEDGE, "Réservoir de savoirs", "Knowledge reservoir"),
    ("formation", Activity.Kind.TRAINING, "Formation et veille", "Training and watch"),
    ("equipe", Activity.Kind.TEAM, "Rencontres d’équipe", "Team meetings"),
    ("administration", Activity.Kind.ADMINISTRATION, "Administration", "Administration"),
    ("offres", Activity.Kind.OFFERS, "Préparation d’offres", "Preparing offers"),
]  # fmt: skip


# Days after the due date, tone, to whom: what a cooperative starts from.
REMINDER_STEPS = [
    (10, "COURTEOUS", "BILLING"),
    (30, "FIRM", "BOTH"),
    (60, "FINAL", "BOTH"),
]

CLOSING = [
    ("RESERVE", "0.10", "Loi sur les coopératives (C-67.2), art. 146"),
    ("FURTHER", "0.10", "Loi sur les coopératives (C-67.2), art. 146"),
    ("EQUITY_OF_DEBTS", "0.40", "Loi sur les coopératives (C-67.2), art. 146"),
    ("BAND", "0.03", "Usage proposé de 3 %, à fixer par l’assemblée"),
]


@transaction.atomic
def load_reference() -> None:
    """Write the rows that are missing."""
    for code, name_fr, name_en, words in FIELDS:
        Field.objects.get_or_create(
            code=code,
            defaults={
                "name_fr": name_fr,
                "name_en": name_en,
                "words": words,
                "privileged": code in PRIVILEGED,
                "opened_on": LONG_AGO,
            },
        )
    fields = {field.code: field for field in Field.objects.all()}
    for code, name_fr, name_en in DELIVERABLES:
        DeliverableType.objects.get_or_create(
            field=fields[code], name_fr=name_fr, defaults={"name_en": name_en}
        )
    for province, code, rate, starts_on, ends_on, source in TAXES:
        TaxRate.objects.get_or_create(
            province=province,
            code=code,
            starts_on=starts_on,
            defaults={"rate": Decimal(rate), "ends_on": ends_on, "source": source},
        )
    for code, province, order, days, source in PRACTICE:
        PracticeRule.objects.get_or_create(
            field=fields[code],
            province=province,
            starts_on=LONG_AGO,
            defaults={"order": order, "days_allowed": days, "source": source},
        )
    for code, value, source in CLOSING:
        ClosingRule.objects.get_or_create(
            code=code,
            starts_on=LONG_AGO,
            defaults={"value": Decimal(value), "source": source},
        )
    for starts_on, first, beyond, source in MILEAGE:
        MileageRate.objects.get_or_create(
            starts_on=starts_on,
            defaults={
                "first": Decimal(first),
                "beyond": Decimal(beyond),
                "source": source,
            },
        )
    for starts_on, registrations_from, purchaser_from, source in CONTENT:
        ContentRule.objects.get_or_create(
            starts_on=starts_on,
            defaults={
                "registrations_from": Decimal(registrations_from),
                "purchaser_from": Decimal(purchaser_from),
                "source": source,
            },
        )
    for mode, kg_per_km, source in FACTORS:
        EmissionFactor.objects.get_or_create(
            mode=mode,
            starts_on=date(2024, 1, 1),
            defaults={"kg_per_km": Decimal(kg_per_km), "source": source},
        )
    for code, kind, name_fr, name_en in ACTIVITIES:
        Activity.objects.get_or_create(
            code=code, defaults={"kind": kind, "name_fr": name_fr, "name_en": name_en}
        )
    if not ReminderStep.objects.exists():
        ReminderStep.objects.bulk_create(
            ReminderStep(
                days=days, tone=tone, recipient=recipient, starts_on=date(2020, 1, 1)
            )
            for days, tone, recipient in REMINDER_STEPS
        )
    # All or none: what its users took out stays out.
    if not Concept.objects.exists():
        numbered = Concept.objects.bulk_create(Concept() for _each in CONCEPTS)
        Term.objects.bulk_create(
            Term(concept=concept, text=text, language=language, folded=folded(text))
            for concept, both in zip(numbered, CONCEPTS, strict=True)
            for language, terms in zip(("fr", "en"), both, strict=True)
            for text in terms.split("; ")
        )
