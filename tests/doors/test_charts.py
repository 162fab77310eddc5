from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partage.portal.charts import Chart, Series, steps, svg

amounts = st.decimals(-(10**7), 10**7, places=2)


def drawn(chart: Chart) -> ElementTree.Element:
    both = ElementTree.fromstring(f"<div>{svg(chart, str)}</div>")
    return both.find("svg[@role='img']")


class TestSteps:
    @given(amounts, amounts)
    def test_hold_every_value_and_zero(self, one, other):
        low, high = sorted((one, other))
        ticks = steps(low, high)
        assert ticks[0] <= min(low, 0)
        assert ticks[-1] >= max(high, 0)
        assert 0 in ticks
        assert 2 <= len(ticks) <= 7

    def test_are_round(self):
        assert steps(Decimal(0), Decimal(640)) == [0, 200, 400, 600, 800]


class TestChart:
    def test_asks_for_one_value_per_label(self):
        with pytest.raises(ValueError, match="one value per label"):
            Chart("Heures", ("janv.", "févr."), (Series("Faites", (1,)),))

    def test_draws_a_bar_twice_as_high_for_twice_the_hours(self):
        root = drawn(Chart("Heures", ("janv.", "févr."), (Series("Faites", (20, 40)),)))
        january, february = (float(bar.get("height")) for bar in root.iter("rect"))
        assert february == pytest.approx(2 * january, abs=0.2)

    def test_draws_a_loss_below_the_zero_line(self):
        chart = Chart("Écart", ("RH", "Web"), (Series("Écart", (900, -400)),))
        root = drawn(chart)
        zero = float(root.find("line[@class='zero']").get("y1"))
        gain, loss = list(root.iter("rect"))
        assert float(gain.get("y")) + float(gain.get("height")) == pytest.approx(
            zero, abs=0.2
        )
        assert float(loss.get("y")) == pytest.approx(zero, abs=0.2)

    def test_stacks_bars_on_one_another(self):
        series = (Series("RH", (300,)), Series("Juridique", (200,)))
        first, second = drawn(Chart("h", ("mars",), series, stacked=True)).iter("rect")
        top = float(second.get("y")) + float(second.get("height"))
        assert top == pytest.approx(float(first.get("y")), abs=0.2)

    def test_escapes_what_people_typed(self):
        text = svg(Chart("<b>", ("<i>",), (Series("x", (1,)),)), str)
        assert "<b>" not in text
        assert "&lt;i&gt;" in text

    def test_writes_no_style_attribute_since_the_policy_forbids_it(self):
        series = (
            Series("Faites", (22, None, 0)),
            Series("Prévues", (20, 34, 5), "outline"),
            Series("Capacité", (40, 40, None), "line"),
        )
        assert "style" not in svg(Chart("h", ("a", "b", "c"), series), str)

    def test_writes_fewer_of_many_months_on_a_phone_and_each_of_five(self):
        def written(count):
            labels = [f"avr. {year}" for year in range(10, 10 + count)]
            root = drawn(Chart("h", labels, (Series("Heures", [1] * count),)))
            words = [t for t in root.iter("text") if t.text in labels]
            return len(words), sum(t.get("class") != "many" for t in words)

        assert written(5) == (5, 5)
        assert written(12) == (6, 3)  # 12 × 56 pixels on 520, then on 280

    def test_lies_on_its_side_where_long_names_have_to_be_read(self):
        names = ("Développement des affaires", "Ressources humaines", "Web")
        chart = Chart("$/h", names, (Series("Épargné", (75, -25, 50)),), named=True)
        both = ElementTree.fromstring(f"<div>{svg(chart, str)}</div>")
        plot, after = both.findall("svg")

        assert [t.text for t in plot.iter("text")] == list(names)
        assert [t.text for t in after.iter("text")] == ["75", "-25", "50"]
        saved, lost, web = (
            (float(bar.get("x")[:-1]), float(bar.get("width")[:-1]))
            for bar in plot.iter("rect")
        )
        assert (saved, lost, web) == ((25, 75), (0, 25), (25, 50))
        assert float(plot.find("line").get("x1")[:-1]) == 25

    def test_stands_where_short_names_fit_side_by_side(self):
        chart = Chart("h", ("RH", "Web"), (Series("x", (1, 2)),), named=True)
        assert len(list(drawn(chart).iter("line"))) > 1

    def test_refuses_a_line_among_names(self):
        with pytest.raises(ValueError, match="not in a sequence"):
            Chart("h", ("RH",), (Series("x", (1,), "line"),), named=True)

    @given(st.lists(st.one_of(st.none(), amounts), max_size=14), st.booleans())
    def test_stays_inside_its_frame_whatever_the_values(self, values, stacked):
        labels = [str(n) for n in range(len(values))]
        series = (Series("a", values), Series("b", values, "line"))
        root = drawn(Chart("x", labels, series, stacked=stacked))
        height = float(root.get("height"))
        for bar in root.iter("rect"):
            top = float(bar.get("y"))
            assert top >= 0
            assert top + float(bar.get("height")) <= height
