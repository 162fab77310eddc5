"""PowerPoint (PPTX)."""

import io
from collections.abc import Iterator, Sequence

from pptx import Presentation
from pptx.util import Emu

from partage.extraction.formats.packing import packed
from partage.extraction.lines import tidy
from partage.extraction.parts import Hidden, Kind, Page, Reading
from partage.rules.anonymity import replace_all


def _shapes(shapes) -> Iterator:
    """Return shapes in reading order, groups opened."""
    for shape in sorted(shapes, key=lambda one: (one.top or 0, one.left or 0)):
        if shape.shape_type == 6:  # a group
            yield from _shapes(shape.shapes)
        else:
            yield shape


def _shown(presentation) -> list:
    return [s for s in presentation.slides if s._element.get("show") != "0"]


def _title(slide) -> str:
    shape = slide.shapes.title
    return " ".join(shape.text_frame.text.split()) if shape is not None else ""


def _body(slide) -> Iterator[tuple[int, str]]:
    """Return the level and words of each paragraph, the title left out."""
    title = slide.shapes.title
    for shape in _shapes(slide.shapes):
        if title is not None and shape.shape_id == title.shape_id:
            continue
        if shape.has_text_frame:
            for paragraph in shape.text_frame.paragraphs:
                yield paragraph.level, paragraph.text.replace("\v", " ")
        elif getattr(shape, "has_table", False) and shape.has_table:
            for row in shape.table.rows:
                yield 0, " | ".join(" ".join(c.text.split()) for c in row.cells)


def read(content: bytes) -> Reading:
    presentation = Presentation(io.BytesIO(content))
    shown = _shown(presentation)
    pages = [
        Page(
            number,
            tidy([_title(slide), *(text for _level, text in _body(slide))]),
            _title(slide)[:100],
        )
        for number, slide in enumerate(shown, 1)
    ]
    every = list(presentation.slides)
    notes = sum(
        1
        for slide in every
        if slide.has_notes_slide
        and slide.notes_slide.notes_text_frame is not None
        and slide.notes_slide.notes_text_frame.text.strip()
    )
    comments = sum(
        rel.reltype.endswith("/comments")
        for slide in every
        for rel in slide.part.rels.values()
    )
    said = presentation.core_properties
    authors = dict.fromkeys(
        name for name in (said.author, said.last_modified_by) if name
    )
    return Reading(
        Kind.PPTX,
        tuple(pages),
        Hidden(
            notes=notes,
            comments=comments,
            slides=len(every) - len(shown),
            images=sum(
                shape.shape_type == 13 for slide in shown for shape in slide.shapes
            ),
            authors=tuple(authors),
        ),
    )


def rebuild(content: bytes, changes: Sequence[tuple[str, str]], *, title: str) -> bytes:
    """Write the titles and words of the slides that are shown in a new file."""
    old = Presentation(io.BytesIO(content))
    new = Presentation()
    new.slide_width, new.slide_height = Emu(12192000), Emu(6858000)
    layout = new.slide_layouts[1]
    for slide in _shown(old):
        made = new.slides.add_slide(layout)
        heading, body = made.placeholders[0], made.placeholders[1]
        for shape, top, height in (
            (heading, 365125, 1100000),
            (body, 1600000, 4700000),
        ):
            shape.left, shape.width = Emu(838200), Emu(10515600)
            shape.top, shape.height = Emu(top), Emu(height)
        heading.text_frame.text = replace_all(_title(slide), changes)
        frame = body.text_frame
        said = [(level, text) for level, text in _body(slide) if text.strip()]
        for number, (level, text) in enumerate(said):
            paragraph = frame.paragraphs[0] if not number else frame.add_paragraph()
            paragraph.text = replace_all(text, changes)
            paragraph.level = level
    said = new.core_properties
    said.author = said.last_modified_by = said.comments = ""
    said.title = title
    return packed(new.save)
