"""Small workspaces for the single benchmarks, and the wall-clock time of a command in one."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

RUNS = 5
START = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def write_workspace(folder: Path, posts: int, workspace: str, profiles: str) -> None:
    """Write a workspace of so many posts, one every two hours, in folders of a hundred."""
    (folder / "plancast.yaml").write_text(workspace, encoding="utf-8")
    for number in range(posts):
        due = START + timedelta(hours=2 * number)
        path = folder / f"{number // 100:03d}" / f"post-{number:05d}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(
            f"profiles: [{profiles}]\n"
            f"schedule: {due:%Y-%m-%d %H:%M}\n"
            f"text: Number {number} of many, and every one of them says something else.\n",
            encoding="utf-8",
        )


def timed(command: str, folder: Path) -> float:
    """Run a command and return the seconds of wall-clock time of its process."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith("BUFFER_")}
    line = [sys.executable, "-m", "plancast", *command.split()]
    begun = time.perf_counter()
    ended = subprocess.run(line, cwd=folder, env=environ, check=False, capture_output=True)
    seconds = time.perf_counter() - begun
    if ended.returncode:
        sys.exit(f"bench: {command}: {ended.stderr.decode(errors='replace')}")
    return seconds
