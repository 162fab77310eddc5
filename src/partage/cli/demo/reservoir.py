"""What the year poured into the reservoir, and what served again."""

from datetime import date, timedelta
from random import Random

from django.utils.translation import override

from partage.cli.demo import stories
from partage.cli.demo.ground import POOL, TODAY, World, at, business_day
from partage.cli.demo.stream import Ask, Stream
from partage.experts.models import Expert
from partage.knowledge.actions.releasing import consent_sentence
from partage.knowledge.models import (
    Anonymisation,
    Consent,
    Miss,
    Piece,
    Release,
    Reuse,
    Version,
)
from partage.knowledge.queries import words_of_piece
from partage.needs.models import Need, Triage

# Looked for and not found: words, field, on which days and how many times.
VAIN = [
    ("harmonisation des horaires", "ressources-humaines", ("2025-03-31", 2), ("2025-04-03", 1)),
    ("rancongiciel", "informatique", ("2025-02-18", 3), ("2025-03-12", 2)),
    ("carbon footprint", "", ("2025-01-22", 1), ("2025-03-20", 2)),
    ("bail emphyteotique", "affaires-juridiques", ("2024-11-14", 2)),
    ("sociocratie", "", ("2024-10-08", 1), ("2025-02-05", 1)),
    ("fusion de deux organismes", "affaires-juridiques", ("2025-03-26", 1)),
    ("croissant rouge", "", ("2024-12-02", 1)),
]  # fmt: skip


def look_in_vain(world: World) -> None:
    """Searches of the year that nothing answered: what it is worth writing."""
    for words, code, *days in VAIN:
        for day, times in days:
            world.add(
                Miss, words=words, field_id=world.fields[code] if code else None,
                on=date.fromisoformat(day), times=times,
            )  # fmt: skip


def write_guides(world: World, stream: Stream) -> None:
    """Guides of before the year: what the reservoir answered needs with."""
    rng = world.rng
    stream.guides = {}
    for code, _count, _rate in POOL:
        authors = [p for p in stream.year.workers if p.field == code]
        for language in ("fr", "en"):
            title, text = stories.GUIDES[code][language]
            kind = stream.kinds[code][0][0]
            day = business_day(date(2023, 5, 1) + timedelta(days=rng.randint(0, 250)))
            stream.guides[code, language] = world.add(
                Piece, kind="GUIDE", status="RELEASED", title=title, text=text,
                language=language, field_id=world.fields[code],
                deliverable_type_id=kind, author_id=rng.choice(authors).id,
                minutes=rng.randint(8, 40) * 60, poured_on=day,
                released_on=business_day(day, 3), valid_until=date(2026, 12, 31),
            )  # fmt: skip


def answer(world: World, stream: Stream) -> None:
    """Needs that a guide was enough for."""
    rng = world.rng
    triages = {row["need_id"]: row for row in world.rows(Triage).made}
    for ask in stream.asks:
        if ask.outcome != "answered":
            continue
        piece = stream.guides[ask.code, ask.language]
        row = triages[ask.id]
        row["piece_id"] = piece
        saved = rng.randint(3, 18) * 60
        world.add(
            Reuse, piece_id=piece, served=ask.reference, organisation_id=ask.org.id,
            minutes_saved=saved, on=ask.decided,
        )  # fmt: skip
        title = stories.GUIDES[ask.code][ask.language][0]
        world.note(
            row["decided_at"],
            ask.coordinator,
            "knowledge.piece.reused",
            Piece,
            piece,
            title=title,
            served=ask.reference,
            minutes_saved=saved,
        )
        world.note(
            row["decided_at"],
            ask.coordinator,
            "needs.need.answered",
            Need,
            ask.id,
            reference=ask.reference,
            reason=ask.reason,
            title=title,
            piece=piece,
        )


def pour(world: World, stream: Stream) -> None:
    """Lessons and deliverables of mandates that were closed in the year."""
    rng = world.rng
    closed = [
        ask for ask in stream.asks if ask.job and ask.job.closed and not ask.job.full
    ]
    closed.sort(key=lambda ask: (ask.job.closed, ask.id))
    released: list[tuple[date, Ask, int, str]] = []
    closings = {
        entry[-2]: entry[-1]
        for entry in world.journal
        if "mandates.mandate.closed" in entry
    }
    for ask in closed:
        job = ask.job
        draw = rng.random()
        if draw > 0.62:
            continue
        kind = "LESSON" if draw < 0.42 else "DELIVERABLE"
        title, text = stories.piece(
            kind, ask.story, ask.title, ask.org, ask.language, job.used // 4, rng
        )
        legal = job.code == "affaires-juridiques"
        status = (
            "WALLED"
            if legal or rng.random() < 0.16
            else "WITHDRAWN"
            if rng.random() < 0.04
            else "RELEASED"
        )
        closings[job.id]["lessons" if kind == "LESSON" else "deliverables"] += 1
        shared = business_day(job.closed, rng.randint(1, 8))
        if shared >= TODAY and status == "RELEASED":
            status = "WALLED"
        author = job.team[0][0]
        pk = world.add(
            Piece, kind=kind, status=status, title=title, text=text, language=ask.language,
            field_id=world.fields[job.code], deliverable_type_id=job.kind,
            province=ask.org.province, source=job.reference, organisation_id=ask.org.id,
            author_id=author.id, minutes=job.used * 15, poured_on=job.closed,
            released_on=shared if status == "RELEASED" else None, privileged=legal,
            licence=_licence(kind, status, job.id),
            valid_until=job.closed + timedelta(days=730) if rng.random() < 0.3 else None,
        )  # fmt: skip
        world.note(
            at(job.closed, 16, 20),
            author.user,
            "knowledge.piece.poured",
            Piece,
            pk,
            title=title,
            source=job.reference,
        )
        if status == "RELEASED":
            world.note(
                at(shared, 10),
                ask.coordinator,
                "knowledge.piece.released",
                Piece,
                pk,
                title=title,
            )
            released.append((shared, ask, pk, title))
    _reuse(world, stream, released)
    _first_versions(world)


def _licence(kind: str, status: str, job_id: int) -> str:
    """Lessons are free; what was delivered says on what terms it serves again."""
    if kind == "LESSON":
        return Piece.Licence.FREE
    if status == "WALLED":
        return Piece.Licence.ASK
    return (Piece.Licence.FREE, Piece.Licence.CREDIT, Piece.Licence.AS_IS)[job_id % 3]


def _first_versions(world: World) -> None:
    """What each piece said when it was poured, and how it was released since."""
    accounts = {row["id"]: row["user_id"] for row in world.rows(Expert).made}
    orgs = {org.id: org for org in world.orgs}
    names = {user: world.user_names[user] for user in world.coordinators}
    chance = Random(20250407)  # of its own: the year stays as it was drawn
    for row in world.rows(Piece).made:
        shared = row["status"] == "RELEASED" and row.get("organisation_id")
        said = {
            "piece_id": row["id"], "title": row["title"], "text": row["text"],
            "language": row["language"], "author_id": row["author_id"],
        }  # fmt: skip
        first = world.add(
            Version, number=1, is_shown=not shared, **said,
            added_at=at(row["poured_on"], 16, 20),
            added_by_id=accounts.get(row["author_id"]),
        )  # fmt: skip
        if not shared:
            continue
        org = orgs[row["organisation_id"]]
        signer = chance.choice(world.coordinators)
        # The member answered on the day it was shared, to what was signed before.
        signed = at(max(row["poured_on"], business_day(row["released_on"], -1)), 16, 40)
        cleaned = world.add(
            Version, number=2, is_shown=True, cleaned_from_id=first, **said,
            added_at=signed, added_by_id=signer,
        )  # fmt: skip
        release = world.add(
            Release, piece_id=row["id"], status="SHARED", version_id=first,
            cleaned_id=cleaned, opened_at=signed - timedelta(minutes=25),
            opened_by_id=signer, signed_at=signed, signed_by_id=signer,
        )  # fmt: skip
        with override(f"{org.language}-ca"):
            sentence = consent_sentence(title=row["title"], piece=Piece())
        world.add(
            Consent, release_id=release, organisation_id=org.id, sentence=sentence,
            language=org.language, asked_at=signed, asked_by_id=signer, accepted=True,
            answered_at=at(row["released_on"], 9, 50),
            answered_by_id=org.signers[0] if org.signers else None,
        )  # fmt: skip
        if signed.year >= 2025:  # when the register began
            world.add(
                Anonymisation, release_id=release, on=signed.date(), title=row["title"],
                purpose="Réemploi par d’autres membres de la coopérative",
                techniques="Relu en entier : aucun nom, numéro ni moyen de joindre quelqu’un.",
                measures="La version d’origine reste dans le mur du mandat.",
                risk="VERY_LOW", risk_words="Rien qui isole, recoupe ou laisse déduire.",
                signed_by_name=names[signer],
            )  # fmt: skip


def index(world: World) -> None:
    """Make the written pieces findable by their words."""
    for row in world.rows(Piece).made:
        Piece.objects.filter(pk=row["id"]).update(
            words=words_of_piece(row["title"], row["text"])
        )


def _reuse(world: World, stream: Stream, released: list[tuple]) -> None:
    """Later mandates in the same field and language start from what is there."""
    rng = world.rng
    later = [ask for ask in stream.asks if ask.job and not ask.job.full]
    later.sort(key=lambda ask: (ask.job.opened, ask.id))
    for ask in later:
        if rng.random() > 0.24:
            continue
        fitting = [
            each
            for each in released
            if each[0] < ask.job.opened and each[1].org.id != ask.org.id
            and (each[1].code, each[1].language) == (ask.code, ask.language)
        ]  # fmt: skip
        if not fitting:
            continue
        drawn = rng.choice(fitting)
        # Who had the same to do began with what was left of it.
        same = [each for each in fitting if each[1].story == ask.story]
        _day, _from, piece, title = same[-1] if same else drawn
        saved = max(60, ask.job.used * 15 * rng.randint(6, 30) // 100 // 15 * 15)
        on = min(business_day(ask.job.opened, rng.randint(0, 3)), TODAY)
        world.add(
            Reuse,
            piece_id=piece,
            served=ask.job.reference,
            organisation_id=ask.org.id,
            minutes_saved=saved,
            on=on,
        )
        world.note(
            at(on, 15),
            ask.job.team[0][0].user,
            "knowledge.piece.reused",
            Piece,
            piece,
            title=title,
            served=ask.job.reference,
            minutes_saved=saved,
        )
