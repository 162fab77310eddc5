"""Monday morning, 7 April 2025: forty needs wait on coordination."""

from datetime import date

from partage.balance.models import Reading
from partage.cli.demo import paper, stories
from partage.cli.demo.ground import (
    POOL,
    TODAY,
    Org,
    Person,
    World,
    at,
    business_day,
    days,
)
from partage.cli.demo.stream import Ask, Stream
from partage.needs.models import Attachment
from partage.planning.models import Allocation, Assignment
from partage.rules.calendar import monday_of

# When each need to triage came: some are getting old, two came this week-end.
RECEIVED = [
    (date(2025, 3, 19), 10, 12), (date(2025, 3, 24), 14, 5), (date(2025, 3, 27), 9, 40),
    (date(2025, 3, 28), 16, 22), (date(2025, 3, 31), 8, 51), (date(2025, 4, 1), 11, 3),
    (date(2025, 4, 2), 9, 17), (date(2025, 4, 2), 15, 48), (date(2025, 4, 3), 10, 30),
    (date(2025, 4, 3), 13, 55), (date(2025, 4, 4), 9, 8), (date(2025, 4, 4), 15, 36),
    (date(2025, 4, 5), 19, 20), (date(2025, 4, 6), 21, 14),
]  # fmt: skip


def wait(world: World, stream: Stream) -> None:
    """Add the needs that wait today."""
    _to_triage(world, stream)
    _to_assign(world, stream)
    _to_offer(world, stream)
    _sent(world, stream)


def _some(world: World, count: int, language: str = "") -> list[Org]:
    able = [
        org
        for org in world.orgs
        if org.served and not org.full and not org.small
        and org not in world.keys.values() and (not language or org.language == language)
    ]  # fmt: skip
    return world.rng.sample(able, count)


def _code(world: World) -> str:
    return world.rng.choices([c for c, *_r in POOL], [n for _c, n, _r in POOL])[0]


def _ask(stream: Stream, org: Org, code: str, received, outcome: str, **more) -> Ask:
    rng = stream.rng
    ask = Ask(
        org=org, code=code, story=rng.choice(stories.BY_FIELD[code]), language=org.language,
        received=received, outcome=outcome, quarters=rng.randint(4, 30) * 8,
        **{"urgency": rng.choices((1, 2, 3), (15, 65, 20))[0], **more},
    )  # fmt: skip
    stream.asks.append(ask)
    return ask


def _to_triage(world: World, stream: Stream) -> None:
    keys = world.keys
    through = next(o for o in world.orgs if o.network is keys["reseau"] and o.served)
    orgs = [
        *_some(world, 3), keys["suspended"], *_some(world, 2, "en"), keys["lakeshore"],
        keys["trois-rives"], through, *_some(world, 3), *_some(world, 2, "en"),
    ]  # fmt: skip
    urgent = {2, 8, 12}
    for i, (org, (day, hour, minute)) in enumerate(zip(orgs, RECEIVED, strict=True)):
        more = {"urgency": 3} if i in urgent else {"urgency": 2}
        if org is keys["trois-rives"]:
            more["requested_by"] = world.logins["membre.demande@partage.example"]
        if org is keys["lakeshore"]:
            more["requested_by"] = world.logins["member.ontario@partage.example"]
        if i == 0:
            more["place"] = "ON_SITE"
        ask = _ask(stream, org, _code(world), at(day, hour, minute), "triage", **more)
        if org is keys["trois-rives"]:
            stream.with_document = ask


def attach(world: World, stream: Stream) -> None:
    """Join its lease to the need of the Trois-Rives."""
    ask = stream.with_document
    content = paper.abstract(
        "fr", "Documents joints à la demande",
        [ask.org.name, ask.title, "Pièces : bail de 2015, avis de la Ville, photos (3)"],
    )  # fmt: skip
    pk, _sha = paper.keep(
        world, "documents-joints.pdf", content, ask.received, ask.requested_by
    )
    world.add(Attachment, need_id=ask.id, file_id=pk)


def _team(
    world: World, stream: Stream, org: Org, code: str, email: str = ""
) -> list[tuple[Person, str, int]]:
    if email:
        person = next(p for p in stream.year.workers if p.user == world.logins[email])
        return [(person, code, person.skills[code])]
    return [stream.who(org, code)]


def _to_assign(world: World, stream: Stream) -> None:
    rng = world.rng
    orgs = [*_some(world, 7, "fr"), *_some(world, 3, "en")]
    asked = {
        0: ("ressources-humaines", "experte@partage.example"),
        7: ("comptabilite-finances", "expert@partage.example"),
        1: ("ressources-humaines", "experte@partage.example"),
        4: ("communications", ""),
    }
    for i, org in enumerate(orgs):
        decided = business_day(TODAY, -rng.randint(1, 7))
        received = at(business_day(decided, -rng.randint(0, 3)), 9, rng.randint(0, 59))
        more = {"decided": decided}
        code = _code(world)
        if i in asked:
            code, email = asked[i]
            more |= {
                "proposed": business_day(TODAY, -rng.randint(1, 2)), "pending": True,
                "team": _team(world, stream, org, code, email),
            }  # fmt: skip
            more["decided"] = min(decided, more["proposed"])
        _ask(stream, org, code, received, "assign", **more)


def _to_offer(world: World, stream: Stream) -> None:
    rng = world.rng
    orgs = [*_some(world, 6, "fr"), *_some(world, 2, "en")]
    for i, org in enumerate(orgs):
        code = _code(world)
        proposed = business_day(TODAY, -rng.randint(2, 5))
        decided = business_day(proposed, -rng.randint(0, 3))
        received = at(business_day(decided, -rng.randint(1, 3)), 9, rng.randint(0, 59))
        _ask(
            stream, org, code, received, "offer", decided=decided, proposed=proposed,
            offered=business_day(proposed, 1) if i < 4 else None,
            team=_team(world, stream, org, code),
        )  # fmt: skip


def _sent(world: World, stream: Stream) -> None:
    rng, keys = world.rng, world.keys
    orgs = [
        (keys["trois-rives"], date(2025, 3, 10)),  # ends on Wednesday
        (keys["grand-heron"], date(2025, 4, 1)), (keys["lakeshore"], date(2025, 4, 2)),
        (keys["prairie"], date(2025, 3, 28)), (keys["reseau"], date(2025, 4, 3)),
        *((org, business_day(TODAY, -rng.randint(1, 8))) for org in _some(world, 3)),
    ]  # fmt: skip
    codes = [
        "gouvernance",
        "ressources-humaines",
        "comptabilite-finances",
        "developpement-strategique",
    ]
    for i, (org, sent) in enumerate(orgs):
        code = codes[i] if i < 4 else _code(world)
        offered = business_day(sent, -1)
        proposed = business_day(offered, -2)
        decided = business_day(proposed, -1)
        received = at(business_day(decided, -2), 9, rng.randint(0, 59))
        _ask(
            stream, org, code, received, "sent", decided=decided, proposed=proposed,
            offered=offered, sent=sent, team=_team(world, stream, org, code),
        )  # fmt: skip


def read_the_balance(world: World, stream: Stream) -> None:
    """Each Monday of the last half-year: offer and demand of the six weeks to come."""
    promised: dict[tuple[int, date], int] = {}
    expert_of = {row["id"]: row["expert_id"] for row in _assignments(world)}
    for row in world.rows(Allocation).made:
        key = (expert_of[row["assignment_id"]], row["monday"])
        promised[key] = promised.get(key, 0) + row["minutes"]
    present: dict[tuple[int, date], int] = {}
    for person in stream.year.workers:
        for day, minutes in person.present.items():
            key = (person.id, monday_of(day))
            present[key] = present.get(key, 0) + minutes
    usual = {
        p.id: max(
            present.get((p.id, m), 0)
            for m in days(date(2025, 3, 3), date(2025, 3, 31))[::7]
        )
        for p in stream.year.workers
    }
    for read_on in days(date(2024, 10, 7), TODAY)[::7]:
        waiting: dict[str, int] = {}
        for ask in stream.asks:
            until = ask.answered or (
                TODAY if ask.outcome in ("assign", "offer", "sent") else None
            )
            if ask.decided and until and ask.decided <= read_on < until:
                waiting[ask.code] = waiting.get(ask.code, 0) + ask.quarters * 15
        for code, _count, _rate in POOL:
            pool = [p for p in stream.year.workers if p.field == code]
            for i, monday in enumerate(
                days(read_on, read_on.fromordinal(read_on.toordinal() + 35))[::7]
            ):
                free = sum(
                    present.get((p.id, monday), usual[p.id] if monday > TODAY else 0)
                    * 7
                    // 10
                    - promised.get((p.id, monday), 0)
                    for p in pool
                )
                world.add(
                    Reading, read_on=read_on, field_id=world.fields[code], monday=monday,
                    free_minutes=free, waiting_minutes=waiting.get(code, 0) // 6 + (waiting.get(code, 0) % 6 if i == 0 else 0),
                )  # fmt: skip


def _assignments(world: World) -> list[dict]:
    return world.rows(Assignment).made
