"""The report of a bug: a file with the traceback, and one line that says where it is."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TextIO
from urllib.parse import quote

from plancast.app.process import FORGE_SECRETS
from plancast.model.exit_codes import ExitCode
from plancast.providers import registry
from plancast.render.invisible import show_orders
from plancast.render.runner_commands import disarm


def report_bug(
    error: BaseException,
    environ: Mapping[str, str] | None = None,
    stderr: TextIO | None = None,
) -> int:
    """Write the traceback to a file, without secrets, and say where it is in one line.

    If no file can be written, the line says where the bug is instead. Never raises for what the
    disk, the environment or standard error is like: the exit code says that it is a bug.
    """
    name = type(error).__name__
    known = os.environ if environ is None else environ
    text = _without_secrets("".join(traceback.format_exception(error)), known)
    try:
        details = f"The details are in {_saved(text)}."
    except OSError as refused:
        reason = refused.strerror or str(refused)
        details = f"It is at {_place(error)}; no file could be written ({reason})."
    shown = "".join(sign if sign.isprintable() else " " for sign in details)
    with suppress(OSError, ValueError):
        # Closed streams are None, or raise ValueError.
        print(f"This is a bug of plancast ({name}). {shown}", file=stderr or sys.stderr, flush=True)
    return int(ExitCode.BUG)


def _saved(text: str) -> str:
    """The name of a file of its own, which nobody else may read. Raises OSError."""
    with tempfile.NamedTemporaryFile(
        "w",
        prefix="plancast-",
        suffix=".log",
        delete=False,
        encoding="utf-8",
        errors="backslashreplace",
    ) as file:
        file.write(disarm(show_orders(text)))
    return file.name


def _place(error: BaseException) -> str:
    """Where it was raised: `FILE:LINE`."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "no known place"


def _without_secrets(text: str, environ: Mapping[str, str]) -> str:
    for name in _secrets():
        secret = environ.get(name, "").strip()
        raw = secret.encode("utf-8", "surrogateescape")
        for form in (secret, quote(raw), quote(raw, safe=""), repr(secret)[1:-1]):
            text = text.replace(form, "(secret)") if form else text
    return text


def _secrets() -> tuple[str, ...]:
    """Return the variables that hold secrets, also those of installed providers."""
    found: tuple[registry.ProviderInfo, ...] = ()
    with suppress(Exception):  # a package that is broken must not hide the bug that is reported
        found = registry.installed()
    return (*registry.secrets(found), *FORGE_SECRETS)
