"""Money and time are whole numbers, fractions or Decimal: never a float."""

import ast
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2] / "src" / "partage"
ROOMS = ("agreements", "billing", "closing", "tariffs", "timesheets")
RULES = (
    "bank_file",
    "costing",
    "hours",
    "ledger",
    "matching",
    "mileage",
    "money",
    "offer",
    "surplus",
    "tax",
    "trueup",
    "variance",
)
FILES = [
    *(HOUSE / "rules" / f"{name}.py" for name in RULES),
    *(
        path
        for room in ROOMS
        for path in sorted((HOUSE / room).rglob("*.py"))
        if "migrations" not in path.parts
    ),
]


def floats_in(source: str) -> list[str]:
    """Return where a source makes a float, or asks the database for one."""
    found = []
    for node in ast.walk(ast.parse(source)):
        is_float = (
            (isinstance(node, ast.Constant) and isinstance(node.value, float))
            or (isinstance(node, ast.Call) and _name(node.func) == "float")
            or (isinstance(node, ast.expr) and _name(node) == "FloatField")
        )
        if is_float:
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
    return found


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_no_float_is_made_where_money_is_counted(path):
    assert not floats_in(path.read_text())


@pytest.mark.parametrize(
    "source",
    [
        "rate = 0.05",
        "float(net)",
        "models.FloatField()",
        "decimal.float(1)",
        "1e2 * n",
    ],
)
def test_a_float_would_be_seen(source):
    assert floats_in(source)
