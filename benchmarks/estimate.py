"""How far from the truth are the hours estimated, beside the plain mean by type?

Each closed mandate of the demonstration year is held out in its turn; its request is
compared with the others as the page of a need does (the same likeness, the same
rule), and the estimate with its approved time. Beside it, for the same mandates: the
mean of its deliverable type and of its field, and the mean and median of all. The
error is the mean and the median of |estimated - real|, in hours; within: how often
the real hours lie between the quartiles given (half, if they are right).

--before compares only with what was closed when the work began.
Run: .venv/bin/python benchmarks/estimate.py [--quick] [--before], with the
demonstration loaded (python3 run.py). The last line is JSON.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from partage.cli.main import prepare_the_environment

prepare_the_environment()

import numpy as np
from django.conf import settings

from partage.config.database import reachable
from partage.knowledge.queries import Sight
from partage.mandates.models import Deliverable
from partage.mandates.queries import closed_seen_by
from partage.portal.estimating import likeness_of, text_of
from partage.rules.estimate import LEAST, Case, estimate
from partage.timesheets.queries import minutes_by_mandate


@dataclass(frozen=True, slots=True)
class Guess:
    hours: float
    within: bool | None = None


Guesser = Callable[[int, np.ndarray], Guess | None]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--quick", action="store_true", help="hold out one of five")
    asked.add_argument("--before", action="store_true")
    said = asked.parse_args()
    with reachable(settings.VAR):
        told = measure(step=5 if said.quick else 1, before=said.before)
    print(json.dumps(told))


def measure(*, step: int, before: bool) -> dict:
    mandates = list(
        closed_seen_by(Sight(everything=True))
        .select_related("offer__need")
        .order_by("-closed_on", "-pk")
    )
    minutes = minutes_by_mandate([one.pk for one in mandates], approved_only=True)
    taken = np.array([minutes[one.pk] for one in mandates])
    kinds = dict(
        Deliverable.objects.filter(mandate__in=mandates, type__isnull=False)
        .order_by("-pk")
        .values_list("mandate_id", "type_id")
    )
    kind = np.array([kinds.get(one.pk, 0) for one in mandates])
    field = np.array([one.field_id for one in mandates])
    began = np.array([one.opened_on.toordinal() for one in mandates])
    ended = np.array([one.closed_on.toordinal() for one in mandates])
    near = likeness_of(map(text_of, mandates))

    def nearest(at: int, others: np.ndarray) -> Guess | None:
        alike = near.of(*text_of(mandates[at]))
        found = estimate(
            Case(mandates[n].pk, int(taken[n]), round(1_000 * float(alike[n])))
            for n in np.flatnonzero(others)
        )
        return found and Guess(
            found.median / 60, bool(found.low <= taken[at] <= found.high)
        )

    def usual(of: Sequence | np.ndarray | None, middle: Callable) -> Guesser:
        def guess(at: int, others: np.ndarray) -> Guess | None:
            same = others if of is None else others & (of == of[at])
            return Guess(middle(taken[same]) / 60) if same.sum() >= LEAST else None

        return guess

    guessers: dict[str, Guesser] = {
        "nearest": nearest,
        "mean_by_type": usual(kind, np.mean),
        "mean_by_field": usual(field, np.mean),
        "mean_of_all": usual(None, np.mean),
        "median_of_all": usual(None, np.median),
    }
    errors: dict[str, list[float]] = {name: [] for name in guessers}
    within: list[bool] = []
    for at in range(0, len(mandates), step):
        others = np.ones(len(mandates), dtype=bool)
        others[at] = False
        if before:
            others &= ended < began[at]
        guesses = {name: guess(at, others) for name, guess in guessers.items()}
        if not taken[at] or None in guesses.values():
            continue
        for name, guess in guesses.items():
            errors[name].append(abs(guess.hours - taken[at] / 60))
        within.append(bool(guesses["nearest"].within))
    told: dict = {
        "mandates": len(mandates),
        "held_out": len(within),
        "before": before,
        "within": round(float(np.mean(within)), 3),
    }
    print(f"{len(within)} of {len(mandates)} closed mandates held out, one at a time")
    print(f"{'':16}{'mean error':>12}{'median error':>14}")
    for name, found in errors.items():
        mean, median = float(np.mean(found)), float(np.median(found))
        print(f"{name:16}{mean:10.1f} h{median:12.1f} h")
        told[name] = {"mean_h": round(mean, 1), "median_h": round(median, 1)}
    rival = np.array(errors["mean_by_type"])
    gained = rival - np.array(errors["nearest"])
    told["ratio_to_mean_by_type"] = round(float(1 - gained.mean() / rival.mean()), 3)
    # Of the mean gain, in hours, twice its standard error: less is chance.
    told["gain_h"] = round(float(gained.mean()), 1)
    told["chance_h"] = round(float(2 * gained.std() / len(gained) ** 0.5), 1)
    print(f"within the quartiles: {told['within']:.0%}")
    print(f"gain: {told['gain_h']} h, of which up to {told['chance_h']} h by chance")
    return told


if __name__ == "__main__":
    main()
