"""The main job, once through: check, plan, apply, edit, plan, apply, and nothing left to do.

Runs on a copy of `examples/content` in a temporary folder, with the embedded sandbox. Each command
is printed before it is run. Ends with 1 where a step does not end as it should.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

CONTENT = Path(__file__).resolve().parent / "content"
WITHOUT = ("BUFFER_", "PLANCAST_", "PYTHON")
"""Environment that is kept away: the demo has no token and needs none."""


@dataclass(frozen=True, slots=True)
class Run:
    """A command, the exit code it has to end with, and a text that it has to print."""

    arguments: str
    exit_code: int = 0
    says: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """A change in a file: the first text becomes the second."""

    file: str
    before: str
    after: str


STEPS: tuple[Run | Edit, ...] = (
    Run("validate", says="Valid: 13 posts"),
    Run("plan", says="Plan: 27 to create"),
    Run("apply --auto-approve"),
    Edit("launch/teaser.yaml", "one very small box", "one very heavy box"),
    Edit("launch/teaser.yaml", "schedule: 2026-12-01 09:30", "schedule: 2026-12-01 11:00"),
    Run("plan --detailed-exitcode", exit_code=2, says="3 to update"),
    Run("apply --auto-approve"),
    Run("plan --detailed-exitcode", says="27 unchanged."),
    Run("status", says="27 scheduled: all is well."),
)


def main() -> int:
    """Take every step; stop at the first that goes wrong."""
    plancast = Path(sys.executable).parent / "plancast"
    if not plancast.exists():
        print(f"demo: there is no {plancast}; `make demo` installs it", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="plancast-demo-") as name:
        folder = Path(name) / "content"
        shutil.copytree(CONTENT, folder, ignore=shutil.ignore_patterns(".plancast*"))
        for step in STEPS:
            trouble = edit(step, folder) if isinstance(step, Edit) else run(step, plancast, folder)
            if trouble:
                print(f"\ndemo: {trouble}", file=sys.stderr)
                return 1
    print("The queue holds what the files ask for.")
    return 0


def run(step: Run, plancast: Path, folder: Path) -> str:
    """Run a command, show it and what it prints; says what is wrong."""
    print(f"$ plancast {step.arguments}", flush=True)
    environ = {key: value for key, value in os.environ.items() if not key.startswith(WITHOUT)}
    ended = subprocess.run(
        [plancast, *step.arguments.split()],
        cwd=folder,
        env=environ,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    print(ended.stdout, flush=True)
    if ended.returncode != step.exit_code:
        return f"{step.arguments}: exit code {ended.returncode}, expected {step.exit_code}"
    if step.says not in ended.stdout:
        return f"{step.arguments}: expected it to say {step.says!r}"
    return ""


def edit(step: Edit, folder: Path) -> str:
    """Change a file and show how; says what is wrong."""
    path = folder / step.file
    text = path.read_text(encoding="utf-8")
    if text.count(step.before) != 1:
        return f"{step.file} does not hold {step.before!r} once"
    path.write_text(text.replace(step.before, step.after), encoding="utf-8")
    print(f"# {step.file}: {step.before!r} becomes {step.after!r}\n", flush=True)
    return ""


if __name__ == "__main__":
    sys.exit(main())
