"""Everybody can use the page: axe-core finds nothing wrong with it, in any view, light or dark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from plancast.model.plan import Plan
from tests.browser.open_page import AXE, OpenPage, launched, open_page
from tests.browser.test_page import queue
from tests.render.scenes import SCENES

pytestmark = pytest.mark.every(2)

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
VIEWS = ("view=month", "view=week&date=2026-12-01", "view=list")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not AXE.exists():
        pytest.skip("no axe-core: `make clients` installs it")
    with launched() as found:
        yield found


def faults(seen: OpenPage) -> list[str]:
    """Return the faults that axe-core finds, each with its element."""
    if not seen.ask("'axe' in window"):
        seen.ask(AXE.read_text(encoding="utf-8"))
    found = seen.ask(
        f"axe.run(document, {{runOnly: {RULES!r}}}).then(result => result.violations.map("
        "one => one.id + ': ' + one.nodes.map(node => node.html.slice(0, 200)"
        " + ' ' + node.any.map(check => check.message)).slice(0, 3).join(' | ')))"
    )
    return list(found)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_view_leaves_anybody_out(browser: Browser, theme: str, tmp_path: Path) -> None:
    with open_page(browser, queue(), tmp_path, color_scheme=theme) as seen:
        for view in VIEWS:
            seen.go(view)
            assert faults(seen) == [], view
        for row in seen.page.locator(".post summary").all()[:6]:
            row.click()
        assert faults(seen) == [], "open rows"
        seen.go("view=month&post=hiring/toolmaker@acme-linkedin")
        assert faults(seen) == [], "a post"
        seen.page.keyboard.press("Escape")
        seen.page.click(".picker summary")
        assert faults(seen) == [], "a picker"
        seen.page.keyboard.press("Escape")
        seen.page.keyboard.press("?")
        assert faults(seen) == [], "the keys"


def everything() -> Plan:
    """Return a plan with all that can happen to an entry, and every kind of problem."""
    scenes = [SCENES[name]() for name in ("situations", "drift", "problems", "state-only")]
    return replace(
        SCENES["offline"](),
        changes=tuple(change for scene in scenes for change in scene.changes),
        diagnostics=tuple(item for scene in scenes for item in scene.diagnostics),
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_that_happens_leaves_anybody_out(
    browser: Browser, theme: str, tmp_path: Path
) -> None:
    with open_page(browser, everything(), tmp_path, color_scheme=theme) as seen:
        assert faults(seen) == []
        seen.page.keyboard.press("l")
        for row in seen.page.locator(".post summary").all():
            row.click()
        assert faults(seen) == [], "open rows"


def test_the_checker_can_find_something(browser: Browser, tmp_path: Path) -> None:
    with open_page(browser, queue(), tmp_path) as seen:
        seen.ask("document.getElementById('ask').removeAttribute('aria-label')")
        seen.ask("document.getElementById('ask').textContent = ''")
        seen.ask("document.getElementById('ask').removeAttribute('title')")
        assert [text for text in faults(seen) if text.startswith("button-name")] != []
