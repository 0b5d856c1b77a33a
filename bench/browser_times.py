"""Times of a page in a browser: until its view is drawn, and until every card is read.

Wall-clock times, from the start of the navigation; medians of several fresh windows of Chromium.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tools.browser import FLAGS, NAMES, find

if TYPE_CHECKING:
    from playwright.sync_api import Browser

RUNS = 5
DRAWN, READ = "on screen", "all read"
VIEWS = ("month", "list")

PAINTED = """() => new Promise(done => requestAnimationFrame(() => setTimeout(() => {
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    const loaded = performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd;
    const drawn = performance.getEntriesByName("drawn")[0].startTime;
    done([Math.max(drawn, paint ? paint.startTime : performance.now()), loaded]);
})))"""
SWITCHED = """name => new Promise(done => {
    const begun = performance.now();
    document.querySelector(`button[data-view=${name}]`).click();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)));
})"""


def opened(page: Path) -> Mapping[str, float]:
    """Open the page as a calendar of a month; return the seconds until it is drawn and read.

    Without a browser, say so and return no figure.
    """
    times = {name: value for name, value in measured(page).items() if name.startswith("month")}
    return {name.removeprefix("month: "): value / 1000 for name, value in times.items()}


def measured(page: Path) -> Mapping[str, float]:
    """Open the page in each view and switch to another one; return milliseconds by name."""
    chromium = find()
    if chromium is None:
        print(f"The page was not opened: none of {', '.join(NAMES)} is installed.")
        return {}
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  # wanted only here

    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=chromium, args=FLAGS)
        try:
            return _medians(browser, page.as_uri())
        finally:
            browser.close()


def _medians(browser: Browser, address: str) -> Mapping[str, float]:
    times: dict[str, list[float]] = {}
    for view in VIEWS:
        other = "list" if view == "month" else "week"
        for _ in range(RUNS):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(f"{address}#view={view}", wait_until="commit")
            page.wait_for_load_state("domcontentloaded")
            painted, loaded = page.evaluate(PAINTED)
            times.setdefault(f"{view}: {DRAWN}", []).append(painted)
            times.setdefault(f"{view}: {READ}", []).append(loaded)
            took = page.evaluate(SWITCHED, other)
            times.setdefault(f"from {view} to {other}", []).append(took)
            page.close()
    return {name: statistics.median(values) for name, values in times.items()}
