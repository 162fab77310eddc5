"""Write a generalized assignment instance (agents, jobs) in the staffing format.

One week; an agent is an expert, a job is a role whose hours depend on the agent.
Run: python benchmarks/gap_format.py INSTANCE OUT.json
"""

import csv
import json
import math
import random
import sys
from pathlib import Path

SIZES = ((5, 100), (5, 200), (10, 100), (10, 200), (20, 100), (20, 200), (10, 400),
         (20, 400))  # fmt: skip


def drawn(kind: str, agents: int, jobs: int, seed: int = 1) -> str:
    """An instance by the published recipe of the kinds c, d and e, as their text.

    c: hours 5..25, costs 10..50; d: hours 1..100, cost 111 - hours ± 10; e: hours
    1 - 10 ln u, cost 1000 / hours - 10 u. Capacity: 0.8 of the hours, over agents.
    """
    dice = random.Random(f"{kind}{agents:02}{jobs}-{seed}")
    hours, costs = [], []
    for _ in range(agents * jobs):
        if kind == "c":
            h, c = dice.randint(5, 25), dice.randint(10, 50)
        elif kind == "d":
            h = dice.randint(1, 100)
            c = 111 - h + dice.randint(-10, 10)
        else:
            h = round(1.0 - 10.0 * math.log(1.0 - dice.random()))
            c = max(0, round(1000.0 / h - 10.0 * dice.random()))
        hours.append(h)
        costs.append(c)
    rows = [hours[i * jobs : (i + 1) * jobs] for i in range(agents)]
    capacity = [int(0.8 * sum(row) / agents) for row in rows]
    return " ".join(map(str, [agents, jobs, *costs, *hours, *capacity]))


def best_known(folder: Path) -> dict[str, float]:
    """Best known values by instance, from a `data.csv` beside the instances."""
    file = folder / "data.csv"
    if not file.exists():
        return {}
    with file.open(encoding="utf-8") as lines:
        return {
            row["Path"].split("/")[-1]: float(row["Best known solution value"])
            for row in csv.DictReader(lines)
            if row["Best known solution value"]
        }


def staffing_of(text: str, name: str) -> dict:
    """`text`: agents, jobs, costs by agent, hours by agent, capacities."""
    numbers = [int(x) for x in text.split()]
    m, n = numbers[:2]
    cost = [numbers[2 + i * n : 2 + (i + 1) * n] for i in range(m)]
    at = 2 + m * n
    hours = [numbers[at + i * n : at + (i + 1) * n] for i in range(m)]
    capacity = numbers[at + m * n : at + m * n + m]
    most = max(map(max, hours))
    refusal = 10.0 * max(map(max, cost))
    return {
        "format": "staffing/1",
        "name": name,
        "weeks": 1,
        "team_cost": 0,
        "overload_cost": 0,
        "experts": [
            {"id": f"e{i}", "capacity": [c], "parallel": n, "target": c}
            for i, c in enumerate(capacity)
        ],
        "mandates": [{"id": f"m{j}", "competitors": None} for j in range(n)],
        "roles": [
            {
                "id": f"r{j}",
                "mandate": f"m{j}",
                "hours": hours[0][j],
                "from": 0,
                "due": 0,
                "until": 0,
                "min_week": 0,
                "max_week": most,
                "reject_cost": refusal,
                "late_cost": 0,
                "candidates": [[f"e{i}", cost[i][j], hours[i][j]] for i in range(m)],
            }
            for j in range(n)
        ],
    }


if __name__ == "__main__":
    source, out = map(Path, sys.argv[1:3])
    out.write_text(json.dumps(staffing_of(source.read_text(), source.name)))
