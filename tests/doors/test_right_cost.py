"""What a price pays for, and what warns above a moderate cost."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pypdfium2
import pytest
from django.urls import reverse

from partage.billing.models import InvoiceLine
from partage.billing.queries import saved_minutes
from partage.knowledge.models import Reuse
from partage.mandates.actions import draft_offer, send_offer
from partage.mandates.models import Offer
from partage.people.models import Role
from partage.tariffs.actions import adopt_card, propose_card
from partage.tariffs.models import HourlyRate, ModerateCost, RateCard
from tests import builders
from tests.doors.test_costs import words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def limit():
    """105 $ an hour of legal affairs, where the middle level costs 110 $."""
    return ModerateCost.objects.create(
        field=builders.field(), starts_on=date(2025, 1, 1), amount=Decimal("105.00"),
        source="Conseil du 14 décembre 2024, Loi sur le Barreau, art. 131.1",
    )  # fmt: skip


def as_one_of(client, *roles: Role):
    client.force_login(builders.user(*roles))
    return client


def drafted(mandate=None):
    """A draft of 10 hours at 110 $."""
    row = builders.draft("1100.00", on=mandate)
    InvoiceLine.objects.filter(invoice=row).update(
        kind="TIME", field=builders.field(), level=2, minutes=600,
        rate=Decimal("110.00"),
    )  # fmt: skip
    return row


class TestAModerateCost:
    SAID = "Affaires juridiques, intermédiaire : 110,00 $/h, au-dessus de 105,00 $/h"

    def offer(self):
        return draft_offer(need_id=builders.ready_need().pk, by=builders.actor())

    def test_warns_in_the_offer_that_is_written_and_blocks_nothing(self, client, limit):
        offer = self.offer()
        url = reverse("coordination:offer", args=[offer.pk])
        shown = words_of(as_one_of(client, Role.COORDINATION).get(url))
        assert self.SAID in shown
        assert "Conseil du 14 décembre 2024" in shown
        assert send_offer(offer_id=offer.pk, by=builders.actor()).status == "SENT"

    def test_follows_what_is_typed(self, client, limit):
        offer = self.offer()
        url = reverse("coordination:offer", args=[offer.pk])
        typed = {
            "faire": "calculer", "phases": "1", "p0-lines": "1", "p0-title": "",
            "l0-0-field": str(limit.field_id), "l0-0-hours": "20", "province": "QC",
        }  # fmt: skip
        client = as_one_of(client, Role.COORDINATION)
        assert self.SAID in words_of(client.post(url, typed | {"l0-0-level": "2"}))
        junior = words_of(client.post(url, typed | {"l0-0-level": "1"}))
        assert "Au-dessus du coût modéré" not in junior

    def test_of_another_day_or_reached_and_not_passed_says_nothing(self, client, limit):
        limit.amount = Decimal("110.00")
        limit.save()
        url = reverse("coordination:offer", args=[self.offer().pk])
        client = as_one_of(client, Role.COORDINATION)
        assert "coût modéré" not in words_of(client.get(url))
        limit.amount, limit.ends_on = Decimal("50.00"), date(2025, 4, 6)
        limit.save()
        assert "coût modéré" not in words_of(client.get(url))

    def test_warns_on_the_legal_lines_of_a_draft_invoice(self, client, limit):
        builders.cooperative()
        builders.taxes()
        url = reverse("finance:invoice", args=[drafted().pk])
        assert self.SAID in words_of(as_one_of(client, Role.FINANCE).get(url))

    def test_is_set_by_an_administrator_from_a_date_with_its_source(
        self, client, limit
    ):
        builders.cooperative()
        client = as_one_of(client, Role.ADMINISTRATION)
        url = reverse("administration:parameter_table", args=["cout-modere"])
        assert "105,00 $/h" in words_of(client.get(url))
        typed = {
            "field": limit.field_id, "amount": "118,50", "starts_on": "2025-05-01",
            "source": "Conseil du 24 avril 2025",
        }  # fmt: skip
        assert "118,50 $/h" in words_of(client.post(url, typed, follow=True))
        limit.refresh_from_db()
        assert limit.ends_on == date(2025, 4, 30)
        again = client.post(url, typed)
        assert again.status_code == 409
        assert "Un taux commence déjà le 1er mai 2025" in words_of(again)


@pytest.fixture
def invoice():
    """A draft whose mandate was priced by a card that came from a model."""
    builders.cooperative()
    builders.taxes()
    card = propose_card(
        model_id=builders.cost_model().pk, name="Grille 2024-2025",
        starts_on=date(2024, 4, 1), by=builders.actor(),
    )  # fmt: skip
    resolution = builders.resolution().pk
    card.proposed_on = None
    card.save()
    adopt_card(card_id=card.pk, resolution_id=resolution, by=builders.actor())
    row = drafted()
    Reuse.objects.create(
        piece=builders.piece(), served=row.mandate.reference, minutes_saved=90,
        organisation=row.organisation, on=date(2025, 2, 3),
    )  # fmt: skip
    return row


class TestTheCompositionOfAnInvoice:
    def test_is_on_its_page_for_finance_as_for_the_member(self, client, invoice):
        url = reverse("finance:invoice", args=[invoice.pk])
        shown = words_of(as_one_of(client, Role.FINANCE).get(url))
        assert "Ce que paie ce prix" in shown
        assert "1 100,00 $ avant taxes, selon la composition adoptée" in shown
        assert "Le réservoir de savoirs a épargné 1,5 h" in shown

    def test_is_printed_with_what_the_reservoir_saved(self, client, invoice):
        assert saved_minutes(invoice) == 90
        url = reverse("finance:invoice_pdf", args=[invoice.pk])
        answer = as_one_of(client, Role.FINANCE).get(url)
        content = answer.content if not answer.streaming else b"".join(answer)
        text = " ".join(
            page.get_textpage().get_text_range().replace("\xa0", " ")
            for page in pypdfium2.PdfDocument(BytesIO(content))
        )
        assert "a épargné" in " ".join(text.split())


class TestARateWithNoAdoptedVersion:
    def test_is_said_with_what_to_do_and_no_offer_is_written(self, client):
        need = builders.ready_need()
        RateCard.objects.update(status="PROPOSED", resolution=None)
        answer = as_one_of(client, Role.COORDINATION).post(
            reverse("coordination:new_offer", args=[need.pk])
        )
        assert answer.status_code == 409
        said = words_of(answer)
        assert "Aucune grille tarifaire n’est en vigueur le 7 avril 2025" in said
        assert "Faites adopter une grille" in said
        assert not Offer.objects.exists()

    def test_of_one_level_says_to_choose_another_or_have_it_adopted(self, client):
        need = builders.ready_need()
        HourlyRate.objects.filter(level=2).delete()
        answer = as_one_of(client, Role.COORDINATION).post(
            reverse("coordination:new_offer", args=[need.pk])
        )
        assert answer.status_code == 409
        assert "n’a pas de taux pour « Affaires juridiques »" in words_of(answer)
        assert not Offer.objects.exists()
