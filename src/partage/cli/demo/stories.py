"""What people write: in needs, decisions, answers, comments and lessons.

Each field has its own stories (`plots`); here are the words that go around them.
"""

from datetime import date
from math import exp, log
from random import Random
from typing import TYPE_CHECKING

from partage.cli.demo.plots import (
    BY_FIELD,
    FULL_MANAGEMENT,
    GUIDES,
    TOGETHER,
    USUAL_HOURS,
    Story,
)

if TYPE_CHECKING:
    from partage.cli.demo.ground import Org

__all__ = ["BY_FIELD", "FULL_MANAGEMENT", "GUIDES", "TOGETHER", "Story"]

OPENINGS = {
    "fr": [
        "Bonjour, ", "Bonjour à toute l’équipe. ", "Notre conseil en a parlé mardi dernier. ",
        "Nous sommes une équipe de {n} personnes. ", "À la suite de notre assemblée, ", "",
        "Je vous écris au nom de {org}. ", "Nous en avions parlé au téléphone. ",
        "C’est une première pour nous. ", "La direction vient de changer chez nous. ", "",
        "Notre fédération nous a suggéré de vous écrire. ",
    ],
    "en": [
        "Hello, ", "Good morning. ", "Our board discussed this last Tuesday. ",
        "We are a team of {n}. ", "Following our annual meeting, ", "",
        "I am writing on behalf of {org}. ", "We spoke briefly on the phone. ",
        "This is a first for us. ", "We have a new manager since last month. ", "",
    ],
}  # fmt: skip
CLOSINGS = {
    "fr": [
        "Nous aimerions en parler avant la fin du mois.", "Merci de nous dire par où commencer.",
        "Notre budget est serré : dites-nous ce qui est essentiel.",
        "Nous pouvons libérer une personne deux demi-journées par semaine.",
        "Les rencontres à distance nous conviennent très bien.",
        "Le conseil doit décider à sa prochaine réunion, le {d} {month}.",
        "Si quelqu’un connaît déjà {sector}, ce serait un atout.", "Merci d’avance !",
        "Nous avons déjà un brouillon, à votre disposition.",
        "Une estimation des heures nous aiderait à décider.",
        "Idéalement, la même personne que la dernière fois.",
        "Nous n’avons personne à l’interne pour le faire.",
    ],
    "en": [
        "We would like to talk before the end of the month.", "Please tell us where to begin.",
        "Our budget is tight: tell us what is essential.",
        "One of us can be freed for two half-days a week.",
        "Remote meetings are fine with us.", "The board must decide at its next meeting, on {month} {d}.",
        "Someone who knows {sector} would be ideal.", "Thank you in advance!",
        "We already have a draft that we can share.", "An estimate of the hours would help us decide.",
        "Ideally, the same person as last time.", "We have nobody in house who can do it.",
    ],
}  # fmt: skip
MONTHS = {
    "fr": ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
    "en": ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
}  # fmt: skip


# Nobody titles the same request in the same way.
ENDINGS = {
    "fr": ["", "", "", " : deuxième phase", " d’ici {month}", " : avis rapide", " pour le conseil", " ({town})", " : suite de l’an dernier", " avant la fin {de_month}"],
    "en": ["", "", "", ": second phase", " by {month}", ": quick advice", " for our board", " ({town})", ": following last year", " before the end of {month}"],
}  # fmt: skip


def of(name: str) -> str:
    """Return a name after « de », which loses its e before a vowel."""
    return f"d’{name}" if name[0] in "AEIOUÉaeioué" else f"de {name}"


def fill(
    story: Story, org: "Org", language: str, on: date, rng: Random
) -> tuple[str, str]:
    """Return a title and a text, as someone of `org` would have typed them."""
    month = MONTHS[language][(on.month + rng.randint(1, 4)) % 12]
    slots = {
        "n": rng.randint(4, 38), "k": rng.randint(2, 6), "d": rng.randint(6, 26),
        "month": month, "de_month": of(month), "de_town": of(org.town[0]), "town": org.town[0], "org": org.name,
        "years": rng.randint(3, 14), "sector": SECTORS[language],
        "sum": f"{rng.randint(8, 95)} 000 $" if language == "fr" else f"${rng.randint(8, 95)},000",
    }  # fmt: skip
    title = (story.title_fr if language == "fr" else story.title_en).format(**slots)
    body = (story.text_fr if language == "fr" else story.text_en).format(**slots)
    if title[-1] not in "?!" and not any(
        w in title for w in (":", "conseil", "board", slots["month"])
    ):
        title += rng.choice(ENDINGS[language]).format(**slots)
    before = rng.choice(OPENINGS[language]).format(**slots)
    after = rng.choice(CLOSINGS[language]).format(**slots)
    if before.endswith(", "):
        body = (
            body[0].lower() + body[1:]
            if not body.startswith(("CNESST", "I ", "OHS", "HR", "IT"))
            else body
        )
    text = f"{before}{body}"
    if rng.random() < 0.75:
        text += ("\n\n" if rng.random() < 0.5 else " ") + after
    return title[:150], text


SPREAD = 0.5  # of the hours of one story, in logarithms: half take 0.7 to 1.4 times


def for_size(code: str, size: float, rng: Random) -> Story:
    """Draw what a mandate of a field is about, from how large it is.

    `size`: its hours beside the middle of mandates of such an organisation. A story
    is as likely as it would take that long (log-normal around its usual hours, beside
    the field's), so that the same thing takes about the same time, with spread.
    """
    usual = [log(hours) for hours in USUAL_HOURS[code]]
    middle = sum(usual) / len(usual)
    weights = [exp(-(((log(size) - one + middle) / SPREAD) ** 2) / 2) for one in usual]
    return rng.choices(BY_FIELD[code], weights)[0]


SECTORS = {"fr": "les coopératives", "en": "co-operatives"}


def understood(title: str, org: str, language: str) -> str:
    if language == "fr":
        return f"{org} nous demande : « {title} ». Voici ce que nous proposons de faire, avec qui, et à quel coût."
    return f"{org} asks: “{title}”. Here is what we propose to do, with whom, and at what cost."


SPECIALISED = {
    "fr": [
        "Demande une expertise que la première ligne n’a pas.",
        "Le dossier touche plusieurs lois : il faut une personne du domaine.",
        "La première ligne a fait le premier diagnostic ; la suite est spécialisée.",
        "Travail de plusieurs semaines, avec livrables : spécialisé.",
        "Enjeu financier important pour le membre ; niveau sénior souhaitable.",
        "Déjà fait pour un membre semblable : on repart du réservoir, puis on adapte.",
        "Le membre n’a personne à l’interne et la fédération confirme.",
    ],
}
BACK = {
    "fr": [
        "Votre fédération offre déjà ce service à ses membres, sans frais. Nous lui avons transmis votre demande.",
        "Une question d’ordre général : la conseillère de votre regroupement peut y répondre cette semaine.",
        "Le soutien de base à la vie associative relève de la première ligne ; nous restons là pour la suite.",
        "Votre coopérative de développement régional accompagne les projets à cette étape. Elle vous appellera.",
        "Ce modèle existe au réseau. Votre répondante vous l’envoie et vous aide à le remplir.",
        "Le démarrage est accompagné par la première ligne ; revenez-nous pour le montage financier.",
    ],
    "en": [
        "Your federation already offers this to its members at no cost. We have passed your request on.",
        "This is a general question: your network’s adviser can answer it this week.",
        "Basic support to associations belongs to the first line; we remain here for what follows.",
        "Your regional development group works with projects at this stage. They will call you.",
    ],
}  # fmt: skip
ANSWERED = {
    "fr": [
        "Le guide du réservoir répond à votre question, avec le modèle à remplir.",
        "Nous avons déjà fait ce travail pour un autre membre, qui accepte de le partager : le voici.",
        "Le modèle partagé convient tel quel ; écrivez-nous si un point demande à être adapté.",
    ],
    "en": [
        "The guide in the reservoir answers your question, with the template to fill in.",
        "We did this work for another member who agrees to share it: here it is.",
        "The shared template fits as it is; write to us if a point needs adapting.",
    ],
}  # fmt: skip
DECLINED = [
    "Mon mois est plein : deux remises la même semaine.",
    "Je serai en congé pendant la moitié de la période.",
    "Ce n’est pas tout à fait mon domaine ; je préfère le dire maintenant.",
    "Je connais trop bien la direction : mieux vaut quelqu’un d’autre.",
    "I already have five mandates until the end of the period.",
]
PAUSED = {
    "fr": [
        "Le membre attend la réponse de son bailleur de fonds.",
        "La personne responsable chez le membre est en congé.",
        "Le conseil du membre doit d’abord trancher.",
    ],
    "en": [
        "The member is waiting for its funder’s answer.",
        "The member’s contact is on leave.",
        "The member’s board has to decide first.",
    ],
}
NOTES = ["", "", "", "Tu connais déjà ce membre.", "Le membre préfère les rencontres en matinée.", "Petit mandat, mais urgent.", "À faire avec la conseillère de la fédération."]  # fmt: skip
REFUSED = {
    "fr": [
        "Le coût dépasse ce que le conseil avait prévu cette année.",
        "Nous avons trouvé une solution à l’interne, merci.",
        "Le projet est remis à l’an prochain.",
        "La subvention espérée n’est pas venue.",
        "Un fournisseur local nous connaît déjà.",
    ],
    "en": [
        "The cost is above what the board had planned this year.",
        "We found a way to do it ourselves, thank you.",
        "The project is postponed to next year.",
        "The grant we hoped for did not come.",
    ],
}
HAPPY = {
    "fr": [
        "Travail clair, livré à temps. Nous savons quoi faire ensuite.",
        "Elle connaissait notre réalité : on n’a rien eu à expliquer.",
        "Très à l’écoute du conseil. Merci !",
        "Le modèle du réservoir nous a épargné bien des heures.",
        "Bon rapport entre le coût et le résultat.",
        "On recommencerait demain matin.",
        "Un accompagnement humain, sans jargon.",
        "Facture conforme à l’offre, aucune surprise.",
    ],
    "en": [
        "Clear work, on time. We know what to do next.",
        "They understood co-operatives; nothing had to be explained.",
        "The board appreciated the plain language.",
        "Good value for what we paid.",
        "We would do it again.",
        "No surprise on the invoice.",
    ],
}
UNHAPPY = {
    "fr": [
        "Bon travail, mais deux semaines de retard.",
        "Nous avons dû expliquer plusieurs fois nos besoins.",
        "Plus d’heures que prévu, sans en avoir été avertis assez tôt.",
        "La personne a changé en cours de route.",
    ],
    "en": [
        "Good work, but two weeks late.",
        "We had to explain our needs several times.",
        "More hours than planned; we would have liked to know sooner.",
    ],
}
TIME_NOTES = {
    "fr": [
        "Rencontre de démarrage", "Recherche", "Version provisoire", "Corrections",
        "Rencontre du conseil", "Appel avec la direction", "Analyse des documents",
        "Suivi par courriel", "Présentation", "Préparation de l’atelier", "Relecture",
        "Entrevues", "Mise à jour du dossier",
    ],
    "en": [
        "Kick-off meeting", "Research", "Draft", "Changes", "Board meeting",
        "Call with the manager", "Reading documents", "Follow-up", "Presentation",
        "Interviews", "Review",
    ],
}  # fmt: skip
REMARKS = [
    "Le mercredi compte 9 h : est-ce bien cela ? Corrigez ou dites-moi pourquoi.",
    "Il manque la journée de jeudi.",
    "Les heures de l’atelier iraient plutôt sur l’autre mandat de ce membre.",
    "Friday seems to be on the wrong mandate; please check.",
]
EXPENSES = {
    "fr": [
        ("Stationnement", 6, 24), ("Repas sur la route", 14, 29), ("Hébergement, une nuit", 118, 190),
        ("Impression des cahiers", 22, 140), ("Location de salle", 90, 260), ("Péage et traversier", 9, 46),
    ],
    "en": [
        ("Parking", 6, 24), ("Meal on the road", 14, 29), ("Hotel, one night", 118, 190),
        ("Printing of handouts", 22, 140), ("Room rental", 90, 260),
    ],
}  # fmt: skip
MILESTONES = [
    ("Rencontre de démarrage", "Kick-off meeting"),
    ("Version provisoire remise", "Draft delivered"),
    ("Version finale remise", "Final version delivered"),
]
FULL_MILESTONES = [
    ("Budget et plan de l’année adoptés", "Budget and plan of the year adopted"),
    ("Bilan de mi-année au conseil", "Half-year review with the board"),
    ("Assemblée générale tenue", "General meeting held"),
    ("Rapport annuel remis", "Annual report delivered"),
]
TRAPS = {
    "fr": [
        "Le plus long a été d’obtenir les documents : les demander dès l’ouverture.",
        "Faire valider la version provisoire par deux personnes seulement, pas par tout le conseil.",
        "Prévoir une heure de plus pour la présentation au conseil.",
        "Le modèle du réservoir couvre 60 % du travail ; l’adapter avant la première rencontre.",
        "Nommer tout de suite qui décide chez le membre : deux semaines ont été perdues à l’attendre.",
        "Les rencontres à distance ont suffi, sauf la première.",
    ],
    "en": [
        "Getting the documents took longest: ask for them on the first day.",
        "Have the draft approved by two people, not by the whole board.",
        "Allow one more hour for the presentation to the board.",
        "The reservoir’s template covers 60% of the work; adapt it before the first meeting.",
        "Name at once who decides on the member’s side: two weeks were lost waiting.",
        "Remote meetings were enough, except for the first one.",
    ],
}  # fmt: skip


def piece(
    kind: str,
    story: Story,
    title: str,
    org: "Org",
    language: str,
    hours: int,
    rng: Random,
) -> tuple[str, str]:
    """Return the title and text of what a mandate pours into the reservoir."""
    lesson = story.lesson_fr if language == "fr" else story.lesson_en
    trap = rng.choice(TRAPS[language])
    if language == "fr":
        if kind == "LESSON":
            return f"Leçon : {title}"[:200], f"{lesson} {trap} Temps réel : {hours} h."
        return (
            f"{title} : document à adapter"[:200],
            f"Réalisé pour une organisation {of(org.town[0])} en {hours} h. {lesson} Les passages à adapter sont surlignés ; les noms ont été retirés. {trap}",
        )  # fmt: skip
    if kind == "LESSON":
        return f"Lesson: {title}"[:200], f"{lesson} {trap} Actual time: {hours} h."
    return (
        f"{title}: document to adapt"[:200],
        f"Made for an organisation in {org.town[0]} in {hours} h. {lesson} What to adapt is highlighted; names were removed. {trap}",
    )  # fmt: skip
