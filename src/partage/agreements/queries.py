"""Questions about agreements: who is served under which, on a date."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from partage.agreements.models import Agreement, HourBank
from partage.members.models import Organisation


def in_force(on: date) -> QuerySet[Agreement]:
    """Return the agreements in force on a date."""
    return Agreement.objects.filter(starts_on__lte=on).filter(
        Q(ends_on=None) | Q(ends_on__gte=on)
    )


def agreements_of(organisation: Organisation, *, on: date) -> QuerySet[Agreement]:
    """Return what an organisation is served under: its own first, then its network's.

    Among as close ones, the newest comes first.
    """
    return (
        in_force(on)
        .filter(organisation_id__in=_served_as(organisation))
        .select_related("organisation")
        .annotate(
            distance=Case(
                When(organisation_id=organisation.pk, then=Value(0)),
                default=Value(1),
                output_field=IntegerField(),
            )
        )
        .order_by("distance", "-starts_on", "-pk")
    )


def agreement_by_field(organisation: Organisation, *, on: date) -> dict[int, Agreement]:
    """Return, for each field that an agreement covers, the agreement that holds."""
    return agreements_by_field([organisation], on=on)[organisation.pk]


def agreements_by_field(
    organisations: Iterable[Organisation], *, on: date
) -> dict[int, dict[int, Agreement]]:
    """Return `agreement_by_field` of each organisation, by its id, in two queries."""
    served = {one.pk: _served_as(one) for one in organisations}
    rows: dict[int, list[Agreement]] = {}
    for agreement in (
        in_force(on)
        .filter(organisation_id__in={pk for ids in served.values() for pk in ids})
        .select_related("organisation")
        .prefetch_related("fields")
        .order_by("-starts_on", "-pk")
    ):
        rows.setdefault(agreement.organisation_id, []).append(agreement)
    found: dict[int, dict[int, Agreement]] = {}
    for pk, ids in served.items():
        held = found[pk] = {}
        for agreement in (each for one in ids for each in rows.get(one, ())):
            for covered in agreement.fields.all():
                held.setdefault(covered.field_id, agreement)
    return found


def paid_together(
    organisation: Organisation, field_id: int, *, on: date
) -> Agreement | None:
    """Return the agreement by which a grouping pays for an organisation's work."""
    deal = agreement_by_field(organisation, on=on).get(field_id)
    return deal if deal and deal.consolidated else None


def banks_serving(
    organisations: Iterable[Organisation], *, start: date, end: date
) -> QuerySet[HourBank]:
    """Return the banks of hours open in a period from which these are served.

    Those of their own agreements and of their networks'; what ends first comes first.
    """
    ids = {pk for one in organisations for pk in _served_as(one)}
    return (
        HourBank.objects.filter(
            agreement__organisation_id__in=ids, starts_on__lte=end, ends_on__gte=start
        )
        .select_related("agreement__organisation")
        .prefetch_related("agreement__fields")
        .order_by("ends_on", "starts_on", "pk")
    )


def _served_as(organisation: Organisation) -> list[int]:
    ids = [organisation.pk, organisation.network_id]
    return [pk for pk in ids if pk is not None]


def agreements() -> QuerySet[Agreement]:
    """Return every agreement with its grouping, fields and banks, in three queries."""
    return Agreement.objects.select_related("organisation").prefetch_related(
        "fields__field", "banks"
    )


def ending(on: date, *, days: int) -> QuerySet[Agreement]:
    """Return the agreements in force that end within some days, soonest first."""
    return (
        in_force(on)
        .filter(ends_on__lte=on + timedelta(days=days))
        .select_related("organisation")
        .order_by("ends_on")
    )
