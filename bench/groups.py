"""Groups of measurements: which commands are compared, in which workspaces.

A group prepares its folders, lets its subjects take turns, and returns their figures. A subject
that is named *warm* finds the user's cache as a run before the last change of the files left it;
any other finds an empty one.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from urllib.request import urlopen

from bench import browser_times, peer, prepare, sampler
from bench.corpus import BYTES, CHANGED_EVERY
from bench.figures import Pair, Results, Usage, summarize
from bench.memory_server import COUNT_PATH
from bench.processes import BenchError, Subject, measure, run, serving

ROOT = Path(__file__).resolve().parent.parent
PLANCAST = (sys.executable, "-m", "plancast")
_FLOOR = (sys.executable, ROOT / "bench" / "floor.py")
BASES = {"v1": "/1", "graphql": ""}
_TOKENS = {"v1": "BUFFER_ACCESS_TOKEN", "graphql": "BUFFER_API_KEY"}

SIZES, LARGEST = (1_000, 10_000), 100_000
PROFILED = 10_000
"""The size at which the time of a plan is divided between its rooms."""

FLOOR_POSTS = 5_000
"""Posts that a run of a floor reads at least, in several processes: one of a small corpus takes
less time than a disturbance."""

START_UP = "start-up"
START_PAIRS = tuple(
    Pair(name, "python -c pass") for name in ("--version", "--help", "validate one post")
)
WEIGHED = ("validate", "status", "plan", "plan, warm", "plan --format json", "plan (sandbox)")
_COMMANDS = (
    "validate", "validate, warm", "fmt --check", "status", "plan", "plan, warm",
    "plan --format json", "plan (sandbox)", "plan (sandbox), warm", "plan of renames (sandbox)",
    "apply of renames (sandbox)", "preview",
)  # fmt: skip
PLANS = ("plan", "plan, warm", "plan (sandbox)", "plan (sandbox), warm")
PEERS = ("octoDNS", "octoDNS (json)")
PAIRS = (
    *(Pair(name, "parse") for name in _COMMANDS),
    *(Pair(name, "octoDNS") for name in PLANS),
    Pair("plan", "octoDNS (json)"),
)
TOO_LARGE = ("preview", "apply of renames (sandbox)", "octoDNS (json)")
"""Subjects that are left out at the largest size: a page of 100,000 posts is of use to no person,
and the two others would double the time of the run and show little more."""

CREATES, LISTS = (1_000, 4_000), (2_500, 10_000)
GROWTH = {
    "creates": ("creates", CREATES),
    "lists": ("lists", LISTS),
    "creates, largest": ("creates", (CREATES[0], LARGEST)),
    "lists, largest": ("lists", (LISTS[0], LARGEST)),
}
"""The kind and the two sizes of each group that shows growth, by its title."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How often to measure: rounds, and processes of start-up in one run of a round."""

    rounds: int
    repeats: int


def rounds_at(effort: Effort, count: int) -> int:
    """Return how often to measure a size: less often a large one, whose runs differ less."""
    most = 2 if count >= LARGEST else 3 if count >= CREATES[1] else effort.rounds
    return min(effort.rounds, most)


@dataclass(frozen=True, slots=True)
class Group:
    """A measurement that can be made by itself. `results` prepares and measures it in a folder."""

    title: str
    results: Callable[[Path, Effort], Results]


def groups(scale: str, api: str, python: Path | None) -> list[Group]:
    """Return the groups of a run: `quick`, `default`, or `full`.

    `python` is the interpreter with octoDNS; without it the groups have no peer.
    """
    sizes = {"quick": SIZES[:1], "default": SIZES, "full": (*SIZES, LARGEST)}[scale]
    made = [Group(START_UP, start_up)]
    made += [
        Group(title_of(count), partial(at_size, count=count, api=api, python=python))
        for count in sizes
    ]
    if scale == "quick":
        return made
    measures = {"creates": creates, "lists": lists}
    return made + [
        Group(title, partial(measures[kind], counts=counts))
        for title, (kind, counts) in GROWTH.items()
        if scale == "full" or LARGEST not in counts
    ]


def title_of(count: int) -> str:
    """Return the title of the group of this many posts."""
    return f"{count:,} posts"


def pairs_of(count: int) -> tuple[Pair, ...]:
    """Return the pairs of the group of this many posts."""
    left_out = TOO_LARGE if count >= LARGEST else ()
    return tuple(pair for pair in PAIRS if {pair.above, pair.below}.isdisjoint(left_out))


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


# -- start-up -------------------------------------------------------------------------------------


def start_up(folder: Path, effort: Effort) -> Results:
    """Measure the start of a process, in a workspace of one post."""
    prepare.write_folders(folder, 1, "v1")
    work = folder / "sandbox"
    commands = {
        "python -c pass": (sys.executable, "-c", "pass"),
        "--version": (*PLANCAST, "--version"),
        "--help": (*PLANCAST, "--help"),
        "validate one post": (*PLANCAST, "validate"),
    }
    subjects = [
        Subject(name, line, work, repeats=effort.repeats) for name, line in commands.items()
    ]
    for subject in subjects:
        measure(replace(subject, repeats=1))  # once before, so that modules are compiled
    return summarize(in_turns(subjects, effort.rounds), START_PAIRS)


# -- a corpus of one size -------------------------------------------------------------------------


def at_size(folder: Path, effort: Effort, *, count: int, api: str, python: Path | None) -> Results:
    """Measure everything that is done with one corpus."""
    largest = count >= LARGEST
    with ready(folder, count, api, python) as (subjects, requests):
        wanted = [one for one in subjects if not largest or one.name not in TOO_LARGE]
        runs = in_turns(wanted, rounds_at(effort, count))
        results = summarize(runs, pairs_of(count), WEIGHED, count * BYTES)
        by_name = {subject.name: subject for subject in subjects}
        opened = {} if largest else browser_times.opened(_page(by_name["preview"]))
        shares = sampler.shares(by_name["plan"]) if count == PROFILED else {}
    return replace(results, requests={"plan": requests}, opened=opened, shares=shares)


def _page(preview: Subject) -> Path:
    """Write the page of the preview; return its path."""
    run(preview.command, preview.folder, preview.environ)
    return preview.folder / "plancast-preview.html"


@contextmanager
def ready(
    folder: Path, count: int, api: str, python: Path | None
) -> Iterator[tuple[list[Subject], int]]:
    """Prepare the workspaces of a size and serve one from memory.

    Yield all subjects, and the number of requests of one plan. The workspaces own every entry of
    their queue, and the files of one post in a hundred changed since; in `renamed` one post in ten
    has another id instead. Raises BenchError if a plan shows anything else.
    """
    prepare.write_folders(folder, count, api)
    sandbox, memory = folder / "sandbox", folder / "memory"
    with ExitStack() as stack:
        with serving((*PLANCAST, "sandbox", "serve", "--port", "0"), folder / "server") as source:
            line = (sys.executable, ROOT / "bench" / "memory_server.py", source)
            address = stack.enter_context(serving(line, folder))
            environ = {"PLANCAST_API_URL": address + BASES[api], _TOKENS[api]: "sandbox-token"}
            # Nothing is measured yet, so both cores may work.
            side_by_side(
                partial(own_all, sandbox, {}, folder / "sandbox-cache"),
                partial(own_all, memory, environ, folder / "memory-cache"),
            )
            shutil.copytree(sandbox, folder / "renamed")
            prepare.rename_posts(folder / "renamed", count)
            prepare.change_posts(folder, count)
            peers = _peers(folder / "dns", python)
            side_by_side(
                partial(check_plan, folder / "renamed", {}, "rename", prepare.renamed(count)),
                partial(check_plan, sandbox, {}, "update", changed(count)),
                partial(check_plan, memory, environ, "update", changed(count)),
                partial(run, (*PLANCAST, "status"), memory, environ),
                *(partial(peer.check_plan, subject, count) for subject in peers),
            )
        # From here on the memory alone answers, so a plan that asks for anything new fails.
        before = requests_to(address)
        run((*PLANCAST, "plan"), memory, environ)
        yield [*_ours(folder, count, environ), *peers], requests_to(address) - before


def changed(count: int) -> int:
    """Return how many of so many posts are changed."""
    return -(-count // CHANGED_EVERY)


def requests_to(address: str) -> int:
    """Return how many requests the memory server has answered."""
    with urlopen(f"{address}{COUNT_PATH}") as answer:  # noqa: S310  # a server of ours
        return int(answer.read())


def side_by_side(*calls: Callable[[], object]) -> None:
    """Make all calls, two at a time; raise what one of them raises."""
    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(call) for call in calls]:
            future.result()


def own_all(folder: Path, environ: Mapping[str, str], cache: Path) -> None:
    """Let a workspace own all entries of its queue; check and plan to fill a cache.

    The first run that reads a workspace only notes that it did. With `-v` all files are read even
    if nothing has changed, which fills the cache. Raises BenchError.
    """
    cache.mkdir(mode=0o700)
    run((*PLANCAST, "-q", "apply", "--auto-approve", "--allow-new-state"), folder, environ)
    kept = {**environ, "XDG_CACHE_HOME": str(cache)}
    for command in (("validate",), ("-v", "validate"), ("plan",)):
        run((*PLANCAST, *command), folder, kept)


def check_plan(folder: Path, environ: Mapping[str, str], action: str, wanted: int) -> None:
    """Check that a plan shows this action so often, and nothing else. Raises BenchError."""
    summary = json.loads(run((*PLANCAST, "plan", "--format", "json"), folder, environ))["summary"]
    changes = {name: number for name, number in summary.items() if number and name != "unchanged"}
    if changes != {action: wanted}:
        raise BenchError(f"the plan should show {wanted} times {action}: {changes}")


def _ours(folder: Path, count: int, environ: Mapping[str, str]) -> list[Subject]:
    sandbox, memory, renamed = folder / "sandbox", folder / "memory", folder / "renamed"
    cache, sandbox_cache = folder / "memory-cache", folder / "sandbox-cache"
    repeats = max(1, FLOOR_POSTS // count)
    approve = ("apply", "--auto-approve")
    return [
        Subject("read", (*_FLOOR, "read", memory / "posts"), memory, repeats=repeats),
        Subject("validate", (*PLANCAST, "validate"), memory, environ),
        Subject("validate, warm", (*PLANCAST, "validate"), memory, environ, cache=cache),
        Subject("fmt --check", (*PLANCAST, "fmt", "--check"), memory, environ),
        Subject("parse", (*_FLOOR, "parse", memory / "posts"), memory, repeats=repeats),
        Subject("status", (*PLANCAST, "status"), memory, environ),
        Subject("plan --format json", (*PLANCAST, "plan", "--format", "json"), memory, environ),
        Subject("preview", (*PLANCAST, "preview"), memory, environ),
        Subject("apply of renames (sandbox)", (*PLANCAST, *approve), renamed, fresh=True),
        Subject("plan of renames (sandbox)", (*PLANCAST, "plan"), renamed),
        Subject("plan (sandbox)", (*PLANCAST, "plan"), sandbox),
        Subject("plan (sandbox), warm", (*PLANCAST, "plan"), sandbox, cache=sandbox_cache),
        Subject("plan, warm", (*PLANCAST, "plan"), memory, environ, cache=cache),
        Subject("plan", (*PLANCAST, "plan"), memory, environ),
    ]


def _peers(folder: Path, python: Path | None) -> list[Subject]:
    """Return the runs of octoDNS; none if it is not installed."""
    if python is None:
        return []
    return [
        Subject(name, peer.plan_command(python, folder, kind), folder, peer.environ())
        for name, kind in zip(PEERS, peer.KINDS, strict=True)
    ]


# -- growth ---------------------------------------------------------------------------------------


def creates(folder: Path, effort: Effort, *, counts: tuple[int, int]) -> Results:
    """Measure an apply that creates so many posts in the sandbox, for two sizes."""
    subjects = []
    for count in counts:
        work = prepare.write_creates(folder / str(count), count)
        line = (*PLANCAST, "-q", "apply", "--auto-approve", "--allow-new-state")
        subjects.append(Subject(name_of("creates", count), line, work, fresh=True))
    return _two(subjects, effort, counts)


def lists(folder: Path, effort: Effort, *, counts: tuple[int, int]) -> Results:
    """Measure a plan without posts over a queue of one profile in the sandbox, for two sizes."""
    subjects = []
    for count in counts:
        work = prepare.write_queue(folder / str(count), count)
        subjects.append(Subject(name_of("lists", count), (*PLANCAST, "plan"), work))
    return _two(subjects, effort, counts)


def name_of(kind: str, count: int) -> str:
    """Return the name of a subject of a group of growth, `creates` or `lists`."""
    form = {"creates": "apply of {:,} creates", "lists": "plan over {:,} live entries"}
    return form[kind].format(count)


def growth_pairs() -> dict[str, Pair]:
    """Return the pair of each group of growth, by its title: the larger size above the other."""
    return {
        title: Pair(name_of(kind, large), name_of(kind, small))
        for title, (kind, (small, large)) in GROWTH.items()
    }


def _two(subjects: Sequence[Subject], effort: Effort, counts: tuple[int, int]) -> Results:
    small, large = (subject.name for subject in subjects)
    return summarize(in_turns(subjects, rounds_at(effort, max(counts))), [Pair(large, small)])
