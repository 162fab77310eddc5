"""Which words are searched for, and the extract that shows them."""

from hypothesis import given
from hypothesis import strategies as st

from partage.rules.search import extract, words_worth_searching


class TestWordsWorthSearching:
    def test_small_words_of_both_languages_are_left_out(self):
        assert words_worth_searching("L’été, the lease of les œuvres à Gaspé") == (
            "lease",
            "oeuvres",
            "gaspe",
        )

    def test_a_word_counts_once_and_a_long_text_stops_at_200(self):
        text = " ".join(f"mot{n} mot{n}" for n in range(500))

        assert len(words_worth_searching(text)) == 200

    @given(st.text())
    def test_any_text_gives_folded_words(self, text):
        for word in words_worth_searching(text):
            assert word.isascii()
            assert word.isalnum()
            assert word == word.lower()


class TestExtract:
    LONG = "Avant. " * 60 + "La hausse du bail de Rimouski. " + "Après. " * 60

    def test_it_shows_where_the_words_are_and_marks_them(self):
        scraps = extract(self.LONG, {"bail", "hauss"}, width=80)

        assert [s.text for s in scraps if s.found] == ["hausse", "bail"]
        assert scraps[0].text == "… "
        assert scraps[-1].text == " …"

    def test_without_a_word_it_is_the_beginning(self):
        assert extract("Un texte court.", set())[0].text == "Un texte court."

    @given(st.text(), st.sets(st.text(min_size=1, max_size=4)), st.integers(20, 200))
    def test_joined_it_is_a_part_of_the_text(self, text, stems, width):
        shown = "".join(s.text for s in extract(text, stems, width=width))

        assert shown.removeprefix("… ").removesuffix(" …") in " ".join(text.split())
