"""Questions about offers and mandates.

What a member sees is asked with the organisations that the caller may act for.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, F, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from partage.knowledge.queries import Sight, barred_from
from partage.mandates.models import (
    Deliverable,
    Mandate,
    Milestone,
    Offer,
    OfferLine,
    OfferPhase,
    TeamMember,
)
from partage.rules.money import ZERO, amount_for
from partage.tariffs.queries import Price, Work, cards_on, price_of

LIVE_OFFERS = (Offer.Status.DRAFT, Offer.Status.SENT, Offer.Status.ACCEPTED)


def expired_on(on: date) -> Q:
    """Offers sent that nobody can accept any more on a date."""
    return Q(status=Offer.Status.SENT, valid_until__lt=on)


def is_expired(offer: Offer, *, on: date) -> bool:
    """Whether nobody can accept the offer any more on a date."""
    return offer.status == Offer.Status.SENT and offer.valid_until < on


def offers() -> QuerySet[Offer]:
    """Return every offer, with whom it is for."""
    return Offer.objects.select_related("organisation", "need", "prepared_by")


def offers_for(organisation_ids: Collection[int]) -> QuerySet[Offer]:
    """Return the offers made to organisations; a draft is nobody else's business."""
    return offers().filter(organisation_id__in=organisation_ids, sent_at__isnull=False)


def phases_of(offer: Offer) -> list[OfferPhase]:
    """Return the phases of an offer with their lines, in order."""
    lines = OfferLine.objects.select_related("field", "expert")
    return list(offer.phases.prefetch_related(Prefetch("lines", queryset=lines)))


def lines_of(phases: Iterable[OfferPhase]) -> list[OfferLine]:
    return [line for phase in phases for line in phase.lines.all()]


def price_of_offer(offer: Offer) -> Price | None:
    """Return what the price of an offer goes to, by the card that it was made with."""
    return price_of(
        offer.card_id,
        [
            Work(line.field_id, line.level, line.minutes, line.amount)
            for line in OfferLine.objects.filter(phase__offer=offer)
        ],
    )


def card_of(mandate: Mandate) -> int | None:
    """Return the card that the rates of a mandate come from: its offer's, if any."""
    return cards_of([mandate])[mandate.pk]


def cards_of(mandates: Collection[Mandate]) -> dict[int, int | None]:
    """Return the card of each mandate, by its id. See `card_of`."""
    cards = cards_on(one.opened_on for one in mandates if not one.offer_id)
    found: dict[int, int | None] = {}
    for one in mandates:
        card = None if one.offer_id else cards[one.opened_on]
        found[one.pk] = one.offer.card_id if one.offer_id else card and card.pk
    return found


def mandates() -> QuerySet[Mandate]:
    """Return every mandate, with whom it is for."""
    return Mandate.objects.select_related("organisation", "field", "offer")


def mandates_for(organisation_ids: Collection[int]) -> QuerySet[Mandate]:
    """Return the mandates of organisations."""
    return mandates().filter(organisation_id__in=organisation_ids)


def mandates_of(expert_id: int, *, on: date) -> QuerySet[Mandate]:
    """Return the mandates that an expert is on the team of, and may see on a date.

    Those of an organisation from which a conflict keeps the expert away are not.
    """
    return (
        mandates()
        .filter(team__expert_id=expert_id)
        .exclude(organisation_id__in=barred_from(expert_id, on=on))
    )


def closed_seen_by(sight: Sight) -> QuerySet[Mandate]:
    """Return the closed mandates that can be compared with, as far as `sight` reaches.

    All of them, or those of its organisations and those it was on the team of, less
    those from which a conflict keeps it away. What is managed in whole goes on for
    years, and compares with no request.
    """
    closed = mandates().filter(status=Mandate.Status.CLOSED, full_management=False)
    if sight.everything:
        return closed
    reached = Q(organisation_id__in=sight.organisation_ids)
    if sight.author_id is not None:
        reached |= Q(
            pk__in=TeamMember.objects.filter(expert_id=sight.author_id).values(
                "mandate_id"
            )
        )
    return closed.filter(reached).exclude(organisation_id__in=sight.barred_ids)


def team_of(mandate_id: int) -> list[TeamMember]:
    """Return the team, who leads first."""
    return list(
        TeamMember.objects.filter(mandate_id=mandate_id)
        .select_related("expert", "field")
        .order_by("-lead", "expert__sort_key")
    )


def teams(mandate_ids: Iterable[int]) -> dict[int, list[str]]:
    """Return the names of the team of each mandate, who leads first."""
    found: dict[int, list[str]] = {}
    for mandate_id, name in (
        TeamMember.objects.filter(mandate_id__in=list(mandate_ids))
        .order_by("-lead", "expert__sort_key")
        .values_list("mandate_id", "expert__name")
    ):
        found.setdefault(mandate_id, []).append(name)
    return found


def milestones_done(mandate_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Return, of each mandate that has milestones, how many are reached, and of how
    many."""
    return {
        row["mandate_id"]: (row["done"], row["all"])
        for row in Milestone.objects.filter(mandate_id__in=list(mandate_ids))
        .order_by()
        .values("mandate_id")
        .annotate(all=Count("pk"), done=Count("pk", filter=Q(done_on__isnull=False)))
    }


def deliverables_of(mandate_id: int) -> QuerySet[Deliverable]:
    """Return what a mandate delivered, newest first, without the bytes of files."""
    return (
        Deliverable.objects.filter(mandate_id=mandate_id)
        .select_related("type", "file")
        .defer("file__content")
        .order_by("-delivered_on", "-pk")
    )


@dataclass(frozen=True, slots=True)
class Budget:
    """What was agreed and what is used of it, in minutes and in dollars."""

    minutes: int
    amount: Decimal
    used_minutes: int
    used_amount: Decimal

    @property
    def left_minutes(self) -> int:
        return self.minutes - self.used_minutes

    @property
    def left_amount(self) -> Decimal:
        return self.amount - self.used_amount

    @property
    def over_minutes(self) -> int:
        return max(0, -self.left_minutes)

    @property
    def over(self) -> bool:
        return self.used_minutes > self.minutes

    @property
    def percent(self) -> int:
        """Hours used, of a hundred hours agreed; rounded down below the whole."""
        if not self.minutes:
            return 100 if self.used_minutes else 0
        return self.used_minutes * 100 // self.minutes

    @property
    def kind(self) -> str:
        return "bad" if self.over else "wait" if self.percent >= 85 else "good"


def budgets(
    rows: Iterable[Mandate], minutes: dict[tuple[int, int], int]
) -> dict[int, Budget]:
    """Return the budget of each mandate, from its (mandate, expert) minutes worked.

    Minutes are priced at the rates frozen on the team: each expert's to the cent.
    Minutes of someone who left the team count for hours, and cost what the
    mandate's average hour costs.
    """
    rows = list(rows)
    rates = {
        (mandate_id, expert_id): rate
        for mandate_id, expert_id, rate in TeamMember.objects.filter(
            mandate_id__in=[row.pk for row in rows]
        ).values_list("mandate_id", "expert_id", "rate")
    }
    used: dict[int, list[tuple[int, int]]] = {}
    for (mandate_id, expert_id), count in minutes.items():
        used.setdefault(mandate_id, []).append((expert_id, count))
    found = {}
    for row in rows:
        worked = used.get(row.pk, [])
        average = (
            row.budget_amount * 60 / row.budget_minutes if row.budget_minutes else ZERO
        )
        found[row.pk] = Budget(
            row.budget_minutes,
            row.budget_amount,
            sum(count for _expert, count in worked),
            sum(
                (
                    amount_for(count, rates.get((row.pk, expert_id), average))
                    for expert_id, count in worked
                ),
                ZERO,
            ),
        )
    return found


def satisfaction_rows(mandate_ids: Iterable[int]):
    """Return (score, recommends) of each mandate that was answered for."""
    return Mandate.objects.filter(
        pk__in=list(mandate_ids), satisfaction__isnull=False
    ).values_list("pk", "satisfaction__score", "satisfaction__recommends")


def offered(offer: Offer) -> tuple[int, Decimal]:
    """Return the minutes and the dollars before tax of an offer's lines."""
    sums = OfferLine.objects.filter(phase__offer=offer).aggregate(
        minutes=Coalesce(Sum("minutes"), 0), net=Sum("amount")
    )
    return sums["minutes"], sums["net"] or ZERO


FORGOTTEN_DAYS = 14


def forgotten(on: date) -> QuerySet[Mandate]:
    """Return the open mandates that nobody closed two weeks after their day."""
    return mandates().filter(
        status=Mandate.Status.OPEN, due_on__lt=on - timedelta(days=FORGOTTEN_DAYS)
    )


def late(on: date) -> Q:
    """Mandates not closed whose day has passed."""
    return ~Q(status=Mandate.Status.CLOSED) & Q(due_on__lt=on)


def latest_version(reference: str) -> int:
    return (
        Offer.objects.filter(reference=reference)
        .order_by("-version")
        .values_list("version", flat=True)
        .first()
        or 0
    )


def versions_of(offer: Offer) -> QuerySet[Offer]:
    """Return the versions of an offer, newest first."""
    return Offer.objects.filter(reference=offer.reference).order_by(F("version").desc())


def engaged_needs() -> set[int]:
    """Return the needs on which an offer or a mandate stands: no plan moves them."""
    return set(
        Offer.objects.filter(status__in=LIVE_OFFERS, need__isnull=False).values_list(
            "need_id", flat=True
        )
    )
