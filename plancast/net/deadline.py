"""How long one exchange with a server may take, and what breaks it off.

httpx bounds each silence of a server, and no exchange as a whole: a server that sends one header a
second, or one informational answer after the other, is waited for without end. So an alarm
is set for each *phase* of an exchange: connecting, the answer's head, its body. If it goes off, the
connection is shut down, whoever is reading from it, and the exchange fails at once.

The alarm belongs to one connection: that which the request goes out on. It is off before
the connection is given back to be used again.
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
    """Set an alarm by the clock of this machine."""
    thread = threading.Timer(seconds, act)
    thread.daemon = True
    thread.start()
    return thread.cancel


class Connections:
    """The connection that requests go out on, one after the other. httpx has no word for it."""

    def __init__(self) -> None:
        self._newest: ReferenceType[socket.socket] | None = None

    def made(self, connected: socket.socket) -> None:
        """Remember a connection: the next request is sent on it."""
        self._newest = ref(connected)

    def handle(self) -> socket.socket | None:
        """A second handle on the newest connection, to be closed; None if there is none any more.

        The socket that httpx has is replaced by another one once it speaks TLS, and to shut that
        one down takes its encryption off first: what is about to be sent would go out in the open.
        """
        newest = self._newest() if self._newest is not None else None
        if newest is None:
            return None
        try:
            return socket.socket(fileno=os.dup(newest.fileno()))
        except OSError:  # it is closed
            return None


class Deadline:
    """Watches one exchange. `trace` is to be called with what httpx reports of it.

    `sent`: the first byte of the request may have left. `late`: what did not happen in time.
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
            # To have a proxy connect is no part of the request.
            self.sent = self.sent or info["request"].method != b"CONNECT"
            self._begin(HEAD)
        elif step == "receive_response_headers.complete":
            self._begin(BODY)

    def break_off(self) -> None:
        """End the exchange now. For another thread to call."""
        with self._lock:
            self._shut_down()

    def end(self) -> None:
        """The exchange is over: no alarm goes off from here on."""
        with self._lock:
            self._clear()

    def _begin(self, phase: str) -> None:
        def go_off() -> None:
            with self._lock:
                if self._phase == phase:
                    self.late = phase
                    self._shut_down()

        with self._lock:
            self._clear()
            self._phase = phase
            self._handle = self._connections.handle()
            self._cancel = self._alarm(self._seconds, go_off)

    def _clear(self) -> None:
        self._phase = ""
        self._cancel()
        self._cancel = _nothing
        if self._handle is not None:
            self._handle.close()
            self._handle = None

    def _shut_down(self) -> None:
        if self._handle is not None:
            with suppress(OSError):
                self._handle.shutdown(socket.SHUT_RDWR)


def _nothing() -> None:
    return None
