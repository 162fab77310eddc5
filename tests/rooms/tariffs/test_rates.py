from datetime import date
from decimal import Decimal

import pytest

from partage.rules.tax import NoTaxRate
from partage.tariffs.models import HourlyRate, RateCard, TaxRate
from partage.tariffs.queries import card_in_force, next_card, price_list, taxes_on
from tests import builders

pytestmark = pytest.mark.django_db
APRIL = date(2025, 4, 7)


class TestTheRateOfAnHour:
    def rate(self, org, *, on=APRIL, level=2):
        return price_list(org, on=on).get(builders.field().pk, level)

    def test_is_the_card_s_without_any_agreement(self):
        org = builders.organisation("Coop de solidarité de Percé")
        builders.field()
        builders.rate_card()
        assert self.rate(org).amount == Decimal("110.00")
        assert self.rate(org).agreement is None

    def test_is_lowered_by_the_agreement_of_its_network_to_the_cent(self):
        network = builders.organisation("Fédération de l’Est")
        org = builders.organisation("Coop de Matane", network=network, member=False)
        deal = builders.agreement(network, factor="0.9333")
        builders.rate_card()
        assert self.rate(org).amount == Decimal("102.66")  # 102.663
        assert self.rate(org, level=3).amount == Decimal("116.66")  # 116.6625
        assert self.rate(org).agreement == deal

    def test_follows_its_own_agreement_before_its_network_s(self):
        network = builders.organisation("Fédération de l’Est")
        org = builders.organisation("Coop de Matane", network=network)
        builders.agreement(network, factor="0.80")
        builders.agreement(org, factor="0.90")
        builders.rate_card()
        assert self.rate(org).amount == Decimal("99.00")

    @pytest.mark.parametrize(
        "more",
        [
            {"starts_on": date(2025, 4, 8)},
            {"ends_on": date(2025, 4, 6)},
        ],
    )
    def test_forgets_an_agreement_that_is_not_in_force(self, more):
        org = builders.organisation()
        builders.agreement(org, **more)
        builders.rate_card()
        assert self.rate(org).amount == Decimal("110.00")

    def test_forgets_an_agreement_on_its_other_fields(self):
        org = builders.organisation()
        builders.field()
        builders.agreement(org, "recrutement")
        builders.rate_card()
        assert self.rate(org).amount == Decimal("110.00")

    def test_changes_on_the_day_of_the_next_card(self):
        field = builders.field()
        builders.rate_card()
        new = RateCard.objects.create(
            name="Grille 2025-2026", starts_on=date(2025, 4, 1)
        )
        HourlyRate.objects.create(
            card=new, field=field, level=2, amount=Decimal("114.50")
        )
        org = builders.organisation()
        assert self.rate(org, on=date(2025, 3, 31)).amount == Decimal("110.00")
        assert self.rate(org, on=date(2025, 4, 1)).amount == Decimal("114.50")
        assert card_in_force(date(2023, 1, 1)) is None
        assert next_card(date(2025, 3, 31)) == new
        assert price_list(org, on=date(2023, 1, 1)) is None

    def test_is_asked_in_as_many_questions_for_one_field_as_for_twenty(
        self, django_assert_num_queries
    ):
        org = builders.organisation()
        for n in range(20):
            builders.field(f"domaine-{n}")
        builders.agreement(org, *[f"domaine-{n}" for n in range(20)])
        builders.rate_card()
        with django_assert_num_queries(4):
            assert len(price_list(org, on=APRIL).rates) == 60


class TestTheTaxesOfAProvince:
    def test_in_quebec_are_two_and_in_ontario_one(self):
        builders.taxes()
        assert [(t.code, t.rate) for t in taxes_on("QC", on=APRIL)] == [
            ("GST", Decimal("0.05")),
            ("QST", Decimal("0.09975")),
        ]
        assert [t.code for t in taxes_on("ON", on=APRIL)] == ["HST"]

    def test_of_nova_scotia_went_down_on_the_first_of_april_2025(self):
        for rate, start, end in (
            ("0.15", date(2010, 7, 1), date(2025, 3, 31)),
            ("0.14", date(2025, 4, 1), None),
        ):
            TaxRate.objects.create(
                province="NS",
                code="HST",
                rate=Decimal(rate),
                starts_on=start,
                ends_on=end,
                source="ARC",
            )
        assert taxes_on("NS", on=date(2025, 3, 31))[0].rate == Decimal("0.15")
        assert taxes_on("NS", on=date(2025, 4, 1))[0].rate == Decimal("0.14")

    def test_of_a_province_without_any_are_refused(self):
        with pytest.raises(NoTaxRate):
            taxes_on("YT", on=APRIL)
