"""Documents made for tests: honest ones, and hostile ones."""

import io
import zipfile

import docx
import odfdo
from docx.oxml import OxmlElement
from openpyxl import Workbook
from openpyxl.comments import Comment
from pptx import Presentation


def saved(document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def word(*paragraphs: str, heading: str = "Rapport") -> bytes:
    document = docx.Document()
    document.add_heading(heading, 1)
    for text in paragraphs:
        document.add_paragraph(text)
    return saved(document)


def word_that_hides() -> bytes:
    """A comment, a deletion, an insertion, hidden words, a header, an author."""
    document = docx.Document()
    document.core_properties.author = "Manon Desrosiers"
    document.sections[0].header.paragraphs[0].text = "Confidentiel : Coop de la Baie"
    paragraph = document.add_paragraph("Le bail de ")
    run = paragraph.add_run("Manon ")
    run.bold = True
    paragraph.add_run("Desrosiers prend fin.")
    gone = OxmlElement("w:del")
    deleted, text = OxmlElement("w:r"), OxmlElement("w:delText")
    text.text = "secret biffé"
    deleted.append(text)
    gone.append(deleted)
    paragraph._p.append(gone)
    kept = OxmlElement("w:ins")
    inserted, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = " Il est renouvelé."
    inserted.append(text)
    kept.append(inserted)
    paragraph._p.append(kept)
    hidden = paragraph.add_run("secret caché")
    hidden.font.hidden = True
    document.add_comment(paragraph.runs, text="secret noté", author="Léa")
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Loyer", "1 200 $"
    return saved(document)


def slides(*titles: str, notes: str = "", hidden: str = "") -> bytes:
    presentation = Presentation()
    presentation.core_properties.author = "Manon Desrosiers"
    for title in (*titles, *([hidden] if hidden else [])):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = f"Ce que dit {title}"
        if notes:
            slide.notes_slide.notes_text_frame.text = notes
        if hidden and title == hidden:
            slide._element.set("show", "0")
    return saved(presentation)


def sheets() -> bytes:
    workbook = Workbook()
    seen = workbook.active
    seen.title = "Budget"
    seen.append(["Poste", "Montant", "Note"])
    seen.append(["Loyer de la Coop de la Baie", 14400, '=HYPERLINK("http://x")'])
    seen.append(["Ligne cachée", 1, ""])
    seen["A2"].comment = Comment("secret noté", "Léa")
    seen.row_dimensions[3].hidden = True
    seen.column_dimensions["C"].hidden = True
    secret = workbook.create_sheet("Paie")
    secret.append(["Salaire de Manon", 81_234])
    secret.sheet_state = "hidden"
    workbook.properties.creator = "Manon Desrosiers"
    return saved(workbook)


def open_text(*paragraphs: str) -> bytes:
    document = odfdo.Document("text")
    document.body.clear()
    document.body.append(odfdo.Header(1, "Guide"))
    for text in paragraphs:
        document.body.append(odfdo.Paragraph(text))
    return saved(document)


def pdf(*pages: str, user_password: str = "") -> bytes:
    """A PDF written by hand: one text object per line."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    kids = []
    for page in pages:
        lines = "".join(f"({line}) Tj 0 -14 Td " for line in page.split("\n"))
        stream = f"BT /F1 11 Tf 60 720 Td {lines}ET" if page else "0 0 10 10 re f"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font"
            " << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica"
            f" /Encoding /WinAnsiEncoding >> >> >> /Contents {len(objects)} 0 R >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    out = b"%PDF-1.4\n"
    places = []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{each}\nendobj\n".encode("cp1252")
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    locked = ""
    if user_password:
        locked = (
            " /Encrypt << /Filter /Standard /V 1 /R 2 /P -4"
            f" /O <{'41' * 32}> /U <{'42' * 32}> >> /ID [<00> <00>]"
        )
    return (
        out
        + (
            f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R{locked} >>\n"
            f"startxref\n{start}\n%%EOF\n"
        ).encode()
    )


def with_part(content: bytes, name: str, data: bytes) -> bytes:
    """The same packet with a part added, or put in the place of one."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part.filename, old.read(part))
        new.writestr(name, data)
    return out.getvalue()
