"""The acts: keep a file and what was understood of it, read it again, write it."""

from collections.abc import Sequence

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from partage.archive.actions import keep_file
from partage.importing.actions.writing import write
from partage.importing.models import Import
from partage.importing.queries import Options, Plan, check, read
from partage.importing.queries.reading import ReadSheet
from partage.importing.queries.words import unreadable
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.rules.spreadsheet import UnreadableFile

_ONE_AT_A_TIME = 0x49_4D  # a namespace of advisory locks: importations


class Unreadable(ActionRefused):
    sentence = "%(words)s"
    field = "file"


class AlreadyWritten(ActionRefused):
    sentence = _(
        "Cette importation est déjà écrite. Pour apporter un fichier corrigé, "
        "envoyez-le : ce qui est déjà là n’est pas doublé."
    )


class RowsToMend(ActionRefused):
    sentence = _(
        "Il reste %(count)s choses à corriger, et rien n’a été écrit. Corrigez le "
        "fichier, ou choisissez de n’écrire que les bonnes lignes."
    )


class NothingToWrite(ActionRefused):
    sentence = _(
        "Rien dans ce fichier n’est nouveau et bon à écrire. Vérifiez le compte rendu."
    )


class ChangedMeanwhile(ActionRefused):
    sentence = _(
        "Quelqu’un écrivait les mêmes choses au même moment, et rien n’a été écrit. "
        "Recommencez."
    )


def _reading(name: str, content: bytes, options: Options) -> list[ReadSheet]:
    try:
        return read(name, content, options)
    except UnreadableFile as problem:
        raise Unreadable(words=unreadable(problem.reason)) from None


@transaction.atomic
def keep_import(
    *,
    name: str,
    content: bytes,
    options: Options,
    by: Actor,
    sheets: Sequence[ReadSheet] | None = None,
) -> Import:
    """Keep a file, and what is understood of it. Nothing of it is written yet.

    `sheets` spares a second reading to whoever has just read it. Raises Unreadable,
    and what `keep_file` raises.
    """
    if sheets is None:
        sheets = _reading(name, content, options)
    plan = check(sheets, on=by.on)
    # Its name may end in anything: what it is was told by its first bytes.
    ending = ".xlsx" if content.startswith(b"PK") else ".csv"
    if not name.lower().endswith((ending, ".txt")):
        name += ending
    row = Import.objects.create(
        file=keep_file(name=name, content=content, by=by),
        options=options.as_json(),
        report=plan.report(),
        read_at=by.at,
        read_by_id=by.user_id,
    )
    journal.record(what="importing.import.read", subject=row, by=by, name=name)
    return row


@transaction.atomic
def reread_import(*, import_id: int, options: Options, by: Actor) -> Import:
    """Read the file again with other answers. Raises AlreadyWritten."""
    row = _hold(import_id)
    content = bytes(row.file.content)
    row.options = options.as_json()
    row.report = check(_reading(row.file.name, content, options), on=by.on).report()
    row.read_at = by.at
    row.save()
    journal.record(
        what="importing.import.read",
        subject=row,
        by=by,
        name=row.file.name,
        options=row.options,
    )
    return row


def write_import(
    *,
    import_id: int,
    good_rows: bool,
    by: Actor,
    sheets: Sequence[ReadSheet] | None = None,
) -> Import:
    """Write what is new, all at once; with `good_rows`, in spite of the wrong ones.

    The file is held again against what is here now. Imported weeks are approved: the
    time was worked, and often billed, before it came. Raises AlreadyWritten,
    RowsToMend, NothingToWrite or ChangedMeanwhile; nothing is written then.
    """
    try:
        return _write_import(import_id, good_rows, by, sheets)
    except IntegrityError as problem:
        raise ChangedMeanwhile from problem


@transaction.atomic
def _write_import(
    import_id: int, good_rows: bool, by: Actor, sheets: Sequence[ReadSheet] | None
) -> Import:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_ONE_AT_A_TIME])
    row = _hold(import_id)
    options = Options(**row.options)
    if sheets is None:
        sheets = _reading(row.file.name, bytes(row.file.content), options)
    plan: Plan = check(sheets, on=by.on)
    if plan.errors and not good_rows:
        raise RowsToMend(count=plan.errors)
    if not plan.new:
        raise NothingToWrite
    write(plan, origin=row, by=by)
    row.status = Import.Status.WRITTEN
    row.written_at = by.at
    row.report = plan.report()
    row.save()
    journal.record(
        what="importing.import.written",
        subject=row,
        by=by,
        name=row.file.name,
        good_rows=good_rows,
        **row.report["writes"],
    )
    return row


def _hold(import_id: int) -> Import:
    row = Import.objects.select_for_update(of=("self",)).get(pk=import_id)
    if row.status == Import.Status.WRITTEN:
        raise AlreadyWritten
    return row
