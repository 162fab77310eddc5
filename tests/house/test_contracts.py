"""The import contracts hold, and they bite: each one refuses a planted violation."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# contract → a file of the house, and the line planted in it
PLANTED = {
    "The stream runs one way": (
        "needs/queries.py",
        "from partage.billing.models import Invoice",
    ),
    "Every room has the same floors": (
        "members/models.py",
        "from partage.members.actions import add_organisation",
    ),
    "Rules know nothing of Django, the database, the clock or the web": (
        "rules/money.py",
        "import time",
    ),
}


RUN = "from importlinter.cli import lint_imports_command as run; run()"


def lint(source: Path) -> subprocess.CompletedProcess[str]:
    config = str(ROOT / "pyproject.toml")
    return subprocess.run(
        [sys.executable, "-c", RUN, "--config", config, "--no-cache"],
        cwd=source,
        env={"PYTHONPATH": str(source), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(
        ROOT / "src" / "partage",
        tmp_path / "partage",
        ignore=shutil.ignore_patterns("static", "templates", "locale", "__pycache__"),
    )
    return tmp_path


def test_the_contracts_hold(copy):
    result = lint(copy)

    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_violation_is_caught(copy, contract):
    where, line = PLANTED[contract]
    file = copy / "partage" / where
    file.write_text(f"{line}\n{file.read_text('utf-8')}", "utf-8")

    result = lint(copy)

    assert result.returncode == 1
    assert f"{contract} BROKEN" in result.stdout


def test_a_folder_without_a_place_in_the_stream_is_caught(copy):
    (copy / "partage" / "helpers").mkdir()
    (copy / "partage" / "helpers" / "__init__.py").touch()

    result = lint(copy)

    assert result.returncode == 1
    assert "helpers" in result.stdout


def test_no_folder_has_a_name_that_means_nothing():
    empty = {"utils", "helpers", "common", "core", "lib", "tools", "misc", "services"}
    found = {path.name for path in (ROOT / "src").rglob("*") if path.is_dir()}

    assert not found & empty


@pytest.mark.parametrize(
    "room", sorted(p.parent.name for p in (ROOT / "src/partage").glob("*/models.py"))
)
def test_each_room_has_the_same_files(room):
    folder = ROOT / "src" / "partage" / room
    missing = {
        name
        for name in ("README.md", "models", "queries", "actions", "admin")
        if not any((folder / f"{name}{end}").exists() for end in ("", ".py"))
    }

    assert not missing
