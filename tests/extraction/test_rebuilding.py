"""What goes out: a document made anew, with nothing out of sight."""

import io
import zipfile

import pytest

from partage.extraction import Kind, Problem, Unreadable, read, rebuild
from tests.extraction import papers

CHANGES = [
    ("Manon Desrosiers", "[personne 1]"),
    ("Manon", "[personne 1]"),
    ("Coop de la Baie", "[le membre]"),
]


def everything_in(content: bytes) -> str:
    """Every byte of every part of a packet."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return "\n".join(
            f"{name}\n{parts.read(name).decode('utf-8', 'replace')}"
            for name in parts.namelist()
        )


class TestRebuild:
    def test_a_word_file_keeps_what_is_seen_and_nothing_else(self):
        made, reading = rebuild(papers.word_that_hides(), CHANGES, title="Un bail")

        assert reading.pages[0].text == (
            "Le bail de [personne 1] prend fin. Il est renouvelé.\nLoyer | 1 200 $"
        )
        inside = everything_in(made)
        for gone in ("secret", "Manon", "Desrosiers", "Baie", "Léa"):
            assert gone not in inside
        assert reading.hidden == read(made).hidden
        assert (reading.hidden.comments, reading.hidden.changes) == (0, 0)
        assert reading.hidden.authors == ()

    def test_headings_lists_and_bold_words_stay(self):
        made, _reading = rebuild(
            papers.word("Comparer les loyers.", heading="Le bail de Manon"),
            CHANGES,
            title="",
        )

        assert 'w:val="Heading1"' in everything_in(made)
        assert read(made).pages[0].label == "Le bail de [personne 1]"

    def test_slides_lose_their_notes_their_author_and_the_hidden_ones(self):
        made, reading = rebuild(
            papers.slides("Manon", "Les loyers", notes="secret", hidden="Brouillon"),
            CHANGES,
            title="",
        )

        assert [page.label for page in reading.pages] == ["[personne 1]", "Les loyers"]
        inside = everything_in(made)
        for gone in ("secret", "Manon", "Brouillon", "Desrosiers"):
            assert gone not in inside

    def test_a_workbook_keeps_its_values_and_loses_hidden_sheets_rows_and_columns(self):
        made, reading = rebuild(papers.sheets(), CHANGES, title="")

        assert reading.pages[0].text == (
            "Poste | Montant\nLoyer de la [le membre] | 14400"
        )
        inside = everything_in(made)
        for gone in ("secret", "Manon", "81234", "cachée", "HYPERLINK", "Léa"):
            assert gone not in inside

    def test_an_open_document_is_made_anew(self):
        made, reading = rebuild(
            papers.open_text("Manon Desrosiers a signé."), CHANGES, title=""
        )

        assert reading.kind == Kind.ODT
        assert reading.pages[0].text == "Guide\n[personne 1] a signé."
        assert "Manon" not in everything_in(made)

    def test_words_are_replaced(self):
        made, _reading = rebuild(b"Manon\nDesrosiers", CHANGES, title="")

        assert made.decode() == "[personne 1]"

    def test_a_pdf_is_not_made_anew(self):
        with pytest.raises(Unreadable) as refused:
            rebuild(papers.pdf("Manon"), CHANGES, title="")
        assert refused.value.problem == Problem.UNKNOWN

    @pytest.mark.parametrize(
        "content",
        [
            papers.word("Un."),
            papers.slides("Un"),
            papers.sheets(),
            papers.open_text("Un"),
        ],
        ids=["docx", "pptx", "xlsx", "odt"],
    )
    def test_the_same_document_gives_the_same_bytes(self, content):
        assert rebuild(content, [], title="A")[0] == rebuild(content, [], title="A")[0]
