from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partage.rules.triage import (
    FIRST_LINE,
    SPECIALISED,
    TriageDecision,
    TriagePart,
    TriageProblem,
    check_triage,
    fold,
    suggest_fields,
)

PART = TriagePart(600, 900, 1500, date(2025, 4, 7), date(2025, 6, 27))
VOCABULARY = {
    "LEGAL": ["contrat", "bail commercial", "règlement intérieur", "avocate"],
    "RECRUITMENT": ["embauche", "recrutement", "contrat de travail", "hiring"],
    "ACCOUNTING": ["états financiers", "budget"],
}


class TestFold:
    @pytest.mark.parametrize(
        ("text", "folded"),
        [
            ("L’Œuvre d'été", "l oeuvre d ete"),
            ("Santé et sécurité\u00a0:  CNESST", "sante et securite : cnesst"),
            ("CÆSAR ﬁn", "caesar fin"),
            ("", ""),
        ],
    )
    def test_leaves_what_search_compares(self, text, folded):
        assert fold(text) == folded

    @given(st.text(max_size=30))
    def test_changes_nothing_the_second_time(self, text):
        assert fold(fold(text)) == fold(text)


class TestCheckTriage:
    def test_finds_nothing_to_say_of_a_whole_decision(self):
        whole = TriageDecision(SPECIALISED, parts=(PART, replace(PART, low=900)))
        assert check_triage(whole) == ()

    def test_asks_for_one_part_at_least(self):
        assert check_triage(TriageDecision(SPECIALISED)) == (TriageProblem("no_part"),)

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"low": 0}, "minutes_not_above_zero"),
            ({"low": 901}, "minutes_not_in_order"),
            ({"high": 899}, "minutes_not_in_order"),
            ({"window_end": date(2025, 4, 6)}, "window_not_in_order"),
        ],
    )
    def test_names_the_part_that_is_wrong(self, change, code):
        decision = TriageDecision(SPECIALISED, parts=(PART, replace(PART, **change)))
        assert check_triage(decision) == (TriageProblem(code, part=1),)

    @pytest.mark.parametrize("reason", ["", "ok", "... --- !!!", "première ligne"])
    def test_wants_a_reason_the_member_can_read(self, reason):
        decision = TriageDecision(FIRST_LINE, reason)
        assert check_triage(decision) == (TriageProblem("reason_too_short"),)

    def test_sends_back_to_the_first_line_with_a_reason(self):
        reason = "Votre fédération tient ce registre."
        assert check_triage(TriageDecision(FIRST_LINE, reason)) == ()

    def test_knows_no_third_outcome(self):
        problems = check_triage(TriageDecision("MAYBE", "on verra bien plus tard"))
        assert problems == (TriageProblem("unknown_outcome"),)


class TestSuggestFields:
    def test_hears_the_lease_of_the_grocery_of_natashquan(self):
        text = "Relire les baux commerciaux\u00a0: le BAIL  COMMERCIAL de l’épicerie."
        (first,) = suggest_fields(text, VOCABULARY)
        assert (first.field, first.score) == ("LEGAL", Decimal("2.00"))
        assert first.terms == ("bail commercial",)

    def test_ranks_the_longer_term_above_the_shorter(self):
        found = suggest_fields("Un contrat de travail pour une embauche", VOCABULARY)
        assert [(each.field, str(each.score)) for each in found] == [
            ("RECRUITMENT", "4.00"),
            ("LEGAL", "1.00"),
        ]

    def test_reads_without_accents_and_in_the_plural(self):
        (found,) = suggest_fields("REGLEMENTS INTERIEURS a revoir", VOCABULARY)
        assert found.field == "LEGAL"

    def test_shares_a_term_that_two_fields_have(self):
        both = {"IT": ["site web"], "WEB": ["site web", "site"]}
        found = suggest_fields("Refaire notre site web", both)
        assert [(each.field, str(each.score)) for each in found] == [
            ("WEB", "2.00"),
            ("IT", "1.00"),
        ]

    def test_says_nothing_when_no_word_is_known(self):
        assert suggest_fields("", VOCABULARY) == ()
        assert suggest_fields("Bonjour, pouvez-vous nous aider ?", VOCABULARY) == ()

    @given(st.text(max_size=60))
    def test_gives_scores_above_zero_in_order(self, text):
        scores = [each.score for each in suggest_fields(text, VOCABULARY)]
        assert scores == sorted(scores, reverse=True)
        assert all(score > 0 for score in scores)
