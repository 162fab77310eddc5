"""Charts drawn as SVG by the server, with the same numbers to be read in a table.

Pure. Across, positions are percents; up, they are pixels: a chart then fills its
place at any width while its words keep their size. No style attribute is written,
since the content security policy forbids them; classes give the colours.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

TOP, HEIGHT, BOTTOM = 24, 150, 24
# Of a chart on its side: a line of words, then a bar for each series, in pixels.
WORDS, BAR, GAP = 19, 14, 12
# Beyond so many groups, values are in the table only.
MANY = 6
# A letter takes about 7 pixels; what is left for the words under a chart, at least.
LETTER, PHONE, DESK = 7, 280, 520


@dataclass(frozen=True)
class Series:
    """One row of numbers. `outline` is drawn behind: what was planned, a capacity."""

    name: str
    values: Sequence[Decimal | int | None]
    kind: Literal["bar", "outline", "line"] = "bar"


@dataclass(frozen=True)
class Chart:
    """What is compared: one value of each series for each label, all in one unit.

    When labels are names (`named`), each has to be read: the chart lies on its side
    where they would not stand beside one another on a phone. Others are a sequence,
    such as months: some are left out where there is no room.
    """

    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    unit: str = ""
    decimals: int | None = None
    stacked: bool = False
    named: bool = False

    def __post_init__(self) -> None:
        for one in self.series:
            if len(one.values) != len(self.labels):
                raise ValueError(
                    f"{one.name} has {len(one.values)} values for "
                    f"{len(self.labels)} labels; give one value per label, or None"
                )
            if self.named and one.kind == "line":
                raise ValueError(f"{one.name} is a line; names are not in a sequence")

    @property
    def lies(self) -> bool:
        return self.named and _wide(self.labels) > PHONE


def _wide(texts: Sequence[str]) -> int:
    """The pixels that so many texts need side by side, as wide as the widest."""
    return LETTER * len(texts) * max(map(len, texts), default=0)


def steps(low: Decimal, high: Decimal) -> list[Decimal]:
    """Return round numbers, from four to seven, that span from `low` to `high`."""
    low, high = min(low, Decimal(0)), max(high, Decimal(0))
    if low == high:
        high = Decimal(1)
    rough = (high - low) / 4
    power = Decimal(1).scaleb(rough.adjusted())
    step = next(power * k for k in (1, 2, 5, 10) if power * k >= rough)
    first = int((low / step).to_integral_value("ROUND_FLOOR"))
    last = int((high / step).to_integral_value("ROUND_CEILING"))
    return [step * at for at in range(first, last + 1)]


def _piles(chart: Chart) -> list[tuple[Decimal, Decimal]]:
    """Return for each label the lowest and highest point that anything reaches."""
    reach = []
    for at in range(len(chart.labels)):
        bars = [s.values[at] or 0 for s in chart.series if s.kind == "bar"]
        others = [s.values[at] or 0 for s in chart.series if s.kind != "bar"]
        if chart.stacked:
            bars = [sum(b for b in bars if b < 0), sum(b for b in bars if b > 0)]
        every = [Decimal(v) for v in (*bars, *others, 0)]
        reach.append((min(every), max(every)))
    return reach


def svg(chart: Chart, write: Callable[[Decimal | int], str]) -> SafeString:
    """Draw the chart. `write` puts a number in words (its language, its decimals)."""
    if chart.lies:
        return _lying(chart, write)
    piles = _piles(chart)
    ticks = steps(
        min((low for low, _ in piles), default=Decimal(0)),
        max((high for _, high in piles), default=Decimal(0)),
    )
    span = ticks[-1] - ticks[0]

    def up(value: Decimal | int) -> str:
        return f"{TOP + HEIGHT * (ticks[-1] - Decimal(value)) / span:.1f}"

    marks = [
        format_html(
            '<line class="{}" x1="0" x2="100%" y1="{y}" y2="{y}"/>',
            "zero" if tick == 0 else "rule",
            y=up(tick),
        )
        for tick in ticks
    ]
    group = Decimal(100) / max(len(chart.labels), 1)
    bars = [one for one in chart.series if one.kind == "bar"]
    inner = group * Decimal("0.56")
    width = inner if chart.stacked or not bars else inner / len(bars)
    valued = len(bars) == 1 and len(chart.labels) <= 2 * MANY
    crowded = len(chart.labels) > MANY
    tight = valued and _wide([write(v) for v in bars[0].values if v is not None]) > (
        PHONE
    )
    # Every so many labels is written: on a desk, and fewer of these on a phone.
    desk = -(-_wide(chart.labels) // DESK) or 1
    phone = desk * (-(-_wide(chart.labels) // (desk * PHONE)) or 1)
    for at, label in enumerate(chart.labels):
        middle = group * at + group / 2
        left = middle - inner / 2
        for one in chart.series:
            value = one.values[at]
            if one.kind == "outline" and value is not None:
                marks.append(
                    _bar("outline", left - group / 12, inner + group / 6, 0, value, up)
                )
        heap = {True: Decimal(0), False: Decimal(0)}
        for place, one in enumerate(bars):
            value = one.values[at]
            if not value:
                continue
            colour = f"s{place % 4 + 1}"
            if chart.stacked:
                foot = heap[value > 0]
                heap[value > 0] = foot + value
                marks.append(_bar(colour, left, width, foot, foot + value, up))
            else:
                marks.append(_bar(colour, left + width * place, width, 0, value, up))
        shown = bars[0].values[at] if valued else None
        if shown is not None:
            marks.append(
                _word(
                    "value many" if crowded or tight else "value",
                    middle,
                    f"{float(up(max(shown, 0))) - 6:.1f}",
                    write(shown),
                )
            )
        if at % desk == 0:
            kind = "many" if at % phone else ""
            marks.append(_word(kind, middle, str(TOP + HEIGHT + 18), label))
    for one in chart.series:
        if one.kind == "line":
            marks += _line(one, group, up)
    height = TOP + HEIGHT + BOTTOM
    plot = format_html(
        '<svg role="img" aria-label="{}" width="100%" height="{}">{}</svg>',
        chart.title,
        height,
        _joined(marks),
    )
    if valued and not crowded:
        return plot
    # The scale stands apart, since across the chart there are only percents.
    written = [(write(tick), up(tick)) for tick in ticks]
    wide = 8 * max(len(text) for text, _y in written)
    scale = [
        format_html(
            '<text class="scale" x="{}" y="{}" text-anchor="end">{}</text>',
            wide,
            y,
            text,
        )
        for text, y in written
    ]
    return format_html(
        '<svg aria-hidden="true" width="{}" height="{}">{}</svg>{}',
        wide,
        height,
        _joined(scale),
        plot,
    )


def _lying(chart: Chart, write: Callable[[Decimal | int], str]) -> SafeString:
    """Draw the chart on its side: each name above its bars, values at their right."""
    piles = _piles(chart)
    low = min((low for low, _ in piles), default=Decimal(0))
    span = max((high for _, high in piles), default=Decimal(0)) - low or Decimal(1)

    def across(value: Decimal | int) -> Decimal:
        return 100 * (Decimal(value) - low) / span

    def bar(kind: str, foot: Decimal | int, head: Decimal | int, y: int) -> SafeString:
        left, right = sorted((across(foot), across(head)))
        return format_html(
            '<rect class="{}" x="{}%" y="{}" width="{}%" height="{}"/>',
            *(kind, f"{left:.2f}", y, f"{right - left:.2f}", BAR),
        )

    bars = [one for one in chart.series if one.kind == "bar"]
    rows = 1 if chart.stacked else len(bars)
    tall = WORDS + BAR * rows + GAP
    marks, values = [], []
    for at, label in enumerate(chart.labels):
        top = tall * at
        marks.append(format_html('<text x="0" y="{}">{}</text>', top + 13, label))
        heap = {True: Decimal(0), False: Decimal(0)}
        for place, one in enumerate(bars):
            value, y = one.values[at], top + WORDS + BAR * place
            if chart.stacked and value:
                foot = heap[value > 0]
                heap[value > 0] = foot + value
                marks.append(bar(f"s{place % 4 + 1}", foot, foot + value, top + WORDS))
            elif not chart.stacked and value is not None:
                marks.append(bar(f"s{place % 4 + 1}", 0, value, y))
                values.append((write(value), y + BAR // 2))
        marks += [
            bar("outline", 0, one.values[at] or 0, top + WORDS)
            for one in chart.series
            if one.kind == "outline"
        ]
    height = tall * len(chart.labels)
    if low < 0:
        marks.append(
            format_html(
                '<line class="zero" x1="{x}%" x2="{x}%" y1="0" y2="{y}"/>',
                x=f"{across(0):.2f}",
                y=height,
            )
        )
    plot = format_html(
        '<svg role="img" aria-label="{}" width="100%" height="{}">{}</svg>',
        chart.title,
        height,
        _joined(marks),
    )
    if not values:
        return plot
    wide = 8 * max(len(text) for text, _y in values)
    written = [
        format_html(
            '<text class="scale" x="{}" y="{}" text-anchor="end">{}</text>',
            *(wide, y, text),
        )
        for text, y in values
    ]
    return format_html(
        '{}<svg class="after" aria-hidden="true" width="{}" height="{}">{}</svg>',
        *(plot, wide, height, _joined(written)),
    )


def _joined(marks: Sequence[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((mark,) for mark in marks))


def _bar(kind, left, width, foot, head, up) -> SafeString:
    low, high = sorted((Decimal(foot), Decimal(head)))
    return format_html(
        '<rect class="{}" x="{}%" y="{}" width="{}%" height="{}"/>',
        kind,
        f"{left:.2f}",
        up(high),
        f"{width:.2f}",
        f"{float(up(low)) - float(up(high)):.1f}",
    )


def _word(kind, across, y, words) -> SafeString:
    return format_html(
        '<text class="{}" x="{}%" y="{}" text-anchor="middle">{}</text>',
        kind,
        f"{across:.2f}",
        y,
        words,
    )


def _line(one: Series, group: Decimal, up) -> list[SafeString]:
    points = [
        (f"{group * at + group / 2:.2f}", up(value))
        for at, value in enumerate(one.values)
        if value is not None
    ]
    return [
        *(
            format_html(
                '<line class="line" x1="{}%" y1="{}" x2="{}%" y2="{}"/>', *a, *b
            )
            for a, b in pairwise(points)
        ),
        *(
            format_html('<circle class="line" cx="{}%" cy="{}" r="3.5"/>', *point)
            for point in points
        ),
    ]


def shares(title: str, amounts: Sequence[Decimal | int]) -> SafeString:
    """Draw one bar across, cut in proportion to amounts of the same sign.

    The same figures are in a table beside it, marked with the same colours.
    """
    whole = sum(abs(Decimal(amount)) for amount in amounts) or Decimal(1)
    marks, left = [], Decimal(0)
    for place, amount in enumerate(amounts):
        width = abs(Decimal(amount)) / whole * 100
        marks.append(
            format_html(
                '<rect class="p{}" x="{}%" y="0" width="{}%" height="18"/>',
                place % 7 + 1,
                f"{left:.3f}",
                f"{width:.3f}",
            )
        )
        left += width
    return format_html(
        '<svg class="shares" role="img" aria-label="{}" width="100%" height="18">'
        "{}</svg>",
        title,
        _joined(marks),
    )


def beam(
    value: Decimal | int,
    *,
    low: Decimal | int,
    high: Decimal | int,
    behind: Decimal | int | None = None,
) -> SafeString:
    """Draw one bar across, from zero, on the scale from `low` to `high`.

    `behind` is an outline: a capacity, a plan. For the cell of a table that has the
    same numbers beside it: those who do not see it lose nothing.
    """
    low, high = min(Decimal(low), Decimal(0)), max(Decimal(high), Decimal(0))
    span = high - low or Decimal(1)

    def rect(kind: str, amount: Decimal | int, top: int, height: int) -> SafeString:
        first, last = sorted((Decimal(0), Decimal(amount)))
        return format_html(
            '<rect class="{}" x="{}%" y="{}" width="{}%" height="{}"/>',
            kind,
            f"{(first - low) / span * 100:.2f}",
            top,
            f"{(last - first) / span * 100:.2f}",
            height,
        )

    marks = [rect("s3" if value < 0 else "s1", value, 3, 10)]
    if behind is not None:
        marks.append(rect("outline", behind, 1, 14))
    return format_html(
        '<svg class="beam" aria-hidden="true" width="100%" height="16">{}</svg>',
        _joined(marks),
    )
