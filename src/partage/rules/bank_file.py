"""Bank files: what was received, from an OFX file or a CSV of a Canadian bank.

A file is read whole or refused whole, with its reason: nothing of a file that was cut
on its way is believed.
"""

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from xml.etree.ElementTree import Element

from ofxtools.Parser import OFXTree

from partage.rules.dates import UnreadableDate, parse_date
from partage.rules.money import UnreadableMoney, parse_money
from partage.rules.spreadsheet import UnreadableFile
from partage.rules.spreadsheet.files import decoded
from partage.rules.triage import fold

LARGEST = 10 * 1024 * 1024  # bytes
MOST_LINES = 50_000
DAY_FIRST, MONTH_FIRST = "day_first", "month_first"


class UnreadableBankFile(ValueError):
    """A bank file that is not read; nothing of it is kept.

    `reason` is one of "empty", "too_big", "not_a_bank_file", "cut" (its end is
    missing), "currency" (not Canadian dollars), "dates" (nobody knows which figure is
    the day), "columns" (no date, or no amount), "row" (a row that does not read).
    `row` is the row's number as people see it, from 1; `cell` what it says.
    """

    def __init__(self, reason: str, *, row: int = 0, cell: str = "") -> None:
        self.reason, self.row, self.cell = reason, row, cell
        super().__init__(reason, row, cell)


@dataclass(frozen=True, slots=True)
class BankLine:
    """One movement of an account: `amount` in dollars is positive when received.

    `words` is all that the bank says of it, on one line. `identity` is the bank's own
    name for it (FITID), or nothing. `cheque` is its number, or nothing.
    """

    on: date
    amount: Decimal
    words: str
    identity: str = ""
    cheque: str = ""


@dataclass(frozen=True, slots=True)
class BankStatement:
    """The movements of one file, in its order. `source` is "OFX" or "CSV"."""

    source: str
    account: str
    lines: tuple[BankLine, ...]


def read_bank_file(content: bytes, *, date_order: str | None = None) -> BankStatement:
    """Read an OFX file (SGML 1.x or XML 2.x) or a bank's CSV, French or English.

    CSV as exported by Desjardins (AccèsD), RBC, TD, BMO, CIBC and the National Bank,
    and any other whose headers name a date, a description and either an amount or a
    debit and a credit. UTF-8, UTF-16 or Windows; comma, semicolon or tab; decimal
    comma or point. `date_order` ("day_first" or "month_first") is used when the
    figures of the dates could be read both ways.

    Raises UnreadableBankFile, which says why.
    """
    if not content.strip(b"\x00 \t\r\n"):
        raise UnreadableBankFile("empty")
    if len(content) > LARGEST:
        raise UnreadableBankFile("too_big")
    if b"OFXHEADER" in content[:4000] or b"<OFX>" in content[:4000]:
        found = _ofx(content)
    else:
        found = _csv(content, date_order)
    if not found.lines:
        raise UnreadableBankFile("empty")
    if len(found.lines) > MOST_LINES:
        raise UnreadableBankFile("too_big")
    return found


def fingerprints(lines: Sequence[BankLine]) -> tuple[str, ...]:
    """Name each line so that the same line of another file has the same name.

    By the bank's own identity, else by its day, amount and words, and which of its
    twins of the day it is: two like deposits of one day stay two.
    """
    seen: Counter[str] = Counter()
    found = []
    for line in lines:
        if line.identity:
            found.append(f"id:{line.identity}")
            continue
        digest = hashlib.sha256(fold(line.words).encode()).hexdigest()[:16]
        key = f"{line.on}:{line.amount}:{digest}"
        seen[key] += 1
        found.append(f"{key}:{seen[key]}")
    return tuple(found)


# --- OFX --------------------------------------------------------------------------


def _ofx(content: bytes) -> BankStatement:
    whole = content.rstrip(b"\x00 \t\r\n").upper()
    opened, closed = whole.count(b"<STMTTRN>"), whole.count(b"</STMTTRN>")
    if not whole.endswith(b"</OFX>") or opened != closed:
        raise UnreadableBankFile("cut")
    tree = OFXTree()
    try:
        tree.parse(io.BytesIO(content))
    except (SyntaxError, ValueError, LookupError) as problem:
        # Its header or its tags: ofxtools' errors are all of these.
        raise UnreadableBankFile("not_a_bank_file") from problem
    root: Element | None = tree.getroot()
    if root is None:
        raise UnreadableBankFile("not_a_bank_file")
    currencies = {_said(each) for each in root.iter("CURDEF")}
    if currencies - {"CAD"}:
        raise UnreadableBankFile("currency", cell=", ".join(sorted(currencies)))
    account = next((_said(each) for each in root.iter("ACCTID")), "")
    lines = [
        _ofx_line(one, number) for number, one in enumerate(root.iter("STMTTRN"), 1)
    ]
    return BankStatement("OFX", account, tuple(lines))


def _ofx_line(one: Element, number: int) -> BankLine:
    said = {child.tag: _said(child) for child in one.iter()}
    digits = said.get("DTPOSTED", "")[:8]
    name, memo = said.get("NAME", ""), said.get("MEMO", "")
    return BankLine(
        on=_day(digits, None, number),
        amount=_dollars(said.get("TRNAMT", ""), number),
        # Many banks repeat the name in the memo.
        words=memo if memo.startswith(name) else f"{name} {memo}".strip(),
        identity=said.get("FITID", ""),
        cheque=said.get("CHECKNUM", ""),
    )


def _said(one: Element) -> str:
    text = " ".join((one.text or "").split())
    for entity, letter in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, letter)
    return text


# --- CSV --------------------------------------------------------------------------

_HEADERS = {
    "date": (
        *("date", "date posted", "transaction date", "posting date", "posted date"),
        *("date de l operation", "date operation", "date de transaction"),
        *("date de la transaction", "date d inscription", "date transaction"),
    ),
    "words": (
        *("description", "description 1", "description 2", "details", "memo"),
        *("libelle", "libelle 1", "libelle 2", "name", "nom", "payee", "payeur"),
        *("sub description", "sous description", "transaction details", "detail"),
    ),
    "debit": (
        *("debit", "debits", "withdrawal", "withdrawals", "retrait", "retraits"),
        *("debit amount", "montant debit", "montant du debit", "retrait $"),
    ),
    "credit": (
        *("credit", "credits", "deposit", "deposits", "depot", "depots"),
        *("credit amount", "montant credit", "montant du credit", "depot $"),
    ),
    "amount": (
        *("amount", "montant", "transaction amount", "cad$", "cad", "cad $"),
        *("montant de la transaction", "montant cad", "montant $", "montant ($)"),
    ),
    "foreign": ("usd$", "usd", "usd $"),
    "balance": ("balance", "solde", "running balance", "solde courant", "solde ($)"),
    "cheque": (
        *("cheque number", "check number", "cheque", "numero du cheque"),
        *("numero de cheque", "no cheque", "no de cheque", "no. de cheque"),
    ),
    "account": (
        *("account number", "numero du compte", "numero de compte", "account"),
        *("compte", "first bank card", "folio"),
    ),
    "type": ("transaction type", "type de transaction", "type d operation"),
}
_ROLE_OF = {header: role for role, headers in _HEADERS.items() for header in headers}
# Two banks give no header: where their columns stand, by how many there are.
_WITHOUT_HEADER = {
    14: {1: "account", 3: "date", 5: "words", 6: "cheque", 7: "debit", 8: "credit",
         13: "balance"},  # Desjardins
    5: {0: "date", 1: "words", 2: "debit", 3: "credit", 4: "balance"},  # TD
    4: {0: "date", 1: "words", 2: "debit", 3: "credit"},  # CIBC
}  # fmt: skip
_DEBITS = {"debit", "dr", "retrait"}

Row = tuple[int, list[str]]


def _csv(content: bytes, date_order: str | None) -> BankStatement:
    try:
        text = decoded(content)
    except UnreadableFile:
        raise UnreadableBankFile("not_a_bank_file") from None
    if text.count('"') % 2:
        raise UnreadableBankFile("cut")
    rows = _rows(text)
    roles, body, width = _columns(rows)
    if not body:
        raise UnreadableBankFile("empty")
    last = body[-1][1]
    if len(last) < min(len(cells) for _n, cells in body[:-1] or body):
        raise UnreadableBankFile("cut", row=body[-1][0])
    order = _order(
        body, roles, date_order, us=width == 5 or "foreign" in roles.values()
    )
    lines, balances, account = [], [], ""
    for number, cells in body:
        said: dict[str, list[str]] = {}
        for at, role in roles.items():
            if at < len(cells) and cells[at]:
                said.setdefault(role, []).append(cells[at])
        if said.get("foreign") and not said.get("amount"):
            raise UnreadableBankFile("currency", row=number, cell="USD")
        account = account or " ".join(said.get("account", []))
        lines.append(
            BankLine(
                on=_day(" ".join(said.get("date", [])), order, number),
                amount=_amount(said, number),
                words=" ".join(said.get("words", [])),
                cheque=" ".join(said.get("cheque", [])).strip("0 "),
            )
        )
        if balance := said.get("balance"):
            balances.append((lines[-1].amount, _dollars(balance[0], number)))
    if len(balances) == len(lines):
        _refuse_broken_chain(balances, body[-1][0])
    return BankStatement("CSV", account.strip("'"), tuple(lines))


def _rows(text: str) -> list[Row]:
    """Cut a text in rows by the separator that gives the steadiest columns."""
    start = "\n".join(text.splitlines()[:60])

    def likeness(separator: str) -> tuple[int, int]:
        widths = Counter(
            len(cells) for cells in csv.reader(io.StringIO(start), delimiter=separator)
        )
        widths.pop(1, None)
        return max(((count, width) for width, count in widths.items()), default=(0, 0))

    best = max(";,\t", key=likeness)
    try:
        read = csv.reader(io.StringIO(text, newline=""), delimiter=best)
        rows = [
            (number, [" ".join(cell.split()) for cell in cells])
            for number, cells in enumerate(read, start=1)
        ]
    except csv.Error:
        raise UnreadableBankFile("not_a_bank_file") from None
    return [row for row in rows if any(row[1])]


def _columns(rows: list[Row]) -> tuple[dict[int, str], list[Row], int]:
    """Return which column says what, the rows below, and how many columns there are."""
    for at, (_number, cells) in enumerate(rows[:20]):
        roles = {
            column: _ROLE_OF[header]
            for column, cell in enumerate(cells)
            if (header := fold(cell.strip("'"))) in _ROLE_OF
        }
        has = set(roles.values())
        if "date" in has and ("amount" in has or {"debit", "credit"} <= has):
            first = next(c for c, role in roles.items() if role == "date")
            # Of two dates, the first is when the money moved.
            kept = {c: r for c, r in roles.items() if r != "date" or c == first}
            return kept, rows[at + 1 :], 0
    width = max((len(cells) for _number, cells in rows), default=0)
    if width == 6 and not any(cells[5:6] and cells[5] for _number, cells in rows):
        width = 5  # TD, with its trailing comma
    roles = _WITHOUT_HEADER.get(width, {})
    day = next((column for column, role in roles.items() if role == "date"), 0)
    if roles and all(_looks_like_a_day(cells, day) for _number, cells in rows[:3]):
        return roles, rows, width
    if rows and len(rows[0][1]) < 3:
        raise UnreadableBankFile("not_a_bank_file")
    raise UnreadableBankFile("columns")


def _looks_like_a_day(cells: list[str], at: int) -> bool:
    return len(cells) > at and bool(_FIGURES.fullmatch(cells[at]))


_FIGURES = re.compile(
    r"(?P<iso>\d{4}[-/.]?\d{2}[-/.]?\d{2})|(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.]\d{4}"
)


def _order(
    body: list[Row], roles: dict[int, str], said: str | None, *, us: bool
) -> str | None:
    """Tell which figure of the dates is the day: what the column proves, else what the
    bank is known to write (`us`), else what the person said."""
    at = next(column for column, role in roles.items() if role == "date")
    pairs = [
        (int(found["a"]), int(found["b"]))
        for _number, cells in body
        if len(cells) > at and (found := _FIGURES.fullmatch(cells[at])) and found["a"]
    ]
    if not pairs or all(a == b for a, b in pairs):
        return MONTH_FIRST
    day_first = any(a > 12 for a, _b in pairs)
    month_first = any(b > 12 for _a, b in pairs)
    if day_first or month_first:
        return DAY_FIRST if day_first else MONTH_FIRST
    if said in (DAY_FIRST, MONTH_FIRST):
        return said
    if us:
        return MONTH_FIRST
    raise UnreadableBankFile("dates", row=body[0][0], cell=body[0][1][at])


def _day(text: str, order: str | None, row: int) -> date:
    found = _FIGURES.fullmatch(text.strip("'"))
    try:
        if found and found["iso"]:
            digits = re.sub(r"\D", "", found["iso"])
            return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
        if found:
            a, b, year = (int(part) for part in re.split(r"[-/.]", text))
            return date(year, *((a, b) if order == MONTH_FIRST else (b, a)))
        return parse_date(text, "fr").on
    except (ValueError, UnreadableDate):
        raise UnreadableBankFile("row", row=row, cell=text) from None


def _dollars(text: str, row: int) -> Decimal:
    try:
        # OFX allows more zeros than cents: 1310.7200.
        return parse_money(text.removeprefix("+"))
    except UnreadableMoney:
        raise UnreadableBankFile("row", row=row, cell=text) from None


def _amount(said: dict[str, list[str]], row: int) -> Decimal:
    """Return what a row moved: its signed amount, or its credit less its debit."""
    if amounts := said.get("amount"):
        amount = _dollars(amounts[0], row)
        kinds = {fold(kind) for kind in said.get("type", ())}
        return -abs(amount) if kinds & _DEBITS else amount
    if not said.get("debit") and not said.get("credit"):
        raise UnreadableBankFile("row", row=row, cell=" ".join(said.get("words", [])))
    credit = _dollars(said["credit"][0], row) if said.get("credit") else Decimal(0)
    debit = _dollars(said["debit"][0], row) if said.get("debit") else Decimal(0)
    return abs(credit) - abs(debit)


def _refuse_broken_chain(
    balances: Iterable[tuple[Decimal, Decimal]], last_row: int
) -> None:
    """Refuse a file whose last balance does not follow from the others.

    Oldest first, each balance is the one before plus the amount; newest first, the
    reverse. A file cut in the middle of its last figure breaks only there.
    """
    pairs = list(pairwise(balances))
    if len(pairs) < 2:
        return
    forward = [before + amount == after for (_a, before), (amount, after) in pairs]
    backward = [after + amount == before for (amount, before), (_a, after) in pairs]
    for chain in (forward, backward):
        if all(chain[:-1]) and not chain[-1]:
            raise UnreadableBankFile("cut", row=last_row)
