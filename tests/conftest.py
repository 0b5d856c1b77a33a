"""The setting of every test: no network but loopback, an odd time zone, an empty environment.

This is set up once, when the tests are collected, and not by a fixture: code that reads the
environment on import must see nothing of the machine either.
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
import tempfile
import time
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from tests.night import DAY, ROOMS, THOROUGH, for_the_night, turns

MEMORY = "/dev/shm"
ROOM = 4 * 1024**3
"""Bytes that the files of one run never fill."""


def _keep_files_in_memory() -> None:
    """Put temporary files where `fsync` takes no time, if programs may run there and there is room.

    plancast and git wait for the disk after each step, thousands of times in a run of the tests.
    """
    try:
        found = os.statvfs(MEMORY)
    except (OSError, AttributeError):
        return
    if not found.f_flag & os.ST_NOEXEC and found.f_bavail * found.f_frsize >= ROOM:
        tempfile.tempdir = os.environ["TMPDIR"] = MEMORY


_keep_files_in_memory()
HOME = Path(tempfile.mkdtemp(prefix="plancast-tests-"))
"""The home of the process that runs the tests; everything that is kept per user lands here."""

_CLEARED = ("PYTHON", "BUFFER_", "PLANCAST_", "XDG_", "GITHUB_", "GH_", "GITLAB_", "CI_")
"""`PYTHON…` too: what the tests start neither imports from elsewhere nor compiles all anew."""
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


class NetworkRefused(RuntimeError):  # noqa: N818  # it names what happened, in the test that fails
    """A test reached for the outside."""


def _is_local(host: object) -> bool:
    if host in (None, "", "localhost", b"localhost"):
        return True
    text = host.decode() if isinstance(host, bytes) else str(host)
    try:
        return ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _refuse_outside(event: str, arguments: tuple[object, ...]) -> None:
    """An audit hook: sees every connection that any code makes in this Python."""
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # a path: AF_UNIX
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    else:
        return
    if not _is_local(host):
        raise NetworkRefused(f"{event} to {host!r}: tests talk to this machine alone")


def _empty_environment() -> None:
    for name in list(os.environ):
        if name.startswith(_CLEARED) or name.lower() in _PROXIES:
            del os.environ[name]
    os.environ.update(
        HOME=str(HOME),
        XDG_CONFIG_HOME=str(HOME / ".config"),
        XDG_CACHE_HOME=str(HOME / ".cache"),
        XDG_STATE_HOME=str(HOME / ".local" / "state"),
        XDG_DATA_HOME=str(HOME / ".local" / "share"),
        XDG_RUNTIME_DIR=str(HOME / ".run"),
        TZ="Pacific/Apia",  # UTC+13, and without a 30 December 2011
        NO_COLOR="1",
        COLUMNS="100",
    )
    os.environ.pop("FORCE_COLOR", None)
    time.tzset()


pytest.register_assert_rewrite("plancast.testing")
collect_ignore = ["small_provider"]  # a package of its own: providers/test_small_provider.py
sys.addaudithook(_refuse_outside)
_empty_environment()

# The same examples in every run: a failure on one machine is one on all. By night there are more.
# No deadlines, since nothing is said about time on a machine that others use as well.
settings.register_profile(
    "plancast",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=100 if THOROUGH else 12,
)
settings.register_profile("explore", deadline=None, max_examples=1000)
# For a run that only has to fail: the smallest example that does is not looked for.
settings.register_profile(
    "first-failure",
    settings.get_profile("plancast"),
    phases=(Phase.explicit, Phase.generate, Phase.target),
)
settings.load_profile("plancast")


# Twenty thousand tests are objects that live until the end. The collector of cyclic garbage need
# not look at them while they are made, nor again in each of its rounds afterwards.
gc.set_threshold(100_000, 20, 20)


def pytest_collection_finish() -> None:
    """Keep the collected tests out of all further searches for garbage."""
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave to the night what says by day once more what other cases say.

    A test that is named by its id is run whenever it is named, and of a folder or a file that is
    named only what has a mark is left out.
    """
    if THOROUGH or any("::" in argument for argument in config.args):
        return
    rooms = ROOMS if config.args == config.getini("testpaths") else {}
    marks = {
        item.nodeid: [(mark.name, *mark.args) for mark in item.iter_markers()] for item in items
    }
    left = for_the_night([(name, *turns(name, marks[name], rooms)) for name in marks])
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in left])
    items[:] = [item for item in items if item.nodeid not in left]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
    """Name the day of a run that fails: on another day other tests run."""
    if exitstatus == pytest.ExitCode.TESTS_FAILED and not THOROUGH:
        terminalreporter.write_line(f"TESTS_DAY={DAY} chooses these tests again")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the home once the last test has run."""
    shutil.rmtree(HOME, ignore_errors=True)
