"""A bank's file is read whole, whichever bank wrote it, or refused whole."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from partage.rules.bank_file import UnreadableBankFile, fingerprints, read_bank_file
from tests.rules import bank_samples

MOVED = [
    (date(2025, 4, 2), Decimal("1310.72")),
    (date(2025, 4, 3), Decimal("-45.10")),
    (date(2025, 4, 4), Decimal("160.97")),
]


def moved(content):
    return [(line.on, line.amount) for line in read_bank_file(content).lines]


def refusal(content, **more):
    with pytest.raises(UnreadableBankFile) as refused:
        read_bank_file(content, **more)
    return refused.value


class TestOfx:
    def test_sgml_of_windows_with_decimal_commas(self):
        found = read_bank_file(bank_samples.OFX_1.encode("cp1252"))
        first, fee, cheque = found.lines
        assert (found.source, found.account) == ("OFX", "0301234")
        assert (first.on, first.amount) == MOVED[0]
        assert first.words == "DEPOT DIRECT /Fédération & fils FACTURE 1204"
        assert first.identity == "2025040200001"
        assert fee.amount == Decimal("-45.10")
        assert (cheque.amount, cheque.cheque) == (Decimal("160.97"), "0087")

    def test_xml(self):
        (line,) = read_bank_file(bank_samples.OFX_2.encode()).lines
        assert line.words == "Lakeshore Housing Co-op Invoice 31"
        assert line.amount == Decimal("158.20")

    def test_american_dollars_are_refused(self):
        content = bank_samples.OFX_2.replace("CAD", "USD").encode()
        assert refusal(content).reason == "currency"

    @settings(max_examples=60, deadline=None)
    @given(some.data())
    def test_cut_anywhere_it_is_refused(self, data):
        text = data.draw(some.sampled_from([bank_samples.OFX_1, bank_samples.OFX_2]))
        whole = text.rstrip()
        at = data.draw(some.integers(1, len(whole) - 1))
        assert refusal(whole[:at].encode("cp1252")).reason in (
            "cut",
            "empty",
            "not_a_bank_file",
            "columns",
        )


class TestCsv:
    @pytest.mark.parametrize("bank", bank_samples.CSV)
    def test_each_bank_tells_the_same_three_movements(self, bank):
        assert sorted(moved(bank_samples.CSV[bank])) == MOVED

    @pytest.mark.parametrize("bank", bank_samples.CSV)
    def test_its_words_name_the_invoice(self, bank):
        lines = read_bank_file(bank_samples.CSV[bank]).lines
        assert any("1204" in line.words for line in lines)

    @pytest.mark.parametrize(
        "bank", ["Desjardins, UTF-8", "TD", "National Bank, decimal comma"]
    )
    def test_cut_in_the_middle_of_a_figure_its_balances_tell(self, bank):
        whole = bank_samples.CSV[bank].rstrip()
        for less in range(1, 6):
            assert refusal(whole[:-less]).reason in ("cut", "row")

    def test_cut_in_the_middle_of_a_row(self):
        for bank, content in bank_samples.CSV.items():
            lines = content.rstrip().splitlines()
            lines[-1] = lines[-1][: len(lines[-1]) // 2]
            found = refusal(b"\n".join(lines))
            assert found.reason in ("cut", "row", "columns"), bank

    def test_dates_of_two_ways_are_asked_then_read_as_said(self):
        content = b"Date,Description,Amount\n03/04/2025,COOP,12.00\n05/04/2025,B,1.00\n"
        assert refusal(content).reason == "dates"
        first, _second = read_bank_file(content, date_order="day_first").lines
        assert first.on == date(2025, 4, 3)
        first, _second = read_bank_file(content, date_order="month_first").lines
        assert first.on == date(2025, 3, 4)

    def test_what_the_dates_prove_is_believed_before_what_is_said(self):
        content = b"Date,Description,Amount\n03/04/2025,A,12.00\n25/04/2025,B,1.00\n"
        first, _second = read_bank_file(content, date_order="month_first").lines
        assert first.on == date(2025, 4, 3)

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b" \r\n", "empty"),
            (b"Date,Description,Amount\n", "empty"),
            (b"bonjour", "not_a_bank_file"),
            (b"\x89PNG\r\n\x1a\n\x00\x01\x02\x03", "not_a_bank_file"),
            (b"Nom,Ville,Taille\nA,B,C\n", "columns"),
            (b"Date,Description,Amount\n2025-04-02,COOP,12.005\n", "row"),
            (b"Date,Description,Amount\n2025-02-30,COOP,12.00\n", "row"),
            (b"Date,Description,CAD$,USD$\n4/2/2025,COOP,,12.00\n", "currency"),
        ],
    )
    def test_what_does_not_read_says_why(self, content, reason):
        assert refusal(content).reason == reason

    def test_a_row_that_does_not_read_is_named(self):
        found = refusal(
            b"Date,Description,Amount\n2025-04-02,A,1.00\n2025-04-03,B,douze\n"
        )
        assert (found.reason, found.row, found.cell) == ("row", 3, "douze")


class TestFingerprints:
    def test_two_like_deposits_of_one_day_stay_two_and_a_longer_file_repeats_them(self):
        rows = b"2025-04-02,COOP A,5.00\n2025-04-02,COOP A,5.00\n"
        head = b"Date,Description,Amount\n"
        short = fingerprints(read_bank_file(head + rows).lines)
        more = head + b"2025-04-01,COOP B,7.00\n" + rows
        long = fingerprints(read_bank_file(more).lines)
        assert len(set(short)) == 2
        assert set(short) < set(long)

    def test_the_banks_own_identity_comes_first(self):
        lines = read_bank_file(bank_samples.OFX_1.encode("cp1252")).lines
        assert fingerprints(lines)[0] == "id:2025040200001"
