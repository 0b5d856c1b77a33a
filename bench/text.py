"""Benchmark of long texts: whether the cost of a text grows with its length, or with its square.

`python bench/text.py [LARGEST]` passes hostile values of 1,000 to LARGEST (1,000,000) characters to
each view and to `validate`, and prints the milliseconds. *Growth* is the power of the length by
which the time grew over the last step: 1 is linear, as it should be; 2 is the square, and is
marked. *Output* is the number of characters that came out for the longest value. A case that takes
longer than a second is not tried with longer values. Nothing is asserted: figures are for
comparing.
"""

from __future__ import annotations

import itertools
import math
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from plancast.commands._shared.checked_posts import ask, assumed
from plancast.content.loader import load
from plancast.content.yaml_reader import MAX_BYTES
from plancast.model.diagnostics import Diagnostic, SourceRange, problem
from plancast.model.entry import Address, Entry, Image, Link
from plancast.model.events import ChangeFinished, Outcome
from plancast.model.plan import Action, Basis, Change, FieldDiff, Plan, ProfileRef
from plancast.reconcile.status import Standing, StatusRow
from plancast.render.annotations import render_github, render_sarif
from plancast.render.formats import render_plan
from plancast.render.invisible import show_hidden
from plancast.render.markdown import render_problems, render_status
from plancast.render.options import ViewOptions
from plancast.render.runner_commands import disarm
from plancast.render.terminal.problems import diagnostics_to_json, render_diagnostics
from plancast.render.terminal.progress import change_line
from plancast.render.terminal.style import cut, one_line, wrap
from plancast.render.terminal.tables import render_table
from plancast.render.text_diff import pieces, unified

SIZES = (1_000, 10_000, 100_000, 1_000_000)
STEEP = 1.4
"""Growth above which a case is marked, if it took more than NOTICED milliseconds."""

NOTICED = 100
"""Milliseconds below which a growth may be noise of the machine."""

PATIENCE = 1000
"""Milliseconds after which a case is not tried with ten times as much."""


NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
OPTIONS = ViewOptions(now=NOW, zone="Europe/Berlin", width=80)
SHAPES = {
    "é": "é",
    "words": "é ab ",
    "lines": "é\n",
    "hidden": "a\u200d\u2800",
    "emoji": "👩\u200d👧",
    "tags": "#a@b.",
    "marks": "::##[",
}
"""Texts that are repeated up to the size, by name."""

WORKSPACE = """\
version: 1
provider: sandbox
timezone: {zone}
profiles:
  acme-x: {{id: 4eb854340acb04e870000010, service: twitter}}
"""
POST = "profiles: [acme-x]\nschedule: 2026-12-01 09:30\ntext: A text.\n"
FILES = {
    "timezone": "{0}",
    "profiles": "profiles: [{0}]\nschedule: 2026-12-01 09:30\ntext: A text.\n",
    "schedule": "profiles: [acme-x]\nschedule: {0}\ntext: A text.\n",
    "text": "profiles: [acme-x]\nschedule: 2026-12-01 09:30\ntext: {0}\n",
    "images": POST + "images: [{{file: {0}, alt: A sign}}]\n",
    "unknown key": POST + "? {0}\n: 1\n",
    "equal keys": POST + "a: 1\n",
    "broken": POST + "a: [{0}\n",
}
"""Post files, by the key whose value is long; for `timezone` it is that of plancast.yaml."""


def main(arguments: list[str]) -> int:
    """Measure and print a table."""
    largest = int(arguments[0]) if arguments else SIZES[-1]
    sizes = [size for size in SIZES if size <= largest]
    heads = "".join(f"{size:>11,}" for size in sizes)
    print(f"{'milliseconds for characters':<30}{heads}   growth      output")
    for name, case in cases().items():
        figures: list[float] = []
        length = 0
        for size in sizes:
            if figures and figures[-1] > PATIENCE:
                break
            seconds, length = timed(case, size)
            figures.append(seconds * 1000)
        growth = math.log10(figures[-1] / figures[-2]) if len(figures) > 1 else 0.0
        shown = "".join(f"{figure:11.1f}" for figure in figures) + f"{'-':>11}" * (
            len(sizes) - len(figures)
        )
        mark = " steep" if growth > STEEP and figures[-1] > NOTICED else ""
        print(f"{name:<30}{shown}{growth:9.1f}{length:12,}{mark}")
    return 0


def timed(case: Callable[[int], str], size: int) -> tuple[float, int]:
    """Run a case; return its seconds of processor time, and the length of its output."""
    begun = time.process_time()
    shown = case(size)
    seconds = time.process_time() - begun
    return seconds, len(shown)


def viewed(view: Callable[[str], str], shape: str, size: int) -> str:
    """Return the output of a view for a text of so many characters."""
    return view(long_text(shape, size))


def long_text(shape: str, size: int) -> str:
    """Return a text of so many characters of a shape."""
    return (SHAPES[shape] * (size // len(SHAPES[shape]) + 1))[:size]


def cases() -> dict[str, Callable[[int], str]]:
    """Return all cases by name: functions from a size to the output for a value of that size."""
    made: dict[str, Callable[[int], str]] = {}
    for shape, (name, view) in itertools.product(SHAPES, VIEWS.items()):
        made[f"{name}, {shape}"] = partial(viewed, view, shape)
    for key in FILES:
        made[f"validate, {key}"] = partial(validated, key)
    return made


# -- the views ------------------------------------------------------------------------------------


def plan(text: str) -> Plan:
    """Build a plan with a create and an update that have the text in every field of text."""
    due = NOW + timedelta(days=2)
    link = Link("https://acme.example", text, text)
    images = (Image("https://acme.example/a.png", text),)
    entry = Entry(text, due, link, images, first_comment=text, tags=(text,))
    profile = ProfileRef("acme", "p-1", "unknown")
    return Plan(
        generated_at=NOW,
        provider="sandbox",
        basis=Basis("", "", 0, ""),
        changes=(
            Change(
                Action.CREATE,
                Address("a", "acme"),
                profile,
                after=entry,
                reason=text,
                due_at=due,
                source=place(text),
            ),
            Change(
                Action.UPDATE,
                Address("b", "acme"),
                profile,
                before=entry,
                after=entry,
                fields=(FieldDiff("text", text, text[: len(text) // 2] + "!" + text),),
                remote_id="r",
                due_at=due,
            ),
        ),
        diagnostics=(fault(text),),
    )


def place(text: str) -> SourceRange:
    """Build a place in the middle of a line that consists of the text."""
    middle = max(1, len(text) // 2)
    return SourceRange.in_line("a.yaml", 3, middle, middle + 9, text.replace("\n", " "))


def fault(text: str) -> Diagnostic:
    """Build a problem that quotes the text."""
    return problem("PC401", repr(text), hint=text, source=place(text))


def difference(text: str) -> str:
    """Compare the text with one in which every other word is new."""
    words = text.split() or [text]
    other = " ".join(word if number % 2 else f"{word}x" for number, word in enumerate(words))
    return "".join(piece.after for piece in pieces(text, other))


def lines(text: str) -> str:
    """Compare lines with others of which two in three are new."""
    before = [f"{number} {word}" for number, word in enumerate(text.split())]
    after = [f"new {line}" if number % 3 else line for number, line in enumerate(before)]
    return "\n".join(unified(before, after, 2))


def table(text: str) -> str:
    """Render a table of ten rows with the text and a hundred without it."""
    rows = [("a", text, "b")] * 10 + [("a", "c", "d")] * 100
    return render_table(("ONE", "TWO", "THREE"), rows, color=False, width=80, whole=True)


def finished(text: str) -> str:
    """Render the line of an `apply` for a change that was refused with the text."""
    failed = Outcome.FAILED
    event = ChangeFinished(NOW, Address("a", "x"), Action.CREATE, failed, 1, 1, 0, "", text)
    return change_line(event, color=False)


def status(text: str) -> str:
    """Render the status of an entry with the text as its reason, for a summary."""
    row = StatusRow(Address("a", "x"), Standing.FAILED, NOW, detail=text, zone="UTC")
    return render_status([row], OPTIONS)


VIEWS: dict[str, Callable[[str], str]] = {
    "hidden": show_hidden,
    "runner": disarm,
    "one line": one_line,
    "wrap": lambda text: "\n".join(wrap(text, 78)),
    "cut": lambda text: cut(text, 60),
    "words": difference,
    "lines": lines,
    "table": table,
    "problem": lambda text: render_diagnostics([fault(text)], width=80),
    "problem, json": lambda text: diagnostics_to_json([fault(text)]),
    "problem, github": lambda text: render_github([fault(text)]),
    "problem, sarif": lambda text: render_sarif([fault(text)], "1"),
    "problem, markdown": lambda text: render_problems([fault(text)], OPTIONS),
    "apply": finished,
    "status": status,
    "plan": lambda text: render_plan(plan(text), "human", OPTIONS),
    "plan, json": lambda text: render_plan(plan(text), "json", OPTIONS),
    "plan, markdown": lambda text: render_plan(plan(text), "markdown", OPTIONS),
    "plan, html": lambda text: render_plan(plan(text), "html", OPTIONS),
}


# -- validate -------------------------------------------------------------------------------------


def validated(key: str, size: int) -> str:
    """Return the output of `validate` for a workspace in which one value is long."""
    value = "é" * min(size, MAX_BYTES // 2 - 200)
    with tempfile.TemporaryDirectory(prefix="plancast-bench-") as name:
        folder = Path(name)
        zone = value if key == "timezone" else "Europe/Berlin"
        (folder / "plancast.yaml").write_text(WORKSPACE.format(zone=zone), encoding="utf-8")
        text = POST if key == "timezone" else FILES[key].format(value)
        if key == "equal keys":
            text += "a: 1\n" * (min(size, MAX_BYTES - 200) // 5)
        (folder / "post.yaml").write_text(text, encoding="utf-8")
        loaded = load(folder)
        return render_diagnostics(ask(loaded, assumed(loaded)).diagnostics, width=80)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
