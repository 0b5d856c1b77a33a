"""Benchmark of the page: the time to render a large queue, and to open it in a browser.

`python bench/page.py [POSTS]` makes a plan of so many entries (2,000 by default), renders its page,
and opens that in Chromium if it is installed. *On screen* is the time until the view is drawn, *all
read* until every card is parsed, both from the start of the navigation; they are the medians of
several fresh windows. Nothing is asserted: figures are for comparing.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.browser_times import RUNS, measured
from plancast.model.entry import Address, Entry, Image, Link
from plancast.model.plan import Action, Basis, Change, FieldDiff, Plan, ProfileRef
from plancast.render.html import render
from plancast.render.options import ViewOptions

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
SERVICES = ("twitter", "linkedin", "facebook", "instagram", "mastodon")
ACTIONS = (Action.NONE, Action.NONE, Action.CREATE, Action.UPDATE, Action.DESTROY)


def main(arguments: list[str]) -> int:
    """Measure and print a table."""
    number = int(arguments[0]) if arguments else 2000
    made = plan(number)
    options = ViewOptions(title="Buffer", now=NOW, zone="Europe/Berlin")
    render(plan(1), options)  # templates are compiled once
    begun = time.perf_counter()
    text = render(made, options)
    seconds = time.perf_counter() - begun
    print(f"{number} entries, {len(text) / 1024 / 1024:.1f} MB; browser: median of {RUNS} runs")
    show("the page is made", seconds * 1000)
    with tempfile.TemporaryDirectory(prefix="plancast-bench-") as folder:
        page = Path(folder) / "page.html"
        page.write_text(text, encoding="utf-8")
        for name, milliseconds in measured(page).items():
            show(name, milliseconds)
    return 0


def show(what: str, milliseconds: float) -> None:
    """Print one line of the table."""
    print(f"{what:<28}{milliseconds:8.0f} ms")


def plan(number: int) -> Plan:
    """Build a plan of entries every twenty minutes, of which three in five are changes."""
    return Plan(
        generated_at=NOW,
        provider="sandbox",
        basis=Basis("", "", 0, ""),
        changes=tuple(change(index) for index in range(number)),
    )


def change(index: int) -> Change:
    """Build an entry of the plan; each has another text."""
    service, action = SERVICES[index % 5], ACTIONS[index // 5 % 5]
    due = NOW + timedelta(minutes=20 * index)
    text = (
        f"Number {index} of many, about #tools and @ana, and every one of them says something "
        "else.\n\nIt has a second paragraph as well, which is as long as they are in real life, "
        f"and a link: https://acme.example/posts/{index}"
    )
    entry = Entry(
        text,
        due,
        Link(f"https://acme.example/{index}", "A title", "And a line about it."),
        (Image(f"https://acme.example/{index}.png", "A box on a stage"),) if index % 2 else (),
    )
    old = text.replace("many", "several")
    return Change(
        action=action,
        address=Address(f"posts/{index // 5:05d}", f"acme-{service}"),
        profile=ProfileRef(f"acme-{service}", f"p-{service}", service),
        before=None if action is Action.CREATE else entry,
        after=None if action is Action.DESTROY else entry,
        fields=(FieldDiff("text", old, text),) if action is Action.UPDATE else (),
        remote_id="" if action is Action.CREATE else f"r-{index}",
        due_at=due,
        zone="Europe/Berlin",
        campaign=f"campaign-{index % 7}",
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
