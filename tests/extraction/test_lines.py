"""Words cut at the end of a line are made whole; compounds keep their hyphen."""

import pytest

from partage.extraction.lines import flowing, joined


class TestJoined:
    @pytest.mark.parametrize(
        ("cut", "whole"),
        [
            ("la compa-\nraison", "la comparaison"),
            ("celui-\nci", "celui-ci"),
            ("peut-\nêtre", "peut-être"),
            ("Saint-\nJean", "Saint-Jean"),
            ("co\x02\noperative; cooperative", "cooperative; cooperative"),
            ("sous-comité. Le sous-\ncomité", "sous-comité. Le sous-comité"),
            ("après-midi, l’après-\nmidi", "après-midi, l’après-midi"),
            ("de 12-\n14 ans", "de 12-\n14 ans"),
        ],
    )
    def test_a_hyphen_goes_only_where_it_cut_a_word(self, cut, whole):
        assert joined(cut) == whole


class TestFlowing:
    def test_full_lines_make_a_paragraph_and_a_short_one_ends_it(self):
        assert flowing(
            "Le propriétaire demandait une hausse de douze pour\n"
            "cent, que nous avons ramenée à quatre en comparant\n"
            "les loyers.\n"
            "Il a signé le bail de cinq ans que nous proposions.\n"
            "- Un point\n"
            "- Un autre"
        ).split("\n") == [
            "Le propriétaire demandait une hausse de douze pour cent, que nous avons "
            "ramenée à quatre en comparant les loyers.",
            "Il a signé le bail de cinq ans que nous proposions.",
            "- Un point",
            "- Un autre",
        ]
