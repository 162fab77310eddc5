import hashlib
import threading
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import close_old_connections, connection, transaction
from django.db.utils import ProgrammingError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partage.archive.models import File
from partage.journal.actions import ActionRefused
from partage.journal.models import Entry
from partage.mandates import actions
from partage.mandates.actions import LineDraft, PhaseDraft
from partage.mandates.models import (
    Answer,
    Mandate,
    Offer,
    OfferLine,
    OfferPhase,
    OfferTax,
)
from partage.rules.money import amount_for
from partage.tariffs.models import HourlyRate, RateCard
from tests import builders
from tests.rules.documents_samples import text_of

pytestmark = pytest.mark.django_db
LATER = datetime(2025, 5, 8, 14, 0, tzinfo=UTC)


def change(offer, **more):
    return actions.change_offer(
        **{
            "offer_id": offer.pk,
            "title": offer.title,
            "introduction": offer.introduction,
            "scope": "",
            "language": offer.language,
            "province": offer.province,
            "starts_on": None,
            "ends_on": None,
            "valid_until": offer.valid_until,
            "phases": [PhaseDraft(title="Analyse", lines=[line()])],
            "by": builders.actor(),
            **more,
        }
    )


def line(minutes=600, **more):
    return LineDraft(
        **{
            "description": "Lire le bail",
            "field_id": builders.field().pk,
            "level": 2,
            "minutes": minutes,
            **more,
        }
    )


def answer(offer, *, accepted=True, **more):
    return actions.answer_offer(
        **{
            "offer_id": offer.pk,
            "organisation_ids": [offer.organisation_id],
            "accepted": accepted,
            "sha256": offer.pdf.sha256,
            "read": True,
            "by": builders.actor(),
            **more,
        }
    )


class TestADraft:
    def test_holds_the_hours_the_expert_and_the_rate_of_the_day(self):
        who = builders.expert("Karim Benali")
        need = builders.ready_need(who=who, minutes=1200)
        offer = actions.draft_offer(need_id=need.pk, by=builders.actor())
        (row,) = OfferLine.objects.filter(phase__offer=offer)
        assert (row.minutes, row.rate, row.amount) == (1200, 110, Decimal("2200.00"))
        assert row.expert == who
        assert offer.net == Decimal("2200.00")
        assert offer.valid_until == date(2025, 5, 7)  # thirty days
        assert offer.ends_on == date(2025, 6, 13)
        assert offer.reference == "O-2025-0001"

    def test_is_refused_while_another_one_lives(self):
        need = builders.ready_need()
        first = actions.draft_offer(need_id=need.pk, by=builders.actor())
        with pytest.raises(actions.NeedHasAnOffer) as refusal:
            actions.draft_offer(need_id=need.pk, by=builders.actor())
        assert str(first) in str(refusal.value)

    def test_is_refused_for_a_need_that_nobody_triaged(self):
        builders.cooperative()
        with pytest.raises(actions.NeedIsNotReady):
            actions.draft_offer(need_id=builders.need().pk, by=builders.actor())

    def test_is_refused_before_the_first_card(self):
        need = builders.ready_need()
        long_ago = builders.actor(at=datetime(2020, 1, 6, 15, tzinfo=UTC))
        with pytest.raises(actions.NoCardInForce):
            actions.draft_offer(need_id=need.pk, by=long_ago)

    def test_changes_as_it_is_typed_and_is_priced_by_the_agreement(self):
        org = builders.organisation("Coop de Matane")
        offer = actions.draft_offer(
            need_id=builders.ready_need(org).pk, by=builders.actor()
        )
        builders.agreement(org, factor="0.95")
        change(
            offer,
            phases=[
                PhaseDraft(title="Analyse", lines=[line(450), line(7)]),
                PhaseDraft(title="Vide", lines=[]),
                PhaseDraft(title="Avis", lines=[line(600, level=3)]),
            ],
        )
        offer.refresh_from_db()
        phases = [phase.title for phase in offer.phases.all()]
        rows = OfferLine.objects.filter(phase__offer=offer).order_by("pk")
        assert phases == ["Analyse", "Avis"]
        assert [row.rate for row in rows] == [
            Decimal("104.50"),
            Decimal("104.50"),
            Decimal("118.75"),
        ]
        assert offer.net == Decimal("783.75") + Decimal("12.19") + Decimal("1187.50")

    @pytest.mark.parametrize(
        ("more", "refusal"),
        [
            ({"phases": []}, actions.OfferHasNoLine),
            ({"valid_until": date(2025, 4, 6)}, actions.OfferIsPast),
        ],
    )
    def test_refuses_what_cannot_be_offered(self, more, refusal):
        need = builders.ready_need()
        offer = actions.draft_offer(need_id=need.pk, by=builders.actor())
        with pytest.raises(refusal):
            change(offer, **more)

    def test_refuses_one_person_at_two_rates(self):
        who = builders.expert("Joanie Côté")
        need = builders.ready_need(who=who)
        offer = actions.draft_offer(need_id=need.pk, by=builders.actor())
        two = [line(expert_id=who.pk), line(expert_id=who.pk, level=3)]
        with pytest.raises(actions.ExpertHasTwoRates, match="Joanie Côté"):
            change(offer, phases=[PhaseDraft(title="", lines=two)])

    def test_refuses_a_level_that_the_card_does_not_price(self):
        need = builders.ready_need()
        offer = actions.draft_offer(need_id=need.pk, by=builders.actor())
        HourlyRate.objects.filter(level=1).delete()
        with pytest.raises(actions.NoRateFor, match="débutant"):
            change(offer, phases=[PhaseDraft(title="", lines=[line(level=1)])])

    @settings(
        max_examples=15,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        minutes=st.lists(st.integers(1, 60_000), min_size=1, max_size=8),
        cents=st.integers(2000, 40_000),
        factor=st.decimals("0.5", "1.2", places=4),
        province=st.sampled_from(["QC", "ON", "NB", "AB"]),
    )
    def test_adds_up_to_the_cent_whatever_its_lines(
        self, minutes, cents, factor, province
    ):
        with transaction.atomic():
            org = builders.organisation(province=province)
            need = builders.ready_need(org)
            builders.agreement(org, factor=str(factor))
            HourlyRate.objects.update(amount=Decimal(cents) / 100)
            offer = actions.draft_offer(need_id=need.pk, by=builders.actor())
            change(
                offer,
                phases=[PhaseDraft(title="", lines=[line(each) for each in minutes])],
            )
            sent = actions.send_offer(offer_id=offer.pk, by=builders.actor())
            rows = list(OfferLine.objects.filter(phase__offer=sent))
            taxes = list(OfferTax.objects.filter(offer=sent))
            assert all(r.amount == amount_for(r.minutes, r.rate) for r in rows)
            assert sent.net == sum(r.amount for r in rows)
            assert abs(rows[0].rate - Decimal(cents) / 100 * factor) <= Decimal("0.005")
            for tax in taxes:
                assert abs(tax.amount - sent.net * tax.rate) <= Decimal("0.005")
            transaction.set_rollback(True)


class TestASentOffer:
    def test_keeps_its_document_its_taxes_and_its_price(self):
        offer = builders.sent_offer()
        assert offer.status == Offer.Status.SENT
        assert [(t.code, t.amount) for t in offer.taxes.all()] == [
            ("GST", Decimal("110.00")),
            ("QST", Decimal("219.45")),
        ]
        content = bytes(offer.pdf.content)
        assert offer.pdf.sha256 == hashlib.sha256(content).hexdigest()
        words = text_of(content)
        assert offer.reference in words
        assert "2 529,45" in words.replace("\u00a0", " ").replace("\u202f", " ")

    def test_carries_the_taxes_of_the_need_s_province(self):
        offer = builders.sent_offer(builders.organisation(province="ON"))
        (tax,) = offer.taxes.all()
        assert (tax.code, tax.amount) == ("HST", Decimal("286.00"))

    def test_in_english_to_quebec_goes_with_its_french_document(self):
        org = builders.organisation("Gaspé Co-op", language="en")
        offer = builders.sent_offer(org)
        assert "Service offer" in text_of(bytes(offer.pdf.content))
        assert "Offre de service" in text_of(bytes(offer.french_pdf.content))

    def test_in_english_to_alberta_needs_no_french(self):
        org = builders.organisation("Peace River Co-op", language="en", province="AB")
        assert builders.sent_offer(org).french_pdf is None

    def test_is_not_sent_at_rates_that_have_changed(self):
        need = builders.ready_need()
        offer = actions.draft_offer(need_id=need.pk, by=builders.actor())
        card = RateCard.objects.create(
            name="Grille 2025-2026", starts_on=date(2025, 4, 2)
        )
        HourlyRate.objects.create(
            card=card, field=builders.field(), level=2, amount=Decimal("112")
        )
        with pytest.raises(actions.RatesHaveMoved):
            actions.send_offer(offer_id=offer.pk, by=builders.actor())

    def test_is_not_sent_where_no_tax_is_known(self):
        need = builders.ready_need(builders.organisation(province="YT"))
        offer = actions.draft_offer(need_id=need.pk, by=builders.actor())
        with pytest.raises(actions.NoTaxFor, match="Yukon"):
            actions.send_offer(offer_id=offer.pk, by=builders.actor())
        assert not File.objects.exists()

    def test_does_not_change_any_more(self):
        offer = builders.sent_offer()
        with pytest.raises(actions.OfferIsNotADraft):
            change(offer)
        with pytest.raises(actions.OfferIsNotADraft):
            actions.send_offer(offer_id=offer.pk, by=builders.actor())

    def test_is_renewed_only_once_it_is_over(self):
        offer = builders.sent_offer()
        with pytest.raises(actions.OfferIsLive):
            actions.renew_offer(offer_id=offer.pk, by=builders.actor())
        copy = actions.renew_offer(offer_id=offer.pk, by=builders.actor(at=LATER))
        offer.refresh_from_db()
        assert offer.status == Offer.Status.WITHDRAWN
        assert (copy.reference, copy.version) == (offer.reference, 2)
        assert copy.status == Offer.Status.DRAFT
        assert copy.net == offer.net
        assert copy.valid_until == date(2025, 6, 7)


class TestAnAnswer:
    def test_keeps_who_when_from_where_and_which_document(self):
        offer = builders.sent_offer()
        account = builders.representative(offer.organisation, name="Maude Arsenault")
        answer(offer, by=builders.actor(account))
        kept = Answer.objects.get(offer=offer)
        assert kept.accepted
        assert kept.name == "Maude Arsenault"
        assert (kept.at, kept.address) == (builders.NOW, "127.0.0.1")
        assert kept.sha256 == hashlib.sha256(bytes(offer.pdf.content)).hexdigest()

    def test_opens_the_mandate_as_it_was_agreed(self):
        who = builders.expert("Karim Benali")
        offer = builders.sent_offer(who=who)
        mandate = answer(offer)
        (member,) = mandate.team.all()
        (milestone,) = mandate.milestones.all()
        assert mandate.reference == "M-2025-0001"
        assert (mandate.budget_minutes, mandate.budget_amount) == (1200, offer.net)
        assert (mandate.province, mandate.due_on) == ("QC", date(2025, 6, 13))
        assert (member.expert, member.rate, member.lead) == (who, 110, True)
        assert (milestone.title, milestone.due_on) == ("Réalisation", mandate.due_on)

    def test_that_refuses_says_why_and_opens_nothing(self):
        offer = builders.sent_offer()
        assert answer(offer, accepted=False, reason="Trop tard pour nous.") is None
        offer.refresh_from_db()
        assert offer.status == Offer.Status.REFUSED
        assert offer.answer.reason == "Trop tard pour nous."
        assert not Mandate.objects.exists()
        copy = actions.renew_offer(offer_id=offer.pk, by=builders.actor())
        assert copy.version == 2

    def test_of_another_organisation_finds_no_offer(self):
        offer = builders.sent_offer()
        with pytest.raises(Offer.DoesNotExist):
            answer(offer, organisation_ids=[builders.organisation().pk])

    @pytest.mark.parametrize(
        ("more", "refusal"),
        [
            ({"read": False}, actions.DocumentNotRead),
            ({"sha256": "0" * 64}, actions.DocumentDiffers),
        ],
    )
    def test_is_refused_when_something_is_missing(self, more, refusal):
        offer = builders.sent_offer()
        with pytest.raises(refusal):
            answer(offer, **more)
        assert not Answer.objects.exists()

    def test_is_refused_when_the_bytes_kept_are_no_longer_those_shown(self):
        offer = builders.sent_offer()
        File.objects.filter(pk=offer.pdf_id).update(content=b"%PDF-1.7 autre chose")
        with pytest.raises(actions.DocumentDiffers):
            answer(offer)

    def test_past_its_day_is_refused_and_says_what_to_do(self):
        offer = builders.sent_offer()
        with pytest.raises(actions.OfferIsOver, match="nouvelle version"):
            answer(offer, by=builders.actor(at=LATER))

    def test_in_english_in_quebec_says_that_the_french_was_received(self):
        offer = builders.sent_offer(builders.organisation(language="en"))
        with pytest.raises(actions.AnswerNeedsItsFrench):
            answer(offer)
        assert answer(offer, french=True).language == "en"

    def test_comes_once(self):
        offer = builders.sent_offer()
        answer(offer, by=builders.actor(builders.user(name="Maude Arsenault")))
        with pytest.raises(actions.OfferAlreadyAnswered, match="Maude Arsenault"):
            answer(offer, accepted=False)
        assert Mandate.objects.count() == 1

    def test_does_not_come_after_the_offer_is_withdrawn(self):
        offer = builders.sent_offer()
        actions.withdraw_offer(offer_id=offer.pk, reason="", by=builders.actor())
        with pytest.raises(actions.OfferNotOnTheTable):
            answer(offer)


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_answer_at_once_one_wins_and_the_other_is_told():
    offer = builders.sent_offer()
    people = [builders.actor(builders.user(name=name)) for name in ("Ève", "Luc")]
    start = threading.Barrier(2)
    told = []

    def go(by, accepted):
        try:
            start.wait()
            answer(offer, by=by, accepted=accepted)
            told.append("fait")
        except ActionRefused as refusal:
            told.append(str(refusal))
        finally:
            close_old_connections()
            connection.close()

    threads = [
        threading.Thread(target=go, args=(people[0], True)),
        threading.Thread(target=go, args=(people[1], False)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(words == "fait" for words in told) == [False, True]
    (refusal,) = [words for words in told if words != "fait"]
    assert "a déjà répondu" in refusal
    assert Answer.objects.count() == 1
    offer.refresh_from_db()
    assert Mandate.objects.count() == (offer.status == Offer.Status.ACCEPTED)


class TestNothingAltersAnAcceptedOffer:
    """Not even by hand, in the database."""

    DELETED = "DELETE FROM mandates_offer"
    STATEMENTS = (
        "UPDATE mandates_offer SET net = net - 1",
        "UPDATE mandates_offer SET status = 'DRAFT'",
        DELETED,
        "UPDATE mandates_offerphase SET title = 'Autre'",
        "DELETE FROM mandates_offerphase",
        "INSERT INTO mandates_offerphase (offer_id, position, title)"
        " SELECT id, 9, 'De plus' FROM mandates_offer",
        "UPDATE mandates_offerline SET minutes = minutes + 60",
        "DELETE FROM mandates_offerline",
        "INSERT INTO mandates_offerline (phase_id, position, description, field_id,"
        " level, minutes, rate, amount) SELECT phase_id, 9, description, field_id,"
        " level, minutes, rate, amount FROM mandates_offerline",
        "UPDATE mandates_offertax SET amount = 0",
        "DELETE FROM mandates_offertax",
        "UPDATE mandates_answer SET name = 'Quelqu’un d’autre'",
        "DELETE FROM mandates_answer",
    )

    def done_by(self, statements):
        """Return the statements that the database let through."""
        done = []
        for sql in statements:
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(sql)
                done.append(sql)
            except ProgrammingError:  # raised by a trigger, and by nothing else
                continue
        return done

    def test_in_sql(self):
        answer(builders.sent_offer())
        assert self.done_by(self.STATEMENTS) == []

    def test_nor_one_that_is_only_sent(self):
        builders.sent_offer()
        # It may still be deleted whole, were it not for what points at it.
        statements = [sql for sql in self.STATEMENTS[:11] if sql != self.DELETED]
        assert self.done_by(statements) == []

    def test_while_a_draft_can_still_change(self):
        actions.draft_offer(need_id=builders.ready_need().pk, by=builders.actor())
        free = [sql for sql in self.STATEMENTS[:9] if not sql.startswith("DELETE")]
        assert self.done_by(free) == free

    def test_by_moving_a_line_of_a_draft_into_it(self):
        sent = builders.sent_offer()
        draft = actions.draft_offer(
            need_id=builders.ready_need().pk, by=builders.actor()
        )
        target = OfferPhase.objects.get(offer=sent)
        with pytest.raises(ProgrammingError), transaction.atomic():
            OfferLine.objects.filter(phase__offer=draft).update(phase=target)


def test_every_act_on_an_offer_is_in_the_journal():
    offer = builders.sent_offer()
    answer(offer)
    assert list(Entry.objects.order_by("pk").values_list("what", flat=True)) == [
        "mandates.offer.drafted",
        "mandates.offer.sent",
        "mandates.offer.accepted",
        "mandates.mandate.opened",
    ]
