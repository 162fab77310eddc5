"""What the cells of a column say: days, times, amounts, words, or a problem.

Each column is read once for each different cell, and a column of dates is read as
a whole, since its days say in which order they were typed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any

from partage.rules.dates import UnreadableDate, parse_date
from partage.rules.hours import UnreadableHours, parse_minutes
from partage.rules.money import UnreadableMoney, is_exact, parse_money
from partage.rules.spreadsheet.cells import Cell, Sheet, as_text
from partage.rules.spreadsheet.columns import (
    COLUMNS,
    REQUIRED,
    Column,
    Recognised,
    plain,
)
from partage.rules.triage import fold

DAY_FIRST, MONTH_FIRST, YEAR_FIRST = "day_first", "month_first", "year_first"
DATE_ORDERS = (DAY_FIRST, MONTH_FIRST, YEAR_FIRST)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a cell (or a row, or a sheet when `row` is None).

    `column` is a key of COLUMNS, or "". `value` is what stands in the cell. `facts`
    complete the sentence of this `code`. A `warning` keeps nothing from being
    written.
    """

    code: str
    row: int | None = None
    column: str = ""
    value: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    warning: bool = False


@dataclass(slots=True)
class Line:
    """A row of data: what it says by column, and what is wrong with it."""

    row: int
    values: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Lines:
    """The rows of data of a sheet; `totals` counts the rows that only add up."""

    lines: tuple[Line, ...]
    problems: tuple[Problem, ...] = ()
    totals: int = 0


class Unread(ValueError):
    """A cell that does not read; `code` and `facts` become a Problem."""

    def __init__(self, code: str, **facts: Any) -> None:
        self.code = code
        self.facts = facts
        super().__init__(code)


_DAY_ZERO = datetime.combine(date(1899, 12, 30), time())
_MINUTE = Decimal(60)
_ERROR_WORDS = (
    "#n/a #null! #div/0! #value! #ref! #name? #num! #valeur! #nom? #nombre! #nul! "
    "#getting_data #spill! #calc!"
)
_ERRORS = frozenset(_ERROR_WORDS.split())
_TOTAL = re.compile(
    r"(?:sous |grand |sub ?)?tot(?:al|aux|als)(?: general| generaux| partiel)?"
    r"(?: ?[:=].*)?"
)


def read_lines(
    sheet: Sheet, found: Recognised, *, date_order: str | None = None
) -> Lines:
    """Read the rows under the headers.

    `date_order` (one of DATE_ORDERS) is what the person answered when figures such
    as « 03/04/2025 » were all that a column had. Headers printed again, rows of
    totals and blank rows are left out. No row raises: what is wrong is in its
    problems.
    """
    columns = COLUMNS[found.kind]
    readers: list[tuple[int, str, Callable[[Cell], Any]]] = []
    problems: list[Problem] = []
    body = [each for each in sheet.rows if each[0] > found.header_row]
    for place, key in found.columns.items():
        column = columns[key]
        if column.type == "date":
            held = {row[place] for _number, row in body if place < len(row)}
            order, problem = _order_of(held, date_order)
            if problem:
                problems.append(Problem(problem, column=key, warning=order != ""))
            readers.append((place, key, partial(read_date, order=order)))
        else:
            readers.append((place, key, _reader(column)))
    labels = {place: plain(found.labels[key]) for place, key in found.columns.items()}
    lines, totals = [], 0
    memory: dict[str, dict[Any, Any]] = {key: {} for _place, key, _read in readers}
    for number, cells in body:
        if _is_total(cells, found):
            totals += 1
            continue
        values: dict[str, Any] = {}
        wrong: list[Problem] = []
        for place, key, read in readers:
            cell = cells[place] if place < len(cells) else None
            if cell is None:
                continue
            known = memory[key]
            # 1, True and Decimal(1) are equal, and are not the same cell.
            same = cell if type(cell) is str else (type(cell), cell)
            value = known.get(same)
            if value is None:
                value = known[same] = _tried(read, cell)
            if type(value) is Unread:
                wrong.append(
                    Problem(value.code, number, key, as_text(cell), value.facts)
                )
            else:
                values[key] = value
        if not values and not wrong:
            continue  # only columns that nobody knows
        if _is_header(cells, labels):
            continue
        extra = len(cells) - found.width
        if extra > 0 and all(isinstance(cell, str | None) for cell in cells):
            wrong.append(Problem("extra_cells", number, facts={"count": extra}))
        bad = {problem.column for problem in wrong}
        wrong += [
            Problem("missing", number, _at_hand(group, found))
            for group in REQUIRED[found.kind]
            if not any(key in values or key in bad for key in group)
            and any(key in found.labels for key in group)
        ]
        lines.append(Line(number, values, wrong))
    return Lines(tuple(lines), tuple(problems), totals)


def _tried(read: Callable[[Cell], Any], cell: Cell) -> Any:
    if type(cell) is str and cell.casefold() in _ERRORS:
        return Unread("formula_error")
    try:
        return read(cell)
    except Unread as problem:
        return problem


def _at_hand(group: tuple[str, ...], found: Recognised) -> str:
    return next(key for key in group if key in found.labels)


def _is_header(cells: tuple[Cell, ...], labels: Mapping[int, str]) -> bool:
    """Whether the headers are printed again, as at the top of each page."""
    return all(
        place < len(cells)
        and isinstance(cell := cells[place], str)
        and plain(cell) == label
        for place, label in labels.items()
    )


def _is_total(cells: tuple[Cell, ...], found: Recognised) -> bool:
    """Whether a row only adds up the others: « Total », and something missing."""
    start = next(
        (cell for cell in cells if type(cell) is str and cell[:1].isalpha()), ""
    )
    if len(start) > 120:
        return False
    if not start[:5].casefold().startswith(("total", "totau", "sous", "grand", "sub")):
        return False
    words = fold(start).replace("-", " ")
    if _TOTAL.fullmatch(words):
        return True
    filled = {
        key
        for place, key in found.columns.items()
        if place < len(cells) and cells[place] is not None
    }
    needed = REQUIRED[found.kind]
    return (
        len(needed) > 1
        and words.replace("sous ", "").replace("grand ", "").startswith("total")
        and any(not filled & set(group) for group in needed)
    )


# Days ------------------------------------------------------------------------

_FIGURES = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?!\d)")


def _order_of(cells: set[Cell], said: str | None) -> tuple[str | None, str | None]:
    """Return in which order a column's figures are, and what to tell of it.

    None when it does not matter. An empty order means that nobody knows: each day
    that could be two days is then a problem. What the column itself proves is
    believed before what the person said.
    """
    typed = [
        (int(found[1]), int(found[2]), found[3])
        for cell in cells
        if isinstance(cell, str) and (found := _FIGURES.match(fold(cell)))
    ]
    if not typed:
        return None, None
    if any(len(year) == 2 for _a, _b, year in typed):
        order = _order_of_short(typed)
        if order == YEAR_FIRST:
            return order, None
        if order is None:
            return (said, None) if said else ("", "date_order_unknown")
    day_first = any(a > 12 >= b for a, b, _year in typed)
    month_first = any(b > 12 >= a for a, b, _year in typed)
    if day_first and month_first:
        return "", "date_orders_mixed"
    if day_first or month_first:
        order = DAY_FIRST if day_first else MONTH_FIRST
        days = [cell for cell in cells if isinstance(cell, date)]
        # A spreadsheet set in the other order turned over the days it could.
        if (
            len(days) > 1
            and all(each.day <= 12 for each in days)
            and all((a if day_first else b) > 12 for a, b, _year in typed)
        ):
            return order, "dates_maybe_swapped"
        return order, None
    if all(a == b for a, b, _year in typed):
        return DAY_FIRST, None
    return (said, None) if said else ("", "date_order_unknown")


def _order_of_short(typed: list[tuple[int, int, str]]) -> str | None:
    """Tell where a year of two figures stands: it is what varies least."""
    firsts = {a for a, _b, _year in typed}
    lasts = {year for _a, _b, year in typed}
    if max(map(int, lasts)) > 31 or (len(lasts) <= 2 and len(firsts) > 2):
        return DAY_FIRST
    if max(firsts) > 31 or (len(firsts) <= 2 and len(lasts) > 2):
        return YEAR_FIRST
    return None


def read_date(cell: Cell, order: str | None) -> date:
    if isinstance(cell, datetime):
        return _plausible(cell.date())
    if isinstance(cell, date):
        return _plausible(cell)
    if isinstance(cell, Decimal):
        if 10_000 <= cell < 100_000:
            return _plausible((_DAY_ZERO + timedelta(days=int(cell))).date())
        if cell == cell.to_integral_value() and 19_000_101 <= cell <= 21_001_231:
            return read_date(f"{cell:f}", order)
        raise Unread("not_a_date")
    if not isinstance(cell, str):
        raise Unread("not_a_date")
    try:
        if figures := _FIGURES.match(fold(cell)):
            return _plausible(_in_order(cell, figures, order))
        return _plausible(parse_date(cell, "fr").on)
    except UnreadableDate as problem:
        raise Unread(
            {
                "no_such_day": "no_such_day",
                "no_year": "date_without_year",
                "no_day": "date_without_day",
            }.get(problem.reason, "not_a_date")
        ) from None


def _in_order(text: str, found: re.Match[str], order: str | None) -> date:
    if order == YEAR_FIRST:
        return parse_date(f"20{int(found[1]):02}-{found[2]}-{found[3]}", "fr").on
    read = parse_date(text, "en" if order == MONTH_FIRST else "fr")
    if order == "" and (read.other or len(found[3]) == 2):
        raise Unread("date_of_two_days")
    expected = (found[2], found[1]) if order == MONTH_FIRST else (found[1], found[2])
    if order and (read.on.day, read.on.month) != (int(expected[0]), int(expected[1])):
        raise Unread("no_such_day")
    return read.on


def _plausible(on: date) -> date:
    if not 1900 <= on.year <= 2100:
        raise Unread("year_far_away", year=on.year)
    return on


# Time and money --------------------------------------------------------------


def _too_long_a_number(cell: Cell) -> bool:
    """Whether a number is beyond what arithmetic keeps exact, let alone a person."""
    if isinstance(cell, str):
        return sum(letter.isdigit() for letter in cell) > 15
    return isinstance(cell, Decimal) and abs(cell) >= 10**12


def read_minutes(cell: Cell, at_most: int) -> int:
    """Read hours, however the spreadsheet keeps them."""
    if _too_long_a_number(cell):
        raise Unread("not_hours")
    if isinstance(cell, Decimal):
        seconds = cell * 3600
    elif isinstance(cell, timedelta):
        seconds = Decimal(str(cell.total_seconds()))
    elif isinstance(cell, datetime):
        if cell.year > 1900:
            raise Unread("not_hours")
        # A length of more than a day, shown as an hour of the day.
        seconds = Decimal(str((cell - _DAY_ZERO).total_seconds()))
    elif isinstance(cell, time):
        seconds = Decimal(cell.hour * 3600 + cell.minute * 60 + cell.second)
        seconds += Decimal(cell.microsecond) / 1_000_000
    elif isinstance(cell, str):
        return _typed_minutes(cell, at_most)
    else:
        raise Unread("not_hours")
    minutes = int((seconds / _MINUTE).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    if minutes < 0:
        raise Unread("hours_negative")
    if minutes > at_most:
        raise Unread("hours_too_long", at_most=at_most // 60)
    return minutes


def _typed_minutes(text: str, at_most: int) -> int:
    try:
        return parse_minutes(text, at_most=at_most)
    except UnreadableHours as problem:
        code = {
            "negative": "hours_negative",
            "too_long": "hours_too_long",
            "ambiguous": "hours_ambiguous",
            "minutes_over_59": "hours_ambiguous",
        }.get(problem.reason, "not_hours")
        raise Unread(code, at_most=at_most // 60) from None


def read_whole_minutes(cell: Cell, at_most: int) -> int:
    """Read a column of minutes: « 90 » is an hour and a half."""
    if isinstance(cell, str) and re.fullmatch(r"\d+", cell):
        cell = Decimal(cell)
    if isinstance(cell, Decimal):
        return read_minutes(cell / 60, at_most)
    return read_minutes(cell, at_most)


_AN_HOUR = re.compile(r"\s*(?:/\s*(?:h|hr|heure|hour)|de l.heure|an hour|per hour)$")


def read_money(cell: Cell) -> Decimal:
    if _too_long_a_number(cell):
        raise Unread("not_money")
    if isinstance(cell, Decimal):
        amount = cell.quantize(Decimal("0.000001")).normalize()
        if not is_exact(amount):
            raise Unread("money_finer_than_a_cent")
    elif isinstance(cell, str):
        try:
            amount = parse_money(_AN_HOUR.sub("", cell.casefold()))
        except UnreadableMoney as problem:
            raise Unread(
                {
                    "ambiguous": "money_ambiguous",
                    "more_than_cents": "money_finer_than_a_cent",
                }.get(problem.reason, "not_money")
            ) from None
    else:
        raise Unread("not_money")
    if amount < 0:
        raise Unread("money_negative")
    if amount >= 10**9:
        raise Unread("not_money")
    return amount.quantize(Decimal("0.01"))


def read_count(cell: Cell, at_most: int) -> int:
    if isinstance(cell, str):
        digits = re.sub(r"[ ’']", "", cell)
        cell = Decimal(digits) if re.fullmatch(r"\d{1,9}", digits) else None
    if not isinstance(cell, Decimal) or cell != cell.to_integral_value() or cell < 0:
        raise Unread("not_a_count")
    if cell > at_most:
        raise Unread("count_too_large", at_most=at_most)
    return int(cell)


# Words -----------------------------------------------------------------------


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", fold(text))


def _choices(**words: str) -> dict[str, str]:
    return {_bare(one): code for code, said in words.items() for one in said.split("|")}


PROVINCES = _choices(
    QC="QC|Québec|P.Q.|Que|Québec (QC)|Province de Québec",
    ON="ON|Ontario|Ont",
    NB="NB|Nouveau-Brunswick|N.-B.|New Brunswick",
    AB="AB|Alberta|Alb|Alta",
    NS="NS|Nouvelle-Écosse|N.-É.|Nova Scotia",
    PE="PE|Île-du-Prince-Édouard|Î.-P.-É.|PEI|Prince Edward Island",
    NL="NL|Terre-Neuve-et-Labrador|T.-N.-L.|Newfoundland and Labrador|Newfoundland",
    MB="MB|Manitoba|Man",
    SK="SK|Saskatchewan|Sask",
    BC="BC|Colombie-Britannique|C.-B.|CB|British Columbia",
    YT="YT|Yukon|YK",
    NT="NT|Territoires du Nord-Ouest|T.N.-O.|Northwest Territories|NWT",
    NU="NU|Nunavut",
)
LANGUAGES = _choices(
    fr="fr|fra|français|française|french|francophone|f|fr-ca",
    en="en|eng|ang|anglais|anglaise|english|anglophone|e|a|en-ca",
)
_BILINGUAL = "bilingue|bilingual|fr/en|en/fr|les deux|both|b|f/a|a/f"
_BOTH = frozenset(map(_bare, _BILINGUAL.split("|")))
_YES = frozenset({"oui", "o", "yes", "y", "vrai", "true", "1", "x", "✓", "✔", "v"})
_NO = frozenset({"non", "n", "no", "faux", "false", "0", "-", "–", "✗"})
CHOICES: dict[str, dict[str, str]] = {
    "category": _choices(
        USER="utilisateur|utilisatrice|membre utilisateur|membre utilisatrice|user|"
        "user member|usager|régulier|regular|actif",
        WORKER="travailleur|travailleuse|membre travailleur|worker|worker member",
        SUPPORT="soutien|membre de soutien|de soutien|support|support member|"
        "supporting member",
        AUXILIARY="auxiliaire|membre auxiliaire|auxiliary|auxiliary member",
    ),
    "form": _choices(
        COOPERATIVE="coopérative|coop|cooperative|co-op|co-operative|coopérative de "
        "solidarité|coopérative de travail|coopérative de producteurs|coopérative de "
        "consommateurs|coopérative d’habitation|solidarité|travail|habitation",
        MUTUAL="mutuelle|mutual|mutuelle d’assurance",
        NONPROFIT="obnl|osbl|obsl|organisme à but non lucratif|organisme sans but "
        "lucratif|non-profit|nonprofit|nonprofit organization|npo|nfp|not-for-profit",
        FEDERATION="fédération|regroupement|réseau|federation|network|confédération|"
        "association|fédération ou regroupement",
        OTHER="autre|other|entreprise|autre entreprise collective",
    ),
    "level": _choices(
        **{
            "1": "1|débutant|débutante|junior|jr|beginner",
            "2": "2|intermédiaire|intermediate|inter|int",
            "3": "3|sénior|senior|sr|expert|experte|principal",
        }
    ),
    "status": _choices(
        OPEN="en cours|ouvert|ouverte|actif|active|open|in progress|ongoing|en marche",
        PAUSED="en pause|pause|suspendu|suspended|paused|on hold|en attente",
        CLOSED="clos|close|fermé|terminé|complété|closed|completed|done|finished|fini|"
        "ended|finalisé|livré",
    ),
}
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")


def _chosen(cell: Cell, words: Mapping[str, str], code: str) -> str:
    found = words.get(_bare(as_text(cell)))
    if found is None:
        raise Unread(code)
    return found


def read_yes(cell: Cell) -> bool:
    if isinstance(cell, bool):
        return cell
    word = fold(as_text(cell))
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Unread("not_yes_or_no")


def read_languages(cell: Cell) -> tuple[str, ...]:
    text = as_text(cell)
    if _bare(text) in _BOTH:
        return ("fr", "en")
    parts = re.split(r"[,;/\n+&]|\bet\b|\band\b", text)
    found = [
        _chosen(part, LANGUAGES, "not_a_language") for part in parts if part.strip()
    ]
    if not found:
        raise Unread("not_a_language")
    return tuple(dict.fromkeys(found))


def read_text(cell: Cell, limit: int) -> str:
    text = " ".join(as_text(cell).split())
    if limit and len(text) > limit:
        raise Unread("too_long", limit=limit)
    return text


def read_email(cell: Cell) -> str:
    text = as_text(cell).removeprefix("mailto:")
    if not _EMAIL.fullmatch(text) or len(text) > 254:
        raise Unread("not_an_email")
    return text


def _reader(column: Column) -> Callable[[Cell], Any]:
    limit = column.limit
    if column.type in CHOICES:
        words = CHOICES[column.type]
        return lambda cell: _chosen(cell, words, f"not_a_{column.type}")
    return {
        "text": lambda cell: read_text(cell, limit),
        "names": as_text,
        "hours": lambda cell: read_minutes(cell, limit),
        "minutes": lambda cell: read_whole_minutes(cell, limit),
        "money": read_money,
        "count": lambda cell: read_count(cell, limit),
        "yes": read_yes,
        "province": lambda cell: _chosen(cell, PROVINCES, "not_a_province"),
        "language": lambda cell: _chosen(cell, LANGUAGES, "not_a_language"),
        "languages": read_languages,
        "email": read_email,
    }[column.type]
