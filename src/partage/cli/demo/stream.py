"""What became of the year's work: needs, offers, mandates, weeks, invoices.

Written in the stream's order, each event at its own moment, with its entry in the
journal.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from partage.billing import models as billing
from partage.cli.demo import costs, paper, stories
from partage.cli.demo.ground import (
    POOL,
    TODAY,
    YEAR_END,
    YEAR_START,
    Org,
    Person,
    World,
    at,
    business_day,
)
from partage.cli.demo.year import LAST_WEEK, Job, Worked, Year
from partage.experts.models import Field
from partage.impact.models import AvoidedTrip, EmissionFactor
from partage.knowledge.models import DeliverableType
from partage.mandates import models as mandates
from partage.needs import models as needs
from partage.planning.models import Allocation, Assignment
from partage.rules.calendar import monday_of, weeks
from partage.rules.eligibility import distance_km
from partage.rules.mileage import MileageRates, mileage_allowance
from partage.rules.money import ZERO, amount_for
from partage.rules.tax import DatedRate, TaxLine, rates_in_force, taxes_due
from partage.tariffs.models import TaxRate
from partage.timesheets import models as sheets

AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:136.0) Gecko/20100101 Firefox/136.0"
)
RATES = {
    2024: MileageRates(Decimal("0.70"), Decimal("0.64")),
    2025: MileageRates(Decimal("0.72"), Decimal("0.66")),
}
PHASES = {
    "fr": (("Comprendre", "Analyse de la situation"), ("Produire", "Réalisation"), ("Remettre", "Présentation et ajustements")),
    "en": (("Understand", "Review of the situation"), ("Produce", "The work itself"), ("Hand over", "Presentation and changes")),
}  # fmt: skip
SCOPE = {
    "fr": "Compris : les rencontres à distance, une version provisoire et une version finale. Non compris : les déplacements, facturés au taux de l’année.",
    "en": "Included: remote meetings, one draft and one final version. Not included: travel, billed at the year’s rate.",
}


@dataclass(eq=False)
class Ask:
    """A need, and how far it went."""

    org: Org
    code: str
    story: stories.Story
    language: str
    received: datetime
    outcome: str
    decided: date | None = None  # triage
    proposed: date | None = None
    offered: date | None = None  # the offer is drafted
    sent: date | None = None
    answered: date | None = None
    urgency: int = 2
    place: str = "REMOTE"
    job: Job | None = None
    team: list[tuple[Person, str, int]] = field(default_factory=list)
    quarters: int = 0
    requested_by: int | None = None
    declined: bool = False
    pending: bool = False  # someone was asked and has not answered
    title: str = ""
    text: str = ""
    reason: str = ""
    id: int = 0
    reference: str = ""
    parts: list[int] = field(default_factory=list)
    minutes: list[int] = field(default_factory=list)
    offer: int = 0
    offer_reference: str = ""
    net: Decimal = ZERO
    coordinator: int = 0


class Stream:
    def __init__(self, world: World, year: Year) -> None:
        self.world, self.year, self.rng = world, year, world.rng
        self.asks: list[Ask] = []
        # What an offer says is written while it is a draft; then it is what it is.
        self.offer_ends: dict[str, list[int]] = defaultdict(list)
        self.field_names = {
            row.code: {"fr": row.name_fr, "en": row.name_en}
            for row in Field.objects.all()
        }
        self.kinds: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
        for row in DeliverableType.objects.select_related("field").order_by("pk"):
            self.kinds[row.field.code].append((row.pk, row.name_fr, row.name_en))
        rows = [
            DatedRate(r.province, r.code, r.rate, r.starts_on, r.ends_on)
            for r in TaxRate.objects.order_by("pk")
        ]
        self._rates = rows
        self._tax_memo: dict = {}
        self.activities = dict(sheets.Activity.objects.values_list("code", "pk"))

    def taxes(self, net: Decimal, province: str, on: date) -> tuple[TaxLine, ...]:
        key = (province, on)
        if key not in self._tax_memo:
            self._tax_memo[key] = rates_in_force(self._rates, province, on)
        return taxes_due(net, self._tax_memo[key])

    # --- needs ------------------------------------------------------------------

    def ask_for_jobs(self) -> None:
        rng = self.rng
        for job in self.year.jobs:
            quick = rng.random() < 0.2
            sent = business_day(
                job.opened, -rng.randint(0 if job.full else 1, 3 if quick else 9)
            )
            offered = business_day(sent, -rng.randint(0, 2))
            proposed = business_day(offered, -rng.randint(1, 4))
            decided = business_day(proposed, -rng.randint(0, 2))
            received = business_day(decided, -rng.randint(0, 1 if quick else 4))
            if job.full and job.opened >= TODAY - timedelta(days=7):
                sent = offered = date(2025, 4, 1)
            self.asks.append(
                Ask(
                    org=job.org, code=job.code, story=job.story, language=job.language,
                    received=at(received, rng.randint(8, 9), rng.randint(0, 59)),
                    outcome="mandate", decided=decided, proposed=proposed,
                    offered=offered, sent=sent, answered=job.opened,
                    urgency=3 if quick else rng.choices((1, 2), (20, 80))[0],
                    place=job.place, job=job, team=job.team,
                    quarters=job.budget, declined=not job.full and rng.random() < 0.08,
                )
            )  # fmt: skip

    def ask_for_others(self) -> None:
        """Needs that did not become mandates."""
        rng = self.rng
        for outcome, count in (
            ("back", 122),
            ("answered", 40),
            ("withdrawn", 26),
            ("refused", 44),
        ):
            for _each in range(count):
                day = business_day(YEAR_START + timedelta(days=rng.randint(0, 345)))
                org = rng.choice(self.year.open_to_all)
                code = rng.choices([c for c, *_r in POOL], [n for _c, n, _r in POOL])[0]
                ask = Ask(
                    org=org, code=code, story=rng.choice(stories.BY_FIELD[code]),
                    language=org.language, outcome=outcome,
                    received=at(day, rng.randint(8, 9), rng.randint(0, 59)),
                    decided=business_day(day, rng.randint(0, 4)),
                    urgency=rng.choices((1, 2, 3), (25, 65, 10))[0],
                    quarters=rng.randint(5, 40) * 8,
                )  # fmt: skip
                if outcome == "refused":
                    ask.team = [self.who(org, code)]
                    ask.proposed = business_day(ask.decided, rng.randint(0, 2))
                    ask.offered = business_day(ask.proposed, rng.randint(1, 3))
                    ask.sent = business_day(ask.offered, rng.randint(0, 2))
                    ask.answered = business_day(ask.sent, rng.randint(1, 12))
                self.asks.append(ask)

    def who(self, org: Org, code: str) -> tuple[Person, str, int]:
        fitting = [
            p
            for p in self.year.workers
            if p.skills.get(code, 0) >= 2 and self.year._fits(p, org, code)
        ] or [p for p in self.year.workers if code in p.skills]
        person = self.rng.choice(fitting)
        return person, code, person.skills[code]

    def write_needs(self) -> None:
        world, rng = self.world, self.rng
        self.asks.sort(key=lambda ask: ask.received)
        for ask in self.asks:
            org, language = ask.org, ask.language
            if not ask.title:
                ask.title, ask.text = stories.fill(
                    ask.story, org, language, ask.received.date(), rng
                )
            ask.coordinator = rng.choice(world.coordinators)
            asked_by = ask.requested_by or world.signer(org)
            by_network = bool(org.network) and rng.random() < 0.35
            channel = (
                "FIRST_LINE"
                if by_network
                else rng.choices(("PORTAL", "COORDINATION"), (80, 20))[0]
            )
            if ask.requested_by:
                channel, by_network = "PORTAL", False
            author = (
                world.signer(org.network) if by_network
                else ask.coordinator if channel == "COORDINATION" else asked_by
            )  # fmt: skip
            status = {
                "back": "REFERRED_BACK", "answered": "ANSWERED", "withdrawn": "WITHDRAWN",
                "refused": "WITHDRAWN", "triage": "RECEIVED",
            }.get(ask.outcome, "TRIAGED")  # fmt: skip
            closing = {
                "back": ask.decided, "answered": ask.decided, "withdrawn": ask.decided,
                "refused": ask.answered and business_day(ask.answered, 1),
            }.get(ask.outcome)  # fmt: skip
            wished = (
                business_day(ask.received.date(), rng.randint(5, 20))
                if rng.random() < 0.6
                else None
            )
            ask.reference = world.reference("D", ask.received.date())
            ask.id = world.add(
                needs.Need, reference=ask.reference, organisation_id=org.id,
                requested_by_id=asked_by, referred_by_id=org.network.id if by_network else None,
                channel=channel, received_at=ask.received, title=ask.title, text=ask.text,
                language=language, urgency=ask.urgency, place=ask.place,
                wished_from=wished,
                wished_until=wished + timedelta(days=rng.randint(20, 90)) if wished and rng.random() < 0.7 else None,
                status=status, province=org.province,
                closed_at=at(closing, 16, rng.randint(0, 50)) if closing else None,
            )  # fmt: skip
            world.note(
                ask.received, author, "needs.need.filed", needs.Need, ask.id,
                "203.0.113.24", reference=ask.reference, channel=channel, attachments=0,
            )  # fmt: skip
            if ask.outcome == "withdrawn":
                reason = (
                    "Le conseil préfère attendre le prochain budget."
                    if language == "fr"
                    else "Our board would rather wait for the next budget."
                )
                world.note(
                    at(closing, 16),
                    asked_by,
                    "needs.need.withdrawn",
                    needs.Need,
                    ask.id,
                    reference=ask.reference,
                    reason=reason,
                )
            elif ask.outcome == "refused":
                reason = "L’offre a été refusée ; la demande est close avec l’accord du membre."
                world.note(
                    at(closing, 16),
                    ask.coordinator,
                    "needs.need.withdrawn",
                    needs.Need,
                    ask.id,
                    reference=ask.reference,
                    reason=reason,
                )
            if ask.outcome in ("back", "answered"):
                self._turned(ask)
            elif ask.outcome not in ("triage", "withdrawn"):
                self._triage(ask)

    def _turned(self, ask: Ask) -> None:
        """Back to the first line, or met by the reservoir (which adds its piece)."""
        moment = at(ask.decided, self.rng.randint(10, 15), self.rng.randint(0, 59))
        decision = "FIRST_LINE" if ask.outcome == "back" else "RESERVOIR"
        reasons = stories.BACK if ask.outcome == "back" else stories.ANSWERED
        ask.reason = self.rng.choice(reasons[ask.language])
        row = {
            "need_id": ask.id, "decision": decision, "reason": ask.reason,
            "decided_by_id": ask.coordinator, "decided_at": moment,
        }  # fmt: skip
        self.world.add(needs.Triage, **row)
        if ask.outcome == "back":
            self.world.note(
                moment, ask.coordinator, "needs.need.referred_back", needs.Need,
                ask.id, reference=ask.reference, reason=ask.reason,
            )  # fmt: skip

    def _triage(self, ask: Ask) -> None:
        world, rng = self.world, self.rng
        moment = at(ask.decided, rng.randint(10, 11), rng.randint(0, 59))
        reason = rng.choice(stories.SPECIALISED["fr"])
        world.add(
            needs.Triage, need_id=ask.id, decision="SPECIALISED", reason=reason,
            decided_by_id=ask.coordinator, decided_at=moment,
        )  # fmt: skip
        said = []
        team = ask.team or [(None, ask.code, 2)]
        likely = self._minutes(ask, len(team))
        ask.minutes = likely
        for (_person, code, level), minutes in zip(team, likely, strict=True):
            if any(code == c for c, _m in said):
                ask.parts.append(0)
                continue
            said.append((code, minutes))
            ask.parts.append(
                world.add(
                    needs.Part, need_id=ask.id, field_id=world.fields[code],
                    level=level, language=ask.language,
                    minutes_low=max(60, int(minutes * 0.7) // 60 * 60),
                    minutes_likely=max(60, minutes),
                    minutes_high=max(60, -(-int(minutes * 1.4) // 60) * 60),
                )
            )  # fmt: skip
        after = [f"{self.field_names[c][ask.language]} {m // 60} h" for c, m in said]
        world.note(
            moment, ask.coordinator, "needs.need.triaged", needs.Need, ask.id,
            reference=ask.reference, reason=reason, before=[], after=after,
            minutes=sum(m for _c, m in said),
        )  # fmt: skip
        if ask.proposed:
            self._assign(ask)

    def _minutes(self, ask: Ask, count: int) -> list[int]:
        total = ask.quarters * 15
        if count == 1:
            return [total]
        if ask.job and ask.job.parts:
            whole = sum(ask.job.parts)
            first = [
                max(120, total * p // whole // 120 * 120) for p in ask.job.parts[:-1]
            ]
            return [*first, max(120, total - sum(first))]
        each = total // count // 120 * 120
        return [each] * (count - 1) + [total - each * (count - 1)]

    def _assign(self, ask: Ask) -> None:
        world, rng = self.world, self.rng
        begins = ask.job.opened if ask.job else business_day(ask.proposed, 8)
        ends = begins + timedelta(days=max(14, ask.quarters // 4))
        if ask.job:
            ask.job.due = self._due(ask.job, ask.quarters * 15)
            ends = ask.job.last_on if ask.job.closed else max(ask.job.due, TODAY)
        for (person, code, _level), part, minutes in zip(
            ask.team, ask.parts, ask.minutes, strict=True
        ):
            if not part:
                continue
            asked = at(ask.proposed, rng.randint(11, 13), rng.randint(0, 59))
            answered = asked + timedelta(minutes=rng.randint(25, 170))
            proposer = ask.coordinator
            if ask.declined and code == ask.code:
                other = [
                    p for p in self.year.workers if code in p.skills and p is not person
                ]
                if other:
                    gone = rng.choice(other)
                    pk = world.add(
                        Assignment, part_id=part, expert_id=gone.id, status="DECLINED",
                        minutes=minutes, starts_on=begins, ends_on=ends,
                        proposed_by_id=proposer, proposed_at=asked - timedelta(hours=2),
                        answered_at=asked - timedelta(minutes=40),
                        answer=(answer := rng.choice(stories.DECLINED)),
                    )  # fmt: skip
                    world.note(
                        asked - timedelta(hours=2),
                        proposer,
                        "planning.assignment.proposed",
                        Assignment,
                        pk,
                        need=ask.reference,
                        expert=gone.name,
                        minutes=minutes,
                    )
                    world.note(
                        asked - timedelta(minutes=40),
                        gone.user,
                        "planning.assignment.declined",
                        Assignment,
                        pk,
                        need=ask.reference,
                        expert=gone.name,
                        answer=answer,
                    )
            status = "PROPOSED" if ask.pending else "ACCEPTED"
            pk = world.add(
                Assignment, part_id=part, expert_id=person.id, status=status,
                minutes=minutes, starts_on=begins, ends_on=ends,
                note=rng.choice(stories.NOTES), proposed_by_id=proposer, proposed_at=asked,
                answered_at=None if ask.pending else answered,
            )  # fmt: skip
            world.note(
                asked,
                proposer,
                "planning.assignment.proposed",
                Assignment,
                pk,
                need=ask.reference,
                expert=person.name,
                minutes=minutes,
            )
            if not ask.pending:
                world.note(
                    answered,
                    person.user,
                    "planning.assignment.accepted",
                    Assignment,
                    pk,
                    need=ask.reference,
                    expert=person.name,
                )
            kept = self._kept(ask, minutes, begins, ends)
            for monday, each in kept.items():
                world.add(Allocation, assignment_id=pk, monday=monday, minutes=each)

    def _due(self, job: Job, minutes: int) -> date:
        """Return when it was to be delivered: most are on time, some are late."""
        rng = self.rng
        if job.full:
            return YEAR_END if job.opened < date(2025, 3, 1) else date(2026, 3, 31)
        due = job.opened + timedelta(days=min(180, max(14, minutes // 60)))
        if job.closed:
            due = business_day(job.closed, rng.choice((-12, -5, -2, 0, 0, 2, 5, 8)))
        elif rng.random() < 0.08:
            due = business_day(TODAY, -rng.randint(2, 15))
        elif due < TODAY:
            due = business_day(TODAY, rng.randint(3, 40))
        return max(due, job.opened)

    def _kept(
        self, ask: Ask, minutes: int, begins: date, ends: date
    ) -> dict[date, int]:
        """Share minutes between weeks; of open work, the rest is yet to come."""
        past, future = weeks(begins, ends), ()
        to_come = 0
        if ask.job and not ask.job.closed:
            past = tuple(monday for monday in past if monday < TODAY)
            done = min(ask.job.used, ask.quarters)
            to_come = minutes // 15 * (ask.quarters - done) // max(1, ask.quarters)
            if not past:
                to_come = minutes // 15
            # Nobody is kept for more than twelve hours of it in a week to come.
            length = timedelta(weeks=-(-to_come // 48), days=-1)
            future = weeks(TODAY, max(ends, TODAY + length, TODAY))
        found = {}
        for mondays, quarters in ((past, minutes // 15 - to_come), (future, to_come)):
            for i, monday in enumerate(mondays):
                kept = quarters // len(mondays) + (i < quarters % len(mondays))
                if kept:
                    found[monday] = kept * 15
        return found

    # --- offers -----------------------------------------------------------------

    def write_offers(self) -> None:
        offered = [ask for ask in self.asks if ask.offered]
        offered.sort(key=lambda ask: (ask.offered, ask.id))
        for ask in offered:
            self._offer(ask)

    def _offer(self, ask: Ask) -> None:
        world, rng, language = self.world, self.rng, ask.language
        created = at(ask.offered, 14, rng.randint(0, 40))
        sent = at(ask.sent, 15, rng.randint(0, 59)) if ask.sent else None
        valid = (ask.sent or ask.offered) + timedelta(days=30)
        card = world.card_on(ask.offered)[0]
        phases, net = self._lines(ask)
        ask.net = net
        status = {"mandate": "ACCEPTED", "refused": "REFUSED", "sent": "SENT"}.get(
            ask.outcome, "DRAFT"
        )
        introduction = stories.understood(ask.title, ask.org.name, language)
        reference = ask.offer_reference = world.reference("O", ask.offered)
        taxes = self.taxes(net, ask.org.province, ask.sent or ask.offered)
        total = net + sum(t.amount for t in taxes)
        pdf, sha256 = None, ""
        if sent:
            if status == "SENT":
                content = paper.offer_pdf(
                    world, ask.org, language=language, reference=reference, on=ask.sent,
                    valid_until=valid, title=ask.title, introduction=introduction,
                    scope=SCOPE[language], phases=phases, net=net, taxes=taxes,
                    composition=costs.composition_of(
                        world, card, language, [one for _name, of in phases for one in of]
                    ),
                )  # fmt: skip
            else:
                heading = (
                    "Offre de service " if language == "fr" else "Offer of service "
                ) + reference
                content = paper.abstract(
                    language, heading,
                    [ask.org.name, ask.title, ask.sent.isoformat(), f"{net} $", *(f"{t.label(language)} {t.amount} $" for t in taxes), f"Total {total} $"],
                )  # fmt: skip
            name = f"{'offre' if language == 'fr' else 'offer'}-{reference}.pdf"
            pdf, sha256 = paper.keep(world, name, content, sent, ask.coordinator)
        begins = ask.job.opened if ask.job else business_day(ask.offered, 12)
        ask.offer = world.add(
            mandates.Offer, reference=reference, need_id=ask.id, organisation_id=ask.org.id,
            card_id=card, status="DRAFT", title=ask.title, introduction=introduction,
            scope=SCOPE[language], language=language, province=ask.org.province,
            starts_on=begins, ends_on=begins + timedelta(days=max(21, ask.quarters // 2)),
            valid_until=valid, net=net, prepared_by_id=ask.coordinator,
            created_at=created, sent_at=sent, pdf_id=pdf,
        )  # fmt: skip
        if status != "DRAFT":
            self.offer_ends[status].append(ask.offer)
        for i, (title, lines) in enumerate(phases, 1):
            phase = world.add(
                mandates.OfferPhase, offer_id=ask.offer, position=i, title=title
            )
            for j, line in enumerate(lines, 1):
                world.add(mandates.OfferLine, phase_id=phase, position=j, **line)
        if sent:
            for tax in taxes:
                world.add(
                    mandates.OfferTax,
                    offer_id=ask.offer,
                    code=tax.code,
                    rate=tax.rate,
                    amount=tax.amount,
                )
        told = {"offer": f"{reference} v1"}
        world.note(
            created,
            ask.coordinator,
            "mandates.offer.drafted",
            mandates.Offer,
            ask.offer,
            **told,
            need=ask.reference,
        )
        if sent:
            world.note(
                sent,
                ask.coordinator,
                "mandates.offer.sent",
                mandates.Offer,
                ask.offer,
                **told,
                net=str(net),
                sha256=sha256,
                valid_until=valid.isoformat(),
            )
        if status in ("ACCEPTED", "REFUSED"):
            self._answer(ask, sent, sha256, told, accepted=status == "ACCEPTED")

    def end_offers(self) -> None:
        """Send, accept and refuse the written offers."""
        for status, ids in self.offer_ends.items():
            mandates.Offer.objects.filter(pk__in=ids).update(status=status)

    def _answer(
        self, ask: Ask, sent: datetime, sha256: str, told: dict, *, accepted: bool
    ) -> None:
        world, rng = self.world, self.rng
        moment = max(
            at(ask.answered, rng.randint(9, 15), rng.randint(0, 59)),
            sent + timedelta(minutes=30),
        )
        user = world.signer(ask.org)
        address = f"198.51.100.{rng.randint(2, 250)}"
        reason = "" if accepted else rng.choice(stories.REFUSED[ask.language])
        world.add(
            mandates.Answer, offer_id=ask.offer, accepted=accepted, user_id=user,
            name=world.user_names[user], at=moment, address=address, agent=AGENT,
            sha256=sha256, reason=reason,
        )  # fmt: skip
        what = "mandates.offer.accepted" if accepted else "mandates.offer.refused"
        world.note(
            moment,
            user,
            what,
            mandates.Offer,
            ask.offer,
            address,
            **told,
            sha256=sha256,
            reason=reason,
        )

    def _lines(self, ask: Ask) -> tuple[list[tuple[str, list[dict]]], Decimal]:
        """Return an offer's phases, and what they come to before taxes."""
        world = self.world
        full = ask.job and ask.job.full
        each = list(zip(ask.team, ask.minutes, strict=True))
        names = PHASES[ask.language]
        total = sum(ask.minutes)
        shares = [100] if full or total < 30 * 60 else [25, 55, 20]
        phases, net = [], ZERO
        given = [0] * len(each)
        for p, share in enumerate(shares):
            title, what = ("", "") if len(shares) == 1 else names[p]
            lines = []
            for i, ((person, code, level), minutes) in enumerate(each):
                last = p == len(shares) - 1
                part = minutes - given[i] if last else minutes * share // 100 // 30 * 30
                given[i] += part
                if part <= 0:
                    continue
                rate = world.rate(ask.org, code, level, ask.offered)
                amount = amount_for(part, rate)
                net += amount
                field_name = self.field_names[code][ask.language]
                lines.append(
                    {
                        "description": (f"{what} · {field_name}" if what else field_name)[:200],
                        "field_id": world.fields[code], "level": level,
                        "expert_id": person.id, "minutes": part, "rate": rate, "amount": amount,
                    }
                )  # fmt: skip
            if lines:
                phases.append((title or ask.title, lines))
        return phases, net

    # --- mandates ---------------------------------------------------------------

    def write_mandates(self) -> None:
        opened = sorted(
            (ask for ask in self.asks if ask.job),
            key=lambda ask: (ask.job.opened, ask.id),
        )
        for ask in opened:
            self._mandate(ask)
        self._satisfaction([ask for ask in opened if ask.job.closed])

    def _mandate(self, ask: Ask) -> None:
        world, rng, job = self.world, self.rng, ask.job
        job.reference = world.reference("M", job.opened)
        job.card = world.card_on(ask.offered)[0]
        minutes = sum(ask.minutes)
        status = "CLOSED" if job.closed else "PAUSED" if job.paused else "OPEN"
        due = job.due
        job.id = world.add(
            mandates.Mandate, reference=job.reference, offer_id=ask.offer,
            organisation_id=ask.org.id, field_id=world.fields[job.code], title=ask.title,
            status=status, province=ask.org.province, language=ask.language,
            full_management=job.full, opened_on=job.opened, due_on=due,
            closed_on=job.closed, budget_minutes=minutes, budget_amount=ask.net,
        )  # fmt: skip
        job.title = ask.title
        for i, (person, code, level) in enumerate(job.team):
            rate = world.rate(ask.org, code, level, ask.offered)
            job.rates[person.id] = (rate, code, level)
            world.add(
                mandates.TeamMember, mandate_id=job.id, expert_id=person.id,
                field_id=world.fields[code], level=level, rate=rate, lead=i == 0,
            )  # fmt: skip
        opening = at(job.opened, 16, rng.randint(0, 59))
        world.note(
            opening,
            world.signer(ask.org),
            "mandates.mandate.opened",
            mandates.Mandate,
            job.id,
            reference=job.reference,
            offer=f"{ask.offer_reference} v1",
            minutes=minutes,
            amount=str(ask.net),
        )
        self._milestones(job, ask, due)
        if job.closed:
            world.note(
                at(job.closed, 15, rng.randint(0, 59)),
                job.team[0][0].user,
                "mandates.mandate.closed",
                mandates.Mandate,
                job.id,
                reference=job.reference,
                lessons=0,
                deliverables=0,
                reason="",
            )
        if status == "PAUSED":
            world.note(
                at(date(2025, 3, 11), 10),
                ask.coordinator,
                "mandates.mandate.paused",
                mandates.Mandate,
                job.id,
                reference=job.reference,
                reason=stories.PAUSED[ask.language][job.id % 3],
            )
        if ask.place == "REMOTE" and not job.full:
            self._spared(job, ask)

    def _milestones(self, job: Job, ask: Ask, due: date) -> None:
        world, rng = self.world, self.rng
        names = stories.FULL_MILESTONES if job.full else stories.MILESTONES
        ends = job.closed or due
        for i, (french, english) in enumerate(names, 1):
            day = job.opened + (ends - job.opened) * i // len(names)
            day = business_day(day)
            done = day if day < TODAY and (job.closed or rng.random() < 0.85) else None
            if job.closed:
                done = min(day, job.closed)
            world.add(
                mandates.Milestone, mandate_id=job.id, position=i,
                title=french if ask.language == "fr" else english, due_on=day, done_on=done,
            )  # fmt: skip
        if job.closed and not job.full:
            kind, french, english = rng.choice(self.kinds[job.code])
            name = french if ask.language == "fr" else english
            moment = at(job.closed, 11, rng.randint(0, 59))
            content = paper.abstract(
                ask.language, name, [ask.org.name, ask.title, job.reference]
            )
            file, _sha = paper.keep(
                world, f"{job.reference}.pdf", content, moment, job.team[0][0].user
            )
            pk = world.add(
                mandates.Deliverable, mandate_id=job.id, type_id=kind,
                title=f"{name} : {ask.title}"[:150] if ask.language == "fr" else f"{name}: {ask.title}"[:150],
                file_id=file, delivered_on=job.closed, transferable=job.code != "affaires-juridiques" and rng.random() < 0.55,
            )  # fmt: skip
            job.kind = kind
            world.note(
                moment,
                job.team[0][0].user,
                "mandates.deliverable.added",
                mandates.Mandate,
                job.id,
                reference=job.reference,
                title=name,
                version=1,
                deliverable_id=pk,
            )

    def _spared(self, job: Job, ask: Ask) -> None:
        lead = job.team[0][0]
        km = distance_km(
            Decimal(lead.town[2]),
            Decimal(lead.town[3]),
            Decimal(ask.org.town[2]),
            Decimal(ask.org.town[3]),
        )
        trips = min(6, job.used // 60)
        if not 25 < km < 420 or not trips:
            return
        self.world.add(
            AvoidedTrip, mandate_id=job.id, factor_id=self.factor, km=(km * Decimal("2.5")).quantize(Decimal(1)),
            trips=trips, occupancy=1, declared_on=job.opened,
        )  # fmt: skip

    @property
    def factor(self) -> int:
        if not hasattr(self, "_factor"):
            self._factor = EmissionFactor.objects.get(mode="CAR").pk
        return self._factor

    def _satisfaction(self, closed: list[Ask]) -> None:
        """Members answer: 93 of each 100 are satisfied, and as many would recommend."""
        world, rng = self.world, self.rng
        able = [ask for ask in closed if ask.job.closed <= date(2025, 3, 26)]
        count = int(len(able) * 0.75) // 100 * 100
        asked = rng.sample(able, count)
        unhappy = set(rng.sample(range(count), count * 7 // 100))
        cool = set(rng.sample(range(count), count * 7 // 100))
        for i, ask in enumerate(sorted(asked, key=lambda ask: ask.job.closed)):
            score = (
                rng.choices((1, 2, 3), (1, 2, 7))[0]
                if i in unhappy
                else rng.choices((4, 5), (38, 62))[0]
            )
            comments = stories.UNHAPPY if i in unhappy else stories.HAPPY
            said = rng.choice(comments[ask.language]) if rng.random() < 0.6 else ""
            day = min(business_day(ask.job.closed, rng.randint(0, 4)), YEAR_END)
            moment = at(day, 17, rng.randint(0, 59))
            user = world.signer(ask.org)
            pk = world.add(
                mandates.Satisfaction, mandate_id=ask.job.id, score=score,
                recommends=i not in cool, comment=said, user_id=user, at=moment,
            )  # fmt: skip
            world.note(
                moment,
                user,
                "mandates.satisfaction.given",
                mandates.Mandate,
                ask.job.id,
                reference=ask.job.reference,
                score=score,
                satisfaction=pk,
            )

    # --- time -------------------------------------------------------------------

    def write_time(self) -> None:
        world, rng = self.world, self.rng
        approver = world.coordinators[0]
        workers = self.year.workers
        experte = world.logins["experte@partage.example"]
        other = world.logins["expert@partage.example"]
        late = {
            p.id
            for p in rng.sample(
                [p for p in workers if p.user not in (experte, other)], 11
            )
        }
        back = {p.id for p in workers if p.user == experte} | {
            p.id for p in rng.sample([p for p in workers if p.user != other], 3)
        }
        still = {p.id for p in rng.sample([p for p in workers if p.user != other], 6)}
        weeks_: dict[tuple[int, date], int] = {}
        self.approved: set[int] = set()
        before_last = LAST_WEEK - timedelta(days=7)
        order = sorted(self.year.worked, key=lambda w: (w.on, w.person.id))
        self.entries: list[tuple[int, Worked, int]] = []
        for w in order:
            monday = monday_of(w.on)
            key = (w.person.id, monday)
            if key not in weeks_:
                weeks_[key] = self._week(
                    w.person, monday, approver, late, back, still, before_last
                )
            job = w.job
            note = (
                rng.choice(stories.TIME_NOTES[job.language])
                if job and rng.random() < 0.16
                else ""
            )
            pk = world.add(
                sheets.TimeEntry, week_id=weeks_[key], expert_id=w.person.id, on=w.on,
                mandate_id=job.id if job else None,
                activity_id=None if job else self.activities[w.activity],
                minutes=w.quarters * 15, note=note,
            )  # fmt: skip
            if job:
                self.entries.append((pk, w, weeks_[key]))
        self._trips()
        for month in range(10):
            first = date(2024 + (month + 3) // 12, (month + 3) % 12 + 1, 1)
            after = date(first.year + first.month // 12, first.month % 12 + 1, 12)
            moment = at(business_day(after), 9)
            pk = world.add(
                sheets.LockedMonth,
                first_day=first,
                locked_at=moment,
                locked_by_id=world.finance[0],
            )
            world.note(
                moment,
                world.finance[0],
                "timesheets.month.locked",
                sheets.LockedMonth,
                pk,
                month=first.isoformat(),
            )

    def _week(
        self,
        person: Person,
        monday: date,
        approver: int,
        late: set,
        back: set,
        still: set,
        before_last: date,
    ) -> int:
        world, rng = self.world, self.rng
        friday = at(monday + timedelta(days=4), 16, rng.randint(0, 55))
        row = {"expert_id": person.id, "monday": monday}
        if monday < before_last or (monday == before_last and person.id not in late):
            approved = at(
                business_day(monday + timedelta(days=7), rng.choice((0, 1, 1, 2, 3))),
                11,
                rng.randint(0, 59),
            )
            row |= {
                "status": "APPROVED",
                "submitted_at": friday,
                "approved_at": approved,
                "approved_by_id": approver,
            }
        elif monday == before_last or (
            monday == LAST_WEEK and person.id not in back | still
        ):
            row |= {"status": "SUBMITTED", "submitted_at": friday}
        elif monday == LAST_WEEK and person.id in back:
            row |= {"remark": rng.choice(stories.REMARKS)}
        pk = world.add(sheets.Week, **row)
        if row.get("status") == "APPROVED":
            self.approved.add(pk)
        if monday >= before_last:
            if "submitted_at" in row or "remark" in row:
                world.note(
                    friday,
                    person.user,
                    "timesheets.week.submitted",
                    sheets.Week,
                    pk,
                    monday=monday.isoformat(),
                )
            if "remark" in row:
                world.note(
                    friday + timedelta(minutes=40),
                    approver,
                    "timesheets.week.sent_back",
                    sheets.Week,
                    pk,
                    monday=monday.isoformat(),
                    remark=row["remark"],
                )
            if row.get("status") == "APPROVED":
                world.note(
                    row["approved_at"],
                    approver,
                    "timesheets.week.approved",
                    sheets.Week,
                    pk,
                    monday=monday.isoformat(),
                )
        return pk

    def _trips(self) -> None:
        """Some days of work on site: a trip, and now and then an expense."""
        world, rng = self.world, self.rng
        self.travel: list[tuple] = []
        driven: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
        going: dict[Job, date] = {}
        for _pk, w, week in self.entries:
            job = w.job
            if job.place == "REMOTE" or w.person.remote_only or w.quarters < 10:
                continue
            since = going.get(job)
            if since and (w.on - since).days < (40 if job.full else 18):
                continue
            town, there = w.person.town, job.org.town
            km = distance_km(
                Decimal(town[2]), Decimal(town[3]), Decimal(there[2]), Decimal(there[3])
            )
            if km > 330 or rng.random() < 0.5:
                continue
            going[job] = w.on
            km = (km * Decimal("2.5")).quantize(Decimal(1)) + rng.randint(4, 14)
            key = (w.person.id, w.on.year)
            paid = mileage_allowance(km, driven[key], RATES[w.on.year]).amount
            driven[key] += km
            pk = world.add(
                sheets.Trip, week_id=week, on=w.on, mandate_id=job.id,
                mode=rng.choices(("CAR", "HYBRID", "ELECTRIC"), (70, 18, 12))[0],
                origin=town[0], destination=there[0], km=km, amount=paid,
            )  # fmt: skip
            self.travel.append(
                ("TRIP", pk, w, week, f"{town[0]} – {there[0]}, {km} km", paid)
            )
            if rng.random() < 0.5:
                what, low, high = rng.choice(stories.EXPENSES[job.language])
                amount = Decimal(rng.randint(low * 100, high * 100)) / 100
                pk = world.add(
                    sheets.Expense,
                    week_id=week,
                    on=w.on,
                    mandate_id=job.id,
                    description=what,
                    amount=amount,
                )
                self.travel.append(("EXPENSE", pk, w, week, what, amount))

    # --- invoices ---------------------------------------------------------------

    def write_invoices(self) -> None:
        rng = self.rng
        work: dict[tuple[date, Job], list] = defaultdict(list)
        waiting: set[tuple[date, Job]] = set()
        for pk, w, week in self.entries:
            key = (w.on.replace(day=1), w.job)
            if week in self.approved:
                work[key].append(("TIME", pk, w, None, None))
            else:
                waiting.add(key)
        for kind, pk, w, week, what, amount in self.travel:
            if week in self.approved:
                work[w.on.replace(day=1), w.job].append((kind, pk, w, what, amount))
        plans = []
        march = [key for key in work if key[0] == date(2025, 3, 1)]
        whole = [key for key in march if key not in waiting]
        drafted = set(rng.sample(whole, min(14, len(whole) // 3)))
        for key in sorted(work, key=lambda key: (key[0], key[1].id)):
            month = key[0]
            after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
            if month == date(2025, 3, 1):
                if key in drafted:
                    plans.append((date(2025, 4, 4), 1, key, True))
                elif key in whole:
                    plans.append(
                        (
                            rng.choice((date(2025, 4, 2), date(2025, 4, 3))),
                            0,
                            key,
                            False,
                        )
                    )
            elif after <= date(2025, 3, 1):
                plans.append((business_day(after, rng.randint(2, 6)), 0, key, False))
        plans.sort(key=lambda plan: (plan[0], plan[1], plan[2][1].id))
        issued = sum(not plan[3] for plan in plans)
        to_credit = {issued // 2, issued - 260}
        for i, (day, _n, key, draft) in enumerate(plans):
            row = self._invoice(
                key, work[key], day, draft=draft, paid=i not in to_credit
            )
            if i in to_credit:
                self._credit(row, day, key, work[key])

    def _draft_lines(self, job: Job, work: list) -> tuple[list[dict], dict[int, list]]:
        lines, behind = [], {}
        hours: dict[int, list] = defaultdict(list)
        for each in work:
            if each[0] == "TIME":
                hours[each[2].person.id].append(each)
        for person_id in sorted(hours):
            rate, code, level = job.rates[person_id]
            minutes = sum(each[2].quarters * 15 for each in hours[person_id])
            who = hours[person_id][0][2].person.name
            behind[len(lines)] = hours[person_id]
            lines.append(
                {
                    "kind": "TIME", "description": f"{self.field_names[code][job.language]} · {who}"[:250],
                    "expert_id": person_id, "field_id": self.world.fields[code], "level": level,
                    "minutes": minutes, "rate": rate, "amount": amount_for(minutes, rate),
                }
            )  # fmt: skip
        for each in work:
            if each[0] != "TIME":
                behind[len(lines)] = [each]
                lines.append(
                    {
                        "kind": each[0],
                        "description": each[3],
                        "expert_id": each[2].person.id,
                        "amount": each[4],
                    }
                )
        return lines, behind

    def _invoice(
        self,
        key: tuple[date, Job],
        work: list,
        day: date,
        *,
        draft: bool = False,
        paid: bool = True,
    ) -> dict:
        world, rng = self.world, self.rng
        month, job = key
        org = job.org
        after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
        lines, behind = self._draft_lines(job, work)
        net = sum((line["amount"] for line in lines), ZERO)
        maker = rng.choice(world.finance)
        row = {
            "mandate_id": job.id, "organisation_id": org.id, "period_start": month,
            "period_end": after - timedelta(days=1), "province": org.province,
            "language": job.language, "net": net,
            "created_at": at(business_day(day, -1) if not draft else day, 10, rng.randint(0, 59)),
        }  # fmt: skip
        taxes = ()
        if not draft:
            taxes = self.taxes(net, org.province, day)
            row |= {
                "status": "ISSUED", "number": world.number("invoice"), "issued_on": day,
                "due_on": day + timedelta(days=30),
                "total": net + sum(t.amount for t in taxes),
            }  # fmt: skip
            row["pdf_id"] = self._invoice_file(row, job, lines, taxes, work, maker)
        pk = world.add(billing.Invoice, **row)
        row["id"] = pk
        made = world.rows(billing.Invoice).made[-1]
        for i, line in enumerate(lines):
            line_id = world.add(
                billing.InvoiceLine, invoice_id=pk, position=i + 1, **line
            )
            for each in behind[i]:
                what = {"TIME": "time_id", "TRIP": "trip_id", "EXPENSE": "expense_id"}[
                    each[0]
                ]
                world.add(billing.InvoicedWork, line_id=line_id, **{what: each[1]})
        for tax in taxes:
            world.add(
                billing.InvoiceTax,
                invoice_id=pk,
                code=tax.code,
                rate=tax.rate,
                amount=tax.amount,
            )
        world.note(
            row["created_at"],
            maker,
            "billing.invoice.drafted",
            billing.Invoice,
            pk,
            mandate=job.reference,
            net=str(net),
        )
        if not draft:
            world.note(
                at(day, 11, rng.randint(0, 59)),
                maker,
                "billing.invoice.issued",
                billing.Invoice,
                pk,
                number=row["number"],
                mandate=job.reference,
                total=str(row["total"]),
            )
            if paid:
                self._pay(made, maker)
        return made

    def _invoice_file(
        self,
        row: dict,
        job: Job,
        lines: list[dict],
        taxes: tuple,
        work: list,
        maker: int,
    ) -> int:
        language, number = job.language, row["number"]
        if row["issued_on"] >= date(2025, 4, 1):
            printed = [{**line, "who": "", "on": row["period_end"]} for line in lines]
            content = paper.invoice_pdf(
                self.world, job.org, language=language, number=number, on=row["issued_on"],
                due_on=row["due_on"], title=job.title, reference=job.reference,
                period=(row["period_start"], row["period_end"]), lines=printed,
                net=row["net"], taxes=taxes,
                composition=costs.composition_of(
                    self.world, job.card, language, lines
                ),
            )  # fmt: skip
        else:
            heading = f"Facture {number}" if language == "fr" else f"Invoice {number}"
            content = paper.abstract(
                language, heading,
                [job.org.name, job.reference, job.title, row["issued_on"].isoformat(), f"{row['net']} $", *(f"{t.label(language)} {t.amount} $" for t in taxes), f"Total {row['total']} $"],
            )  # fmt: skip
        name = f"{'facture' if language == 'fr' else 'invoice'}-{number}.pdf"
        return paper.keep(self.world, name, content, at(row["issued_on"], 11), maker)[0]

    def _pay(self, invoice: dict, maker: int) -> None:
        """Most pay on time; some late, a few not yet, a few in part."""
        world, rng = self.world, self.rng
        due, total = invoice["due_on"], invoice["total"]
        chance = rng.random()
        if chance < 0.86:
            day = invoice["issued_on"] + timedelta(days=rng.randint(6, 33))
        elif chance < 0.955:
            day = due + timedelta(days=rng.choice((12, 25, 38, 55, 70, 95)))
        elif chance < 0.985 and due > date(2024, 10, 15):
            day = date.max
        else:
            day = due + timedelta(days=rng.randint(1, 20))
        parts = [(day, total)]
        if chance > 0.975 and day != date.max:
            half = (total / 2).quantize(Decimal(1))
            parts = [
                (due, half),
                (due + timedelta(days=rng.choice((45, 150))), total - half),
            ]
        received = ZERO
        for when, amount in parts:
            when = business_day(when) if when != date.max else when
            if when > date(2025, 4, 4) or amount <= 0:
                continue
            received += amount
            pk = world.add(
                billing.Payment, invoice_id=invoice["id"], received_on=when, amount=amount,
                method=rng.choices(("TRANSFER", "CHEQUE", "CARD"), (82, 15, 3))[0], recorded_by_id=maker,
            )  # fmt: skip
            world.note(
                at(when, 14, rng.randint(0, 59)),
                maker,
                "billing.payment.recorded",
                billing.Invoice,
                invoice["id"],
                number=invoice["number"],
                amount=str(amount),
                payment=pk,
            )
        if received == total:
            invoice["status"] = "PAID"

    def _credit(
        self, invoice: dict, day: date, key: tuple[date, Job], work: list
    ) -> None:
        """Take an invoice back whole, and bill the same work again."""
        world, rng = self.world, self.rng
        job = key[1]
        maker = world.finance[0]
        number = world.number("invoice")
        taxes = self.taxes(-invoice["net"], invoice["province"], invoice["issued_on"])
        heading = (
            f"Note de crédit {number}"
            if job.language == "fr"
            else f"Credit note {number}"
        )
        content = paper.abstract(
            job.language,
            heading,
            [job.org.name, f"{invoice['number']}", f"{-invoice['total']} $"],
        )
        pdf, _sha = paper.keep(
            world, f"credit-{number}.pdf", content, at(day, 15), maker
        )
        pk = world.add(
            billing.Invoice, kind="CREDIT", status="ISSUED", number=number,
            mandate_id=job.id, organisation_id=job.org.id, credits_id=invoice["id"],
            period_start=invoice["period_start"], period_end=invoice["period_end"],
            province=invoice["province"], language=job.language, net=-invoice["net"],
            total=-invoice["total"], created_at=at(day, 15), issued_on=day, due_on=day, pdf_id=pdf,
        )  # fmt: skip
        mine = [
            row
            for row in world.rows(billing.InvoiceLine).made
            if row["invoice_id"] == invoice["id"]
        ]
        ids = {row["id"] for row in mine}
        for row in mine:
            values = {k: v for k, v in row.items() if k != "id"}
            values |= {"invoice_id": pk, "amount": -row["amount"]}
            if row.get("minutes"):
                values["minutes"] = -row["minutes"]
            world.add(billing.InvoiceLine, **values)
        for row in world.rows(billing.InvoicedWork).made:
            if row["line_id"] in ids:
                row["released"] = True
        for tax in taxes:
            world.add(
                billing.InvoiceTax,
                invoice_id=pk,
                code=tax.code,
                rate=tax.rate,
                amount=tax.amount,
            )
        invoice["status"] = "CREDITED"
        world.note(
            at(day, 15),
            maker,
            "billing.invoice.credited",
            billing.Invoice,
            invoice["id"],
            number=invoice["number"],
            credit=number,
            reason=rng.choice(
                ("Bon de commande du membre à inscrire", "Période à corriger")
            ),
        )
        self._invoice(key, work, day)
