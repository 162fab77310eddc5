"""What says who someone is, is found however it is written."""

import re
import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from partage.rules.anonymity import (
    Directory,
    Mark,
    Name,
    Sort,
    find,
    passes_luhn,
    proposals,
    replace_all,
)

NAMES = [
    Name(Sort.ORGANISATION, "Coopérative de solidarité de la Baie"),
    Name(Sort.ORGANISATION, "Fédération des centres d’amitié (FCAQ)"),
    Name(Sort.ORGANISATION, "Bibliothèque du Fleuve"),
    Name(Sort.PERSON, "Marie-Ève Gagnon-Tremblay"),
    Name(Sort.PERSON, "Étienne L’Heureux"),
    Name(Sort.PARTY, "Habitations des Deux-Rives"),
    Name(Sort.PARTY_PERSON, "Manon Desrosiers"),
]
DIRECTORY = Directory(NAMES)
NOBODY = Directory([])


def found(text: str, directory: Directory = DIRECTORY) -> list[tuple[str, str]]:
    return [(each.what, text[each.start : each.end]) for each in find(text, directory)]


def clean(text: str, directory: Directory = DIRECTORY, language="fr") -> str:
    proposed = proposals([text], directory, language=language)
    return replace_all(text, [(each.before, each.after) for each in proposed])


class TestMarks:
    @pytest.mark.parametrize(
        ("text", "mark", "written"),
        [
            ("NAS 046 454 286.", Mark.SIN, "046 454 286"),
            ("NAS : 046-454-286", Mark.SIN, "046-454-286"),
            ("(046454286)", Mark.SIN, "046454286"),
            ("au 418 555-0199, poste 12", Mark.PHONE, "418 555-0199, poste 12"),
            ("au (418) 555-0199.", Mark.PHONE, "(418) 555-0199"),
            ("+1 514.555.0142", Mark.PHONE, "+1 514.555.0142"),
            ("à Gaspé G4X 1A9", Mark.POSTAL, "G4X 1A9"),
            ("m5v3l9", Mark.POSTAL, "m5v3l9"),
            ("à m.cote@coop-baie.qc.ca.", Mark.EMAIL, "m.cote@coop-baie.qc.ca"),
            ("NEQ 1143920115", Mark.NEQ, "1143920115"),
            ("NEQ 1143 920 115", Mark.NEQ, "1143 920 115"),
            ("TPS 123456789 RT 0001", Mark.TAX, "123456789 RT 0001"),
            ("TVQ 1234567890TQ0001", Mark.TAX, "1234567890TQ0001"),
            ("TREM 7551 1234", Mark.HEALTH, "TREM 7551 1234"),
            ("carte 4111 1111 1111 1111", Mark.CARD, "4111 1111 1111 1111"),
            ("voir https://coop.example/a?b=1", Mark.WEB, "https://coop.example/a?b=1"),
            ("au 125, rue de la Reine", Mark.ADDRESS, "125, rue de la Reine"),
            (
                "au 410, boulevard Charest Est depuis 2015",
                Mark.ADDRESS,
                "410, boulevard Charest Est",
            ),
            ("at 40 Old Mill Road", Mark.ADDRESS, "40 Old Mill Road"),
        ],
    )
    def test_a_mark_is_known_by_its_shape(self, text, mark, written):
        assert found(text, NOBODY) == [(mark, written)]

    @pytest.mark.parametrize(
        "text",
        [
            "046 454 287",  # the last digit does not agree
            "un budget de 123 456 789 $",
            "en 2024-2025, 85 487 heures et 93 %",
            "l’article 1375 du Code civil",
            "de 8 h 30 à 16 h 30",
            "version 3.11.2",
            "le 7 avril 2025",
            "D0X 1A1",  # no postal code begins with a D
        ],
    )
    def test_ordinary_figures_are_left_alone(self, text):
        assert found(text, NOBODY) == []

    @given(st.integers(1, 99_999_999), st.sampled_from(["", " ", "-", "\u00a0", "."]))
    def test_every_number_with_its_luhn_digit_is_a_sin_and_no_other(self, n, sep):
        body = f"{n:08d}"
        for last in "0123456789":
            digits = body + last
            written = sep.join((digits[:3], digits[3:6], digits[6:]))
            is_sin = (Mark.SIN, written) in found(f"NAS {written} !", NOBODY)
            assert is_sin == passes_luhn(digits)


class TestNames:
    @pytest.mark.parametrize(
        "written",
        [
            "Coopérative de solidarité de la Baie",
            "COOPERATIVE DE SOLIDARITE DE LA BAIE",
            "coop de solidarité la Baie",
            "Coopérative de\u00a0solidarité\nde la Baie",
            "Bibliothèques du Fleuve",
            "Fédération des Centres d'amitié",
            "FCAQ",
            "Marie-Ève Gagnon-Tremblay",
            "marie eve gagnon tremblay",
            "Gagnon-Tremblay, Marie-Ève",
            "M.-È. Gagnon-Tremblay",
            "Mme Gagnon-Tremblay",
            "Étienne L'Heureux",
            "Habitations Deux-Rives",
            "Deux-Rives",
            "Manon",
            "Mme Desrosiers",
            "DESROSIERS",
        ],
    )
    def test_a_name_is_found_however_it_is_written(self, written):
        (((_sort, seen)),) = found(f"Hier, l’équipe de {written} a signé.")

        assert seen == written

    @pytest.mark.parametrize(
        "text",
        [
            "La baie est belle et la solidarité aussi.",
            "une coopérative de solidarité",
            "le fleuve et sa bibliothèque",
            "les deux rives du fleuve",
            "Le centre d’amitié",
        ],
    )
    def test_common_words_of_a_name_are_no_name(self, text):
        assert found(text) == []

    def test_a_name_does_not_run_from_one_sentence_into_the_next(self):
        assert found("Il est à la Bibliothèque. Fleuve calme.") == []

    letters = st.text(alphabet="abcdefgéèêçôîûñ", min_size=4, max_size=9).map(
        str.capitalize
    )
    person = st.tuples(
        st.one_of(letters, st.tuples(letters, letters).map("-".join)),
        st.one_of(letters, st.tuples(letters, letters).map("-".join)),
    ).map(" ".join)

    @settings(max_examples=150)
    @given(data=st.data(), people=st.lists(person, min_size=1, max_size=4, unique=True))
    def test_no_name_of_the_directory_is_left_once_the_text_is_clean(
        self, data, people
    ):
        directory = Directory([Name(Sort.PERSON, each) for each in people])
        text = ""
        for each in people:
            change = data.draw(
                st.sampled_from(
                    [
                        str,
                        str.upper,
                        str.lower,
                        lambda s: s.replace("-", " "),
                        lambda s: s.replace(" ", "\u00a0"),
                        lambda s: s.replace(" ", "\n"),
                        lambda s: s + "s",
                        lambda s: ", ".join(reversed(s.split())),
                        lambda s: "".join(
                            c
                            for c in unicodedata.normalize("NFD", s)
                            if not unicodedata.combining(c)
                        ),
                    ]
                )
            )
            text += f"Le bail d’{change(each)} finit. "
        after = clean(text, directory)

        assert find(after, directory) == ()
        for each in people:
            assert each.casefold() not in after.casefold()
        assert len(re.findall(r"\[personne \d+\]", after)) == len(people)


class TestClean:
    def test_one_person_has_one_number_throughout(self):
        assert clean(
            "Marie-Ève Gagnon-Tremblay appelle Étienne L’Heureux. Mme Gagnon-Tremblay "
            "travaille pour les Habitations des Deux-Rives, au 418 555-0199."
        ) == (
            "[personne 1] appelle [personne 2]. [personne 1] "
            "travaille pour les [le membre], au [téléphone]."
        )

    def test_english_pieces_get_english_words(self):
        assert clean("Call Manon at 418 555-0199", language="en") == (
            "Call [person 1] at [phone]"
        )

    def test_proposals_say_how_many_times(self):
        proposed = proposals(["Manon. Manon.", "Manon"], DIRECTORY, language="fr")

        assert [(each.before, each.times) for each in proposed] == [("Manon", 3)]

    words = st.lists(
        st.sampled_from(
            [
                "le",
                "bail",
                "Manon",
                "Desrosiers",
                "046 454 286",
                "418 555-0199",
                "G4X 1A9",
                "1143920115",
                "a@b.ca",
                "FCAQ",
                "Deux-Rives",
                "12",
                "3,5",
                "Bibliothèque du Fleuve",
                ",",
                ".",
                "(",
                ")",
                "l’",
                "d’",
                "\n",
                "R2D2",
                "www.coop.ca",
                "123456789RT0001",
                "Marie-Ève",
                "Gagnon-Tremblay",
                "410, boulevard Charest Est",
                "depuis",
                "40 Old Mill Road",
            ]
        ),
        max_size=25,
    ).map(" ".join)

    @settings(max_examples=300)
    @given(words)
    def test_cleaning_leaves_nothing_and_cleaning_twice_changes_nothing(self, text):
        once = clean(text)

        assert find(once, DIRECTORY) == ()
        assert clean(once) == once

    @pytest.mark.parametrize(
        ("text", "left"),
        [
            (
                "12, rue du Bac 14, rue du Bac, Manon",
                "[adresse] [adresse], [personne 1]",
            ),
            ("Desrosiers Manon le Desrosiers", "[personne 1] [personne 1]"),
        ],
    )
    def test_what_overlaps_leaves_nothing_between(self, text, left):
        assert clean(text) == left

    @given(words, st.sampled_from(["Manon", "bail", "418 555-0199", "FCAQ"]))
    def test_what_is_not_asked_for_is_not_touched(self, text, only):
        assume("[" not in text)
        after = replace_all(text, [(only, "[x]")])

        assert after.replace("[x]", only) == text

    def test_a_word_inside_another_is_left_alone(self):
        assert replace_all("Roy et Royaume", [("Roy", "[x]")]) == "[x] et Royaume"
