"""Diagnostics: problems as values, and the places they are about.

A problem in an author's file is data and not an exception, so that one run can collect and show all
of them. Each has a stable code (`PC101`), because people search for codes and silence them; a
summary without user data, so that the same mistake always reads the same; and a hint that says what
to do.

A place can have two forms:

* `Pointer` is cheap and known while values are handled: the file, the number of the YAML document
  in it, and the path of keys below. Rules on posts use pointers.
* `SourceRange` is expensive and exact: line, column and the text of the line. `content` turns
  pointers into ranges, and only for problems that will be shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from plancast.model.codes import CODES
from plancast.model.features import THE_PROVIDER
from plancast.model.quoting import line_around, shorten


class Severity(Enum):
    """The weight of a problem. Only errors keep a plan from being applied."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """The position in the order of problems, 0 for the worst."""
        return _RANKS[self]


_RANKS = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True)
class Pointer:
    """A place in a file by structure: `document` counts from 0, `path` holds keys and indexes."""

    file: str
    document: int = 0
    path: tuple[str | int, ...] = ()

    def __truediv__(self, key: str | int) -> Pointer:
        """Return the place one step deeper, as in `pointer / "images" / 0`."""
        return replace(self, path=(*self.path, key))


@dataclass(frozen=True, slots=True, order=True)
class SourceRange:
    """A place in a file by text. `line` and `column` count from 1.

    `text` is the line, or the part of a very long line that begins at `text_column`. `end_column`
    is the column after the place.
    """

    file: str
    line: int
    column: int
    end_column: int = 0
    text: str = ""
    text_column: int = 1

    @classmethod
    def in_line(cls, file: str, line: int, column: int, end_column: int, text: str) -> SourceRange:
        """Return a place whose whole line is `text`."""
        return cls(file, line, column, end_column, *line_around(text, column))

    @property
    def parts(self) -> tuple[str, str, str]:
        """The text before the place, the place itself, and the text after it."""
        start = max(0, self.column - self.text_column)
        # At least one character, so that a view can mark the place.
        end = max(start + 1, self.end_column - self.text_column)
        return self.text[:start], self.text[start:end], self.text[end:]

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem. Build it with `problem`.

    `code` is a key of `codes.CODES`. `summary` is generic, `detail` describes the case at hand, and
    `hint` is an instruction. `address` names the entry that the problem is about, "" if it is about
    none. `at` and `source` are its place in one form or the other.
    """

    severity: Severity
    code: str
    summary: str
    detail: str = ""
    hint: str = ""
    address: str = ""
    at: Pointer | None = None
    source: SourceRange | None = None

    @property
    def sort_key(self) -> tuple[int, str, int, int, str, str]:
        """The sort key: the worst first, then by place, so that output is always the same."""
        file = self.source.file if self.source else (self.at.file if self.at else "")
        line = self.source.line if self.source else 0
        column = self.source.column if self.source else 0
        return (self.severity.rank, file, line, column, self.code, self.detail)


def problem(  # noqa: PLR0913  # one keyword per field of the value it makes
    code: str,
    detail: str = "",
    *,
    hint: str = "",
    address: str = "",
    at: Pointer | None = None,
    source: SourceRange | None = None,
    severity: Severity | None = None,
    title: str = THE_PROVIDER,
) -> Diagnostic:
    """Build a diagnostic; its summary, severity and usual hint come from the table of codes.

    `title` is the name of the provider, for codes whose words contain it (`Code.names_provider`).
    Long details and hints are shortened, so callers may quote values of any length.
    """
    known = CODES[code].about(title)
    return Diagnostic(
        severity=severity or Severity(known.severity),
        code=code,
        summary=known.summary,
        detail=shorten(detail),
        hint=shorten(hint) or known.hint,
        address=address,
        at=at,
        source=source,
    )


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Return whether one of the problems is an error."""
    return any(item.severity is Severity.ERROR for item in diagnostics)


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the problems sorted by `sort_key`, without exact repetitions."""
    return tuple(sorted(dict.fromkeys(diagnostics), key=lambda item: item.sort_key))
