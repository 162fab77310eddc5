"""What a year costs, and the rates that come from it."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from partage.rules.costing import Kind, Pool
from partage.rules.money import to_cents
from partage.tariffs.actions import (
    ModelFrozen,
    NegativeHours,
    freeze_model,
    set_sold_hours,
    unfreeze_model,
)
from partage.tariffs.models import CostModel, HourlyRate, RateCard, RatePart
from partage.tariffs.queries import (
    card_in_force,
    cost_model,
    derived_rates,
    lines_of,
    rates_of,
    year_cost,
)
from tests import builders

START = date(2024, 4, 1)
BUDGET, ACTUAL = CostModel.State.BUDGET, CostModel.State.ACTUAL


@pytest.mark.django_db
class TestTheModelOfAYear:
    def test_yields_a_rate_that_its_parts_add_up_to(self):
        model = builders.cost_model()
        found = derived_rates(lines_of(model))

        middle = found[Pool("affaires-juridiques", 2)]
        # (80 000 + 16 000 + 9 000 + 12 000) / 1 000 h, by halves of a dollar.
        assert middle.amount == Decimal("117.00")
        assert [(part.kind, part.amount) for part in middle.parts] == [
            (Kind.PAY, Decimal("80.00")),
            (Kind.CHARGES, Decimal("16.00")),
            (Kind.DIRECT, Decimal("9.00")),
            (Kind.SHARED, Decimal("12.00")),
        ]
        assert found[Pool("affaires-juridiques", 1)].amount == Decimal("98.50")

    def test_counts_half_a_year_of_pay_for_half_a_year(self):
        model = builders.cost_model()
        pay = model.pays.get()
        pay.ends_on = date(2024, 9, 30)  # 183 days of 365
        pay.save()
        lines = lines_of(model)
        assert lines.pay_of(lines.pays[0]) == Decimal("40109.59")

    def test_must_be_borne_with_what_others_do_not_give(self):
        builders.cost_model(state=ACTUAL, funding="17000.00")
        year = year_cost(START, ACTUAL)
        assert (year.cost, year.funding) == (Decimal("117000.00"), Decimal("17000.00"))
        assert year.to_bear == Decimal("100000.00")
        assert year_cost(date(2030, 4, 1), ACTUAL) is None

    def test_that_counts_is_the_one_whose_card_was_adopted(self):
        first = builders.cost_model()
        second = builders.cost_model(version=2)
        assert cost_model(START, BUDGET) == second
        builders.rate_card(model=first, resolution=builders.resolution())
        assert cost_model(START, BUDGET) == first


@pytest.mark.django_db
class TestSoldHours:
    def test_replace_those_of_the_model(self):
        model = builders.cost_model(state=ACTUAL)
        pool = (builders.field().pk, 3)
        set_sold_hours(
            model_id=model.pk, minutes={pool: 54_000}, source="Feuilles de temps",
            by=builders.actor(),
        )  # fmt: skip
        assert [(row.level, row.minutes) for row in model.hours.all()] == [(3, 54_000)]

    def test_cannot_be_negative(self):
        model = builders.cost_model(state=ACTUAL)
        with pytest.raises(NegativeHours):
            set_sold_hours(
                model_id=model.pk, minutes={(builders.field().pk, 2): -60},
                source="Feuilles de temps", by=builders.actor(),
            )  # fmt: skip
        assert model.hours.count() == 1

    def test_are_those_of_a_closed_year_for_good(self):
        model = builders.cost_model(state=ACTUAL)
        by = builders.actor()
        freeze_model(model_id=model.pk, by=by)
        with pytest.raises(ModelFrozen, match="nouvelle version"):
            set_sold_hours(model_id=model.pk, minutes={}, source="", by=by)
        unfreeze_model(model_id=model.pk, reason="Facture oubliée", by=by)
        set_sold_hours(model_id=model.pk, minutes={}, source="", by=by)

    def test_of_a_budget_with_a_card_never_open_again(self):
        model = builders.cost_model()
        builders.rate_card(model=model, resolution=builders.resolution())
        with pytest.raises(ModelFrozen):
            unfreeze_model(model_id=model.pk, reason="", by=builders.actor())


@pytest.mark.django_db
class TestACardFromAModel:
    def test_has_no_force_while_it_is_only_proposed(self):
        builders.rate_card(model=builders.cost_model(), status=RateCard.Status.PROPOSED)
        assert card_in_force(date(2025, 4, 7)) is None

    def test_is_not_adopted_without_a_resolution(self):
        with pytest.raises(IntegrityError), transaction.atomic():
            builders.rate_card(model=builders.cost_model())

    def test_keeps_its_parts_as_they_were(self):
        builders.field()
        card = builders.rate_card()
        rate = HourlyRate.objects.filter(card=card).first()
        part = RatePart.objects.create(rate=rate, kind="pay", amount=rate.amount)
        part.amount = to_cents(Decimal(1))
        with pytest.raises(DatabaseError, match="Cannot update"):
            part.save()


class TestTheDemonstration:
    @pytest.mark.parametrize(
        ("name", "version"), [("Grille 2024-2025", 1), ("Grille 2025-2026", 1)]
    )
    def test_derives_the_published_card_from_its_budget(self, demo_year, name, version):
        card = RateCard.objects.get(name=name, version=version)
        lines = lines_of(card.model)
        ids = {code: pk for pk, code in lines.codes.items()}
        assert {
            (ids[pool.field], pool.level): one.amount
            for pool, one in derived_rates(lines).items()
        } == rates_of(card)

    def test_keeps_of_what_each_rate_is_made(self, demo_year):
        for rate in HourlyRate.objects.exclude(card__model=None).prefetch_related(
            "parts"
        ):
            assert sum(part.amount for part in rate.parts.all()) == rate.amount

    def test_has_a_version_that_waits_for_the_board(self, demo_year):
        waiting = RateCard.objects.get(status=RateCard.Status.PROPOSED)
        assert (waiting.version, waiting.resolution) == (2, None)

    def test_sold_in_truth_85_487_hours_at_a_cost_near_what_was_charged(
        self, demo_year
    ):
        year = year_cost(START, ACTUAL)
        assert sum(one.sold_minutes for one in year.costing.pools) == 85_487 * 60
        assert Decimal(8_700_000) < year.to_bear < Decimal(9_000_000)
