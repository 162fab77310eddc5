"""The journal in words, as those who work here and as members may read it."""

import pytest
from django.utils import translation

from partage.journal.actions import record
from partage.journal.queries import story_of
from partage.portal.story import name_of_act, story, story_for_member
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def need():
    need = builders.need()
    by = builders.actor()
    record(what="needs.need.filed", subject=need, by=by, channel="PORTAL")
    record(
        what="needs.need.triaged",
        subject=need,
        by=by,
        reason="Client difficile.",
        minutes=600,
        after=[{}],
    )
    record(what="planning.ranking.made", subject=need, by=by, names=["Karim Benali"])
    return need


class TestStory:
    def test_those_who_work_here_read_everything_in_words(self, need):
        told = story(story_of(need))

        assert [line.words for line in told] == [
            "planning · ranking · made",
            "Triée : spécialisée, 10 h probables. Client difficile.",
            "Demande déposée sur le portail.",
        ]
        assert {line.who for line in told} == {"Léa Tremblay"}

    def test_a_member_reads_neither_the_reason_nor_what_is_not_told(self, need):
        told = story_for_member(story_of(need), own_ids=[], cooperative="Coop Partage")

        assert [line.words for line in told] == [
            "Triée : nos spécialistes s’en occupent.",
            "Demande déposée sur le portail.",
        ]
        assert {line.who for line in told} == {"Coop Partage"}

    def test_an_entry_without_its_details_still_tells(self, need):
        record(what="needs.attachment.added", subject=need, by=builders.actor())

        assert story(story_of(need))[0].words == "«  » joint à la demande."


@pytest.mark.parametrize(
    ("what", "name"),
    [
        ("billing.invoice.issued", "Facture … émise"),
        ("mandates.mandate.paused", "Mandat mis en pause"),
        ("billing.payment.recorded", "Paiement de … inscrit"),
        ("planning.ranking.made", "planning · ranking · made"),
    ],
)
def test_an_act_is_named_in_words_for_a_list_to_choose_from(what, name):
    with translation.override("fr-ca"):
        assert name_of_act(what) == name
