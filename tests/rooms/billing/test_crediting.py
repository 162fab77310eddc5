"""Credit notes in part: never more than what is left, and together the invoice."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as some

from partage.billing import queries
from partage.billing.actions import (
    change_draft,
    credit_invoice,
    credit_part,
    draft_invoices,
    give_back,
    issue_invoice,
    record_payment,
)
from partage.billing.actions.crediting import (
    AlreadyCredited,
    CreditNoteStays,
    MoreThanIsLeft,
    MoreThanTheInvoice,
    NothingToCredit,
    ReasonMissing,
)
from partage.billing.actions.issuing import CreditRegistrationMissing
from partage.billing.models import Invoice, InvoicedWork, InvoiceTax
from partage.governance.models import Cooperative
from partage.people.models import Role
from partage.rules import ledger
from tests import builders


@pytest.fixture
def _house(db):
    builders.cooperative()
    builders.taxes()


pytestmark = pytest.mark.usefixtures("_house")


def an_invoice(*amounts: str, province="QC"):
    """An invoice of agreed amounts, issued."""
    draft = builders.draft(amounts[0], on=builders.mandate(province=province))
    if amounts[1:]:
        change_draft(
            invoice_id=draft.pk,
            fixed=[(f"Atelier {each}", Decimal(each)) for each in amounts[1:]],
            by=builders.actor(),
        )
    return issue_invoice(invoice_id=draft.pk, by=builders.actor())


def give(invoice, *amounts, reason="Entente", **more):
    """Credit these amounts of its lines, in their order."""
    lines = invoice.lines.order_by("position")
    return credit_part(
        invoice_id=invoice.pk,
        amounts={
            line.pk: Decimal(amount)
            for line, amount in zip(lines, amounts, strict=False)
        },
        reason=reason,
        by=builders.actor(),
        **more,
    )


def balance(invoice):
    return queries.with_balance(Invoice.objects).get(pk=invoice.pk).balance


def test_an_amount_is_given_back_with_the_taxes_that_it_bore():
    invoice = an_invoice("1000.00")
    note = give(invoice, "100.00")
    # 5.00 and 9.97 of 50.00 and 99.75: the tax of the 900 $ left is 89.78.
    assert str(note.total) == "-114.97"
    assert str(balance(invoice)) == "1034.78"
    invoice.refresh_from_db()
    assert invoice.status == "ISSUED"


def test_a_credit_note_bears_each_registration_number_however_small():
    invoice = an_invoice("50.00")
    coop = Cooperative.objects.get()
    coop.qst_number = ""
    coop.save()
    with pytest.raises(CreditRegistrationMissing, match="TVQ"):
        give(invoice, "1.00")
    assert Invoice.objects.count() == 1


def test_a_credit_after_the_rate_changed_bears_the_rate_of_the_invoice():
    draft = builders.draft("1000.00", on=builders.mandate(province="NS"))
    march = builders.actor(at=builders.NOW.replace(month=3, day=31))
    invoice = issue_invoice(invoice_id=draft.pk, by=march)
    assert str(give(invoice, "200.00").total) == "-230.00"


def test_what_is_not_left_is_refused_and_nothing_is_written():
    invoice = an_invoice("100.00", "50.00")
    give(invoice, "60.00")
    for amounts, why in (
        (("40.01",), MoreThanIsLeft),
        (("0", "50.01"), MoreThanIsLeft),
        (("-1.00",), MoreThanIsLeft),
        (("0.001",), MoreThanIsLeft),
        (("0", "0"), NothingToCredit),
    ):
        with pytest.raises(why):
            give(invoice, *amounts)
    with pytest.raises(ReasonMissing):
        give(invoice, "1.00", reason=" ")
    with pytest.raises(MoreThanIsLeft, match="40,00"):
        give(invoice, "41.00")
    assert Invoice.objects.filter(kind="CREDIT").count() == 1


def test_the_last_note_takes_what_is_left_and_the_invoice_is_credited():
    invoice = an_invoice("100.00", "50.00")
    give(invoice, "60.00")
    note = credit_invoice(invoice_id=invoice.pk, reason="Fin", by=builders.actor())
    assert sorted(str(line.amount) for line in note.lines.all()) == ["-40.00", "-50.00"]
    invoice.refresh_from_db()
    assert invoice.status == "CREDITED"
    assert balance(invoice) == 0
    with pytest.raises(AlreadyCredited):
        give(invoice, "1.00")
    with pytest.raises(CreditNoteStays):
        give(note, "1.00")


def test_what_was_paid_for_it_goes_back_to_the_member():
    invoice = an_invoice("1000.00")
    record_payment(
        invoice_id=invoice.pk,
        amount=invoice.total,
        received_on=builders.TODAY,
        by=builders.actor(),
    )
    give(invoice, "100.00")
    assert str(balance(invoice)) == "-114.97"
    give_back(
        invoice_id=invoice.pk,
        amount=Decimal("114.97"),
        on=builders.TODAY,
        by=builders.actor(),
    )
    assert balance(invoice) == 0
    invoice.refresh_from_db()
    assert invoice.status == "PAID"


def test_a_credit_that_covers_what_remained_makes_it_paid():
    invoice = an_invoice("1000.00")
    record_payment(
        invoice_id=invoice.pk,
        amount=Decimal("1034.78"),
        received_on=builders.TODAY,
        by=builders.actor(),
    )
    give(invoice, "100.00")
    invoice.refresh_from_db()
    assert invoice.status == "PAID"


@pytest.mark.parametrize("again", [True, False])
def test_the_work_of_a_line_given_back_whole_is_to_bill_again_if_one_says_so(again):
    expert = builders.expert()
    mandate = builders.mandate(expert)
    builders.worked(expert, mandate, 60)
    [draft] = draft_invoices(until=date(2025, 3, 31), by=builders.actor())
    invoice = issue_invoice(invoice_id=draft.pk, by=builders.actor())
    give(invoice, "110.00", to_bill_again=again)
    assert InvoicedWork.objects.filter(released=True).exists() == again
    assert bool(queries.to_bill(date(2025, 3, 31))) == again


def test_what_was_paid_in_advance_is_not_given_back_in_part():
    invoice = an_invoice("100.00", "-30.00")
    with pytest.raises(MoreThanTheInvoice, match="70,00"):
        give(invoice, "80.00")
    assert str(give(invoice, "70.00").net) == "-70.00"


def test_the_books_balance_and_owe_what_the_accounts_do():
    invoice = an_invoice("100.00", "50.00")
    give(invoice, "33.33")
    entries = queries.entries(*queries.everything(builders.TODAY), "fr")
    assert ledger.balances(entries)["RECEIVABLE"] == queries.owed(builders.TODAY)


def test_finance_gives_back_a_part_from_the_page(client):
    invoice = an_invoice("1000.00")
    line = invoice.lines.get()
    client.force_login(builders.user(Role.FINANCE))
    there = f"/finances/factures/{invoice.pk}"
    wrong = client.post(
        there, {"do": "credit_part", f"amount-{line.pk}": "2 000", "reason": "Entente"}
    )
    assert wrong.status_code == 409
    assert 'value="2000"' in wrong.content.decode()
    done = client.post(
        there,
        {"do": "credit_part", f"amount-{line.pk}": "100,00", "reason": "Entente"},
        follow=True,
    )
    page = done.content.decode()
    assert "La note de crédit 2 est émise." in page
    assert "Créditée en partie par" in page


@settings(max_examples=20, deadline=None)
@given(
    province=some.sampled_from(["QC", "ON", "NS"]),
    lines=some.lists(some.integers(1, 500_000), min_size=1, max_size=4),
    shares=some.lists(some.integers(0, 100), min_size=1, max_size=4),
)
def test_however_it_is_given_back_the_notes_mirror_the_invoice(province, lines, shares):
    with transaction.atomic():
        amounts = [Decimal(cents) / 100 for cents in lines]
        invoice = an_invoice(*map(str, amounts), province=province)
        for at, share in enumerate(shares[: len(lines)]):
            part = (amounts[at] * share / 100).quantize(Decimal("0.01"))
            if part:
                give(invoice, *["0"] * at, str(part))
        invoice.refresh_from_db()
        if invoice.status != "CREDITED":
            credit_invoice(invoice_id=invoice.pk, reason="Fin", by=builders.actor())
        assert balance(invoice) == 0
        every = Invoice.objects.filter(credits=invoice) | Invoice.objects.filter(
            pk=invoice.pk
        )
        assert sum(each.total for each in every) == 0
        assert sum(each.net for each in every) == 0
        taxes = InvoiceTax.objects.filter(invoice__in=every)
        for code in {one.code for one in taxes}:
            assert sum(one.amount for one in taxes if one.code == code) == 0
        assert all(one.amount <= 0 for one in taxes.exclude(invoice=invoice))
        transaction.set_rollback(True)
