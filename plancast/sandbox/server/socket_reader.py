"""A reader of lines and blocks from a socket, up to a deadline."""

import socket
from collections.abc import Callable

from plancast.sandbox.v1.errors import GateError

_BLOCK = 64 * 1024


class EndOfInput(Exception):  # noqa: N818  # clients may stop sending
    """The client sends nothing more."""


class LineTooLong(Exception):  # noqa: N818  # the caller knows which status it is
    """A line is longer than the caller allows."""


class SocketReader:
    """The receiving half of a connection.

    All methods raise TimeoutError once the deadline has passed, EndOfInput if the client ends its
    side first, and OSError if the connection breaks.
    """

    def __init__(self, connection: socket.socket, clock: Callable[[], float]) -> None:
        self._socket = connection
        self._clock = clock
        self._buffer = bytearray()
        self._deadline = 0.0

    @property
    def is_empty(self) -> bool:
        """True if all bytes that have arrived were read."""
        return not self._buffer

    def allow(self, seconds: float) -> None:
        """Set the deadline: so many seconds from now."""
        self._deadline = self._clock() + seconds

    def wait(self) -> None:
        """Wait until there is something to read."""
        if not self._buffer:
            self._receive()

    def line(self, limit: int, is_plausible: Callable[[bytes], bool] | None = None) -> bytes:
        """Return the next line without its CRLF. Raises LineTooLong and GateError.

        `is_plausible` checks the beginning of a line that is not complete yet, so that a client
        which sends something else than HTTP is refused at once.
        """
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > limit:
                raise LineTooLong
            if is_plausible and searched and not is_plausible(bytes(self._buffer[:64])):
                raise GateError(400, "The first line is not that of an HTTP request.")
            self._receive()
        if end > limit:
            raise LineTooLong
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        # A lone LF is a line end to some readers and a part of the line to others.
        if not line.endswith(b"\r\n"):
            raise GateError(400, "A line of the request does not end in CR LF.")
        return line[:-2]

    def block(self, length: int) -> bytes:
        """Return exactly so many bytes."""
        while len(self._buffer) < length:
            self._receive()
        block = bytes(self._buffer[:length])
        del self._buffer[:length]
        return block

    def drain(self) -> None:
        """Discard all input, until the client or the deadline ends it."""
        self._buffer.clear()
        while True:
            self._receive()
            self._buffer.clear()

    def _receive(self) -> None:
        """Receive more bytes into the buffer, before the deadline."""
        left = self._deadline - self._clock()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)
        received = self._socket.recv(_BLOCK)
        if not received:
            raise EndOfInput
        self._buffer += received
