r"""Reader of plain documents: take values out of parsed JSON, with the path of any error.

Every document yields a value or a CodecError. JSON can spell values that the rest of plancast
cannot handle, and these are refused here: half a character (`"\ud800"`, which cannot be written to
a file or a request), numbers and times out of `model.bounds`, and a key that occurs twice.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import NoReturn, TypeGuard, TypeVar

from plancast.model.bounds import EARLIEST, LATEST, MOST, instant

_E = TypeVar("_E", bound=Enum)
_T = TypeVar("_T")

_MISSING = object()

LONGEST_MESSAGE = 400
"""Characters of an error message, at most: its path contains keys of the document."""


class CodecError(ValueError):
    """A document does not have the expected form. The message contains the path."""

    def __init__(self, message: str) -> None:
        # The path contains keys of an untrusted document, and the message will be printed.
        shown = message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]} ..."
        super().__init__(shown.encode("utf-8", "backslashreplace").decode())


class TooNewError(CodecError):
    """A document has a format version that only a newer plancast can read."""


def parse_json(text: str) -> object:
    """Parse a JSON document. Raises CodecError with the position of an error.

    Stricter than Python's parser: NaN is refused, and so is a key that occurs twice, since two
    readers could choose different values.
    """
    try:
        return _DECODER.decode(text)
    except CodecError:
        raise
    except RecursionError:
        raise CodecError("nested too deeply") from None
    except ValueError as error:  # no JSON, or a number with thousands of digits
        raise CodecError(str(error)) from None


def _unique(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """Build a mapping from the pairs of a JSON object; refuse a key that occurs twice."""
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        ((twice, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise CodecError(f"the key {twice!r} stands twice")
    return mapping


def _refuse_constant(name: str) -> NoReturn:
    raise CodecError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant)
"""Built once: a state is parsed line by line."""


class Reader:
    """One value of a document, with the path to it, such as `$.changes[3].before`.

    Methods raise CodecError if the value is not of the kind that they return. `above` and `step`,
    a key or the number of an item, make the path, which only an error needs.
    """

    __slots__ = ("_above", "_step", "value")

    def __init__(self, value: object, above: Reader | str = "$", step: str | int = "") -> None:
        self.value = value
        self._above = above
        self._step = step

    @property
    def path(self) -> str:
        """The path to the value."""
        above = self._above if isinstance(self._above, str) else self._above.path
        if isinstance(self._step, int):
            return f"{above}[{self._step}]"
        return f"{above}.{self._step}" if self._step else above

    def fail(self, wanted: str) -> CodecError:
        """Return the error for a value of another type than `wanted`."""
        actual = "missing" if self.value is _MISSING else type(self.value).__name__
        return CodecError(f"{self.path}: expected {wanted}, found {actual}")

    @property
    def absent(self) -> bool:
        """Whether the value is missing or null."""
        return self.value is _MISSING or self.value is None

    def at(self, key: str) -> Reader:
        """Return the reader of a key of this mapping; its value may be missing."""
        return Reader(self.mapping().get(key, _MISSING), self, key)

    def mapping(self) -> Mapping[str, object]:
        """Return a mapping, whose values are not checked."""
        # The first test is for speed: a Mapping is an abstract class, and each test a search.
        if type(self.value) is dict or isinstance(self.value, Mapping):
            return self.value
        raise self.fail("a mapping")

    def text(self, default: str | None = None) -> str:
        """Return a text; the default if the value is missing or null."""
        # The usual case: a state of 10,000 entries has 150,000 texts.
        if is_plain_text(self.value):
            return self.value
        if self.absent and default is not None:
            return default
        if not isinstance(self.value, str):
            raise self.fail("a text")
        _refuse_halves(self.value, self)
        return self.value

    def name(self) -> str:
        """Return a text that is not empty, for values that identify something."""
        name = self.text()
        if not name:
            raise CodecError(f"{self.path}: expected a text that is not empty")
        return name

    def number(self, default: int | None = None, *, least: int = -MOST, most: int = MOST) -> int:
        """Return a whole number from `least` to `most`; the default if the value is missing."""
        if self.absent and default is not None:
            return default
        # In Python a bool is an int.
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self.fail("a whole number")
        if not least <= self.value <= most:
            raise CodecError(f"{self.path}: expected a whole number from {least} to {most}")
        return self.value

    def flag(self, default: bool) -> bool:
        """Return true or false; the default if the value is missing."""
        if self.absent:
            return default
        if not isinstance(self.value, bool):
            raise self.fail("true or false")
        return self.value

    def text_or_flag(self) -> str | bool:
        """Return a text, or true or false."""
        return self.value if isinstance(self.value, bool) else self.text()

    def optional_text(self) -> str | None:
        """Return a text; None if the value is missing."""
        return None if self.absent else self.text()

    def moment(self) -> datetime:
        """Return an instant, in UTC, from a time with a zone such as `2026-12-01T09:00:00Z`."""
        try:
            moment = datetime.fromisoformat(self.text())
        except ValueError:
            raise self.fail("a time such as 2026-12-01T09:00:00Z") from None
        if moment.tzinfo is None:
            raise self.fail("a time with a zone")
        known = instant(moment)
        if known is None:
            years = f"{EARLIEST.year} to {LATEST.year - 1}"
            raise CodecError(f"{self.path}: expected a time of the years {years}")
        return known

    def optional_moment(self) -> datetime | None:
        """Return an instant; None if the value is missing."""
        return None if self.absent else self.moment()

    def member(self, kind: type[_E], default: _E | None = None) -> _E:
        """Return the member of an enumeration with this value; the default if it is missing."""
        if self.absent and default is not None:
            return default
        try:
            return kind(self.value)
        except ValueError:
            words = ", ".join(str(item.value) for item in kind)
            raise CodecError(f"{self.path}: expected one of {words}") from None

    def items(self, read: Callable[[Reader], _T]) -> tuple[_T, ...]:
        """Return the items of a list, each decoded by `read`; empty if the list is missing."""
        if self.absent:
            return ()
        if not isinstance(self.value, list | tuple):
            raise self.fail("a list")
        return tuple(read(Reader(item, self, index)) for index, item in enumerate(self.value))

    def pairs(self, read: Callable[[Reader], _T]) -> dict[str, _T]:
        """Return a mapping, each value decoded by `read`; empty if the mapping is missing."""
        if self.absent:
            return {}
        mapping = self.mapping()
        for key in mapping:
            _refuse_halves(str(key), self)
        return {str(key): read(Reader(item, self, str(key))) for key, item in mapping.items()}

    def version(self, known: int) -> int:
        """Return the format version; raise TooNewError if it is higher than `known`."""
        version = self.at("format_version").number()
        if version > known:
            raise TooNewError(f"format version {version}; this plancast knows up to {known}")
        if version < 1:
            raise CodecError(f"{self.path}.format_version: {version} was never written")
        return version


def is_plain_text(value: object) -> TypeGuard[str]:
    """Return whether a value is a text in which nothing has to be checked."""
    return type(value) is str and value.isascii()


def _refuse_halves(text: str, place: Reader) -> None:
    """Refuse a text with half a character: a surrogate without its other half."""
    # The usual case, and much faster than to encode it.
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError as error:
        half = f"\\u{ord(text[error.start]):04x}"
        message = f"{place.path}: {half} at character {error.start + 1} is half a character"
        raise CodecError(message) from None
