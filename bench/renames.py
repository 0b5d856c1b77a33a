"""Benchmark of renames: the cost of matching posts to entries after many files were renamed.

`python bench/renames.py [POSTS]` applies so many posts (2,000 by default) for five profiles each to
the embedded sandbox. Then a tenth of the files changes: a third of those gets another name, a third
swaps names in pairs, a third gets another name and an edit. The program prints the time that `plan`
takes before and after: medians of whole processes that take turns.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from bench.workspace import RUNS, timed, write_workspace

PROFILES = ("x", "linkedin", "facebook", "mastodon", "bluesky")
WORKSPACE = """\
version: 1
provider: {name: sandbox, clock: 2026-11-30T08:00:00Z}
timezone: Europe/Berlin
profiles:
  x: {service: twitter}
  linkedin: {service: linkedin}
  facebook: {service: facebook}
  mastodon: {service: mastodon}
  bluesky: {service: bluesky}
"""


def main(arguments: list[str]) -> int:
    """Apply, change, measure, print."""
    posts = int(arguments[0]) if arguments else 2_000
    with tempfile.TemporaryDirectory(prefix="plancast-renames-") as name:
        before, after = Path(name, "before"), Path(name, "after")
        before.mkdir()
        write_workspace(before, posts, WORKSPACE, ", ".join(PROFILES))
        line = [sys.executable, "-m", "plancast", "apply", "--auto-approve"]
        subprocess.run(line, cwd=before, check=True, stdout=subprocess.DEVNULL)
        shutil.copytree(before, after)
        changed = change(sorted(after.glob("*/post-*.yaml"))[::10])
        each = len(PROFILES)
        print(f"{posts * each} entries, {changed * each} of them renamed, swapped or edited")
        pairs = [(timed("plan", before), timed("plan", after)) for _ in range(RUNS)]
        one, two = (statistics.median(times) for times in zip(*pairs, strict=True))
        print(f"plan, no change {one * 1000:8.0f} ms")
        print(f"plan, changed   {two * 1000:8.0f} ms, {two / one:.2f} times as long")
    return 0


def change(files: Sequence[Path]) -> int:
    """Rename, swap and edit these files, a third of them each; return how many."""
    third = len(files) // 3
    for path in files[:third]:
        path.rename(path.with_name(f"new-{path.name}"))
    for one, two in list(pairwise(files[third : 2 * third]))[::2]:
        content = one.read_bytes()
        one.write_bytes(two.read_bytes())
        two.write_bytes(content)
    for path in files[2 * third :]:
        text = path.read_text(encoding="utf-8")
        path.with_name(f"new-{path.name}").write_text(
            text.replace("every one", "each single one"), encoding="utf-8"
        )
        path.unlink()
    return len(files)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
