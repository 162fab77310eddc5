"""The tags and filters that every page has at hand (a builtin of the templates)."""

from datetime import date, datetime
from decimal import Decimal
from uuid import uuid4

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language, gettext

from partage.archive.actions import MEDIA_TYPES
from partage.experts.models import Level
from partage.portal import charts, words
from partage.rules.tax import tax_label

register = template.Library()


def _language() -> str:
    return get_language() or "fr-ca"


def _absent(value) -> bool:
    return value is None or value == ""


@register.filter
def money(amount, decimals: int = 2) -> str:
    if _absent(amount):
        return words.NOTHING
    return words.money(amount, _language(), decimals=decimals)


@register.filter
def signed(amount, decimals: int = 2) -> str:
    """Write what a change adds, its sign always said: « +1,50 $ »."""
    written = money(amount, decimals)
    return f"+{written}" if not _absent(amount) and amount > 0 else written


@register.filter
def number(amount, decimals: int | None = None) -> str:
    if _absent(amount):
        return words.NOTHING
    return words.number(amount, _language(), decimals=decimals)


@register.filter
def minutes(count) -> str:
    return words.NOTHING if _absent(count) else words.minutes(count, _language())


@register.filter
def hours(count, decimals: int = 2) -> str:
    if _absent(count):
        return words.NOTHING
    return words.hours(count, _language(), decimals=decimals)


@register.filter
def percent(share, decimals: int = 1) -> str:
    if _absent(share):
        return words.NOTHING
    return words.percent(share, _language(), decimals=decimals)


@register.filter
def level_word(level: int) -> str:
    return str(Level(level).label)


@register.filter
def tax_word(code) -> str:
    """Return how a tax is called in the language of the page: TPS, GST."""
    return tax_label(code, words.tongue(_language()))


def _date(on: date | datetime) -> date:
    return _here(on).date() if isinstance(on, datetime) else on


def _here(at: datetime) -> datetime:
    return timezone.localtime(at) if timezone.is_aware(at) else at


@register.filter
def day(on) -> str:
    return words.NOTHING if _absent(on) else words.day(_date(on), _language())


@register.filter
def day_short(on) -> str:
    return words.NOTHING if _absent(on) else words.day_short(_date(on), _language())


@register.filter
def day_month(on) -> str:
    return words.NOTHING if _absent(on) else words.day_month(_date(on), _language())


@register.filter
def weekday(on) -> str:
    return words.NOTHING if _absent(on) else words.weekday(_date(on), _language())


@register.filter
def month(on) -> str:
    return words.NOTHING if _absent(on) else words.month(_date(on), _language())


@register.filter
def moment(at) -> str:
    return words.NOTHING if _absent(at) else words.moment(_here(at), _language())


@register.filter
def clock(at) -> str:
    return words.NOTHING if _absent(at) else words.clock(_here(at), _language())


@register.simple_tag
def once() -> str:
    """Return the hidden field that lets one form act once, however often it is sent."""
    return format_html('<input type="hidden" name="once" value="{}">', uuid4())


@register.simple_tag
def accepted_files() -> str:
    """Return the endings of the documents that the archive keeps, for an input."""
    return ",".join(f".{ending}" for ending in MEDIA_TYPES)


@register.inclusion_tag("parts/field.html")
def field(bound, label=None, hint=None, unit=None, across=False):
    """Render one field of a form: label, hint, errors, input."""
    kind = getattr(bound.field.widget, "input_type", "")
    if hint is not None:
        bound.help_text = hint
    # A placeholder is pale, and gone as soon as one types: the hint is read instead.
    bound.field.widget.attrs.pop("placeholder", None)
    return {
        "field": bound,
        "label": label or bound.label,
        "unit": unit,
        "across": across,
        "is_box": kind == "checkbox" and not bound.use_fieldset,
        "is_group": bound.use_fieldset and kind in ("radio", "checkbox"),
    }


@register.inclusion_tag("parts/problem.html")
def problem(form=None, refused=None):
    """Render what must be mended: the errors of a form, or the words of a refusal."""
    forms = form if isinstance(form, list | tuple) else [form] if form else []
    bound = [
        (one_field, error)
        for one in forms
        for one_field in one
        for error in one_field.errors
    ]
    general = [error for one in forms for error in one.non_field_errors()]
    return {
        "refused": refused,
        "general": general,
        "bound": bound,
        "count": len(bound) + len(general),
    }


@register.simple_tag
def state(word, kind: str = "") -> str:
    """Render a state: its word, and its kind among "", good, wait and bad."""
    return format_html('<span class="state" data-is="{}">{}</span>', kind, word)


@register.simple_tag(takes_context=True)
def url_with(context, **changes) -> str:
    """Return the query string of this page with some parameters changed.

    A parameter set to None or "" is taken away. Unless it is the page that
    changes, the first page is shown again.
    """
    query = context["request"].GET.copy()
    if "page" not in changes:
        query.pop("page", None)
    for name, value in changes.items():
        if _absent(value):
            query.pop(name, None)
        else:
            query[name] = value
    return f"?{query.urlencode()}"


@register.inclusion_tag("parts/sort.html", takes_context=True)
def sort_header(context, label, name, number=False, parameter="tri"):
    """Render a header that sorts its column: `?tri=name`, then `?tri=-name`."""
    now = context["request"].GET.get(parameter, "")
    return {
        "label": label,
        "number": number,
        "direction": {name: "ascending", f"-{name}": "descending"}.get(now),
        "query": url_with(context, **{parameter: f"-{name}" if now == name else name}),
    }


@register.inclusion_tag("parts/chart.html")
def chart(drawn: charts.Chart):
    """Render a chart, its legend and the table of the same numbers."""

    def write(value: Decimal | int | None) -> str:
        return number(value, drawn.decimals)

    bars = 0
    legend = []
    for one in drawn.series:
        bars += one.kind == "bar"
        legend.append(
            (f"s{(bars - 1) % 4 + 1}" if one.kind == "bar" else one.kind, one.name)
        )
    return {
        "chart": drawn,
        "svg": charts.svg(drawn, write),
        "legend": legend if len(drawn.series) > 1 else [],
        "rows": [
            (label, [(one.name, write(one.values[at])) for one in drawn.series])
            for at, label in enumerate(drawn.labels)
        ],
    }


register.inclusion_tag("parts/chart.html", name="bar_chart")(chart)


@register.inclusion_tag("parts/price.html")
def price(found, agreements=(), saving=None):
    """Render what a price goes to (tariffs.queries.Price), and what it spared.

    `agreements` are (name, factor) pairs that changed the card's rates; `saving` is
    what the reservoir saved (knowledge.queries.Saving).
    """
    if found is None or not found.pieces:
        return {"price": None}
    return {
        "price": found,
        "agreements": agreements,
        "saving": saving,
        "svg": charts.shares(
            gettext("Ce que paie ce prix"), [one.amount for one in found.pieces]
        ),
        "pieces": [
            (place % 7 + 1, one.name, one.amount, one.amount / found.total)
            for place, one in enumerate(found.pieces)
        ]
        if found.total
        else [],
    }


@register.simple_tag
def steps(names, current: int):
    """Return the steps of a page as rows: name, is it done, is it the current one.

    `current` counts from 0; len(names) means that all is done.
    """
    return [(name, at < current, at == current) for at, name in enumerate(names)]


@register.filter
def notice_kind(level: str) -> str:
    """Return the kind of a notice from the tag of a Django message."""
    return {"success": "good", "warning": "wait", "error": "bad"}.get(level, "")


@register.filter
def of(mapping, key):
    """Return what a mapping holds under a key that varies; "" if nothing."""
    return mapping.get(key, "")


@register.filter
def yes_no(value) -> str:
    if value is None:
        return words.NOTHING
    return gettext("Oui") if value else gettext("Non")


@register.filter
def page_range_around(paginator, current: int) -> list[int | None]:
    """Return the page numbers worth showing; None stands for those left out."""
    last = paginator.num_pages
    near = sorted({1, last, *range(max(1, current - 1), min(last, current + 1) + 1)})
    shown: list[int | None] = []
    for one in near:
        before = shown[-1] if shown else one - 1
        if before is not None and one - before == 2:
            shown.append(one - 1)
        elif before is not None and one - before > 2:
            shown.append(None)
        shown.append(one)
    return shown
