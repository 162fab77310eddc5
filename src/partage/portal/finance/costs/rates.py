"""The rates that a model yields, beside those adopted; each explained to its lines."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext

from partage.experts.models import Field, Level
from partage.portal.access import allow
from partage.portal.charts import shares
from partage.portal.finance.costs.page import EYES, field_names
from partage.portal.finance.costs.trial import by_pool
from partage.portal.spreadsheets import sheet
from partage.rules import costing as rules
from partage.rules.money import ZERO
from partage.tariffs.models import CostModel, RatePart
from partage.tariffs.queries import (
    card_in_force,
    derived_rates,
    lines_of,
    rates_of,
    thresholds_on,
)

KIND_NAMES = dict(RatePart.Kind.choices)


@allow(*EYES)
def cost_rates(request: HttpRequest, pk: int) -> HttpResponse:
    """The rates that a model yields, beside those adopted."""
    model = get_object_or_404(CostModel, pk=pk)
    card = card_in_force(request.who.today)
    adopted = by_pool(rates_of(card)) if card else {}
    names = field_names()
    limits = thresholds_on(request.who.today)
    rows = []
    for pool, one in derived_rates(lines_of(model)).items():
        now = adopted.get(pool)
        limit = limits.get(pool.field)
        rows.append(
            {
                "field": names.get(pool.field, pool.field),
                "code": pool.field,
                "level": pool.level,
                "level_name": Level(pool.level).label,
                "amount": one.amount,
                "adopted": now,
                "change": one.amount - now if now is not None else None,
                "limit": limit if limit is not None and one.amount > limit else None,
            }
        )
    rows.sort(key=lambda row: (row["field"], row["level"]))
    if request.GET.get("format") == "xlsx":
        return sheet(
            gettext("taux"),
            [
                gettext("Domaine"), gettext("Niveau"), gettext("Taux du modèle ($/h)"),
                gettext("Taux en vigueur ($/h)"), gettext("Écart ($/h)"),
            ],
            (
                (r["field"], r["level_name"], r["amount"], r["adopted"], r["change"])
                for r in rows
            ),
        )  # fmt: skip
    return render(
        request,
        "finance/cost_rates.html",
        {"model": model, "rows": rows, "card": card},
    )


@allow(*EYES)
def cost_rate(request: HttpRequest, pk: int, code: str, level: int) -> HttpResponse:
    """A rate explained down to the lines that it comes from."""
    model = get_object_or_404(CostModel, pk=pk)
    lines = lines_of(model)
    one = derived_rates(lines).get(rules.Pool(code, level))
    if one is None:
        raise Http404
    names = lines.names
    by_kind: dict[str, list] = {}
    for line in one.lines:
        if line.amount:
            by_kind.setdefault(line.kind.value, []).append(
                (names.get(line.key, ""), line.amount, _where(model, line.key))
            )
    kinds = []
    for place, (kind, _label) in enumerate(RatePart.Kind.choices):
        if kind in by_kind:
            rows = sorted(by_kind[kind], key=lambda row: -row[1])
            total = sum((amount for _name, amount, _url in rows), ZERO)
            kinds.append((place % 7 + 1, KIND_NAMES[kind], total, rows))
    return render(
        request,
        "finance/cost_rate.html",
        {
            "model": model,
            "field": get_object_or_404(Field, code=code),
            "level": Level(level).label,
            "rate": one.amount,
            "kinds": kinds,
            "svg": shares(
                gettext("Ce dont le taux est fait"),
                [total for _p, _k, total, _r in kinds],
            ),
            "limit": next(
                (
                    found.threshold
                    for found in rules.beyond_moderate(
                        [(one.pool, one.amount)], thresholds_on(request.who.today)
                    )
                ),
                None,
            ),
        },
    )


def _where(model: CostModel, key: str) -> str:
    """Return where the line of a part can be read or changed."""
    if not key:
        return ""
    table, pk = key.split()
    name = "personnes" if table == "pay" else "frais"
    return (
        f"{reverse('finance:cost_model', args=[model.pk])}?tableau={name}&modifier={pk}"
    )


urls = [
    path("couts/<int:pk>/taux/", cost_rates, name="cost_rates"),
    path("couts/<int:pk>/taux/<slug:code>/<int:level>", cost_rate, name="cost_rate"),
]
