"""Word (DOCX)."""

import io
from collections.abc import Iterator, Sequence

import docx
from docx.document import Document
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from partage.extraction.formats.packing import packed
from partage.extraction.parts import Block, Hidden, Kind, Reading, Run, paged
from partage.rules.anonymity import replace_all

_GONE = {qn("w:del"), qn("w:moveFrom")}
_P, _TBL, _SDT, _R, _T = (qn(f"w:{x}") for x in ("p", "tbl", "sdt", "r", "t"))
_TAB, _BR, _CR, _LAST = (
    qn(f"w:{x}") for x in ("tab", "br", "cr", "lastRenderedPageBreak")
)


def _runs(paragraph) -> Iterator:
    """Return the runs of a paragraph that are there once its changes are accepted."""
    for each in paragraph:
        if each.tag in _GONE:
            continue
        if each.tag == _R:
            yield each
        elif each.tag != qn("w:pPr"):  # links, insertions, content controls
            yield from _runs(each)


def _is_on(run, name: str) -> bool:
    said = run.find(f"{qn('w:rPr')}/{qn(name)}")
    return said is not None and said.get(qn("w:val")) not in ("0", "false", "off")


def _style(paragraph, document: Document) -> str:
    try:
        style = Paragraph(paragraph, document._body).style
    except (KeyError, AttributeError, ValueError):
        return ""
    return (style.name if style else "") or ""


def _paragraph(paragraph, document: Document) -> Iterator[Block]:
    style = _style(paragraph, document).lower()
    kind, level = "paragraph", 0
    if style == "title":
        kind, level = "heading", 1
    elif style.startswith("heading"):
        digits = "".join(filter(str.isdigit, style))
        kind, level = "heading", min(9, int(digits or 1))
    elif (
        style.startswith("list")
        or paragraph.find(f"{qn('w:pPr')}/{qn('w:numPr')}") is not None
    ):
        kind = "item"
    runs: list[Run] = []
    for run in _runs(paragraph):
        if _is_on(run, "w:vanish"):
            continue
        said = ""
        for part in run:
            if part.tag == _T:
                said += part.text or ""
            elif part.tag == qn("w:noBreakHyphen"):
                said += "-"
            elif part.tag == _TAB:
                said += "\t"
            elif part.tag == _LAST or (
                part.tag == _BR and part.get(qn("w:type")) == "page"
            ):
                bold, italic = _is_on(run, "w:b"), _is_on(run, "w:i")
                runs.append(Run(said, bold, italic))
                if "".join(one.text for one in runs).strip():
                    yield Block(kind, tuple(runs), level)
                yield Block("break")
                runs, said = [], ""
            elif part.tag in (_BR, _CR):
                said += "\n"
        if said:
            runs.append(Run(said, _is_on(run, "w:b"), _is_on(run, "w:i")))
    if runs:
        yield Block(kind, tuple(runs), level)
    for box in paragraph.iter(qn("w:txbxContent")):
        # Word writes a text box twice, for itself and for what came before it.
        if any("Fallback" in str(above.tag) for above in box.iterancestors()):
            continue
        yield from _blocks(box, document)


def _cell(cell, document: Document) -> str:
    said = (block.text.strip() for block in _blocks(cell, document))
    return " ".join(text for text in said if text)


def _blocks(parent, document: Document) -> Iterator[Block]:
    for each in parent:
        if each.tag == _P:
            yield from _paragraph(each, document)
        elif each.tag == _TBL:
            rows = tuple(
                tuple(_cell(cell, document) for cell in row.iter(qn("w:tc")))
                for row in each.iter(qn("w:tr"))
            )
            yield Block("table", rows=rows)
        elif each.tag in (_SDT, qn("w:sdtContent"), qn("w:ins"), qn("w:customXml")):
            yield from _blocks(each, document)


def _counted(document: Document, tag: str) -> int:
    return sum(1 for _each in document.element.iter(qn(tag)))


def _comments(document: Document) -> int:
    return sum(
        part.blob.count(b"<w:comment ")
        for part in document.part.package.iter_parts()
        if str(part.partname).endswith("/comments.xml")
    )


def _open(content: bytes) -> Document:
    return docx.Document(io.BytesIO(content))


def read(content: bytes) -> Reading:
    document = _open(content)
    said = document.core_properties
    authors = dict.fromkeys(
        name for name in (said.author, said.last_modified_by) if name
    )
    return Reading(
        Kind.DOCX,
        paged(list(_blocks(document.element.body, document))),
        Hidden(
            comments=_comments(document),
            changes=_counted(document, "w:ins") + _counted(document, "w:del"),
            runs=_counted(document, "w:vanish"),
            images=_counted(document, "w:drawing") + _counted(document, "w:pict"),
            authors=tuple(authors),
        ),
    )


def changed(runs: Sequence[Run], changes: Sequence[tuple[str, str]]) -> list[Run]:
    """Return runs with the changes made; one that straddles runs makes them one."""
    text = "".join(run.text for run in runs)
    after = replace_all(text, changes)
    if after == text:
        return list(runs)
    each = [Run(replace_all(r.text, changes), r.bold, r.italic) for r in runs]
    return each if "".join(run.text for run in each) == after else [Run(after)]


def rebuild(content: bytes, changes: Sequence[tuple[str, str]], *, title: str) -> bytes:
    """Write the headings, paragraphs, lists and tables that are seen in a new file."""
    old = _open(content)
    new = docx.Document()
    for block in _blocks(old.element.body, old):
        if block.kind == "break":
            new.add_page_break()
        elif block.kind == "table":
            width = max((len(row) for row in block.rows), default=0)
            if not width:
                continue
            table = new.add_table(rows=0, cols=width, style="Table Grid")
            for row in block.rows:
                cells = table.add_row().cells
                for cell, text in zip(cells, row, strict=False):
                    cell.text = replace_all(text, changes)
        else:
            style = {
                "heading": f"Heading {block.level}",
                "item": "List Bullet",
            }.get(block.kind, "Normal")
            paragraph = new.add_paragraph(style=style)
            for run in changed(block.runs, changes):
                written = paragraph.add_run(run.text)
                written.bold = run.bold or None
                written.italic = run.italic or None
    said = new.core_properties
    said.author = said.last_modified_by = said.comments = ""
    said.title = title
    return packed(new.save)
