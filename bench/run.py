"""Benchmark of plancast against floors, and against octoDNS; a guard against becoming slower.

    python bench/run.py [--quick | --full] [--only TITLE] [--check | --write-baseline]

Measured are whole processes that take turns, in processor time and peak memory. What counts are
ratios of runs of the same round: they move little with the machine and with what else it does.
README.md explains the figures. The figures go to results.json, and from there to
docs/performance.md. `--check` fails if one is more than 20 % above baseline.json.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench import peer
from bench.baseline import other_conditions, read_baseline, renewed, report
from bench.figures import Results, table
from bench.groups import BASES, ROOT, Effort, Group, groups
from bench.performance_page import write_page
from bench.processes import BenchError
from bench.results_file import Measured, read_results, write_json, write_results
from plancast import __version__

BASELINE = ROOT / "bench" / "baseline.json"
RESULTS = ROOT / "bench" / "results.json"
BUILD = ROOT / "build" / "bench"
API = "graphql"
"""The API of the memory server for which there is a baseline, and that docs/ shows."""

USUAL, QUICK = Effort(rounds=5, repeats=10), Effort(rounds=3, repeats=3)


def main(arguments: Sequence[str]) -> int:
    """Measure, print tables, write files; compare with the baseline, or write it."""
    options = _options(arguments)
    scale = "quick" if options.quick else "full" if options.full else "default"
    wanted = [
        group
        for group in groups(scale, options.api, peer.install(BUILD))
        if not options.only or options.only in group.title
    ]
    if not wanted:
        print(f"bench: no group has {options.only} in its title", file=sys.stderr)
        return 2
    # A quick run has too few rounds, and a check changes no file.
    kept = None if options.quick or options.check or options.api != API else RESULTS
    baseline, before = read_baseline(BASELINE)
    now = conditions(options.api)
    try:
        made = measured(wanted, QUICK if options.quick else USUAL, baseline, kept, now)
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    if options.write_baseline:
        compared = {name: now[name] for name in ("python", "peer", "api")}
        write_json(BASELINE, {"conditions": compared, "groups": renewed(baseline, made)})
        print("\nWritten: bench/baseline.json")
    return report(made, baseline, other_conditions(now, before)) if options.check else 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="Measure plancast.")
    scale = parser.add_mutually_exclusive_group()
    scale.add_argument("--quick", action="store_true", help="1,000 posts and three rounds")
    scale.add_argument("--full", action="store_true", help="up to 100,000 posts")
    parser.add_argument("--only", default="", metavar="TITLE", help="groups with this in the title")
    parser.add_argument("--api", choices=BASES, default=API, help="of the memory server")
    after = parser.add_mutually_exclusive_group()
    after.add_argument("--check", action="store_true", help="fail if slower than the baseline")
    after.add_argument("--write-baseline", action="store_true", help="replace what was measured")
    options = parser.parse_args(arguments)
    if (options.api != API or options.full) and (options.check or options.write_baseline):
        parser.error(f"the baseline is that of --api {API} without --full")
    return options


def conditions(api: str) -> dict[str, str]:
    """Return what figures depend on beside the code: nothing that identifies the machine."""
    return {
        "python": platform.python_version(),
        "cores": str(os.cpu_count()),
        "plancast": __version__,
        "peer": f"octodns {peer.VERSION}",
        "api": api,
        "day": f"{datetime.now(UTC):%Y-%m-%d}",
    }


def measured(
    wanted: Sequence[Group],
    effort: Effort,
    baseline: Mapping[str, Mapping[str, float]],
    kept: Path | None,
    now: Mapping[str, str],
) -> dict[str, Results]:
    """Measure the groups and print them; write each one when it is done, so a run can be resumed.

    `kept` is the file of results that the page in docs/ is made of; None leaves both as they are.
    Raises BenchError.
    """
    made: dict[str, Results] = {}
    for group in wanted:
        print(f"\nMeasuring: {group.title} ...", flush=True)
        with tempfile.TemporaryDirectory(prefix="plancast-bench-") as name:
            made[group.title] = group.results(Path(name).resolve() / "work", effort)
        print(table(group.title, made[group.title], baseline.get(group.title, {})), flush=True)
        fresh = {title: Measured(results, now) for title, results in made.items()}
        write_results(BUILD / "results.json", fresh)
        if kept is not None:
            together = in_order({**read_results(kept), **fresh})
            write_results(kept, together)
            write_page(ROOT, together)
    return made


def in_order(results: Mapping[str, Measured]) -> dict[str, Measured]:
    """Return the groups in the order of a full run, whichever was measured last."""
    titles = [group.title for group in groups("full", API, None)]
    return {title: results[title] for title in titles if title in results}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
