"""The cooperative's ground: who is there, who belongs, what is charged."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pgtrigger
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from partage.agreements.models import Agreement, CoveredField, HourBank
from partage.billing.models import Invoice
from partage.cli.demo import places
from partage.cli.demo.rows import Rows
from partage.closing.models import YearEnd
from partage.experts import models as experts
from partage.governance.models import Cooperative, Meeting, Resolution
from partage.journal.actions import Actor
from partage.journal.models import Counter, Entry
from partage.members.models import (
    Membership,
    Organisation,
    Representation,
    ShareMovement,
)
from partage.people.models import Role, RoleGrant, User
from partage.portal.visitors import PASSWORD
from partage.rules.calendar import (
    Absence,
    WeeklySchedule,
    days,
    holidays_between,
    working_minutes,
)
from partage.rules.money import to_cents
from partage.rules.triage import fold
from partage.tariffs.models import HourlyRate, RateCard

YEAR_START, YEAR_END = date(2024, 4, 1), date(2025, 3, 31)
TODAY = date(2025, 4, 7)  # a Monday
HERE = ZoneInfo("America/Toronto")
ENTERPRISES, EXPERTS, HOURS = 263, 93, 85_487


class Account(NamedTuple):
    """A line of what `partage up` prints."""

    role: object
    email: str
    password: str
    language: str


class Login(NamedTuple):
    name: str
    email: str
    language: str
    role: Role
    words: object
    # For a representative: the key of its organisation, and its powers.
    organisation: str = ""
    powers: str = ""  # of r(equest) s(ign) v(ote) refer(f)


LOGINS = [
    Login("Julie Bergeron", "membre@partage.example", "fr", Role.MEMBER, _("membre : demande, signe et vote"), "trois-rives", "rsv"),
    Login("Simon Lachance", "membre.demande@partage.example", "fr", Role.MEMBER, _("membre : demande seulement"), "trois-rives", "r"),
    Login("Hélène Dufour", "membre.signature@partage.example", "fr", Role.MEMBER, _("membre : signe"), "grand-heron", "rs"),
    Login("Luc Thériault", "membre.vote@partage.example", "fr", Role.MEMBER, _("membre : vote"), "grand-heron", "v"),
    Login("Megan Douglas", "member.ontario@partage.example", "en", Role.MEMBER, _("membre de l’Ontario"), "lakeshore", "rsv"),
    Login("Scott Kowalchuk", "member.alberta@partage.example", "en", Role.MEMBER, _("membre de l’Alberta"), "prairie", "rs"),
    Login("Manon Desrosiers", "premiere.ligne@partage.example", "fr", Role.MEMBER, _("première ligne : réfère les demandes de son réseau"), "reseau", "rsvf"),
    Login("Geneviève Morin", "experte@partage.example", "fr", Role.EXPERT, _("experte")),
    Login("Andrew Sinclair", "expert@partage.example", "en", Role.EXPERT, _("expert")),
    Login("Léa Tremblay", "coordination@partage.example", "fr", Role.COORDINATION, _("coordination")),
    Login("Rachel Fraser", "coordination.en@partage.example", "en", Role.COORDINATION, _("coordination")),
    Login("Nicolas Parent", "finances@partage.example", "fr", Role.FINANCE, _("finances")),
    Login("Alison Reid", "finance@partage.example", "en", Role.FINANCE, _("finances")),
    Login("Chantal Bolduc", "conseil@partage.example", "fr", Role.BOARD, _("conseil d’administration")),
    Login("Robert Mitchell", "board@partage.example", "en", Role.BOARD, _("conseil d’administration")),
    Login("Yannick Savoie", "administration@partage.example", "fr", Role.ADMINISTRATION, _("administration")),
    Login("Priya Sandhu", "admin@partage.example", "en", Role.ADMINISTRATION, _("administration")),
]  # fmt: skip
ACCOUNTS = [
    Account(
        each.words,
        each.email,
        PASSWORD,
        "français" if each.language == "fr" else "English",
    )
    for each in LOGINS
]

# field, experts whose main field it is, rate of the middle level in 2024-2025
POOL = [
    ("affaires-juridiques", 6, 128), ("ressources-humaines", 8, 98),
    ("recrutement", 5, 94), ("comptabilite-finances", 11, 92),
    ("communications", 7, 90), ("marketing", 4, 94), ("developpement-affaires", 3, 104),
    ("evenements", 4, 84), ("developpement-web", 5, 98), ("informatique", 5, 96),
    ("transformation-numerique", 4, 112), ("gestion-changement", 2, 108),
    ("sante-securite", 5, 97), ("developpement-strategique", 4, 116),
    ("redressement", 2, 120), ("gouvernance", 3, 110), ("formation", 3, 92),
    ("gestion-projets", 3, 100), ("direction-partagee", 7, 102),
    ("developpement-durable", 2, 99),
]  # fmt: skip
# What people of a field also do.
NEAR = {
    "affaires-juridiques": ["gouvernance"],
    "ressources-humaines": ["recrutement", "gestion-changement", "sante-securite"],
    "recrutement": ["ressources-humaines"],
    "comptabilite-finances": ["redressement", "direction-partagee"],
    "communications": ["marketing", "evenements"],
    "marketing": ["communications", "developpement-affaires"],
    "developpement-affaires": ["marketing", "developpement-strategique"],
    "evenements": ["communications"],
    "developpement-web": ["informatique", "marketing"],
    "informatique": ["transformation-numerique"],
    "transformation-numerique": ["informatique", "gestion-changement"],
    "gestion-changement": ["ressources-humaines", "formation"],
    "sante-securite": ["formation"],
    "developpement-strategique": ["gouvernance", "developpement-affaires"],
    "redressement": ["comptabilite-finances", "developpement-strategique"],
    "gouvernance": ["developpement-strategique", "formation"],
    "formation": ["gestion-changement"],
    "gestion-projets": ["evenements", "transformation-numerique"],
    "direction-partagee": ["gestion-projets", "gouvernance"],
    "developpement-durable": ["developpement-strategique"],
}
TITLES = {
    "affaires-juridiques": ("Avocate", "Avocat", "Lawyer"),
    "ressources-humaines": ("Conseillère en ressources humaines", "Conseiller en ressources humaines", "Human resources adviser"),
    "recrutement": ("Conseillère en recrutement", "Conseiller en recrutement", "Recruitment adviser"),
    "comptabilite-finances": ("Contrôleuse financière", "Contrôleur financier", "Financial controller"),
    "communications": ("Conseillère en communications", "Conseiller en communications", "Communications adviser"),
    "marketing": ("Stratège marketing", "Stratège marketing", "Marketing strategist"),
    "developpement-affaires": ("Conseillère en développement", "Conseiller en développement", "Business developer"),
    "evenements": ("Organisatrice d’événements", "Organisateur d’événements", "Event organiser"),
    "developpement-web": ("Développeuse web", "Développeur web", "Web developer"),
    "informatique": ("Analyste informatique", "Analyste informatique", "IT analyst"),
    "transformation-numerique": ("Conseillère en transformation numérique", "Conseiller en transformation numérique", "Digital transformation adviser"),
    "gestion-changement": ("Conseillère en changement", "Conseiller en changement", "Change adviser"),
    "sante-securite": ("Conseillère en prévention", "Conseiller en prévention", "Safety adviser"),
    "developpement-strategique": ("Conseillère en stratégie", "Conseiller en stratégie", "Strategy adviser"),
    "redressement": ("Conseillère en redressement", "Conseiller en redressement", "Recovery adviser"),
    "gouvernance": ("Conseillère en gouvernance", "Conseiller en gouvernance", "Governance adviser"),
    "formation": ("Formatrice", "Formateur", "Trainer"),
    "gestion-projets": ("Gestionnaire de projets", "Gestionnaire de projets", "Project manager"),
    "direction-partagee": ("Directrice partagée", "Directeur partagé", "Shared director"),
    "developpement-durable": ("Conseillère en développement durable", "Conseiller en développement durable", "Sustainability adviser"),
}  # fmt: skip
MASCULINE = {
    "Antoine",
    "Benoît",
    "Carl",
    "Charles",
    "David",
    "Denis",
    "Émile",
    "Étienne",
    "Félix",
    "François",
    "Guillaume",
    "Hugo",
    "Jean-Philippe",
    "Jérôme",
    "Louis",
    "Luc",
    "Marc-André",
    "Martin",
    "Mathieu",
    "Maxime",
    "Nicolas",
    "Olivier",
    "Pascal",
    "Philippe",
    "Raphaël",
    "Samuel",
    "Sébastien",
    "Simon",
    "Stéphane",
    "Thomas",
    "Vincent",
    "Yannick",
    "Karim",
    "Minh-Anh",
    "Diego",
}


@dataclass(eq=False)
class Org:
    id: int
    name: str
    town: tuple
    language: str
    kind: str
    network: "Org | None" = None
    member: bool = True
    full: bool = False
    small: bool = False
    served: bool = True
    weight: float = 1.0
    factor: Decimal = Decimal(1)
    covered: frozenset[str] = frozenset()
    signers: list[int] = field(default_factory=list)  # user ids

    @property
    def province(self) -> str:
        return self.town[1]


@dataclass(eq=False)
class Person:
    """An expert, and how long each of their days is."""

    id: int
    user: int
    name: str
    field: str
    skills: dict[str, int]
    languages: tuple[str, ...]
    town: tuple
    remote_only: bool
    parallel: int
    licences: set[str]
    conflicts: set[int]
    present: dict[date, int]  # minutes
    newcomer: bool = False


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=HERE)


def business_day(day: date, shift: int = 0) -> date:
    """Return `day`, or the next day that is not of a week-end, moved by `shift`."""
    step = 1 if shift >= 0 else -1
    while day.weekday() > 4:
        day += timedelta(days=step)
    for _each in range(abs(shift)):
        day += timedelta(days=step)
        while day.weekday() > 4:
            day += timedelta(days=step)
    return day


class World:
    """Everything that will be written, and the one source of chance."""

    def __init__(self) -> None:
        self.rng = Random(20240401)
        self._rows: dict[type, Rows] = {}
        self.journal: list[tuple] = []
        self.counters: dict[str, int] = {}
        self.names: set[str] = {each.name for each in LOGINS}
        self.user_names: dict[int, str] = {}
        self.logins: dict[str, int] = {}
        self.fields = {row.code: row.pk for row in experts.Field.objects.all()}
        self.orgs: list[Org] = []
        self.keys: dict[str, Org] = {}
        self.people: list[Person] = []
        self.cards: list[tuple[date, int, dict]] = []

    def rows(self, model: type) -> Rows:
        if model not in self._rows:
            self._rows[model] = Rows(model)
        return self._rows[model]

    def add(self, model: type, **values: object) -> int:
        return self.rows(model).add(**values)

    def note(
        self,
        moment: datetime,
        user: int | None,
        what: str,
        model: type,
        pk: int,
        address: str | None = None,
        **details: object,
    ) -> None:
        """Keep a journal entry; they are numbered in the order of time at the end."""
        name = self.user_names[user] if user else "Partage"
        self.journal.append(
            (
                moment,
                len(self.journal),
                user,
                name,
                address,
                what,
                model._meta.label,
                pk,
                details,
            )
        )

    def actor(self, user: int, moment: datetime) -> Actor:
        """Return who acts once the rows are written, by the acts themselves.

        What happened before is told first: call it in the order of time.
        """
        self.tell(moment)
        return Actor(user_id=user, name=self.user_names[user], at=moment)

    def take_back(self, entries: QuerySet[Entry]) -> None:
        """Take back what acts wrote in the journal, to be told in the order of time.

        For acts that go back and forth in the year, before anything else is told.
        """
        for one in entries.order_by("id"):
            self.journal.append(
                (
                    one.happened_at, len(self.journal), one.actor_id, one.actor_name,
                    one.address, one.what, one.subject, one.subject_id, one.details,
                )
            )  # fmt: skip
        with pgtrigger.ignore("journal.Entry:entry_is_written_once"):
            entries.delete()

    def number(self, series: str) -> int:
        self.counters[series] = self.counters.get(series, 0) + 1
        return self.counters[series]

    def reference(self, prefix: str, day: date) -> str:
        return f"{prefix}-{day.year}-{self.number(f'{prefix}-{day.year}'):04d}"

    def user(
        self,
        name: str,
        email: str,
        language: str,
        *roles: Role,
        since: date,
        password: str = "!",
    ) -> int:
        pk = self.add(
            User, email=email, name=name, language=language, password=password,
            joined_at=at(since, 9), is_staff=Role.ADMINISTRATION in roles,
            is_superuser=Role.ADMINISTRATION in roles,
        )  # fmt: skip
        for role in roles:
            self.add(RoleGrant, user_id=pk, role=role.value)
        self.user_names[pk] = name
        return pk

    def person_name(self, language: str) -> str:
        first, last = (
            (places.FIRST_FR, places.LAST_FR)
            if language == "fr"
            else (places.FIRST_EN, places.LAST_EN)
        )
        while True:
            name = f"{self.rng.choice(first)} {self.rng.choice(last)}"
            if name not in self.names:
                self.names.add(name)
                return name

    def card_on(self, day: date) -> tuple[int, dict]:
        """Return the id and the rates of the card in force."""
        return next(
            (pk, rates) for start, pk, rates in reversed(self.cards) if start <= day
        )

    def rate(self, org: Org, code: str, level: int, on: date) -> Decimal:
        rate = self.card_on(on)[1][code, level]
        return to_cents(rate * org.factor) if code in org.covered else rate

    def signer(self, org: Org) -> int:
        """Return who signs for an organisation, itself or its network."""
        if not org.signers:
            return self.signer(org.network)
        return org.signers[0]

    def write(self) -> None:
        """Write all rows, in the order of the rooms; the journal is told after."""
        issued = self._held_numbers()
        for rows in self._rows.values():
            rows.write()
        # An invoice is numbered once all that it is made of is there, as in real life:
        # the database refuses any row more under an issued one.
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE billing_invoice SET status = %s, number = %s, issued_on = %s, "
                "due_on = %s, total = %s, pdf_id = %s WHERE id = %s",
                issued,
            )
        for series, last in self.counters.items():
            Counter.objects.update_or_create(series=series, defaults={"last": last})

    def _held_numbers(self) -> list[tuple]:
        """Make drafts of the invoices, and return what issues each."""
        held = []
        for row in self.rows(Invoice).made:
            if row.get("number") is not None:
                names = ("status", "number", "issued_on", "due_on", "total", "pdf_id")
                held.append((*(row.pop(name) for name in names), row["id"]))
        return held

    def tell(self, until: datetime | None = None) -> None:
        """Write the journal in the order of time, up to a moment or to its end."""
        self.journal.sort(key=lambda entry: entry[:2])
        told = [each for each in self.journal if until is None or each[0] <= until]
        self.journal = self.journal[len(told) :]
        entries = Rows(Entry)
        for moment, _n, user, name, address, what, subject, pk, details in told:
            entries.add(
                happened_at=moment, actor_id=user, actor_name=name, address=address,
                what=what, subject=subject, subject_id=pk, details=details,
            )  # fmt: skip
        entries.write()


def lay(world: World) -> None:
    """Lay the ground: cooperative, accounts, members, experts, rates, agreements."""
    _cooperative(world)
    _staff(world)
    _organisations(world)
    _agreements(world)
    _representatives(world)
    _experts(world)


def _cooperative(world: World) -> None:
    Cooperative.objects.create(
        pk=1, name="Coopérative Partage", neq="1140000000",
        gst_number="123456789 RT0001", qst_number="1234567890 TQ0001",
        address="155, boulevard Charest Est", city="Québec", province="QC",
        postal_code="G1K 3G6", email="bonjour@partage.example",
        phone="418 555-0143", demonstration_on=TODAY,
    )  # fmt: skip
    for start, text, factor in (
        (date(2023, 4, 1), "2023-2024", Decimal("0.97")),
        (date(2024, 4, 1), "2024-2025", Decimal("1")),
        (date(2025, 4, 1), "2025-2026", Decimal("1.028")),
    ):
        held = date(start.year, 2, 20)
        meeting = world.add(
            Meeting, body="BOARD", held_on=held, place="Québec et visioconférence"
        )
        resolution = world.add(
            Resolution, meeting_id=meeting, number=f"CA-{held.year}-{held.month:02d}-04",
            text=f"Il est résolu d’adopter la grille tarifaire provisoire {text}, en "
            f"vigueur le 1er avril {start.year}, établie au juste coût et corrigée "
            "à la clôture de l’exercice.",
        )  # fmt: skip
        card = world.add(
            RateCard, name=f"Grille {text}", starts_on=start, resolution_id=resolution
        )
        rates = {}
        for code, _people, middle in POOL:
            for level, share in ((1, "0.84"), (2, "1"), (3, "1.2")):
                exact = middle * factor * Decimal(share) * 2
                rate = exact.quantize(Decimal(1), rounding=ROUND_HALF_UP) / 2
                rates[code, level] = to_cents(rate)
                world.add(
                    HourlyRate,
                    card_id=card,
                    field_id=world.fields[code],
                    level=level,
                    amount=rates[code, level],
                )
        world.cards.append((start, card, rates))
    held = date(2024, 9, 19)
    meeting = world.add(Meeting, body="GENERAL", held_on=held, place="Trois-Rivières")
    world.add(
        Resolution, meeting_id=meeting, number="AG-2024-09-03",
        text="Il est résolu d’adopter les états financiers de l’exercice 2023-2024 et "
        "la proposition P-2023-2024-1, qui verse le trop-perçu à la réserve, les "
        "ristournes étant interdites.",
    )  # fmt: skip
    world.add(YearEnd, starts_on=date(2023, 4, 1), ends_on=date(2024, 3, 31))
    world.add(YearEnd, starts_on=YEAR_START, ends_on=YEAR_END)
    for held in (
        date(2024, 6, 13),
        date(2024, 10, 24),
        date(2024, 12, 12),
        date(2025, 3, 20),
    ):
        meeting = world.add(
            Meeting, body="BOARD", held_on=held, place="Visioconférence"
        )
        world.add(
            Resolution, meeting_id=meeting, number=f"CA-{held.year}-{held.month:02d}-02",
            text="Il est résolu de recevoir le rapport d’équilibre entre l’offre et la "
            "demande et de poursuivre les embauches prévues.",
        )  # fmt: skip


def _staff(world: World) -> None:
    hashed = make_password(PASSWORD, salt="demonstrationpartage24")
    for login in LOGINS:
        world.logins[login.email] = world.user(
            login.name, login.email, login.language, login.role,
            since=date(2023, 4, 3), password=hashed,
        )  # fmt: skip
    for name, role in (
        ("Odile Paradis", Role.COORDINATION), ("Gilles Arbour", Role.COORDINATION),
        ("Solange Petitpas", Role.FINANCE), ("Réal Guimond", Role.BOARD),
        ("Thérèse Hachey", Role.BOARD), ("Normand Sylvain", Role.BOARD),
        ("Ginette Audet", Role.BOARD), ("Lise Comeau", Role.BOARD),
    ):  # fmt: skip
        world.names.add(name)
        email = fold(name).replace(" ", ".") + "@partage.example"
        world.logins[email] = world.user(
            name, email, "fr", role, since=date(2023, 4, 3)
        )
    world.coordinators = [
        world.logins[f"{each}@partage.example"]
        for each in (
            "coordination",
            "coordination.en",
            "odile.paradis",
            "gilles.arbour",
        )
    ]
    world.finance = [
        world.logins[f"{each}@partage.example"]
        for each in ("finances", "solange.petitpas")
    ]


def _organisation(
    world: World, name: str, town: tuple, kind: str, sector: str, language: str, **more
) -> Org:
    rng = world.rng
    columns = {
        key: more.pop(key) for key in ("represents", "competition") if key in more
    }
    network = more.get("network")
    streets = places.STREETS_FR if language == "fr" else places.STREETS_EN
    house = rng.randint(12, 1490)
    comma = ", " if language == "fr" else " "
    letters = "ABCEGHJKLMNPRSTVWXYZ"
    slug = "-".join(
        w for w in fold(name).replace("'", " ").replace("-", " ").split() if len(w) > 2
    )
    pk = world.add(
        Organisation, name=name, sort_key=fold(name)[:200], kind=kind, sector=sector,
        neq=f"{rng.choice((114, 116, 117))}{rng.randint(1_000_000, 9_999_999)}"
        if town[1] == "QC" else "",
        network_id=network.id if network else None, language=language,
        full_management=more.get("full", False),
        address=f"{house}{comma}{rng.choice(streets)}", city=town[0], province=town[1],
        postal_code=f"{town[4]} {rng.randint(1, 9)}{rng.choice(letters)}{rng.randint(1, 9)}",
        latitude=Decimal(town[2]) + Decimal(rng.randint(-250, 250)) / 10_000,
        longitude=Decimal(town[3]) + Decimal(rng.randint(-250, 250)) / 10_000,
        email=f"info@{slug[:40].strip('-')}.example",
        phone=f"{rng.choice((418, 514, 819, 450, 581))} 555-01{rng.randint(10, 99)}"
        if town[1] == "QC" else f"555-01{rng.randint(10, 99)}",
        **columns,
    )  # fmt: skip
    org = Org(id=pk, name=name, town=town, language=language, kind=kind, **more)
    world.orgs.append(org)
    return org


def _organisations(world: World) -> None:
    rng = world.rng
    by_town = {town[0]: town for town in places.TOWNS}
    networks = []
    for name, sector, town, language, represents in places.NETWORKS:
        networks.append(
            _organisation(
                world, name, by_town[town], "FEDERATION", sector, language,
                represents=represents, weight=9.0,
            )
        )  # fmt: skip
    world.keys["reseau"] = networks[0]
    world.networks = networks
    # Four that the cooperative runs whole.
    networks[2].full = networks[5].full = True
    for row in world.rows(Organisation).made:
        row["full_management"] = row["id"] in (networks[2].id, networks[5].id)
    for name, kind, sector, town in (
        ("Coopérative de services à domicile des Hautes-Rives", "COOPERATIVE", "services à domicile", "Saint-Jérôme"),
        ("Centre de formation coopérative du Littoral", "NONPROFIT", "formation", "Moncton"),
    ):  # fmt: skip
        _organisation(
            world, name, by_town[town], kind, sector, "fr", full=True, weight=6.0
        )
    for key, name, kind, sector, town, language in (
        ("trois-rives", "Coopérative d’habitation des Trois-Rives", "COOPERATIVE", "habitation", "Québec", "fr"),
        ("grand-heron", "Coopérative de santé du Grand-Héron", "COOPERATIVE", "santé", "Rimouski", "fr"),
        ("lakeshore", "Lakeshore Housing Co-operative", "COOPERATIVE", "housing", "Kingston", "en"),
        ("prairie", "Prairie Credit Mutual", "MUTUAL", "credit", "Edmonton", "en"),
    ):  # fmt: skip
        world.keys[key] = _organisation(
            world, name, by_town[town], kind, sector, language, weight=14.0
        )
    used = {org.name for org in world.orgs}
    french = [t for t in places.TOWNS if t[5] == "fr"]
    english = [t for t in places.TOWNS if t[5] == "en"]
    quebec = [t for t in french if t[1] == "QC"]

    def invent(language: str, town: tuple, sector: str = "", **more) -> Org:
        while True:
            if language == "fr":
                kind, what, before = rng.choice(places.SORTS_FR)
                if sector and rng.random() < 0.9:
                    same = [s for s in places.SORTS_FR if s[1] == sector]
                    kind, what, before = (
                        rng.choice(same) if same else (kind, what, before)
                    )
                name = f"{before} {rng.choice(places.PROPER_FR)}"
            else:
                kind, what, after = rng.choice(places.SORTS_EN)
                name = f"{rng.choice(places.PROPER_EN)} {after}"
            if name not in used:
                used.add(name)
                break
        if kind == "MUTUAL":
            more["competition"] = "mutuelles"
        return _organisation(world, name, town, kind, what, language, **more)

    for i in range(76):  # members of their own
        english_one = i % 6 == 5
        town = rng.choice(english if english_one else quebec if i % 5 else french)
        small = i % 4 == 2
        invent(
            "en" if english_one else "fr", town, small=small,
            weight=0.0 if small else rng.choice((2.0, 3.0, 4.0, 6.0)),
        )  # fmt: skip
    suspended, left = world.orgs[-1], world.orgs[-2]
    suspended.served = left.served = False
    world.keys["suspended"] = suspended
    shares = [46, 26, 20, 20, 22, 18, 18, 18, 14, 10]
    for network, count in zip(networks, shares, strict=True):
        for _each in range(count):
            language = network.language
            if network.town[1] == "QC":
                near = quebec
            else:
                near = [t for t in places.TOWNS if t[1] == network.town[1]]
            town = rng.choice(near)
            if network.town[1] == "NB" and town[5] == "en":
                language = "en"
            small = rng.random() < 0.3
            sector = network_sector(network)
            invent(
                language, town, sector, network=network, member=False, small=small,
                weight=0.0 if small else rng.choice((0.4, 0.8, 1.2)),
            )  # fmt: skip
    # Exactly 263 are served in the year: the last enterprises of networks are not.
    extra = sum(org.served for org in world.orgs) - ENTERPRISES
    enterprises = [org for org in world.orgs if org.network]
    for org in enterprises[:: max(1, len(enterprises) // extra)][:extra]:
        org.served = False
    assert sum(org.served for org in world.orgs) == ENTERPRISES
    _memberships(world, suspended, left)


def network_sector(network: Org) -> str:
    return next(
        sector for name, sector, *_rest in places.NETWORKS if name == network.name
    )


def _memberships(world: World, suspended: Org, left: Org) -> None:
    rng = world.rng
    members = [org for org in world.orgs if org.member]
    joined = sorted(
        business_day(
            date(2011, 9, 12) + timedelta(days=int(4700 * (i / len(members)) ** 0.8))
        )
        for i in range(len(members))
    )
    # The networks and the enterprises run whole were there first.
    first = [o for o in members if o.kind == "FEDERATION" or o.full]
    rest = [o for o in members if o not in first]
    rng.shuffle(rest)
    for org, day in zip(first + rest, joined, strict=True):
        number = f"{world.number('membership'):04d}"
        gone = date(2024, 11, 30) if org is left else None
        pk = world.add(
            Membership, number=number, organisation_id=org.id,
            category="SUPPORT" if org.kind == "FEDERATION" and rng.random() < 0.3 else "USER",
            joined_on=day, left_on=gone,
            suspended_on=date(2025, 2, 14) if org is suspended else None,
            left_because="Fusion avec une autre coopérative" if gone else "",
        )  # fmt: skip
        shares = 50 if org.kind == "FEDERATION" else 10 if org.full else 5
        par = Decimal("10.00")
        world.add(
            ShareMovement,
            membership_id=pk,
            kind="SUBSCRIPTION",
            on=day,
            quantity=shares,
            par_value=par,
        )
        paid = shares if rng.random() < 0.9 else shares // 2
        world.add(
            ShareMovement, membership_id=pk, kind="PAYMENT", on=day + timedelta(days=rng.randint(0, 40)),
            par_value=par, paid=par * paid,
        )  # fmt: skip
        if gone:
            world.add(
                ShareMovement,
                membership_id=pk,
                kind="REDEMPTION",
                on=gone,
                quantity=-shares,
                par_value=par,
            )
            world.add(
                ShareMovement,
                membership_id=pk,
                kind="REPAYMENT",
                on=date(2025, 1, 31),
                par_value=par,
                paid=-par * paid,
            )
        elif rng.random() < 0.12:
            again = min(day + timedelta(days=rng.randint(400, 1500)), date(2025, 3, 14))
            world.add(
                ShareMovement,
                membership_id=pk,
                kind="SUBSCRIPTION",
                on=again,
                quantity=5,
                par_value=par,
                note="Parts de qualification selon l’usage",
            )
            world.add(
                ShareMovement,
                membership_id=pk,
                kind="PAYMENT",
                on=again,
                par_value=par,
                paid=par * 5,
            )
        world.note(at(day, 11), None, "members.member.admitted", Membership, pk)


def _agreements(world: World) -> None:
    every = [code for code, *_rest in POOL]
    all_but_law = [code for code in every if code != "affaires-juridiques"]
    plans = [
        (0, "2022-04-01", "2026-03-31", "0.95", every, 900),
        (6, "2021-04-01", "2027-03-31", "0.97", all_but_law, 400),
        (7, "2020-09-01", None, "0.96", every, 0),
        (8, "2023-04-01", "2026-03-31", "1.02", all_but_law[:12], 250),
        (4, "2024-04-01", "2025-06-30", "0.93", ["ressources-humaines", "comptabilite-finances", "gouvernance", "formation"], 300),
    ]  # fmt: skip
    for i, (which, start, end, factor, covered, hours) in enumerate(plans, 1):
        network = world.networks[which]
        name = (
            f"Entente avec {network.name}" if network.language == "fr"
            else f"Agreement with {network.name}"
        )[:150]  # fmt: skip
        pk = world.add(
            Agreement, number=f"E-{start[:4]}-{i:02d}", name=name,
            organisation_id=network.id, province=network.province,
            starts_on=date.fromisoformat(start),
            ends_on=date.fromisoformat(end) if end else None,
            rate_factor=Decimal(factor),
            terms="Les entreprises du réseau sont servies aux mêmes conditions que "
            "les membres. La première ligne reste au réseau, qui réfère ce qui est "
            "spécialisé. Bilan conjoint deux fois par an.",
        )  # fmt: skip
        for code in covered:
            world.add(CoveredField, agreement_id=pk, field_id=world.fields[code])
        if hours:
            world.add(
                HourBank,
                agreement_id=pk,
                minutes=hours * 60,
                starts_on=date(2025, 4, 1),
                ends_on=date(2026, 3, 31),
                low_percent=20,
            )
        for org in world.orgs:
            if network in (org, org.network):
                org.factor, org.covered = Decimal(factor), frozenset(covered)


def _representatives(world: World) -> None:
    rng = world.rng
    for login in LOGINS:
        if not login.organisation:
            continue
        org, user = world.keys[login.organisation], world.logins[login.email]
        world.add(
            Representation, user_id=user, organisation_id=org.id,
            can_request="r" in login.powers, can_sign="s" in login.powers,
            can_vote="v" in login.powers, can_refer="f" in login.powers,
            since=date(2022, 5, 2),
        )  # fmt: skip
        if "s" in login.powers:
            org.signers.append(user)
    for org in world.orgs:
        if org.signers:
            continue
        name = world.person_name(org.language)
        email = f"{fold(name).replace(' ', '.')}@{fold(org.name).replace(' ', '-')[:30].strip('-')}.example"
        user = world.user(
            name, email, org.language, Role.MEMBER, since=date(2023, 5, 1)
        )
        world.add(
            Representation, user_id=user, organisation_id=org.id, can_request=True,
            can_sign=True, can_vote=org.member, can_refer=org.kind == "FEDERATION",
            since=date(2023, 5, 1) if rng.random() < 0.7 else date(2022, 1, 10),
        )  # fmt: skip
        org.signers.append(user)


def _experts(world: World) -> None:
    rng = world.rng
    plan = [code for code, count, _rate in POOL for _each in range(count)]
    where = ["QC"] * 66 + ["NB"] * 10 + ["ON"] * 10 + ["AB"] * 5 + ["NS"] * 2
    rng.shuffle(where)
    lawyers = iter([{"QC"}, {"QC"}, {"QC"}, {"QC", "NB"}, {"ON", "AB"}, {"QC", "ON"}])
    for i, (code, province) in enumerate(zip(plan, where, strict=True)):
        login = {8: LOGINS[7], 27: LOGINS[8]}.get(i)
        if code == "affaires-juridiques":
            licences = next(lawyers)
            province = "ON" if "AB" in licences else "QC"
        else:
            licences = set()
        if login:
            province = "QC" if login.language == "fr" else "ON"
        _expert(world, i, code, province, licences, login)
    _expert(world, EXPERTS, "developpement-web", "NB", set(), None, newcomer=True)


def _expert(
    world: World,
    i: int,
    code: str,
    province: str,
    licences: set[str],
    login: Login | None,
    *,
    newcomer: bool = False,
) -> None:
    rng = world.rng
    english = (
        login.language == "en" if login
        else province in ("AB",) or (province in ("ON", "NS") and rng.random() < 0.6)
    )  # fmt: skip
    language = "en" if english else "fr"
    name = login.name if login else world.person_name(language)
    towns = [t for t in places.TOWNS if t[1] == province]
    town = rng.choice([t for t in towns if t[5] == language] or towns)
    both = rng.random() < (0.5 if english else 0.6) or code in ("informatique",)
    languages = ("fr", "en") if both or len(licences) > 1 else (language,)
    if login:
        languages = ("fr", "en")
    email = fold(name).replace(" ", ".") + "@partage.example"
    started = (
        date(2025, 3, 31)
        if newcomer
        else business_day(
            date(2013, 2, 4) + timedelta(days=int(rng.random() ** 0.6 * 3950))
        )
    )
    hired = not newcomer and i % 17 == 9 and not login
    leaver = not newcomer and i in (20, 55)
    if hired:
        started = business_day(date(2024, 5, 6) + timedelta(days=rng.randint(0, 180)))
    left = date(2024, 12, 20) if leaver else None
    if login:
        user = world.logins[login.email]
    else:
        user = world.user(
            name, email, language, Role.EXPERT, since=max(started, date(2023, 4, 3))
        )
    level = 2 if newcomer else rng.choices((1, 2, 3), (15, 45, 40))[0]
    if code in ("affaires-juridiques", "redressement", "gouvernance") or login:
        level = max(2, level)
    skills = {code: level}
    for other in NEAR[code]:
        if rng.random() < 0.5:
            skills[other] = rng.choice((1, 2, max(1, level - 1)))
    feminine, masculine, anglophone = TITLES[code]
    title = (
        anglophone
        if english
        else masculine
        if name.split()[0] in MASCULINE
        else feminine
    )
    daily = rng.choices((420, 336, 252, 168), (60, 22, 13, 5))[0] if not login else 420
    parallel = 6 if daily == 420 else 5 if daily == 336 else 3
    remote_only = not login and rng.random() < 0.16
    pk = world.add(
        experts.Expert, user_id=user, name=name, sort_key=fold(f"{name.split(' ', 1)[1]} {name}")[:120],
        title=title, languages=languages, city=town[0], province=town[1],
        latitude=Decimal(town[2]), longitude=Decimal(town[3]), remote_only=remote_only,
        parallel_limit=parallel,
        weekly_cap_minutes=daily * 4 if rng.random() < 0.2 else None,
        started_on=started, left_on=left,
    )  # fmt: skip
    for skill, reached in skills.items():
        world.add(
            experts.Skill, expert_id=pk, field_id=world.fields[skill], level=reached
        )
    for where in sorted(licences):
        ends = date(2025, 4, 30) if i == 2 else date(2026, 3, 31)
        world.add(
            experts.Licence, expert_id=pk, order="Barreau", province=where,
            number=f"{rng.randint(180_000, 349_999)}-{rng.randint(1, 9)}",
            valid_from=max(started, date(2019, 4, 1)), valid_until=ends,
        )  # fmt: skip
    if code == "comptabilite-finances" and level == 3:
        world.add(
            experts.Licence, expert_id=pk, order="CPA", province=province,
            number=f"{rng.randint(100_000, 159_999)}", valid_from=max(started, date(2020, 4, 1)),
            valid_until=date(2026, 3, 31),
        )  # fmt: skip
    schedules = _schedules(
        rng, daily, started, left, changes=not login and not newcomer
    )
    for row in schedules:
        world.add(
            experts.Schedule, expert_id=pk, starts_on=row.valid_from,
            ends_on=row.valid_until, minutes=tuple(row.minutes),
        )  # fmt: skip
    away = [] if newcomer else _absences(rng, max(started, YEAR_START), left)
    if i % 31 == 4:  # a long leave
        away = [a for a in away if a.last_day < date(2024, 9, 1)]
        away.append(Absence(date(2024, 9, 9), date(2024, 12, 27)))
    for absence in away:
        world.add(
            experts.Absence, expert_id=pk, starts_on=absence.first_day,
            ends_on=absence.last_day, half_days=absence.share != 1,
        )  # fmt: skip
    conflicts = set()
    if rng.random() < 0.22 and not newcomer:
        org = rng.choice(
            [
                o
                for o in world.orgs
                if not o.full
                and o.kind != "FEDERATION"
                and o not in world.keys.values()
            ]
        )
        waived = rng.random() < 0.25
        world.add(
            experts.Conflict, expert_id=pk, organisation_id=org.id,
            kind=rng.choice(("BOARD", "FAMILY", "FORMER_EMPLOYER", "OTHER")),
            declared_on=max(started, date(2023, 6, 5)),
            waived_on=date(2024, 10, 7) if waived else None,
            waiver="Les deux parties ont consenti par écrit." if waived else "",
        )  # fmt: skip
        conflicts.add(org.id)
    last = min(left or TODAY, TODAY)
    begin = max(started, YEAR_START)
    present = working_minutes(
        schedules, away, holidays_between(province, YEAR_START, TODAY), begin, last
    )
    world.people.append(
        Person(
            id=pk, user=user, name=name, field=code, skills=skills, languages=languages,
            town=town, remote_only=remote_only,
            parallel=2 if daily > 300 and rng.random() < 0.4 else 1, licences=licences, conflicts=conflicts,
            present=present, newcomer=newcomer,
        )
    )  # fmt: skip


def _schedules(
    rng: Random, daily: int, started: date, left: date | None, *, changes: bool
) -> list[WeeklySchedule]:
    week = {
        420: (420,) * 5, 336: (420,) * 4 + (0,), 252: (420, 420, 0, 420, 0),
        168: (0, 420, 420, 0, 0),
    }  # fmt: skip
    now = (*week[daily], 0, 0)
    if changes and not left and rng.random() < 0.12 and started < date(2024, 6, 1):
        when = date(2024, 9, 2) if rng.random() < 0.5 else date(2025, 1, 6)
        before = (*week[420 if daily != 420 else 336], 0, 0)
        return [
            WeeklySchedule(started, before, when - timedelta(days=1)),
            WeeklySchedule(when, now, left),
        ]
    return [WeeklySchedule(started, now, left)]


def _absences(rng: Random, start: date, left: date | None) -> list[Absence]:
    """Return holidays in summer and at the end of the year, and a few days apart."""
    summer = date(2024, 7, 1) + timedelta(weeks=rng.randint(0, 6))
    winter = date(2025, 2, 10) + timedelta(weeks=rng.randint(0, 4))
    spring = date(2024, 5, 6) + timedelta(days=rng.randint(0, 20))
    autumn = date(2024, 10, 7) + timedelta(days=rng.randint(0, 40))
    found = [
        Absence(spring, spring),
        Absence(summer, summer + timedelta(days=rng.choice((11, 11, 18)))),
        Absence(autumn, autumn + timedelta(days=rng.choice((0, 1, 2)))),
        Absence(date(2024, 12, 23), date(2025, 1, 3)),
        Absence(date(2025, 1, 20) + timedelta(days=rng.randint(0, 11)), date(2025, 1, 31), Decimal("0.5"))
        if rng.random() < 0.15 else None,
        Absence(winter, winter + timedelta(days=4)),
        Absence(date(2025, 4, 22), date(2025, 4, 25)) if rng.random() < 0.2 else None,
    ]  # fmt: skip
    end = left or date.max
    return [a for a in found if a and start <= a.first_day and a.last_day <= end]


def working_days(start: date, end: date) -> list[date]:
    return [day for day in days(start, end) if day.weekday() < 5]
