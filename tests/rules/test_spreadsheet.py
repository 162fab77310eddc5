"""Spreadsheets as people keep them: the same data, whatever the layout."""

import contextlib
import csv
import io
import zipfile
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partage.rules.hours import format_minutes
from partage.rules.spreadsheet import (
    Sheet,
    UnreadableFile,
    files,
    read_file,
    read_lines,
    recognise,
)
from partage.rules.spreadsheet.values import (
    Unread,
    read_date,
    read_minutes,
    read_money,
    read_whole_minutes,
)

HEADERS = {
    "on": ("Date", "Jour", "DATE", "Day", "Date du travail"),
    "expert": ("Expert", "Experte", "Qui", "Nom de l’employé", "Employee name"),
    "mandate": ("Mandat", "No de projet", "Projet", "Project", "Dossier"),
    "hours": ("Heures", "Nb h", "Nb d'heures", "Hours", "Durée (h)", "HEURES  *"),
    "note": ("Note", "Description", "Tâche", "Comments"),
}
DATES = (
    date.isoformat,
    lambda on: f"{on:%d/%m/%Y}",
    lambda on: f"{on:%d-%m-%Y}",
    lambda on: f"{on:%Y%m%d}",
    lambda on: f"{on.day} avril {on.year}" if on.month == 4 else on.isoformat(),
)
HOURS = (
    lambda minutes: f"{Decimal(minutes) / 60:.4f}".replace(".", ","),
    lambda minutes: f"{Decimal(minutes) / 60:.4f}",
    lambda minutes: f"{minutes // 60}h{minutes % 60:02}",
    lambda minutes: f"{minutes // 60}:{minutes % 60:02}",
    lambda minutes: format_minutes(minutes, "fr"),
)
ROWS = st.lists(
    st.tuples(
        st.dates(date(2024, 1, 1), date(2025, 12, 31)),
        st.sampled_from(["Léa Roy", "Jean-Guy Côté", "Zoé O’Neil"]),
        st.sampled_from(["M-2024-0001", "Bail; révision", "Plan, 2e partie"]),
        st.integers(1, 1440),
    ),
    min_size=1,
    max_size=12,
)


@st.composite
def layouts(draw):
    """The same rows, laid out as somebody might; returns (rows, bytes)."""
    rows = draw(ROWS)
    # A day beyond the twelfth: the column itself says that days come first.
    rows.append((date(2025, 4, 28), "Léa Roy", "M-2024-0001", 60))
    order = draw(st.permutations([*HEADERS, "extra"]))
    day, hours = draw(st.sampled_from(DATES)), draw(st.sampled_from(HOURS))
    lines = [["Coopérative du Fleuve"], [], ["Relevé", "", "2025"]]
    lines = lines[: draw(st.integers(0, 3))]
    names = {key: draw(st.sampled_from(words)) for key, words in HEADERS.items()}
    lines.append([names.get(key, "Zodiaque") for key in order])
    for on, expert, mandate, minutes in rows:
        values = {
            "on": day(on),
            "expert": draw(st.sampled_from(["", " ", "\u00a0"])) + expert + " ",
            "mandate": mandate,
            "hours": hours(minutes),
            "note": "",
            "extra": "x",
        }
        lines.append([values[key] for key in order])
        if draw(st.booleans()):
            lines.append([""] * len(order))
    place = order.index("hours")
    total = [""] * len(order)
    total[0 if place else 1], total[place] = "Total", "999"
    lines.append(total)
    if draw(st.booleans()):
        book = openpyxl.Workbook()
        for line in lines:
            book.active.append([cell or None for cell in line])
        out = io.BytesIO()
        book.save(out)
        return rows, "temps.xlsx", out.getvalue()
    text = io.StringIO()
    separator = draw(st.sampled_from(";,\t"))
    csv.writer(text, delimiter=separator).writerows(lines)
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]))
    return rows, "temps.csv", text.getvalue().encode(encoding)


@settings(max_examples=60, deadline=None)
@given(layouts())
def test_the_same_time_comes_out_of_any_layout(layout):
    rows, name, content = layout
    (sheet,) = read_file(name, content)
    found = recognise(sheet)
    assert found.kind == "time"
    assert found.ignored == ("Zodiaque",)
    read = read_lines(sheet, found)
    assert not read.problems
    assert not [line.problems for line in read.lines if line.problems]
    assert [
        tuple(line.values[key] for key in ("on", "expert", "mandate", "hours"))
        for line in read.lines
    ] == rows
    assert read.totals == 1


def lines_of(*dates, order=None):
    rows = [("Date", "Expert", "Mandat", "Heures")]
    rows += [(on, "Léa Roy", "Bail", "1") for on in dates]
    sheet = Sheet("Temps", tuple(enumerate(rows, start=1)))
    return read_lines(sheet, recognise(sheet), date_order=order)


class TestAColumnOfDates:
    def test_is_settled_by_a_day_beyond_the_twelfth(self):
        read = lines_of("03/04/2025", "04/13/2025")
        assert [line.values["on"] for line in read.lines] == [
            date(2025, 3, 4),
            date(2025, 4, 13),
        ]

    def test_is_asked_about_when_nothing_settles_it(self):
        read = lines_of("03/04/2025", "05/06/2025")
        assert [each.code for each in read.problems] == ["date_order_unknown"]
        assert all(line.problems for line in read.lines)

    def test_is_read_as_the_person_answered(self):
        read = lines_of("03/04/2025", order="month_first")
        assert read.lines[0].values["on"] == date(2025, 3, 4)

    def test_in_both_orders_is_a_problem_only_where_it_is_two_days(self):
        read = lines_of("13/04/2025", "04/14/2025", "05/06/2025")
        assert [each.code for each in read.problems] == ["date_orders_mixed"]
        assert [bool(line.problems) for line in read.lines] == [False, False, True]

    def test_with_years_of_two_figures_is_settled_by_what_varies_least(self):
        last = lines_of("13/04/25", "14/04/25", "02/05/25")
        assert last.lines[2].values["on"] == date(2025, 5, 2)
        first = lines_of("25-04-03", "25-04-10", "25-05-17")
        assert first.lines[0].values["on"] == date(2025, 4, 3)

    def test_that_a_spreadsheet_turned_over_in_part_is_said(self):
        moments = [datetime(2025, month, 4, tzinfo=UTC) for month in (1, 2)]
        read = lines_of(*moments, "13/04/2025", "28/04/2025")
        assert [(each.code, each.warning) for each in read.problems] == [
            ("dates_maybe_swapped", True)
        ]


class TestACell:
    @pytest.mark.parametrize(
        ("cell", "minutes"),
        [
            (Decimal("7.5"), 450),
            (time(7, 30), 450),
            (timedelta(hours=7, minutes=30), 450),
            (Decimal("0.333333333333333"), 20),
            (time(7, 29, 59, 999000), 450),
            ("7,5 h", 450),
        ],
    )
    def test_of_hours_is_read_however_it_is_kept(self, cell, minutes):
        assert read_minutes(cell, 1440) == minutes

    def test_of_minutes_is_not_hours(self):
        assert read_whole_minutes(Decimal(90), 1440) == 90
        assert read_whole_minutes("1 h 30", 1440) == 90

    @pytest.mark.parametrize(
        ("cell", "amount"),
        [
            ("1\u202f234,50 $", "1234.50"),
            ("110,00 $/h", "110"),
            (Decimal("95.1"), "95.1"),
        ],
    )
    def test_of_money_is_read_to_the_cent(self, cell, amount):
        assert read_money(cell) == Decimal(amount)

    @pytest.mark.parametrize("cell", ["1,234", Decimal("1.005"), "-5", "beaucoup"])
    def test_of_money_that_is_not_clear_is_refused(self, cell):
        with pytest.raises(Unread):
            read_money(cell)

    def test_of_a_date_may_be_the_number_that_excel_keeps(self):
        assert read_date(Decimal("45754"), None) == date(2025, 4, 7)

    @given(
        st.text(max_size=30)
        | st.text("0123456789,. -h$", max_size=60)
        | st.decimals(allow_nan=False, allow_infinity=False)
    )
    def test_of_anything_is_read_or_refused_and_never_stops(self, cell):
        for read in (
            lambda c: read_date(c, ""),
            lambda c: read_minutes(c, 1440),
            read_money,
        ):
            with contextlib.suppress(Unread):
                read(cell)


class TestAFile:
    @settings(max_examples=150, deadline=None)
    @given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe"]))
    def test_of_any_bytes_is_read_or_refused_and_never_stops(self, content, start):
        try:
            for sheet in read_file("x", start + content):
                recognise(sheet)
        except UnreadableFile:
            pass

    def zipped(self, **parts: bytes) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
            for name, content in parts.items():
                made.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
        return out.getvalue()

    def reason(self, content: bytes) -> str:
        with pytest.raises(UnreadableFile) as refused:
            read_file("x.xlsx", content)
        return refused.value.reason

    def test_that_unzips_to_more_than_can_be_held_is_not_unzipped(self, monkeypatch):
        monkeypatch.setattr(files, "LARGEST_UNZIPPED", 1_000_000)
        bomb = self.zipped(xl__workbook_xml=b"0" * 1_000_001)
        assert len(bomb) < 5_000
        assert self.reason(bomb) == "too_big"

    def test_that_declares_entities_is_refused(self):
        bomb = self.zipped(xl__workbook_xml=b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x/>')
        assert self.reason(bomb) == "broken"

    def test_that_is_another_zip_is_no_spreadsheet(self):
        assert (
            self.reason(self.zipped(word__document_xml=b"<x/>")) == "not_a_spreadsheet"
        )

    def test_of_too_many_rows_is_refused(self, monkeypatch):
        monkeypatch.setattr(files, "MOST_ROWS", 10)
        with pytest.raises(UnreadableFile) as refused:
            read_file("x.csv", b"Nom;Ville\n" + b"a;b\n" * 11)
        assert refused.value.reason == "too_many_rows"

    def test_cut_short_is_broken(self):
        out = io.BytesIO()
        openpyxl.Workbook().save(out)
        assert self.reason(out.getvalue()[:-200]) == "broken"
