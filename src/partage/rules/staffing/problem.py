"""What has to be staffed: experts, mandates, roles and who could take them.

Time is whole seconds (an hour of a file must be a whole number of seconds), so
that no hour is lost or made by rounding. A cost is a weight that compares plans,
in dollars of inconvenience; it is never an amount that anyone is billed, which
is why it may be a float.
"""

import gc
import gzip
import json
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

FORMAT = "staffing/1"
SECONDS_PER_HOUR = 3600
_LARGEST = 1e9


class ProblemRefused(ValueError):
    """The file is not a problem: where, and why, in French and in English."""

    def __init__(self, place: str, fr: str, en: str) -> None:
        super().__init__(f"{place}\u00a0: {fr}")
        self.place = place
        self.fr = fr
        self.en = en

    def said(self, language: str) -> str:
        """Return the sentence in a language; French unless it is English."""
        if language.startswith("en"):
            return f"{self.place}: {self.en}"
        return str(self)


@dataclass(frozen=True, slots=True)
class Expert:
    """`capacity_seconds` has one value per week; `target_seconds` is for all weeks."""

    id: str
    capacity_seconds: tuple[int, ...]
    parallel_roles: int
    target_seconds: int


@dataclass(frozen=True, slots=True)
class Mandate:
    """Two mandates of one `competitors` value are never served by one expert."""

    id: str
    competitors: str | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An expert (by position) who may take a role, at a cost, in `seconds`."""

    expert: int
    cost: float
    seconds: int


@dataclass(frozen=True, slots=True)
class Role:
    """One piece of work of one mandate (by position), for at most one expert.

    Weeks are numbered from 0, `from_week` and `until_week` included. A week is
    either not used or gets from `min_week_seconds` to `max_week_seconds`.
    `late_cost_per_hour` is per hour and per week after `due_week`.
    """

    id: str
    mandate: int
    from_week: int
    due_week: int
    until_week: int
    seconds: int
    min_week_seconds: int
    max_week_seconds: int
    reject_cost: float
    late_cost_per_hour: float
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    name: str
    weeks: int
    team_cost: float
    overload_cost_per_hour: float
    experts: tuple[Expert, ...]
    mandates: tuple[Mandate, ...]
    roles: tuple[Role, ...]


def read_problem(path: Path) -> Problem:
    """Read a problem file, gzipped or not.

    Raises ProblemRefused, with one sentence that names the place, for anything
    that is not a whole and sound problem.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ProblemRefused(
            str(path),
            f"le fichier ne peut pas être lu ({error.strerror}).",
            f"the file cannot be read ({error.strerror}).",
        ) from error
    if raw[:2] == b"\x1f\x8b":
        try:
            raw = gzip.decompress(raw)
        except (EOFError, OSError, zlib.error) as error:
            raise ProblemRefused(
                path.name,
                "le fichier compressé est incomplet ou abîmé\u00a0; "
                "déposez-le de nouveau en entier.",
                "the compressed file is incomplete or damaged; bring it again whole.",
            ) from error
    try:
        document = json.loads(raw)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        where = path.name
        if isinstance(error, json.JSONDecodeError):
            where = f"{path.name}:{error.lineno}:{error.colno}"
        raise ProblemRefused(
            where,
            "le texte n’est pas du JSON complet\u00a0; vérifiez sa fin.",
            "the text is not whole JSON; check its end.",
        ) from error
    del raw
    # Millions of small rows make no circles: looking for some costs half the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return problem_from(document)
    finally:
        if collecting:
            gc.enable()


def problem_from(document: object) -> Problem:
    """Build a problem from the parsed JSON of the `staffing/1` format.

    Raises ProblemRefused naming the place of the first fault.
    """
    top = _mapping(document, "document")
    if top.get("format") != FORMAT:
        read = _shown(top.get("format"))
        _refuse(
            "format",
            f"{FORMAT} est attendu, {read} lu.",
            f"{FORMAT} is expected, {read} was read.",
        )
    weeks = _whole(top, "weeks", "", least=1)
    if weeks > 10_000:
        _refuse(
            "weeks",
            f"{weeks} semaines, c’est plus que 10\u00a0000.",
            f"{weeks} weeks is more than 10,000.",
        )
    experts: list[Expert] = []
    for i, row in enumerate(_rows(top, "experts")):
        place = f"experts[{i}]"
        capacity = _list(row, "capacity", place)
        if len(capacity) != weeks:
            _refuse(
                f"{place}.capacity",
                f"{len(capacity)} semaines de capacité sont données, "
                f"il en faut {weeks}.",
                f"{len(capacity)} weeks of capacity are given, {weeks} are needed.",
            )
        experts.append(
            Expert(
                id=_name(row, "id", place),
                capacity_seconds=tuple(
                    _seconds(value, f"{place}.capacity[{w}]")
                    for w, value in enumerate(capacity)
                ),
                parallel_roles=_whole(row, "parallel", place, least=0),
                target_seconds=_target(row, place),
            )
        )
    expert_at = _positions([e.id for e in experts], "experts")
    mandates = tuple(
        Mandate(
            id=_name(row, "id", f"mandates[{i}]"),
            competitors=_competitors(row, f"mandates[{i}]"),
        )
        for i, row in enumerate(_rows(top, "mandates"))
    )
    mandate_at = _positions([m.id for m in mandates], "mandates")
    roles = tuple(
        _role(row, f"roles[{i}]", weeks, expert_at, mandate_at)
        for i, row in enumerate(_rows(top, "roles"))
    )
    _positions([r.id for r in roles], "roles")
    name = top.get("name", "")
    return Problem(
        name=name if isinstance(name, str) else str(name),
        weeks=weeks,
        team_cost=_cost(top, "team_cost", "", least=0.0),
        overload_cost_per_hour=_cost(top, "overload_cost", "", least=0.0),
        experts=tuple(experts),
        mandates=mandates,
        roles=roles,
    )


def _role(
    row: Mapping[str, Any],
    place: str,
    weeks: int,
    expert_at: Mapping[str, int],
    mandate_at: Mapping[str, int],
) -> Role:
    mandate = _name(row, "mandate", place)
    if mandate not in mandate_at:
        _refuse(
            f"{place}.mandate",
            f"le mandat {_shown(mandate)} n’existe pas.",
            f"there is no mandate {_shown(mandate)}.",
        )
    first = _whole(row, "from", place, least=0)
    due = _whole(row, "due", place, least=0)
    until = _whole(row, "until", place, least=0)
    if not first <= until < weeks:
        _refuse(
            place,
            f"la fenêtre {first}..{until} sort des semaines 0..{weeks - 1} "
            "ou finit avant de commencer.",
            f"the window {first}..{until} leaves the weeks 0..{weeks - 1} "
            "or ends before it starts.",
        )
    least = _seconds(row.get("min_week"), f"{place}.min_week")
    most = _seconds(row.get("max_week"), f"{place}.max_week")
    if least > most:
        _refuse(
            place, "min_week dépasse max_week.", "min_week is greater than max_week."
        )
    seconds = _seconds(row.get("hours"), f"{place}.hours")
    candidates: list[Candidate] = []
    seen: set[int] = set()
    for i, entry in enumerate(_list(row, "candidates", place)):
        here = f"{place}.candidates[{i}]"
        if not isinstance(entry, list) or not 2 <= len(entry) <= 3:
            _refuse(
                here,
                "[expert, coût] ou [expert, coût, heures] est attendu.",
                "[expert, cost] or [expert, cost, hours] is expected.",
            )
        expert = expert_at.get(entry[0]) if isinstance(entry[0], str) else None
        if expert is None:
            _refuse(
                here,
                f"l’expert {_shown(entry[0])} n’existe pas.",
                f"there is no expert {_shown(entry[0])}.",
            )
        if expert in seen:
            _refuse(
                here,
                f"l’expert {_shown(entry[0])} est candidat deux fois.",
                f"the expert {_shown(entry[0])} is a candidate twice.",
            )
        seen.add(expert)
        candidates.append(
            Candidate(
                expert,
                _number(entry[1], f"{here}[1]"),
                _seconds(entry[2], f"{here}[2]") if len(entry) == 3 else seconds,
            )
        )
    return Role(
        id=_name(row, "id", place),
        mandate=mandate_at[mandate],
        from_week=first,
        due_week=due,
        until_week=until,
        seconds=seconds,
        min_week_seconds=least,
        max_week_seconds=most,
        reject_cost=_cost(row, "reject_cost", place, least=0.0),
        late_cost_per_hour=_cost(row, "late_cost", place, least=0.0),
        candidates=tuple(candidates),
    )


def _refuse(place: str, fr: str, en: str) -> NoReturn:
    raise ProblemRefused(place, fr, en)


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:40]


def _mapping(value: object, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        _refuse(place, "un objet JSON est attendu.", "a JSON object is expected.")
    return value


def _list(row: Mapping[str, Any], key: str, place: str) -> Sequence[Any]:
    value = row.get(key)
    if not isinstance(value, list):
        where = f"{place}.{key}".lstrip(".")
        _refuse(where, "une liste est attendue.", "a list is expected.")
    return value


def _rows(top: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    return [_mapping(row, f"{key}[{i}]") for i, row in enumerate(_list(top, key, ""))]


def _name(row: Mapping[str, Any], key: str, place: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value:
        _refuse(
            f"{place}.{key}",
            f"un nom est attendu, {_shown(value)} lu.",
            f"a name is expected, {_shown(value)} was read.",
        )
    return value


def _competitors(row: Mapping[str, Any], place: str) -> str | None:
    value = row.get("competitors")
    if value is None:
        return None
    # An empty name groups nothing, as in the format's own judge.
    return _name(row, "competitors", place) if value != "" else None


def _number(value: object, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        _refuse(
            place,
            f"un nombre est attendu, {_shown(value)} lu.",
            f"a number is expected, {_shown(value)} was read.",
        )
    if not math.isfinite(value) or abs(value) > _LARGEST:
        _refuse(
            place,
            f"le nombre {value} est trop grand.",
            f"the number {value} is too large.",
        )
    return float(value)


def _cost(row: Mapping[str, Any], key: str, place: str, *, least: float) -> float:
    where = f"{place}.{key}".lstrip(".")
    value = _number(row.get(key), where)
    if value < least:
        _refuse(where, f"{value:g} est négatif.", f"{value:g} is negative.")
    return value


def _whole(row: Mapping[str, Any], key: str, place: str, *, least: int) -> int:
    where = f"{place}.{key}".lstrip(".")
    value = _number(row.get(key), where)
    if value != int(value):
        _refuse(
            where,
            f"un nombre entier est attendu, {value:g} lu.",
            f"a whole number is expected, {value:g} was read.",
        )
    if value < least:
        _refuse(
            where,
            f"{value:g} est plus petit que {least}.",
            f"{value:g} is smaller than {least}.",
        )
    return int(value)


def _seconds(value: object, place: str) -> int:
    hours = _number(value, place)
    if hours < 0:
        _refuse(
            place,
            f"{hours:g} heures, c’est négatif.",
            f"{hours:g} hours is negative.",
        )
    seconds = round(hours * SECONDS_PER_HOUR)
    if abs(seconds - hours * SECONDS_PER_HOUR) > 0.18:
        _refuse(
            place,
            f"{hours!r} heures n’est pas un nombre entier de secondes.",
            f"{hours!r} hours is not a whole number of seconds.",
        )
    return seconds


def _target(row: Mapping[str, Any], place: str) -> int:
    """A target is only a weight: it is rounded up to a second, never refused."""
    hours = _number(row.get("target"), f"{place}.target")
    if hours < 0:
        _refuse(
            f"{place}.target",
            f"{hours:g} heures, c’est négatif.",
            f"{hours:g} hours is negative.",
        )
    return math.ceil(round(hours * SECONDS_PER_HOUR, 3))


def _positions(names: Sequence[str], key: str) -> dict[str, int]:
    at: dict[str, int] = {}
    for i, name in enumerate(names):
        if name in at:
            _refuse(
                f"{key}[{i}].id",
                f"{_shown(name)} est là deux fois.",
                f"{_shown(name)} is there twice.",
            )
        at[name] = i
    return at
