"""The books: journal entries from invoices and payments, for accountants to read.

Each entry balances by itself. Debits are above zero, credits below.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from partage.rules.money import ZERO, is_exact

CURRENCY = "CAD"
# What an account is, as hledger names its type, and where it stands in the tree.
KINDS = {
    "CASH": ("C", "actif", "assets"),
    "ASSET": ("A", "actif", "assets"),
    "LIABILITY": ("L", "passif", "liabilities"),
    "REVENUE": ("R", "produits", "revenue"),
}


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the chart: its number, its name, and one of KINDS."""

    number: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Posting:
    """Dollars on the account of a role: a debit above zero, a credit below."""

    role: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One entry of a journal: "SALES" or "CASH". `piece` is the document it tells of.

    Raises ValueError if an amount is finer than a cent or if it does not balance.
    """

    on: date
    journal: str
    piece: str
    payer: str
    words: str
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        if not all(is_exact(posting.amount) for posting in self.postings):
            raise ValueError(f"{self.piece} has an amount finer than a cent")
        off = sum((posting.amount for posting in self.postings), ZERO)
        if off:
            raise ValueError(f"{self.piece} does not balance: {off} $ is left")


def sale(
    *,
    on: date,
    piece: str,
    payer: str,
    words: str,
    total: Decimal,
    parts: Iterable[tuple[str, Decimal]],
) -> LedgerEntry:
    """Return the entry of an invoice: what is owed, against its work and its taxes.

    `parts` are (role, dollars), those of a credit note below zero as it prints them.
    Parts of one role are added up; those that come to nothing are left out.
    """
    sums: dict[str, Decimal] = {}
    for role, amount in parts:
        sums[role] = sums.get(role, ZERO) + amount
    postings = [Posting("RECEIVABLE", total)]
    postings += [Posting(role, -amount) for role, amount in sorted(sums.items())]
    return LedgerEntry(
        on, "SALES", piece, payer, words, tuple(one for one in postings if one.amount)
    )


def receipt(
    *, on: date, piece: str, payer: str, words: str, amount: Decimal
) -> LedgerEntry:
    """Return the entry of money received; given back, it is below zero."""
    return LedgerEntry(
        on,
        "CASH",
        piece,
        payer,
        words,
        (Posting("BANK", amount), Posting("RECEIVABLE", -amount)),
    )


def balances(entries: Iterable[LedgerEntry]) -> dict[str, Decimal]:
    """Return what each role comes to; together they come to nothing."""
    sums: dict[str, Decimal] = {}
    for entry in entries:
        for one in entry.postings:
            sums[one.role] = sums.get(one.role, ZERO) + one.amount
    return sums


# --- as files ---------------------------------------------------------------------

_COLUMNS = {
    "fr": (
        *("Date", "Journal", "Pièce", "Tiers", "Libellé"),
        *("Compte", "Nom du compte", "Débit", "Crédit"),
    ),
    "en": (
        *("Date", "Journal", "Reference", "Name", "Description"),
        *("Account", "Account name", "Debit", "Credit"),
    ),
}
_JOURNALS = {
    "fr": {"SALES": "Ventes", "CASH": "Encaissements"},
    "en": {"SALES": "Sales", "CASH": "Receipts"},
}


def columns(language: str) -> tuple[str, ...]:
    return _COLUMNS[language]


def rows(
    entries: Iterable[LedgerEntry], chart: Mapping[str, Account], language: str
) -> list[tuple[object, ...]]:
    """Return one row for each posting: dates and Decimal stay such."""
    return [
        (
            entry.on,
            _JOURNALS[language][entry.journal],
            entry.piece,
            entry.payer,
            entry.words,
            chart[one.role].number,
            chart[one.role].name,
            one.amount if one.amount > 0 else None,
            -one.amount if one.amount < 0 else None,
        )
        for entry in entries
        for one in entry.postings
    ]


def as_csv(
    entries: Iterable[LedgerEntry], chart: Mapping[str, Account], language: str
) -> bytes:
    """Return the rows as a CSV that opens in two clicks: UTF-8 with its mark.

    In French, semicolons and decimal commas; in English, commas and points, as
    spreadsheets of each language expect. What a spreadsheet would compute as a
    formula is quoted by an apostrophe.
    """
    out = io.StringIO()
    french = language == "fr"
    paper = csv.writer(out, delimiter=";" if french else ",", lineterminator="\r\n")
    paper.writerow(_COLUMNS[language])
    for row in rows(entries, chart, language):
        paper.writerow([_cell(value, french) for value in row])
    return out.getvalue().encode("utf-8-sig")


def _cell(value: object, french: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:.2f}".replace(".", ",") if french else f"{value:.2f}"
    text = str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text


def as_hledger(
    entries: Sequence[LedgerEntry],
    chart: Mapping[str, Account],
    language: str,
    *,
    title: str,
    owed: tuple[date, Decimal] | None = None,
) -> str:
    """Return the entries as a journal of plain-text accounting, for hledger.

    Accounts and the currency are declared, so that `hledger check --strict` holds.
    `owed` is what members owe on a day by another count: the journal then asserts it
    of the receivables, and hledger refuses a journal that differs.
    """
    names = {role: _account(one, language) for role, one in chart.items()}
    lines = [
        f"; {_plain(title)}",
        "decimal-mark .",
        f"commodity 1000.00 {CURRENCY}",
        "",
    ]
    declared: dict[str, str] = {}
    for role, one in chart.items():
        declared.setdefault(names[role], KINDS[one.kind][0])
    lines += [f"account {name}  ; type: {kind}" for name, kind in declared.items()]
    width = max(map(len, declared)) if declared else 0
    for entry in sorted(entries, key=lambda each: each.on):
        lines.append("")
        lines.append(
            f"{entry.on} ({_plain(entry.piece)}) {_plain(entry.payer)} | "
            f"{_plain(entry.words)}"
        )
        for posting in entry.postings:
            lines.append(
                f"    {names[posting.role]:<{width}}  "
                f"{posting.amount:>14.2f} {CURRENCY}"
            )
    if owed:
        on, total = owed
        said = "Contrôle" if language == "fr" else "Check"
        lines += [
            "",
            f"{on} {said}",
            f"    {names['RECEIVABLE']:<{width}}  {'0.00':>14} {CURRENCY}"
            f" = {total:.2f} {CURRENCY}",
        ]
    return "\n".join(lines) + "\n"


def _account(one: Account, language: str) -> str:
    _type, french, english = KINDS[one.kind]
    root = french if language == "fr" else english
    return f"{root}:{_plain(f'{one.number} {one.name}').replace(':', ' -')}"


def _plain(text: str) -> str:
    """Return text in which hledger finds no comment, no second space, no bar."""
    text = re.sub(r"[\x00-\x1f;|()\u0085\u2028\u2029]+", " ", text)
    return " ".join(text.split()) or "-"
