"""A fiscal year, by the month of the by-laws."""

from datetime import date
from decimal import Decimal

import pytest

from partage.closing.actions import set_closing_rule
from partage.closing.actions.deciding import AnotherRuleFollows, NotAFraction
from partage.closing.queries import fiscal_year, rules_on, year_totals
from tests import builders
from tests.rooms.closing.conftest import END, START


class TestFiscalYear:
    @pytest.mark.parametrize(
        ("on", "first_month", "year"),
        [
            (date(2025, 3, 31), 4, (date(2024, 4, 1), date(2025, 3, 31))),
            (date(2025, 4, 1), 4, (date(2025, 4, 1), date(2026, 3, 31))),
            (date(2024, 2, 29), 1, (date(2024, 1, 1), date(2024, 12, 31))),
            (date(2024, 12, 5), 3, (date(2024, 3, 1), date(2025, 2, 28))),
        ],
    )
    def test_it_starts_on_the_month_of_the_by_laws(self, on, first_month, year):
        assert fiscal_year(on, first_month=first_month) == year


class TestYearTotals:
    def test_speak_of_the_same_work(self, people):
        totals = year_totals(START, END)
        assert (totals.minutes, totals.invoiced) == (600, Decimal("1100.00"))
        assert (totals.unapproved_weeks, totals.drafts, totals.to_bill) == (0, 0, 0)


class TestClosingRules:
    def test_follow_one_another_with_their_sources(self, house):
        set_closing_rule(
            code="BAND",
            value=Decimal("0.025"),
            starts_on=date(2025, 1, 1),
            source="Assemblée du 12 décembre 2024",
            by=builders.actor(),
        )
        assert rules_on(date(2024, 12, 31))["BAND"].value == Decimal("0.03")
        now = rules_on(END)["BAND"]
        assert (now.value, now.source) == (
            Decimal("0.025"),
            "Assemblée du 12 décembre 2024",
        )

    @pytest.mark.parametrize(
        ("value", "starts_on", "refusal"),
        [("0.05", "2015-01-01", AnotherRuleFollows), ("3", "2025-01-01", NotAFraction)],
    )
    def test_refuse_the_past_and_three_hundred_per_cent(
        self, house, value, starts_on, refusal
    ):
        with pytest.raises(refusal):
            set_closing_rule(
                code="BAND",
                value=Decimal(value),
                starts_on=date.fromisoformat(starts_on),
                source="Erreur",
                by=builders.actor(),
            )
