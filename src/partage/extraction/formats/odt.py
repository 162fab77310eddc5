"""OpenDocument text (ODT)."""

import io
import zipfile
from collections.abc import Iterator, Sequence

import odfdo
from lxml import etree

from partage.extraction.formats.packing import packed
from partage.extraction.parts import Block, Hidden, Kind, Reading, Run, paged
from partage.rules.anonymity import replace_all

_OFFICE, _TEXT, _TABLE, _DC, _META = (
    "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}",
    "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}",
    "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}",
    "{http://purl.org/dc/elements/1.1/}",
    "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}",
)
_UNSEEN = {
    f"{_OFFICE}annotation",
    f"{_OFFICE}annotation-end",
    f"{_TEXT}tracked-changes",
    f"{_TEXT}note",
}
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)


def _part(content: bytes, name: str):
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        if name not in parts.namelist():
            return None
        return etree.fromstring(parts.read(name), _PARSER)


def _words(element) -> Iterator[str]:
    if element.tag in _UNSEEN or not isinstance(element.tag, str):
        return
    if element.tag == f"{_TEXT}s":
        yield " " * int(element.get(f"{_TEXT}c", "1"))
    elif element.tag == f"{_TEXT}tab":
        yield "\t"
    elif element.tag == f"{_TEXT}line-break":
        yield "\n"
    yield element.text or ""
    for each in element:
        yield from _words(each)
        yield each.tail or ""


def _blocks(parent, kind: str = "paragraph") -> Iterator[Block]:
    for each in parent:
        if not isinstance(each.tag, str) or each.tag in _UNSEEN:
            continue
        if each.tag in (f"{_TEXT}p", f"{_TEXT}h"):
            text = "".join(_words(each))
            if each.tag == f"{_TEXT}h":
                level = min(9, int(each.get(f"{_TEXT}outline-level", "1")))
                yield Block("heading", (Run(text),), level)
            else:
                yield Block(kind, (Run(text),))
            if each.find(f".//{_TEXT}soft-page-break") is not None:
                yield Block("break")
        elif each.tag == f"{_TEXT}soft-page-break":
            yield Block("break")
        elif each.tag == f"{_TABLE}table":
            yield Block("table", rows=tuple(_rows(each)))
        else:  # lists, sections, indexes, frames
            yield from _blocks(each, "item" if each.tag == f"{_TEXT}list" else kind)


def _rows(table) -> Iterator[tuple[str, ...]]:
    for row in table.iter(f"{_TABLE}table-row"):
        yield tuple(
            " ".join(block.text.strip() for block in _blocks(cell))
            for cell in row.iter(f"{_TABLE}table-cell")
        )


def _body(content: bytes):
    return _part(content, "content.xml").find(f"{_OFFICE}body/{_OFFICE}text")


def read(content: bytes) -> Reading:
    body = _body(content)
    meta = _part(content, "meta.xml")
    names = (
        ()
        if meta is None
        else [
            each.text
            for tag in (f"{_DC}creator", f"{_META}initial-creator")
            for each in meta.iter(tag)
        ]
    )
    return Reading(
        Kind.ODT,
        paged(list(_blocks(body))),
        Hidden(
            comments=sum(1 for _each in body.iter(f"{_OFFICE}annotation")),
            changes=sum(1 for _each in body.iter(f"{_TEXT}changed-region")),
            authors=tuple(dict.fromkeys(name for name in names if name)),
        ),
    )


def rebuild(content: bytes, changes: Sequence[tuple[str, str]], *, title: str) -> bytes:
    """Write the headings, paragraphs, lists and tables that are seen in a new file."""
    new = odfdo.Document("text")
    body = new.body
    body.clear()
    for block in _blocks(_body(content)):
        said = replace_all(block.text, changes)
        if block.kind == "heading":
            body.append(odfdo.Header(block.level, said))
        elif block.kind == "item":
            body.append(odfdo.List([said]))
        elif block.kind == "table":
            table = odfdo.Table("Tableau")
            for row in block.rows:
                made = odfdo.Row()
                made.set_values([replace_all(text, changes) for text in row])
                table.append_row(made)
            body.append(table)
        elif block.kind == "paragraph" and said:
            body.append(odfdo.Paragraph(said))
    new.meta.creator = new.meta.initial_creator = ""
    new.meta.title = title
    return packed(new.save)
