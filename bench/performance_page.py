"""The page docs/performance.md and its plots, made of the results of a measurement.

Pure but for `write_page`: the same results give the same bytes. So a test can compare the page in
git with the results in git. What was not measured has no row.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from bench.figures import MEGABYTE, Results
from bench.groups import LARGEST, PROFILED, SIZES, START_UP, growth_pairs, title_of
from bench.plot import Line, chart
from bench.results_file import Measured

PAGE = "docs/performance.md"
PLOTS = {"time": "docs/images/performance-time.svg", "memory": "docs/images/performance-memory.svg"}
LABELS = {
    "python -c pass": "`python -c pass`",
    "--version": "`plancast --version`",
    "--help": "`plancast --help`",
    "validate one post": "`plancast validate`, one post",
    "read": "the files read, nothing else",
    "parse": "the files parsed, nothing else",
    "validate": "`validate`",
    "validate, warm": "`validate`, warm",
    "fmt --check": "`fmt --check`",
    "status": "`status`",
    "plan": "`plan`",
    "plan, warm": "`plan`, warm",
    "plan --format json": "`plan --format json`",
    "plan (sandbox)": "`plan` in the sandbox",
    "plan (sandbox), warm": "`plan` in the sandbox, warm",
    "plan of renames (sandbox)": "`plan` in the sandbox, one post in ten renamed",
    "apply of renames (sandbox)": "`apply` of these renames",
    "preview": "`preview`",
    "octoDNS": "octoDNS, YAML to YAML",
    "octoDNS (json)": "octoDNS, YAML to JSON",
}
"""How the page names each subject, in the order of its tables."""

_LINES = {
    "octoDNS": ("octoDNS", "peer"),
    "plan": ("plan", "plan"),
    "plan, warm": ("plan, warm", "warm"),
    "parse": ("parsing", "floor"),
}

WIDTH = 100
LEAST_SHARE = 0.01
"""Rooms with a smaller part of the time are not listed by name."""

Groups = Mapping[str, Measured]
"""The measured groups by title."""

_TOP = """\
# Speed and memory

<!-- Made by bench/performance_page.py from bench/results.json; `make bench` writes both. -->

This page shows how long plancast takes and how much memory it needs, for up to {largest:,} posts.
Measure it on your own machine; that needs Python and `make` and nothing else:

```sh
make bench                # 1,000 and 10,000 posts, about 12 minutes; writes this page anew
make bench FULL=1         # up to 100,000 posts, within an hour
make bench QUICK=1        # 1,000 posts, two minutes; changes no file
make bench ONLY=start-up  # one group of figures; the others stay as they are
make bench CHECK=1        # fails if a ratio is more than 20 % above bench/baseline.json
```
"""

_METHOD = """\
## How it was measured

{conditions}
- **Time** is that of the processor, user and system, of a whole process and its children, from
  the start of Python to its end. The time that a service takes to answer is not in it. A
  figure is the median over the rounds.
- **Ratios** divide two runs of the same round, in which the commands take turns; the figure is the
  median over the rounds. Seconds depend on the machine. Ratios do so much less: compare those.
- **A post** is a YAML file of 600 bytes: a schedule, tags, a campaign, a text of about 200
  characters with emoji, and an image or a link, on one of five profiles. The queue holds every
  post, plancast owns all of them, and one text in a hundred was changed since. A plan that shows
  anything else is an error of the benchmark, not a figure.
- **`plan`, `status` and `preview`** ask a server that speaks Buffer's current API over a socket and
  answers from memory: the cost of plancast alone. **In the sandbox**, the local Buffer runs inside
  the same process, and its cost is included.
- **Warm** is a run that finds the user's cache folder as a run before the last change of the files
  left it. All others find an empty one.
- **Parsing** is a loop that reads each file and parses it with the C parser of PyYAML. It checks
  nothing and keeps no line numbers: the least that a program in Python pays.
- **octoDNS** plans as many TXT records with four values, 507 bytes of YAML each, of which one in a
  hundred is changed. It does different work and reads YAML with a parser in Python. So the
  comparison shows what people who keep records in YAML are used to, not which of two ways to plan
  is better.
- **Memory** is the largest resident size of the process.

[bench/README.md](../bench/README.md) describes the programs of the benchmark and the baseline.

## What is not covered

- The time on the wall. An apply to Buffer waits for its [rate limit](rate-limits.md), which takes
  far longer than plancast itself.
- The network with its delay and TLS, a slow disk, and the first run after an installation, which
  compiles the modules.
- Images whose addresses are checked, and git histories from which approvals are read.
- Other shapes of a workspace: many documents in one file, long texts, many variants.
  `make bench-parts` measures some of them.
- macOS and Windows, and other versions of Python.
"""


def write_page(top: Path, groups: Groups) -> None:
    """Write the page and its plots below the top of the repository."""
    for name, text in files(groups).items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def files(groups: Groups) -> dict[str, str]:
    """Return the text of the page and of its plots, by path."""
    sizes = _sizes(groups)
    made = {PAGE: page(groups)}
    if sizes:
        made[PLOTS["time"]] = chart(
            "Time of a plan",
            "seconds of the processor; both axes logarithmic",
            _lines(sizes, lambda results, name: results.medians.get(name)),
            seconds,
        )
        made[PLOTS["memory"]] = chart(
            "Memory of a plan",
            "peak; both axes logarithmic",
            _lines(sizes, _megabytes),
            megabytes,
        )
    return made


def page(groups: Groups) -> str:
    """Return the page: how to measure, a summary, plots, tables, and the method."""
    sizes = _sizes(groups)
    parts = [_TOP.format(largest=max(sizes, default=0)), *_summary(groups, sizes)]
    if sizes:
        parts += [_plots(), *_growth(sizes), *_beside(sizes)]
    parts += [*_start(groups), *_apply(groups), *_requests(sizes), *_shares(sizes)]
    parts.append(_METHOD.format(conditions=_conditions(groups)))
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


# -- parts of the page ----------------------------------------------------------------------------


def _summary(groups: Groups, sizes: Mapping[int, Results]) -> Iterator[str]:
    lines = []
    usual = sizes.get(PROFILED)
    if usual is not None and "plan" in usual.medians:
        lines.append(_plan_sentence(usual))
        if "plan, warm" in usual.medians:
            lines.append(
                f"- **The same plan with the cache** of the run before takes "
                f"{seconds(usual.medians['plan, warm'])}{_than_peer(usual, 'plan, warm')}. "
                f"`validate` of all {PROFILED:,} takes "
                f"{seconds(usual.medians['validate'])}, with the cache "
                f"{seconds(usual.medians['validate, warm'])}."
            )
    if START_UP in groups:
        start = groups[START_UP].results.medians
        lines.append(
            f"- **Starting**: `--version` takes {seconds(start['--version'])} and `validate` of "
            f"one post {seconds(start['validate one post'])}, of which Python itself needs "
            f"{seconds(start['python -c pass'])}."
        )
    if len(sizes) > 1:
        small, large = min(sizes), max(sizes)
        growth = _per_post(sizes, "plan")
        lines.append(
            f"- **Cost grows with the number of posts**: a post costs a plan of {large:,} posts "
            f"{growth:.2f} times what it costs one of {small:,}, and {large:,} need "
            f"{megabytes(_megabytes(sizes[large], 'plan') or 0)}."
        )
    if lines:
        yield "## In short\n"
        yield "\n".join(_item(line) for line in lines)


def _plan_sentence(usual: Results) -> str:
    asked = usual.requests.get("plan")
    requests = f", with {asked:,} requests" if asked else ""
    return (
        f"- **A plan of {PROFILED:,} posts** of which one in a hundred was changed takes "
        f"{seconds(usual.medians['plan'])} of processor time and "
        f"{megabytes(_megabytes(usual, 'plan') or 0)} of memory{requests}. That is "
        f"{number(usual.ratios['plan / parse'])} times what it takes to parse the files"
        f"{_than_peer(usual, 'plan')}."
    )


def _than_peer(results: Results, name: str) -> str:
    """Return how a command compares with octoDNS, as the end of a sentence; "" if unknown."""
    ratio = results.ratios.get(f"{name} / octoDNS")
    if ratio is None:
        return ""
    peer = "octoDNS"
    if name == "plan":
        peer = "[octoDNS](https://github.com/octodns/octodns), which plans as many DNS records,"
    if ratio < 1:
        return f"; {peer} takes {number(1 / ratio)} times as long"
    return f", and {number(ratio)} times what {peer} takes"


def _plots() -> str:
    time, memory = (PLOTS[name].removeprefix("docs/") for name in ("time", "memory"))
    return (
        f"![Time of a plan over the number of posts, beside octoDNS and parsing]({time})\n"
        f"![Memory of a plan over the number of posts, beside octoDNS and parsing]({memory})\n"
    )


def _growth(sizes: Mapping[int, Results]) -> Iterator[str]:
    counts = sorted(sizes)
    yield "## By number of posts\n"
    head = [f"{count:,} posts" for count in counts]
    last = [f"a post at {counts[-1]:,} beside {counts[0]:,}"] if len(counts) > 1 else []
    rows = []
    for name in _names(sizes):
        cells = [_cell(seconds, sizes[count].medians.get(name)) for count in counts]
        rows.append([LABELS[name], *cells, *([_growth_cell(sizes, name)] if last else [])])
    yield _table(["processor time of", *head, *last], rows)
    if last:
        yield "The last column divides the costs of one post, the start of the process included.\n"
    rows = [
        [LABELS[name], *(_cell(megabytes, _megabytes(sizes[count], name)) for count in counts)]
        for name in _names(sizes)
    ]
    yield _table(["peak memory of", *head], rows)


def _beside(sizes: Mapping[int, Results]) -> Iterator[str]:
    yield "## Beside parsing and octoDNS\n"
    yield (
        "How many times as long a command takes as parsing the same files, and as octoDNS with as\n"
        "many records. Below 1.00 it is faster.\n"
    )
    counts = sorted(sizes)
    head = [f"{below}, {count:,}" for below in ("parsing", "octoDNS") for count in counts]
    rows = []
    for name in _names(sizes):
        ratios = [
            sizes[count].ratios.get(f"{name} / {below}")
            for below in ("parse", "octoDNS")
            for count in counts
        ]
        if any(ratio is not None for ratio in ratios):
            rows.append([LABELS[name], *(_cell(number, ratio) for ratio in ratios)])
    yield _table(["", *head], rows)


def _start(groups: Groups) -> Iterator[str]:
    if START_UP not in groups:
        return
    start = groups[START_UP].results
    yield "## Starting\n"
    rows = []
    for name, median in start.medians.items():
        ratio = start.ratios.get(f"{name} / python -c pass")
        row = [seconds(median), _cell(number, ratio), _cell(megabytes, _megabytes(start, name))]
        rows.append([LABELS[name], *row])
    yield _table(["", "processor time", "beside `python -c pass`", "peak memory"], rows)


def _apply(groups: Groups) -> Iterator[str]:
    rows = []
    for title, pair in growth_pairs().items():
        if title not in groups:
            continue
        results = groups[title].results
        for name, ratio in ((pair.below, "1"), (pair.above, number(results.ratios[pair.name]))):
            memory = _cell(megabytes, _megabytes(results, name))
            rows.append([name, seconds(results.medians[name]), ratio, memory])
    if rows:
        yield "## Applies and long queues\n"
        yield (
            "Both in the sandbox. The live entries are on one profile and were made by others, so\n"
            "a plan reads them and does nothing else.\n"
        )
        yield _table(["", "processor time", "beside the smaller", "peak memory"], rows)


def _requests(sizes: Mapping[int, Results]) -> Iterator[str]:
    rows = [
        [
            f"{count:,}",
            _cell(lambda value: f"{value:,.0f}", results.requests.get("plan")),
            _cell(seconds, results.opened.get("on screen")),
            _cell(seconds, results.opened.get("all read")),
        ]
        for count, results in sorted(sizes.items())
    ]
    if rows:
        yield "## Requests and the page\n"
        yield (
            "The requests of one plan. And the page that `preview` writes, opened in Chromium:\n"
            "the time on the wall until the month is on the screen, and until every post is read.\n"
        )
        yield _table(["posts", "requests", "on screen", "all read"], rows)


def _shares(sizes: Mapping[int, Results]) -> Iterator[str]:
    shares = sizes[PROFILED].shares if PROFILED in sizes else {}
    if not shares:
        return
    small = sum(share for share in shares.values() if share < LEAST_SHARE)
    rows = [
        [name if name[0].isupper() or "/" not in name else f"`{name}`", f"{share:.1%}"]
        for name, share in shares.items()
        if share >= LEAST_SHARE
    ]
    yield "## Where the time of a plan goes\n"
    yield (
        f"One cold `plan` of {PROFILED:,} posts, interrupted every other millisecond. The time of\n"
        "the standard library belongs to the room that calls it.\n"
    )
    yield _table(["room", "part of the time"], [*rows, ["all others", f"{small:.1%}"]])


def _conditions(groups: Groups) -> str:
    """Return an item of a list for each set of groups that were measured alike."""
    sets: dict[str, list[str]] = {}
    for title, measured in groups.items():
        now = measured.conditions
        text = (
            f"plancast {now['plancast']} on {now['cores']} cores with Python {now['python']}, "
            f"beside {now['peer'].replace('octodns', 'octoDNS')}, on {now['day']}"
        )
        sets.setdefault(text, []).append(f"{title} ({measured.results.rounds})")
    lines = [
        f"- Measured with {text}; rounds: {', '.join(titles)}." for text, titles in sets.items()
    ]
    return "\n".join(_item(line) for line in lines)


def _item(line: str) -> str:
    """Wrap an item of a list."""
    return textwrap.fill(
        line, WIDTH, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False
    )


# -- figures as text ------------------------------------------------------------------------------


def seconds(value: float) -> str:
    """Write a time: milliseconds below a second."""
    if value < 0.9995:
        return f"{value * 1000:.0f} ms"
    text = f"{value:.1f}" if value < 99.95 else f"{value:,.0f}"
    return f"{text.removesuffix('.0')} s"


def megabytes(value: float) -> str:
    """Write an amount of memory, given in megabytes."""
    return f"{value:,.0f} MB"


def number(value: float) -> str:
    """Write a ratio with three digits."""
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}" if value < 99.95 else f"{value:,.0f}"


def _cell(write: Callable[[float], str], value: float | None) -> str:
    return "–" if value is None else write(value)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


# -- figures of the groups ------------------------------------------------------------------------


def _sizes(groups: Groups) -> dict[int, Results]:
    """Return the groups of a corpus, by its number of posts."""
    return {
        count: groups[title_of(count)].results
        for count in (*SIZES, LARGEST)
        if title_of(count) in groups
    }


def _names(sizes: Mapping[int, Results]) -> list[str]:
    return [name for name in LABELS if any(name in one.medians for one in sizes.values())]


def _megabytes(results: Results, name: str) -> float | None:
    return results.peaks[name] / MEGABYTE if name in results.peaks else None


def _per_post(sizes: Mapping[int, Results], name: str) -> float:
    """Return the cost of one post at the largest size, divided by that at the smallest."""
    small, large = min(sizes), max(sizes)
    return sizes[large].medians[name] / large / (sizes[small].medians[name] / small)


def _growth_cell(sizes: Mapping[int, Results], name: str) -> str:
    both = name in sizes[min(sizes)].medians and name in sizes[max(sizes)].medians
    return f"{_per_post(sizes, name):.2f}" if both else "–"


def _lines(
    sizes: Mapping[int, Results], figure: Callable[[Results, str], float | None]
) -> list[Line]:
    lines = []
    for subject, (label, role) in _LINES.items():
        points = [
            (float(count), value)
            for count, results in sorted(sizes.items())
            if (value := figure(results, subject)) is not None
        ]
        if points:
            lines.append(Line(label, role, points))
    return lines
