"""The demo: plays the main job once. Check, plan, apply, edit, plan, apply, and nothing left to do.

    python examples/demo.py [sandbox|buffer-graphql]

It works on a temporary copy of a workspace of this folder, with the embedded sandbox: `content`, or
with `buffer-graphql` the workspace `graphql`, whose posts need features of Buffer's current API.
Each command is printed before it runs. The exit code is 1 if a step does not end as expected.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
WITHOUT = ("BUFFER_", "PLANCAST_", "PYTHON")
"""Prefixes of variables that no command gets: the demo needs no token and must not find one."""


@dataclass(frozen=True, slots=True)
class Run:
    """A command, the exit code that it must have, and a text that it must print."""

    arguments: str
    exit_code: int = 0
    says: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """A change in a file: the first text becomes the second."""

    file: str
    before: str
    after: str


Steps = tuple[Run | Edit, ...]

CONTENT: Steps = (
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

GRAPHQL: Steps = (
    Run("validate", says="Valid: 10 posts"),
    Run("plan", says="Plan: 16 to create"),
    Run("apply --auto-approve"),
    Run("plan --detailed-exitcode", says="16 unchanged."),
    Edit("posts/questions.yaml", "You will hear the clock", "You will hear your neighbour's clock"),
    Edit("posts/pin.yaml", "board: Workshop", "board: Ideas"),
    Edit("posts/announcement.yaml", "The whole story", "The whole, long story"),
    Run("plan --detailed-exitcode", exit_code=2, says="7 to update"),
    Run("apply --auto-approve"),
    Run("plan --detailed-exitcode", says="16 unchanged."),
    Run("status", says="13 scheduled, 1 draft and 2 need approval: all is well."),
)
DEMOS: dict[str, tuple[str, Steps]] = {
    "sandbox": ("content", CONTENT),
    "buffer-graphql": ("graphql", GRAPHQL),
}


def main() -> int:
    """Play every step; stop at the first that goes wrong."""
    chosen = sys.argv[1] if len(sys.argv) > 1 else "sandbox"
    if chosen not in DEMOS:
        print(f"demo: there is none for {chosen!r}, but for: {', '.join(DEMOS)}", file=sys.stderr)
        return 1
    name, steps = DEMOS[chosen]
    plancast = Path(sys.executable).parent / "plancast"
    if not plancast.exists():
        print(f"demo: there is no {plancast}; `make demo` installs it", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="plancast-demo-") as temporary:
        folder = Path(temporary) / name
        shutil.copytree(HERE / name, folder, ignore=shutil.ignore_patterns(".plancast*"))
        for step in steps:
            trouble = edit(step, folder) if isinstance(step, Edit) else run(step, plancast, folder)
            if trouble:
                print(f"\ndemo: {trouble}", file=sys.stderr)
                return 1
    print("The queue holds what the files ask for.")
    return 0


def run(step: Run, plancast: Path, folder: Path) -> str:
    """Run a command and print it with its output; return what is wrong, "" if nothing is."""
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
    """Change a file and print the change; return what is wrong, "" if nothing is."""
    path = folder / step.file
    text = path.read_text(encoding="utf-8")
    if text.count(step.before) != 1:
        return f"{step.file} does not hold {step.before!r} once"
    path.write_text(text.replace(step.before, step.after), encoding="utf-8")
    print(f"# {step.file}: {step.before!r} becomes {step.after!r}\n", flush=True)
    return ""


if __name__ == "__main__":
    sys.exit(main())
