"""What comes in: read in a process of its own, or refused with its reason."""

import io
import zipfile

import pytest

from partage.extraction import Kind, Problem, Unreadable, read
from partage.extraction.apart import Limits
from tests.extraction import papers

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">'
        for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><document>&i;</document>"
).encode()


def problem_of(content: bytes, **more) -> Problem:
    with pytest.raises(Unreadable) as refused:
        read(content, **more)
    return refused.value.problem


class TestRead:
    def test_a_pdf_gives_its_pages_with_cut_words_made_whole(self):
        reading = read(
            papers.pdf(
                "Le renouvellement du bail demande une comparai-\n"
                "son des loyers du quartier, puis une rencontre,\n"
                "celui-\nci ou un autre.",
                "Une deuxi\xe8me page.",
            )
        )

        assert reading.kind == Kind.PDF
        assert [page.number for page in reading.pages] == [1, 2]
        assert "comparaison des loyers" in reading.pages[0].text
        assert "celui-ci" in reading.pages[0].text
        assert reading.pages[1].text == "Une deuxième page."

    def test_a_word_file_gives_what_is_seen_and_says_what_is_not(self):
        reading = read(papers.word_that_hides())
        (page,) = reading.pages

        assert page.text == (
            "Le bail de Manon Desrosiers prend fin. Il est renouvelé.\nLoyer | 1 200 $"
        )
        hidden = reading.hidden
        assert (hidden.comments, hidden.changes, hidden.runs) == (1, 2, 1)
        assert hidden.authors == ("Manon Desrosiers",)

    def test_a_long_word_file_is_cited_by_its_headings(self):
        reading = read(papers.word("Comparer les loyers.", heading="1. Le loyer"))

        assert [page.label for page in reading.pages] == ["1. Le loyer"]

    def test_slides_are_pages_and_their_notes_are_only_counted(self):
        reading = read(
            papers.slides("Le bail", "Les loyers", notes="secret", hidden="Brouillon")
        )

        assert [page.label for page in reading.pages] == ["Le bail", "Les loyers"]
        assert "Ce que dit Les loyers" in reading.pages[1].text
        assert (reading.hidden.notes, reading.hidden.slides) == (3, 1)

    def test_a_workbook_gives_its_visible_sheets(self):
        reading = read(papers.sheets())

        assert [page.label for page in reading.pages] == ["Budget"]
        assert "Loyer de la Coop de la Baie | 14400" in reading.pages[0].text
        assert (reading.hidden.sheets, reading.hidden.comments) == (1, 1)

    def test_an_open_document_gives_its_words(self):
        reading = read(papers.open_text("Comparer les loyers du quartier."))

        assert reading.kind == Kind.ODT
        assert reading.pages[0].text == "Guide\nComparer les loyers du quartier."

    @pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
    def test_plain_words_are_read_in_any_usual_encoding(self, encoding):
        reading = read("# Été\nL’école\n\n# Hiver\nà côté".encode(encoding))

        assert [page.label for page in reading.pages] == ["Été", "Hiver"]
        assert reading.pages[1].text == "# Hiver\nà côté"


class TestHostile:
    def test_nothing_is_empty(self):
        assert problem_of(b" \n\x00") == Problem.EMPTY

    def test_more_than_20_mb_is_not_even_opened(self):
        assert (
            problem_of(b"%PDF-1.7\n" + b"0" * (20 * 1024 * 1024)) == Problem.TOO_LARGE
        )

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (b"MZ\x90\x00\x03\x00\x00\x00" + bytes(200), Problem.UNKNOWN),
            (b"\x7fELF" + bytes(range(256)), Problem.UNKNOWN),
            (b"\x89PNG\r\n\x1a\n" + bytes(50), Problem.IMAGE),
            (b"\xff\xd8\xff\xe0" + bytes(50), Problem.IMAGE),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), Problem.OLD_FORMAT),
            (
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
                + "EncryptedPackage".encode("utf-16-le"),
                Problem.PASSWORD,
            ),
            (b"PK\x03\x04" + bytes(100), Problem.BROKEN),
        ],
        ids=["exe", "elf", "png", "jpeg", "doc", "locked docx", "cut zip"],
    )
    def test_what_it_is_decides_and_not_its_name(self, content, problem):
        assert problem_of(content) == problem

    def test_a_zip_that_is_no_document_is_not_one(self):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as made:
            made.writestr("hello.txt", "hello")

        assert problem_of(out.getvalue()) == Problem.UNKNOWN

    @pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
    def test_a_cut_word_file_says_so(self, cut):
        whole = papers.word("Un bail.")

        assert problem_of(whole[: int(len(whole) * cut)]) == Problem.BROKEN

    def test_a_cut_pdf_says_so_or_gives_what_is_left(self):
        whole = papers.pdf("Un bail.")

        assert problem_of(whole[:60]) == Problem.BROKEN
        assert read(whole[:-9]).pages[0].text == "Un bail."

    def test_a_pdf_under_a_password_says_so(self):
        assert problem_of(papers.pdf("Un bail.", user_password="x")) == Problem.PASSWORD

    def test_a_scanned_pdf_has_no_text(self):
        assert problem_of(papers.pdf("", "")) == Problem.NO_TEXT

    def test_a_bomb_that_inflates_to_1_gb_is_refused_before_it_does(self):
        bomb = io.BytesIO()
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr("word/document.xml", bytes(64))
            for number in range(16):
                made.writestr(f"word/media/{number}.bin", bytes(16 * 1024 * 1024))

        assert len(bomb.getvalue()) < 1024 * 1024
        assert problem_of(bomb.getvalue()) == Problem.BOMB

    def test_a_part_that_lies_about_its_size_gives_no_more_than_it_says(self):
        whole = papers.with_part(
            papers.word("Un bail."), "word/media/x.bin", bytes(8 * 1024 * 1024)
        )
        size = (8 * 1024 * 1024).to_bytes(4, "little")
        assert whole.count(size) >= 1

        reading = read(whole.replace(size, (100).to_bytes(4, "little")))

        assert "Un bail." in reading.pages[0].text

    @pytest.mark.parametrize(
        ("content", "part"),
        [
            (papers.word("Un bail."), "word/vbaProject.bin"),
            (papers.sheets(), "xl/vbaProject.bin"),
            (papers.open_text("Un bail."), "Basic/Standard/Module1.xml"),
        ],
        ids=["docm", "xlsm", "odt"],
    )
    def test_macros_are_refused(self, content, part):
        assert (
            problem_of(papers.with_part(content, part, b"Sub Auto()")) == Problem.MACROS
        )

    @pytest.mark.parametrize(
        ("content", "part"),
        [
            (papers.word("Un bail."), "word/document.xml"),
            (papers.sheets(), "xl/workbook.xml"),
            (papers.slides("Un bail"), "ppt/presentation.xml"),
            (papers.open_text("Un bail."), "content.xml"),
        ],
        ids=["docx", "xlsx", "pptx", "odt"],
    )
    def test_entities_that_swell_or_peek_are_refused(self, content, part):
        for evil in (
            LAUGHS,
            b'<!DOCTYPE x [<!ENTITY p SYSTEM "file:///etc/passwd">]><x>&p;</x>',
        ):
            assert problem_of(papers.with_part(content, part, evil)) == Problem.ENTITIES

    def test_what_takes_too_much_memory_is_stopped_there(self):
        many = papers.with_part(
            papers.word("Un bail."),
            "word/document.xml",
            b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml'
            b'/2006/main"><w:body>'
            + b"<w:p><w:r><w:t>x</w:t></w:r></w:p>" * 600_000
            + b"</w:body></w:document>",
        )

        small = Limits(memory=320 * 1024 * 1024)
        assert problem_of(many, limits=small) in (Problem.TOO_HEAVY, Problem.BOMB)

    def test_what_takes_too_long_is_stopped_there(self):
        cells = "".join(f"<row><c><v>{n}</v></c></row>" for n in range(400_000))
        slow = papers.with_part(
            papers.sheets(),
            "xl/worksheets/sheet1.xml",
            b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/'
            b'main"><sheetData>' + cells.encode() + b"</sheetData></worksheet>",
        )

        assert problem_of(slow, limits=Limits(cpu_seconds=1)) == Problem.TOO_LONG

    def test_the_child_sees_no_secret_of_the_house(self, monkeypatch, tmp_path):
        monkeypatch.setenv("DATABASE_URL", "postgres://secret")
        import partage.extraction.apart as apart

        monkeypatch.setattr(
            apart,
            "_START",
            "import os, json; print(json.dumps({'problem': 'BROKEN' if "
            "'DATABASE_URL' in os.environ else 'EMPTY'}))",
        )

        assert problem_of(b"words") == Problem.EMPTY
