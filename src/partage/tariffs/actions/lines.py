"""Acts on the lines of a cost model: each is kept, and can be undone."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partage.experts.queries import presence
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.tariffs.actions.costs import unfrozen
from partage.tariffs.models import (
    CostItem,
    CostModel,
    ExpectedHours,
    Parameter,
    Pay,
    Retouch,
    TimeShare,
)
from partage.tariffs.queries import DEFAULTS, last_changes, lines_of

TABLES: dict[str, type[models.Model]] = {
    "pay": Pay,
    "item": CostItem,
    "hours": ExpectedHours,
    "parameter": Parameter,
}


class LineGone(ActionRefused):
    sentence = _(
        "Cette ligne n’est plus là : quelqu’un vient de la retirer. "
        "Rechargez la page, puis recommencez."
    )


class NobodyDoesNothing(ActionRefused):
    sentence = _(
        "Le temps de « %(name)s » ne va nulle part. Donnez-lui un domaine, du temps "
        "au savoir ou du temps pour tous."
    )


class OutsideTheYear(ActionRefused):
    sentence = _(
        "Ces dates sortent de l’année du modèle, du %(first)s au %(last)s. "
        "Restez dans l’année, la fin après le début."
    )
    field = "starts_on"


class NegativeFigure(ActionRefused):
    sentence = _(
        "Un coût, des heures ou une part ne peuvent pas être négatifs. Pour réduire un "
        "coût, changez son montant ; pour de l’argent reçu, ajoutez un financement."
    )


class FigureTooLarge(ActionRefused):
    sentence = _(
        "« %(figure)s » est trop grand pour « %(name)s » : un chiffre de trop s’y est "
        "glissé. Vérifiez-le."
    )


class SaidTwice(ActionRefused):
    sentence = _(
        "Cette ligne existe déjà dans le modèle. Changez-la plutôt que d’en ajouter "
        "une seconde."
    )


class WeightIsZero(ActionRefused):
    sentence = _(
        "Un niveau ne peut pas peser zéro : son taux serait de zéro. "
        "Donnez un poids au-dessus de zéro, comme 0,84."
    )
    field = "value"


class NotAFraction(ActionRefused):
    sentence = _("Cette part va de 0 à 1. Écrivez 0,8 pour 80 %%.")
    field = "value"


class RoundingTooFine(ActionRefused):
    sentence = _(
        "Les taux s’arrondissent à des cents entiers, au-dessus de zéro. "
        "Écrivez 0,01 pour ne rien arrondir, 0,50 pour la demie de dollar."
    )
    field = "value"


class CarriedTooFine(ActionRefused):
    sentence = _(
        "Le report d’un exercice se donne en cents entiers par heure. "
        "Écrivez par exemple -0,35 : les taux baissent d’autant."
    )
    field = "value"


class NothingToUndo(ActionRefused):
    sentence = _("Il n’y a plus rien à annuler dans ce modèle.")


class FieldGivenTwice(ActionRefused):
    sentence = _(
        "Un domaine n’est donné qu’une fois par ligne. Réunissez les deux parts."
    )


def _kept(line: models.Model) -> dict[str, Any]:
    """Return a line as it is written, so that it can be put back."""
    found = {
        one.attname: getattr(line, one.attname) for one in line._meta.concrete_fields
    }
    if isinstance(line, Pay):
        found["shares"] = [
            [one.field_id, one.level, one.weight] for one in line.shares.all()
        ]
    return _as_json(found)


def _as_json(values: dict[str, Any]) -> dict[str, Any]:
    encoder = DjangoJSONEncoder()
    return {
        name: encoder.default(value) if isinstance(value, date | Decimal) else value
        for name, value in values.items()
    }


def _check(model: CostModel, line: models.Model, shares: list | None) -> None:
    """Refuse a line that no year could have. Nothing is written before."""
    figures = [
        getattr(line, name, 0)
        for name in ("amount", "yearly_pay", "charges_rate", "minutes", "value")
    ]
    carried = getattr(line, "code", "") == Parameter.Code.CARRIED
    if not carried and any(figure is not None and figure < 0 for figure in figures):
        raise NegativeFigure
    for one in line._meta.concrete_fields:
        if isinstance(one, models.DecimalField):
            figure = getattr(line, one.attname)
            if abs(figure) >= 10 ** (one.max_digits - one.decimal_places):
                raise FigureTooLarge(figure=figure, name=one.verbose_name)
    if isinstance(line, Parameter):
        code = Parameter.Code(line.code)
        if code.startswith("LEVEL") and not line.value:
            raise WeightIsZero
        if code in (code.PRACTICAL_SHARE, code.UNUSED_IN_RATES) and line.value > 1:
            raise NotAFraction
        if carried and line.value * 100 % 1:
            raise CarriedTooFine
        if code == code.ROUNDING and (not line.value or line.value * 100 % 1):
            raise RoundingTooFine
    if isinstance(line, Pay):
        inside = model.starts_on <= line.starts_on <= line.ends_on <= model.ends_on
        if not inside:
            raise OutsideTheYear(first=model.starts_on, last=model.ends_on)
        given = shares or []
        if len({field_id for field_id, _level, _weight in given}) < len(given):
            raise FieldGivenTwice
        if not (line.knowledge + line.common + sum(weight for *_pool, weight in given)):
            raise NobodyDoesNothing(name=line.name)


def _written(
    line: models.Model, shares: list[tuple[int, int, int]] | None
) -> models.Model:
    clash = {
        CostItem: ("kind", "name", "field_id"),
        ExpectedHours: ("field_id", "level"),
        Parameter: ("code",),
    }.get(type(line))
    if clash:
        same = type(line).objects.filter(model_id=line.model_id).exclude(pk=line.pk)
        if same.filter(**{name: getattr(line, name) for name in clash}).exists():
            raise SaidTwice
    line.save()
    if isinstance(line, Pay) and shares is not None:
        line.shares.all().delete()
        TimeShare.objects.bulk_create(
            TimeShare(pay=line, field_id=field_id, level=level, weight=weight)
            for field_id, level, weight in shares
            if weight
        )
    return line


@transaction.atomic
def save_line(
    *,
    model_id: int,
    table: str,
    line_id: int | None,
    values: Mapping[str, Any],
    by: Actor,
    shares: list[tuple[int, int, int]] | None = None,
) -> models.Model:
    """Add a line to a model, or change one; `line_id` is None for a new one.

    `table` is "pay", "item", "hours" or "parameter". `shares` are (field id, level,
    weight) of a pay, in place of those it had.

    Raises ModelFrozen, LineGone, SaidTwice, or why the line cannot be.
    """
    model = unfrozen(model_id)
    of = TABLES[table]
    line = of(model=model)
    before = None
    if line_id:
        line = of.objects.filter(pk=line_id, model=model).first()
        if line is None:
            raise LineGone
        before = _kept(line)
    for name, value in values.items():
        setattr(line, name, value)
    if before and shares is None and "shares" in before:
        shares = [tuple(share) for share in before["shares"]]
    _check(model, line, shares)
    _written(line, shares)
    line.refresh_from_db()
    _keep(model, table, line.pk, before, _kept(line), by)
    return line


@transaction.atomic
def remove_line(*, model_id: int, table: str, line_id: int, by: Actor) -> None:
    """Take a line off a model. Raises ModelFrozen or LineGone."""
    model = unfrozen(model_id)
    line = TABLES[table].objects.filter(pk=line_id, model=model).first()
    if line is None:
        raise LineGone
    before = _kept(line)
    line.delete()
    _keep(model, table, line_id, before, None, by)


def _keep(
    model: CostModel,
    table: str,
    line_id: int,
    before: dict | None,
    after: dict | None,
    by: Actor,
) -> None:
    if before == after:
        return
    Retouch.objects.create(
        model=model, at=by.at, by_name=by.name, table=table, line_id=line_id,
        before=before, after=after,
    )  # fmt: skip
    # What changed stays in the model: the journal is read by those who see no pay.
    journal.record(
        what="tariffs.line.changed", subject=model, by=by, table=table, line=line_id
    )


@transaction.atomic
def undo(*, model_id: int, by: Actor) -> list[Retouch]:
    """Undo all that the last act changed: a line, a spreadsheet, presence read again.

    What one person changed at one moment was one act. Raises ModelFrozen or
    NothingToUndo.
    """
    model = unfrozen(model_id)
    changes = last_changes(model)
    if not changes:
        raise NothingToUndo
    for change in changes:
        _put(model, change, change.before)
        change.undone = True
    Retouch.objects.bulk_update(changes, ["undone"])
    journal.record(what="tariffs.line.undone", subject=model, by=by, lines=len(changes))
    return changes


def _put(model: CostModel, change: Retouch, state: dict | None) -> None:
    of = TABLES[change.table]
    if state is None:
        of.objects.filter(pk=change.line_id, model=model).delete()
        return
    state = dict(state)
    shares = state.pop("shares", None)
    line = of(
        **{
            one.attname: one.to_python(state[one.attname])
            for one in of._meta.concrete_fields
            if one.attname in state
        }
    )
    _written(line, [tuple(share) for share in shares] if shares is not None else None)


@transaction.atomic
def make_model(*, state: str, starts_on: date, ends_on: date, by: Actor) -> CostModel:
    """Begin the model of a year, with the usual parameters and no line."""
    model = _next_version(state, starts_on, ends_on)
    Parameter.objects.bulk_create(
        Parameter(model=model, code=code, value=value, source=str(source))
        for code, (value, source) in DEFAULTS.items()
    )
    journal.record(
        what="tariffs.model.made", subject=model, by=by, version=model.version
    )
    return model


def _next_version(state: str, starts_on: date, ends_on: date) -> CostModel:
    last = (
        CostModel.objects.select_for_update()
        .filter(state=state, starts_on=starts_on)
        .order_by("-version")
        .first()
    )
    return CostModel.objects.create(
        state=state, starts_on=starts_on, ends_on=ends_on,
        version=last.version + 1 if last else 1,
    )  # fmt: skip


@transaction.atomic
def copy_model(
    *, model_id: int, state: str, starts_on: date, ends_on: date, by: Actor
) -> CostModel:
    """Make a model from another: a new version, the actual of a budget, another year.

    Every figure keeps its source and its note, and the model says where it was copied
    from. For another year, those who are still there at the end of the year copied are
    there all year; those who left, or will have left by then, are not copied, and
    presence is read again.
    """
    source = CostModel.objects.get(pk=model_id)
    model = _next_version(state, starts_on, ends_on)
    model.common_by, model.knowledge_by = source.common_by, source.knowledge_by
    model.note = gettext("Copié de : %(source)s.") % {"source": source.title}
    model.save(update_fields=["common_by", "knowledge_by", "note"])
    pays = list(source.pays.select_related("expert").prefetch_related("shares"))
    if starts_on != source.starts_on:
        pays = _of_another_year(pays, source, model)
    for pay in pays:
        shares = list(pay.shares.all())
        _copied(pay, model)
        for share in shares:
            share.pk, share.pay = None, pay
        TimeShare.objects.bulk_create(shares)
    for rows in (source.parameters.all(), source.items.all(), source.hours.all()):
        for row in rows:
            _copied(row, model)
    if starts_on != source.starts_on:
        for pay, minutes in _presences(model):
            pay.present_minutes = minutes
            pay.save(update_fields=["present_minutes"])
    journal.record(
        what="tariffs.model.copied", subject=model, by=by, version=model.version,
        copied=source.title,
    )  # fmt: skip
    return model


def _of_another_year(pays: list[Pay], source: CostModel, model: CostModel) -> list[Pay]:
    """Return the pays of those who stay, for the whole of another year."""
    days = (model.ends_on - model.starts_on).days + 1
    found = []
    for pay in pays:
        left_on = pay.expert and pay.expert.left_on
        if pay.ends_on < source.ends_on or (left_on and left_on < model.starts_on):
            continue
        if pay.expert is None:
            was = (pay.ends_on - pay.starts_on).days + 1
            pay.present_minutes = pay.present_minutes * days // was
        pay.starts_on, pay.ends_on = model.starts_on, model.ends_on
        found.append(pay)
    return found


def _copied(row: models.Model, model: CostModel) -> None:
    row.pk, row.model = None, model
    row._state.adding = True
    row.save()


@transaction.atomic
def read_presence(*, model_id: int, by: Actor) -> CostModel:
    """Read again how long each expert should be at work.

    Schedules, absences on record and the holidays of each province count; a budget
    also takes off the days of leave to come that its parameter expects. One undo puts
    all of it back. Raises ModelFrozen.
    """
    model = unfrozen(model_id)
    changed = 0
    for pay, minutes in _presences(model):
        if minutes == pay.present_minutes:
            continue
        before = _kept(pay)
        pay.present_minutes = minutes
        pay.save(update_fields=["present_minutes"])
        Retouch.objects.create(
            model=model, at=by.at, by_name=by.name, table="pay", line_id=pay.pk,
            before=before, after=_kept(pay),
        )  # fmt: skip
        changed += 1
    journal.record(what="tariffs.presence.read", subject=model, by=by, people=changed)
    return model


def _presences(model: CostModel) -> list[tuple[Pay, int]]:
    """Return each expert's pay, with the minutes that their schedule gives it now."""
    leave = lines_of(model).parameters.leave_days
    if model.state == CostModel.State.ACTUAL:
        leave = Decimal(0)
    pays = list(
        model.pays.filter(expert__isnull=False)
        .select_related("expert")
        .prefetch_related("shares")
    )
    found = presence(
        [(pay.expert, pay.starts_on, pay.ends_on) for pay in pays], leave_days=leave
    )
    return list(zip(pays, found, strict=True))
