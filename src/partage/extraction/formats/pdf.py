"""PDF, by PDFium. Its text only: what a PDF hides cannot be shown to be gone."""

import pypdfium2

from partage.extraction.lines import flowing
from partage.extraction.parts import Hidden, Kind, Page, Problem, Reading, Unreadable

MOST_PAGES = 5_000


def read(content: bytes) -> Reading:
    try:
        document = pypdfium2.PdfDocument(content)
        count = len(document)
    except pypdfium2.PdfiumError as problem:
        locked = "password" in str(problem).lower()
        raise Unreadable(Problem.PASSWORD if locked else Problem.BROKEN) from problem
    if count > MOST_PAGES:
        raise Unreadable(Problem.TOO_HEAVY)
    pages = []
    for number in range(count):
        try:
            text = document[number].get_textpage().get_text_bounded()
        except pypdfium2.PdfiumError:
            text = ""  # a page that is damaged; the others can be read
        label = document.get_page_label(number)
        pages.append(
            Page(number + 1, flowing(text), label if label != str(number + 1) else "")
        )
    said = document.get_metadata_dict(skip_empty=True)
    names = dict.fromkeys(said[key] for key in ("Author",) if key in said)
    return Reading(Kind.PDF, tuple(pages), Hidden(authors=tuple(names)))
