"""How figures, dates and headings are written on paper, in French and English.

Pure text. Documents are given to people outside the house, so their words do not
follow the language of whoever is at the screen but that of the document itself.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Literal

Language = Literal["fr", "en"]

NBSP = "\u00a0"
MINUS = "\u2212"

_MONTHS = {
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}
_SHORT_MONTHS = {
    "fr": (
        *("janv.", "févr.", "mars", "avr.", "mai", "juin"),
        *("juill.", "août", "sept.", "oct.", "nov.", "déc."),
    ),
    "en": (
        *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
        *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    ),
}

PROVISIONAL_RATE = {
    "fr": (
        "Les taux sont provisoires. À la clôture de l’année, la coopérative calcule "
        "ce que le service a réellement coûté et l’écart est corrigé : c’est le juste "
        "coût."
    ).replace(" :", NBSP + ":"),
    "en": (
        "Rates are provisional. At year end the cooperative works out what the "
        "service really cost, and the difference is corrected: this is the right cost."
    ),
}

WORDS = {
    "fr": {
        "offer": "Offre de service",
        "invoice": "Facture",
        "credit_note": "Note de crédit",
        "statement": "État de compte",
        "draft": "Brouillon",
        "page": "Page",
        "of": "de",
        "neq": "NEQ",
        "for": "Préparée pour",
        "billed_to": "Facturé à",
        "credited_to": "Crédité à",
        "account_of": "Compte de",
        "represented_by": "À l’attention de",
        "reference": "Référence",
        "number": "Numéro",
        "version": "Version",
        "date": "Date",
        "valid_until": "Valable jusqu’au",
        "period": "Période",
        "due": "À payer au plus tard le",
        "terms_of_payment": "Modalités",
        "mandate": "Mandat",
        "corrects": "Corrige la facture",
        "served": "Pour",
        "consolidated": "Facture consolidée",
        "agreement": "Entente",
        "parts": "Ce que chacun a reçu",
        "part": "Pour",
        "rounded_by_part": (
            "Chaque taxe est celle du lieu de la fourniture, arrondie au cent sur "
            "chaque part."
        ),
        "before_tax": "Avant taxes",
        "taxes": "Taxes",
        "introduction": "Introduction",
        "scope": "Portée",
        "price": "Prix",
        "description": "Description",
        "hours": "Heures",
        "rate": "Taux horaire",
        "amount": "Montant",
        "work": "Travail",
        "trips": "Déplacements",
        "expenses": "Frais",
        "km": "Distance",
        "km_rate": "Taux au km",
        "phase_total": "Total de la phase",
        "subtotal": "Total avant taxes",
        "total": "Total",
        "credit_total": "Total du crédit",
        "registration": "n°" + NBSP,
        "paid": "Déjà payé",
        "balance": "Solde à payer",
        "balance_for_you": "Solde en votre faveur",
        "how_to_pay": "Pour payer",
        "how_to_accept": "Pour accepter",
        "terms": "Conditions",
        "composition": "Ce que paie ce prix",
        "share": "Part",
        "as_of": "Arrêté au",
        "entry": "Écriture",
        "charged": "Facturé",
        "received": "Payé ou crédité",
        "running": "Solde",
        "opening": "Solde précédent",
        "closing": "Solde à payer",
        "ageing": "Ancienneté du solde",
        "due_on": "Échéance",
        "days_late": "Jours de retard",
        "nothing": "Aucune écriture dans la période.",
    },
    "en": {
        "offer": "Service offer",
        "invoice": "Invoice",
        "credit_note": "Credit note",
        "statement": "Statement of account",
        "draft": "Draft",
        "page": "Page",
        "of": "of",
        "neq": "NEQ",
        "for": "Prepared for",
        "billed_to": "Billed to",
        "credited_to": "Credited to",
        "account_of": "Account of",
        "represented_by": "Attention",
        "reference": "Reference",
        "number": "Number",
        "version": "Version",
        "date": "Date",
        "valid_until": "Valid until",
        "period": "Period",
        "due": "Payable by",
        "terms_of_payment": "Terms",
        "mandate": "Mandate",
        "corrects": "Corrects invoice",
        "served": "For",
        "consolidated": "Consolidated invoice",
        "agreement": "Agreement",
        "parts": "What each received",
        "part": "For",
        "rounded_by_part": (
            "Each tax is that of the place of supply, rounded to the cent on each part."
        ),
        "before_tax": "Before tax",
        "taxes": "Taxes",
        "introduction": "Introduction",
        "scope": "Scope",
        "price": "Price",
        "description": "Description",
        "hours": "Hours",
        "rate": "Hourly rate",
        "amount": "Amount",
        "work": "Work",
        "trips": "Travel",
        "expenses": "Expenses",
        "km": "Distance",
        "km_rate": "Rate per km",
        "phase_total": "Phase total",
        "subtotal": "Total before tax",
        "total": "Total",
        "credit_total": "Total credit",
        "registration": "No." + NBSP,
        "paid": "Already paid",
        "balance": "Balance due",
        "balance_for_you": "Balance in your favour",
        "how_to_pay": "How to pay",
        "how_to_accept": "How to accept",
        "terms": "Terms",
        "composition": "What this price pays for",
        "share": "Share",
        "as_of": "As of",
        "entry": "Entry",
        "charged": "Charged",
        "received": "Paid or credited",
        "running": "Balance",
        "opening": "Previous balance",
        "closing": "Balance due",
        "ageing": "Age of the balance",
        "due_on": "Due",
        "days_late": "Days late",
        "nothing": "No entry in the period.",
    },
}


def number(value: Decimal, *, language: Language, places: int) -> str:
    """Write `value` rounded to `places`, with the separators of the language.

    A negative value carries a true minus sign (U+2212).
    """
    digits = f"{abs(value):,.{places}f}"
    if language == "fr":
        digits = digits.replace(",", NBSP).replace(".", ",")
    is_zero = not any(digit in digits for digit in "123456789")
    return (MINUS if value < 0 and not is_zero else "") + digits


def money(amount: Decimal, *, language: Language) -> str:
    """Write dollars to the cent: « 1 140,00 $ », "$1,140.00"."""
    digits = number(amount, language=language, places=2)
    if language == "fr":
        return digits + NBSP + "$"
    sign, digits = (MINUS, digits[1:]) if digits.startswith(MINUS) else ("", digits)
    return f"{sign}${digits}"


def percent(fraction: Decimal, *, language: Language, places: int | None = None) -> str:
    """Write a fraction of one in hundredths: « 9,975 % ».

    Without `places`, as many decimals as it has, and no needless zero.
    """
    value = (fraction * 100).normalize()
    if places is None:
        places = max(0, -int(value.as_tuple().exponent))
    digits = number(value, language=language, places=places)
    return digits + NBSP + "%" if language == "fr" else digits + "%"


def time_is_written_in_hundredths(minutes: Iterable[int]) -> bool:
    """Tell whether every length of time is an exact number of hundredths of an hour.

    20 minutes is not 0.33 h: a reader who multiplies would not find the amount. A
    document then writes all its times in hours and minutes instead.
    """
    return all(each % 3 == 0 for each in minutes)


def duration(minutes: int, *, language: Language, hundredths: bool) -> str:
    """Write a length of time: « 1,25 h », or « 1 h 20 » when not in hundredths."""
    if hundredths:
        value = number(Decimal(minutes) / 60, language=language, places=2)
        return value + NBSP + "h"
    whole, rest = divmod(abs(minutes), 60)
    sign = MINUS if minutes < 0 else ""
    return f"{sign}{whole}{NBSP}h{NBSP}{rest:02d}"


def day(on: date, *, language: Language) -> str:
    """Write a date in full: « 7 avril 2025 », "April 7, 2025"."""
    month = _MONTHS[language][on.month - 1]
    if language == "en":
        return f"{month}{NBSP}{on.day},{NBSP}{on.year}"
    return f"{_first(on.day)}{NBSP}{month}{NBSP}{on.year}"


def short_day(on: date, *, language: Language) -> str:
    """Write a date for a narrow column: « 7 avr. 2025 », "Apr 7, 2025"."""
    month = _SHORT_MONTHS[language][on.month - 1]
    if language == "en":
        return f"{month}{NBSP}{on.day},{NBSP}{on.year}"
    return f"{_first(on.day)}{NBSP}{month}{NBSP}{on.year}"


def short_period(first: date, last: date, *, language: Language) -> str:
    """Write a range for a narrow column, on two lines if it spans two months."""
    if first == last:
        return short_day(first, language=language)
    start = short_day(first, language=language)
    end = short_day(last, language=language)
    if (first.year, first.month) != (last.year, last.month):
        return f"{start} –\n{end}"
    if language == "fr":
        return f"{start.split(NBSP)[0]}–{end}"
    return f"{start.split(',')[0]}–{last.day},{NBSP}{last.year}"


def period(first: date, last: date, *, language: Language) -> str:
    """Write a range of days: « du 1er au 30 avril 2025 », "April 1 to 30, 2025"."""
    if first == last:
        return day(first, language=language)
    start = day(first, language=language)
    if language == "fr":
        if first.year == last.year:
            start = start.rsplit(NBSP, 1)[0]
            if first.month == last.month:
                start = start.split(NBSP)[0]
        return f"du{NBSP}{start} au{NBSP}{day(last, language=language)}"
    end = day(last, language=language)
    if first.year == last.year:
        start = start.rsplit(",", 1)[0]
        if first.month == last.month:
            end = f"{last.day},{NBSP}{last.year}"
    return f"{start} to{NBSP}{end}"


def _first(day_of_month: int) -> str:
    return "1er" if day_of_month == 1 else str(day_of_month)
