"""What one more hour of each field, language and province would bring, shown."""

from decimal import Decimal

from django.http import HttpResponse
from django.utils.translation import gettext

from partage.experts.models import Field
from partage.members.models import Province
from partage.people.models import Language
from partage.planning import queries
from partage.planning.models import HourValue, Proposal
from partage.portal.charts import Chart, Series
from partage.portal.spreadsheets import sheet


def hour_value_charts(
    proposal: Proposal | None = None,
) -> list[tuple[Chart, list[tuple[str, HourValue]]]]:
    """Return what one more hour would bring: a picture and its rows for each axis."""
    found = []
    titles = {
        HourValue.Axis.FIELD: gettext("Une heure de plus, par domaine"),
        HourValue.Axis.LANGUAGE: gettext("Une heure de plus, par langue"),
        HourValue.Axis.PROVINCE: gettext("Une heure de plus, par province"),
    }
    fields = {field.code: field.name for field in Field.objects.all()}
    for axis, rows in queries.latest_hour_values(proposal).items():
        named = [(name_of(row, fields), row) for row in rows]
        if named:
            chart = Chart(
                titles[axis],
                [name for name, _row in named],
                (Series(gettext("Épargné"), [row.amount for _n, row in named]),),
                "$/h",
                decimals=2,
                named=True,
            )
            found.append((chart, named))
    return found


def name_of(value: HourValue, fields: dict[str, str]) -> str:
    """Return the field, the language or the province of a value, in words."""
    match value.axis:
        case HourValue.Axis.LANGUAGE:
            return str(Language(value.code).label)
        case HourValue.Axis.PROVINCE:
            return str(Province(value.code).label)
    return fields.get(value.code, value.code)


def hour_value_sheet() -> HttpResponse:
    """Return the values of the last plan as a spreadsheet."""
    fields = {field.code: field.name for field in Field.objects.all()}
    return sheet(
        gettext("Valeur d’une heure"),
        [
            gettext("Axe"),
            gettext("Nom"),
            gettext("Épargné par heure ($)"),
            gettext("Heures ouvertes"),
            gettext("Plan du"),
        ],
        (
            (
                row.get_axis_display(),
                name_of(row, fields),
                row.amount,
                Decimal(row.minutes) / 60,
                row.proposal.asked_at,
            )
            for rows in queries.latest_hour_values().values()
            for row in rows
        ),
    )
