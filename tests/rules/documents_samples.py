"""Plain builders of documents, with real places and figures that add up."""

from datetime import date
from decimal import Decimal
from io import BytesIO

from pypdf import PdfReader

from partage.documents.invoice import Content, ExpenseLine, InvoiceDocument, TripLine
from partage.documents.offer import OfferDocument, OfferPhase
from partage.documents.parts import (
    Composition,
    Letterhead,
    Party,
    PricePart,
    TaxDue,
    WorkLine,
)
from partage.documents.statement import (
    AgedBalance,
    StatementDocument,
    StatementEntry,
)
from partage.rules.money import amount_for, to_cents

SUPPLIER = Letterhead(
    name="Coopérative de services partagés du Fleuve",
    address=("155, boulevard Charest Est", "Québec (Québec)  G1K 3G6"),
    neq="1167890123",
    email="bonjour@fleuve.example",
    phone="418 555-0142",
)
MEMBER = Party(
    name="Fédération des coopératives d’alimentation du Québec",
    address=("4820, rue Saint-Denis", "Montréal (Québec)  H2J 2L6"),
    representative="Marie-Ève Tremblay, directrice générale",
)
COMPOSITION = Composition(
    caption="Une heure à 95,00 $",
    parts=(
        PricePart(label="Salaire et charges", amount=Decimal("58.40")),
        PricePart(label="Frais communs", amount=Decimal("36.60")),
    ),
)


def work(
    description="Revue des règlements", minutes=720, rate="95", **more
) -> WorkLine:
    return WorkLine(
        description=description,
        minutes=minutes,
        rate=Decimal(rate),
        amount=amount_for(minutes, Decimal(rate)),
        **more,
    )


def taxes_of(net: Decimal) -> tuple[TaxDue, ...]:
    return tuple(
        TaxDue(
            code=code,
            rate=Decimal(rate),
            amount=to_cents(net * Decimal(rate)),
            registration_number=number,
        )
        for code, rate, number in (
            ("GST", "0.05", "123456789 RT0001"),
            ("QST", "0.09975", "1234567890 TQ0001"),
        )
    )


def summed(lines) -> dict:
    subtotal = sum((line.amount for line in lines), Decimal("0.00"))
    taxes = taxes_of(subtotal)
    return {
        "subtotal": subtotal,
        "taxes": taxes,
        "total": subtotal + sum(tax.amount for tax in taxes),
    }


def invoice(lines=None, trips=(), expenses=(), **more) -> InvoiceDocument:
    lines = [work()] if lines is None else lines
    given = {
        "language": "fr",
        "number": "2025-0143",
        "issued_on": date(2025, 5, 2),
        "content": Content(
            registrations_from=Decimal(100), purchaser_from=Decimal(500)
        ),
        "supplier": SUPPLIER,
        "purchaser": MEMBER,
        "title": "Révision de la gouvernance",
        "lines": lines,
        "trips": trips,
        "expenses": expenses,
        "mandate_reference": "M-2025-018",
        "period_first": date(2025, 4, 1),
        "period_last": date(2025, 4, 30),
        "due_on": date(2025, 6, 1),
        "how_to_pay": "Par virement.",
        **summed([*lines, *trips, *expenses]),
        **more,
    }
    return InvoiceDocument(**given)


def trip(km="512") -> TripLine:
    return TripLine(
        on=date(2025, 4, 9),
        description="Québec – Montréal, aller-retour",
        km=Decimal(km),
        rate=Decimal("0.72"),
        amount=to_cents(Decimal(km) * Decimal("0.72")),
    )


def parking(amount="24.00") -> ExpenseLine:
    return ExpenseLine(
        on=date(2025, 4, 9), description="Stationnement", amount=Decimal(amount)
    )


def offer(phases=None, **more) -> OfferDocument:
    if phases is None:
        phases = [
            OfferPhase(title="Diagnostic", lines=[work("Entretiens", 480)]),
            OfferPhase(title="Rédaction", lines=[work("Règlement", 900, "110")]),
        ]
    given = {
        "language": "fr",
        "reference": "O-2025-031",
        "issued_on": date(2025, 4, 7),
        "valid_until": date(2025, 5, 7),
        "title": "Révision de la gouvernance",
        "supplier": SUPPLIER,
        "member": MEMBER,
        "phases": phases,
        "introduction": "Voici comment nous proposons de vous accompagner.",
        "scope": "La formation du conseil n’est pas comprise.",
        "how_to_accept": "Choisissez « Accepter » dans votre espace.",
        **summed([line for phase in phases for line in phase.lines]),
        **more,
    }
    return OfferDocument(**given)


def statement(**more) -> StatementDocument:
    given = {
        "language": "fr",
        "as_of": date(2025, 6, 30),
        "period_first": date(2025, 4, 1),
        "supplier": SUPPLIER,
        "member": MEMBER,
        "opening": Decimal("1250.00"),
        "entries": [
            StatementEntry(
                on=date(2025, 4, 10),
                description="Virement reçu",
                amount=Decimal("-1250.00"),
            ),
            StatementEntry(
                on=date(2025, 5, 2),
                description="Facture 2025-0143",
                amount=Decimal("1310.72"),
                due_on=date(2025, 6, 1),
            ),
            StatementEntry(
                on=date(2025, 5, 20),
                description="Note de crédit 2025-0150",
                amount=Decimal("-100.00"),
            ),
        ],
        "closing": Decimal("1210.72"),
        "ages": [
            AgedBalance(label="1 à 30 jours", amount=Decimal("1210.72")),
            AgedBalance(label="31 à 60 jours", amount=Decimal("0.00")),
        ],
        **more,
    }
    return StatementDocument(**given)


def pages_of(pdf: bytes) -> list[str]:
    """Return the words of each page, breaks and kinds of space evened out."""
    return [
        " ".join(page.extract_text().replace("\u200b", "").split())
        for page in PdfReader(BytesIO(pdf)).pages
    ]


def text_of(pdf: bytes) -> str:
    return " ".join(pages_of(pdf))
