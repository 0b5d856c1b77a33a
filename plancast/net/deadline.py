"""Time limits of one exchange with a server, and the alarm that breaks it off.

httpx bounds each silence of a server, but no exchange as a whole: it waits without end for a server
that sends one header a second, or one informational answer after the other. So an alarm is set for
each *phase* of an exchange: connecting, the head of the answer, its body. If the alarm goes off,
the connection is shut down, whichever thread is reading from it, and the exchange fails at once.

The alarm belongs to the connection that the request goes out on. It is off before the connection is
given back to be used again.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from weakref import ReferenceType, ref

Cancel = Callable[[], None]
Alarm = Callable[[float, Callable[[], None]], Cancel]
"""Calls a function after so many seconds, in another thread, unless it is cancelled before."""

CONNECTING = "no connection in time"
HEAD = "the answer did not begin in time"
BODY = "the answer did not end in time"


def timer(seconds: float, act: Callable[[], None]) -> Cancel:
    """Set an alarm by the clock of this machine; return the function that cancels it."""
    thread = threading.Timer(seconds, act)
    thread.daemon = True
    thread.start()
    return thread.cancel


class Connections:
    """The connection that requests go out on, one after the other.

    httpx does not give it out itself.
    """

    def __init__(self) -> None:
        self._newest: ReferenceType[socket.socket] | None = None

    def made(self, connected: socket.socket) -> None:
        """Remember a new connection: the next request is sent on it."""
        self._newest = ref(connected)

    def handle(self) -> socket.socket | None:
        """Return a second handle on the newest connection; None if it is closed.

        The caller closes the handle. The socket of httpx itself does not do: once it speaks TLS,
        another one replaces it, and shutting that one down first removes its encryption: the rest
        of the request would go out in the open.
        """
        newest = self._newest() if self._newest is not None else None
        if newest is None:
            return None
        try:
            return socket.socket(fileno=os.dup(newest.fileno()))
        except OSError:  # it is closed
            return None


class Deadline:
    """The watch over one exchange. `trace` is the function that httpx calls with its events.

    `sent`: the first byte of the request may have left. `late`: the step that did not happen in
    time, "" so far.
    """

    def __init__(self, seconds: float, alarm: Alarm, connections: Connections) -> None:
        self.sent = False
        self.late = ""
        self._seconds = seconds
        self._alarm = alarm
        self._connections = connections
        self._lock = threading.Lock()
        self._phase = ""
        self._cancel: Cancel = _nothing
        self._handle: socket.socket | None = None

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Follow the exchange. Events are named `layer.step.started`, `.complete` or `.failed`."""
        step = event.partition(".")[2]
        if step in ("connect_tcp.complete", "start_tls.complete"):
            self._connections.made(info["return_value"].get_extra_info("socket"))
            self._begin(CONNECTING)
        elif step == "send_request_headers.started":
            # CONNECT asks a proxy for a connection; the request itself is sent later.
            self.sent = self.sent or info["request"].method != b"CONNECT"
            self._begin(HEAD)
        elif step == "receive_response_headers.complete":
            self._begin(BODY)

    def break_off(self) -> None:
        """End the exchange now. Another thread calls this."""
        with self._lock:
            self._shut_down()

    def end(self) -> None:
        """Turn the alarm off: the exchange is over."""
        with self._lock:
            self._clear()

    def _begin(self, phase: str) -> None:
        """Set the alarm for a phase, in place of that for the one before."""

        def go_off() -> None:
            with self._lock:
                # If the alarm was cancelled too late to stop it, another phase has begun.
                if self._phase == phase:
                    self.late = phase
                    self._shut_down()

        with self._lock:
            self._clear()
            self._phase = phase
            self._handle = self._connections.handle()
            self._cancel = self._alarm(self._seconds, go_off)

    def _clear(self) -> None:
        """Cancel the alarm and close the handle. The caller holds the lock."""
        self._phase = ""
        self._cancel()
        self._cancel = _nothing
        if self._handle is not None:
            self._handle.close()
            self._handle = None

    def _shut_down(self) -> None:
        """Shut the connection down, which ends a read in any thread. The caller holds the lock."""
        if self._handle is not None:
            with suppress(OSError):
                self._handle.shutdown(socket.SHUT_RDWR)


def _nothing() -> None:
    return None
