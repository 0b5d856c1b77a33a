"""A fork server: Python with plancast loaded, which forks a child for each command to run.

Starting `python -I -m plancast` takes most of the time of a short command, and nearly all of that
is imports. A forked child has them already. It runs with the arguments, the environment, the folder
and the three streams of the client that asked for it, and the client ends with its exit code.

What a child cannot show is the start itself. So the tests of the installation and of signals start
real processes, and at night (`THOROUGH=1`) all tests do.
"""

from __future__ import annotations

import atexit
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOADED = (
    "plancast.commands.main", "plancast.commands.apply", "plancast.commands.comment",
    "plancast.commands.preview", "plancast.commands.reviewed", "plancast.commands.validate",
    "plancast.providers.factories", "plancast.forges.github", "plancast.forges.gitlab",
    "plancast.providers.buffer_v1.provider", "plancast.providers.buffer_graphql.provider",
    "plancast.render.html", "plancast.render.markdown", "plancast.store.git_ref",
    "deepdiff", "httpx", "jsonschema", "regex", "yaml",
)  # fmt: skip
"""The modules that the commands of a CI job import. One that is missing costs time, no more."""


def available() -> bool:
    """Return whether this system can fork and pass open files from one process to another."""
    return hasattr(os, "fork") and hasattr(socket, "recv_fds")


def command(arguments: Sequence[str] = ()) -> list[str]:
    """Return the command line that runs Python with these arguments in a child of the server.

    The arguments begin with `-I -m MODULE` or `-m MODULE`.
    """
    return [sys.executable, "-I", "-S", str(HERE / "client.py"), _socket(), *arguments]


@cache
def _socket() -> str:
    """Start the server, once in each process that runs tests, and return the path of its socket."""
    folder = tempfile.TemporaryDirectory(prefix="fork-", dir="/tmp")  # AF_UNIX is short
    path = str(Path(folder.name, "socket"))
    line = [sys.executable, "-I", str(HERE / "server.py"), path, *LOADED]
    environ = {"LANG": "C.UTF-8", "PATH": os.environ.get("PATH", os.defpath)}
    server = subprocess.Popen(line, stdout=subprocess.PIPE, env=environ, cwd=folder.name)

    def end() -> None:
        server.kill()
        server.communicate()
        folder.cleanup()

    atexit.register(end)
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n", "the server could not load its modules"
    return path
