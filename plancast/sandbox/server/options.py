"""The limits of a server, and the functions that receive its log and its reports."""

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """The most that clients may use of this machine.

    connections      served at once, each by one thread spare            connections beyond those
    that are still answered, with a 503; more are closed target_bytes     length of the request line
    (414) header_bytes     all header fields together (431), and as much again for trailers
    header_count     number of header fields (431) body_bytes       a body without its framing (413)
    idle_seconds     wait for the next request of a connection request_seconds  from the first byte
    of a request to its last (408) answer_seconds   for the client to receive an answer
    linger_seconds   for the client to read a refusal while it still sends stop_seconds     for the
    answers under way when the server stops
    """

    connections: int = 100
    spare: int = 20
    target_bytes: int = 16 * 1024
    header_bytes: int = 32 * 1024
    header_count: int = 100
    body_bytes: int = 1024 * 1024
    idle_seconds: float = 60.0
    request_seconds: float = 30.0
    answer_seconds: float = 30.0
    linger_seconds: float = 2.0
    stop_seconds: float = 2.0


def write_to_stderr(text: str) -> None:
    """Write one report to the standard error of this process, in one piece."""
    with suppress(OSError, ValueError):  # it was closed: no reason to stop serving
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Limits, and the functions that receive lines.

    `log` receives one line for each request, or is None; `report` receives the traceback of a bug.
    Both are called from several threads. `clock` returns seconds that never jump.
    """

    limits: ServerLimits = ServerLimits()
    log: Callable[[str], None] | None = None
    report: Callable[[str], None] = write_to_stderr
    clock: Callable[[], float] = time.monotonic
