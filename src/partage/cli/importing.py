"""`partage import FILE`: a cooperative's own spreadsheet, understood, then written."""

import json
from contextlib import nullcontext
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from partage.governance.queries import business_now
from partage.importing.actions import keep_import, write_import
from partage.importing.queries import (
    LARGEST,
    Options,
    check,
    heading_of,
    kind_word,
    read,
    sentence,
    unreadable,
)
from partage.importing.queries.plan import FATES
from partage.importing.queries.reading import ReadSheet
from partage.journal.actions import ActionRefused, Actor
from partage.rules.hours import format_minutes
from partage.rules.spreadsheet import UnreadableFile

# What the shell is told.
WRITTEN, TO_MEND, NOT_READ = 0, 1, 2


class Kind(StrEnum):
    MEMBERS = "members"
    EXPERTS = "experts"
    MANDATES = "mandates"
    TIME = "time"


class Dates(StrEnum):
    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"
    YEAR_FIRST = "year_first"


FILE_HELP = gettext_lazy("Le fichier .xlsx ou .csv.")
DRY_HELP = gettext_lazy("Dit ce qui serait écrit, et n’écrit rien.")
GOOD_HELP = gettext_lazy("Écrit les bonnes lignes malgré celles à corriger.")
KIND_HELP = gettext_lazy("Ce que la feuille contient, si elle ne le dit pas.")
DATES_HELP = gettext_lazy("L’ordre des dates comme 03/04/2025, si rien ne le dit.")
JSON_HELP = gettext_lazy("Écrit le compte rendu en JSON.")


def import_file(
    file: Annotated[Path, typer.Argument(help=str(FILE_HELP))],
    dry_run: Annotated[bool, typer.Option("--dry-run", help=str(DRY_HELP))] = False,
    good_rows: Annotated[
        bool, typer.Option("--good-rows", help=str(GOOD_HELP))
    ] = False,
    kind: Annotated[Kind | None, typer.Option(help=str(KIND_HELP))] = None,
    dates: Annotated[Dates | None, typer.Option(help=str(DATES_HELP))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=str(JSON_HELP))] = False,
) -> None:
    """Say what was understood; write it if all is well."""
    say = Console()
    options = Options(dates=dates and dates.value, kind=kind and kind.value)
    by = Actor(user_id=None, name="partage import", at=business_now())
    refused, written = "", False
    try:
        content = _bytes_of(file)
        with nullcontext() if as_json else say.status(_("Lecture du fichier…")):
            sheets = read(file.name, content, options)
            if dry_run:
                report = check(sheets, on=by.on).report()
            else:
                report, written = _write(
                    file.name, content, sheets, options, by, good_rows
                )
    except UnreadableFile as problem:
        _stop(unreadable(problem.reason), as_json)
    except ActionRefused as problem:
        report, refused = check(sheets, on=by.on).report(), str(problem)
    if as_json:
        typer.echo(json.dumps(_json(report, written, refused), ensure_ascii=False))
    else:
        _show(say, report)
        _conclude(say, report, written=written, refused=refused, dry_run=dry_run)
    wrong = refused or (report["errors"] and not good_rows)
    raise typer.Exit(TO_MEND if wrong else WRITTEN)


class _Nothing(Exception):
    """Nothing is to be written, and nothing is kept."""


def _write(
    name: str,
    content: bytes,
    sheets: list[ReadSheet],
    options: Options,
    by: Actor,
    good_rows: bool,
) -> tuple[dict, bool]:
    """Return what was understood, and whether it was written: all of it or nothing."""
    report: dict = {}
    try:
        with transaction.atomic():
            row = keep_import(
                name=name, content=content, options=options, by=by, sheets=sheets
            )
            report = row.report
            if not report["new"] or (report["errors"] and not good_rows):
                raise _Nothing
            row = write_import(
                import_id=row.pk, good_rows=good_rows, by=by, sheets=sheets
            )
    except _Nothing:
        return report, False
    return row.report, True


def _bytes_of(file: Path) -> bytes:
    try:
        if file.stat().st_size > LARGEST:
            raise UnreadableFile("too_big")
        return file.read_bytes()
    except OSError as problem:
        words = _("« %(name)s » ne s’ouvre pas (%(why)s). Vérifiez le chemin.") % {
            "name": file,
            "why": problem.strerror,
        }
        _stop(words, as_json=False)


def _stop(words: str, as_json: bool) -> NoReturn:
    if as_json:
        typer.echo(json.dumps({"error": words}, ensure_ascii=False))
    else:
        typer.echo(words, err=True)
    raise typer.Exit(NOT_READ)


def _json(report: dict, written: bool, refused: str) -> dict:
    kinds = {sheet["name"]: sheet["kind"] for sheet in report["sheets"]}
    problems = [
        {
            "sheet": each["sheet"],
            "row": each["row"],
            "column": each["label"] or each["column"],
            "code": each["code"],
            "warning": each["warning"],
            "sentence": sentence(each, kinds[each["sheet"]]),
        }
        for each in report["problems"]
    ]
    return {**report, "problems": problems, "written": written, "refused": refused}


def _show(say: Console, report: dict) -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for words in (_("Feuille"), _("Contient"), _("Lignes")):
        table.add_column(words, justify="right" if words == _("Lignes") else "left")
    for words in (
        _("À écrire"), _("Déjà là"), _("Autrement ici"), _("En double"), _("À corriger")
    ):  # fmt: skip
        table.add_column(words, justify="right")
    for sheet in report["sheets"]:
        table.add_row(
            escape(sheet["name"]),
            kind_word(sheet["kind"]),
            str(sheet["rows"]),
            *(str(sheet["counts"][fate]) for fate in FATES),
        )
    say.print(table)
    for sheet in report["sheets"]:
        if not sheet["kind"]:
            continue
        said = ", ".join(
            f"{label} → {heading_of(sheet['kind'], key)}"
            if label != heading_of(sheet["kind"], key)
            else label
            for label, key in sheet["columns"]
        )
        say.print()
        say.print(
            _("%(sheet)s : en-têtes à la ligne %(row)s. Colonnes lues : %(columns)s.")
            % {
                "sheet": escape(sheet["name"]),
                "row": sheet["header_row"],
                "columns": escape(said),
            }
        )
        if sheet["ignored"]:
            say.print(
                _("Colonnes laissées de côté : %(columns)s.")
                % {"columns": escape(", ".join(sheet["ignored"]))},
                style="dim",
            )
    kinds = {sheet["name"]: sheet["kind"] for sheet in report["sheets"]}
    for wrong in (True, False):
        found = [each for each in report["problems"] if each["warning"] is not wrong]
        if found:
            say.print()
            say.print(_("À corriger") if wrong else _("À savoir"), style="bold")
        for each in found:
            words = sentence(each, kinds[each["sheet"]])
            say.print("  " + escape(words), style="red" if wrong else "")
    if report["unshown"]:
        words = ngettext(
            "… et %(count)s autre ligne du même genre.",
            "… et %(count)s autres lignes du même genre.",
            report["unshown"],
        )
        say.print("  " + words % {"count": report["unshown"]})


def _conclude(
    say: Console, report: dict, *, written: bool, refused: str, dry_run: bool
) -> None:
    say.print()
    if refused:
        say.print(escape(refused), style="red")
        return
    if not report["new"]:
        words = _("Rien à écrire.")
    elif written:
        words = _("Écrit :") + " " + _sums(report["writes"])
    elif dry_run and not report["errors"]:
        words = _("Essai : rien n’est écrit. Serait écrit :") + " "
        words += _sums(report["writes"])
    else:
        words = _(
            "Rien n’est écrit. Corrigez le fichier, ou ajoutez --good-rows pour "
            "n’écrire que les bonnes lignes."
        )
    say.print(words, style="bold")


def _sums(writes: dict) -> str:
    words = [
        ngettext("%(n)s organisation", "%(n)s organisations", n) % {"n": n}
        for n in [writes["organisations"]]
        if n
    ]
    words += [
        ngettext("%(n)s expert", "%(n)s experts", n) % {"n": n}
        for n in [writes["experts"]]
        if n
    ]
    words += [
        ngettext("%(n)s mandat", "%(n)s mandats", n) % {"n": n}
        for n in [writes["mandates"]]
        if n
    ]
    if writes["entries"]:
        words.append(
            _("%(hours)s de temps, en semaines approuvées")
            % {"hours": format_minutes(writes["minutes"], "fr")}
        )
    return ", ".join(words) + "."
