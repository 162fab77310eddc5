"""What a deposit pays is proposed with its reasons; what is certain is exact."""

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as some

from partage.rules.matching import Owed, Received, propose

ERABLE, ANSE = (1, "Coopérative de l’Érable"), (2, "Coopérative de l’Anse aux Lilas")
DAY = date(2025, 4, 2)


def owed(number, balance, payer=ERABLE, *, due=date(2025, 4, 1)):
    return Owed(number + 10_000, number, *payer, Decimal(balance), due)


def best(words, amount, *invoices):
    found = propose([Received(1, DAY, Decimal(amount), words)], invoices)[1]
    return found[0] if found else None


def paid(proposal):
    return [(pk - 10_000, str(amount)) for pk, amount in proposal.shares]


class TestPropose:
    def test_its_number_and_its_exact_amount_are_certain(self):
        found = best("VIR FACTURE 1204", "1310.72", owed(1204, "1310.72"))
        assert paid(found) == [(1204, "1310.72")]
        assert (found.score, found.is_certain) == (100, True)
        assert found.reasons == ("number", "exact")

    def test_its_whole_name_and_the_only_exact_amount_are_certain(self):
        found = best(
            "VIREMENT COOP ERABLE",
            "160.97",
            owed(7, "160.97"),
            owed(8, "200.00"),
            owed(9, "160.00", ANSE),
        )
        assert paid(found) == [(7, "160.97")]
        assert found.is_certain

    def test_two_invoices_of_the_same_amount_are_less_sure_and_the_oldest_is_first(
        self,
    ):
        found = best(
            "COOP ERABLE",
            "100.00",
            owed(7, "100.00", due=date(2025, 3, 1)),
            owed(5, "100.00", due=date(2025, 4, 1)),
        )
        assert paid(found) == [(7, "100.00")]
        assert not found.is_certain

    def test_several_numbers_are_paid_together(self):
        found = best(
            "Factures 1204, 1205 et 1207",
            "600.00",
            owed(1204, "100.00"),
            owed(1205, "200.00"),
            owed(1206, "600.00"),
            owed(1207, "300.00"),
        )
        assert paid(found) == [(1204, "100.00"), (1205, "200.00"), (1207, "300.00")]
        assert found.is_certain

    def test_a_sum_of_a_members_invoices_is_found_without_a_number(self):
        found = best(
            "DEPOT COOP ERABLE",
            "300.00",
            owed(1, "100.00"),
            owed(2, "150.00"),
            owed(3, "200.00"),
        )
        assert paid(found) == [(1, "100.00"), (3, "200.00")]
        assert "sum" in found.reasons

    def test_less_than_what_is_owed_is_partial_and_never_certain(self):
        found = best("Facture 1204 Érable", "500.00", owed(1204, "1310.72"))
        assert paid(found) == [(1204, "500.00")]
        assert "partial" in found.reasons
        assert not found.is_certain

    def test_more_than_what_is_owed_leaves_the_rest_to_the_member(self):
        found = best("Facture 1204 Érable", "1400.00", owed(1204, "1310.72"))
        assert (paid(found), str(found.over)) == ([(1204, "1310.72")], "89.28")
        assert not found.is_certain

    def test_a_number_that_belongs_to_someone_else_is_doubted(self):
        found = best(
            "Anse aux Lilas facture 1204",
            "100.00",
            owed(1204, "100.00"),
            owed(1300, "100.00", ANSE),
        )
        assert not (paid(found) == [(1204, "100.00")] and found.is_certain)

    def test_a_date_a_year_and_an_amount_are_no_invoice_numbers(self):
        invoices = [owed(n, "9.00") for n in (2025, 202, 160, 12)]
        found = best("DEPOT 2025-04-02 12 160.97 $ an 2025", "50.00", *invoices)
        assert found is None or "number" not in found.reasons

    def test_nothing_known_proposes_nothing(self):
        assert best("SUBVENTION DU QUEBEC", "5000.00", owed(1, "100.00")) is None

    def test_two_deposits_are_not_both_certain_of_one_invoice(self):
        deposits = [
            Received(at, DAY, Decimal("100.00"), "Facture 1204") for at in (1, 2)
        ]
        found = propose(deposits, [owed(1204, "100.00")])
        assert [bool(p) and p[0].is_certain for p in found.values()] == [True, False]


CENTS = some.integers(1, 500_000).map(lambda cents: Decimal(cents) / 100)


@settings(max_examples=150, deadline=None)
@given(some.data())
def test_shares_make_the_deposit_and_no_invoice_receives_more_than_it_owes(data):
    invoices = [
        owed(100 + at, data.draw(CENTS), data.draw(some.sampled_from([ERABLE, ANSE])))
        for at in range(data.draw(some.integers(0, 8)))
    ]
    words = some.sampled_from(
        ["Coop Érable", "Anse lilas facture 101", "facture 100 et 102", "x", "103"]
    )
    amounts = some.one_of(
        CENTS, some.sampled_from([one.balance for one in invoices] or [1])
    )
    deposits = [
        Received(at, DAY, Decimal(data.draw(amounts)), data.draw(words))
        for at in range(data.draw(some.integers(1, 5)))
    ]
    owing = {one.id: one.balance for one in invoices}
    taken = dict.fromkeys(owing, Decimal(0))
    found = propose(deposits, invoices)
    for deposit in deposits:
        for proposal in found[deposit.id]:
            shares = dict(proposal.shares)
            assert len(shares) == len(proposal.shares)
            assert sum(shares.values()) + proposal.over == deposit.amount
            assert all(0 < amount <= owing[pk] for pk, amount in shares.items())
        if found[deposit.id] and found[deposit.id][0].is_certain:
            for pk, amount in found[deposit.id][0].shares:
                taken[pk] += amount
    # All that is certain can be confirmed together.
    assert all(taken[pk] <= owing[pk] for pk in owing)
