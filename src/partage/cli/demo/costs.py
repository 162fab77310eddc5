"""What the demonstration's years cost, and how their rate cards come from it.

The pay of each field is found, not typed: it is the one with which the model yields,
once rounded as the board does, the rates that were published. So the cards are truly
derived from the models, and the year's offers and invoices stay as they are.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from django.utils import translation

from partage.cli.demo.ground import (
    POOL,
    TODAY,
    YEAR_END,
    YEAR_START,
    Person,
    World,
    at,
)
from partage.cli.demo.year import Year
from partage.documents.parts import Composition
from partage.experts import models as experts
from partage.rules import costing as rules
from partage.rules.calendar import (
    Absence,
    WeeklySchedule,
    expected_presence,
    holidays_between,
)
from partage.rules.money import to_cents
from partage.tariffs import actions
from partage.tariffs.models import (
    CostItem,
    CostModel,
    ExpectedHours,
    HourlyRate,
    ModerateCost,
    Parameter,
    Pay,
    RateCard,
    RatePart,
    TimeShare,
)
from partage.tariffs.queries import DEFAULTS, Work, drawn, pieces_of

NEXT_START, NEXT_END = date(2025, 4, 1), date(2026, 3, 31)
WEEK = 2_100  # minutes of a whole week
PRACTICAL = Decimal("0.80")
KNOWLEDGE, COMMON, SECOND = 8, 6, 12  # percent of an expert's time
# How far apart pays are in a field, by level.
STEPS = {1: Decimal("0.80"), 2: Decimal(1), 3: Decimal("1.22")}
CHARGES = {
    "QC": Decimal("0.2080"), "ON": Decimal("0.1840"), "NB": Decimal("0.1835"),
    "AB": Decimal("0.1790"), "NS": Decimal("0.1850"),
}  # fmt: skip
SHARED, KNOWN, DIRECT, FUNDED = "SHARED", "KNOWLEDGE", "DIRECT", "FUNDING"
PEOPLE, PRACTICED, SOLD = "people", "practical_hours", "expected_hours"
# name, whole pay of a year
STAFF = [
    ("Direction générale", 124_000), ("Direction des services", 104_500),
    ("Léa Tremblay, coordination", 78_400), ("Rachel Fraser, coordination", 76_900),
    ("Odile Paradis, coordination", 74_200), ("Gilles Arbour, coordination", 75_600),
    ("Nicolas Parent, finances", 92_300), ("Alison Reid, finances", 81_700),
    ("Solange Petitpas, paie et facturation", 62_800),
    ("Yannick Savoie, systèmes", 84_600), ("Priya Sandhu, systèmes", 79_300),
    ("Ressources humaines", 77_500), ("Réservoir de savoirs, animation", 71_400),
    ("Adjointe à la direction", 56_900), ("Réception et logistique", 48_700),
]  # fmt: skip
# kind, name, key or field, budget of 2024-2025, what it came to, source
ITEMS = [
    (SHARED, "Loyer et énergie", PEOPLE, 151_200, 152_480, "Bail du 155, boulevard Charest Est"),
    (SHARED, "Logiciels et infonuagique", PEOPLE, 168_000, 174_310, "Contrats en vigueur"),
    (SHARED, "Téléphonie et réseau", PEOPLE, 38_400, 37_215, "Contrats en vigueur"),
    (SHARED, "Assurance responsabilité", PRACTICED, 68_500, 70_260, "Police de la mutuelle"),
    (SHARED, "Audit et honoraires", PRACTICED, 41_000, 39_900, "Soumission de l’auditeur"),
    (SHARED, "Formation continue", PEOPLE, 93_000, 86_740, "1 000 $ par expert"),
    (SHARED, "Assemblées et conseil", SOLD, 47_500, 49_120, "Budget de gouvernance"),
    (SHARED, "Déplacements non facturés", PRACTICED, 36_000, 33_880, "Moyenne de trois ans"),
    (SHARED, "Amortissement du matériel", PEOPLE, 54_600, 55_950, "Registre des immobilisations"),
    (KNOWN, "Plateforme du réservoir", SOLD, 44_000, 43_150, "Contrat d’hébergement et d’entretien"),
    (KNOWN, "Libération et anonymisation", SOLD, 19_500, 21_070, "Heures de révision achetées"),
    (DIRECT, "Cotisations et bases de données", "affaires-juridiques", 46_200, 45_870, "Barreau, SOQUIJ, CAIJ"),
    (DIRECT, "Cotisations professionnelles", "comptabilite-finances", 23_400, 23_400, "CPA"),
    (DIRECT, "Affichage de postes", "recrutement", 31_000, 33_640, "Ententes annuelles"),
    (DIRECT, "Banques d’images et outils", "communications", 12_800, 13_020, "Abonnements"),
    (DIRECT, "Outils de campagne", "marketing", 17_500, 16_480, "Abonnements"),
    (DIRECT, "Hébergement et licences", "developpement-web", 33_600, 35_110, "Contrats en vigueur"),
    (DIRECT, "Laboratoire et licences", "informatique", 37_900, 37_260, "Contrats en vigueur"),
    (DIRECT, "Matériel de prévention", "sante-securite", 9_600, 9_180, "Inventaire"),
    (DIRECT, "Plateforme d’apprentissage", "formation", 12_400, 12_400, "Abonnement"),
    (DIRECT, "Régie et inscriptions", "evenements", 14_200, 15_730, "Abonnements"),
    (FUNDED, "Subvention au développement coopératif", "", 180_000, 180_000, "Entente 2023-2026, versement annuel"),
    (FUNDED, "Aide à l’embauche", "", 24_000, 32_400, "Emploi-Québec, six postes"),
]  # fmt: skip
# What is already known to cost more in 2026-2027.
DEARER = [
    ("Loyer et énergie", "163900.00", "Bail du 155, boulevard Charest Est, indexé"),
    ("Formation continue", "99500.00", "1 000 $ par expert, plus une cohorte en santé et sécurité"),
]  # fmt: skip


@dataclass(eq=False)
class Line:
    """A pay, before its amount is known."""

    person: Person | None
    name: str
    starts_on: date
    ends_on: date
    field: str
    shares: dict[tuple[str, int], int]
    base: Decimal  # of the pay of the field, at the whole week, for a year
    present: int
    charges: Decimal
    yearly: Decimal = Decimal(0)
    source: str = ""
    note: str = ""


@dataclass(frozen=True)
class Budget:
    """A year's plan, before it is written."""

    lines: list[Line]
    staff: list[tuple[str, Decimal]]
    items: list[tuple]
    expected: dict[tuple[str, int], int]


def plan(world: World) -> None:
    """Write the budgets, before the year is lived, and what their cards are made of."""
    for field, amount in (("affaires-juridiques", "152.00"),):
        world.add(
            ModerateCost, field_id=world.fields[field], starts_on=date(2024, 1, 1),
            amount=Decimal(amount),
            source="Conseil du 14 décembre 2023, d’après la Loi sur le Barreau, art. 131.1",
        )  # fmt: skip
    world.parts = {}
    (_before, _old, _rates), (_start, first, _r1), (_next, second, _r2) = world.cards
    world.budget = _budget(
        world, YEAR_START, YEAR_END, Decimal(1), 1, card=first, frozen=date(2024, 2, 20)
    )
    now = _budget(
        world, NEXT_START, NEXT_END, Decimal("1.028"), 1, card=second,
        frozen=date(2025, 2, 20),
    )  # fmt: skip
    _propose(world, now)


def _budget(
    world: World,
    start: date,
    end: date,
    factor: Decimal,
    version: int,
    *,
    card: int,
    frozen: date,
) -> Budget:
    chance = Random(start.toordinal() * 10 + version)
    lines = _planned_people(world, start, end, chance)
    items = [
        (kind, name, key, to_cents(Decimal(amount) * factor), source)
        for kind, name, key, amount, _actual, source in ITEMS
    ]
    model = world.add(
        CostModel, state="BUDGET", starts_on=start, ends_on=end, version=version,
        frozen_at=at(frozen, 19), note="Présenté au conseil avec la grille qui en vient.",
    )  # fmt: skip
    _parameters(world, model)
    staff = [(name, to_cents(Decimal(pay) * factor)) for name, pay in STAFF]
    published = next(rates for _start, pk, rates in world.cards if pk == card)
    targets = {code: _middle(code, published) for code, _people, _rate in POOL}
    expected = _expected(lines, chance)
    _find_pays(lines, staff, items, expected, targets, end - start)
    budget = Budget(lines, staff, items, expected)
    _write_budget(world, model, start, end, budget)
    rule = _rule(budget, end - start)
    _compose(world, card, model, rule)
    for row in world.rows(RateCard).made:
        if row["id"] == card:
            row |= {"model_id": model, "proposed_on": frozen - timedelta(days=12)}
    world.note(
        at(frozen - timedelta(days=12), 11), world.finance[0], "tariffs.card.proposed",
        RateCard, card, version=version, rates=len(POOL) * 3,
    )  # fmt: skip
    world.note(
        at(frozen, 19), world.finance[0], "tariffs.card.adopted", RateCard, card,
        version=version, resolution=f"CA-{frozen.year}-{frozen.month:02d}-04",
    )  # fmt: skip
    return budget


def _propose(world: World, now: Budget) -> None:
    """Propose a second version of the card of the year: it waits for the board."""
    model = world.add(
        CostModel, state="BUDGET", starts_on=NEXT_START, ends_on=NEXT_END, version=2,
        frozen_at=at(date(2025, 4, 3), 16),
        note="Révision de printemps : assurance et bases de données plus chères, "
        "deux embauches en développement web.",
    )  # fmt: skip
    _parameters(world, model)
    dearer = {
        "Assurance responsabilité": ("81900.00", "Avis de renouvellement de la mutuelle"),
        "Cotisations et bases de données": ("53750.00", "SOQUIJ, nouveau tarif"),
        "Logiciels et infonuagique": ("184200.00", "Renouvellement à 93 postes"),
    }  # fmt: skip
    items = [
        (kind, name, key, Decimal(dearer[name][0]), dearer[name][1])
        if name in dearer else (kind, name, key, amount, source)
        for kind, name, key, amount, source in now.items
    ]  # fmt: skip
    like = next(
        line for line in now.lines
        if line.field == "developpement-web" and max(line.shares.values()) == 86
    )  # fmt: skip
    hired = replace(
        like, person=None, name="Embauche prévue", starts_on=date(2025, 6, 2),
        present=like.present * 10 // 12, source="Plan d’embauche",
        note="Le domaine a vendu plus que sa capacité en 2024-2025.",
    )  # fmt: skip
    budget = Budget([*now.lines, hired], now.staff, items, now.expected)
    _write_budget(world, model, NEXT_START, NEXT_END, budget)
    proposed = date(2025, 4, 3)
    card = world.add(
        RateCard, name="Grille 2025-2026", version=2, status="PROPOSED",
        starts_on=date(2025, 7, 1), model_id=model, proposed_on=proposed,
        note="Révision de printemps, à adopter avant le 1er juillet.",
    )  # fmt: skip
    _compose(world, card, model, _rule(budget, NEXT_END - NEXT_START))
    world.note(
        at(proposed, 16), world.finance[0], "tariffs.card.proposed", RateCard, card,
        version=2, rates=len(POOL) * 3,
    )  # fmt: skip


def _write_budget(
    world: World, model: int, start: date, end: date, budget: Budget
) -> None:
    _write(world, model, start, end, budget.lines, budget.staff, budget.items)
    for (code, level), minutes in sorted(budget.expected.items()):
        world.add(
            ExpectedHours, model_id=model, field_id=world.fields[code], level=level,
            minutes=minutes, source="Rencontres avec les membres, automne",
        )  # fmt: skip


def _middle(code: str, published: dict) -> Decimal:
    """Return the middle rate whose three levels all round to those of the card."""
    half, levels = Decimal("0.25"), ((1, "0.84"), (2, "1"), (3, "1.2"))
    low = max((published[code, level] - half) / Decimal(w) for level, w in levels)
    high = min((published[code, level] + half) / Decimal(w) for level, w in levels)
    return (low + high) / 2


def _parameters(world: World, model: int) -> None:
    with translation.override("fr-ca"):
        said = {
            str(code): (value, str(source))
            for code, (value, source) in DEFAULTS.items()
        }
    for code, (value, source) in said.items():
        world.add(Parameter, model_id=model, code=code, value=value, source=source)


def _calendar_of(world: World) -> dict[int, tuple[list[WeeklySchedule], list[Absence]]]:
    if not hasattr(world, "calendars"):
        found: dict = defaultdict(lambda: ([], []))
        for row in world.rows(experts.Schedule).made:
            found[row["expert_id"]][0].append(
                WeeklySchedule(row["starts_on"], tuple(row["minutes"]), row["ends_on"])
            )
        for row in world.rows(experts.Absence).made:
            share = Decimal("0.5") if row["half_days"] else Decimal(1)
            found[row["expert_id"]][1].append(
                Absence(row["starts_on"], row["ends_on"], share)
            )
        world.calendars = found
        world.terms = {
            row["id"]: (row["started_on"], row["left_on"])
            for row in world.rows(experts.Expert).made
        }
    return world.calendars


def _planned_people(world: World, start: date, end: date, chance: Random) -> list[Line]:
    """Return who was thought to work: those to be hired have no name yet."""
    calendars = _calendar_of(world)
    lines = []
    for person in world.people:
        began, left = world.terms[person.id]
        if began > end or (left and left < start):
            continue
        schedules, _absences = calendars[person.id]
        # Nobody knows yet who will leave.
        schedules = [replace(row, valid_until=None) for row in schedules]
        first = max(began, start)
        known = began < start
        lines.append(
            _line(
                person, first, end, chance,
                expected_presence(
                    schedules, (), holidays_between(person.town[1], first, end), first,
                    end, leave_days=DEFAULTS[Parameter.Code.LEAVE_DAYS][0],
                ),
                named=known,
            )
        )  # fmt: skip
    return lines


def _line(
    person: Person,
    first: date,
    last: date,
    chance: Random,
    present: int,
    *,
    named: bool = True,
) -> Line:
    rest = 100 - KNOWLEDGE - COMMON
    level = person.skills[person.field]
    shares = {(person.field, level): rest}
    others = sorted(
        code for code in person.skills
        if code not in (person.field, "affaires-juridiques")
    )  # fmt: skip
    if others:
        second = others[person.id % len(others)]
        shares[person.field, level] = rest - SECOND
        shares[second, person.skills[second]] = SECOND
    jitter = Decimal(1) + Decimal(chance.randint(-35, 35)) / 1000
    return Line(
        person=person if named else None,
        name=person.name if named else "Embauche prévue",
        starts_on=first, ends_on=last, field=person.field, shares=shares,
        base=STEPS[level] * jitter * _week_share(person), present=present,
        charges=CHARGES[person.town[1]],
        source="Contrat et échelle salariale" if named else "Plan d’embauche",
    )  # fmt: skip


def _week_share(person: Person) -> Decimal:
    """Return how much of a whole week someone works, by their longest week."""
    weeks: dict[date, int] = defaultdict(int)
    for day, minutes in person.present.items():
        weeks[day - timedelta(days=day.weekday())] += minutes
    return Decimal(max(weeks.values(), default=WEEK)) / WEEK


def _expected(lines: list[Line], chance: Random) -> dict[tuple[str, int], int]:
    """Return what is to be sold: near the capacity, a little above it or below."""
    supplied: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for line in lines:
        minutes = line.present * PRACTICAL
        for pool, weight in line.shares.items():
            supplied[pool] += minutes * weight / 100
    return {
        pool: int(minutes * Decimal(chance.randint(955, 1000)) / 1000) // 600 * 600
        for pool, minutes in sorted(supplied.items())
        if minutes >= 600
    }


def _find_pays(
    lines: list[Line],
    staff: list[tuple[str, Decimal]],
    items: list[tuple],
    expected: dict[tuple[str, int], int],
    targets: dict[str, Decimal],
    span: timedelta,
) -> None:
    """Find the pay of each field that makes its middle hour cost what was published.

    The cost of a field is linear in the pays: a few rounds settle it to the cent.
    """
    weights = {1: Decimal("0.84"), 2: Decimal(1), 3: Decimal("1.2")}
    days = span.days + 1
    hours: dict[str, Decimal] = defaultdict(Decimal)
    weighted: dict[str, Decimal] = defaultdict(Decimal)
    heads: dict[str, Decimal] = defaultdict(Decimal)
    sold: dict[str, Decimal] = defaultdict(Decimal)
    for (code, _level), minutes in expected.items():
        sold[code] += minutes
    for line in lines:
        for (code, level), weight in line.shares.items():
            given = line.present * PRACTICAL * weight / 100
            hours[code] += given
            weighted[code] += given * weights[level] / 60
            heads[code] += Decimal(weight) / 100
    bases = {PEOPLE: heads, PRACTICED: hours, SOLD: sold}
    fixed: dict[str, Decimal] = defaultdict(Decimal)
    for kind, _name, key, amount, _source in items:
        if kind == DIRECT:
            fixed[key] += amount
        elif kind != FUNDED:
            base = bases[key]
            for code in targets:
                fixed[code] += amount * base[code] / sum(base.values())
    common = sum((pay * (1 + CHARGES["QC"]) for _name, pay in staff), Decimal(0))
    parts = [
        line.base
        * (1 + line.charges)
        * ((line.ends_on - line.starts_on).days + 1)
        / days
        for line in lines
    ]
    scale = {code: Decimal(70_000) for code in targets}
    whole = sum(hours.values())
    for _round in range(12):
        cost = dict(fixed)
        shared = common
        own: dict[str, Decimal] = defaultdict(Decimal)
        for line, part in zip(lines, parts, strict=True):
            pay = part * scale[line.field]
            for (code, _level), weight in line.shares.items():
                cost[code] = cost.get(code, Decimal(0)) + pay * weight / 100
                if code == line.field:
                    own[code] += part * weight / 100
            shared += pay * (KNOWLEDGE + COMMON) / 100
        for code, target in targets.items():
            now = cost[code] + shared * hours[code] / whole
            scale[code] += (target * weighted[code] - now) / own[code]
    for line in lines:
        line.yearly = (scale[line.field] * line.base).quantize(
            Decimal(1), ROUND_HALF_UP
        )


def _write(
    world: World,
    model: int,
    start: date,
    end: date,
    lines: list[Line],
    staff: list[tuple[str, Decimal]],
    items: list[tuple],
) -> None:
    for line in lines:
        pay = world.add(
            Pay, model_id=model, expert_id=line.person.id if line.person else None,
            name=line.name, starts_on=line.starts_on, ends_on=line.ends_on,
            yearly_pay=line.yearly, charges_rate=line.charges,
            present_minutes=line.present, knowledge=KNOWLEDGE, common=COMMON,
            source=line.source, note=line.note,
        )  # fmt: skip
        for (code, level), weight in line.shares.items():
            world.add(
                TimeShare, pay_id=pay, field_id=world.fields[code], level=level,
                weight=weight,
            )  # fmt: skip
    for name, amount in staff:
        world.add(
            Pay, model_id=model, name=name, starts_on=start, ends_on=end,
            yearly_pay=amount, charges_rate=CHARGES["QC"], common=100,
            source="Contrat et échelle salariale",
        )  # fmt: skip
    for kind, name, key, amount, source in items:
        world.add(
            CostItem, model_id=model, kind=kind, name=name, amount=amount,
            field_id=world.fields[key] if kind == DIRECT else None,
            key=key if kind in (SHARED, KNOWN) else "", source=source,
        )  # fmt: skip


def _rule(budget: Budget, span: timedelta) -> rules.CostModel:
    """Return the model as the rule derives it: what `queries.as_rule` will read."""
    days = span.days + 1

    def person(i: int, line: Line) -> rules.Person:
        covered = (line.ends_on - line.starts_on).days + 1
        pay = to_cents(line.yearly * covered / days)
        return rules.Person(
            f"pay {i}", pay, to_cents(pay * line.charges),
            int((line.present * PRACTICAL).quantize(Decimal(1), ROUND_HALF_UP)),
            tuple((rules.Pool(*pool), weight) for pool, weight in line.shares.items()),
            KNOWLEDGE, COMMON,
        )  # fmt: skip

    return rules.CostModel(
        people=(
            *(person(i, line) for i, line in enumerate(budget.lines)),
            *(
                rules.Person(name, pay, to_cents(pay * CHARGES["QC"]), 0, common=100)
                for name, pay in budget.staff
            ),
        ),
        direct=tuple(
            rules.DirectCost(name, key, amount)
            for kind, name, key, amount, _source in budget.items
            if kind == DIRECT
        ),
        shared=tuple(
            rules.SharedCost(
                name, amount, rules.Key(key),
                rules.Kind.SHARED if kind == SHARED else rules.Kind.KNOWLEDGE,
            )
            for kind, name, key, amount, _source in budget.items
            if kind in (SHARED, KNOWN)
        ),
        expected=tuple((rules.Pool(*pool), m) for pool, m in budget.expected.items()),
        levels=((1, Decimal("0.84")), (2, Decimal(1)), (3, Decimal("1.2"))),
    )  # fmt: skip


def _compose(world: World, card: int, model: int, rule: rules.CostModel) -> None:
    """Write what the card's rates are made of; the rates are those of the model."""
    rates = {
        (row["field_id"], row["level"]): row
        for row in world.rows(HourlyRate).made
        if row["card_id"] == card
    }
    for one in rules.derive(rule).pools:
        amount, parts = rules.rounded_rate(
            one.rate, rules.gathered(rule, one.parts), step=Decimal("0.50")
        )
        pool = (world.fields[one.pool.field], one.pool.level)
        if pool not in rates:  # a card that is only proposed
            pk = world.add(
                HourlyRate, card_id=card, field_id=pool[0], level=pool[1], amount=amount
            )
            rates[pool] = {"id": pk, "amount": amount}
        row = rates[pool]
        world.parts[card, pool] = [
            replace(each, kind=rules.Kind.SHARED, key="")
            if each.kind is rules.Kind.ROUNDING
            else each
            for each in parts
        ]
        assert amount == row["amount"], (one.pool, one.rate, amount, row["amount"])
        for part in parts:
            world.add(
                RatePart, rate_id=row["id"], kind=part.kind.value, name=part.key,
                amount=part.amount,
            )  # fmt: skip


def composition_of(
    world: World, card: int, language: str, lines: list[dict]
) -> Composition | None:
    """Return what a document says that its price pays for, as the acts would."""
    few = {
        world.fields[code]
        for code, count in _people_by_field(world).items()
        if count < DEFAULTS[Parameter.Code.LEAST_PEOPLE][0]
    }
    timed = [line for line in lines if line.get("minutes")]
    work = [
        Work(line["field_id"], line["level"], line["minutes"], line["amount"])
        for line in timed
    ]
    rates = {pool: parts for (of, pool), parts in world.parts.items() if of == card}
    if not rates:
        return None
    name = next(row["name"] for row in world.rows(RateCard).made if row["id"] == card)
    other = sum((line["amount"] for line in lines if line not in timed), Decimal(0))
    with translation.override(f"{language}-ca"):
        return drawn(pieces_of(work, rates, few=few, other=other), name)


def _people_by_field(world: World) -> dict[str, int]:
    people: dict[str, set[str]] = defaultdict(set)
    for line in world.budget.lines:
        for code, _level in line.shares:
            people[code].add(line.name)
    return {code: len(names) for code, names in people.items()}


def close_the_books(world: World, year: Year) -> None:
    """Write what 2024-2025 really cost, beside what was sold."""
    chance = Random(20250407)
    model = world.add(
        CostModel, state="ACTUAL", starts_on=YEAR_START, ends_on=YEAR_END, version=1,
        note="Grand livre au 31 mars 2025, avant audit.",
    )  # fmt: skip
    _parameters(world, model)
    for row in world.rows(Parameter).made:
        if row["model_id"] == model and row["code"] == Parameter.Code.LEAVE_DAYS:
            row |= {"value": Decimal(0), "source": "Absences inscrites"}
    yearly = {line.name: line.yearly for line in world.budget.lines if line.person}
    hired = iter([line for line in world.budget.lines if not line.person])
    lines = []
    for person in world.people:
        began, left = world.terms[person.id]
        if began > YEAR_END:
            continue
        planned = yearly.get(person.name) or next(hired).yearly
        first, last = max(began, YEAR_START), min(left or YEAR_END, YEAR_END)
        lines += _paid(world, person, first, last, planned, chance)
    staff = [
        (name, Decimal(pay) * Decimal(chance.randint(985, 1012)) / 1000)
        for name, pay in STAFF
    ]
    staff = [(name, amount.quantize(Decimal(1))) for name, amount in staff]
    items = [
        (kind, name, key, Decimal(actual), "Grand livre au 31 mars 2025")
        for kind, name, key, _budget, actual, _source in ITEMS
    ]
    _write(world, model, YEAR_START, YEAR_END, lines, staff, items)
    sold: dict[tuple[str, int], int] = defaultdict(int)
    for worked in year.worked:
        if worked.job and worked.on <= YEAR_END:
            _person, code, level = next(
                each for each in worked.job.team if each[0] is worked.person
            )
            sold[code, level] += worked.quarters * 15
    for (code, level), minutes in sorted(sold.items()):
        world.add(
            ExpectedHours, model_id=model, field_id=world.fields[code], level=level,
            minutes=minutes, source="Feuilles de temps au 31 mars 2025",
        )  # fmt: skip
    world.note(
        at(TODAY - timedelta(days=3), 15), world.finance[0], "tariffs.hours.set",
        CostModel, model, minutes=sum(sold.values()),
        source="Feuilles de temps au 31 mars 2025",
    )  # fmt: skip


def _paid(
    world: World,
    person: Person,
    first: date,
    last: date,
    planned: Decimal,
    chance: Random,
) -> list[Line]:
    """Return what a person was paid: in one row, or two around a rise or a leave."""
    _schedules, absences = _calendar_of(world)[person.id]
    planned = (planned * Decimal(chance.randint(976, 996)) / 1000).quantize(Decimal(1))
    spans = [(first, last, planned, "")]
    leave = next((a for a in absences if (a.last_day - a.first_day).days > 60), None)
    if leave:
        day = timedelta(days=1)
        spans = [
            (first, leave.first_day - day, planned, ""),
            (leave.last_day + day, last, planned, "Retour de congé"),
        ]
    elif chance.random() < 0.12 and first < date(2024, 9, 1) < last:
        rise = (planned * Decimal("1.025")).quantize(Decimal(1), ROUND_HALF_UP)
        spans = [
            (first, date(2024, 9, 30), planned, ""),
            (date(2024, 10, 1), last, rise, "Augmentation d’échelon"),
        ]
    found = []
    for begins, ends, yearly, note in spans:
        if begins > ends:
            continue
        present = sum(
            minutes for day, minutes in person.present.items() if begins <= day <= ends
        )
        line = _line(person, begins, ends, chance, present)
        line.yearly, line.source, line.note = yearly, "Registre de paie", note
        found.append(line)
    return found


def prepare_next_year(world: World) -> None:
    """Begin the budget of 2026-2027, as the treasurer does: copied, then changed."""
    finance = world.finance[0]
    start, end = date(2026, 4, 1), date(2027, 3, 31)
    last = CostModel.objects.get(state="BUDGET", starts_on=NEXT_START, version=2)
    with translation.override("fr-ca"):
        model = actions.copy_model(
            model_id=last.pk, state="BUDGET", starts_on=start, ends_on=end,
            by=world.actor(finance, at(TODAY, 8, 40)),
        )  # fmt: skip
        for minute, (name, amount, source) in enumerate(DEARER):
            line = model.items.get(name=name)
            values = {"amount": Decimal(amount), "source": source}
            actions.save_line(
                model_id=model.pk, table="item", line_id=line.pk, values=values,
                by=world.actor(finance, at(TODAY, 8, 51 + minute)),
            )  # fmt: skip
