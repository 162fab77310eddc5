"""How near the best possible is a plan, and how fast, beside the usual ways?

Rivals, in one run on the same files with the same seconds and threads: greedy
dispatch, a plain CP-SAT model with the greedy plan as hint, a plain HiGHS model.
Each runs in its own process (two solvers in one process disturb each other's
threads); every plan is judged by the same checker. Ours is timed after its machine
code is loaded; `first_load_seconds` says what that costs a fresh process.

Run: python benchmarks/staffing.py [--quick] [--seconds S] [--threads N] [FILE …]
With --processor our own seconds are those of the processor, one thread's worth: on a
machine with other work on it, that is what an idle one would take at most.
With --gap: only generalized assignment instances (one week), of a folder that holds
them as published (c05100 … e20400, and data.csv with best known values when it is
there), or drawn by the published recipe.
With --changes N: only re-planning after N changes, beside a cold plan of S seconds.
Without files: those of PARTAGE_STAFFING_DATA, else small problems of the tests.
"""

import argparse
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from benchmarks.gap_format import SIZES, best_known, drawn, staffing_of
from partage.rules.staffing.greedy import dispatch
from partage.rules.staffing.plan import (
    Assignment,
    cost_of,
    document_of,
    faults_of,
    net_gap_percent,
    unavoidable_of,
)
from partage.rules.staffing.problem import Problem, problem_from, read_problem

PROCESSOR = "PARTAGE_BENCHMARK_PROCESSOR"
RIVALS = ("greedy", "cpsat", "highs", "partage")


def rooms(problem: Problem) -> list[tuple[int, int, float, int, dict[int, int]]]:
    """Pairs that could work alone: role, expert, cost, seconds, room by week."""
    found = []
    for r, role in enumerate(problem.roles):
        for c in role.candidates:
            capacity = problem.experts[c.expert].capacity_seconds
            room = {
                w: min(role.max_week_seconds, capacity[w])
                for w in range(role.from_week, role.until_week + 1)
                if min(role.max_week_seconds, capacity[w])
                >= max(1, role.min_week_seconds)
            }
            if sum(room.values()) >= c.seconds:
                found.append((r, c.expert, c.cost, c.seconds, room))
    return found


def by_cpsat(problem: Problem, seconds: float, threads: int) -> tuple:
    from ortools.sat.python import cp_model

    m, cents, half = cp_model.CpModel(), 100, 1800
    hint = {a.role: a for a in dispatch(problem)}
    cost, serve, load, count, teams, total = [], {}, {}, {}, {}, {}
    hours = {}
    for r, e, c, need, room in rooms(problem):
        role = problem.roles[r]
        x = serve[r, e] = m.new_bool_var("")
        mine = hint[r] if r in hint and hint[r].expert == e else None
        m.add_hint(x, mine is not None)
        planned = dict(mine.week_seconds) if mine else {}
        parts = []
        for w, most in room.items():
            h, z = m.new_int_var(0, most // half, ""), m.new_bool_var("")
            m.add(h <= most // half * z)
            m.add(h >= -(-role.min_week_seconds // half) * z)
            m.add_implication(z, x)
            m.add_hint(h, planned.get(w, 0) // half)
            m.add_hint(z, w in planned)
            parts.append(h)
            hours[r, e, w] = h
            load.setdefault((e, w), []).append(h)
            count.setdefault((e, w), []).append(z)
            total.setdefault(e, []).append(h)
            late = max(0, w - role.due_week)
            cost.append(round(role.late_cost_per_hour * late * cents / 2) * h)
        m.add(sum(parts) == need // half * x)
        cost.append(round(c * cents) * x)
        if (role.mandate, e) not in teams:
            teams[role.mandate, e] = m.new_bool_var("")
        m.add_implication(x, teams[role.mandate, e])
    for (e, w), parts in load.items():
        m.add(sum(parts) <= problem.experts[e].capacity_seconds[w] // half)
        m.add(sum(count[e, w]) <= problem.experts[e].parallel_roles)
    of_role: dict[int, list] = {}
    for (r, _), x in serve.items():
        of_role.setdefault(r, []).append(x)
    constant = 0
    for r, role in enumerate(problem.roles):
        parts = of_role.get(r, [])
        m.add_at_most_one(parts)
        constant += round(role.reject_cost * cents)
        cost.append(-round(role.reject_cost * cents) * sum(parts))
    rival: dict[tuple, list] = {}
    for (mandate, e), y in teams.items():
        cost.append(round(problem.team_cost * cents) * y)
        if group := problem.mandates[mandate].competitors:
            rival.setdefault((e, group), []).append(y)
    for parts in rival.values():
        m.add_at_most_one(parts)
    for e, parts in total.items():
        over = m.new_int_var(0, 10**6, "")
        m.add(over >= sum(parts) - problem.experts[e].target_seconds // half)
        cost.append(round(problem.overload_cost_per_hour * cents / 2) * over)
    m.minimize(sum(cost) + constant)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = threads
    status = solver.solve(m)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return (), solver.best_objective_bound / cents
    laid: dict[tuple[int, int], list] = {}
    for (r, e, w), h in hours.items():
        if solver.value(h):
            laid.setdefault((r, e), []).append((w, solver.value(h) * half))
    plan = tuple(Assignment(r, e, tuple(weeks)) for (r, e), weeks in laid.items())
    return plan, solver.best_objective_bound / cents


def by_highs(problem: Problem, seconds: float, threads: int) -> tuple:
    import highspy

    h = highspy.Highs()
    for name, value in (
        ("output_flag", False),
        ("threads", threads),
        ("time_limit", seconds),
    ):
        h.setOptionValue(name, value)
    binary, number = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    serve, hours, load, count, teams, total = {}, {}, {}, {}, {}, {}

    def column(cost: float, most: float, kind: object) -> int:
        h.addCol(cost, 0.0, most, 0, [], [])
        h.changeColIntegrality(h.getNumCol() - 1, kind)
        return h.getNumCol() - 1

    def row(low: float, high: float, terms: list[tuple[int, float]]) -> None:
        h.addRow(low, high, len(terms), [t[0] for t in terms], [t[1] for t in terms])

    big = highspy.kHighsInf
    for r, e, c, need, room in rooms(problem):
        role = problem.roles[r]
        x = serve[r, e] = column(c, 1.0, binary)
        parts = [(x, -need / 3600)]
        for w, most in room.items():
            late = role.late_cost_per_hour * max(0, w - role.due_week)
            y, z = column(late, most / 3600, number), column(0.0, 1.0, binary)
            row(-big, 0.0, [(y, 1.0), (z, -most / 3600)])
            row(0.0, big, [(y, 1.0), (z, -role.min_week_seconds / 3600)])
            row(-big, 0.0, [(z, 1.0), (x, -1.0)])
            parts.append((y, 1.0))
            hours[r, e, w] = y
            load.setdefault((e, w), []).append((y, 1.0))
            count.setdefault((e, w), []).append((z, 1.0))
            total.setdefault(e, []).append((y, 1.0))
        row(0.0, 0.0, parts)
        if (role.mandate, e) not in teams:
            teams[role.mandate, e] = column(problem.team_cost, 1.0, binary)
        row(-big, 0.0, [(x, 1.0), (teams[role.mandate, e], -1.0)])
    for (e, w), parts in load.items():
        row(-big, problem.experts[e].capacity_seconds[w] / 3600, parts)
        row(-big, problem.experts[e].parallel_roles, count[e, w])
    for r, role in enumerate(problem.roles):
        u = column(role.reject_cost, 1.0, number)
        mine = [(x, 1.0) for (q, _), x in serve.items() if q == r]
        row(1.0, 1.0, [(u, 1.0), *mine])
    rival: dict[tuple, list] = {}
    for (mandate, e), y in teams.items():
        if group := problem.mandates[mandate].competitors:
            rival.setdefault((e, group), []).append((y, 1.0))
    for parts in rival.values():
        row(-big, 1.0, parts)
    for e, parts in total.items():
        over = column(problem.overload_cost_per_hour, big, number)
        target = problem.experts[e].target_seconds / 3600
        row(-big, target, [*parts, (over, -1.0)])
    h.run()
    bound = float(h.getInfo().mip_dual_bound)
    values = list(h.getSolution().col_value)
    if not values or h.getInfo().primal_solution_status != 2:
        return (), bound
    plan = []
    for (r, e), x in serve.items():
        if values[x] < 0.5:
            continue
        weeks = [
            [w, round(values[y] * 3600)]
            for (q, who, w), y in hours.items()
            if (q, who) == (r, e) and values[y] > 1e-6
        ]
        need = next(c.seconds for c in problem.roles[r].candidates if c.expert == e)
        # Whole seconds again: the solver's last digits go to the widest week.
        widest = max(range(len(weeks)), key=lambda k: weeks[k][1])
        weeks[widest][1] += need - sum(s for _, s in weeks)
        plan.append(Assignment(r, e, tuple((w, s) for w, s in weeks)))
    return tuple(plan), bound


def our_clock() -> Callable[[], float]:
    """The clock that our budgets are told by; the other process inherits the choice."""
    return time.process_time if os.environ.get(PROCESSOR) else time.monotonic


def by_partage(problem: Problem, seconds: float, threads: int) -> tuple:
    from partage.rules.staffing.planner import plan_staffing

    found = plan_staffing(
        problem, seconds=seconds, clock=our_clock(), threads=threads
    ).plan
    return found.assignments, found.bound


def run_one(name: str, file: Path, seconds: float, threads: int) -> dict:
    """What one rival reached, judged; runs in its own process."""
    problem = read_problem(file)
    load = time.perf_counter()
    if name == "partage":
        from partage.rules.staffing.planner import prepare

        prepare()
    load = time.perf_counter() - load
    began, worked = time.perf_counter(), time.process_time()
    if name == "greedy":
        plan, bound = dispatch(problem), 0.0
    else:
        act = {"cpsat": by_cpsat, "highs": by_highs, "partage": by_partage}[name]
        plan, bound = act(problem, seconds, threads)
    took, worked = time.perf_counter() - began, time.process_time() - worked
    faults = faults_of(problem, plan)
    if checker := os.environ.get("PARTAGE_STAFFING_CHECKER"):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "plan.json"
            out.write_text(json.dumps(document_of(problem, plan)))
            verdict = subprocess.run(
                [sys.executable, checker, str(file), str(out)],
                capture_output=True,
                text=True,
                check=False,
            )
            if verdict.returncode:
                faults.append("the outside checker refuses the plan")
    if not math.isfinite(bound):
        bound = -1e12  # nothing proven
    cost, lost = cost_of(problem, plan).total, unavoidable_of(problem)
    return {
        "file": file.name,
        "rival": name,
        "cost": round(cost, 2),
        "bound": round(bound, 2),
        "net_gap_percent": round(net_gap_percent(cost, bound, lost), 2),
        "rejected": len(problem.roles) - len(plan),
        "faults": len(faults),
        "seconds": round(took, 2),
        "processor_seconds": round(worked, 2),
        "first_load_seconds": round(load, 2),
    }


def changed(problem: Problem, plan: tuple, turn: int, dice: random.Random) -> Problem:
    """One thing happens: an absence of six weeks, a refusal, an urgent role."""
    given = dice.choice(plan)
    if turn % 3 == 0:
        gone = problem.experts[given.expert]
        start = dice.randrange(max(1, problem.weeks - 6))
        weeks = tuple(
            0 if start <= w < start + 6 else s
            for w, s in enumerate(gone.capacity_seconds)
        )
        experts = list(problem.experts)
        experts[given.expert] = replace(gone, capacity_seconds=weeks)
        return replace(problem, experts=tuple(experts))
    roles = list(problem.roles)
    role = roles[given.role]
    if turn % 3 == 1:
        others = tuple(c for c in role.candidates if c.expert != given.expert)
        roles[given.role] = replace(role, candidates=others)
    else:
        urgent = replace(role, id="urgent", reject_cost=4 * role.reject_cost)
        roles.append(urgent)
    return replace(problem, roles=tuple(roles))


def run_changes(file: Path, seconds: float, threads: int, count: int) -> dict:
    """Re-plan after one change, many times, beside a cold plan of the same problem."""
    from partage.rules.staffing.planner import plan_staffing, prepare
    from partage.rules.staffing.replan import replan

    problem = read_problem(file)
    prepare()
    clock = our_clock()
    first = plan_staffing(problem, seconds=seconds, clock=clock, threads=threads)
    dice = random.Random(1)
    took, worked, over, moves, faults = [], [], [], [], 0
    for turn in range(count):
        now = changed(problem, first.plan.assignments, turn, dice)
        began, busy = time.monotonic(), time.process_time()
        found = replan(
            now,
            first.plan.assignments,
            role_values=first.role_values,
            move_cost=40.0,
            seconds=1.0 if len(problem.experts) < 200 else 5.0,
            clock=clock,
        )
        took.append(time.monotonic() - began)
        worked.append(time.process_time() - busy)
        faults += len(faults_of(now, found.assignments))
        cold = plan_staffing(now, seconds=seconds, clock=clock, threads=threads).plan
        over.append(100.0 * (found.cost.total / cold.cost.total - 1.0))
        moves.append(len(found.moves))
        print(
            f"  change {turn:3}  {took[-1]:6.2f} s ({worked[-1]:.2f} of processor)  "
            f"{over[-1]:+.2f} % of a cold plan  {moves[-1]} moves",
            flush=True,
        )

    def p95(values: list[float]) -> float:
        return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]

    return {
        "file": file.name,
        "changes": count,
        "cold_seconds": seconds,
        "p95_seconds": round(p95(took), 3),
        "p95_processor_seconds": round(p95(worked), 3),
        "worst_over_cold_percent": round(max(over), 3),
        "p95_over_cold_percent": round(p95(over), 3),
        "mean_moves": round(sum(moves) / len(moves), 1),
        "faults": faults,
    }


def gap_files(given: Path | None, folder: Path, *, quick: bool) -> list[Path]:
    """Published instances of the kinds c, d and e up to 20 × 400, or drawn ones."""
    texts = {}
    for kind in "cde":
        for agents, jobs in SIZES[:2] if quick else SIZES:
            name = f"{kind}{agents:02}{jobs}"
            if given is None:
                texts[f"{name}-drawn"] = drawn(kind, agents, jobs)
            elif (given / name).exists():
                texts[name] = (given / name).read_text(encoding="utf-8")
    files = []
    for name, text in texts.items():
        files.append(folder / f"{name}.json")
        files[-1].write_text(json.dumps(staffing_of(text, name)), encoding="utf-8")
    return files


def run_gap(files: list[Path], known: dict[str, float], seconds: float) -> dict:
    """Ours alone, beside the best known value or else the proven bound."""
    rows = []
    for file in files:
        row = run_one("partage", file, seconds, 1)
        best = known.get(file.stem, max(1.0, row["bound"]))
        row["over_percent"] = round(100.0 * (row["cost"] / best - 1.0), 3)
        row["best_known"] = known.get(file.stem)
        rows.append(row)
        print(
            f"{file.stem:16} cost {row['cost']:>8,.0f}  bound {row['bound']:>10,.2f}  "
            f"over {'best known' if file.stem in known else 'bound'} "
            f"{row['over_percent']:7.3f} %  {row['processor_seconds']:6.1f} s of "
            f"processor  faults {row['faults']}",
            flush=True,
        )
    return {
        "seconds": seconds,
        "cores": os.cpu_count(),
        "worst_over_percent": max(row["over_percent"] for row in rows),
        "rows": rows,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--changes", type=int, help="only re-plan, this many times")
    parser.add_argument("--rival", choices=RIVALS, help=argparse.SUPPRESS)
    parser.add_argument("--gap", nargs="?", const="", help="only one-week instances")
    parser.add_argument("--processor", action="store_true")
    args = parser.parse_args()
    if args.processor:
        os.environ[PROCESSOR] = "1"
    seconds = args.seconds or (5.0 if args.quick else 60.0)
    if args.rival:
        print(json.dumps(run_one(args.rival, args.files[0], seconds, args.threads)))
        return
    folder = tempfile.TemporaryDirectory()
    if args.gap is not None:
        given = Path(args.gap) if args.gap else None
        drawn_or_given = gap_files(given, Path(folder.name), quick=args.quick)
        known = best_known(given) if given else {}
        print(json.dumps(run_gap(drawn_or_given, known, seconds)))
        return
    files = args.files
    if not files and (given := os.environ.get("PARTAGE_STAFFING_DATA")):
        files = sorted(Path(given).glob("70x*.json.gz"))
    if not files:
        from tests.rules.staffing.small import small_document

        document = small_document(1, experts=25, roles=60, weeks=10)
        problem_from(document)
        files = [Path(folder.name) / "small.json"]
        files[0].write_text(json.dumps(document))
    if args.quick:
        files = files[:2]
    if args.changes:
        found = [
            run_changes(file, seconds, args.threads, args.changes) for file in files
        ]
        print(json.dumps({"cores": os.cpu_count(), "replanning": found}))
        return
    rows = []
    for file in files:
        for rival in RIVALS:
            child = subprocess.run(
                [
                    sys.executable, __file__, str(file), "--rival", rival,
                    "--seconds", str(seconds), "--threads", str(args.threads),
                ],
                capture_output=True,
                text=True,
                check=False,
            )  # fmt: skip
            if child.returncode:
                print(f"{file.name} {rival}: {child.stderr.strip()[-200:]}")
                continue
            row = json.loads(child.stdout.splitlines()[-1])
            rows.append(row)
            print(
                f"{row['file']:28} {row['rival']:8} cost {row['cost']:>14,.0f}  "
                f"bound {row['bound']:>14,.0f}  net gap {row['net_gap_percent']:6.2f} %"
                f"  rejected {row['rejected']:>4}  {row['seconds']:7.2f} s"
                f"  faults {row['faults']}",
                flush=True,
            )
    ours = {r["file"]: r["cost"] for r in rows if r["rival"] == "partage"}
    ratios = {
        rival: [
            round(ours[r["file"]] / max(1.0, r["cost"]), 4)
            for r in rows
            if r["rival"] == rival and r["file"] in ours
        ]
        for rival in RIVALS[:-1]
    }
    print(
        json.dumps(
            {
                "seconds": seconds,
                "threads": args.threads,
                "cores": os.cpu_count(),
                "our_cost_over": ratios,
                "rows": rows,
            }
        )
    )


if __name__ == "__main__":
    main()
