"""The reminder: a letter that says what is late, in the tone of its step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from partage.documents import parts, words
from partage.documents.parts import Letterhead, Party
from partage.documents.press import print_pdf
from partage.documents.words import Language
from partage.rules.money import ZERO

Tone = Literal["COURTEOUS", "FIRM", "FINAL"]

_NBSP = words.NBSP
TEXTS: dict[str, dict[str, tuple[str, str]]] = {
    "fr": {
        "COURTEOUS": (
            "Bonjour,\n\nle paiement des factures ci-dessous nous a peut-être échappé, "
            f"ou vous a échappé{_NBSP}: sauf erreur, nous ne l’avons pas reçu.",
            "S’il est déjà parti, ne tenez pas compte de cette lettre. Une question, "
            f"une difficulté{_NBSP}? Dites-le-nous, nous trouverons ensemble.\n\n"
            "Merci.",
        ),
        "FIRM": (
            "Bonjour,\n\nmalgré notre rappel, les factures ci-dessous restent "
            "impayées. La coopérative ne vend rien plus cher que ce que cela coûte : "
            "ce qui tarde à rentrer pèse sur tous ses membres.".replace(
                " :", f"{_NBSP}:"
            ),
            "Nous vous demandons de les régler dans les dix jours, ou de nous appeler "
            "pour convenir d’un échéancier.",
        ),
        "FINAL": (
            "Bonjour,\n\nceci est notre dernier rappel. Les factures ci-dessous sont "
            "impayées malgré nos lettres précédentes.",
            "Sans paiement ni entente dans les dix jours, le dossier sera remis au "
            "conseil d’administration, qui décidera de la suite. Appelez-nous avant.",
        ),
    },
    "en": {
        "COURTEOUS": (
            "Hello,\n\nthe payment of the invoices below may have slipped our notice, "
            "or yours: unless we are mistaken, we have not received it.",
            "If it is already on its way, please disregard this letter. Any question "
            "or difficulty? Tell us, and we will find a way together.\n\nThank you.",
        ),
        "FIRM": (
            "Hello,\n\ndespite our reminder, the invoices below remain unpaid. The "
            "cooperative sells nothing for more than it costs: what comes in late "
            "weighs on all of its members.",
            "Please settle them within ten days, or call us to agree on a schedule.",
        ),
        "FINAL": (
            "Hello,\n\nthis is our last reminder. The invoices below are unpaid "
            "despite our earlier letters.",
            "Without payment or an arrangement within ten days, the file will be "
            "handed to the board of directors, which will decide. Call us before.",
        ),
    },
}
_KINDS = {
    "fr": {"COURTEOUS": "Rappel", "FIRM": "Second rappel", "FINAL": "Dernier avis"},
    "en": {"COURTEOUS": "Reminder", "FIRM": "Second reminder", "FINAL": "Final notice"},
}


@dataclass(frozen=True, kw_only=True)
class OverdueLine:
    """An invoice that is late: what remains of it, above zero."""

    number: str
    issued_on: date
    due_on: date
    total: Decimal
    balance: Decimal

    def __post_init__(self) -> None:
        parts.check_dollars(total=self.total, balance=self.balance)
        if self.balance <= 0:
            raise ValueError(f"invoice {self.number} owes nothing; leave it out")


@dataclass(frozen=True, kw_only=True)
class ReminderDocument:
    """A letter to a member about its late invoices, on a day.

    Raises ValueError if there is no line.
    """

    language: Language
    tone: Tone
    on: date
    supplier: Letterhead
    member: Party
    lines: Sequence[OverdueLine]
    how_to_pay: str = ""

    def __post_init__(self) -> None:
        parts.check_language(self.language)
        if not self.lines:
            raise ValueError("a reminder is about at least one invoice")

    @property
    def total(self) -> Decimal:
        return sum((line.balance for line in self.lines), ZERO)


def render_reminder(document: ReminderDocument) -> bytes:
    """Return the letter as a PDF; the same letter gives the same bytes."""
    language = document.language
    written = words.WORDS[language]
    before, after = TEXTS[language][document.tone]
    total = words.money(document.total, language=language)
    data = {
        "language": language,
        "words": written,
        "kind": _KINDS[language][document.tone],
        "reference": words.day(document.on, language=language),
        "draft": False,
        "supplier": parts.letterhead_data(document.supplier, language),
        "party_label": written["account_of"],
        "party": parts.party_data(document.member),
        "facts": [
            (written["date"], words.day(document.on, language=language)),
            (written["balance"], total),
        ],
        "title": "",
        "before": before,
        "after": after,
        "lines": [
            {
                "number": line.number,
                "issued_on": words.short_day(line.issued_on, language=language),
                "due_on": words.short_day(line.due_on, language=language),
                "days": str(max(0, (document.on - line.due_on).days)),
                "total": words.money(line.total, language=language),
                "balance": words.money(line.balance, language=language),
            }
            for line in document.lines
        ],
        "total": total,
        "how_to_pay": document.how_to_pay,
    }
    return print_pdf("reminder", data, on=document.on)
