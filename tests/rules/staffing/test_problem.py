import gzip
import json
from pathlib import Path

import pytest

from partage.rules.staffing.problem import (
    ProblemRefused,
    problem_from,
    read_problem,
)
from tests.rules.staffing.small import small_document


def document() -> dict:
    found = small_document(1)
    found["roles"][2]["candidates"] = [["e0", 5], ["e1", 7, 3.5]]
    return found


class TestAProblemIsRefused:
    @pytest.mark.parametrize(
        ("path", "value", "place"),
        [
            (["roles", 2, "candidates", 1, 0], "e99", "roles[2].candidates[1]"),
            (["roles", 2, "candidates", 1, 2], -1, "roles[2].candidates[1][2]"),
            (["roles", 0, "hours"], -8, "roles[0].hours"),
            (["roles", 0, "hours"], "8", "roles[0].hours"),
            (["roles", 0, "hours"], float("nan"), "roles[0].hours"),
            (["roles", 1, "until"], 3, "roles[1]"),
            (["roles", 1, "from"], -1, "roles[1].from"),
            (["roles", 1, "mandate"], "m77", "roles[1].mandate"),
            (["experts", 1, "capacity"], [8, 8], "experts[1].capacity"),
            (["experts", 1, "capacity", 2], -0.5, "experts[1].capacity[2]"),
            (["experts", 1, "id"], "e0", "experts[1].id"),
            (["experts", 1, "parallel"], 1.5, "experts[1].parallel"),
            (["weeks"], 0, "weeks"),
            (["format"], "staffing/2", "format"),
            (["roles"], None, "roles"),
        ],
    )
    def test_in_a_sentence_that_names_the_place(
        self, path: list, value: object, place: str
    ) -> None:
        found = document()
        row = found
        for step in path[:-1]:
            row = row[step]
        row[path[-1]] = value
        with pytest.raises(ProblemRefused) as refusal:
            problem_from(found)
        assert refusal.value.place == place
        assert str(refusal.value).startswith(f"{place}\u00a0: ")

    def test_when_its_compressed_file_is_cut_in_half(self, tmp_path: Path) -> None:
        whole = gzip.compress(json.dumps(document()).encode())
        half = tmp_path / "half.json.gz"
        half.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(ProblemRefused, match=r"half\.json\.gz.*incomplet"):
            read_problem(half)

    def test_when_its_text_is_cut_in_half(self, tmp_path: Path) -> None:
        text = json.dumps(document())
        half = tmp_path / "half.json"
        half.write_text(text[: len(text) // 2])
        with pytest.raises(ProblemRefused, match=r"half\.json:1:\d+.*fin"):
            read_problem(half)

    def test_when_there_is_no_such_file(self, tmp_path: Path) -> None:
        with pytest.raises(ProblemRefused, match=r"absent\.json"):
            read_problem(tmp_path / "absent.json")


class TestAProblem:
    def test_gives_a_candidate_its_own_hours_or_those_of_the_role(self) -> None:
        role = problem_from(document()).roles[2]
        own = {c.expert: c.seconds for c in role.candidates}
        assert own == {0: role.seconds, 1: 12_600}
