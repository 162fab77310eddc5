"""The engine of the reservoir: words, concepts, walls, and the order of results."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partage.retrieval import analysis
from partage.retrieval.concepts import Concepts
from partage.retrieval.index import Index, IndexIsBusy
from partage.retrieval.passages import LONGEST, Passage, Walls, stretches
from partage.retrieval.query import Asked
from partage.retrieval.ranking import (
    Read,
    coverage,
    holding,
    holds,
    rarity_among,
    reorder,
)
from partage.retrieval.spelling import LEAST_ALIKE, nearest, slips_of
from partage.retrieval.translation import Translations

AGM = [(1, "AGA"), (1, "assemblée générale annuelle"), (1, "annual general meeting")]


def passage(piece, text, *, walls=("all",), language="fr", head="", **more):
    return Passage(piece, 0, 0, language, head, text, walls, **more)


@pytest.fixture
def index():
    return Index()


def fill(index, *passages, concepts=()):
    known = Concepts(concepts)
    with index.writer() as writer:
        for one in passages:
            writer.add(one, {said.concept for said in known.said_in(one.text)})
        writer.commit({"horizon": 7})


def found(index, words, walls=("all",), **more):
    asked = Asked.of(words, more.pop("concepts", None))
    seen = Walls(walls, more.pop("closed", ()))
    return [hit.piece for hit in index.find(asked, walls=seen, limit=10, **more)]


class TestAnalysis:
    def test_apostrophes_accents_plurals_and_small_words_make_no_difference(self):
        assert analysis.tokens("L’équité des salariés", "fr") == analysis.tokens(
            "EQUITE du salarié", "fr"
        )

    def test_a_noun_in_er_keeps_its_plural(self):
        assert analysis.tokens("loyers", "fr") == analysis.tokens("loyer", "fr")

    def test_the_language_of_a_text_is_that_of_its_small_words(self):
        assert analysis.language_of("Le bail que nous avons pour le local") == "fr"
        assert analysis.language_of("The lease that we have for our office") == "en"
        assert analysis.language_of("CNESST 2025") == ""

    @given(st.text(max_size=3000))
    def test_stretches_hold_each_word_once_in_order_and_are_never_too_long(self, text):
        cut = stretches(text)

        assert all(0 < len(one) <= LONGEST for one in cut)
        assert "".join("".join(cut).split()) == "".join(text.split())


class TestConcepts:
    def test_the_longest_term_is_taken_whatever_its_accents_and_plural(self):
        concepts = Concepts([*AGM, (2, "assemblée")])

        assert [one.concept for one in concepts.said_in("Nos ASSEMBLEES, l’AGA")] == [
            2,
            1,
        ]
        assert [
            one.concept for one in concepts.said_in("l’assemblée générale annuelle")
        ] == [1]


class TestIndex:
    def test_a_french_acronym_finds_an_english_passage_by_their_concept(self, index):
        fill(
            index,
            passage(1, "Call the annual general meeting.", language="en"),
            passage(2, "Un plan de communication."),
            concepts=AGM,
        )

        assert found(index, "AGA") == []
        assert found(index, "AGA", concepts=Concepts(AGM)) == [1]

    def test_what_is_behind_another_wall_is_not_found_and_its_words_are_unknown(
        self, index
    ):
        fill(index, passage(1, "Le bail secret", walls=("organisation=3",)))

        assert found(index, "bail") == []
        assert found(index, "bail", walls=("organisation=3",)) == [1]
        assert found(index, "bail", walls=None) == [1]
        closed = {"walls": None, "closed": ("organisation=3",)}
        assert found(index, "bail", **closed) == []
        assert not index.holds("bail", walls=Walls(("all",)))
        assert index.holds("bail", walls=Walls(("organisation=3",)))
        assert not index.holding_like("bial", slips=1, walls=Walls(("all",)), limit=5)

    @given(
        st.lists(
            st.tuples(st.sampled_from(["bail", "bial", "loyer"]), st.integers(0, 3)),
            min_size=1,
            max_size=8,
        ),
        st.sets(st.integers(0, 3)),
    )
    @settings(max_examples=15)
    def test_of_any_passages_only_those_behind_the_walls_passed_are_found_or_known(
        self, written, passed
    ):
        index = Index()
        fill(
            index,
            *(
                passage(number, f"Le {word}", walls=(f"organisation={wall}",))
                for number, (word, wall) in enumerate(written, 1)
            ),
        )
        walls = [f"organisation={wall}" for wall in sorted(passed)]
        seen = {n: word for n, (word, wall) in enumerate(written, 1) if wall in passed}
        like = index.holding_like("bail", slips=1, walls=Walls(walls), limit=10)

        assert set(found(index, "bail loyer", walls)) == {
            number for number, word in seen.items() if word != "bial"
        }
        assert index.holds("loyer", walls=Walls(walls)) == ("loyer" in seen.values())
        assert {hit.piece for hit in like} == {
            number for number, word in seen.items() if word != "loyer"
        }

    def test_without_any_wall_nothing_is_seen(self, index):
        fill(index, passage(1, "Le bail"))

        assert found(index, "bail", walls=()) == []

    def test_putting_a_piece_again_replaces_it(self, index):
        for text in ("Le bail", "Le loyer"):
            with index.writer() as writer:
                writer.forget(1)
                writer.add(passage(1, text))
                writer.commit({"horizon": 8})

        assert index.pieces() == {1: 1}
        assert found(index, "bail") == []
        assert index.state() == {"horizon": 8}

    def test_what_was_not_committed_is_not_there_nor_is_its_state(self, tmp_path):
        index = Index(tmp_path)
        fill(index, passage(1, "Le bail"))

        def add_then_stumble() -> None:
            with index.writer() as writer:
                writer.add(passage(2, "Le loyer"))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            add_then_stumble()

        again = Index(tmp_path)
        assert (again.pieces(), again.state()) == ({1: 1}, {"horizon": 7})

    def test_a_second_writer_is_told_that_one_is_at_it(self, tmp_path):
        index = Index(tmp_path)
        with index.writer(), pytest.raises(IndexIsBusy):
            index.writer()

    def test_a_folder_that_is_no_index_any_more_is_made_anew(self, tmp_path):
        fill(Index(tmp_path), passage(1, "Le bail"))
        (tmp_path / "meta.json").write_text("{")

        assert Index(tmp_path).state() == {}


class TestReorder:
    def test_words_in_their_order_come_before_the_same_words_apart(self):
        asked = Asked.of("code du travail")
        texts = ["Le travail du code est long.", "Le code du travail est long."]

        apart, together = reorder(asked, [Read(1.0, one, "fr") for one in texts])

        assert together > apart

    def test_what_resembles_the_best_comes_before_what_does_not(self):
        asked = Asked.of("bail")
        texts = [
            "Bail du local commercial, loyer et propriétaire.",
            "Bail, loyer du local, propriétaire.",
            "Bail emphytéotique de la forêt publique.",
        ]

        scores = reorder(
            asked,
            [
                Read(score, one, "fr")
                for score, one in zip([2, 1, 1], texts, strict=True)
            ],
        )

        assert scores[1] > scores[2]

    @given(st.lists(st.text("abcdé ’.", max_size=60), max_size=12), st.text("abcé "))
    def test_any_text_gets_a_score_that_is_a_number(self, texts, words):
        scores = reorder(Asked.of(words), [Read(1.0, one, "en") for one in texts])

        assert len(scores) == len(texts)
        assert all(score >= 0 for score in scores)

    @given(
        st.sets(st.text("abcé", min_size=1, max_size=9), max_size=30),
        st.sets(st.text("_abcé", min_size=4, max_size=4), max_size=12),
    )
    def test_grams_are_found_in_words_as_one_finds_them_word_by_word(
        self, words, wanted
    ):
        wanted = sorted(wanted)
        held = holding(words, wanted)

        for word in words:
            inside = analysis.grams(word)
            for at, gram in enumerate(wanted):
                assert held.get(word, []).count(at) == inside.count(gram)

    def test_a_word_is_held_in_any_form_of_either_language(self):
        read = [Read(1.0, "Nos loyers", "fr"), Read(1.0, "The meetings", "en")]

        assert holds(read, ["loyer", "meeting", "bail"]) == {"loyer", "meeting"}


def covered(words, texts, *, concepts=(), pairs=(), languages=None):
    known = Concepts(concepts)
    asked = Asked.of(words, known, Translations(pairs))
    read = [
        Read(0.0, text, language)
        for text, language in zip(texts, languages or ["fr"] * len(texts), strict=True)
    ]
    said = [{one.concept for one in known.said_in(text)} for text in texts]
    return coverage(asked, read, rarity_among(read), said)


class TestCoverage:
    def test_one_rare_word_says_more_than_several_that_all_have(self):
        *_others, ordinary, rare = covered(
            "La littératie des administrateurs, suite de l’an dernier",
            [
                "Le budget, suite de l’an dernier",
                "Le bail, suite de l’an dernier",
                "La paie, suite de l’an dernier",
                "Le site, suite de l’an dernier",
                "Une suite pour l’an dernier",
                "Littératie des administrateurs",
            ],
        )

        assert rare > 1.5 * ordinary

    def test_a_word_of_the_other_language_counts_for_as_much_as_one_is_sure(self):
        pairs = [("bail", "lease"), ("loyer", "rent")]
        words, texts = "Le bail et le loyer", ["The lease", "The payroll", "The rent"]
        alone = covered(words, texts, languages=["en"] * 3)
        both = covered(words, texts, languages=["en"] * 3, pairs=pairs)

        assert alone == [0, 0, 0]
        assert both[0] > 0 < both[2]
        assert both[1] == 0

    def test_a_concept_counts_however_it_is_said(self):
        texts = ["La paie de nos gens", "Préparer l’assemblée générale annuelle"]

        assert covered("Notre AGA", texts) == [0, 0]
        assert covered("Notre AGA", texts, concepts=AGM)[1] > 0

    @given(
        st.lists(st.text("abcdé ’.", max_size=60), max_size=12),
        st.text("abcdé ", max_size=60),
    )
    def test_is_always_between_none_and_whole(self, texts, words):
        found = covered(words, texts)

        assert len(found) == len(texts)
        assert all(0 <= much <= 1 for much in found)

    @given(
        st.lists(
            st.sampled_from(["bail", "loyer", "paie", "site", "congé"]), min_size=1
        )
    )
    def test_of_texts_as_long_what_says_more_of_the_words_covers_more(self, words):
        asked = list(dict.fromkeys(words))
        texts = [
            " ".join([*asked[:held], *(f"rien{n}" for n in range(held, len(asked)))])
            for held in range(len(asked) + 1)
        ]
        found = covered(" ".join(words), texts)

        assert found == sorted(found)
        assert found[0] == 0 < found[-1]


class TestSpelling:
    @given(st.text("abcdez", min_size=2, max_size=9), st.data())
    def test_a_word_is_among_those_one_slip_away_from_its_mistyping(self, word, data):
        at = data.draw(st.integers(0, len(word) - 2))
        slip = data.draw(st.sampled_from(["swap", "less", "more", "other"]))
        letter = data.draw(st.sampled_from("abyz"))
        typed = {
            "swap": word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            "less": word[:at] + word[at + 1 :],
            "more": word[:at] + letter + word[at:],
            "other": word[:at] + letter + word[at + 1 :],
        }[slip]
        swapped, numbered, other = slips_of(typed)

        assert typed not in swapped | numbered | other
        if typed != word:
            kinds = {"swap": swapped | other, "other": other}
            assert word in kinds.get(slip, numbered)

    def test_the_nearest_word_is_offered_and_a_far_one_never(self):
        known = {"negociation": 2, "location": 9}

        assert nearest(["negotiation"], known)[2] == "negociation"
        assert nearest(["negotiation"], known)[0] > LEAST_ALIKE
        assert nearest(["zebre"], known)[0] < LEAST_ALIKE
