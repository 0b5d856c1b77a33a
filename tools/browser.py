"""The browser of this machine, for tests, benchmarks and screenshots of the page."""

from __future__ import annotations

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""No window on a screen, and no requests of the browser's own."""


def find() -> str | None:
    """Return the path of the first browser on the PATH; None if there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)
