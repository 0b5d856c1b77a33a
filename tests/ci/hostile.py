"""A repository whose files try to run, and to be written through, while CI works on it.

Every checkout of these tests holds them. Each leaves its name in a canary file if it runs.
"""

from __future__ import annotations

import sys
from pathlib import Path

MODULES = (
    "click.py", "email/__init__.py", "pip.py", "plancast/__init__.py", "plancast/__main__.py",
    "queue.py", "sitecustomize.py", "usercustomize.py", "venv/__init__.py", "venv/__main__.py",
)  # fmt: skip
"""Of the standard library, of Python's start, and of what CI runs."""

STARTUP = f".plancast-venv/lib/python3.{sys.version_info.minor}/site-packages/e.pth"
"""A line of a `.pth` file runs when the Python of that environment starts."""

PIP_CONFIGURATION = (".config/pip/pip.conf", ".plancast-venv/pip.conf", "pip.conf")
"""The places where pip looks for its configuration.

They are a home that is the checkout, a committed environment, and PIP_CONFIG_FILE. A configuration
there makes pip install into the folder that must stay as it is.
"""

CONFIGURATION = {
    "setup.cfg": "[install]\nprefix = /nonexistent\n",
    "pyproject.toml": (
        '[build-system]\nrequires = []\nbuild-backend = "queue"\nbackend-path = ["."]\n'
    ),
    ".python-version": "0.0.0\n",
    ".env": "PYTHONPATH=.\nPIP_CONFIG_FILE=pip.conf\n",
}
LINKS = {
    ".plancast-out": "../precious",
    ".plancast-problems": "../precious/kept.txt",
}
KEPT = "kept\n"


def code(name: str, canary: Path) -> str:
    """One line of Python that leaves a name in the canary file."""
    return f"import builtins; builtins.open({str(canary)!r}, 'a').write({name + chr(10)!r})\n"


def files(folder: Path) -> dict[str, str | None]:
    """The files by name. `folder` is where checkouts lie: the canary and what is precious too."""
    canary = folder / "canary.txt"
    runs = {name: code(name, canary) for name in (*MODULES, STARTUP)}
    settings = f"[install]\ntarget = {folder / 'precious'}\n"
    return {**runs, **dict.fromkeys(PIP_CONFIGURATION, settings), **CONFIGURATION}


def plant(checkout: Path) -> None:
    """Write them all into a folder that is no repository."""
    prepare(checkout.parent)
    for name, text in files(checkout.parent).items():
        path = checkout / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text or "", encoding="utf-8")
    for name, target in LINKS.items():
        (checkout / name).symlink_to(target)


def prepare(folder: Path) -> None:
    """Put there what the links lead to."""
    precious = folder / "precious"
    precious.mkdir()
    (precious / "kept.txt").write_text(KEPT, encoding="utf-8")


def ran(folder: Path) -> list[str]:
    """The names of those that ran."""
    canary = folder / "canary.txt"
    return canary.read_text(encoding="utf-8").split() if canary.exists() else []


def must_be_harmless(folder: Path) -> None:
    """Raise AssertionError if a file of the checkout ran, or something was written by a link."""
    assert not ran(folder), f"it ran: {ran(folder)}"
    precious = {path.name: path.read_bytes() for path in (folder / "precious").iterdir()}
    assert precious == {"kept.txt": KEPT.encode()}, f"written to: {sorted(precious)}"


def version_manager(folder: Path) -> Path:
    """A folder with a `python` as version managers put it on the path, in front of the real one.

    It reads the version from .python-version in the folder that it runs in, and has only one.
    """
    program = folder / "python"
    program.write_text(
        "#!/bin/sh\n"
        'test ! -e .python-version || { echo "python: version not installed" >&2; exit 1; }\n'
        f'exec "{sys.executable}" "$@"\n',
        encoding="utf-8",
    )
    program.chmod(0o755)
    return folder
