"""Words of one language, as the other may say them."""

from hypothesis import given
from hypothesis import strategies as st

from partage.retrieval.index import Index
from partage.retrieval.passages import Passage, Walls
from partage.retrieval.query import Asked
from partage.retrieval.translation import Translations, cognates

PAIRS = [
    ("Préparer la facture", "Prepare the invoice"),
    ("La facture du membre", "The member’s invoice"),
    ("Le membre signe l’entente", "The member signs the agreement"),
    ("Préparer l’entente", "Prepare the agreement"),
    ("Le membre paie", "The member pays"),
]


class TestTranslations:
    def test_a_word_is_what_stands_where_it_stands_and_nowhere_else(self):
        known = Translations(PAIRS)

        assert max(known.of("facture", "fr").items(), key=lambda one: one[1])[0] == (
            "invoic"
        )
        assert next(iter(known.of("agreement", "en"))) == "entent"

    def test_a_word_never_met_may_be_a_cognate(self):
        known = Translations(PAIRS)

        assert "activity" in cognates("activite", "fr")
        assert "activite" in cognates("activity", "en")
        assert set(known.of("activite", "fr").values()) == {0.5}
        assert known.of("loi", "fr") == {}

    @given(st.lists(st.tuples(st.text("ab é", max_size=9), st.text("cd ", max_size=9))))
    def test_any_pairs_teach_odds_between_0_and_1(self, pairs):
        known = Translations(pairs)

        for word in ("a", "ab", "bab"):
            assert all(0 < one <= 1 for one in known.of(word, "fr").values())


class TestAcrossLanguages:
    def found(self, text: str, translations: Translations | None) -> list[int]:
        index = Index()
        with index.writer() as writer:
            writer.add(Passage(1, 0, 0, "en", "", "The invoice is late.", ("all",)))
            writer.add(Passage(2, 0, 0, "fr", "", "La facture est là.", ("all",)))
            writer.commit({})
        asked = Asked.of(text, None, translations)
        return [hit.piece for hit in index.find(asked, walls=Walls(), limit=9)]

    def test_the_other_language_is_found_after_the_words_themselves(self):
        known = Translations(PAIRS)

        assert self.found("facture", None) == [2]
        assert self.found("facture", known) == [2, 1]
        assert self.found("invoice", known) == [1, 2]

    def test_a_sentence_is_translated_from_its_own_language_only(self):
        known = Translations([("le bail", "the lease"), ("la location", "the rental")])
        english = Asked.of("the location of our office", None, known)

        assert english.translated["en"] == {}
        assert "rental" in Asked.of("location", None, known).translated["en"]
