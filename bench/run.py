"""Benchmark of commands: the cost of start-up, `validate` and `plan` on this machine.

`python bench/run.py [POSTS]` makes a workspace of so many posts (500 by default) for two profiles
each, on the embedded sandbox, and runs each command several times. It prints the median time of a
whole process. Nothing is asserted: figures are for comparing.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

RUNS = 5
START = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
WORKSPACE = """\
version: 1
provider: {name: sandbox, clock: 2026-11-30T08:00:00Z}
timezone: Europe/Berlin
profiles:
  acme-x: {id: 4eb854340acb04e870000010, service: twitter}
  acme-linkedin: {service: linkedin, username: acme-inc}
"""


def main(arguments: list[str]) -> int:
    """Measure and print a table."""
    posts = int(arguments[0]) if arguments else 500
    with tempfile.TemporaryDirectory(prefix="plancast-bench-") as name:
        folder = Path(name)
        write_workspace(folder, posts)
        print(f"{posts} posts, {2 * posts} entries; median of {RUNS} runs")
        for command in ("--help", "validate", "plan", "plan --format json"):
            seconds = statistics.median(timed(command, folder) for _ in range(RUNS))
            print(f"plancast {command:<20}{seconds * 1000:8.0f} ms")
    return 0


def write_workspace(
    folder: Path, posts: int, workspace: str = WORKSPACE, profiles: str = "acme-x, acme-linkedin"
) -> None:
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
