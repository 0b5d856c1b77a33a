"""What `--log-file` shows of the wire: every request and how it ended, and nothing that was said.

A line before each request and one after it, so that it can be seen where a run
ended. Bodies are left out on purpose: they hold texts that are not public yet.
The token is in none of what is written, since it is no part of a Request.

A request that has a name is called by it, and begins with GET where it only
reads: all of GraphQL is POST to one path, which would tell nothing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from plancast.net.transport import Request, Response, Transport, TransportError

LOGGER = "plancast.http"


class LoggedTransport:
    """A transport around another one that writes a line for each request."""

    def __init__(self, inner: Transport, stopwatch: Callable[[], float] = time.monotonic) -> None:
        self._inner = inner
        self._stopwatch = stopwatch
        self._log = logging.getLogger(LOGGER)

    def send(self, request: Request) -> Response:
        """Send it once. Raises what the inner one raises."""
        started = self._stopwatch()
        self._log.debug("%s ...", _called(request))
        try:
            response = self._inner.send(request)
        except TransportError as error:
            self._tell(request, started, f"{type(error).__name__}: {error}")
            raise
        self._tell(request, started, f"{response.status}, {len(response.body)} bytes")
        return response

    def _tell(self, request: Request, started: float, ended: str) -> None:
        took = (self._stopwatch() - started) * 1000
        self._log.info("%s: %s, %.0f ms", _called(request), ended, took)


def _called(request: Request) -> str:
    if not request.name:
        return f"{request.method} {request.path}"
    return f"{'GET' if request.idempotent else 'POST'} {request.name}"
