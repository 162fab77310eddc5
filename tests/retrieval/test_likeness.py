"""What resembles what: by words, by subjects, by concepts across languages."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partage.retrieval.concepts import Concepts
from partage.retrieval.likeness import Likeness
from partage.retrieval.translation import Translations

LEASES = [
    ("Revoir le bail de nos locaux, le loyer monte.", "fr"),
    ("Le propriétaire augmente le loyer de nos locaux.", "fr"),
    ("Le bail finit et le propriétaire veut signer.", "fr"),
]
OTHERS = [
    ("Écrire une infolettre pour les membres.", "fr"),
    ("Une infolettre mensuelle et un rapport aux membres.", "fr"),
    ("Rapport annuel à écrire pour l’assemblée.", "fr"),
]


class TestLikeness:
    def test_what_shares_words_resembles_more_than_what_shares_none(self):
        found = Likeness(LEASES + OTHERS).of("Un bail et son loyer", "fr")

        assert min(found[:3]) > max(found[3:])

    def test_a_text_without_a_word_in_common_still_shares_the_subject(self):
        by_words = Likeness(LEASES + OTHERS).of("bail", "fr", by_words=1)
        mixed = Likeness(LEASES + OTHERS).of("bail", "fr")

        assert by_words[1] == 0  # it says « loyer » and « propriétaire » only
        assert mixed[1] > max(mixed[3:])

    def test_a_concept_brings_two_languages_together(self):
        texts = [("Review the lease of our office.", "en"), ("The lease.", "en")]
        concepts = Concepts([(1, "bail"), (1, "lease")])

        assert not Likeness(texts).of("Revoir le bail", "fr").any()
        assert Likeness(texts, concepts).of("Revoir le bail", "fr").all()

    def test_so_does_what_a_word_is_in_the_other_language(self):
        texts = [
            ("Review the lease of our office.", "en"),
            ("The lease and the rent.", "en"),
            ("The rent of our office.", "en"),
            ("A monthly newsletter.", "en"),
            ("One newsletter, monthly.", "en"),
        ]
        known = Translations([("bail", "lease"), ("loyer", "rent")])

        assert not Likeness(texts).of("Revoir le bail", "fr").any()
        found = Likeness(texts, translations=known).of("Revoir le bail", "fr")
        assert min(found[:2]) > max(found[3:])

    def test_what_is_said_in_ones_own_words_resembles_more(self):
        texts = [
            ("Un bail", "fr"),
            ("Ce bail", "fr"),
            ("A lease", "en"),
            ("The lease", "en"),
        ]
        # « bail » is also a bond: one is less than sure of « lease ».
        known = Translations([("bail", "lease"), ("bail", "bond"), ("loyer", "rent")])
        found = Likeness(texts, translations=known).of("Un bail", "fr", by_words=1)

        assert found[0] == found[1] > found[2] == found[3] > 0

    def test_one_word_of_many_is_little_even_among_few_texts(self):
        texts = [("Le bail.", "fr"), ("Un bail.", "fr")]
        asked = "Bail, facilitation, atelier, conseil, formation, tutorat"
        near = Likeness(texts)

        assert near.of("Bail", "fr")[0] > 5 * near.of(asked, "fr", by_words=1)[0]

    @pytest.mark.parametrize("texts", [[], [("", "fr")], [("le la", "fr")] * 3])
    def test_texts_without_words_resemble_nothing(self, texts):
        assert not Likeness(texts).of("Un bail", "fr").any()

    @given(st.lists(st.tuples(st.text("abcdé ", max_size=40), st.just("fr"))))
    def test_is_always_between_none_and_whole(self, texts):
        found = Likeness(texts).of("abc dé ab", "fr")

        assert found.shape == (len(texts),)
        assert np.all((found >= 0) & (found <= 1))

    def test_the_same_texts_give_the_same(self):
        texts = [
            (f"{word} {word}{other} loyer {other}", "fr")
            for word in ("bail", "budget", "plan", "site", "congé", "paie", "taxe")
            for other in ("membre", "conseil", "client", "bureau", "budget", "projet",
                          "année", "texte", "équipe", "région", "service")
        ]  # fmt: skip
        one, other = Likeness(texts), Likeness(texts)

        assert np.array_equal(
            one.of("bail conseil", "fr"), other.of("bail conseil", "fr")
        )
