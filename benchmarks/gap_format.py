"""Write a generalized assignment instance (agents, jobs) in the staffing format.

One week; an agent is an expert, a job is a role whose hours depend on the agent.
Run: python benchmarks/gap_format.py INSTANCE OUT.json
"""

import json
import sys
from pathlib import Path


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
