"""A browser on this machine, and pages to open in it.

Pages are files: nothing is served, and whatever a page asks for is noted. If no browser
is found, the tests are skipped with a message.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from plancast.model.plan import Plan
from plancast.render.html import render
from tests.render.rendering import options
from tools.browser import FLAGS, NAMES, find

AXE = Path(__file__).resolve().parents[2] / ".clients/node_modules/axe-core/axe.min.js"
SIZE = (1280, 900)


@contextmanager
def launched() -> Iterator[Browser]:
    """The browser, without a window."""
    found = find()
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is on the PATH")
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class OpenPage:
    """An open page, with the complaints of its console and the addresses that it requested."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def go(self, fragment: str) -> None:
        """Open the page at a fragment of its address, as if the link had been followed afresh."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.address}#{fragment}")

    def ask(self, script: str) -> Any:
        """Return the value of a line of script."""
        return self.page.evaluate(script)

    def chips(self) -> list[str]:
        """The chips of the calendar, as they read."""
        return [text.strip() for text in self.page.locator("#calendar .chip").all_inner_texts()]

    def rows(self) -> list[str]:
        """The addresses that the list shows."""
        return self.page.locator(".post:visible .row-address").all_inner_texts()

    @property
    def title(self) -> str:
        """The month, the week, or how many posts there are."""
        return self.page.locator("#title").inner_text()

    @property
    def fragment(self) -> str:
        """Return the fragment of the address, decoded."""
        return str(self.ask("decodeURIComponent(location.hash)"))


@contextmanager
def open_page(browser: Browser, made: Plan, folder: Path, **how: Any) -> Iterator[OpenPage]:
    """Open the page of a plan, in a browser on another side of the world."""
    file = folder / "page.html"
    file.write_text(render(made, options()), encoding="utf-8")
    width, height = how.pop("size", SIZE)
    context = browser.new_context(
        viewport={"width": width, "height": height}, timezone_id="Asia/Tokyo", **how
    )
    seen = OpenPage(context.new_page(), file.as_uri())
    seen.page.set_default_timeout(10_000)
    seen.page.on("console", lambda message: seen.complaints.append(message.text))
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    seen.page.on("request", lambda request: seen.asked.append(request.url))
    seen.page.goto(seen.address)
    yield seen
    context.close()
