"""What a year came to: the figures that the annual report and the board read."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Count, Q, Sum
from django.utils.timezone import make_aware

from partage.impact.models import AvoidedTrip, EmissionFactor
from partage.mandates.models import Mandate, Satisfaction
from partage.members.models import Organisation
from partage.members.queries import members_on
from partage.needs.models import Need
from partage.rules.satisfaction import SATISFIED_FROM, percent_satisfied
from partage.timesheets.models import TimeEntry, Trip


@dataclass(frozen=True, slots=True)
class Figures:
    """A period's figures, from `start` to `end`, both included.

    `members`, `enterprises_served` and `enterprises_represented` are three
    different counts. `hours` are those written on mandates, to the minute. The
    percentages are to a tenth, None when nobody answered.
    """

    start: date
    end: date
    enterprises_served: int  # distinct organisations with time on a mandate
    experts: int  # distinct experts with time on a mandate
    hours: Decimal
    satisfaction_percent: Decimal | None  # scores of 4 or 5, out of 5
    recommendation_percent: Decimal | None
    fields: int  # distinct fields of the mandates worked on
    provinces: int  # distinct provinces of the mandates worked on
    members: int  # memberships in force on the last day
    enterprises_represented: int  # those that member networks stand for, that day
    needs_received: int
    needs_referred_back: int  # of those received, gone back to the first line
    answered_from_reservoir: int  # of those received
    mandates_open: int  # on the last day


def year_figures(start: date, end: date) -> Figures:
    """Return the figures of the days from `start` to `end`, both included."""
    first = make_aware(datetime.combine(start, time.min))
    last = make_aware(datetime.combine(end, time.max))
    worked = TimeEntry.objects.filter(
        on__gte=start, on__lte=end, mandate__isnull=False
    ).aggregate(
        enterprises=Count("mandate__organisation", distinct=True),
        experts=Count("expert", distinct=True),
        minutes=Sum("minutes", default=0),
        fields=Count("mandate__field", distinct=True),
        provinces=Count("mandate__province", distinct=True),
    )
    said = list(
        Satisfaction.objects.filter(at__gte=first, at__lte=last).values_list(
            "score", "recommends"
        )
    )
    needs = Need.objects.filter(
        received_at__gte=first, received_at__lte=last
    ).aggregate(
        received=Count("pk"),
        back=Count("pk", filter=Q(status=Need.Status.REFERRED_BACK)),
        answered=Count("pk", filter=Q(status=Need.Status.ANSWERED)),
    )
    members = members_on(end)
    return Figures(
        start=start,
        end=end,
        enterprises_served=worked["enterprises"],
        experts=worked["experts"],
        hours=Decimal(worked["minutes"]) / 60,
        satisfaction_percent=percent_satisfied((s for s, _ in said), places=1),
        # A recommendation is yes or no: the same rule, on the best score or the worst.
        recommendation_percent=percent_satisfied(
            (SATISFIED_FROM if yes else 1 for _, yes in said), places=1
        ),
        fields=worked["fields"],
        provinces=worked["provinces"],
        members=members.count(),
        enterprises_represented=Organisation.objects.filter(
            pk__in=members.values("organisation")
        ).aggregate(all=Sum("represents", default=0))["all"],
        needs_received=needs["received"],
        needs_referred_back=needs["back"],
        answered_from_reservoir=needs["answered"],
        mandates_open=Mandate.objects.filter(opened_on__lte=end)
        .filter(Q(closed_on=None) | Q(closed_on__gt=end))
        .count(),
    )


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a period's trips emitted and spared, in kg CO2e; never a credit.

    `low` counts the trips that were made against those that were spared; `high`
    does not, since some of them would have been made anyway.
    """

    avoided: list[tuple[AvoidedTrip, Decimal]]  # each with the kg of its own factor
    avoided_km: Decimal
    avoided_kg: Decimal
    made_km: Decimal
    made_kg: Decimal
    factors: list[EmissionFactor]  # those that were used, with their sources

    @property
    def low(self) -> Decimal:
        return self.avoided_kg - self.made_kg

    @property
    def high(self) -> Decimal:
        return self.avoided_kg


def footprint(start: date, end: date) -> Footprint:
    """Return the trips spared and made from `start` to `end`, both included.

    A spared trip keeps the factor that was frozen with it; a trip made takes the
    one in force on its day. Four queries, whatever the number of trips.
    """
    rows = AvoidedTrip.objects.filter(
        declared_on__gte=start, declared_on__lte=end
    ).select_related("factor", "mandate")
    avoided = [
        (
            row,
            (row.km * row.trips * row.factor.kg_per_km / row.occupancy).quantize(
                Decimal("0.1"), ROUND_HALF_UP
            ),
        )
        for row in rows.order_by("-declared_on", "-pk")
    ]
    known = list(EmissionFactor.objects.order_by("-starts_on"))
    used = {row.factor_id: row.factor for row, _kg in avoided}
    made_km = made_kg = Decimal(0)
    for on, mode, km in (
        Trip.objects.filter(on__gte=start, on__lte=end)
        .order_by()
        .values_list("on", "mode")
        .annotate(Sum("km"))
    ):
        made_km += km
        factor = next((f for f in known if f.mode == mode and f.starts_on <= on), None)
        if factor:
            used[factor.pk] = factor
            made_kg += km * factor.kg_per_km
    return Footprint(
        avoided=avoided,
        avoided_km=sum((row.km * row.trips for row, _kg in avoided), Decimal(0)),
        avoided_kg=sum((kg for _row, kg in avoided), Decimal(0)),
        made_km=made_km,
        made_kg=made_kg.quantize(Decimal("0.1"), ROUND_HALF_UP),
        factors=sorted(used.values(), key=lambda f: (f.mode, f.starts_on)),
    )
