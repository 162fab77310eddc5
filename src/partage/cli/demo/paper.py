"""The demonstration's documents.

Those that people will open (offers awaiting an answer, invoices of this month) are
printed whole, as in real life. Printing the three thousand others would take
minutes: of each the demonstration keeps a true PDF of one plain page, its archival
abstract, which says what it is. The fingerprint kept with a member's answer is that
of the file that is kept.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from partage.archive.models import File
from partage.cli.demo.ground import Org, World
from partage.documents.invoice import (
    Content,
    ExpenseLine,
    InvoiceDocument,
    render_invoice,
)
from partage.documents.offer import OfferDocument, OfferPhase, render_offer
from partage.documents.parts import Composition, Letterhead, Party, TaxDue, WorkLine
from partage.documents.words import PROVISIONAL_RATE
from partage.rules.tax import TaxLine

SUPPLIER = Letterhead(
    name="Coopérative Partage",
    address=("155, boulevard Charest Est", "Québec (Québec)  G1K 3G6"),
    neq="1140000000", email="bonjour@partage.example", phone="418 555-0143",
)  # fmt: skip
REGISTRATIONS = {
    "GST": "123456789 RT0001",
    "HST": "123456789 RT0001",
    "QST": "1234567890 TQ0001",
}
CONTENT = Content(registrations_from=Decimal(100), purchaser_from=Decimal(500))
NOTE = {
    "fr": "Abrégé d’archive de l’année de démonstration.",
    "en": "Archival abstract of the demonstration year.",
}


def keep(
    world: World,
    name: str,
    content: bytes,
    moment: datetime,
    user: int | None,
    media_type: str = "application/pdf",
) -> tuple[int, str]:
    """Keep a file; return its id and its fingerprint."""
    sha256 = hashlib.sha256(content).hexdigest()
    pk = world.add(
        File, sha256=sha256, name=name, media_type=media_type, size=len(content),
        content=content, added_at=moment, added_by_id=user,
    )  # fmt: skip
    return pk, sha256


def party(world: World, org: Org) -> Party:
    where = "" if org.town[1] == "QC" else f" ({org.town[1]})"
    return Party(
        name=org.name,
        address=(f"{org.town[0]}{where}",),
        representative=world.user_names[world.signer(org)],
    )


def due(taxes: Sequence[TaxLine]) -> list[TaxDue]:
    return [
        TaxDue(code=t.code, rate=t.rate, amount=t.amount, registration_number=REGISTRATIONS[t.code])
        for t in taxes
    ]  # fmt: skip


def offer_pdf(
    world: World,
    org: Org,
    *,
    language: str,
    reference: str,
    on: date,
    valid_until: date,
    title: str,
    introduction: str,
    scope: str,
    phases: list[tuple[str, list[dict]]],
    net: Decimal,
    taxes: Sequence[TaxLine],
    composition: Composition | None = None,
) -> bytes:
    """Print an offer as the member receives it."""
    return render_offer(
        OfferDocument(
            language=language, reference=reference, issued_on=on, title=title,
            supplier=SUPPLIER, member=party(world, org),
            phases=[
                OfferPhase(
                    title=phase,
                    lines=[
                        WorkLine(
                            description=line["description"], amount=line["amount"],
                            minutes=line["minutes"], rate=line["rate"],
                        )
                        for line in lines
                    ],
                )
                for phase, lines in phases
            ],
            subtotal=net, taxes=due(taxes), total=net + sum(t.amount for t in taxes),
            valid_until=valid_until, introduction=introduction, scope=scope,
            terms=[PROVISIONAL_RATE[language]], composition=composition,
        )
    )  # fmt: skip


def invoice_pdf(
    world: World,
    org: Org,
    *,
    language: str,
    number: int,
    on: date,
    due_on: date,
    title: str,
    reference: str,
    period: tuple[date, date],
    lines: list[dict],
    net: Decimal,
    taxes: Sequence[TaxLine],
    composition: Composition | None = None,
) -> bytes:
    """Print an invoice as the member receives it."""
    return render_invoice(
        InvoiceDocument(
            language=language, number=str(number), issued_on=on, supplier=SUPPLIER, content=CONTENT,
            purchaser=party(world, org), title=title, mandate_reference=reference,
            period_first=period[0], period_last=period[1], due_on=due_on,
            lines=[
                WorkLine(
                    description=line["description"], amount=line["amount"],
                    minutes=line["minutes"], rate=line["rate"], who=line["who"],
                )
                for line in lines
                if line["kind"] == "TIME"
            ],
            expenses=[
                ExpenseLine(on=line["on"], description=line["description"], amount=line["amount"])
                for line in lines
                if line["kind"] != "TIME"
            ],
            subtotal=net, taxes=due(taxes), total=net + sum(t.amount for t in taxes),
            composition=composition,
        )
    )  # fmt: skip


def abstract(language: str, heading: str, lines: Sequence[str]) -> bytes:
    """Return a true PDF of one page: a heading, plain lines, and what it is."""
    written = ["Coopérative Partage", *lines, "", NOTE[language]]
    text = [b"BT /F1 16 Tf 72 720 Td (" + _escaped(heading) + b") Tj ET"]
    for i, line in enumerate(written):
        y = 690 - 18 * i
        text.append(b"BT /F1 11 Tf 72 %d Td (" % y + _escaped(line) + b") Tj ET")
    stream = b"\n".join(text)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (%s-CA) >>" % language.encode(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] "
        b"/Resources << /Font << /F1 4 0 R >> >> /Contents 5 0 R >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica "
        b"/Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Title (%s) >>" % _escaped(heading),
    ]
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for i, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (i, each)
    xref = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for place in places:
        out += b"%010d 00000 n \n" % place
    out += (
        b"trailer\n<< /Size %d /Root 1 0 R /Info 6 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (
            len(objects) + 1,
            xref,
        )
    )
    return bytes(out)


def _escaped(text: str) -> bytes:
    text = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return text.encode("cp1252", "replace")
