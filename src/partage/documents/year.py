"""A member's year at the right cost: what it was charged and cost, line by line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from partage.documents import parts, words
from partage.documents.parts import Letterhead, Party
from partage.documents.press import print_pdf
from partage.documents.words import NBSP, Language
from partage.rules.money import ZERO, amount_for

WORDS = {
    "fr": {
        "year_statement": "Relevé au juste coût",
        "year_of": "Relevé de",
        "fiscal_year": "Exercice",
        "computed": "Calculé le",
        "computation": "Calcul",
        "supply": "Province",
        "charged_label": "Ce que vous avez payé ou qui vous est facturé",
        "final_label": "Ce que vos services ont coûté",
        "over": "Vous avez payé de trop",
        "under": "Il a manqué",
        "even": "Vous avez payé exactement ce que vos services ont coûté",
        "line_by_line": "Vos heures, ligne par ligne",
        "service": "Domaine et niveau",
        "provisional": "Taux provisoire",
        "charged": "Facturé",
        "final": "Taux définitif",
        "cost": "Coût",
        "difference": "Écart",
        "fee": "Montant convenu",
        "remainder": "Votre part de ce que les taux laissent hors d’eux",
        "remainder_note": (
            "La capacité qui n’a pas trouvé preneur, moins ce que d’autres financent, "
            "et les cents arrondis : partagés en proportion de vos coûts."
        ),
        "rounding": (
            "Facturé : la somme de vos factures, chacune arrondie au cent ; elle peut "
            "différer de quelques cents des heures multipliées par le taux."
        ),
        "from_to": "De l’écart à ce qui vous revient",
        "coop_surplus": "Surplus de l’exercice pour l’ensemble des membres",
        "coop_deficit": "Déficit de l’exercice pour l’ensemble des membres",
        "coop_surplus_note": "Facturé {charged}, coût {cost}.",
        "band": "Bande de stabilisation de {band} du coût, soit {width}",
        "beyond": "Au-delà de la bande",
        "absorbed": "Absorbé par la réserve de stabilisation",
        "to_reserve": "À la réserve générale",
        "carried": "Reporté aux prochains taux",
        "carried_note": "Les taux changent de {change} l’heure.",
        "rebates": "Ristournes",
        "adjusted": "Ajustements de prix, tous les membres",
        "yours_note": "Votre écart {adjustment}, dans la proportion {share}.",
        "yours": "Votre ajustement",
        "yours_owed": "Votre ajustement, à payer",
        "next_year": "Effet sur votre prochaine année, aux mêmes heures",
        "decided": (
            "Décidé par la résolution {resolution} de l’assemblée générale du {on} "
            "(proposition {reference})."
        ),
        "proposed": (
            "Proposé à l’assemblée générale du {on} (proposition {reference}) : rien "
            "n’est décidé avant son vote."
        ),
        "recommended": (
            "Recommandé par le conseil (proposition {reference}) : rien n’est décidé "
            "avant le vote de l’assemblée générale."
        ),
        "undecided": (
            "Aucune proposition n’est encore recommandée. L’assemblée générale "
            "décidera de ce qu’il advient de l’écart."
        ),
        "taxes_follow": (
            "Les taxes de votre province s’y ajoutent ou vous sont rendues."
        ),
        "how": "Comment vérifier",
        "how_words": (
            "Chaque ligne : heures × taux définitif, arrondi au cent. Les taux "
            "définitifs viennent de « {source} » ; les taux provisoires, de {cards}. "
            "La somme des écarts de tous les membres est le surplus de l’exercice, au "
            "cent près. Empreinte du calcul : {fingerprint}."
        ),
    },
    "en": {
        "year_statement": "Right-cost statement",
        "year_of": "Statement of",
        "fiscal_year": "Fiscal year",
        "computed": "Computed on",
        "computation": "Computation",
        "supply": "Province",
        "charged_label": "What you paid or were billed",
        "final_label": "What your services cost",
        "over": "You paid too much by",
        "under": "You paid too little by",
        "even": "You paid exactly what your services cost",
        "line_by_line": "Your hours, line by line",
        "service": "Field and level",
        "provisional": "Provisional rate",
        "charged": "Billed",
        "final": "Final rate",
        "cost": "Cost",
        "difference": "Difference",
        "fee": "Agreed amount",
        "remainder": "Your share of what rates leave out",
        "remainder_note": (
            "Capacity that nobody bought, less what others fund, and rounded cents: "
            "shared in proportion to your costs."
        ),
        "rounding": (
            "Billed: the sum of your invoices, each rounded to the cent; it may differ "
            "by a few cents from hours times rate."
        ),
        "from_to": "From the difference to what comes to you",
        "coop_surplus": "Surplus of the year, all members together",
        "coop_deficit": "Deficit of the year, all members together",
        "coop_surplus_note": "Billed {charged}, cost {cost}.",
        "band": "Stabilisation band of {band} of the cost, or {width}",
        "beyond": "Beyond the band",
        "absorbed": "Absorbed by the stabilisation reserve",
        "to_reserve": "To the general reserve",
        "carried": "Carried to the next rates",
        "carried_note": "Rates change by {change} an hour.",
        "rebates": "Rebates",
        "adjusted": "Price adjustments, all members",
        "yours_note": "Your difference {adjustment}, in the proportion {share}.",
        "yours": "Your adjustment",
        "yours_owed": "Your adjustment, to pay",
        "next_year": "Effect on your next year, for the same hours",
        "decided": (
            "Decided by resolution {resolution} of the general meeting of {on} "
            "(proposal {reference})."
        ),
        "proposed": (
            "Proposed to the general meeting of {on} (proposal {reference}): nothing "
            "is decided before it votes."
        ),
        "recommended": (
            "Recommended by the board (proposal {reference}): nothing is decided "
            "before the general meeting votes."
        ),
        "undecided": (
            "No proposal is recommended yet. The general meeting will decide what "
            "becomes of the difference."
        ),
        "taxes_follow": "The taxes of your province are added to it or given back.",
        "how": "How to check",
        "how_words": (
            "Each line: hours × final rate, rounded to the cent. Final rates come from "
            "“{source}”; provisional rates, from {cards}. The differences of all "
            "members add up to the year’s surplus, to the cent. Fingerprint of the "
            "computation: {fingerprint}."
        ),
    },
}


@dataclass(frozen=True, kw_only=True)
class YearLine:
    """Minutes of a field and level at a provisional rate, then at the final one.

    `provisional` is zero for a fee without an hourly rate.

    Raises ValueError if `final` is not minutes × rate, half up to the cent.
    """

    description: str
    minutes: int
    provisional: Decimal
    charged: Decimal
    rate: Decimal
    final: Decimal

    def __post_init__(self) -> None:
        parts.check_decimal(provisional=self.provisional, rate=self.rate)
        parts.check_dollars(charged=self.charged, final=self.final)
        parts.check_product(
            f"{self.minutes} min × {self.rate} $/h",
            amount_for(self.minutes, self.rate),
            self.final,
        )


@dataclass(frozen=True, kw_only=True)
class YearDecision:
    """What is proposed, or was decided, of the year's surplus (below zero: deficit).

    `given` is this member's adjustment, above zero to its good; `next_year` what it
    pays less next year for the same hours. `meeting_on` is None before the proposal
    is on an agenda; `resolution` is empty before the meeting adopts it.

    Raises ValueError unless the parts add up to the surplus.
    """

    reference: str
    surplus: Decimal
    charged: Decimal
    cost: Decimal
    band: Decimal
    width: Decimal
    adjusted: Decimal
    stabilisation: Decimal
    carried: Decimal
    reserve: Decimal
    rebates: Decimal
    rate_change: Decimal
    given: Decimal
    next_year: Decimal
    meeting_on: date | None = None
    resolution: str = ""

    def __post_init__(self) -> None:
        amounts = (
            self.adjusted,
            self.stabilisation,
            self.carried,
            self.reserve,
            self.rebates,
        )
        parts.check_sum("the parts of the proposal", amounts, self.surplus)


@dataclass(frozen=True, kw_only=True)
class YearStatementDocument:
    """A member's year, whole: the lines and the remainder make what it cost.

    Raises ValueError unless charged less final and remainder is the adjustment.
    """

    language: Language
    year: str
    first: date
    last: date
    computed_on: date
    reference: str
    supplier: Letterhead
    member: Party
    province: str
    lines: Sequence[YearLine]
    remainder: Decimal
    adjustment: Decimal
    source: str
    cards: str
    fingerprint: str
    decision: YearDecision | None = None

    def __post_init__(self) -> None:
        parts.check_language(self.language)
        parts.check_dollars(remainder=self.remainder, adjustment=self.adjustment)
        parts.check_sum(
            "the lines less the remainder",
            [*(line.charged - line.final for line in self.lines), -self.remainder],
            self.adjustment,
        )

    @property
    def charged(self) -> Decimal:
        return sum((line.charged for line in self.lines), ZERO)

    @property
    def final(self) -> Decimal:
        return sum((line.final for line in self.lines), self.remainder)


def render_year_statement(document: YearStatementDocument) -> bytes:
    """Return the statement as a PDF; the same statement gives the same bytes."""
    language = document.language
    written = words.WORDS[language] | WORDS[language]

    def money(amount: Decimal) -> str:
        return words.money(amount, language=language)

    hundredths = words.time_is_written_in_hundredths(
        line.minutes for line in document.lines
    )

    def time(minutes: int) -> str:
        return words.duration(minutes, language=language, hundredths=hundredths)

    days = words.period(document.first, document.last, language=language)
    computed_on = words.day(document.computed_on, language=language)
    facts = [
        (written["fiscal_year"], document.year),
        (written["period"], days),
        (written["computation"], f"{document.reference}, {computed_on}"),
        (written["supply"], document.province),
    ]
    adjustment = document.adjustment
    verdict = "over" if adjustment > 0 else "under" if adjustment < 0 else "even"
    largest = max(document.charged, document.final, Decimal("0.01"))
    data = {
        "language": language,
        "words": written,
        "kind": written["year_statement"],
        "reference": document.year,
        "draft": False,
        "supplier": parts.letterhead_data(document.supplier, language),
        "party_label": written["year_of"],
        "party": parts.party_data(document.member),
        "facts": facts,
        "title": "",
        "bars": [
            {
                "label": written[label],
                "amount": money(amount),
                "width": max(int(amount / largest * 1000), 0),
            }
            for label, amount in (
                ("charged_label", document.charged),
                ("final_label", document.final),
            )
        ],
        "verdict": written[verdict],
        "verdict_amount": money(abs(adjustment)) if adjustment else "",
        "lines": [
            {
                "description": line.description,
                "time": time(line.minutes) if line.minutes else "",
                "provisional": (
                    parts.money_rate(line.provisional, language)
                    if line.provisional
                    else written["fee"]
                ),
                "charged": money(line.charged),
                "rate": parts.money_rate(line.rate, language) if line.minutes else "",
                "final": money(line.final),
                "difference": money(line.charged - line.final),
            }
            for line in document.lines
        ],
        "remainder": money(document.remainder),
        "remainder_difference": money(-document.remainder),
        "total": {
            "time": time(sum(line.minutes for line in document.lines)),
            "charged": money(document.charged),
            "final": money(document.final),
            "difference": money(adjustment),
        },
        "steps": _steps(document, written, money),
        "standing": _standing(document, written),
        "how": written["how_words"].format(
            source=document.source,
            cards=document.cards,
            fingerprint=document.fingerprint[:16],
        ),
    }
    return print_pdf("year", data, on=document.computed_on)


def _steps(
    document: YearStatementDocument,
    written: dict[str, str],
    money: Callable[[Decimal], str],
) -> list[dict[str, Any]]:
    """Return the way from the year's surplus to what comes to this member."""
    it = document.decision
    if it is None:
        return []
    language = document.language

    def percent(share: Decimal, places: int | None = None) -> str:
        return words.percent(share, language=language, places=places)

    surplus = written["coop_surplus" if it.surplus >= 0 else "coop_deficit"]
    steps = [
        (
            surplus,
            written["coop_surplus_note"].format(
                charged=money(it.charged), cost=money(it.cost)
            ),
            it.surplus,
        ),
        (
            written["absorbed"],
            written["band"].format(band=percent(it.band), width=money(it.width)) + ".",
            it.stabilisation,
        ),
        (written["to_reserve"], "", it.reserve),
        (
            written["carried"],
            written["carried_note"].format(change=money(it.rate_change)),
            it.carried,
        ),
        (written["rebates"], "", it.rebates),
        (written["adjusted"], "", it.adjusted),
    ]
    shown = [
        {"label": label, "note": note, "amount": money(amount), "strong": False}
        for label, note, amount in steps
        if amount or label in (surplus, written["adjusted"])
    ]
    note = ""
    if it.adjusted:
        note = written["yours_note"].format(
            adjustment=money(document.adjustment),
            share=f"{money(it.adjusted)}{NBSP}÷{NBSP}{money(it.surplus)}",
        )
        note += " " + written["taxes_follow"]
    label = written["yours" if it.given >= 0 else "yours_owed"]
    shown.append(
        {"label": label, "note": note, "amount": money(abs(it.given)), "strong": True}
    )
    if it.next_year:
        shown.append(
            {
                "label": written["next_year"],
                "note": "",
                "amount": money(-it.next_year),
                "strong": False,
            }
        )
    return shown


def _standing(document: YearStatementDocument, written: dict[str, str]) -> str:
    it = document.decision
    if it is None:
        return written["undecided"]
    on = it.meeting_on and words.day(it.meeting_on, language=document.language)
    key = "decided" if it.resolution else "proposed" if on else "recommended"
    return written[key].format(
        resolution=it.resolution, on=on or "", reference=it.reference
    )
