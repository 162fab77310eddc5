"""The lines of a model as spreadsheets: what leaves can be brought back."""

from decimal import Decimal

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from partage.experts.models import Field, Level
from partage.portal.spreadsheets import sheet
from partage.tariffs.models import CostModel
from partage.tariffs.queries import lines_of

TABLES = {
    "personnes": ("pay", _("Personnes")),
    "frais": ("item", _("Frais et financement")),
    "heures": ("hours", _("Heures")),
    "parametres": ("parameter", _("Paramètres")),
}
SHARES = 3  # fields that one line of pay can be given to
COLUMNS = {
    "personnes": [
        _("Nom"), _("Du"), _("Au"), _("Salaire annuel ($)"), _("Charges (%)"),
        _("Heures présentes"), _("Savoir"), _("Pour tous"), _("Domaine"), _("Niveau"),
        _("Temps"), _("Domaine 2"), _("Niveau 2"), _("Temps 2"), _("Domaine 3"),
        _("Niveau 3"), _("Temps 3"), _("Source"), _("Note"),
    ],
    "frais": [
        _("Nature"), _("Nom"), _("Montant ($)"), _("Domaine"), _("Clé"), _("Source"),
        _("Note"),
    ],
    "heures": [_("Domaine"), _("Niveau"), _("Heures"), _("Source"), _("Note")],
    "parametres": [_("Paramètre"), _("Valeur"), _("Source"), _("Note")],
}  # fmt: skip


def as_sheet(model: CostModel, name: str) -> HttpResponse:
    lines = lines_of(model)
    names = {one.pk: one.name for one in Field.objects.all()}
    rows: list[tuple] = []
    if name == "personnes":
        for pay in lines.pays:
            given = [
                cell
                for field_id, level, weight in lines.shares_of[pay.pk]
                for cell in (names[field_id], str(Level(level).label), weight)
            ]
            given += [""] * (3 * SHARES - len(given))
            rows.append(
                (
                    pay.name, pay.starts_on, pay.ends_on, pay.yearly_pay,
                    pay.charges_rate * 100, Decimal(pay.present_minutes) / 60,
                    pay.knowledge, pay.common, *given[: 3 * SHARES], pay.source,
                    pay.note,
                )
            )  # fmt: skip
    elif name == "frais":
        rows = [
            (
                one.get_kind_display(), one.name, one.amount,
                names.get(one.field_id, ""), one.get_key_display(), one.source,
                one.note,
            )
            for one in lines.items
        ]  # fmt: skip
    elif name == "heures":
        rows = [
            (
                names[one.field_id], str(Level(one.level).label),
                Decimal(one.minutes) / 60, one.source, one.note,
            )
            for one in lines.hours
        ]  # fmt: skip
    else:
        rows = [
            (one.get_code_display(), one.value, one.source, one.note)
            for one in model.parameters.order_by("id")
        ]
    return sheet(
        f"{model.title} {TABLES[name][1]}",
        [str(one) for one in COLUMNS[name]],
        rows,
    )
