"""Processes that are measured, and servers that run beside them.

Measured are the processor time of a whole process (user and system), with that of its children,
and the peak of its memory. A measured process gets an empty home, so no run finds what another one
kept.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

from bench.figures import Usage

_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
_LAUNCH = Path(__file__).resolve().parent / "launch.py"


class BenchError(Exception):
    """A process that did not do its work, so that a measurement would mean nothing."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A command that is measured. With `repeats`, one run is the mean of as many processes.

    `cache` is a user's cache folder: each process starts with a copy of it, without it with an
    empty one. With `fresh`, each process works in a copy of `folder`, because it changes it.
    """

    name: str
    command: Sequence[str | Path]
    folder: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    repeats: int = 1
    cache: Path | None = None
    fresh: bool = False


def measure(subject: Subject) -> Usage:
    """Run a subject once. Raises BenchError if it fails."""
    usages = [_measured(subject) for _ in range(subject.repeats)]
    return Usage(fmean(use.seconds for use in usages), max(use.peak for use in usages))


def _measured(subject: Subject) -> Usage:
    with (
        tempfile.TemporaryFile() as errors,
        home(subject.cache) as environ,
        place(subject) as folder,
    ):
        report = Path(environ["HOME"], "usage.json")
        subprocess.run(
            [sys.executable, "-I", "-S", _LAUNCH, report, *subject.command],
            cwd=folder,
            env={**environ, **subject.environ},
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        used = json.loads(report.read_text(encoding="ascii"))
        if used["code"]:
            errors.seek(0)
            raise BenchError(f"{subject.name}: {errors.read().decode(errors='replace')[-2000:]}")
    return Usage(used["seconds"], used["peak"])


def run(
    command: Sequence[str | Path], folder: Path, environ: Mapping[str, str] | None = None
) -> str:
    """Run a command that is not measured; return all it printed. Raises BenchError.

    `environ` is added to the environment of an empty home.
    """
    with home() as usual:
        ended = subprocess.run(
            command,
            cwd=folder,
            env={**usual, **(environ or {})},
            check=False,
            capture_output=True,
            text=True,
        )
    if ended.returncode:
        line = " ".join(map(str, command))
        raise BenchError(f"{line}: {ended.stdout[-2000:]}{ended.stderr[-2000:]}")
    return ended.stdout + ended.stderr


@contextmanager
def place(subject: Subject) -> Iterator[Path]:
    """Yield the folder in which a subject works: its own, or a copy that is removed again."""
    if not subject.fresh:
        yield subject.folder
        return
    with tempfile.TemporaryDirectory(prefix="plancast-place-") as name:
        yield shutil.copytree(subject.folder, Path(name, "workspace"))


@contextmanager
def home(cache: Path | None = None) -> Iterator[dict[str, str]]:
    """Make a home; yield the whole environment of a process that lives in it.

    It is empty, but for a copy of `cache` as its cache folder.
    """
    with tempfile.TemporaryDirectory(prefix="plancast-home-") as name:
        if cache is not None:
            shutil.copytree(cache, Path(name, "cache"))
        places = {f"XDG_{kind}_HOME": f"{name}/{kind.lower()}" for kind in ("STATE", "CACHE")}
        yield {
            "HOME": name,
            **places,
            "LANG": "C.UTF-8",
            "NO_COLOR": "1",
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONHASHSEED": "0",
        }


@contextmanager
def serving(command: Sequence[str | Path], folder: Path) -> Iterator[str]:
    """Start a server that prints its address; yield that, and end the server."""
    with (
        home() as environ,
        subprocess.Popen(
            command, cwd=folder, env=environ, stdout=subprocess.PIPE, text=True
        ) as server,
    ):
        try:
            assert server.stdout is not None
            for line in server.stdout:
                if address := _ADDRESS.search(line):
                    yield address[0]
                    return
            raise BenchError(f"{' '.join(map(str, command))}: it did not start")
        finally:
            server.terminate()
