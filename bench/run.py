"""Benchmark of plancast against floors, and against octoDNS; a guard against becoming slower.

    python bench/run.py [--quick] [--check | --write-baseline] [--api v1|graphql]

Measured are whole processes that take turns, in processor time and peak memory. What counts are
ratios of runs of the same round: they move little with the machine and with what else it does.
README.md explains the figures. `--check` fails if one is more than 20 % above baseline.json.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path

from bench import peer, prepare
from bench.corpus import BYTES, CHANGED_EVERY
from bench.figures import Pair, Results, Usage, complaints, summarize, table
from bench.processes import BenchError, Subject, measure, run, serving

ROOT = Path(__file__).resolve().parent.parent
BASELINE = ROOT / "bench" / "baseline.json"
BUILD = ROOT / "build" / "bench"
SIZES, QUICK_SIZES = (1_000, 10_000), (1_000,)
API = "graphql"
"""The API of the memory server for which there is a baseline."""

ROUNDS, QUICK_ROUNDS = 5, 3
REPEATS, QUICK_REPEATS = 10, 3
"""Processes of start-up in one run: one alone takes less time than a disturbance."""

FLOOR_POSTS = 5_000
"""Posts that a run of a floor reads at least, in several processes, for the same reason."""

PLANCAST = (sys.executable, "-m", "plancast")
_FLOOR = (sys.executable, ROOT / "bench" / "floor.py")
_BASES = {"v1": "/1", "graphql": ""}
_TOKENS = {"v1": "BUFFER_ACCESS_TOKEN", "graphql": "BUFFER_API_KEY"}

START_UP = "start-up"
START_PAIRS = (
    Pair("--version", "python -c pass"),
    Pair("--help", "python -c pass"),
    Pair("validate one post", "python -c pass"),
)
PAIRS = (
    Pair("validate", "parse"),
    Pair("status (http)", "parse"),
    Pair("plan (http)", "parse"),
    Pair("plan (http)", "octoDNS (yaml)"),
    Pair("plan (http)", "octoDNS (json)"),
    Pair("plan (sandbox)", "octoDNS (yaml)"),
    Pair("plan (sandbox)", "parse"),
)
WEIGHED = ("validate", "status (http)", "plan (http)", "plan (sandbox)")


def main(arguments: Sequence[str]) -> int:
    """Measure, print tables, write JSON; compare with the baseline, or write it."""
    options = _options(arguments)
    baseline, before = read_baseline(BASELINE)
    groups = {}
    try:
        for title, results in measured(options):
            groups[title] = results
            print(f"\n{table(title, results, baseline.get(title, {}))}", flush=True)
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    conditions = {
        "python": platform.python_version(),
        "peer": f"octodns {peer.VERSION}",
        "api": options.api,
    }
    plain = {title: asdict(results) for title, results in groups.items()}
    write(BUILD / "results.json", {"conditions": conditions, "groups": plain})
    if options.write_baseline:
        write(BASELINE, {"conditions": conditions, "groups": renewed(baseline, groups)})
        print("\nWritten: bench/baseline.json")
    return report(groups, baseline, other_conditions(conditions, before)) if options.check else 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="Measure plancast.")
    parser.add_argument("--quick", action="store_true", help="1,000 posts and three rounds")
    parser.add_argument("--api", choices=_BASES, default=API, help="of the memory server")
    after = parser.add_mutually_exclusive_group()
    after.add_argument("--check", action="store_true", help="fail if slower than the baseline")
    after.add_argument("--write-baseline", action="store_true", help="replace what was measured")
    options = parser.parse_args(arguments)
    if options.api != API and (options.check or options.write_baseline):
        parser.error(f"the baseline is that of --api {API}")
    return options


def measured(options: argparse.Namespace) -> Iterator[tuple[str, Results]]:
    """Yield the title and the results of each group."""
    rounds, repeats = (QUICK_ROUNDS, QUICK_REPEATS) if options.quick else (ROUNDS, REPEATS)
    python = peer.install(BUILD)
    with tempfile.TemporaryDirectory(prefix="plancast-bench-") as name:
        top = Path(name).resolve()
        yield START_UP, summarize(in_turns(start_up(top / "one", repeats), rounds), START_PAIRS)
        for count in QUICK_SIZES if options.quick else SIZES:
            print(f"Preparing {count:,} posts ...", flush=True)
            with ready(top / str(count), count, options.api, python) as subjects:
                runs = in_turns(subjects, rounds)
            yield title_of(count), summarize(runs, PAIRS, WEIGHED, count * BYTES)


def title_of(count: int) -> str:
    """Return the title of the group of this many posts."""
    return f"{count:,} posts"


def in_turns(
    subjects: Sequence[Subject], rounds: int, measure: Callable[[Subject], Usage] = measure
) -> dict[str, list[Usage]]:
    """Run each subject once in each round, every second round in reverse order.

    So the subjects of a pair share what else the machine does, and neither always goes first.
    """
    runs: dict[str, list[Usage]] = {subject.name: [] for subject in subjects}
    for number in range(rounds):
        for subject in subjects if number % 2 == 0 else reversed(subjects):
            runs[subject.name].append(measure(subject))
    return runs


# -- subjects -------------------------------------------------------------------------------------


def start_up(folder: Path, repeats: int) -> list[Subject]:
    """Prepare a workspace of one post; return what shows the cost of a start."""
    prepare.write_folders(folder, 1, "v1")
    work = folder / "sandbox"
    commands = {
        "python -c pass": (sys.executable, "-c", "pass"),
        "--version": (*PLANCAST, "--version"),
        "--help": (*PLANCAST, "--help"),
        "validate one post": (*PLANCAST, "validate"),
    }
    for name, line in commands.items():
        measure(Subject(name, line, work))  # once before, so that modules are compiled
    return [Subject(name, line, work, repeats=repeats) for name, line in commands.items()]


@contextmanager
def ready(folder: Path, count: int, api: str, python: Path | None) -> Iterator[list[Subject]]:
    """Prepare the workspaces of a size, serve one from memory, and yield all subjects.

    Both workspaces own every entry of their queue, and the files of one post in a hundred changed
    since. Raises BenchError if a plan shows anything else.
    """
    prepare.write_folders(folder, count, api)
    sandbox, memory = folder / "sandbox", folder / "memory"
    with ExitStack() as stack:
        with serving((*PLANCAST, "sandbox", "serve", "--port", "0"), folder / "server") as source:
            line = (sys.executable, ROOT / "bench" / "memory_server.py", source)
            address = stack.enter_context(serving(line, folder))
            environ = {"PLANCAST_API_URL": address + _BASES[api], _TOKENS[api]: "sandbox-token"}
            ours, peers = _ours(folder, count, environ), _peers(folder / "dns", python)
            # Nothing is measured yet, so both cores may work.
            with ThreadPoolExecutor(2) as pool:
                side_by_side(
                    pool, [partial(own_all, sandbox, {}), partial(own_all, memory, environ)]
                )
                prepare.change_posts(folder, count)
                side_by_side(
                    pool,
                    [
                        partial(check_plan, sandbox, {}, count),
                        partial(check_plan, memory, environ, count),
                        partial(run, (*PLANCAST, "status"), memory, environ),
                        *(partial(peer.check_plan, subject, count) for subject in peers),
                    ],
                )
        yield [*ours, *peers]


def side_by_side(pool: Executor, calls: Iterable[Callable[[], object]]) -> None:
    """Make all calls, several at a time; raise what one of them raises."""
    for future in [pool.submit(call) for call in calls]:
        future.result()


def own_all(folder: Path, environ: Mapping[str, str]) -> None:
    """Let a workspace own all entries of its queue. Raises BenchError."""
    run((*PLANCAST, "-q", "apply", "--auto-approve", "--allow-new-state"), folder, environ)


def check_plan(folder: Path, environ: Mapping[str, str], count: int) -> None:
    """Check that the plan updates one entry in a hundred. Raises BenchError."""
    summary = json.loads(run((*PLANCAST, "plan", "--format", "json"), folder, environ))["summary"]
    wanted = -(-count // CHANGED_EVERY)
    changes = {name: number for name, number in summary.items() if number and name != "unchanged"}
    if changes != {"update": wanted}:
        raise BenchError(f"the plan should hold {wanted} updates and nothing else: {changes}")


def _ours(folder: Path, count: int, environ: Mapping[str, str]) -> list[Subject]:
    sandbox, memory = folder / "sandbox", folder / "memory"
    repeats = max(1, FLOOR_POSTS // count)
    return [
        Subject("read", (*_FLOOR, "read", memory / "posts"), memory, repeats=repeats),
        Subject("validate", (*PLANCAST, "validate"), memory, environ),
        Subject("parse", (*_FLOOR, "parse", memory / "posts"), memory, repeats=repeats),
        Subject("status (http)", (*PLANCAST, "status"), memory, environ),
        Subject("plan (sandbox)", (*PLANCAST, "plan"), sandbox),
        Subject("plan (http)", (*PLANCAST, "plan"), memory, environ),
    ]


def _peers(folder: Path, python: Path | None) -> list[Subject]:
    """Return the runs of octoDNS; none if it is not installed."""
    if python is None:
        return []
    return [
        Subject(
            f"octoDNS ({kind})",
            peer.plan_command(python, folder, kind),
            folder,
            peer.environ(),
        )
        for kind in peer.KINDS
    ]


# -- the baseline ---------------------------------------------------------------------------------

Baseline = Mapping[str, Mapping[str, float]]
"""The figures of each group, by name."""


def read_baseline(path: Path) -> tuple[Baseline, Mapping[str, str]]:
    """Return the figures of the baseline and its conditions; none if there is no baseline."""
    if not path.exists():
        return {}, {}
    document = json.loads(path.read_text(encoding="utf-8"))
    return document["groups"], document["conditions"]


def other_conditions(now: Mapping[str, str], before: Mapping[str, str]) -> str:
    """Return a sentence that names what else differs from the baseline; "" if nothing does."""
    other = [
        f"{name} {value}, not {now[name]}"
        for name, value in before.items()
        if name in now and now[name] != value
    ]
    return f"The baseline was measured with {'; '.join(other)}." if other else ""


def renewed(baseline: Baseline, groups: Mapping[str, Results]) -> Baseline:
    """Return the baseline with the measured groups replaced; others stay as they are."""
    fresh = {
        title: {name: round(value, 3) for name, value in results.guarded().items()}
        for title, results in groups.items()
    }
    return {**baseline, **fresh}


def report(groups: Mapping[str, Results], baseline: Baseline, note: str = "") -> int:
    """Print what is too far above the baseline, and a note; return 1 if anything is."""
    lines = [
        f"  {title}: {line}"
        for title, results in groups.items()
        for line in complaints(results, baseline.get(title, {}))
    ]
    if not lines:
        print("\nNo figure is more than 20 % above bench/baseline.json.")
        return 0
    print(
        "\nbench: these figures do not keep to bench/baseline.json (20 % above it at most):",
        *lines,
        "Measure again on a quiet machine. If a change is worth this price, write a new baseline",
        "with `make bench BASELINE=1` and say why in the commit.",
        *([note] if note else []),
        sep="\n",
        file=sys.stderr,
    )
    return 1


def write(path: Path, document: Mapping[str, object]) -> None:
    """Write a file of JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
