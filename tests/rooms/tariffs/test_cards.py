"""A card of rates: proposed from a budget, adopted by the board, never rewritten."""

from datetime import date
from decimal import Decimal

import pytest

from partage.governance.models import Meeting, Resolution
from partage.tariffs.actions import (
    AlreadyProposed,
    DateTaken,
    NoRate,
    NotABudget,
    NotWaiting,
    RateOfZero,
    ResolutionNotAdopted,
    ResolutionTooOld,
    StartsOutsideTheYear,
    adopt_card,
    propose_card,
    withdraw_card,
)
from partage.tariffs.models import CostItem, CostModel, RateCard
from partage.tariffs.queries import card_in_force, rates_of
from tests import builders

pytestmark = pytest.mark.django_db
START = date(2025, 4, 1)
YEAR = {"starts_on": START, "ends_on": date(2026, 3, 31)}


@pytest.fixture
def model():
    return builders.cost_model(**YEAR)


def propose(model, *, starts_on=START, name: str = "Grille 2025-2026") -> RateCard:
    return propose_card(
        model_id=model.pk, name=name, starts_on=starts_on, by=builders.actor()
    )


def decided(
    on: date = date(2025, 4, 9), *, adopted: bool = True, body: str = "BOARD"
) -> int:
    meeting, _made = Meeting.objects.get_or_create(body=body, held_on=on)
    return Resolution.objects.create(
        meeting=meeting, number=f"{body[:2]}-{on}-{adopted:d}", adopted=adopted,
        text="Il est résolu d’adopter la grille 2025-2026.",
    ).pk  # fmt: skip


def adopt(card, resolution_id) -> RateCard:
    return adopt_card(card_id=card.pk, resolution_id=resolution_id, by=builders.actor())


class TestAProposal:
    def test_draws_each_rate_with_what_it_is_made_of(self, model):
        card = propose(model)
        assert (card.status, card.version, card.proposed_on) == (
            "PROPOSED", 1, builders.TODAY,
        )  # fmt: skip
        law = builders.field()
        assert rates_of(card) == {
            (law.pk, 1): Decimal("98.50"),
            (law.pk, 2): Decimal("117.00"),
            (law.pk, 3): Decimal("140.50"),
        }
        for rate in card.rates.all():
            assert sum(part.amount for part in rate.parts.all()) == rate.amount
        middle = card.rates.get(level=2)
        # The one person of the field is told by no name.
        assert [(part.kind, part.name) for part in middle.parts.all()] == [
            ("pay", ""), ("charges", ""), ("direct", "Bases de données"),
            ("shared", "Loyer"),
        ]  # fmt: skip

    def test_freezes_its_model_and_has_no_force(self, model):
        propose(model)
        model.refresh_from_db()
        assert model.frozen_at == builders.NOW
        assert card_in_force(date(2025, 6, 1)) is None

    def test_comes_from_a_budget(self):
        with pytest.raises(NotABudget):
            propose(builders.cost_model(state=CostModel.State.ACTUAL, **YEAR))

    def test_waits_alone_for_its_year(self, model):
        propose(model)
        with pytest.raises(AlreadyProposed):
            propose(builders.cost_model(version=2, **YEAR))
        # Another year's does not wait for this one.
        other = {"starts_on": date(2026, 4, 1), "ends_on": date(2027, 3, 31)}
        propose(builders.cost_model(**other), starts_on=date(2026, 4, 1), name="G")

    def test_begins_in_its_year_on_a_date_that_is_free(self, model):
        with pytest.raises(StartsOutsideTheYear):
            propose(model, starts_on=date(2026, 4, 1))
        adopt(propose(model), decided())
        with pytest.raises(DateTaken):
            propose(builders.cost_model(version=2, **YEAR))

    def test_needs_an_hour_to_price(self):
        empty = CostModel.objects.create(state="BUDGET", **YEAR)
        with pytest.raises(NoRate):
            propose(empty)

    def test_of_an_hour_for_nothing_is_refused(self, model):
        CostItem.objects.all().delete()
        model.pays.update(yearly_pay=0)
        with pytest.raises(RateOfZero, match="Affaires juridiques"):
            propose(model)
        model.refresh_from_db()
        assert model.frozen_at is None

    def test_taken_back_opens_its_model_again(self, model):
        card = propose(model)
        withdraw_card(card_id=card.pk, by=builders.actor())
        model.refresh_from_db()
        assert model.frozen_at is None
        assert propose(model).version == 2
        with pytest.raises(NotWaiting):
            withdraw_card(card_id=card.pk, by=builders.actor())


class TestAdoption:
    def test_gives_it_force_from_its_date(self, model):
        card = adopt(propose(model, starts_on=date(2025, 7, 1)), decided())
        assert card_in_force(date(2025, 6, 30)) is None
        assert card_in_force(date(2025, 7, 1)) == card
        assert card.resolution.meeting.held_on == date(2025, 4, 9)

    def test_is_by_a_resolution_that_the_board_adopted_since(self, model):
        card = propose(model)
        for resolution in (None, decided(adopted=False), decided(body="GENERAL")):
            with pytest.raises(ResolutionNotAdopted):
                adopt(card, resolution)
        with pytest.raises(ResolutionTooOld, match=r"le 7.avril.2025"):
            adopt(card, decided(date(2025, 4, 2)))
        card.refresh_from_db()
        assert card.status == RateCard.Status.PROPOSED

    def test_happens_once(self, model):
        card = propose(model)
        adopt(card, decided())
        with pytest.raises(NotWaiting):
            adopt(card, decided(date(2025, 4, 16)))
        with pytest.raises(NotWaiting):
            withdraw_card(card_id=card.pk, by=builders.actor())
