"""Benchmark of pacing: 200 creates against a server that allows 60 requests in a window.

`python bench/pace.py [SECONDS]` serves a sandbox whose window has so many seconds (6 by default;
Buffer's has 60), applies 200 posts to it over a socket with real processes, and prints how much
longer that took than the limit requires, and how often the server refused. The exit code is 1 if it
refused.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from plancast.providers.sandbox import open_world

POSTS = 200
LIMIT = 60
WORKSPACE = """\
version: 1
provider: {{name: {name}, rate_limit: {{requests: 60, seconds: {seconds}}}}}
timezone: UTC
profiles:
  acme-linkedin: {{service: linkedin, username: acme-inc}}
"""


def main(arguments: list[str]) -> int:
    """Serve a sandbox, apply the posts to it, and compare."""
    seconds = int(arguments[0]) if arguments else 6
    with tempfile.TemporaryDirectory(prefix="plancast-pace-") as name:
        server_side, client_side = Path(name, "server"), Path(name, "client")
        write(server_side, "sandbox", seconds, posts=0)
        write(client_side, "buffer", seconds, posts=POSTS)
        serving = subprocess.Popen(
            [sys.executable, "-m", "plancast", "sandbox", "serve", "--port", "0"],
            cwd=server_side, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            address = listening(serving)
            took, output = applied(client_side, address)
        finally:
            serving.terminate()
            serving.wait(timeout=10)
        with open_world(
            server_side, {"rate_limit": {"requests": LIMIT, "seconds": seconds}}
        ) as world:
            counts = world.requests()
    made, refused = sum(counts.received.values()), sum(counts.limited.values())
    # The first window of requests needs no wait, each further one needs a whole window.
    forced = (made - 1) // LIMIT * seconds
    print(output.strip().splitlines()[-1])
    print(
        f"{made} requests, {LIMIT} in {seconds} s allowed: {took:.1f} s, forced are {forced} s "
        f"({(took / forced - 1) * 100:+.1f} %), {refused} refused"
    )
    return 1 if refused else 0


def write(folder: Path, provider: str, seconds: int, posts: int) -> None:
    """Write a workspace with so many posts, a minute apart, from tomorrow on."""
    folder.mkdir()
    text = WORKSPACE.format(name=provider, seconds=seconds)
    (folder / "plancast.yaml").write_text(text, encoding="utf-8")
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    for number in range(posts):
        due = start + timedelta(minutes=number)
        (folder / f"post-{number:03d}.yaml").write_text(
            f"profiles: [acme-linkedin]\nschedule: {due:%Y-%m-%d %H:%M}\ntext: Number {number}\n",
            encoding="utf-8",
        )


def listening(serving: subprocess.Popen[str]) -> str:
    """Wait until the server prints its address, and return it."""
    assert serving.stdout is not None
    for line in serving.stdout:
        if address := re.search(r"http://127\.0\.0\.1:\d+/1", line):
            return address[0]
    sys.exit("bench: the sandbox did not start")


def applied(folder: Path, address: str) -> tuple[float, str]:
    """Run `apply`; return the seconds of the whole process, and its output."""
    environ = {
        **os.environ,
        "PLANCAST_API_URL": address,
        "BUFFER_ACCESS_TOKEN": "sandbox-token",
        "XDG_STATE_HOME": str(folder / "user"),
    }
    line = [sys.executable, "-m", "plancast", "apply", "--auto-approve"]
    begun = time.perf_counter()
    ended = subprocess.run(
        line, cwd=folder, env=environ, check=False, capture_output=True, text=True
    )
    took = time.perf_counter() - begun
    if ended.returncode:
        sys.exit(f"bench: {ended.stdout[-2000:]}{ended.stderr}")
    return took, ended.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
