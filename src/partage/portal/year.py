"""A year in four totals and their pictures, as the board and coordination see it."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext

from partage.impact.queries import Figures, year_figures
from partage.mandates.models import Satisfaction
from partage.portal.charts import Chart, Series
from partage.portal.templatetags.house import number, percent
from partage.portal.words import SHORT_MONTHS, tongue
from partage.rules.calendar import FiscalYear, fiscal_year
from partage.timesheets.models import TimeEntry

YOUNG = 60  # days: before that, the year that is over says more
YEARS = 4


def years(on: date, first_month: int) -> list[FiscalYear]:
    """Return the financial years that can be looked at, the current one first."""
    found = [fiscal_year(on, first_month)]
    while len(found) < YEARS:
        found.append(fiscal_year(found[-1].first_day - timedelta(days=1), first_month))
    return found


def chosen_year(asked: str, on: date, first_month: int) -> FiscalYear:
    """Return the year asked for, else the one that has something to say."""
    known = years(on, first_month)
    for year in known:
        if year.label == asked:
            return year
    return known[0] if (on - known[0].first_day).days >= YOUNG else known[1]


@dataclass(frozen=True)
class YearSeen:
    year: FiscalYear
    figures: Figures
    totals: list[dict]


def year_seen(year: FiscalYear) -> YearSeen:
    """Return a year's figures, the four totals ready to be shown."""
    figures = year_figures(year.first_day, year.last_day)
    said = figures.satisfaction_percent
    return YearSeen(
        year,
        figures,
        [
            {
                "label": gettext("Entreprises servies"),
                "value": number(figures.enterprises_served),
            },
            {"label": gettext("Experts"), "value": number(figures.experts)},
            {
                "label": gettext("Heures"),
                "value": number(figures.hours, 0),
                "unit": "h",
            },
            {
                "label": gettext("Satisfaction"),
                "value": percent(said / 100, 0) if said is not None else "—",
            },
        ],
    )


def pictures(year: FiscalYear, language: str) -> list[Chart]:
    """Draw the four totals: by province, by month, and what members said."""
    worked = TimeEntry.objects.filter(
        on__gte=year.first_day, on__lte=year.last_day, mandate__isnull=False
    )
    month = tongue(language)
    by_month = {
        row["month"]: row
        for row in worked.order_by()
        .values(month=TruncMonth("on"))
        .annotate(minutes=Sum("minutes"), experts=Count("expert", distinct=True))
    }
    months = [
        date(
            year.first_day.year + (year.first_day.month + at - 1) // 12,
            (year.first_day.month + at - 1) % 12 + 1,
            1,
        )
        for at in range(12)
    ]
    names = [SHORT_MONTHS[month][one.month - 1] for one in months]
    by_province = list(
        worked.order_by()
        .values("mandate__province")
        .annotate(count=Count("mandate__organisation", distinct=True))
        .order_by("-count")
    )
    scores = dict(
        Satisfaction.objects.filter(
            at__date__gte=year.first_day, at__date__lte=year.last_day
        )
        .order_by()
        .values_list("score")
        .annotate(Count("pk"))
    )
    return [
        Chart(
            gettext("Entreprises servies, par province"),
            [row["mandate__province"] for row in by_province],
            (Series(gettext("Entreprises"), [row["count"] for row in by_province]),),
        ),
        Chart(
            gettext("Experts au travail, par mois"),
            names,
            (
                Series(
                    gettext("Experts"),
                    [
                        by_month[one]["experts"] if one in by_month else 0
                        for one in months
                    ],
                ),
            ),
        ),
        Chart(
            gettext("Heures, par mois"),
            names,
            (
                Series(
                    gettext("Heures"),
                    [
                        _hours(by_month[one]["minutes"]) if one in by_month else 0
                        for one in months
                    ],
                ),
            ),
            "h",
            decimals=0,
        ),
        Chart(
            gettext("Satisfaction, de 1 à 5"),
            [str(score) for score in range(1, 6)],
            (
                Series(
                    gettext("Réponses"),
                    [scores.get(score, 0) for score in range(1, 6)],
                ),
            ),
        ),
    ]


def hours_by_field(year: FiscalYear, language: str) -> list[tuple[str, int, int]]:
    """Return each field's name, minutes and share of the largest in percent."""
    field = f"mandate__field__name_{tongue(language)}"
    found = list(
        TimeEntry.objects.filter(
            on__gte=year.first_day, on__lte=year.last_day, mandate__isnull=False
        )
        .order_by()
        .values_list(field)
        .annotate(all=Sum("minutes"))
        .order_by("-all")
    )
    most = found[0][1] if found else 1
    return [(name, minutes, 100 * minutes // most) for name, minutes in found]


def _hours(minutes: int) -> Decimal:
    return Decimal(minutes) / 60
