"""The browser of this machine, for whoever looks at the page: tests, figures and screenshots."""

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
"""It shows nothing on a screen and asks the network for nothing of its own."""


def find() -> str | None:
    """The first that is on the PATH; None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)
