"""Taking a plain document apart, with the path of whatever is wrong in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import TypeVar

_E = TypeVar("_E", bound=Enum)
_T = TypeVar("_T")

_MISSING = object()


class CodecError(ValueError):
    """A document does not have the form that it should have. The message holds the path."""


class TooNewError(CodecError):
    """A document has a format version that only a newer plancast knows."""


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
        return self.value

    def number(self, default: int | None = None) -> int:
        """A whole number; the default where it is missing."""
        if self.absent and default is not None:
            return default
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self.fail("a whole number")
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
        try:
            return moment.astimezone(UTC)
        except OverflowError:
            raise self.fail("a time of the years 1 to 9999") from None

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
