"""Rows for tests: plain functions, real places, no magic.

Each takes what the test cares about and invents the rest.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count

from partage.agreements.actions import add_hour_bank
from partage.agreements.models import Agreement, CoveredField
from partage.billing.actions import add_instalment, issue_invoice
from partage.billing.models import ContentRule, Invoice, InvoiceLine
from partage.cli.reference import CONTENT, TAXES
from partage.experts.models import Expert, Field, Schedule, Skill
from partage.governance.models import Cooperative, Meeting, Resolution
from partage.journal.actions import Actor
from partage.knowledge.actions import releasing
from partage.knowledge.models import Piece, Version
from partage.knowledge.queries import words_of_piece
from partage.mandates.actions import answer_offer, draft_offer, send_offer
from partage.mandates.models import Mandate, Offer, TeamMember
from partage.members.models import Membership, Organisation, Representation
from partage.needs.models import Need, Part
from partage.people.models import Role, RoleGrant, User
from partage.planning.models import Assignment
from partage.rules.calendar import monday_of
from partage.rules.triage import fold
from partage.tariffs.models import (
    CostItem,
    CostModel,
    ExpectedHours,
    HourlyRate,
    Pay,
    RateCard,
    TaxRate,
    TimeShare,
)
from partage.timesheets.models import Activity, TimeEntry, Week

TODAY = date(2025, 4, 7)  # a Monday, the demonstration's
NOW = datetime(2025, 4, 7, 13, 30, tzinfo=UTC)
_serial = count(1)


def cooperative(**more) -> Cooperative:
    """The one cooperative, living on 7 April 2025."""
    defaults = {
        "name": "Coopérative Partage",
        "neq": "1140000000",
        "gst_number": "123456789 RT0001",
        "qst_number": "1234567890 TQ0001",
        "address": "155, boulevard Charest Est",
        "city": "Québec",
        "province": "QC",
        "postal_code": "G1K 3G6",
        "email": "bonjour@partage.example",
        "demonstration_on": TODAY,
    }
    row, _created = Cooperative.objects.update_or_create(
        pk=1, defaults={**defaults, **more}
    )
    return row


def user(*roles: Role, name: str = "", email: str = "", language: str = "fr") -> User:
    number = next(_serial)
    row = User.objects.create(
        email=email or f"compte{number}@partage.example",
        name=name or f"Personne {number}",
        language=language,
        password="!",
    )
    RoleGrant.objects.bulk_create(RoleGrant(user=row, role=role) for role in roles)
    return row


def actor(account: User | None = None, *, at: datetime = NOW) -> Actor:
    account = account or user(Role.COORDINATION, name="Léa Tremblay")
    return Actor(user_id=account.pk, name=account.name, at=at, address="127.0.0.1")


def organisation(
    name: str = "", *, province: str = "QC", member: bool = True, **more
) -> Organisation:
    name = name or f"Coopérative no {next(_serial)}"
    row = Organisation.objects.create(
        name=name,
        sort_key=fold(name),
        province=province,
        **{"kind": Organisation.Kind.COOPERATIVE, "city": "Rimouski", **more},
    )
    if member:
        Membership.objects.create(
            number=f"T{row.pk:05d}",
            organisation=row,
            category=Membership.Category.USER,
            joined_on=date(2020, 1, 1),
        )
    return row


def representative(
    org: Organisation,
    *,
    can_request: bool = True,
    can_sign: bool = True,
    can_vote: bool = False,
    can_refer: bool = False,
    **more,
) -> User:
    account = user(Role.MEMBER, **more)
    Representation.objects.create(
        user=account,
        organisation=org,
        can_request=can_request,
        can_sign=can_sign,
        can_vote=can_vote,
        can_refer=can_refer,
        since=date(2020, 1, 1),
    )
    return account


def field(code: str = "affaires-juridiques", name: str = "") -> Field:
    name = name or code.replace("-", " ").capitalize()
    row, _created = Field.objects.get_or_create(
        code=code,
        defaults={"name_fr": name, "name_en": name, "opened_on": date(2013, 1, 1)},
    )
    return row


def expert(
    name: str = "",
    *,
    skills: dict[str, int] | None = None,
    province: str = "QC",
    languages: tuple[str, ...] = ("fr", "en"),
    day: int = 420,
    account: User | None = None,
    **more,
) -> Expert:
    """An expert who works five days of `day` minutes."""
    name = name or f"Experte {next(_serial)}"
    row = Expert.objects.create(
        name=name,
        sort_key=fold(name),
        province=province,
        languages=list(languages),
        user=account,
        started_on=date(2020, 1, 1),
        **more,
    )
    for code, level in (skills or {"affaires-juridiques": 3}).items():
        Skill.objects.create(expert=row, field=field(code), level=level)
    Schedule.objects.create(
        expert=row, starts_on=date(2020, 1, 1), minutes=[day] * 5 + [0, 0]
    )
    return row


def resolution(number: str = "CA-2024-02-04") -> Resolution:
    """What the board decided on 20 February 2024."""
    meeting, _created = Meeting.objects.get_or_create(
        body=Meeting.Body.BOARD, held_on=date(2024, 2, 20)
    )
    row, _created = Resolution.objects.get_or_create(
        number=number, defaults={"meeting": meeting, "text": "Il est résolu d’adopter."}
    )
    return row


def cost_model(*, funding: str = "", **more) -> CostModel:
    """A year of one person, at the middle level, and what it costs: 117 $ an hour.

    1 250 hours present are 1 000 practical ones: 80 000 $ of pay, 16 000 $ of charges,
    9 000 $ of their own and 12 000 $ shared.
    """
    model = CostModel.objects.create(
        **{
            "state": CostModel.State.BUDGET,
            "starts_on": date(2024, 4, 1),
            "ends_on": date(2025, 3, 31),
            **more,
        }
    )
    law = field()
    pay = Pay.objects.create(
        model=model,
        name="Me Anaïs Tremblay",
        starts_on=model.starts_on,
        ends_on=model.ends_on,
        yearly_pay=Decimal(80_000),
        charges_rate=Decimal("0.20"),
        present_minutes=1_250 * 60,
        source="Contrat",
    )
    TimeShare.objects.create(pay=pay, field=law, level=2, weight=100)
    kinds = CostItem.Kind
    for kind, name, amount, key, of in (
        (kinds.DIRECT, "Bases de données", "9000.00", "", law),
        (kinds.SHARED, "Loyer", "12000.00", "people", None),
        *([(kinds.FUNDING, "Subvention", funding, "", None)] if funding else []),
    ):
        CostItem.objects.create(
            model=model, kind=kind, name=name, amount=Decimal(amount), key=key, field=of
        )
    ExpectedHours.objects.create(model=model, field=law, level=2, minutes=900 * 60)
    return model


def rate_card(**more) -> RateCard:
    """The card of 2024-2025: 95 $, 110 $ and 125 $ an hour in every field."""
    card, _created = RateCard.objects.get_or_create(
        starts_on=date(2024, 4, 1), defaults={"name": "Grille 2024-2025", **more}
    )
    HourlyRate.objects.bulk_create(
        (
            HourlyRate(card=card, field=row, level=level, amount=Decimal(amount))
            for row in Field.objects.all()
            for level, amount in ((1, "95"), (2, "110"), (3, "125"))
        ),
        ignore_conflicts=True,
    )
    return card


def need(org: Organisation | None = None, **more) -> Need:
    org = org or organisation()
    number = next(_serial)
    return Need.objects.create(
        **{
            "reference": f"D-2025-{9000 + number}",
            "organisation": org,
            "channel": Need.Channel.PORTAL,
            "received_at": NOW,
            "title": "Revoir le bail de nos locaux",
            "text": "Notre bail prend fin en septembre et le propriétaire propose "
            "une hausse de 12 %. Nous voulons un avis avant de signer.",
            "language": org.language,
            "province": org.province,
            **more,
        }
    )


def triaged_need(
    org: Organisation | None = None,
    *,
    code: str = "affaires-juridiques",
    level: int = 2,
    minutes: int = 1200,
    **more,
) -> Part:
    """A specialised need with one part; returns the part."""
    row = need(org, status=Need.Status.TRIAGED, **more)
    return Part.objects.create(
        need=row,
        field=field(code),
        level=level,
        language=row.language,
        minutes_low=minutes // 2,
        minutes_likely=minutes,
        minutes_high=minutes * 2,
    )


def mandate(*experts: Expert, org: Organisation | None = None, **more) -> Mandate:
    """An open mandate of 100 hours, since 2 September 2024, with its team."""
    org = org or organisation()
    number = next(_serial)
    row = Mandate.objects.create(
        **{
            "reference": f"M-2024-{9000 + number}",
            "organisation": org,
            "field": field(),
            "title": "Accompagner la refonte des règlements",
            "province": org.province,
            "language": org.language,
            "opened_on": date(2024, 9, 2),
            "budget_minutes": 6000,
            "budget_amount": Decimal("11000.00"),
            **more,
        }
    )
    for index, one in enumerate(experts):
        TeamMember.objects.create(
            mandate=row,
            expert=one,
            field=row.field,
            level=2,
            rate=Decimal("110.00"),
            lead=not index,
        )
    return row


def activity(code: str = "reservoir", name: str = "Réservoir de savoirs") -> Activity:
    row, _created = Activity.objects.get_or_create(
        code=code,
        defaults={
            "kind": Activity.Kind.KNOWLEDGE,
            "name_fr": name,
            "name_en": "Knowledge reservoir",
        },
    )
    return row


def piece(**more) -> Piece:
    """A lesson that is shared with all, and can be searched for."""
    values = {
        "kind": Piece.Kind.LESSON,
        "status": Piece.Status.RELEASED,
        "title": "Négocier un renouvellement de bail",
        "text": "Le propriétaire demandait une hausse de 12 %. Comparer les loyers du "
        "quartier l’a ramenée à 4 %.",
        "language": "fr",
        "poured_on": TODAY,
        "released_on": TODAY,
        "minutes": 1260,
        "field": more.get("field") or field(),
        **more,
    }
    row = Piece.objects.create(
        **values, words=words_of_piece(values["title"], values["text"])
    )
    Version.objects.create(
        piece=row,
        number=1,
        is_shown=True,
        title=row.title,
        text=row.text,
        file=row.file,
        language=row.language,
        author=row.author,
    )
    return row


def share(piece_id: int, *, by=None) -> Piece:
    """Take a piece through the whole release gate."""
    by = by or actor()
    release = releasing.sign_release(
        release_id=releasing.open_release(piece_id=piece_id, by=by).pk,
        decisions=[],
        signature=releasing.Signature(
            purpose="Réemploi entre membres",
            risk="VERY_LOW",
            risk_words="",
            secrecy_lifted="Rien de confidentiel.",
        ),
        by=by,
    )
    if release.status == "CONSENT":
        releasing.answer_consent(
            consent_id=release.consent.pk,
            organisation_ids=[release.consent.organisation_id],
            accepted=True,
            words="",
            by=by,
        )
    return Piece.objects.get(pk=piece_id)


def hour_bank(held: Agreement, minutes: int, *, starts_on=date(2025, 1, 1), **more):
    """A bank of hours to draw from until the end of 2025."""
    return add_hour_bank(
        agreement_id=held.pk,
        minutes=minutes,
        starts_on=starts_on,
        ends_on=date(2025, 12, 31),
        by=actor(),
        **more,
    )


def bought_hours(mandate: Mandate, amount: str, *, on: date):
    """Hours bought in advance, to be invoiced from that day on."""
    return add_instalment(
        mandate_id=mandate.pk,
        kind="HOURS",
        title="Banque d’heures",
        amount=Decimal(amount),
        on=on,
        by=actor(),
    )


def agreement(org: Organisation, *codes: str, factor: str = "0.95", **more):
    """An agreement in force, in these fields, at 95 % of the card."""
    number = next(_serial)
    row = Agreement.objects.create(
        **{
            "number": f"E-{number}",
            "name": f"Entente {number}",
            "organisation": org,
            "province": org.province,
            "starts_on": date(2024, 4, 1),
            "rate_factor": Decimal(factor),
            **more,
        }
    )
    for code in codes or ("affaires-juridiques",):
        CoveredField.objects.create(agreement=row, field=field(code))
    return row


def ready_need(org: Organisation | None = None, *, who: Expert | None = None, **more):
    """A need of 20 h that an expert accepted, with what an offer stands on."""
    cooperative()
    part = triaged_need(org, **more)
    rate_card()
    if not TaxRate.objects.exists():
        taxes()
    Assignment.objects.create(
        part=part,
        expert=who or expert(),
        status=Assignment.Status.ACCEPTED,
        minutes=part.minutes_likely,
        starts_on=date(2025, 4, 14),
        ends_on=date(2025, 6, 13),
        proposed_at=NOW,
        answered_at=NOW,
    )
    return part.need


def sent_offer(org: Organisation | None = None, **more) -> Offer:
    """An offer of 20 h at 110 $, sent by coordination."""
    by = actor()
    offer = draft_offer(need_id=ready_need(org, **more).pk, by=by)
    return send_offer(offer_id=offer.pk, by=by)


def accepted_mandate(org: Organisation | None = None, **more) -> Mandate:
    """The mandate of an offer that a member accepted."""
    offer = sent_offer(org, **more)
    return answer_offer(
        offer_id=offer.pk,
        organisation_ids=[offer.organisation_id],
        accepted=True,
        sha256=offer.pdf.sha256,
        read=True,
        french=True,
        by=actor(),
    )


def taxes() -> None:
    """The sales taxes, and what an invoice shows, that any cooperative starts from."""
    TaxRate.objects.bulk_create(
        TaxRate(
            province=province,
            code=code,
            rate=Decimal(rate),
            starts_on=starts_on,
            ends_on=ends_on,
            source=source,
        )
        for province, code, rate, starts_on, ends_on, source in TAXES
    )
    ContentRule.objects.bulk_create(
        ContentRule(
            starts_on=starts_on,
            registrations_from=Decimal(first),
            purchaser_from=Decimal(second),
            source=source,
        )
        for starts_on, first, second, source in CONTENT
    )


def week(person: Expert, on: date, *, status: str = Week.Status.APPROVED) -> Week:
    """The expert's week that holds a day, approved unless said otherwise."""
    row, _created = Week.objects.get_or_create(
        expert=person,
        monday=monday_of(on),
        defaults={
            "status": status,
            "approved_at": NOW if status == Week.Status.APPROVED else None,
        },
    )
    return row


def worked(
    person: Expert,
    row: Mandate,
    minutes: int,
    on: date = date(2025, 3, 4),
    *,
    status: str = Week.Status.APPROVED,
) -> TimeEntry:
    """Minutes of a day on a mandate, in an approved week."""
    return TimeEntry.objects.create(
        week=week(person, on, status=status),
        expert=person,
        on=on,
        mandate=row,
        minutes=minutes,
    )


def draft(
    amount: str = "140.00",
    *,
    on: Mandate | None = None,
    period: date = date(2025, 3, 1),
) -> Invoice:
    """A draft invoice of one agreed amount."""
    on = on or mandate()
    row = Invoice.objects.create(
        mandate=on,
        organisation=on.organisation,
        period_start=period,
        period_end=period.replace(day=28),
        province=on.province,
        language=on.language,
        net=Decimal(amount),
        created_at=NOW,
    )
    InvoiceLine.objects.create(
        invoice=row,
        position=1,
        kind=InvoiceLine.Kind.FIXED,
        description="Atelier de gouvernance",
        amount=Decimal(amount),
    )
    return row


def issued(amount: str = "1140.00", **more) -> Invoice:
    """An issued invoice of one agreed amount; `more` says of its mandate."""
    row = draft(amount, on=mandate(**more))
    return issue_invoice(invoice_id=row.pk, by=actor())
