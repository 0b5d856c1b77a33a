r"""Taking a plain document apart, with the path of whatever is wrong in it.

Every document gives a value or a CodecError, whatever stands in it. What JSON can spell and nothing
behind this border can hold is refused here: half a character (`"\ud800"`, which no file and no
request takes), numbers and times beyond all use, a key that stands twice.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import NoReturn, TypeVar

from plancast.model.bounds import EARLIEST, LATEST, MOST, instant

_E = TypeVar("_E", bound=Enum)
_T = TypeVar("_T")

_MISSING = object()

LONGEST_MESSAGE = 400
"""Characters of an error: a path is as long as the keys in it."""


class CodecError(ValueError):
    """A document does not have the form that it should have. The message holds the path."""

    def __init__(self, message: str) -> None:
        # The path holds keys of the document, and the message is going to be shown.
        shown = message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]} ..."
        super().__init__(shown.encode("utf-8", "backslashreplace").decode())


class TooNewError(CodecError):
    """A document has a format version that only a newer plancast knows."""


def parse_json(text: str) -> object:
    """Parse a JSON document. Raises CodecError with the position of what is wrong.

    Stricter than Python: NaN is not JSON, and of two equal keys none is better than the other.
    """
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except CodecError:
        raise
    except RecursionError:
        raise CodecError("nested too deeply") from None
    except ValueError as error:  # no JSON, or a number of thousands of digits
        raise CodecError(str(error)) from None


def _unique(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        ((twice, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise CodecError(f"the key {twice!r} stands twice")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise CodecError(f"{name} is not JSON")


class Reader:
    """One value of a document and the path to it, such as `$.changes[3].before`."""

    __slots__ = ("path", "value")

    def __init__(self, value: object, path: str = "$") -> None:
        self.value = value
        self.path = path

    def fail(self, wanted: str) -> CodecError:
        """The error for a value that is not what is wanted here."""
        found = "missing" if self.value is _MISSING else type(self.value).__name__
        return CodecError(f"{self.path}: expected {wanted}, found {found}")

    @property
    def absent(self) -> bool:
        """Whether it is missing or null."""
        return self.value is _MISSING or self.value is None

    def at(self, key: str) -> Reader:
        """The value under a key of this mapping."""
        if not isinstance(self.value, Mapping):
            raise self.fail("a mapping")
        return Reader(self.value.get(key, _MISSING), f"{self.path}.{key}")

    def text(self, default: str | None = None) -> str:
        """A text; the default where it is missing."""
        if self.absent and default is not None:
            return default
        if not isinstance(self.value, str):
            raise self.fail("a text")
        _refuse_halves(self.value, self.path)
        return self.value

    def name(self) -> str:
        """A text that is not empty, for what identifies something."""
        if not self.text():
            raise CodecError(f"{self.path}: expected a text that is not empty")
        return self.text()

    def number(self, default: int | None = None, *, least: int = -MOST, most: int = MOST) -> int:
        """A whole number between `least` and `most`; the default where it is missing."""
        if self.absent and default is not None:
            return default
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self.fail("a whole number")
        if not least <= self.value <= most:
            raise CodecError(f"{self.path}: expected a whole number from {least} to {most}")
        return self.value

    def flag(self, default: bool) -> bool:
        """True or false; the default where it is missing."""
        if self.absent:
            return default
        if not isinstance(self.value, bool):
            raise self.fail("true or false")
        return self.value

    def text_or_flag(self) -> str | bool:
        """A text, or true or false."""
        return self.value if isinstance(self.value, bool) else self.text()

    def optional_text(self) -> str | None:
        """A text or nothing."""
        return None if self.absent else self.text()

    def moment(self) -> datetime:
        """An instant, written as RFC 3339 with Z."""
        try:
            moment = datetime.fromisoformat(self.text())
        except ValueError:
            raise self.fail("a time such as 2026-12-01T09:00:00Z") from None
        if moment.tzinfo is None:
            raise self.fail("a time with a zone")
        found = instant(moment)
        if found is None:
            years = f"{EARLIEST.year} to {LATEST.year - 1}"
            raise CodecError(f"{self.path}: expected a time of the years {years}")
        return found

    def optional_moment(self) -> datetime | None:
        """An instant or nothing."""
        return None if self.absent else self.moment()

    def member(self, kind: type[_E], default: _E | None = None) -> _E:
        """A word of an enumeration."""
        if self.absent and default is not None:
            return default
        try:
            return kind(self.value)
        except ValueError:
            words = ", ".join(str(item.value) for item in kind)
            raise CodecError(f"{self.path}: expected one of {words}") from None

    def items(self, read: Callable[[Reader], _T]) -> tuple[_T, ...]:
        """Every item of a list; nothing where it is missing."""
        if self.absent:
            return ()
        if not isinstance(self.value, list | tuple):
            raise self.fail("a list")
        return tuple(
            read(Reader(item, f"{self.path}[{index}]")) for index, item in enumerate(self.value)
        )

    def pairs(self, read: Callable[[Reader], _T]) -> dict[str, _T]:
        """Every value of a mapping; nothing where it is missing."""
        if self.absent:
            return {}
        if not isinstance(self.value, Mapping):
            raise self.fail("a mapping")
        for key in self.value:
            _refuse_halves(str(key), self.path)
        return {
            str(key): read(Reader(item, f"{self.path}.{key}")) for key, item in self.value.items()
        }

    def version(self, known: int) -> int:
        """The format version; raises TooNewError where a newer plancast wrote it."""
        found = self.at("format_version").number()
        if found > known:
            raise TooNewError(f"format version {found}; this plancast knows up to {known}")
        if found < 1:
            raise CodecError(f"{self.path}.format_version: {found} was never written")
        return found


def _refuse_halves(text: str, path: str) -> None:
    """Refuse a text with half a character: a surrogate that its other half does not follow."""
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError as error:
        half = f"\\u{ord(text[error.start]):04x}"
        message = f"{path}: {half} at character {error.start + 1} is half a character"
        raise CodecError(message) from None
