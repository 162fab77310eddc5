"""A price is adjusted after the year: owed or given back, with the taxes of then."""

from datetime import date
from decimal import Decimal

import pytest

from partage.billing.actions import give_back, issue_adjustment, record_payment
from partage.billing.actions.adjusting import NoMandateToAdjust
from partage.billing.actions.drafting import AmountUnusable
from partage.billing.models import Invoice
from partage.billing.queries import balances, late, with_balance
from tests import builders

YEAR = {"period_start": date(2024, 4, 1), "period_end": date(2025, 3, 31)}


@pytest.fixture(autouse=True)
def _house(db):
    builders.cooperative()
    builders.taxes()


def adjust(amount, *, province="QC", org=None):
    org = (
        org
        or builders.mandate(org=builders.organisation(province=province)).organisation
    )
    return issue_adjustment(
        organisation_id=org.pk,
        province=province,
        amount=Decimal(amount),
        description="Ajustement au juste coût, exercice 2024-2025",
        by=builders.actor(),
        **YEAR,
    )


def balance(invoice):
    return with_balance(Invoice.objects).get(pk=invoice.pk).balance


class TestIssueAdjustment:
    def test_asks_100_dollars_of_rimouski_with_both_taxes(self):
        invoice = adjust("100.00")
        assert (invoice.kind, invoice.total) == ("INVOICE", Decimal("114.98"))
        assert invoice.due_on == date(2025, 5, 7)
        assert balance(invoice) == Decimal("114.98")
        record_payment(
            invoice_id=invoice.pk,
            amount=Decimal("114.98"),
            received_on=date(2025, 4, 7),
            by=builders.actor(),
        )
        invoice.refresh_from_db()
        assert invoice.status == Invoice.Status.PAID

    def test_gives_100_dollars_back_until_the_member_has_them(self):
        invoice = adjust("-100.00")
        assert (invoice.kind, invoice.total) == ("CREDIT", Decimal("-114.98"))
        assert invoice.credits is None
        assert balance(invoice) == Decimal("-114.98")
        (account,) = balances(date(2025, 6, 1))
        assert (account.owed, account.credit) == (0, Decimal("114.98"))
        assert not late(date(2025, 6, 1))
        for amount, status in (("14.98", "ISSUED"), ("100.00", "PAID")):
            give_back(
                invoice_id=invoice.pk,
                amount=Decimal(amount),
                on=date(2025, 4, 7),
                by=builders.actor(),
            )
            invoice.refresh_from_db()
            assert invoice.status == status
        assert balance(invoice) == 0

    def test_of_a_year_in_halifax_bears_the_15_per_cent_of_its_last_day(self):
        # Nova Scotia went from 15 % to 14 % the next day.
        assert adjust("100.00", province="NS").total == Decimal("115.00")

    def test_numbers_follow_those_of_invoices(self):
        first = adjust("10.00")
        assert adjust("-10.00").number == first.number + 1

    @pytest.mark.parametrize("amount", ["0.00", "1.005"])
    def test_refuses_nothing_and_less_than_a_cent(self, amount):
        with pytest.raises(AmountUnusable):
            adjust(amount)

    def test_refuses_a_province_where_nothing_was_supplied(self):
        org = builders.mandate().organisation
        with pytest.raises(NoMandateToAdjust, match="Ontario"):
            adjust("10.00", province="ON", org=org)
        assert not Invoice.objects.exists()
