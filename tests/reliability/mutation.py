"""A copy of the project in which one thing is replaced: a test or a machine must notice."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Mutant:
    """A mutation: in `file` of the package, the text `before` is replaced by `after`."""

    file: str
    before: str
    after: str


def copy(folder: Path) -> None:
    """Copy what the tests need, into an empty folder."""
    for name in ("plancast", "schemas", "tests", "tools"):
        ignored = shutil.ignore_patterns("cases", "snapshots")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)


def mutate(folder: Path, mutant: Mutant) -> None:
    """Copy the project and replace what the mutant replaces, which must be there just once."""
    copy(folder)
    path = folder / "plancast" / mutant.file
    text = path.read_text(encoding="utf-8")
    assert text.count(mutant.before) == 1, f"{mutant.file} has moved on: mend the mutant"
    path.write_text(text.replace(mutant.before, mutant.after), encoding="utf-8")
    for compiled in path.parent.glob(f"__pycache__/{path.stem}.*.pyc"):
        compiled.unlink()  # the copy brought it along, as those of all other modules


def run_module(folder: Path, *arguments: str, environ: Mapping[str, str] | None = None) -> int:
    """Run a module of the copy with this Python, and return its exit code."""
    line = [sys.executable, "-m", *arguments]
    return subprocess.run(
        line, cwd=folder, check=False, capture_output=True, env={**os.environ, **(environ or {})}
    ).returncode
