"""Guarded output streams: everything that plancast prints passes here, so no text gives an order.

Renderers make the texts of others safe to read (`style.safe`). The guard is the second line of
defence, for a text that a renderer forgot, and the only place that sees lines as a whole: a
terminal gets no control characters but our own colours, and a CI runner finds no command but those
of `write_commands`.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TextIO, cast

from plancast.render.invisible import show_orders
from plancast.render.runner_commands import Disarmer, disarm, disarm_names

_COLOR = re.compile(r"(\x1b\[(?:[01]|(?:1;)?38;5;[0-9]{1,3})m)")


class Controls(Enum):
    """The control characters that a stream keeps: none, our colours, or those of a progress bar."""

    NONE = "none"
    COLORS = "colors"
    ALL = "all"


class GuardedStream:
    """A text stream that makes every order in a written text visible: control characters, commands.

    It has no `buffer`, since bytes that are written there would bypass the guard.
    """

    def __init__(
        self, stream: TextIO, controls: Controls, disarmer: Disarmer | None = None
    ) -> None:
        self.stream = stream
        self.disarmer = disarmer or Disarmer(is_utf8=_is_utf8(stream))
        self._controls = controls

    @property
    def encoding(self) -> str:
        """The encoding of the stream behind it."""
        return self.stream.encoding

    @property
    def errors(self) -> str | None:
        """The error handler of the stream behind it."""
        return self.stream.errors

    def isatty(self) -> bool:
        """Return whether it ends at a terminal."""
        return self.stream.isatty()

    def fileno(self) -> int:
        """Return the file descriptor behind it. Raises OSError if there is none."""
        return self.stream.fileno()

    def flush(self) -> None:
        """Flush the stream behind it."""
        self.stream.flush()

    def write(self, text: str) -> int:
        """Write the text, with every order in it made visible."""
        self.stream.write(self.disarmer.feed(self._visible(text)))
        return len(text)

    def write_commands(self, lines: str) -> None:
        """Write commands of our own for a CI runner, one on each line.

        `annotations` encodes line ends and the ends of properties in their texts. The forms with
        `##`, which are obeyed anywhere in a line, are disarmed here.
        """
        if self.disarmer.is_in_line:
            self.write("\n")
        self.stream.write(disarm_names(self._visible(lines)))

    def _visible(self, text: str) -> str:
        if self._controls is Controls.ALL:
            return text
        # A carriage return alone is an order, but as part of a line end it is none.
        plain = text.replace("\r\n", "\n")
        if self._controls is Controls.NONE or "\x1b" not in plain:
            return show_orders(plain)
        # `split` returns text and colours in turn: only the texts are searched for orders.
        parts = _COLOR.split(plain)
        parts[::2] = map(show_orders, parts[::2])
        return "".join(parts)


def _is_utf8(stream: TextIO) -> bool:
    return (stream.encoding or "utf-8").lower().replace("_", "-") in ("utf-8", "utf8")


def behind(stream: TextIO) -> TextIO:
    """Return the stream behind a guard, or the stream itself if it has none."""
    return stream.stream if isinstance(stream, GuardedStream) else stream


def guard(stream: TextIO, controls: Controls = Controls.NONE) -> TextIO:
    """Put a guard before a stream, or change the controls of the guard that it has.

    A new guard takes over the disarmer of the old one, which knows the line that was begun.
    """
    if isinstance(stream, GuardedStream):
        return cast("TextIO", GuardedStream(stream.stream, controls, stream.disarmer))
    return cast("TextIO", GuardedStream(stream, controls))


def harmless(text: str) -> str:
    """Return a line of a log in a form that any later CI step may print."""
    from plancast.render.terminal.style import safe  # noqa: PLC0415

    return disarm(safe(text))
