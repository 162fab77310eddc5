"""One invoice for a payer: parts with their own taxes, that make the whole."""

from datetime import date
from decimal import Decimal

import pytest
from django.db.utils import ProgrammingError

from partage.billing import queries
from partage.billing.actions import (
    consolidate_drafts,
    credit_invoice,
    delete_draft,
    draft_invoices,
    issue_consolidation,
    issue_invoice,
    separate_drafts,
)
from partage.billing.actions.consolidating import (
    ConsolidationIssued,
    PayersDiffer,
    TooFewToConsolidate,
)
from partage.billing.actions.issuing import IssuedTogether, NoTaxRates
from partage.billing.models import Consolidation, Invoice
from partage.closing.queries.entries import Stream
from partage.people.models import Role
from partage.tariffs.models import TaxRate
from tests import builders

UNTIL = date(2025, 3, 31)


@pytest.fixture(autouse=True)
def _house(db):
    builders.cooperative()
    builders.taxes()


def a_network(**terms):
    """A grouping of Québec that pays for its enterprises there and in Ontario."""
    network = builders.organisation("Fédération du Bas-Saint-Laurent")
    builders.agreement(network, consolidated=True, **terms)
    found = []
    for name, province in (("Rimouski", "QC"), ("Ottawa", "ON"), ("Matane", "QC")):
        org = builders.organisation(
            f"Coopérative de {name}", province=province, network=network
        )
        expert = builders.expert()
        mandate = builders.mandate(expert, org=org)
        builders.worked(expert, mandate, 90)
        found.append(mandate)
    return network, found


def drafted():
    draft_invoices(until=UNTIL, by=builders.actor())
    return Consolidation.objects.get()


def issue(whole):
    return issue_consolidation(consolidation_id=whole.pk, by=builders.actor())


def test_the_grouping_owes_one_invoice_with_the_taxes_of_each_place():
    network, _mandates = a_network()
    whole = issue(drafted())
    parts = list(queries.parts_of(whole.pk))
    assert [str(one.net) for one in parts] == ["165.00"] * 3
    # 165 $ is 8.25 + 16.46 in Québec, and 21.45 in Ontario.
    assert [str(one.total) for one in parts] == ["189.71", "186.45", "189.71"]
    assert {one.organisation for one in parts} == {network}
    [account] = queries.balances(builders.TODAY)
    assert account.organisation_id == network.pk
    assert account.owed == Decimal("565.87")
    assert queries.consolidations([network.pk]).get().total == Decimal("565.87")


def test_its_days_to_pay_are_those_of_the_agreement():
    a_network(payment_days=45)
    whole = issue(drafted())
    assert {one.due_on for one in whole.parts.all()} == {date(2025, 5, 22)}


def test_an_enterprise_sees_its_part_alone_and_not_how_it_was_paid():
    network, (rimouski, _ottawa, _matane) = a_network()
    whole = issue(drafted())
    [part] = queries.invoices_for([rimouski.organisation_id])
    assert part.mandate == rimouski
    assert not part.own
    assert not queries.invoices_owed_by([rimouski.organisation_id])
    assert not queries.consolidations([rimouski.organisation_id])
    assert queries.invoices_for([network.pk]).count() == 3
    assert whole.number == 1


def test_an_agreement_that_says_nothing_leaves_each_its_own_invoice():
    a_network()
    network = builders.organisation("Réseau sans entente commune")
    builders.agreement(network)
    org = builders.organisation(network=network)
    expert = builders.expert()
    builders.worked(expert, builders.mandate(expert, org=org), 60)
    draft_invoices(until=UNTIL, by=builders.actor())
    assert Invoice.objects.filter(consolidation=None).get().organisation == org


def test_a_part_is_not_issued_alone():
    a_network()
    part = drafted().parts.first()
    with pytest.raises(IssuedTogether) as refused:
        issue_invoice(invoice_id=part.pk, by=builders.actor())
    assert "Fédération du Bas-Saint-Laurent" in str(refused.value)


def test_what_one_part_refuses_leaves_all_in_draft():
    a_network()
    whole = drafted()
    TaxRate.objects.filter(province="ON").delete()
    with pytest.raises(NoTaxRates):
        issue(whole)
    assert not Invoice.objects.exclude(number=None).exists()
    assert issue_number() == 1


def issue_number():
    return builders.issued().number


def test_it_never_changes_once_issued_and_work_that_comes_later_makes_another():
    _network, (mandate, *_rest) = a_network()
    whole = issue(drafted())
    with pytest.raises(ConsolidationIssued):
        issue(whole)
    expert = mandate.team.get().expert
    builders.worked(expert, mandate, 30, date(2025, 3, 5))
    draft_invoices(until=UNTIL, by=builders.actor())
    assert Consolidation.objects.count() == 2
    with pytest.raises(ProgrammingError, match="billing_consolidation"):
        Consolidation.objects.filter(pk=whole.pk).update(month=date(2025, 1, 1))


def test_a_part_is_credited_by_itself():
    network, _mandates = a_network()
    part = issue(drafted()).parts.order_by("pk").first()
    credit_invoice(invoice_id=part.pk, reason="Double", by=builders.actor())
    [account] = queries.balances(builders.TODAY)
    assert account.organisation_id == network.pk
    assert account.owed == Decimal("565.87") - part.total


def test_deleting_every_draft_leaves_no_empty_invoice():
    a_network()
    for part in drafted().parts.all():
        delete_draft(invoice_id=part.pk, by=builders.actor())
    assert not Consolidation.objects.exists()


def test_a_member_with_two_mandates_may_have_them_on_one():
    org = builders.organisation()
    drafts = [builders.draft(on=builders.mandate(org=org)).pk for _n in range(2)]
    whole = consolidate_drafts(invoice_ids=drafts, by=builders.actor())
    assert whole.organisation == org
    separate_drafts(consolidation_id=whole.pk, by=builders.actor())
    whole = consolidate_drafts(invoice_ids=drafts, by=builders.actor())
    issue(whole)
    assert [one.number for one in queries.parts_of(whole.pk)] == [1, 2]
    other = builders.draft()
    more = builders.draft(on=builders.mandate(org=org))
    with pytest.raises(PayersDiffer):
        consolidate_drafts(invoice_ids=[other.pk, more.pk], by=builders.actor())
    with pytest.raises(TooFewToConsolidate):
        consolidate_drafts(invoice_ids=[more.pk], by=builders.actor())


def test_the_year_is_trued_up_with_whom_the_work_was_for():
    network, mandates = a_network()
    issue(drafted())
    served = {one.organisation_id for one in mandates}
    stream = Stream(date(2024, 4, 1), date(2025, 3, 31))
    found = {entry[0] // 100 for entry in stream}
    assert found == served
    assert network.pk not in found


def test_the_member_s_pages_keep_to_their_part(client):
    network, (rimouski, ottawa, _matane) = a_network()
    whole = issue(drafted())
    client.force_login(builders.representative(rimouski.organisation))
    own = whole.parts.get(mandate=rimouski)
    others = whole.parts.get(mandate=ottawa)
    page = client.get(f"/membre/factures/{own.pk}").content.decode()
    assert "Facturée à Fédération du Bas-Saint-Laurent" in page
    assert client.get(f"/membre/factures/{others.pk}").status_code == 404
    assert client.get(f"/membre/factures/{others.pk}/pdf").status_code == 404
    there = f"/membre/factures/consolidees/{whole.pk}"
    assert client.get(there).status_code == 404
    assert client.get(f"{there}/pdf").status_code == 404
    client.force_login(builders.representative(network))
    page = client.get(there).content.decode()
    assert "Coopérative de Matane" in page
    assert "565,87" in page
    assert client.get(f"{there}/pdf").headers["Content-Type"] == "application/pdf"


def test_finance_issues_it_from_its_page(client):
    a_network()
    whole = drafted()
    client.force_login(builders.user(Role.FINANCE))
    there = f"/finances/factures/consolidees/{whole.pk}"
    assert "Coopérative de Matane" in client.get(there).content.decode()
    done = client.post(there, {"do": "issue"}, follow=True)
    assert "La facture consolidée C-1 est émise." in done.content.decode()
    assert "189,71" in client.get(there).content.decode()
    listed = client.get("/finances/factures/consolidees/").content.decode()
    assert "565,87" in listed
